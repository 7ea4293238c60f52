//! Quotas: how many znodes and bytes lie below a path, and how many should.
//!
//! A limit is a znode `/zookeeper/quota/<path>/zookeeper_limits`, what is used stands in `zookeeper_stats` beside it, and
//! both are made by clients (`Quotas.java`, `StatsTrack.java`, `DataTree.updateQuotaStat`). Limits are kept account of;
//! a hard limit stops writes only where the option `enforce_quota` is set.

use bytes::Bytes;
use proto::{ErrorCode, path};

use super::{QUOTA, Tree};

const LIMITS: &str = "zookeeper_limits";
const STATS: &str = "zookeeper_stats";
const UNLIMITED: i64 = -1;

/// A count of znodes and bytes, as it stands in the data of a quota znode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Track {
    count: i64,
    bytes: i64,
    count_hard_limit: i64,
    bytes_hard_limit: i64,
}

impl Track {
    const NOTHING: Track =
        Track { count: UNLIMITED, bytes: UNLIMITED, count_hard_limit: UNLIMITED, bytes_hard_limit: UNLIMITED };

    /// Reads as strictly as `StatsTrack.java`: nothing where that throws.
    fn read(data: Option<&[u8]>) -> Option<Track> {
        const SEPARATORS: [char; 2] = [',', ';'];
        let text = String::from_utf8_lossy(data?);
        let mut pairs = text.split(SEPARATORS).filter(|pair| !pair.is_empty()).peekable();
        // Java drops what is empty at the end or between, not what is at the beginning.
        if text.starts_with(SEPARATORS) && pairs.peek().is_some() {
            return None;
        }
        let mut track = Track::NOTHING;
        for pair in pairs {
            let (key, value) = pair.trim_end_matches('=').split_once('=')?;
            let value = match value.split('=').next() {
                None | Some("") => UNLIMITED,
                Some(value) => value.parse().ok()?,
            };
            match key {
                "count" => track.count = value,
                "bytes" => track.bytes = value,
                "countHardLimit" => track.count_hard_limit = value,
                "byteHardLimit" => track.bytes_hard_limit = value,
                _ => {}
            }
        }
        Some(track)
    }

    fn usage(&self) -> Bytes {
        Bytes::from(format!("count={},bytes={}", self.count, self.bytes))
    }
}

impl Tree {
    /// Whether a hard limit allows `nodes` znodes and `bytes` bytes more at `path` (`ZooKeeperServer.checkQuota`).
    ///
    /// # Errors
    /// `QuotaExceeded` if it does not; `MarshallingError` if what should be limits or a count is none.
    pub(crate) fn check_quota(&self, path: &str, nodes: i64, bytes: i64) -> Result<(), ErrorCode> {
        let Some(prefix) = self.limited_prefix(path) else { return Ok(()) };
        let Some(limit) = self.track(prefix, LIMITS) else { return Ok(()) };
        let limit = limit.ok_or(ErrorCode::MarshallingError)?;
        let is_limited = |more: i64, soft: i64, hard: i64| more != 0 && (soft > UNLIMITED || hard > UNLIMITED);
        if !is_limited(nodes, limit.count, limit.count_hard_limit)
            && !is_limited(bytes, limit.bytes, limit.bytes_hard_limit)
        {
            return Ok(());
        }
        let Some(used) = self.track(prefix, STATS) else { return Ok(()) };
        let used = used.ok_or(ErrorCode::MarshallingError)?;
        let exceeds =
            |limit: i64, used: i64, more: i64| limit > UNLIMITED && more > 0 && used.saturating_add(more) > limit;
        if exceeds(limit.count_hard_limit, used.count, nodes) || exceeds(limit.bytes_hard_limit, used.bytes, bytes) {
            return Err(ErrorCode::QuotaExceeded);
        }
        Ok(())
    }

    pub(super) fn account_created(&mut self, path: &str, bytes: i64) {
        if let Some((prefix, kind)) = quota_znode(path) {
            let prefix = prefix.to_owned();
            match kind {
                LIMITS => {
                    self.limited.insert(prefix);
                }
                _ => self.recount(&prefix),
            }
        }
        self.account(path, 1, bytes);
    }

    pub(super) fn account_deleted(&mut self, path: &str, data_length: usize) {
        if let Some((prefix, LIMITS)) = quota_znode(path) {
            self.limited.remove(prefix);
        }
        self.account(path, -1, -(data_length as i64));
    }

    pub(super) fn account_changed(&mut self, path: &str, more_bytes: i64) {
        self.account(path, 0, more_bytes);
    }

    pub(super) fn limit_restored(&mut self, path: &str) {
        if let Some((prefix, LIMITS)) = quota_znode(path) {
            self.limited.insert(prefix.to_owned());
        }
    }

    fn account(&mut self, path: &str, nodes: i64, bytes: i64) {
        let Some(prefix) = self.limited_prefix(path).map(str::to_owned) else { return };
        // Where Apache ZooKeeper would fail to apply what is committed, what cannot be read is left alone.
        let Some(Some(mut used)) = self.track(&prefix, STATS) else { return };
        // What is used was written by a client, and may be any number; it runs over as Java's does.
        used.count = used.count.wrapping_add(nodes);
        used.bytes = used.bytes.wrapping_add(bytes);
        self.write_usage(&prefix, &used);
    }

    fn recount(&mut self, prefix: &str) {
        let mut used = Track { count: 0, bytes: 0, ..Track::NOTHING };
        self.walk(prefix, &mut |_, node| {
            used.count += 1;
            used.bytes += node.data_length() as i64;
        });
        self.write_usage(prefix, &used);
    }

    fn write_usage(&mut self, prefix: &str, used: &Track) {
        if let Some(stats) = self.get_mut(&format!("{QUOTA}{prefix}/{STATS}")) {
            stats.data = Some(used.usage());
        }
    }

    /// What a quota znode says, if it is there; nothing within if it cannot be read.
    fn track(&self, prefix: &str, kind: &str) -> Option<Option<Track>> {
        let node = self.get(&format!("{QUOTA}{prefix}/{kind}"))?;
        Some(Track::read(node.data.as_deref()))
    }

    /// The longest path with a limit that `path` lies in.
    fn limited_prefix<'a>(&self, path: &'a str) -> Option<&'a str> {
        if self.limited.is_empty() || path.starts_with(super::SYSTEM) {
            return None;
        }
        std::iter::successors(Some(path), |path| path::parent(path)).find(|path| self.limited.contains(*path))
    }
}

/// The path that a quota znode is about, and which of the two kinds it is.
fn quota_znode(path: &str) -> Option<(&str, &'static str)> {
    let (prefix, name) = path.strip_prefix(QUOTA)?.rsplit_once('/')?;
    let kind = [LIMITS, STATS].into_iter().find(|kind| *kind == name)?;
    (!prefix.is_empty()).then_some((prefix, kind))
}

#[cfg(test)]
mod tests {
    use proto::Zxid;

    use super::*;
    use crate::owner::Owner;
    use crate::transaction::Create;

    #[test]
    fn reads_what_clients_write() {
        let read = |text: &str| Track::read(Some(text.as_bytes()));
        let track = read("count=3,bytes=-1=;byteHardLimit=10;countHardLimit=5").expect("a client wrote it");
        assert_eq!((track.count, track.bytes), (3, -1));
        assert_eq!((track.count_hard_limit, track.bytes_hard_limit), (5, 10));
        for nothing in ["", ",", "some=1", "count==7"] {
            assert_eq!(read(nothing), Some(Track::NOTHING), "{nothing:?}");
        }
        assert_eq!(read("count=3,;bytes=2,").map(|track| (track.count, track.bytes)), Some((3, 2)));
    }

    #[test]
    fn refuses_what_java_refuses() {
        assert_eq!(Track::read(None), None);
        for garbage in ["x", "count", "count=", "count=x", "count= 1", ",count=1", "count=1,x"] {
            assert_eq!(Track::read(Some(garbage.as_bytes())), None, "{garbage:?}");
        }
    }

    #[test]
    fn an_account_that_a_client_has_filled_runs_over() {
        let mut tree = Tree::new();
        let mut create = |path: &str, data: &'static str| {
            let data = Some(Bytes::from_static(data.as_bytes()));
            let (path, acls) = (path.into(), tree.open_acls().clone());
            let create = Create { path, data, acls, owner: Owner::Nobody, parent_cversion: 1, sequential: false };
            tree.create(&create, Zxid(1), 1, &mut Vec::new()).expect("it is created");
        };
        create("/a", "");
        create("/zookeeper/quota/a", "");
        create("/zookeeper/quota/a/zookeeper_limits", "");
        create("/zookeeper/quota/a/zookeeper_stats", "");
        let full = Some(Bytes::from(format!("count={0},bytes={0}", i64::MAX)));
        let stats = "/zookeeper/quota/a/zookeeper_stats";
        tree.set_data(&stats.into(), full, 1, (Zxid(2), 2), &mut Vec::new()).expect("it is there");
        let (path, acls) = ("/a/b".into(), tree.open_acls().clone());
        let data = Some(Bytes::from_static(b"x"));
        let create = Create { path, data, acls, owner: Owner::Nobody, parent_cversion: 1, sequential: false };
        tree.create(&create, Zxid(3), 3, &mut Vec::new()).expect("it is created");
        let used = Track::read(tree.get(stats).expect("it is there").data.as_deref()).expect("the tree wrote it");
        assert_eq!((used.count, used.bytes), (i64::MIN, i64::MIN));
    }

    #[test]
    fn knows_its_znodes() {
        assert_eq!(quota_znode("/zookeeper/quota/a/b/zookeeper_limits"), Some(("/a/b", LIMITS)));
        assert_eq!(quota_znode("/zookeeper/quota/zookeeper_limits"), None);
        assert_eq!(quota_znode("/a/zookeeper_limits"), None);
    }
}

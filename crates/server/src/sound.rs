//! What holds of every database, whatever was asked of its servers.

use std::collections::{BTreeMap, BTreeSet};

use proto::SessionId;

use crate::database::Database;
use crate::owner::Owner;
use crate::storage::snapshot;

/// Parents and children know each other, counters fit, no znode outlives its session, and a snapshot tells the same.
///
/// # Panics
/// If something does not hold.
pub fn assert_sound(database: &Database) {
    let mut found = 0;
    let mut owned: BTreeMap<SessionId, BTreeSet<String>> = BTreeMap::new();
    database.tree.walk(proto::path::ROOT, &mut |path, node| {
        found += 1;
        assert_eq!(proto::path::validate(path), Ok(()), "{path:?}");
        let stat = node.stat();
        assert_eq!(usize::try_from(stat.num_children), Ok(node.children.len()), "{path:?}");
        assert!(node.cversion >= stat.num_children || is_from_the_start(path), "{path:?}");
        assert!(node.czxid <= node.mzxid && node.czxid <= node.pzxid, "{path:?}");
        assert!(node.pzxid <= database.last_zxid && node.mzxid <= database.last_zxid, "{path:?}");
        if let Owner::Session(session) = node.owner {
            assert!(node.children.is_empty(), "{path:?} is ephemeral and has children");
            assert!(database.sessions.contains_key(&session), "{path:?} outlives its session");
            owned.entry(session).or_default().insert(path.to_owned());
        }
    });
    assert_eq!(found, database.tree.len(), "every znode can be reached from the root");
    let paths = |paths: &BTreeSet<_>| paths.iter().map(ToString::to_string).collect();
    let known: BTreeMap<SessionId, BTreeSet<String>> =
        database.tree.owners().map(|(session, all)| (session, paths(all))).collect();
    assert_eq!(owned, known, "every ephemeral znode is known by its session");

    let read = snapshot::decode(&snapshot::encode(database)).expect("a snapshot can be read");
    assert_eq!(read.digest(), database.digest(), "a snapshot tells the same");
}

/// What every tree begins with was never counted in its parent.
fn is_from_the_start(path: &str) -> bool {
    path == proto::path::ROOT || path.starts_with("/zookeeper")
}

//! What is told more than once.
//!
//! In an ensemble every server tells what it applies, and tells it again when it comes back from its disk and the
//! transactions are delivered to it anew. A lone server that recovers tells again what its logs hold, between `Recovered`
//! and `Serving`, for a transaction may be safe on disk while the process ends before it could tell of it. There is one
//! history that all share, by zxid: the first to tell of a transaction brings the news, and no monitor shall take the
//! others' words for a second happening.

use std::collections::{BTreeMap, BTreeSet};

use history::{EnsembleEvent, Event, NodeName, Record, ServiceEvent};

use crate::processes::life_ended;

/// What an event means for the history that all servers share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It has not been told before.
    News,
    /// It has been told before.
    Retold,
    /// It is news, and with it that the transactions above this one are gone: the only server came back without them, or
    /// an ensemble has a leader without them. What to make of that is for `durability` to say.
    LostAbove(i64),
}

/// Tells news from what is told again.
#[derive(Debug, Default)]
pub(crate) struct Retelling {
    /// The highest transaction told.
    last: i64,
    /// Who told it.
    teller: Option<NodeName>,
    /// The highest transaction that any member of an ensemble delivered.
    delivered: i64,
    /// Of each member of an ensemble, whether what it tells of the transaction that it delivered last is news.
    members: BTreeMap<NodeName, bool>,
    is_ensemble: bool,
    servers: BTreeSet<NodeName>,
    /// The highest transaction told before the recovery of a lone server that is under way.
    told_before: Option<i64>,
    opened: BTreeSet<i64>,
}

impl Retelling {
    /// Whether a record is news.
    pub(crate) fn judge(&mut self, record: &Record) -> Verdict {
        match &record.event {
            Event::Service(event) => self.service(record, event),
            Event::Ensemble(event) => self.ensemble(record, event),
            Event::Machine(_) => {
                if let Some(node) = life_ended(record) {
                    self.members.remove(node);
                }
                Verdict::News
            }
            _ => Verdict::News,
        }
    }

    fn ensemble(&mut self, record: &Record, event: &EnsembleEvent) -> Verdict {
        self.is_ensemble = true;
        if let EnsembleEvent::Established { epoch, initial } = event
            && *initial < self.delivered
            && self.delivered >> 32 < i64::from(*epoch)
        {
            self.delivered = *initial;
            return Verdict::LostAbove(*initial);
        }
        let (EnsembleEvent::Delivered { zxid, .. }, Some(node)) = (event, &record.node) else { return Verdict::News };
        let is_news = *zxid > self.delivered;
        self.delivered = self.delivered.max(*zxid);
        match self.members.get_mut(node) {
            Some(member) => *member = is_news,
            None => drop(self.members.insert(node.clone(), is_news)),
        }
        Verdict::News
    }

    fn service(&mut self, record: &Record, event: &ServiceEvent) -> Verdict {
        let zxid = match event {
            ServiceEvent::Created { zxid, .. }
            | ServiceEvent::Deleted { zxid, .. }
            | ServiceEvent::Changed { zxid, .. }
            | ServiceEvent::SessionClosed { zxid, .. } => Some(*zxid),
            ServiceEvent::SessionOpened { .. } => None,
            ServiceEvent::Recovered { zxid, .. } | ServiceEvent::Serving { zxid } => {
                let recovers = matches!(event, ServiceEvent::Recovered { .. });
                return self.comes_back(record, *zxid, recovers);
            }
            _ => return Verdict::News,
        };
        // What a member tells belongs to the transaction that it has just delivered.
        let member = record.node.as_ref().and_then(|node| self.members.get(node));
        let is_news = match (member, zxid, event) {
            (Some(is_news), _, _) => *is_news,
            (None, Some(zxid), _) => self.alone(record, zxid),
            (None, None, ServiceEvent::SessionOpened { session, .. }) => {
                self.opened.insert(*session) || self.told_before.is_none()
            }
            (None, None, _) => true,
        };
        if is_news { Verdict::News } else { Verdict::Retold }
    }

    /// A transaction told by who is no member of an ensemble. All that is told under one zxid belongs together: a `multi`,
    /// a session's close.
    fn alone(&mut self, record: &Record, zxid: i64) -> bool {
        if self.told_before.is_some_and(|told| zxid <= told) {
            return false;
        }
        if zxid > self.last {
            self.last = zxid;
            self.teller.clone_from(&record.node);
            return true;
        }
        zxid == self.last && self.teller == record.node
    }

    fn comes_back(&mut self, record: &Record, zxid: i64, recovers: bool) -> Verdict {
        self.servers.extend(record.node.clone());
        self.told_before = recovers.then_some(self.last);
        // Of an ensemble one server may well come back with less than others have.
        if self.is_ensemble || self.servers.len() > 1 || zxid >= self.last {
            return Verdict::News;
        }
        self.last = zxid;
        self.teller = None;
        Verdict::LostAbove(zxid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sequence;
    use crate::testing::{
        History, closed, created, delivered, established, expired, member_recovered, opened, recovered, secs,
        sequential, serving,
    };
    use history::MachineEvent;
    use std::time::Duration;

    fn judge(retelling: &mut Retelling, node: &str, event: Event) -> Verdict {
        retelling.judge(&Record { at: secs(0.0), node: Some(node.into()), event })
    }

    #[test]
    fn what_is_told_again_did_not_happen_twice() {
        let first = |zxid, number| sequential("/e/n-", zxid, number);
        let told = History::new().tell("zk", serving(0)).tell("zk", first(1, 0)).tell("zk", first(2, 1));
        let again = told.clone().tell("zk", recovered(2)).tell("zk", first(1, 0)).tell("zk", first(2, 1));
        again.tell("zk", serving(2)).judge(Sequence::new()).assert_clean();
        told.tell("zk", first(3, 1)).judge(Sequence::new()).assert_violated_once("");
    }

    #[test]
    fn what_was_safe_but_not_told_is_news() {
        let sessions = || crate::Sessions::honoured(Duration::from_secs(2), Duration::from_millis(100));
        let told = History::new().tell("zk", serving(0)).at(1.0).tell("zk", opened(7, 5)).at(2.0);
        let back = told.tell("zk", recovered(3)).tell("zk", opened(8, 5)).tell("zk", closed(7, 3));
        let back = back.tell("zk", serving(3));
        back.clone().at(8.0).tell("zk", expired(8)).judge(sessions()).assert_clean();
        back.at(20.0).tell("zk", expired(8)).judge(sessions()).assert_violated_once("session 0x8");
    }

    #[test]
    fn a_transaction_told_by_each_replica_is_heard_once() {
        let mut retelling = Retelling::default();
        assert_eq!(judge(&mut retelling, "zk1", created("/a", 5, 0)), Verdict::News);
        assert_eq!(judge(&mut retelling, "zk1", created("/b", 5, 0)), Verdict::News);
        assert_eq!(judge(&mut retelling, "zk2", created("/a", 5, 0)), Verdict::Retold);
        assert_eq!(judge(&mut retelling, "zk2", created("/c", 6, 0)), Verdict::News);
        assert_eq!(judge(&mut retelling, "zk1", created("/c", 6, 0)), Verdict::Retold);
    }

    #[test]
    fn what_a_member_tells_belongs_to_what_it_delivered() {
        let mut retelling = Retelling::default();
        for (node, delivery, is_news) in
            [("zk1", 5, true), ("zk2", 5, false), ("zk2", 6, true), ("zk1", 6, false), ("zk1", 7, true)]
        {
            judge(&mut retelling, node, delivered(delivery, 1));
            let verdict = if is_news { Verdict::News } else { Verdict::Retold };
            assert_eq!(judge(&mut retelling, node, opened(delivery, 6)), verdict);
            assert_eq!(judge(&mut retelling, node, created("/a", delivery, 0)), verdict);
            assert_eq!(judge(&mut retelling, node, created("/b", delivery, 0)), verdict);
        }
        judge(&mut retelling, "zk1", Event::Machine(MachineEvent::Killed));
        judge(&mut retelling, "zk1", member_recovered(1, 0, 7));
        judge(&mut retelling, "zk1", delivered(7, 1));
        assert_eq!(judge(&mut retelling, "zk1", created("/a", 7, 0)), Verdict::Retold, "by the same server, too");
    }

    #[test]
    fn the_one_server_or_a_new_leader_can_lose_history() {
        let mut retelling = Retelling::default();
        judge(&mut retelling, "zk1", serving(0));
        judge(&mut retelling, "zk1", created("/a", 5, 0));
        assert_eq!(judge(&mut retelling, "zk1", serving(4)), Verdict::LostAbove(4));
        assert_eq!(judge(&mut retelling, "zk1", created("/a", 5, 0)), Verdict::News);
        assert_eq!(judge(&mut retelling, "zk2", serving(0)), Verdict::News);
        let mut retelling = Retelling::default();
        judge(&mut retelling, "zk1", member_recovered(1, 0, 0));
        judge(&mut retelling, "zk1", delivered(5, 1));
        assert_eq!(judge(&mut retelling, "zk1", serving(4)), Verdict::News);
        assert_eq!(judge(&mut retelling, "zk1", established(1, 4)), Verdict::LostAbove(4));
        assert_eq!(judge(&mut retelling, "zk1", established(2, 4)), Verdict::News);
    }
}

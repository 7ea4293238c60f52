//! What a server tells again when it comes back from its disk.
//!
//! A transaction may be safe on disk while the process ends before it could apply it and tell of it. So a server that
//! recovers tells again what its logs hold, between `Recovered` and `Serving`; what was told before is not news, and no
//! monitor shall take it for a second happening.

use std::collections::BTreeSet;

use history::{Event, Record, ServiceEvent};

/// Tells news from what is told again.
#[derive(Default)]
pub(crate) struct Retelling {
    highest: i64,
    /// The highest transaction told before the recovery that is under way.
    told_before: Option<i64>,
    opened: BTreeSet<i64>,
}

impl Retelling {
    /// Whether a record is news.
    pub(crate) fn is_news(&mut self, record: &Record) -> bool {
        let Event::Service(event) = &record.event else { return true };
        match event {
            ServiceEvent::Recovered { .. } => {
                self.told_before = Some(self.highest);
                true
            }
            ServiceEvent::Serving { .. } => {
                self.told_before = None;
                true
            }
            ServiceEvent::Created { zxid, .. }
            | ServiceEvent::Deleted { zxid, .. }
            | ServiceEvent::Changed { zxid, .. }
            | ServiceEvent::SessionClosed { zxid, .. } => {
                self.highest = self.highest.max(*zxid);
                self.told_before.is_none_or(|told| *zxid > told)
            }
            ServiceEvent::SessionOpened { session, .. } => {
                let is_new = self.opened.insert(*session);
                is_new || self.told_before.is_none()
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Sequence;
    use crate::testing::{History, closed, expired, opened, serving};
    use history::{Event, ServiceEvent};
    use std::time::Duration;

    fn recovered(zxid: i64) -> Event {
        Event::Service(ServiceEvent::Recovered { zxid, remark: String::new() })
    }

    fn created(zxid: i64, sequence: i32) -> Event {
        let path = format!("/e/n-{sequence:010}");
        Event::Service(ServiceEvent::Created { path, zxid, owner: 0, sequence: Some(sequence) })
    }

    #[test]
    fn what_is_told_again_did_not_happen_twice() {
        let told = History::new().tell("zk", serving(0)).tell("zk", created(1, 0)).tell("zk", created(2, 1));
        let again = told.clone().tell("zk", recovered(2)).tell("zk", created(1, 0)).tell("zk", created(2, 1));
        again.tell("zk", serving(2)).judge(Sequence::new()).assert_clean();
        told.tell("zk", created(3, 1)).judge(Sequence::new()).assert_violated_once("");
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
}

//! `zxid-monotone`: a session never sees the service go back in time.

use std::collections::BTreeMap;

use history::{ClientEvent, Event, Record, Time};

use crate::clients::{Clients, Turn};
use crate::{Monitor, Report};

/// The zxids of a session's replies never go back, also over a change of servers: the single system image. A server
/// that lags behind what a client has seen refuses its connection (ZOOKEEPER-1412 defines a reply's zxid).
#[derive(Default)]
pub struct ZxidMonotone {
    clients: Clients,
    highest: BTreeMap<i64, (i64, Time)>,
}

impl ZxidMonotone {
    /// Nothing seen yet.
    pub fn new() -> ZxidMonotone {
        ZxidMonotone::default()
    }
}

impl Monitor for ZxidMonotone {
    fn name(&self) -> &'static str {
        "zxid-monotone"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        if let Some(Turn::Ended(sessions)) = self.clients.observe(record) {
            self.highest.retain(|session, _| !sessions.contains(session));
        }
        let Event::Client(ClientEvent::Replied { session, zxid }) = &record.event else { return };
        // Zero and below are no transactions: pings and notifications of old carry them.
        if *zxid <= 0 {
            return;
        }
        let (highest, at) = self.highest.entry(*session).or_insert((*zxid, record.at));
        if zxid < highest {
            let node = record.node.as_deref().unwrap_or("a client");
            let message = format!(
                "{node} was shown transaction {zxid:#x} at {} in session {session:#x}, after {highest:#x} at {at}",
                record.at
            );
            report.safety(self.name(), record, message);
        } else {
            (*highest, *at) = (*zxid, record.at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, connected, disconnected, replied};
    use history::MachineEvent;

    #[test]
    fn a_session_moves_to_a_server_that_lags() {
        let history = History::new()
            .tell("a", connected(1))
            .at(1.0)
            .tell("a", replied(1, 9))
            .tell("a", disconnected(1))
            .tell("a", connected(1))
            .at(2.0)
            .tell("a", replied(1, 8));
        history
            .judge(ZxidMonotone::new())
            .assert_violated_once("a was shown transaction 0x8 at 2.000000s in session 0x1, after 0x9 at 1.000000s");
    }

    #[test]
    fn equal_zxids_pings_and_other_sessions_are_fine() {
        let history = History::new()
            .tell("a", connected(1))
            .tell("a", replied(1, 9))
            .tell("a", replied(1, 9))
            .tell("a", replied(1, 0))
            .tell("b", replied(2, 5))
            .machine("a", MachineEvent::Killed)
            .tell("a", connected(3))
            .tell("a", replied(3, 4));
        history.judge(ZxidMonotone::new()).assert_clean();
    }
}

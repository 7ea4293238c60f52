//! `digest`: servers that have applied the same transactions hold the same.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use history::{EnsembleEvent, Event, NodeName, Record, ServiceEvent};

use super::window::Window;
use crate::processes::life_ended;
use crate::{Monitor, Report};

/// Two things are compared between all servers, by zxid: the digest of everything a server holds, and what each
/// transaction did as the servers tell it. The first finds what went wrong long ago or in a state that was handed over,
/// the second says at which transaction it goes wrong.
///
/// The last 65536 of each are remembered; what comes from before is not judged.
#[derive(Default)]
pub struct Digest {
    digests: Window<u64>,
    stories: Window<u64>,
    telling: BTreeMap<NodeName, Telling>,
}

/// What a server has told so far of the transaction that it delivered last.
struct Telling {
    zxid: i64,
    hasher: DefaultHasher,
    events: u32,
}

impl Digest {
    /// Nothing compared yet.
    pub fn new() -> Digest {
        Digest::default()
    }

    fn event(&mut self, record: &Record, event: &ServiceEvent) {
        let Some(telling) = record.node.as_ref().and_then(|node| self.telling.get_mut(node)) else { return };
        match event {
            ServiceEvent::SessionOpened { .. }
            | ServiceEvent::SessionClosed { .. }
            | ServiceEvent::Created { .. }
            | ServiceEvent::Deleted { .. }
            | ServiceEvent::Changed { .. } => {
                event.hash(&mut telling.hasher);
                telling.events += 1;
            }
            _ => {}
        }
    }

    /// What the server had to tell of its last transaction is told.
    fn close(&mut self, node: &NodeName, record: &Record, report: &mut Report) {
        let Some(Telling { zxid, hasher, events }) = self.telling.remove(node) else { return };
        let story = hasher.finish();
        match self.stories.of(zxid) {
            None => self.stories.insert(zxid, story),
            Some(others) if others == story => {}
            Some(_) => {
                let message = format!(
                    "{node} told another story of transaction {zxid:#x} than the first who applied it (known by {}); \
                     its own has {events} events",
                    record.at
                );
                report.safety(self.name(), record, message);
            }
        }
    }

    fn ensemble(&mut self, node: &NodeName, record: &Record, event: &EnsembleEvent, report: &mut Report) {
        match event {
            EnsembleEvent::Delivered { zxid, .. } => {
                self.close(node, record, report);
                let telling = Telling { zxid: *zxid, hasher: DefaultHasher::new(), events: 0 };
                self.telling.insert(node.clone(), telling);
            }
            EnsembleEvent::Digest { zxid, digest } => match self.digests.of(*zxid) {
                None => self.digests.insert(*zxid, *digest),
                Some(others) if others == *digest => {}
                Some(others) => {
                    let message = format!(
                        "{node} holds other things than others as of transaction {zxid:#x}: at {} its digest is \
                         {digest:#018x}, theirs was {others:#018x}",
                        record.at
                    );
                    report.safety(self.name(), record, message);
                }
            },
            EnsembleEvent::Recovered { .. } | EnsembleEvent::Restored { .. } => self.close(node, record, report),
            _ => {}
        }
    }
}

impl Monitor for Digest {
    fn name(&self) -> &'static str {
        "digest"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        match (&record.event, &record.node) {
            (Event::Ensemble(event), Some(node)) => self.ensemble(node, record, event, report),
            (Event::Service(event), _) => self.event(record, event),
            (Event::Machine(_), Some(node)) if life_ended(record).is_some() => self.close(node, record, report),
            _ => {}
        }
    }

    fn retold(&mut self, record: &Record, _: &mut Report) {
        if let Event::Service(event) = &record.event {
            self.event(record, event);
        }
    }

    /// An ensemble that goes on without them has no other history at these zxids: its epoch is a new one.
    fn lost_above(&mut self, zxid: i64) {
        self.digests.forget_above(zxid);
        self.stories.forget_above(zxid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, closed, created, deleted, delivered, ensemble, member_recovered, opened};
    use history::MachineEvent;

    fn digest(zxid: i64, digest: u64) -> Event {
        ensemble(EnsembleEvent::Digest { zxid, digest })
    }

    #[test]
    fn the_same_transactions_and_another_tree() {
        let told = History::new().tell("zk1", digest(16, 7)).tell("zk2", digest(16, 7)).tell("zk2", digest(32, 8));
        told.judge(Digest::new()).assert_clean();
        told.tell("zk3", digest(32, 9)).judge(Digest::new()).assert_violated_once(
            "zk3 holds other things than others as of transaction 0x20: at 0.000000s its digest is 0x0000000000000009, \
             theirs was 0x0000000000000008",
        );
    }

    #[test]
    fn a_server_tells_what_a_transaction_did_not_do() {
        let first = [delivered(1, 0), opened(7, 6), delivered(2, 0), created("/e/n", 2, 7)];
        let close = [delivered(3, 0), deleted("/e/n", 3), closed(7, 3)];
        let told = History::new().each(&["zk1"], &first).each(&["zk1"], &close).each(&["zk2"], &first);
        let right = told.clone().each(&["zk2"], &close).tell("zk2", delivered(4, 0));
        right.judge(Digest::new()).assert_clean();
        let forgot =
            told.each(&["zk2"], &[delivered(3, 0), closed(7, 3), delivered(4, 0)]).tell("zk1", delivered(4, 0));
        forgot.judge(Digest::new()).assert_violated_once("of transaction 0x3");
    }

    #[test]
    fn a_restarted_server_tells_it_again() {
        let told = History::new().each(&["zk1"], &[delivered(1, 0), created("/a", 1, 0)]);
        let again = told.machine("zk1", MachineEvent::Killed).tell("zk1", member_recovered(1, 0, 1));
        let same = again.clone().each(&["zk1"], &[delivered(1, 0), created("/a", 1, 0), delivered(2, 0)]);
        same.judge(Digest::new()).assert_clean();
        let other = again.each(&["zk1"], &[delivered(1, 0), created("/b", 1, 0), delivered(2, 0)]);
        other.judge(Digest::new()).assert_violated_once("zk1 told another story");
    }
}

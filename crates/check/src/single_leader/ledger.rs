//! What leaders write on the service itself, in the order in which it was committed.

use history::{NodeName, Record, ServiceEvent, Term, Time, ledger};

/// The newest terms under which something was written into the ledger.
#[derive(Default)]
pub(super) struct Ledger {
    /// One for each time that the newest term changed, the oldest first: a service that loses transactions goes back.
    newest: Vec<Newest>,
}

struct Newest {
    zxid: i64,
    term: Term,
    by: NodeName,
    at: Time,
}

impl Ledger {
    /// What is wrong with a transaction, if it is an act and one of the past.
    pub(super) fn fault(&mut self, record: &Record, event: &ServiceEvent) -> Option<String> {
        let (ServiceEvent::Created { path, zxid, .. } | ServiceEvent::Changed { path, zxid }) = event else {
            return None;
        };
        let (term, by) = ledger::entry(path)?;
        match self.newest.last() {
            Some(newest) if term < newest.term => {
                let Newest { term: newer, by: winner, at, .. } = newest;
                Some(format!(
                    "the service committed an act of {by} under term {term} as {zxid:#x} at {}, after it had committed one \
                     of {winner} under the newer term {newer} at {at}",
                    record.at
                ))
            }
            Some(newest) if term == newest.term && by != newest.by => {
                let other = &newest.by;
                Some(format!(
                    "the service committed an act of {by} under term {term} as {zxid:#x} at {}, which is the term of \
                     {other}",
                    record.at
                ))
            }
            Some(newest) if term == newest.term => None,
            _ => {
                self.newest.push(Newest { zxid: *zxid, term, by, at: record.at });
                None
            }
        }
    }

    pub(super) fn lost_above(&mut self, zxid: i64) {
        self.newest.retain(|newest| newest.zxid <= zxid);
    }
}

//! Small histories for the tests of the monitors.

use std::time::Duration;

use history::{
    ClientEvent, EnsembleEvent, Event, FaultEvent, LeadershipEvent, MachineEvent, Observer, Phase, Record,
    ResourceEvent, ServiceEvent, Term, Time, WatchKind,
};

use crate::{Monitor, Monitors, Report};

pub(crate) fn secs(seconds: f64) -> Time {
    Time::after_start(Duration::from_secs_f64(seconds))
}

/// A history under construction: the time stands until it is set anew.
#[derive(Clone, Default)]
pub(crate) struct History {
    now: Time,
    records: Vec<Record>,
}

impl History {
    pub(crate) fn new() -> History {
        History::default()
    }

    pub(crate) fn at(mut self, seconds: f64) -> History {
        let now = secs(seconds);
        assert!(now >= self.now, "a history goes forward");
        self.now = now;
        self
    }

    pub(crate) fn tell(mut self, node: &str, event: impl Into<Event>) -> History {
        self.records.push(Record { at: self.now, node: Some(node.into()), event: event.into() });
        self
    }

    pub(crate) fn machine(self, node: &str, event: MachineEvent) -> History {
        self.tell(node, Event::Machine(event))
    }

    pub(crate) fn world(mut self, event: Event) -> History {
        self.records.push(Record { at: self.now, node: None, event });
        self
    }

    pub(crate) fn liveness(self) -> History {
        self.world(Event::Phase(Phase::Liveness))
    }

    pub(crate) fn fault(self, index: u32) -> History {
        let (family, what) = ("partition".into(), "cut".into());
        self.world(Event::Fault(FaultEvent::Begins { index, family, what }))
    }

    pub(crate) fn fault_ends(self, index: u32) -> History {
        self.world(Event::Fault(FaultEvent::Ends { index }))
    }

    /// These servers in turn tell all of these events.
    pub(crate) fn each(self, nodes: &[&str], events: &[Event]) -> History {
        let tell = |history: History, node: &&str| {
            events.iter().fold(history, |history, event| history.tell(node, event.clone()))
        };
        nodes.iter().fold(self, tell)
    }

    /// Shows the history to the monitor; the run ends at the time that stands.
    pub(crate) fn judge(&self, monitor: impl Monitor + 'static) -> Report {
        let mut monitors = Monitors::new().with(monitor);
        self.records.iter().for_each(|record| monitors.observe(record));
        monitors.finish(self.now);
        monitors.report()
    }
}

impl Report {
    #[track_caller]
    pub(crate) fn assert_clean(&self) {
        assert!(self.is_clean(), "unexpected: {:#?}", self.violations());
    }

    /// One violation, with these words in its name or its message.
    #[track_caller]
    pub(crate) fn assert_violated_once(&self, words: &str) {
        let [violation] = self.violations() else { panic!("not one violation but {:#?}", self.violations()) };
        assert!(violation.to_string().contains(words), "`{words}` is not in `{violation}`");
    }
}

pub(crate) fn elected(term: i64) -> Event {
    Event::Leadership(LeadershipEvent::Elected { term: Term(term) })
}

pub(crate) fn deposed(term: i64) -> Event {
    Event::Leadership(LeadershipEvent::Deposed { term: Term(term), reason: "test".into() })
}

pub(crate) fn accepted(term: i64, by: &str) -> Event {
    Event::Resource(ResourceEvent::Accepted { term: Term(term), by: by.into(), act: "write".into() })
}

pub(crate) fn refused(term: i64, highest: i64, by: &str) -> Event {
    Event::Resource(ResourceEvent::Refused { term: Term(term), highest: Term(highest), by: by.into() })
}

pub(crate) fn service(event: ServiceEvent) -> Event {
    Event::Service(event)
}

pub(crate) fn opened(session: i64, seconds: u64) -> Event {
    opened_for(session, Duration::from_secs(seconds))
}

pub(crate) fn opened_for(session: i64, timeout: Duration) -> Event {
    service(ServiceEvent::SessionOpened { session, timeout })
}

pub(crate) fn touched(session: i64) -> Event {
    service(ServiceEvent::SessionTouched { session })
}

pub(crate) fn expired(session: i64) -> Event {
    service(ServiceEvent::SessionExpired { session })
}

pub(crate) fn closed(session: i64, zxid: i64) -> Event {
    service(ServiceEvent::SessionClosed { session, zxid })
}

pub(crate) fn serving(zxid: i64) -> Event {
    service(ServiceEvent::Serving { zxid })
}

pub(crate) fn created(path: &str, zxid: i64, owner: i64) -> Event {
    service(ServiceEvent::Created { path: path.into(), zxid, owner, sequence: None })
}

pub(crate) fn deleted(path: &str, zxid: i64) -> Event {
    service(ServiceEvent::Deleted { path: path.into(), zxid })
}

pub(crate) fn changed(path: &str, zxid: i64) -> Event {
    service(ServiceEvent::Changed { path: path.into(), zxid })
}

pub(crate) fn connected(session: i64) -> Event {
    Event::Client(ClientEvent::Connected { session, timeout: Duration::from_secs(6) })
}

pub(crate) fn disconnected(session: i64) -> Event {
    Event::Client(ClientEvent::Disconnected { session })
}

pub(crate) fn watched(session: i64, path: &str, kind: WatchKind, zxid: i64) -> Event {
    Event::Client(ClientEvent::Watched { session, path: path.into(), kind, zxid })
}

pub(crate) fn notified(session: i64, path: &str, what: &str) -> Event {
    Event::Client(ClientEvent::Notified { session, path: path.into(), what: what.into() })
}

pub(crate) fn saw_data(session: i64, path: &str, zxid: i64) -> Event {
    Event::Client(ClientEvent::SawData { session, path: path.into(), zxid })
}

pub(crate) fn saw_children(session: i64, path: &str, zxid: i64) -> Event {
    Event::Client(ClientEvent::SawChildren { session, path: path.into(), zxid })
}

pub(crate) fn sequential(prefix: &str, zxid: i64, number: i32) -> Event {
    service(ServiceEvent::Created { path: format!("{prefix}{number:010}"), zxid, owner: 0, sequence: Some(number) })
}

pub(crate) fn replied(session: i64, zxid: i64) -> Event {
    Event::Client(ClientEvent::Replied { session, zxid })
}

pub(crate) fn recovered(zxid: i64) -> Event {
    service(ServiceEvent::Recovered { zxid, remark: String::new() })
}

pub(crate) fn reattached(session: i64, seconds: u64) -> Event {
    service(ServiceEvent::SessionReattached { session, timeout: Duration::from_secs(seconds) })
}

pub(crate) fn doomed(session: i64) -> Event {
    service(ServiceEvent::SessionDoomed { session })
}

pub(crate) fn ensemble(event: EnsembleEvent) -> Event {
    Event::Ensemble(event)
}

/// A voter begins with the state as of `snapshot` and the epoch of its last transaction.
pub(crate) fn member_recovered(server: u8, snapshot: i64, last: i64) -> Event {
    let epoch = (last >> 32) as u32;
    member_recovered_with(server, (epoch, epoch), snapshot, last)
}

/// A voter begins, with these accepted and current epochs.
pub(crate) fn member_recovered_with(server: u8, epochs: (u32, u32), snapshot: i64, last: i64) -> Event {
    ensemble(EnsembleEvent::Recovered {
        server,
        voter: true,
        accepted_epoch: epochs.0,
        current_epoch: epochs.1,
        snapshot,
        last,
        repaired: false,
    })
}

/// The transaction with this number in this epoch.
pub(crate) fn zxid(epoch: u32, counter: u32) -> i64 {
    i64::from(epoch) << 32 | i64::from(counter)
}

pub(crate) fn broadcast(zxid: i64, checksum: u32) -> Event {
    ensemble(EnsembleEvent::Broadcast { zxid, checksum })
}

pub(crate) fn delivered(zxid: i64, checksum: u32) -> Event {
    ensemble(EnsembleEvent::Delivered { zxid, checksum })
}

pub(crate) fn synchronising(epoch: u32) -> Event {
    ensemble(EnsembleEvent::Synchronising { epoch })
}

pub(crate) fn established(epoch: u32, initial: i64) -> Event {
    ensemble(EnsembleEvent::Established { epoch, initial })
}

pub(crate) fn restored(zxid: i64) -> Event {
    ensemble(EnsembleEvent::Restored { zxid })
}

pub(crate) fn resigned() -> Event {
    ensemble(EnsembleEvent::Resigned { reason: "QuorumLost".into() })
}

pub(crate) fn not_serving() -> Event {
    service(ServiceEvent::NotServing { why: "test".into() })
}

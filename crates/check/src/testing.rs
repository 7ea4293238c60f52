//! Small histories for the tests of the monitors.

use std::time::Duration;

use history::{
    ClientEvent, Event, FaultEvent, LeadershipEvent, MachineEvent, Phase, Record, ResourceEvent, ServiceEvent, Term,
    Time, WatchKind,
};

use crate::retelling::Retelling;
use crate::{Monitor, Report};

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

    /// Shows the history to the monitor; the run ends at the time that stands.
    pub(crate) fn judge(&self, mut monitor: impl Monitor) -> Report {
        let (mut report, mut retelling) = (Report::new(), Retelling::default());
        let news = self.records.iter().filter(|record| retelling.is_news(record));
        news.for_each(|record| monitor.observe(record, &mut report));
        monitor.finish(self.now, &mut report);
        report
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

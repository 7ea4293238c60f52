//! Events in words. Leadership, sessions of clients and faults need to know what was before: the story words them itself.

use history::{
    ClientEvent, ClockEvent, DiskEvent, EnsembleEvent, Event, LeadershipEvent, NetworkEvent, Phase, ResourceEvent,
    ServiceEvent, SyncKind, WorkEvent,
};

use super::entry::{About, Weight};
use super::life::Life;

type Words = Option<(About, Weight, String)>;

/// A length of time in seconds, with milliseconds.
fn seconds(nanoseconds: i64) -> String {
    format!("{:+.3} s", nanoseconds as f64 / 1e9)
}

/// What an event says by itself; nothing for what is too small to be told, or is told by others.
pub(super) fn of(event: &Event) -> Words {
    match event {
        Event::Machine(event) => {
            let words = match event {
                history::MachineEvent::Started => "starts",
                history::MachineEvent::Resumed => "goes on after the stall",
                history::MachineEvent::Paused => "stalls",
                history::MachineEvent::Exited => "exits",
                other => match Life::after(other) {
                    Life::WithoutPower => "loses power",
                    _ => "is killed",
                },
            };
            Some((About::Life, Weight::Notable, words.to_owned()))
        }
        Event::Network(event) => network(event).map(|words| (About::Network, Weight::Detail, words)),
        Event::Clock(event) => Some((About::Clock, Weight::Notable, clock(event))),
        Event::Disk(event) => Some((About::Disk, Weight::Notable, disk(event))),
        Event::Phase(Phase::Safety) | Event::Fault(_) => None,
        Event::Phase(Phase::Liveness) => Some((
            About::Run,
            Weight::Turning,
            "liveness phase: every fault has ended, a leader must come within the bound".to_owned(),
        )),
        Event::Leadership(event) => leadership(event),
        Event::Resource(event) => resource(event),
        Event::Service(event) => service(event),
        Event::Ensemble(event) => ensemble(event),
        Event::Client(event) => client(event),
        Event::Note { text, .. } => Some((About::Run, Weight::Notable, text.clone())),
        Event::Work(WorkEvent::Refused { task, term, highest, by }) => {
            let words = format!("refuses task {task} of {by}: term {term} is older than {highest}");
            Some((About::Work, Weight::Notable, words))
        }
        Event::Work(_) | Event::Call(_) | Event::Sometimes(_) => None,
    }
}

fn network(event: &NetworkEvent) -> Option<String> {
    Some(match event {
        NetworkEvent::Connected { to, port } => format!("connects to {to}:{port}"),
        NetworkEvent::Refused { to, port } => format!("is refused by {to}:{port}"),
        NetworkEvent::Reset { peer } => format!("sees its connection with {peer} reset"),
        NetworkEvent::TimedOut { peer } => format!("gives up its connection with {peer}: nothing is acknowledged"),
        NetworkEvent::Cut { from, to } => format!("link {from} → {to} is cut"),
        NetworkEvent::Healed { from, to } => format!("link {from} → {to} carries again"),
        NetworkEvent::Quality { from, to, quality } if quality.is_empty() => format!("link {from} → {to} is as before"),
        NetworkEvent::Quality { from, to, quality } => format!("link {from} → {to}: {quality}"),
        NetworkEvent::Delivered { .. } => return None,
    })
}

fn clock(event: &ClockEvent) -> String {
    match event {
        ClockEvent::Stepped { nanoseconds } => format!("wall clock steps by {}", seconds(*nanoseconds)),
        ClockEvent::Drifts { parts_per_million: 0 } => "clocks run true".to_owned(),
        ClockEvent::Drifts { parts_per_million } => format!("clocks drift by {parts_per_million} ppm"),
        ClockEvent::Frozen => "wall clock stands still".to_owned(),
        ClockEvent::Strobes { nanoseconds, .. } => format!("wall clock jumps to and fro by {}", seconds(*nanoseconds)),
        ClockEvent::Thawed => "wall clock runs again".to_owned(),
    }
}

fn disk(event: &DiskEvent) -> String {
    match event {
        DiskEvent::Lost { file, bytes } => format!("{bytes} bytes of {file} were not synced and are gone"),
        DiskEvent::Torn { file, bytes } => format!("the last write to {file} is torn: {bytes} bytes of it are there"),
        DiskEvent::Rotted { file, offset } => format!("a bit of {file} flipped, in byte {offset}"),
        DiskEvent::SyncFailed { file } => format!("a sync of {file} failed"),
        DiskEvent::Full { file } => format!("a write to {file} is refused: the disk is full"),
        DiskEvent::Wiped => "the disk is empty: it knows nothing of before".to_owned(),
    }
}

fn leadership(event: &LeadershipEvent) -> Words {
    Some(match event {
        LeadershipEvent::Candidate { path } => (About::Service, Weight::Detail, format!("stands as {path}")),
        LeadershipEvent::Waiting { on } => (About::Service, Weight::Detail, format!("waits for {on} to go")),
        LeadershipEvent::Withdrawn { reason } => {
            (About::Belief, Weight::Turning, format!("takes no part any more: {reason}"))
        }
        LeadershipEvent::Elected { .. } | LeadershipEvent::Deposed { .. } => return None,
    })
}

fn resource(event: &ResourceEvent) -> Words {
    Some(match event {
        ResourceEvent::Accepted { term, by, act } => {
            (About::Resource, Weight::Detail, format!("accepts “{act}” of {by} under term {term}"))
        }
        ResourceEvent::Fenced { term, by } => {
            (About::Resource, Weight::Detail, format!("is fenced by {by}: older terms than {term} are refused"))
        }
        ResourceEvent::Refused { term, highest, by } => {
            (About::Resource, Weight::Notable, format!("refuses an act of {by}: term {term} is older than {highest}"))
        }
    })
}

fn service(event: &ServiceEvent) -> Words {
    Some(match event {
        ServiceEvent::Serving { .. } => (About::Ensemble, Weight::Detail, "serves".to_owned()),
        ServiceEvent::NotServing { why } => (About::Ensemble, Weight::Notable, format!("no longer serves: {why}")),
        ServiceEvent::Created { path, zxid, .. } => {
            (About::Service, Weight::Detail, format!("{path} is created (zxid {zxid:#x})"))
        }
        ServiceEvent::Deleted { path, zxid } => {
            (About::Service, Weight::Detail, format!("{path} is deleted (zxid {zxid:#x})"))
        }
        ServiceEvent::Recovered { remark, .. } if !remark.is_empty() => {
            (About::Disk, Weight::Notable, format!("recovers from its disk: {remark}"))
        }
        _ => return None,
    })
}

fn ensemble(event: &EnsembleEvent) -> Words {
    Some(match event {
        EnsembleEvent::Resigned { reason } => {
            (About::Ensemble, Weight::Notable, format!("gives up its place in the ensemble: {reason}"))
        }
        EnsembleEvent::Recovered { repaired: true, .. } => {
            (About::Disk, Weight::Notable, "repairs the epochs on its disk".to_owned())
        }
        EnsembleEvent::Synchronised { learner, kind } => {
            let how = match kind {
                SyncKind::Diff => "what it lacks",
                SyncKind::Truncate => "cutting what it has too much",
                SyncKind::TruncateDiff => "cutting, and what it lacks",
                SyncKind::Snapshot => "a whole state",
            };
            (About::Ensemble, Weight::Detail, format!("brings server {learner} up by {how}"))
        }
        EnsembleEvent::Truncated { to } => {
            (About::Ensemble, Weight::Notable, format!("cuts its log behind zxid {to:#x}"))
        }
        EnsembleEvent::Restored { zxid } => {
            (About::Ensemble, Weight::Detail, format!("takes a whole state as of zxid {zxid:#x}"))
        }
        EnsembleEvent::EpochAccepted { epoch } => {
            (About::Ensemble, Weight::Detail, format!("promises itself to epoch {epoch}"))
        }
        EnsembleEvent::EpochEntered { epoch } => (About::Ensemble, Weight::Detail, format!("enters epoch {epoch}")),
        _ => return None,
    })
}

fn client(event: &ClientEvent) -> Words {
    Some(match event {
        ClientEvent::Connected { session, .. } => {
            (About::Session, Weight::Detail, format!("is connected under session {session:#x}"))
        }
        ClientEvent::Disconnected { .. } => (About::Session, Weight::Notable, "is disconnected".to_owned()),
        ClientEvent::SessionExpired { session, locally } => {
            let how = if *locally { "by its own clock" } else { "as a server tells it" };
            (About::Session, Weight::Turning, format!("knows that session {session:#x} is over, {how}"))
        }
        ClientEvent::Closed { session } => (About::Session, Weight::Notable, format!("closes session {session:#x}")),
        ClientEvent::Unanswered { operation, .. } => {
            (About::Session, Weight::Detail, format!("gets no answer to {operation}: it may have happened"))
        }
        ClientEvent::Notified { path, what, .. } => {
            (About::Service, Weight::Detail, format!("is told by a watch: {what} {path}"))
        }
        _ => return None,
    })
}

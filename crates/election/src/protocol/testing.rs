//! A stand for cores under test: keeps what they have asked, answers it, and gives what else they do.

use std::time::Duration;

use client::{EventType, SessionId, Stat, Zxid};
use host::{Instant, WallTime};

use super::{Answer, Effect, Input, Moment, Protocol, Request, Ticket};

/// A core, and what it waits for.
pub(crate) struct Stand<Core> {
    core: Core,
    now: Duration,
    asked: Vec<(Ticket, Request)>,
    watches: Vec<Ticket>,
}

impl<Core: Protocol> Stand<Core> {
    pub(crate) fn new(core: Core) -> Stand<Core> {
        Stand { core, now: Duration::from_secs(1), asked: Vec::new(), watches: Vec::new() }
    }

    /// Goes a step; gives the effects that are no requests.
    pub(crate) fn step(&mut self, input: Input) -> Vec<Effect> {
        let moment = Moment {
            now: Instant::from_reading(self.now),
            wall: WallTime::from_epoch(self.now),
            session_timeout: Duration::from_secs(6),
        };
        let mut others = Vec::new();
        for effect in self.core.step(moment, input) {
            match effect {
                Effect::Ask { ticket, request, .. } => self.asked.push((ticket, request)),
                Effect::Forget(ticket) => self.asked.retain(|(asked, _)| *asked != ticket),
                other => {
                    if other == Effect::NewSession {
                        self.asked.clear();
                    }
                    others.push(other);
                }
            }
        }
        others
    }

    pub(crate) fn connected(&mut self, session: i64) -> Vec<Effect> {
        self.step(Input::Connected { session: SessionId(session) })
    }

    /// Lets time pass, and ticks.
    pub(crate) fn wait(&mut self, seconds: u64) -> Vec<Effect> {
        self.now += Duration::from_secs(seconds);
        self.step(Input::Tick)
    }

    /// What is asked and not answered.
    pub(crate) fn asked(&self) -> Vec<&Request> {
        self.asked.iter().map(|(_, request)| request).collect()
    }

    /// Answers the oldest request.
    pub(crate) fn answer(&mut self, answer: Answer) -> Vec<Effect> {
        assert!(!self.asked.is_empty(), "nothing was asked that could be answered by {answer:?}");
        let (ticket, request) = self.asked.remove(0);
        if matches!(request, Request::ReadAndWatch(_) | Request::ExistsAndWatch(_)) {
            self.watches.push(ticket);
        }
        self.step(Input::Answered(ticket, answer))
    }

    /// The youngest watch fires: its znode is gone.
    pub(crate) fn fire(&mut self) -> Vec<Effect> {
        let ticket = self.watches.pop().expect("there is a watch");
        self.step(Input::Fired(ticket, EventType::NodeDeleted))
    }
}

/// The metadata of a znode that was created by this transaction, by this session.
pub(crate) fn stat(czxid: i64, owner: i64) -> Stat {
    Stat { czxid: Zxid(czxid), mzxid: Zxid(czxid), ephemeral_owner: SessionId(owner), ..Stat::default() }
}

/// The names of children.
pub(crate) fn children(names: &[&str]) -> Answer {
    Answer::Children(names.iter().map(|name| (*name).to_owned()).collect())
}

/// A znode was created.
pub(crate) fn created(path: &str, czxid: i64) -> Answer {
    Answer::Created { path: path.to_owned(), czxid }
}

//! A bench on which the tests lead a core along, one request at a time.

use std::time::Duration;

use bytes::Bytes;
use client::{EventType, SessionId, Stat};
use history::{LeadershipEvent, Term};
use host::{Instant, WallTime};

use super::{Answer, Condition, Effect, Input, Moment, Protocol, Request, Ticket};

/// A core and what it did, under the session that stands.
pub(crate) struct Bench<Core> {
    pub(crate) core: Core,
    pub(crate) session: SessionId,
    pub(crate) asked: Vec<(Ticket, Request)>,
    pub(crate) term: Option<Term>,
    pub(crate) guard: Option<Condition>,
    pub(crate) told: Vec<LeadershipEvent>,
    pub(crate) over: bool,
    /// The pause before the request that was asked last.
    pub(crate) last_pause: Duration,
}

impl<Core: Protocol> Bench<Core> {
    /// Connected under session 1.
    pub(crate) fn connected(core: Core) -> Bench<Core> {
        let mut bench = Bench {
            core,
            session: SessionId(0),
            asked: Vec::new(),
            term: None,
            guard: None,
            told: Vec::new(),
            over: false,
            last_pause: Duration::ZERO,
        };
        bench.reconnect_anew();
        bench
    }

    /// Connects under the next session.
    pub(crate) fn reconnect_anew(&mut self) {
        self.session = SessionId(self.session.0 + 1);
        self.step(Input::Connected { session: self.session });
    }

    pub(crate) fn step(&mut self, input: Input) {
        let now = Instant::from_reading(Duration::from_secs(100));
        let wall = WallTime::from_epoch(Duration::from_secs(1_000));
        let moment = Moment { now, wall, session_timeout: Duration::from_secs(6) };
        for effect in self.core.step(moment, input) {
            match effect {
                Effect::Ask { ticket, request, after } => {
                    self.last_pause = after;
                    self.asked.push((ticket, request));
                }
                Effect::Forget(ticket) => self.asked.retain(|(asked, _)| *asked != ticket),
                Effect::Elect { term, guard, .. } => {
                    assert_eq!(self.term.replace(term), None, "one reign ends before the next begins");
                    self.guard = guard;
                }
                Effect::Tell(event) => {
                    if let LeadershipEvent::Deposed { term, .. } = event {
                        assert_eq!(self.term.take(), Some(term));
                    }
                    self.told.push(event);
                }
                Effect::NewSession => self.asked.clear(),
                Effect::Over => self.over = true,
                Effect::Sometimes(_) => {}
            }
        }
    }

    /// The only request under way.
    #[track_caller]
    pub(crate) fn asks(&self) -> Request {
        let [(_, request)] = self.asked.as_slice() else { panic!("not one request but {:?}", self.asked) };
        request.clone()
    }

    /// Answers the request that was asked first; gives its ticket, for its watch.
    #[track_caller]
    pub(crate) fn answer(&mut self, answer: Answer) -> Ticket {
        assert!(!self.asked.is_empty(), "something was asked");
        let (ticket, _) = self.asked.remove(0);
        self.step(Input::Answered(ticket, answer));
        ticket
    }

    pub(crate) fn fire(&mut self, watch: Ticket, event: EventType) {
        self.step(Input::Fired(watch, event));
    }

    /// What a znode holds, as of its first version, and of this session if it is ephemeral.
    pub(crate) fn data(data: &str, owner: i64) -> Answer {
        let stat = Stat { ephemeral_owner: SessionId(owner), ..Stat::default() };
        Answer::Data(Bytes::from(data.to_owned()), stat)
    }
}

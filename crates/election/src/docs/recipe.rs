//! The recipe itself: pure. It is told what happened and says what to do; it has no client, no clock, no task.
//!
//! One request is under way at a time, and its answer decides what comes next:
//!
//! ```text
//!              no root                    not answered
//!   create root <---- create candidacy ----------------> sync --+
//!        |               ^      |                               |
//!        +---------------+      v     own one not among them    v
//!                              list <---------------------------+
//!              the first one? /    \ not the first?
//!                            v      v
//!                     inspect it   watch the next lower one -> wait -> list
//!                          |
//!                          v
//!                        lead
//! ```
//!
//! Leadership is claimed and given up in one step with the look at the clock that it rests on: nothing that takes time
//! lies between.

use std::time::Duration;

use history::{LeadershipEvent, Term};
use host::Instant;
use host::random::Stream;
use proto::SessionId;

use super::names;
use crate::mutant::Planted;

/// So long it waits before it asks again what was not answered well.
pub const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// What the recipe asks of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Create the election's root and what lies above it, as far as they are missing.
    CreateRoot,
    /// Create an ephemeral sequential znode under the root with this prefix.
    CreateCandidacy(String),
    /// Let the server catch up with its leader.
    Sync,
    /// List the root's children.
    List,
    /// Look at one's own znode, and leave a watch on it.
    InspectOwn(String),
    /// Look whether this znode exists, and leave a watch on it.
    WatchPredecessor(String),
    /// Delete this znode; that it is not there is as good.
    Delete(String),
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// A znode of this name was created.
    Created(String),
    /// These are the children.
    Children(Vec<String>),
    /// This is the znode looked at, if it is there.
    Inspected(Option<Found>),
    /// The root is missing.
    NoRoot,
    /// It did not happen: refused, or never sent.
    NotDone,
    /// It may have happened.
    Unknown,
}

/// A znode that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The transaction that created it.
    pub czxid: i64,
    /// The session it goes with.
    pub owner: SessionId,
}

/// What the recipe is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Time has passed.
    Tick,
    /// The session has a connection.
    Connected,
    /// The session has none.
    Disconnected,
    /// The session has ended.
    SessionOver,
    /// The request under way has ended.
    Answered(Answer),
    /// The watch on one's own znode has fired.
    OwnChanged {
        /// Whether it was deleted.
        gone: bool,
    },
    /// The watch on the next lower znode has fired.
    PredecessorChanged,
    /// Its user does not want to lead any more.
    Resign,
}

/// What the recipe wants done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask this of the service. Nothing else is under way.
    Ask(Request),
    /// Tell this to the user and to the monitors.
    Tell(LeadershipEvent),
    /// Tell the monitors of a point of interest.
    Sometimes(&'static str),
    /// The candidacy is over: nothing of it is left at the service, or the session that it was made in has ended.
    Over,
}

/// What the recipe waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// A change: of a watched znode, of the connection, of its user's mind.
    Idle,
    /// The answer to this.
    Asking(Request),
    /// The time to ask this.
    Pausing { until: Instant, then: Request },
    /// Nothing any more.
    Over,
}

/// One candidacy within one session.
pub struct Recipe {
    planted: Planted,
    root: String,
    session: SessionId,
    guids: Stream,
    guid: String,
    connected: bool,
    step: Step,
    /// The name of the candidate's own znode.
    own: Option<String>,
    /// Whether the own znode is known to be of this session.
    is_owner: bool,
    /// Whether an unanswered create may have left a znode that was not looked for yet.
    recovering: bool,
    /// Whether the last look was brought about by the predecessor's going.
    woken: bool,
    resigning: bool,
    term: Option<Term>,
    effects: Vec<Effect>,
}

impl Recipe {
    /// A candidacy under `root` in a connected session.
    pub(crate) fn new(planted: Planted, root: &str, session: SessionId, mut guids: Stream) -> Recipe {
        let guid = names::guid(&mut guids);
        Recipe {
            planted,
            root: root.to_owned(),
            session,
            guids,
            guid,
            connected: true,
            step: Step::Idle,
            own: None,
            is_owner: false,
            recovering: false,
            woken: false,
            resigning: false,
            term: None,
            effects: Vec::new(),
        }
    }

    /// Goes on as the owner of what a former session may have left under this guid (A1).
    pub(crate) fn inherit(&mut self, guid: String) {
        assert!(self.planted.adopts_without_owner(), "only a planted bug inherits");
        self.guid = guid;
    }

    /// What the names of its znodes begin with.
    pub(crate) fn guid(&self) -> &str {
        &self.guid
    }

    /// The term it leads under, if it leads.
    #[must_use]
    pub fn term(&self) -> Option<Term> {
        self.term
    }

    /// Begins.
    pub fn begin(&mut self) -> Vec<Effect> {
        assert_eq!(self.step, Step::Idle, "a candidacy begins once");
        if self.planted.adopts_without_owner() {
            self.ask(Request::List);
        } else {
            self.create();
        }
        std::mem::take(&mut self.effects)
    }

    /// Goes one step: takes in what happened at `now`, and gives what is to be done, in order. The session is surely
    /// alive at the service until `trusted_until`, as far as is known now.
    pub fn step(&mut self, now: Instant, trusted_until: Option<Instant>, input: Input) -> Vec<Effect> {
        let trusted = trusted_until.is_some_and(|until| now < until);
        if self.term.is_some() && !trusted && !self.ignores_clock() {
            self.effects.push(Effect::Sometimes("stepped down by own clock"));
            self.depose("its session can no longer be trusted");
            if self.step == Step::Idle {
                self.ask_later(now, Request::List);
            }
        }
        match input {
            Input::Tick => self.tick(now),
            Input::Connected => self.connected(),
            Input::Disconnected => self.disconnected(),
            Input::SessionOver => self.session_over(),
            Input::Answered(answer) => self.answered(now, trusted, answer),
            Input::OwnChanged { gone } => self.own_changed(gone),
            Input::PredecessorChanged => self.predecessor_changed(),
            Input::Resign => self.resign(),
        }
        std::mem::take(&mut self.effects)
    }

    /// When the next `Tick` is due, if nothing happens before.
    #[must_use]
    pub fn deadline(&self, trusted_until: Option<Instant>) -> Option<Instant> {
        let trust_ends = self.term.and(trusted_until).filter(|_| !self.ignores_clock());
        match self.step {
            Step::Pausing { until, .. } => Some(trust_ends.map_or(until, |trust_ends| trust_ends.min(until))),
            _ => trust_ends,
        }
    }

    fn ignores_clock(&self) -> bool {
        self.planted.ignores_disconnected() || self.planted.ignores_session()
    }

    fn tick(&mut self, now: Instant) {
        if let Step::Pausing { until, then } = &self.step
            && *until <= now
        {
            let then = then.clone();
            self.ask(then);
        }
    }

    fn connected(&mut self) {
        self.connected = true;
        // What happened meanwhile is not known: who is there, and whether one's own znode still is.
        if self.step == Step::Idle {
            self.look_again();
        }
    }

    fn disconnected(&mut self) {
        if self.planted.ignores_session() {
            return;
        }
        self.connected = false;
        if !self.planted.ignores_disconnected() {
            self.depose("it lost its connection");
        }
    }

    fn session_over(&mut self) {
        if self.planted.ignores_session() && !self.resigning {
            return;
        }
        self.depose("its session is over");
        self.step = Step::Over;
        self.effects.push(Effect::Over);
    }

    fn own_changed(&mut self, gone: bool) {
        if self.planted.ignores_session() || self.planted.adopts_without_owner() {
            return;
        }
        if gone {
            self.depose("its znode was deleted");
        }
        if self.step == Step::Idle {
            self.look_again();
        }
    }

    fn predecessor_changed(&mut self) {
        if self.step != Step::Idle {
            // A look is under way already, or due.
            return;
        }
        self.woken = true;
        match &self.own {
            Some(own) if self.planted.watches_the_first() => self.ask(Request::InspectOwn(own.clone())),
            _ => self.ask(Request::List),
        }
    }

    fn resign(&mut self) {
        if self.resigning || self.step == Step::Over {
            return;
        }
        self.resigning = true;
        self.effects.push(Effect::Sometimes("resigned"));
        self.depose("it resigned");
        match self.step {
            // What is under way may leave something behind: its answer is waited for.
            Step::Asking(_) => {}
            _ => self.leave(),
        }
    }

    /// Takes away what is one's own, and then looks whether there is more of it.
    fn leave(&mut self) {
        assert!(self.resigning && self.term.is_none(), "who leaves does not lead");
        match self.own.take() {
            Some(own) => self.ask(Request::Delete(own)),
            None => self.ask(Request::Sync),
        }
    }

    fn answered(&mut self, now: Instant, trusted: bool, answer: Answer) {
        let step = std::mem::replace(&mut self.step, Step::Idle);
        let Step::Asking(request) = step else {
            // The session ended before the answer came.
            assert_eq!(step, Step::Over, "an answer answers a request");
            self.step = step;
            return;
        };
        match (request, answer) {
            (Request::CreateRoot, Answer::Done) => self.create(),
            (Request::CreateCandidacy(_), answer) => self.create_answered(now, answer),
            (Request::Sync, Answer::Done) => self.ask(Request::List),
            (Request::List, Answer::Children(names)) => self.look(&names),
            (Request::List, Answer::NoRoot) => self.look(&[]),
            (Request::InspectOwn(own), Answer::Inspected(found)) => self.inspected(now, trusted, own, found),
            (Request::WatchPredecessor(on), Answer::Inspected(Some(_))) => self.watching(on),
            (Request::WatchPredecessor(_), Answer::Inspected(None)) => self.ask(Request::List),
            (Request::Delete(_), Answer::Done) => self.look_again(),
            // From here on nobody knows, or nothing was done.
            (Request::CreateRoot, _) if self.resigning => self.leave(),
            (Request::CreateRoot, _) => self.ask_later(now, Request::CreateRoot),
            (Request::Delete(name), _) => self.ask_later(now, Request::Delete(name)),
            (Request::Sync, _) => self.ask_later(now, Request::Sync),
            // Another connection may lead to a server that lags behind: the look begins anew.
            _ if self.recovering && !self.planted.looks_without_sync() => self.ask_later(now, Request::Sync),
            _ => self.ask_later(now, Request::List),
        }
    }

    fn create(&mut self) {
        if self.resigning {
            self.leave();
        } else {
            self.ask(Request::CreateCandidacy(names::prefix(&self.guid)));
        }
    }

    fn create_answered(&mut self, now: Instant, answer: Answer) {
        let again = Request::CreateCandidacy(names::prefix(&self.guid));
        match answer {
            Answer::Created(name) => {
                assert!(names::carries(&name, &self.guid), "the service keeps the prefix: {name}");
                self.owns(name);
                self.look_again();
            }
            Answer::Unknown => {
                self.effects.push(Effect::Sometimes("create of a candidacy was unanswered"));
                self.recovering = true;
                let next = match (self.planted.creates_blindly(), self.planted.looks_without_sync()) {
                    (true, _) => again,
                    (_, true) => Request::List,
                    _ => Request::Sync,
                };
                self.ask_later(now, next);
            }
            _ if self.resigning => self.leave(),
            Answer::NoRoot => self.ask(Request::CreateRoot),
            _ => self.ask_later(now, again),
        }
    }

    /// Looks at who is there.
    fn look(&mut self, names: &[String]) {
        let mine: Vec<&String> = self.in_order(names).into_iter().filter(|name| self.is_mine(name)).collect();
        let recovering = std::mem::take(&mut self.recovering);
        if self.resigning {
            match mine.first() {
                Some(name) => self.ask(Request::Delete((*name).clone())),
                None => {
                    self.step = Step::Over;
                    self.effects.push(Effect::Over);
                }
            }
            return;
        }
        if self.own.as_ref().is_some_and(|own| !mine.contains(&own)) {
            self.own = None;
            self.depose("its znode is gone");
        }
        let Some(own) = self.own.clone() else {
            match mine.first() {
                Some(name) => self.found(recovering, name),
                None => self.create(),
            }
            return;
        };
        if !self.is_owner {
            // The look at what was found had no answer.
            self.ask(Request::InspectOwn(own));
            return;
        }
        // A create that was given up for lost may have happened after all. Left alone, it would be waited for later on:
        // by the others, or by this candidate itself.
        if let Some(orphan) = mine.iter().find(|name| ***name != own)
            && !self.planted.creates_blindly()
            && !self.planted.looks_without_sync()
        {
            self.effects.push(Effect::Sometimes("candidacy left over was deleted"));
            self.ask(Request::Delete((*orphan).clone()));
            return;
        }
        self.take_rank(names, own);
    }

    /// A znode with one's own guid that one does not know of.
    fn found(&mut self, recovering: bool, name: &str) {
        if recovering {
            self.effects.push(Effect::Sometimes("own candidacy found by its guid"));
        }
        self.own = Some(name.to_owned());
        self.is_owner = false;
        self.ask(Request::InspectOwn(name.to_owned()));
    }

    fn take_rank(&mut self, names: &[String], own: String) {
        let candidates = self.in_order(names);
        let rank = candidates.iter().position(|name| **name == own).expect("the own znode is among them");
        let woken = std::mem::take(&mut self.woken);
        if rank == 0 {
            self.ask(Request::InspectOwn(own));
            return;
        }
        let watched = if self.planted.watches_the_first() { 0 } else { rank - 1 };
        let watched = candidates[watched].clone();
        if woken {
            self.effects.push(Effect::Sometimes("woke up for a predecessor that was not the leader"));
        }
        self.depose("another candidacy comes before its own");
        self.ask(Request::WatchPredecessor(watched));
    }

    fn watching(&mut self, on: String) {
        if self.resigning {
            self.leave();
        } else {
            self.effects.push(Effect::Tell(LeadershipEvent::Waiting { on: self.path(&on) }));
        }
    }

    fn inspected(&mut self, now: Instant, trusted: bool, own: String, found: Option<Found>) {
        if self.resigning {
            self.leave();
            return;
        }
        let Some(found) = found else {
            self.depose("its znode is gone");
            self.look_again();
            return;
        };
        if found.owner != self.session && !self.planted.adopts_without_owner() {
            // The dying node of a former session would take this leadership into its grave (CURATOR-696).
            self.effects.push(Effect::Sometimes("candidacy of a former session left alone"));
            self.depose("its znode is of another session");
            self.own = None;
            self.guid = names::guid(&mut self.guids);
            self.create();
            return;
        }
        if !self.is_owner {
            self.owns(own);
            self.look_again();
            return;
        }
        self.claim(now, trusted, Term(found.czxid));
    }

    /// Its znode is there, is its own, and is the first.
    fn claim(&mut self, now: Instant, trusted: bool, term: Term) {
        if self.term == Some(term) {
            // It leads already; the look was for a new watch.
            return;
        }
        self.depose("its znode is another one");
        if !self.connected {
            // The look begins anew with the next connection.
            return;
        }
        if !trusted {
            self.effects.push(Effect::Sometimes("claim withheld by own clock"));
            self.ask_later(now, Request::List);
            return;
        }
        self.term = Some(term);
        self.effects.push(Effect::Tell(LeadershipEvent::Elected { term }));
    }

    fn depose(&mut self, reason: &str) {
        if let Some(term) = self.term.take() {
            self.effects.push(Effect::Tell(LeadershipEvent::Deposed { term, reason: reason.to_owned() }));
        }
    }

    fn owns(&mut self, name: String) {
        self.effects.push(Effect::Tell(LeadershipEvent::Candidate { path: self.path(&name) }));
        self.own = Some(name);
        self.is_owner = true;
    }

    fn look_again(&mut self) {
        if self.resigning {
            self.ask(Request::Sync);
        } else {
            self.ask(Request::List);
        }
    }

    fn ask(&mut self, request: Request) {
        assert!(!matches!(self.step, Step::Asking(_) | Step::Over), "one request at a time");
        self.step = Step::Asking(request.clone());
        self.effects.push(Effect::Ask(request));
    }

    fn ask_later(&mut self, now: Instant, request: Request) {
        assert_eq!(self.step, Step::Idle, "one request at a time");
        self.step = Step::Pausing { until: now + RETRY_PAUSE, then: request };
    }

    /// The candidacies among these children, the first one first.
    fn in_order<'names>(&self, names: &'names [String]) -> Vec<&'names String> {
        let mut candidates: Vec<&String> = names.iter().filter(|name| names::number(name).is_some()).collect();
        if self.planted.orders_by_full_name() {
            candidates.sort();
        } else {
            candidates.sort_by_key(|name| names::number(name));
        }
        candidates
    }

    fn is_mine(&self, name: &str) -> bool {
        names::carries(name, &self.guid)
    }

    fn path(&self, name: &str) -> String {
        proto::path::join(&self.root, name)
    }
}

#[cfg(test)]
mod tests;

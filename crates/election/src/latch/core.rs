//! The course of a latch: pure. After `LeaderLatch.java`.
//!
//! ```text
//! reset: delete own, create anew -> list --- own missing -------------------> reset
//!                                    ^   --- the first -> read own -- mine -> lead
//!                                    |   --- not the first -> read and watch the one before
//!                                    +----------- deleted, or gone already ---------+
//! ```

use std::time::Duration;

use bytes::Bytes;
use client::{CreateMode, ErrorCode, EventType, SessionId, Stat};
use history::{LeadershipEvent, Term};
use host::Instant;
use host::random::Stream;
use proto::path;

use super::Latch;
use crate::curator::{self, Connection, Deletes, ErrorPolicy, State};
use crate::mutant::Planted;
use crate::protocol::{Answer, Desk, Effect, Grip, Input, Moment, Protocol, Request, Ticket, line};

/// What stands before the number.
pub(super) const MARK: &str = "-latch-";

/// So long the retries of the first reset go on, with a retry policy that gives up (A10).
const FIRST_RETRIES: Duration = Duration::from_secs(3);

/// Why something was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// To have the containers above a znode that is created next.
    Containers {
        protection: String,
    },
    Create {
        protection: String,
    },
    /// To find what an unanswered create may have left.
    Scan {
        protection: String,
    },
    List,
    Own {
        name: String,
    },
    Predecessor {
        name: String,
    },
    Delete(String),
}

impl Why {
    fn creates(&self) -> bool {
        matches!(self, Why::Containers { .. } | Why::Create { .. } | Why::Scan { .. })
    }

    fn looks(&self) -> bool {
        matches!(self, Why::List | Why::Own { .. } | Why::Predecessor { .. })
    }
}

/// A latch.
pub(super) struct Core {
    path: String,
    policy: ErrorPolicy,
    planted: Planted,
    uuids: Stream,
    begun_at: Instant,
    connection: Connection,
    session: Option<SessionId>,
    /// The name of its znode (`ourPath`).
    own: Option<String>,
    watch: Option<Ticket>,
    deletes: Deletes,
    /// The term it led under when the connection was lost (A31).
    kept: Option<Term>,
    resigning: bool,
    over: bool,
    pub(super) desk: Desk<Why>,
}

impl Core {
    pub(super) fn new(latch: &Latch, begun_at: Instant, uuids: Stream) -> Core {
        Core {
            path: latch.path.clone(),
            policy: latch.policy,
            planted: latch.planted,
            uuids,
            begun_at,
            connection: Connection::new(latch.policy.percent()),
            session: None,
            own: None,
            watch: None,
            deletes: Deletes::default(),
            kept: None,
            resigning: false,
            over: false,
            desk: Desk::new(),
        }
    }

    fn path_of(&self, name: &str) -> String {
        path::join(&self.path, name)
    }

    fn state_changed(&mut self, moment: Moment, state: State) {
        if self.policy.is_error(state) {
            let kept = self.desk.term();
            self.desk.depose(if state == State::Lost {
                "the connection is lost"
            } else {
                "the connection is suspended"
            });
            if self.planted.keeps_the_flag() {
                self.kept = kept.or(self.kept);
            }
        }
        match state {
            State::Connected if self.planted.tries_once() && moment.now - self.begun_at > FIRST_RETRIES => {}
            State::Connected => self.reset(),
            State::Reconnected => self.reconnected(),
            State::Suspended => {}
            State::Lost => {
                self.watch = None;
                self.desk.new_session();
                if self.resigning {
                    // What is left goes with the session.
                    self.leave();
                }
            }
        }
    }

    fn reconnected(&mut self) {
        self.deletes.go_on(&mut self.desk, Why::Delete);
        if self.resigning {
            return;
        }
        if let Some(term) = self.kept.take() {
            self.desk.elect(term, Grip::UntilTold, None);
        } else if self.planted.acts_on_the_past() {
            // As before CURATOR-644: anew in any case.
            self.reset();
        } else if self.policy == ErrorPolicy::Standard || self.desk.term().is_none() {
            self.list();
        }
    }

    /// `reset`: a new znode in the place of the old one.
    fn reset(&mut self) {
        self.desk.depose("it begins anew");
        self.set_own(None);
        let protection = curator::protection(&mut self.uuids);
        self.create(protection);
    }

    fn create(&mut self, protection: String) {
        let request = Request::Create {
            path: self.path_of(&format!("{}{}", protection, &MARK[1..])),
            data: Bytes::new(),
            mode: CreateMode::EphemeralSequential,
        };
        self.desk.ask(request, Why::Create { protection });
    }

    /// `setNode`: the old znode is deleted, if it is another one.
    fn set_own(&mut self, own: Option<String>) {
        if !self.planted.acts_on_the_past() {
            self.desk.forget_unless(|why| !why.looks());
            self.desk.forget_watch(self.watch.take());
        }
        if let Some(old) = std::mem::replace(&mut self.own, own)
            && self.own.as_ref() != Some(&old)
        {
            let path = self.path_of(&old);
            self.deletes.begin(&mut self.desk, &path, Why::Delete);
        }
    }

    /// `getChildren`.
    fn list(&mut self) {
        if !self.planted.acts_on_the_past() {
            // What is looked at belongs to one generation (CURATOR-653).
            self.desk.forget_unless(|why| !why.looks());
            self.desk.forget_watch(self.watch.take());
        }
        self.desk.ask(Request::List(self.path.clone()), Why::List);
    }

    fn answered(&mut self, ticket: Ticket, why: Why, answer: Answer) {
        match (why, answer) {
            (Why::Delete(path), answer) => self.deletes.answered(&mut self.desk, &path, &answer, Why::Delete),
            (why, answer) if why.creates() => self.creation_answered(why, answer),
            (Why::List, Answer::Children(names)) => self.check_leadership(&names),
            (Why::List, Answer::Refused(ErrorCode::NoNode)) if self.planted.ignores_missing_parent() => {}
            (Why::List, Answer::Refused(ErrorCode::NoNode)) => self.reset(),
            (Why::List, _) => {
                self.desk.ask_again(Request::List(self.path.clone()), Why::List);
            }
            (Why::Own { name }, Answer::Data(_, stat)) => self.read_own(&name, stat),
            (Why::Own { .. }, Answer::Refused(_)) => self.reset(),
            (Why::Predecessor { name }, Answer::Data(..)) => {
                self.watch = Some(ticket);
                if self.desk.term().is_none() {
                    self.desk.tell(LeadershipEvent::Waiting { on: self.path_of(&name) });
                }
            }
            (Why::Predecessor { .. }, Answer::Refused(ErrorCode::NoNode)) => self.list(),
            // No answer, no watch: the next connection makes a new look.
            _ => {}
        }
    }

    fn creation_answered(&mut self, why: Why, answer: Answer) {
        match (why, answer) {
            (Why::Create { .. }, Answer::Created { path, .. }) => self.created(path::name(&path).to_owned()),
            (Why::Create { protection }, Answer::Unknown) => self.scan(protection),
            (Why::Scan { protection }, Answer::Children(names)) => match line::find(&protection, &names, MARK) {
                Some(name) => {
                    self.desk.sometimes("curator found what it had created without an answer");
                    self.created(name);
                }
                None if self.resigning => {}
                None => self.create(protection),
            },
            (Why::Scan { protection }, Answer::Unknown | Answer::NotAsked) => self.scan(protection),
            // It was not done, and is not wanted any more.
            (Why::Create { .. } | Why::Containers { .. }, _) if self.resigning => {}
            (Why::Create { protection }, Answer::Refused(ErrorCode::NoNode)) => {
                let request = Request::CreateAll { path: self.path.clone(), mode: CreateMode::Container };
                self.desk.ask(request, Why::Containers { protection });
            }
            (Why::Containers { protection }, Answer::Done) => self.create(protection),
            (Why::Scan { protection }, Answer::Refused(ErrorCode::NoNode)) if !self.resigning => {
                self.create(protection)
            }
            (Why::Create { protection } | Why::Containers { protection }, _) => {
                let request = Request::CreateAll { path: self.path.clone(), mode: CreateMode::Container };
                self.desk.ask_again(request, Why::Containers { protection });
            }
            _ => {}
        }
    }

    fn scan(&mut self, protection: String) {
        self.desk.ask_again(Request::List(self.path.clone()), Why::Scan { protection });
    }

    fn created(&mut self, name: String) {
        self.desk.tell(LeadershipEvent::Candidate { path: self.path_of(&name) });
        self.set_own(Some(name));
        if self.resigning {
            // CURATOR-18: it was closed meanwhile.
            self.set_own(None);
        } else {
            self.list();
        }
    }

    /// `checkLeadership`.
    fn check_leadership(&mut self, names: &[String]) {
        let place = self.own.as_ref().map_or(line::Place::Gone, |own| line::place(own, names, MARK));
        match (place, self.own.clone()) {
            (line::Place::First, Some(name)) => {
                self.desk.ask(Request::Read(self.path_of(&name)), Why::Own { name });
            }
            (line::Place::Behind(name), _) => {
                if !self.planted.acts_on_the_past() {
                    self.desk.depose("somebody else is before it");
                }
                self.desk.ask(Request::ReadAndWatch(self.path_of(&name)), Why::Predecessor { name });
            }
            _ => self.reset(),
        }
    }

    fn read_own(&mut self, name: &str, stat: Stat) {
        if self.resigning || !self.connection.is_up() {
            // Curator's event thread delivers what was answered before it says that the connection is gone; here it may be
            // the other way round, and an answer of the past counts no more.
            return;
        }
        if Some(stat.ephemeral_owner) != self.session && !self.planted.adopts_without_owner() {
            self.desk.sometimes("curator met its znode of a former session");
            self.reset();
            return;
        }
        let term = Term(stat.czxid.0);
        if self.desk.term() == Some(term) {
            return;
        }
        assert!(self.planted.acts_on_the_past() || self.own.as_deref() == Some(name), "a look belongs to its znode");
        self.desk.depose("it leads under another znode");
        self.desk.elect(term, Grip::UntilTold, None);
    }

    /// `close`.
    fn resign(&mut self) {
        self.resigning = true;
        self.desk.depose("it resigned");
        self.set_own(None);
        if self.planted.leaks_on_close() && self.deletes.is_empty() {
            self.leave();
        }
    }

    fn leave(&mut self) {
        self.over = true;
        self.desk.over();
    }
}

impl Protocol for Core {
    fn step(&mut self, moment: Moment, input: Input) -> Vec<Effect> {
        assert!(!self.over, "nothing happens any more");
        if let Input::Connected { session } = input {
            self.session = Some(session);
        }
        if let Some(state) = self.connection.observe(moment, &input) {
            self.state_changed(moment, state);
        }
        match input {
            Input::Answered(ticket, answer) => {
                if let Some(why) = self.desk.answered(ticket) {
                    self.answered(ticket, why, answer);
                }
            }
            Input::Fired(ticket, EventType::NodeDeleted)
                if !self.resigning && (self.watch == Some(ticket) || self.planted.acts_on_the_past()) =>
            {
                self.list();
            }
            Input::Resign => self.resign(),
            _ => {}
        }
        if self.resigning && !self.over && self.deletes.is_empty() && !self.desk.awaits(Why::creates) {
            self.leave();
        }
        self.desk.take()
    }

    fn deadline(&self) -> Option<Instant> {
        self.connection.deadline()
    }
}

//! The course of a mutex: pure.
//!
//! ```text
//! enqueue -> create -> list --- the first -> lead
//!                       ^   --- not the first -> read and watch the one before
//!                       +--------------- anything happened to it ------+
//! a state of error: delete own, and enqueue anew once there is a connection
//! ```

use bytes::Bytes;
use client::{CreateMode, ErrorCode};
use history::{LeadershipEvent, Term};
use host::Instant;
use host::random::Stream;
use proto::path;

use super::Ways;
use crate::curator::{self, Connection, Deletes, State};
use crate::protocol::{Answer, Condition, Desk, Effect, Grip, Input, Moment, Protocol, Request, line};

/// What stands before the number.
pub(super) const MARK: &str = "-lock-";

/// As long as a connection that is never taken to be lost may be suspended, in percent of the session timeout.
const FOR_EVER: u32 = 1_000_000;

/// For so many session timeouts a leader goes on that swallows interrupts (A12).
const SLOW_STOP: u32 = 3;

/// Why something was asked. What carries a protection belongs to one attempt; if it is not the present one, all that is
/// left to do is to delete what it made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// To have the containers above a znode that is created next.
    Containers {
        protection: String,
    },
    Create {
        protection: String,
    },
    /// To have a server that does not lag behind, before the scan.
    Catch {
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
        matches!(self, Why::Containers { .. } | Why::Create { .. } | Why::Catch { .. } | Why::Scan { .. })
    }

    fn looks(&self) -> bool {
        matches!(self, Why::List | Why::Own { .. } | Why::Predecessor { .. })
    }
}

/// An attempt to get the lock.
#[derive(Clone, Debug)]
struct Attempt {
    protection: String,
    /// The name of its znode, and the transaction that made it, if that is known.
    own: Option<(String, Option<i64>)>,
}

/// A mutex.
pub(crate) struct Core {
    ways: Ways,
    uuids: Stream,
    connection: Connection,
    attempt: Option<Attempt>,
    watch: Option<crate::protocol::Ticket>,
    deletes: Deletes,
    /// Until when a leader goes on that was interrupted (A12).
    stops_at: Option<Instant>,
    resigning: bool,
    over: bool,
    desk: Desk<Why>,
}

impl Core {
    pub(crate) fn new(ways: Ways, uuids: Stream) -> Core {
        let percent = ways.policy.map_or(FOR_EVER, curator::ErrorPolicy::percent);
        Core {
            ways,
            uuids,
            connection: Connection::new(percent),
            attempt: None,
            watch: None,
            deletes: Deletes::default(),
            stops_at: None,
            resigning: false,
            over: false,
            desk: Desk::new(),
        }
    }

    fn path_of(&self, name: &str) -> String {
        path::join(&self.ways.path, name)
    }

    fn state_changed(&mut self, moment: Moment, state: State) {
        let is_error = match self.ways.policy {
            Some(policy) => policy.is_error(state),
            None => state == State::Lost,
        };
        if is_error {
            self.interrupt(moment);
        }
        match state {
            State::Connected | State::Reconnected => {
                self.deletes.go_on(&mut self.desk, Why::Delete);
                if self.resigning {
                } else if self.attempt.is_none() {
                    self.enqueue();
                } else if self.desk.term().is_none() && !self.desk.awaits(|_| true) && self.watch.is_none() {
                    self.list();
                }
            }
            State::Suspended => {}
            State::Lost => {
                self.attempt = None;
                self.watch = None;
                self.desk.new_session();
                if self.resigning {
                    // What is left goes with the session.
                    self.leave();
                }
            }
        }
    }

    /// Breaks off the attempt, or the leadership (`interruptLeadership`).
    fn interrupt(&mut self, moment: Moment) {
        if self.ways.planted.stops_slowly() && self.desk.term().is_some() {
            self.stops_at = self.stops_at.or(Some(moment.now + SLOW_STOP * moment.session_timeout));
        } else {
            self.desk.depose("it was interrupted");
        }
        self.give_up();
    }

    /// Deletes what the attempt has made.
    fn give_up(&mut self) {
        self.desk.forget_unless(|why| !why.looks());
        self.desk.forget_watch(self.watch.take());
        if let Some((name, _)) = self.attempt.take().and_then(|attempt| attempt.own) {
            self.delete(&name);
        }
    }

    fn delete(&mut self, name: &str) {
        let path = self.path_of(name);
        self.deletes.begin(&mut self.desk, &path, Why::Delete);
    }

    fn enqueue(&mut self) {
        let protection = curator::protection(&mut self.uuids);
        self.attempt = Some(Attempt { protection: protection.clone(), own: None });
        self.create(protection);
    }

    fn create(&mut self, protection: String) {
        let request = Request::Create {
            path: self.path_of(&format!("{protection}{}", &MARK[1..])),
            data: Bytes::new(),
            mode: CreateMode::EphemeralSequential,
        };
        self.desk.ask(request, Why::Create { protection });
    }

    fn is_present(&self, protection: &str) -> bool {
        self.attempt.as_ref().is_some_and(|attempt| attempt.protection == protection)
    }

    /// `internalLockLoop`.
    fn list(&mut self) {
        self.desk.forget_unless(|why| !why.looks());
        self.desk.forget_watch(self.watch.take());
        self.desk.ask(Request::List(self.ways.path.clone()), Why::List);
    }

    fn answered(&mut self, ticket: crate::protocol::Ticket, why: Why, answer: Answer) {
        match (why, answer) {
            (Why::Delete(path), answer) => self.deletes.answered(&mut self.desk, &path, &answer, Why::Delete),
            (why, answer) if why.creates() => self.creation_answered(why, answer),
            (Why::List, Answer::Children(names)) => self.look(&names),
            (Why::List, Answer::Refused(ErrorCode::NoNode)) => self.begin_anew(),
            (Why::Predecessor { .. }, Answer::Unknown | Answer::NotAsked) => {
                self.desk.ask_again(Request::List(self.ways.path.clone()), Why::List);
            }
            // Curator asks again also where a server refuses because the session is over (`RetryLoop.shouldRetry`): that
            // its client hears of the end comes after.
            (Why::List, _) => {
                self.desk.ask_again(Request::List(self.ways.path.clone()), Why::List);
            }
            (Why::Own { name }, Answer::Data(_, stat)) => self.acquired(&name, stat.czxid.0),
            (Why::Own { name }, Answer::Unknown | Answer::NotAsked) => {
                self.desk.ask_again(Request::Read(self.path_of(&name)), Why::Own { name });
            }
            (Why::Own { .. }, _) => self.begin_anew(),
            (Why::Predecessor { name }, Answer::Data(..)) => {
                self.watch = Some(ticket);
                self.desk.tell(LeadershipEvent::Waiting { on: self.path_of(&name) });
            }
            (Why::Predecessor { .. }, _) => self.list(),
            (why, answer) => unreachable!("{why:?} is not answered by {answer:?}"),
        }
    }

    /// The own znode is gone, and nobody said so: the attempt is made once more.
    fn begin_anew(&mut self) {
        self.give_up();
        self.enqueue();
    }

    fn creation_answered(&mut self, why: Why, answer: Answer) {
        match (why, answer) {
            (Why::Create { protection }, Answer::Created { path, czxid }) => {
                self.created(&protection, path::name(&path).to_owned(), Some(czxid));
            }
            (Why::Create { protection }, Answer::Unknown) => self.find(protection),
            (Why::Catch { protection }, Answer::Done) => {
                self.desk.ask(Request::List(self.ways.path.clone()), Why::Scan { protection });
            }
            (Why::Scan { protection }, Answer::Children(names)) => match line::find(&protection, &names, MARK) {
                Some(name) => {
                    self.desk.sometimes("curator found what it had created without an answer");
                    self.created(&protection, name, None);
                }
                None if self.is_present(&protection) => self.create(protection),
                None => {}
            },
            (Why::Catch { protection } | Why::Scan { protection }, Answer::Unknown | Answer::NotAsked) => {
                self.find(protection);
            }
            // It was not done, and is not wanted any more.
            (Why::Create { protection } | Why::Containers { protection } | Why::Scan { protection }, _)
                if !self.is_present(&protection) => {}
            (Why::Containers { protection }, Answer::Done) => self.create(protection),
            (Why::Create { protection } | Why::Scan { protection }, Answer::Refused(ErrorCode::NoNode)) => {
                let request = Request::CreateAll { path: self.ways.path.clone(), mode: CreateMode::Container };
                self.desk.ask(request, Why::Containers { protection });
            }
            (Why::Create { protection } | Why::Containers { protection }, _) => {
                let request = Request::CreateAll { path: self.ways.path.clone(), mode: CreateMode::Container };
                self.desk.ask_again(request, Why::Containers { protection });
            }
            (Why::Catch { protection } | Why::Scan { protection }, _) => self.find(protection),
            (why, answer) => unreachable!("{why:?} is not answered by {answer:?}"),
        }
    }

    fn find(&mut self, protection: String) {
        if self.ways.is_careful {
            self.desk.ask_again(Request::Sync(self.ways.path.clone()), Why::Catch { protection });
        } else {
            self.desk.ask_again(Request::List(self.ways.path.clone()), Why::Scan { protection });
        }
    }

    fn created(&mut self, protection: &str, name: String, czxid: Option<i64>) {
        match &mut self.attempt {
            Some(attempt) if attempt.protection == protection => {
                attempt.own = Some((name.clone(), czxid));
                self.desk.tell(LeadershipEvent::Candidate { path: self.path_of(&name) });
                self.list();
            }
            // Of an attempt that was broken off (`findAndDeleteProtectedNodeInBackground`).
            _ => self.delete(&name),
        }
    }

    /// `getsTheLock`.
    fn look(&mut self, names: &[String]) {
        let Some(attempt) = self.attempt.clone() else { return };
        let Some((own, czxid)) = attempt.own else { return };
        if self.ways.is_careful {
            for name in names.iter().filter(|name| name.starts_with(&attempt.protection) && **name != own) {
                self.delete(name);
            }
        }
        match line::place(&own, names, MARK) {
            line::Place::Gone => self.begin_anew(),
            line::Place::First => match czxid {
                Some(czxid) => self.acquired(&own, czxid),
                None => {
                    self.desk.ask(Request::Read(self.path_of(&own)), Why::Own { name: own });
                }
            },
            line::Place::Behind(name) => {
                self.desk.ask(Request::ReadAndWatch(self.path_of(&name)), Why::Predecessor { name });
            }
        }
    }

    fn acquired(&mut self, own: &str, czxid: i64) {
        if self.connection.is_up() && self.desk.term().is_none() {
            let guard = self.ways.guards.then(|| Condition { path: self.path_of(own), version: None });
            self.desk.elect(Term(czxid), Grip::UntilTold, guard);
        }
    }

    fn stop_at_last(&mut self, moment: Moment) {
        if self.stops_at.is_some_and(|at| at <= moment.now) {
            self.stops_at = None;
            self.desk.depose("it has stopped at last");
            if self.attempt.is_some() && self.connection.is_up() && !self.resigning {
                self.list();
            }
        }
    }

    fn resign(&mut self) {
        self.resigning = true;
        self.stops_at = None;
        self.desk.depose("it resigned");
        self.give_up();
    }

    fn leave(&mut self) {
        self.over = true;
        self.desk.over();
    }
}

impl Protocol for Core {
    fn step(&mut self, moment: Moment, input: Input) -> Vec<Effect> {
        assert!(!self.over, "nothing happens any more");
        self.stop_at_last(moment);
        if let Some(state) = self.connection.observe(moment, &input) {
            self.state_changed(moment, state);
        }
        match input {
            Input::Answered(ticket, answer) => {
                if let Some(why) = self.desk.answered(ticket) {
                    self.answered(ticket, why, answer);
                }
            }
            // Whatever happened: it wakes whoever waits, who looks again.
            Input::Fired(ticket, _) if self.watch == Some(ticket) => self.list(),
            Input::Resign => self.resign(),
            _ => {}
        }
        if self.resigning && !self.over && self.deletes.is_empty() && !self.desk.awaits(Why::creates) {
            self.leave();
        }
        self.desk.take()
    }

    fn deadline(&self) -> Option<Instant> {
        let of_stop = self.stops_at;
        [self.connection.deadline(), of_stop].into_iter().flatten().min()
    }
}

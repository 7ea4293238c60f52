//! The course of a lock: pure. After `Lock._inner_acquire` of `kazoo/recipe/lock.py`.
//!
//! ```text
//! tried before? find own -> there? ---------------------+
//!       no                    no -> create -------------+-> list --- the first -> lead
//!                                                       ^   --- not the first -> read and watch the one before
//!                                                       +---- it changed, or the connection did ------+
//! any error: tried again, from the top
//! ```

use std::time::Duration;

use bytes::Bytes;
use client::{CreateMode, ErrorCode};
use history::{LeadershipEvent, Term};
use host::Instant;
use host::random::Stream;
use proto::path;

use super::Kazoo;
use crate::mutant::Planted;
use crate::protocol::{Answer, Desk, Effect, Grip, Input, Moment, Protocol, Request, Ticket, line};

/// What stands before the number.
pub(super) const MARK: &str = "__lock__";

/// Why something was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Why {
    Path,
    Find,
    Create,
    List,
    Own,
    Predecessor(String),
    /// To release the lock, or to give up an attempt: what was left of it.
    Release(String),
}

/// A lock.
pub(super) struct Lock {
    path: String,
    identifier: String,
    listens: bool,
    timeout: Option<Duration>,
    planted: Planted,
    uuids: Stream,
    /// What the names of its znodes begin with.
    prefix: String,
    connected: bool,
    /// `create_tried`.
    tried: bool,
    /// `node`, and the transaction that made it, if that is known.
    own: Option<(String, Option<i64>)>,
    watch: Option<Ticket>,
    /// When the present attempt runs out.
    gives_up_at: Option<Instant>,
    /// The znode that is being released.
    releasing: Option<String>,
    resigning: bool,
    over: bool,
    desk: Desk<Why>,
}

impl Lock {
    pub(super) fn new(kazoo: &Kazoo, identifier: &str, mut uuids: Stream) -> Lock {
        let prefix = prefix(&mut uuids);
        Lock {
            path: kazoo.path.clone(),
            identifier: identifier.to_owned(),
            listens: kazoo.listens,
            timeout: kazoo.timeout,
            planted: kazoo.planted,
            uuids,
            prefix,
            connected: false,
            tried: false,
            own: None,
            watch: None,
            gives_up_at: None,
            releasing: None,
            resigning: false,
            over: false,
            desk: Desk::new(),
        }
    }

    fn path_of(&self, name: &str) -> String {
        path::join(&self.path, name)
    }

    /// Whether it neither leads nor is busy with what it has left.
    fn wants_lock(&self) -> bool {
        self.desk.term().is_none() && self.releasing.is_none() && !self.resigning
    }

    /// `_inner_acquire`.
    fn acquire(&mut self, moment: Moment) {
        self.desk.forget_unless(|why| matches!(why, Why::Release(_)));
        self.desk.forget_watch(self.watch.take());
        self.gives_up_at = self.gives_up_at.or(self.timeout.map(|timeout| moment.now + timeout));
        if self.tried {
            self.desk.ask(Request::List(self.path.clone()), Why::Find);
        } else {
            self.create();
        }
    }

    fn create(&mut self) {
        self.tried = true;
        let request = Request::Create {
            path: self.path_of(&self.prefix),
            data: Bytes::from(self.identifier.clone()),
            mode: CreateMode::EphemeralSequential,
        };
        self.desk.ask(request, Why::Create);
    }

    /// The loop of `_inner_acquire`.
    fn list(&mut self) {
        self.desk.forget_unless(|why| matches!(why, Why::Release(_)));
        self.desk.forget_watch(self.watch.take());
        self.desk.ask(Request::List(self.path.clone()), Why::List);
    }

    fn answered(&mut self, moment: Moment, ticket: Ticket, why: Why, answer: Answer) {
        match (why, answer) {
            (Why::Release(name), answer) => self.released(moment, &name, &answer),
            (Why::Path, Answer::Done) => self.create(),
            (Why::Find, Answer::Children(names)) => match line::find(&self.prefix, &names, MARK) {
                Some(name) => {
                    let known = self.own.take().filter(|(own, _)| *own == name);
                    self.own = Some(known.unwrap_or((name, None)));
                    self.list();
                }
                None => self.create(),
            },
            (Why::Create, Answer::Created { path, czxid }) => {
                self.own = Some((path::name(&path).to_owned(), Some(czxid)));
                self.desk.tell(LeadershipEvent::Candidate { path });
                self.list();
            }
            (Why::Create | Why::Find | Why::List, Answer::Refused(ErrorCode::NoNode)) => {
                // `_ensure_path`.
                let request = Request::CreateAll { path: self.path.clone(), mode: CreateMode::Persistent };
                self.desk.ask(request, Why::Path);
            }
            (Why::List, Answer::Children(names)) => self.look(&names),
            (Why::Own, Answer::Data(_, stat)) => self.lead(stat.czxid.0),
            (Why::Own, Answer::Refused(_)) => self.acquire(moment),
            (Why::Predecessor(name), Answer::Data(..)) => {
                self.watch = Some(ticket);
                self.desk.tell(LeadershipEvent::Waiting { on: self.path_of(&name) });
            }
            (Why::Predecessor(_), Answer::Refused(ErrorCode::NoNode)) => self.list(),
            // `KazooRetry`: from the top, after a pause.
            _ => self.try_again(),
        }
    }

    fn try_again(&mut self) {
        self.desk.forget_unless(|why| matches!(why, Why::Release(_)));
        self.desk.forget_watch(self.watch.take());
        self.desk.ask_again(Request::List(self.path.clone()), Why::Find);
    }

    /// `_get_predecessor`, and what comes of it.
    fn look(&mut self, names: &[String]) {
        let Some((own, czxid)) = self.own.clone() else { return self.try_again() };
        match line::place(&own, names, MARK) {
            // `ForceRetryError`.
            line::Place::Gone => self.try_again(),
            line::Place::First => match czxid {
                Some(czxid) => self.lead(czxid),
                None => {
                    self.desk.ask(Request::Read(self.path_of(&own)), Why::Own);
                }
            },
            line::Place::Behind(name) => {
                self.desk.ask(Request::ReadAndWatch(self.path_of(&name)), Why::Predecessor(name));
            }
        }
    }

    fn lead(&mut self, czxid: i64) {
        self.gives_up_at = None;
        self.desk.elect(Term(czxid), Grip::UntilTold, None);
    }

    /// The state of the connection has changed: `_watch_session`, and the user's listener.
    fn connection_changed(&mut self, moment: Moment) {
        if self.listens && !self.connected && self.desk.term().is_some() {
            self.desk.depose("the listener stopped the leader's function");
            self.release();
        }
        if self.wants_lock() && self.connected {
            let waits = self.watch.is_some();
            if waits && !self.planted.sleeps_on() {
                self.list();
            } else if !waits && !self.desk.awaits(|_| true) {
                self.acquire(moment);
            }
        }
    }

    fn session_over(&mut self) {
        // kazoo opens the next session by itself; whatever was under way has failed.
        let waits = self.watch.is_some();
        self.desk.new_session();
        if !(waits && self.planted.sleeps_on()) {
            self.watch = None;
        }
    }

    /// `release`: its znode is deleted; that is tried until it is answered.
    fn release(&mut self) {
        self.desk.forget_unless(|_| false);
        self.desk.forget_watch(self.watch.take());
        self.gives_up_at = None;
        if let Some((name, _)) = self.own.take() {
            self.delete(name);
        }
    }

    fn delete(&mut self, name: String) {
        self.releasing = Some(name.clone());
        self.desk.ask(Request::Delete { path: self.path_of(&name), version: None }, Why::Release(name));
    }

    fn released(&mut self, moment: Moment, name: &str, answer: &Answer) {
        let cleans_up_once = self.planted.cleans_up_once() && !self.resigning;
        if *answer == Answer::Done || cleans_up_once {
            if *answer != Answer::Done {
                self.desk.sometimes("kazoo left a lock behind");
            }
            self.releasing = None;
            if self.wants_lock() && self.connected {
                self.acquire(moment);
            }
        } else {
            let request = Request::Delete { path: self.path_of(name), version: None };
            self.desk.ask_again(request, Why::Release(name.to_owned()));
        }
    }

    /// `LockTimeout`: what the attempt has left is cleaned up, and another lock is made.
    fn give_up(&mut self) {
        self.desk.sometimes("kazoo gave up waiting for a lock");
        self.release();
        self.prefix = prefix(&mut self.uuids);
        self.tried = false;
    }

    fn resign(&mut self) {
        self.resigning = true;
        self.desk.depose("it resigned");
        self.release();
    }
}

impl Protocol for Lock {
    fn step(&mut self, moment: Moment, input: Input) -> Vec<Effect> {
        assert!(!self.over, "nothing happens any more");
        match input {
            Input::Connected { .. } => {
                self.connected = true;
                if let Some(name) = self.releasing.clone()
                    && !self.desk.awaits(|why| matches!(why, Why::Release(_)))
                {
                    self.delete(name);
                }
                self.connection_changed(moment);
            }
            Input::Disconnected => {
                self.connected = false;
                self.connection_changed(moment);
            }
            Input::SessionOver => {
                self.connected = false;
                self.connection_changed(moment);
                self.session_over();
            }
            Input::Answered(ticket, answer) => {
                if let Some(why) = self.desk.answered(ticket) {
                    self.answered(moment, ticket, why, answer);
                }
            }
            Input::Fired(ticket, _) if self.watch == Some(ticket) => self.list(),
            Input::Resign => self.resign(),
            Input::Fired(..) | Input::Tick => {}
        }
        if self.deadline().is_some_and(|at| at <= moment.now) {
            self.give_up();
        }
        if self.resigning && self.releasing.is_none() {
            // What an unanswered create may have left goes with the session.
            self.over = true;
            self.desk.over();
        }
        self.desk.take()
    }

    fn deadline(&self) -> Option<Instant> {
        // Only who waits gives up; whatever else takes long is tried again.
        self.gives_up_at.filter(|_| self.watch.is_some() && self.wants_lock())
    }
}

/// `uuid.uuid4().hex + "__lock__"`.
fn prefix(uuids: &mut Stream) -> String {
    format!("{}{MARK}", line::uuid(uuids).replace('-', ""))
}

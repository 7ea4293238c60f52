//! The course of an elector: pure.
//!
//! ```text
//! create lock --------------------> read breadcrumb -> another's -> fence -> leave one's own -> active -> monitor
//!     |   ^                            ^        mine, or none ----------------^
//!     |   | deleted                    |
//!     v   |                            |
//! there is one -> standby -> monitor --+ the lock is of this session
//! ```

use bytes::Bytes;
use client::{CreateMode, ErrorCode, EventType, SessionId};
use history::{LeadershipEvent, Term};
use proto::path;

use crate::mutant::Planted;
use crate::protocol::{Answer, Desk, Effect, Grip, Input, Moment, Protocol, Request, Ticket};

/// `ActiveStandbyElector.LOCK_FILENAME`.
const LOCK: &str = "ActiveStandbyElectorLock";

/// `ActiveStandbyElector.BREADCRUMB_FILENAME`.
const BREADCRUMB: &str = "ActiveBreadCrumb";

/// `ActiveStandbyElector.State`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Standby,
    Neutral,
    Active,
}

/// Why something was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Directory,
    /// `createLockNodeAsync`; whether it is asked again.
    Lock {
        is_retry: bool,
    },
    /// `monitorLockNodeAsync`.
    Monitor,
    /// `fenceOldActive`, for the lock that this transaction made.
    ReadBreadcrumb(i64),
    /// The same, with the version of the breadcrumb that was found.
    Fence(i64, i32),
    /// `writeBreadCrumbNode`.
    LeaveBreadcrumb(i64, Option<i32>),
    /// `tryDeleteOwnBreadCrumbNode`, its two steps.
    QuitRead,
    QuitDelete(i32),
}

impl Why {
    /// The lock that is being made use of (`becomeActive`).
    fn activates(self) -> Option<i64> {
        match self {
            Why::ReadBreadcrumb(lock) | Why::Fence(lock, _) | Why::LeaveBreadcrumb(lock, _) => Some(lock),
            _ => None,
        }
    }
}

/// An elector, and what its application is.
pub(super) struct Elector {
    directory: String,
    /// `appData`: what the application is known by.
    name: String,
    is_cautious: bool,
    planted: Planted,
    begun: bool,
    session: SessionId,
    connected: bool,
    state: State,
    watch: Option<Ticket>,
    quitting: bool,
    desk: Desk<Why>,
    /// What was being done when the former session ended: kept by a planted bug alone (A35).
    carried_over: Option<Why>,
}

impl Elector {
    pub(super) fn new(directory: &str, name: &str, is_cautious: bool, planted: Planted) -> Elector {
        Elector {
            directory: directory.to_owned(),
            name: name.to_owned(),
            is_cautious,
            planted,
            begun: false,
            session: SessionId(0),
            connected: false,
            state: State::Neutral,
            watch: None,
            quitting: false,
            desk: Desk::new(),
            carried_over: None,
        }
    }

    fn lock_path(&self) -> String {
        path::join(&self.directory, LOCK)
    }

    fn breadcrumb_path(&self) -> String {
        path::join(&self.directory, BREADCRUMB)
    }

    fn data(&self) -> Bytes {
        Bytes::from(self.name.clone())
    }

    /// What is asked for such a reason.
    fn request(&self, why: Why) -> Request {
        match why {
            Why::Directory => Request::CreateAll { path: self.directory.clone(), mode: CreateMode::Persistent },
            Why::Lock { .. } => {
                Request::Create { path: self.lock_path(), data: self.data(), mode: CreateMode::Ephemeral }
            }
            Why::Monitor if self.planted.takes_data_for_owner() => Request::ReadAndWatch(self.lock_path()),
            Why::Monitor => Request::ExistsAndWatch(self.lock_path()),
            Why::ReadBreadcrumb(_) | Why::QuitRead => Request::Read(self.breadcrumb_path()),
            Why::Fence(lock, _) => Request::Fence(Term(lock)),
            Why::LeaveBreadcrumb(_, None) => {
                Request::Create { path: self.breadcrumb_path(), data: self.data(), mode: CreateMode::Persistent }
            }
            Why::LeaveBreadcrumb(_, Some(version)) => {
                // The bug knows no version.
                let version = Some(version).filter(|_| !self.planted.activates_before_fencing());
                Request::Write { path: self.breadcrumb_path(), data: self.data(), version }
            }
            Why::QuitDelete(version) => Request::Delete { path: self.breadcrumb_path(), version: Some(version) },
        }
    }

    fn ask(&mut self, why: Why) {
        self.desk.ask(self.request(why), why);
    }

    /// `joinElectionInternal`.
    fn join(&mut self) {
        self.desk.forget_unless(|_| false);
        self.ask(Why::Lock { is_retry: false });
    }

    /// `monitorActiveStatus`.
    fn monitor(&mut self) {
        if !self.desk.awaits(|why| *why == Why::Monitor) {
            self.ask(Why::Monitor);
        }
    }

    /// `becomeStandby`.
    fn stand_by(&mut self) {
        self.state = State::Standby;
        self.desk.depose("another one is active");
        self.desk.tell(LeadershipEvent::Waiting { on: self.lock_path() });
    }

    /// `enterNeutralMode`: the application stays what it is, if it is not a cautious one.
    fn enter_neutral_mode(&mut self, reason: &str) {
        self.state = State::Neutral;
        if self.is_cautious {
            self.desk.depose(reason);
        } else if self.desk.term().is_some() {
            self.desk.sometimes("hadoop stayed active in neutral mode");
        }
    }

    /// `becomeActive`: what comes before.
    fn activate(&mut self, lock: i64) {
        if self.state == State::Active || self.desk.awaits(|why| why.activates().is_some()) {
            return;
        }
        if self.planted.activates_before_fencing() {
            self.active(lock);
        }
        self.ask(Why::ReadBreadcrumb(lock));
    }

    /// `becomeActive`: what comes of it.
    fn active(&mut self, lock: i64) {
        if self.is_cautious && !self.connected {
            // What it knows is of a connection that is lost: with the next one it looks again.
            return;
        }
        self.state = State::Active;
        if self.desk.term() != Some(Term(lock)) {
            self.desk.depose("it is active anew");
            let grip = if self.is_cautious { Grip::WhileTrusted } else { Grip::UntilTold };
            self.desk.elect(Term(lock), grip, None);
        }
    }

    /// `reJoinElectionAfterFailureToBecomeActive`: the session is closed, and after a while there is another one.
    fn fail(&mut self, reason: &str) {
        self.desk.sometimes("hadoop failed to become active");
        self.desk.depose(reason);
        self.desk.over();
    }

    fn answered(&mut self, why: Why, answer: Answer, ticket: Ticket) {
        match (why, answer) {
            (Why::Directory, Answer::Done) => self.join(),
            (Why::Lock { .. }, Answer::Created { czxid, .. }) => {
                self.activate(czxid);
                self.monitor();
            }
            (Why::Lock { is_retry }, Answer::Refused(ErrorCode::NodeExists)) => {
                // One that was asked again may be of the first attempt: the look at its owner tells.
                if !is_retry {
                    self.stand_by();
                }
                self.monitor();
            }
            (Why::Lock { .. }, answer) => {
                let is_retry = answer == Answer::Unknown;
                let why = Why::Lock { is_retry: is_retry || why == Why::Lock { is_retry: true } };
                self.desk.ask_again(self.request(why), why);
            }
            (Why::Monitor, Answer::Stands(Some(stat))) => {
                self.monitored(ticket, stat.ephemeral_owner == self.session, stat.czxid.0);
            }
            (Why::Monitor, Answer::Data(data, stat)) => self.monitored(ticket, data == self.data(), stat.czxid.0),
            (Why::Monitor, Answer::Stands(None) | Answer::Refused(ErrorCode::NoNode)) => {
                self.enter_neutral_mode("its lock is gone");
                self.join();
            }
            (Why::ReadBreadcrumb(lock), Answer::Data(data, stat)) => {
                if data == self.data() {
                    self.ask(Why::LeaveBreadcrumb(lock, Some(stat.version)));
                } else {
                    self.desk.sometimes("hadoop fenced the old active");
                    self.ask(Why::Fence(lock, stat.version));
                }
            }
            (Why::ReadBreadcrumb(lock), Answer::Refused(ErrorCode::NoNode)) => {
                self.ask(Why::LeaveBreadcrumb(lock, None));
            }
            (Why::Fence(lock, version), Answer::Done) => self.ask(Why::LeaveBreadcrumb(lock, Some(version))),
            (Why::Fence(..), _) => self.fail("the old active could not be fenced off"),
            (Why::LeaveBreadcrumb(lock, _), Answer::Created { .. } | Answer::Stands(_)) => self.active(lock),
            (Why::LeaveBreadcrumb(lock, _), Answer::Unknown) => {
                // `setDataWithRetries` would find its own version outdated and fail. The look tells more: it is one's own.
                let why = Why::ReadBreadcrumb(lock);
                self.desk.ask_again(self.request(why), why);
            }
            (Why::LeaveBreadcrumb(..), Answer::Refused(_)) => self.fail("another one has left its breadcrumb"),
            (Why::QuitRead, Answer::Data(data, stat)) if data == self.data() => {
                self.ask(Why::QuitDelete(stat.version));
            }
            (Why::QuitRead | Why::QuitDelete(_), _) => self.desk.over(),
            (why, _) => drop(self.desk.ask_again(self.request(why), why)),
        }
    }

    fn monitored(&mut self, ticket: Ticket, is_own: bool, lock: i64) {
        self.desk.forget_watch(self.watch.replace(ticket));
        if is_own {
            self.activate(lock);
        } else if self.state != State::Standby {
            self.stand_by();
        }
    }

    fn connected(&mut self, session: SessionId) {
        let was_connected = std::mem::replace(&mut self.connected, true);
        self.session = session;
        if self.begun {
            if !was_connected {
                self.monitor();
            }
            return;
        }
        self.begun = true;
        match self.carried_over.take() {
            Some(why) => self.ask(why),
            None => {
                self.desk.tell(LeadershipEvent::Candidate { path: self.lock_path() });
                self.ask(Why::Directory);
            }
        }
    }

    /// Neutral, and joins again with a new session. What the old one's callbacks were about is dropped (`isStaleClient`).
    fn session_over(&mut self) {
        self.enter_neutral_mode("its session is over");
        if self.planted.carries_on_in_next_session() {
            self.carried_over = self.desk.find(|why| why.activates().is_some());
        }
        self.begun = false;
        self.connected = false;
        self.watch = None;
        self.desk.new_session();
    }

    /// `quitElection`: a graceful one takes its breadcrumb with it, so that nobody fences it.
    fn quit(&mut self) {
        self.quitting = true;
        let was_active = self.state == State::Active;
        self.desk.depose("it resigned");
        self.desk.forget_unless(|_| false);
        if was_active && self.connected {
            self.ask(Why::QuitRead);
        } else {
            self.desk.over();
        }
    }
}

impl Protocol for Elector {
    fn step(&mut self, _moment: Moment, input: Input) -> Vec<Effect> {
        match input {
            Input::Tick => {}
            Input::Connected { session } if !self.quitting => self.connected(session),
            Input::Connected { .. } => {}
            Input::Disconnected => {
                self.connected = false;
                self.enter_neutral_mode("its connection is lost");
            }
            Input::SessionOver if !self.quitting => self.session_over(),
            Input::SessionOver => self.desk.over(),
            Input::Answered(ticket, answer) => {
                if let Some(why) = self.desk.answered(ticket) {
                    self.answered(why, answer, ticket);
                }
            }
            Input::Fired(ticket, event) if self.watch == Some(ticket) && !self.quitting => {
                self.watch = None;
                if event == EventType::NodeDeleted {
                    self.enter_neutral_mode("its lock is gone");
                    self.join();
                } else {
                    self.monitor();
                }
            }
            Input::Fired(..) => {}
            Input::Resign => self.quit(),
        }
        self.desk.take()
    }
}

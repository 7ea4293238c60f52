//! The course of a master: pure.
//!
//! ```text
//! parents -> backup znode -> create master --------> watch it -> there -> no backup znode any more -> lead
//!                              ^      | there is one             gone -> create master
//!                              |      v
//!                              |  whose is it? -> not mine -> wait for its deletion --+
//!                              |      | my host and port                              |
//!                              |      v                                               |
//!                              +-- delete it                                          |
//!                              +------------------------------------------------------+
//! ```

use std::time::Duration;

use bytes::Bytes;
use client::{CreateMode, ErrorCode, Stat};
use history::{LeadershipEvent, Term};
use host::random::Stream;
use proto::path;
use rand::RngCore;

use super::Habits;
use super::server_name::ServerName;
use crate::protocol::{Answer, Desk, Effect, Grip, Input, Moment, Protocol, Request, Ticket};

/// `zookeeper.recovery.retry`: so often something is asked again that was not answered, then the master aborts.
const RETRIES: u32 = 3;

/// `zookeeper.recovery.retry.intervalmill`: the pause before the first of these; it doubles with each.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// Why something was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Parents,
    Backup,
    /// `MasterAddressTracker.setMasterAddress`.
    Create,
    /// Whether what is there is of a former attempt of the same call.
    Compare,
    /// `watchAndCheckExists`, after the create; the transaction that made one's own znode, if it was made.
    Watch(Option<i64>),
    WhoIsIt,
    DeleteFormer,
    NoBackup(i64),
    /// `handleMasterNodeChange`.
    Changed,
    /// `stop`, its two steps.
    StopRead,
    StopDelete,
}

/// A master that may become the active one.
pub(super) struct Master {
    root: String,
    name: ServerName,
    habits: Habits,
    marks: Stream,
    /// What tells this create from others.
    mark: u64,
    begun: bool,
    connected: bool,
    stopping: bool,
    /// Whether it waits until there is no active master (`clusterHasActiveMaster`).
    waiting: bool,
    retries: u32,
    watch: Option<Ticket>,
    desk: Desk<Why>,
}

impl Master {
    pub(super) fn new(root: &str, name: ServerName, habits: Habits, marks: Stream) -> Master {
        Master {
            root: root.to_owned(),
            name,
            habits,
            marks,
            mark: 0,
            begun: false,
            connected: false,
            stopping: false,
            waiting: false,
            retries: 0,
            watch: None,
            desk: Desk::new(),
        }
    }

    fn master_path(&self) -> String {
        path::join(&self.root, "master")
    }

    fn backups_path(&self) -> String {
        path::join(&self.root, "backup-masters")
    }

    fn backup_path(&self) -> String {
        path::join(&self.backups_path(), &self.name.to_string())
    }

    fn data(&self) -> Bytes {
        Bytes::from(self.name.to_data(self.mark))
    }

    /// What is asked for such a reason.
    fn request(&self, why: Why) -> Request {
        match why {
            Why::Parents => Request::CreateAll { path: self.backups_path(), mode: CreateMode::Persistent },
            Why::Backup => Request::Create { path: self.backup_path(), data: self.data(), mode: CreateMode::Ephemeral },
            Why::Create => Request::Create { path: self.master_path(), data: self.data(), mode: CreateMode::Ephemeral },
            Why::Compare | Why::StopRead => Request::Read(self.master_path()),
            Why::Watch(_) | Why::Changed => Request::ExistsAndWatch(self.master_path()),
            Why::WhoIsIt => Request::ReadAndWatch(self.master_path()),
            // Unconditional. A version would not help: each such znode begins with 0.
            Why::DeleteFormer | Why::StopDelete => Request::Delete { path: self.master_path(), version: None },
            Why::NoBackup(_) => Request::Delete { path: self.backup_path(), version: None },
        }
    }

    fn ask(&mut self, why: Why) {
        self.ask_after(Duration::ZERO, why);
    }

    fn ask_after(&mut self, after: Duration, why: Why) {
        self.retries = 0;
        self.desk.ask_after(after, self.request(why), why);
    }

    /// Tries to become the active master.
    fn create(&mut self) {
        self.waiting = false;
        self.mark = self.marks.next_u64();
        self.ask(Why::Create);
    }

    /// Asks again what was not answered (`RetryCounter`).
    fn retry(&mut self, why: Why) {
        if self.retries == RETRIES {
            self.abort("the service does not answer");
            return;
        }
        let pause = RETRY_INTERVAL * 2_u32.pow(self.retries);
        self.desk.ask_after(pause, self.request(why), why);
        self.retries += 1;
    }

    /// `HMaster.abort`: the process ends, and is started again by whoever looks after it.
    fn abort(&mut self, reason: &str) {
        self.desk.sometimes("hbase master aborted");
        self.desk.depose(reason);
        self.desk.over();
    }

    fn answered(&mut self, why: Why, answer: Answer, ticket: Ticket) {
        let retries = self.retries;
        match (why, answer) {
            (Why::Parents, Answer::Done) => self.ask(Why::Backup),
            (Why::Backup, Answer::Created { .. } | Answer::Refused(ErrorCode::NodeExists)) => self.create(),
            (Why::Create, Answer::Created { czxid, .. }) => self.ask(Why::Watch(Some(czxid))),
            (Why::Create, Answer::Refused(ErrorCode::NodeExists)) if retries > 0 => self.ask(Why::Compare),
            (Why::Create, Answer::Refused(ErrorCode::NodeExists)) => self.ask(Why::Watch(None)),
            (Why::Compare, Answer::Data(data, stat)) => {
                let is_own = data == self.data();
                if is_own {
                    self.desk.sometimes("hbase found what it had created");
                }
                self.ask(Why::Watch(is_own.then_some(stat.czxid.0)));
            }
            (Why::Compare | Why::WhoIsIt, Answer::Refused(ErrorCode::NoNode)) => self.create(),
            (Why::Watch(own), Answer::Stands(stat)) => self.watched(ticket, own, stat),
            (Why::WhoIsIt, Answer::Data(data, _)) => self.found(ticket, &data),
            (Why::DeleteFormer, Answer::Done) => self.create(),
            (Why::NoBackup(czxid), Answer::Done) => {
                let grip = if self.habits.cautious { Grip::WhileTrusted } else { Grip::UntilTold };
                self.desk.elect(Term(czxid), grip, None);
            }
            (Why::Changed, Answer::Stands(stat)) => self.changed(ticket, stat),
            (Why::Changed, _) => drop(self.desk.ask_again(self.request(why), why)),
            (Why::StopRead, Answer::Data(data, _)) if ServerName::from_data(&data).as_ref() == Some(&self.name) => {
                self.ask_after(self.habits.slowness, Why::StopDelete);
            }
            (Why::StopRead | Why::StopDelete, _) => self.desk.over(),
            (why, Answer::Unknown | Answer::NotAsked) => self.retry(why),
            (_, answer) => self.abort(&format!("unexpected: {answer:?}")),
        }
    }

    fn watched(&mut self, ticket: Ticket, own: Option<i64>, stat: Option<Stat>) {
        self.desk.forget_watch(self.watch.replace(ticket));
        match (stat, own) {
            (None, _) => self.create(),
            (Some(_), Some(czxid)) => self.ask(Why::NoBackup(czxid)),
            (Some(_), None) => self.ask(Why::WhoIsIt),
        }
    }

    /// There is an active master.
    fn found(&mut self, ticket: Ticket, data: &[u8]) {
        self.desk.forget_watch(self.watch.replace(ticket));
        let is_same = ServerName::from_data(data).is_some_and(|current| current.is_same_address(&self.name));
        if is_same && !self.habits.patient {
            self.desk.sometimes("hbase deleted a znode with its own address");
            self.ask_after(self.habits.slowness, Why::DeleteFormer);
        } else {
            self.waiting = true;
            self.desk.tell(LeadershipEvent::Waiting { on: self.master_path() });
        }
    }

    /// Who waits tries again if there is no master any more. Nobody else cares, not even the master.
    fn changed(&mut self, ticket: Ticket, stat: Option<Stat>) {
        self.desk.forget_watch(self.watch.replace(ticket));
        if self.waiting && stat.is_none() {
            self.create();
        }
    }

    /// `ActiveMasterManager.stop`.
    fn stop(&mut self) {
        self.stopping = true;
        self.desk.depose("it resigned");
        self.desk.forget_unless(|_| false);
        if self.connected && !self.habits.patient {
            self.ask(Why::StopRead);
        } else {
            self.desk.over();
        }
    }
}

impl Protocol for Master {
    fn step(&mut self, _moment: Moment, input: Input) -> Vec<Effect> {
        match input {
            Input::Connected { .. } => {
                self.connected = true;
                if !self.begun {
                    self.begun = true;
                    self.desk.tell(LeadershipEvent::Candidate { path: self.master_path() });
                    self.ask(Why::Parents);
                }
            }
            Input::Disconnected => {
                self.connected = false;
                if self.habits.cautious && self.desk.term().is_some() {
                    self.abort("its connection is lost");
                }
            }
            Input::SessionOver => self.abort("its session is over"),
            Input::Tick => {}
            Input::Answered(ticket, answer) => {
                if let Some(why) = self.desk.answered(ticket) {
                    self.answered(why, answer, ticket);
                }
            }
            Input::Fired(ticket, _) if self.watch == Some(ticket) && !self.stopping => {
                self.watch = None;
                // Beside whatever else is under way: what comes of it is a matter of its own.
                self.desk.ask(self.request(Why::Changed), Why::Changed);
            }
            Input::Fired(..) => {}
            Input::Resign => self.stop(),
        }
        self.desk.take()
    }
}

//! The course of a controller: pure.
//!
//! What happens to `/controller` becomes an errand, and errands are run one after the other, each through all of its
//! requests, as on Kafka's event thread:
//!
//! ```text
//! controller change: watch -> who is it? -> resign if it is not me any more
//! re-elect:          the same, then: who is it? -> nobody -> epoch -> multi -> won | moved -> controller change
//! ```
//!
//! Whatever is not answered is asked again until it is (`retryRequestsUntilConnected`).

use std::collections::VecDeque;

use bytes::Bytes;
use client::{CreateMode, ErrorCode, EventType};
use history::{LeadershipEvent, Term};
use proto::path;

use super::records;
use crate::mutant::Planted;
use crate::protocol::{Answer, Condition, Desk, Effect, Grip, Input, Moment, Protocol, Request, Ticket};

/// `KafkaController.InitialControllerEpoch`, and the version of a znode that was just created.
const INITIAL_EPOCH: i32 = 0;
const INITIAL_VERSION: i32 = 0;

/// What is to be done for an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Errand {
    /// `processStartup`.
    Start,
    /// `processControllerChange`.
    ControllerChange,
    /// `processReelect`.
    Reelect,
}

/// What was tried: to be the controller of this epoch, on condition that its znode had this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bid {
    epoch: i32,
    version: i32,
}

/// Why something was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    Root,
    /// `registerZNodeChangeHandlerAndCheckExistence`.
    Watch(Errand),
    /// `maybeResign`.
    WhoIsIt(Errand),
    /// The first look of `elect`.
    IsThereAny,
    Epoch,
    FirstEpoch,
    /// `tryCreateControllerZNodeAndIncrementEpoch`.
    Register(Bid),
    /// `checkControllerAndEpoch`, first the one, then the other.
    CheckController(Bid),
    CheckEpoch(Bid),
}

/// A broker that may become the controller.
pub(super) struct Controller {
    root: String,
    broker: u32,
    planted: Planted,
    /// Whether this session was connected before.
    begun: bool,
    watch: Option<Ticket>,
    queue: VecDeque<Errand>,
    desk: Desk<Why>,
}

impl Controller {
    pub(super) fn new(root: &str, broker: u32, planted: Planted) -> Controller {
        Controller {
            root: root.to_owned(),
            broker,
            planted,
            begun: false,
            watch: None,
            queue: VecDeque::from([Errand::Start]),
            desk: Desk::new(),
        }
    }

    fn controller_path(&self) -> String {
        path::join(&self.root, "controller")
    }

    fn epoch_path(&self) -> String {
        path::join(&self.root, "controller_epoch")
    }

    /// What is asked for such a reason.
    fn request(&self, why: &Why, moment: Moment) -> Request {
        match why {
            Why::Root => Request::CreateAll { path: self.root.clone(), mode: CreateMode::Persistent },
            Why::Watch(_) => Request::ExistsAndWatch(self.controller_path()),
            Why::WhoIsIt(_) | Why::IsThereAny | Why::CheckController(_) => Request::Read(self.controller_path()),
            Why::Epoch | Why::CheckEpoch(_) => Request::Read(self.epoch_path()),
            Why::FirstEpoch => Request::Create {
                path: self.epoch_path(),
                data: Bytes::from(INITIAL_EPOCH.to_string()),
                mode: CreateMode::Persistent,
            },
            Why::Register(bid) => Request::CreateAndWrite {
                path: self.controller_path(),
                data: Bytes::from(records::controller(self.broker, moment.wall)),
                mode: CreateMode::Ephemeral,
                also: self.epoch_path(),
                also_data: Bytes::from(bid.epoch.to_string()),
                also_version: bid.version,
            },
        }
    }

    fn ask(&mut self, why: Why, moment: Moment) {
        let request = self.request(&why, moment);
        self.desk.ask(request, why);
    }

    /// Runs the next errand, if none is being run.
    fn go_on(&mut self, moment: Moment) {
        if self.begun
            && !self.desk.awaits(|_| true)
            && let Some(errand) = self.queue.pop_front()
        {
            self.ask(Why::Watch(errand), moment);
        }
    }

    fn connected(&mut self, moment: Moment) {
        if !self.begun {
            self.begun = true;
            self.desk.tell(LeadershipEvent::Candidate { path: self.controller_path() });
            if self.root == path::ROOT {
                self.go_on(moment);
            } else {
                self.ask(Why::Root, moment);
            }
        }
    }

    /// `beforeInitializingSession`: the queue is cleared, and the controller has resigned before the next session begins.
    /// `afterInitializingSession`: then it re-elects.
    fn session_over(&mut self) {
        self.desk.depose("its session is over");
        self.watch = None;
        self.begun = false;
        self.queue.clear();
        self.queue.push_back(Errand::Reelect);
        self.desk.new_session();
    }

    fn answered(&mut self, why: Why, answer: Answer, ticket: Ticket, moment: Moment) {
        match (why, answer) {
            (Why::Root, Answer::Done) => {}
            (Why::Watch(errand), Answer::Stands(_)) => {
                self.desk.forget_watch(self.watch.replace(ticket));
                match errand {
                    Errand::Start => self.ask(Why::IsThereAny, moment),
                    Errand::ControllerChange | Errand::Reelect => self.ask(Why::WhoIsIt(errand), moment),
                }
            }
            (Why::WhoIsIt(errand), Answer::Data(data, _)) => {
                self.maybe_resign(errand, records::broker_in(&data), moment);
            }
            (Why::WhoIsIt(errand), Answer::Refused(ErrorCode::NoNode)) => self.maybe_resign(errand, None, moment),
            (Why::IsThereAny, Answer::Data(data, _)) => self.found(records::broker_in(&data)),
            (Why::IsThereAny, Answer::Refused(ErrorCode::NoNode)) => {
                self.is_controller(None);
                self.ask(Why::Epoch, moment);
            }
            (Why::Epoch, Answer::Data(data, stat)) => {
                let epoch = records::epoch_in(&data).unwrap_or(INITIAL_EPOCH);
                self.register(Bid { epoch: epoch + 1, version: stat.version }, moment);
            }
            (Why::Epoch, Answer::Refused(ErrorCode::NoNode)) => self.ask(Why::FirstEpoch, moment),
            (Why::FirstEpoch, Answer::Created { .. }) => {
                self.register(Bid { epoch: INITIAL_EPOCH + 1, version: INITIAL_VERSION }, moment);
            }
            (Why::FirstEpoch, Answer::Refused(ErrorCode::NodeExists)) => self.ask(Why::Epoch, moment),
            (Why::Register(bid), Answer::Created { .. }) => self.won(Bid { version: bid.version + 1, ..bid }),
            (Why::Register(bid), Answer::Refused(ErrorCode::NodeExists | ErrorCode::BadVersion)) => {
                self.ask(Why::CheckController(bid), moment);
            }
            (Why::Register(_), Answer::Unknown) if self.planted.elects_anew_when_unanswered() => {
                let why = Why::IsThereAny;
                self.desk.ask_again(self.request(&why, moment), why);
            }
            (Why::CheckController(bid), Answer::Data(data, _)) => {
                if records::broker_in(&data) == Some(self.broker) {
                    self.ask(Why::CheckEpoch(bid), moment);
                } else {
                    self.moved();
                }
            }
            (Why::CheckController(_), Answer::Refused(ErrorCode::NoNode)) => self.moved(),
            (Why::CheckEpoch(bid), Answer::Data(data, stat)) => {
                if records::epoch_in(&data) == Some(bid.epoch) {
                    self.desk.sometimes("kafka won an election by what it found");
                    self.won(Bid { version: stat.version, ..bid });
                } else {
                    self.moved();
                }
            }
            (why, answer) => {
                if matches!((&why, &answer), (Why::Register(_), Answer::Unknown)) {
                    self.desk.sometimes("kafka registration was unanswered");
                }
                self.desk.ask_again(self.request(&why, moment), why);
            }
        }
    }

    /// Who is not the controller acts no more (`isActive` comes before everything that a controller does).
    fn is_controller(&mut self, controller: Option<u32>) {
        if controller != Some(self.broker) {
            self.desk.depose("the controller is another one");
        }
    }

    fn maybe_resign(&mut self, errand: Errand, controller: Option<u32>, moment: Moment) {
        self.is_controller(controller);
        if errand == Errand::Reelect {
            self.ask(Why::IsThereAny, moment);
        }
    }

    /// There is a controller: it is left alone, and watched.
    fn found(&mut self, controller: Option<u32>) {
        self.is_controller(controller);
        if controller == Some(self.broker) && self.desk.term().is_none() {
            self.desk.sometimes("kafka took itself for active and did nothing");
        }
        self.desk.tell(LeadershipEvent::Waiting { on: self.controller_path() });
    }

    fn register(&mut self, bid: Bid, moment: Moment) {
        self.ask(Why::Register(bid), moment);
    }

    fn won(&mut self, bid: Bid) {
        let guard = Condition { path: self.epoch_path(), version: Some(bid.version) };
        self.desk.elect(Term(i64::from(bid.epoch)), Grip::UntilTold, Some(guard));
    }

    /// `ControllerMovedException`: `maybeResign`, and that is all.
    fn moved(&mut self) {
        self.queue.push_front(Errand::ControllerChange);
        self.desk.tell(LeadershipEvent::Waiting { on: self.controller_path() });
    }
}

impl Protocol for Controller {
    fn step(&mut self, moment: Moment, input: Input) -> Vec<Effect> {
        match input {
            Input::Connected { .. } => self.connected(moment),
            Input::SessionOver => self.session_over(),
            // The session may live on: what is asked meanwhile waits.
            Input::Tick | Input::Disconnected => {}
            Input::Answered(ticket, answer) => {
                if let Some(why) = self.desk.answered(ticket) {
                    self.answered(why, answer, ticket, moment);
                }
            }
            Input::Fired(ticket, event) if self.watch == Some(ticket) => {
                self.watch = None;
                self.queue.push_back(match event {
                    EventType::NodeDeleted => Errand::Reelect,
                    _ => Errand::ControllerChange,
                });
            }
            Input::Fired(..) => {}
            // The end of the session takes `/controller` with it.
            Input::Resign => self.desk.over(),
        }
        self.go_on(moment);
        self.desk.take()
    }
}

//! The course of an offer: pure.
//!
//! ```text
//! create root -> create offer -> list -> read every offer -> the first?  -> lead
//!                                 ^                          not the first? -> watch the next lower
//!                                 +------------- it was deleted ------------------+
//! anything else -> failed
//! ```

use bytes::Bytes;
use client::{CreateMode, EventType, Stat};
use history::{LeadershipEvent, Term};
use proto::path;

use crate::protocol::{Answer, Desk, Effect, Grip, Input, Moment, Protocol, Request, Ticket, line};

/// What stands before the number of an offer.
const MARK: &str = "n_";

/// Why something was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    Root,
    Offer,
    List,
    /// To read the host name in one of the offers, those still to be read after it.
    Read {
        line: Vec<String>,
        at: usize,
    },
    Neighbour(String),
    Withdraw,
}

/// An offer to lead.
pub(super) struct Offer {
    root: String,
    host_name: String,
    restarts: bool,
    connected: bool,
    has_failed: bool,
    resigning: bool,
    /// Its znode, and the transaction that made it.
    own: Option<(String, i64)>,
    watch: Option<Ticket>,
    desk: Desk<Why>,
}

impl Offer {
    pub(super) fn new(root: &str, host_name: &str, restarts: bool) -> Offer {
        Offer {
            root: root.to_owned(),
            host_name: host_name.to_owned(),
            restarts,
            connected: false,
            has_failed: false,
            resigning: false,
            own: None,
            watch: None,
            desk: Desk::new(),
        }
    }

    fn path_of(&self, name: &str) -> String {
        path::join(&self.root, name)
    }

    fn begin(&mut self) {
        self.desk.ask(Request::CreateAll { path: self.root.clone(), mode: CreateMode::Persistent }, Why::Root);
    }

    /// `becomeFailed`. The own offer stays where it is, if there is one.
    fn fail(&mut self) {
        self.desk.sometimes("support failed and left its offer behind");
        self.has_failed = true;
        self.start_again();
    }

    fn start_again(&mut self) {
        if self.restarts {
            self.desk.depose("its session is given up");
            self.connected = false;
            self.has_failed = false;
            self.own = None;
            self.watch = None;
            self.desk.new_session();
        }
    }

    fn answered(&mut self, why: Why, answer: Answer, ticket: Ticket) {
        match (why, answer) {
            (Why::Withdraw, Answer::Done | Answer::Refused(_)) => self.desk.over(),
            // Nobody waits for more than the session's end.
            (Why::Withdraw, _) => self.desk.over(),
            (Why::Root, Answer::Done) => {
                let request = Request::Create {
                    path: self.path_of(MARK),
                    data: Bytes::from(self.host_name.clone()),
                    mode: CreateMode::EphemeralSequential,
                };
                self.desk.ask(request, Why::Offer);
            }
            (Why::Offer, Answer::Created { path: created, czxid }) => {
                self.own = Some((path::name(&created).to_owned(), czxid));
                self.desk.tell(LeadershipEvent::Candidate { path: created });
                self.determine();
            }
            (Why::List, Answer::Children(names)) => self.read(line::in_order(&names, MARK), 0),
            (Why::Read { line, at }, Answer::Data(..)) => self.read(line, at + 1),
            (Why::Neighbour(name), Answer::Stands(stat)) => self.watched(ticket, &name, stat),
            _ => self.fail(),
        }
    }

    /// `determineElectionStatus`.
    fn determine(&mut self) {
        self.desk.forget_watch(self.watch.take());
        self.desk.ask(Request::List(self.root.clone()), Why::List);
    }

    /// `toLeaderOffers`: the host name of each, one after the other. Then it is clear who leads.
    fn read(&mut self, line: Vec<String>, at: usize) {
        if let Some(name) = line.get(at) {
            let path = self.path_of(name);
            self.desk.ask(Request::Read(path), Why::Read { line, at });
            return;
        }
        let Some((own, czxid)) = self.own.clone() else { return };
        match line::place(&own, &line, MARK) {
            // As in Java: the loop over the offers ends, and nothing more is done.
            line::Place::Gone => self.desk.sometimes("support missed its own offer and went silent"),
            line::Place::First => {
                if self.desk.term().is_none() {
                    self.desk.elect(Term(czxid), Grip::UntilTold, None);
                }
            }
            line::Place::Behind(neighbour) => {
                let path = self.path_of(&neighbour);
                self.watch = Some(self.desk.ask(Request::ExistsAndWatch(path), Why::Neighbour(neighbour)));
            }
        }
    }

    fn watched(&mut self, ticket: Ticket, name: &str, stat: Option<Stat>) {
        if stat.is_some() {
            assert_eq!(self.watch, Some(ticket), "one neighbour is watched at a time");
            self.desk.tell(LeadershipEvent::Waiting { on: self.path_of(name) });
        } else {
            self.determine();
        }
    }

    fn resign(&mut self) {
        self.resigning = true;
        self.desk.depose("it resigned");
        match self.own.clone() {
            Some((own, _)) if self.connected => {
                self.desk.forget_unless(|_| false);
                let path = self.path_of(&own);
                self.desk.ask(Request::Delete { path, version: None }, Why::Withdraw);
            }
            _ => self.desk.over(),
        }
    }
}

impl Protocol for Offer {
    fn step(&mut self, _moment: Moment, input: Input) -> Vec<Effect> {
        match input {
            Input::Connected { .. } if !self.connected => {
                self.connected = true;
                self.begin();
            }
            Input::SessionOver if !self.resigning => self.start_again(),
            // `process` looks at nothing but deletions.
            Input::Tick | Input::Connected { .. } | Input::Disconnected | Input::SessionOver => {}
            Input::Answered(ticket, answer) => {
                if let Some(why) = self.desk.answered(ticket)
                    && (!self.has_failed || why == Why::Withdraw)
                {
                    self.answered(why, answer, ticket);
                }
            }
            Input::Fired(ticket, EventType::NodeDeleted) if self.watch == Some(ticket) && !self.has_failed => {
                self.determine();
            }
            Input::Fired(..) => {}
            Input::Resign => self.resign(),
        }
        self.desk.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing::{Stand, children, created, stat};
    use client::ErrorCode;

    const OTHER: &str = "n_0000000000";
    const MINE: &str = "n_0000000001";

    fn offered(restarts: bool) -> Stand<Offer> {
        let mut stand = Stand::new(Offer::new("/root", "me", restarts));
        stand.connected(1);
        stand.answer(Answer::Done);
        stand.answer(created(&format!("/root/{MINE}"), 10));
        stand
    }

    fn data() -> Answer {
        Answer::Data(Bytes::new(), stat(1, 1))
    }

    #[test]
    fn every_offer_is_read_before_the_first_leads() {
        let mut stand = offered(false);
        stand.answer(children(&[OTHER, MINE]));
        assert_eq!(stand.answer(data()), []);
        assert_eq!(stand.answer(data()), [], "the other one is before it");
        stand.answer(Answer::Stands(Some(stat(9, 2))));
        stand.fire();
        stand.answer(children(&[MINE]));
        assert!(matches!(stand.answer(data())[..], [Effect::Elect { term: Term(10), .. }]));
    }

    #[test]
    fn an_offer_that_is_gone_while_it_is_read_makes_the_candidate_fail_for_good() {
        let mut stand = offered(false);
        stand.answer(children(&[OTHER, MINE]));
        stand.answer(Answer::Refused(ErrorCode::NoNode));
        assert_eq!(stand.asked(), [] as [&Request; 0], "its own offer stays");
        stand.connected(1);
        assert_eq!(stand.asked(), [] as [&Request; 0]);
    }

    #[test]
    fn its_user_may_start_it_again_in_another_session() {
        let mut stand = offered(true);
        stand.answer(children(&[OTHER, MINE]));
        assert!(stand.answer(Answer::Refused(ErrorCode::NoNode)).contains(&Effect::NewSession));
        stand.connected(2);
        assert!(matches!(stand.asked()[..], [Request::CreateAll { .. }]));
    }

    #[test]
    fn what_the_session_says_is_ignored() {
        let mut stand = offered(false);
        stand.answer(children(&[MINE]));
        stand.answer(data());
        assert_eq!(stand.step(Input::Disconnected), []);
        assert_eq!(stand.step(Input::SessionOver), []);
    }
}

//! How a candidate stands, and what every strategy has in common.
//!
//! A strategy runs in tasks of its own. Its user holds a [`Participation`] and follows the [`Standing`]; while it says
//! `Leading`, it carries a [`Reign`], which answers at any moment, without waiting for anybody, whether it still holds.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use client::{Client, Multi};
use history::{Event, LeadershipEvent, Term};
use tokio::sync::{oneshot, watch};

use crate::Promise;

/// A way to elect a leader.
pub trait Strategy: Send + Sync {
    /// Its name, as in `election/docs`.
    fn name(&self) -> &'static str;

    /// What it promises where every answer speaks for the service.
    fn promise(&self) -> Promise;

    /// What it promises where a follower may answer for longer than the leader counts the session's time: the same, for
    /// who does not rely on sessions.
    fn promise_with_followers(&self) -> Promise {
        self.promise()
    }

    /// Takes part, from now on and through as many sessions as it takes, until the participation is resigned or
    /// dropped. Returns at once.
    fn take_part(&self, config: client::Config) -> Participation;
}

/// How a candidate stands.
#[derive(Clone, Debug)]
pub enum Standing {
    /// It is about to take part: it connects, or makes its candidacy known.
    Joining,
    /// It waits for somebody else to go.
    Waiting {
        /// The znode it watches.
        on: String,
    },
    /// It leads.
    Leading(Reign),
    /// It has led and does so no more. It goes on taking part.
    Deposed {
        /// The term that ended.
        term: Term,
        /// Why.
        reason: String,
    },
    /// It takes part no more.
    Over,
}

/// A leadership, from an election to the end of its belief.
#[derive(Clone)]
pub struct Reign {
    term: Term,
    guard: Option<Guard>,
    ended: Arc<AtomicBool>,
    in_time: Arc<dyn Fn() -> bool + Send + Sync>,
}

impl Reign {
    /// The fencing token: to be sent along with every act.
    #[must_use]
    pub fn term(&self) -> Term {
        self.term
    }

    /// What the service itself can check before it does what this leader asks for; nothing for strategies without.
    #[must_use]
    pub fn guard(&self) -> Option<&Guard> {
        self.guard.as_ref()
    }

    /// Whether it still holds, as far as this process can know: it was not told otherwise, and its clock says that the
    /// time for which leadership is certain has not run out.
    ///
    /// Reads values and asks nobody, so it is right even if the process was paused until just now. What is done *after*
    /// the look is another matter: only the fencing token protects that.
    #[must_use]
    pub fn holds(&self) -> bool {
        !self.ended.load(Ordering::Acquire) && (self.in_time)()
    }

    /// Whether this is the same reign, and not only the same term once more.
    #[must_use]
    pub fn is_same(&self, other: &Reign) -> bool {
        Arc::ptr_eq(&self.ended, &other.ended)
    }
}

impl fmt::Debug for Reign {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Reign").field("term", &self.term).field("holds", &self.holds()).finish()
    }
}

/// Acts on the service that take effect only while a leadership lasts: each is a multi whose first operation checks the
/// leader's znode, so that the service itself refuses what a deposed leader asks for.
#[derive(Clone)]
pub struct Guard {
    session: GuardedSession,
    path: String,
    version: Option<i32>,
}

/// The session of a participation, whichever it is by now.
pub(crate) type PresentSession = Arc<Mutex<Client>>;

/// In which session guarded acts are done.
#[derive(Clone)]
enum GuardedSession {
    /// In that of the election, and in no other.
    Elected(Client),
    /// In the one that the participation has when the act is done.
    Present(PresentSession),
}

impl Guard {
    pub(crate) fn new(client: Client, path: String, version: Option<i32>) -> Guard {
        Guard { session: GuardedSession::Elected(client), path, version }
    }

    /// A guard whose acts outlive the session of the election, as those of a library that queues them do.
    pub(crate) fn across_sessions(present: PresentSession, path: String, version: Option<i32>) -> Guard {
        Guard { session: GuardedSession::Present(present), path, version }
    }

    /// Begins a multi with the check. Refused because of operation 0, it means that this leadership is over.
    pub fn multi(&self) -> Multi {
        self.client().multi().check(&self.path, self.version)
    }

    /// The session in which acts are done now.
    #[must_use]
    pub fn client(&self) -> Client {
        match &self.session {
            GuardedSession::Elected(client) => client.clone(),
            GuardedSession::Present(present) => present.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    /// Whether acts go on under the participation's next session.
    #[must_use]
    pub fn spans_sessions(&self) -> bool {
        matches!(self.session, GuardedSession::Present(_))
    }
}

/// A place in an election. Dropping it resigns.
#[must_use = "dropping a participation resigns"]
pub struct Participation {
    standing: watch::Receiver<Standing>,
    resign: Option<oneshot::Sender<()>>,
}

impl Participation {
    /// How it stands now.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.standing.borrow().clone()
    }

    /// Waits until it stands otherwise than at the last look by this method. Changes in quick succession may be seen as
    /// one. Once it is over, it returns at once.
    pub async fn changed(&mut self) -> Standing {
        // An error means that the strategy's task has ended: so has the participation.
        match self.standing.changed().await {
            Ok(()) => self.standing.borrow_and_update().clone(),
            Err(_) => Standing::Over,
        }
    }

    /// Waits until it leads.
    ///
    /// `None` if the participation is over instead.
    pub async fn elected(&mut self) -> Option<Reign> {
        let is_settled = |standing: &Standing| matches!(standing, Standing::Leading(_) | Standing::Over);
        match self.standing.wait_for(is_settled).await.as_deref() {
            Ok(Standing::Leading(reign)) => Some(reign.clone()),
            _ => None,
        }
    }

    /// Steps down at once, and waits until nothing of the candidacy is left at the service, or its session is over.
    pub async fn resign(mut self) {
        self.resign.take();
        // An error means that the strategy's task has ended: nothing is left to wait for.
        let _ = self.standing.wait_for(|standing| matches!(standing, Standing::Over)).await;
    }
}

/// The strategy's side of a participation.
pub(crate) struct Stage {
    standing: watch::Sender<Standing>,
    resigned: Option<oneshot::Receiver<()>>,
    reign: Option<Reign>,
}

/// Opens a participation.
pub(crate) fn open() -> (Stage, Participation) {
    let (standing, receiver) = watch::channel(Standing::Joining);
    let (resign, resigned) = oneshot::channel();
    let stage = Stage { standing, resigned: Some(resigned), reign: None };
    (stage, Participation { standing: receiver, resign: Some(resign) })
}

impl Stage {
    /// Waits for the user to resign; for ever, once that was heard.
    pub(crate) async fn resigned(&mut self) {
        match &mut self.resigned {
            // Nothing is ever sent: the sender's end is the message.
            Some(resigned) => drop(resigned.await),
            None => std::future::pending().await,
        }
        self.resigned = None;
    }

    /// It leads from now on, for as long as it is not told otherwise and `in_time` says so.
    pub(crate) fn elected(&mut self, term: Term, in_time: impl Fn() -> bool + Send + Sync + 'static) {
        self.elected_with(term, None, in_time);
    }

    /// The same, with what the service can check.
    pub(crate) fn elected_with(
        &mut self,
        term: Term,
        guard: Option<Guard>,
        in_time: impl Fn() -> bool + Send + Sync + 'static,
    ) {
        assert!(self.reign.is_none(), "one reign ends before the next begins");
        let reign = Reign { term, guard, ended: Arc::new(AtomicBool::new(false)), in_time: Arc::new(in_time) };
        self.reign = Some(reign.clone());
        host::tell(Event::Leadership(LeadershipEvent::Elected { term }));
        self.standing.send_replace(Standing::Leading(reign));
    }

    /// Ends the reign, if there is one.
    pub(crate) fn end_reign(&mut self, reason: &str) {
        if let Some(term) = self.reign.as_ref().map(|reign| reign.term) {
            self.tell(LeadershipEvent::Deposed { term, reason: reason.to_owned() });
        }
    }

    /// Anything but an election.
    pub(crate) fn tell(&mut self, event: LeadershipEvent) {
        let standing = match &event {
            LeadershipEvent::Candidate { .. } => Standing::Joining,
            LeadershipEvent::Waiting { on } => Standing::Waiting { on: on.clone() },
            LeadershipEvent::Elected { .. } => unreachable!("elections have a method of their own"),
            LeadershipEvent::Deposed { term, reason } => {
                let reign = self.reign.take().expect("only a leader is deposed");
                assert_eq!(reign.term, *term, "the reign that ends is the one that began");
                reign.ended.store(true, Ordering::Release);
                Standing::Deposed { term: *term, reason: reason.clone() }
            }
            LeadershipEvent::Withdrawn { .. } => Standing::Over,
        };
        host::tell(Event::Leadership(event));
        self.standing.send_replace(standing);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reign_ends_when_it_is_told_or_when_its_time_is_up() {
        let (mut stage, participation) = open();
        let in_time = Arc::new(AtomicBool::new(true));
        let clock = in_time.clone();
        stage.elected(Term(7), move || clock.load(Ordering::Acquire));
        let Standing::Leading(reign) = participation.standing() else { panic!("it leads") };
        assert!(reign.holds());
        in_time.store(false, Ordering::Release);
        assert!(!reign.holds(), "its time is up");
        in_time.store(true, Ordering::Release);
        stage.tell(LeadershipEvent::Deposed { term: Term(7), reason: "test".to_owned() });
        assert!(!reign.holds(), "it was told");
        assert!(matches!(participation.standing(), Standing::Deposed { term: Term(7), .. }));
    }

    #[test]
    #[should_panic(expected = "one reign ends before the next begins")]
    fn nobody_leads_twice_at_once() {
        let (mut stage, _participation) = open();
        stage.elected(Term(1), || true);
        stage.elected(Term(2), || true);
    }
}

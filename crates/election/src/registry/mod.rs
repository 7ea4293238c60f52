//! The service registry: who is there, and where.
//!
//! Each member is an ephemeral sequential znode under the registry's root, with its address as data: it goes when the
//! member's session does. A [`Membership`] follows all of them in a [`View`]. Reconnections and expired sessions do not
//! end it: in a new session the member enters anew. While it has no connection its view is what it saw last, and says so.
//!
//! What it refuses: to say that a member is well. A view is as old as the session timeout allows; who is on it may be
//! gone, and only whoever asks it for something finds out.

mod roll;

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;

use client::{Client, CreateMode, Error, ErrorCode, SessionEvents, SessionState, Watcher};
use proto::path;
use rand::RngCore;
use tokio::sync::{oneshot, watch};

use crate::ancestry;
pub use roll::{Answer, Effect, Input, RETRY_PAUSE, Request, Roll};

/// Behind what makes the name of a member its own, before the number that the service puts at its end.
const MARK: &str = "-m_";

/// Who is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The addresses of the members.
    pub members: BTreeSet<String>,
    /// Whether it was read over the connection that this member has now; if not, it is what was seen before.
    pub is_fresh: bool,
}

/// A registry in the coordination service.
#[derive(Clone, Debug)]
pub struct Registry {
    root: String,
}

impl Registry {
    /// The registry under this znode, which is created if it is missing.
    ///
    /// # Panics
    /// If it is not the path of a znode, or the root of all.
    #[must_use]
    pub fn new(root: &str) -> Registry {
        assert!(path::validate(root).is_ok() && root != "/", "`{root}` cannot be the root of a registry");
        Registry { root: root.to_owned() }
    }

    /// Is a member with this address, such as `c1:7000`, from now on and through as many sessions as it takes, until the
    /// membership is left or dropped. Returns at once.
    pub fn join(&self, config: client::Config, address: &str) -> Membership {
        self.attend(config, Some(address.to_owned()))
    }

    /// Only looks who is there.
    pub fn observe(&self, config: client::Config) -> Membership {
        self.attend(config, None)
    }

    fn attend(&self, config: client::Config, address: Option<String>) -> Membership {
        let (sender, view) = watch::channel(View::default());
        let (leave, left) = oneshot::channel();
        let attendance = Attendance { root: self.root.clone(), address, view: sender, left };
        host::spawn(attendance.run(config));
        Membership { view, leave: Some(leave) }
    }
}

/// A place in a registry. Dropping it leaves.
#[must_use = "dropping a membership leaves the registry"]
pub struct Membership {
    view: watch::Receiver<View>,
    leave: Option<oneshot::Sender<()>>,
}

impl Membership {
    /// Who is there, as far as this member knows now.
    #[must_use]
    pub fn view(&self) -> View {
        self.view.borrow().clone()
    }

    /// Waits until the view is another than at the last look by this method. Changes in quick succession may be seen as
    /// one. Cancelling it loses nothing.
    pub async fn changed(&mut self) -> View {
        match self.view.changed().await {
            Ok(()) => self.view.borrow_and_update().clone(),
            // The task ends when the membership is left, and then nobody is here to ask.
            Err(_) => std::future::pending().await,
        }
    }

    /// Leaves, and waits until the service has taken this member off, or its session is over.
    pub async fn leave(mut self) {
        self.leave.take();
        while self.view.changed().await.is_ok() {}
    }
}

/// The task behind a membership.
struct Attendance {
    root: String,
    address: Option<String>,
    view: watch::Sender<View>,
    /// Nothing is ever sent: the sender's end is the message.
    left: oneshot::Receiver<()>,
}

/// Why a session of a membership ended.
enum End {
    Left,
    SessionOver,
}

impl Attendance {
    async fn run(mut self, config: client::Config) {
        let mut names = host::random::stream("members");
        loop {
            let client = Client::connect(config.clone());
            let prefix = self.address.is_some().then(|| format!("{:016x}{MARK}", names.next_u64()));
            if let End::Left = self.in_one_session(&client, Roll::new(prefix)).await {
                // If the service does not answer, the session's timeout does the same.
                let _ = client.close().await;
                return;
            }
            self.view.send_modify(|view| view.is_fresh = false);
            host::tell_sometimes("member of the registry needed a new session");
            host::sleep(RETRY_PAUSE).await;
        }
    }

    async fn in_one_session(&mut self, client: &Client, mut roll: Roll) -> End {
        let mut events: SessionEvents = client.session_events();
        let mut request: Option<Answering> = None;
        let mut watcher: Option<Watcher> = None;
        loop {
            let deadline = roll.deadline();
            // In this order: what the session says of itself comes before what was asked of it.
            let input = tokio::select! {
                biased;
                state = events.next() => match state {
                    Some(SessionState::Connected) => Input::Connected,
                    Some(state) if !state.is_final() => Input::Disconnected,
                    _ => return End::SessionOver,
                },
                _ = &mut self.left => return End::Left,
                () = fired(&mut watcher) => Input::Changed,
                (answer, left_watcher) = answered(&mut request) => {
                    if left_watcher.is_some() {
                        watcher = left_watcher;
                    }
                    Input::Answered(answer)
                }
                () = due(deadline) => Input::Tick,
            };
            for effect in roll.step(host::now(), input) {
                match effect {
                    Effect::Ask(asked) => request = Some(self.ask(client, asked)),
                    Effect::Show(members) => drop(self.view.send_replace(View { members, is_fresh: true })),
                    Effect::Doubt => self.view.send_modify(|view| view.is_fresh = false),
                }
            }
        }
    }

    /// Asks the service. The request takes its place in the session's order before this returns.
    fn ask(&self, client: &Client, request: Request) -> Answering {
        match request {
            Request::CreateRoot => {
                let (client, root) = (client.clone(), self.root.clone());
                Box::pin(async move { (done(ancestry::create(&client, &root).await), None) })
            }
            Request::Enter(prefix) => {
                let address = self.address.clone().unwrap_or_default();
                let call = client.create(&path::join(&self.root, &prefix), address, CreateMode::EphemeralSequential);
                Box::pin(async move {
                    match call.await {
                        Ok(created) => (Answer::Entered(path::name(&created.path).to_owned()), None),
                        Err(error) => (failure(&error), None),
                    }
                })
            }
            Request::Sync => {
                let call = client.sync(&self.root);
                Box::pin(async move { (done(call.await), None) })
            }
            Request::List => {
                let call = client.get_and_watch_children(&self.root);
                Box::pin(async move {
                    match call.await {
                        Ok((names, _, watcher)) => (Answer::Names(names), Some(watcher)),
                        Err(error) => (failure(&error), None),
                    }
                })
            }
            Request::Read(name) => {
                let call = client.get_data(&path::join(&self.root, &name));
                Box::pin(async move {
                    match call.await {
                        Ok((data, _)) => (Answer::Address(String::from_utf8(data.to_vec()).ok()), None),
                        Err(error) if error.is(ErrorCode::NoNode) => (Answer::Address(None), None),
                        Err(error) => (failure(&error), None),
                    }
                })
            }
        }
    }
}

type Answering = Pin<Box<dyn Future<Output = (Answer, Option<Watcher>)> + Send>>;

fn done(result: Result<(), Error>) -> Answer {
    match result {
        Ok(()) => Answer::Done,
        Err(error) => failure(&error),
    }
}

fn failure(error: &Error) -> Answer {
    if error.is(ErrorCode::NoNode) { Answer::NoRoot } else { Answer::Failed }
}

/// Waits for the watch on the list; for ever if there is none. One that will not fire any more ends with its session.
async fn fired(watcher: &mut Option<Watcher>) {
    let Some(waiting) = watcher else { return std::future::pending().await };
    let event = waiting.await;
    *watcher = None;
    if event.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn answered(request: &mut Option<Answering>) -> (Answer, Option<Watcher>) {
    let Some(answering) = request else { return std::future::pending().await };
    let answer = answering.await;
    *request = None;
    answer
}

async fn due(deadline: Option<host::Instant>) {
    match deadline {
        Some(deadline) => host::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

//! The face: what users of the service call.
//!
//! Paths are the client's own: its chroot is put before them on the way out and taken off on the way back.

mod call;
mod create;
mod events;
mod multi;
mod reads;
mod watching;
mod writes;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use host::Instant;
use proto::{Request, Response, Secret, SessionId, Zxid, path};
use tokio::sync::{mpsc, oneshot, watch};

pub use self::call::Call;
pub use self::create::{CreateOptions, Created};
pub use self::events::SessionEvents;
pub use self::multi::{Multi, MultiOutcome, MultiRead, ReadOutcome};
use crate::driver::{Command, Driver, Shared};
use crate::error::Credentials;
use crate::session::{Answer, Session, Settings, WatcherId};
use crate::watcher::Sink;
use crate::{Chroot, Config, Error, SessionState};

/// A session of the service. A clone is another handle on the same one.
///
/// When the last handle is dropped, what was asked is finished if there is a connection, and then the connection ends.
/// The session is *not* closed by that: its ephemeral znodes stay until the service loses patience, as they would if
/// the process had died. To end it at once, [`Client::close`] it.
#[derive(Clone)]
pub struct Client(Arc<Handle>);

struct Handle {
    commands: mpsc::UnboundedSender<Command>,
    shared: Arc<Shared>,
    state: watch::Receiver<SessionState>,
    chroot: Chroot,
    next_watcher: AtomicU64,
}

impl Client {
    /// Begins to connect, and returns at once: calls may be made already and wait for the connection. See
    /// [`Client::connected`].
    ///
    /// Outside a simulation it has to be called inside a tokio runtime.
    #[must_use]
    pub fn connect(config: Config) -> Client {
        let settings = Settings {
            servers: config.servers.servers().to_vec(),
            timeout: config.session_timeout,
            resume: config.resume,
            profile: config.profile,
            #[cfg(feature = "zoo")]
            mutant: config.mutant,
            stream: host::random::stream("client"),
        };
        let session = Session::new(settings, host::now());
        let shared = Arc::new(Shared::new(&session));
        let (state_sender, state) = watch::channel(session.state());
        let (commands, receiver) = mpsc::unbounded_channel();
        let chroot = config.servers.chroot().clone();
        let mut driver = Driver::new(session, shared.clone(), state_sender, chroot.clone(), config.call_timeout);
        driver.authenticate_with(config.authentication);
        host::spawn(driver.run(receiver));
        Client(Arc::new(Handle { commands, shared, state, chroot, next_watcher: AtomicU64::new(0) }))
    }

    /// Waits until the session is connected.
    ///
    /// # Errors
    /// If the session is over: [`Error::SessionExpired`], [`Error::Closed`], [`Error::AuthFailed`].
    pub async fn connected(&self) -> Result<(), Error> {
        let mut state = self.0.state.clone();
        let is_settled = |state: &SessionState| *state == SessionState::Connected || state.is_final();
        match state.wait_for(is_settled).await.as_deref() {
            Ok(SessionState::Connected) => Ok(()),
            Ok(&over) => Err(Error::of_ended(over, false)),
            Err(_) => Err(Error::Closed { sent: false }),
        }
    }

    /// How the session stands now. What happened between two looks is in [`Client::session_events`].
    #[must_use]
    pub fn state(&self) -> SessionState {
        *self.0.state.borrow()
    }

    /// Every state from now on, none left out, beginning with the present one.
    pub fn session_events(&self) -> SessionEvents {
        let (sender, receiver) = mpsc::unbounded_channel();
        // Without a driver the stream ends at once.
        let _ = self.0.commands.send(Command::Subscribe(sender));
        SessionEvents::new(receiver)
    }

    /// Until when, on this node's monotonic clock ([`host::now`]), the session was surely alive at the service: 2/3 of
    /// the session timeout after the *sending* of the last request that was answered. `None` before the first
    /// connection, and once the session is over or was asked to close.
    ///
    /// Reads a value and asks nobody: it is exact even if no task of this client has run since the process was paused.
    /// It goes on while the client is disconnected, for a lost connection is not a lost session.
    ///
    /// It rests on two things: that the clocks' rates differ by less than a third, and that the server that answered
    /// spoke for the service. A ZooKeeper follower that is cut off from its leader answers pings by itself for as long
    /// as `syncLimit` ticks; where that is longer than T/3, only fencing helps.
    #[must_use]
    pub fn trusted_until(&self) -> Option<Instant> {
        self.0.shared.trust.until()
    }

    /// Whether the session is surely alive at the service now: whether [`Client::trusted_until`] lies ahead.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        self.trusted_until().is_some_and(|until| host::now() < until)
    }

    /// The session; none before the first connection.
    #[must_use]
    pub fn session_id(&self) -> SessionId {
        self.0.shared.view().credentials.session
    }

    /// What another client needs to go on with this session ([`Config::with_session`]).
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        self.0.shared.view().credentials
    }

    /// The session timeout granted; before the first connection the one asked for.
    #[must_use]
    pub fn session_timeout(&self) -> Duration {
        self.0.shared.view().timeout
    }

    /// The latest transaction this session has seen.
    #[must_use]
    pub fn last_zxid(&self) -> Zxid {
        self.0.shared.view().last_zxid
    }

    /// Authenticates, on this connection and on every later one. For scheme `digest`, the proof is `user:password`.
    ///
    /// # Errors
    /// [`ErrorCode::AuthFailed`](proto::ErrorCode::AuthFailed) if the service refuses; the client is over then.
    pub fn add_auth(&self, scheme: impl Into<String>, proof: impl Into<bytes::Bytes>) -> Call<()> {
        let (responder, receiver) = oneshot::channel();
        let (scheme, credential) = (scheme.into(), Secret(proof.into()));
        self.command(Command::Authenticate { scheme, credential, responder });
        Call::waiting(receiver, |result| result.map(|_| ()))
    }

    /// Closes the session and waits until the service has done so, for at most the session timeout. Calls made before
    /// are answered first; the session's ephemeral znodes are gone when this returns well.
    ///
    /// Trust ends with the call of this method, not with its answer.
    ///
    /// # Errors
    /// If the service did not answer: then the session lives until its timeout. The client is closed in any case.
    pub fn close(&self) -> Call<()> {
        self.0.shared.trust.revoke();
        let (responder, receiver) = oneshot::channel();
        self.command(Command::Close { responder });
        Call::waiting(receiver, |result| result.map(|_| ()))
    }

    /// Hands a command to the driver. If there is none any more, its responder is dropped, and the call ends so.
    fn command(&self, command: Command) {
        let _ = self.0.commands.send(command);
    }

    /// Asks the service.
    fn call<T>(
        &self,
        request: Request,
        watcher: Option<(WatcherId, Sink)>,
        read: impl FnOnce(Result<Answer, Error>) -> Result<T, Error> + Send + 'static,
    ) -> Call<T> {
        let (responder, receiver) = oneshot::channel();
        self.command(Command::Call { request, responder, watcher });
        Call::waiting(receiver, read)
    }

    /// Asks the service about a znode, if the path is one.
    fn call_about<T>(
        &self,
        path: &str,
        request: impl FnOnce(String) -> Request,
        read: impl FnOnce(Response) -> Result<T, Error> + Send + 'static,
    ) -> Call<T> {
        match self.on_server(path) {
            Ok(path) => self.call(request(path), None, |result| read(result?.response)),
            Err(error) => Call::known(Err(error)),
        }
    }

    /// The server's name for a path.
    fn on_server(&self, path: &str) -> Result<String, Error> {
        path::validate(path)?;
        Ok(self.0.chroot.apply(path))
    }

    fn take_watcher_id(&self) -> WatcherId {
        WatcherId(self.0.next_watcher.fetch_add(1, Ordering::Relaxed))
    }
}

/// The answer belongs to another question: the core decodes by the question, so this does not happen.
fn misplaced<T>(response: &Response) -> Result<T, Error> {
    Err(Error::Malformed(format!("an answer of another kind: {response:?}")))
}

//! The driver: carries bytes, time and calls between the machine and the session core. It decides nothing.
//!
//! One task a client does all. It reads, writes and listens to its user at once, so a server that does not read cannot
//! keep it from noticing the time. Effects are carried out in order without a pause between them: what the monitors are
//! told and what the user sees comes in the same order.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use history::Event;
use host::Instant;
use host::net::{ReadHalf, TcpStream, WriteHalf};
use proto::{Request, Secret, Zxid};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot, watch};

use crate::error::Credentials;
use crate::session::{Answer, Call, CallId, Effect, Input, Session, WatchedEvent, WatcherId};
use crate::trust::Trust;
use crate::watcher::{Sink, WatchNews};
use crate::{Chroot, Error, SessionState, WatchEnded};

/// So many commands are taken in before the next look at the network, so that they go out in one piece.
const COMMANDS_AT_ONCE: usize = 64;

/// Who waits for the answer to a call.
pub(crate) type Responder = oneshot::Sender<Result<Answer, Error>>;

/// What the face asks of the driver.
pub(crate) enum Command {
    Call { request: Request, responder: Responder, watcher: Option<(WatcherId, Sink)> },
    Authenticate { scheme: String, credential: Secret, responder: Responder },
    Forget(WatcherId),
    Subscribe(mpsc::UnboundedSender<SessionState>),
    Close { responder: Responder },
}

/// What can be read of a session at any moment.
pub(crate) struct Shared {
    pub(crate) trust: Trust,
    view: Mutex<View>,
}

/// How the session looks from outside.
#[derive(Clone, Copy)]
pub(crate) struct View {
    pub(crate) credentials: Credentials,
    pub(crate) timeout: Duration,
    pub(crate) last_zxid: Zxid,
}

impl Shared {
    pub(crate) fn new(session: &Session) -> Shared {
        Shared { trust: Trust::default(), view: Mutex::new(view_of(session)) }
    }

    pub(crate) fn view(&self) -> View {
        *self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn update(&self, session: &Session) {
        self.trust.set(session.trusted_until());
        *self.view.lock().unwrap_or_else(PoisonError::into_inner) = view_of(session);
    }
}

fn view_of(session: &Session) -> View {
    View { credentials: session.credentials(), timeout: session.session_timeout(), last_zxid: session.last_zxid() }
}

type Dialing = Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send>>;

/// What the driver has of the network: an attempt, or both halves of a stream, or nothing.
#[derive(Default)]
struct Connection {
    dialing: Option<Dialing>,
    read: Option<ReadHalf>,
    write: Option<WriteHalf>,
}

/// Drives one session to its end.
pub(crate) struct Driver {
    pub(crate) session: Session,
    pub(crate) shared: Arc<Shared>,
    pub(crate) state: watch::Sender<SessionState>,
    pub(crate) chroot: Chroot,
    pub(crate) call_timeout: Option<Duration>,
    connection: Connection,
    incoming: BytesMut,
    outgoing: BytesMut,
    responders: BTreeMap<CallId, Responder>,
    sinks: BTreeMap<WatcherId, Sink>,
    subscribers: Vec<mpsc::UnboundedSender<SessionState>>,
    next_call: u64,
}

/// What woke the driver.
enum Woken {
    Dialed(io::Result<TcpStream>),
    Read(io::Result<usize>),
    Written(io::Result<usize>),
    Command(Option<Command>),
    Time,
}

impl Driver {
    pub(crate) fn new(
        session: Session,
        shared: Arc<Shared>,
        state: watch::Sender<SessionState>,
        chroot: Chroot,
        call_timeout: Option<Duration>,
    ) -> Driver {
        Driver {
            session,
            shared,
            state,
            chroot,
            call_timeout,
            connection: Connection::default(),
            incoming: BytesMut::new(),
            outgoing: BytesMut::new(),
            responders: BTreeMap::new(),
            sinks: BTreeMap::new(),
            subscribers: Vec::new(),
            next_call: 0,
        }
    }

    /// Runs until every handle is dropped and what was asked is done.
    pub(crate) async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) {
        let mut timer = host::sleep(Duration::ZERO);
        let mut is_left = false;
        loop {
            let deadline = self.session.deadline();
            if is_left && deadline.is_none() {
                return;
            }
            if let Some(deadline) = deadline
                && deadline != timer.deadline()
            {
                timer.reset(deadline);
            }
            let woken = tokio::select! {
                biased;
                read = read(&mut self.connection.read, &mut self.incoming) => Woken::Read(read),
                written = write(&mut self.connection.write, &mut self.outgoing) => Woken::Written(written),
                dialed = dialed(&mut self.connection.dialing) => Woken::Dialed(dialed),
                command = commands.recv(), if !is_left => Woken::Command(command),
                () = &mut timer, if deadline.is_some() => Woken::Time,
            };
            match woken {
                Woken::Dialed(Ok(stream)) => {
                    let (read, write) = stream.into_split();
                    self.connection = Connection { dialing: None, read: Some(read), write: Some(write) };
                    self.step(Input::Opened);
                }
                Woken::Read(Ok(1..)) => {
                    let bytes = self.incoming.split().freeze();
                    self.step(Input::Received(bytes));
                }
                Woken::Written(Ok(1..)) => {}
                Woken::Dialed(Err(_)) | Woken::Read(_) | Woken::Written(_) => self.step(Input::Ended),
                Woken::Command(Some(command)) => {
                    self.obey(command);
                    for _ in 1..COMMANDS_AT_ONCE {
                        let Ok(command) = commands.try_recv() else { break };
                        self.obey(command);
                    }
                }
                Woken::Command(None) => {
                    is_left = true;
                    self.step(Input::Leave);
                }
                Woken::Time => self.step(Input::Tick),
            }
        }
    }

    /// Takes in what the configuration knew before there was a connection.
    pub(crate) fn authenticate_with(&mut self, authentication: Vec<(String, Secret)>) {
        for (scheme, credential) in authentication {
            self.step(Input::Authenticate { call: None, scheme, credential });
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Call { request, responder, watcher } => {
                let id = self.expect_answer(responder);
                let watcher = watcher.map(|(id, sink)| {
                    self.sinks.insert(id, sink);
                    id
                });
                let deadline = self.call_timeout.map(|timeout| host::now() + timeout);
                self.step(Input::Call(Call { id, request, watcher, deadline }));
            }
            Command::Authenticate { scheme, credential, responder } => {
                let call = Some(self.expect_answer(responder));
                self.step(Input::Authenticate { call, scheme, credential });
            }
            Command::Forget(watcher) => {
                self.sinks.remove(&watcher);
                self.step(Input::Forget(watcher));
            }
            Command::Subscribe(subscriber) => {
                // A subscriber that is gone already will be noticed at the next state.
                let _ = subscriber.send(self.session.state());
                if !self.session.state().is_final() {
                    self.subscribers.push(subscriber);
                }
            }
            Command::Close { responder } => {
                let call = self.expect_answer(responder);
                let deadline = host::now() + self.session.session_timeout();
                self.step(Input::Close { call, deadline });
            }
        }
    }

    fn expect_answer(&mut self, responder: Responder) -> CallId {
        let id = CallId(self.next_call);
        self.next_call += 1;
        self.responders.insert(id, responder);
        id
    }

    fn step(&mut self, input: Input) {
        let now: Instant = host::now();
        let effects = self.session.step(now, input);
        // Whoever is woken below shall find the readings of this step.
        self.shared.update(&self.session);
        for effect in effects {
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Dial(server) => self.connection.dialing = Some(Box::pin(dial(server))),
            Effect::HangUp => {
                self.connection = Connection::default();
                self.incoming.clear();
                self.outgoing.clear();
            }
            Effect::Send(bytes) => self.outgoing.extend_from_slice(&bytes),
            Effect::State(state) => {
                self.state.send_replace(state);
                self.subscribers.retain(|subscriber| subscriber.send(state).is_ok());
                if state.is_final() {
                    self.subscribers.clear();
                }
            }
            Effect::Complete { call, result } => {
                let responder = self.responders.remove(&call).expect("each call ends once");
                // Nobody may wait any more: the call was dropped.
                let _ = responder.send(result);
            }
            Effect::Notify { watchers, event } => {
                let event = WatchedEvent { path: self.chroot.strip(&event.path), ..event };
                for watcher in watchers {
                    self.notify(watcher, Ok(WatchNews::Event(event.clone())));
                }
            }
            Effect::Missed(watchers) => {
                for watcher in watchers {
                    self.notify(watcher, Ok(WatchNews::Missed));
                }
            }
            Effect::Removed(watchers) => {
                for watcher in watchers {
                    self.notify(watcher, Err(WatchEnded::Removed));
                }
            }
            Effect::EndWatches(ended) => {
                for watcher in self.sinks.keys().copied().collect::<Vec<_>>() {
                    self.notify(watcher, Err(ended));
                }
            }
            Effect::Tell(event) => host::tell(Event::Client(event)),
            Effect::Sometimes(what) => host::tell_sometimes(what),
        }
    }

    /// Lets a watcher hear the news. It may be gone: then nobody hears.
    fn notify(&mut self, watcher: WatcherId, news: Result<WatchNews, WatchEnded>) {
        match self.sinks.remove(&watcher) {
            None => {}
            Some(Sink::Once(sender)) => {
                let event = match news {
                    Ok(WatchNews::Event(event)) => Ok(event),
                    Ok(WatchNews::Missed) => unreachable!("one-shot watches are restored and miss nothing"),
                    Err(ended) => Err(ended),
                };
                let _ = sender.send(event);
            }
            Some(Sink::Stream(sender)) => {
                let goes_on = news.is_ok();
                if sender.send(news).is_ok() && goes_on {
                    self.sinks.insert(watcher, Sink::Stream(sender));
                }
            }
        }
    }
}

/// Resolves the server's name and tries its addresses in turn. How long that may take, the session decides.
async fn dial(server: String) -> io::Result<TcpStream> {
    let mut last_error = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in host::net::lookup(&server).await? {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last_error = error,
        }
    }
    Err(last_error)
}

/// Waits for the connection being made, if one is.
async fn dialed(dialing: &mut Option<Dialing>) -> io::Result<TcpStream> {
    match dialing {
        Some(dialing) => dialing.await,
        None => std::future::pending().await,
    }
}

/// Reads what there is; 0 at the end. Nothing is lost if it is cancelled.
async fn read(stream: &mut Option<ReadHalf>, incoming: &mut BytesMut) -> io::Result<usize> {
    match stream {
        Some(stream) => stream.read_buf(incoming).await,
        None => std::future::pending().await,
    }
}

/// Writes what can be written. Nothing is lost or doubled if it is cancelled.
async fn write(stream: &mut Option<WriteHalf>, outgoing: &mut BytesMut) -> io::Result<usize> {
    match stream {
        Some(stream) if outgoing.has_remaining() => stream.write_buf(outgoing).await,
        _ => std::future::pending().await,
    }
}

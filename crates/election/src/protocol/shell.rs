//! The shell around a [`Protocol`]: carries its requests to a client, and answers, watches and states back.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use client::{
    Client, CreateMode, Error, ErrorCode, EventType, MultiOutcome, Outcome, SessionEvents, SessionState, Stat, Watcher,
};
use history::{LeadershipEvent, Term};

use super::{Answer, Condition, Effect, Grip, Input, Moment, Protocol, Request, Ticket};
use crate::ancestry;
use crate::standing::{Guard, Participation, PresentSession, Stage, open};

/// Fences off leaders of older terms outside the service; gives whether that is certain.
pub type Fencer = Arc<dyn Fn(Term) -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync>;

/// What a shell does as a certain library does it.
#[derive(Clone, Default)]
pub struct Manners {
    /// How leaders of older terms are fenced off, by strategies that do so.
    pub fencer: Option<Fencer>,
    /// Whether a lost connection takes the watches with it: of a library that does not restore them.
    pub loses_watches: bool,
    /// Whether the session serves others as well, so that it lives on when the participation is over.
    pub shares_session: bool,
    /// Whether guarded acts go on under the next session: of a library that queues them.
    pub guards_span_sessions: bool,
}

/// Takes part, from now on, as the core says.
pub fn take_part(core: impl Protocol, config: client::Config, manners: Manners) -> Participation {
    let (stage, participation) = open();
    host::spawn(Shell::new(core, config, manners, stage).run());
    participation
}

type Answering = Pin<Box<dyn Future<Output = (Answer, Option<Watcher>)> + Send>>;

struct Shell<Core> {
    core: Core,
    config: client::Config,
    manners: Manners,
    stage: Stage,
    client: Client,
    /// The same, for guards that span sessions.
    present: PresentSession,
    events: SessionEvents,
    session_over: bool,
    resigned: bool,
    requests: BTreeMap<Ticket, Answering>,
    watchers: BTreeMap<Ticket, Watcher>,
}

impl<Core: Protocol> Shell<Core> {
    fn new(core: Core, mut config: client::Config, manners: Manners, stage: Stage) -> Shell<Core> {
        let client = Client::connect(config.clone());
        config.resume = None;
        let events = client.session_events();
        Shell {
            core,
            config,
            manners,
            stage,
            present: Arc::new(Mutex::new(client.clone())),
            client,
            events,
            session_over: false,
            resigned: false,
            requests: BTreeMap::new(),
            watchers: BTreeMap::new(),
        }
    }

    async fn run(mut self) {
        let mut over = false;
        while !over {
            let input = self.next_input().await;
            if self.manners.loses_watches && input == Input::Disconnected {
                self.watchers.clear();
            }
            self.resigned |= input == Input::Resign;
            self.session_over |= input == Input::SessionOver;
            over = self.take_in(input);
            if self.resigned && self.session_over {
                // Whatever a core still has in mind: without a session nothing is left to be taken back.
                over = true;
            }
        }
        self.stage.end_reign("it resigned");
        self.requests.clear();
        self.watchers.clear();
        if self.manners.shares_session {
            host::spawn(live_on(self.client.clone()));
        } else {
            // If the service does not answer, the session's timeout does the same.
            let _ = self.client.close().await;
        }
        self.stage.tell(LeadershipEvent::Withdrawn { reason: "it resigned".to_owned() });
    }

    fn take_in(&mut self, input: Input) -> bool {
        let moment =
            Moment { now: host::now(), wall: host::wall_clock(), session_timeout: self.client.session_timeout() };
        let effects = self.core.step(moment, input);
        let mut over = false;
        for effect in effects {
            match effect {
                Effect::Ask { ticket, request, after } => self.ask(ticket, request, after),
                Effect::Forget(ticket) => {
                    self.requests.remove(&ticket);
                    self.watchers.remove(&ticket);
                }
                Effect::Elect { term, grip, guard } => self.elect(term, grip, guard),
                Effect::Tell(event) => self.stage.tell(event),
                Effect::Sometimes(point) => host::tell_sometimes(point),
                Effect::NewSession => self.open_session(),
                Effect::Over => over = true,
            }
        }
        over
    }

    async fn next_input(&mut self) -> Input {
        let deadline = self.core.deadline();
        // In this order: what the session says of itself comes before what was asked of it.
        tokio::select! {
            biased;
            state = self.events.next(), if !self.session_over => match state {
                Some(SessionState::Connected) => Input::Connected { session: self.client.session_id() },
                Some(state) if !state.is_final() => Input::Disconnected,
                _ => Input::SessionOver,
            },
            (ticket, event) = Fired(&mut self.watchers) => match event {
                Some(event) => Input::Fired(ticket, event),
                None => Input::Tick,
            },
            (ticket, answer, watcher) = Answered(&mut self.requests) => {
                self.watchers.extend(watcher.map(|watcher| (ticket, watcher)));
                Input::Answered(ticket, answer)
            }
            () = self.stage.resigned() => {
                host::tell_sometimes("resigned");
                Input::Resign
            }
            () = due(deadline) => Input::Tick,
        }
    }

    fn elect(&mut self, term: Term, grip: Grip, condition: Option<Condition>) {
        let client = self.client.clone();
        let guard = condition.map(|Condition { path, version }| match self.manners.guards_span_sessions {
            true => Guard::across_sessions(self.present.clone(), path, version),
            false => Guard::new(client.clone(), path, version),
        });
        match grip {
            Grip::WhileTrusted => self.stage.elected_with(term, guard, move || client.is_trusted()),
            Grip::UntilTold => self.stage.elected_with(term, guard, || true),
        }
    }

    fn open_session(&mut self) {
        self.requests.clear();
        self.watchers.clear();
        if self.session_over {
            host::tell_sometimes("rejoined after expiry");
        }
        self.client = Client::connect(self.config.clone());
        *self.present.lock().unwrap_or_else(PoisonError::into_inner) = self.client.clone();
        self.events = self.client.session_events();
        self.session_over = false;
    }

    fn ask(&mut self, ticket: Ticket, request: Request, after: Duration) {
        let answering: Answering = if after.is_zero() {
            // At once: it takes its place in the session's order before this returns.
            ask(&self.client, &self.manners, request)
        } else {
            let (client, manners) = (self.client.clone(), self.manners.clone());
            Box::pin(async move {
                host::sleep(after).await;
                ask(&client, &manners, request).await
            })
        };
        self.requests.insert(ticket, answering);
    }
}

/// The first watch that has fired; `None` for one that will not fire any more.
struct Fired<'a>(&'a mut BTreeMap<Ticket, Watcher>);

impl Future for Fired<'_> {
    type Output = (Ticket, Option<EventType>);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let fired = self.0.iter_mut().find_map(|(ticket, watcher)| match Pin::new(watcher).poll(context) {
            Poll::Ready(event) => Some((*ticket, event.ok().map(|event| event.event_type))),
            Poll::Pending => None,
        });
        match fired {
            Some((ticket, event)) => {
                self.0.remove(&ticket);
                Poll::Ready((ticket, event))
            }
            None => Poll::Pending,
        }
    }
}

/// The first request that has its answer.
struct Answered<'a>(&'a mut BTreeMap<Ticket, Answering>);

impl Future for Answered<'_> {
    type Output = (Ticket, Answer, Option<Watcher>);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answered = self.0.iter_mut().find_map(|(ticket, answering)| match answering.as_mut().poll(context) {
            Poll::Ready((answer, watcher)) => Some((*ticket, answer, watcher)),
            Poll::Pending => None,
        });
        match answered {
            Some((ticket, answer, watcher)) => {
                self.0.remove(&ticket);
                Poll::Ready((ticket, answer, watcher))
            }
            None => Poll::Pending,
        }
    }
}

/// Keeps a session for its other users, until it is over.
async fn live_on(client: Client) {
    let mut events = client.session_events();
    while events.next().await.is_some_and(|state| !state.is_final()) {}
}

async fn due(deadline: Option<host::Instant>) {
    match deadline {
        Some(deadline) => host::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Asks the service.
fn ask(client: &Client, manners: &Manners, request: Request) -> Answering {
    match request {
        Request::CreateAll { path, mode } => {
            let client = client.clone();
            plain(async move { ancestry::create_as(&client, &path, mode).await.map(|()| Answer::Done) })
        }
        Request::Create { path, data, mode } => create(client, &path, data, mode),
        Request::Sync(path) => {
            let call = client.sync(&path);
            plain(async move { call.await.map(|()| Answer::Done) })
        }
        Request::List(path) => {
            let call = client.get_children(&path);
            plain(async move { call.await.map(|(names, _)| Answer::Children(names)) })
        }
        Request::ExistsAndWatch(path) => {
            let call = client.exists_and_watch(&path);
            watching(async move { call.await.map(|(stat, watcher)| (Answer::Stands(stat), watcher)) })
        }
        Request::Read(path) => {
            let call = client.get_data(&path);
            plain(async move { call.await.map(|(data, stat)| Answer::Data(data, stat)) })
        }
        Request::ReadAndWatch(path) => {
            let call = client.get_and_watch_data(&path);
            watching(async move { call.await.map(|(data, stat, watcher)| (Answer::Data(data, stat), watcher)) })
        }
        Request::Write { path, data, version } => {
            let call = client.set_data(&path, data, version);
            plain(async move { call.await.map(|stat: Stat| Answer::Stands(Some(stat))) })
        }
        Request::Delete { path, version } => {
            let call = client.delete(&path, version);
            plain(async move {
                match call.await {
                    Err(error) if error.is(ErrorCode::NoNode) => Ok(Answer::Done),
                    result => result.map(|()| Answer::Done),
                }
            })
        }
        Request::CreateAndWrite { path, data, mode, also, also_data, also_version } => {
            let call = client.multi().create(&path, data, mode).set_data(&also, also_data, Some(also_version)).commit();
            plain(async move { call.await.map(|outcomes| created_and_written(&outcomes)) })
        }
        Request::Fence(term) => {
            let fencer = manners.fencer.clone().expect("who fences has something to fence with");
            Box::pin(async move { (if fencer(term).await { Answer::Done } else { Answer::Unknown }, None) })
        }
    }
}

fn create(client: &Client, path: &str, data: Bytes, mode: CreateMode) -> Answering {
    let call = client.create(path, data, mode);
    plain(async move { call.await.map(|created| Answer::Created { path: created.path, czxid: created.stat.czxid.0 }) })
}

/// What a create beside a write says of itself: the write's transaction is the create's.
fn created_and_written(outcomes: &[MultiOutcome]) -> Answer {
    match outcomes {
        [MultiOutcome::Created { path, .. }, MultiOutcome::DataSet(stat)] => {
            Answer::Created { path: path.clone(), czxid: stat.mzxid.0 }
        }
        other => unreachable!("a multi answers what it was asked: {other:?}"),
    }
}

fn plain(call: impl Future<Output = Result<Answer, Error>> + Send + 'static) -> Answering {
    Box::pin(async move { (call.await.unwrap_or_else(|error| failure(&error)), None) })
}

fn watching(call: impl Future<Output = Result<(Answer, Watcher), Error>> + Send + 'static) -> Answering {
    Box::pin(async move {
        match call.await {
            Ok((answer, watcher)) => (answer, Some(watcher)),
            Err(error) => (failure(&error), None),
        }
    })
}

fn failure(error: &Error) -> Answer {
    match (error.outcome(), error.code()) {
        (Outcome::Unknown, _) => Answer::Unknown,
        (Outcome::NotDone, Some(code)) => Answer::Refused(code),
        (Outcome::NotDone, None) => Answer::NotAsked,
    }
}

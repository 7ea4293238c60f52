//! `docs`: the recipe of ZooKeeper's documentation, done carefully.
//!
//! Each candidate creates an ephemeral sequential znode under the election's root; the one with the smallest number
//! leads, each other one watches the next lower. The znode's creation zxid is the term: unlike the sequence number it
//! never starts again at 0 when the root is made anew.
//!
//! What *carefully* means, beyond the letter of the documentation:
//! - A create without an answer is looked for by its guid, after a `sync`, so that a server that lags behind cannot
//!   hide it; and what is found is adopted only if it belongs to the present session (CURATOR-696).
//! - Whatever else of one's own is found is deleted, again and again until that is answered: no znode without a
//!   candidate stays at the head of the line while its session lives.
//! - A lost connection deposes at once. So does the candidate's own clock, before the session's task has noticed
//!   anything: leadership lasts as long as the session is *surely* alive ([`client::Client::trusted_until`]), which is
//!   looked at in the very step that claims it, and by a timer from then on.
//! - After a reconnection nothing is taken for granted: the list is read again and the own znode inspected.
//! - The leader watches its own znode: if somebody deletes it, the leader hears of it.
//!
//! What it promises ([`PROMISE`]), with a service that honours session timeouts: *effect* always, by the token; *order*
//! always; *belief* unless a process pauses, for a paused process cannot change its mind. Clocks may differ in rate as
//! long as a third of the session timeout makes up for it. An ensemble whose followers answer pings while cut off from
//! their leader, for longer than that third, does not honour session timeouts as the clients see them: there the
//! promise is [`PROMISE_WITH_FOLLOWERS`], and only fencing helps.
//!
//! What it refuses: the wrap-around of sequence numbers, and a service that forgets what it has committed.

mod names;
mod recipe;

use std::future::Future;
use std::pin::Pin;

use client::{Client, CreateMode, Error, ErrorCode, EventType, Outcome, SessionEvents, SessionState, Stat, Watcher};
use history::LeadershipEvent;
use proto::path;

use crate::ancestry;
use crate::mutant::Planted;
use crate::standing::{Participation, Stage, Strategy, open};
use crate::{Holds, Promise};
pub use recipe::{Answer, Effect, Found, Input, RETRY_PAUSE, Recipe, Request};

/// What the recipe promises where every answer speaks for the service.
pub const PROMISE: Promise =
    Promise { belief: Holds::Unless(&["pause"]), effect: Holds::Always, order: Holds::Always, failover: Holds::Always };

/// What it promises where a follower may answer pings while it is cut off from its leader, for longer than a third of
/// the session timeout. A term may then be claimed after the service has given it up.
pub const PROMISE_WITH_FOLLOWERS: Promise = Promise {
    belief: Holds::Unless(&["pause", "partition", "link"]),
    effect: Holds::Always,
    order: Holds::Unless(&["pause", "partition", "link"]),
    failover: Holds::Always,
};

/// The documented recipe.
#[derive(Clone, Debug)]
pub struct Docs {
    root: String,
    planted: Planted,
}

impl Docs {
    /// An election under this znode, which is created if it is missing.
    ///
    /// # Panics
    /// If it is not the path of a znode, or the root of all.
    #[must_use]
    pub fn new(root: &str) -> Docs {
        assert!(path::validate(root).is_ok() && root != "/", "`{root}` cannot be the root of an election");
        Docs { root: root.to_owned(), planted: Planted::default() }
    }

    /// The same with a planted bug.
    #[cfg(feature = "zoo")]
    #[must_use]
    pub fn with_mutant(mut self, mutant: crate::Mutant) -> Docs {
        self.planted = Planted::new(Some(mutant));
        self
    }
}

impl Strategy for Docs {
    fn name(&self) -> &'static str {
        "docs"
    }

    fn promise(&self) -> Promise {
        PROMISE
    }

    fn promise_with_followers(&self) -> Promise {
        PROMISE_WITH_FOLLOWERS
    }

    fn take_part(&self, config: client::Config) -> Participation {
        let (stage, participation) = open();
        host::spawn(take_part(self.clone(), config, stage));
        participation
    }
}

/// Takes part through as many sessions as it takes.
async fn take_part(docs: Docs, mut config: client::Config, mut stage: Stage) {
    let mut former_guid = None;
    loop {
        let client = Client::connect(config.clone());
        let end = in_one_session(&docs, &client, &mut stage, &mut former_guid).await;
        if matches!(end, End::Resigned) {
            // If the service does not answer, the session's timeout does the same.
            let _ = client.close().await;
            stage.tell(LeadershipEvent::Withdrawn { reason: "it resigned".to_owned() });
            return;
        }
        config.resume = None;
        host::sleep(RETRY_PAUSE).await;
    }
}

/// Why a candidacy ended.
enum End {
    Resigned,
    SessionOver,
}

async fn in_one_session(docs: &Docs, client: &Client, stage: &mut Stage, former_guid: &mut Option<String>) -> End {
    let mut events = client.session_events();
    loop {
        let state = tokio::select! {
            biased;
            state = events.next() => state,
            () = stage.resigned() => return End::Resigned,
        };
        match state {
            Some(SessionState::Connected) => break,
            Some(state) if !state.is_final() => {}
            _ => return End::SessionOver,
        }
    }
    let mut recipe = Recipe::new(docs.planted, &docs.root, client.session_id(), host::random::stream("guids"));
    if let Some(guid) = former_guid.take() {
        host::tell_sometimes("rejoined after expiry");
        if docs.planted.adopts_without_owner() {
            recipe.inherit(guid);
        }
    }
    *former_guid = Some(recipe.guid().to_owned());
    let candidacy = Candidacy {
        docs,
        client,
        stage,
        recipe,
        request: None,
        own_watcher: None,
        predecessor_watcher: None,
        resigned: false,
        session_over: false,
    };
    candidacy.run(events).await
}

type Answering = Pin<Box<dyn Future<Output = (Answer, Option<Watcher>)> + Send>>;

/// The shell around a [`Recipe`]: carries its requests to the client, and the answers back.
struct Candidacy<'session> {
    docs: &'session Docs,
    client: &'session Client,
    stage: &'session mut Stage,
    recipe: Recipe,
    /// What is under way, and whose watch its answer brings.
    request: Option<(Watched, Answering)>,
    own_watcher: Option<Watcher>,
    predecessor_watcher: Option<Watcher>,
    resigned: bool,
    session_over: bool,
}

/// Whom a watch is on.
#[derive(Clone, Copy)]
enum Watched {
    Nobody,
    Own,
    Predecessor,
}

impl Candidacy<'_> {
    async fn run(mut self, mut events: SessionEvents) -> End {
        let effects = self.recipe.begin();
        let mut over = self.perform(effects);
        while !over {
            let input = self.next_input(&mut events).await;
            self.resigned |= input == Input::Resign;
            self.session_over |= input == Input::SessionOver;
            over = self.take_in(input);
            if self.resigned && self.session_over && !over {
                // Only a planted bug has missed that: there is no session in which anything could be taken back.
                over = self.take_in(Input::SessionOver);
            }
        }
        if self.resigned { End::Resigned } else { End::SessionOver }
    }

    fn take_in(&mut self, input: Input) -> bool {
        let effects = self.recipe.step(host::now(), self.client.trusted_until(), input);
        self.perform(effects)
    }

    async fn next_input(&mut self, events: &mut SessionEvents) -> Input {
        let deadline = self.recipe.deadline(self.client.trusted_until());
        // In this order: what the session says of itself comes before what was asked of it.
        tokio::select! {
            biased;
            state = events.next(), if !self.session_over => match state {
                Some(SessionState::Connected) => Input::Connected,
                Some(state) if !state.is_final() => Input::Disconnected,
                _ => Input::SessionOver,
            },
            event = fired(&mut self.own_watcher) => match event {
                Some(event) => Input::OwnChanged { gone: event == EventType::NodeDeleted },
                None => Input::Tick,
            },
            event = fired(&mut self.predecessor_watcher) => match event {
                Some(_) => Input::PredecessorChanged,
                None => Input::Tick,
            },
            (watched, answer, watcher) = answered(&mut self.request) => {
                match watched {
                    Watched::Nobody => {}
                    Watched::Own => self.own_watcher = watcher,
                    Watched::Predecessor => self.predecessor_watcher = watcher,
                }
                Input::Answered(answer)
            }
            () = self.stage.resigned() => Input::Resign,
            () = due(deadline) => Input::Tick,
        }
    }

    /// Does what the recipe wants; gives whether the candidacy is over.
    fn perform(&mut self, effects: Vec<Effect>) -> bool {
        let mut over = false;
        for effect in effects {
            match effect {
                Effect::Ask(request) => {
                    assert!(self.request.is_none(), "one request at a time");
                    if matches!(request, Request::List) {
                        // A new look makes what was watched so far a thing of the past.
                        self.predecessor_watcher = None;
                    }
                    self.request = Some(ask(self.client, &self.docs.root, request));
                }
                Effect::Tell(LeadershipEvent::Elected { term }) => self.elected(term),
                Effect::Tell(event) => self.stage.tell(event),
                Effect::Sometimes(what) => host::tell_sometimes(what),
                Effect::Over => over = true,
            }
        }
        over
    }

    fn elected(&mut self, term: history::Term) {
        let ignores_clock = self.docs.planted.ignores_disconnected() || self.docs.planted.ignores_session();
        let client = self.client.clone();
        self.stage.elected(term, move || client.is_trusted() || ignores_clock);
    }
}

/// The next event of a watch, `None` if it will not fire any more; for ever if there is no watch.
async fn fired(watcher: &mut Option<Watcher>) -> Option<EventType> {
    let Some(waiting) = watcher else { return std::future::pending().await };
    let event = waiting.await;
    *watcher = None;
    event.ok().map(|event| event.event_type)
}

async fn answered(request: &mut Option<(Watched, Answering)>) -> (Watched, Answer, Option<Watcher>) {
    let Some((watched, answering)) = request else { return std::future::pending().await };
    let (watched, (answer, watcher)) = (*watched, answering.await);
    *request = None;
    (watched, answer, watcher)
}

async fn due(deadline: Option<host::Instant>) {
    match deadline {
        Some(deadline) => host::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Asks the service. The request takes its place in the session's order before this returns.
fn ask(client: &Client, root: &str, request: Request) -> (Watched, Answering) {
    let path = |name: &str| path::join(root, name);
    match request {
        Request::CreateRoot => {
            let (client, root) = (client.clone(), root.to_owned());
            (Watched::Nobody, Box::pin(async move { (done(ancestry::create(&client, &root).await), None) }))
        }
        Request::CreateCandidacy(prefix) => {
            let data = host::node_name().to_string();
            let call = client.create(&path(&prefix), data, CreateMode::EphemeralSequential);
            let answer = async move {
                match call.await {
                    Ok(created) => Answer::Created(path::name(&created.path).to_owned()),
                    Err(error) => failure(&error),
                }
            };
            (Watched::Nobody, Box::pin(async move { (answer.await, None) }))
        }
        Request::Sync => {
            let call = client.sync(root);
            (Watched::Nobody, Box::pin(async move { (done(call.await), None) }))
        }
        Request::List => {
            let call = client.get_children(root);
            let answer = async move {
                match call.await {
                    Ok((names, _)) => Answer::Children(names),
                    Err(error) => failure(&error),
                }
            };
            (Watched::Nobody, Box::pin(async move { (answer.await, None) }))
        }
        Request::InspectOwn(name) => (Watched::Own, inspect(client, &path(&name))),
        Request::WatchPredecessor(name) => (Watched::Predecessor, inspect(client, &path(&name))),
        Request::Delete(name) => {
            let call = client.delete(&path(&name), None);
            let answer = async move {
                match call.await {
                    Err(error) if error.is(ErrorCode::NoNode) => Answer::Done,
                    result => done(result),
                }
            };
            (Watched::Nobody, Box::pin(async move { (answer.await, None) }))
        }
    }
}

fn inspect(client: &Client, path: &str) -> Answering {
    let call = client.exists_and_watch(path);
    Box::pin(async move {
        match call.await {
            Ok((stat, watcher)) => {
                // On a znode that is missing nobody waits: its name never comes again.
                let watcher = stat.is_some().then_some(watcher);
                (Answer::Inspected(stat.map(found)), watcher)
            }
            Err(error) => (failure(&error), None),
        }
    })
}

fn found(stat: Stat) -> Found {
    Found { czxid: stat.czxid.0, owner: stat.ephemeral_owner }
}

fn done(result: Result<(), Error>) -> Answer {
    match result {
        Ok(()) => Answer::Done,
        Err(error) => failure(&error),
    }
}

fn failure(error: &Error) -> Answer {
    match error.outcome() {
        Outcome::Unknown => Answer::Unknown,
        Outcome::NotDone if error.is(ErrorCode::NoNode) => Answer::NoRoot,
        Outcome::NotDone => Answer::NotDone,
    }
}

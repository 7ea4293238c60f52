//! Three servers in three processes, and the one that leads is killed, again and again: nothing that was acknowledged is
//! lost, no session ends, and soon another server leads.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use client::{Client, Config, Error, EventType};
use interregnum_tests::ensemble::{Ensemble, Settings};
use interregnum_tests::session::Session;
use interregnum_tests::waiting::{PATIENCE, pause};
use interregnum_tests::wire::{Connection, create};
use proto::{CreateMode, ErrorCode, Request, Response, SetDataRequest, SyncRequest};
use tokio::runtime::Runtime;

/// How often the leader is killed.
const KILLS: u32 = 5;

/// How long there is writing before a kill, with three servers and, after it, with two.
const WRITING: Duration = Duration::from_millis(250);

/// So many creates are under way at a time.
const IN_FLIGHT: usize = 8;

fn create_persistent(path: &str) -> Request {
    create(path, path.as_bytes(), CreateMode::Persistent)
}

/// What a writer got done in its session.
struct Done {
    session: Session,
    acknowledged: u64,
    /// Connections that broke with a write under way that turned out to have happened, though nobody had said so.
    unacknowledged: u64,
}

/// Counts upwards in a znode, one write at a time, each conditional on the one before: none may happen twice.
fn count(mut session: Session, path: &str, is_over: &AtomicBool) -> Done {
    session.insist(&create(path, b"0", CreateMode::Persistent)).expect("created");
    let (mut counter, mut acknowledged, mut unacknowledged) = (0, 0, 0);
    while !is_over.load(Ordering::Relaxed) {
        let data = Some(Bytes::from((counter + 1).to_string()));
        match session.ask(&Request::SetData(SetDataRequest { path: path.to_owned(), data, version: counter })) {
            Ok(answer) => {
                let Ok(Response::SetData(answer)) = answer else { panic!("{path} is at {counter}: {answer:?}") };
                counter += 1;
                assert_eq!(answer.stat.version, counter);
                acknowledged += 1;
            }
            Err(_) => {
                session.reconnect();
                let (data, stat) = session.latest(path).expect("it was acknowledged");
                assert_eq!(String::from_utf8_lossy(&data), stat.version.to_string(), "data and version agree");
                assert!((counter..=counter + 1).contains(&stat.version), "{} after {counter}", stat.version);
                unacknowledged += u64::from(stat.version > counter);
                counter = stat.version;
            }
        }
    }
    Done { session, acknowledged, unacknowledged }
}

/// Creates numbered znodes, several under way at a time. Those of one session happen in their order: what exists of those
/// under way when a connection breaks is a beginning of them.
fn enumerate(mut session: Session, parent: &str, is_over: &AtomicBool) -> (Done, usize) {
    session.insist(&create_persistent(parent)).expect("created");
    let path = |number: usize| format!("{parent}/{number:08}");
    let (mut sent, mut there, mut acknowledged, mut unacknowledged) = (0, 0, 0, 0);
    loop {
        let stops = is_over.load(Ordering::Relaxed);
        if stops && sent == there {
            return (Done { session, acknowledged, unacknowledged }, there);
        }
        let mut step = || {
            while !stops && sent < there + IN_FLIGHT {
                sent += 1;
                session.send(&create_persistent(&path(sent - 1)))?;
            }
            session.receive()
        };
        match step() {
            Ok(answer) => {
                let Ok(Response::Create(created)) = answer else { panic!("{}: {answer:?}", path(there)) };
                assert_eq!(created.path, path(there), "answers come in the order of the requests");
                there += 1;
                acknowledged += 1;
            }
            Err(_) => {
                session.reconnect();
                session.sync();
                let exist: Vec<bool> = (there..sent).map(|number| session.exists(&path(number))).collect();
                let happened = exist.iter().take_while(|exists| **exists).count();
                assert!(exist[happened..].iter().all(|exists| !exists), "not a beginning, from {there}: {exist:?}");
                unacknowledged += happened as u64;
                there += happened;
                sent = there;
            }
        }
    }
}

/// Every server, each asked on its own, has the same and all of it.
fn all_is_everywhere(ensemble: &Ensemble, counters: &[(String, i32)], children: &[(String, usize)], owned: &[String]) {
    for id in ensemble.ids() {
        let mut reader = Connection::with_session(ensemble.address(id), PATIENCE).expect("a session");
        reader.ask(&Request::Sync(SyncRequest { path: "/".to_owned() })).expect("an answer").expect("synced");
        for (path, version) in counters {
            let (_, stat) = reader.get(path).expect("the counter is there");
            assert_eq!(stat.version, *version, "{path} at server {id}");
        }
        for (parent, count) in children {
            let expected: Vec<String> = (0..*count).map(|number| format!("{number:08}")).collect();
            assert!(reader.children(parent) == expected, "{parent} at server {id}");
        }
        for path in owned {
            assert!(reader.exists(path).is_some(), "{path} at server {id}: its session lives");
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_while_leaders_are_killed() {
    let settings = Settings::default();
    let mut ensemble = Ensemble::start(settings);
    let bound = settings.new_leader_within();
    let patience = bound + PATIENCE;
    // Each begins at another server.
    let servers = |first: u8| -> Vec<SocketAddr> {
        let mut servers: Vec<SocketAddr> = ensemble.ids().map(|id| ensemble.address(id)).collect();
        servers.rotate_left(usize::from(first));
        servers
    };
    let sessions: Vec<(String, Session)> = (0..6)
        .map(|number| {
            let mut session = Session::open(servers(number % 3), settings.longest_session(), patience);
            let own = format!("/owned-{number}");
            session.insist(&create(&own, b"", CreateMode::Ephemeral)).expect("created");
            (own, session)
        })
        .collect();
    let owned: Vec<String> = sessions.iter().map(|(own, _)| own.clone()).collect();
    let ids: Vec<_> = sessions.iter().map(|(_, session)| session.id()).collect();

    let is_over = AtomicBool::new(false);
    let (counted, enumerated, interregna) = std::thread::scope(|scope| {
        let is_over = &is_over;
        let mut counting = Vec::new();
        let mut enumerating = Vec::new();
        for (number, (_, session)) in sessions.into_iter().enumerate() {
            if number < 3 {
                let path = format!("/counter-{number}");
                counting.push(scope.spawn(move || (path.clone(), count(session, &path, is_over))));
            } else {
                let parent = format!("/numbered-{number}");
                enumerating.push(scope.spawn(move || (parent.clone(), enumerate(session, &parent, is_over))));
            }
        }
        let stop = Stop(is_over);
        let mut interregna = Vec::new();
        for _ in 0..KILLS {
            pause(WRITING);
            let (killed, took) = ensemble.kill_leader();
            interregna.push(took);
            pause(WRITING);
            ensemble.start_server(killed);
            ensemble.wait_until_whole();
        }
        drop(stop);
        let counted: Vec<(String, Done)> = counting.into_iter().map(|writer| writer.join().expect("it held")).collect();
        let enumerated: Vec<(String, (Done, usize))> =
            enumerating.into_iter().map(|writer| writer.join().expect("it held")).collect();
        (counted, enumerated, interregna)
    });

    let counters: Vec<(String, i32)> = counted
        .iter()
        .map(|(path, done)| (path.clone(), i32::try_from(done.acknowledged + done.unacknowledged).expect("a version")))
        .collect();
    let children: Vec<(String, usize)> =
        enumerated.iter().map(|(parent, (_, count))| (parent.clone(), *count)).collect();
    all_is_everywhere(&ensemble, &counters, &children, &owned);

    let mut all: Vec<Done> = counted.into_iter().map(|(_, done)| done).collect();
    all.extend(enumerated.into_iter().map(|(_, (done, _))| done));
    let acknowledged: u64 = all.iter().map(|done| done.acknowledged).sum();
    let unacknowledged: u64 = all.iter().map(|done| done.unacknowledged).sum();
    let slowest = interregna.iter().max().expect("there were kills");
    println!(
        "{acknowledged} writes acknowledged over {KILLS} kills, and {unacknowledged} that happened unacknowledged; \
         the slowest new leader came after {slowest:?}, of {bound:?} allowed"
    );
    for (done, id) in all.iter_mut().zip(ids) {
        assert_eq!(done.session.id(), id, "the session is the one it was");
        assert!(done.session.moves() > 0, "every leader's end ends every connection");
        assert!(done.acknowledged > u64::from(KILLS) * 10, "it was written between the kills: {}", done.acknowledged);
    }
    assert!(*slowest < bound, "{interregna:?}");

    // Closed, so its ephemeral goes, at whichever server one looks.
    all[0].session.insist(&Request::CloseSession).expect("closed");
    let [closed, open] = [&owned[0], &owned[1]].map(|path| all[1].session.latest(path).is_some());
    assert!(!closed && open);
}

/// What an application sees: for a while no answers, and nothing else.
#[test]
fn our_client_keeps_session_watch_and_ephemeral_over_three_leaders() {
    let settings = Settings::default();
    let mut ensemble = Ensemble::start(settings);
    // The clients go on while this thread waits for servers.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let _within = runtime.enter();
    let connect = || {
        let config = Config::new(&ensemble.connect_string()).expect("addresses");
        Client::connect(config.with_session_timeout(settings.longest_session()))
    };
    let (keeper, other) = (connect(), connect());
    soon(&runtime, keeper.connected()).expect("connected");
    let session = keeper.session_id();
    let mine = soon(&runtime, keeper.create("/mine", "0", CreateMode::Ephemeral)).expect("created");
    for turn in 1..=3 {
        let (_, stat, watcher) = soon(&runtime, keeper.get_and_watch_data("/mine")).expect("it is there");
        assert_eq!((stat.czxid, stat.version), (mine.stat.czxid, turn - 1));
        let (killed, _) = ensemble.kill_leader();
        assert_eq!(soon(&runtime, set_from(&other, turn - 1)), turn);
        // The watch was set on a connection that is no more, maybe at a server that is no more.
        let event = soon(&runtime, watcher).expect("news");
        assert_eq!((event.event_type, event.path.as_str()), (EventType::NodeDataChanged, "/mine"));
        ensemble.start_server(killed);
        ensemble.wait_until_whole();
    }
    assert_eq!(keeper.session_id(), session);
    soon(&runtime, keeper.close()).expect("closed");
    soon(&runtime, other.sync("/")).expect("synced");
    assert_eq!(soon(&runtime, other.exists("/mine")), Ok(None), "its session was closed");
}

/// Sets the data behind this version, once; gives the version after it.
async fn set_from(client: &Client, version: i32) -> i32 {
    loop {
        match client.set_data("/mine", "news", Some(version)).await {
            Ok(stat) => return stat.version,
            // It was under way when the leader went: it may have happened.
            Err(Error::ConnectionLoss { .. }) => {}
            Err(Error::Service(ErrorCode::BadVersion)) => {
                return client.get_data("/mine").await.expect("it is there").1.version;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

fn soon<T>(runtime: &Runtime, work: impl IntoFuture<Output = T>) -> T {
    let work = work.into_future();
    runtime.block_on(async { host::timeout(PATIENCE, work).await.expect("in time") })
}

/// Tells the writers to stop, also when a test fails: else its scope would wait for them.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

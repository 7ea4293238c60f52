//! What the client sees of faults, in simulated worlds: one server, one client, T = 6 s.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use client::{Client, Config, CreateMode, Error, EventType, Outcome, SessionState};
use history::{ClientEvent, Event, Keep, Log, Record};
use host::sim::{Options, Quality, World, simulate};

const TIMEOUT: Duration = Duration::from_secs(6);
/// What every packet takes, exactly.
const LATENCY: Duration = Duration::from_millis(1);
/// The most by which what is observed from outside may lag behind the clock it follows.
const SLACK: Duration = Duration::from_millis(10);

fn milliseconds(number: u64) -> Duration {
    Duration::from_millis(number)
}

fn connect() -> Client {
    Client::connect(Config::new("server:2181").expect("legal").with_session_timeout(TIMEOUT))
}

/// A world with a server and a client whose program is `program`; the supervisor does `faults`. Gives all events.
fn world<P, F>(
    program: impl Fn() -> P + Send + Sync + 'static,
    faults: impl FnOnce(World) -> F + Send + 'static,
) -> Vec<Record>
where
    P: Future<Output = ()> + 'static,
    F: Future<Output = ()> + 'static,
{
    let options = Options { seed: 7, scheduler_seed: 7, log: Log::new(Keep::Everything) };
    let run = simulate(options, move |world| async move {
        world.network().set_default_quality(Quality::steady(LATENCY));
        world.add_node("server", super::serve);
        world.add_node("client", program);
        faults(world.clone()).await;
        world.log().take_kept()
    });
    run.unwrap_or_else(|panicked| panic!("{panicked}"))
}

fn cut(world: &World) {
    world.network().cut("client", "server");
    world.network().cut("server", "client");
}

/// What the client told, and when, in milliseconds.
fn client_events(records: &[Record]) -> Vec<(u64, ClientEvent)> {
    let told = records.iter().filter_map(|record| match &record.event {
        Event::Client(event) => Some((u64::try_from(record.at.elapsed().as_millis()).expect("short"), event.clone())),
        _ => None,
    });
    told.collect()
}

fn reached(records: &[Record], what: &str) -> bool {
    records.iter().any(|record| record.event == Event::Sometimes(what.to_owned()))
}

fn moment_of(events: &[(u64, ClientEvent)], is_it: impl Fn(&ClientEvent) -> bool) -> Duration {
    let found = events.iter().find(|(_, event)| is_it(event));
    milliseconds(found.unwrap_or_else(|| panic!("it did not happen: {events:?}")).0)
}

#[test]
fn a_client_cut_off_is_disconnected_at_two_thirds_and_expired_at_four_thirds_counted_from_the_last_answered_sending() {
    let records = world(
        || async {
            let client = connect();
            client.connected().await.expect("the server is there");
            // The last request that is answered goes out at one second.
            host::sleep(milliseconds(1_000) - host::now().reading()).await;
            client.exists("/").await.expect("the server answers");
            let mut events = client.session_events();
            let mut last = None;
            while let Some(state) = events.next().await {
                assert_eq!(client.is_trusted(), state == SessionState::Connected, "{state:?}");
                last = Some(state);
            }
            assert_eq!(last, Some(SessionState::Expired));
        },
        |world| async move {
            world.sleep(milliseconds(1_500)).await;
            cut(&world);
            world.sleep(milliseconds(20_000)).await;
        },
    );
    let events = client_events(&records);
    let disconnected = moment_of(&events, |event| matches!(event, ClientEvent::Disconnected { .. }));
    let expired = moment_of(&events, |event| matches!(event, ClientEvent::SessionExpired { locally: true, .. }));
    for (moment, expected) in [(disconnected, milliseconds(5_000)), (expired, milliseconds(9_000))] {
        assert!(moment >= expected && moment <= expected + SLACK, "{moment:?} instead of {expected:?}");
    }
    assert!(reached(&records, "client: session expired locally"));
}

#[test]
fn a_session_survives_a_short_cut_and_its_watch_fires_afterwards() {
    let records = world(
        || async {
            let client = connect();
            client.create("/a", "", CreateMode::Ephemeral).await.expect("it is new");
            let (_, _, watcher) = client.get_and_watch_data("/a").await.expect("it is there");
            let session = client.session_id();
            let mut events = client.session_events();
            while events.next().await != Some(SessionState::Disconnected) {}
            let waiting = client.exists("/a");
            let event = watcher.await.expect("the session lives");
            assert_eq!(event.event_type, EventType::NodeDataChanged);
            assert!(waiting.await.expect("the connection came back").is_some());
            assert_eq!(client.session_id(), session);
            assert!(client.is_trusted());
        },
        |world| async move {
            // A third node writes while the client is away.
            world.add_node("writer", || async {
                host::sleep(milliseconds(3_000)).await;
                let writer = connect();
                writer.set_data("/a", "new", None).await.expect("it is there");
            });
            world.sleep(milliseconds(1_000)).await;
            cut(&world);
            // Until after the client has noticed, and before its kernel knocks for the second time.
            world.sleep(milliseconds(3_500)).await;
            world.network().heal_all();
            world.sleep(milliseconds(10_000)).await;
            assert!(!world.is_running("client"), "the client has seen it all");
        },
    );
    assert!(reached(&records, "client: reconnected to the same session"));
    assert!(reached(&records, "client: watch fired after reconnect"));
    let events = client_events(&records);
    let is_notified =
        |event: &ClientEvent| matches!(event, ClientEvent::Notified { what, .. } if what == "NodeDataChanged");
    let saw = |event: &ClientEvent| matches!(event, ClientEvent::SawData { zxid, .. } if *zxid > 3);
    assert!(moment_of(&events, is_notified) <= moment_of(&events, saw));
}

#[test]
fn after_a_pause_trust_is_over_before_any_task_of_the_client_has_run() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sees = seen.clone();
    world(
        move || {
            let sees = sees.clone();
            async move {
                let client = connect();
                client.connected().await.expect("the server is there");
                loop {
                    let reading = (client.is_trusted(), client.state());
                    sees.lock().expect("one thread").push(reading);
                    host::sleep(milliseconds(100)).await;
                }
            }
        },
        |world| async move {
            for _ in 0..20 {
                world.sleep(milliseconds(3_000)).await;
                world.pause("client");
                world.sleep(milliseconds(5_000)).await;
                world.resume("client");
            }
        },
    );
    let seen = seen.lock().expect("one thread");
    let stale = seen.iter().filter(|(trusted, state)| !trusted && *state == SessionState::Connected).count();
    assert!(stale > 0, "the reading comes before the session's own task now and then: {seen:?}");
    assert!(seen.iter().all(|(trusted, state)| !trusted || *state == SessionState::Connected));
}

#[test]
fn a_write_whose_answer_is_lost_has_an_unknown_outcome_and_is_told_so() {
    let records = world(
        || async {
            let client = connect();
            client.connected().await.expect("the server is there");
            host::sleep(milliseconds(1_000) - host::now().reading()).await;
            let error = client.create("/a", "", CreateMode::Persistent).await.expect_err("the answer is cut off");
            assert_eq!(error, Error::ConnectionLoss { sent: true });
            assert_eq!(error.outcome(), Outcome::Unknown);
            assert!(client.exists("/a").await.expect("the connection comes back").is_some(), "here it had happened");
        },
        |world| async move {
            world.sleep(milliseconds(500)).await;
            world.network().cut("server", "client");
            world.sleep(milliseconds(5_000)).await;
            world.network().heal_all();
            world.sleep(milliseconds(10_000)).await;
            assert!(!world.is_running("client"));
        },
    );
    let is_told =
        |event: &ClientEvent| matches!(event, ClientEvent::Unanswered { operation, .. } if operation == "create2 /a");
    moment_of(&client_events(&records), is_told);
    assert!(reached(&records, "client: write unanswered"));
}

#[test]
fn a_server_that_comes_late_is_found() {
    world(
        || async {
            let client = connect();
            assert_eq!(client.exists("/").await.map(|stat| stat.is_some()), Ok(true));
        },
        |world| async move {
            world.kill("server");
            world.sleep(milliseconds(5_000)).await;
            assert!(world.is_running("client"));
            world.start("server");
            world.sleep(milliseconds(2_000)).await;
            assert!(!world.is_running("client"), "refused for seconds, found within two");
        },
    );
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    let trace = |seed| {
        let options = Options { seed, scheduler_seed: seed, log: Log::new(Keep::Nothing) };
        let run = simulate(options, |world| async move {
            world.add_node("server", super::serve);
            for name in ["a", "b"] {
                world.add_node(name, || async {
                    let client = connect();
                    for _ in 0..100 {
                        let _outcome = client.create("/n-", "", CreateMode::EphemeralSequential).await;
                        host::sleep(milliseconds(100)).await;
                    }
                });
            }
            world.sleep(milliseconds(3_000)).await;
            world.network().cut("a", "server");
            world.sleep(milliseconds(8_000)).await;
            world.network().heal_all();
            world.sleep(milliseconds(8_000)).await;
            world.log().trace()
        });
        run.unwrap_or_else(|panicked| panic!("{panicked}"))
    };
    assert_eq!(trace(1), trace(1));
    assert_ne!(trace(1), trace(2));
}

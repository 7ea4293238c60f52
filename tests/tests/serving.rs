//! The server and the client of this project, on a real port, in two processes.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use client::{Client, Config, CreateMode, EventType, SessionState};
use interregnum_tests::service::{Service, scratch};
use interregnum_tests::waiting::Stopwatch;
use interregnum_tests::wire::{Connection, Message, create};
use proto::{GetDataRequest, Request, Response, SetDataRequest};

const SESSION: Duration = Duration::from_secs(10);

/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(30);

fn with_runtime<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { host::timeout(LIMIT, work).await.expect("in time") })
}

fn client_of(server: &Service) -> Client {
    let config = Config::new(&server.address().to_string()).expect("an address");
    Client::connect(config.with_session_timeout(SESSION))
}

/// What clients rely on most, and libraries with several threads hide: on the wire, the event stands before the data.
#[test]
fn a_watch_event_comes_before_any_answer_that_shows_the_change() {
    let server = Service::in_memory();
    let mut writer = Connection::with_session(server.address(), SESSION).expect("a session");
    let mut watcher = Connection::with_session(server.address(), SESSION).expect("a session");
    writer.ask(&create("/a", b"0", CreateMode::Persistent)).expect("an answer").expect("created");
    let read = |watch| Request::GetData(GetDataRequest { path: "/a".into(), watch });
    for number in 1..=50 {
        let new = Bytes::from(number.to_string());
        watcher.ask(&read(true)).expect("an answer").expect("it is there");
        // Reads before, while and after it changes; not one of them waits.
        watcher.send(&read(false)).expect("sent");
        writer
            .send(&Request::SetData(SetDataRequest { path: "/a".into(), data: Some(new.clone()), version: -1 }))
            .expect("sent");
        for _ in 0..3 {
            watcher.send(&read(false)).expect("sent");
        }
        writer.receive().expect("an answer");
        watcher.send(&read(false)).expect("sent");
        let (mut events, mut answers) = (0, 0);
        while answers < 5 {
            match watcher.receive().expect("a message") {
                Message::Event(event) => {
                    assert_eq!((event.path.as_str(), event.event_type), ("/a", EventType::NodeDataChanged));
                    events += 1;
                }
                Message::Answer { result, .. } => {
                    let Ok(Response::GetData(answer)) = result else { panic!("{result:?}") };
                    answers += 1;
                    let is_new = answer.data.as_ref() == Some(&new);
                    assert_eq!(is_new, events == 1, "event and new data come together, the event first");
                }
            }
        }
        assert_eq!(events, 1, "the last read came after the write");
    }
}

#[test]
fn a_session_of_our_client_outlives_a_restart_of_the_server() {
    let (_directory, data) = scratch();
    let server = Service::on(&data);
    let address = server.address().to_string();
    with_runtime(async {
        let client = client_of(&server);
        client.connected().await.expect("connected");
        let session = client.session_id();
        let mine = client.create("/mine-", "x", CreateMode::EphemeralSequential).await.expect("created");
        let (_, _, watcher) = client.get_and_watch_data(&mine.path).await.expect("it is there");
        let mut events = client.session_events();

        server.kill();
        while events.next().await.expect("the session goes on") != SessionState::Disconnected {}
        let server = Service::listen(&address, &["--data".as_ref(), data.as_os_str()]);
        client.connected().await.expect("the session lives on");
        assert_eq!(client.session_id(), session);
        let (content, stat) = client.get_data(&mine.path).await.expect("it is there still");
        assert_eq!((content, stat.czxid), (Bytes::from("x"), mine.stat.czxid));

        // The watch was set on a connection and a server that are no more.
        let other = client_of(&server);
        other.set_data(&mine.path, "y", None).await.expect("written");
        assert_eq!(watcher.await.expect("news").event_type, EventType::NodeDataChanged);
        let next = client.create("/mine-", "x", CreateMode::EphemeralSequential).await.expect("created");
        assert!(next.path > mine.path && next.stat.czxid > mine.stat.czxid);
        client.close().await.expect("closed");
        assert!(other.get_data(&mine.path).await.is_err(), "closed, so its ephemerals are gone");
        other.close().await.expect("closed");
    });
}

#[test]
fn a_server_gets_ready_and_answers_at_once() {
    let watch = Stopwatch::start();
    let server = Service::in_memory();
    println!("ready after {:?}", server.start_took());
    with_runtime(async {
        let client = client_of(&server);
        client.create("/a", "x", CreateMode::Persistent).await.expect("created");
        client.close().await.expect("closed");
    });
    assert!(server.start_took() < Duration::from_secs(2), "{:?}", server.start_took());
    assert!(watch.elapsed() < LIMIT);
}

//! Clients that ask for much and do not read: what waits for them is bounded, and nobody else waits.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use interregnum_tests::bystander::Bystander;
use interregnum_tests::descriptors::affordable;
use interregnum_tests::memory::{mebibytes, resident};
use interregnum_tests::service::Service;
use interregnum_tests::waiting::{Stopwatch, eventually, pause};
use interregnum_tests::wire::{Connection, Message, create};
use proto::{
    AddWatchRequest, CreateMode, GetChildrenRequest, GetDataRequest, Request, Response, SetDataRequest, WatchMode,
};

/// Longer than any of this takes: a client that does not read does not ping, either.
const SESSION: Duration = Duration::from_secs(120);
const LONG_SESSIONS: &str = "maxClientCnxns=0\nmaxSessionTimeout=120000\n";

/// Within this anybody is answered, whatever others do, on a machine that has much else to do.
const QUICKLY: Duration = Duration::from_secs(5);
/// Within this most of the time.
const USUALLY: Duration = Duration::from_millis(100);

/// What a znode holds.
const LARGE: usize = 512 << 10;
const ZNODES: usize = 4;
/// How much each client asks for.
const QUESTIONS: usize = 20;

/// What is beside the answers: the program, the tree, the tasks of connections.
const BESIDE: u64 = 64 << 20;

fn path(number: usize) -> String {
    format!("/large-{}", number % ZNODES)
}

fn content(number: usize) -> Vec<u8> {
    vec![u8::try_from(number % ZNODES).expect("few"); LARGE]
}

fn narrow_sessions(server: SocketAddr, count: usize) -> Vec<Connection> {
    let open = |_| Connection::narrow(server).and_then(|connection| connection.begun(SESSION)).expect("a session");
    (0..count).map(open).collect()
}

/// The most memory that a server takes, until it has stopped growing.
fn most_resident(server: &Service) -> u64 {
    let mut last = Stopwatch::start();
    let mut most = resident(server.id());
    while last.elapsed() < Duration::from_secs(2) {
        pause(Duration::from_millis(50));
        let now = resident(server.id());
        if now > most + (1 << 20) {
            last = Stopwatch::start();
        }
        most = most.max(now);
    }
    most
}

fn slow_readers(wanted: usize) {
    let count = affordable(wanted);
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let server = Service::configured(directory.path(), LONG_SESSIONS);
    let mut writer = Connection::with_session(server.address(), SESSION).expect("a session");
    for number in 0..ZNODES {
        let request = create(&path(number), &content(number), CreateMode::Persistent);
        writer.ask(&request).expect("an answer").expect("created");
    }
    let mut readers = narrow_sessions(server.address(), count);
    let before = resident(server.id());
    let bystander = Bystander::start(server.address());
    for reader in &mut readers {
        for number in 0..QUESTIONS {
            let request = GetDataRequest { path: path(number), watch: false };
            reader.send(&Request::GetData(request)).expect("the system takes it");
        }
    }
    let most = most_resident(&server);
    let as_they_come = bystander.finish();
    let bystander = Bystander::start(server.address());
    pause(Duration::from_secs(2));
    let as_they_wait = bystander.finish();
    println!(
        "{count} slow readers asked for {:.0} MiB; resident: {:.1} MiB before, {:.1} at most; a bystander as they come: \
         {as_they_come:?}, and as they wait: {as_they_wait:?}",
        mebibytes((count * QUESTIONS * LARGE) as u64),
        mebibytes(before),
        mebibytes(most),
    );
    // Whoever waits for the same data waits for one copy of it.
    assert!(most - before < BESIDE, "{:.1} MiB wait", mebibytes(most - before));
    assert!(as_they_come.longest < QUICKLY, "{as_they_come:?}");
    assert!(as_they_wait.median < USUALLY && as_they_wait.longest < QUICKLY, "{as_they_wait:?}");

    // Who reads after all gets everything, in order.
    for reader in readers.iter_mut().step_by(count.div_ceil(20)) {
        for number in 0..QUESTIONS {
            let Message::Answer { result: Ok(Response::GetData(answer)), .. } = reader.receive().expect("an answer")
            else {
                panic!("no data");
            };
            assert_eq!(answer.data, Some(Bytes::from(content(number))), "the answer to question {number}");
        }
        assert!(reader.exists("/large-0").is_some(), "it is served on");
    }
    drop(readers);
    eventually("memory that is given back", Duration::from_secs(20), || {
        (resident(server.id()) < before + BESIDE).then_some(())
    });
}

#[test]
fn a_hundred_slow_readers_fill_no_memory_and_hold_nobody_up() {
    slow_readers(100);
}

#[test]
#[ignore = "takes a minute: a step of its own in CI"]
fn a_thousand_slow_readers_fill_no_memory_and_hold_nobody_up() {
    slow_readers(1_000);
}

#[test]
fn answers_of_which_each_has_its_own_copy_are_bounded_as_well() {
    const CHILDREN: usize = 2_000;
    const READERS: usize = 40;
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let settings = "interregnum.outputPause=262144\ninterregnum.outputPauseInAll=8388608";
    let server = Service::configured(directory.path(), &format!("{LONG_SESSIONS}{settings}"));
    let mut writer = Connection::with_session(server.address(), SESSION).expect("a session");
    writer.ask(&create("/parent", b"", CreateMode::Persistent)).expect("an answer").expect("created");
    for number in 0..CHILDREN {
        let path = format!("/parent/{number:0>200}");
        writer.send(&create(&path, b"", CreateMode::Persistent)).expect("sent");
    }
    for _ in 0..CHILDREN {
        writer.receive().expect("an answer");
    }
    let mut readers = narrow_sessions(server.address(), READERS);
    let before = resident(server.id());
    for reader in &mut readers {
        for _ in 0..QUESTIONS {
            let request = GetChildrenRequest { path: "/parent".into(), watch: false };
            reader.send(&Request::GetChildren(request)).expect("the system takes it");
        }
    }
    let more = most_resident(&server) - before;
    println!("{:.1} MiB wait of {}", mebibytes(more), (READERS * QUESTIONS * CHILDREN * 204) >> 20);
    // A quarter of a mebibyte for each, one answer beyond it, and as much again for what memory is handed out in.
    let answer = CHILDREN as u64 * 204;
    assert!(more < 2 * READERS as u64 * ((256 << 10) + answer), "{:.1} MiB wait", mebibytes(more));
    for reader in readers.iter_mut().step_by(8) {
        for _ in 0..QUESTIONS {
            let Message::Answer { result: Ok(Response::GetChildren(answer)), .. } =
                reader.receive().expect("an answer")
            else {
                panic!("no children");
            };
            assert_eq!(answer.children.len(), CHILDREN);
        }
    }
}

/// A path with which an event of its takes a kilobyte.
fn long_path() -> String {
    format!("/{}", "x".repeat(1000))
}

/// Sets data until this many events have been told to all who watch, while nobody but `reader` reads.
fn change(writer: &mut Connection, reader: &mut Connection, times: usize) {
    const AT_ONCE: usize = 50;
    for _ in 0..times / AT_ONCE {
        for _ in 0..AT_ONCE {
            let data = Some(Bytes::from_static(b"x"));
            writer.send(&Request::SetData(SetDataRequest { path: long_path(), data, version: -1 })).expect("sent");
        }
        for _ in 0..AT_ONCE {
            writer.receive().expect("an answer");
            let Message::Event(event) = reader.receive().expect("an event") else { panic!("nothing was asked") };
            assert_eq!(event.path, long_path());
        }
    }
}

fn watch_everything(connection: &mut Connection) {
    let request = AddWatchRequest { path: "/".into(), mode: WatchMode::PersistentRecursive.to_i32() };
    connection.ask(&Request::AddWatch(request)).expect("an answer").expect("watched");
}

/// Starts a server, lets so many watch who do not read, and one who does, and changes a znode. Gives the server, and
/// those who do not read.
fn watched(settings: &str, watchers: usize, changes: usize) -> (tempfile::TempDir, Service, Vec<Connection>) {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let server = Service::configured(directory.path(), &format!("{LONG_SESSIONS}{settings}"));
    let mut writer = Connection::with_session(server.address(), SESSION).expect("a session");
    writer.ask(&create(&long_path(), b"", CreateMode::Persistent)).expect("an answer").expect("created");
    let mut reader = Connection::with_session(server.address(), SESSION).expect("a session");
    let mut slow = narrow_sessions(server.address(), watchers);
    slow.iter_mut().for_each(watch_everything);
    watch_everything(&mut reader);
    change(&mut writer, &mut reader, changes);
    assert!(reader.exists("/").is_some(), "who reads is served on");
    (directory, server, slow)
}

/// How many of these are closed, whatever they were told before.
fn closed(connections: &mut [Connection]) -> usize {
    connections
        .iter_mut()
        .filter_map(|connection| connection.is_closed_within(Duration::from_millis(500)).then_some(()))
        .count()
}

#[test]
fn who_does_not_read_what_its_watches_tell_it_is_cut_off_and_the_log_says_why() {
    let (_directory, server, mut slow) =
        watched("interregnum.outputPause=65536\ninterregnum.outputLimit=1048576", 3, 3_000);
    assert_eq!(closed(&mut slow), 3);
    let log = server.stop().complaints;
    let lines = log.lines().filter(|line| line.contains("a client does not read what its watches tell it"));
    assert_eq!(lines.count(), 3, "{log}");
}

#[test]
fn of_many_who_do_not_read_those_with_the_most_are_cut_off_when_it_is_too_much_in_all() {
    let settings = "interregnum.outputPauseInAll=4194304\ninterregnum.outputLimitInAll=8388608";
    let (_directory, server, mut slow) = watched(settings, 40, 2_000);
    // Forty times nearly two megabytes would be waiting.
    let memory = resident(server.id());
    assert!(memory < 64 << 20, "{:.1} MiB", mebibytes(memory));
    let cut_off = closed(&mut slow);
    assert!((30..40).contains(&cut_off), "{cut_off} of 40");
    let log = server.stop().complaints;
    let lines = log.lines().filter(|line| line.contains("the one with the most is cut off"));
    assert_eq!(lines.count(), cut_off, "{log}");
}

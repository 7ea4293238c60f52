//! Many connections at once: each costs little, those that are given up on go, and nobody else notices.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use interregnum_tests::bystander::Bystander;
use interregnum_tests::descriptors::affordable;
use interregnum_tests::memory::{mebibytes, resident};
use interregnum_tests::program;
use interregnum_tests::service::{Service, configuration};
use interregnum_tests::waiting::{PATIENCE, Stopwatch, eventually, pause};
use interregnum_tests::wire::{Connection, Message, create, new_session};
use interregnum_tests::words;
use proto::{CreateMode, Request};

/// What a connection with a session may cost the server, in bytes of resident memory. Measured: see the test.
const MEMORY_OF_A_CONNECTION: u64 = 16 << 10;

/// Within this anybody is answered, whatever others do, on a machine that has much else to do.
const QUICKLY: Duration = Duration::from_secs(5);
/// Within this most of the time.
const USUALLY: Duration = Duration::from_millis(100);

/// Connections that open sessions at the same time: the system keeps so many that the server has not accepted yet.
const AT_ONCE: usize = 100;

/// Opens connections, each with a session.
fn sessions(server: SocketAddr, count: usize, timeout: Duration) -> Vec<Connection> {
    let mut sessions = Vec::with_capacity(count);
    while sessions.len() < count {
        let batch = AT_ONCE.min(count - sessions.len());
        let mut opened: Vec<Connection> = (0..batch).map(|_| Connection::open(server).expect("a connection")).collect();
        for connection in &mut opened {
            connection.begin_handshake(&new_session(timeout)).expect("it takes it");
        }
        for connection in &mut opened {
            assert!(!connection.finish_handshake().expect("an answer").is_refused());
        }
        sessions.append(&mut opened);
    }
    sessions
}

fn ping_all(sessions: &mut [Connection]) {
    for session in &mut *sessions {
        session.send(&Request::Ping).expect("it takes it");
    }
    for session in sessions {
        assert!(matches!(session.receive().expect("its session lives"), Message::Answer { result: Ok(_), .. }));
    }
}

/// So many sessions, of which nine in ten say that they are there, and one in ten does not.
fn idle(wanted: usize, timeout: Duration) {
    const TICK: Duration = Duration::from_secs(1);
    let count = affordable(wanted);
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let server = Service::configured(directory.path(), "maxClientCnxns=0\ntickTime=1000\n4lw.commands.whitelist=*");
    let bystander = Bystander::start(server.address());
    let before = resident(server.id());
    let watch = Stopwatch::start();
    let mut silent = sessions(server.address(), count / 10, timeout);
    let silent_since = Stopwatch::start();
    let mut alive = sessions(server.address(), count - silent.len(), timeout);
    let opened = watch.elapsed();
    let after = resident(server.id());
    let each = after.saturating_sub(before) / count as u64;

    let mut rounds = 0;
    while silent_since.elapsed() < timeout + 3 * TICK {
        let round = Stopwatch::start();
        ping_all(&mut alive);
        rounds += 1;
        assert!(round.elapsed() < timeout, "this machine cannot ping for so many: a round took {:?}", round.elapsed());
        pause((timeout / 4).saturating_sub(round.elapsed()));
    }
    assert!(rounds >= 2, "nothing is shown by so little");
    for session in &mut silent {
        assert!(session.is_closed_within(PATIENCE), "who says nothing for longer than its timeout has no session");
    }
    ping_all(&mut alive);
    let latency = bystander.finish();
    let lasting = resident(server.id());
    println!(
        "{count} sessions in {opened:?}; resident: {:.1} MiB before, {:.1} with all ({each} bytes each), {:.1} at the end; \
         a bystander meanwhile: {latency:?}",
        mebibytes(before),
        mebibytes(after),
        mebibytes(lasting),
    );
    assert!(each < MEMORY_OF_A_CONNECTION, "{each} bytes for each connection");
    assert!(lasting <= after + (16 << 20), "it grows while nothing happens: {lasting} bytes after {after}");
    assert!(latency.median < USUALLY && latency.longest < QUICKLY, "{latency:?}");
    let status = words::ask(server.address(), "mntr").expect("an answer");
    let open = words::field(&status, "zk_num_alive_connections\t").expect("it counts them");
    // The one that asks counts, too; the bystander has gone, or is about to.
    let open: usize = open.parse().expect("a number");
    assert!((alive.len() + 1..=alive.len() + 2).contains(&open), "{open} connections, and {} sessions", alive.len());
}

#[test]
fn a_thousand_idle_sessions_cost_little_and_hold_nobody_up() {
    idle(1_000, Duration::from_secs(4));
}

#[test]
#[ignore = "takes a minute: a step of its own in CI"]
fn ten_thousand_idle_sessions_cost_little_and_hold_nobody_up() {
    idle(10_000, Duration::from_secs(20));
}

/// Connections that never become sessions: some say nothing at all, some a byte of a length, some all of it.
#[test]
fn a_thousand_that_never_finish_a_first_word_are_given_up_on() {
    let count = affordable(1_000);
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let settings = "maxClientCnxns=0\nnio.sessionlessCnxnTimeout=1500";
    let server = Service::configured(directory.path(), settings);
    let bystander = Bystander::start(server.address());
    let beginnings: [&[u8]; 3] = [&[], &[0], &[0, 0, 0, 44]];
    let mut half_open = Vec::new();
    for beginning in beginnings.into_iter().cycle().take(count) {
        let mut stream = TcpStream::connect(server.address()).expect("a connection");
        stream.write_all(beginning).expect("it takes it");
        half_open.push(stream);
    }
    let watch = Stopwatch::start();
    for stream in &half_open {
        stream.set_read_timeout(Some(watch.left_of(PATIENCE).max(Duration::from_millis(1)))).expect("it can be set");
        let ended = std::io::Read::read(&mut &*stream, &mut [0; 16]);
        assert!(
            ended.as_ref().map_or_else(|error| error.kind() == std::io::ErrorKind::ConnectionReset, |&n| n == 0),
            "{ended:?}"
        );
    }
    println!("all {count} are closed {:?} after the last one came", watch.elapsed());
    let latency = bystander.finish();
    assert!(latency.median < USUALLY && latency.longest < QUICKLY, "{latency:?}");
}

/// The system's limits of open files for a process: the one at work, and the one up to which it may be raised.
fn limits_of_open_files(process: u32) -> (String, String) {
    let limits = std::fs::read_to_string(format!("/proc/{process}/limits")).expect("a living process has limits");
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).expect("files are limited");
    let mut words = line.split_whitespace().map(str::to_owned);
    (words.next().expect("the soft limit"), words.next().expect("the hard limit"))
}

/// A server in a shell that has limited its open files.
fn limited(directory: &std::path::Path, limit: &str, settings: &str) -> Service {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit {limit} && exec \"$0\" serve --config \"$1\"")]);
    command.arg(program::interregnum()).arg(configuration(directory, settings));
    Service::run(&mut command)
}

#[test]
fn a_server_takes_all_the_files_it_may_have() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let server = limited(directory.path(), "-Sn 100", "maxClientCnxns=0");
    let (soft, hard) = limits_of_open_files(server.id());
    assert_eq!(soft, hard);
    assert_ne!(soft, "100", "the test itself may have no more: nothing is shown");
}

#[test]
fn a_server_short_of_files_says_so_and_serves_those_whom_it_has_let_in() {
    const FILES: usize = 128;
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    // A snapshot and a new log every few transactions: files that it must be able to open.
    let settings = "maxClientCnxns=0\nsnapCount=10";
    let mut server = limited(directory.path(), &format!("-n {FILES}"), settings);
    let mut first = Connection::with_session(server.address(), PATIENCE).expect("a session");
    let mut crowd: Vec<TcpStream> =
        (0..2 * FILES).map(|_| TcpStream::connect(server.address()).expect("the system accepts it")).collect();
    for number in 0..100 {
        let path = format!("/n-{number}");
        first.ask(&create(&path, b"x", CreateMode::Persistent)).expect("it is served").expect("created");
    }
    assert!(server.is_running());
    crowd.clear();
    eventually("room for others, once the crowd has gone", PATIENCE, || {
        Connection::with_session(server.address(), PATIENCE).ok()
    });
    let log = server.stop().complaints;
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("no room for more connections")).collect();
    assert!(!lines.is_empty(), "it says so: {log}");
    assert!(log.lines().count() < 20, "it says so once, not for each: {log}");
}

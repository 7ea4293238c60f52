//! What was acknowledged is there after a kill, and a data directory that cannot be trusted is not served from.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use interregnum_tests::files;
use interregnum_tests::service::{self, Service, scratch};
use interregnum_tests::waiting::{Stopwatch, pause};
use interregnum_tests::wire::{Connection, Message, create};
use proto::{CreateMode, DeleteRequest, Request, Response, SetDataRequest, Zxid};

const SESSION: Duration = Duration::from_secs(10);

/// How soon after its start a server must be ready, on a machine that has other things to do.
const READY_WITHIN: Duration = Duration::from_secs(5);

/// How often the server is killed.
const KILLS: u32 = 20;

/// The most sequential znodes that one life of the server gets.
const NUMBERED_PER_LIFE: usize = 300;

/// So many creates are under way at a time.
const IN_FLIGHT: usize = 8;

fn delete(path: &str) -> Request {
    Request::Delete(DeleteRequest { path: path.to_owned(), version: -1 })
}

fn set(path: &str, data: String) -> Request {
    Request::SetData(SetDataRequest { path: path.to_owned(), data: Some(Bytes::from(data)), version: -1 })
}

/// What one life of a server acknowledged to one writer.
#[derive(Debug, Default)]
struct Acknowledged {
    /// Sequential znodes, in the order of the answers.
    numbered: Vec<String>,
    /// The last value of the counter.
    counter: u64,
    /// Znodes that were created (true) or deleted (false).
    churned: BTreeMap<String, bool>,
    /// The znode that was under way at the end: it may be there or not.
    undecided: Option<String>,
    /// The transactions, as the answers name them.
    zxids: Vec<Zxid>,
}

impl Acknowledged {
    /// Takes an answer in; an answer that is an error fails the test.
    fn answer(&mut self, message: Message) -> Response {
        let Message::Answer { zxid, result } = message else { panic!("no watch was set: {message:?}") };
        self.zxids.push(zxid);
        result.expect("a write that nothing stands in the way of")
    }
}

/// Creates numbered znodes, several under way at a time, until the connection breaks.
fn number(address: SocketAddr) -> io::Result<Acknowledged> {
    let mut connection = Connection::with_session(address, SESSION)?;
    let mut seen = Acknowledged::default();
    let request = create("/numbered/n-", b"x", CreateMode::PersistentSequential);
    let mut write = || -> io::Result<()> {
        for _ in 0..IN_FLIGHT {
            connection.send(&request)?;
        }
        for sent in IN_FLIGHT.. {
            let message = connection.receive()?;
            let Response::Create(created) = seen.answer(message) else { panic!("a create answers with a path") };
            seen.numbered.push(created.path);
            if sent < NUMBERED_PER_LIFE {
                connection.send(&request)?;
            }
        }
        Ok(())
    };
    write().expect_err("the server is killed");
    Ok(seen)
}

/// Counts upwards in one znode until the connection breaks.
fn count(address: SocketAddr, from: u64) -> io::Result<Acknowledged> {
    let mut connection = Connection::with_session(address, SESSION)?;
    let mut seen = Acknowledged { counter: from, ..Acknowledged::default() };
    loop {
        let value = seen.counter + 1;
        connection.send(&set("/counter", value.to_string()))?;
        match connection.receive() {
            Ok(message) => seen.answer(message),
            Err(_) => return Ok(seen),
        };
        seen.counter = value;
    }
}

/// Creates znodes and deletes every other one, until the connection breaks.
fn churn(address: SocketAddr, life: u32) -> io::Result<Acknowledged> {
    let mut connection = Connection::with_session(address, SESSION)?;
    let mut seen = Acknowledged::default();
    for turn in 0_u64.. {
        let path = format!("/churn/{life}-{turn}");
        let requests = [create(&path, path.as_bytes(), CreateMode::Persistent), delete(&path)];
        let wanted = if turn % 2 == 0 { 1 } else { 2 };
        for (step, request) in requests.iter().take(wanted).enumerate() {
            seen.undecided = Some(path.clone());
            connection.send(request)?;
            match connection.receive() {
                Ok(message) => seen.answer(message),
                Err(_) => return Ok(seen),
            };
            seen.undecided = None;
            seen.churned.insert(path.clone(), step == 0);
        }
    }
    unreachable!("numbers do not end");
}

/// Writes with three clients for a while, and kills the server in the middle of it.
fn write_until_killed(server: Service, life: u32, counter: u64, lasts: Duration) -> [Acknowledged; 3] {
    let address = server.address();
    std::thread::scope(|scope| {
        let numbering = scope.spawn(move || number(address));
        let counting = scope.spawn(move || count(address, counter));
        let churning = scope.spawn(move || churn(address, life));
        pause(lasts);
        server.kill();
        [numbering, counting, churning].map(|writer| writer.join().expect("no writer fails").expect("a session"))
    })
}

#[test]
fn what_was_acknowledged_is_there_after_every_kill() {
    let (_directory, data) = scratch();
    let server = Service::on(&data);
    let mut connection = Connection::with_session(server.address(), SESSION).expect("a session");
    for (path, content) in [("/numbered", ""), ("/counter", "0"), ("/churn", "")] {
        connection.ask(&create(path, content.as_bytes(), CreateMode::Persistent)).expect("an answer").expect("created");
    }
    drop(connection);
    let mut server = Some(server);

    let mut numbered: BTreeSet<String> = BTreeSet::new();
    let mut counter = 0;
    let mut churned = BTreeMap::new();
    let mut last_zxid = Zxid(0);
    let mut slowest_start = Duration::ZERO;
    let mut acknowledged = 0;

    for life in 0..KILLS {
        let lasts = Duration::from_millis(u64::from(60 + life * 37 % 190));
        let running = server.take().expect("a server runs at the beginning of each life");
        let seen = write_until_killed(running, life, counter, lasts);

        for writer in &seen {
            assert!(writer.zxids.is_sorted(), "the answers to one client come in the order of the history");
            assert!(writer.zxids.iter().all(|zxid| *zxid > last_zxid), "a transaction of this life is of a later time");
            acknowledged += writer.zxids.len();
        }
        let [numbering, counting, churning] = seen;
        let own: BTreeSet<String> = numbering.numbered.iter().cloned().collect();
        assert_eq!(own.len(), numbering.numbered.len(), "no number twice in one life");
        assert!(own.is_disjoint(&numbered), "no number twice in two lives");
        assert!(numbering.numbered.is_sorted(), "numbers grow");

        let restarted = Service::on(&data);
        slowest_start = slowest_start.max(restarted.start_took());
        let mut reader = Connection::with_session(restarted.address(), SESSION).expect("a session");

        let there: BTreeSet<String> =
            reader.children("/numbered").into_iter().map(|name| format!("/numbered/{name}")).collect();
        let missing: Vec<&String> = own.iter().chain(&numbered).filter(|path| !there.contains(*path)).collect();
        assert!(missing.is_empty(), "life {life}: acknowledged, and gone: {missing:?}");
        let unexpected = there.difference(&numbered).filter(|path| !own.contains(*path)).count();
        assert!(unexpected <= IN_FLIGHT, "only what was under way may be there unacknowledged: {unexpected}");
        // What is there now stays there, whether it was acknowledged or not.
        numbered = there;

        let (value, _) = reader.get("/counter").expect("the counter is there");
        let value: u64 = String::from_utf8_lossy(&value).parse().expect("a number");
        assert!((counting.counter..=counting.counter + 1).contains(&value), "{value} after {}", counting.counter);
        counter = value;

        churned.extend(churning.churned);
        if let Some(undecided) = churning.undecided {
            let is_there = reader.exists(&undecided).is_some();
            churned.insert(undecided, is_there);
        }
        let there: BTreeSet<String> =
            reader.children("/churn").into_iter().map(|name| format!("/churn/{name}")).collect();
        let expected: BTreeSet<String> =
            churned.iter().filter(|(_, is_there)| **is_there).map(|(path, _)| path.clone()).collect();
        assert_eq!(there, expected, "life {life}: created is there, deleted is not");

        last_zxid = last_zxid.max(reader.exists("/counter").expect("it is there").mzxid);
        server = Some(restarted);
    }
    println!("{acknowledged} writes acknowledged over {KILLS} kills, slowest start {slowest_start:?}");
    assert!(acknowledged > KILLS as usize * 20, "the server was killed while it was written to: {acknowledged}");
    assert!(counter > 0 && !numbered.is_empty() && !churned.is_empty(), "every writer got something done");
    assert!(slowest_start < READY_WITHIN, "ready after {slowest_start:?}");
}

/// Writes some znodes, kills the server, and gives their paths.
fn data_of_a_killed_server(data: &Path) -> Vec<String> {
    let server = Service::on(data);
    let mut connection = Connection::with_session(server.address(), SESSION).expect("a session");
    let paths = (0..50).map(|number| {
        let path = format!("/znode-{number:02}");
        connection.ask(&create(&path, path.as_bytes(), CreateMode::Persistent)).expect("an answer").expect("created");
        path
    });
    let paths = paths.collect();
    server.kill();
    paths
}

/// The log that was written to.
fn log(data: &Path) -> PathBuf {
    files::largest(data, "log")
}

#[test]
fn a_torn_end_of_the_log_costs_what_was_torn_and_no_more() {
    for torn in [1, 3, 20] {
        let (_directory, data) = scratch();
        let paths = data_of_a_killed_server(&data);
        let log = log(&data);
        let length = fs::metadata(&log).expect("it is there").len();
        fs::OpenOptions::new().write(true).open(&log).and_then(|file| file.set_len(length - torn)).expect("it is cut");

        let server = Service::on(&data);
        let mut connection = Connection::with_session(server.address(), SESSION).expect("a session");
        let (last, whole) = paths.split_last().expect("there are many");
        for path in whole {
            assert_eq!(connection.get(path).expect("it is whole").0, path.as_bytes());
        }
        assert!(connection.get(last).is_none(), "its record was torn");
        // What comes behind the cut is read again as well.
        connection.ask(&create(last, b"again", CreateMode::Persistent)).expect("an answer").expect("created");
        server.kill();
        let server = Service::on(&data);
        let mut connection = Connection::with_session(server.address(), SESSION).expect("a session");
        assert_eq!(connection.get(last).expect("it is there").0, "again");
        assert_eq!(connection.children("/").len(), paths.len() + 1, "and /zookeeper");
    }
}

#[test]
fn a_flipped_bit_is_refused_and_nothing_is_touched() {
    let (_directory, data) = scratch();
    data_of_a_killed_server(&data);
    let log = log(&data);
    let mut bytes = fs::read(&log).expect("it is there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(&log, &bytes).expect("it is written");
    let before = files::content(&data);

    let refused = service::refused("127.0.0.1:0", &[OsStr::new("--data"), data.as_os_str()]);
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    let complaint = refused.only_complaint();
    assert!(complaint.contains(&log.display().to_string()), "it names the file: {complaint}");
    // The record that holds the byte begins before it, and no record here is longer than this.
    let after_the_name = complaint.replace(&log.display().to_string(), "");
    let offset = after_the_name
        .split(|letter: char| !letter.is_ascii_digit())
        .filter_map(|number| number.parse::<usize>().ok())
        .find(|number| (middle.saturating_sub(300)..=middle).contains(number));
    assert!(offset.is_some(), "it names the place, near byte {middle}: {complaint}");
    assert_eq!(files::content(&data), before, "a directory that is refused is left as it was");
}

#[test]
fn a_data_path_that_is_no_directory_is_refused_in_one_line() {
    let (directory, file) = scratch();
    fs::write(&file, "precious").expect("it is written");
    let refused = service::refused("127.0.0.1:0", &[OsStr::new("--data"), file.as_os_str()]);
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    assert!(refused.only_complaint().contains(&file.display().to_string()));
    assert_eq!(fs::read(&file).expect("it is there"), b"precious");
    assert_eq!(files::content(directory.path()).len(), 1);
}

#[test]
fn a_port_in_use_is_refused_in_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let watch = Stopwatch::start();
    let refused = service::refused(&address, &[]);
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    assert!(refused.only_complaint().contains(&address));
    assert!(watch.elapsed() < READY_WITHIN, "it does not wait for the port");
}

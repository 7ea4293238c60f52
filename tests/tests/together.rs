//! `serve --ensemble`: three servers in one process are one service, each at a port of its own.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use interregnum_tests::ensemble::free_ports;
use interregnum_tests::process::{Finished, Process};
use interregnum_tests::service::{self, scratch};
use interregnum_tests::waiting::{PATIENCE, eventually};
use interregnum_tests::wire::{Connection, Message, create};
use interregnum_tests::words::{Status, ask, field};
use proto::{CreateMode, EventType, GetDataRequest, Request, Response, SetDataRequest, SyncRequest};

const SESSION: Duration = Duration::from_secs(4);

/// All servers of an ensemble in one process.
struct Together {
    process: Process,
    /// What it said of each server, behind the address.
    places: Vec<String>,
    addresses: Vec<SocketAddr>,
}

impl Together {
    /// Starts three servers, and waits until one leads and the others follow.
    fn start(arguments: &[&OsStr]) -> Together {
        let listen = format!("127.0.0.1:{}", free_ports(3));
        let fixed = ["--ensemble", "3", "--tick", "200ms", "--four-letter-words", "*"].map(OsStr::new);
        let process = Process::start(&mut service::command(&listen, &[&fixed, arguments].concat()));
        let (mut addresses, mut places) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            let line = process.line(PATIENCE).expect("a line for each server");
            let said = line.strip_prefix("serving on ").and_then(|rest| rest.split_once(' '));
            let (address, place) = said.unwrap_or_else(|| panic!("{line}"));
            addresses.push(address.parse().expect("an address"));
            places.push(place.to_owned());
        }
        let all: Vec<String> = addresses.iter().map(SocketAddr::to_string).collect();
        assert_eq!(process.line(PATIENCE), Some(format!("clients connect to {}", all.join(","))));
        let together = Together { process, places, addresses };
        eventually("an ensemble that is whole", PATIENCE, || {
            let modes = together.modes();
            (modes.iter().flatten().count() == 3).then_some(())
        });
        together
    }

    fn modes(&self) -> Vec<Option<String>> {
        self.addresses.iter().map(|address| Status::of(*address).map(|status| status.mode)).collect()
    }

    /// The leader's address, and the followers'.
    fn ranks(&self) -> (SocketAddr, [SocketAddr; 2]) {
        let is_leader = |address: &&SocketAddr| Status::of(**address).is_some_and(|status| status.mode == "leader");
        let (leaders, followers): (Vec<SocketAddr>, Vec<SocketAddr>) = self.addresses.iter().partition(is_leader);
        let ([leader], [one, other]) = (&leaders[..], &followers[..]) else { panic!("{leaders:?} lead") };
        (*leader, [*one, *other])
    }
}

fn session(address: SocketAddr) -> Connection {
    Connection::with_session(address, SESSION).expect("a session")
}

fn write(connection: &mut Connection, path: &str) {
    connection.ask(&create(path, path.as_bytes(), CreateMode::Persistent)).expect("an answer").expect("created");
}

fn sync(connection: &mut Connection) {
    connection.ask(&Request::Sync(SyncRequest { path: "/".to_owned() })).expect("an answer").expect("synced");
}

#[test]
fn what_is_written_through_one_server_is_read_through_the_others() {
    let together = Together::start(&[]);
    for (index, place) in together.places.iter().enumerate() {
        assert_eq!(place, &format!("as server {} of 3, in memory", index + 1));
    }
    let mut connections: Vec<Connection> = together.addresses.iter().map(|address| session(*address)).collect();
    for round in 0..20 {
        for writer in 0..3 {
            let path = format!("/{round}-{writer}");
            write(&mut connections[writer], &path);
            for reader in &mut connections {
                sync(reader);
                assert_eq!(reader.get(&path).expect("it shows after a sync").0, path.as_bytes());
            }
        }
    }
    // A number that two servers gave out would be there twice.
    let request = create("/numbered-", b"", CreateMode::PersistentSequential);
    let mut numbered: Vec<String> = (0..30)
        .map(|turn| match connections[turn % 3].ask(&request).expect("an answer").expect("created") {
            Response::Create(created) => created.path,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(numbered.is_sorted(), "{numbered:?}");
    numbered.dedup();
    assert_eq!(numbered.len(), 30);
}

#[test]
fn a_watch_at_one_server_sees_what_another_one_is_told() {
    let together = Together::start(&[]);
    let (leader, followers) = together.ranks();
    let mut writer = session(followers[0]);
    write(&mut writer, "/a");
    for address in [leader, followers[1]] {
        let mut watcher = session(address);
        sync(&mut watcher);
        let read = Request::GetData(GetDataRequest { path: "/a".to_owned(), watch: true });
        watcher.ask(&read).expect("an answer").expect("it is there");
        let set = SetDataRequest { path: "/a".to_owned(), data: Some("new".into()), version: -1 };
        writer.ask(&Request::SetData(set)).expect("an answer").expect("set");
        let Message::Event(event) = watcher.receive().expect("an event") else { panic!("nothing was asked") };
        assert_eq!((event.event_type, event.path.as_str()), (EventType::NodeDataChanged, "/a"));
    }
    // Closed at one server, so what it owned goes from all.
    let mut owner = session(followers[0]);
    owner.ask(&create("/owned", b"", CreateMode::Ephemeral)).expect("an answer").expect("created");
    let mut reader = session(followers[1]);
    sync(&mut reader);
    assert!(reader.exists("/owned").is_some());
    owner.ask(&Request::CloseSession).expect("an answer").expect("closed");
    sync(&mut reader);
    assert!(reader.exists("/owned").is_none());
}

/// As a running Apache ZooKeeper 3.8.0 says it, of three servers.
#[test]
fn four_letter_words_tell_who_leads_and_in_which_epoch() {
    let together = Together::start(&[]);
    let (leader, followers) = together.ranks();
    let say = |address, word| ask(address, word).expect("an answer");

    // Before the first transaction the leader counts from the beginning of its epoch, the followers from nothing.
    let fresh = say(leader, "srvr");
    let epoch = Status::of(leader).expect("it serves").epoch();
    assert!(epoch >= 1 && fresh.contains(&format!("\nZxid: {:#x}\n", epoch << 32)), "{fresh}");
    assert!(fresh.ends_with("\nMode: leader\nNode count: 5\nProposal sizes last/min/max: -1/-1/-1\n"), "{fresh}");
    assert!(say(followers[0], "srvr").ends_with("\nZxid: 0x0\nMode: follower\nNode count: 5\n"));

    let mut writer = session(followers[0]);
    write(&mut writer, "/a");
    for address in followers {
        sync(&mut session(address));
    }
    for (address, mode, state) in [
        (leader, "leader", "leading"),
        (followers[0], "follower", "following"),
        (followers[1], "follower", "following"),
    ] {
        let status = Status::of(address).expect("it serves");
        assert_eq!((status.mode.as_str(), status.epoch()), (mode, epoch));
        assert!(status.zxid & 0xffff_ffff >= 2, "a session and a znode: {status:?}");
        for word in ["srvr", "stat"] {
            let answer = say(address, word);
            assert!(answer.starts_with("Zookeeper version: 3.8.0"), "{answer}");
            assert_eq!(field(&answer, "Mode: ").as_deref(), Some(mode), "{answer}");
            assert_eq!(field(&answer, "Node count: ").as_deref(), Some("6"), "{answer}");
            assert_eq!(answer.contains("Proposal sizes last/min/max: "), mode == "leader", "{answer}");
        }
        assert!(say(address, "stat").contains("\nClients:\n /127.0.0.1:"));
        let metrics = say(address, "mntr");
        assert_eq!(field(&metrics, "zk_server_state\t").as_deref(), Some(mode));
        assert_eq!(field(&metrics, "zk_peer_state\t"), Some(format!("{state} - broadcast")));
        assert_eq!(field(&metrics, "zk_quorum_size\t").as_deref(), Some("3"));
        assert_eq!(field(&metrics, "zk_znode_count\t").as_deref(), Some("6"));
        let led = |name: &str| field(&metrics, name);
        let followed = if mode == "leader" { Some("2".to_owned()) } else { None };
        assert_eq!([led("zk_synced_followers\t"), led("zk_learners\t")], [followed.clone(), followed]);
        assert_eq!((say(address, "isro").as_str(), say(address, "ruok").as_str()), ("rw", "imok"));
        let config = say(address, "conf");
        assert_eq!(config.lines().filter(|line| line.starts_with("server.")).count(), 3, "{config}");
    }
    // Who holds a session is known where its client is; who is alive, everywhere.
    assert!(say(followers[0], "cons").contains("sid=0x"));
    assert!(say(leader, "dump").starts_with("SessionTracker dump:\n"));
}

#[test]
fn an_ensemble_finds_its_data_again() {
    let (_directory, data) = scratch();
    let arguments = [OsStr::new("--data"), data.as_os_str()];
    let mut together = Together::start(&arguments);
    let place = format!("as server 2 of 3, data in {}", data.join("2").display());
    assert_eq!(together.places[1], place);
    write(&mut session(together.addresses[0]), "/a");
    let before = Status::of(together.ranks().0).expect("it leads");
    together.process.kill();

    let mut together = Together::start(&arguments);
    let after = Status::of(together.ranks().0).expect("it leads");
    assert!(after.epoch() > before.epoch(), "{after:?} after {before:?}");
    for address in &together.addresses {
        assert_eq!(session(*address).get("/a").expect("it is there").0, "/a");
    }
    together.process.kill();

    for servers in ["1", "2"] {
        let finished = refused(&data, servers);
        assert_eq!(finished.code, Some(2), "{finished:#?}");
        let line = finished.complaints.lines().last().unwrap_or_default();
        assert!(line.contains("the data of 3 servers") && line.contains(&data.display().to_string()), "{line}");
    }
    write(&mut session(Together::start(&arguments).addresses[2]), "/b");
}

#[test]
fn the_data_of_one_server_are_not_those_of_an_ensemble() {
    let (_directory, data) = scratch();
    let alone = service::Service::on(&data);
    write(&mut session(alone.address()), "/a");
    alone.kill();
    let finished = refused(&data, "3");
    assert_eq!(finished.code, Some(2), "{finished:#?}");
    assert!(finished.only_complaint().contains("stood alone"), "{finished:#?}");
    assert!(!data.join("1").exists(), "nothing was put beside it");
    let alone = service::Service::on(&data);
    assert!(session(alone.address()).get("/a").is_some());
}

/// An ensemble of so many on these data must be refused.
fn refused(data: &Path, servers: &str) -> Finished {
    let arguments = [OsStr::new("--ensemble"), OsStr::new(servers), OsStr::new("--data"), data.as_os_str()];
    service::refused("127.0.0.1:0", &arguments)
}

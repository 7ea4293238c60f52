//! Four-letter words of an ensemble: asked the same, Interregnum and Apache ZooKeeper say the same.
//!
//! Needs programs of others: see `interregnum_tests::outside`.

use std::net::SocketAddr;
use std::time::Duration;

use interregnum_tests::apache::{self, Apache};
use interregnum_tests::ensemble::{Ensemble, Settings};
use interregnum_tests::outside;
use interregnum_tests::service::scratch;
use interregnum_tests::waiting::{PATIENCE, eventually};
use interregnum_tests::wire::{Connection, create};
use interregnum_tests::words::{Status, ask, field};
use proto::{CreateMode, ExistsRequest, GetDataRequest, Request, SyncRequest};

const TICK: Duration = Duration::from_millis(500);

/// What `mntr` says that does not hang on how long things take.
const METRICS: [&str; 14] = [
    "zk_server_state",
    "zk_peer_state",
    "zk_quorum_size",
    "zk_znode_count",
    "zk_ephemerals_count",
    "zk_watch_count",
    "zk_global_sessions",
    "zk_num_alive_connections",
    "zk_outstanding_requests",
    "zk_learners",
    "zk_synced_followers",
    "zk_synced_non_voting_followers",
    "zk_synced_observers",
    "zk_pending_syncs",
];

/// What `srvr` says that does not hang on how long things take, or on how transactions are written down.
const STATUS: [&str; 4] = ["Connections: ", "Outstanding: ", "Mode: ", "Node count: "];

/// Waits until one of the servers has this mode.
fn find(servers: &[SocketAddr], mode: &str) -> SocketAddr {
    eventually(mode, PATIENCE, || {
        let is_one = |address: &&SocketAddr| Status::of(**address).is_some_and(|status| status.mode == mode);
        servers.iter().find(is_one).copied()
    })
}

/// The beginnings of the lines, up to the first thing in each that may differ.
fn shape(answer: &str) -> Vec<String> {
    answer.lines().map(|line| line.split_inclusive(": ").next().unwrap_or_default().to_owned()).collect()
}

/// Everything of which both are to say the same, in order.
fn said(servers: &[SocketAddr]) -> Vec<String> {
    let (leader, follower) = (find(servers, "leader"), find(servers, "follower"));
    let mut said = Vec::new();
    let fresh = [leader, follower].map(|address| Status::of(address).expect("it serves").zxid & 0xffff_ffff);
    said.push(format!("nothing has happened in this epoch: {fresh:?}"));
    said.push(format!("{:?}", shape(&ask(leader, "srvr").expect("an answer"))));

    let mut client = Connection::with_session(follower, Duration::from_secs(5)).expect("a session");
    for (path, mode) in [("/a", CreateMode::Persistent), ("/a/b", CreateMode::Ephemeral)] {
        client.ask(&create(path, b"x", mode)).expect("an answer").expect("created");
    }
    let watch = Request::GetData(GetDataRequest { path: "/a".to_owned(), watch: true });
    client.ask(&watch).expect("an answer").expect("it is there");
    let watch = Request::Exists(ExistsRequest { path: "/none".to_owned(), watch: true });
    client.ask(&watch).expect("an answer").expect_err("it is not there");
    client.ask(&Request::Sync(SyncRequest { path: "/".to_owned() })).expect("an answer").expect("synced");

    for address in [leader, follower] {
        let status = Status::of(address).expect("it serves");
        said.push(format!("{} has applied {}", status.mode, status.zxid & 0xffff_ffff));
        let answer = ask(address, "srvr").expect("an answer");
        said.push(format!("{:?}", shape(&answer)));
        said.extend(STATUS.map(|name| format!("{name}{:?}", field(&answer, name))));
        let metrics = ask(address, "mntr").expect("an answer");
        said.extend(METRICS.map(|name| format!("{name}: {:?}", field(&metrics, &format!("{name}\t")))));
        for word in ["isro", "ruok", "wchs"] {
            said.push(format!("{word}: {}", ask(address, word).expect("an answer")));
        }
        let dump = ask(address, "dump").expect("an answer");
        said.push(format!("dump names the ephemeral: {}", dump.contains("\t/a/b\n")));
        let config = ask(address, "conf").expect("an answer");
        for name in ["tickTime=", "minSessionTimeout=", "maxSessionTimeout=", "initLimit=", "syncLimit=", "peerType="] {
            said.push(format!("{name}{:?}", field(&config, name)));
        }
    }
    let clients = ask(follower, "cons").expect("an answer");
    said.push(format!("cons: {}", clients.lines().filter(|line| line.contains(",sid=0x")).count()));
    said
}

/// What the last of three says once the others are gone.
fn said_alone(server: SocketAddr) -> Vec<String> {
    eventually("a server that knows it is alone", PATIENCE, || Status::of(server).is_none().then_some(()));
    let words = ["srvr", "stat", "mntr", "conf", "cons", "dump", "isro", "ruok", "wchs", "wchc", "wchp"];
    words.map(|word| format!("{word}: {}", ask(server, word).expect("an answer"))).into()
}

#[test]
fn an_ensemble_says_of_itself_what_apache_zookeeper_says() {
    if !outside::is_asked_for("four-letter words of an ensemble") {
        return;
    }
    let Some(()) = outside::obtained(apache::obtain()) else { return };
    let (_directory, data) = scratch();
    let mut theirs = Apache::ensemble(&data, TICK);
    let addresses: Vec<SocketAddr> = theirs.iter().map(Apache::address).collect();
    let mut ours = Ensemble::start(Settings { tick: TICK, ..Settings::default() });
    let own_addresses: Vec<SocketAddr> = ours.ids().map(|id| ours.address(id)).collect();

    let (expected, got) = (said(&addresses), said(&own_addresses));
    assert!(expected.len() > 40, "it says something: {expected:#?}");
    for (theirs, ours) in expected.iter().zip(&got) {
        assert_eq!(theirs, ours, "Apache ZooKeeper left, Interregnum right");
    }
    assert_eq!(expected.len(), got.len());

    theirs.drain(..2).for_each(Apache::kill);
    ours.kill(1);
    ours.kill(2);
    assert_eq!(said_alone(addresses[2]), said_alone(own_addresses[2]), "Apache ZooKeeper left, Interregnum right");
}

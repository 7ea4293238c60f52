//! What a server of an ensemble may do: lead, follow, observe, and serve reads without any of them.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use interregnum_tests::ensemble::{Ensemble, Settings, command, free_port};
use interregnum_tests::process::Process;
use interregnum_tests::service::scratch;
use interregnum_tests::session::Session;
use interregnum_tests::waiting::{PATIENCE, Stopwatch, eventually, pause};
use interregnum_tests::wire::{Connection, create, new_session};
use interregnum_tests::words::{Status, ask, field};
use proto::{ConnectRequest, CreateMode, ErrorCode, ExistsRequest, Request};

fn session(ensemble: &Ensemble, id: u8) -> Session {
    Session::open(vec![ensemble.address(id)], ensemble.settings().longest_session(), PATIENCE)
}

fn create_persistent(path: &str) -> Request {
    create(path, path.as_bytes(), CreateMode::Persistent)
}

#[test]
fn an_observer_serves_and_does_not_vote() {
    let mut ensemble = Ensemble::start(Settings { servers: 4, observers: 1, ..Settings::default() });
    let mut through = session(&ensemble, 4);
    through.ask(&create_persistent("/a")).expect("an answer").expect("created");
    let mut elsewhere = session(&ensemble, 1);
    assert!(elsewhere.latest("/a").is_some(), "what an observer is asked the leader decides");
    elsewhere.ask(&create_persistent("/b")).expect("an answer").expect("created");
    assert!(through.latest("/b").is_some(), "and an observer learns what the others are told");
    let (leader, _) = ensemble.leader().expect("there is a leader");
    let metrics = ask(ensemble.address(leader), "mntr").expect("an answer");
    for line in ["zk_quorum_size\t3", "zk_synced_followers\t2", "zk_synced_observers\t1", "zk_learners\t3"] {
        assert!(metrics.lines().any(|other| other == line), "{line} in:\n{metrics}");
    }

    // With one of the three that vote there is no quorum, though two servers are left.
    let others: Vec<u8> = (1..=3).filter(|id| *id != leader).collect();
    ensemble.kill(others[0]);
    ensemble.kill(others[1]);
    eventually("a leader that steps down", PATIENCE, || ensemble.leader().is_none().then_some(()));
    pause(ensemble.settings().new_leader_within());
    assert_eq!([leader, 4].map(|id| ensemble.status(id)), [None, None]);

    ensemble.start_server(others[0]);
    ensemble.start_server(others[1]);
    ensemble.wait_until_whole();
    let mut through = session(&ensemble, 4);
    assert!(through.latest("/a").is_some() && through.latest("/b").is_some());
}

#[test]
fn a_server_that_is_left_alone_serves_reads_to_those_who_ask_for_no_more() {
    let mut ensemble = Ensemble::start(Settings { may_read_only: true, ..Settings::default() });
    let mut writer = session(&ensemble, 1);
    writer.ask(&create_persistent("/a")).expect("an answer").expect("created");
    session(&ensemble, 2).sync();
    ensemble.kill(1);
    ensemble.kill(3);
    let address = ensemble.address(2);
    eventually("a server that serves reads", PATIENCE, || {
        ask(address, "isro").ok().filter(|answer| answer == "ro").map(|_| ())
    });
    assert!(ask(address, "srvr").expect("an answer").contains("\nREAD-ONLY mode; serving only read-only clients\n"));
    assert!(ask(address, "srvr").expect("an answer").contains("\nMode: read-only\n"));

    let timeout = ensemble.settings().longest_session();
    let mut refused = Connection::open(address).expect("a connection");
    assert!(refused.shake_hands(&new_session(timeout)).is_err(), "a client that wants to write is not served");

    let mut reader = Connection::open(address).expect("a connection");
    let handshake = ConnectRequest { read_only: Some(true), ..new_session(timeout) };
    let granted = reader.shake_hands(&handshake).expect("an answer");
    assert_eq!(granted.read_only, Some(true));
    assert_eq!(reader.get("/a").expect("it is there").0, "/a");
    assert_eq!(reader.ask(&create_persistent("/b")).expect("an answer"), Err(ErrorCode::NotReadOnly));

    // Once there is a quorum again, who reads only has to come again, and can do all.
    ensemble.start_server(1);
    ensemble.start_server(3);
    ensemble.wait_until_whole();
    assert!(reader.is_closed_within(PATIENCE), "served by nobody who cannot write");
    assert_eq!(ask(address, "isro").expect("an answer"), "rw");
    let mut writer = session(&ensemble, 2);
    assert!(writer.latest("/b").is_none() && writer.latest("/a").is_some());
    writer.ask(&create_persistent("/b")).expect("an answer").expect("created");
}

/// Nobody is told that a process hangs: its silence is all there is.
#[test]
fn a_leader_that_hangs_is_replaced_and_comes_back_as_a_follower() {
    let settings = Settings::default();
    let mut ensemble = Ensemble::start(settings);
    let (old, before) = ensemble.leader().expect("there is a leader");
    let addresses: Vec<_> = ensemble.ids().filter(|id| *id != old).map(|id| ensemble.address(id)).collect();
    let mut at_the_old = Connection::with_session(ensemble.address(old), PATIENCE).expect("a session");
    let mut elsewhere = Session::open(addresses.clone(), settings.longest_session(), PATIENCE);
    elsewhere.ask(&create_persistent("/before")).expect("an answer").expect("created");

    ensemble.pause(old, true);
    let watch = Stopwatch::start();
    // Asked of a leader that does not know yet that it leads nobody.
    at_the_old.send(&create_persistent("/too-late")).expect("its system takes it");
    // A request that waits for a leader which hangs is not refused, and ends with the connection: it is made again.
    let created = elsewhere.insist(&create_persistent("/meanwhile"));
    assert!(matches!(created, Ok(_) | Err(ErrorCode::NodeExists)), "{created:?}");
    let took = watch.elapsed();
    println!("written again after {took:?}, of {:?} allowed", settings.new_leader_within());
    assert!(took < settings.new_leader_within(), "{took:?}");

    ensemble.pause(old, false);
    let new = ensemble.wait_until_whole();
    let after = ensemble.status(new).expect("it leads");
    assert!(new != old && after.epoch() > before.epoch(), "{new} in {after:?}, {old} in {before:?}");
    assert!(at_the_old.receive().is_err(), "what it was asked it could not do");
    let mut reader = session(&ensemble, old);
    assert!(reader.latest("/before").is_some() && reader.latest("/meanwhile").is_some());
    assert!(reader.latest("/too-late").is_none(), "nobody else had heard of it");
}

#[test]
fn a_server_that_the_others_do_not_know_is_kept_out() {
    let mut ensemble = Ensemble::start(Settings::default());
    let (leader, before) = ensemble.leader().expect("there is a leader");
    // Its own settings name it, beside the three; theirs do not.
    let (_directory, data) = scratch();
    fs::create_dir_all(&data).expect("the directory can be made");
    fs::write(data.join("myid"), "4").expect("the id can be written");
    let theirs = fs::read_to_string(ensemble.config(1)).expect("it is there");
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let shared = theirs.lines().filter(|line| !line.starts_with("dataDir=") && !line.starts_with("clientPort="));
    let own = format!(
        "dataDir={}\nclientPort={}\nserver.4=127.0.0.1:{}:{}:participant\n{}\n",
        data.display(),
        address.port(),
        free_port(),
        free_port(),
        shared.collect::<Vec<_>>().join("\n"),
    );
    let file = data.join("zoo.cfg");
    fs::write(&file, own).expect("it is written");
    let mut stranger = Process::start(&mut command(&file));
    assert!(stranger.line(PATIENCE).is_some_and(|line| line.contains("as server 4 of 4")));
    pause(ensemble.settings().new_leader_within());

    assert!(stranger.is_running());
    assert_eq!(Status::of(address), None, "it serves nobody");
    assert_eq!(ensemble.leader(), Some((leader, before)), "nobody minds");
    let metrics = ask(ensemble.address(leader), "mntr").expect("an answer");
    assert_eq!(field(&metrics, "zk_learners\t").as_deref(), Some("2"));
    let said = ensemble.kill(leader).complaints;
    let told = said.lines().filter(|line| line.contains("a server called that should not: settings differ")).count();
    // After pauses that double from milliseconds to a second, and then every second.
    let seconds = ensemble.settings().new_leader_within().as_secs() as usize + 1;
    assert!((1..=10 + seconds).contains(&told), "told, and ever less often: {said}");
}

/// Time goes on for sessions where their clients are, not where the leader is.
#[test]
fn a_session_lives_as_long_as_any_server_hears_of_it() {
    let settings = Settings::default();
    let ensemble = Ensemble::start(settings);
    let (leader, _) = ensemble.leader().expect("there is a leader");
    let follower = ensemble.ids().find(|id| *id != leader).expect("there are three");
    let timeout = settings.tick * 4;
    let open = || Session::open(vec![ensemble.address(follower)], timeout, PATIENCE);
    let (mut talks, mut listens) = (open(), open());
    for (session, path) in [(&mut talks, "/talks"), (&mut listens, "/listens")] {
        session.ask(&create(path, b"", CreateMode::Ephemeral)).expect("an answer").expect("created");
    }
    let exists = |path: &str| Request::Exists(ExistsRequest { path: path.to_owned(), watch: false });
    let watch = Stopwatch::start();
    let mut gone_after = None;
    while watch.elapsed() < timeout * 3 {
        // Reads, which the leader never sees.
        let seen = talks.ask(&exists("/listens")).expect("it lives on");
        if seen.is_err() {
            gone_after.get_or_insert(watch.elapsed());
        }
        pause(Duration::from_millis(20));
    }
    let gone_after = gone_after.expect("who says nothing for so long is gone");
    // Its last sign of life was a little before the clock was started; one was relayed half a tick later.
    assert!(gone_after + Duration::from_millis(100) > timeout, "{gone_after:?}");
    assert!(gone_after < timeout * 2, "{gone_after:?}");
    assert!(talks.latest("/talks").is_some());
    assert_eq!(talks.moves(), 0);
}

//! Four-letter words.

use super::*;
use crate::Config;
use crate::replica::{Input, Standing};

#[test]
fn only_what_is_allowed_is_answered() {
    let mut harness = Harness::new();
    let mut say = |word| harness.replica.answer_word(word, false, harness.clocks);
    assert!(say("srvr").contains("\nMode: standalone\n"));
    for word in ["ruok", "isro", "srst"] {
        assert_eq!(say(word), format!("{word} is not executed because it is not in the whitelist.\n"));
    }
}

#[test]
fn every_word_has_an_answer() {
    let mut harness = Harness::with(Config { words: vec!["*".into()], ..Config::default() });
    let client = harness.connect();
    harness.call(client, create("/a", CreateMode::Ephemeral)).unwrap();
    harness.call(client, exists("/a", true)).unwrap();
    for word in crate::replica::WORDS {
        let answer = harness.replica.answer_word(word, false, harness.clocks);
        assert!(!answer.is_empty() && !answer.contains("not known"), "{word}: {answer}");
    }
    let mut say = |word| harness.replica.answer_word(word, false, harness.clocks);
    assert_eq!(say("ruok"), "imok");
    assert!(say("envi").contains("zookeeper.version=3.8.0"), "kazoo reads the version here");
    assert!(say("mntr").contains("zk_ephemerals_count\t1\n"));
    assert!(say("wchp").contains("/a\n"));
    assert!(say("dump").contains("/a\n"));
}

#[test]
fn a_server_without_a_leader_says_that_it_serves_nobody() {
    let mut harness = in_an_ensemble();
    let mut say = |word| harness.replica.answer_word(word, false, harness.clocks);
    assert_eq!((say("ruok").as_str(), say("isro").as_str()), ("imok", "null"));
    for word in ["srvr", "stat", "mntr", "conf", "cons", "dump", "wchs"] {
        assert_eq!(say(word), "This ZooKeeper instance is not currently serving requests\n", "{word}");
    }
}

#[test]
fn a_leader_tells_its_epoch_and_who_follows() {
    let mut harness = in_an_ensemble();
    // The quorum that the reign begins with is there before it does.
    harness.step(Input::LearnerJoined { server: 2 });
    harness.step(Input::Standing(Standing::Leading { epoch: 5 }));
    harness.step(Input::LearnerJoined { server: 3 });
    harness.step(Input::LearnerJoined { server: 4 });
    let say = |harness: &mut Harness, word| harness.replica.answer_word(word, false, harness.clocks);
    let server = say(&mut harness, "srvr");
    assert!(server.contains("\nZxid: 0x500000000\nMode: leader\nNode count: 5\n"), "{server}");
    assert!(server.ends_with("\nProposal sizes last/min/max: -1/-1/-1\n"), "{server}");
    let metrics = say(&mut harness, "mntr");
    for line in [
        "zk_server_state\tleader",
        "zk_peer_state\tleading - broadcast",
        "zk_quorum_size\t3",
        "zk_learners\t3",
        "zk_synced_followers\t2",
        "zk_synced_observers\t1",
        "zk_last_proposal_size\t-1",
    ] {
        assert!(metrics.lines().any(|other| other == line), "{line} in:\n{metrics}");
    }
    harness.step(Input::LearnerLeft { server: 2 });
    assert!(say(&mut harness, "mntr").contains("zk_synced_followers\t1\n"));
    harness.step(Input::Standing(Standing::Out));
    harness.step(Input::Standing(Standing::Leading { epoch: 6 }));
    assert!(say(&mut harness, "mntr").contains("zk_learners\t0\n"), "those of the reign before are gone");
}

#[test]
fn a_follower_tells_what_it_has_applied() {
    let mut harness = in_an_ensemble();
    harness.step(Input::Standing(Standing::Following { leader: 2, epoch: 5 }));
    let mut say = |word| harness.replica.answer_word(word, false, harness.clocks);
    assert!(say("srvr").ends_with("\nZxid: 0x0\nMode: follower\nNode count: 5\n"));
    let metrics = say("mntr");
    assert!(metrics.contains("zk_peer_state\tfollowing - broadcast\n") && metrics.contains("zk_quorum_size\t3\n"));
    assert!(!metrics.contains("zk_learners"), "{metrics}");
    assert!(say("conf").contains("quorumPort=2881\npeerType=0\nmembership: \nserver.1=zoo:2881:2881:participant\n"));
}

#[test]
fn a_connection_is_told_with_what_it_did_last() {
    let mut harness = Harness::with(Config { words: vec!["*".into()], ..Config::default() });
    let client = harness.connect();
    harness.call(client, exists("/", true)).unwrap();
    harness.send_as(client, xid::PING, &Request::Ping);
    let silent = harness.open();
    let mut say = |word| harness.replica.answer_word(word, false, harness.clocks);
    let session = format!(",sid={:#x},lop=PING,est=1600000000000,to=6000,lzxid=0x1,lresp=", client.session.0);
    let clients = say("cons");
    let [one, two, ""] = clients.lines().collect::<Vec<_>>()[..] else { panic!("two connections: {clients}") };
    assert!(one.starts_with(" /10.0.0.1:1000[1](queued=0,recved=3,sent=3") && one.contains(&session), "{clients}");
    assert!(one.ends_with(",llat=0,minlat=0,avglat=0,maxlat=0)"), "{clients}");
    assert_eq!(two, " /10.0.0.1:1000[1](queued=0,recved=0,sent=0)");
    assert!(say("stat").contains("Clients:\n /10.0.0.1:1000[1](queued=0,recved=3,sent=3)\n"), "without details");
    let dump = say("dump");
    assert!(dump.contains("SessionTracker dump:\nSession Sets (1)/(1):\n"), "{dump}");
    assert!(dump.contains("Connections Sets (1)/(2):\n\tip: /10.0.0.1:1000 sessionId: 0x"), "{dump}");
    harness.step(Input::Closed { connection: silent });
}

#[test]
fn counts_can_be_set_back() {
    let mut harness = Harness::with(Config { words: vec!["*".into()], ..Config::default() });
    let client = harness.connect();
    harness.call(client, exists("/", false)).unwrap();
    let mut say = |word| harness.replica.answer_word(word, false, harness.clocks);
    assert!(say("srvr").contains("\nReceived: 3\nSent: 2\n"), "a word counts as received");
    assert_eq!(say("srst"), "Server stats reset.\n");
    assert!(say("srvr").contains("\nReceived: 1\nSent: 0\n"));
    assert!(say("cons").contains("recved=2,sent=2"));
    assert_eq!(say("crst"), "Connection stats reset.\n");
    assert!(say("cons").contains("recved=0,sent=0"));
}

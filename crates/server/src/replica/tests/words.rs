//! Four-letter words.

use super::*;
use crate::Config;

#[test]
fn only_what_is_allowed_is_answered() {
    let harness = Harness::new();
    let say = |word| harness.replica.answer_word(word, harness.clocks);
    assert!(say("srvr").contains("\nMode: standalone\n"));
    assert_eq!(say("isro"), "rw");
    assert_eq!(say("ruok"), "ruok is not executed because it is not in the whitelist.\n");
}

#[test]
fn every_word_has_an_answer() {
    let mut harness = Harness::with(Config { words: vec!["*".into()], ..Config::default() });
    let client = harness.connect();
    harness.call(client, create("/a", CreateMode::Ephemeral)).unwrap();
    harness.call(client, exists("/a", true)).unwrap();
    for word in crate::replica::WORDS {
        let answer = harness.replica.answer_word(word, harness.clocks);
        assert!(!answer.is_empty() && !answer.contains("not known"), "{word}: {answer}");
    }
    let say = |word| harness.replica.answer_word(word, harness.clocks);
    assert_eq!(say("ruok"), "imok");
    assert!(say("envi").contains("zookeeper.version=3.8.0"), "kazoo reads the version here");
    assert!(say("mntr").contains("zk_ephemerals_count\t1\n"));
    assert!(say("wchp").contains("/a\n"));
    assert!(say("dump").contains("/a\n"));
}

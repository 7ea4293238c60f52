//! Whatever is asked for, in whatever order: the tree stays sound, and its history tells the same tree again.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::sound::assert_sound;
use crate::{Config, Database, Transaction};

#[derive(Clone, Debug)]
enum Action {
    Ask { client: usize, requests: Vec<Request>, as_multi: bool },
    Commit,
    Close { client: usize },
    Pass { seconds: u64 },
}

fn path() -> impl Strategy<Value = String> {
    let name = prop_oneof![Just("a"), Just("b"), Just("n-")];
    prop::collection::vec(name, 1..4).prop_map(|names| format!("/{}", names.join("/")))
}

fn request() -> impl Strategy<Value = Request> {
    let mode = prop::sample::select(&CreateMode::ALL[..5]);
    let version = prop_oneof![Just(-1), 0..3];
    prop_oneof![
        4 => (path(), mode).prop_map(|(path, mode)| create(&path, mode)),
        2 => path().prop_map(|path| delete(&path)),
        1 => (path(), version).prop_map(|(path, version)| set_data(&path, version)),
        1 => path().prop_map(|path| Request::Check(CheckRequest { path, version: -1 })),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let requests = prop::collection::vec(request(), 1..4);
    prop_oneof![
        8 => (0..3_usize, requests, any::<bool>())
            .prop_map(|(client, requests, as_multi)| Action::Ask { client, requests, as_multi }),
        3 => Just(Action::Commit),
        1 => (0..3_usize).prop_map(|client| Action::Close { client }),
        1 => (1..20_u64).prop_map(|seconds| Action::Pass { seconds }),
    ]
}

fn as_multi(requests: Vec<Request>) -> Request {
    let part = |request| match request {
        Request::Create2(create) => MultiOperation::Create2(create),
        Request::CreateContainer(create) => MultiOperation::CreateContainer(create),
        Request::Delete(delete) => MultiOperation::Delete(delete),
        Request::SetData(set) => MultiOperation::SetData(set),
        Request::Check(check) => MultiOperation::Check(check),
        other => panic!("{other:?} is not generated"),
    };
    Request::Multi(MultiRequest { operations: requests.into_iter().map(part).collect() })
}

/// What came of it all.
fn run(config: Config, actions: Vec<Action>) -> (Database, Vec<Transaction>) {
    let mut harness = Harness::with(config);
    let mut clients = [harness.connect(), harness.connect(), harness.connect()];
    for action in actions {
        match action {
            Action::Ask { client, requests, as_multi: true } => {
                harness.send(clients[client], &as_multi(requests));
            }
            Action::Ask { client, requests, as_multi: false } => {
                for request in requests {
                    harness.send(clients[client], &request);
                }
            }
            Action::Commit => harness.commit(),
            Action::Close { client } => {
                harness.send(clients[client], &Request::CloseSession);
                clients[client] = harness.connect();
            }
            Action::Pass { seconds } => harness.pass(Duration::from_secs(seconds)),
        }
        assert_sound(harness.replica.database());
    }
    harness.commit();
    assert_sound(harness.replica.database());
    assert_eq!(harness.replica.outstanding(), 0, "everything is committed, so nothing waits");
    let history = harness.persisted.iter().map(|transaction| (**transaction).clone()).collect();
    (harness.replica.database().clone(), history)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_tree_stays_sound_and_its_history_tells_it_again(actions in prop::collection::vec(action(), 1..60)) {
        let config = Config { data: Some("nowhere".into()), ..Config::default() };
        let (database, history) = run(config, actions);
        let mut told = Vec::new();

        let mut replayed = Database::default();
        for transaction in &history {
            let _ = replayed.apply(transaction, &mut told);
        }
        prop_assert_eq!(replayed.digest(), database.digest());
    }

    #[test]
    fn in_memory_the_tree_stays_sound(actions in prop::collection::vec(action(), 1..60)) {
        run(Config::default(), actions);
    }
}

//! `/zookeeper/config`: what a server was started with.

use super::*;
use crate::replica::{Input, Standing};

const PATH: &str = "/zookeeper/config";
const TEXT: &str = "server.1=zoo:2881:3888:participant\nversion=0";

fn data_of(answer: Result<Response, ErrorCode>) -> Option<Bytes> {
    match answer {
        Ok(Response::GetData(response)) => response.data,
        other => panic!("no data in {other:?}"),
    }
}

fn described(description: Option<&str>) -> (Harness, Client) {
    let member = Member { host: "zoo".to_owned(), port: 2881, observes: false };
    let ensemble = Ensemble { description: description.map(str::to_owned), ..Ensemble::new([(1, member)].into()) };
    let mut harness = Harness::with(Config { ensemble: Some(ensemble), ..Config::default() });
    harness.step(Input::Standing(Standing::Leading { epoch: 1 }));
    let client = harness.connect();
    (harness, client)
}

#[test]
fn clients_read_what_their_server_was_started_with() {
    let (mut harness, client) = described(Some(TEXT));
    assert_eq!(data_of(harness.call(client, get_data(PATH, false))), Some(Bytes::from(TEXT)));
    let stat = stat_of(harness.call(client, get_data(PATH, false)));
    assert_eq!((stat.version, stat.aversion, stat.mzxid), (-1, -1, Zxid::ZERO));
    assert_eq!((stat.data_length, stat.mtime), (TEXT.len() as i32, 1_600_000_000_000));
    assert_eq!(stat_of(harness.call(client, exists(PATH, false))), stat, "every request shows the same");
    assert_eq!(harness.call(client, set_data(PATH, -1)), Err(ErrorCode::NoAuth));
    assert_eq!(stat_of(harness.call(client, exists("/zookeeper", false))).data_length, 0, "it is this znode's alone");
}

#[test]
fn it_is_empty_if_the_server_was_not_told_or_stands_alone() {
    let (mut harness, client) = described(None);
    assert_eq!(data_of(harness.call(client, get_data(PATH, false))), Some(Bytes::new()));
    let mut alone = Harness::new();
    let client = alone.connect();
    assert_eq!(data_of(alone.call(client, get_data(PATH, false))), Some(Bytes::new()));
}

#[test]
fn it_is_no_part_of_what_replicas_must_agree_on() {
    let (told, _) = described(Some(TEXT));
    let (untold, _) = described(None);
    assert_eq!(told.replica.database().digest(), untold.replica.database().digest());
}

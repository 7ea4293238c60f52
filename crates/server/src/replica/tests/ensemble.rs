//! A replica among others, as far as one alone shows it.

use super::*;
use crate::Database;
use crate::replica::dispatch::ToLeader;
use crate::replica::{Input, Standing};

#[test]
fn who_has_only_connected_stays_while_a_state_goes() {
    let mut harness = in_an_ensemble();
    let early = harness.open();
    let turned_away = harness.open();
    harness.frame(turned_away, &harness::hello());
    assert!(harness.is_closed(turned_away), "there is no leader");
    let database = Database { last_zxid: Zxid(1 << 32 | 7), ..Database::default() };
    harness.step(Input::Restored { database: Box::new(database) });
    assert!(!harness.is_closed(early));
    harness.frame(early, &harness::hello());
    assert!(harness.is_closed(early), "there is no leader yet");
    assert_eq!(harness.replica.database().last_zxid, Zxid(1 << 32 | 7));
}

#[test]
fn a_session_that_has_moved_may_not_even_sync_from_where_it_was() {
    for request in [Request::Sync(SyncRequest { path: "/".into() }), create("/a", CreateMode::Persistent)] {
        let mut harness = in_an_ensemble();
        harness.step(Input::Standing(Standing::Leading { epoch: 1 }));
        let client = harness.connect();
        let synced = harness.call(client, Request::Sync(SyncRequest { path: "/".into() }));
        assert!(synced.is_ok(), "it is here: {synced:?}");
        // It has come back elsewhere, and what is still on its way from here was sent before.
        let (number, session, timeout_milliseconds) = (1, client.session, 6000);
        let dispatch = ToLeader::Revalidate { number, session, timeout_milliseconds }.encode();
        harness.step(Input::FromLearner { server: 2, dispatch });
        harness.send(client, &request);
        harness.commit();
        assert!(harness.is_closed(client.id), "{request:?}");
        assert_eq!(harness.got(client), [], "an error might be taken for the outcome");
    }
}

//! A replica among others, as far as one alone shows it.

use super::*;
use crate::Database;
use crate::replica::Input;

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

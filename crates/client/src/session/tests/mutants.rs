//! The planted bugs at the bench.

use super::*;
use crate::Mutant;
use crate::mutant::Planted;

/// A session that watches `/a` as of zxid 8 and has lost its connection.
fn away(mutant: Mutant) -> Bench {
    let mut bench = Bench::connected();
    bench.session.planted = Planted::new(Some(mutant));
    bench.step(0, ask(1, get_data("/a", true)));
    bench.step(1, reply(1, 8, got_data(3)));
    bench.step(4, Input::Ended);
    bench
}

#[test]
fn one_does_not_say_what_it_has_seen() {
    let (_, handshake) = away(Mutant::ForgetsLastZxid).reopened();
    assert_eq!((handshake.last_zxid_seen, handshake.session_id), (Zxid::ZERO, SESSION));
}

#[test]
fn one_restores_no_watches() {
    let (_, effects) = away(Mutant::RestoresNoWatches).reconnected();
    assert_eq!(sent(&effects), []);
}

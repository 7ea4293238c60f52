//! Random operations of several sessions, driven to Apache ZooKeeper and to us: both say the same.
//!
//! Differences that were mended are tried again in every run, and some random sequences besides. `INTERREGNUM_OPERATIONS` and
//! `INTERREGNUM_SEEDS` (such as `0..20`) ask for others: so many operations for each of these seeds.
//!
//! Needs programs of others: see `interregnum_tests::outside`.

use std::collections::BTreeMap;
use std::ops::Range;

use interregnum_tests::apache;
use interregnum_tests::differential::campaign;
use interregnum_tests::differential::pair::{Mode, Pair};
use interregnum_tests::differential::past;
use interregnum_tests::outside;
use interregnum_tests::waiting::Stopwatch;

/// A number from the environment.
fn operations() -> usize {
    std::env::var("INTERREGNUM_OPERATIONS").map_or(1_000, |text| text.parse().expect("INTERREGNUM_OPERATIONS=50000"))
}

fn seeds() -> Range<u64> {
    let text = std::env::var("INTERREGNUM_SEEDS").unwrap_or_else(|_| "0..4".to_owned());
    let (first, end) = text.split_once("..").expect("INTERREGNUM_SEEDS=0..20");
    first.parse().expect("a number")..end.parse().expect("a number")
}

#[test]
fn differences_of_the_past_stay_away() {
    if !outside::is_asked_for("differences_of_the_past_stay_away") {
        return;
    }
    let Some(()) = outside::obtained(apache::obtain()) else { return };
    for mode in [Mode::Plain, Mode::Extended] {
        let mut pair = Pair::start(mode);
        for past in past::all() {
            let difference = pair.run(&past.steps).expect("both can be driven");
            assert!(difference.is_none(), "{mode:?}: {}: {}", past.what, difference.expect("there is one"));
        }
    }
}

/// For whoever looks for differences: `INTERREGNUM_SURVEY=1` lists all kinds of them, each with a small sequence.
#[test]
fn a_survey_of_differences() {
    if std::env::var_os("INTERREGNUM_SURVEY").is_none() || !outside::is_asked_for("a_survey_of_differences") {
        return;
    }
    let mut pairs = [Mode::Plain, Mode::Extended].map(Pair::start);
    let mut kinds = BTreeMap::new();
    for seed in seeds() {
        campaign::survey(&mut pairs[usize::from(seed % 2 == 1)], seed, operations(), &mut kinds);
    }
    for (kind, (count, found)) in &kinds {
        println!("{count} cases: {kind}\nseed {}, {}{}\n", found.seed, found.difference, past::line(&found.steps));
    }
    assert!(kinds.is_empty(), "{} kinds of differences", kinds.len());
}

#[test]
fn both_say_the_same() {
    if !outside::is_asked_for("both_say_the_same") {
        return;
    }
    let Some(()) = outside::obtained(apache::obtain()) else { return };
    let watch = Stopwatch::start();
    let mut pairs = [Mode::Plain, Mode::Extended].map(|mode| (mode, Pair::start(mode)));
    let mut done = 0;
    for seed in seeds() {
        let (mode, pair) = &mut pairs[usize::from(seed % 2 == 1)];
        match campaign::run(pair, seed, operations()) {
            Ok(count) => done += count,
            Err(found) => panic!(
                "seed {seed}, {mode:?}: after {done} operations of other seeds\n{}\nto keep in past.jsonl:\n{}",
                found.difference,
                past::line(&found.steps)
            ),
        }
    }
    println!("{done} operations, {:?}, {:.1} s", seeds(), watch.elapsed().as_secs_f64());
    let mut missing = Vec::new();
    for (mode, pair) in &pairs {
        println!("{mode:?}: {:#?}", pair.apache.reached);
        println!("{} differences went away when the same was done again", pair.unsteady.len());
        pair.unsteady.iter().for_each(|difference| println!("{difference}"));
        for what in ["create: ok", "multi: ok", "event NodeCreated", "event NodeDeleted", "moved", "handshake refused"]
        {
            if !pair.apache.reached.contains_key(what) {
                missing.push((mode, what));
            }
        }
    }
    assert!(missing.is_empty(), "these runs have not been where differences are: {missing:?}");
}

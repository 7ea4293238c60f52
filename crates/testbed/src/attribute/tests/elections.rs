//! Elections that hold and elections that do not.

use std::path::PathBuf;

use super::*;
use crate::Failover;
use crate::testbed::{Faults, SingleLeader};

pub(super) static HASTY: Test = test("mine::schedulers::hasty", |bed| {
    Box::pin(async move {
        hasty_election(&bed);
        bed.faults(Faults::only([Family::Partition, Family::Pause])).check(SingleLeader::belief());
        bed.run_for(minutes(3)).await;
    })
});

#[test]
fn two_leaders_are_caught_made_small_kept_and_replayed() {
    let directory = tempfile::tempdir().expect("a directory");
    let name: &'static str = Box::leak(directory.path().display().to_string().into_boxed_str());
    let test: &'static Test = Box::leak(Box::new(Test { seeds: HASTY.seeds.clone(), ..HASTY }.save(name)));
    let (headline, text) = run(test).expect_err("two believe at once");
    let lines: Vec<&str> = text.lines().collect();
    let seed = headline.rsplit(' ').next().expect("it ends with the seed");
    assert_eq!(headline, format!("single-leader/belief broke in `schedulers::hasty` under seed {seed}"));
    assert!(lines[0].starts_with("single-leader/belief broke at "), "{text}");
    assert!(lines[0].ends_with(&format!(", in `schedulers::hasty` under seed {seed}:")), "{text}");
    assert!(
        lines[1].contains("that it leads under term 0x") && lines[1].contains("has believed so under term"),
        "{text}"
    );
    assert!(lines[2].contains(" faults -> ") && lines[2].ends_with(" runs:"), "{text}");
    let faults = lines.iter().filter(|line| line.starts_with("  at ")).count();
    assert!((1..=4).contains(&faults), "{text}");
    let file = format!("{name}/schedulers-hasty-{seed}.toml");
    let schedule = format!("  INTERREGNUM_SCHEDULE={file} cargo test -p mine schedulers::hasty -- --exact");
    assert!(lines.contains(&schedule.as_str()), "{schedule}\n{text}");
    let from_seed = format!("  MADSIM_TEST_SEED={seed} cargo test -p mine schedulers::hasty -- --exact");
    assert_eq!(lines.last(), Some(&from_seed.as_str()), "the last line shows it again");
    assert!(text.contains("trace ") && text.contains(crate::VERSION) && text.contains(crate::RUSTC), "{text}");

    // The kept schedule, and nothing else, breaks the same.
    let again = Wishes { schedule: Some(PathBuf::from(&file)), ..wishes(test) };
    let (headline_again, text_again) = judged(test, &again).expect_err("it breaks again");
    assert_eq!(headline_again, headline);
    assert_eq!(text_again.lines().next(), text.lines().next(), "at the same time");
    assert!(!text_again.contains("differs from what was kept"), "{text_again}");
    // And the same seed breaks the same once more, and says that the file is replaced only if it is.
    let seeds = seed.parse().map(|seed: u64| seed..seed + 1).expect("a seed is a number");
    let (_, text_of_seed) = judged(test, &Wishes { seeds, ..wishes(test) }).expect_err("it breaks again");
    assert_eq!(text_of_seed, text);

    // Once the election is put right, the schedule says so; and of another test it is none.
    let right: &'static Test = Box::leak(Box::new(Test { path: HASTY.path, body: right_body, ..copy(test) }));
    let words = judged(right, &again).expect("it holds");
    assert!(words.contains("no longer fails"), "{words}");
    let other: &'static Test = Box::leak(Box::new(Test { path: "mine::other", ..copy(test) }));
    let error = judge(other, Catalogue(&[]), &again).expect_err("it is of another test").to_string();
    assert!(error.ends_with("it is a schedule of `schedulers::hasty`, and this is `other`"), "{error}");
}

fn copy(test: &Test) -> Test {
    Test { seeds: test.seeds.clone(), ..*test }
}

/// The same bed, in which the nodes do nothing at all.
fn right_body(bed: Testbed) -> Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(async move {
        bed.ensemble(1);
        bed.vault("vault");
        for name in ["a", "b"] {
            bed.node(name).run(|_| std::future::pending::<()>());
        }
        bed.check(SingleLeader::belief());
        bed.run_for(minutes(3)).await;
    })
}

#[test]
fn a_kept_schedule_that_breaks_something_else_says_so() {
    let directory = tempfile::tempdir().expect("a directory");
    let text = "format = 1\nscenario = \"schedulers::hasty\"\nseed = 1\n[[fault]]\nat = \"20s\"\nlasts = \"40s\"\nkind = \
                \"pause\"\nnode = \"@candidate-leader\"\n[found]\nverdict = \"safety\"\nmonitor = \"single-leader/order\"\n\
                message = \"x\"\nat_ms = 1\ntrace = \"0000000000000001\"\n";
    let file = directory.path().join("other.toml");
    std::fs::write(&file, text).expect("it is written");
    let replay = Wishes { schedule: Some(file), ..wishes(&HASTY) };
    let (_, text) = judged(&HASTY, &replay).expect_err("a leader that stalls believes on");
    let differs =
        "differs from what was kept: monitor: `single-leader/order` when it was saved, `single-leader/belief` now";
    assert!(text.contains(differs), "{text}");
}

static CAREFUL: Test = test("mine::careful", |bed| {
    Box::pin(async move {
        careful_election(&bed);
        let bound = bed.service().failover_bound();
        bed.faults(Faults::swarm());
        bed.check(SingleLeader::effect()).check(SingleLeader::order()).check(Failover::within(bound + secs(5)));
        bed.check_service();
        bed.run_for(minutes(5)).await;
    })
});

#[test]
fn a_careful_election_holds_under_all_faults() {
    let words = run(&CAREFUL).expect("it holds");
    assert!(words.starts_with("careful: 8 runs held, 40m of virtual time, "), "{words}");
    assert!(words.contains(" failovers, "), "{words}");
}

static UNFENCED: Test = test("mine::unfenced", |bed| {
    Box::pin(async move {
        let zk = bed.ensemble(1).connect_string();
        let vault = bed.unfenced_vault("vault");
        for name in ["a", "b"] {
            let (zk, vault) = (zk.clone(), vault.clone());
            bed.node(name).run(move |node| hasty(node, zk.clone(), vault.clone()));
        }
        bed.faults(Faults::only([Family::Pause])).check(SingleLeader::effect());
        bed.run_for(minutes(3)).await;
    })
});

#[test]
fn acts_of_a_deposed_leader_are_caught_where_nothing_fences_them_and_only_there() {
    let (headline, text) = run(&UNFENCED).expect_err("a leader that stalled acts on");
    assert!(headline.starts_with("single-leader/effect broke in `unfenced`"), "{headline}");
    assert!(text.contains("vault accepted `assign` of "), "{text}");
    static FENCED: Test = test("mine::fenced", |bed| {
        Box::pin(async move {
            hasty_election(&bed);
            bed.faults(Faults::only([Family::Pause])).check(SingleLeader::effect());
            bed.run_for(minutes(3)).await;
        })
    });
    run(&FENCED).expect("the vault refuses");
}

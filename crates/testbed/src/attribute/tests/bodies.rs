//! What bodies may say and do, what is wrong with some, and what the attribute makes of them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use super::elections::HASTY;
use super::telling::told_by_tracing;
use super::*;
use crate::Failover;
use crate::schedule::{Fault, FaultKind, Lasts, SavedRun};
use crate::testbed::{Faults, SingleLeader};

#[test]
fn a_campaign_in_which_nobody_leads_or_acts_is_vacuous() {
    static IDLE: Test = test("mine::idle", |bed| {
        Box::pin(async move {
            bed.node("a").run(|_| std::future::pending::<()>());
            bed.faults(Faults::none()).check(SingleLeader::belief());
            bed.run_for(secs(30)).await;
        })
    });
    let (headline, text) = run(&IDLE).expect_err("nobody leads");
    assert_eq!(headline, "`idle` is vacuous: in 8 runs never leader elected");
    assert!(text.contains("`node.lead(token)`"), "{text}");
    static ACTLESS: Test = test("mine::actless", |bed| {
        Box::pin(async move {
            bed.node("a").run(|_| told_by_tracing());
            bed.faults(Faults::none()).check(SingleLeader::effect());
            bed.run_for(secs(30)).await;
        })
    });
    let (headline, _) = run(&ACTLESS).expect_err("nobody acts");
    assert_eq!(headline, "`actless` is vacuous: in 8 runs never an act took effect");
}

#[test]
fn a_body_may_look_at_what_came_of_its_run_and_not_like_it() {
    static LOOKS: Test = test("mine::looks", |bed| {
        Box::pin(async move {
            let starts = Arc::new(AtomicU64::new(0));
            let counter = starts.clone();
            bed.node("a").run(move |node: Node| {
                counter.fetch_add(1, Ordering::Relaxed);
                async move { node.sometimes("started") }
            });
            bed.faults(Faults::none());
            let outcome = bed.run_for(secs(30)).await;
            assert_eq!(outcome.sometimes.of("started"), starts.load(Ordering::Relaxed), "one counter for each run");
            assert!(starts.load(Ordering::Relaxed) < 20, "a process that exits is started again and again");
        })
    });
    let (headline, text) = run(&LOOKS).expect_err("it does not like it");
    assert_eq!(headline, "`looks` panicked under seed 0");
    assert!(text.contains("a process that exits is started again and again"), "{text}");
}

/// Two nodes that send each other datagrams; one of them leads again and again.
async fn without_zookeeper(node: Node, other: &'static str) {
    let socket = host::net::UdpSocket::bind(([0, 0, 0, 0], 7000).into()).await.expect("the port is free");
    let mut token = 1;
    loop {
        // The other one may not be there yet.
        if let Ok(addresses) = host::net::lookup(&format!("{other}:7000")).await {
            let _ = socket.send_to(b"hello", addresses[0]).await;
        }
        let mut buffer = [0; 16];
        if host::timeout(secs(2), socket.recv_from(&mut buffer)).await.is_ok() {
            node.sometimes("heard");
        }
        if node.name() == "a" {
            let _lead = node.lead(token);
            token += 1;
            host::sleep(secs(1)).await;
        }
    }
}

#[test]
fn a_bed_needs_no_service() {
    static BARE: Test = test("mine::bare", |bed| {
        Box::pin(async move {
            bed.node("a").run(|node| without_zookeeper(node, "b"));
            bed.node("b").run(|node| without_zookeeper(node, "a"));
            bed.faults(Faults::all()).check(SingleLeader::belief());
            let outcome = bed.run_for(minutes(3)).await;
            assert!(outcome.sometimes.of("heard") > 10);
        })
    });
    let words = run(&BARE).expect("only one leads");
    assert!(words.starts_with("bare: 8 runs held"), "{words}");
}

#[test]
fn what_does_not_come_from_the_simulation_is_noticed_if_asked_for() {
    static RUNS: AtomicU64 = AtomicU64::new(0);
    static STATEFUL: Test = test("mine::stateful", |bed| {
        Box::pin(async move {
            bed.node("a").run(|node: Node| async move {
                node.note(&format!("run {}", RUNS.fetch_add(1, Ordering::Relaxed)));
                std::future::pending::<()>().await;
            });
            bed.faults(Faults::none());
            bed.run_for(secs(30)).await;
        })
    });
    run(&STATEFUL).expect("nobody asked");
    let (headline, text) = judged(&STATEFUL, &Wishes { twice: true, ..wishes(&STATEFUL) }).expect_err("it differs");
    assert_eq!(headline, "`stateful` is not deterministic under seed 0");
    assert!(
        text.lines().last().expect("it says more").starts_with("MADSIM_TEST_CHECK_DETERMINISM=1 MADSIM_TEST_SEED=0 ")
    );
}

#[test]
fn a_body_that_does_not_fit_together_is_one_clear_line() {
    static NEVER: Test = test("mine::never", |_| Box::pin(async {}));
    assert_eq!(mistake(&NEVER), "the test `never` never waits for `run_for`: nothing would be run");
    static WAITS: Test = test("mine::waits", |_| Box::pin(std::future::pending()));
    assert!(mistake(&WAITS).starts_with("the test `waits` waits for something else than `run_for`"));
    static SHORT: Test = test("mine::short", |bed| {
        Box::pin(async move {
            bed.check(Failover::within(secs(30)));
            bed.run_for(secs(20)).await;
        })
    });
    assert_eq!(mistake(&SHORT), "a run of 20s is too short: its liveness phase alone takes 35s");
    static TICK: Test = test("mine::tick", |bed| {
        Box::pin(async move {
            bed.tick(Duration::from_millis(1));
            bed.run_for(secs(20)).await;
        })
    });
    assert!(mistake(&TICK).contains("it must lie between 100ms and 30s"), "{}", mistake(&TICK));
    static FILE: Test = test("mine::file", |bed| {
        Box::pin(async move {
            bed.faults(Faults::schedule_file("schedules/none.toml"));
            bed.run_for(secs(20)).await;
        })
    });
    assert!(mistake(&FILE).contains("schedules/none.toml: "), "{}", mistake(&FILE));
}

#[test]
fn the_features_that_a_test_was_built_with_are_in_its_command() {
    static FEATURED: Test = Test::new("mine::featured", Package { features: &["hasty", "slow"], ..PACKAGE }, |bed| {
        Box::pin(async move {
            bed.node("a").run(|_| async { panic!("so it is") });
            bed.faults(Faults::made_by(|_: &Roles, _: Duration, _: &mut Stream| {
                let kind = FaultKind::Drop { node: "a".into() };
                (1..=23)
                    .map(|at| Fault { at: secs(at), lasts: Lasts::For(Duration::ZERO), kind: kind.clone() })
                    .collect()
            }));
            bed.run_for(secs(30)).await;
        })
    })
    .shrink(0)
    .save("/dev/null/none");
    let (_, text) = run(&FEATURED).expect_err("it panics");
    assert!(
        text.ends_with("MADSIM_TEST_SEED=0 cargo test -p mine --features hasty,slow featured -- --exact\n"),
        "{text}"
    );
    assert!(text.contains("This schedule could not be kept: "), "{text}");
    assert!(text.starts_with("`featured` panicked under seed 0:\n  so it is\n"), "{text}");
    // Swarms are long: what is not shown is in the file.
    assert!(text.contains("\n23 faults:\n") && text.contains("\n  … and 3 more, all of them in its file\n"), "{text}");
}

#[test]
fn a_test_is_a_scenario_like_any_other() {
    let parameters = HASTY.parameters();
    assert_eq!(HASTY.name(), "schedulers::hasty");
    assert_eq!((parameters.count("servers"), parameters.count("candidates")), (1, 2));
    assert_eq!(parameters.duration("length"), minutes(3));
    assert!(parameters.clone().set("servers", "3").is_err(), "what the body says is fixed");
    assert_eq!(HASTY.roles(&parameters).candidates, ["a", "b"]);
    let names = HASTY.monitors(&parameters, &BTreeSet::new()).names();
    assert_eq!(names, ["sometimes", "single-leader/belief", "acts", "failover"]);
    let saved =
        SavedRun::parse("format = 1\nscenario = \"schedulers::hasty\"\nseed = 3\n", Path::new("x.toml")).unwrap();
    static CATALOGUE: &[&dyn Scenario] = &[&HASTY];
    let catalogue = Catalogue(CATALOGUE);
    assert_eq!(crate::plan::Plan::from_saved(&saved, Path::new("x.toml"), catalogue).unwrap().seed, 3);
}

/// What the attribute writes, with all of its options.
#[crate::test(
    seeds = 2..4,
    servers = 1,
    tick = secs(1),
    session_timeout = secs(4),
    faults = Faults::only([Family::Crash]),
    checks = [SingleLeader::order()],
    minutes = 2,
    determinism = true,
    jobs = 1,
    shrink = 10,
    save = "target/interregnum"
)]
fn a_test_with_all_options(bed: Testbed) -> Result<(), std::io::Error> {
    let servers = bed.service().connect_string();
    let vault = bed.vault("vault");
    for name in ["a", "b"] {
        let (servers, vault) = (servers.clone(), vault.clone());
        bed.node(name).run(move |node| hasty(node, servers.clone(), vault.clone()));
    }
    Ok(())
}

#[crate::test(seeds = 1)]
#[should_panic(expected = "the test ended with an error: Custom { kind: Other, error: \"no\" }")]
async fn a_test_that_ends_with_an_error_fails(bed: Testbed) -> Result<(), std::io::Error> {
    let _ = bed;
    Err(std::io::Error::other("no"))
}

#[crate::test(seeds = 3)]
#[should_panic(
    expected = "single-leader/belief broke in `attribute::tests::bodies::a_test_that_breaks_panics` under seed 0"
)]
async fn a_test_that_breaks_panics(bed: Testbed) {
    bed.node("a").run(|_| told_by_tracing());
    bed.node("b").run(|_| told_by_tracing());
    bed.faults(Faults::none()).check(SingleLeader::belief());
    bed.run_for(secs(30)).await;
}

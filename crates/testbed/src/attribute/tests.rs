//! Whole tests, as users write them: what they catch, what they leave alone, and what they print.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use client::{Client, Config, CreateMode};
use election::candidate;
use history::{Event, LeadershipEvent, Record};

use super::harness::judge;
use super::wishes::Wishes;
use super::*;
use crate::monitor::{Monitor, Report};
use crate::scenario::Catalogue;
use crate::schedule::{Fault, FaultKind, Lasts, SavedRun};
use crate::testbed::{Faults, Node, SingleLeader, Vault};
use crate::{Failover, minutes, secs};

const PACKAGE: Package = Package { name: "mine", directory: env!("CARGO_MANIFEST_DIR"), features: &[] };

const fn test(path: &'static str, body: Body) -> Test {
    Test::new(path, PACKAGE, body).seeds(0..8).jobs(1).shrink(60)
}

fn wishes(test: &Test) -> Wishes {
    Wishes { seeds: test.seeds.clone(), jobs: 1, twice: test.determinism, schedule: None }
}

fn judged(test: &'static Test, wishes: &Wishes) -> Result<String, (String, String)> {
    let catalogue = Catalogue(Box::leak(Box::new([test as &'static dyn Scenario])));
    let verdict = judge(test, catalogue, wishes).expect("the test fits together");
    verdict.map_err(|failure| (failure.headline, failure.text))
}

fn run(test: &'static Test) -> Result<String, (String, String)> {
    judged(test, &wishes(test))
}

fn mistake(test: &'static Test) -> String {
    judge(test, Catalogue(&[]), &wishes(test)).expect_err("the test does not fit together").to_string()
}

/// Leads as soon as there is a znode of its own, and until it hears that the session is over.
async fn hasty(node: Node, servers: String, vault: Vault) {
    let mut vault = vault.open();
    loop {
        let client = Client::connect(Config::new(&servers).expect("the bed writes right connect strings"));
        if let Ok(created) = client.create("/leader", node.name().to_owned(), CreateMode::Ephemeral).await {
            let lead = node.lead(created.stat.czxid.0);
            while !client.state().is_final() {
                // Whatever the vault says.
                let _ = vault.act(lead.token(), "assign").await;
                host::sleep(secs(1)).await;
            }
            lead.end("the session is over");
        }
        let _ = client.close().await;
        host::sleep(secs(1)).await;
    }
}

fn hasty_election(bed: &Testbed) {
    let servers = bed.ensemble(1).connect_string();
    let vault = bed.vault("vault");
    for name in ["a", "b"] {
        let (servers, vault) = (servers.clone(), vault.clone());
        bed.node(name).run(move |node| hasty(node, servers.clone(), vault.clone()));
    }
}

fn careful_election(bed: &Testbed) {
    let zk = bed.ensemble(3);
    let vault = bed.vault("vault");
    let strategy = Arc::new(election::Docs::new("/election"));
    let options = candidate::Options::new(strategy, &zk.connect_string()).with_resource(vault.address());
    for name in ["a", "b", "c"] {
        let options = options.clone();
        bed.node(name).run(move |_| candidate::run(options.clone()));
    }
}

static HASTY: Test = test("mine::schedulers::hasty", |bed| {
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

/// Knows nothing of Interregnum but where it gets its time from.
async fn told_by_tracing() {
    tracing::info!(target: "leadership", path = "/election/n-1", "candidate");
    host::sleep(secs(2)).await;
    tracing::trace!(target: "leadership", term = 1, "elected");
    host::sleep(secs(2)).await;
    tracing::error!(target: "leadership", term = 1, reason = "done", "deposed");
    std::future::pending().await
}

/// What a monitor saw.
struct Notes(Arc<std::sync::Mutex<Vec<(String, Event)>>>);

impl Monitor for Notes {
    fn name(&self) -> &'static str {
        "notes"
    }

    fn observe(&mut self, record: &Record, _: &mut Report) {
        if let Event::Leadership(event) = &record.event {
            let node = record.node.as_ref().expect("somebody tells it").to_string();
            self.0.lock().expect("it is free").push((node, Event::Leadership(event.clone())));
        }
    }
}

static TOLD: Test = test("mine::told", |bed| {
    Box::pin(async move {
        let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
        bed.node("a").run(|_| told_by_tracing());
        bed.faults(Faults::none()).check(Notes(seen.clone()));
        bed.run_for(secs(30)).await;
        let candidate = LeadershipEvent::Candidate { path: "/election/n-1".into() };
        let elected = LeadershipEvent::Elected { term: history::Term(1) };
        let deposed = LeadershipEvent::Deposed { term: history::Term(1), reason: "done".into() };
        let expected = [candidate, elected, deposed].map(|event| ("a".to_owned(), Event::Leadership(event)));
        assert_eq!(*seen.lock().expect("it is free"), expected);
    })
})
.seeds(0..2);

#[test]
fn leadership_told_by_tracing_reaches_the_monitors_at_any_level() {
    run(&TOLD).expect("it is told");
}

#[test]
fn two_who_tell_by_tracing_that_they_lead_are_caught() {
    static DOUBLE: Test = test("mine::double", |bed| {
        Box::pin(async move {
            bed.node("a").run(|_| told_by_tracing());
            bed.node("b").run(|_| told_by_tracing());
            bed.faults(Faults::none()).check(SingleLeader::belief());
            bed.run_for(secs(30)).await;
        })
    });
    let (headline, text) = run(&DOUBLE).expect_err("both lead");
    assert_eq!(headline, "single-leader/belief broke in `double` under seed 0");
    assert!(text.contains("0 faults -> 0"), "{text}");
}

#[test]
fn what_is_told_wrongly_fails_the_test() {
    static WRONG: Test = test("mine::wrong", |bed| {
        Box::pin(async move {
            bed.node("a").run(|_| async { tracing::info!(target: "leadership", term = 1, "elect") });
            bed.faults(Faults::none());
            bed.run_for(secs(30)).await;
        })
    });
    let (headline, text) = run(&WRONG).expect_err("there is no such saying");
    assert_eq!(headline, "`wrong` panicked under seed 0");
    assert!(text.contains("it says `elect`; did you mean `elected`?"), "{text}");
}

#[test]
fn a_belief_ends_with_its_process_and_says_nothing_then() {
    static KILLED: Test = test("mine::killed", |bed| {
        Box::pin(async move {
            let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
            bed.node("a").run(|node: Node| async move {
                let _lead = node.lead(1);
                std::future::pending::<()>().await;
            });
            let kill = Fault { at: secs(5), lasts: Lasts::For(secs(3)), kind: FaultKind::Kill { node: "a".into() } };
            bed.faults(Faults::made_by(move |_: &Roles, _: Duration, _: &mut Stream| vec![kill.clone()]));
            bed.check(Notes(seen.clone()));
            bed.run_for(secs(30)).await;
            let elected = ("a".to_owned(), Event::Leadership(LeadershipEvent::Elected { term: history::Term(1) }));
            assert_eq!(*seen.lock().expect("it is free"), [elected.clone(), elected], "twice, as it was started twice");
        })
    })
    .seeds(0..1);
    run(&KILLED).expect("it is as it was said");
}

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
            bed.run_for(secs(30)).await;
        })
    })
    .save("/dev/null/none");
    let (_, text) = run(&FEATURED).expect_err("it panics");
    assert!(
        text.ends_with("MADSIM_TEST_SEED=0 cargo test -p mine --features hasty,slow featured -- --exact\n"),
        "{text}"
    );
    assert!(text.contains("This schedule could not be kept: "), "{text}");
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
#[should_panic(expected = "single-leader/belief broke in `attribute::tests::a_test_that_breaks_panics` under seed 0")]
async fn a_test_that_breaks_panics(bed: Testbed) {
    bed.node("a").run(|_| told_by_tracing());
    bed.node("b").run(|_| told_by_tracing());
    bed.faults(Faults::none()).check(SingleLeader::belief());
    bed.run_for(secs(30)).await;
}

//! How programs tell what they believe.

use history::{Event, LeadershipEvent, Record};

use super::*;
use crate::monitor::{Monitor, Report};
use crate::schedule::{Fault, FaultKind, Lasts};
use crate::testbed::{Faults, SingleLeader};

/// Knows nothing of Interregnum but where it gets its time from.
pub(super) async fn told_by_tracing() {
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

/// Tells by `tracing`, however it ends.
struct Leading;

impl Drop for Leading {
    fn drop(&mut self) {
        tracing::info!(target: "leadership", term = 1, "deposed");
    }
}

#[test]
fn what_a_process_tells_by_tracing_while_it_is_torn_down_does_not_count() {
    static TORN: Test = test("mine::torn", |bed| {
        Box::pin(async move {
            let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
            bed.node("a").run(|_| async {
                tracing::info!(target: "leadership", term = 1, "elected");
                let _leading = Leading;
                std::future::pending::<()>().await;
            });
            let power = Fault { at: secs(5), lasts: Lasts::For(secs(60)), kind: FaultKind::Power { node: "a".into() } };
            bed.faults(Faults::made_by(move |_: &Roles, _: Duration, _: &mut Stream| vec![power.clone()]));
            bed.check(Notes(seen.clone()));
            bed.run_for(secs(30)).await;
            let elected = ("a".to_owned(), Event::Leadership(LeadershipEvent::Elected { term: history::Term(1) }));
            assert_eq!(*seen.lock().expect("it is free"), [elected.clone(), elected], "and nothing of its end");
        })
    })
    .seeds(0..1);
    run(&TORN).expect("it is as it was said");
}

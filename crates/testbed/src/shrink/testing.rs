//! Oracles that only look at a plan, for the tests of the passes: nothing is simulated here.

use std::collections::BTreeSet;
use std::time::Duration;

use check::{Counters, Kind, Monitors, Violation};
use history::{Time, TraceHash};

use super::goal::Goal;
use super::trials::{Stop, Trials};
use super::{Effort, Plan};
use crate::bed::Bed;
use crate::outcome::Outcome;
use crate::parameters::Parameters;
use crate::scenario::Scenario;
use crate::schedule::{Family, Fault, FaultKind, Lasts, Schedule};

/// Seconds that the liveness phase may take.
pub(super) const LIVENESS: u64 = 20;

struct Paper;

impl Scenario for Paper {
    fn name(&self) -> &'static str {
        "test/paper"
    }

    fn about(&self) -> &'static str {
        "exists on paper only"
    }

    fn build(&self, _: &Bed) {
        unreachable!("nothing is simulated");
    }

    fn monitors(&self, _: &Parameters, _: &BTreeSet<Family>) -> Monitors {
        unreachable!("nothing is simulated");
    }

    fn liveness_bound(&self, _: &Parameters) -> Duration {
        Duration::from_secs(LIVENESS)
    }
}

/// A run that held.
pub(crate) fn held() -> Outcome {
    Outcome {
        violations: Vec::new(),
        panic: None,
        trace: TraceHash(0),
        virtual_time: Time::ZERO,
        wall: Duration::ZERO,
        events: 0,
        messages: 0,
        failovers: Vec::new(),
        sometimes: Counters::default(),
        faults: std::collections::BTreeMap::new(),
        kept: Vec::new(),
    }
}

/// A run in which a monitor spoke at this second.
pub(crate) fn broken(monitor: &'static str, second: u64, message: &str) -> Outcome {
    let at = Time::after_start(Duration::from_secs(second));
    let violation = Violation { monitor, kind: Kind::Safety, at, node: None, message: message.to_owned() };
    Outcome { violations: vec![violation], virtual_time: at, ..held() }
}

/// A run that panicked.
pub(super) fn panicked(message: &str) -> Outcome {
    Outcome { panic: Some(message.to_owned()), ..held() }
}

/// A run that fails or holds.
pub(super) fn fails_if(fails: bool, second: u64) -> Outcome {
    if fails { broken("monitor", second, "it fails") } else { held() }
}

/// A plan of these faults: three servers, five candidates, five minutes.
pub(super) fn plan_of(faults: Vec<Fault>) -> Plan {
    let plan = Plan {
        scenario: &Paper,
        parameters: Parameters::standard(),
        seed: 7,
        scheduler_seed: 7,
        schedule: Schedule::new(faults),
    };
    assert!(plan.fits(), "the test begins with what fits");
    plan
}

/// A plan of stalls that begin at these seconds.
pub(super) fn faults_at(seconds: impl IntoIterator<Item = u64>) -> Plan {
    let milliseconds: Vec<u64> = seconds.into_iter().map(|second| second * 1_000).collect();
    faults_at_milliseconds(&milliseconds)
}

/// A plan of stalls that begin at these milliseconds.
pub(super) fn faults_at_milliseconds(milliseconds: &[u64]) -> Plan {
    let fault = |at: &u64| Fault {
        at: Duration::from_millis(*at),
        lasts: Lasts::For(Duration::from_secs(3)),
        kind: FaultKind::Pause { node: "c1".into() },
    };
    plan_of(milliseconds.iter().map(fault).collect())
}

/// What one pass makes of a plan that fails.
pub(super) fn shrunk_by(
    pass: impl Fn(&mut Trials<'_>) -> Result<(), Stop>,
    plan: &Plan,
    mut oracle: impl FnMut(&Plan) -> Outcome,
) -> Plan {
    let effort = Effort { scheduler_seeds: 1, ..Effort::default() };
    let (mut oracle, mut progress) = (|plan: &Plan| Ok(oracle(plan)), |_: &super::Progress| ());
    let trials =
        Trials::begin(plan, Goal::to_fail_as, &effort, &mut oracle, &mut progress).expect("the oracle answers");
    let mut trials = trials.expect("the test begins with what fails");
    pass(&mut trials).expect("there are runs enough");
    trials.best().clone()
}

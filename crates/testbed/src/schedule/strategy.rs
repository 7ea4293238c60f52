//! Schedules as a strategy of `proptest`: for property tests that draw a schedule, and shrink through it.
//!
//! What is drawn is what a seed would have made; what it shrinks to has fewer faults first, then simpler, shorter and
//! earlier ones. All of it is valid for the nodes it was drawn for. Needs the feature `proptest`.
//!
//! `proptest` tries four times as many smaller values as it has cases: a test of few cases, each a simulation, should set
//! `max_shrink_iters` to a few hundred.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use rand::SeedableRng;

use super::{Family, Fault, Schedule, Weather, generate};
use crate::roles::Roles;
use crate::shrink::simpler_faults;

/// The schedules that the weather allows.
///
/// ```
/// use std::collections::BTreeSet;
/// use std::time::Duration;
///
/// use interregnum::schedule::{Family, Weather, schedules};
/// use interregnum::{Parameters, Roles};
/// use proptest::prelude::*;
///
/// let roles = Roles::election(&Parameters::standard());
/// let (until, session_timeout) = (Duration::from_secs(200), Duration::from_secs(6));
/// let families = BTreeSet::from(Family::ALL);
/// let weather = Weather { roles: &roles, families: &families, until, session_timeout };
/// proptest!(|(schedule in schedules(&weather))| {
///     // Here a run under the schedule would be looked at.
///     prop_assert!(schedule.validate(&roles, until).is_ok());
/// });
/// ```
pub fn schedules(weather: &Weather<'_>) -> Schedules {
    Schedules {
        roles: weather.roles.clone(),
        families: weather.families.clone(),
        until: weather.until,
        session_timeout: weather.session_timeout,
    }
}

/// A strategy that draws schedules: see [`schedules`].
#[derive(Clone, Debug)]
pub struct Schedules {
    roles: Roles,
    families: BTreeSet<Family>,
    until: Duration,
    session_timeout: Duration,
}

impl Strategy for Schedules {
    type Tree = ScheduleTree;
    type Value = Schedule;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Schedules> {
        let weather = Weather {
            roles: &self.roles,
            families: &self.families,
            until: self.until,
            session_timeout: self.session_timeout,
        };
        let seed = proptest::num::u64::ANY.new_tree(runner)?.current();
        let drawn = generate(&weather, &mut host::random::Stream::seed_from_u64(seed));
        Ok(ScheduleTree::new(drawn, self.roles.clone(), self.until))
    }
}

/// A schedule and the smaller ones that are tried once it fails a test.
#[derive(Clone, Debug)]
pub struct ScheduleTree {
    roles: Roles,
    until: Duration,
    /// What failed last.
    best: Schedule,
    current: Schedule,
    next: Next,
    /// Whether anything smaller failed since this round began.
    any: bool,
}

/// What is tried next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// To leave so many faults out, from this place on.
    Without { chunk: usize, start: usize },
    /// The so many-th of the simpler faults for the one at this place.
    Simpler { place: usize, index: usize },
    /// Nothing.
    Nothing,
}

impl ScheduleTree {
    fn new(drawn: Schedule, roles: Roles, until: Duration) -> ScheduleTree {
        let next = Next::Without { chunk: drawn.faults.len().max(1), start: 0 };
        ScheduleTree { roles, until, current: drawn.clone(), best: drawn, next, any: false }
    }

    /// Goes to the next candidate that is valid; back to what failed last if there is none.
    fn propose(&mut self) -> bool {
        loop {
            let faults = match self.next {
                Next::Nothing => {
                    self.current = self.best.clone();
                    return false;
                }
                Next::Without { chunk, start } if start >= self.best.faults.len() => {
                    self.next = self.after_a_round(chunk);
                    continue;
                }
                Next::Without { chunk, start } => without(&self.best.faults, start, chunk),
                Next::Simpler { place, .. } if place >= self.best.faults.len() => {
                    // What became simpler may have made another one needless.
                    let again = std::mem::take(&mut self.any);
                    self.next = if again { Next::Without { chunk: 1, start: 0 } } else { Next::Nothing };
                    continue;
                }
                Next::Simpler { place, index } => match self.simpler(place, index) {
                    Some(faults) => faults,
                    None => {
                        self.next = Next::Simpler { place: place + 1, index: 0 };
                        continue;
                    }
                },
            };
            let candidate = Schedule { faults };
            if candidate != self.best && candidate.validate(&self.roles, self.until).is_ok() {
                self.current = candidate;
                return true;
            }
            self.next = self.next.passed_over();
        }
    }

    /// Smaller chunks; single faults until none of them can be missed; then simpler ones.
    fn after_a_round(&mut self, chunk: usize) -> Next {
        match chunk {
            1 if std::mem::take(&mut self.any) => Next::Without { chunk: 1, start: 0 },
            1 => Next::Simpler { place: 0, index: 0 },
            _ => {
                self.any = false;
                Next::Without { chunk: chunk.div_ceil(2), start: 0 }
            }
        }
    }

    /// The faults with a simpler one at a place, which must not overtake the one before it.
    fn simpler(&self, place: usize, index: usize) -> Option<Vec<Fault>> {
        let mut faults = self.best.faults.clone();
        let before = place.checked_sub(1).map_or(Duration::ZERO, |before| faults[before].at);
        let behind = faults.get(place + 1).map_or(Duration::MAX, |behind| behind.at);
        let mut simpler = simpler_faults(&faults[place], before, &self.roles);
        simpler.retain(|fault| (before..=behind).contains(&fault.at));
        faults[place] = simpler.into_iter().nth(index)?;
        Some(faults)
    }
}

impl Next {
    /// What comes after a candidate that did not fail.
    fn passed_over(self) -> Next {
        match self {
            Next::Without { chunk, start } => Next::Without { chunk, start: start + chunk },
            Next::Simpler { place, index } => Next::Simpler { place, index: index + 1 },
            Next::Nothing => Next::Nothing,
        }
    }
}

fn without(faults: &[Fault], start: usize, chunk: usize) -> Vec<Fault> {
    let end = (start + chunk).min(faults.len());
    [&faults[..start], &faults[end..]].concat()
}

impl ValueTree for ScheduleTree {
    type Value = Schedule;

    fn current(&self) -> Schedule {
        self.current.clone()
    }

    fn simplify(&mut self) -> bool {
        if self.current != self.best {
            (self.best, self.any) = (self.current.clone(), true);
            // What follows faults that went has moved up to their place; what became simpler may become simpler still.
            if let Next::Simpler { place, .. } = self.next {
                self.next = Next::Simpler { place, index: 0 };
            }
        }
        self.propose()
    }

    fn complicate(&mut self) -> bool {
        if self.current == self.best {
            return false;
        }
        self.next = self.next.passed_over();
        self.propose()
    }
}

#[cfg(test)]
mod tests {
    use proptest::test_runner::{Config, TestCaseError, TestError};

    use super::*;
    use crate::parameters::Parameters;
    use crate::schedule::{FaultKind, Lasts};

    const UNTIL: Duration = Duration::from_secs(250);

    fn roles() -> Roles {
        Roles::election(&Parameters::standard())
    }

    fn strategy() -> Schedules {
        let (families, session_timeout) = (BTreeSet::from(Family::ALL), Duration::from_secs(6));
        schedules(&Weather { roles: &roles(), families: &families, until: UNTIL, session_timeout })
    }

    /// What a user's test shrinks to, and how many schedules it looked at.
    fn shrunk(holds: impl Fn(&Schedule) -> bool) -> (Schedule, usize) {
        let config = Config { max_shrink_iters: 10_000, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(
            config,
            proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
        );
        let looked_at = std::cell::Cell::new(0);
        let result = runner.run(&strategy(), |schedule| {
            looked_at.set(looked_at.get() + 1);
            schedule.validate(&roles(), UNTIL).map_err(|(_, error)| TestCaseError::fail(error.to_string()))?;
            if holds(&schedule) { Ok(()) } else { Err(TestCaseError::fail("two meet")) }
        });
        match result {
            Err(TestError::Fail(why, schedule)) => {
                assert_eq!(why.message(), "two meet", "every schedule that was tried is valid");
                (schedule, looked_at.get())
            }
            other => panic!("it should have failed: {other:?}"),
        }
    }

    fn kills(schedule: &Schedule) -> usize {
        schedule.faults.iter().filter(|fault| fault.kind.family() == Family::Crash).count()
    }

    #[test]
    fn a_property_test_shrinks_to_what_is_needed() {
        // It takes thirty faults at least to begin with, a crash and a cut.
        let large = std::cell::Cell::new(false);
        let (small, looked_at) = shrunk(|schedule| {
            let cut = schedule.faults.iter().any(|fault| fault.kind.family() == Family::Partition);
            let fails = kills(schedule) >= 1 && cut && (large.get() || schedule.faults.len() >= 30);
            large.set(large.get() || fails);
            !fails
        });
        let words: Vec<String> =
            small.faults.iter().map(|fault| format!("{:?} {:?} {}", fault.at, fault.lasts, fault.kind)).collect();
        assert_eq!(small.faults.len(), 2, "{words:?}");
        assert!(kills(&small) == 1, "{words:?}");
        assert!(small.faults.iter().all(|fault| fault.at <= Duration::from_secs(1)), "{words:?}");
        assert!(small.faults.iter().all(|fault| fault.lasts == Lasts::For(Duration::from_millis(10))), "{words:?}");
        assert!(
            words.iter().any(|word| word.ends_with("cut off @leader")) || words.iter().any(|word| word.contains("cut")),
            "{words:?}"
        );
        assert!(looked_at < 700, "{looked_at}");
    }

    #[test]
    fn a_length_that_is_needed_stays() {
        let long_stall = |fault: &Fault| {
            matches!(fault.kind, FaultKind::Pause { .. })
                && matches!(fault.lasts, Lasts::For(lasts) if lasts >= Duration::from_millis(6_100))
        };
        let (small, _) = shrunk(|schedule| !schedule.faults.iter().any(long_stall));
        assert_eq!(small.faults.len(), 1);
        assert_eq!(small.faults[0].lasts, Lasts::For(Duration::from_secs(7)));
    }

    #[test]
    fn what_never_fails_again_stays_what_it_was() {
        let mut runner = TestRunner::deterministic();
        for _ in 0..20 {
            let mut tree = strategy().new_tree(&mut runner).unwrap();
            let drawn = tree.current();
            let mut tried = 0;
            let mut more = tree.simplify();
            while more {
                assert_ne!(tree.current(), drawn);
                tried += 1;
                more = tree.complicate();
            }
            assert_eq!(tree.current(), drawn);
            assert!(tried >= drawn.faults.len());
        }
    }

    #[test]
    fn what_always_fails_ends_empty() {
        let mut tree = strategy().new_tree(&mut TestRunner::deterministic()).unwrap();
        while tree.simplify() {}
        assert!(tree.current().faults.is_empty());
    }
}

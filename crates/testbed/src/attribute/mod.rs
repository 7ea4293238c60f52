//! What `#[interregnum::test]` stands on: a test is a scenario whose body is a user's function.
//!
//! The attribute writes a `static` [`Test`], which is all that is known before the body is called, and a `#[test]` that
//! hands it to [`run`]. Both can be written by hand as well, where a test is made by a macro of one's own.

mod failure;
mod harness;
mod kept;
mod wishes;

use std::any::Any;
use std::collections::BTreeSet;
use std::future::Future;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use check::{Monitors, Required, sometimes};
use host::random::Stream;

pub use harness::{ended, run};

use crate::bed::Bed;
use crate::error::UserError;
use crate::leadership;
use crate::outcome::Outcome;
use crate::parameters::Parameters;
use crate::roles::Roles;
use crate::scenario::Scenario;
use crate::schedule::{Family, Schedule, Weather};
use crate::stage::Stage;
use crate::testbed::{Description, LEADER_NEEDED, ReachedActs, Testbed};

/// So many seeds unless a test says otherwise.
const SEEDS: u64 = 100;

/// So many runs at most are spent on making a schedule small unless a test says otherwise.
const SHRINK: u32 = 300;

/// The body of a test.
pub type Body = fn(Testbed) -> Pin<Box<dyn Future<Output = ()>>>;

/// The package that a test belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name, as cargo knows it.
    pub name: &'static str,
    /// Its directory.
    pub directory: &'static str,
    /// The features it was built with.
    pub features: &'static [&'static str],
}

/// A test over seeds, as the attribute writes it down.
#[derive(Debug)]
pub struct Test {
    path: &'static str,
    package: Package,
    body: Body,
    seeds: Range<u64>,
    determinism: bool,
    jobs: Option<usize>,
    shrink: u32,
    save: Option<&'static str>,
}

impl Test {
    /// The test at `path` (its crate, its modules and its name), with everything else as it is unless said.
    pub const fn new(path: &'static str, package: Package, body: Body) -> Test {
        Test { path, package, body, seeds: 0..SEEDS, determinism: false, jobs: None, shrink: SHRINK, save: None }
    }

    /// Runs these seeds.
    #[must_use]
    pub const fn seeds(mut self, seeds: Range<u64>) -> Test {
        self.seeds = seeds;
        self
    }

    /// Executes each run twice, or not.
    #[must_use]
    pub const fn determinism(mut self, twice: bool) -> Test {
        self.determinism = twice;
        self
    }

    /// Runs so many at a time.
    #[must_use]
    pub const fn jobs(mut self, jobs: usize) -> Test {
        self.jobs = Some(jobs);
        self
    }

    /// Spends so many runs at most on making a schedule small.
    #[must_use]
    pub const fn shrink(mut self, runs: u32) -> Test {
        self.shrink = runs;
        self
    }

    /// Keeps schedules that fail in this directory, seen from that of the package.
    #[must_use]
    pub const fn save(mut self, directory: &'static str) -> Test {
        self.save = Some(directory);
        self
    }

    /// Calls the body, up to where it waits for its run.
    fn describe(&self) -> Result<Described, UserError> {
        let bed = Testbed::new(Path::new(self.package.directory));
        let body = (self.body)(bed.clone());
        let mut described = Described { bed, body };
        let mistake = |why: &str| Err(UserError::Mismatch(format!("the test `{}` {why}", self.name())));
        match described.go_on() {
            Poll::Ready(()) => mistake("never waits for `run_for`: nothing would be run"),
            Poll::Pending if described.bed.read(|description| description.length.is_none()) => {
                mistake("waits for something else than `run_for`: its body stands outside of the simulation")
            }
            Poll::Pending => Ok(described),
        }
    }

    /// What the body says.
    ///
    /// # Panics
    /// If it does not fit together, which is found out before anything is run.
    fn read<T>(&self, read: impl FnOnce(&mut Description) -> T) -> T {
        let described = self.describe().unwrap_or_else(|error| panic!("{error}"));
        described.bed.read(read)
    }
}

/// A body that waits for its run.
struct Described {
    bed: Testbed,
    body: Pin<Box<dyn Future<Output = ()>>>,
}

impl Described {
    fn go_on(&mut self) -> Poll<()> {
        self.body.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }

    /// Lets the body go on with what came of its run.
    fn finish(mut self, outcome: &Outcome) -> Result<(), String> {
        self.bed.read(|description| description.outcome = Some(outcome.clone()));
        match catch_unwind(AssertUnwindSafe(|| self.go_on())) {
            Ok(Poll::Ready(())) => Ok(()),
            Ok(Poll::Pending) => Err("after its run the body waits for something that never comes".to_owned()),
            Err(payload) => Err(message_of(payload.as_ref())),
        }
    }
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "without a message".to_owned(),
    }
}

impl Scenario for Test {
    /// As libtest calls the test: without its crate.
    fn name(&self) -> &'static str {
        self.path.split_once("::").map_or(self.path, |(_, name)| name)
    }

    fn about(&self) -> &'static str {
        "a test"
    }

    fn parameters(&self) -> Parameters {
        self.read(|description| description.parameters()).unwrap_or_else(|error| panic!("{error}"))
    }

    fn roles(&self, _: &Parameters) -> Roles {
        self.read(|description| description.roles())
    }

    fn build(&self, bed: &Bed) {
        self.read(Description::take_builder)(bed);
    }

    fn monitors(&self, parameters: &Parameters, _: &BTreeSet<Family>) -> Monitors {
        self.read(|description| description.take_monitors(parameters))
    }

    fn stage(&self, parameters: &Parameters, _: &BTreeSet<Family>) -> Result<Stage, UserError> {
        let described = self.describe()?;
        let monitors = described.bed.read(|description| description.take_monitors(parameters));
        let build = described.bed.read(Description::take_builder);
        Ok(Stage {
            monitors,
            build: Some(Box::new(move |bed: &Bed| {
                let listening = leadership::listen();
                build(bed);
                Box::new(listening)
            })),
            finish: Some(Box::new(move |outcome| described.finish(outcome))),
        })
    }

    fn schedule(&self, weather: &Weather<'_>, random: &mut Stream) -> Result<Schedule, UserError> {
        let described = self.describe()?;
        described.bed.read(|description| description.faults.schedule(weather, &description.directory, random))
    }

    fn liveness_bound(&self, parameters: &Parameters) -> Duration {
        self.read(|description| description.patience(parameters))
    }

    fn required_points(&self, _: &BTreeSet<Family>) -> Required {
        let checks: Vec<&str> = self.read(|description| description.checks.iter().map(|check| check.name()).collect());
        let mut required = Required::default();
        if checks.iter().any(|check| LEADER_NEEDED.contains(check)) {
            required = required.and(sometimes::LEADER_ELECTED);
        }
        if checks.contains(&"single-leader/effect") {
            required = required.and(ReachedActs::POINT);
        }
        required
    }
}

#[cfg(test)]
mod tests;

//! A scenario: a small world with a purpose, that can be run under any schedule.

use std::collections::BTreeSet;
use std::time::Duration;

use check::{Monitors, Promises, Required};
use host::random::Stream;

use crate::bed::Bed;
use crate::error::UserError;
use crate::parameters::Parameters;
use crate::roles::Roles;
use crate::schedule::{Family, Schedule, Weather, generate};
use crate::stage::Stage;

/// A scenario. It holds no state: everything a run changes lives in the run.
pub trait Scenario: Send + Sync {
    /// Its name, such as `election/docs`.
    fn name(&self) -> &'static str;

    /// What it shows, in one line.
    fn about(&self) -> &'static str;

    /// Its parameters with their defaults.
    fn parameters(&self) -> Parameters {
        Parameters::standard()
    }

    /// Who is who.
    fn roles(&self, parameters: &Parameters) -> Roles {
        Roles::election(parameters)
    }

    /// Puts the nodes into the world.
    fn build(&self, bed: &Bed);

    /// What watches the run. `families` are those that the schedule holds: a promise may not cover all of them.
    fn monitors(&self, parameters: &Parameters, families: &BTreeSet<Family>) -> Monitors;

    /// All that one run needs of it: what watches, what is built, what looks at the result. The same as
    /// [`Scenario::monitors`] and [`Scenario::build`] unless those have to share something that lives as long as the run.
    ///
    /// # Errors
    /// If the scenario does not fit together.
    fn stage(&self, parameters: &Parameters, families: &BTreeSet<Family>) -> Result<Stage, UserError> {
        Ok(Stage::watched_by(self.monitors(parameters, families)))
    }

    /// The schedule that a seed makes, out of its stream of random numbers.
    ///
    /// # Errors
    /// If the scenario makes its schedules by itself, and the one made does not fit.
    fn schedule(&self, weather: &Weather<'_>, random: &mut Stream) -> Result<Schedule, UserError> {
        Ok(generate(weather, random))
    }

    /// How long the liveness phase may take until there is a leader, derived from the parameters.
    fn liveness_bound(&self, parameters: &Parameters) -> Duration;

    /// Points that a campaign over these families must reach: one that stays at zero makes it vacuous.
    fn required_points(&self, families: &BTreeSet<Family>) -> Required {
        let _ = families;
        Required::default()
    }

    /// What is promised of its leaders; nothing for a scenario without an election.
    fn promises(&self, parameters: &Parameters) -> Option<Promises> {
        let _ = parameters;
        None
    }

    /// Sets of settings that have a name of their own: each is a row in the safety matrix, beside the defaults.
    fn profiles(&self) -> &'static [Profile] {
        &[]
    }

    /// What a planted bug breaks; nothing for a scenario that is meant to hold.
    fn planted(&self) -> Option<Planted> {
        None
    }

    /// How a scenario with a planted bug becomes one without, on which the same monitors must stay silent.
    fn control(&self) -> Control {
        Control::Missing
    }
}

/// Settings of a scenario that belong together, such as a policy that users of a library choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name: lowercase words, for it becomes part of a file's name.
    pub name: &'static str,
    /// What is set.
    pub settings: &'static [(&'static str, &'static str)],
    /// What it stands for, in one line.
    pub about: &'static str,
}

/// The control of a planted bug: the same scenario, under the same claims, on the same seeds, put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// It is put right.
    Is {
        /// What puts it right, in a few words.
        what: &'static str,
        /// What has to be set.
        settings: &'static [(&'static str, &'static str)],
        /// The families of faults that have to be left out, where the bug is to be used under them.
        without: &'static [Family],
    },
    /// There can be none.
    CannotBe {
        /// Why not.
        why: &'static str,
    },
    /// Nobody has said.
    Missing,
}

/// What is known about a planted bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planted {
    /// Its row in the catalogue of bugs, such as `A30`.
    pub id: &'static str,
    /// The monitors that may catch it.
    pub caught_by: &'static [&'static str],
}

/// All scenarios that a program knows.
#[derive(Clone, Copy)]
pub struct Catalogue(pub &'static [&'static dyn Scenario]);

impl Catalogue {
    /// Finds a scenario.
    ///
    /// # Errors
    /// If there is none of that name, with the nearest one.
    pub fn find(&self, name: &str) -> Result<&'static dyn Scenario, UserError> {
        let found = self.0.iter().find(|scenario| scenario.name() == name);
        found
            .copied()
            .ok_or_else(|| UserError::unknown("scenario", name, self.0.iter().map(|scenario| scenario.name())))
    }
}

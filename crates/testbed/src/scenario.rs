//! A scenario: a small world with a purpose, that can be run under any schedule.

use std::collections::BTreeSet;
use std::time::Duration;

use check::{Monitors, Required};

use crate::bed::Bed;
use crate::error::UserError;
use crate::parameters::Parameters;
use crate::roles::Roles;
use crate::schedule::Family;

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

    /// How long the liveness phase may take until there is a leader, derived from the parameters.
    fn liveness_bound(&self, parameters: &Parameters) -> Duration;

    /// Points that a campaign over these families must reach: one that stays at zero makes it vacuous.
    fn required_points(&self, families: &BTreeSet<Family>) -> Required {
        let _ = families;
        Required::default()
    }

    /// What a planted bug breaks; nothing for a scenario that is meant to hold.
    fn planted(&self) -> Option<Planted> {
        None
    }
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

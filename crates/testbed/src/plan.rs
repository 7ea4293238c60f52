//! A plan: all inputs of one run. Equal plans give equal runs.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use crate::error::UserError;
use crate::parameters::Parameters;
use crate::roles::Roles;
use crate::scenario::{Catalogue, Scenario};
use crate::schedule::{Family, Found, SavedRun, Schedule, Weather};

/// How long a run goes on after the liveness bound: whoever leads then must go on leading.
const SETTLE: Duration = Duration::from_secs(5);

/// All inputs of one run.
#[derive(Clone)]
pub struct Plan {
    /// The scenario.
    pub scenario: &'static dyn Scenario,
    /// Its parameters.
    pub parameters: Parameters,
    /// The seed of all streams.
    pub seed: u64,
    /// The seed by which the scheduler picks the next ready task.
    pub scheduler_seed: u64,
    /// The faults.
    pub schedule: Schedule,
}

impl Plan {
    /// The plan that a seed makes: its schedule is generated from the families.
    ///
    /// # Errors
    /// If the run is too short to have a liveness phase.
    pub fn from_seed(
        scenario: &'static dyn Scenario,
        parameters: Parameters,
        seed: u64,
        families: &BTreeSet<Family>,
    ) -> Result<Plan, UserError> {
        let mut plan = Plan { scenario, parameters, seed, scheduler_seed: seed, schedule: Schedule::default() };
        let weather = Weather {
            roles: &plan.roles(),
            families,
            until: plan.safety_ends()?,
            session_timeout: plan.parameters.duration("session_timeout"),
        };
        plan.schedule = scenario.schedule(&weather, &mut host::random::derive(seed, "schedule"))?;
        Ok(plan)
    }

    /// The plan of a given schedule.
    ///
    /// # Errors
    /// If the schedule does not fit the scenario.
    pub fn with_schedule(
        scenario: &'static dyn Scenario,
        parameters: Parameters,
        seed: u64,
        schedule: Schedule,
    ) -> Result<Plan, UserError> {
        let plan = Plan { scenario, parameters, seed, scheduler_seed: seed, schedule };
        let end = plan.safety_ends()?;
        plan.schedule
            .validate(&plan.roles(), end)
            .map_err(|(place, error)| UserError::Mismatch(format!("fault {} of the schedule: {error}", place + 1)))?;
        Ok(plan)
    }

    /// The plan of a saved run.
    ///
    /// # Errors
    /// If the file does not fit the scenario: unknown names, values out of range, faults past the end.
    pub fn from_saved(saved: &SavedRun, file: &Path, catalogue: Catalogue) -> Result<Plan, UserError> {
        let in_file = |error: UserError| UserError::BadFile { file: file.into(), why: error.to_string() };
        let scenario = catalogue.find(&saved.scenario).map_err(in_file)?;
        let mut parameters = scenario.parameters();
        for (key, value) in &saved.parameters {
            parameters.set(key, value).map_err(in_file)?;
        }
        let plan = Plan {
            scenario,
            parameters,
            seed: saved.seed,
            scheduler_seed: saved.scheduler_seed.unwrap_or(saved.seed),
            schedule: saved.schedule.clone(),
        };
        let end = plan.safety_ends().map_err(in_file)?;
        plan.schedule
            .validate(&plan.roles(), end)
            .map_err(|(place, error)| saved.mistake_at_fault(file, place, &error))?;
        Ok(plan)
    }

    /// The plan as a file keeps it.
    pub fn to_saved(&self, found: Option<Found>) -> SavedRun {
        SavedRun {
            scenario: self.scenario.name().to_owned(),
            seed: self.seed,
            scheduler_seed: (self.scheduler_seed != self.seed).then_some(self.scheduler_seed),
            parameters: self.parameters.changed_from(&self.scenario.parameters()),
            schedule: self.schedule.clone(),
            reaches: Vec::new(),
            found,
            lines: Vec::new(),
        }
    }

    /// Who is who in this run.
    pub fn roles(&self) -> Roles {
        self.scenario.roles(&self.parameters)
    }

    /// The virtual time of the whole run.
    pub fn length(&self) -> Duration {
        self.parameters.duration("length")
    }

    /// When every fault ends and the liveness phase begins.
    ///
    /// # Errors
    /// If the run is shorter than its liveness phase.
    pub fn safety_ends(&self) -> Result<Duration, UserError> {
        let bound = self.scenario.liveness_bound(&self.parameters) + SETTLE;
        self.length().checked_sub(bound).filter(|safety| !safety.is_zero()).ok_or_else(|| {
            UserError::Mismatch(format!(
                "a run of {} is too short: its liveness phase alone takes {}",
                crate::span::show(self.length()),
                crate::span::show(bound)
            ))
        })
    }

    /// Whether it can be executed: the run is long enough, and the schedule fits the scenario.
    pub(crate) fn fits(&self) -> bool {
        self.safety_ends().is_ok_and(|end| self.schedule.validate(&self.roles(), end).is_ok())
    }

    /// The arguments of `interregnum` that make this plan from its seed and these families. They do not name the
    /// schedule if it was not made from the seed.
    pub fn arguments(&self, families: &BTreeSet<Family>) -> Vec<String> {
        let mut arguments = vec!["run".to_owned(), self.scenario.name().to_owned()];
        arguments.extend(["--seed".to_owned(), self.seed.to_string()]);
        for (key, value) in self.parameters.changed_from(&self.scenario.parameters()) {
            arguments.extend(["--set".to_owned(), format!("{key}={value}")]);
        }
        if families.len() < Family::ALL.len() {
            let names: Vec<&str> = families.iter().map(|family| family.name()).collect();
            let names = if names.is_empty() { "none".to_owned() } else { names.join(",") };
            arguments.extend(["--faults".to_owned(), names]);
        }
        arguments
    }

    /// The command that a person pastes to see the run again.
    pub fn command(&self, families: &BTreeSet<Family>) -> String {
        format!("cargo sim {}", self.arguments(families).join(" "))
    }
}

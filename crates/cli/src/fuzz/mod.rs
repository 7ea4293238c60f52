//! `interregnum fuzz`: an exploration on all cores, kept in a directory, until its runs or its time are spent.
//!
//! What a campaign knows lies in its directory: stopped, it goes on from there, and no run is done twice. What breaks is
//! made small, replayed in a fresh process, and saved.

mod failures;
mod merge;
mod progress;
mod store;
mod summary;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use interregnum::explore::{Exploration, Settings, Shard, State};
use interregnum::schedule::Family;
use interregnum::{UserError, seeds};

use crate::arguments::Fuzz;
use crate::{Exit, Failure, interrupt, settings, show};
use failures::Failures;
use progress::Progress;
use store::Store;

/// What is known is saved this often, besides at the end and when something breaks.
const CHECKPOINT: Duration = Duration::from_secs(10);

/// Explores a scenario, or merges what was explored.
pub fn fuzz(arguments: &Fuzz) -> Result<Exit, Failure> {
    interregnum::logs::init("off");
    if !arguments.merge.is_empty() {
        return merge::merge(arguments);
    }
    let settings = explored(arguments)?;
    let interrupted = interrupt::listen();
    let budget = arguments.budget.as_deref().map(settings::budget).transpose()?;
    let most = match (arguments.runs, budget) {
        (Some(runs), _) => runs,
        (None, Some(_)) => u64::MAX,
        (None, None) => DEFAULT_RUNS,
    };
    let jobs = arguments.jobs.map_or_else(seeds::default_jobs, usize::from);
    let mut store = arguments.corpus.as_ref().map(|directory| Store::open(directory)).transpose()?;
    let state = match &mut store {
        Some(store) => store.load(&settings)?,
        None => State::default(),
    };
    let before = state.runs;
    let mut failures = Failures::new(failures_in(arguments), state.findings.clone());
    if !arguments.json {
        println!("{} # {}", command(arguments, &settings), show::versions());
        if state.runs > 0 {
            println!("going on after {} runs", state.runs);
        }
    }
    let mut exploration = Exploration::new(settings, state);
    let progress = Progress::begin(&exploration, most, budget, arguments.json);
    let started = host::now();
    let mut saved = started;
    while exploration.state().runs < most
        && budget.is_none_or(|budget| host::now() - started < budget)
        && !interrupted.is_set()
    {
        exploration.round(most - exploration.state().runs, jobs)?;
        progress.show(&exploration);
        let news = failures.take(exploration.state());
        if let Some(store) = &mut store
            && (news || host::now() - saved >= CHECKPOINT)
        {
            store.save(&exploration)?;
            saved = host::now();
        }
        if news {
            progress.suspend(|| failures.save_as_found())?;
            if arguments.until_failure {
                break;
            }
        }
    }
    let wall = host::now() - started;
    if let Some(store) = &mut store {
        store.save(&exploration)?;
    }
    progress.end();
    let shown = failures.make_small(&interrupted, arguments.json)?;
    let summary = summary::Summary::of(&exploration, before, wall, interrupted.is_set(), shown);
    if arguments.json {
        println!("{}", summary.json());
    } else {
        println!("{summary}");
    }
    Ok(summary.exit())
}

/// So many runs, unless somebody says otherwise.
const DEFAULT_RUNS: u64 = 1_000;

/// Where what breaks is saved.
fn failures_in(arguments: &Fuzz) -> PathBuf {
    match (&arguments.save, &arguments.corpus) {
        (Some(directory), _) => directory.clone(),
        (None, Some(corpus)) => corpus.join("failures"),
        (None, None) => PathBuf::from("failures"),
    }
}

/// What the arguments ask for.
fn explored(arguments: &Fuzz) -> Result<Settings, UserError> {
    let name = arguments.scenario.as_deref().ok_or_else(|| UserError::Mismatch("no scenario is named".to_owned()))?;
    let scenario = sims::CATALOGUE.find(name)?;
    let mut parameters = scenario.parameters();
    for (key, value) in settings::parse(&arguments.settings)? {
        parameters.set(&key, &value)?;
    }
    if let Some(length) = &arguments.length {
        parameters.set("length", length)?;
    }
    let families: BTreeSet<Family> = match arguments.faults.as_deref() {
        None => Family::ALL.into(),
        Some(names) => names.split(',').map(|name| name.trim().parse()).collect::<Result<_, _>>()?,
    };
    let strategy = arguments.strategy.parse()?;
    let shard = arguments.shard.as_deref().map_or(Ok(Shard::WHOLE), str::parse)?;
    Ok(Settings { scenario, parameters, families, strategy, seed: arguments.seed, shard })
}

/// The command that does the same campaign again.
fn command(arguments: &Fuzz, settings: &Settings) -> String {
    let mut words = vec![format!("cargo sim fuzz {}", settings.scenario.name())];
    words.push(format!("--strategy {} --seed {}", settings.strategy, settings.seed));
    for (key, value) in settings.parameters.changed_from(&settings.scenario.parameters()) {
        words.push(format!("--set {key}={value}"));
    }
    words.extend(arguments.faults.as_ref().map(|faults| format!("--faults {faults}")));
    words.extend(arguments.runs.map(|runs| format!("--runs {runs}")));
    words.extend(arguments.budget.as_ref().map(|budget| format!("--budget {budget}")));
    words.extend(arguments.shard.as_ref().map(|shard| format!("--shard {shard}")));
    words.extend(arguments.corpus.as_ref().map(|corpus| format!("--corpus {}", corpus.display())));
    words.join(" ")
}

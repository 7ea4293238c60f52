//! `interregnum zoo --compare`: how many runs each strategy of exploration needs until it finds each planted bug.
//!
//! One number per bug would be luck: each strategy explores each bug in several campaigns with seeds of their own, and
//! the median counts. A campaign that does not find the bug within its runs counts as longer than all that do.

mod tally;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};

use indicatif::ProgressBar;
use interregnum::explore::{Exploration, Settings, Shard, State, Strategy};
use interregnum::schedule::Family;
use interregnum::{Scenario, UserError};

use super::hunt::caught_by;
use crate::arguments::Zoo;
use crate::{Exit, Failure, files};
use tally::{Line, Tally};

/// One campaign that is to be done.
#[derive(Clone, Copy)]
struct Task {
    bug: &'static dyn Scenario,
    strategy: Strategy,
    seed: u64,
}

/// Compares the strategies on these bugs.
pub fn compare(arguments: &Zoo, campaigns: u64, bugs: &[&'static dyn Scenario], jobs: usize) -> Result<Exit, Failure> {
    let lines = match arguments.from.as_slice() {
        [] => measure(arguments, campaigns, bugs, jobs)?,
        saved => read(saved)?,
    };
    let tally = Tally::of(&lines);
    if arguments.json {
        println!("{}", tally.json());
    } else {
        println!("{}", tally.terminal());
    }
    if let Some(file) = &arguments.markdown {
        files::write(file, &tally.markdown())?;
    }
    Ok(if tally.guided_found_all() { Exit::Held } else { Exit::Safety })
}

fn measure(arguments: &Zoo, campaigns: u64, bugs: &[&'static dyn Scenario], jobs: usize) -> Result<Vec<Line>, Failure> {
    let strategies = Strategy::ALL;
    let of = |bug: &'static dyn Scenario, strategy| (0..campaigns).map(move |seed| Task { bug, strategy, seed });
    let tasks: Vec<Task> =
        bugs.iter().flat_map(|bug| strategies.into_iter().flat_map(|strategy| of(*bug, strategy))).collect();
    let progress = super::progress(tasks.len());
    let done = all(&tasks, arguments.runs, jobs, &progress, |lines| {
        if arguments.json {
            lines.iter().for_each(|line| progress.suspend(|| println!("{}", line.json())));
        }
    })?;
    progress.finish_and_clear();
    Ok(done)
}

/// Does all campaigns, several at a time; `each` sees the lines of a bug and a strategy once they are complete, in the
/// order of the tasks.
fn all(
    tasks: &[Task],
    runs: u64,
    jobs: usize,
    progress: &ProgressBar,
    each: impl Fn(&[Line]),
) -> Result<Vec<Line>, Failure> {
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    let failed = Mutex::new(None);
    let mut lines: BTreeMap<(usize, Strategy), Line> = BTreeMap::new();
    let mut done = Vec::new();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let (sender, next, failed) = (sender.clone(), &next, &failed);
            scope.spawn(move || {
                while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match until_caught(task, runs) {
                        Ok(found) => sender.send((task, found)).expect("the results are read to the end"),
                        Err(error) => return *failed.lock().expect("nobody panics here") = Some(error),
                    }
                }
            });
        }
        drop(sender);
        let place =
            |task: &Task| tasks.iter().position(|other| other.bug.name() == task.bug.name()).unwrap_or_default();
        let campaigns = |task: &Task| {
            let same = |other: &&Task| other.bug.name() == task.bug.name() && other.strategy == task.strategy;
            tasks.iter().filter(same).count()
        };
        for (task, found) in results {
            progress.inc(1);
            let key = (place(task), task.strategy);
            let line = lines.entry(key).or_insert_with(|| Line::new(task.bug.name(), task.strategy, runs));
            line.add(task.seed, found);
            if line.campaigns() == campaigns(task) {
                each(std::slice::from_ref(line));
            }
        }
    });
    if let Some(error) = failed.into_inner().expect("nobody panicked") {
        return Err(error);
    }
    done.extend(lines.into_values());
    Ok(done)
}

/// How many runs it took until the bug was caught by a monitor that is meant for it; nothing if it was not.
fn until_caught(task: &Task, runs: u64) -> Result<Option<u64>, Failure> {
    let name = task.bug.name();
    let planted =
        task.bug.planted().ok_or_else(|| Failure::Other(format!("{name} is in the zoo, and plants nothing")))?;
    let settings = Settings {
        scenario: task.bug,
        parameters: task.bug.parameters(),
        families: Family::ALL.into(),
        strategy: task.strategy,
        seed: task.seed,
        shard: Shard::WHOLE,
    };
    let mut exploration = Exploration::new(settings, State::default());
    while exploration.state().runs < runs {
        let before = exploration.state().runs;
        let round = exploration.round(runs - before, 1)?;
        let caught = round.iter().position(|run| caught_by(&run.outcome, &planted).is_some());
        if let Some(place) = caught {
            return Ok(Some(before + place as u64 + 1));
        }
    }
    Ok(None)
}

fn read(saved: &[std::path::PathBuf]) -> Result<Vec<Line>, Failure> {
    let mut lines = Vec::new();
    for file in saved {
        let bad = |why: String| UserError::BadFile { file: file.clone(), why };
        let text = std::fs::read_to_string(file).map_err(|error| bad(error.to_string()))?;
        for (number, text) in (1..).zip(text.lines()) {
            if let Some(line) = Line::parse(text).map_err(|why| bad(format!("line {number}: {why}")))? {
                lines.push(line);
            }
        }
    }
    Ok(lines)
}

//! `interregnum zoo --compare`: how many runs each strategy of exploration needs until it finds each planted bug.
//!
//! One number per bug would be luck: each strategy explores each bug in several campaigns with seeds of their own, and
//! the median counts. A campaign that does not find the bug within its runs counts as longer than all that do.
//!
//! The campaigns of a strategy go on side by side, and end as soon as the median is known: what the slowest of them would
//! have taken is not worth their time. Those of the guided strategy go on to the end, for it claims to find everything.
//! Ctrl-C ends all of them, and what they came to until then is told. Bugs, strategies and campaigns can be shared among
//! machines; what each printed is joined.

mod line;
mod tally;

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use interregnum::explore::{Exploration, ROUND, Settings, Shard, State, Strategy};
use interregnum::schedule::Family;
use interregnum::{Planted, Scenario, UserError, seeds};

use super::hunt::caught_by;
use crate::arguments::Zoo;
use crate::interrupt::{self, Interrupted};
use crate::{Exit, Failure, files};
use line::Line;
use tally::Tally;

/// All campaigns of a strategy for a bug.
#[derive(Clone, Copy)]
struct Task {
    bug: &'static dyn Scenario,
    strategy: Strategy,
}

/// How far the campaigns of a task go.
struct Extent {
    /// How many there are in all, here and elsewhere.
    campaigns: u64,
    /// The seeds of those that are done here.
    here: Range<u64>,
    /// How many runs each may take.
    runs: u64,
}

/// Compares the strategies on these bugs.
pub fn compare(arguments: &Zoo, campaigns: u64, bugs: &[&'static dyn Scenario], jobs: usize) -> Result<Exit, Failure> {
    let lines = match arguments.from.as_slice() {
        [] => measure(arguments, campaigns, bugs, jobs)?,
        saved => read(saved)?,
    };
    let tally = Tally::of(&lines);
    if arguments.json {
        // Those that were measured now were printed as they came.
        if !arguments.from.is_empty() {
            tally.lines().for_each(|line| println!("{}", line.json()));
        }
        println!("{}", tally.json());
    } else {
        println!("{}", tally.terminal());
    }
    if let Some(file) = &arguments.markdown {
        files::write(file, &tally.markdown())?;
    }
    Ok(if tally.guided_missed_none() { Exit::Held } else { Exit::Safety })
}

fn measure(arguments: &Zoo, campaigns: u64, bugs: &[&'static dyn Scenario], jobs: usize) -> Result<Vec<Line>, Failure> {
    let strategies =
        if arguments.strategies.is_empty() { Strategy::ALL.to_vec() } else { arguments.strategies.clone() };
    let tasks: Vec<Task> =
        bugs.iter().flat_map(|bug| strategies.iter().map(|strategy| Task { bug: *bug, strategy: *strategy })).collect();
    let here = match &arguments.campaigns {
        None => 0..campaigns,
        Some(range) => part(range, campaigns)?,
    };
    let extent = Extent { campaigns, here, runs: arguments.runs };
    let progress = super::progress(tasks.len());
    let interrupted = interrupt::listen();
    let lines = all(&tasks, &extent, (jobs, &interrupted), |line| {
        progress.inc(1);
        if arguments.json {
            progress.suspend(|| println!("{}", line.json()));
        }
    })?;
    progress.finish_and_clear();
    Ok(lines)
}

/// The campaigns that are to be done here, of all of them.
fn part(range: &str, campaigns: u64) -> Result<Range<u64>, UserError> {
    let part = seeds::parse_range_of("campaigns", range)?;
    if part.end > campaigns {
        let why = format!("there are {campaigns}, from 0");
        return Err(UserError::BadValue { key: "campaigns".into(), value: range.into(), expected: "range", why });
    }
    Ok(part)
}

/// Does all tasks, several at a time; `each` sees every line once it is complete.
fn all(
    tasks: &[Task],
    extent: &Extent,
    (jobs, interrupted): (usize, &Interrupted),
    each: impl Fn(&Line),
) -> Result<Vec<Line>, Failure> {
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed))
                    && !interrupted.is_set()
                {
                    let line = side_by_side(*task, extent, interrupted);
                    let failed = line.is_err();
                    sender.send(line).expect("the results are read to the end");
                    if failed {
                        break;
                    }
                }
            });
        }
        drop(sender);
        results.into_iter().map(|line| line.inspect(&each)).collect()
    })
}

/// Does the campaigns of a task, a round of each in turn.
fn side_by_side(task: Task, extent: &Extent, interrupted: &Interrupted) -> Result<Line, Failure> {
    let Extent { campaigns, ref here, runs } = *extent;
    let mut line = Line::new(task.bug.name(), task.strategy, runs);
    let mut open: Vec<Campaign> = here.clone().map(|seed| Campaign::new(task, seed)).collect::<Result<_, _>>()?;
    let mut done = 0;
    while done < runs && !open.is_empty() {
        let mut still_open = Vec::new();
        for mut campaign in open {
            match campaign.round(runs - done)? {
                Some(found) => line.add(campaign.seed, Some(found)),
                None => still_open.push(campaign),
            }
        }
        open = still_open;
        done = (done + ROUND).min(runs);
        let median_is_known = line.campaigns() as u64 > campaigns / 2;
        let is_enough = median_is_known && task.strategy != Strategy::Guided;
        if done < runs && (is_enough || interrupted.is_set()) {
            open.drain(..).for_each(|campaign| line.give_up(campaign.seed, done));
        }
    }
    open.iter().for_each(|campaign| line.add(campaign.seed, None));
    Ok(line)
}

/// One exploration, until it has caught its bug.
struct Campaign {
    seed: u64,
    planted: Planted,
    exploration: Exploration,
}

impl Campaign {
    fn new(task: Task, seed: u64) -> Result<Campaign, Failure> {
        let Task { bug, strategy } = task;
        let nothing = || Failure::Other(format!("{} is in the zoo, and plants nothing", bug.name()));
        let planted = bug.planted().ok_or_else(nothing)?;
        let families = Family::ALL.into();
        let settings =
            Settings { scenario: bug, parameters: bug.parameters(), families, strategy, seed, shard: Shard::WHOLE };
        Ok(Campaign { seed, planted, exploration: Exploration::new(settings, State::default()) })
    }

    /// Does a round; tells at which run the bug was caught by a monitor that is meant for it.
    fn round(&mut self, most: u64) -> Result<Option<u64>, Failure> {
        let before = self.exploration.state().runs;
        let round = self.exploration.round(most, 1)?;
        let place = round.iter().position(|run| caught_by(&run.outcome, &self.planted).is_some());
        Ok(place.map(|place| before + place as u64 + 1))
    }
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

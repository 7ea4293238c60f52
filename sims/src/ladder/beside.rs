//! The three rungs side by side: the same seed, the same schedule, and what came of it.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use election::work::Tasks;
use history::{Event, Keep, LeadershipEvent, MachineEvent, NodeName, Record, Time, WorkEvent};
use interregnum::{Plan, Scenario, UserError, execute, span};

use super::{APPOINTED, BY_HAND, ELECTED};

/// So many ranges of lost tasks are named in a table.
const NAMED: usize = 6;

/// What became of the tasks on one rung.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// The scenario's name.
    pub scenario: &'static str,
    /// How many tasks came in.
    pub submitted: u64,
    /// How many of them were done when the run ended.
    pub done: u64,
    /// Those that were not.
    pub lost: Tasks,
    /// For how long nobody led whose process ran, from the beginning of the run to its end; nothing where nobody ever
    /// leads.
    pub without_leader: Option<Duration>,
}

/// The three rungs under one schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The seed of all three.
    pub seed: u64,
    /// From the lowest to the highest.
    pub rungs: Vec<Rung>,
}

/// Runs all three rungs by a plan of one of them. Nothing if it is of another scenario.
///
/// # Errors
/// If the plan does not fit together.
pub fn beside(plan: &Plan) -> Result<Option<Beside>, UserError> {
    let rungs: [&'static dyn Scenario; 3] = [&BY_HAND, &APPOINTED, &ELECTED];
    if !rungs.iter().any(|rung| rung.name() == plan.scenario.name()) {
        return Ok(None);
    }
    let rungs = rungs.into_iter().map(|scenario| {
        // Their parameters and nodes are the same: what fits one fits all.
        let outcome = execute(&Plan { scenario, ..plan.clone() }, Keep::Everything)?;
        Ok(tally(scenario.name(), &outcome.kept, outcome.virtual_time))
    });
    Ok(Some(Beside { seed: plan.seed, rungs: rungs.collect::<Result<_, UserError>>()? }))
}

fn tally(scenario: &'static str, records: &[Record], end: Time) -> Rung {
    let (mut submitted, mut done) = (Tasks::default(), Tasks::default());
    let mut leaders = Leaders::default();
    for record in records {
        match &record.event {
            Event::Work(WorkEvent::Submitted { task }) => submitted.insert(*task),
            Event::Work(WorkEvent::Done { task, .. }) => done.insert(*task),
            _ => leaders.observe(record),
        }
    }
    let lost: Tasks = submitted.iter().filter(|task| !done.contains(*task)).collect();
    Rung {
        scenario,
        submitted: submitted.count(),
        done: submitted.count() - lost.count(),
        lost,
        without_leader: leaders.finish(end),
    }
}

/// Who leads, and for how long nobody has.
#[derive(Default)]
struct Leaders {
    believe: BTreeSet<NodeName>,
    paused: BTreeSet<NodeName>,
    any_ever: bool,
    vacant_since: Option<Time>,
    vacant: Duration,
    is_led: bool,
}

impl Leaders {
    fn observe(&mut self, record: &Record) {
        let Some(node) = &record.node else { return };
        match &record.event {
            Event::Leadership(LeadershipEvent::Elected { .. }) => drop(self.believe.insert(node.clone())),
            Event::Leadership(LeadershipEvent::Deposed { .. }) => drop(self.believe.remove(node)),
            Event::Machine(MachineEvent::Paused) => drop(self.paused.insert(node.clone())),
            Event::Machine(MachineEvent::Resumed) => drop(self.paused.remove(node)),
            Event::Machine(_) => {
                self.believe.remove(node);
                self.paused.remove(node);
            }
            _ => return,
        }
        self.follow(record.at);
    }

    fn follow(&mut self, now: Time) {
        let is_led = self.believe.difference(&self.paused).next().is_some();
        self.any_ever |= is_led;
        match (self.is_led, is_led) {
            (false, true) => self.vacant += now.since(self.vacant_since.unwrap_or(Time::ZERO)),
            (true, false) => self.vacant_since = Some(now),
            _ => {}
        }
        self.is_led = is_led;
    }

    fn finish(mut self, end: Time) -> Option<Duration> {
        if !self.is_led {
            self.vacant += end.since(self.vacant_since.unwrap_or(Time::ZERO));
        }
        self.any_ever.then_some(self.vacant)
    }
}

impl fmt::Display for Rung {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let without_leader = match self.without_leader {
            // Parts of a second beyond the first say nothing.
            Some(vacant) => span::show(Duration::from_millis(vacant.as_millis() as u64 / 100 * 100)),
            None => "always".to_owned(),
        };
        let Rung { scenario, submitted, done, lost, .. } = self;
        write!(formatter, "{scenario:<16}  {submitted:>9}  {done:>5}  {:>5}  {without_leader:>16}", lost.count())?;
        let ranges: Vec<String> = lost.to_string().split(',').map(str::to_owned).collect();
        if lost.count() > 0 {
            let more = if ranges.len() > NAMED { ",…" } else { "" };
            write!(formatter, "  {}{more}", ranges[..ranges.len().min(NAMED)].join(","))?;
        }
        Ok(())
    }
}

impl fmt::Display for Beside {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "the three attempts under this schedule, seed {}:", self.seed)?;
        let heads = ("submitted", "done", "lost", "without a leader", "which were lost");
        write!(formatter, "{:<16}  {:>9}  {:>5}  {:>5}  {:>16}  {}", "", heads.0, heads.1, heads.2, heads.3, heads.4)?;
        self.rungs.iter().try_for_each(|rung| write!(formatter, "\n{rung}"))
    }
}

//! The three rungs side by side: the same seed, the same schedule, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use election::work::Tasks;
use history::{Event, Keep, LeadershipEvent, MachineEvent, NodeName, Record, Time, WorkEvent};
use interregnum::{Plan, Scenario, UserError, execute, span};

use super::{APPOINTED, BY_HAND, ELECTED};

/// So many ranges of lost tasks, and so many reigns, are named in a table.
const NAMED: usize = 6;

/// Who leads for less has not had the time to do anything.
const MOMENT: Duration = Duration::from_millis(1);

/// For how long somebody led whose process ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Led {
    /// Who.
    pub node: NodeName,
    /// Since when.
    pub from: Time,
    /// Until when; nothing if it led when the run ended.
    pub to: Option<Time>,
}

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
    /// Who led, in the order in which they began.
    pub led: Vec<Led>,
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
    let (without_leader, led) = leaders.finish(end);
    Rung { scenario, submitted: submitted.count(), done: submitted.count() - lost.count(), lost, without_leader, led }
}

/// Who leads, and for how long nobody has.
#[derive(Default)]
struct Leaders {
    believe: BTreeSet<NodeName>,
    paused: BTreeSet<NodeName>,
    /// Those who believe and are not paused, and since when.
    leading: BTreeMap<NodeName, Time>,
    past: Vec<Led>,
    vacant_since: Time,
    vacant: Duration,
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
        let leads = self.believe.contains(node) && !self.paused.contains(node);
        self.follow(node, leads, record.at);
    }

    fn follow(&mut self, node: &NodeName, leads: bool, now: Time) {
        let was_led = !self.leading.is_empty();
        if leads {
            self.leading.entry(node.clone()).or_insert(now);
        } else if let Some(from) = self.leading.remove(node).filter(|from| now.since(*from) >= MOMENT) {
            // Who wakes up and steps down at once has not led.
            self.past.push(Led { node: node.clone(), from, to: Some(now) });
        }
        match (was_led, self.leading.is_empty()) {
            (false, false) => self.vacant += now.since(self.vacant_since),
            (true, true) => self.vacant_since = now,
            _ => {}
        }
    }

    fn finish(mut self, end: Time) -> (Option<Duration>, Vec<Led>) {
        if self.leading.is_empty() {
            self.vacant += end.since(self.vacant_since);
        }
        let mut led = self.past;
        led.extend(self.leading.into_iter().map(|(node, from)| Led { node, from, to: None }));
        led.sort_by_key(|led| led.from);
        ((!led.is_empty()).then_some(self.vacant), led)
    }
}

/// Parts of a second beyond the first say nothing.
fn tenths(duration: Duration) -> String {
    span::show(Duration::from_millis(duration.as_millis() as u64 / 100 * 100))
}

/// The first few of them, with a sign if there are more.
fn some_of(items: impl Iterator<Item = String>, separator: &str) -> String {
    let items: Vec<String> = items.collect();
    let more = if items.len() > NAMED { format!("{separator}…") } else { String::new() };
    items[..items.len().min(NAMED)].join(separator) + &more
}

impl fmt::Display for Led {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = self.to.map(|to| tenths(to.elapsed())).unwrap_or_default();
        write!(formatter, "{} {}-{to}", self.node, tenths(self.from.elapsed()))
    }
}

impl fmt::Display for Rung {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let without_leader = self.without_leader.map_or_else(|| "always".to_owned(), tenths);
        let Rung { scenario, submitted, done, lost, .. } = self;
        write!(formatter, "{scenario:<16}  {submitted:>9}  {done:>5}  {:>5}  {without_leader:>16}", lost.count())?;
        if lost.count() > 0 {
            write!(formatter, "  {}", some_of(lost.to_string().split(',').map(str::to_owned), ","))?;
        }
        Ok(())
    }
}

impl fmt::Display for Beside {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "the three attempts under this schedule, seed {}:", self.seed)?;
        let heads = ("submitted", "done", "lost", "without a leader", "which were lost");
        write!(formatter, "{:<16}  {:>9}  {:>5}  {:>5}  {:>16}  {}", "", heads.0, heads.1, heads.2, heads.3, heads.4)?;
        self.rungs.iter().try_for_each(|rung| write!(formatter, "\n{rung}"))?;
        write!(formatter, "\nwho led, and when:")?;
        self.rungs.iter().try_for_each(|rung| {
            let led = some_of(rung.led.iter().map(Led::to_string), ", ");
            write!(formatter, "\n{:<16}  {}", rung.scenario, if led.is_empty() { "nobody" } else { &led })
        })
    }
}

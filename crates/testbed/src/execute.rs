//! Executing a plan: two phases, faults by the schedule, monitors all along.
//!
//! *Safety*: faults begin and end as the schedule says. *Liveness*: every fault has ended but those that are to last
//! forever outside the core; a leader must come within the bound. The run stops at the first violation: what comes
//! after one says little.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use check::Monitors;
use history::{Event, Keep, Log, NetworkEvent, Observer, Phase, Record, Time};
use host::sim::{Options, World, simulate};
use tokio::sync::Notify;

use crate::ambush::strike_and_release;
use crate::bed::Bed;
use crate::error::UserError;
use crate::hand::Hand;
use crate::lookout::Lookout;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::schedule::{Fault, Lasts};
use crate::stage::{Build, Stage};

/// How long the machine's own supervisor (as an init system does) waits until it starts a process that exited.
const RESTART_AFTER_EXIT: Duration = Duration::from_secs(1);

/// Runs a plan.
///
/// # Errors
/// If the plan does not fit together; a failed run is an [`Outcome`], not an error.
pub fn execute(plan: &Plan, keep: Keep) -> Result<Outcome, UserError> {
    execute_observed(plan, keep, Vec::new())
}

/// Runs a plan, and shows every event to others too. What they make of it changes nothing.
///
/// # Errors
/// If the plan does not fit together.
pub(crate) fn execute_observed(
    plan: &Plan,
    keep: Keep,
    observers: Vec<Box<dyn Observer>>,
) -> Result<Outcome, UserError> {
    let safety_ends = plan.safety_ends()?;
    let families = plan.schedule.families();
    let Stage { monitors, build, finish } = plan.scenario.stage(&plan.parameters, &families)?;
    let watch = Watch { monitors: monitors.clone(), alarm: Arc::default(), messages: Arc::default() };
    let (alarm, messages) = (watch.alarm.clone(), watch.messages.clone());
    let mut log = Log::new(keep);
    log.observe_with(Box::new(watch));
    let lookout = Lookout::new(&plan.roles());
    log.observe_with(Box::new(lookout.clone()));
    observers.into_iter().for_each(|observer| log.observe_with(observer));
    let options = Options { seed: plan.seed, scheduler_seed: plan.scheduler_seed, log };

    let started = host::now();
    let end = Arc::new(Mutex::new(End::default()));
    let run = {
        let (plan, monitors, end) = (plan.clone(), monitors.clone(), end.clone());
        move |world: World| async move {
            supervise(&world, &plan, build, safety_ends, &alarm, lookout).await;
            monitors.finish(world.now());
            *end.lock().expect("nobody panics while noting the end") = End::of(&world);
        }
    };
    let panic = simulate(options, run).err().map(|panicked| panicked.message);
    let wall = host::now() - started;

    let mut end = end.lock().expect("nobody panics while noting the end");
    let mut outcome = Outcome {
        violations: monitors.violations(),
        panic,
        trace: end.trace.unwrap_or(history::TraceHash(0)),
        virtual_time: end.virtual_time,
        wall,
        events: end.events,
        messages: messages.load(Ordering::Relaxed),
        failovers: monitors.failover_times(),
        sometimes: monitors.counters(),
        faults: plan.schedule.by_family(),
        kept: std::mem::take(&mut end.kept),
    };
    // A run that was stopped short has no result to look at.
    if let (Some(finish), true) = (finish, outcome.held()) {
        outcome.panic = finish(&outcome).err();
    }
    Ok(outcome)
}

/// Passes events to the monitors, and rings when the first of them speaks.
struct Watch {
    monitors: Monitors,
    alarm: Arc<Notify>,
    messages: Arc<AtomicU64>,
}

impl Observer for Watch {
    fn observe(&mut self, record: &Record) {
        if matches!(record.event, Event::Network(NetworkEvent::Delivered { .. })) {
            self.messages.fetch_add(1, Ordering::Relaxed);
        }
        self.monitors.observe(record);
        if !self.monitors.is_clean() {
            self.alarm.notify_one();
        }
    }
}

/// What is read off the world when a run ends.
#[derive(Default)]
struct End {
    trace: Option<history::TraceHash>,
    virtual_time: Time,
    events: u64,
    kept: Vec<Record>,
}

impl End {
    fn of(world: &World) -> End {
        let mut log = world.log();
        End { trace: Some(log.trace()), virtual_time: world.now(), events: log.count(), kept: log.take_kept() }
    }
}

async fn supervise(
    world: &World,
    plan: &Plan,
    build: Option<Build>,
    safety_ends: Duration,
    alarm: &Notify,
    lookout: Lookout,
) {
    let hand = Rc::new(RefCell::new(Hand::new(world.clone(), plan.roles(), lookout.clone())));
    let bed = Bed::new(world.clone(), plan.parameters.clone(), plan.roles());
    world.tell(Event::Phase(Phase::Safety));
    let _as_long_as_the_run = match build {
        Some(build) => Some(build(&bed)),
        None => {
            plan.scenario.build(&bed);
            None
        }
    };
    restart_what_exits(world, &hand);
    let story = async {
        for action in actions(&plan.schedule.faults, safety_ends) {
            world.sleep_until(Time::after_start(action.at)).await;
            match action.what {
                What::Begins(fault) => hand.borrow_mut().begin(action.place, fault),
                What::Ends => hand.borrow_mut().end(action.place),
            }
        }
        world.sleep_until(Time::after_start(safety_ends)).await;
        hand.borrow_mut().end_all();
        world.tell(Event::Phase(Phase::Liveness));
        world.sleep_until(Time::after_start(plan.length())).await;
    };
    tokio::select! {
        biased;
        () = alarm.notified() => {}
        never = strike_and_release(world, &plan.schedule, &hand, &lookout) => match never {},
        () = story => {}
    }
}

/// Starts every process that returns by itself again, as an init system would, unless a fault holds it down.
fn restart_what_exits(world: &World, hand: &Rc<RefCell<Hand>>) {
    let mut exits = world.exits();
    let (world, hand) = (world.clone(), hand.clone());
    world.clone().supervise(async move {
        while let Some(node) = exits.recv().await {
            hand.borrow_mut().process_exited(&node);
            world.sleep(RESTART_AFTER_EXIT).await;
            if !hand.borrow().holds_down(&node) {
                world.start(&node);
            }
        }
    });
}

/// Something that the schedule does at a time.
struct Action<'a> {
    at: Duration,
    place: usize,
    what: What<'a>,
}

enum What<'a> {
    Begins(&'a Fault),
    Ends,
}

/// All beginnings and ends before the switch, in order; at the same time ends go first.
fn actions(faults: &[Fault], safety_ends: Duration) -> Vec<Action<'_>> {
    let mut actions = Vec::new();
    for (place, fault) in faults.iter().enumerate() {
        actions.push(Action { at: fault.at, place, what: What::Begins(fault) });
        if let (Lasts::For(lasts), false) = (fault.lasts, fault.kind.is_instant()) {
            let at = fault.at.saturating_add(lasts);
            if at < safety_ends {
                actions.push(Action { at, place, what: What::Ends });
            }
        }
    }
    // A fault that lasts no time at all still begins before it ends.
    actions.sort_by_key(|action| (action.at, matches!(action.what, What::Begins(_)), action.place));
    let zero_length = |place: usize| matches!(faults[place].lasts, Lasts::For(lasts) if lasts.is_zero());
    let (instant, mut rest): (Vec<_>, Vec<_>) =
        actions.into_iter().partition(|action| matches!(action.what, What::Ends) && zero_length(action.place));
    rest.extend(instant);
    rest.sort_by_key(|action| action.at);
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::FaultKind;

    fn kill(at: u64, lasts: u64) -> Fault {
        let kind = FaultKind::Kill { node: "c1".into() };
        Fault { at: Duration::from_secs(at), lasts: Lasts::For(Duration::from_secs(lasts)), kind }
    }

    fn order(faults: &[Fault]) -> Vec<(u64, usize, bool)> {
        let actions = actions(faults, Duration::from_secs(100));
        let row = |action: &Action<'_>| (action.at.as_secs(), action.place, matches!(action.what, What::Begins(_)));
        actions.iter().map(row).collect()
    }

    #[test]
    fn ends_go_before_beginnings_of_the_same_time_but_never_before_their_own() {
        let rows = order(&[kill(1, 4), kill(5, 0), kill(5, 200)]);
        assert_eq!(rows, [(1, 0, true), (5, 0, false), (5, 1, true), (5, 2, true), (5, 1, false)]);
    }
}

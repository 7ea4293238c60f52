//! What a person sees of a run: its story in the terminal, and its page for the browser.
//!
//! A story is told of what the run's log kept. To have one of a run that was made without, execute its plan again: it is
//! the same run.

use std::time::Duration;

use history::{Keep, NodeName, Time};
use report::{Fault, Nodes, Subject};

use crate::error::UserError;
use crate::execute::execute;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::schedule::{self, Lasts};
use crate::{RUSTC, VERSION};

pub use report::{Distribution, page_of_times, text_of_times};

/// What a log must keep so that [`text`] has all that it tells.
pub const TEXT_KEEPS: Keep = Keep::Story;

/// What a log must keep so that [`page`] has all that it draws: messages and acts, too.
pub const PAGE_KEEPS: Keep = Keep::Everything;

/// Of a longer run a page could hold a small part of the messages only, and to keep all would take too much memory.
const LONGEST_WITH_MESSAGES: Duration = Duration::from_secs(3_600);

/// What a log should keep for the page of a run: all, unless the run is so long that its story must do.
pub fn page_keeps(plan: &Plan) -> Keep {
    if plan.length() <= LONGEST_WITH_MESSAGES { PAGE_KEEPS } else { TEXT_KEEPS }
}

/// The story of a run in fewer than sixty lines. `command` is what shows the run again.
pub fn text(plan: &Plan, outcome: &Outcome, command: &str) -> String {
    report::text(&subject(plan, outcome, command), &outcome.kept)
}

/// The story of a run as one HTML file that opens from disk. `command` is what shows the run again.
pub fn page(plan: &Plan, outcome: &Outcome, command: &str) -> String {
    report::page(&subject(plan, outcome, command), &outcome.kept)
}

/// Executes a plan once more and gives the page of it.
///
/// # Errors
/// If the plan does not fit together.
pub fn page_of_plan(plan: &Plan, command: &str) -> Result<String, UserError> {
    Ok(page(plan, &execute(plan, page_keeps(plan))?, command))
}

/// A run in the words that reports understand.
pub fn subject(plan: &Plan, outcome: &Outcome, command: &str) -> Subject {
    let roles = plan.roles();
    let names = |names: &[String]| names.iter().map(|name| NodeName::new(name)).collect();
    Subject {
        scenario: plan.scenario.name().to_owned(),
        seed: plan.seed,
        parameters: plan.parameters.changed_from(&plan.scenario.parameters()),
        command: command.to_owned(),
        versions: format!("interregnum {VERSION}, {RUSTC}"),
        trace: outcome.trace.to_string(),
        nodes: Nodes {
            servers: names(&roles.servers),
            candidates: names(&roles.candidates),
            resources: names(&roles.resources),
        },
        faults: plan.schedule.faults.iter().map(fault).collect(),
        verdict: outcome.verdict().name().to_owned(),
        violations: outcome.violations.iter().map(violation).collect(),
        panic: outcome.panic.clone(),
        failovers: outcome.failovers.clone(),
        ended: outcome.virtual_time,
        length: plan.length(),
    }
}

fn fault(fault: &schedule::Fault) -> Fault {
    Fault {
        at: Time::after_start(fault.at),
        lasts: match fault.lasts {
            _ if fault.kind.is_instant() => Some(Duration::ZERO),
            Lasts::For(duration) => Some(duration),
            Lasts::Forever => None,
        },
        family: fault.kind.family().name().to_owned(),
        what: fault.kind.to_string(),
    }
}

fn violation(violation: &check::Violation) -> report::Violation {
    report::Violation {
        monitor: violation.monitor.to_owned(),
        at: violation.at,
        node: violation.node.clone(),
        message: violation.message.clone(),
    }
}

//! `interregnum replay`: a saved run again, exactly.

use history::{Keep, TraceHash};
use interregnum::schedule::SavedRun;
use interregnum::{Plan, UserError, Verdict};

use crate::arguments::Replay;
use crate::{Exit, Failure, json, show};

/// Replays a file.
pub fn replay(arguments: &Replay) -> Result<Exit, Failure> {
    interregnum::logs::init("off");
    let saved = SavedRun::load(&arguments.file)?;
    let plan = Plan::from_saved(&saved, &arguments.file, sims::CATALOGUE)?;
    let expected: Option<TraceHash> =
        arguments.expect.as_deref().map(|text| text.parse().map_err(UserError::Mismatch)).transpose()?;
    let command = format!("cargo sim replay {}", arguments.file.display());
    if !arguments.json {
        println!("{command} # {}", show::versions());
    }
    let replay = interregnum::replay(&plan, saved.found.as_ref(), Keep::Nothing)?;
    let outcome = &replay.outcome;
    if arguments.json {
        println!("{}", json::run(&plan, outcome, replay.differences.is_empty(), Some(&arguments.file)));
    } else if outcome.held() {
        println!("everything held, trace hash {}", outcome.trace);
    } else {
        println!("{}", show::failure(&plan, outcome, &command));
    }
    for difference in &replay.differences {
        eprintln!("interregnum: not the run that was saved: {difference}");
    }
    if let Some(expected) = expected.filter(|expected| *expected != outcome.trace) {
        eprintln!("interregnum: the trace hash is {}, not {expected}: this is not the same run", outcome.trace);
        return Ok(Exit::NotDeterministic);
    }
    Ok(match outcome.verdict() {
        Verdict::Ok => Exit::Held,
        Verdict::Safety => Exit::Safety,
        Verdict::Liveness => Exit::Liveness,
        Verdict::Panic => Exit::Other,
    })
}

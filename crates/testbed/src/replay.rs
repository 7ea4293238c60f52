//! Replaying a saved run, and checking that a run is a function of its plan.

use history::Keep;

use crate::error::UserError;
use crate::execute::execute;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::schedule::Found;

/// What a replay showed.
#[derive(Clone, Debug)]
pub struct Replay {
    /// What came of it this time.
    pub outcome: Outcome,
    /// In what it differs from what the file says was found; empty if in nothing, or if the file says nothing.
    pub differences: Vec<String>,
}

/// Executes a plan and compares with what was found when it was saved.
///
/// # Errors
/// If the plan does not fit together.
pub fn replay(plan: &Plan, found: Option<&Found>, keep: Keep) -> Result<Replay, UserError> {
    let outcome = execute(plan, keep)?;
    let differences = found.map(|found| differences(found, outcome.found().as_ref())).unwrap_or_default();
    Ok(Replay { outcome, differences })
}

fn differences(then: &Found, now: Option<&Found>) -> Vec<String> {
    let Some(now) = now else {
        return vec![format!("it no longer fails: `{}` broke when it was saved", then.monitor)];
    };
    let mut differences = Vec::new();
    let mut compare = |what: &str, then: &str, now: &str| {
        if then != now {
            differences.push(format!("{what}: `{then}` when it was saved, `{now}` now"));
        }
    };
    compare("verdict", &then.verdict, &now.verdict);
    compare("monitor", &then.monitor, &now.monitor);
    compare("virtual time in ms", &then.at_ms.to_string(), &now.at_ms.to_string());
    compare("trace hash", &then.trace.to_string(), &now.trace.to_string());
    // A difference in versions explains others; alone it is none.
    if !differences.is_empty() && (then.version != now.version || then.rustc != now.rustc) {
        differences.push(format!(
            "it was saved by {} with {}, and this is {} with {}",
            then.version, then.rustc, now.version, now.rustc
        ));
    }
    differences
}

/// Executes a plan twice in this process; gives the outcome if both were the same run.
///
/// # Errors
/// If the plan does not fit together. The inner error holds both outcomes if they differ.
pub fn same_twice(plan: &Plan) -> Result<Result<Outcome, Box<[Outcome; 2]>>, UserError> {
    let first = execute(plan, Keep::Nothing)?;
    let second = execute(plan, Keep::Nothing)?;
    Ok(if first.same_run(&second) { Ok(first) } else { Err(Box::new([first, second])) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use history::TraceHash;

    fn found(monitor: &str, at_ms: u64) -> Found {
        Found {
            verdict: "safety".into(),
            monitor: monitor.into(),
            message: String::new(),
            at_ms,
            trace: TraceHash(at_ms),
            version: "0.1.0".into(),
            rustc: "rustc".into(),
        }
    }

    #[test]
    fn says_what_differs() {
        assert!(differences(&found("a", 1), Some(&found("a", 1))).is_empty());
        assert_eq!(differences(&found("a", 1), Some(&found("b", 1))).len(), 1);
        assert_eq!(differences(&found("a", 1), Some(&found("a", 2))).len(), 2);
        assert!(differences(&found("a", 1), None)[0].contains("no longer fails"));
    }
}

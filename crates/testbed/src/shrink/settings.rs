//! Parameters back to what they are by default, where somebody set them otherwise.

use super::trials::{Stop, Trials};

/// Whose numbers have passes of their own.
const OF_OTHERS: [&str; 3] = ["servers", "candidates", "length"];

/// Puts each parameter back that need not differ.
pub(super) fn reset(trials: &mut Trials<'_>) -> Result<(), Stop> {
    let defaults = trials.best().scenario.parameters();
    for (key, _) in trials.best().parameters.changed_from(&defaults) {
        if OF_OTHERS.contains(&key.as_str()) {
            continue;
        }
        let Some((_, default)) = defaults.iter().find(|(name, _)| *name == key) else { continue };
        let mut plan = trials.best().clone();
        // What a parameter is by default it may be.
        if plan.parameters.set(&key, &default.value.to_string()).is_ok() {
            trials.accepts(plan)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fails_if, faults_at, shrunk_by};
    use super::*;

    #[test]
    fn what_need_not_differ_does_not() {
        let mut plan = faults_at([10]);
        for (key, value) in [("tick", "1s"), ("session_timeout", "9s"), ("candidates", "7"), ("length", "4m")] {
            plan.parameters.set(key, value).unwrap();
        }
        let small =
            shrunk_by(reset, &plan, |plan| fails_if(plan.parameters.duration("session_timeout").as_secs() > 6, 60));
        let changed = small.parameters.changed_from(&small.scenario.parameters());
        let changed: Vec<&str> = changed.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(changed, ["candidates", "length", "session_timeout"]);
    }
}

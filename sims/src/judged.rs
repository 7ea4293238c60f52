//! What a run of an election is judged by: what its scenario promises, or what somebody asks for.

use std::collections::BTreeSet;

use check::{Judged, Promises};
use interregnum::Parameters;
use interregnum::schedule::Family;

/// What a run can be judged by: what is promised, one strength alone, all of them, or nothing.
const CHOICES: &[&str] = &["promised", "belief", "effect", "order", "failover", "all", "nothing"];

/// Lets users choose.
pub(crate) fn with_choice(parameters: Parameters) -> Parameters {
    parameters.with_choice("judge", "what the run is judged by: what is promised, or one strength", "promised", CHOICES)
}

/// What was chosen, under these families of faults.
pub(crate) fn chosen(parameters: &Parameters, promised: &Promises, families: &BTreeSet<Family>) -> Judged {
    let all = |judged| Judged { belief: judged, effect: judged, order: judged, failover: judged };
    match parameters.choice("judge") {
        "belief" => Judged { belief: true, ..all(false) },
        "effect" => Judged { effect: true, ..all(false) },
        "order" => Judged { order: true, ..all(false) },
        "failover" => Judged { failover: true, ..all(false) },
        "all" => all(true),
        "nothing" => all(false),
        _ => {
            let judged = promised.judged_under(families.iter().map(|family| family.name()));
            judged.expect("monitors and schedules name the same families")
        }
    }
}

//! The rungs of the ladder side by side, behind the run of one of them.

use interregnum::{Campaign, UserError};
use serde_json::{Value, json};
use sims::ladder::{Beside, Rung};

/// All rungs by the plan of a campaign's first seed; nothing if its scenario is no rung.
pub fn beside(campaign: &Campaign) -> Result<Option<Beside>, UserError> {
    sims::ladder::beside(&campaign.plan(campaign.seeds.start)?)
}

/// Puts the rungs into the object of the summary, as `ladder`.
pub fn in_summary(mut summary: Value, beside: Option<&Beside>) -> Value {
    if let Some(beside) = beside {
        let rungs: Vec<Value> = beside.rungs.iter().map(object).collect();
        summary["summary"]["ladder"] = json!({"seed": beside.seed, "rungs": rungs});
    }
    summary
}

fn object(rung: &Rung) -> Value {
    let led = rung.led.iter().map(
        |led| json!({"node": led.node, "from_ms": led.from.as_millis(), "to_ms": led.to.map(history::Time::as_millis)}),
    );
    json!({
        "scenario": rung.scenario,
        "submitted": rung.submitted,
        "done": rung.done,
        "lost": rung.lost.count(),
        "lost_tasks": rung.lost.to_string(),
        "without_leader_ms": rung.without_leader.map(|vacant| vacant.as_millis() as u64),
        "led": led.collect::<Vec<_>>(),
    })
}

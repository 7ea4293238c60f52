//! The objects that scripts read, one a line.

use std::path::Path;
use std::time::Duration;

use interregnum::{Outcome, Plan, Summary};
use serde_json::{Map, Value, json};

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}

/// One run.
pub fn run(plan: &Plan, outcome: &Outcome, deterministic: bool, schedule_file: Option<&Path>) -> Value {
    let violations: Vec<Value> = outcome
        .violations
        .iter()
        .map(|violation| {
            json!({"monitor": violation.monitor, "at_ms": violation.at.as_millis(), "message": violation.message})
        })
        .collect();
    let verdict = if deterministic { outcome.verdict().name() } else { "not_deterministic" };
    json!({
        "scenario": plan.scenario.name(),
        "seed": plan.seed,
        "verdict": verdict,
        "violations": violations,
        "panic": outcome.panic,
        "trace": outcome.trace.to_string(),
        "sim_ms": outcome.virtual_time.as_millis(),
        "wall_ms": milliseconds(outcome.wall),
        "events": outcome.events,
        "failover_ms": outcome.failovers.iter().map(|failover| milliseconds(*failover)).collect::<Vec<_>>(),
        "schedule_file": schedule_file.map(|file| file.display().to_string()),
    })
}

/// A whole campaign.
pub fn summary(summary: &Summary, wall: Duration) -> Value {
    let quantile = |part| summary.failover_quantile(part).map(milliseconds);
    let verdicts: Map<String, Value> =
        summary.verdicts.iter().map(|(verdict, count)| (verdict.name().to_owned(), json!(count))).collect();
    let faults: Map<String, Value> =
        summary.faults.iter().map(|(family, count)| (family.name().to_owned(), json!(count))).collect();
    json!({"summary": {
        "runs": summary.runs,
        "verdicts": verdicts,
        "failures": summary.failures(),
        "first_failure": summary.first_failure,
        "not_deterministic": summary.different,
        "failovers": summary.failovers.len(),
        "failover_ms": {"median": quantile(0.5), "p99": quantile(0.99), "max": quantile(1.0)},
        "faults": faults,
        "sometimes": summary.sometimes,
        "missed": summary.missed,
        "events": summary.events,
        "sim_ms": summary.virtual_time.as_millis() as u64,
        "wall_ms": milliseconds(wall),
        "peak_kib": peak_kib(),
    }})
}

/// The most memory that this process ever had; nothing where the system does not tell.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

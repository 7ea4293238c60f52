//! What a person reads.

use std::time::Duration;

use interregnum::{Outcome, Plan, RUSTC, Summary, VERSION, span};

/// By whom and by what a run was made: goes behind every replay command.
pub fn versions() -> String {
    format!("interregnum {VERSION}, {RUSTC}")
}

/// A failure, in a few lines; the last one is the command that shows it again.
pub fn failure(plan: &Plan, outcome: &Outcome, command: &str) -> String {
    let mut lines = Vec::new();
    if let Some(message) = &outcome.panic {
        lines.push(format!("seed {}: panic: {message}", plan.seed));
    }
    for violation in &outcome.violations {
        let (seed, verdict) = (plan.seed, outcome.verdict());
        lines.push(format!("seed {seed}: {verdict}: {} at {}: {}", violation.monitor, violation.at, violation.message));
    }
    let until = outcome.virtual_time.elapsed();
    let before: Vec<_> = plan.schedule.faults.iter().filter(|fault| fault.at <= until).collect();
    /// So many faults before the violation are shown: the cause is seldom further away.
    const SHOWN: usize = 8;
    if before.len() > SHOWN {
        lines.push(format!("  … {} earlier faults", before.len() - SHOWN));
    }
    for fault in before.iter().skip(before.len().saturating_sub(SHOWN)) {
        let lasts = match fault.lasts {
            _ if fault.kind.is_instant() => String::new(),
            interregnum::schedule::Lasts::For(duration) => format!(" for {}", span::show(duration)),
            interregnum::schedule::Lasts::Forever => " for good".to_owned(),
        };
        lines.push(format!("  {:>9} {}{lasts}", span::show(fault.at), fault.kind));
    }
    lines.push(format!("{command} --expect {} # {}", outcome.trace, versions()));
    lines.join("\n")
}

fn milliseconds(duration: Option<Duration>) -> String {
    match duration {
        Some(duration) => format!("{:.0} ms", duration.as_secs_f64() * 1_000.0),
        None => "-".to_owned(),
    }
}

/// A campaign's summary.
pub fn summary(summary: &Summary, wall: Duration) -> String {
    let mut lines = Vec::new();
    let verdicts: Vec<String> = summary.verdicts.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
    let virtual_time = span::show(Duration::from_secs(summary.virtual_time.as_secs()));
    lines.push(format!(
        "{} runs, {virtual_time} of virtual time in {:.1} s: {}",
        summary.runs,
        wall.as_secs_f64(),
        verdicts.join(", "),
    ));
    if let Some(seed) = summary.first_failure {
        lines.push(format!("first failure: seed {seed}"));
    }
    if summary.different > 0 {
        lines.push(format!("{} runs were not deterministic", summary.different));
    }
    lines.push(format!(
        "failovers: {}; time without a leader: median {}, p99 {}, max {}",
        summary.failovers.len(),
        milliseconds(summary.failover_quantile(0.5)),
        milliseconds(summary.failover_quantile(0.99)),
        milliseconds(summary.failover_quantile(1.0)),
    ));
    let faults: Vec<String> = summary.faults.iter().map(|(family, count)| format!("{family} {count}")).collect();
    lines.push(format!("faults: {}", if faults.is_empty() { "none".to_owned() } else { faults.join(", ") }));
    lines.push("sometimes:".to_owned());
    for (point, count) in summary.sometimes.iter() {
        lines.push(format!("  {count:>9} {point}"));
    }
    for point in &summary.missed {
        lines.push(format!("never reached, though it must be: {point}"));
    }
    lines.join("\n")
}

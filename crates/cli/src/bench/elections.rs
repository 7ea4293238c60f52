//! What a run of `election/docs` costs, by size, length and number of jobs.

use std::collections::BTreeSet;

use history::Keep;
use interregnum::schedule::Family;
use interregnum::{Campaign, UserError};

use super::{Bound, Row, baseline, median};
use crate::{Failure, fresh};

/// What a campaign took.
struct Cost {
    wall: f64,
    messages: u64,
    runs: u64,
}

impl Cost {
    fn per_message(&self) -> f64 {
        self.wall / self.messages as f64
    }
}

/// All rows about elections.
pub(super) fn rows(quick: bool) -> Result<Vec<Row>, Failure> {
    let repeats = if quick { 1 } else { 5 };
    let seeds = if quick { 4 } else { 60 };
    let mut rows = vec![against_raw_madsim(seeds, repeats, quick)?];
    rows.push(by_size(seeds, repeats)?);
    rows.push(by_length(if quick { 2 } else { 6 }, if quick { "1h" } else { "1d" })?);
    rows.push(by_jobs(if quick { 8 } else { 400 }, repeats)?);
    rows.push(memory(if quick { "1h" } else { "1d" })?);
    Ok(rows)
}

fn measure(settings: &[(&str, &str)], seeds: u64, jobs: usize) -> Result<Cost, Failure> {
    let scenario = sims::CATALOGUE.find("election/docs")?;
    let mut parameters = scenario.parameters();
    for (key, value) in settings {
        parameters.set(key, value)?;
    }
    let families = BTreeSet::from(Family::ALL);
    let keep = Keep::Nothing;
    let campaign =
        Campaign { scenario, parameters, families, schedule: None, seeds: 0..seeds, jobs, twice: false, keep };
    let started = host::now();
    let mut messages = 0;
    let summary = campaign.run(|finding| {
        messages += finding.outcome.messages;
        true
    })?;
    let wall = (host::now() - started).as_secs_f64();
    if summary.failures() > 0 {
        let seed = summary.first_failure.unwrap_or_default();
        return Err(UserError::Mismatch(format!("seed {seed} of election/docs fails: mend that first")).into());
    }
    Ok(Cost { wall, messages, runs: summary.runs })
}

fn against_raw_madsim(seeds: u64, repeats: u32, quick: bool) -> Result<Row, Failure> {
    let round_trips = if quick { 20_000 } else { 300_000 };
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..repeats {
        let our = measure(&[], seeds, 1)?.per_message();
        let their = baseline::seconds_per_message(round_trips)?;
        ours.push(our * 1e6);
        theirs.push(their * 1e6);
        ratios.push(our / their);
    }
    Ok(Row {
        what: "wall time per delivered message in election/docs, faults on ÷ raw madsim TCP ping-pong message".into(),
        parts: format!("{:.2} and {:.2} µs", median(ours), median(theirs)),
        figure: median(ratios),
        bound: Bound::AtMost(2.0),
    })
}

/// Servers and candidates: both make a run larger, and neither may make a message dearer.
fn by_size(seeds: u64, repeats: u32) -> Result<Row, Failure> {
    let (mut many, mut few, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..repeats {
        let large = measure(&[("servers", "9"), ("candidates", "50")], (seeds / 8).max(1), 1)?.per_message();
        let small = measure(&[("servers", "3"), ("candidates", "5")], seeds, 1)?.per_message();
        many.push(large * 1e6);
        few.push(small * 1e6);
        ratios.push(large / small);
    }
    Ok(Row {
        what: "cost per message at 9 servers and 50 candidates ÷ at 3 and 5".into(),
        parts: format!("{:.2} and {:.2} µs", median(many), median(few)),
        figure: median(ratios),
        bound: Bound::AtMost(1.5),
    })
}

/// The same seeds: a seed draws which faults there are and how dense they come, whatever the length.
fn by_length(seeds: u64, long: &str) -> Result<Row, Failure> {
    let day = measure(&[("length", long)], seeds, 1)?.per_message();
    let minutes: Result<Vec<f64>, Failure> = (0..9).map(|_| Ok(measure(&[], seeds, 1)?.per_message())).collect();
    let minutes = median(minutes?);
    Ok(Row {
        what: format!("cost per message of a run of {long} ÷ of five minutes"),
        parts: format!("{:.2} and {:.2} µs", day * 1e6, minutes * 1e6),
        figure: day / minutes,
        bound: Bound::AtMost(1.5),
    })
}

fn by_jobs(seeds: u64, repeats: u32) -> Result<Row, Failure> {
    let (mut two, mut one, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..repeats {
        let rate = |cost: &Cost| cost.runs as f64 / cost.wall;
        let (double, single) = (measure(&[], seeds, 2)?, measure(&[], seeds, 1)?);
        two.push(rate(&double));
        one.push(rate(&single));
        ratios.push(rate(&double) / rate(&single));
    }
    Ok(Row {
        what: "runs a second with 2 jobs ÷ with 1, on two cores".into(),
        parts: format!("{:.0} and {:.0}", median(two), median(one)),
        figure: median(ratios),
        bound: Bound::AtLeast(1.8),
    })
}

/// In a process of its own, so that nothing else counts.
fn memory(long: &str) -> Result<Row, Failure> {
    let arguments =
        |length: &str| ["run", "election/docs", "--seed", "0", "--jobs", "1", "--for", length].map(str::to_owned);
    let short = fresh::peak_mebibytes(&arguments("5m"))?;
    let day = fresh::peak_mebibytes(&arguments(long))?;
    Ok(Row {
        what: format!("resident memory of one job over {long}, in MiB"),
        parts: format!("{short:.1} MiB over five minutes"),
        figure: day,
        bound: Bound::AtMost(64.0),
    })
}

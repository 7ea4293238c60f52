//! `interregnum bench`: the speed of the simulation, as ratios inside one process, so that they mean the same on every
//! machine; and, with `--beside-zookeeper`, that of the service beside Apache ZooKeeper.

mod baseline;
mod beside;
mod elections;
mod mesh;

use serde_json::json;

use crate::arguments::Bench;
use crate::{Exit, Failure};

/// One row of the table.
struct Row {
    /// What is measured.
    what: String,
    /// What was measured, with its parts in words.
    parts: String,
    /// The figure that is bounded.
    figure: f64,
    /// The bound, and on which side of it the figure must lie.
    bound: Bound,
}

#[derive(Clone, Copy)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Bound {
    fn holds(self, figure: f64) -> bool {
        match self {
            Bound::AtMost(most) => figure <= most,
            Bound::AtLeast(least) => figure >= least,
        }
    }

    fn text(self) -> String {
        match self {
            Bound::AtMost(most) => format!("≤ {most}"),
            Bound::AtLeast(least) => format!("≥ {least}"),
        }
    }
}

/// Measures and prints the table.
pub fn bench(arguments: &Bench) -> Result<Exit, Failure> {
    if cfg!(debug_assertions) {
        eprintln!("interregnum: this is a debug build: its figures mean little");
    }
    if arguments.beside_zookeeper {
        return beside::beside(arguments);
    }
    let mut rows = mesh::rows(arguments.quick)?;
    rows.extend(elections::rows(arguments.quick)?);
    let mut all_hold = true;
    if !arguments.json {
        println!("| what | measured | figure | bound | |\n|---|---|---|---|---|");
    }
    for row in &rows {
        let holds = row.bound.holds(row.figure);
        all_hold &= holds;
        if arguments.json {
            let (bound, verdict) = (row.bound.text(), if holds { "holds" } else { "misses" });
            let figure = (row.figure * 1_000.0).round() / 1_000.0;
            println!(
                "{}",
                json!({"what": row.what, "parts": row.parts, "figure": figure, "bound": bound, "verdict": verdict})
            );
        } else {
            let verdict = if holds { "holds" } else { "misses" };
            println!("| {} | {} | {:.2} | {} | {verdict} |", row.what, row.parts, row.figure, row.bound.text());
        }
    }
    Ok(if all_hold { Exit::Held } else { Exit::Other })
}

/// The middle of several measurements: one disturbed by the machine's other work does not count.
fn median(mut measurements: Vec<f64>) -> f64 {
    measurements.sort_by(f64::total_cmp);
    measurements[measurements.len() / 2]
}

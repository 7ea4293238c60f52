//! The same runs in a fresh process: what differs there is not deterministic.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Failure;

/// Executes this program with these arguments in a fresh process, and gives the objects it printed.
fn objects(arguments: &[String]) -> Result<Vec<Value>, Failure> {
    let other = |why: String| Failure::Other(format!("a fresh process could not do the run: {why}"));
    let program = std::env::current_exe().map_err(|error| other(error.to_string()))?;
    let output = Command::new(program)
        .args(arguments)
        .args(["--json", "--is-repetition"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|error| other(error.to_string()))?;
    let lines = String::from_utf8_lossy(&output.stdout);
    let objects: Result<Vec<Value>, _> = lines.lines().map(serde_json::from_str).collect();
    let objects = objects.map_err(|error| other(error.to_string()))?;
    if objects.is_empty() {
        return Err(other(format!("it ended with {}", output.status)));
    }
    Ok(objects)
}

/// Repeats runs in a fresh process, and gives the trace hash of each seed.
pub fn traces(arguments: &[String]) -> Result<BTreeMap<u64, String>, Failure> {
    let mut traces = BTreeMap::new();
    for object in objects(arguments)? {
        if let (Some(seed), Some(trace)) = (object["seed"].as_u64(), object["trace"].as_str()) {
            traces.insert(seed, trace.to_owned());
        }
    }
    Ok(traces)
}

/// Does runs in a fresh process, and gives the most memory it ever had, in MiB.
pub fn peak_mebibytes(arguments: &[String]) -> Result<f64, Failure> {
    let objects = objects(arguments)?;
    let peak = objects.iter().find_map(|object| object["summary"]["peak_kib"].as_f64());
    let peak = peak.ok_or_else(|| Failure::Other("this system does not tell a process's memory".to_owned()))?;
    Ok(peak / 1024.0)
}

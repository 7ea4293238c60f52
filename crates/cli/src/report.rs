//! `interregnum report`: what a person sees of a run, or of the times without a leader over many.

use std::path::{Path, PathBuf};
use std::time::Duration;

use interregnum::schedule::SavedRun;
use interregnum::story::{self, Distribution};
use interregnum::{Plan, UserError};
use serde_json::Value;

use crate::arguments::Report;
use crate::{Exit, Failure, files, page};

/// Writes a page, or tells it in the terminal.
pub fn report(arguments: &Report) -> Result<Exit, Failure> {
    interregnum::logs::init("off");
    let first = arguments.files.first().expect("the command line asks for one at least");
    let output = arguments.output.clone().unwrap_or_else(|| page::beside(first));
    if arguments.files.contains(&output) {
        let why = "the page cannot take the place of what it is made from".to_owned();
        return Err(UserError::BadFile { file: output, why }.into());
    }
    let is_run = arguments.files.len() == 1 && !holds_results(first)?;
    let text = match (is_run, arguments.text) {
        (true, is_text) => of_run(first, is_text)?,
        (false, true) => story::text_of_times(&times(&arguments.files)?),
        (false, false) => story::page_of_times(&title(&arguments.files), &times(&arguments.files)?),
    };
    if arguments.text {
        print!("{text}");
    } else {
        files::write(&output, &text)?;
        println!("{}", output.display());
    }
    Ok(Exit::Held)
}

fn of_run(file: &Path, is_text: bool) -> Result<String, UserError> {
    let saved = SavedRun::load(file)?;
    let plan = Plan::from_saved(&saved, file, sims::CATALOGUE)?;
    let keep = if is_text { story::TEXT_KEEPS } else { story::page_keeps(&plan) };
    let replay = interregnum::replay(&plan, saved.found.as_ref(), keep)?;
    for difference in &replay.differences {
        eprintln!("interregnum: not the run that was saved: {difference}");
    }
    let tell = if is_text { story::text } else { story::page };
    Ok(tell(&plan, &replay.outcome, &page::command(file)))
}

/// Whether a file holds what `run --json` printed, and no schedule: that begins with no brace.
fn holds_results(file: &Path) -> Result<bool, UserError> {
    Ok(read(file)?.trim_start().starts_with('{'))
}

fn read(file: &Path) -> Result<String, UserError> {
    std::fs::read_to_string(file).map_err(|error| UserError::BadFile { file: file.into(), why: error.to_string() })
}

/// The times without a leader in all runs that the files name or hold.
fn times(files: &[PathBuf]) -> Result<Distribution, UserError> {
    let (mut lengths, mut runs) = (Vec::new(), 0);
    for file in files {
        if holds_results(file)? {
            runs += read_results(file, &mut lengths)?;
        } else {
            let plan = Plan::from_saved(&SavedRun::load(file)?, file, sims::CATALOGUE)?;
            lengths.extend(interregnum::execute(&plan, history::Keep::Nothing)?.failovers);
            runs += 1;
        }
    }
    Ok(Distribution::new(lengths, runs))
}

/// Takes in what `run --json` printed, and says of how many runs that was.
fn read_results(file: &Path, lengths: &mut Vec<Duration>) -> Result<u64, UserError> {
    let mut runs = 0;
    for (place, line) in read(file)?.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |why: &str| UserError::BadSchedule { file: file.into(), line: place + 1, why: why.to_owned() };
        let object: Value = serde_json::from_str(line).map_err(|_| wrong("this is no JSON object"))?;
        // The summary repeats what the runs have said.
        if object.get("summary").is_some() {
            continue;
        }
        let times =
            object["failover_ms"].as_array().ok_or_else(|| wrong("no `failover_ms`: `run --json` prints it"))?;
        for time in times {
            let seconds = time.as_f64().unwrap_or(-1.0) / 1_000.0;
            let length = Duration::try_from_secs_f64(seconds).map_err(|_| wrong("`failover_ms` holds no times"))?;
            lengths.push(length);
        }
        runs += 1;
    }
    Ok(runs)
}

fn title(files: &[PathBuf]) -> String {
    let names: Vec<String> = files
        .iter()
        .map(|file| file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()))
        .collect();
    match names.as_slice() {
        [first, .., last] if names.len() > 3 => format!("{first} … {last}"),
        names => names.join(", "),
    }
}

//! What broke: one failure of each kind is made small, replayed in a fresh process, and saved with its page.

use std::fmt;
use std::path::{Path, PathBuf};

use interregnum::explore::{Class, Findings, Seen, State};
use interregnum::schedule::SavedRun;
use interregnum::{Plan, shrink};
use serde_json::{Value, json};

use crate::interrupt::Interrupted;
use crate::{Failure, files, fresh, page, show};

/// So many runs may be spent on making one failure small.
const RUNS_TO_SHRINK: u32 = 400;

/// The failures of a campaign and where they are saved.
pub struct Failures {
    directory: PathBuf,
    known: Findings,
}

/// One kind of failure, as small as it got.
pub struct Small {
    class: Class,
    runs: u64,
    faults_before: usize,
    /// Nothing if there was no time to make it small.
    faults: Option<usize>,
    file: PathBuf,
    /// Its page, if there is one.
    page: Option<PathBuf>,
}

impl Failures {
    /// Those that are known from an earlier session.
    pub fn new(directory: PathBuf, known: Findings) -> Failures {
        Failures { directory, known }
    }

    /// Whether something broke that had not broken before.
    pub fn take(&mut self, state: &State) -> bool {
        let news = state.findings.iter().count() > self.known.iter().count();
        self.known = state.findings.clone();
        news
    }

    /// Saves the first failure of each kind as it was found: what is found is not lost, whatever comes.
    pub fn save_as_found(&self) -> Result<(), Failure> {
        for (class, seen) in self.known.iter() {
            let file = self.file(class, "found.toml");
            if !file.exists() {
                files::replace(&file, &seen.saved.to_text())?;
                eprintln!("interregnum: {}: {} broke; saved as {}", class.verdict, class.monitor, file.display());
            }
        }
        Ok(())
    }

    /// Makes one failure of each kind small, unless that was done, or somebody wants to end.
    pub fn make_small(&self, interrupted: &Interrupted, silent: bool) -> Result<Vec<Small>, Failure> {
        self.known.iter().map(|(class, seen)| self.small(class, seen, interrupted, silent)).collect()
    }

    fn small(&self, class: &Class, seen: &Seen, interrupted: &Interrupted, silent: bool) -> Result<Small, Failure> {
        let file = self.file(class, "toml");
        let as_found = self.file(class, "found.toml");
        let (runs, faults_before) = (seen.runs, seen.saved.schedule.faults.len());
        let small = |faults, file: PathBuf| {
            let page = Some(page::beside(&file)).filter(|page| page.exists());
            Small { class: class.clone(), runs, faults_before, faults, file, page }
        };
        if file.exists() {
            return Ok(small(Some(SavedRun::load(&file)?.schedule.faults.len()), file));
        }
        let plan = Plan::from_saved(&seen.saved, &as_found, sims::CATALOGUE)?;
        let monitor = class.monitor.as_str();
        let shrunk = match interrupted.is_set() {
            true => None,
            false => shrink(&plan, monitor, RUNS_TO_SHRINK)?,
        };
        let Some(shrunk) = shrunk else { return Ok(small(None, as_found)) };
        files::replace(&file, &shrunk.plan.to_saved(shrunk.outcome.found()).to_text())?;
        replay_elsewhere(&file, shrunk.plan.seed, &shrunk.outcome.trace.to_string())?;
        page::write(&shrunk.plan, &file)?;
        if !silent {
            let command = format!("cargo sim replay {}", file.display());
            println!("{}", show::failure(&shrunk.plan, &shrunk.outcome, &command));
        }
        Ok(small(Some(shrunk.plan.schedule.faults.len()), file))
    }

    fn file(&self, class: &Class, ending: &str) -> PathBuf {
        self.directory.join(format!("{}-{}.{ending}", class.verdict, class.monitor.replace('/', "-")))
    }
}

/// What counts is the file, as a process reads and runs it that knows nothing else.
fn replay_elsewhere(file: &Path, seed: u64, here: &str) -> Result<(), Failure> {
    let elsewhere = fresh::traces(&["replay".to_owned(), file.display().to_string()])?.remove(&seed);
    if elsewhere.as_deref() == Some(here) {
        return Ok(());
    }
    let elsewhere = elsewhere.unwrap_or_else(|| "nothing".to_owned());
    Err(Failure::NotDeterministic(format!(
        "{}: trace hash {here} here, {elsewhere} in a fresh process",
        file.display()
    )))
}

impl Small {
    /// It as an object.
    pub fn json(&self) -> Value {
        json!({
            "verdict": self.class.verdict.name(),
            "monitor": self.class.monitor,
            "runs": self.runs,
            "faults_before": self.faults_before,
            "faults": self.faults,
            "schedule_file": self.file.display().to_string(),
            "page": self.page.as_ref().map(|page| page.display().to_string()),
        })
    }
}

impl fmt::Display for Small {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Small { class, runs, faults_before, faults, file, page } = self;
        write!(formatter, "{}: {} in {runs} runs; {faults_before} faults", class.verdict, class.monitor)?;
        match faults {
            Some(faults) => write!(formatter, " -> {faults}")?,
            None => write!(formatter, ", not made smaller")?,
        }
        write!(formatter, ": cargo sim replay {}", file.display())?;
        match page {
            Some(page) => write!(formatter, "; {}", page.display()),
            None => Ok(()),
        }
    }
}

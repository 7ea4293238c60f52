//! The directory of a campaign: what it knows, so that it can go on.
//!
//! `campaign.json` is the whole of it but the schedules that are kept, which lie in `schedules/`, one a file, for people to
//! read and for `run` to execute. Every file is whole or not there, and `campaign.json` is written last: whatever it names
//! is there. Between two savings a killed process loses runs and repeats them; a campaign that ends by itself or by
//! Ctrl-C loses none.

mod record;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use interregnum::explore::{Entry, Exploration, Settings, State};
use interregnum::schedule::SavedRun;
use interregnum::{Plan, UserError};

use crate::{Failure, files};
pub use record::Record;

/// A campaign's directory.
pub struct Store {
    directory: PathBuf,
    /// How many of the corpus's entries are saved.
    saved: usize,
    /// Held as long as the store lives: two campaigns in one directory would undo each other's work.
    _lock: File,
}

impl Store {
    /// Opens a directory, or makes it.
    pub fn open(directory: &Path) -> Result<Store, Failure> {
        files::create_directory(directory)?;
        let bad = |why: String| UserError::BadFile { file: directory.into(), why };
        let lock = File::create(directory.join("lock")).map_err(|error| bad(error.to_string()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Store { directory: directory.into(), saved: 0, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(bad("another campaign is at work in it".into()).into()),
            Err(TryLockError::Error(error)) => Err(bad(error.to_string()).into()),
        }
    }

    /// Opens a directory in which a campaign lives.
    pub fn open_existing(directory: &Path) -> Result<Store, Failure> {
        if !directory.join("campaign.json").exists() {
            let why = "no campaign lives here: there is no campaign.json".into();
            return Err(UserError::BadFile { file: directory.into(), why }.into());
        }
        Store::open(directory)
    }

    /// Whether a campaign lives here.
    pub fn is_used(&self) -> bool {
        self.campaign().exists()
    }

    fn campaign(&self) -> PathBuf {
        self.directory.join("campaign.json")
    }

    fn schedule(&self, run: u64) -> PathBuf {
        self.directory.join("schedules").join(format!("{run:06}.toml"))
    }

    /// What is known of the campaign with these settings; nothing if it is new.
    ///
    /// # Errors
    /// If another campaign lives in the directory, or something in it cannot be read.
    pub fn load(&mut self, settings: &Settings) -> Result<State, Failure> {
        let file = self.campaign();
        if !self.is_used() {
            return Ok(State::default());
        }
        let record = Record::load(&file)?;
        if let Some(difference) = record.differs_from(settings) {
            return Err(UserError::BadFile { file, why: difference }.into());
        }
        let state = self.state(&record)?;
        self.saved = state.corpus.entries().len();
        Ok(state)
    }

    /// The state that a record tells, with the schedules that it names.
    fn state(&self, record: &Record) -> Result<State, Failure> {
        record.state(|run| {
            let file = self.schedule(run);
            let saved = SavedRun::load(&file)?;
            // What a person changed since must still fit.
            Plan::from_saved(&saved, &file, sims::CATALOGUE)?;
            Ok((saved.seed, saved.schedule))
        })
    }

    /// What is known of whatever campaign lives in the directory.
    pub fn load_any(&mut self) -> Result<(Record, State), Failure> {
        let record = Record::load(&self.campaign())?;
        let state = self.state(&record)?;
        Ok((record, state))
    }

    /// Saves what is known: first the schedules, then what names them.
    pub fn save(&mut self, exploration: &Exploration) -> Result<(), Failure> {
        let (settings, state) = (exploration.settings(), exploration.state());
        for entry in &state.corpus.entries()[self.saved..] {
            files::replace(&self.schedule(entry.run), &text_of(settings, entry)?)?;
        }
        files::replace(&self.campaign(), &Record::of(settings, state).text())?;
        self.saved = state.corpus.entries().len();
        Ok(())
    }
}

fn text_of(settings: &Settings, entry: &Entry) -> Result<String, Failure> {
    let plan = Plan::with_schedule(settings.scenario, settings.parameters.clone(), entry.seed, entry.schedule.clone())?;
    Ok(plan.to_saved(None).to_text())
}

//! `campaign.json`: what a campaign knows, without its schedules.

use std::path::Path;

use check::Counters;
use interregnum::explore::{Class, Corpus, Covered, Entry, Feature, Findings, Lineage, Reached, Seen, Settings, State};
use interregnum::schedule::{SavedRun, Schedule};
use interregnum::{UserError, VERSION, Verdict};
use serde::{Deserialize, Serialize};

use crate::Failure;

/// The format that this version writes, and the only one it reads.
const FORMAT: u32 = 1;

/// What a campaign knows, as the file has it.
#[derive(Serialize, Deserialize)]
pub struct Record {
    format: u32,
    version: String,
    /// The scenario's name.
    pub scenario: String,
    /// The parameters that differ from the scenario's defaults.
    pub parameters: Vec<(String, String)>,
    /// The families of faults that may occur.
    pub families: Vec<String>,
    /// The name of the strategy.
    pub strategy: String,
    /// The seed of all choices.
    pub seed: u64,
    /// Which part of the campaign this is.
    pub shard: String,
    runs: u64,
    /// The next run of the shard.
    pub next: u64,
    findings: Vec<Broken>,
    corpus: Vec<Kept>,
    sometimes: Counters,
    /// Each feature in hexadecimal digits, with the number of runs that reached it and the entry that did so first.
    features: Vec<(String, u64, usize)>,
}

#[derive(Serialize, Deserialize)]
struct Broken {
    verdict: String,
    monitor: String,
    runs: u64,
    first: u64,
    saved: String,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    run: u64,
    /// The seeds of the mood.
    lineage: Lineage,
    new_features: usize,
}

impl Record {
    /// What is known.
    pub fn of(settings: &Settings, state: &State) -> Record {
        let broken = |(class, seen): (&Class, &Seen)| Broken {
            verdict: class.verdict.name().to_owned(),
            monitor: class.monitor.clone(),
            runs: seen.runs,
            first: seen.first,
            saved: seen.saved.to_text(),
        };
        let feature =
            |(feature, reached): (Feature, Reached)| (format!("{:016x}", feature.0), reached.runs, reached.entry);
        Record {
            format: FORMAT,
            version: VERSION.to_owned(),
            scenario: settings.scenario.name().to_owned(),
            parameters: settings.parameters.changed_from(&settings.scenario.parameters()),
            families: settings.families.iter().map(|family| family.name().to_owned()).collect(),
            strategy: settings.strategy.name().to_owned(),
            seed: settings.seed,
            shard: settings.shard.to_string(),
            runs: state.runs,
            next: state.next,
            findings: state.findings.iter().map(broken).collect(),
            corpus: state
                .corpus
                .entries()
                .iter()
                .map(|entry| Kept { run: entry.run, lineage: entry.lineage.clone(), new_features: entry.new_features })
                .collect(),
            sometimes: state.sometimes.clone(),
            features: state.covered.iter().map(feature).collect(),
        }
    }

    /// Reads a file.
    pub fn load(file: &Path) -> Result<Record, Failure> {
        let bad = |why: String| UserError::BadFile { file: file.into(), why };
        let text = std::fs::read_to_string(file).map_err(|error| bad(error.to_string()))?;
        let record: Record = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
        if record.format != FORMAT {
            let format = record.format;
            return Err(bad(format!("format {format} is unknown: this version reads format {FORMAT}")).into());
        }
        Ok(record)
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string(self).expect("a record is plain data");
        text.push('\n');
        text
    }

    /// In what another campaign differs; nothing if it is this one.
    pub fn differs_from(&self, settings: &Settings) -> Option<String> {
        let other = Record::of(settings, &State::default());
        let differs = |what: &str, here: &str, there: &str| {
            (here != there).then(|| {
                format!("a campaign with {what} `{here}` lives here, and this one has `{there}`: give it a directory of its own")
            })
        };
        let parameters = |record: &Record| {
            let pairs: Vec<String> = record.parameters.iter().map(|(key, value)| format!("{key}={value}")).collect();
            pairs.join(" ")
        };
        differs("the scenario", &self.scenario, &other.scenario)
            .or_else(|| differs("the strategy", &self.strategy, &other.strategy))
            .or_else(|| differs("the seed", &self.seed.to_string(), &other.seed.to_string()))
            .or_else(|| differs("the shard", &self.shard, &other.shard))
            .or_else(|| differs("the families", &self.families.join(","), &other.families.join(",")))
            .or_else(|| differs("the settings", &parameters(self), &parameters(&other)))
            // What is covered, and what a seed means, are comparable within a version only.
            .or_else(|| differs("the version", &self.version, &other.version))
    }

    /// What is known; `schedule` gives the seed and the schedule of a run that is kept.
    pub fn state(&self, mut schedule: impl FnMut(u64) -> Result<(u64, Schedule), Failure>) -> Result<State, Failure> {
        let broken = |why: String| Failure::Other(format!("campaign.json is damaged: {why}"));
        let (mut covered, mut corpus, mut findings) = (Covered::default(), Corpus::default(), Findings::default());
        for kept in &self.corpus {
            let (seed, schedule) = schedule(kept.run)?;
            let Kept { run, new_features, .. } = *kept;
            corpus.push(Entry { run, seed, schedule, lineage: kept.lineage.clone(), new_features });
        }
        for (feature, runs, entry) in &self.features {
            let number = u64::from_str_radix(feature, 16).map_err(|_| broken(format!("`{feature}` is no feature")))?;
            if *entry >= self.corpus.len() {
                return Err(broken(format!("there is no entry {entry} of the corpus")));
            }
            covered.reach(Feature(number), Reached { runs: *runs, entry: *entry });
        }
        for found in &self.findings {
            let verdict =
                verdict(&found.verdict).ok_or_else(|| broken(format!("`{}` is no verdict", found.verdict)))?;
            let saved = SavedRun::parse(&found.saved, Path::new("campaign.json"))?;
            let class = Class { verdict, monitor: found.monitor.clone() };
            findings.put(class, Seen { runs: found.runs, first: found.first, saved });
        }
        Ok(State { runs: self.runs, next: self.next, covered, corpus, findings, sometimes: self.sometimes.clone() })
    }
}

fn verdict(name: &str) -> Option<Verdict> {
    [Verdict::Safety, Verdict::Liveness, Verdict::Panic].into_iter().find(|verdict| verdict.name() == name)
}

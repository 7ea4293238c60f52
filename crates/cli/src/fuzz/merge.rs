//! `fuzz --merge`: the corpora and tables of several shards become those of one campaign, which can go on.

use std::collections::BTreeMap;
use std::path::Path;

use interregnum::UserError;
use interregnum::explore::{Entry, Exploration, Reached, Settings, Shard, State};

use super::explored;
use super::failures::Failures;
use super::store::{Record, Store};
use super::summary::Summary;
use crate::arguments::Fuzz;
use crate::{Exit, Failure, interrupt};

/// Merges directories into the one that `--corpus` names.
pub fn merge(arguments: &Fuzz) -> Result<Exit, Failure> {
    let missing = || UserError::Mismatch("`--merge` needs `--corpus DIR`, a new directory for what comes of it".into());
    let target = arguments.corpus.as_ref().ok_or_else(missing)?;
    let mut target_store = Store::open(target)?;
    if target_store.is_used() {
        return Err(UserError::BadFile { file: target.clone(), why: "a campaign lives here already".into() }.into());
    }
    let mut parts = Vec::new();
    for directory in &arguments.merge {
        parts.push((directory.as_path(), Store::open_existing(directory)?.load_any()?));
    }
    let settings = common_settings(&parts)?;
    let state = join(parts.into_iter().map(|(_, (record, state))| (record, state)));
    let mut failures = Failures::new(super::failures_in(arguments), Default::default());
    failures.take(&state);
    let exploration = Exploration::new(settings, state);
    target_store.save(&exploration)?;
    failures.save_as_found()?;
    let small = failures.make_small(&interrupt::listen(), arguments.json)?;
    let summary = Summary::of_state(exploration.settings(), exploration.state(), small);
    if arguments.json {
        println!("{}", summary.json());
    } else {
        println!("{summary}");
    }
    Ok(summary.exit())
}

/// The settings of the whole campaign, of which all of these are parts.
fn common_settings(parts: &[(&Path, (Record, State))]) -> Result<Settings, Failure> {
    let (_, (first, _)) = parts.first().expect("`--merge` takes one directory at least");
    let whole = Settings { shard: Shard::WHOLE, ..settings_of(first)? };
    let mut shards = BTreeMap::new();
    for (directory, (record, _)) in parts {
        let bad = |why: String| UserError::BadFile { file: directory.to_path_buf(), why };
        let shard: Shard = record.shard.parse()?;
        if let Some(difference) = record.differs_from(&Settings { shard, ..whole.clone() }) {
            return Err(bad(difference).into());
        }
        if let Some(twin) = shards.insert(record.shard.clone(), directory) {
            return Err(bad(format!("it is shard {shard}, as is {}", twin.display())).into());
        }
        let of = |record: &Record| record.shard.parse::<Shard>().map(Shard::of);
        if of(record)? != of(first)? {
            return Err(
                bad(format!("it is shard {shard}, and {} is shard {}", parts[0].0.display(), first.shard)).into()
            );
        }
    }
    Ok(whole)
}

fn settings_of(record: &Record) -> Result<Settings, Failure> {
    // As if somebody had asked for it.
    Ok(explored(&Fuzz {
        scenario: Some(record.scenario.clone()),
        strategy: record.strategy.clone(),
        seed: record.seed,
        settings: record.parameters.iter().map(|(key, value)| format!("{key}={value}")).collect(),
        faults: Some(record.families.join(",")),
        shard: Some(record.shard.clone()),
        ..Fuzz::default()
    })?)
}

/// What all parts know together. A schedule that several kept counts once.
fn join(parts: impl Iterator<Item = (Record, State)>) -> State {
    let mut whole = State::default();
    for (record, part) in parts {
        let shards = record.shard.parse::<Shard>().map_or(1, Shard::of);
        whole.runs += part.runs;
        // The whole goes on behind all that any part has done.
        whole.next = whole.next.max(part.next.saturating_mul(shards));
        whole.sometimes.merge(&part.sometimes);
        let places: Vec<usize> = part.corpus.entries().iter().map(|entry| place_of(&mut whole, entry)).collect();
        for (feature, reached) in part.covered.iter() {
            whole.covered.reach(feature, Reached { entry: places[reached.entry], ..reached });
        }
        for (class, seen) in part.findings.iter() {
            whole.findings.put(class.clone(), seen.clone());
        }
    }
    whole
}

fn place_of(whole: &mut State, entry: &Entry) -> usize {
    let same = |known: &Entry| known.seed == entry.seed && known.schedule == entry.schedule;
    if let Some(place) = whole.corpus.entries().iter().position(same) {
        return place;
    }
    whole.corpus.push(entry.clone());
    whole.corpus.entries().len() - 1
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use interregnum::explore::{Feature, Strategy};
    use interregnum::schedule::{Family, Schedule};

    use super::*;

    fn settings(shard: &str) -> Settings {
        let scenario = sims::CATALOGUE.find("election/docs").unwrap();
        Settings {
            scenario,
            parameters: scenario.parameters(),
            families: Family::ALL.into(),
            strategy: Strategy::Guided,
            seed: 7,
            shard: shard.parse().unwrap(),
        }
    }

    fn part(shard: &str, run: u64, features: &[u64]) -> (Record, State) {
        let mut state = State { runs: 10, next: 10, ..State::default() };
        state.corpus.push(Entry {
            run,
            seed: run,
            schedule: Schedule::default(),
            lineage: vec![run],
            new_features: features.len(),
        });
        state.covered.add(&features.iter().map(|feature| Feature(*feature)).collect::<BTreeSet<_>>(), 0);
        (Record::of(&settings(shard), &state), state)
    }

    #[test]
    fn parts_add_up_and_the_whole_goes_on_behind_them() {
        let whole = join([part("1/3", 0, &[1, 2]), part("2/3", 1, &[2, 3])].into_iter());
        assert_eq!((whole.runs, whole.next, whole.corpus.entries().len(), whole.covered.count()), (20, 30, 2, 3));
        let of = |number| whole.covered.iter().find(|(feature, _)| feature.0 == number).unwrap().1;
        assert_eq!(of(2), Reached { runs: 2, entry: 0 });
        assert_eq!(of(3), Reached { runs: 1, entry: 1 });
    }

    #[test]
    fn what_is_no_part_of_one_campaign_is_refused() {
        let parts = |one: &str, other: &str| {
            let parts = [(Path::new("a"), part(one, 0, &[])), (Path::new("b"), part(other, 1, &[]))];
            common_settings(&parts).map(|settings| settings.shard).map_err(|failure| failure.to_string())
        };
        assert_eq!(parts("1/3", "2/3"), Ok(Shard::WHOLE));
        assert_eq!(parts("1/3", "1/3"), Err("b: it is shard 1/3, as is a".into()));
        assert_eq!(parts("1/3", "2/4"), Err("b: it is shard 2/4, and a is shard 1/3".into()));
    }
}

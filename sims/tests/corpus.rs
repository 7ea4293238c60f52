//! The corpus: minimised failures, one at least for each planted bug, and runs that hold and reach what few runs reach.
//! Each is what it was when it was saved, with the same trace.

use std::path::{Path, PathBuf};

use history::Keep;
use interregnum::schedule::SavedRun;
use interregnum::{Changed, Control, Corpus, Plan, execute, seeds};
use interregnum_sims::CATALOGUE;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus")
}

fn corpus() -> Corpus {
    Corpus::in_directory(&directory()).expect("the corpus can be read")
}

fn file_of(scenario: &str) -> PathBuf {
    directory().join(format!("{}.toml", scenario.replace('/', "-")))
}

/// How a file is made anew, once it is clear that the change is meant.
fn how_to_make_anew(changed: &Changed) -> String {
    let name = changed.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    match name.strip_prefix("zoo-") {
        Some(id) => format!("cargo sim zoo {id} --save corpus"),
        None => format!("find another run for it (corpus/README.md), or take corpus/{name}.toml out"),
    }
}

#[test]
fn every_run_of_the_corpus_is_what_it_was() {
    let changed = corpus().changed(CATALOGUE, seeds::default_jobs());
    let told: Vec<String> =
        changed.iter().map(|changed| format!("{changed}\n  if that is meant: {}", how_to_make_anew(changed))).collect();
    assert!(told.is_empty(), "{} of {} changed:\n{}", told.len(), corpus().files().len(), told.join("\n"));
}

#[test]
fn every_planted_bug_has_a_small_failure_that_is_silent_when_put_right() {
    for scenario in CATALOGUE.0.iter().filter(|scenario| scenario.name().starts_with("zoo/")) {
        let file = file_of(scenario.name());
        let mut saved = SavedRun::load(&file).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(saved.scenario, scenario.name(), "{}", file.display());
        let caught_by = saved.found.as_ref().map(|found| found.monitor.as_str());
        let planted = scenario.planted().expect("it was asked for");
        assert!(
            caught_by.is_some_and(|monitor| planted.caught_by.contains(&monitor)),
            "{} {caught_by:?}",
            file.display()
        );
        let Control::Is { settings, without, .. } = scenario.control() else { continue };
        // What is put right by leaving faults out needs other faults than these.
        if saved.schedule.families().iter().any(|family| without.contains(family)) {
            continue;
        }
        let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        saved.parameters.extend(settings);
        let plan = Plan::from_saved(&saved, &file, CATALOGUE).expect("it fits");
        let outcome = execute(&plan, Keep::Nothing).expect("it runs");
        assert!(outcome.held(), "{}, put right: {:?} {:?}", file.display(), outcome.panic, outcome.violations);
    }
}

#[test]
fn failures_are_small() {
    let mut faults = Vec::new();
    for file in corpus().files() {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let saved = SavedRun::load(file).expect("it is readable");
        if saved.found.is_none() {
            continue;
        }
        let many = saved.schedule.faults.len();
        assert!(many <= 6, "{name} needs {many} faults");
        faults.push(many);
    }
    faults.sort_unstable();
    assert!(faults[faults.len() / 2] <= 3, "half of them need three faults at most: {faults:?}");
}

//! What was ever kept of the fuzzers' finds, and a valid input for each check, goes through the checks in every run of
//! `cargo test`. One test alone in this program: the checks measure memory.

use std::fs;
use std::path::{Path, PathBuf};

use interregnum_hostile::TARGETS;

#[test]
fn everything_that_is_kept_passes() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    if cfg!(feature = "files") {
        let mut directories = names(&seeds);
        directories.sort();
        let targets: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
        assert_eq!(directories, targets, "a directory for each target, and no other");
    }
    for (name, check) in TARGETS {
        let directory = seeds.join(name);
        let kept = names(&directory);
        assert!(!kept.is_empty(), "{name} has no input");
        for file in kept {
            let path = directory.join(file);
            let input = fs::read(&path).expect("a file");
            let told = Told(path);
            check(&input);
            std::mem::forget(told);
        }
        // What no fuzzer should have to find.
        check(&[]);
    }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name")).collect()
}

/// Says which input it was, if the check does not come back.
struct Told(PathBuf);

impl Drop for Told {
    fn drop(&mut self) {
        eprintln!("the input was {}", self.0.display());
    }
}

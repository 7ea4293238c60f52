//! What the clients of others say of the service: a section of `docs/compatibility.md` for each of them.
//!
//! Nobody writes those sections by hand. A conformance test runs what a client has (its own test suite, or a script that
//! calls all it can do) against the service and against Apache ZooKeeper, makes a [`Record`] of each run, and hands them
//! to [`Section::settle`]. That holds them to the one rule there is, *no failure that Apache ZooKeeper does not show in
//! the same run*, and to the page: what it says must be what was seen. `INTERREGNUM_WRITE=1` writes the section anew;
//! everything else on the page is left as it is.
//!
//! The page does not depend on the machine: the last parts of version numbers may differ, and nothing else. So reasons name no
//! port, no time and no path.

mod page;
mod record;

use std::fs;
use std::path::PathBuf;

pub use record::{Case, Maker, Record, Server};

use crate::kazoo::lock;
use crate::program;

/// Writes the sections in place of comparing them.
const WRITE: &str = "INTERREGNUM_WRITE";

/// The part of the page that one test answers for.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its name in the marks of the page, such as `kazoo-suite`. The marks must be there before it is written.
    pub name: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What was run, in a sentence or two.
    pub about: &'static str,
}

impl Section {
    /// Takes what was seen: keeps it as JSON below `target/compatibility`, holds it to the rule, and compares it with the
    /// page, or writes it there.
    ///
    /// # Panics
    /// If a run passed nothing; if a case failed against the service that did not fail against Apache ZooKeeper; or if the page says
    /// something else.
    pub fn settle(&self, records: &[Record]) {
        self.keep(records);
        for record in records {
            assert!(
                record.passed > 0,
                "{} has passed nothing against {}: it cannot have run",
                record.client,
                record.server
            );
        }
        let ours = record::only_ours(records);
        assert!(ours.is_empty(), "{} fails where Apache ZooKeeper does not:\n{}", self.name, ours.join("\n"));
        let section = page::render(self, records);
        if is_set(WRITE) {
            self.write(&section);
        } else {
            self.compare(&section);
        }
    }

    fn keep(&self, records: &[Record]) {
        let directory = program::target_directory().join("compatibility");
        let text = serde_json::to_string_pretty(records).expect("records are plain data");
        let file = directory.join(self.name).with_extension("json");
        fs::create_dir_all(&directory).and_then(|()| fs::write(file, text)).expect("the target directory takes files");
    }

    fn write(&self, section: &str) {
        let lock = lock(&program::target_directory().join("tmp").join("compatibility.lock"));
        let _only_one_at_a_time = lock.expect("the target directory takes files");
        let page = read();
        let Some(written) = page::replace(&page, self.name, section) else { panic!("{}", self.absent()) };
        fs::write(file(), written).expect("the page can be written");
    }

    fn compare(&self, section: &str) {
        let page = read();
        let Some(committed) = page::find(&page, self.name) else { panic!("{}", self.absent()) };
        let difference = page::difference(committed, section);
        assert!(
            difference.is_none(),
            "docs/compatibility.md does not say what was seen ({WRITE}=1 writes it): {}\n{section}",
            difference.unwrap_or_default()
        );
    }

    fn absent(&self) -> String {
        let (begin, end) = page::marks(self.name);
        format!("docs/compatibility.md has no section {}: put {begin:?} and {end:?} where it belongs", self.name)
    }
}

fn file() -> PathBuf {
    program::workspace().join("docs").join("compatibility.md")
}

fn read() -> String {
    fs::read_to_string(file()).expect("docs/compatibility.md is readable")
}

fn is_set(name: &str) -> bool {
    std::env::var(name).is_ok_and(|value| !value.is_empty() && value != "0")
}

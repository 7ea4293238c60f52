//! Open files: how many this process may have.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the limit of open files of this process as far as the system allows, and tells how many may be open.
#[must_use]
pub fn raise() -> usize {
    let mut limits = getrlimit(Resource::Nofile);
    limits.current = limits.maximum;
    // What is there already has to do, if it cannot be raised.
    let _ = setrlimit(Resource::Nofile, limits);
    getrlimit(Resource::Nofile).current.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

/// How many of this many connections the limits of this process and of a server that has the same allow. Fewer are told
/// loudly.
#[must_use]
pub fn affordable(wanted: usize) -> usize {
    let limit = raise();
    // A server keeps an eighth of them for itself; a test has some files open, too.
    let most = limit - limit / 8 - 100.min(limit / 8);
    if most < wanted {
        eprintln!(
            "ONLY {most} CONNECTIONS IN PLACE OF {wanted}: no more than {limit} files may be open here (ulimit -Hn)"
        );
    }
    wanted.min(most)
}

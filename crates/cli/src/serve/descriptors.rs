//! Open files: a server takes as many as the system lets it have, and lets in no more clients than these are enough for.
//!
//! Who is let in beyond that could not be served, and a log could not be written to a new file.

use rustix::process::{Resource, getrlimit, setrlimit};
use server::Config;

/// What part of all open files is not for clients: logs, snapshots, other servers, clients that have not been counted.
const RESERVED_PART: u64 = 8;
/// As many are kept at least, and at most.
const RESERVED: std::ops::RangeInclusive<u64> = 32..=2048;

/// Raises the limit of open files as far as the system allows, and lowers the limits of connections to what is left.
pub(super) fn prepare(configs: &mut [Config]) {
    let Some(limit) = raise() else { return };
    let most = for_clients(limit, configs.len());
    for config in configs {
        if config.connections_total == 0 {
            config.connections_total = most;
        } else if config.connections_total > most {
            let wanted = config.connections_total;
            tracing::warn!(
                limit,
                "{wanted} connections are more than the open files allow: no more than {most} are let in"
            );
            config.connections_total = most;
        }
    }
}

/// Raises the limit as far as may be. Tells how many files may be open, if there is a limit.
fn raise() -> Option<u64> {
    let mut limits = getrlimit(Resource::Nofile);
    let before = limits.current;
    if limits.current != limits.maximum {
        limits.current = limits.maximum;
        if let Err(error) = setrlimit(Resource::Nofile, limits) {
            tracing::warn!(%error, "the limit of open files cannot be raised");
            return before;
        }
    }
    tracing::info!(before, now = limits.current, "the limit of open files");
    limits.current
}

/// How many connections each of these servers may have.
fn for_clients(limit: u64, servers: usize) -> usize {
    let reserved = (limit / RESERVED_PART).clamp(*RESERVED.start(), *RESERVED.end());
    let each = usize::try_from(limit.saturating_sub(reserved)).unwrap_or(usize::MAX) / servers.max(1);
    // 0 would be no limit.
    each.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_are_kept_for_what_is_no_client() {
        assert_eq!(for_clients(20_000, 1), 17_952);
        assert_eq!(for_clients(1024, 1), 896);
        assert_eq!(for_clients(1024, 3), 298);
        assert_eq!(for_clients(64, 1), 32);
        assert_eq!(for_clients(8, 1), 1);
    }
}

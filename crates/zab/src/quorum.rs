//! Majorities.

use std::collections::BTreeSet;

use crate::config::Config;
use crate::zxid::ServerId;

/// How many voters are a quorum: any two quorums have a server in common.
pub(crate) fn size(config: &Config) -> usize {
    if config.planted.half_is_quorum() { config.voters.len().div_ceil(2) } else { config.voters.len() / 2 + 1 }
}

/// Are the voters among these servers a quorum?
pub(crate) fn contains(config: &Config, servers: &BTreeSet<ServerId>) -> bool {
    servers.intersection(&config.voters).count() >= size(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quorum_is_more_than_half_of_the_voters() {
        for (voters, quorum) in [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3)] {
            let config = Config::new(ServerId(1), (1..=voters).map(ServerId));
            assert_eq!(size(&config), quorum);
        }
        let config = Config::new(ServerId(1), (1..=3).map(ServerId));
        assert!(!contains(&config, &[1, 8, 9].map(ServerId).into()), "observers do not count");
        assert!(contains(&config, &[1, 3].map(ServerId).into()));
    }
}

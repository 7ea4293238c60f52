//! What a client has done against one server.

use std::fmt::{self, Display};

use serde::Serialize;

/// Whose server it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Maker {
    /// The service of this project.
    Interregnum,
    /// Apache ZooKeeper, of this version.
    Apache(String),
}

/// What a client has talked to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Server {
    /// Whose it is.
    pub maker: Maker,
    /// How many there were: 1 stands alone, more are an ensemble.
    pub members: u8,
}

impl Server {
    /// The service, alone or as an ensemble.
    #[must_use]
    pub fn interregnum(members: u8) -> Server {
        Server { maker: Maker::Interregnum, members }
    }

    /// Apache ZooKeeper as it is installed, alone or as an ensemble.
    ///
    /// # Panics
    /// If it is not installed.
    #[must_use]
    pub fn apache(members: u8) -> Server {
        Server { maker: Maker::Apache(crate::apache::version()), members }
    }

    fn is_ours(&self) -> bool {
        self.maker == Maker::Interregnum
    }
}

impl Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.maker {
            Maker::Interregnum => write!(f, "Interregnum")?,
            Maker::Apache(version) => write!(f, "Apache ZooKeeper {version}")?,
        }
        match self.members {
            1 => Ok(()),
            3 => write!(f, ", three servers"),
            members => write!(f, ", {members} servers"),
        }
    }
}

/// A case that did not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Case {
    /// How the client's suite names it.
    pub name: String,
    /// Why it was skipped, or how it failed; the same on every machine.
    pub reason: String,
}

/// What one client has done against one server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The client.
    pub client: String,
    /// Its version, as it says itself.
    pub version: String,
    /// The server.
    pub server: Server,
    /// How many cases passed.
    pub passed: usize,
    /// Those that failed.
    pub failed: Vec<Case>,
    /// Those that were not run.
    pub skipped: Vec<Case>,
}

/// What failed against the service, and neither failed nor was skipped by Apache ZooKeeper: each with its reason.
///
/// A failure of an ensemble is measured against an ensemble, if the client was run against one of Apache ZooKeeper.
pub(super) fn only_ours(records: &[Record]) -> Vec<String> {
    let mut all = Vec::new();
    for ours in records.iter().filter(|record| record.server.is_ours()) {
        let theirs = records.iter().filter(|record| !record.server.is_ours() && record.client == ours.client);
        let is_alike = |record: &&Record| record.server.members == ours.server.members;
        let measure = theirs.clone().find(is_alike).or_else(|| theirs.clone().next());
        let is_shown =
            |case: &&Case| measure.is_some_and(|record| record.failed.iter().any(|other| other.name == case.name));
        let unexplained = ours.failed.iter().filter(|case| !is_shown(case));
        all.extend(unexplained.map(|case| format!("{}, {}: {}", ours.server, case.name, case.reason)));
    }
    all
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn record(server: Server, failed: &[&str], skipped: &[(&str, &str)]) -> Record {
        let failure = |name: &&str| Case { name: (*name).to_owned(), reason: "no luck".to_owned() };
        let skip = |(name, reason): &(&str, &str)| Case { name: (*name).to_owned(), reason: (*reason).to_owned() };
        Record {
            client: "client".to_owned(),
            version: "1.2.3".to_owned(),
            server,
            passed: 7,
            failed: failed.iter().map(failure).collect(),
            skipped: skipped.iter().map(skip).collect(),
        }
    }

    pub(in super::super) fn apache(members: u8) -> Server {
        Server { maker: Maker::Apache("3.8.0".to_owned()), members }
    }

    #[test]
    fn what_fails_against_both_is_not_ours() {
        let ours = record(Server::interregnum(1), &["a", "b"], &[]);
        let theirs = record(apache(1), &["b", "c"], &[]);
        assert_eq!(only_ours(&[ours, theirs]), ["Interregnum, a: no luck"]);
    }

    #[test]
    fn an_ensemble_is_measured_against_an_ensemble_where_there_is_one() {
        let ours = record(Server::interregnum(3), &["a"], &[]);
        let alone = record(apache(1), &["a"], &[]);
        let ensemble = record(apache(3), &[], &[]);
        assert_eq!(only_ours(&[ours.clone(), alone.clone()]), [""; 0]);
        assert_eq!(only_ours(&[ours, alone, ensemble]), ["Interregnum, three servers, a: no luck"]);
    }

    #[test]
    fn without_apache_zookeeper_every_failure_is_ours() {
        assert_eq!(only_ours(&[record(Server::interregnum(1), &["a"], &[])]).len(), 1);
    }
}

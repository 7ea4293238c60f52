//! Where the servers are: `a:2181,b:2182/chroot`.
//!
//! Names are not resolved here; that is done anew at every attempt to connect, so that a server may move.

use std::fmt;
use std::str::FromStr;

use proto::path::PathError;
use thiserror::Error;

use crate::chroot::Chroot;

/// The port of a server that is named without one.
const DEFAULT_PORT: u16 = 2181;

/// Where the servers are, and which znode is the root for this client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectString {
    servers: Vec<String>,
    chroot: Chroot,
}

/// What is wrong with a connect string.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConnectStringError {
    /// A server without a name, or no server at all.
    #[error("the connect string `{0}` has a server without a name")]
    NoName(String),
    /// A port that is none.
    #[error("`{0}` is not a port")]
    BadPort(String),
    /// The part from the first slash on is not the path of a znode.
    #[error("the chroot `{path}` is no path: {error}")]
    BadChroot {
        /// The part from the first slash on.
        path: String,
        /// What is wrong with it.
        #[source]
        error: PathError,
    },
}

impl ConnectString {
    /// The servers, each as `host:port`; at least one.
    #[must_use]
    pub fn servers(&self) -> &[String] {
        &self.servers
    }

    /// The znode that is the root for this client.
    #[must_use]
    pub fn chroot(&self) -> &Chroot {
        &self.chroot
    }
}

impl FromStr for ConnectString {
    type Err = ConnectStringError;

    fn from_str(string: &str) -> Result<Self, ConnectStringError> {
        let (hosts, chroot) = match string.find('/') {
            Some(slash) => string.split_at(slash),
            None => (string, "/"),
        };
        let chroot =
            Chroot::new(chroot).map_err(|error| ConnectStringError::BadChroot { path: chroot.to_owned(), error })?;
        let servers = hosts.split(',').map(|server| with_port(server.trim(), string)).collect::<Result<Vec<_>, _>>()?;
        Ok(ConnectString { servers, chroot })
    }
}

/// `host:port`, the port added if there is none. The address of an IPv6 host stands in brackets.
fn with_port(server: &str, string: &str) -> Result<String, ConnectStringError> {
    let after_address = server.rfind(']').map_or(0, |bracket| bracket + 1);
    let (host, port) = match server[after_address..].rfind(':') {
        Some(colon) => {
            let (host, port) = server.split_at(after_address + colon);
            let port = &port[1..];
            (host, port.parse::<u16>().map_err(|_| ConnectStringError::BadPort(port.to_owned()))?)
        }
        None => (server, DEFAULT_PORT),
    };
    if host.is_empty() {
        return Err(ConnectStringError::NoName(string.to_owned()));
    }
    Ok(format!("{host}:{port}"))
}

impl fmt::Display for ConnectString {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.servers.join(","))?;
        match self.chroot.path() {
            "/" => Ok(()),
            path => formatter.write_str(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(string: &str) -> ConnectString {
        string.parse().expect("the string is legal")
    }

    #[test]
    fn several_servers_and_a_chroot_are_told_apart() {
        let parsed = parse("a:2182, b ,[::1]:99,[::1]/app/x");
        assert_eq!(parsed.servers(), ["a:2182", "b:2181", "[::1]:99", "[::1]:2181"]);
        assert_eq!(parsed.chroot().path(), "/app/x");
        assert_eq!(parsed.to_string(), "a:2182,b:2181,[::1]:99,[::1]:2181/app/x");
    }

    #[test]
    fn a_bare_slash_is_no_chroot() {
        assert_eq!(parse("a/"), parse("a:2181"));
    }

    #[test]
    fn nonsense_is_refused_with_its_place() {
        let error = |string: &str| string.parse::<ConnectString>().expect_err("the string is not legal");
        assert_eq!(error(""), ConnectStringError::NoName(String::new()));
        assert_eq!(error("a,,b"), ConnectStringError::NoName("a,,b".to_owned()));
        assert_eq!(error("a:x"), ConnectStringError::BadPort("x".to_owned()));
        assert!(matches!(error("a/b/"), ConnectStringError::BadChroot { .. }));
    }
}

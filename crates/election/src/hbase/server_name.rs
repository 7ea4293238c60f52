//! The name of a server, and the data in which it stands (ServerName, RecoverableZooKeeper.appendMetaData).

use std::fmt;

/// A server: where it is, and when it was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServerName {
    pub(super) host: String,
    pub(super) port: u16,
    /// Milliseconds since 1970, on its own clock.
    pub(super) start_code: i64,
}

impl ServerName {
    /// `ServerName.isSameAddress`: the start code is not looked at.
    pub(super) fn is_same_address(&self, other: &ServerName) -> bool {
        self.host == other.host && self.port == other.port
    }

    /// The data of a znode with this name, marked so that its own writer knows it again.
    pub(super) fn to_data(&self, mark: u64) -> String {
        format!("{mark:016x} {self}")
    }

    pub(super) fn from_data(data: &[u8]) -> Option<ServerName> {
        let (_, name) = std::str::from_utf8(data).ok()?.split_once(' ')?;
        let mut parts = name.split(',');
        let host = parts.next()?.to_owned();
        let (port, start_code) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(ServerName { host, port, start_code })
    }
}

impl fmt::Display for ServerName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{},{},{}", self.host, self.port, self.start_code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_written_and_its_address_outlives_a_start() {
        let name = ServerName { host: "c1".to_owned(), port: 16000, start_code: 1_600_000_000_123 };
        assert_eq!(name.to_string(), "c1,16000,1600000000123");
        assert_eq!(ServerName::from_data(name.to_data(7).as_bytes()), Some(name.clone()));
        let restarted = ServerName { start_code: 1_700_000_000_000, ..name.clone() };
        assert!(restarted != name && restarted.is_same_address(&name));
        assert_eq!(ServerName::from_data(b"c1"), None);
    }
}

//! `server.N=host:port:port[:participant|:observer][;[address:]port]`: a member of an ensemble (`QuorumServer`).
//!
//! The second of the two ports, for elections, is read and not used: here one connection between two servers carries
//! all. Refused: several addresses for one server, which ZooKeeper separates with `|`.

use server::Member;

use super::properties::Property;
use super::value::{Mistake, shown, wrong};

/// Where a server listens for clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClientAddress {
    /// A name or an address, an IPv6 one in brackets; none stands for every interface.
    pub(super) host: Option<String>,
    pub(super) port: u16,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServerLine {
    pub(super) id: u8,
    pub(super) member: Member,
    pub(super) client: Option<ClientAddress>,
    /// As clients read it in `/zookeeper/config` (`QuorumServer.toString`).
    pub(super) description: String,
}

const FORM: &str = "is not of the form host:port:port[:participant|:observer][;[address:]port]";

/// Reads a line; `id` is what stands behind `server.`.
pub(super) fn read(property: &Property, id: &str) -> Result<ServerLine, Mistake> {
    let number = id.parse::<u8>().ok().filter(|number| (1..=254).contains(number));
    let id = number.ok_or_else(|| Mistake {
        line: Some(property.line),
        why: format!("{}: `{}` is no id of a server from 1 to 254", shown(&property.key), shown(id)),
    })?;
    let (servers, client) = match property.value.split_once(';') {
        Some((servers, client)) => (servers, Some(client_address(property, client)?)),
        None => (property.value.as_str(), None),
    };
    if servers.contains('|') {
        return Err(wrong(property, "has several addresses: a server has one here"));
    }
    let parts = parts(servers).ok_or_else(|| wrong(property, "has an address whose bracket is never closed"))?;
    let (host, first, second, role) = match parts[..] {
        [host, first, second] => (host, first, second, None),
        [host, first, second, role] => (host, first, second, Some(role)),
        _ => return Err(wrong(property, FORM)),
    };
    let observes = match role.map(str::to_ascii_lowercase).as_deref() {
        None | Some("participant") => false,
        Some("observer") => true,
        Some(other) => {
            return Err(wrong(property, &format!("ends with `{other}`: a server is a participant or an observer")));
        }
    };
    let host = host_of(property, host)?;
    let port = port(property, first)?;
    // Not used but to tell clients; and a file that is wrong there would not start ZooKeeper either.
    let second = self::port(property, second)?;
    let role = if observes { "observer" } else { "participant" };
    let served = client.as_ref().map_or_else(String::new, |ClientAddress { host, port }| {
        format!(";{}:{port}", host.as_deref().unwrap_or("0.0.0.0"))
    });
    let description = format!("server.{id}={host}:{port}:{second}:{role}{served}");
    Ok(ServerLine { id, member: Member { host, port, observes }, client, description })
}

/// `[address:]port`
fn client_address(property: &Property, text: &str) -> Result<ClientAddress, Mistake> {
    let parts = parts(text).ok_or_else(|| wrong(property, "has an address whose bracket is never closed"))?;
    match parts[..] {
        [alone] => Ok(ClientAddress { host: None, port: port(property, alone)? }),
        [host, last] => Ok(ClientAddress { host: Some(host_of(property, host)?), port: port(property, last)? }),
        _ => Err(wrong(property, FORM)),
    }
}

/// The parts between colons; those in brackets part nothing.
fn parts(text: &str) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let within = if rest.trim_start().starts_with('[') { rest.find(']')? } else { 0 };
        match rest[within..].find(':') {
            Some(colon) => {
                parts.push(rest[..within + colon].trim());
                rest = &rest[within + colon + 1..];
            }
            None => {
                parts.push(rest.trim());
                return Some(parts);
            }
        }
    }
}

fn host_of(property: &Property, host: &str) -> Result<String, Mistake> {
    host_name(host).ok_or_else(|| wrong(property, &format!("has `{host}` where a host belongs")))
}

/// A name, or an address, an IPv6 one in brackets: so that a port can follow it.
pub(super) fn host_name(host: &str) -> Option<String> {
    let inner = host.strip_prefix('[').map_or(Some(host), |rest| rest.strip_suffix(']'))?;
    if inner.parse::<std::net::Ipv6Addr>().is_ok() {
        return Some(format!("[{inner}]"));
    }
    let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '.' | '_');
    (inner == host && !host.is_empty() && host.chars().all(is_name)).then(|| host.to_owned())
}

fn port(property: &Property, text: &str) -> Result<u16, Mistake> {
    let port = text.parse::<u16>().ok().filter(|port| *port > 0);
    port.ok_or_else(|| wrong(property, &format!("has `{text}` where a port from 1 to 65535 belongs")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(value: &str) -> Result<ServerLine, Mistake> {
        let key = "server.2".to_owned();
        read(&Property { line: 3, key, value: value.to_owned() }, "2")
    }

    fn told(value: &str) -> (String, u16, bool, Option<ClientAddress>) {
        let ServerLine { id, member, client, .. } = line(value).expect(value);
        assert_eq!(id, 2);
        (member.host, member.port, member.observes, client)
    }

    fn client(host: Option<&str>, port: u16) -> Option<ClientAddress> {
        Some(ClientAddress { host: host.map(str::to_owned), port })
    }

    #[test]
    fn a_line_tells_host_ports_role_and_where_clients_connect() {
        assert_eq!(told("zoo2:2888:3888"), ("zoo2".into(), 2888, false, None));
        assert_eq!(told("zoo2:2888:3888:participant"), ("zoo2".into(), 2888, false, None));
        assert_eq!(told("zoo2:2888:3888:OBSERVER;2181"), ("zoo2".into(), 2888, true, client(None, 2181)));
        let on_one = ("10.0.0.2".into(), 2888, false, client(Some("10.0.0.2"), 2181));
        assert_eq!(told("10.0.0.2 : 2888 : 3888 ; 10.0.0.2:2181"), on_one);
    }

    #[test]
    fn clients_read_a_line_as_zookeeper_writes_it() {
        for (value, description) in [
            ("zoo2:2888:3888", "server.2=zoo2:2888:3888:participant"),
            ("zoo2:2888:3888:Observer;2181", "server.2=zoo2:2888:3888:observer;0.0.0.0:2181"),
            ("10.0.0.2 : 2888 : 3888 ; 10.0.0.2:2181", "server.2=10.0.0.2:2888:3888:participant;10.0.0.2:2181"),
        ] {
            assert_eq!(line(value).expect(value).description, description);
        }
    }

    #[test]
    fn an_address_of_the_newer_kind_stands_in_brackets() {
        let local = ("[::1]".into(), 2888, true, client(Some("[fe80::2]"), 2181));
        assert_eq!(told("[::1]:2888:3888:observer;[fe80::2]:2181"), local);
        assert!(line("::1:2888:3888").is_err());
        assert!(line("[::1:2888:3888").expect_err("open").why.contains("never closed"));
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (value, part) in [
            ("", "form"),
            ("zoo2", "form"),
            ("zoo2:2888", "form"),
            ("zoo2:2888:3888:observer:1", "form"),
            ("zoo2:2888:3888;a:b:c", "form"),
            ("zoo2:port:3888", "`port`"),
            ("zoo2:2888:0", "`0`"),
            ("zoo2:2888:65536", "`65536`"),
            ("zoo2:2888:3888;", "``"),
            (":2888:3888", "where a host belongs"),
            ("zoo 2:2888:3888", "`zoo 2`"),
            ("zoo2:2888:3888:leader", "`leader`"),
            ("zoo2:2888:3888|zoo3:2888:3888", "several"),
        ] {
            let mistake = line(value).expect_err(value);
            assert_eq!(mistake.line, Some(3), "{value}");
            assert!(mistake.why.starts_with("server.2: ") && mistake.why.contains(part), "{value}: {}", mistake.why);
        }
        for id in ["", "0", "255", "-1", "one"] {
            let property = Property { line: 3, key: format!("server.{id}"), value: "a:1:2".to_owned() };
            assert!(read(&property, id).expect_err(id).why.contains("from 1 to 254"), "{id}");
        }
    }
}

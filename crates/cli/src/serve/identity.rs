//! Which server of an ensemble a process is: the file `myid` in its data directory, and what follows from it.

use std::path::Path;

use super::server_line::ClientAddress;
use super::value::Mistake;
use super::zoo_cfg::Settings;

/// The file that tells.
pub(super) const MY_ID: &str = "myid";

/// Reads the content of `myid`; the mistake is about that file.
pub(super) fn my_id(content: &str, settings: &Settings) -> Result<u8, String> {
    let first = content.lines().next().unwrap_or_default().trim();
    let id = first.parse::<u8>().ok().filter(|id| (1..=254).contains(id));
    let id = id.ok_or_else(|| format!("`{first}` is no id of a server from 1 to 254"))?;
    let members = &settings.clients;
    if members.contains_key(&id) {
        return Ok(id);
    }
    let known: Vec<String> = members.keys().map(|id| format!("server.{id}")).collect();
    Err(format!("there is no line server.{id}, only {}", known.join(", ")))
}

/// What to say if `myid` is missing.
pub(super) fn missing(settings: &Settings) -> String {
    let known: Vec<String> = settings.clients.keys().map(u8::to_string).collect();
    format!("it is missing: it holds the id of this server, one of {}", known.join(", "))
}

/// Where a server listens for clients: what its `server.N` line says, and what `clientPort` and `clientPortAddress` say,
/// must not differ (`QuorumPeerConfig.setupClientPort`). Nowhere, if neither says anything and there is a port for TLS.
pub(super) fn client_address(settings: &Settings, id: Option<u8>) -> Result<Option<ClientAddress>, Mistake> {
    let own = id.and_then(|id| settings.clients.get(&id));
    let said = own.and_then(|(line, client)| client.as_ref().map(|client| (*line, client)));
    let host = settings.client_host.clone();
    match (settings.client_port, said) {
        (None, None) if settings.tls.is_some() => Ok(None),
        (None, None) => {
            Err(Mistake { line: None, why: "clientPort is missing: the port that clients connect to".to_owned() })
        }
        (None, Some((_, client))) => {
            let (_, host) = host.unzip();
            Ok(Some(ClientAddress { host: client.host.clone().or(host), port: client.port }))
        }
        (Some((_, port)), None) => Ok(Some(ClientAddress { host: host.map(|(_, host)| host), port })),
        (Some((line, port)), Some((said_at, client))) => {
            let differs = |line, what: &str| Mistake {
                line: Some(line),
                why: format!("{what} differs from what server.{} says in line {said_at}", id.unwrap_or_default()),
            };
            if port != client.port {
                return Err(differs(line, "clientPort"));
            }
            match (host, &client.host) {
                (Some((line, host)), Some(other)) if host != *other => Err(differs(line, "clientPortAddress")),
                (host, other) => Ok(Some(ClientAddress { host: other.clone().or(host.map(|(_, host)| host)), port })),
            }
        }
    }
}

/// What to remark if `peerType` and the list of servers say different things: the list counts, as for ZooKeeper.
pub(super) fn disagreement(settings: &Settings, id: u8) -> Option<(usize, String)> {
    let (line, observes) = settings.observes?;
    let member = settings.config.ensemble.as_ref()?.members.get(&id)?;
    let role = if member.observes { "an observer" } else { "a participant" };
    (observes != member.observes).then(|| (line, format!("peerType does not count: server.{id} is {role}")))
}

/// Why a directory cannot be served from, if it holds what Apache ZooKeeper wrote: to begin with nothing beside it would
/// look as if all was lost.
pub(super) fn foreign_data(names_in_version_2: &[String], directory: &Path) -> Option<String> {
    let is_data = |name: &String| name.starts_with("log.") || name.starts_with("snapshot.");
    names_in_version_2.iter().any(is_data).then(|| {
        format!(
            "{} holds data of Apache ZooKeeper, which cannot be read here: take another dataDir",
            directory.display()
        )
    })
}

//! `serve --ensemble N`: all servers of an ensemble in one process, each on a port of its own.
//!
//! For tests and for trying things out: who wants to survive the loss of a machine takes machines, and `--config`.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use host::net::TcpListener;
use interregnum::UserError;
use server::{Config, Ensemble, Member};

/// As many as there can be.
pub(super) const MOST: u8 = 9;

/// The settings of each server of an ensemble that are otherwise those of `alone`.
pub(super) async fn configs(alone: &Config, servers: u8) -> Result<Vec<Config>, UserError> {
    let last_port = u32::from(alone.listen.port()) + u32::from(servers) - 1;
    if alone.listen.port() != 0 && last_port > u32::from(u16::MAX) {
        let why = format!("{servers} servers from port {} on need ports beyond 65535", alone.listen.port());
        return Err(UserError::Mismatch(why));
    }
    let mut ensemble = Ensemble::new(members(servers).await.map_err(no_ports)?);
    if let Some(directory) = &alone.data {
        prepare(directory, servers).await?;
        // An empty directory is then that of a server that has lost its data: it does not vote until it has them again.
        ensemble.trust_empty_directory = false;
    }
    ensemble.description = Some(description(&ensemble.members, alone.listen));
    let config = |id: u8| {
        let mut config = Config { server_id: id, ensemble: Some(ensemble.clone()), ..alone.clone() };
        config.data = alone.data.as_ref().map(|directory| directory.join(id.to_string()));
        if alone.listen.port() != 0 {
            config.listen.set_port(alone.listen.port() + u16::from(id - 1));
        }
        config
    };
    Ok((1..=servers).map(config).collect())
}

/// Members on ports of the loopback that nobody has now.
async fn members(servers: u8) -> std::io::Result<BTreeMap<u8, Member>> {
    // All are held until all are known, or one might be given out twice.
    let mut held = Vec::new();
    let mut members = BTreeMap::new();
    for id in 1..=servers {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into()).await?;
        let port = listener.local_addr()?.port();
        members.insert(id, Member { host: Ipv4Addr::LOCALHOST.to_string(), port, observes: false });
        held.push(listener);
    }
    Ok(members)
}

/// As clients read it in `/zookeeper/config`, where a server has a second port, for elections. Where clients find a server is
/// told unless the system picks it.
fn description(members: &BTreeMap<u8, Member>, listen: SocketAddr) -> String {
    let line = |(id, Member { host, port, .. }): (&u8, &Member)| match listen.port() {
        0 => format!("server.{id}={host}:{port}:{port}:participant"),
        first => {
            let client = SocketAddr::new(listen.ip(), first + u16::from(id - 1));
            format!("server.{id}={host}:{port}:{port}:participant;{client}")
        }
    };
    members.iter().map(line).chain(["version=0".to_owned()]).collect::<Vec<_>>().join("\n")
}

fn no_ports(error: std::io::Error) -> UserError {
    UserError::Mismatch(format!("the servers find no ports to talk to each other on: {error}"))
}

/// Marks the directories of a new ensemble as such, and refuses those that belong to another one.
async fn prepare(directory: &Path, servers: u8) -> Result<(), UserError> {
    let wrong = |why: String| UserError::BadFile { file: directory.to_owned(), why };
    if names(directory).iter().any(|name| name.starts_with("log.") || name.starts_with("snapshot.")) {
        return Err(wrong("it holds the data of a server that stood alone: take another directory".to_owned()));
    }
    match servers_in(directory) {
        // Fewer could be a quorum of servers that all missed what the others acknowledged.
        Some(before) if before > servers => {
            Err(wrong(format!("it holds the data of {before} servers, of which {servers} may know too little")))
        }
        // Those that are new do not vote before they have learnt from a quorum of the others.
        Some(_) => Ok(()),
        None => {
            for id in 1..=servers {
                let own = directory.join(id.to_string());
                server::initialize(&own)
                    .await
                    .map_err(|error| UserError::BadFile { file: own, why: error.to_string() })?;
            }
            Ok(())
        }
    }
}

/// Refuses the data of an ensemble for one server: to begin with nothing beside them would look as if all was lost.
pub(super) fn refuse_ensemble(directory: &Path) -> Result<(), UserError> {
    servers_in(directory).map_or(Ok(()), |servers| {
        let why = format!("it holds the data of {servers} servers: start them with --ensemble {servers}");
        Err(UserError::BadFile { file: directory.to_owned(), why })
    })
}

/// Of how many servers a directory holds the data, if of any.
fn servers_in(directory: &Path) -> Option<u8> {
    let names = names(directory);
    (1..=MOST).filter(|id| names.contains(&id.to_string())).max()
}

/// The names in a directory; none, if it is not there.
pub(super) fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Where a client finds them all.
pub(super) fn connect_string(addresses: &[SocketAddr]) -> String {
    let reachable = |address: &SocketAddr| match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, address.port())),
        IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, address.port())),
        _ => *address,
    };
    addresses.iter().map(|address| reachable(address).to_string()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_read_who_is_there_and_where() {
        let member = |port| Member { host: "127.0.0.1".to_owned(), port, observes: false };
        let members = [(1, member(5001)), (2, member(5002))].into();
        let told = description(&members, "0.0.0.0:2181".parse().expect("an address"));
        let expected = "server.1=127.0.0.1:5001:5001:participant;0.0.0.0:2181\n\
                        server.2=127.0.0.1:5002:5002:participant;0.0.0.0:2182\nversion=0";
        assert_eq!(told, expected);
        let untold = description(&members, "127.0.0.1:0".parse().expect("an address"));
        assert!(untold.contains("server.2=127.0.0.1:5002:5002:participant\n"), "{untold}");
    }

    #[test]
    fn a_client_can_connect_to_every_address_it_is_told() {
        let addresses = ["0.0.0.0:2181", "[::]:2182", "10.0.0.1:2183"].map(|address| address.parse().expect("one"));
        assert_eq!(connect_string(&addresses), "127.0.0.1:2181,[::1]:2182,10.0.0.1:2183");
    }
}

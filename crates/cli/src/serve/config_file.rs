//! `serve --config`: from the file, its data directory and the names in it to a server's settings.

use std::fs;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use host::net::{TcpListener, TcpStream, lookup};
use interregnum::UserError;
use proto::Secret;
use server::Config;

use super::tls::TlsPort;
use super::together::names;
use super::value::Mistake;
use super::{identity, properties, zoo_cfg};

/// Which directory of a data directory Apache ZooKeeper keeps its files in.
const VERSION_2: &str = "version-2";

/// Reads the settings, and prints what the user should know, a line each.
pub(super) async fn load(file: &Path) -> Result<Config, UserError> {
    let bytes = fs::read(file).map_err(|error| bad_file(file, &error))?;
    let told = |mistake: Mistake| mistaken(file, &mistake);
    let settings = zoo_cfg::read(&properties::text(&bytes)).map_err(told)?;
    let mut remarks = settings.remarks.clone();
    let mut config = settings.config.clone();
    let directory = config.data.clone().expect("settings without it are refused");
    if let Some(why) = identity::foreign_data(&names(&directory.join(VERSION_2)), &directory) {
        return Err(UserError::Mismatch(why));
    }
    let id = if config.ensemble.is_some() {
        let path = directory.join(identity::MY_ID);
        let wrong = |why| UserError::BadFile { file: path.clone(), why };
        let content = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(wrong(identity::missing(&settings))),
            content => content.map_err(|error| bad_file(&path, &error))?,
        };
        let id = identity::my_id(&content, &settings).map_err(wrong)?;
        remarks.extend(identity::disagreement(&settings, id));
        config.server_id = id;
        Some(id)
    } else {
        // One server alone is the one that the file is about.
        settings.clients.keys().next().copied()
    };
    let client = identity::client_address(&settings, id).map_err(told)?;
    for (line, text) in &remarks {
        eprintln!("interregnum: {}:{line}: {text}", file.display());
    }
    if let Some(client) = &client {
        config.listen = listen(client.host.as_deref(), client.port, file).await?;
    }
    if let Some(TlsPort { host, port, key_password_file, mut secure }) = settings.tls.clone() {
        secure.listen = listen(host.as_deref(), port, file).await?;
        secure.is_only = client.is_none();
        if let Some(path) = key_password_file {
            let password = fs::read_to_string(&path).map_err(|error| bad_file(&path, &error))?;
            secure.key_password = Some(Secret(password.trim_end_matches(['\r', '\n']).to_owned().into()));
        }
        config.secure = Some(secure);
    }
    Ok(config)
}

async fn listen(host: Option<&str>, port: u16, file: &Path) -> Result<SocketAddr, UserError> {
    match host {
        Some(host) => resolve(host, port).await.map_err(|why| mistaken(file, &Mistake { line: None, why })),
        None => Ok((wildcard().await, port).into()),
    }
}

/// Every address of this machine: those of both protocols if one socket takes both, as Java's do, or else the IPv4 ones.
async fn wildcard() -> IpAddr {
    let takes_both = async {
        let listener = TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0).into()).await?;
        let port = listener.local_addr()?.port();
        TcpStream::connect((Ipv4Addr::LOCALHOST, port).into()).await
    };
    if takes_both.await.is_ok() { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() }
}

async fn resolve(host: &str, port: u16) -> Result<SocketAddr, String> {
    let found = lookup(&format!("{host}:{port}")).await.map_err(|error| format!("{host}: {error}"))?;
    found.first().copied().ok_or_else(|| format!("{host}: nobody has that name"))
}

fn bad_file(file: &Path, error: &std::io::Error) -> UserError {
    UserError::BadFile { file: file.to_owned(), why: error.to_string() }
}

/// One line: the file, the line if there is one, and what is wrong.
fn mistaken(file: &Path, Mistake { line, why }: &Mistake) -> UserError {
    let place = line.map_or_else(String::new, |line| format!("{line}:"));
    UserError::Mismatch(format!("{}:{place} {why}", file.display()))
}

//! `interregnum serve`: the coordination service on a real port.
//!
//! One server alone; one server as a file tells it (`--config`), alone or in an ensemble; or a whole ensemble in this
//! process (`--ensemble`). The first line of the standard output tells where it serves, and as what.

mod config_file;
mod identity;
mod keys;
mod properties;
mod server_line;
#[cfg(test)]
mod tests;
mod together;
mod value;
mod zoo_cfg;

use std::net::SocketAddr;

use interregnum::{UserError, span};
use server::{Config, Server};
use tokio::sync::mpsc;
use tracing::Instrument;

use crate::arguments::Serve;
use crate::{Exit, Failure};

/// Serves until it is told to end, or fails.
pub fn serve(arguments: &Serve) -> Result<Exit, Failure> {
    interregnum::logs::init("warn");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(format!("no runtime can be had: {error}")))?;
    runtime.block_on(async {
        let configs = match &arguments.config {
            Some(file) => vec![config_file::load(file).await?],
            None => configs(arguments).await?,
        };
        serve_until_told(configs).await
    })
}

/// The settings of each server that the arguments ask for.
async fn configs(arguments: &Serve) -> Result<Vec<Config>, UserError> {
    let tick =
        span::parse(&arguments.tick).ok().filter(|tick| tick.as_millis() > 0).ok_or_else(|| UserError::BadValue {
            key: "--tick".into(),
            value: arguments.tick.clone(),
            expected: "unit of time",
            why: "it is written such as `2s`, and is a millisecond at least".into(),
        })?;
    let connections_per_address = usize::from(arguments.connections_per_address);
    let mut alone = Config {
        listen: arguments.listen,
        tick,
        data: arguments.data.clone(),
        connections_per_address,
        ..Config::default()
    };
    if let Some(words) = &arguments.four_letter_words {
        alone.words = words.split(',').map(|word| word.trim().to_owned()).collect();
    }
    let servers = arguments.ensemble;
    if servers == 1 {
        return Ok(vec![alone]);
    }
    if servers.is_multiple_of(2) {
        eprintln!("interregnum: --ensemble: {servers} servers bear no more failures than {}", servers - 1);
    }
    together::configs(&alone, servers).await
}

async fn serve_until_told(configs: Vec<Config>) -> Result<Exit, Failure> {
    let are_many = configs.len() > 1;
    let mut addresses = Vec::new();
    let mut servers = Vec::new();
    for mut config in configs {
        if let Some(ensemble) = &mut config.ensemble {
            // Whoever serves real clients has somebody waiting.
            ensemble.hurries = true;
        }
        let (id, place) = (config.server_id, place(&config));
        // What it starts from is the user's choice: a port, a directory. What ends it later is not.
        let server = Server::bind(config).await.map_err(|error| UserError::Mismatch(error.to_string()))?;
        addresses.push(server.address());
        servers.push((id, place, server));
    }
    for ((_, place, _), address) in servers.iter().zip(&addresses) {
        println!("serving on {address} {place}");
    }
    if are_many {
        println!("clients connect to {}", together::connect_string(&addresses));
    }
    tokio::select! {
        biased;
        _ = tokio::signal::ctrl_c() => Ok(Exit::Held),
        ended = run_all(servers, &addresses) => ended,
    }
}

/// As what a server serves.
fn place(config: &Config) -> String {
    let rank = match &config.ensemble {
        Some(ensemble) => format!("as server {} of {}", config.server_id, ensemble.members.len()),
        None => "alone".to_owned(),
    };
    match &config.data {
        Some(directory) => format!("{rank}, data in {}", directory.display()),
        None => format!("{rank}, in memory"),
    }
}

/// Runs each server in a task of its own. One that fails does not take the others with it.
async fn run_all(servers: Vec<(u8, String, Server)>, addresses: &[SocketAddr]) -> Result<Exit, Failure> {
    let (sender, mut ends) = mpsc::channel(servers.len());
    for (id, _, server) in servers {
        let sender = sender.clone();
        let span = tracing::info_span!("server", id);
        let run = async move {
            let ended = server.run().await;
            // Nobody listens once the process is told to end.
            let _ = sender.send((id, ended)).await;
        };
        host::spawn(run.instrument(span));
    }
    drop(sender);
    let mut last = None;
    while let Some((id, ended)) = ends.recv().await {
        if let Err(error) = ended {
            let who = if addresses.len() > 1 { format!("server {id}: ") } else { String::new() };
            if let Some(before) = last.replace(format!("{who}{error}")) {
                eprintln!("interregnum: {before}");
            }
        }
    }
    match last {
        Some(error) => Err(Failure::Other(error)),
        None => Ok(Exit::Held),
    }
}

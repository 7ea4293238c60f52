//! `interregnum serve`: the coordination service on a real port.
//!
//! One server alone; one server as a file tells it (`--config`), alone or in an ensemble; or a whole ensemble in this
//! process (`--ensemble`). The first line of the standard output tells where it serves, and as what.

mod config_file;
mod descriptors;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod identity;
mod keys;
mod output;
mod properties;
mod server_line;
#[cfg(test)]
mod tests;
mod tls;
mod together;
mod value;
mod zoo_cfg;

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
        let mut configs = match &arguments.config {
            Some(file) => vec![config_file::load(file).await?],
            None => configs(arguments).await?,
        };
        descriptors::prepare(&mut configs);
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
        if let Some(directory) = &alone.data {
            together::refuse_ensemble(directory)?;
        }
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
    for (_, place, server) in &servers {
        let (first, secure) = (server.address(), server.secure_address());
        if secure != Some(first) {
            println!("serving on {first} {place}");
        }
        if let Some(secure) = secure {
            println!("serving on {secure} with TLS {place}");
        }
    }
    if are_many {
        println!("clients connect to {}", together::connect_string(&addresses));
    }
    tokio::select! {
        biased;
        _ = tokio::signal::ctrl_c() => Ok(Exit::Held),
        ended = run_all(servers) => ended,
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
async fn run_all(servers: Vec<(u8, String, Server)>) -> Result<Exit, Failure> {
    let mut running = servers.len();
    let are_many = running > 1;
    let (sender, mut ends) = mpsc::channel(running);
    for (id, _, server) in servers {
        let sender = sender.clone();
        let span = tracing::info_span!("server", id);
        let run = host::spawn(server.run().instrument(span));
        host::spawn(async move {
            let ended = run.await;
            // Nobody listens once the process is told to end.
            let _ = sender.send((id, ended)).await;
        });
    }
    drop(sender);
    while let Some((id, ended)) = ends.recv().await {
        running -= 1;
        let why = match ended {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => error.to_string(),
            Err(host::JoinError) => "the server has panicked".to_owned(),
        };
        let failure = if are_many { format!("server {id}: {why}") } else { why };
        if running == 0 {
            return Err(Failure::Other(failure));
        }
        eprintln!("interregnum: {failure}");
    }
    Ok(Exit::Held)
}

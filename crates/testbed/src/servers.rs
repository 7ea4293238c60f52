//! The servers of a scenario: one alone, or an ensemble that keeps its logs on the disks of its machines.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use server::{Config, Ensemble, Member, Server};

use crate::bed::Bed;
use crate::parameters::Parameters;

/// Where a server keeps its log and snapshots.
const DIRECTORY: &str = "/data";

/// The port on which servers talk to each other.
const PEER_PORT: u16 = 2888;

/// Adds all servers. Each keeps its log on its own disk, and comes back from it. `adapt` has the last word on the settings
/// of each: it plants a bug, or does nothing.
pub fn add(bed: &Bed, adapt: impl Fn(Config) -> Config) {
    let names = &bed.roles().servers;
    let ensemble = (names.len() > 1).then(|| ensemble(names, bed.parameters()));
    for (id, name) in (1..).zip(names) {
        let config = Config {
            listen: Bed::listen_address(),
            server_id: id,
            tick: bed.parameters().duration("tick"),
            data: Some(PathBuf::from(DIRECTORY)),
            // Small, so that runs of minutes see snapshots and the purging of logs.
            snapshot_interval: 200,
            connections_per_address: 0,
            ensemble: ensemble.clone(),
            ..Config::default()
        };
        add_one(bed, name, adapt(config));
    }
}

fn ensemble(names: &[String], parameters: &Parameters) -> Ensemble {
    let member = |name: &String| Member { host: name.clone(), port: PEER_PORT, observes: false };
    let members: BTreeMap<u8, Member> = (1..).zip(names.iter().map(member)).collect();
    Ensemble {
        init_limit: parameters.count("init_limit"),
        sync_limit: parameters.count("sync_limit"),
        // Small, so that a server which was away for a while is sent a snapshot.
        commit_log_count: 100,
        // A directory is new once, and its operator says so; found empty later, it has lost what was on it.
        trust_empty_directory: false,
        strict_sync: parameters.find_switch("strict_sync").unwrap_or(false),
        ..Ensemble::new(members)
    }
}

fn add_one(bed: &Bed, name: &str, config: Config) {
    let is_set_up = Arc::new(AtomicBool::new(config.ensemble.is_none()));
    bed.add_node(name, move || {
        let (config, is_set_up) = (config.clone(), is_set_up.clone());
        async move {
            if !is_set_up.load(Ordering::Relaxed) {
                match server::initialize(Path::new(DIRECTORY)).await {
                    Ok(()) => is_set_up.store(true, Ordering::Relaxed),
                    Err(error) => return tracing::info!(%error, "the data directory cannot be set up"),
                }
            }
            // Whatever ends it, its supervisor starts it anew; the monitors see what clients make of that.
            match Server::bind(config).await {
                Ok(server) => {
                    let end = server.run().await;
                    tracing::info!(?end, "the server ends");
                }
                Err(error) => tracing::info!(%error, "the server does not start"),
            }
        }
    });
}

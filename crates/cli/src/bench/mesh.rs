//! A chatty mesh over our links beside the same over madsim's own TCP.

use std::net::SocketAddr;
use std::time::Duration;

use history::{Keep, Log};
use host::net::{TcpListener, TcpStream};
use host::sim::{Options, World, simulate};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Bound, Row, baseline, median};
use crate::Failure;

const PORT: u16 = 7000;

/// A row for each size of the mesh.
pub(super) fn rows(quick: bool) -> Result<Vec<Row>, Failure> {
    let (length, repeats) = if quick { (Duration::from_secs(20), 1) } else { (Duration::from_secs(600), 5) };
    let mut rows = Vec::new();
    for nodes in [3, 5, 9] {
        let mut ours = Vec::new();
        let mut theirs = Vec::new();
        let mut ratios = Vec::new();
        // In turns, so that both see the same machine.
        for _ in 0..repeats {
            let (our, their) = (mesh(nodes, length)?, baseline::mesh(nodes, length)?);
            ours.push(our);
            theirs.push(their);
            ratios.push(our / their);
        }
        let speed = |wall: f64| length.as_secs_f64() / wall;
        rows.push(Row {
            what: format!("chatty mesh of {nodes}, our links ÷ madsim's TCP, wall time"),
            parts: format!("{:.0} and {:.0} virtual seconds a second", speed(median(ours)), speed(median(theirs))),
            figure: median(ratios),
            bound: Bound::AtMost(1.5),
        });
    }
    Ok(rows)
}

/// Seconds of wall time of a full mesh over our links.
fn mesh(nodes: u8, length: Duration) -> Result<f64, Failure> {
    let options = Options { seed: 1, scheduler_seed: 1, log: Log::new(Keep::Nothing) };
    let started = host::now();
    simulate(options, move |world: World| async move {
        for node in 1..=nodes {
            world.add_node(&format!("n{node}"), move || run_node(node, nodes));
        }
        world.sleep(length).await;
    })
    .map_err(|panicked| Failure::Other(panicked.to_string()))?;
    Ok((host::now() - started).as_secs_f64())
}

async fn run_node(node: u8, nodes: u8) {
    let listener = TcpListener::bind(SocketAddr::from(([0, 0, 0, 0], PORT))).await.expect("the port is free");
    host::spawn(async move {
        host::sleep(Duration::from_millis(50)).await;
        for other in node + 1..=nodes {
            host::spawn(async move {
                let address = host::net::lookup(&format!("n{other}:{PORT}")).await.expect("the other exists")[0];
                let mut stream = TcpStream::connect(address).await.expect("the other listens");
                let mut pong = [0u8; 16];
                loop {
                    stream.write_all(&[7; 16]).await.expect("the other reads");
                    stream.flush().await.expect("the other reads");
                    stream.read_exact(&mut pong).await.expect("the other answers");
                    host::sleep(Duration::from_millis(100)).await;
                }
            });
        }
    });
    while let Ok((mut stream, _)) = listener.accept().await {
        host::spawn(async move {
            let mut ping = [0u8; 16];
            while stream.read_exact(&mut ping).await.is_ok() {
                if stream.write_all(&ping).await.is_err() || stream.flush().await.is_err() {
                    break;
                }
            }
        });
    }
}

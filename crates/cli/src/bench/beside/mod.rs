//! `interregnum bench --beside-zookeeper`: this project's service beside Apache ZooKeeper, on real ports of the loopback.
//!
//! The same load from the same generator, in turns, so that what else the machine does meets both; each figure is the
//! median over rounds, and each ratio is one within a round. Both services write what they acknowledge to the disk
//! (fsync), or, with `--volatile`, neither waits for it.
//!
//! What it cannot tell: anything about a real network, about clients that wait for each answer, or about machines with
//! more cores. Generator and servers share those there are.

mod load;
mod process;
mod requests;
mod service;
mod session;
mod side;
mod table;

use std::time::Duration;

use serde_json::json;

use crate::arguments::Bench;
use crate::{Exit, Failure};
use load::Load;
use requests::Operation;
use service::{Product, Service, Setting};
use side::Side;
use table::{Quantity, Row};

/// How many clients.
const CLIENTS: [usize; 3] = [1, 8, MOST_CLIENTS];
const MOST_CLIENTS: usize = 64;
/// How many servers.
const SERVERS: [u8; 2] = [1, 3];

/// How much is measured.
struct Effort {
    /// How often each cell is measured on both sides.
    rounds: usize,
    /// How long a load counts in a round.
    length: Duration,
    /// How long each operation is done by the most clients before anything counts, on both sides: until then Java
    /// interprets and compiles.
    warm_up: Duration,
    /// How often both are started.
    starts: usize,
}

impl Effort {
    fn new(quick: bool) -> Effort {
        if quick {
            let (length, warm_up) = (Duration::from_millis(300), Duration::from_millis(500));
            return Effort { rounds: 1, length, warm_up, starts: 1 };
        }
        Effort { rounds: 5, length: Duration::from_millis(1500), warm_up: Duration::from_secs(5), starts: 5 }
    }
}

/// Measures and prints the table.
pub(super) fn beside(arguments: &Bench) -> Result<Exit, Failure> {
    service::check_apache()?;
    let no_runtime = |error| Failure::Other(format!("no runtime can be had: {error}"));
    // One thread: the servers need the others more.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(no_runtime)?;
    runtime.block_on(async {
        let mut report = Report { json: arguments.json, durable: !arguments.volatile, all_hold: true };
        tokio::select! {
            biased;
            () = told_to_end() => Err(Failure::Other("told to end: nothing more is measured".to_owned())),
            outcome = measure(arguments, &mut report) => outcome.map(|()| {
                if report.all_hold { Exit::Held } else { Exit::Other }
            }),
        }
    })
}

/// So that the servers end with the measurement, also if somebody loses patience.
async fn told_to_end() {
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated => {}
    }
}

/// Prints rows as they come.
struct Report {
    json: bool,
    durable: bool,
    all_hold: bool,
}

impl Report {
    fn head(&self, effort: &Effort, version: &str) {
        let Effort { rounds, length, warm_up, starts } = effort;
        let safety = if self.durable {
            "both durable: what is acknowledged has been written and synced (fsync)"
        } else {
            "both volatile: ours in memory, Apache ZooKeeper with forceSync=no"
        };
        let (window, data) = (load::WINDOW, requests::DATA);
        if self.json {
            println!(
                "{}",
                json!({"settings": {
                    "apache": version, "heap": service::HEAP, "durable": self.durable, "rounds": rounds, "starts": starts,
                    "round_ms": length.as_millis(), "warm_up_ms_each": warm_up.as_millis(), "window": window, "data": data,
                }})
            );
            return;
        }
        println!("Beside Apache ZooKeeper {version} (java {}); {safety}.", service::HEAP);
        println!(
            "Medians of {rounds} rounds of {length:?} in turns; each client keeps {window} requests under way, with {data} \
             bytes of data; {warm_up:?} of each operation by {} clients to warm up; {starts} starts.\n",
            MOST_CLIENTS,
        );
        println!("{}", table::HEAD);
    }

    fn row(&mut self, row: &Row) {
        self.all_hold &= row.holds();
        if self.json {
            println!("{}", row.json(self.durable));
        } else {
            println!("{}", row.line());
        }
    }
}

async fn measure(arguments: &Bench, report: &mut Report) -> Result<(), Failure> {
    let effort = Effort::new(arguments.quick);
    let wanted = |what: &str| arguments.only.as_ref().is_none_or(|only| what.contains(only.as_str()));
    report.head(&effort, &apache_version().await?);
    for servers in SERVERS {
        let setting = Setting { servers, durable: report.durable };
        let names = ["start to first answer", "resident memory after the same load"].map(|what| name(what, servers));
        if names.iter().any(|name| wanted(name)) {
            for row in starts_and_memory(setting, names, &effort).await? {
                report.row(&row);
            }
        }
        let cells = Operation::ALL.into_iter().flat_map(|operation| CLIENTS.map(|clients| (operation, clients)));
        let cell = |(operation, clients): (Operation, usize)| {
            let plural = if clients == 1 { "client" } else { "clients" };
            (operation, clients, name(&format!("{}, {clients} {plural}", operation.name()), servers))
        };
        let cells: Vec<_> = cells.map(cell).filter(|(.., what)| wanted(what)).collect();
        if !cells.is_empty() {
            throughputs(setting, cells, &effort, report).await?;
        }
    }
    Ok(())
}

fn name(what: &str, servers: u8) -> String {
    if servers == 1 { format!("{what}, standalone") } else { format!("{what}, {servers} servers") }
}

async fn apache_version() -> Result<String, Failure> {
    Service::start(Product::Apache, Setting { servers: 1, durable: false }).await?.version().await
}

/// Each start on an empty directory; memory after the last of them.
async fn starts_and_memory(setting: Setting, names: [String; 2], effort: &Effort) -> Result<[Row; 2], Failure> {
    let (mut starts, mut memory) = (Vec::new(), Vec::new());
    for round in 0..effort.starts {
        let is_last = round + 1 == effort.starts;
        let (our_start, our_memory) = side::start_and_memory(Product::Ours, setting, is_last).await?;
        let (apache_start, apache_memory) = side::start_and_memory(Product::Apache, setting, is_last).await?;
        starts.push((our_start, apache_start));
        memory.extend(our_memory.zip(apache_memory));
    }
    let [start, resident] = names;
    Ok([Row::new(start, Quantity::Start, &starts), Row::new(resident, Quantity::Memory, &memory)])
}

/// Both services side by side; only one is under load at a time, the other is idle.
async fn throughputs(
    setting: Setting,
    cells: Vec<(Operation, usize, String)>,
    effort: &Effort,
    report: &mut Report,
) -> Result<(), Failure> {
    let ours = Side::start(Product::Ours, setting, effort.warm_up).await?;
    let apache = Side::start(Product::Apache, setting, effort.warm_up).await?;
    let mut both = [ours, apache];
    for (operation, clients, what) in cells {
        let load = Load { operation, clients, length: effort.length };
        let mut pairs = Vec::new();
        for round in 0..effort.rounds {
            let mut rates = [0.0; 2];
            // Each side goes first as often as the other.
            for turn in 0..2 {
                let side = (round + turn) % 2;
                rates[side] = both[side].rate(load).await?;
            }
            pairs.push((rates[0], rates[1]));
        }
        report.row(&Row::new(what, Quantity::Throughput, &pairs));
    }
    Ok(())
}

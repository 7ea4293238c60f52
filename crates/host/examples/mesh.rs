//! What our links cost beside madsim's own TCP: a mesh of nodes, each pinging each other ten times a second.
//!
//! `cargo run --release -p interregnum-host --example mesh [SECONDS]`. Both networks carry the same messages in one
//! process, in turns; what counts is the ratio of the best times per message.

#[cfg(not(madsim))]
fn main() {
    eprintln!("there is no simulation in a build without --cfg madsim");
}

#[cfg(madsim)]
fn main() {
    let simulated = std::env::args().nth(1).map_or(600, |text| text.parse().expect("a number of virtual seconds"));
    for nodes in [3, 5, 9] {
        let (mut theirs, mut ours) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..5 {
            theirs = theirs.min(nanoseconds_per_message(|| madsims::run(nodes, simulated)));
            ours = ours.min(nanoseconds_per_message(|| ours::run(nodes, simulated)));
        }
        println!("{nodes} nodes: madsim {theirs:.0} ns a message, ours {ours:.0} ns, ratio {:.2}", ours / theirs);
    }
}

/// Real nanoseconds for each of the messages that `run` says it carried.
#[cfg(madsim)]
#[allow(clippy::disallowed_methods, reason = "this measures the simulator from outside")]
fn nanoseconds_per_message(run: impl FnOnce() -> u64) -> f64 {
    let begin = std::time::Instant::now();
    let messages = run();
    assert!(messages > 0, "messages were carried");
    begin.elapsed().as_nanos() as f64 / messages as f64
}

/// The same programs over either network: they differ in where their names come from.
#[cfg(madsim)]
macro_rules! programs {
    () => {
        /// Sends back what comes, whoever connects.
        async fn serve(listener: TcpListener) {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                spawn(async move {
                    let mut message = [0; 32];
                    while stream.read_exact(&mut message).await.is_ok() {
                        stream.write_all(&message).await.unwrap();
                        stream.flush().await.unwrap();
                    }
                });
            }
        }

        /// Pings one other node ten times a second.
        async fn ping(mut stream: TcpStream, messages: Arc<AtomicU64>) {
            let mut message = [7; 32];
            loop {
                sleep(std::time::Duration::from_millis(100)).await;
                stream.write_all(&message).await.unwrap();
                stream.flush().await.unwrap();
                stream.read_exact(&mut message).await.unwrap();
                messages.fetch_add(2, Ordering::Relaxed);
            }
        }

        async fn take_part(own: u64, nodes: u64, messages: Arc<AtomicU64>) {
            let listener = TcpListener::bind(address(own)).await.unwrap();
            spawn(serve(listener));
            sleep(std::time::Duration::from_secs(1)).await;
            for other in (0..nodes).filter(|other| *other != own) {
                let stream = TcpStream::connect(address(other)).await.unwrap();
                spawn(ping(stream, messages.clone()));
            }
            std::future::pending::<()>().await;
        }

        fn address(node: u64) -> std::net::SocketAddr {
            format!("10.0.0.{}:7", node + 1).parse().unwrap()
        }
    };
}

#[cfg(madsim)]
mod ours {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use history::{Keep, Log};
    use interregnum_host::net::{TcpListener, TcpStream};
    use interregnum_host::sim::{Options, simulate};
    use interregnum_host::{sleep, spawn};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    programs!();

    pub(crate) fn run(nodes: u64, seconds: u64) -> u64 {
        let messages = Arc::new(AtomicU64::new(0));
        let counter = messages.clone();
        let options = Options { seed: 1, scheduler_seed: 1, log: Log::new(Keep::Nothing) };
        let run = simulate(options, move |world| async move {
            for node in 0..nodes {
                let counter = counter.clone();
                world.add_node(&format!("n{node}"), move || take_part(node, nodes, counter.clone()));
            }
            world.sleep(std::time::Duration::from_secs(seconds)).await;
        });
        run.unwrap();
        messages.load(Ordering::Relaxed)
    }
}

#[cfg(madsim)]
mod madsims {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use madsim::net::{TcpListener, TcpStream};
    use madsim::runtime::{Handle, Runtime};
    use madsim::task::spawn;
    use madsim::time::sleep;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    programs!();

    pub(crate) fn run(nodes: u64, seconds: u64) -> u64 {
        let messages = Arc::new(AtomicU64::new(0));
        let counter = messages.clone();
        let run = std::thread::spawn(move || {
            let runtime = Runtime::with_seed_and_config(1, madsim::Config::default());
            runtime.block_on(async move {
                for node in 0..nodes {
                    let runtime = Handle::current();
                    let machine = runtime.create_node().ip(address(node).ip());
                    let counter = counter.clone();
                    machine.init(move || take_part(node, nodes, counter.clone())).build();
                }
                sleep(std::time::Duration::from_secs(seconds)).await;
            });
        });
        run.join().unwrap();
        messages.load(Ordering::Relaxed)
    }
}

//! Two machines on a steady link, a server on one of them, and a notebook for what processes saw.

use std::fmt::Debug;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use history::{Event, Keep, Log, NetworkEvent, Time};
use host::net::{TcpListener, TcpStream};
use host::sim::{Options, Quality, World, simulate};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// One way over the steady link.
pub const LATENCY: Duration = Duration::from_millis(10);
/// The port all servers listen on.
pub const PORT: &str = "2181";

/// Runs a world in which every packet takes [`LATENCY`].
pub fn run<Fut: Future<Output = ()> + 'static>(supervise: impl FnOnce(World) -> Fut + Send + 'static) {
    run_seed(1, |world| {
        world.network().set_default_quality(Quality::steady(LATENCY));
        supervise(world)
    });
}

/// Runs a world of this seed on default links.
pub fn run_seed<T: Send + 'static, Fut: Future<Output = T> + 'static>(
    seed: u64,
    supervise: impl FnOnce(World) -> Fut + Send + 'static,
) -> T {
    let options = Options { seed, scheduler_seed: seed, log: Log::new(Keep::Everything) };
    simulate(options, supervise).unwrap()
}

pub fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

pub fn secs(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// What processes saw, and when in true time.
#[derive(Debug)]
pub struct Notes<T>(Arc<Mutex<Vec<(Time, T)>>>);

impl<T> Clone for Notes<T> {
    fn clone(&self) -> Notes<T> {
        Notes(self.0.clone())
    }
}

impl<T: Clone + Debug> Notes<T> {
    pub fn new() -> Notes<T> {
        Notes(Arc::default())
    }

    pub fn write(&self, what: T) {
        self.0.lock().unwrap().push((World::current().now(), what));
    }

    pub fn all(&self) -> Vec<(Time, T)> {
        self.0.lock().unwrap().clone()
    }

    pub fn what(&self) -> Vec<T> {
        self.all().into_iter().map(|(_, what)| what).collect()
    }

    pub fn only(&self) -> (Time, T) {
        let all = self.all();
        assert_eq!(all.len(), 1, "one note, not {all:?}");
        all[0].clone()
    }
}

pub async fn connect(host: &str) -> io::Result<TcpStream> {
    let addresses = host::net::lookup(&format!("{host}:{PORT}")).await?;
    TcpStream::connect(addresses[0]).await
}

pub async fn listen() -> TcpListener {
    TcpListener::bind(format!("0.0.0.0:{PORT}").parse().unwrap()).await.unwrap()
}

/// What a read gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saw {
    Text(String),
    End,
    Error(ErrorKind),
}

pub fn text(text: &str) -> Saw {
    Saw::Text(text.to_owned())
}

/// Reads until the stream ends, noting each piece.
pub async fn read_all(mut stream: impl tokio::io::AsyncRead + Unpin, notes: Notes<Saw>) {
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) => return notes.write(Saw::End),
            Ok(count) => notes.write(Saw::Text(String::from_utf8_lossy(&buffer[..count]).into_owned())),
            Err(error) => return notes.write(Saw::Error(error.kind())),
        }
    }
}

/// A server that notes what it reads from each connection, and never closes one by itself.
pub fn add_reader(world: &World, name: &str, notes: &Notes<Saw>) {
    let notes = notes.clone();
    world.add_node(name, move || {
        let notes = notes.clone();
        async move {
            let listener = listen().await;
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let notes = notes.clone();
                let (read, write) = stream.into_split();
                host::spawn(async move {
                    read_all(read, notes).await;
                    std::future::pending::<()>().await;
                    drop(write);
                });
            }
        }
    });
}

/// A server that sends back what it reads.
pub fn add_echo(world: &World, name: &str) {
    world.add_node(name, || async {
        let listener = listen().await;
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            host::spawn(async move {
                let (mut read, mut write) = stream.into_split();
                let mut buffer = [0; 4096];
                while let Ok(count @ 1..) = read.read(&mut buffer).await {
                    if write.write_all(&buffer[..count]).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
}

/// A client that connects to `server`, writes each text at its second, and notes what it reads.
pub fn add_writer(world: &World, name: &str, server: &str, texts: &[(u64, &str)], notes: &Notes<Saw>) {
    let server = server.to_owned();
    let texts: Vec<(u64, String)> = texts.iter().map(|(at, text)| (*at, (*text).to_owned())).collect();
    let notes = notes.clone();
    world.add_node(name, move || {
        let (server, texts, notes) = (server.clone(), texts.clone(), notes.clone());
        async move {
            let begin = host::now();
            let (read, mut write) = connect(&server).await.unwrap().into_split();
            let reading = host::spawn(read_all(read, notes.clone()));
            for (at, text) in texts {
                host::sleep_until(begin + secs(at)).await;
                if let Err(error) = write.write_all(text.as_bytes()).await {
                    notes.write(Saw::Error(error.kind()));
                }
            }
            let _ = reading.await;
            std::future::pending::<()>().await;
        }
    });
}

/// Cuts both directions between two nodes.
pub fn part(world: &World, a: &str, b: &str) {
    world.network().cut(a, b);
    world.network().cut(b, a);
}

/// Heals both directions between two nodes.
pub fn join(world: &World, a: &str, b: &str) {
    world.network().heal(a, b);
    world.network().heal(b, a);
}

/// The network events told by a node, or by the world.
pub fn told(world: &World, node: Option<&str>) -> Vec<NetworkEvent> {
    let log = world.log();
    let records = log.kept().iter().filter(|record| record.node.as_deref() == node);
    records
        .filter_map(|record| match &record.event {
            Event::Network(event) => Some(event.clone()),
            _ => None,
        })
        .collect()
}

/// Asserts that an instant lies in a span, in milliseconds since the run began.
#[track_caller]
pub fn assert_between(at: Time, from: u64, to: u64) {
    let at = at.as_nanos() as f64 / 1e6;
    assert!(at >= from as f64 && at <= to as f64, "{at} ms is not in {from}..={to}");
}

//! The load: clients that each keep a window of requests under way, and a count of what was answered.
//!
//! All of it on one thread, as cheap as can be, for it shares the machine with what it measures: a client that has read
//! some answers writes as many new requests at once. Every answer is checked for its number and its error code.
//!
//! Latencies are not measured: with a full window they say no more than the throughput does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Barrier;

use super::requests::{self, Operation, Template};
use super::session::Session;
use crate::Failure;

/// How many requests a client keeps under way.
pub(super) const WINDOW: i32 = 64;
/// How long a load runs before it counts.
const RAMP: Duration = Duration::from_millis(200);
/// How long opening the sessions may take, and what comes after the count: what was created is removed.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is to be done by how many, for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) operation: Operation,
    pub(super) clients: usize,
    pub(super) length: Duration,
}

/// What the clients of one load share.
struct Shared {
    start: Barrier,
    answered: AtomicU64,
    is_over: AtomicBool,
}

/// Applies a load to servers, the clients spread over them in turn; gives the operations a second.
pub(super) async fn apply(load: Load, servers: &[SocketAddr]) -> Result<f64, Failure> {
    let shared = Arc::new(Shared {
        start: Barrier::new(load.clients + 1),
        answered: AtomicU64::new(0),
        is_over: AtomicBool::new(false),
    });
    let mut clients = Vec::new();
    for client in 0..load.clients {
        let address = servers[client % servers.len()];
        let session = host::timeout(PATIENCE, Session::open(address)).await.map_err(|host::Elapsed| silent(address))?;
        let session = session.map_err(|why| failed(address, &why))?;
        let task = host::spawn(run(session, load.operation, client, shared.clone()));
        clients.push((address, task));
    }
    shared.start.wait().await;
    host::sleep(RAMP).await;
    let (began, before) = (host::now(), shared.answered.load(Ordering::Relaxed));
    host::sleep(load.length).await;
    let (ended, after) = (host::now(), shared.answered.load(Ordering::Relaxed));
    shared.is_over.store(true, Ordering::Relaxed);
    for (address, task) in clients {
        match host::timeout(PATIENCE, task).await {
            Ok(Ok(outcome)) => outcome.map_err(|why| failed(address, &why))?,
            Ok(Err(host::JoinError)) => return Err(failed(address, "a client of the load panicked")),
            Err(host::Elapsed) => return Err(silent(address)),
        }
    }
    Ok((after - before) as f64 / (ended - began).as_secs_f64())
}

fn failed(address: SocketAddr, why: &str) -> Failure {
    Failure::Other(format!("the load on {address} failed: {why}"))
}

fn silent(address: SocketAddr) -> Failure {
    failed(address, "the server does not answer")
}

/// One client.
async fn run(session: Session, operation: Operation, client: usize, shared: Arc<Shared>) -> Result<(), String> {
    let mut pipeline = Pipeline::new(session);
    shared.start.wait().await;
    let template = Template::load(operation, client);
    let mut asked = WINDOW;
    pipeline.ask(&template, WINDOW).await?;
    while pipeline.is_waiting() {
        let answered = pipeline.answers().await?;
        shared.answered.fetch_add(u64::from(answered.unsigned_abs()), Ordering::Relaxed);
        if !shared.is_over.load(Ordering::Relaxed) {
            pipeline.ask(&template, answered).await?;
            asked += answered;
        }
    }
    if operation == Operation::Create {
        pipeline.restart();
        pipeline.ask_in_all(&Template::removal(client), asked).await?;
    }
    pipeline.session.close().await
}

/// A fixed number of operations, shared by clients; nothing is measured, and what was created stays.
pub(super) async fn apply_fixed(
    operation: Operation,
    clients: usize,
    each: i32,
    servers: &[SocketAddr],
) -> Result<(), Failure> {
    let mut tasks = Vec::new();
    for client in 0..clients {
        let address = servers[client % servers.len()];
        let task = host::spawn(async move {
            let mut pipeline = Pipeline::new(Session::open(address).await?);
            pipeline.ask_in_all(&Template::load(operation, client), each).await?;
            pipeline.session.close().await
        });
        tasks.push((address, task));
    }
    for (address, task) in tasks {
        match task.await {
            Ok(outcome) => outcome.map_err(|why| failed(address, &why))?,
            Err(host::JoinError) => return Err(failed(address, "a client of the load panicked")),
        }
    }
    Ok(())
}

/// A session with requests under way, numbered from 1.
struct Pipeline {
    session: Session,
    buffer: Vec<u8>,
    asked: i32,
    answered: i32,
}

impl Pipeline {
    fn new(session: Session) -> Pipeline {
        Pipeline { session, buffer: Vec::new(), asked: 0, answered: 0 }
    }

    /// The numbers begin anew.
    fn restart(&mut self) {
        (self.asked, self.answered) = (0, 0);
    }

    fn is_waiting(&self) -> bool {
        self.answered < self.asked
    }

    /// So many more requests, in one write.
    async fn ask(&mut self, template: &Template, count: i32) -> Result<(), String> {
        self.buffer.clear();
        for _ in 0..count {
            self.asked += 1;
            template.write(self.asked, &mut self.buffer);
        }
        self.session.write(&self.buffer).await
    }

    /// Waits for answers; tells how many came.
    async fn answers(&mut self) -> Result<i32, String> {
        let before = self.answered;
        loop {
            while let Some(frame) = self.session.ready_frame()? {
                self.answered += 1;
                requests::check(self.answered, &frame)?;
            }
            if self.answered > before {
                return Ok(self.answered - before);
            }
            let waiting = || format!("{} of {} requests are answered", self.answered, self.asked);
            self.session.read().await.map_err(|why| format!("{why}, {}", waiting()))?;
        }
    }

    /// So many requests, a window of them at a time, to the last answer.
    async fn ask_in_all(&mut self, template: &Template, count: i32) -> Result<(), String> {
        self.ask(template, WINDOW.min(count)).await?;
        while self.is_waiting() {
            let answered = self.answers().await?;
            self.ask(template, answered.min(count - self.asked)).await?;
        }
        Ok(())
    }
}

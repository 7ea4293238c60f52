//! Somebody who behaves, while others do not: how long it waits for its answers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use proto::{CreateMode, Request, SetDataRequest};

use crate::waiting::{Stopwatch, pause};
use crate::wire::{Connection, create};

/// How long it waits between two questions.
const BETWEEN: Duration = Duration::from_millis(5);

/// A client that reads and writes a znode of its own until it is asked how that went.
#[derive(Debug)]
pub struct Bystander {
    is_done: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Duration>>,
}

/// How long its answers took.
#[derive(Clone, Copy, Debug)]
pub struct Latency {
    /// How many answers there were.
    pub answers: usize,
    /// Half of them took no longer.
    pub median: Duration,
    /// 99 of 100 took no longer.
    pub percentile_99: Duration,
    /// None took longer.
    pub longest: Duration,
}

impl Bystander {
    /// Opens a session and begins.
    #[must_use]
    pub fn start(server: SocketAddr) -> Bystander {
        let is_done = Arc::new(AtomicBool::new(false));
        let asked = is_done.clone();
        let thread = std::thread::spawn(move || {
            let mut connection = Connection::with_session(server, Duration::from_secs(10)).expect("a session");
            let created = connection.ask(&create("/bystander", b"0", CreateMode::Ephemeral)).expect("an answer");
            created.expect("created");
            let mut latencies = Vec::new();
            while !asked.load(Ordering::SeqCst) {
                let content = latencies.len().to_string();
                let watch = Stopwatch::start();
                let data = Some(content.clone().into());
                let request = Request::SetData(SetDataRequest { path: "/bystander".into(), data, version: -1 });
                connection.ask(&request).expect("an answer").expect("written");
                assert_eq!(connection.get("/bystander").expect("it is there").0, content);
                latencies.push(watch.elapsed() / 2);
                pause(BETWEEN);
            }
            connection.ask(&Request::CloseSession).expect("an answer").expect("closed");
            latencies
        });
        Bystander { is_done, thread }
    }

    /// Ends it.
    ///
    /// # Panics
    /// If it was not served, or wrongly.
    #[must_use]
    pub fn finish(self) -> Latency {
        self.is_done.store(true, Ordering::SeqCst);
        let mut latencies = self.thread.join().expect("it was served");
        latencies.sort_unstable();
        let at = |percent: usize| latencies[(latencies.len() - 1) * percent / 100];
        Latency { answers: latencies.len(), median: at(50), percentile_99: at(99), longest: at(100) }
    }
}

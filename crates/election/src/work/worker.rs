//! The worker: listens for assignments, and refuses those of a leader of the past.
//!
//! The highest term of which it has accepted an assignment is safe on its disk before the assignment is accepted, so that
//! it holds in its next life too. Assignments are decided upon one at a time, and tasks are done one at a time.
//!
//! What it refuses to know: whether it has done a task before. At least once is what is promised.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use history::{Event, WorkEvent};
use host::net::{TcpListener, TcpStream};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::sync::{Mutex, mpsc};

use super::protocol::{Answer, Assignment};
use crate::mutant::Planted;
use crate::resource::{Fence, FenceError, read_line};

/// A connection on which so long nothing was asked is closed: who assigned has lost power, or is cut off.
const IDLE_MAX: Duration = Duration::from_secs(60);

/// What a worker starts from.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen.
    pub address: SocketAddr,
    /// Where to keep the highest term.
    pub directory: PathBuf,
    /// How long a task takes.
    pub work: Duration,
    pub(super) planted: Planted,
}

impl Options {
    /// A worker that listens on this address, with a tenth of a second of work a task.
    #[must_use]
    pub fn new(address: SocketAddr, directory: &Path) -> Options {
        Options {
            address,
            directory: directory.to_owned(),
            work: Duration::from_millis(100),
            planted: Planted::default(),
        }
    }
}

/// Works until the disk fails. Then nothing is known any more about the highest term, and the process has to end and be
/// started anew from what is really on the disk.
///
/// # Errors
/// Always, in the end: what the disk or the network reported.
pub async fn run(options: Options) -> io::Result<std::convert::Infallible> {
    let gate = Gate { fence: Some(Fence::open(&options.directory).await?), planted: options.planted };
    let worker = Worker { gate: Arc::new(Mutex::new(gate)), bench: Arc::default(), work: options.work };
    let listener = TcpListener::bind(options.address).await?;
    let (fail, mut failure) = mpsc::channel(1);
    loop {
        tokio::select! {
            biased;
            error = failure.recv() => return Err(error.expect("this task holds a sender")),
            accepted = listener.accept() => {
                // A connection that was lost while it waited is not worth a word.
                if let Ok((stream, _)) = accepted {
                    host::spawn(worker.clone().converse(stream, fail.clone()));
                }
            }
        }
    }
}

#[derive(Clone)]
struct Worker {
    gate: Arc<Mutex<Gate>>,
    /// Where tasks are done, one at a time.
    bench: Arc<Mutex<()>>,
    work: Duration,
}

impl Worker {
    /// Takes assignments from one connection until it ends.
    async fn converse(self, stream: TcpStream, fail: mpsc::Sender<io::Error>) {
        let (reader, mut writer) = stream.into_split();
        let mut reader = BufReader::new(reader);
        while let Ok(Ok(Some(line))) = host::timeout(IDLE_MAX, read_line(&mut reader)).await {
            let Some(assignment) = Assignment::from_line(&line) else { return };
            let refusal = match self.gate.lock().await.judge(&assignment).await {
                Ok(refusal) => refusal,
                Err(error) => {
                    // If the channel is full, somebody has said so already.
                    let _ = fail.try_send(error);
                    return;
                }
            };
            let answer = match refusal {
                Some(refusal) => refusal,
                None => self.do_task(&assignment).await,
            };
            if writer.write_all(answer.to_line().as_bytes()).await.is_err() {
                return;
            }
        }
    }

    async fn do_task(&self, assignment: &Assignment) -> Answer {
        let _bench = self.bench.lock().await;
        host::sleep(self.work).await;
        host::tell(Event::Work(WorkEvent::Done { task: assignment.task, term: assignment.term }));
        Answer::Done
    }
}

/// Decides on assignments, one at a time.
struct Gate {
    /// The highest term accepted; nothing after the disk has failed, and from then on nothing is decided.
    fence: Option<Fence>,
    planted: Planted,
}

impl Gate {
    /// Decides on an assignment. Gives the answer if it is not accepted.
    ///
    /// # Errors
    /// If the disk has failed; the assignment is not accepted, and none will be.
    async fn judge(&mut self, assignment: &Assignment) -> io::Result<Option<Answer>> {
        let Assignment { term, by, task } = assignment.clone();
        let fence = self.fence.as_mut().ok_or(io::ErrorKind::Other)?;
        match fence.highest() {
            Some(highest) if term < highest && !self.planted.forgets_terms() => {
                host::tell(Event::Work(WorkEvent::Refused { task, term, highest, by }));
                return Ok(Some(Answer::Refused { highest }));
            }
            Some(highest) if term <= highest => {}
            _ => match fence.raise(term).await {
                Ok(()) => {}
                Err(FenceError::Full) => {
                    host::tell_sometimes("worker's disk was full");
                    return Ok(Some(Answer::Failed { why: FenceError::Full.to_string() }));
                }
                Err(FenceError::Disk(error)) => {
                    host::tell_sometimes("worker's disk failed");
                    self.fence = None;
                    return Err(error);
                }
            },
        }
        host::tell(Event::Work(WorkEvent::Accepted { task, term, by }));
        Ok(None)
    }
}

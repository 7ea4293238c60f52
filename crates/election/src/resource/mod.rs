//! The fenced resource: what a leader acts on, and what protects itself from leaders of the past.
//!
//! A node of its own with a listening port. It keeps the highest token it has seen, safe on its disk before it answers,
//! and refuses acts that come with a lower one. Acts are taken in one at a time, so there is an order of effects; the
//! monitors are told in that order.
//!
//! What it refuses to be: a store. The acts themselves are told to the monitors and forgotten.

mod fence;
mod handle;
mod protocol;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use history::{Event, ResourceEvent, Term};
use host::net::{TcpListener, TcpStream};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::sync::{Mutex, mpsc};

pub use fence::{Fence, FenceError};
pub use handle::ResourceHandle;
use protocol::FenceOff;
pub(crate) use protocol::read_line;
pub use protocol::{Act, Verdict};

/// A connection on which so long nothing was asked is closed: its leader has lost power, or is cut off.
const IDLE_MAX: Duration = Duration::from_secs(60);

/// Whether a resource looks at the token of an act.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fencing {
    /// Acts under a token lower than the highest seen are refused.
    #[default]
    Checked,
    /// Every act takes effect. The token it came with is told to the monitors all the same.
    Unchecked,
    /// As [`Fencing::Checked`], but only an explicit act of fencing raises the fence, acts do not.
    Explicit,
}

/// A fenced resource that listens.
pub struct Resource {
    listener: TcpListener,
    gate: Arc<Mutex<Gate>>,
}

impl Resource {
    /// Reads the fence from `directory`, and listens on `address`.
    ///
    /// # Errors
    /// Whatever the disk or the network reports.
    pub async fn open(address: SocketAddr, directory: &Path, fencing: Fencing) -> io::Result<Resource> {
        let gate = Gate { fencing, fence: Some(Fence::open(directory).await?), latest: None };
        let listener = TcpListener::bind(address).await?;
        Ok(Resource { listener, gate: Arc::new(Mutex::new(gate)) })
    }

    /// The address listened on.
    ///
    /// # Errors
    /// Whatever the operating system reports.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until the disk fails. Then nothing is known any more about the fence, and the process has to end and be
    /// started anew, by whoever looks after it, from what is really on the disk.
    ///
    /// # Errors
    /// Always, in the end: what the disk reported.
    pub async fn serve(self) -> io::Result<()> {
        let (fail, mut failure) = mpsc::channel(1);
        loop {
            tokio::select! {
                biased;
                error = failure.recv() => return Err(error.expect("this task holds a sender")),
                accepted = self.listener.accept() => {
                    // A connection that was lost while it waited is not worth a word.
                    if let Ok((stream, _)) = accepted {
                        host::spawn(converse(stream, self.gate.clone(), fail.clone()));
                    }
                }
            }
        }
    }
}

/// Where a resource listens and what it keeps where.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen.
    pub address: SocketAddr,
    /// Where to keep the fence.
    pub directory: PathBuf,
    /// Whether tokens are looked at.
    pub fencing: Fencing,
}

/// The program of a resource's node: opens it and serves, until the disk fails.
///
/// # Errors
/// As for [`Resource::open`] and [`Resource::serve`].
pub async fn run(options: Options) -> io::Result<()> {
    Resource::open(options.address, &options.directory, options.fencing).await?.serve().await
}

/// Talks with one leader until it goes.
async fn converse(stream: TcpStream, gate: Arc<Mutex<Gate>>, fail: mpsc::Sender<io::Error>) {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    // Any end of the conversation is an end: the leader begins another one if it wants.
    while let Ok(Ok(Some(line))) = host::timeout(IDLE_MAX, protocol::read_line(&mut reader)).await {
        let judged = match (Act::from_line(&line), FenceOff::from_line(&line)) {
            (Some(act), _) => gate.lock().await.judge(act).await,
            (None, Some(fence)) => gate.lock().await.fence_off(fence).await,
            (None, None) => return,
        };
        let verdict = match judged {
            Ok(verdict) => verdict,
            Err(error) => {
                // If the channel is full, somebody has said so already.
                let _ = fail.try_send(error);
                return;
            }
        };
        if writer.write_all(verdict.to_line().as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Decides on acts, one at a time.
struct Gate {
    fencing: Fencing,
    /// `None` after the disk has failed: from then on nothing is decided.
    fence: Option<Fence>,
    /// The act that took effect last.
    latest: Option<Act>,
}

impl Gate {
    /// Decides on an act. When it is accepted, it has taken effect.
    ///
    /// # Errors
    /// If the disk has failed; the act has not taken effect, and none will.
    async fn judge(&mut self, act: Act) -> io::Result<Verdict> {
        if self.latest.as_ref() == Some(&act) {
            // Said again for want of an answer: it has taken effect already.
            return Ok(Verdict::Accepted);
        }
        let highest = self.highest()?;
        match highest {
            Some(highest) if act.term < highest && self.fencing != Fencing::Unchecked => {
                let Act { term, by, .. } = act;
                host::tell(Event::Resource(ResourceEvent::Refused { term, highest, by }));
                return Ok(Verdict::Refused { highest });
            }
            _ => {}
        }
        if highest.is_none_or(|highest| act.term > highest)
            && self.fencing != Fencing::Explicit
            && let Some(failed) = self.raise(act.term).await?
        {
            return Ok(failed);
        }
        let Act { term, by, act: what } = act.clone();
        host::tell(Event::Resource(ResourceEvent::Accepted { term, by, act: what }));
        self.latest = Some(act);
        Ok(Verdict::Accepted)
    }

    /// Raises the fence, if it is not there yet. When that is accepted, no act of an older term takes effect any more.
    ///
    /// # Errors
    /// If the disk has failed.
    async fn fence_off(&mut self, asked: FenceOff) -> io::Result<Verdict> {
        let FenceOff { term, by } = asked;
        match self.highest()? {
            Some(highest) if term < highest => {
                host::tell(Event::Resource(ResourceEvent::Refused { term, highest, by }));
                return Ok(Verdict::Refused { highest });
            }
            Some(highest) if term == highest => return Ok(Verdict::Accepted),
            _ => {}
        }
        if let Some(failed) = self.raise(term).await? {
            return Ok(failed);
        }
        host::tell(Event::Resource(ResourceEvent::Fenced { term, by }));
        Ok(Verdict::Accepted)
    }

    fn highest(&self) -> io::Result<Option<Term>> {
        Ok(self.fence.as_ref().ok_or(io::ErrorKind::Other)?.highest())
    }

    /// Gives what to answer if it was in vain.
    async fn raise(&mut self, term: Term) -> io::Result<Option<Verdict>> {
        let fence = self.fence.as_mut().ok_or(io::ErrorKind::Other)?;
        match fence.raise(term).await {
            Ok(()) => Ok(None),
            Err(FenceError::Full) => {
                host::tell_sometimes("resource's disk was full");
                Ok(Some(Verdict::Failed { why: FenceError::Full.to_string() }))
            }
            Err(FenceError::Disk(error)) => {
                host::tell_sometimes("resource's disk failed");
                self.fence = None;
                Err(error)
            }
        }
    }
}

#[cfg(test)]
mod tests;

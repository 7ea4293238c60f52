//! The shell around the replica: sockets, timers, tasks.
//!
//! One task runs the core; it alone touches the replica. Each connection has a task that reads and one that writes, and
//! one task accepts. The members of an ensemble talk over connections of their own ([`mesh`]). Whatever a client does, it
//! can hold up its own connection only: what is read is bounded by the inbox, what is not read by limits ([`backlog`]),
//! silence by a timeout.

mod backlog;
mod connection;
mod core;
mod engine;
mod error;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod mesh;
mod roster;
#[cfg(feature = "tls")]
mod tls;
#[cfg(not(feature = "tls"))]
#[path = "tls/absent.rs"]
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use host::JoinHandle;
use host::net::{TcpListener, TcpStream, lookup};
use tokio::sync::mpsc;

use crate::config::{Config, Ensemble};
use crate::replica::ConnectionId;
use crate::secure::Secure;
use crate::storage::{Recovery, Storage};
use mesh::Mesh;
use roster::Roster;

pub use error::Error;

/// How many messages may wait for the core before readers wait too.
const INBOX: usize = 1024;
/// How long to wait after an accept that failed, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A server, listening. Nobody is served before [`Server::run`].
pub struct Server {
    config: Arc<Config>,
    /// Where it listens for clients without TLS, and where with it.
    plain: Option<TcpListener>,
    secure: Option<(TcpListener, tls::Acceptor)>,
    /// The same as addresses, as far as there are any.
    addresses: [Option<SocketAddr>; 2],
    recovery: Recovery,
    storage: Option<Storage>,
    /// Where it talks to the other members of its ensemble.
    peers: Option<TcpListener>,
}

/// What the core hears.
enum Message {
    /// Somebody connected.
    Accepted { stream: TcpStream, peer: SocketAddr, is_secure: bool },
    /// A connection has shaken hands, and shown a certificate with this subject.
    Secured { id: ConnectionId, subject: Option<String> },
    /// A connection sent whole frames.
    Frames { id: ConnectionId, frames: Vec<Bytes> },
    /// A client whose requests are kept back has read most of what waited for it.
    CaughtUp { id: ConnectionId },
    /// A connection started with a four-letter word.
    Word { id: ConnectionId, word: &'static str },
    /// A connection has ended, or is not to go on.
    Gone { id: ConnectionId },
}

impl Server {
    /// Recovers what is on disk, if the settings name a directory, and listens.
    ///
    /// # Errors
    /// If the address is taken, a setting makes no sense, or the data on disk cannot be used.
    pub async fn bind(config: Config) -> Result<Server, Error> {
        if config.server_id == u8::MAX {
            return Err(Error::Config("the server id 255 would make its sessions look like TTL znodes"));
        }
        if config.tick < Duration::from_millis(1) {
            return Err(Error::Config("a tick is at least a millisecond"));
        }
        let peers = match &config.ensemble {
            Some(ensemble) => Some(listen_for_peers(config.server_id, ensemble).await?),
            None => None,
        };
        let (secure, secure_address) = match &config.secure {
            Some(secure) => {
                // What is wrong with the stores is told before a port is taken.
                let acceptor = tls::Acceptor::load(secure).await?;
                let (listener, address) = listen(secure.listen).await?;
                (Some((listener, acceptor)), Some(address))
            }
            None => (None, None),
        };
        let (plain, address) = match &config.secure {
            Some(Secure { is_only: true, .. }) => (None, None),
            _ => listen(config.listen).await.map(|(listener, address)| (Some(listener), Some(address)))?,
        };
        let (storage, recovery) = match &config.data {
            Some(directory) => {
                let (storage, recovery) = Storage::open(directory, config.snapshots_kept).await?;
                (Some(storage), recovery)
            }
            None => (None, Recovery::default()),
        };
        let addresses = [address, secure_address];
        Ok(Server { config: Arc::new(config), plain, secure, addresses, recovery, storage, peers })
    }

    /// Where it listens: without TLS, if it does that.
    ///
    /// # Panics
    /// Never: it listens somewhere.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.addresses.into_iter().flatten().next().expect("a server listens somewhere")
    }

    /// Where it listens for TLS, if it does.
    #[must_use]
    pub fn secure_address(&self) -> Option<SocketAddr> {
        self.addresses[1]
    }

    /// Serves until something goes wrong that a server must not survive. Dropping the future ends the server.
    ///
    /// # Errors
    /// If writes can no longer be made safe.
    pub async fn run(self) -> Result<(), Error> {
        let (sender, inbox) = mpsc::channel(INBOX);
        let listening = |listener, is_secure| Task(host::spawn(accept(listener, is_secure, sender.clone())));
        let _plain = self.plain.map(|listener| listening(listener, false));
        let (_secure, acceptor) =
            self.secure.map(|(listener, acceptor)| (listening(listener, true), Arc::new(acceptor))).unzip();
        let (mesh, heard) = match (&self.config.ensemble, self.peers) {
            (Some(ensemble), Some(listener)) => {
                let (mesh, heard) = Mesh::start(&self.config, ensemble, listener);
                (Some(mesh), Some(heard))
            }
            _ => (None, None),
        };
        let roster = Roster::new(self.config.clone(), acceptor, sender);
        core::Core::new(self.config, self.recovery, self.storage, mesh, roster).run(inbox, heard).await
    }
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |source| Error::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Listens where the other members expect this one.
async fn listen_for_peers(id: u8, ensemble: &Ensemble) -> Result<TcpListener, Error> {
    let Some(member) = ensemble.members.get(&id) else {
        return Err(Error::Config("the server is no member of its own ensemble"));
    };
    if ensemble.members.values().all(|member| member.observes) {
        return Err(Error::Config("an ensemble needs a member that votes"));
    }
    let name = format!("{}:{}", member.host, member.port);
    let unknown = |source| Error::Peers { address: name.clone(), source };
    let address = lookup(&name).await.map_err(unknown)?.into_iter().next();
    let address = address.ok_or_else(|| unknown(std::io::ErrorKind::NotFound.into()))?;
    TcpListener::bind(address).await.map_err(unknown)
}

async fn accept(listener: TcpListener, is_secure: bool, inbox: mpsc::Sender<Message>) {
    let mut is_failing = false;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                is_failing = false;
                // Who came over IPv4 to a socket that takes both is known by the IPv4 address, as in Java: lists and limits
                // are about that.
                let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
                if inbox.send(Message::Accepted { stream, peer, is_secure }).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                // Once, not ten times a second for as long as it lasts.
                if !std::mem::replace(&mut is_failing, true) {
                    tracing::warn!(%error, "no connection can be accepted for now: those that are open are served on");
                }
                host::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// A task that ends when nobody holds it any more.
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

//! Servers of either maker, so that one test can be made against both: ours, and what it is measured against.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::apache::{self, Apache};
use crate::compatibility::{Record, Server};
use crate::ensemble::{Ensemble, Settings};
use crate::service::{Service, scratch};
use crate::waiting::{PATIENCE, eventually};
use crate::words::Status;

/// Short, so that sessions expire soon: of 1 s at the least.
pub const TICK: Duration = Duration::from_millis(500);

/// Whose servers they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// Ours.
    Interregnum,
    /// The original.
    Apache,
}

impl Maker {
    /// As it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Maker::Interregnum => "interregnum",
            Maker::Apache => "Apache ZooKeeper",
        }
    }

    /// As the page of what clients see knows it.
    #[must_use]
    pub fn server(self, members: u8) -> Server {
        match self {
            Maker::Interregnum => Server::interregnum(members),
            Maker::Apache => Server::apache(members),
        }
    }

    /// So many servers.
    ///
    /// # Panics
    /// If they do not get ready.
    #[must_use]
    pub fn servers(self, members: u8) -> Servers {
        match members {
            1 => self.alone(),
            3 => self.ensemble(),
            _ => panic!("one stands alone, and three are an ensemble"),
        }
    }

    /// Installs it if it is not there and that is possible.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub fn obtain(self) -> Result<(), String> {
        match self {
            Maker::Interregnum => Ok(()),
            Maker::Apache => apache::obtain(),
        }
    }

    /// A server that stands alone.
    ///
    /// # Panics
    /// If it does not get ready.
    #[must_use]
    pub fn alone(self) -> Servers {
        let (directory, data) = scratch();
        let kind = match self {
            Maker::Interregnum => Kind::Service(Some(service("127.0.0.1:0", &data))),
            Maker::Apache => Kind::Apache(vec![Some(Apache::on(&data, TICK))]),
        };
        Servers { kind, down: None, data, _directory: directory }
    }

    /// Three servers that are an ensemble.
    ///
    /// # Panics
    /// If they do not get ready.
    #[must_use]
    pub fn ensemble(self) -> Servers {
        let (directory, data) = scratch();
        let kind = match self {
            Maker::Interregnum => Kind::Ensemble(Ensemble::start(Settings { tick: TICK, ..Settings::default() })),
            Maker::Apache => Kind::Apache(Apache::ensemble(&data, TICK).into_iter().map(Some).collect()),
        };
        Servers { kind, down: None, data, _directory: directory }
    }
}

/// Makes a run against one server and against three, of either maker: of both at once, since most of it is waiting.
///
/// # Panics
/// If a run does.
pub fn records(run: impl Fn(Maker, &mut Servers, u8) -> Record + Sync) -> Vec<Record> {
    let of = |maker: Maker| [1, 3].map(|members| run(maker, &mut maker.servers(members), members));
    std::thread::scope(|scope| {
        let theirs = scope.spawn(|| of(Maker::Apache));
        let ours = of(Maker::Interregnum);
        let theirs = theirs.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        ours.into_iter().chain(theirs).collect()
    })
}

/// Running servers. They end with this.
#[derive(Debug)]
pub struct Servers {
    // Dropped in this order: their data are theirs until they have ended.
    kind: Kind,
    down: Option<SocketAddr>,
    data: PathBuf,
    _directory: TempDir,
}

#[derive(Debug)]
enum Kind {
    Service(Option<Service>),
    Ensemble(Ensemble),
    Apache(Vec<Option<Apache>>),
}

impl Servers {
    /// Where those are that have not been killed.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        match &self.kind {
            Kind::Service(service) => service.iter().map(Service::address).collect(),
            Kind::Ensemble(ensemble) => {
                ensemble.ids().filter(|id| ensemble.is_running(*id)).map(|id| ensemble.address(id)).collect()
            }
            Kind::Apache(servers) => servers.iter().flatten().map(Apache::address).collect(),
        }
    }

    /// Where clients find those that have not been killed.
    #[must_use]
    pub fn connect_string(&self) -> String {
        let addresses: Vec<String> = self.addresses().iter().map(SocketAddr::to_string).collect();
        addresses.join(",")
    }

    /// The servers of an ensemble that serve: a leader, `leader`, or one of its followers, `follower`, comes first.
    ///
    /// # Panics
    /// If none is of that mode.
    #[must_use]
    pub fn beginning_with(&self, mode: &str) -> Vec<SocketAddr> {
        let mut addresses = self.addresses();
        let first = eventually(&format!("a {mode}"), PATIENCE, || {
            let is_one = |address: &SocketAddr| Status::of(*address).is_some_and(|status| status.mode == mode);
            addresses.iter().position(is_one)
        });
        addresses.swap(0, first);
        addresses
    }

    /// SIGKILL to the server that leads.
    ///
    /// # Panics
    /// If none leads.
    pub fn kill_leader(&mut self) {
        assert!(!matches!(self.kind, Kind::Service(_)), "a server that stands alone does not lead");
        let leader = self.beginning_with("leader")[0];
        self.kill(leader);
    }

    /// SIGKILL to the server that leads, or to the only one.
    ///
    /// # Panics
    /// If there is none.
    pub fn kill_first(&mut self) {
        let addresses = self.addresses();
        let first = if addresses.len() == 1 { addresses[0] } else { self.beginning_with("leader")[0] };
        self.kill(first);
    }

    fn kill(&mut self, address: SocketAddr) {
        match &mut self.kind {
            Kind::Service(service) => service.take().expect("it runs").kill(),
            Kind::Ensemble(ensemble) => {
                let id = ensemble.ids().find(|id| ensemble.address(*id) == address).expect("it is one of them");
                ensemble.kill(id);
            }
            Kind::Apache(servers) => {
                let is_it =
                    |server: &&mut Option<Apache>| server.as_ref().is_some_and(|server| server.address() == address);
                servers.iter_mut().find(is_it).and_then(Option::take).expect("it is one of them").kill();
            }
        }
        self.down = Some(address);
    }

    /// Starts the server again that was killed last, where it was and with its data, and waits until it serves.
    ///
    /// # Panics
    /// If none was, or it does not get ready.
    pub fn restart(&mut self) {
        let address = self.down.take().expect("one was killed");
        match &mut self.kind {
            Kind::Service(place) => *place = Some(service(&address.to_string(), &self.data)),
            Kind::Ensemble(ensemble) => {
                let id = ensemble.ids().find(|id| ensemble.address(*id) == address).expect("it is one of them");
                ensemble.start_server(id);
                ensemble.wait_until_whole();
            }
            Kind::Apache(servers) => {
                let alone = servers.len() == 1;
                let place = servers.iter().position(Option::is_none).expect("one was killed");
                let data = if alone { self.data.clone() } else { self.data.join((place + 1).to_string()) };
                servers[place] = Some(Apache::resume(address, &data));
            }
        }
    }
}

/// Ours alone, at this address and with its data in this directory.
fn service(listen: &str, data: &Path) -> Service {
    let tick = format!("{}ms", TICK.as_millis());
    let arguments = ["--tick", &tick, "--four-letter-words", "*", "--data"].map(OsStr::new);
    Service::listen(listen, &[&arguments[..], &[data.as_os_str()]].concat())
}

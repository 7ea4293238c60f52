//! The two services that are measured, each as it is run: one server or three, as processes of their own.
//!
//! Both read the same settings from the same kind of file, so that neither has an advantage in them. What Apache
//! ZooKeeper does beyond the service is turned off (the admin server, its log of messages), in its favour.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use interregnum::UserError;
use proto::{GetDataRequest, Request};
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::process::Process;
use super::session::{Session, ask_word};
use crate::Failure;

/// Apache ZooKeeper as Debian packages it; the file names all that it needs beside it.
const JAR: &str = "/usr/share/java/zookeeper.jar";
/// The heap that `zkServer.sh` gives a server unless it is told otherwise (`ZK_SERVER_HEAP`).
pub(super) const HEAP: &str = "-Xmx1000m";
/// How long a service may take until it serves.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long to wait before a server that did not answer is asked again: such a part of the time that it has had, so that
/// all starts are measured equally well, within these bounds. Whoever asks more often takes the time from the server.
const PAUSE_PART: u32 = 50;
const PAUSE_SHORTEST: Duration = Duration::from_micros(200);
const PAUSE_LONGEST: Duration = Duration::from_millis(2);
/// How often a group of free ports is looked for.
const PORT_ATTEMPTS: usize = 100;

/// Whose service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    /// This project's: this very program.
    Ours,
    /// Apache ZooKeeper.
    Apache,
}

/// How a service is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    /// How many servers.
    pub(super) servers: u8,
    /// Whether what is acknowledged is safe on the disk.
    pub(super) durable: bool,
}

/// A running service.
pub(super) struct Service {
    product: Product,
    processes: Vec<Process>,
    addresses: Vec<SocketAddr>,
    /// How long it took from the start to the first answer.
    pub(super) start: Duration,
    /// Where it keeps everything; gone with the service, after the processes.
    _directory: TempDir,
}

/// Fails in one line if there is no Apache ZooKeeper here.
pub(super) fn check_apache() -> Result<(), UserError> {
    let lacks = |what: &str| {
        UserError::Mismatch(format!(
            "--beside-zookeeper: there is no Apache ZooKeeper to measure beside, {what}: \
             `apt-get install zookeeper` brings it"
        ))
    };
    if !Path::new(JAR).exists() {
        return Err(lacks(&format!("no {JAR}")));
    }
    match Command::new("java").arg("-version").output() {
        Ok(output) if output.status.success() => Ok(()),
        _ => Err(lacks("no `java` that runs")),
    }
}

impl Service {
    /// Starts a service, and waits for its first answer.
    pub(super) async fn start(product: Product, setting: Setting) -> Result<Service, Failure> {
        let directory = tempfile::tempdir().map_err(|error| no_room(&error))?;
        let ports = free_ports(setting.servers).map_err(|error| Failure::Other(format!("no free ports: {error}")))?;
        let mut commands = commands(product, setting, &ports, directory.path())?;
        let began = host::now();
        let mut processes = Vec::new();
        for (index, command) in commands.iter_mut().enumerate() {
            processes.push(Process::start(command, &directory.path().join(format!("said.{index}")))?);
        }
        let clients = &ports[..usize::from(setting.servers)];
        let addresses = clients.iter().map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, *port))).collect();
        let mut service = Service { product, processes, addresses, start: Duration::ZERO, _directory: directory };
        service.first_answer().await.map_err(|failure| service.blame(&failure))?;
        service.start = host::now() - began;
        Ok(service)
    }

    /// Waits until any of the servers has answered a request.
    async fn first_answer(&mut self) -> Result<(), Failure> {
        let (sender, mut answered) = mpsc::channel(1);
        let began = host::now();
        for address in self.addresses.clone() {
            let sender = sender.clone();
            host::spawn(async move {
                while !sender.is_closed() {
                    if let Some(session) = answered_by(address).await {
                        // Another server may have been faster.
                        let _ = sender.try_send(());
                        // Unless it is closed it expires: either way it is gone.
                        let _ = session.close().await;
                        return;
                    }
                    pause_after(host::now() - began).await;
                }
            });
        }
        let deadline = host::now() + PATIENCE;
        while host::now() < deadline {
            if host::timeout(Duration::from_millis(100), answered.recv()).await.is_ok() {
                return Ok(());
            }
            self.check()?;
        }
        Err(Failure::Other(format!("no server has answered within {} s", PATIENCE.as_secs())))
    }

    /// Waits until all servers serve; gives their addresses, the leader's first, so that a single client is served by the
    /// leader of either product.
    pub(super) async fn servers(&mut self) -> Result<Vec<SocketAddr>, Failure> {
        let deadline = host::now() + PATIENCE;
        let mut servers = Vec::new();
        for address in self.addresses.clone() {
            let session = loop {
                if let Some(session) = answered_by(address).await {
                    break session;
                }
                self.check()?;
                if host::now() >= deadline {
                    return Err(Failure::Other(format!("the server at {address} does not serve")));
                }
                host::sleep(PAUSE_LONGEST).await;
            };
            session.close().await.map_err(Failure::Other)?;
            let report = ask_word(address, "srvr").await.map_err(Failure::Other)?;
            let leads = report.lines().any(|line| line == "Mode: leader" || line == "Mode: standalone");
            servers.push((!leads, address));
        }
        servers.sort_unstable();
        if servers[0].0 {
            return Err(Failure::Other("no server says that it leads".to_owned()));
        }
        Ok(servers.into_iter().map(|(_, address)| address).collect())
    }

    /// Which version it says it is.
    pub(super) async fn version(&self) -> Result<String, Failure> {
        let report = ask_word(self.addresses[0], "srvr").await.map_err(Failure::Other)?;
        let version = report.lines().find_map(|line| line.strip_prefix("Zookeeper version: "));
        let version = version.and_then(|version| version.split([',', '-']).next());
        version.map(str::to_owned).ok_or_else(|| Failure::Other("a server does not tell its version".to_owned()))
    }

    /// The resident memory of all its processes, in MiB.
    pub(super) fn resident_mebibytes(&self) -> Result<f64, Failure> {
        let mut total = 0;
        for process in &self.processes {
            total += process.resident_kibibytes()?;
        }
        Ok(total as f64 / 1024.0)
    }

    /// A failure of this service, or of work with it: whose it is, and what its servers said last.
    pub(super) fn blame(&self, failure: &Failure) -> Failure {
        let whose = match self.product {
            Product::Ours => "this service",
            Product::Apache => "Apache ZooKeeper",
        };
        let said: Vec<String> = self.processes.iter().filter_map(Process::last_said).collect();
        let said = if said.is_empty() { "its servers said nothing".to_owned() } else { said.join("; ") };
        Failure::Other(format!("{whose}: {failure}: {said}"))
    }

    /// Fails if a process has ended.
    fn check(&mut self) -> Result<(), Failure> {
        self.processes.iter_mut().try_for_each(Process::check)
    }
}

/// Waits before a server is asked again that has had so much time already.
async fn pause_after(passed: Duration) {
    let pause = pause(passed);
    if pause < Duration::from_millis(1) {
        // The runtime's timers are too coarse. It has nothing else to do.
        std::thread::park_timeout(pause);
        host::yield_now().await;
    } else {
        host::sleep(pause).await;
    }
}

fn pause(passed: Duration) -> Duration {
    (passed / PAUSE_PART).clamp(PAUSE_SHORTEST, PAUSE_LONGEST)
}

/// A session that has had an answer from a server, if it serves.
async fn answered_by(address: SocketAddr) -> Option<Session> {
    let ask = async {
        let mut session = Session::open(address).await.ok()?;
        let request = Request::GetData(GetDataRequest { path: "/".to_owned(), watch: false });
        session.ask(&request).await.ok()?.ok()?;
        Some(session)
    };
    host::timeout(Duration::from_secs(2), ask).await.ok()?
}

/// What starts each process, with its files in place.
fn commands(product: Product, setting: Setting, ports: &[u16], directory: &Path) -> Result<Vec<Command>, Failure> {
    if product == Product::Ours && !setting.durable {
        let mut command = ourselves()?;
        command.args(["--listen", &format!("127.0.0.1:{}", ports[0]), "--connections-per-address", "0"]);
        command.args(["--ensemble", &setting.servers.to_string()]);
        return Ok(vec![command]);
    }
    let mut commands = Vec::new();
    for id in 1..=setting.servers {
        let data = directory.join(id.to_string());
        let file = directory.join(format!("zoo.{id}.cfg"));
        fs::create_dir(&data)
            .and_then(|()| fs::write(data.join("myid"), id.to_string()))
            .and_then(|()| fs::write(&file, settings(id, setting, ports, &data)))
            .map_err(|error| no_room(&error))?;
        let mut command = match product {
            Product::Ours => {
                let mut command = ourselves()?;
                command.arg("--config");
                command
            }
            Product::Apache => {
                let mut command = Command::new("java");
                command.args([HEAP, "-cp", JAR, "org.apache.zookeeper.server.quorum.QuorumPeerMain"]);
                command
            }
        };
        command.arg(file);
        commands.push(command);
    }
    Ok(commands)
}

fn ourselves() -> Result<Command, Failure> {
    let program = std::env::current_exe();
    let mut command =
        Command::new(program.map_err(|error| Failure::Other(format!("this program is not found: {error}")))?);
    command.arg("serve");
    Ok(command)
}

fn no_room(error: &io::Error) -> Failure {
    Failure::Other(format!("no temporary directory can be had: {error}"))
}

/// The settings of one server, the same for both products. The ports are those for clients, those of the members, and
/// those that Apache ZooKeeper elects on.
fn settings(id: u8, setting: Setting, ports: &[u16], data: &Path) -> String {
    let servers = usize::from(setting.servers);
    let mut text = format!(
        "tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir={}\nclientPortAddress=127.0.0.1\nclientPort={}\n\
         maxClientCnxns=0\n4lw.commands.whitelist=srvr\nadmin.enableServer=false\n",
        data.display(),
        ports[usize::from(id) - 1],
    );
    if !setting.durable {
        text.push_str("forceSync=no\n");
    }
    if servers > 1 {
        for member in 1..=servers {
            let (peer, election) = (ports[servers + member - 1], ports[2 * servers + member - 1]);
            text.push_str(&format!("server.{member}=127.0.0.1:{peer}:{election}\n"));
        }
    }
    text
}

/// Three ports for each server, all of them free a moment ago. The first ones follow each other: so `serve --ensemble`
/// wants them.
fn free_ports(servers: u8) -> io::Result<Vec<u16>> {
    let bind = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    'attempt: for _ in 0..PORT_ATTEMPTS {
        let first = bind(0)?;
        let mut ports = vec![first.local_addr()?.port()];
        let mut held = vec![first];
        for next in 1..u16::from(servers) {
            match ports[0].checked_add(next).map(bind) {
                Some(Ok(listener)) => held.push(listener),
                Some(Err(error)) => {
                    last = error;
                    continue 'attempt;
                }
                None => continue 'attempt,
            }
            ports.push(ports[0] + next);
        }
        for _ in 0..2 * servers {
            let listener = bind(0)?;
            ports.push(listener.local_addr()?.port());
            held.push(listener);
        }
        return Ok(ports);
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_say_whether_writes_are_safe_and_who_the_members_are() {
        let ports = [11, 12, 13, 21, 22, 23, 31, 32, 33];
        let data = Path::new("data");
        let three = settings(2, Setting { servers: 3, durable: true }, &ports, data);
        assert!(three.contains("clientPort=12\n") && three.contains("dataDir=data\n"), "{three}");
        assert!(three.ends_with("server.1=127.0.0.1:21:31\nserver.2=127.0.0.1:22:32\nserver.3=127.0.0.1:23:33\n"));
        assert!(!three.contains("forceSync"));
        let alone = settings(1, Setting { servers: 1, durable: false }, &[11, 21, 31], data);
        assert!(alone.ends_with("forceSync=no\n"), "{alone}");
    }

    #[test]
    fn the_longer_a_start_takes_the_more_rarely_it_is_asked_about() {
        let pauses = [0, 20, 50, 500].map(|passed| pause(Duration::from_millis(passed)));
        assert_eq!(pauses, [200, 400, 1_000, 2_000].map(Duration::from_micros));
    }

    #[test]
    fn ports_are_three_for_each_server_and_no_two_alike() {
        let ports = free_ports(3).expect("there are free ports");
        assert_eq!((ports[1], ports[2]), (ports[0] + 1, ports[0] + 2));
        let mut all = ports.clone();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 9, "{ports:?}");
    }
}

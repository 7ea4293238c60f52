//! Apache ZooKeeper, as Debian packages it: what the service is measured against.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use crate::ensemble::free_port;
use crate::kazoo::is_there;
use crate::process::{Process, run};
use crate::waiting::{PATIENCE, eventually};
use crate::words::Status;

const JAR: &str = "/usr/share/java/zookeeper.jar";

/// Installs it if it is not there and that is possible.
///
/// # Errors
/// Why it cannot be had.
pub fn obtain() -> Result<(), String> {
    static OUTCOME: OnceLock<Result<(), String>> = OnceLock::new();
    OUTCOME.get_or_init(install).clone()
}

fn install() -> Result<(), String> {
    install_package("zookeeper", || Path::new(JAR).exists() && is_there("java"))
}

/// Installs a package of Debian if what it brings is not there.
///
/// # Errors
/// Why it cannot be had.
pub fn install_package(package: &str, is_installed: impl Fn() -> bool) -> Result<(), String> {
    if is_installed() {
        return Ok(());
    }
    if !is_there("apt-get") {
        return Err(format!("{package} is not installed, and there is no apt-get to install it with"));
    }
    let apt = |arguments: &[&str]| {
        let command = &mut Command::new("apt-get");
        // Another test process may be at it.
        let patient = command.args(["-o", "DPkg::Lock::Timeout=300"]).args(arguments);
        run(patient.env("DEBIAN_FRONTEND", "noninteractive"), Duration::from_secs(600))
    };
    apt(&["update", "-qq"]);
    let finished = apt(&["install", "-y", "-qq", "--no-install-recommends", package]);
    if finished.code == Some(0) && is_installed() {
        return Ok(());
    }
    let last = finished.complaints.lines().last().unwrap_or("it did not say why");
    Err(format!("apt-get could not install {package}: {last}"))
}

/// The version that is installed, as its library is named.
///
/// # Panics
/// If it is not installed.
#[must_use]
pub fn version() -> String {
    // A link to it bears the version in its name.
    let library = Path::new(JAR);
    let beside = fs::read_dir(library.parent().expect("it lies in a directory")).expect("the directory is readable");
    let version = beside.flatten().find_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let version = name.strip_prefix("zookeeper-")?.strip_suffix(".jar")?.to_owned();
        version.starts_with(|first: char| first.is_ascii_digit()).then_some(version)
    });
    version.unwrap_or_else(|| panic!("nothing beside {JAR} bears its version"))
}

/// A running Apache ZooKeeper.
#[derive(Debug)]
pub struct Apache {
    process: Process,
    address: SocketAddr,
}

impl Apache {
    /// Starts a server at a free port, with its data in this directory.
    ///
    /// # Panics
    /// If it does not get ready.
    #[must_use]
    pub fn on(data: &Path, tick: Duration) -> Apache {
        // Another process may take the port in between; ZooKeeper cannot say which one it got, so it has to be told.
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        Apache::listen(free.expect("there is a free port"), data, tick)
    }

    /// Starts a server at this address.
    ///
    /// # Panics
    /// If it does not get ready.
    #[must_use]
    pub fn listen(address: SocketAddr, data: &Path, tick: Duration) -> Apache {
        let mut server = Apache::launch(address, data, tick, "");
        server.wait();
        server
    }

    /// Starts a server at a free port with further lines in its settings.
    ///
    /// # Panics
    /// If it does not get ready.
    #[must_use]
    pub fn with_settings(data: &Path, tick: Duration, further: &str) -> Apache {
        let mut server = Apache::launch(SocketAddr::from(([127, 0, 0, 1], free_port())), data, tick, further);
        server.wait();
        server
    }

    /// Starts three servers that are an ensemble, with their data below this directory.
    ///
    /// # Panics
    /// If they do not get ready.
    #[must_use]
    pub fn ensemble(data: &Path, tick: Duration) -> Vec<Apache> {
        let members: Vec<String> =
            (1..=3).map(|id| format!("server.{id}=127.0.0.1:{}:{}\n", free_port(), free_port())).collect();
        let settings = format!("initLimit=10\nsyncLimit=5\n{}", members.concat());
        let launch = |id: u8| {
            let data = data.join(id.to_string());
            fs::create_dir_all(&data).expect("the directory can be made");
            fs::write(data.join("myid"), id.to_string()).expect("the id can be written");
            Apache::launch(SocketAddr::from(([127, 0, 0, 1], free_port())), &data, tick, &settings)
        };
        let mut servers: Vec<Apache> = (1..=3).map(launch).collect();
        servers.iter_mut().for_each(Apache::wait);
        servers
    }

    fn launch(address: SocketAddr, data: &Path, tick: Duration, further: &str) -> Apache {
        fs::create_dir_all(data).expect("the directory can be made");
        let settings = data.join("zoo.cfg");
        let text = format!(
            "tickTime={}\ndataDir={}\nclientPortAddress={}\nclientPort={}\n4lw.commands.whitelist=*\n\
             admin.enableServer=false\n{further}",
            tick.as_millis(),
            data.display(),
            address.ip(),
            address.port(),
        );
        fs::write(&settings, text).expect("the settings can be written");
        Apache::run(address, &settings)
    }

    /// Starts a server again that was killed, with the settings and the data that it has in this directory.
    ///
    /// # Panics
    /// If it does not get ready.
    #[must_use]
    pub fn resume(address: SocketAddr, data: &Path) -> Apache {
        let mut server = Apache::run(address, &data.join("zoo.cfg"));
        server.wait();
        server
    }

    fn run(address: SocketAddr, settings: &Path) -> Apache {
        let mut command = Command::new("java");
        command.args(["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
        let text = fs::read_to_string(settings).expect("the settings are there");
        // A property that no line of the settings can give: it has no `zookeeper.` before its name.
        if let Some(interval) = text.lines().find(|line| line.starts_with("znode.container.checkIntervalMs=")) {
            command.arg(format!("-D{interval}"));
        }
        command.args(["-cp", JAR]);
        command.arg("org.apache.zookeeper.server.quorum.QuorumPeerMain").arg(settings);
        Apache { process: Process::start(&mut command), address }
    }

    /// Waits until it serves. Asked with a word, so that nothing happens in its history.
    fn wait(&mut self) {
        eventually("Apache ZooKeeper is ready", PATIENCE * 2, || {
            assert!(self.process.is_running(), "Apache ZooKeeper ended at once");
            Status::of(self.address)
        });
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.process.kill();
    }
}

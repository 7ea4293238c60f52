//! Apache ZooKeeper, as Debian packages it: what the service is measured against.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use crate::kazoo::is_there;
use crate::process::{Process, run};
use crate::waiting::{PATIENCE, eventually};
use crate::wire::Connection;

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
    let is_installed = || Path::new(JAR).exists() && is_there("java");
    if is_installed() {
        return Ok(());
    }
    if !is_there("apt-get") {
        return Err(format!("there is no {JAR}, and no apt-get to install it with"));
    }
    let apt = |arguments: &[&str]| {
        let command = &mut Command::new("apt-get");
        run(command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive"), Duration::from_secs(600))
    };
    apt(&["update", "-qq"]);
    let finished = apt(&["install", "-y", "-qq", "--no-install-recommends", "zookeeper"]);
    if finished.code == Some(0) && is_installed() {
        return Ok(());
    }
    let last = finished.complaints.lines().last().unwrap_or("it did not say why");
    Err(format!("apt-get could not install Apache ZooKeeper: {last}"))
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
        fs::create_dir_all(data).expect("the directory can be made");
        let settings = data.join("zoo.cfg");
        let text = format!(
            "tickTime={}\ndataDir={}\nclientPortAddress={}\nclientPort={}\n4lw.commands.whitelist=*\n\
             admin.enableServer=false\n",
            tick.as_millis(),
            data.display(),
            address.ip(),
            address.port(),
        );
        fs::write(&settings, text).expect("the settings can be written");
        let mut command = Command::new("java");
        command.args(["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", JAR]);
        command.arg("org.apache.zookeeper.server.quorum.QuorumPeerMain").arg(settings);
        let mut process = Process::start(&mut command);
        eventually("Apache ZooKeeper is ready", PATIENCE * 2, || {
            assert!(process.is_running(), "Apache ZooKeeper ended at once");
            Connection::with_session(address, Duration::from_secs(4)).ok()
        });
        Apache { process, address }
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

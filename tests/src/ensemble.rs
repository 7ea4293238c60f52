//! An ensemble of real processes on the loopback, each started with `interregnum serve --config`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use crate::process::{Finished, Process};
use crate::program;
use crate::service::scratch;
use crate::waiting::{PATIENCE, Stopwatch, eventually, pause};
use crate::words::Status;

/// How long a server that has the votes of a quorum waits for a better one (`FastLeaderElection.finalizeWait`), and after
/// how long it says its own again.
const FINALIZE: Duration = Duration::from_millis(200);
const RESEND: Duration = Duration::from_millis(200);

/// What an ensemble is set to.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How many servers there are.
    pub servers: u8,
    /// How many of them, the last ones, only observe.
    pub observers: u8,
    /// `tickTime`
    pub tick: Duration,
    /// `initLimit`
    pub init_limit: u32,
    /// `syncLimit`
    pub sync_limit: u32,
    /// `snapCount`
    pub snapshot_count: u32,
    /// `db.autocreate`
    pub trusts_empty_directories: bool,
    /// `readonlymode.enabled`
    pub may_read_only: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            servers: 3,
            observers: 0,
            tick: Duration::from_millis(200),
            init_limit: 10,
            sync_limit: 5,
            snapshot_count: 100_000,
            trusts_empty_directories: true,
            may_read_only: false,
        }
    }
}

impl Settings {
    /// The longest session timeout that is granted.
    #[must_use]
    pub fn longest_session(&self) -> Duration {
        self.tick * 20
    }

    /// Within what time there is a new leader when one is killed and a quorum is left: the others notice it, at the
    /// latest by its silence; they elect, having said their votes again at most once; and they synchronise.
    #[must_use]
    pub fn new_leader_within(&self) -> Duration {
        self.tick * self.sync_limit + RESEND + FINALIZE + self.tick * self.init_limit
    }
}

/// An ensemble. Its processes do not outlive it.
#[derive(Debug)]
pub struct Ensemble {
    settings: Settings,
    directory: TempDir,
    members: BTreeMap<u8, Member>,
}

#[derive(Debug)]
struct Member {
    address: SocketAddr,
    /// The two ports for the other servers.
    ports: [u16; 2],
    process: Option<Process>,
}

impl Ensemble {
    /// Starts all servers, and waits until one leads and the others follow.
    ///
    /// # Panics
    /// If they do not get there.
    #[must_use]
    pub fn start(settings: Settings) -> Ensemble {
        let mut ensemble = Ensemble::prepare(settings);
        let ids: Vec<u8> = ensemble.ids().collect();
        for id in ids {
            ensemble.start_server(id);
        }
        ensemble.wait_until_whole();
        ensemble
    }

    /// Writes down the settings of every server, and starts none.
    ///
    /// # Panics
    /// If they cannot be written.
    #[must_use]
    pub fn prepare(settings: Settings) -> Ensemble {
        let (directory, _) = scratch();
        let member = |_| Member {
            address: SocketAddr::from(([127, 0, 0, 1], free_port())),
            ports: [free_port(), free_port()],
            process: None,
        };
        let members = (1..=settings.servers).map(|id| (id, member(id))).collect();
        let ensemble = Ensemble { settings, directory, members };
        for id in ensemble.ids() {
            fs::create_dir_all(ensemble.data(id)).expect("the directory can be made");
            fs::write(ensemble.data(id).join("myid"), format!("{id}\n")).expect("the id can be written");
            if !settings.trusts_empty_directories {
                fs::write(ensemble.data(id).join("initialize"), "").expect("the mark can be written");
            }
            fs::write(ensemble.config(id), ensemble.text(id)).expect("the settings can be written");
        }
        ensemble
    }

    /// What the settings file of a server says.
    fn text(&self, id: u8) -> String {
        let Settings { servers, observers, tick, init_limit, sync_limit, .. } = self.settings;
        let Settings { snapshot_count, trusts_empty_directories, may_read_only, .. } = self.settings;
        let mut text = format!(
            "tickTime={}\ninitLimit={init_limit}\nsyncLimit={sync_limit}\nsnapCount={snapshot_count}\n\
             db.autocreate={trusts_empty_directories}\nreadonlymode.enabled={may_read_only}\ndataDir={}\n\
             clientPortAddress=127.0.0.1\nclientPort={}\n4lw.commands.whitelist=*\n",
            tick.as_millis(),
            self.data(id).display(),
            self.address(id).port(),
        );
        for (id, Member { ports: [first, second], .. }) in &self.members {
            let role = if *id > servers - observers { "observer" } else { "participant" };
            writeln!(text, "server.{id}=127.0.0.1:{first}:{second}:{role}").expect("writing to a string does not fail");
        }
        text
    }

    /// What it is set to.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The ids of its servers.
    pub fn ids(&self) -> impl Iterator<Item = u8> + use<> {
        1..=self.settings.servers
    }

    /// Where clients connect to a server.
    ///
    /// # Panics
    /// If there is no such server.
    #[must_use]
    pub fn address(&self, id: u8) -> SocketAddr {
        self.members[&id].address
    }

    /// Where clients find all servers.
    #[must_use]
    pub fn connect_string(&self) -> String {
        let addresses: Vec<String> = self.ids().map(|id| self.address(id).to_string()).collect();
        addresses.join(",")
    }

    /// The settings file of a server.
    #[must_use]
    pub fn config(&self, id: u8) -> PathBuf {
        self.directory.path().join(format!("zoo-{id}.cfg"))
    }

    /// The data directory of a server.
    #[must_use]
    pub fn data(&self, id: u8) -> PathBuf {
        self.directory.path().join(format!("data-{id}"))
    }

    /// Starts a server that does not run, and waits until it listens; not until it serves.
    ///
    /// # Panics
    /// If it does not.
    pub fn start_server(&mut self, id: u8) {
        let process = Process::start(&mut command(&self.config(id)));
        let Some(line) = process.line(PATIENCE) else {
            panic!("server {id} did not get ready: {:#?}", process.finish(PATIENCE));
        };
        let place = format!("serving on {} as server {id} of {}", self.address(id), self.settings.servers);
        assert!(line.starts_with(&place), "{line}");
        let member = self.members.get_mut(&id).expect("there is such a server");
        assert!(member.process.replace(process).is_none(), "server {id} runs already");
    }

    /// SIGKILL to a server; gives what it has said.
    ///
    /// # Panics
    /// If it does not run, or had ended by itself, or had panicked in one of its tasks.
    pub fn kill(&mut self, id: u8) -> Finished {
        let mut process = self.members.get_mut(&id).and_then(|member| member.process.take()).expect("it runs");
        let has_run = process.is_running();
        process.kill();
        let finished = process.finish(PATIENCE);
        assert!(has_run, "server {id} had ended: {finished:#?}");
        assert!(!finished.complaints.contains("panicked"), "server {id}: {finished:#?}");
        finished
    }

    /// Waits until a server ends by itself.
    ///
    /// # Panics
    /// If it does not run, or goes on.
    pub fn wait_for_end(&mut self, id: u8) -> Finished {
        let process = self.members.get_mut(&id).and_then(|member| member.process.take()).expect("it runs");
        process.finish(PATIENCE)
    }

    /// Starts a server that must refuse to.
    ///
    /// # Panics
    /// If it goes on running.
    #[must_use]
    pub fn refused(&self, id: u8) -> Finished {
        crate::process::run(&mut command(&self.config(id)), PATIENCE)
    }

    /// Whether a server was started and not killed.
    ///
    /// # Panics
    /// If there is no such server.
    #[must_use]
    pub fn is_running(&self, id: u8) -> bool {
        self.members[&id].process.is_some()
    }

    /// What a server says of its place; nothing, if it serves nobody.
    #[must_use]
    pub fn status(&self, id: u8) -> Option<Status> {
        self.members[&id].process.as_ref()?;
        Status::of(self.address(id))
    }

    /// The server that says it leads. Several may say so for a while: the one of the latest epoch.
    #[must_use]
    pub fn leader(&self) -> Option<(u8, Status)> {
        let all = self.ids().filter_map(|id| self.status(id).map(|status| (id, status)));
        all.filter(|(_, status)| status.mode == "leader").max_by_key(|(_, status)| status.zxid)
    }

    /// Kills the leader; gives its id, and how long it took until another one led.
    ///
    /// # Panics
    /// If nobody led before, or nobody leads after so long that nobody will.
    pub fn kill_leader(&mut self) -> (u8, Duration) {
        let (id, _) = self.leader().expect("there is a leader");
        let watch = Stopwatch::start();
        self.kill(id);
        let (next, _) = eventually("a new leader", self.settings.new_leader_within() + PATIENCE, || self.leader());
        assert_ne!(next, id, "the old one is dead");
        (id, watch.elapsed())
    }

    /// Has the process of a server stand still, or go on: its system does all the time.
    ///
    /// # Panics
    /// If it does not run.
    pub fn pause(&self, id: u8, is_paused: bool) {
        self.members[&id].process.as_ref().expect("it runs").pause(is_paused);
    }

    /// Waits until one server leads and all others follow or observe; gives the one that leads.
    ///
    /// # Panics
    /// If that takes too long.
    pub fn wait_until_whole(&mut self) -> u8 {
        let ids: Vec<u8> = self.ids().collect();
        let Settings { servers, observers, .. } = self.settings;
        let expected = [("leader", 1), ("follower", servers - observers - 1), ("observer", observers)];
        let watch = Stopwatch::start();
        loop {
            let modes: Vec<String> = ids.iter().filter_map(|id| Some(self.status(*id)?.mode)).collect();
            let count = |mode| modes.iter().filter(|other| *other == mode).count();
            let is_whole = expected.iter().all(|(mode, number)| count(mode) == usize::from(*number));
            if is_whole && let Some((id, _)) = self.leader() {
                return id;
            }
            assert!(watch.elapsed() < PATIENCE, "not whole within {PATIENCE:?}");
            pause(Duration::from_millis(5));
        }
    }

    /// Ends all servers, and gives what is known of each.
    fn post_mortem(&mut self) -> String {
        let mut text = String::new();
        for id in self.ids() {
            let status = self.status(id);
            let said = self.members.get_mut(&id).and_then(|member| member.process.take()).map(|mut process| {
                let has_run = process.is_running();
                process.kill();
                let finished = process.finish(PATIENCE);
                format!("running: {has_run}\n{}{}", finished.output, finished.complaints)
            });
            let said = said.unwrap_or_else(|| "not started".to_owned());
            writeln!(text, "server {id}: {status:?}, {said}").expect("writing to a string does not fail");
        }
        text
    }
}

/// A test that fails shows what the servers have said: with `INTERREGNUM_LOG=info`, who led, and why that changed.
impl Drop for Ensemble {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.post_mortem());
        }
    }
}

/// `interregnum serve --config`, to be started.
#[must_use]
pub fn command(config: &Path) -> Command {
    let mut command = Command::new(program::interregnum());
    command.args(["serve", "--config"]).arg(config);
    command
}

/// A port that nobody uses, for a server that has to be told one and will want it back after each restart.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn free_port() -> u16 {
    free_ports(1)
}

/// The first of so many ports behind each other that nobody uses.
///
/// From below the range in which systems find ports by themselves: there, a client's connection might take one while its
/// server is down.
///
/// # Panics
/// If there are none.
#[must_use]
pub fn free_ports(count: u16) -> u16 {
    const FIRST: u16 = 10_000;
    const RANGE: u16 = 20_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Other test processes begin elsewhere.
    let start = std::process::id().wrapping_mul(97) as u16;
    let candidates =
        std::iter::repeat_with(|| start.wrapping_add(NEXT.fetch_add(count, Ordering::Relaxed)) % RANGE + FIRST);
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let all_are_free = |first: &u16| (*first..*first + count).all(is_free);
    candidates.take(usize::from(RANGE)).find(all_are_free).expect("there are free ports")
}

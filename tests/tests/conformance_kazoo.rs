//! kazoo, unmodified, cannot tell the service from Apache ZooKeeper: the same scripts pass against both.
//!
//! Needs programs of others: see `interregnum_tests::outside`.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use interregnum_tests::apache::Apache;
use interregnum_tests::ensemble::{Ensemble, Settings};
use interregnum_tests::service::{Service, scratch};
use interregnum_tests::words::Status;
use interregnum_tests::{apache, kazoo, outside};

/// Short, so that sessions expire soon: of 1 s at the least.
const TICK: Duration = Duration::from_millis(500);

/// How long a script may take.
const LIMIT: Duration = Duration::from_secs(60);

const SCRIPTS: [&str; 4] = ["znodes.py", "watches.py", "access.py", "recipes.py"];

/// A server of either kind, as the scripts see it.
trait Kind {
    const NAME: &str;
    type Server;
    fn obtain() -> Result<(), String>;
    fn start(address: Option<SocketAddr>, data: &Path) -> Self::Server;
    /// What keeps an ensemble alive, and where its servers are.
    type Ensemble;
    fn ensemble(data: &Path) -> (Self::Ensemble, Vec<SocketAddr>);
    fn address(server: &Self::Server) -> SocketAddr;
    fn kill(server: Self::Server);
}

struct Ours;

impl Kind for Ours {
    const NAME: &str = "interregnum";
    type Server = Service;

    fn obtain() -> Result<(), String> {
        Ok(())
    }

    fn start(address: Option<SocketAddr>, data: &Path) -> Service {
        let listen = address.map_or_else(|| "127.0.0.1:0".to_owned(), |address| address.to_string());
        let arguments = ["--tick", "500ms", "--four-letter-words", "*", "--data"].map(OsStr::new);
        Service::listen(&listen, &[&arguments[..], &[data.as_os_str()]].concat())
    }

    type Ensemble = Ensemble;

    fn ensemble(_: &Path) -> (Ensemble, Vec<SocketAddr>) {
        let ensemble = Ensemble::start(Settings { tick: TICK, ..Settings::default() });
        let addresses = ensemble.ids().map(|id| ensemble.address(id)).collect();
        (ensemble, addresses)
    }

    fn address(server: &Service) -> SocketAddr {
        server.address()
    }

    fn kill(server: Service) {
        server.kill();
    }
}

struct Theirs;

impl Kind for Theirs {
    const NAME: &str = "Apache ZooKeeper";
    type Server = Apache;

    fn obtain() -> Result<(), String> {
        apache::obtain()
    }

    fn start(address: Option<SocketAddr>, data: &Path) -> Apache {
        match address {
            Some(address) => Apache::listen(address, data, TICK),
            None => Apache::on(data, TICK),
        }
    }

    type Ensemble = Vec<Apache>;

    fn ensemble(data: &Path) -> (Vec<Apache>, Vec<SocketAddr>) {
        let servers = Apache::ensemble(data, TICK);
        let addresses = servers.iter().map(Apache::address).collect();
        (servers, addresses)
    }

    fn address(server: &Apache) -> SocketAddr {
        server.address()
    }

    fn kill(server: Apache) {
        server.kill();
    }
}

fn scripts_pass<K: Kind>(python: &Path) {
    let (_directory, data) = scratch();
    let server = K::start(None, &data);
    for script in SCRIPTS {
        println!("{}: {script}", K::NAME);
        kazoo::must_pass(python, script, (&K::address(&server).to_string(), "standalone"), LIMIT);
    }
}

/// All clients of a script at one server of three, which leads or follows: what one of them writes another one reads at
/// once there, and nowhere else.
fn scripts_pass_in_an_ensemble<K: Kind>(python: &Path) {
    let (_directory, data) = scratch();
    let (_ensemble, addresses) = K::ensemble(&data);
    for mode in ["leader", "follower"] {
        let is_one = |address: &&SocketAddr| Status::of(**address).is_some_and(|status| status.mode == mode);
        let server = addresses.iter().find(is_one).expect("one leads, and the others follow");
        for script in SCRIPTS {
            println!("{}, {mode}: {script}", K::NAME);
            kazoo::must_pass(python, script, (&server.to_string(), mode), LIMIT);
        }
    }
}

fn a_session_outlives_a_restart<K: Kind>(python: &Path) {
    let (_directory, data) = scratch();
    let server = K::start(None, &data);
    let address = K::address(&server);
    let mut script = kazoo::start(python, "restart.py", &[&address.to_string()]);
    assert_eq!(script.line(LIMIT).as_deref(), Some("ready"), "{}", K::NAME);
    K::kill(server);
    script.tell("restarted");
    let _server = K::start(Some(address), &data);
    let finished = script.finish(LIMIT);
    assert_eq!((finished.code, finished.output.as_str()), (Some(0), "ok\n"), "{}: {finished:#?}", K::NAME);
}

/// Runs a test if it is asked for and its programs can be had.
fn with_programs<K: Kind>(test: &str, body: impl FnOnce(&Path)) {
    if !outside::is_asked_for(&format!("{test}, {}", K::NAME)) {
        return;
    }
    if let Some(python) = outside::obtained(K::obtain().and_then(|()| kazoo::python())) {
        body(python);
    }
}

#[test]
fn kazoo_is_at_home_with_interregnum() {
    with_programs::<Ours>("kazoo's scripts", scripts_pass::<Ours>);
}

#[test]
fn kazoo_is_at_home_with_an_ensemble_of_interregnum() {
    with_programs::<Ours>("kazoo's scripts on an ensemble", scripts_pass_in_an_ensemble::<Ours>);
}

#[test]
fn the_scripts_tell_the_truth_about_an_ensemble_of_apache_zookeeper() {
    with_programs::<Theirs>("kazoo's scripts on an ensemble", scripts_pass_in_an_ensemble::<Theirs>);
}

#[test]
fn kazoo_sessions_outlive_a_restart_of_interregnum() {
    with_programs::<Ours>("kazoo over a restart", a_session_outlives_a_restart::<Ours>);
}

#[test]
fn the_scripts_tell_the_truth_about_apache_zookeeper() {
    with_programs::<Theirs>("kazoo's scripts", scripts_pass::<Theirs>);
}

#[test]
fn the_restart_script_tells_the_truth_about_apache_zookeeper() {
    with_programs::<Theirs>("kazoo over a restart", a_session_outlives_a_restart::<Theirs>);
}

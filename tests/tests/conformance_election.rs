//! Real kazoo and the strategy `kazoo` take part in one election, on a real port: each sees the other in line, and
//! leadership goes from one to the other and back, by resignation and by the death of a leader.
//!
//! Needs programs of others: see `interregnum_tests::outside`.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use client::{Client, Config};
use election::{Kazoo, Participation, Standing, Strategy};
use interregnum_tests::apache::Apache;
use interregnum_tests::process::Process;
use interregnum_tests::service::{Service, scratch};
use interregnum_tests::waiting::eventually;
use interregnum_tests::{apache, kazoo, outside};
use tokio::runtime::Runtime;

/// Where the two meet.
const ELECTION: &str = "/mixed/election";

/// Short, so that the death of a leader is soon noticed.
const SESSION: Duration = Duration::from_secs(2);

/// The service's unit of time: sessions are granted from twice of it.
const TICK: Duration = Duration::from_millis(500);

/// How long a failover may take, by a session that expires.
const LIMIT: Duration = Duration::from_secs(20);

/// Our candidate. Dropped with its runtime it dies as a process does: its session is left to expire.
struct Ours {
    runtime: Runtime,
    participation: Participation,
}

impl Ours {
    fn stand(server: SocketAddr) -> Ours {
        let runtime = Runtime::new().expect("a runtime can be had");
        let config = Config::new(&server.to_string()).expect("an address").with_session_timeout(SESSION);
        let participation = runtime.block_on(async { Kazoo::new(ELECTION).take_part(config) });
        Ours { runtime, participation }
    }

    fn leads(&self) -> bool {
        matches!(self.participation.standing(), Standing::Leading(reign) if reign.holds())
    }

    fn waits_for(&self) -> Option<String> {
        match self.participation.standing() {
            Standing::Waiting { on } => Some(on),
            _ => None,
        }
    }

    fn resign(self) {
        self.runtime.block_on(self.participation.resign());
    }

    fn die(self) {
        // Its tasks end where they are. What is dropped after them resigns to nobody.
        self.runtime.shutdown_background();
    }
}

fn elector(python: &Path, server: SocketAddr) -> Process {
    let session = SESSION.as_secs_f64().to_string();
    let mut elector = kazoo::start(python, "elector.py", &[&server.to_string(), ELECTION, "kazoo", &session]);
    hears(&mut elector, "kazoo stands");
    elector
}

fn hears(elector: &mut Process, line: &str) {
    assert_eq!(elector.line(LIMIT).as_deref(), Some(line));
}

/// What kazoo sees when these are in line.
fn sees(elector: &mut Process, line: [&str; 2]) {
    let wanted = format!("[\"{}\", \"{}\"]", line[0], line[1]);
    eventually("kazoo sees both", LIMIT, || {
        elector.tell("contenders");
        (elector.line(LIMIT)? == wanted).then_some(())
    });
}

/// The data of the znodes in line, by the order of their numbers: what our client sees.
fn in_line(server: SocketAddr) -> Vec<String> {
    let runtime = Runtime::new().expect("a runtime can be had");
    runtime.block_on(async {
        let client = Client::connect(Config::new(&server.to_string()).expect("an address"));
        let (mut names, _) = client.get_children(ELECTION).await.expect("it is there");
        names.sort_by_key(|name| name[name.len() - 10..].to_owned());
        let mut line = Vec::new();
        for name in &names {
            let (data, _) = client.get_data(&format!("{ELECTION}/{name}")).await.expect("nobody leaves meanwhile");
            line.push(String::from_utf8_lossy(&data).into_owned());
        }
        client.close().await.expect("it is closed");
        line
    })
}

/// What our candidate writes into its znode.
fn our_name() -> String {
    host::node_name().to_string()
}

fn leadership_goes_to_and_fro(python: &Path, server: SocketAddr) {
    let ours = Ours::stand(server);
    eventually("ours leads", LIMIT, || ours.leads().then_some(()));
    let mut theirs = elector(python, server);
    sees(&mut theirs, [&our_name(), "kazoo"]);
    assert_eq!(in_line(server), [our_name(), "kazoo".into()]);

    ours.resign();
    hears(&mut theirs, "kazoo leads");
    let ours = Ours::stand(server);
    let before = eventually("ours waits", LIMIT, || ours.waits_for());
    assert!(before.starts_with(ELECTION) && before.contains("__lock__"), "it waits for kazoo's znode: {before}");
    sees(&mut theirs, ["kazoo", &our_name()]);

    theirs.tell("resign");
    hears(&mut theirs, "kazoo resigned");
    hears(&mut theirs, "kazoo stands");
    eventually("ours leads again", LIMIT, || ours.leads().then_some(()));
    sees(&mut theirs, [&our_name(), "kazoo"]);

    ours.die();
    hears(&mut theirs, "kazoo leads");
    let ours = Ours::stand(server);
    eventually("ours waits once more", LIMIT, || ours.waits_for());
    theirs.kill();
    eventually("ours leads when kazoo is dead", LIMIT, || ours.leads().then_some(()));
    ours.resign();
}

#[test]
fn kazoo_and_ours_elect_each_other_on_interregnum() {
    if !outside::is_asked_for("kazoo in one election with ours") {
        return;
    }
    let Some(python) = outside::obtained(kazoo::python()) else { return };
    let (_directory, data) = scratch();
    let arguments = ["--tick", "500ms", "--data"].map(std::ffi::OsStr::new);
    let service = Service::listen("127.0.0.1:0", &[&arguments[..], &[data.as_os_str()]].concat());
    leadership_goes_to_and_fro(python, service.address());
}

#[test]
fn kazoo_and_ours_elect_each_other_on_apache_zookeeper() {
    if !outside::is_asked_for("kazoo in one election with ours, on Apache ZooKeeper") {
        return;
    }
    let Some(python) = outside::obtained(apache::obtain().and_then(|()| kazoo::python())) else { return };
    let (_directory, data) = scratch();
    let apache = Apache::on(&data, TICK);
    leadership_goes_to_and_fro(python, apache.address());
}

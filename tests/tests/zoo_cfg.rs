//! `serve --config`: what a settings file says is done, and what is wrong in one is told in one line with its place.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use interregnum_tests::ensemble::{command, free_port};
use interregnum_tests::files;
use interregnum_tests::process::{Finished, Process, run};
use interregnum_tests::waiting::{PATIENCE, eventually};
use interregnum_tests::wire::{Connection, create, new_session};
use interregnum_tests::words::ask;
use proto::CreateMode;
use tempfile::TempDir;

/// A settings file in a directory of its own.
struct Setup {
    directory: TempDir,
    port: u16,
}

impl Setup {
    fn new() -> Setup {
        Setup { directory: tempfile::tempdir().expect("a temporary directory can be made"), port: free_port() }
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("zoo.cfg")
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Two lines that every file needs, and those behind them: they begin at line 3.
    fn write(&self, lines: &str) {
        let text = format!("dataDir={}\nclientPort={}\n{lines}", self.data().display(), self.port);
        fs::write(self.file(), text).expect("it is written");
    }

    fn write_my_id(&self, content: &str) {
        fs::create_dir_all(self.data()).expect("it is made");
        fs::write(self.data().join("myid"), content).expect("it is written");
    }

    fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// Starts the server, and waits for the line that says that it serves, and as what.
    fn start(&self) -> (Process, String) {
        let process = Process::start(&mut command(&self.file()));
        match process.line(PATIENCE) {
            Some(line) => (process, line),
            None => panic!("it did not get ready: {:#?}", process.finish(PATIENCE)),
        }
    }

    /// Starts a server with these lines and ends it; gives what it had to remark.
    fn remarks(&self, lines: &str) -> Vec<String> {
        self.write(lines);
        let (mut process, _) = self.start();
        process.kill();
        process.finish(PATIENCE).complaints.lines().map(str::to_owned).collect()
    }

    fn refused(&self) -> Finished {
        let before = files::content(self.directory.path());
        let finished = run(&mut command(&self.file()), PATIENCE);
        assert_eq!((finished.code, finished.output.as_str()), (Some(2), ""), "{finished:#?}");
        assert_eq!(files::content(self.directory.path()), before, "what is refused touches nothing");
        finished
    }

    /// The server must refuse to start, in one line that begins with the file and the place in it.
    fn is_refused(&self, line: Option<usize>, part: &str) {
        let finished = self.refused();
        let complaint = finished.only_complaint();
        let place = line.map_or_else(String::new, |line| format!("{line}:"));
        let start = format!("interregnum: {}:{place} ", self.file().display());
        assert!(complaint.starts_with(&start) && complaint.contains(part), "`{start}… {part}` expected: {complaint}");
    }

    /// These lines behind the first two must be refused, for what is wrong in line 3.
    fn third_is_refused(&self, lines: &str, part: &str) {
        self.write(lines);
        self.is_refused(Some(3), part);
    }
}

const THREE: &str =
    "initLimit=10\nsyncLimit=5\nserver.1=127.0.0.1:1:2\nserver.2=127.0.0.1:3:4\nserver.3=127.0.0.1:5:6\n";

#[test]
fn a_file_with_two_lines_is_a_server() {
    let setup = Setup::new();
    setup.write("");
    let (mut process, line) = setup.start();
    // Whether a socket takes both protocols is the machine's business.
    let (address, rest) = line.split_once(" alone").expect("it says where");
    let everywhere = ["[::]", "0.0.0.0"].map(|host| format!("serving on {host}:{}", setup.port));
    assert!(everywhere.contains(&address.to_owned()), "{line}");
    assert_eq!(rest, format!(", data in {}", setup.data().display()));
    let mut connection = Connection::with_session(setup.address(), Duration::from_secs(10)).expect("a session");
    connection.ask(&create("/a", b"x", CreateMode::Persistent)).expect("an answer").expect("created");
    process.kill();
    let said = process.finish(PATIENCE).complaints;
    assert_eq!(said, "", "nothing to remark on");
    let (_process, _) = setup.start();
    let mut connection = Connection::with_session(setup.address(), Duration::from_secs(10)).expect("a session");
    assert!(connection.get("/a").is_some(), "it is kept in dataDir");
}

#[test]
fn what_the_file_says_is_done() {
    let setup = Setup::new();
    setup.write(
        "clientPortAddress=127.0.0.1\ntickTime=500\nmaxSessionTimeout=3000\nmaxClientCnxns=2\njute.maxbuffer=2000\n\
         zookeeper.4lw.commands.whitelist=conf, ruok\nserver.7=127.0.0.1:1:2\n",
    );
    let (_process, line) = setup.start();
    assert!(line.starts_with(&format!("serving on 127.0.0.1:{} alone", setup.port)), "{line}");

    let granted = |wished: u64| {
        let mut connection = Connection::open(setup.address()).expect("a connection");
        let granted = connection.shake_hands(&new_session(Duration::from_secs(wished))).expect("an answer");
        granted.timeout_milliseconds
    };
    assert_eq!((granted(0), granted(60)), (1000, 3000), "two ticks, and the longest");

    // Those of before are gone by and by.
    let config =
        eventually("room for a word", PATIENCE, || ask(setup.address(), "conf").ok().filter(|said| !said.is_empty()));
    for line in ["tickTime=500", "maxClientCnxns=2", "maxSessionTimeout=3000", "serverId=1"] {
        assert!(config.lines().any(|other| other == line), "{line} in:\n{config}");
    }
    assert_eq!(ask(setup.address(), "ruok").expect("an answer"), "imok");
    assert!(ask(setup.address(), "srvr").expect("an answer").contains("not in the whitelist"));

    let session =
        || eventually("room for a session", PATIENCE, || Connection::with_session(setup.address(), PATIENCE).ok());
    let (mut first, mut second) = (session(), session());
    let mut third = Connection::open(setup.address()).expect("the system accepts it");
    assert!(third.is_closed_within(PATIENCE), "two connections from one address, and no more");
    first.ask(&create("/short", &[b'x'; 1000], CreateMode::Persistent)).expect("an answer").expect("created");
    second.send(&create("/long", &[b'x'; 3000], CreateMode::Persistent)).expect("sent");
    assert!(second.is_closed_within(PATIENCE), "longer than jute.maxbuffer");
}

#[test]
fn an_unknown_key_is_remarked_on_with_the_nearest_one() {
    let setup = Setup::new();
    let file = setup.file().display().to_string();
    let remarks = setup.remarks("tickTme=500\n# a comment\nautopurge.snapRetainCont=3\n");
    assert_eq!(
        remarks,
        [
            format!(
                "interregnum: {file}:3: nobody knows the key `tickTme`, which has no effect; did you mean `tickTime`?"
            ),
            format!(
                "interregnum: {file}:5: nobody knows the key `autopurge.snapRetainCont`, which has no effect; did you \
                 mean `autopurge.snapRetainCount`?"
            ),
        ]
    );
    // Nothing is near: nothing is suggested.
    let remarks = setup.remarks("zzz=1\n");
    assert_eq!(remarks, [format!("interregnum: {file}:3: nobody knows the key `zzz`, which has no effect")]);
}

#[test]
fn what_has_no_effect_here_and_what_is_said_twice_are_remarked_on() {
    let setup = Setup::new();
    let remarks = setup.remarks("admin.serverPort=8080\ntickTime=500\ntickTime=600\ndataLogDir=/log\n");
    let places = [(3, "admin.serverPort has no effect"), (5, "line 4 does not"), (6, "beside the snapshots")];
    assert_eq!(remarks.len(), places.len(), "{remarks:#?}");
    for ((line, part), remark) in places.into_iter().zip(&remarks) {
        let start = format!("interregnum: {}:{line}: ", setup.file().display());
        assert!(remark.starts_with(&start) && remark.contains(part), "{remark}");
    }
}

#[test]
fn a_wrong_value_is_refused_with_its_line() {
    let setup = Setup::new();
    setup.third_is_refused("tickTime=2s\n", "tickTime: `2s` is no whole number of milliseconds");
    setup.third_is_refused("tickTime=2000 # two seconds\n", "`2000 # two seconds`");
    setup.third_is_refused("initLimit=\n", "initLimit: ``");
    setup.third_is_refused("maxClientCnxns=many\n", "`many`");
    setup.third_is_refused("jute.maxbuffer=0xfffffffff\n", "no hexadecimal number of bytes");
    setup.third_is_refused("clientPort=2181x\n", "no port from 1 to 65535");
    setup.third_is_refused("clientPortAddress=no-such-host.invalid/\n", "no host");
    setup.third_is_refused("tickTime=\\\n  1\\u00072\n", "`1\\u{7}2`");
    setup.third_is_refused("a=\\u12\n", "four hexadecimal digits");
    setup.third_is_refused("server.1=localhost\n", "host:port:port");
    setup.third_is_refused("server.1=localhost:2888:99999\n", "`99999`");
    setup.third_is_refused("server.300=localhost:2888:3888\n", "from 1 to 254");
    setup.third_is_refused("sslQuorum=true\n", "not encrypted");
    setup.third_is_refused("minSessionTimeout=90000\n", "longer than the longest");
    fs::write(setup.file(), "clientPort=2181\n").expect("it is written");
    setup.is_refused(None, "dataDir is missing");
    fs::write(setup.file(), format!("dataDir={}\n", setup.data().display())).expect("it is written");
    setup.is_refused(None, "clientPort is missing");
    setup.write("clientPortAddress=no-such-host.invalid\n");
    setup.is_refused(None, "no-such-host.invalid");
}

#[test]
fn my_id_must_be_there_and_name_a_server() {
    let setup = Setup::new();
    setup.write(THREE);
    let names_my_id = |part: &str| {
        let finished = setup.refused();
        let (line, file) = (finished.only_complaint(), setup.data().join("myid"));
        assert!(line.contains(&file.display().to_string()) && line.contains(part), "{line}");
    };
    names_my_id("it is missing: it holds the id of this server, one of 1, 2, 3");
    for (content, part) in
        [("", "``"), ("zoo1", "`zoo1`"), ("4\n", "there is no line server.4"), ("0", "from 1 to 254")]
    {
        setup.write_my_id(content);
        names_my_id(part);
    }
    // Two places that say where clients connect must not disagree.
    setup.write_my_id("1\n");
    setup.write(&format!("{THREE}server.1=127.0.0.1:1:2;{}\n", free_port()));
    let finished = setup.refused();
    let last = finished.complaints.lines().last().unwrap_or_default();
    assert!(last.contains(":2: clientPort differs from what server.1 says in line 8"), "{last}");
}

#[test]
fn a_file_that_is_none_is_told() {
    let setup = Setup::new();
    for file in [setup.file(), setup.directory.path().to_owned()] {
        let finished = run(&mut command(&file), PATIENCE);
        assert_eq!(finished.code, Some(2), "{finished:#?}");
        assert!(finished.only_complaint().contains(&file.display().to_string()), "{finished:#?}");
    }
}

#[test]
fn a_place_that_is_taken_is_told() {
    let setup = Setup::new();
    let taken = TcpListener::bind(setup.address()).expect("it is free");
    setup.write("clientPortAddress=127.0.0.1\n");
    let listens = |address: &str| {
        let finished = run(&mut command(&setup.file()), PATIENCE);
        assert_eq!(finished.code, Some(2), "{finished:#?}");
        assert!(finished.only_complaint().contains(&format!("cannot listen on {address}")), "{finished:#?}");
    };
    listens(&setup.address().to_string());
    drop(taken);
    // The one that the other servers are to connect to.
    let taken = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let own = taken.local_addr().expect("it is bound");
    setup.write_my_id("1");
    setup.write(&THREE.replace("127.0.0.1:1:2", &format!("{own}:2")));
    listens(&own.to_string());
}

#[test]
fn data_of_apache_zookeeper_are_not_begun_beside() {
    let setup = Setup::new();
    setup.write("");
    let theirs = setup.data().join("version-2");
    fs::create_dir_all(&theirs).expect("it is made");
    fs::write(theirs.join("log.1"), "ZKLG").expect("it is written");
    let finished = setup.refused();
    let line = finished.only_complaint();
    assert!(line.contains("Apache ZooKeeper") && line.contains(&name(&setup.data())), "{line}");
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

//! A port for TLS: who gets in with which certificate, and what lists make of it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use interregnum_tests::certificates::{Authority, Identity};
use interregnum_tests::ensemble::free_port;
use interregnum_tests::process::{Finished, Process, run};
use interregnum_tests::program;
use interregnum_tests::waiting::PATIENCE;
use interregnum_tests::wire::{Connection, create};
use interregnum_tests::words;
use proto::{
    Acl, ClientInfo, CreateMode, CreateRequest, ErrorCode, GetDataRequest, Id, Permissions, Request, Response,
};
use tempfile::TempDir;

const SESSION: Duration = Duration::from_secs(10);
const PASSWORD: &str = "open-sesame";

/// A server's files, and those whom its authority vouches for.
struct Setup {
    directory: TempDir,
    authority: Authority,
    trust_store: PathBuf,
    plain: SocketAddr,
    secure: SocketAddr,
}

impl Setup {
    fn new() -> Setup {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let authority = Authority::new(directory.path());
        let [plain, secure] = [(); 2].map(|()| SocketAddr::from(([127, 0, 0, 1], free_port())));
        Setup { trust_store: authority.trust_store(), authority, directory, plain, secure }
    }

    /// Writes the settings, and further lines behind them; gives the command that starts the server.
    fn command(&self, store: &str, further: &str) -> Command {
        let text = format!(
            "dataDir={}\nclientPort={}\nclientPortAddress=127.0.0.1\n4lw.commands.whitelist=*\n\
             secureClientPort={}\nsecureClientPortAddress=127.0.0.1\nssl.keyStore.location={}\n\
             ssl.trustStore.location={}\n{further}",
            self.directory.path().join("data").display(),
            self.plain.port(),
            self.secure.port(),
            self.authority.write("server.pem", store).display(),
            self.trust_store.display(),
        );
        let file = self.authority.write("zoo.cfg", &text);
        let mut command = Command::new(program::interregnum());
        command.args(["serve", "--config"]).arg(file).env("INTERREGNUM_LOG", "trace");
        command
    }

    /// Starts the server and waits until it serves at both ports.
    fn start(&self, further: &str) -> Process {
        self.start_with(&self.authority.vouch_for("the server").store(), further)
    }

    fn start_with(&self, store: &str, further: &str) -> Process {
        let process = Process::start(&mut self.command(store, further));
        for expected in [format!("serving on {} alone", self.plain), format!("serving on {} with TLS", self.secure)] {
            match process.line(PATIENCE) {
                Some(line) => assert!(line.starts_with(&expected), "{line}"),
                None => panic!("it did not get ready: {:#?}", process.finish(PATIENCE)),
            }
        }
        process
    }

    fn connect(&self, identity: Option<&Identity>) -> std::io::Result<Connection> {
        Connection::secure(self.secure, &self.trust_store, identity)?.begun(SESSION)
    }
}

fn get(path: &str) -> Request {
    Request::GetData(GetDataRequest { path: path.to_owned(), watch: false })
}

fn create_for(path: &str, acl: Acl) -> Request {
    let flags = CreateMode::Persistent.to_i32();
    Request::Create(CreateRequest { path: path.to_owned(), data: None, acls: vec![acl], flags })
}

fn answer(connection: &mut Connection, request: &Request) -> Result<Response, ErrorCode> {
    connection.ask(request).expect("an answer")
}

#[test]
fn lists_name_the_subjects_of_certificates() {
    let setup = Setup::new();
    let _server = setup.start("X509AuthenticationProvider.superUser=CN=root,O=Org\n");
    let mut connected = ["alice", "bob", "root"].map(|name| {
        let identity = setup.authority.vouch_for(name);
        setup.connect(Some(&identity)).expect("who is vouched for gets in")
    });
    let mut plain = Connection::with_session(setup.plain, SESSION).expect("the other port is there as well");
    let alice = &mut connected[0];

    let id = |scheme: &str, id: &str| ClientInfo(Id { scheme: scheme.to_owned(), id: id.to_owned() });
    let Ok(Response::WhoAmI(who)) = answer(alice, &Request::WhoAmI) else { panic!("it says who") };
    assert_eq!(who.client_info, [id("ip", "127.0.0.1"), id("x509", "CN=alice,O=Org")]);

    answer(alice, &create_for("/of-alice", Acl::creator())).expect("the creator has proved something");
    answer(alice, &create_for("/of-bob", Acl::new(Permissions::ALL, "x509", "CN=bob,O=Org"))).expect("created");
    assert_eq!(answer(alice, &create_for("/a", Acl::new(Permissions::ALL, "x509", "bob"))), Err(ErrorCode::InvalidAcl));
    assert_eq!(answer(&mut plain, &create_for("/a", Acl::creator())), Err(ErrorCode::InvalidAcl));
    for (path, owner, other) in [("/of-alice", 0, 1), ("/of-bob", 1, 0)] {
        for (connection, may) in [(owner, true), (other, false), (2, true)] {
            let got = answer(&mut connected[connection], &get(path));
            assert_eq!(got.as_ref().err().copied(), (!may).then_some(ErrorCode::NoAuth), "{path}: {got:?}");
        }
        assert_eq!(answer(&mut plain, &get(path)), Err(ErrorCode::NoAuth), "{path}");
    }
    answer(&mut plain, &create("/plain", b"x", CreateMode::Persistent)).expect("who proves nothing has the rest");

    // Words are answered at both ports, with the connections of that port; all are counted.
    let carol = setup.authority.vouch_for("carol");
    let ask = |word| {
        let connection = Connection::secure(setup.secure, &setup.trust_store, Some(&carol)).expect("a connection");
        connection.ask_word(word).expect("an answer")
    };
    let count = |clients: &str| clients.lines().filter(|line| line.contains(",sid=0x")).count();
    assert_eq!(count(&words::ask(setup.plain, "cons").expect("an answer")), 1);
    assert_eq!(count(&ask("cons")), 3);
    let status = ask("srvr");
    assert!(status.contains("\nConnections: 5\n"), "{status}");
    let settings = words::ask(setup.plain, "conf").expect("an answer");
    assert!(settings.contains(&format!("\nsecureClientPort={}\n", setup.secure.port())), "{settings}");
}

#[test]
fn without_a_certificate_that_is_believed_nobody_gets_in() {
    let setup = Setup::new();
    let elsewhere = tempfile::tempdir().expect("a temporary directory can be made");
    let stranger = Authority::new(elsewhere.path()).vouch_for("alice");
    let _server = setup.start("ssl.clientAuth=need\n");
    assert!(setup.connect(None).is_err(), "nobody");
    assert!(setup.connect(Some(&stranger)).is_err(), "somebody whom a stranger vouches for");
    assert!(Connection::with_session(setup.secure, SESSION).is_err(), "somebody who does not speak TLS");
    let alice = setup.authority.vouch_for("alice");
    assert!(setup.connect(Some(&alice)).is_ok(), "it goes on serving those who may");
    assert!(Connection::with_session(setup.plain, SESSION).is_ok());
}

#[test]
fn certificates_may_be_optional_or_of_no_interest() {
    for (wish, names_alice) in [("want", true), ("none", false)] {
        let setup = Setup::new();
        let elsewhere = tempfile::tempdir().expect("a temporary directory can be made");
        let _server = setup.start(&format!("ssl.clientAuth={wish}\n"));
        let alice = setup.authority.vouch_for("alice");
        for identity in [None, Some(&alice)] {
            let mut connection = setup.connect(identity).expect("a session");
            let Ok(Response::WhoAmI(who)) = answer(&mut connection, &Request::WhoAmI) else { panic!("it says who") };
            let expected = 1 + usize::from(identity.is_some() && names_alice);
            assert_eq!(who.client_info.len(), expected, "{wish}: {who:?}");
        }
        let stranger = Authority::new(elsewhere.path()).vouch_for("alice");
        assert_eq!(setup.connect(Some(&stranger)).is_err(), names_alice, "{wish}: one that is shown must be believed");
    }
}

#[test]
fn who_does_not_finish_shaking_hands_is_cut_off_and_takes_up_room_until_then() {
    let setup = Setup::new();
    let _server = setup.start("nio.sessionlessCnxnTimeout=1500\nmaxClientCnxns=2\nssl.clientAuth=want\n");
    let mut silent = Connection::open(setup.secure).expect("a connection");
    let mut stalled = Connection::open(setup.secure).expect("a connection");
    // The beginning of a greeting that promises 512 bytes.
    stalled.send_bytes(&[0x16, 3, 1, 2, 0, 1]).expect("it is sent");
    assert!(setup.connect(None).is_err(), "there is room for two");
    for connection in [&mut silent, &mut stalled] {
        assert!(connection.is_closed_within(Duration::from_secs(5)), "silence does not last");
    }
    let first = setup.connect(None).expect("there is room again");
    let second = setup.connect(None).expect("there is room again");
    assert!(setup.connect(None).is_err(), "there is room for two");
    drop((first, second));
}

#[test]
fn no_log_tells_a_password_or_a_key() {
    let setup = Setup::new();
    let server = setup.authority.vouch_for("the server");
    let store = server.encrypted_store(PASSWORD);
    let mut process = setup.start_with(&store, &format!("ssl.keyStore.password={PASSWORD}\n"));
    let alice = setup.authority.vouch_for("alice");
    let mut connection = setup.connect(Some(&alice)).expect("a session");
    answer(&mut connection, &create("/a", b"x", CreateMode::Persistent)).expect("created");
    assert!(setup.connect(None).is_err());
    process.kill();
    let Finished { output, complaints, .. } = process.finish(PATIENCE);
    assert!(complaints.contains("did not shake hands"), "it does log: {complaints}");
    let plain_key = server.key.serialize_pem();
    for secret in [PASSWORD].into_iter().chain(plain_key.lines()).chain(store.lines()) {
        assert!(!output.contains(secret) && !complaints.contains(secret), "`{secret}` was told");
    }
}

#[test]
fn a_store_that_cannot_be_used_is_told_in_one_line() {
    let setup = Setup::new();
    let server = setup.authority.vouch_for("the server");
    let refused = |store: &str, further: &str, part: &str| {
        let mut command = setup.command(store, further);
        let finished = run(command.env_remove("INTERREGNUM_LOG"), PATIENCE);
        assert_eq!((finished.code, finished.output.as_str()), (Some(2), ""), "{finished:#?}");
        let complaint = finished.only_complaint();
        assert!(complaint.contains("server.pem") || complaint.contains("zoo.cfg"), "the place: {complaint}");
        assert!(complaint.contains(part) && !complaint.contains(PASSWORD), "`{part}` expected: {complaint}");
    };
    refused(
        &server.encrypted_store("another"),
        &format!("ssl.keyStore.password={PASSWORD}\n"),
        "does not open the key",
    );
    refused(&server.encrypted_store(PASSWORD), "", "is encrypted");
    refused(&server.chain, "", "no key");
    refused("\u{fe}\u{ed}", "", "no certificate");
    refused(&server.store(), "ssl.keyStore.type=JKS\n", "PEM files");
    let alien = setup.authority.vouch_for("somebody else").key.serialize_pem();
    refused(&(server.chain.clone() + &alien), "", "");
}

//! No password, no digest and no access control list is ever written into a log, however much a server or a client is told
//! to say, nor into what a simulation saves.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use client::{Client, Config, CreateOptions};
use interregnum_tests::certificates::Authority;
use interregnum_tests::ensemble::{free_port, free_ports};
use interregnum_tests::process::run;
use interregnum_tests::program;
use interregnum_tests::secrets::Secrets;
use interregnum_tests::service::{self, Service, configuration};
use interregnum_tests::waiting::{PATIENCE, eventually};
use interregnum_tests::wire::{Connection, new_session};
use proto::frame::write_frame;
use proto::{
    Acl, AuthRequest, CreateMode, CreateRequest, ErrorCode, GetAclRequest, MultiOperation, MultiRequest, Password,
    Permissions, ReplyHeader, Request, Response, SaslRequest, Secret, SessionId, SetAclRequest, xid,
};

const SESSION: Duration = Duration::from_secs(10);

/// Everything that anybody says, from the least important on.
const ALL: (&str, &str) = ("INTERREGNUM_LOG", "trace");

/// The example of ZooKeeper's administrator's guide: `super:test`.
const SUPER_DIGEST: &str = "D/InIHSb7yEEbrWz8b9l71RjZJU=";
const SUPER: &str = "super:test";

/// What proves something, or is to.
const PASSWORDS: [&str; 7] = [
    "password-of-alice",
    "password-of-bob",
    "guess-of-mallory",
    "proof-of-nobody",
    "token-of-sasl",
    "password-in-a-broken-packet",
    "password-in-garbage",
];
/// Whom lists name: a digest that is one, and what is none.
const CAROLS_DIGEST: &str = "Y2Fyb2xzIGRpZ2VzdCBpcyB0aGlz";
const NAMED: [&str; 3] = ["carol-of-the-list", "dave-without-a-colon", "name-of-no-scheme"];
const KEY_PASSWORD: &str = "password-of-the-key";
const WRONG_SESSION_PASSWORD: [u8; 16] = *b"no-such-password";

fn secrets() -> Secrets {
    let mut secrets = Secrets::default();
    for text in PASSWORDS.into_iter().chain(NAMED).chain([KEY_PASSWORD]) {
        secrets.add(text, text.as_bytes());
    }
    secrets.add("the super user", SUPER.as_bytes());
    secrets.add_digest("the digest of the super user", SUPER_DIGEST);
    secrets.add_digest("a digest of a list", CAROLS_DIGEST);
    secrets.add("a wrong password of a session", &WRONG_SESSION_PASSWORD);
    secrets
}

fn acls(scheme: &str, id: &str) -> Vec<Acl> {
    vec![Acl::new(Permissions::ALL, scheme, id)]
}

fn create(path: &str, acls: Vec<Acl>) -> CreateRequest {
    CreateRequest { path: path.into(), data: None, acls, flags: CreateMode::Persistent.to_i32() }
}

fn carol() -> Vec<Acl> {
    acls("digest", &format!("carol-of-the-list:{CAROLS_DIGEST}"))
}

fn prove(connection: &mut Connection, scheme: &str, proof: &str) -> Option<ErrorCode> {
    let credential = Secret(proof.to_owned().into());
    let request = Request::Auth(AuthRequest { auth_type: 0, scheme: scheme.into(), credential });
    let mut bytes = BytesMut::new();
    proto::request::write_request(&mut bytes, xid::AUTH, &request);
    connection.send_bytes(&bytes).expect("it takes it");
    let frame = connection.next_frame().expect("no error").expect("an answer");
    let header: ReplyHeader = proto::Decode::from_bytes(&frame).expect("a reply");
    header.error
}

/// Takes every way that a secret has into the server, at this address. Gives what it has learnt of them itself.
fn tell_secrets(server: SocketAddr, secrets: &mut Secrets) {
    let mut connection = Connection::open(server).expect("a connection");
    let granted = connection.shake_hands(&new_session(SESSION)).expect("a session");
    secrets.add("the password of a session", &granted.password.0);
    assert_eq!(prove(&mut connection, "digest", "alice:password-of-alice"), None);
    assert_eq!(prove(&mut connection, "digest", "password-of-bob"), None, "a password without a user is one, too");
    let ask = |connection: &mut Connection, request: &Request| connection.ask(request).expect("an answer");
    ask(&mut connection, &Request::Create(create("/alice", vec![Acl::creator()]))).expect("created");
    ask(&mut connection, &Request::Create2(create("/carol", carol()))).expect("created");
    for (scheme, id) in [("digest", "dave-without-a-colon"), ("scheme", "name-of-no-scheme")] {
        let refused = ask(&mut connection, &Request::Create(create("/dave", acls(scheme, id))));
        assert_eq!(refused, Err(ErrorCode::InvalidAcl));
    }
    let set = SetAclRequest { path: "/alice".into(), acls: [carol(), vec![Acl::creator()]].concat(), version: -1 };
    ask(&mut connection, &Request::SetAcl(set)).expect("set");
    let Ok(Response::GetAcl(lists)) = ask(&mut connection, &Request::GetAcl(GetAclRequest { path: "/alice".into() }))
    else {
        panic!("no list");
    };
    for acl in &lists.acls {
        let (_, digest) = acl.id.id.split_once(':').expect("a user and a digest");
        secrets.add_digest("a digest that the server has made", digest);
    }
    ask(&mut connection, &Request::WhoAmI).expect("it says who");
    let get = GetAclRequest { path: "/carol".into() };
    assert_eq!(ask(&mut connection, &Request::GetAcl(get)), Err(ErrorCode::NoAuth));
    for last in ["/multi/b", "/none/b"] {
        let operations = vec![
            MultiOperation::Create(create("/multi", carol())),
            MultiOperation::Create(create(last, acls("digest", "dave-without-a-colon"))),
        ];
        let answer = ask(&mut connection, &Request::Multi(MultiRequest { operations }));
        assert!(matches!(answer, Ok(Response::Multi(_)) | Err(_)), "{answer:?}");
    }
    // Who guesses, who comes with a scheme of its own, who asks for SASL, and those who do not know how to speak.
    let hostile = |what: &dyn Fn(&mut Connection)| {
        what(&mut Connection::with_session(server, SESSION).expect("a session"));
    };
    hostile(&|connection| {
        prove(connection, "digest", "super:guess-of-mallory");
    });
    hostile(&|connection| assert_eq!(prove(connection, "digest", SUPER), None));
    hostile(&|connection| assert_eq!(prove(connection, "nobody", "proof-of-nobody"), Some(ErrorCode::AuthFailed)));
    hostile(&|connection| {
        let token = Secret("token-of-sasl".to_owned().into());
        let _ = connection.ask(&Request::Sasl(SaslRequest { token }));
    });
    hostile(&|connection| {
        let mut bytes = BytesMut::new();
        write_frame(&mut bytes, |body| {
            body.put_i32(xid::AUTH);
            body.put_i32(100);
            body.put_i32(0);
            body.put_i32(6);
            body.put_slice(b"digest");
            // Longer than what comes.
            body.put_i32(4000);
            body.put_slice(b"alice:password-in-a-broken-packet");
        });
        connection.send_bytes(&bytes).expect("it takes it");
        assert!(connection.is_closed_within(PATIENCE));
    });
    let mut garbage = Connection::open(server).expect("a connection");
    garbage.send_bytes(b"addauth digest alice:password-in-garbage\n").expect("it takes it");
    assert!(garbage.is_closed_within(PATIENCE));
    // The session moves, and somebody else wants it.
    let mut again = new_session(SESSION);
    (again.session_id, again.password) = (granted.session_id, granted.password);
    let mut moved = Connection::open(server).expect("a connection");
    assert!(!moved.shake_hands(&again).expect("an answer").is_refused());
    again.password = Password(WRONG_SESSION_PASSWORD);
    let mut thief = Connection::open(server).expect("a connection");
    assert!(thief.shake_hands(&again).expect("an answer").is_refused());
}

/// What a process has said, if it is enough to be of any worth.
fn said(service: Service) -> String {
    let said = service.stop();
    let text = said.output + &said.complaints;
    assert!(text.contains("SessionOpened"), "it was to say all that it can: {text}");
    text
}

fn hides(secrets: &Secrets, text: &str) {
    let found = secrets.found_in(text);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_server_alone_says_no_secret() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let authority = Authority::new(directory.path());
    let identity = authority.vouch_for("the server");
    let key_store = authority.write("server.pem", &identity.encrypted_store(KEY_PASSWORD));
    let port = free_port();
    let mut settings = format!(
        "maxClientCnxns=0\n4lw.commands.whitelist=*\nDigestAuthenticationProvider.superDigest=super:{SUPER_DIGEST}\n\
         secureClientPort={port}\nsecureClientPortAddress=127.0.0.1\nssl.keyStore.password={KEY_PASSWORD}\n\
         snapCount=10\nssl.clientAuth=want\n"
    );
    write!(settings, "ssl.keyStore.location={}", key_store.display()).expect("a string takes all");
    write!(settings, "\nssl.trustStore.location={}", authority.trust_store().display()).expect("a string takes all");
    let mut command = Command::new(program::interregnum());
    command.args(["serve", "--config"]).arg(configuration(directory.path(), &settings)).env(ALL.0, ALL.1);
    let server = Service::run(&mut command);
    let mut secrets = secrets();
    tell_secrets(server.address(), &mut secrets);
    let alice = authority.vouch_for("alice");
    let secure = SocketAddr::from(([127, 0, 0, 1], port));
    let mut over_tls = Connection::secure(secure, &authority.trust_store(), Some(&alice))
        .and_then(|it| it.begun(SESSION))
        .expect("a session");
    assert_eq!(prove(&mut over_tls, "digest", "alice:password-of-alice"), None);
    hides(&secrets, &said(server));
    // It finds again what it has written, and says no more of that.
    let server = Service::run(&mut command);
    tell_secrets_again(server.address());
    hides(&secrets, &said(server));
}

/// What was written before is there.
fn tell_secrets_again(server: SocketAddr) {
    let mut connection = Connection::with_session(server, SESSION).expect("a session");
    assert_eq!(prove(&mut connection, "digest", SUPER), None);
    let get = Request::GetAcl(GetAclRequest { path: "/carol".into() });
    assert!(matches!(connection.ask(&get).expect("an answer"), Ok(Response::GetAcl(_))));
}

#[test]
fn servers_of_an_ensemble_say_no_secret_when_they_pass_it_on() {
    let mut secrets = secrets();
    let arguments = ["--ensemble", "3", "--connections-per-address", "0"].map(AsRef::as_ref);
    let port = free_ports(3);
    let mut command = service::command(&format!("127.0.0.1:{port}"), &arguments);
    let server = Service::run(command.env(ALL.0, ALL.1));
    // The last one leads: this one passes on what it is asked.
    let address = server.address();
    eventually("a leader", PATIENCE, || Connection::with_session(address, SESSION).ok());
    tell_secrets(address, &mut secrets);
    hides(&secrets, &said(server));
}

#[test]
fn a_mistake_in_the_settings_is_told_without_the_secret_in_it() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let authority = Authority::new(directory.path());
    let store = authority.write("server.pem", &authority.vouch_for("the server").encrypted_store("another-password"));
    let port = free_port();
    let tls = format!(
        "secureClientPort={port}\nsecureClientPortAddress=127.0.0.1\nssl.clientAuth=none\nssl.keyStore.location={}\n",
        store.display()
    );
    let secrets = secrets();
    for settings in [
        format!("DigestAuthenticationProvider.superDigest={KEY_PASSWORD}"),
        format!("DigestAuthenticationProvider.superDigest={KEY_PASSWORD}:"),
        format!("{tls}ssl.keyStore.password={KEY_PASSWORD}"),
        format!("{tls}ssl.keyStore.password={KEY_PASSWORD}\nssl.keyStore.password=\\u12"),
    ] {
        let mut command = Command::new(program::interregnum());
        command.args(["serve", "--config"]).arg(configuration(directory.path(), &settings)).env(ALL.0, ALL.1);
        let finished = run(&mut command, PATIENCE);
        assert_eq!(finished.code, Some(2), "{finished:?}");
        hides(&secrets, &(finished.output + &finished.complaints));
    }
}

/// Everything that is logged in this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics while writing").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_client_says_no_secret_and_shows_none() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    subscriber.with_writer(move || writer.clone()).init();
    let server = Service::in_memory();
    let mut secrets = secrets();
    let mut shown = String::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let config = Config::new(&server.address().to_string()).expect("an address");
        let config = config.with_authentication("digest", "alice:password-of-alice");
        writeln!(shown, "{config:?}\n{config:#?}").expect("a string takes all");
        let client = Client::connect(config.clone());
        client.connected().await.expect("connected");
        let credentials = client.credentials();
        secrets.add("the password of a session", &credentials.password.0);
        writeln!(shown, "{credentials:?}").expect("a string takes all");
        client.add_auth("digest", "password-of-bob").await.expect("a proof of somebody");
        let options = CreateOptions::from(CreateMode::Persistent).with_acls(carol());
        writeln!(shown, "{options:?}").expect("a string takes all");
        client.create("/carol", "", options).await.expect("created");
        let nobody = CreateOptions::from(CreateMode::Persistent).with_acls(acls("digest", "dave-without-a-colon"));
        let refused = client.create("/dave", "", nobody).await.expect_err("no list");
        writeln!(shown, "{refused} {refused:?}").expect("a string takes all");
        client.create("/alice", "", CreateMode::Persistent).await.expect("created");
        let set = client.set_acl("/alice", [carol(), vec![Acl::creator()]].concat(), None).await.expect("set");
        writeln!(shown, "{set:?}").expect("a string takes all");
        let (list, _) = client.get_acl("/alice").await.expect("it may");
        for acl in &list {
            secrets.add_digest("a digest", acl.id.id.split_once(':').expect("a user and a digest").1);
        }
        writeln!(shown, "{list:?} {:?}", client.who_am_i().await.expect("it says who")).expect("a string takes all");
        drop(client);
        // Another life of the session, if it is not closed yet.
        let heir = Client::connect(config.with_session(credentials));
        let outcome = heir.connected().await;
        writeln!(shown, "{outcome:?}").expect("a string takes all");
        let thief = client::Credentials { password: Password(WRONG_SESSION_PASSWORD), ..credentials };
        let config = Config::new(&server.address().to_string()).expect("an address").with_session(thief);
        let refused = Client::connect(config).connected().await;
        writeln!(shown, "{refused:?}").expect("a string takes all");
        let failing = Client::connect(Config::new(&server.address().to_string()).expect("an address"));
        let refused = failing.add_auth("nobody", "proof-of-nobody").await;
        writeln!(shown, "{refused:?}").expect("a string takes all");
    });
    drop(runtime);
    let logged = String::from_utf8_lossy(&log.0.lock().expect("nobody panics while writing")).into_owned();
    assert!(!logged.is_empty(), "what is below it, at least, has something to say");
    // A user is no secret to whoever prints a list; in a log there are no lists.
    hides(&secrets, &logged);
    let mut without_users = secrets;
    without_users.forget("carol-of-the-list");
    // Who proves a password without a user has that for a user (`DigestAuthenticationProvider`): every list shows it to
    // whoever may read the list.
    without_users.forget("password-of-bob");
    hides(&without_users, &shown);
}

#[test]
fn a_simulation_saves_no_password() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let saved = directory.path().join("saved");
    let history = directory.path().join("history.jsonl");
    let mut command = Command::new(program::interregnum());
    // A planted bug, so that there is something to save, and a seed that shows it once there are sessions.
    command.args(["run", "zoo/A30", "--seed", "60", "--save"]).arg(&saved).arg("--history").arg(&history);
    let finished = run(command.env(ALL.0, ALL.1), 6 * PATIENCE);
    assert_eq!(finished.code, Some(10), "{finished:?}");
    let told = std::fs::read_to_string(&history).expect("it is written");
    let sessions = sessions_in(&told);
    assert!(!sessions.is_empty(), "sessions are opened");
    let mut secrets = Secrets::default();
    for session in sessions {
        secrets.add("the password of a session", &server::identity::password(session).0);
    }
    hides(&secrets, &told);
    hides(&secrets, &(finished.output + &finished.complaints));
    for file in files_in(&saved) {
        hides(&secrets, &String::from_utf8_lossy(&std::fs::read(file).expect("it is there")));
    }
}

fn files_in(directory: &Path) -> Vec<std::path::PathBuf> {
    let files: Vec<_> =
        std::fs::read_dir(directory).expect("it is there").map(|entry| entry.expect("an entry").path()).collect();
    assert!(!files.is_empty(), "something is saved");
    files
}

/// The sessions that a history tells of.
fn sessions_in(history: &str) -> std::collections::BTreeSet<SessionId> {
    fn gather(value: &serde_json::Value, sessions: &mut std::collections::BTreeSet<SessionId>) {
        match value {
            serde_json::Value::Object(fields) => {
                sessions.extend(fields.get("session").and_then(serde_json::Value::as_i64).map(SessionId));
                fields.values().for_each(|value| gather(value, sessions));
            }
            serde_json::Value::Array(values) => values.iter().for_each(|value| gather(value, sessions)),
            _ => {}
        }
    }
    let mut sessions = std::collections::BTreeSet::new();
    for line in history.lines() {
        gather(&serde_json::from_str(line).expect("a JSON object a line"), &mut sessions);
    }
    sessions
}

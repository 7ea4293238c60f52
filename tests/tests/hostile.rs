//! Clients that mean ill, or know no better: each loses its own connection, and nobody else notices.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use interregnum_tests::service::Service;
use interregnum_tests::waiting::{Stopwatch, pause};
use interregnum_tests::wire::{Connection, create, new_session};
use proto::frame::{write_frame, write_record};
use proto::{CreateMode, ErrorCode, ReplyHeader, Request};

const SESSION: Duration = Duration::from_secs(10);

/// Within this a connection that broke the rules is closed.
const SOON: Duration = Duration::from_secs(5);

/// Within this others are answered, whatever one client does.
const QUICKLY: Duration = Duration::from_secs(2);

/// A client that behaves gets its session and its znode.
fn others_are_served(server: &Service, name: &str) {
    let watch = Stopwatch::start();
    let mut connection = Connection::with_session(server.address(), SESSION).expect("a session");
    let path = format!("/{name}");
    connection.ask(&create(&path, b"fine", CreateMode::Persistent)).expect("an answer").expect("created");
    assert_eq!(connection.get(&path).expect("it is there").0, "fine");
    connection.ask(&Request::CloseSession).expect("an answer").expect("closed");
    assert!(watch.elapsed() < QUICKLY, "served after {:?}", watch.elapsed());
}

/// Sends bytes on a new connection, which must be closed soon; others are served before and after.
fn is_closed_upon(bytes: &[u8]) {
    let server = Service::in_memory();
    let mut bystander = Connection::with_session(server.address(), SESSION).expect("a session");
    let mut hostile = Connection::open(server.address()).expect("a connection");
    hostile.send_bytes(bytes).expect("it takes them");
    assert!(hostile.is_closed_within(SOON), "the connection stays open");
    others_are_served(&server, "after");
    assert!(bystander.exists("/after").is_some(), "who was connected before is served on");
}

/// The same, behind a proper handshake.
fn session_is_cut_upon(bytes: &[u8]) {
    let mut handshake = BytesMut::new();
    write_record(&mut handshake, &new_session(SESSION));
    is_closed_upon(&[&handshake, bytes].concat());
}

#[test]
fn a_frame_of_negative_length_ends_the_connection() {
    is_closed_upon(&(-1_i32).to_be_bytes());
    session_is_cut_upon(&i32::MIN.to_be_bytes());
}

#[test]
fn a_frame_beyond_the_limit_ends_the_connection_before_it_has_come() {
    is_closed_upon(&i32::MAX.to_be_bytes());
    session_is_cut_upon(&(64_i32 << 20).to_be_bytes());
}

#[test]
fn garbage_instead_of_a_handshake_ends_the_connection() {
    // A browser that lost its way: `GET ` reads as a length of over a gigabyte.
    is_closed_upon(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let mut frame = BytesMut::new();
    write_frame(&mut frame, |body| body.put_bytes(0xff, 3));
    is_closed_upon(&frame);
    let mut empty = BytesMut::new();
    write_frame(&mut empty, |_| {});
    is_closed_upon(&empty);
}

#[test]
fn a_request_that_cannot_be_read_ends_the_connection() {
    let mut half_a_header = BytesMut::new();
    write_frame(&mut half_a_header, |body| body.put_i32(1));
    session_is_cut_upon(&half_a_header);
}

#[test]
fn a_body_that_cannot_be_read_does_not_bring_the_server_down() {
    let server = Service::in_memory();
    let mut hostile = Connection::with_session(server.address(), SESSION).expect("a session");
    let mut bytes = BytesMut::new();
    // create, with a path that claims to be longer than the frame.
    write_frame(&mut bytes, |body| {
        body.put_i32(1);
        body.put_i32(1);
        body.put_i32(i32::MAX);
        body.put_slice(b"/x");
    });
    hostile.send_bytes(&bytes).expect("it takes them");
    // ZooKeeper answers MarshallingError; to end the connection would do as well. To say nothing would not.
    if let Ok(Some(frame)) = hostile.next_frame() {
        let header: ReplyHeader = proto::Decode::from_bytes(&frame).expect("a reply");
        assert_eq!(header.error, Some(ErrorCode::MarshallingError));
    }
    others_are_served(&server, "after");
}

#[test]
fn an_operation_nobody_knows_is_answered_and_ends_the_connection() {
    let server = Service::in_memory();
    let mut hostile = Connection::with_session(server.address(), SESSION).expect("a session");
    let mut bytes = BytesMut::new();
    write_frame(&mut bytes, |body| {
        body.put_i32(7);
        body.put_i32(4242);
    });
    hostile.send_bytes(&bytes).expect("it takes them");
    let frame = hostile.next_frame().expect("no error").expect("an answer");
    let header: ReplyHeader = proto::Decode::from_bytes(&frame).expect("a reply");
    assert_eq!((header.xid, header.error), (7, Some(ErrorCode::Unimplemented)));
    assert!(hostile.is_closed_within(SOON));
    others_are_served(&server, "after");
}

#[test]
fn a_handshake_left_half_said_holds_nobody_up_and_is_given_up_on() {
    let server = Service::in_memory();
    let mut handshake = BytesMut::new();
    write_record(&mut handshake, &new_session(SESSION));
    let mut hostile = Connection::open(server.address()).expect("a connection");
    hostile.send_bytes(&handshake[..handshake.len() / 2]).expect("it takes them");
    others_are_served(&server, "meanwhile");
    // ZooKeeper gives a connection without a session ten seconds (`zookeeper.nio.sessionlessCnxnTimeout`).
    assert!(hostile.is_closed_within(Duration::from_secs(20)), "it waits for the other half for ever");
    others_are_served(&server, "after");
}

#[test]
fn half_a_request_holds_nobody_up_and_ends_with_its_session() {
    let server = Service::start(&["--tick", "200ms"].map(AsRef::as_ref));
    let mut hostile = Connection::with_session(server.address(), Duration::from_millis(400)).expect("a session");
    hostile.send_bytes(&[0, 0, 0, 100, 0, 0, 0]).expect("it takes them");
    others_are_served(&server, "meanwhile");
    // It says nothing any more, so its session expires, and its connection goes with it.
    assert!(hostile.is_closed_within(SOON), "it outlives its session");
    others_are_served(&server, "after");
}

#[test]
fn a_client_that_never_reads_holds_nobody_up() {
    let server = Service::in_memory();
    let mut hostile = Connection::with_session(server.address(), SESSION).expect("a session");
    let large = vec![7; 500_000];
    hostile.ask(&create("/large", &large, CreateMode::Persistent)).expect("an answer").expect("created");
    // Thousands of answers of half a megabyte each, and nobody to take them. When the server takes no more questions,
    // or closes the connection, that is right as well.
    let request = Request::GetData(proto::GetDataRequest { path: "/large".into(), watch: false });
    for _ in 0..1000 {
        if hostile.send(&request).is_err() {
            break;
        }
    }
    for turn in 0..5 {
        others_are_served(&server, &format!("turn-{turn}"));
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap_or_default();
    if let Some(resident) = status.lines().find_map(|line| line.strip_prefix("VmRSS:")) {
        let kib: u64 = resident.trim().trim_end_matches("kB").trim().parse().expect("a number");
        assert!(kib < 256 << 10, "the answers nobody takes fill the memory: {kib} KiB");
    }
}

#[test]
fn an_address_may_have_only_so_many_connections() {
    let server = Service::in_memory();
    let held: Vec<Connection> = (0..60).map(|_| Connection::open(server.address()).expect("a connection")).collect();
    // They are counted when the server has accepted them.
    pause(Duration::from_millis(300));
    let mut one_too_many = Connection::open(server.address()).expect("the system accepts it");
    assert!(one_too_many.is_closed_within(SOON), "ZooKeeper allows 60 (`maxClientCnxns`)");
    drop(held);
    pause(Duration::from_millis(300));
    others_are_served(&server, "after");
}

/// Connects from an address of the loopback's many.
fn connect_from(source: Ipv4Addr, server: SocketAddr) -> std::io::Result<TcpStream> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((source, 0)))?;
        socket.connect(server).await?.into_std()
    })
}

#[test]
fn two_thousand_that_say_nothing_hold_nobody_up() {
    const SILENT: u32 = 2000;
    const FROM_EACH_ADDRESS: u32 = 50;
    let server = Service::in_memory();
    let mut silent = Vec::new();
    for number in 0..SILENT {
        // 127.0.0.1 stays free for those who behave.
        let last = u8::try_from(2 + number / FROM_EACH_ADDRESS).expect("fewer than 250 addresses");
        match connect_from(Ipv4Addr::new(127, 0, 0, last), server.address()) {
            Ok(stream) => silent.push(stream),
            // The test's own limit of open files: as many as may be are enough.
            Err(error) if error.raw_os_error() == Some(24) && silent.len() > 500 => break,
            Err(error) => panic!("connection {number}: {error}"),
        }
        if number % 400 == 0 {
            others_are_served(&server, &format!("while-{number}"));
        }
    }
    others_are_served(&server, "with-all");
    println!("{} silent connections", silent.len());
    // All are given up on; the first one has been silent for the longest.
    let limit = Duration::from_secs(20);
    let watch = Stopwatch::start();
    for stream in &mut silent {
        stream.set_nonblocking(false).expect("it can be set");
        stream.set_read_timeout(Some(watch.left_of(limit).max(Duration::from_millis(1)))).expect("it can be set");
        let read = stream.read(&mut [0; 16]);
        assert!(
            matches!(read, Ok(0))
                || read.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset),
            "{read:?}"
        );
    }
    others_are_served(&server, "after");
}

#[test]
fn a_password_is_not_guessed_by_asking_for_sessions() {
    let server = Service::in_memory();
    let mut owner = Connection::open(server.address()).expect("a connection");
    let granted = owner.shake_hands(&new_session(SESSION)).expect("a session");
    owner.ask(&create("/mine", b"", CreateMode::Ephemeral)).expect("an answer").expect("created");
    for guess in 0..20_u8 {
        let mut thief = Connection::open(server.address()).expect("a connection");
        let mut request = new_session(SESSION);
        request.session_id = granted.session_id;
        request.password = proto::Password([guess; 16]);
        let answer = thief.shake_hands(&request).expect("an answer");
        assert!(answer.is_refused());
        assert!(thief.is_closed_within(SOON));
    }
    let mut observer = Connection::with_session(server.address(), SESSION).expect("a session");
    assert!(observer.exists("/mine").is_some(), "the session has not suffered");
}

#[test]
fn a_four_letter_word_that_is_not_allowed_is_not_answered_in_full() {
    let server = Service::in_memory();
    let ask = |word: &str| {
        let mut stream = TcpStream::connect(server.address()).expect("a connection");
        stream.set_read_timeout(Some(SOON)).expect("it can be set");
        stream.write_all(word.as_bytes()).expect("it takes it");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it is closed after the answer");
        answer
    };
    assert!(ask("srvr").contains("Mode: standalone"));
    assert_eq!(ask("dump").trim(), "dump is not executed because it is not in the whitelist.");
    others_are_served(&server, "after");
}

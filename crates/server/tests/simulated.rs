//! The server inside a simulation, on a disk that forgets what was not fsynced and tears the last write.
#![cfg(madsim)]

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use history::{Event, Keep, Log, ServiceEvent};
use host::net::TcpStream;
use interregnum_server::{Config, Server};
use proto::frame::write_record;
use proto::request::write_request;
use proto::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const PATIENCE: Duration = Duration::from_secs(1);

async fn serve() {
    let config = Config {
        listen: SocketAddr::from(([0, 0, 0, 0], 2181)),
        data: Some("data".into()),
        snapshot_interval: 100,
        ..Config::default()
    };
    let server = Server::bind(config).await.expect("the disk is sound");
    let ended = server.run().await;
    panic!("the server ended: {ended:?}");
}

struct Connection {
    stream: TcpStream,
    decoder: FrameDecoder,
}

impl Connection {
    async fn open() -> io::Result<Connection> {
        let address = host::net::lookup("server:2181").await?[0];
        let stream = within(TcpStream::connect(address)).await?;
        let mut connection = Connection { stream, decoder: FrameDecoder::default() };
        let mut bytes = BytesMut::new();
        let request = ConnectRequest {
            protocol_version: 0,
            last_zxid_seen: Zxid::ZERO,
            timeout_milliseconds: 6000,
            session_id: SessionId::NONE,
            password: Password::NONE,
            read_only: Some(false),
        };
        write_record(&mut bytes, &request);
        connection.exchange(&bytes).await?;
        Ok(connection)
    }

    async fn call(&mut self, request: &Request) -> io::Result<Result<Response, ErrorCode>> {
        let mut bytes = BytesMut::new();
        write_request(&mut bytes, 1, request);
        let frame = self.exchange(&bytes).await?;
        let mut reader = Reader::new(&frame);
        let header = ReplyHeader::decode(&mut reader).expect("a header");
        Ok(Response::decode(request.op_code(), &header, &mut reader).expect("a well-formed answer"))
    }

    async fn exchange(&mut self, bytes: &[u8]) -> io::Result<Bytes> {
        within(self.stream.write_all(bytes)).await?;
        loop {
            if let Some(frame) = self.decoder.next_frame().expect("a frame") {
                return Ok(frame);
            }
            if within(self.stream.read_buf(self.decoder.buffer_mut())).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

async fn within<T>(future: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    host::timeout(PATIENCE, future).await.unwrap_or(Err(io::ErrorKind::TimedOut.into()))
}

fn create(number: usize) -> Request {
    let acls = vec![Acl::open()];
    Request::Create(CreateRequest { path: format!("/{number}"), data: None, acls, flags: 0 })
}

/// Creates znodes for as long as the process lives, and notes which ones were acknowledged.
async fn write(acknowledged: Arc<Mutex<Vec<usize>>>) {
    for number in 0.. {
        loop {
            let Ok(mut connection) = Connection::open().await else {
                host::sleep(Duration::from_millis(50)).await;
                continue;
            };
            match connection.call(&create(number)).await {
                // An earlier try may have come through without its answer.
                Ok(Ok(_) | Err(ErrorCode::NodeExists)) => break,
                Ok(Err(error)) => panic!("{error}"),
                Err(_) => {}
            }
        }
        acknowledged.lock().expect("nobody panicked").push(number);
    }
}

async fn list() -> Vec<String> {
    let mut connection = Connection::open().await.expect("the server is up");
    let request = Request::GetChildren(GetChildrenRequest { path: "/".into(), watch: false });
    match connection.call(&request).await.expect("the server answers") {
        Ok(Response::GetChildren(response)) => response.children,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_acknowledged_survives_the_loss_of_power() {
    let mut remarks = 0;
    for seed in 0..8 {
        let acknowledged = Arc::new(Mutex::new(Vec::new()));
        let options = host::sim::Options { seed, scheduler_seed: seed, log: Log::new(Keep::Everything) };
        let run = host::sim::simulate(options, move |world| async move {
            world.add_node("server", serve);
            let writer = acknowledged.clone();
            world.add_node("writer", move || write(writer.clone()));
            for round in 0..20_u64 {
                // At odd moments, so that the cut falls into appends, fsyncs and snapshots.
                world.sleep(Duration::from_micros(900_000 + 7_919 * round + 13 * seed)).await;
                world.power_off("server");
                world.sleep(Duration::from_millis(100)).await;
                world.power_on("server");
                world.start("server");
            }
            world.kill("writer");
            world.sleep(Duration::from_secs(2)).await;
            let expected = acknowledged.lock().expect("nobody panicked").clone();
            assert!(expected.len() > 50, "only {} writes came through", expected.len());
            world.add_node("reader", move || {
                let expected = expected.clone();
                async move {
                    let found: BTreeSet<String> = list().await.into_iter().collect();
                    for number in expected {
                        assert!(found.contains(&number.to_string()), "{number} was acknowledged and is gone");
                    }
                }
            });
            world.sleep(Duration::from_secs(2)).await;
            assert!(!world.is_running("reader"), "the reader comes to its end");
            let log = world.log();
            let cut = |record: &&history::Record| matches!(&record.event, Event::Service(ServiceEvent::Recovered { remark, .. }) if !remark.is_empty());
            log.kept().iter().filter(cut).count()
        });
        remarks += run.unwrap_or_else(|panicked| panic!("seed {seed}: {panicked}"));
    }
    assert!(remarks > 0, "no power loss ever tore a write: the test shows nothing");
}

/// Else what is replayed at a start would grow with the age of the service, however small the snapshot interval.
#[test]
fn a_server_that_never_lives_long_takes_snapshots_all_the_same() {
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let written = acknowledged.clone();
    let options = host::sim::Options { seed: 1, scheduler_seed: 1, log: Log::new(Keep::Everything) };
    let run = host::sim::simulate(options, move |world| async move {
        world.add_node("server", serve);
        world.add_node("writer", move || write(written.clone()));
        for _ in 0..60 {
            world.sleep(Duration::from_millis(300)).await;
            world.kill("server");
            world.start("server");
        }
        world.sleep(Duration::from_secs(1)).await;
        let log = world.log();
        let service = |record: &history::Record| match &record.event {
            Event::Service(event) => Some(event.clone()),
            _ => None,
        };
        let told: Vec<ServiceEvent> = log.kept().iter().filter_map(service).collect();
        let recovered = told.iter().rposition(|event| matches!(event, ServiceEvent::Recovered { .. }));
        let replayed = &told[recovered.expect("it recovered")..];
        replayed.iter().position(|event| matches!(event, ServiceEvent::Serving { .. })).expect("it serves")
    });
    let replayed = run.unwrap_or_else(|panicked| panic!("{panicked}"));
    let writes = acknowledged.lock().expect("nobody panicked").len();
    assert!(writes > 300, "only {writes} writes came through");
    assert!(replayed < 300, "{replayed} events were replayed, at a snapshot every 100 transactions");
}

/// Serves, and ends quietly when the disk fails: whoever looks after it starts it anew.
async fn serve_until_the_disk_fails() {
    let config =
        Config { listen: SocketAddr::from(([0, 0, 0, 0], 2181)), data: Some("data".into()), ..Config::default() };
    // What it ends with is the disk's error; the test is about what comes after.
    let _ = Server::bind(config).await.expect("the disk can be read").run().await;
}

/// After a failed fsync the kernel shows what it could not write, and takes it for written. A server that reads it back
/// and answers from it must not lose it to the next power loss.
#[test]
fn what_was_read_back_after_a_failed_fsync_survives_the_loss_of_power() {
    let mut failures = 0;
    for seed in 0..8 {
        let acknowledged = Arc::new(Mutex::new(Vec::new()));
        let options = host::sim::Options { seed, scheduler_seed: seed, log: Log::new(Keep::Nothing) };
        let run = host::sim::simulate(options, move |world| async move {
            world.add_node("server", serve_until_the_disk_fails);
            let writer = acknowledged.clone();
            world.add_node("writer", move || write(writer.clone()));
            let mut failures = 0;
            for round in 0..6_u64 {
                world.sleep(Duration::from_micros(500_000 + 7_919 * round + 13 * seed)).await;
                world.disks().fail_next_syncs("server", 1);
                world.sleep(Duration::from_millis(200)).await;
                failures += u32::from(!world.is_running("server"));
                world.disks().restore("server");
                world.start("server");
                // Long enough to answer from what was read back.
                world.sleep(Duration::from_millis(400)).await;
                world.power_off("server");
                world.power_on("server");
                world.start("server");
            }
            world.kill("writer");
            world.sleep(Duration::from_secs(2)).await;
            let expected = acknowledged.lock().expect("nobody panicked").clone();
            assert!(expected.len() > 20, "only {} writes came through", expected.len());
            world.add_node("reader", move || {
                let expected = expected.clone();
                async move {
                    let found: BTreeSet<String> = list().await.into_iter().collect();
                    for number in expected {
                        assert!(found.contains(&number.to_string()), "{number} was acknowledged and is gone");
                    }
                }
            });
            world.sleep(Duration::from_secs(2)).await;
            assert!(!world.is_running("reader"), "the reader comes to its end");
            failures
        });
        failures += run.unwrap_or_else(|panicked| panic!("seed {seed}: {panicked}"));
    }
    assert!(failures > 20, "only {failures} fsyncs failed: the test shows little");
}

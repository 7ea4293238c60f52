//! Three real servers, clients at each of them, leaders killed: what the clients saw is the history of registers, and a
//! checker that knows nothing of servers says so.

use std::fs;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use interregnum_tests::ensemble::{Ensemble, Settings};
use interregnum_tests::process::run;
use interregnum_tests::program;
use interregnum_tests::service::scratch;
use interregnum_tests::session::Session;
use interregnum_tests::waiting::{PATIENCE, Stopwatch, pause};
use interregnum_tests::wire::create;
use proto::{CreateMode, GetDataRequest, Request, Response, SetDataRequest, SyncRequest};
use serde_json::{Value, json};

const CLIENTS: u64 = 6;
const REGISTERS: u64 = 3;
const KILLS: u32 = 3;

/// How long the clients have with three servers, and with two.
const LASTS: Duration = Duration::from_millis(300);

/// Between two calls of a client: so that a checker has to think, not to count.
const BETWEEN: Duration = Duration::from_millis(2);

/// What happened, in order.
struct Record {
    began: Stopwatch,
    lines: Mutex<Vec<Value>>,
}

impl Record {
    fn note(&self, process: u64, stage: &str, call: (&str, &str), value: &Value) {
        let mut lines = self.lines.lock().expect("nobody panics with it");
        let time = u64::try_from(self.began.elapsed().as_nanos()).expect("a few seconds");
        let (f, key) = call;
        lines.push(json!({"process": process, "type": stage, "f": f, "key": key, "value": value, "time": time}));
    }
}

fn set(path: &str, value: u64) -> Request {
    Request::SetData(SetDataRequest { path: path.to_owned(), data: Some(Bytes::from(value.to_string())), version: -1 })
}

/// Reads what is committed: where a sync has been answered, all that was committed when it was asked is applied.
fn read(session: &mut Session, path: &str) -> std::io::Result<Value> {
    session.send(&Request::Sync(SyncRequest { path: path.to_owned() }))?;
    session.send(&Request::GetData(GetDataRequest { path: path.to_owned(), watch: false }))?;
    session.receive()?.expect("a sync is not refused");
    let Response::GetData(answer) = session.receive()?.expect("it is there") else { panic!("data were asked for") };
    let data = answer.data.unwrap_or_default();
    // Empty until the first write.
    Ok(String::from_utf8_lossy(&data).parse().map_or(Value::Null, |value: u64| json!(value)))
}

/// Reads and writes until the end. A call whose connection broke ends its process, as it were: what it asked for may
/// still happen; the session goes on under another name.
fn work(mut session: Session, client: u64, record: &Record, next: &AtomicU64, is_over: &AtomicBool) {
    let (mut process, mut turn) = (client, client);
    while !is_over.load(Ordering::Relaxed) {
        turn += 1;
        let path = format!("/register-{}", turn % REGISTERS);
        let writes = turn.is_multiple_of(2);
        let call = (if writes { "write" } else { "read" }, path.as_str());
        let number = next.fetch_add(1, Ordering::Relaxed);
        record.note(process, "invoke", call, &if writes { json!(number) } else { Value::Null });
        let outcome = if writes {
            session.ask(&set(&path, number)).map(|answer| answer.map(|_| json!(number)).expect("nothing is refused"))
        } else {
            read(&mut session, &path)
        };
        match outcome {
            Ok(value) => record.note(process, "ok", call, &value),
            Err(_) => {
                record.note(process, if writes { "info" } else { "fail" }, call, &Value::Null);
                process += CLIENTS;
                session.reconnect();
            }
        }
        pause(BETWEEN);
    }
}

#[test]
fn what_clients_of_three_servers_see_is_linearizable_while_leaders_are_killed() {
    let settings = Settings::default();
    let mut ensemble = Ensemble::start(settings);
    let open = |client: u64| {
        let mut servers: Vec<_> = ensemble.ids().map(|id| ensemble.address(id)).collect();
        servers.rotate_left(usize::try_from(client % 3).expect("few"));
        Session::open(servers, settings.longest_session(), settings.new_leader_within() + PATIENCE)
    };
    let mut first = open(0);
    for register in 0..REGISTERS {
        first.insist(&create(&format!("/register-{register}"), b"", CreateMode::Persistent)).expect("created");
    }
    first.sync();

    let record = Record { began: Stopwatch::start(), lines: Mutex::new(Vec::new()) };
    let (next, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let sessions: Vec<Session> = (0..CLIENTS).map(open).collect();
    std::thread::scope(|scope| {
        let (record, next, is_over) = (&record, &next, &is_over);
        for (client, session) in (0..).zip(sessions) {
            scope.spawn(move || work(session, client, record, next, is_over));
        }
        let _stop = Stop(is_over);
        for _ in 0..KILLS {
            pause(LASTS);
            let (killed, _) = ensemble.kill_leader();
            pause(LASTS);
            ensemble.start_server(killed);
            ensemble.wait_until_whole();
        }
    });

    let lines = record.lines.into_inner().expect("nobody panicked");
    let count = |stage: &str| lines.iter().filter(|line| line["type"] == stage).count();
    let [answered, unknown] = ["ok", "info"].map(count);
    println!("{answered} calls answered, {unknown} writes of which nobody knows");
    assert!(answered > 500 && unknown > 0, "{answered} calls answered, {unknown} unknown: too few to say anything");
    let (directory, _) = scratch();
    let file = directory.path().join("history.jsonl");
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    fs::write(&file, text.join("\n")).expect("it is written");
    let mut check = Command::new(program::interregnum());
    let judged = run(check.arg("check").arg(&file).args(["--model", "register"]), PATIENCE * 3);
    assert_eq!(judged.code, Some(0), "{judged:#?}");
    assert!(judged.output.contains(": linearizable"), "{judged:#?}");
}

/// Tells the clients to stop, also when a test fails: else its scope would wait for them.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

//! Faults in a world whose servers tell what an ensemble would: `zk1` leads, broadcasts and writes, the others follow.

mod candidates;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use check::Monitors;
use history::{
    DiskEvent, EnsembleEvent, Event, FaultEvent, Keep, LeadershipEvent, MachineEvent, NetworkEvent, Phase, Record, Time,
};
use host::fs::{self, File};
use host::net::{TcpListener, TcpStream};

use crate::schedule::{Family, SavedRun};
use crate::{Bed, Parameters, Plan, Roles, SERVICE_PORT, Scenario, execute};

struct Told;

impl Scenario for Told {
    fn name(&self) -> &'static str {
        "test/told"
    }

    fn about(&self) -> &'static str {
        "servers that tell what an ensemble would"
    }

    fn parameters(&self) -> Parameters {
        let mut parameters = Parameters::standard();
        for (key, value) in [("servers", "3"), ("candidates", "2"), ("length", "15s")] {
            parameters.set(key, value).expect("it may be so");
        }
        parameters
    }

    fn roles(&self, parameters: &Parameters) -> Roles {
        Roles { resources: Vec::new(), ..Roles::election(parameters) }
    }

    fn build(&self, bed: &Bed) {
        let epoch = Arc::new(AtomicU32::new(0));
        for (id, name) in (1..).zip(&bed.roles().servers) {
            let epoch = epoch.clone();
            bed.add_node(name, move || serve(id, epoch.clone()));
        }
        for name in &bed.roles().candidates {
            bed.add_node(name, || async {
                // To the first server that can be reached.
                for server in ["10.0.0.1", "10.0.0.2", "10.0.0.3"].into_iter().cycle() {
                    let address = format!("{server}:{SERVICE_PORT}").parse().expect("an address");
                    let connected = host::timeout(Duration::from_millis(200), TcpStream::connect(address)).await;
                    if let Ok(Ok(mut stream)) = connected {
                        host::tell(Event::Leadership(LeadershipEvent::Waiting { on: server.to_owned() }));
                        let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0]).await;
                    }
                }
            });
        }
    }

    fn monitors(&self, _: &Parameters, _: &BTreeSet<Family>) -> Monitors {
        Monitors::new()
    }

    fn liveness_bound(&self, _: &Parameters) -> Duration {
        Duration::from_secs(1)
    }
}

/// Every byte of the log is this one.
const WHOLE: u8 = 7;

async fn serve(id: u8, epoch: Arc<AtomicU32>) {
    let log = Path::new("log");
    let written = fs::read(log).await.unwrap_or_default();
    if written.iter().any(|byte| *byte != WHOLE) {
        return;
    }
    tell(EnsembleEvent::Recovered {
        server: id,
        voter: true,
        accepted_epoch: 0,
        current_epoch: 0,
        snapshot: 0,
        last: written.len() as i64,
        repaired: false,
    });
    let listener = TcpListener::bind(Bed::listen_address()).await.expect("the port is free");
    host::spawn(async move {
        let mut clients = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            clients.push(stream);
        }
    });
    let mut log = match File::open(log).await {
        Ok(log) => log,
        Err(_) => File::create(log).await.expect("it is not there"),
    };
    fs::sync_directory(Path::new("/")).await.expect("no fault is asked for");
    if id == 1 {
        let epoch = epoch.fetch_add(1, Ordering::Relaxed) + 1;
        tell(EnsembleEvent::Established { epoch, initial: 0 });
    }
    for zxid in 1.. {
        host::sleep(Duration::from_millis(100)).await;
        if id == 1 {
            tell(EnsembleEvent::Broadcast { zxid, checksum: 0 });
        } else {
            tell(EnsembleEvent::UpToDate { leader: 1, epoch: epoch.load(Ordering::Relaxed) });
        }
        log.append(&[WHOLE]).await.expect("no fault is asked for");
        if log.sync().await.is_err() {
            return;
        }
        tell(EnsembleEvent::Delivered { zxid, checksum: 0 });
    }
}

fn tell(event: EnsembleEvent) {
    host::tell(Event::Ensemble(event));
}

/// What happened under these faults, given as a file has them.
struct Story(Vec<Record>);

fn run(faults: &str) -> Story {
    let text = format!("format = 1\nscenario = \"test/told\"\nseed = 1\n{faults}");
    let saved = SavedRun::parse(&text, Path::new("x.toml")).unwrap_or_else(|error| panic!("{error}"));
    let plan = Plan::with_schedule(&Told, Told.parameters(), 1, saved.schedule).expect("the schedule fits");
    let outcome = execute(&plan, Keep::Everything).expect("it runs");
    assert_eq!(outcome.panic, None);
    Story(outcome.kept)
}

impl Story {
    /// When events happened that this picks, and on which node.
    fn when(&self, pick: impl Fn(&Event) -> bool) -> Vec<(Time, String)> {
        let picked = self.0.iter().filter(|record| pick(&record.event));
        picked.map(|record| (record.at, record.node.as_ref().map(ToString::to_string).unwrap_or_default())).collect()
    }

    fn machine(&self, wanted: MachineEvent) -> Vec<(Time, String)> {
        let after_boot = |(at, _): &(Time, String)| *at > Time::ZERO + Duration::from_millis(1);
        let all = self.when(|event| *event == Event::Machine(wanted.clone()));
        all.into_iter().filter(after_boot).collect()
    }

    fn ensemble(&self, node: &str, pick: impl Fn(&EnsembleEvent) -> bool) -> Vec<Time> {
        let told = self.when(|event| matches!(event, Event::Ensemble(event) if pick(event)));
        told.into_iter().filter(|(_, teller)| teller == node).map(|(at, _)| at).collect()
    }

    fn begins(&self) -> Vec<&str> {
        let begins = self.0.iter().filter_map(|record| match &record.event {
            Event::Fault(FaultEvent::Begins { what, .. }) => Some(what.as_str()),
            _ => None,
        });
        begins.collect()
    }

    fn ends(&self) -> Vec<Time> {
        self.when(|event| matches!(event, Event::Fault(FaultEvent::Ends { .. })))
            .into_iter()
            .map(|(at, _)| at)
            .collect()
    }

    fn notes(&self) -> Vec<&str> {
        let notes = self.0.iter().filter_map(|record| match &record.event {
            Event::Note { topic, text } if topic == "fault" => Some(text.as_str()),
            _ => None,
        });
        notes.collect()
    }

    fn links(&self, cut: bool) -> BTreeSet<String> {
        let link = |record: &Record| match &record.event {
            Event::Network(NetworkEvent::Cut { from, to }) if cut => Some(format!("{from}>{to}")),
            Event::Network(NetworkEvent::Healed { from, to }) if !cut => Some(format!("{from}>{to}")),
            _ => None,
        };
        self.0.iter().filter_map(link).collect()
    }

    fn liveness(&self) -> Time {
        self.when(|event| *event == Event::Phase(Phase::Liveness))[0].0
    }
}

fn fault(lines: &[&str]) -> String {
    format!("\n[[fault]]\nat = \"2s\"\n{}\n", lines.join("\n"))
}

fn within(at: Time, from: Time, span: Duration) -> bool {
    from <= at && at <= from + span
}

const INSTANT: Duration = Duration::from_micros(20);

fn is_broadcast(event: &EnsembleEvent) -> bool {
    matches!(event, EnsembleEvent::Broadcast { .. })
}

fn is_delivered(event: &EnsembleEvent) -> bool {
    matches!(event, EnsembleEvent::Delivered { .. })
}

#[test]
fn who_leads_is_hit_whoever_it_is() {
    let story = run(&fault(&["lasts = \"1s\"", "kind = \"kill\"", "node = \"@leader\""]));
    assert_eq!(story.begins(), ["kill @leader (@leader is zk1, at `delivered`)"]);
    let killed = story.machine(MachineEvent::Killed);
    assert_eq!(killed.len(), 1);
    assert_eq!(killed[0].1, "zk1");
    assert_eq!(story.machine(MachineEvent::Started), [(story.ends()[0], "zk1".to_owned())]);
}

#[test]
fn where_nobody_has_the_role_nothing_happens_and_it_is_said() {
    let story = run(&fault(&["lasts = \"1s\"", "kind = \"isolate\"", "node = \"@candidate-leader\""]));
    assert_eq!(story.notes(), ["fault 0 does nothing, for nobody is @candidate-leader: cut off @candidate-leader"]);
    assert!(story.begins().is_empty() && story.ends().is_empty() && story.links(true).is_empty());
}

#[test]
fn what_was_cut_is_healed_though_the_leader_has_changed() {
    let cut = fault(&["lasts = \"3s\"", "kind = \"cut_leader\""]);
    let kill = fault(&["lasts = \"8s\"", "kind = \"kill\"", "node = \"zk1\""]).replace("2s", "3s");
    let story = run(&format!("{cut}{kill}"));
    let expected = ["zk1>zk2", "zk1>zk3", "zk2>zk1", "zk3>zk1"].map(str::to_owned);
    assert_eq!(story.links(true), BTreeSet::from(expected.clone()));
    assert_eq!(story.links(false), BTreeSet::from(expected));
}

#[test]
fn a_follower_is_cut_from_the_leader_only() {
    let story = run(&fault(&["lasts = \"1s\"", "kind = \"cut_follower\"", "node = \"@follower-2\""]));
    assert_eq!(story.links(true), BTreeSet::from(["zk1>zk3", "zk3>zk1"].map(str::to_owned)));
    assert_eq!(story.links(true), story.links(false));
}

#[test]
fn who_lies_in_wait_strikes_in_the_instant_of_the_step() {
    let lines = [
        "lasts = \"5s\"",
        "kind = \"kill_at\"",
        "node = \"@leader\"",
        "step = \"broadcast\"",
        "nth = 3",
        "down = \"1.5s\"",
    ];
    let story = run(&fault(&lines));
    let killed = story.machine(MachineEvent::Killed);
    assert_eq!((killed.len(), killed[0].1.as_str()), (1, "zk1"));
    let broadcasts = story.ensemble("zk1", is_broadcast);
    let since: Vec<&Time> = broadcasts.iter().filter(|at| **at >= Time::from_secs(2)).collect();
    assert!(within(killed[0].0, *since[2], INSTANT), "{} after {}", killed[0].0, since[2]);
    let delivered = story.ensemble("zk1", is_delivered);
    assert!(!delivered.iter().any(|at| within(*at, *since[2], Duration::from_secs(1))), "the third was on its way");
    let back = killed[0].0 + Duration::from_millis(1_500);
    assert!(within(story.machine(MachineEvent::Started)[0].0, back, INSTANT));
    assert!(within(story.ends()[0], back, INSTANT), "it ends when the node is back");
    assert!(story.notes()[0].starts_with("fault 0 strikes zk1 at `broadcast`"));
}

#[test]
fn the_power_goes_while_an_fsync_is_under_way() {
    let lines = ["lasts = \"5s\"", "kind = \"power_at\"", "node = \"@follower\"", "step = \"fsync\"", "down = \"1s\""];
    let story = run(&fault(&lines));
    let off = story.machine(MachineEvent::PowerLost);
    assert_eq!((off.len(), off[0].1.as_str()), (1, "zk2"));
    let lost = story.when(|event| matches!(event, Event::Disk(DiskEvent::Lost { bytes: 1, .. })));
    assert!(within(lost[0].0, off[0].0, INSTANT) && lost[0].1 == "zk2");
}

#[test]
fn after_a_blackout_the_power_comes_back_to_one_after_the_other() {
    let lines =
        ["lasts = \"5s\"", "kind = \"blackout_at\"", "node = \"@follower\"", "step = \"delivered\"", "down = \"1s\""];
    let story = run(&fault(&lines));
    let off = story.machine(MachineEvent::PowerLost);
    assert_eq!(
        off.iter().map(|(_, node)| node.as_str()).collect::<BTreeSet<_>>(),
        BTreeSet::from(["zk1", "zk2", "zk3"])
    );
    assert!(off.iter().all(|(at, _)| *at == off[0].0), "all at once");
    let back = story.machine(MachineEvent::Started);
    let back: Vec<&str> = back.iter().map(|(_, node)| node.as_str()).collect();
    assert_eq!(back, ["zk2", "zk3", "zk1"], "whoever took the step first, the leader last");
    assert!(within(story.ends()[0], off[0].0 + Duration::from_secs(3), INSTANT));
}

#[test]
fn it_may_strike_a_while_after_the_step() {
    let lines = [
        "lasts = \"5s\"",
        "kind = \"kill_at\"",
        "node = \"@server\"",
        "step = \"broadcast\"",
        "after = \"450us\"",
        "down = \"1s\"",
    ];
    let story = run(&fault(&lines));
    let killed = story.machine(MachineEvent::Killed)[0].0;
    let before = story.ensemble("zk1", is_broadcast).into_iter().rfind(|at| *at < killed).unwrap();
    assert!(within(killed, before + Duration::from_micros(450), INSTANT), "{before} {killed}");
}

#[test]
fn who_waits_in_vain_gives_up() {
    let lines = ["lasts = \"2s\"", "kind = \"kill_at\"", "node = \"@leader\"", "step = \"restored\"", "down = \"1s\""];
    let story = run(&fault(&lines));
    assert_eq!(story.machine(MachineEvent::Killed), []);
    assert!(within(story.ends()[0], Time::from_secs(4), Duration::from_millis(2)));
}

#[test]
fn at_the_switch_everybody_is_back() {
    let wait = ["lasts = \"5s\"", "kind = \"kill_at\"", "node = \"zk2\"", "step = \"up_to_date\"", "down = \"1h\""];
    let dark = ["lasts = \"1h\"", "kind = \"blackout\"", "nodes = [\"@leader\", \"zk3\"]"];
    let story = run(&format!("{}{}", fault(&wait), fault(&dark).replace("2s", "3s")));
    let off = story.machine(MachineEvent::PowerLost);
    assert_eq!(off.iter().map(|(_, node)| node.as_str()).collect::<Vec<_>>(), ["zk1", "zk3"]);
    assert_eq!(off[0].0, off[1].0, "at once");
    let started = story.machine(MachineEvent::Started);
    assert_eq!(started.len(), 3, "{started:?}");
    assert!(started.iter().all(|(at, _)| *at <= story.liveness()));
}

#[test]
fn a_wiped_disk_is_empty_when_the_server_is_back() {
    let story = run(&fault(&["lasts = \"1s\"", "kind = \"wipe\"", "node = \"zk2\""]));
    assert_eq!(story.when(|event| *event == Event::Disk(DiskEvent::Wiped)).len(), 1);
    let starts_empty = |event: &EnsembleEvent| matches!(event, EnsembleEvent::Recovered { last: 0, .. });
    assert_eq!(story.ensemble("zk2", starts_empty).len(), 2, "at first, and now again");
}

#[test]
fn a_server_that_refuses_its_rotten_disk_gets_another_one() {
    let story = run(&fault(&["lasts = \"1s\"", "kind = \"rot\"", "node = \"@follower\"", "bits = 3"]));
    assert_eq!(story.when(|event| matches!(event, Event::Disk(DiskEvent::Rotted { .. }))).len(), 3);
    let exited = story.machine(MachineEvent::Exited);
    let wiped = story.when(|event| *event == Event::Disk(DiskEvent::Wiped));
    assert_eq!((exited.len(), wiped.len()), (1, 1));
    assert!(within(wiped[0].0, exited[0].0, INSTANT));
    assert_eq!(story.notes(), ["zk2 ends on a rotten disk: it gets an empty one"]);
}

#[test]
fn a_client_moves_to_another_server() {
    let story = run(&fault(&["lasts = \"4s\"", "kind = \"move\"", "node = \"c1\""]));
    assert!(story.begins()[0].ends_with("(its server is zk1)"), "{:?}", story.begins());
    assert_eq!(story.links(true), BTreeSet::from(["c1>zk1", "zk1>c1"].map(str::to_owned)));
    assert_eq!(story.links(true), story.links(false));
    let connected = |record: &&Record| {
        record.node == Some("c1".into()) && matches!(record.event, Event::Network(NetworkEvent::Connected { .. }))
    };
    let servers: Vec<&Event> = story.0.iter().filter(connected).map(|record| &record.event).collect();
    let Event::Network(NetworkEvent::Connected { to, .. }) = servers[1] else { unreachable!("it connects") };
    assert_eq!(to.as_str(), "zk2");
}

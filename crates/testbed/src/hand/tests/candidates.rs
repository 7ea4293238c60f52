//! Faults that lie in wait for candidates, each of which tells that it waits as soon as it is connected.

use super::*;

/// Lies in wait for `c2` to connect anew, which it does when its connections are reset at 3 s.
fn struck_when_it_waits(kind: &str) -> (Story, Time) {
    let wait = fault(&[
        "lasts = \"5s\"",
        &format!("kind = \"{kind}\""),
        "node = \"@candidate\"",
        "step = \"waiting\"",
        "down = \"1.5s\"",
    ]);
    let drop = fault(&["kind = \"drop\"", "node = \"c2\""]).replace("2s", "3s");
    let story = run(&format!("{wait}{drop}"));
    let is_waiting = |event: &Event| matches!(event, Event::Leadership(LeadershipEvent::Waiting { .. }));
    let waits = story.when(is_waiting).into_iter().find(|(at, node)| node == "c2" && *at > Time::from_secs(3));
    let (at, _) = waits.expect("it connects anew");
    assert!(story.notes()[0].starts_with("fault 0 strikes c2 at `waiting`"), "{:?}", story.notes());
    assert!(within(story.ends()[0], at + Duration::from_millis(1_500), INSTANT), "it ends when it has lasted");
    (story, at)
}

fn names(links: &[&str]) -> BTreeSet<String> {
    links.iter().map(|link| (*link).to_owned()).collect()
}

#[test]
fn whoever_takes_the_step_is_cut_off_and_comes_back() {
    let (story, at) = struck_when_it_waits("isolate_at");
    let all = ["c1>c2", "c2>c1", "c2>zk1", "c2>zk2", "c2>zk3", "zk1>c2", "zk2>c2", "zk3>c2"];
    assert_eq!(story.links(true), names(&all));
    assert_eq!(story.links(false), names(&all), "all of it is healed");
    let cut = story.when(|event| matches!(event, Event::Network(NetworkEvent::Cut { .. })));
    assert!(cut.iter().all(|(when, _)| within(*when, at, INSTANT)));
}

#[test]
fn a_session_is_made_to_expire_at_a_step() {
    let (story, _) = struck_when_it_waits("expire_at");
    let service = ["c2>zk1", "c2>zk2", "c2>zk3", "zk1>c2", "zk2>c2", "zk3>c2"];
    assert_eq!(story.links(true), names(&service), "and not from other candidates");
    assert_eq!(story.links(false), names(&service));
}

#[test]
fn a_process_stalls_at_a_step() {
    let (story, at) = struck_when_it_waits("pause_at");
    let [paused, resumed] = [MachineEvent::Paused, MachineEvent::Resumed].map(|event| story.machine(event));
    assert_eq!((paused.len(), paused[0].1.as_str()), (1, "c2"));
    assert!(within(paused[0].0, at, INSTANT));
    assert!(within(resumed[0].0, at + Duration::from_millis(1_500), INSTANT));
}

#[test]
fn answers_are_lost_from_a_step_on_until_the_connections_are_reset() {
    let (story, at) = struck_when_it_waits("ack_lost_at");
    assert_eq!(story.links(true), BTreeSet::new(), "nothing is cut");
    let is_reset = |event: &Event| matches!(event, Event::Network(NetworkEvent::Reset { .. }));
    let resets: Vec<Time> =
        story.when(is_reset).into_iter().filter(|(_, node)| node == "c2").map(|(at, _)| at).collect();
    let end = at + Duration::from_millis(1_500);
    assert!(resets.iter().any(|when| within(*when, end, INSTANT)), "{resets:?} at {end}");
}

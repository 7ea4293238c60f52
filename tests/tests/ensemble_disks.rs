//! What happens to the disk of one of three servers does not cost what was acknowledged, as long as a quorum has it: the
//! ensemble recovers, or the server refuses to start and says where its data are damaged.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::time::Duration;

use interregnum_tests::ensemble::{Ensemble, Settings};
use interregnum_tests::files;
use interregnum_tests::session::Session;
use interregnum_tests::waiting::{PATIENCE, pause};
use interregnum_tests::wire::{Connection, create};
use proto::{CreateMode, Request, SyncRequest};

/// Writes so many znodes through one server, each acknowledged, and gives their paths.
fn write(ensemble: &Ensemble, through: u8, name: &str, count: usize) -> Vec<String> {
    let address = ensemble.address(through);
    let mut session = Session::open(vec![address], ensemble.settings().longest_session(), PATIENCE);
    let paths = (0..count).map(|number| format!("/{name}-{number:03}"));
    let write = |path: String| {
        session.ask(&create(&path, path.as_bytes(), CreateMode::Persistent)).expect("an answer").expect("created");
        path
    };
    paths.map(write).collect()
}

/// Every server, asked on its own, has all of it.
fn all_have(ensemble: &Ensemble, paths: &[String]) {
    for id in ensemble.ids() {
        let mut reader = Connection::with_session(ensemble.address(id), PATIENCE).expect("a session");
        reader.ask(&Request::Sync(SyncRequest { path: "/".to_owned() })).expect("an answer").expect("synced");
        for path in paths {
            let (data, _) = reader.get(path).unwrap_or_else(|| panic!("{path} is lost at server {id}"));
            assert_eq!(data, path.as_bytes());
        }
    }
}

/// A server whose place is of no consequence: one that follows.
fn follower(ensemble: &Ensemble) -> u8 {
    let (leader, _) = ensemble.leader().expect("there is a leader");
    ensemble.ids().find(|id| *id != leader).expect("there are three")
}

fn stop_all(ensemble: &mut Ensemble) {
    for id in ensemble.ids() {
        ensemble.kill(id);
    }
}

fn start_all(ensemble: &mut Ensemble) {
    for id in ensemble.ids() {
        ensemble.start_server(id);
    }
    ensemble.wait_until_whole();
}

fn flip_a_bit(path: &Path, at: usize) {
    let mut bytes = fs::read(path).expect("it is there");
    bytes[at] ^= 0x10;
    fs::write(path, bytes).expect("it is written");
}

/// The server refuses to start, in one line that names the file and the place of the record with this byte.
fn is_refused(ensemble: &Ensemble, id: u8, file: &Path, at: usize) {
    let mut before = files::content(&ensemble.data(id));
    // What was half written when the server was killed has never counted.
    before.retain(|path, _| !path.ends_with("unfinished"));
    let refused = ensemble.refused(id);
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    let complaint = refused.only_complaint();
    let place = format!("{} is damaged at byte ", file.display());
    let offset = complaint.split_once(&place).and_then(|(_, rest)| rest.split(':').next()?.parse::<usize>().ok());
    let offset = offset.unwrap_or_else(|| panic!("`{place}` was expected in: {complaint}"));
    // No record here is longer than this.
    assert!((at.saturating_sub(300)..=at).contains(&offset), "byte {at} was damaged: {complaint}");
    let after = files::content(&ensemble.data(id));
    assert!(after.keys().eq(before.keys()), "{:?} after {:?}", after.keys(), before.keys());
    assert!(after == before, "a directory that is refused is left as it was");
}

/// What a disk that was replaced holds: the file that the operator writes, and nothing else.
fn empty(ensemble: &Ensemble, id: u8) {
    fs::remove_dir_all(ensemble.data(id)).expect("it can be removed");
    fs::create_dir_all(ensemble.data(id)).expect("it can be made");
    fs::write(ensemble.data(id).join("myid"), format!("{id}\n")).expect("it can be written");
}

#[test]
fn half_a_record_at_the_end_of_one_log_costs_nothing() {
    let mut ensemble = Ensemble::start(Settings::default());
    let mut paths = write(&ensemble, 1, "before", 40);
    // Of any server: also of the one that has led, and has the highest id of those that are as far.
    for id in ensemble.ids() {
        stop_all(&mut ensemble);
        let logs = files::all(&ensemble.data(id), "log");
        let log = logs.last().expect("there is a log");
        let length = fs::metadata(log).expect("it is there").len();
        let cut = OpenOptions::new().write(true).open(log).and_then(|file| file.set_len(length - 20));
        cut.expect("it is cut");
        start_all(&mut ensemble);
        all_have(&ensemble, &paths);
        paths.extend(write(&ensemble, id, &format!("after-{id}"), 10));
    }
    all_have(&ensemble, &paths);
}

#[test]
fn a_flipped_bit_stops_one_server_and_not_the_others() {
    let mut ensemble = Ensemble::start(Settings::default());
    let mut paths = write(&ensemble, 1, "before", 40);
    let damaged = follower(&ensemble);
    ensemble.kill(damaged);
    let log = files::largest(&ensemble.data(damaged), "log");
    let middle = usize::try_from(fs::metadata(&log).expect("it is there").len()).expect("short") / 2;
    flip_a_bit(&log, middle);
    is_refused(&ensemble, damaged, &log, middle);

    let (leader, _) = ensemble.leader().expect("two of three have one");
    paths.extend(write(&ensemble, leader, "meanwhile", 40));
    // What the operator does then. The others have a quorum, so nothing hangs on what is thrown away.
    empty(&ensemble, damaged);
    ensemble.start_server(damaged);
    ensemble.wait_until_whole();
    all_have(&ensemble, &paths);
    // And it counts again: with it and one other there is a quorum.
    let (killed, _) = ensemble.kill_leader();
    let other = ensemble.ids().find(|id| *id != killed && *id != damaged).expect("there are three");
    paths.extend(write(&ensemble, other, "after", 10));
    ensemble.start_server(killed);
    ensemble.wait_until_whole();
    all_have(&ensemble, &paths);
}

#[test]
fn a_damaged_snapshot_and_a_damaged_epoch_are_refused_too() {
    let mut ensemble = Ensemble::start(Settings { snapshot_count: 20, ..Settings::default() });
    let paths = write(&ensemble, 1, "before", 50);
    let damaged = follower(&ensemble);
    ensemble.kill(damaged);
    for file in [files::largest(&ensemble.data(damaged), "snapshot"), ensemble.data(damaged).join("currentEpoch")] {
        let whole = fs::read(&file).expect("it is there");
        let all = files::all(&ensemble.data(damaged), "snapshot");
        // An older snapshot and the logs behind it would do: there is none.
        let others: Vec<_> = all.iter().filter(|other| **other != file).collect();
        let kept: Vec<_> = others.iter().map(|other| (*other, fs::read(other).expect("it is there"))).collect();
        if file.file_name().is_some_and(|name| name != "currentEpoch") {
            others.iter().for_each(|other| fs::remove_file(other).expect("it is removed"));
        }
        flip_a_bit(&file, whole.len() / 2);
        is_refused(&ensemble, damaged, &file, whole.len() / 2);
        fs::write(&file, whole).expect("it is written");
        kept.iter().for_each(|(path, bytes)| fs::write(path, bytes).expect("it is written"));
    }
    ensemble.start_server(damaged);
    ensemble.wait_until_whole();
    all_have(&ensemble, &paths);
}

/// A server that lost its disk must not help to elect one that lacks what the lost disk held.
#[test]
fn an_empty_directory_does_not_vote_what_it_held_away() {
    let settings = Settings { trusts_empty_directories: false, ..Settings::default() };
    let mut ensemble = Ensemble::start(settings);
    let mut paths = write(&ensemble, 1, "all", 20);
    // Two of three have what comes now.
    ensemble.kill(1);
    paths.extend(write(&ensemble, 3, "two", 20));
    ensemble.kill(2);
    ensemble.kill(3);

    empty(&ensemble, 3);
    ensemble.start_server(1);
    ensemble.start_server(3);
    // The one that lacks them and the one that lost them are two of three, but no quorum.
    pause(settings.new_leader_within() + Duration::from_secs(1));
    assert_eq!([1, 3].map(|id| ensemble.status(id)), [None, None], "nobody serves what may be too little");

    ensemble.start_server(2);
    ensemble.wait_until_whole();
    all_have(&ensemble, &paths);
    // Having learnt all of it, it votes again.
    ensemble.kill(2);
    paths.extend(write(&ensemble, 3, "again", 5));
    ensemble.start_server(2);
    ensemble.wait_until_whole();
    all_have(&ensemble, &paths);
}

#[test]
fn a_server_that_can_no_longer_write_ends_and_says_why() {
    let mut ensemble = Ensemble::start(Settings { snapshot_count: 20, ..Settings::default() });
    let lost = follower(&ensemble);
    let (leader, _) = ensemble.leader().expect("there is a leader");
    fs::remove_dir_all(ensemble.data(lost)).expect("it can be removed");
    // The log goes on in a file that nobody will ever find again; the next snapshot is noticed.
    let mut paths = write(&ensemble, leader, "meanwhile", 60);
    let finished = ensemble.wait_for_end(lost);
    assert_eq!(finished.code, Some(1), "{finished:#?}");
    assert!(finished.only_complaint().contains(&ensemble.data(lost).display().to_string()), "{finished:#?}");

    paths.extend(write(&ensemble, leader, "without", 20));
    fs::create_dir_all(ensemble.data(lost)).expect("it can be made");
    fs::write(ensemble.data(lost).join("myid"), format!("{lost}\n")).expect("it can be written");
    ensemble.start_server(lost);
    ensemble.wait_until_whole();
    all_have(&ensemble, &paths);
}

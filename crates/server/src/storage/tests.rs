//! Recovery from what a disk may hold after a stop, on real files.

use std::path::Path;
use std::sync::Arc;

use proto::{Acl, SessionId};

use super::*;
use crate::owner::Owner;
use crate::transaction::{Change, Create};

/// A runtime for the file system; nothing here waits for time.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

fn transaction(number: i64) -> Arc<Transaction> {
    let change = Change::Create(Create {
        path: format!("/n-{number:010}").into(),
        data: Some(Bytes::from_static(b"data")),
        acls: vec![Acl::open()].into(),
        owner: Owner::Nobody,
        parent_cversion: i32::try_from(number).expect("a small number"),
        sequential: false,
    });
    Arc::new(Transaction { zxid: Zxid(number), session: SessionId(1), time: 5, change })
}

/// Writes transactions through a journal, as the core does, a batch each.
async fn write(directory: &Path, numbers: std::ops::RangeInclusive<i64>) -> Database {
    let (storage, recovery) = Storage::open(directory, 2).await.expect("a sound directory");
    let mut database = recovery.database;
    let mut journal = Journal::start(storage);
    for number in numbers {
        let transaction = transaction(number);
        database.apply(&transaction, &mut Vec::new()).expect("it applies");
        journal.append(vec![transaction]);
        while journal.next_safe().await.expect("it is safe") < Zxid(number) {}
    }
    database
}

async fn recover(directory: &Path) -> Result<Recovery, StorageError> {
    Storage::open(directory, 2).await.map(|(_, recovery)| recovery)
}

async fn snapshot(directory: &Path, database: &Database) {
    let (mut storage, _) = Storage::open(directory, 2).await.expect("a sound directory");
    let file = snapshot::encode(database);
    storage.write_snapshot(database.last_zxid, &file).await.expect("it is written");
}

fn only_log(directory: &Path) -> PathBuf {
    let mut logs = block_on(fs::list(directory)).expect("a directory");
    logs.retain(|name| name.starts_with(LOG));
    assert_eq!(logs.len(), 1);
    directory.join(&logs[0])
}

fn rewrite(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    block_on(async {
        let mut bytes = fs::read(path).await.expect("the file");
        change(&mut bytes);
        fs::remove(path).await.expect("the file");
        File::create(path).await.expect("a new file").append(&bytes).await.expect("written");
    });
}

#[test]
fn what_was_safe_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let first = block_on(write(directory.path(), 1..=10));
    let recovery = block_on(recover(directory.path())).unwrap();
    assert_eq!((recovery.database.digest(), recovery.remark.as_str()), (first.digest(), ""));
    let second = block_on(write(directory.path(), 11..=20));
    assert_eq!(block_on(recover(directory.path())).unwrap().database.digest(), second.digest());
}

#[test]
fn a_torn_end_is_cut_off_wherever_it_was_torn() {
    let whole = tempfile::tempdir().unwrap();
    block_on(write(whole.path(), 1..=3));
    let log = only_log(whole.path());
    let bytes = block_on(fs::read(&log)).unwrap();
    for length in 0..bytes.len() {
        let directory = tempfile::tempdir().unwrap();
        let torn = directory.path().join(log.file_name().unwrap());
        block_on(async { File::create(&torn).await.unwrap().append(&bytes[..length]).await.unwrap() });
        let recovery = block_on(recover(directory.path())).unwrap();
        let last = recovery.database.last_zxid;
        assert_eq!(last.0, (length * 3 / bytes.len()) as i64, "cut at {length} of {}", bytes.len());
        // The log goes on behind the cut, and nothing of the torn write comes back.
        block_on(write(directory.path(), last.0 + 1..=5));
        assert_eq!(block_on(recover(directory.path())).unwrap().database.last_zxid, Zxid(5));
    }
}

#[test]
fn rot_is_refused_with_its_place() {
    let directory = tempfile::tempdir().unwrap();
    block_on(write(directory.path(), 1..=3));
    let log = only_log(directory.path());
    let length = block_on(fs::read(&log)).unwrap().len();
    for at in [20, length / 2, length - 10] {
        rewrite(&log, |bytes| bytes[at] ^= 1);
        match block_on(recover(directory.path())) {
            Err(StorageError::Damaged { path, offset, .. }) => {
                assert_eq!(path, log);
                assert_eq!(offset as usize, at / (length / 3) * (length / 3));
            }
            other => panic!("{other:?}"),
        }
        rewrite(&log, |bytes| bytes[at] ^= 1);
    }
    assert!(block_on(recover(directory.path())).is_ok());
}

#[test]
fn a_snapshot_saves_the_logs_before_it_and_old_ones_are_purged() {
    let directory = tempfile::tempdir().unwrap();
    let mut last = Database::default();
    for batch in 0..4 {
        last = block_on(write(directory.path(), batch * 10 + 1..=batch * 10 + 10));
        block_on(snapshot(directory.path(), &last));
    }
    let names = block_on(fs::list(directory.path())).unwrap();
    let number = |prefix: &str, zxid| name(prefix, Zxid(zxid));
    assert_eq!(names, [number(LOG, 31), number(SNAPSHOT, 30), number(SNAPSHOT, 40)]);
    assert_eq!(block_on(recover(directory.path())).unwrap().database.digest(), last.digest());
}

#[test]
fn a_damaged_snapshot_is_passed_over_if_an_older_one_and_its_logs_are_whole() {
    let directory = tempfile::tempdir().unwrap();
    let mut last = Database::default();
    for batch in 0..3 {
        last = block_on(write(directory.path(), batch * 10 + 1..=batch * 10 + 10));
        block_on(snapshot(directory.path(), &last));
    }
    rewrite(&directory.path().join(name(SNAPSHOT, Zxid(30))), |bytes| bytes[30] ^= 1);
    let recovery = block_on(recover(directory.path())).unwrap();
    assert_eq!(recovery.database.digest(), last.digest());
    assert!(recovery.remark.starts_with("passed over: "), "{}", recovery.remark);
    rewrite(&directory.path().join(name(SNAPSHOT, Zxid(20))), |bytes| bytes[30] ^= 1);
    assert!(matches!(block_on(recover(directory.path())), Err(StorageError::Damaged { .. })));
}

#[test]
fn a_missing_log_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    block_on(write(directory.path(), 1..=10));
    block_on(write(directory.path(), 11..=20));
    block_on(write(directory.path(), 21..=30));
    block_on(fs::remove(&directory.path().join(name(LOG, Zxid(11))))).unwrap();
    match block_on(recover(directory.path())) {
        Err(StorageError::Gap { expected_after: Zxid(10), found: Zxid(21), .. }) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_unfinished_snapshot_is_swept_away() {
    let directory = tempfile::tempdir().unwrap();
    block_on(write(directory.path(), 1..=3));
    let unfinished = directory.path().join(UNFINISHED);
    block_on(async { File::create(&unfinished).await.unwrap().append(b"half").await.unwrap() });
    assert_eq!(block_on(recover(directory.path())).unwrap().database.last_zxid, Zxid(3));
    assert!(block_on(fs::read(&unfinished)).is_err());
}

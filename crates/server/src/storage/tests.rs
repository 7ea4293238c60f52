//! Recovery from what a disk may hold after a stop, on real files.

use std::path::Path;
use std::sync::Arc;

use bytes::BytesMut;
use proto::{Acl, Encode, SessionId};

use super::*;
use crate::database::Database;
use crate::owner::Owner;
use crate::transaction::{Change, Create, Ticket, Transaction};

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
    Arc::new(Transaction { zxid: Zxid(number), session: SessionId(1), ticket: Ticket::NONE, time: 5, change })
}

/// Writes transactions through a journal, as the core does, a batch each.
async fn write(directory: &Path, numbers: std::ops::RangeInclusive<i64>) -> Database {
    let (storage, mut recovery) = Storage::open(directory, 2).await.expect("a sound directory");
    recovery.replay();
    let mut database = recovery.database;
    let mut journal = Journal::start(storage);
    for number in numbers {
        let transaction = transaction(number);
        database.apply(&transaction, &mut Vec::new()).expect("it applies");
        append(&journal, &transaction);
        let token = number.cast_unsigned();
        journal.hand_over(Job::Sync { token });
        while journal.next_safe().await.expect("it is safe") < token {}
    }
    database
}

fn append(journal: &Journal, transaction: &Transaction) {
    let mut bytes = BytesMut::new();
    transaction.encode(&mut bytes);
    journal.hand_over(Job::Append { zxid: transaction.zxid, transaction: bytes.freeze() });
}

/// What a server that stands alone finds.
async fn recover(directory: &Path) -> Result<Recovery, StorageError> {
    let (_, mut recovery) = Storage::open(directory, 2).await?;
    recovery.replay();
    Ok(recovery)
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

/// Hands over jobs and waits until all of them are done.
async fn carry_out(directory: &Path, jobs: Vec<Job>) {
    let (storage, _) = Storage::open(directory, 2).await.expect("a sound directory");
    let mut journal = Journal::start(storage);
    jobs.into_iter().for_each(|job| journal.hand_over(job));
    journal.hand_over(Job::Sync { token: 1 });
    assert_eq!(journal.next_safe().await.expect("it is safe"), 1);
}

/// What a member of an ensemble finds: how far its snapshot goes, and what is logged behind it.
fn tail(directory: &Path) -> (i64, Vec<i64>) {
    let (_, recovery) = block_on(Storage::open(directory, 2)).expect("a sound directory");
    (recovery.database.last_zxid.0, recovery.tail.iter().map(|(zxid, _)| zxid.0).collect())
}

fn bytes_of(number: i64) -> Bytes {
    let mut bytes = BytesMut::new();
    transaction(number).encode(&mut bytes);
    bytes.freeze()
}

fn state_up_to(number: i64) -> Bytes {
    let mut database = Database::default();
    for number in 1..=number {
        database.apply(&transaction(number), &mut Vec::new()).expect("it applies");
    }
    snapshot::encode(&database)
}

#[test]
fn a_log_is_truncated_wherever_its_files_end() {
    for to in 0..=9 {
        let directory = tempfile::tempdir().unwrap();
        for first in [1, 4, 7] {
            block_on(write(directory.path(), first..=first + 2));
        }
        block_on(carry_out(directory.path(), vec![Job::Truncate { to: Zxid(to) }]));
        assert_eq!(tail(directory.path()), (0, (1..=to).collect()));
        block_on(carry_out(directory.path(), vec![Job::Append { zxid: Zxid(to + 1), transaction: bytes_of(to + 1) }]));
        assert_eq!(tail(directory.path()), (0, (1..=to + 1).collect()));
    }
}

#[test]
fn an_installed_state_takes_the_place_of_everything() {
    let directory = tempfile::tempdir().unwrap();
    let database = block_on(write(directory.path(), 1..=5));
    block_on(snapshot(directory.path(), &database));
    block_on(write(directory.path(), 6..=30));
    let install = Job::Install { zxid: Zxid(10), state: state_up_to(10), tail: vec![bytes_of(11), bytes_of(12)] };
    block_on(carry_out(directory.path(), vec![install]));
    assert_eq!(tail(directory.path()), (10, vec![11, 12]));
    block_on(carry_out(directory.path(), vec![Job::Truncate { to: Zxid(11) }]));
    assert_eq!(tail(directory.path()), (10, vec![11]));
}

#[test]
fn an_installation_that_was_interrupted_is_finished() {
    let directory = tempfile::tempdir().unwrap();
    block_on(write(directory.path(), 1..=30));
    let mut file = BytesMut::from(&state_up_to(10)[..]);
    record::write(&mut file, |body| body.extend_from_slice(&bytes_of(11)));
    let installed = directory.path().join(name(INSTALLED, Zxid(10)));
    block_on(async { File::create(&installed).await.unwrap().append(&file).await.unwrap() });
    assert_eq!(tail(directory.path()), (10, vec![11]));
    assert_eq!(tail(directory.path()), (10, vec![11]));
    assert!(block_on(fs::read(&installed)).is_err());
}

#[test]
fn epochs_are_kept_and_the_operators_word_goes_with_the_first() {
    let directory = tempfile::tempdir().unwrap();
    let standing = || block_on(Storage::open(directory.path(), 2)).expect("a sound directory").1.standing;
    assert_eq!(standing(), epochs::Standing::default());
    block_on(epochs::initialize(directory.path())).unwrap();
    block_on(carry_out(directory.path(), vec![Job::AcceptEpoch(3)]));
    assert_eq!(standing(), epochs::Standing { accepted: Some(3), current: None, is_vouched_for: true });
    block_on(carry_out(directory.path(), vec![Job::EnterEpoch(3), Job::AcceptEpoch(4)]));
    assert_eq!(standing(), epochs::Standing { accepted: Some(4), current: Some(3), is_vouched_for: false });
    rewrite(&directory.path().join("currentEpoch"), |bytes| bytes[13] ^= 1);
    assert!(matches!(block_on(recover(directory.path())), Err(StorageError::Damaged { .. })));
}

#[test]
fn a_snapshot_whose_znodes_have_no_names_is_refused() {
    let whole = snapshot::encode(&Database::default());
    let config = whole.windows(17).position(|bytes| bytes == b"/zookeeper/config").expect("a znode");
    let Read::Record { next: head, .. } = record::read(&whole, 0) else { panic!("the head") };
    for (at, byte) in [(9, b'/'), (0, b'a'), (16, b'/'), (5, 0)] {
        let mut file = BytesMut::from(&whole[..head]);
        let mut offset = head;
        while let Read::Record { body, next } = record::read(&whole, offset) {
            let mut body = body.to_vec();
            if (offset..next).contains(&config) {
                body[4 + at] = byte;
            }
            record::write(&mut file, |buffer| buffer.extend_from_slice(&body));
            offset = next;
        }
        let refused = snapshot::decode(&file.freeze()).map(|_| ());
        assert!(matches!(refused, Err((_, "a znode has no name that one may have"))), "{at} {byte}: {refused:?}");
    }
}

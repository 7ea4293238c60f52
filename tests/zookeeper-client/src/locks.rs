//! The crate's lock, by each of its recipes: one at a time, in the order in which they came.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Barrier;
use zookeeper_client::{Acls, Error, LockOptions, LockPrefix};

use crate::bed::{Bed, PERSISTENT, connect, eventually};
use crate::relay::Relay;

crate::tests![locks: curator, shared, custom, guarded, lost];

const CONTENDERS: usize = 3;
const ROUNDS: usize = 3;

fn options() -> LockOptions<'static> {
    LockOptions::new(Acls::anyone_all()).with_ancestor_options(PERSISTENT).expect("such ancestors may be")
}

/// Each contender takes the lock several times; nobody else has it meanwhile.
async fn contend(bed: Bed, prefix: fn(&str, i64) -> LockPrefix<'_>) {
    let is_held = Arc::new(AtomicBool::new(false));
    let taken = Arc::new(AtomicUsize::new(0));
    let all_are_there = Arc::new(Barrier::new(CONTENDERS));
    let mut contenders = Vec::new();
    for _ in 0..CONTENDERS {
        let client = bed.connect().await;
        let directory = bed.path("/locks");
        let (is_held, taken, all_are_there) = (is_held.clone(), taken.clone(), all_are_there.clone());
        contenders.push(tokio::spawn(async move {
            all_are_there.wait().await;
            for _ in 0..ROUNDS {
                let lock = client.lock(prefix(&directory, client.session_id().0), b"", options()).await.unwrap();
                assert!(!is_held.swap(true, Ordering::SeqCst), "another one has it");
                tokio::time::sleep(Duration::from_millis(20)).await;
                is_held.store(false, Ordering::SeqCst);
                taken.fetch_add(1, Ordering::SeqCst);
                drop(lock);
            }
        }));
    }
    for contender in contenders {
        contender.await.expect("it has not panicked");
    }
    assert_eq!(taken.load(Ordering::SeqCst), CONTENDERS * ROUNDS);
    eventually(async || bed.client.list_children(&bed.path("/locks")).await == Ok(vec![])).await;
}

async fn curator(bed: Bed) {
    contend(bed, |directory, _| LockPrefix::new_curator(directory, "latch-").unwrap()).await;
}

async fn shared(bed: Bed) {
    // The prefix is borrowed for as long as it is asked for; there are few.
    contend(bed, |directory, _| LockPrefix::new_shared(String::leak(format!("{directory}/n-"))).unwrap()).await;
}

async fn custom(bed: Bed) {
    contend(bed, |directory, session| LockPrefix::new_custom(format!("{directory}/x-{session:x}-"), "x-").unwrap())
        .await;
}

/// What is done under a lock that was lost is not done.
async fn guarded(bed: Bed) {
    let path = bed.create("/a").await;
    let directory = bed.path("/locks");
    let lock = bed.client.lock(LockPrefix::new_curator(&directory, "latch-").unwrap(), b"", options()).await.unwrap();
    lock.set_data(&path, b"1", None).await.unwrap();
    bed.client.delete(lock.lock_path(), None).await.unwrap();
    assert_eq!(lock.set_data(&path, b"2", None).await.unwrap_err(), Error::RuntimeInconsistent);
    assert_eq!(bed.client.get_data(&path).await.unwrap().0, b"1");
}

/// Whoever waits gets the lock when the session of its holder is over.
async fn lost(bed: Bed) {
    let directory = bed.path("/locks");
    let relay = Relay::to(&bed.place.servers[0]).await;
    let holder = connect(&relay.address, Duration::from_secs(2)).await;
    let held = holder.lock(LockPrefix::new_curator(&directory, "latch-").unwrap(), b"", options()).await.unwrap();
    relay.cut();
    let next = bed.client.lock(LockPrefix::new_curator(&directory, "latch-").unwrap(), b"", options()).await.unwrap();
    relay.mend();
    let path = bed.path("");
    // Between two sessions there is no doubt: one is over.
    let refused = held.set_data(&path, b"", None).await.unwrap_err();
    assert!(matches!(refused, Error::SessionExpired | Error::ConnectionLoss), "{refused:?}");
    next.set_data(&path, b"", None).await.unwrap();
}

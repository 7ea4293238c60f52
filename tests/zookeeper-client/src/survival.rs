//! The leader of the ensemble is killed: sessions, their znodes, their watches and their locks outlive it.

use std::future::Future;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use zookeeper_client::{
    Acls, AddWatchMode, Client, Error, EventType, LockOptions, LockPrefix, OneshotWatcher, SessionState,
};

use crate::bed::{Bed, EPHEMERAL, LONG, PERSISTENT, Place, connect};

/// What there was before.
struct Before {
    bed: Bed,
    client: Client,
    /// Another one, at the server that stays or goes.
    others: Vec<Client>,
    ephemeral: String,
    one_shot: OneshotWatcher,
}

/// The lines of these tests. The leader is killed by whoever reads `kill the leader` and answers.
pub async fn outcomes(place: &Arc<Place>) -> Vec<String> {
    let name = "survival::killed_leader";
    let before = tokio::spawn(tokio::time::timeout(crate::LIMIT, prepare(place.clone())));
    let before = match before.await {
        Ok(Ok(before)) => before,
        other => return vec![crate::line(name, other.map(|limit| limit.map(|_| ())))],
    };
    println!("kill the leader");
    let mut answer = String::new();
    BufReader::new(stdin()).read_line(&mut answer).await.expect("it is told");
    assert_eq!(answer.trim(), "killed");
    let after = tokio::spawn(tokio::time::timeout(crate::LIMIT, judge(before)));
    vec![crate::line(name, after.await)]
}

async fn prepare(place: Arc<Place>) -> Before {
    let all = place.servers.join(",");
    let bed = Bed::prepare(place, "survival").await;
    let client = connect(&all, LONG).await;
    let others = vec![connect(&all, LONG).await, connect(&all, LONG).await];
    let ephemeral = bed.path("/ephemeral");
    client.create(&ephemeral, b"", &EPHEMERAL).await.unwrap();
    let changed = bed.create("/changed").await;
    client.sync(&changed).await.unwrap();
    let (_, _, one_shot) = client.get_and_watch_data(&changed).await.unwrap();
    Before { bed, client, others, ephemeral, one_shot }
}

/// What was asked is asked again: whether it was done before the connection was lost nobody knows.
async fn again<T, Answer: Future<Output = Result<T, Error>>>(mut ask: impl FnMut() -> Answer) -> T {
    loop {
        match ask().await {
            Err(Error::ConnectionLoss) => {}
            other => return other.unwrap(),
        }
    }
}

async fn judge(before: Before) {
    let Before { bed, client, others, ephemeral, one_shot } = before;
    let session = client.session_id();
    let stat = again(|| client.check_stat(&ephemeral)).await.expect("its session is alive");
    assert_eq!(stat.ephemeral_owner, session.0);
    let changed = bed.path("/changed");
    again(|| others[0].set_data(&changed, b"", None)).await;
    let event = one_shot.changed().await;
    assert_eq!((event.event_type, event.path), (EventType::NodeDataChanged, changed));
    assert_eq!(client.state(), SessionState::SyncConnected);
    let root = bed.path("");
    let mut below = again(|| client.watch(&root, AddWatchMode::PersistentRecursive)).await;
    let fresh = bed.path("/fresh");
    again(|| others[1].create(&fresh, b"", &PERSISTENT)).await;
    crate::watches::expect(&mut below, &[(EventType::NodeCreated, &fresh)]).await;
    let directory = bed.path("/locks");
    let options = || LockOptions::new(Acls::anyone_all()).with_ancestor_options(PERSISTENT).expect("such may be");
    let prefix = || LockPrefix::new_curator(&directory, "latch-").expect("a prefix");
    let first = client.lock(prefix(), b"", options()).await.unwrap();
    let second = tokio::spawn({
        let (client, directory) = (others[0].clone(), directory.clone());
        async move {
            let prefix = LockPrefix::new_curator(&directory, "latch-").expect("a prefix");
            client.lock(prefix, b"", LockOptions::new(Acls::anyone_all())).await.map(|lock| lock.lock_path().to_owned())
        }
    });
    first.create(&bed.path("/under-the-lock"), b"", &PERSISTENT).await.unwrap();
    assert!(!second.is_finished(), "one at a time");
    drop(first);
    second.await.expect("it has not panicked").unwrap();
}

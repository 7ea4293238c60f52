//! The lock of the client of others as an election: who holds it leads.
//!
//! A holder believes to lead while the client says `SyncConnected` and the lock's znode is there: that is how a careful user
//! reads its documentation. The term is the creation zxid of that znode. It acts on the resource under its term, and on
//! the service itself through the lock (`LockClient::set_data`), which the service refuses once the lock is gone.

use std::time::Duration;

use election::resource::{ResourceHandle, Verdict};
use history::{Event, LeadershipEvent, Term, ledger};
use rand::Rng;
use zookeeper_client::{
    Acls, Client, CreateMode, Error, EventType, LockClient, LockOptions, LockPrefix, OneshotWatcher, SessionState,
};

use super::seat::{PAUSE, Seat, is_over};
use super::{Bug, word};
use crate::election::ROOT;

/// How long a leader rests from the end of one act to the next.
const ACT_INTERVAL: Duration = Duration::from_millis(500);
/// How long an act may take.
const ACT_TIMEOUT: Duration = Duration::from_secs(1);
/// So long a candidate stays away after it has resigned.
const AWAY: Duration = Duration::from_secs(1);

/// Longer than any run.
const FOR_GOOD: Duration = Duration::from_secs(10 * 24 * 60 * 60);

/// How the locks' znodes are called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Prefix {
    /// As Curator does, with a uuid.
    Curator,
    /// The same for all.
    Shared,
    /// With the session's id.
    Custom,
}

/// What a candidate starts from.
#[derive(Clone)]
pub struct Options {
    /// How it opens its sessions.
    pub seat: Seat,
    /// How its lock is called.
    pub prefix: Prefix,
    /// Whether it takes back a wait for the lock now and then.
    pub cancels: bool,
    /// Where the resource is.
    pub resource: Option<String>,
    /// What is wrong with it, on purpose.
    pub bug: Option<Bug>,
}

/// Stands for election for ever.
pub async fn stand(options: Options) {
    let mut moods = host::random::stream("moods");
    let mut resource = options.resource.as_deref().map(|address| ResourceHandle::new(address, ACT_TIMEOUT));
    loop {
        let client = options.seat.open().await;
        while !is_over(client.state()) {
            contend(&options, &client, &mut resource, &mut moods).await;
            host::sleep(AWAY).await;
        }
    }
}

/// Waits for the lock once, and leads while it lasts.
async fn contend(
    options: &Options,
    client: &Client,
    resource: &mut Option<ResourceHandle>,
    moods: &mut host::random::Stream,
) {
    let session = client.session_id();
    let prefix = match options.prefix {
        Prefix::Curator => LockPrefix::new_curator(ROOT, "lock-"),
        Prefix::Shared => LockPrefix::new_shared("/election/n-"),
        Prefix::Custom => LockPrefix::new_custom(format!("{ROOT}/x-{session}-"), "x-"),
    };
    let prefix = prefix.expect("these are paths");
    let parents = CreateMode::Persistent.with_acls(Acls::anyone_all());
    let lock_options = LockOptions::new(Acls::anyone_all()).with_ancestor_options(parents).expect("a plain znode");
    let locking = client.lock(prefix, b"", lock_options);
    let patience = match options.cancels {
        // Mostly before its znode is made, or while it waits.
        true if moods.gen_bool(0.3) => Duration::from_millis(moods.gen_range(1..30)),
        true if moods.gen_bool(0.3) => Duration::from_millis(moods.gen_range(1_000..20_000)),
        _ => FOR_GOOD,
    };
    match host::timeout(patience, locking).await {
        Ok(Ok(lock)) => lead(options, client, &lock, resource).await,
        Ok(Err(error)) => {
            host::tell_sometimes("client: lock failed");
            if error == Error::SessionExpired && !is_over(client.state()) {
                word::is_broken("a lock says that the session has expired, and its state does not");
            }
        }
        Err(host::Elapsed) => host::tell_sometimes("client: wait for a lock taken back"),
    }
}

/// Finds the term: the lock's znode must be there.
async fn term_of(client: &Client, lock: &LockClient<'_>) -> Option<(Term, OneshotWatcher)> {
    while !is_over(client.state()) {
        match client.check_and_watch_stat(lock.lock_path()).await {
            Ok((Some(stat), watcher)) => return Some((Term(stat.czxid), watcher)),
            Ok((None, _)) => return None,
            Err(_) => host::sleep(PAUSE).await,
        }
    }
    None
}

async fn lead(options: &Options, client: &Client, lock: &LockClient<'_>, resource: &mut Option<ResourceHandle>) {
    let mut states = client.state_watcher();
    let Some((term, watcher)) = term_of(client, lock).await else { return };
    while client.state() != SessionState::SyncConnected {
        if is_over(states.changed().await) {
            return;
        }
    }
    host::tell(Event::Leadership(LeadershipEvent::Elected { term }));
    let reason = tokio::select! {
        biased;
        state = lost(&mut states, options.bug) => format!("its state is {state}"),
        event = watcher.changed() => match event.event_type {
            EventType::NodeDeleted => "its lock is gone".to_owned(),
            other => format!("its lock tells of {other}"),
        },
        reason = act(client, lock, term, resource) => reason.to_owned(),
    };
    host::tell(Event::Leadership(LeadershipEvent::Deposed { term, reason }));
}

/// Waits until the client no longer says that it is connected.
async fn lost(states: &mut zookeeper_client::StateWatcher, bug: Option<Bug>) -> SessionState {
    loop {
        let state = states.changed().await;
        let is_lost =
            if bug == Some(Bug::IgnoresDisconnection) { is_over(state) } else { state != SessionState::SyncConnected };
        if is_lost {
            return state;
        }
    }
}

/// Acts, until an act is refused.
async fn act(
    client: &Client,
    lock: &LockClient<'_>,
    term: Term,
    resource: &mut Option<ResourceHandle>,
) -> &'static str {
    let entry = ledger::path_of(term, &host::node_name());
    let persistent = CreateMode::Persistent.with_acls(Acls::anyone_all());
    let mut is_made = false;
    for number in 0_u64.. {
        let act = format!("act {number}");
        if let Some(resource) = resource
            && let Ok(Verdict::Refused { .. }) = resource.act(term, &act).await
        {
            return "the resource has seen a newer term";
        }
        let written = match is_made {
            true => lock.set_data(&entry, act.as_bytes(), None).await.map(drop),
            false => lock.create(&entry, act.as_bytes(), &persistent).await.map(drop),
        };
        match written {
            Ok(()) | Err(Error::NodeExists) => is_made = true,
            Err(Error::NoNode) => {
                // The ledger itself is missing: nobody has written into it yet.
                is_made = false;
                let _ = client.mkdir(ledger::ROOT, &persistent).await;
            }
            Err(Error::RuntimeInconsistent) => return "the service says that the lock is lost",
            Err(_) => {}
        }
        host::sleep(ACT_INTERVAL).await;
    }
    unreachable!("there are more numbers than acts")
}

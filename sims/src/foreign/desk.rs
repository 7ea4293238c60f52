//! What one life of a process knows of its sessions, from both sides: what passed over the wire, and what the client said.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use history::{ClientEvent, Event, WatchKind};
use host::Instant;

/// Shared by the taps and the users of one process.
#[derive(Clone, Default)]
pub struct Desk(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// Sessions without a connection, and since when.
    lost: BTreeMap<i64, Instant>,
    ended: BTreeSet<i64>,
    /// The watches that last which a user holds.
    lasting: BTreeMap<(i64, String, WatchKind), u32>,
}

/// A watch that lasts, for as long as its user holds it.
pub struct Following {
    desk: Desk,
    watch: (i64, String, WatchKind),
}

impl Desk {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The service has accepted the session over a new connection.
    pub fn connected(&self, session: i64) {
        self.known().lost.remove(&session);
    }

    /// The session's connection is gone. Says whether that is news: a session that is over has none to lose.
    pub fn lost(&self, session: i64) -> bool {
        let mut known = self.known();
        if known.ended.contains(&session) {
            return false;
        }
        known.lost.entry(session).or_insert_with(host::now);
        true
    }

    /// Since when the session has no connection; nothing while it has one.
    pub fn lost_since(&self, session: i64) -> Option<Instant> {
        self.known().lost.get(&session).copied()
    }

    /// The session is over. Tells so once, whoever notices first.
    pub fn over(&self, event: ClientEvent) {
        let (ClientEvent::SessionExpired { session, .. } | ClientEvent::Closed { session }) = event else {
            unreachable!("only these two end a session");
        };
        if self.known().ended.insert(session) {
            host::tell(Event::Client(event));
        }
    }

    /// A user holds a watch that lasts.
    pub fn follows(&self, session: i64, path: &str, kind: WatchKind) -> Following {
        let watch = (session, path.to_owned(), kind);
        *self.known().lasting.entry(watch.clone()).or_default() += 1;
        Following { desk: self.clone(), watch }
    }

    /// The watches of a session that last, as its users know them.
    pub fn lasting(&self, session: i64) -> Vec<(String, WatchKind)> {
        let of_session = |(owner, path, kind): &(i64, String, WatchKind)| {
            if *owner == session { Some((path.clone(), *kind)) } else { None }
        };
        self.known().lasting.keys().filter_map(of_session).collect()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let mut known = self.desk.known();
        if let Some(held) = known.lasting.get_mut(&self.watch) {
            *held -= 1;
            if *held == 0 {
                known.lasting.remove(&self.watch);
            }
        }
    }
}

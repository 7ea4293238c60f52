//! The sessions of clients, as the client sees them and as the service does.

use std::collections::BTreeMap;

use history::{ClientEvent, Event, NodeName, Record, ServiceEvent, Time};

use super::life::Life;
use super::track::{Span, Track};

/// A client and its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The session.
    pub session: i64,
    /// Whether the client has heard of a server lately.
    pub connected: bool,
    /// Whether the service still has the session. A client may not know yet that it does not.
    pub exists: bool,
}

/// Follows the sessions through the records.
#[derive(Default)]
pub(super) struct Sessions {
    tracks: BTreeMap<NodeName, Track<Held>>,
    owners: BTreeMap<i64, NodeName>,
}

impl Sessions {
    /// Whose session it is.
    pub(super) fn owner(&self, session: i64) -> Option<&NodeName> {
        self.owners.get(&session)
    }

    pub(super) fn observe(&mut self, record: &Record) {
        let at = record.at;
        match (&record.node, &record.event) {
            (Some(node), Event::Client(event)) => match event {
                ClientEvent::Connected { session, .. } => {
                    self.owners.insert(*session, node.clone());
                    self.set(at, node, Some(Held { session: *session, connected: true, exists: true }));
                }
                ClientEvent::Disconnected { session } => {
                    self.change(at, node, *session, |held| held.connected = false);
                }
                ClientEvent::SessionExpired { .. } | ClientEvent::Closed { .. } => self.set(at, node, None),
                _ => {}
            },
            (Some(node), Event::Machine(event)) if Life::forgets(event) => self.set(at, node, None),
            (
                _,
                Event::Service(ServiceEvent::SessionExpired { session } | ServiceEvent::SessionClosed { session, .. }),
            ) => {
                if let Some(node) = self.owners.get(session).cloned() {
                    self.change(at, &node, *session, |held| held.exists = false);
                }
            }
            _ => {}
        }
    }

    fn set(&mut self, at: Time, node: &NodeName, held: Option<Held>) {
        self.tracks.entry(node.clone()).or_default().set(at, held);
    }

    fn change(&mut self, at: Time, node: &NodeName, session: i64, change: impl FnOnce(&mut Held)) {
        let track = self.tracks.entry(node.clone()).or_default();
        if let Some(held) = track.now().filter(|held| held.session == session) {
            let mut held = held.clone();
            change(&mut held);
            track.set(at, Some(held));
        }
    }

    pub(super) fn finish(self, end: Time) -> BTreeMap<NodeName, Vec<Span<Held>>> {
        self.tracks.into_iter().map(|(node, track)| (node, track.finish(end))).collect()
    }
}

//! The sessions as their clients see them.

use std::collections::BTreeMap;

use history::{ClientEvent, Event, NodeName, Record, Time};

use crate::processes::life_ended;

/// One session, at its client.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) node: NodeName,
    /// Since when it is connected; nothing while it is not.
    pub(crate) connected: Option<Time>,
    /// How often it connected.
    pub(crate) connections: u32,
}

/// What an event means for the sessions of clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Connected(i64),
    Disconnected(i64),
    /// The client knows these sessions no more, nor any watch it left under them.
    Ended(Vec<i64>),
}

/// The sessions that some client holds.
#[derive(Debug, Default)]
pub(crate) struct Clients(BTreeMap<i64, Client>);

impl Clients {
    pub(crate) fn observe(&mut self, record: &Record) -> Option<Turn> {
        if let Some(node) = life_ended(record) {
            let ended: Vec<i64> =
                self.0.iter().filter(|(_, client)| client.node == *node).map(|(session, _)| *session).collect();
            ended.iter().for_each(|session| drop(self.0.remove(session)));
            return Some(Turn::Ended(ended));
        }
        let (Some(node), Event::Client(event)) = (&record.node, &record.event) else { return None };
        match event {
            ClientEvent::Connected { session, .. } => {
                let new = Client { node: node.clone(), connected: None, connections: 0 };
                let client = self.0.entry(*session).or_insert(new);
                client.connected = Some(record.at);
                client.connections += 1;
                Some(Turn::Connected(*session))
            }
            ClientEvent::Disconnected { session } => {
                self.0.get_mut(session)?.connected = None;
                Some(Turn::Disconnected(*session))
            }
            ClientEvent::SessionExpired { session, .. } | ClientEvent::Closed { session } => {
                self.0.remove(session);
                Some(Turn::Ended(vec![*session]))
            }
            _ => None,
        }
    }

    pub(crate) fn get(&self, session: i64) -> Option<&Client> {
        self.0.get(&session)
    }
}

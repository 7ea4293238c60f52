//! A session of the client of others, as one opens it, and the watch over what it says of itself.

use std::time::Duration;

use history::ClientEvent;
use zookeeper_client::{Client, SessionState};

use super::desk::Desk;
use super::word;

/// So long after a failure one waits before one tries again.
pub const PAUSE: Duration = Duration::from_millis(500);

/// How often what it says of its connection is compared with the wire.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How a session is opened.
#[derive(Clone)]
pub struct Seat {
    /// Where the service is.
    pub servers: String,
    /// The session timeout to ask for.
    pub session_timeout: Duration,
    /// What is known of the process's sessions.
    pub desk: Desk,
    /// Whether the client is held to what it says of its connection.
    pub judges_state: bool,
}

impl Seat {
    /// Opens a session, however long that takes.
    pub async fn open(&self) -> Client {
        loop {
            let connector = Client::connector().with_session_timeout(self.session_timeout);
            match connector.connect(&self.servers).await {
                Ok(client) => {
                    host::spawn(self.clone().look_after(
                        client.session_id().0,
                        client.state_watcher(),
                        client.session_timeout(),
                    ));
                    return client;
                }
                Err(_) => host::sleep(PAUSE).await,
            }
        }
    }

    /// Tells the end of the session, and whether the client says that it is connected long after its connection is gone.
    async fn look_after(self, session: i64, mut states: zookeeper_client::StateWatcher, timeout: Duration) {
        let mut is_said = false;
        loop {
            let changed = host::timeout(LOOK_EVERY, states.changed()).await;
            match changed.unwrap_or_else(|_| states.peek_state()) {
                SessionState::Expired => {
                    return self.desk.over(ClientEvent::SessionExpired { session, locally: true });
                }
                SessionState::Closed | SessionState::AuthFailed => return,
                SessionState::SyncConnected if self.judges_state && !is_said => {
                    // It counts a connection as lost after 2/5 of the timeout: one that is gone for the whole of it is.
                    let lost = self.desk.lost_since(session).is_some_and(|since| host::now() > since + timeout);
                    if lost {
                        is_said = true;
                        word::is_broken("its state is SyncConnected, a session timeout after its connection was lost");
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether nothing more can come of a session in this state.
pub fn is_over(state: SessionState) -> bool {
    matches!(state, SessionState::Expired | SessionState::Closed | SessionState::AuthFailed)
}

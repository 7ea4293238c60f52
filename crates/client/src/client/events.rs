//! The states of a session, one after the other.

use tokio::sync::mpsc;

use crate::SessionState;

/// Every state of a session from some moment on, none left out.
pub struct SessionEvents(mpsc::UnboundedReceiver<SessionState>);

impl SessionEvents {
    pub(super) fn new(receiver: mpsc::UnboundedReceiver<SessionState>) -> SessionEvents {
        SessionEvents(receiver)
    }

    /// Waits for the next state: at first the one at the time of subscribing. `None` after a final state, or when the
    /// client is gone. Cancelling it loses nothing.
    pub async fn next(&mut self) -> Option<SessionState> {
        self.0.recv().await
    }
}

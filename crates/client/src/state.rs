//! How a session stands, as its user sees it.

/// How a session stands.
///
/// The last three are final: the client is of no more use, and a new one is a new session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionState {
    /// There is no session yet.
    Connecting,
    /// Connected to a server under the session.
    Connected,
    /// Not connected. Whether the session lives is *unknown*; what may still be relied upon, and how long, says
    /// [`Client::trusted_until`](crate::Client::trusted_until).
    Disconnected,
    /// The session is gone: a server said so, or so much time has passed that none can have kept it.
    Expired,
    /// Closed by its user.
    Closed,
    /// The service refused the credentials.
    AuthFailed,
}

impl SessionState {
    /// Whether nothing comes after it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, SessionState::Expired | SessionState::Closed | SessionState::AuthFailed)
    }
}

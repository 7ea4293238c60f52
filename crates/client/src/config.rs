//! What a client starts from.

use std::time::Duration;

use bytes::Bytes;
use proto::Secret;

use crate::connect_string::{ConnectString, ConnectStringError};
use crate::error::Credentials;
use crate::profile::Profile;

/// The session timeout asked for unless another is named.
const DEFAULT_SESSION_TIMEOUT: Duration = Duration::from_secs(6);

/// What a client starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where the servers are.
    pub servers: ConnectString,
    /// The session timeout to ask for; the server may grant another (two to twenty of its ticks).
    pub session_timeout: Duration,
    /// How long a call may take, waiting for a connection included; `None` for as long as it takes. Twice the session
    /// timeout unless named: nearly always the connection or the session ends first, and tells more.
    pub call_timeout: Option<Duration>,
    /// What to authenticate with, at every connection, before anything else: scheme and proof.
    pub authentication: Vec<(String, Secret)>,
    /// A session to go on with instead of a new one.
    pub resume: Option<Credentials>,
    /// How it judges its session; the careful way unless another is named.
    pub profile: Profile,
    /// The planted bug at work.
    #[cfg(feature = "zoo")]
    pub mutant: Option<crate::Mutant>,
}

impl Config {
    /// A client of these servers, such as `a:2181,b:2182/chroot`.
    ///
    /// # Errors
    /// If the connect string is none.
    pub fn new(connect_string: &str) -> Result<Config, ConnectStringError> {
        Ok(Config {
            servers: connect_string.parse()?,
            session_timeout: DEFAULT_SESSION_TIMEOUT,
            call_timeout: Some(DEFAULT_SESSION_TIMEOUT * 2),
            authentication: Vec::new(),
            resume: None,
            profile: Profile::default(),
            #[cfg(feature = "zoo")]
            mutant: None,
        })
    }

    /// Asks for this session timeout, and lets calls take twice as long.
    #[must_use]
    pub fn with_session_timeout(mut self, timeout: Duration) -> Config {
        self.session_timeout = timeout;
        self.call_timeout = Some(timeout * 2);
        self
    }

    /// Lets calls take this long.
    #[must_use]
    pub fn with_call_timeout(mut self, timeout: Option<Duration>) -> Config {
        self.call_timeout = timeout;
        self
    }

    /// Authenticates with this at every connection: for scheme `digest`, the proof is `user:password`.
    #[must_use]
    pub fn with_authentication(mut self, scheme: impl Into<String>, proof: impl Into<Bytes>) -> Config {
        self.authentication.push((scheme.into(), Secret(proof.into())));
        self
    }

    /// Goes on with a session instead of opening one.
    #[must_use]
    pub fn with_session(mut self, credentials: Credentials) -> Config {
        self.resume = Some(credentials);
        self
    }

    /// Judges its session as another client would.
    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Config {
        self.profile = profile;
        self
    }
}

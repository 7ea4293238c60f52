//! What sessions do: data, so that a difference can be printed, kept and done again.
//!
//! In paths and identities `~` stands for the top znode of the case: every case has one of its own.

use serde::{Deserialize, Serialize};

/// How many sessions take part in a case.
pub const SLOTS: usize = 3;

/// One session does something, and waits for what comes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which session, below [`SLOTS`]. One that is not open is opened first, one without a connection gets one.
    pub slot: usize,
    /// What it does.
    pub act: Act,
}

/// What a session does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Sends these requests in one piece, and waits for all answers.
    Ask(Vec<Ask>),
    /// Ends its connection, not its session.
    Drop,
    /// Comes with another connection, while the present one is still open if there is one.
    Reconnect(Reconnect),
}

/// How a session comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reconnect {
    /// As it should, asking for a timeout of so many milliseconds.
    Properly {
        /// The timeout it asks for.
        timeout: i32,
        /// Whether it can only read, if it says so.
        read_only: Option<bool>,
    },
    /// With a wrong password.
    WrongPassword,
    /// With more seen than the server has.
    Ahead,
    /// With a session that never was.
    Unknown,
}

/// A create's operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// create.
    Create,
    /// create2.
    Create2,
    /// createContainer.
    Container,
    /// createTTL, with milliseconds.
    Ttl(i64),
}

/// An entry of an access control list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The permissions' bits.
    pub permissions: i32,
    /// The scheme.
    pub scheme: String,
    /// Who.
    pub id: String,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants and their fields are those of the protocol, and are documented there")]
pub enum Ask {
    Create {
        form: Form,
        path: String,
        data: Option<String>,
        acl: Vec<Entry>,
        flags: i32,
    },
    Delete {
        path: String,
        version: i32,
    },
    Exists {
        path: String,
        watch: bool,
    },
    GetData {
        path: String,
        watch: bool,
    },
    SetData {
        path: String,
        data: Option<String>,
        version: i32,
    },
    GetAcl {
        path: String,
    },
    SetAcl {
        path: String,
        acl: Vec<Entry>,
        version: i32,
    },
    GetChildren {
        path: String,
        watch: bool,
    },
    GetChildren2 {
        path: String,
        watch: bool,
    },
    Sync {
        path: String,
    },
    Check {
        path: String,
        version: i32,
    },
    Multi(Vec<Ask>),
    MultiRead(Vec<Ask>),
    AddWatch {
        path: String,
        mode: i32,
    },
    RemoveWatches {
        path: String,
        kind: i32,
    },
    CheckWatches {
        path: String,
        kind: i32,
    },
    /// `since` counts from the creation of the case's top znode; what is negative means from the beginning.
    SetWatches {
        since: i64,
        data: Vec<String>,
        exist: Vec<String>,
        child: Vec<String>,
    },
    SetWatches2 {
        since: i64,
        data: Vec<String>,
        exist: Vec<String>,
        child: Vec<String>,
        persistent: Vec<String>,
        recursive: Vec<String>,
    },
    Auth {
        scheme: String,
        credential: String,
    },
    WhoAmI,
    GetEphemerals {
        prefix: String,
    },
    GetAllChildrenNumber {
        path: String,
    },
    Reconfig {
        joining: Option<String>,
    },
    Ping,
    CloseSession,
    /// An operation with a body that is none: of a code that nobody knows, or cut short.
    Garbled {
        code: i32,
        body: Vec<u8>,
    },
}

impl Ask {
    /// Whether nothing may be pipelined behind it, and why not is for one of these reasons: the connection ends with it,
    /// or Apache ZooKeeper lets it race with what follows.
    #[must_use]
    pub fn ends_a_pipeline(&self) -> bool {
        matches!(self, Ask::SetAcl { .. } | Ask::CloseSession | Ask::Garbled { .. } | Ask::Auth { .. })
    }
}

/// How many requests these steps send.
#[must_use]
pub fn count(steps: &[Step]) -> usize {
    steps.iter().map(|step| if let Act::Ask(asks) = &step.act { asks.len() } else { 1 }).sum()
}

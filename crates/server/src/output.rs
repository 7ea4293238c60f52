//! How much may wait for clients that do not read.
//!
//! Apache ZooKeeper has no such bound: what it owes a client waits in memory, all of it
//! (`NIOServerCnxn.outgoingBuffers`); `globalOutstandingLimit` counts requests that have no answer yet, and an answer
//! that nobody takes is none of them. So the defaults have no source there.

/// How much may wait for clients that do not read, in bytes.
///
/// More than [`pause`](OutputLimits::pause) holds up the client's own requests: TCP tells it so. Only what nobody asked for,
/// events of its watches, is added beyond, up to [`limit`](OutputLimits::limit).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputLimits {
    /// Of one client: while more waits, none of its requests is taken (`interregnum.outputPause`). One answer may go
    /// beyond, however large.
    pub pause: usize,
    /// Of one client: when more waits, its connection is closed (`interregnum.outputLimit`).
    pub limit: usize,
    /// Of all clients: while more waits, each is held up at a sixteenth of [`pause`](OutputLimits::pause)
    /// (`interregnum.outputPauseInAll`).
    pub pause_in_all: usize,
    /// Of all clients: when more waits, connections are closed, the one with the most first
    /// (`interregnum.outputLimitInAll`).
    pub limit_in_all: usize,
}

impl Default for OutputLimits {
    fn default() -> OutputLimits {
        OutputLimits { pause: 1 << 20, limit: 64 << 20, pause_in_all: 64 << 20, limit_in_all: 1 << 30 }
    }
}

//! Monitors over histories: pure, they see events and never the world.
//!
//! A [`Monitor`] sees the [`Record`](history::Record)s of a run one at a time, in true time order, and writes down what
//! is wrong; [`Monitors`] is a set of them, which the log of a run takes as its observer. [`Promises`] says which
//! strengths of "at most one leader" a strategy owes under which faults; [`Counters`] and [`Required`] prove that a
//! campaign which found nothing did look somewhere.
//!
//! Monitors take no part in a run: they ask no clock, draw no random number, and judge only what was told. So a history
//! from a file is judged exactly as one that is happening. What they do not do: search for an order that explains
//! concurrent calls, which is the business of [`linearizability`], or look into the messages of the consensus protocol.
//!
//! The servers of an ensemble share one history, in the order of zxids. The first to tell of a transaction brings the
//! news; what the others tell of it, and what a server tells again after a restart, is shown to a monitor as
//! [retold](Monitor::retold), which those pass over that ask what the service did and not which server did. A client of
//! a server that lags sees what was: it is judged by the zxids of its own connection, never by when others applied them.
//!
//! # What must be told, and in which order
//!
//! The monitors can only be as right as the history. Two events of one instant are in the order in which they are told.
//!
//! ## By the world
//! - Machine and clock events carry the node they concern; those that end a process are told before anything of what
//!   follows from its end. `Drifts` gives the rate of the node's monotonic clock from then on.
//! - Each fault that lasts is told by `Begins` when it begins to act and by `Ends` when it acts no more: a fault that
//!   takes a process away ends when the process is started again. While any fault is active nothing is asked to happen
//!   in time.
//! - `Phase::Liveness` is told after the last fault has ended. What is broken then stays broken for good.
//!
//! ## By servers, alone or in an ensemble
//! - All events of one transaction are told together, in the order of its operations, before any reply or notification
//!   that follows from it is sent. Failed operations are not told.
//! - The close of a session tells `Deleted` for each of its ephemerals, with the zxid of the close, and then
//!   `SessionClosed`, all in one instant. `owner` is 0 for all znodes but ephemerals, containers and TTL nodes included.
//!   `sequence` is the number at the end of the name, the path includes it.
//! - `SessionOpened` comes before whatever the session creates.
//! - `SessionTouched`, `SessionReattached`, `SessionExpired` are told by the server that counts the sessions' time: the
//!   lone server, or the leader of the ensemble, to whom a follower's touches come up to half a tick and a latency later.
//!   `SessionTouched` is told only if the server accepts the sign of life, in the instant from which it counts anew. An
//!   expiry that somebody orders is preceded by `SessionDoomed`. `SessionExpired` is followed by `SessionClosed`, and so is
//!   `SessionClosing`, told by the same server when a client closes its session.
//! - `NotServing` when it stops without dying: shut down, or without its leader or its quorum.
//!
//! ## By a lone server
//! - `Recovered`, if there was a disk to read; then what is replayed from it is told again: what was safe but not told yet
//!   is news, the rest is passed over; then `Serving`, in the instant in which the server gives all sessions their full
//!   time anew, before it accepts a packet.
//! - A transaction is told when it is applied, that is when it is on disk.
//!
//! ## By a member of an ensemble
//! - `Ensemble(Recovered)` first in each life, and nothing from before: neither the service's `Recovered`, nor what is on
//!   the disk. Its state is that of the snapshot; what it logged beyond is delivered anew when the ensemble has decided
//!   that it is committed.
//! - `Delivered`, with a checksum of the content, when it applies a transaction, and then what that does, in the words of
//!   a lone server, identically on each; by each server in the order of zxids, observers included. So a transaction is
//!   told by up to all of them, and again by who delivers it again. A server that takes another's state tells `Restored`,
//!   and nothing of what is in it.
//! - `Serving` whenever it begins to serve clients, whatever its role. For a leader the order is `Established`,
//!   `Delivered` (and what it does) for what of its initial history it had not applied, `Serving`: in that instant it gives
//!   all sessions their full time anew, with the timeouts that they were opened with.
//! - `EpochAccepted` and `EpochEntered` when the epoch is safe on disk. `Broadcast` by a leader, with the checksum that
//!   `Delivered` will have, before anybody delivers it. `Resigned` when it no longer leads or learns.
//! - `Digest` now and then, by all at the same zxids.
//! - `DiskEvent::Wiped`, told by the world, excuses a server that has forgotten its epochs; `Rotted` excuses lost history.
//!
//! ## By clients
//! - What comes off the wire is told in the order in which it comes, before it is handed to anybody. Of a reply:
//!   `Replied` with the zxid of its header, then `SawData` or `SawChildren` if it shows any, then `Watched` if the call
//!   left a watch. `Watched` carries the zxid of the reply's header; its kind is `Exists` only if the znode was missing.
//!   `SawData` carries the znode's mzxid (0 if missing), `SawChildren` its pzxid.
//! - One `Notified` for each watch event on the wire, with ZooKeeper's names: `NodeCreated`, `NodeDeleted`,
//!   `NodeDataChanged`, `NodeChildrenChanged`, `DataWatchRemoved`, `ChildWatchRemoved`, `PersistentWatchRemoved`.
//! - `Connected` when the server has accepted the session, `Disconnected` when the client no longer counts on its
//!   connection, `SessionExpired` or `Closed` once at the end of a session. After a new connection the client registers
//!   its watches anew before it asks for anything else; a client that does not tells `Notified` with `None` for each
//!   path whose watches it forgets.
//!
//! ## By candidates
//! - `Elected` is told before the first act of a leadership, `Deposed` with the same term after the last one that may
//!   still be begun. A node is `Deposed` before it is `Elected` again. A belief that ends with its process needs no
//!   `Deposed`. A later term is a greater one.
//! - `Candidate` and `Waiting` carry full paths: by their parents the znodes of an election are told from others.
//!
//! ## By whoever calls an object whose history is checked
//! - `Invoked` before anything of the call leaves the process, and one end at most, when its outcome is known: `Returned`,
//!   `Failed` if it surely did not happen, else `InDoubt`. An argument of `create_ephemeral` names the session.
//!
//! ## By resources
//! - `Accepted` and `Refused` are told in the order in which the resource decides, under the resource's own node.
//!
//! ## By who hands out work, and who does it
//! - `Submitted` when a task is safe where it came in, before anybody can be assigned to it; a later life may say it again.
//! - `Accepted`, `Refused` and `Done` by the worker, in the order in which it decides; `Accepted` before it begins.

mod assignments;
mod calm;
mod candidacies;
mod clients;
mod clocks;
mod counters;
mod durability;
mod ensemble;
mod ephemerals;
mod failover;
pub mod linearizability;
mod linearizable;
mod monitor;
mod processes;
mod progress;
mod promise;
mod reigns;
mod report;
mod retelling;
mod sequence;
mod service;
mod session_kept;
mod sessions;
mod single_leader;
pub mod sometimes;
mod standard;
#[cfg(test)]
mod testing;
mod violation;
mod watches;
mod zxid_monotone;

pub use assignments::Assignments;
pub use candidacies::Candidacies;
pub use counters::{Counters, Required};
pub use durability::Durability;
pub use ensemble::{Digest, Epochs, Restart, Zab};
pub use ephemerals::Ephemerals;
pub use failover::Failover;
pub use linearizable::Linearizable;
pub use monitor::{Monitor, Monitors};
pub use progress::Progress;
pub use promise::{FAMILIES, Judged, Promise, Promises, UnknownFamily};
pub use report::Report;
pub use sequence::Sequence;
pub use session_kept::SessionKept;
pub use sessions::Sessions;
pub use single_leader::{Belief, Effect, Order, Overlap};
pub use sometimes::Sometimes;
pub use standard::Bounds;
pub use violation::{Kind, Violation};
pub use watches::{WatchLost, WatchOrder};
pub use zxid_monotone::ZxidMonotone;

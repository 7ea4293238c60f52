//! The safety properties of atomic broadcast, watched over a whole run.
//!
//! After the invariants of ZooKeeper's TLA+ specifications, extended from followers to every server, observers and
//! restarted ones included. They see plain data: which server told what, and what it delivered.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::durable::Proposal;
use crate::trace::{SyncKind, TraceEvent};
use crate::zxid::{Epoch, ServerId, Zxid};

/// What is known of a run, and what was wrong with it.
#[derive(Debug, Default)]
pub(crate) struct Monitor {
    broadcast: BTreeMap<Zxid, Bytes>,
    /// The one order: the longest history any server has delivered.
    order: Vec<Proposal>,
    /// What each server's application holds, as a length of that order.
    applied: BTreeMap<ServerId, usize>,
    synchronising: BTreeMap<Epoch, ServerId>,
    established: BTreeMap<Epoch, ServerId>,
    /// How often the interesting things happened: a run without them proves nothing.
    pub(crate) seen: BTreeMap<&'static str, u64>,
    pub(crate) violations: Vec<String>,
}

impl Monitor {
    fn expect(&mut self, holds: bool, property: &str, detail: impl FnOnce() -> String) {
        if !holds {
            self.violations.push(format!("{property}: {}", detail()));
        }
    }

    fn see(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    pub(crate) fn order(&self) -> &[Proposal] {
        &self.order
    }

    pub(crate) fn applied(&self, server: ServerId) -> usize {
        self.applied.get(&server).copied().unwrap_or(0)
    }

    /// A server's application begins with, or is replaced by, the first `length` transactions.
    pub(crate) fn on_state(&mut self, server: ServerId, length: usize, zxid: Zxid) {
        let end = length.checked_sub(1).and_then(|last| self.order.get(last)).map_or(Zxid::ZERO, |last| last.zxid);
        self.expect(length <= self.order.len() && end == zxid, "PrefixConsistency", || {
            format!("{server} holds a state of {length} transactions up to {zxid}, the order has {end} there")
        });
        self.applied.insert(server, length);
    }

    pub(crate) fn on_delivery(&mut self, server: ServerId, proposal: &Proposal) {
        let zxid = proposal.zxid;
        let broadcast = self.broadcast.get(&zxid) == Some(&proposal.payload);
        self.expect(broadcast, "Integrity", || format!("{server} delivered {zxid}, which no primary broadcast so"));
        let position = self.applied(server);
        self.applied.insert(server, position + 1);
        if let Some(expected) = self.order.get(position) {
            let expected = expected.zxid;
            // Agreement, TotalOrder and PrefixConsistency in one.
            self.expect(expected == zxid, "TotalOrder", || {
                format!("{server} delivered {zxid} where another delivered {expected}")
            });
            return;
        }
        let previous = self.order.last().map_or(Zxid::ZERO, |last| last.zxid);
        self.expect(zxid > previous, "GlobalPrimaryOrder", || format!("{server} delivered {zxid} after {previous}"));
        // Every transaction the same primary broadcast before is delivered before (with "for all", not "exists").
        let before = self.broadcast.range(Zxid::new(zxid.epoch(), 0)..zxid).next_back().map(|(zxid, _)| *zxid);
        self.expect(before.is_none_or(|before| before == previous), "LocalPrimaryOrder", || {
            format!("{server} delivered {zxid} after {previous}, its primary broadcast {before:?} before it")
        });
        self.order.push(proposal.clone());
        self.see("delivered");
    }

    pub(crate) fn on_broadcast(&mut self, server: ServerId, zxid: Zxid, payload: Bytes) {
        let former = self.broadcast.insert(zxid, payload);
        self.expect(former.is_none(), "UniqueZxid", || format!("{server} broadcast {zxid} again"));
    }

    pub(crate) fn on_event(&mut self, server: ServerId, event: &TraceEvent) {
        match event {
            TraceEvent::EpochProposed { epoch, above } => {
                self.expect(epoch > above, "FreshEpoch", || {
                    format!("{server} chose epoch {epoch}, though a server that called had accepted {above}")
                });
            }
            TraceEvent::Synchronising { epoch } => {
                let first = *self.synchronising.entry(*epoch).or_insert(server);
                self.expect(first == server, "Leadership1", || format!("{first} and {server} both lead epoch {epoch}"));
            }
            TraceEvent::Established { epoch, initial } => {
                self.see("established");
                let former = self.established.insert(*epoch, server);
                self.expect(former.is_none(), "Leadership2", || {
                    format!("{former:?} and {server} are both established in epoch {epoch}")
                });
                // PrimaryIntegrity, for what any server delivered: acknowledged writes are among it.
                let last = self.order.last().map_or(Zxid::ZERO, |last| last.zxid);
                self.expect(*initial >= last, "PrimaryIntegrity", || {
                    format!(
                        "{server} is established in epoch {epoch} with a history up to {initial}; {last} is delivered"
                    )
                });
            }
            TraceEvent::Recovered { accepted_epoch, current_epoch, last, repaired } => {
                self.expect(accepted_epoch >= current_epoch && *current_epoch >= last.epoch(), "Recovery", || {
                    format!("{server} recovered with {accepted_epoch}, {current_epoch}, {last}")
                });
                if *repaired {
                    self.see("repaired");
                }
            }
            TraceEvent::Synchronised { kind, .. } => self.see(match kind {
                SyncKind::Diff => "diff",
                SyncKind::Truncate => "truncate",
                SyncKind::TruncateDiff => "truncate-diff",
                SyncKind::Snapshot => "snapshot",
            }),
            TraceEvent::Resigned { .. } => self.see("resigned"),
            _ => {}
        }
    }
}

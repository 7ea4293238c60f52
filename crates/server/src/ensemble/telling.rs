//! What the broadcast tells of itself, in the words of the history.

use history::{EnsembleEvent, SyncKind};
use zab::{Peer, TraceEvent, Zxid};

use super::Effects;

impl Effects {
    /// The first thing a member tells in a life: what it found on its disk.
    pub(super) fn recovered(&mut self, peer: &Peer, snapshot: i64, repaired: bool) {
        let config = peer.config();
        self.tell(EnsembleEvent::Recovered {
            server: config.id.0,
            voter: config.is_voter(config.id),
            accepted_epoch: peer.accepted_epoch(),
            current_epoch: peer.current_epoch(),
            snapshot,
            last: bits(peer.last()),
            repaired,
        });
    }

    pub(super) fn tell_of_peer(&mut self, event: TraceEvent) {
        let event = match event {
            // Told by the member itself, which knows more: the snapshot, the contents.
            TraceEvent::Recovered { .. } | TraceEvent::Broadcast { .. } | TraceEvent::Delivered { .. } => return,
            TraceEvent::Elected { leader, round } => EnsembleEvent::Elected { leader: leader.0, round },
            TraceEvent::EpochProposed { epoch, above } => EnsembleEvent::EpochProposed { epoch, above },
            TraceEvent::EpochAccepted { epoch } => EnsembleEvent::EpochAccepted { epoch },
            TraceEvent::Synchronising { epoch } => EnsembleEvent::Synchronising { epoch },
            TraceEvent::EpochEntered { epoch } => EnsembleEvent::EpochEntered { epoch },
            TraceEvent::Synchronised { learner, kind } => {
                EnsembleEvent::Synchronised { learner: learner.0, kind: sync_kind(kind) }
            }
            TraceEvent::Established { epoch, initial } => EnsembleEvent::Established { epoch, initial: bits(initial) },
            TraceEvent::UpToDate { leader, epoch } => EnsembleEvent::UpToDate { leader: leader.0, epoch },
            TraceEvent::Restored { zxid } => EnsembleEvent::Restored { zxid: bits(zxid) },
            TraceEvent::Truncated { to } => EnsembleEvent::Truncated { to: bits(to) },
            TraceEvent::Resigned { reason } => EnsembleEvent::Resigned { reason: format!("{reason:?}") },
        };
        // Few, and what whoever runs a server wants to read when it does not serve.
        tracing::info!(?event);
        self.tell(event);
    }
}

fn bits(zxid: Zxid) -> i64 {
    zxid.to_bits().cast_signed()
}

fn sync_kind(kind: zab::SyncKind) -> SyncKind {
    match kind {
        zab::SyncKind::Diff => SyncKind::Diff,
        zab::SyncKind::Truncate => SyncKind::Truncate,
        zab::SyncKind::TruncateDiff => SyncKind::TruncateDiff,
        zab::SyncKind::Snapshot => SyncKind::Snapshot,
    }
}

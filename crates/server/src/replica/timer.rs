//! What happens because time passes: sessions expire, containers and TTL znodes are reaped, signs of life are relayed.

use std::time::Duration;

use history::ServiceEvent;
use proto::SessionId;

use super::dispatch::ToLeader;
use super::{Clocks, Effects, Replica};
use crate::transaction::Ticket;

/// Over which time the znodes that may be reaped are counted.
const MINUTE: Duration = Duration::from_secs(60);

impl Replica {
    pub(super) fn take_timer(&mut self, clocks: Clocks, effects: &mut Effects) {
        let Some(reign) = &mut self.reign else {
            self.relay(clocks, effects);
            return;
        };
        for session in reign.sessions.expire(clocks.now) {
            self.expire(clocks, session, effects);
        }
        if let Some(reign) = &mut self.reign
            && clocks.now >= reign.next_reaping
        {
            self.reap(clocks, effects);
        }
    }

    fn expire(&mut self, clocks: Clocks, session: SessionId, effects: &mut Effects) {
        let Some(reign) = &mut self.reign else { return };
        // Its beginning is not committed yet, on a disk that is very slow: what has not begun cannot end.
        if !self.database.sessions.contains_key(&session) {
            reign.sessions.touch(clocks.now, session);
            return;
        }
        effects.tell(|| ServiceEvent::SessionExpired { session: session.0 });
        if self.attached.contains_key(&session) {
            effects.sometimes("a session expired while connected");
        }
        let (of, wall) = ((session, Ticket::NONE), clocks.wall.as_millis());
        let transaction = reign.preparer.close_session(&self.database, &mut reign.sessions, of, wall);
        self.submit(clocks, transaction, effects);
    }

    /// Tells the leader which sessions have given signs of life, twice a tick at most.
    fn relay(&mut self, clocks: Clocks, effects: &mut Effects) {
        if self.touched.is_empty() || clocks.now < self.next_relay {
            return;
        }
        let sessions = std::mem::take(&mut self.touched).into_iter().collect();
        if !self.config.planted().never_relays_touches() {
            effects.send_leader(&ToLeader::Touched { sessions });
        }
    }

    /// `ContainerManager.checkContainers`. It pauses between two znodes, so that no more of them go in a minute than may;
    /// here a round takes its share of a minute's, and the next one comes early if that was not all.
    fn reap(&mut self, clocks: Clocks, effects: &mut Effects) {
        let wall = clocks.wall.as_millis();
        let mut due = self.database.tree.due(wall, self.config.container_unused_interval);
        let round = self.config.container_check_interval.min(MINUTE);
        let share = u128::from(self.config.containers_per_minute) * round.as_millis() / MINUTE.as_millis();
        let share = usize::try_from(share).unwrap_or(usize::MAX).max(1);
        let pause = if due.len() > share { round } else { self.config.container_check_interval };
        due.truncate(share);
        let Some(reign) = &mut self.reign else { return };
        reign.next_reaping = clocks.now + pause;
        for path in due {
            effects.sometimes("a container or TTL znode was reaped");
            let Some(reign) = &mut self.reign else { return };
            let transaction = reign.preparer.reap(&self.database, &path, wall);
            self.submit(clocks, transaction, effects);
        }
    }
}

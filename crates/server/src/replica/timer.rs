//! What happens because time passes: sessions expire, containers and TTL znodes are reaped.

use history::ServiceEvent;

use super::{Clocks, Effects, Origin, Replica};

/// How many znodes one round of reaping takes (`znode.container.maxPerMinute`).
const REAPED_MAX: usize = 10_000;

impl Replica {
    pub(super) fn take_timer(&mut self, clocks: Clocks, effects: &mut Effects) {
        for session in self.sessions.expire(clocks.now) {
            // Its beginning is not committed yet, on a disk that is very slow: what has not begun cannot end.
            if !self.database.sessions.contains_key(&session) {
                self.sessions.touch(clocks.now, session);
                continue;
            }
            effects.tell(|| ServiceEvent::SessionExpired { session: session.0 });
            if self.attached.contains_key(&session) {
                effects.sometimes("a session expired while connected");
            }
            let wall = clocks.wall.as_millis();
            let transaction = self.preparer.close_session(&self.database, &mut self.sessions, session, wall);
            self.submit(clocks, transaction, Origin::Service, effects);
        }
        if clocks.now >= self.next_reaping {
            self.next_reaping = clocks.now + self.config.container_check_interval;
            self.reap(clocks, effects);
        }
    }

    /// `ContainerManager.checkContainers`, every minute by default.
    fn reap(&mut self, clocks: Clocks, effects: &mut Effects) {
        let wall = clocks.wall.as_millis();
        for path in self.database.tree.due(wall).into_iter().take(REAPED_MAX) {
            effects.sometimes("a container or TTL znode was reaped");
            let transaction = self.preparer.reap(&self.database, &path, wall);
            self.submit(clocks, transaction, Origin::Service, effects);
        }
    }
}

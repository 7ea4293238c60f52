//! A server of the ensemble: its state, and what it does with what happens.

use crate::config::Config;
use crate::durable::Durable;
use crate::effects::{Effect, Effects, Role};
use crate::input::Input;
use crate::moment::Moment;
use crate::trace::TraceEvent;

/// A server of the ensemble, without I/O.
#[derive(Debug)]
pub struct Peer {
    config: Config,
    role: Role,
    durable: Durable,
}

impl Peer {
    /// A server that starts with what its disk holds, knows of no connection, and begins to look for a leader at once.
    pub fn new(config: Config, mut durable: Durable, _now: Moment, effects: &mut Effects) -> Peer {
        let repaired = durable.repair();
        effects.tell(TraceEvent::Recovered {
            accepted_epoch: durable.accepted_epoch,
            current_epoch: durable.current_epoch,
            last: durable.last(),
            repaired,
        });
        effects.push(Effect::RoleChanged(Role::Looking));
        Peer { config, role: Role::Looking, durable }
    }

    /// Something happened at `now`: what has to be done is appended to `effects`, in order.
    pub fn step(&mut self, _now: Moment, _input: Input, _effects: &mut Effects) {}

    /// What the server is at the moment.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The configuration it was made with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The last logged transaction.
    pub fn last(&self) -> crate::Zxid {
        self.durable.last()
    }
}

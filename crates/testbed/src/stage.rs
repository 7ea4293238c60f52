//! What a scenario puts on for one run.
//!
//! A scenario holds no state, but what watches a run, what is built into its world, and what looks at its result may have
//! something in common that lives exactly as long as the run. A stage is where that lives.

use std::any::Any;

use check::Monitors;

use crate::bed::Bed;
use crate::outcome::Outcome;

/// Puts the nodes into the world, inside the simulation. What it returns is kept until the run is over.
pub type Build = Box<dyn FnOnce(&Bed) -> Box<dyn Any> + Send>;

/// Looks at what came of a run in which everything held. Says what is wrong with it, in words.
pub type Finish = Box<dyn FnOnce(&Outcome) -> Result<(), String>>;

/// What a scenario puts on for one run.
pub struct Stage {
    /// What watches the run.
    pub monitors: Monitors,
    /// Puts the nodes into the world; nothing if the scenario does so by itself.
    pub build: Option<Build>,
    /// Looks at the result; nothing if it is up to the monitors alone.
    pub finish: Option<Finish>,
}

impl Stage {
    /// A stage on which the scenario builds by itself, and all judgement is up to these monitors.
    pub fn watched_by(monitors: Monitors) -> Stage {
        Stage { monitors, build: None, finish: None }
    }
}

//! How an exploration finds its next schedule.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::error::UserError;

/// How an exploration finds its next schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Every schedule is drawn alike, as `run` draws them from seeds.
    Random,
    /// Every schedule is drawn with weights of its own, most of them extreme: few families, few targets, dense or sparse,
    /// long or short (after swarm testing, Groce and others 2012).
    Swarm,
    /// Schedules that reached something new are kept, and changed a little (after American fuzzy lop); now and then one
    /// comes from the swarm.
    Guided,
}

impl Strategy {
    /// All of them.
    pub const ALL: [Strategy; 3] = [Strategy::Random, Strategy::Swarm, Strategy::Guided];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Strategy::Random => "random",
            Strategy::Swarm => "swarm",
            Strategy::Guided => "guided",
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Strategy {
    type Err = UserError;

    fn from_str(text: &str) -> Result<Strategy, UserError> {
        let strategy = Strategy::ALL.into_iter().find(|strategy| strategy.name() == text);
        strategy.ok_or_else(|| UserError::unknown("strategy", text, Strategy::ALL.map(Strategy::name)))
    }
}

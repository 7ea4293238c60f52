//! The keys of `zoo.cfg` that say how much may wait for clients that do not read: this project's own.

use server::OutputLimits;

use super::properties::Property;
use super::value::{self, Mistake};

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum OutputKey {
    Pause,
    Limit,
    PauseInAll,
    LimitInAll,
}

pub(super) fn set(limits: &mut OutputLimits, key: OutputKey, property: &Property) -> Result<(), Mistake> {
    let setting = match key {
        OutputKey::Pause => &mut limits.pause,
        OutputKey::Limit => &mut limits.limit,
        OutputKey::PauseInAll => &mut limits.pause_in_all,
        OutputKey::LimitInAll => &mut limits.limit_in_all,
    };
    *setting = value::bytes(property)?;
    Ok(())
}

/// Why the limits make no sense together, if they do not: who is to be held up must not be cut off before.
pub(super) fn contradiction(limits: &OutputLimits) -> Option<String> {
    let OutputLimits { pause, limit, pause_in_all, limit_in_all } = *limits;
    [("outputPause", pause, "outputLimit", limit), ("outputPauseInAll", pause_in_all, "outputLimitInAll", limit_in_all)]
        .into_iter()
        .find(|(_, least, _, most)| least > most)
        .map(|(pause, least, limit, most)| {
            format!("interregnum.{pause}, {least} bytes, is more than interregnum.{limit}, {most} bytes")
        })
}

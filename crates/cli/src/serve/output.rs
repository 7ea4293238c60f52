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

/// Two keys that make no sense together, and why, if there are such: who is to be held up must not be cut off before.
pub(super) fn contradiction(limits: &OutputLimits) -> Option<([&'static str; 2], String)> {
    let OutputLimits { pause, limit, pause_in_all, limit_in_all } = *limits;
    [
        (["interregnum.outputPause", "interregnum.outputLimit"], pause, limit),
        (["interregnum.outputPauseInAll", "interregnum.outputLimitInAll"], pause_in_all, limit_in_all),
    ]
    .into_iter()
    .find(|(_, least, most)| least > most)
    .map(|(keys, least, most)| (keys, format!("{}, {least} bytes, is more than {}, {most} bytes", keys[0], keys[1])))
}

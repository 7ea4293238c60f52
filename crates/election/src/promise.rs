//! What a strategy promises, and under which families of faults.
//!
//! Plain data without a judge: this crate knows nothing of the monitors. The words are theirs, so that a scenario can
//! hand a promise on as it is.

/// When a property holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Under all faults.
    Always,
    /// As long as no fault is of one of these families.
    Unless(&'static [&'static str]),
}

impl Holds {
    /// Only where nothing goes wrong at all.
    pub const WITHOUT_FAULTS: Holds =
        Holds::Unless(&["partition", "link", "crash", "power", "pause", "clock", "disk", "session"]);
}

/// What a strategy promises: the three strengths of "at most one leader", and that a leader comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// That no two processes believe at the same instant that they lead.
    pub belief: Holds,
    /// That no act of a deposed leader takes effect on a resource that checks the fencing token.
    pub effect: Holds,
    /// That leaders come in the order of their terms.
    pub order: Holds,
    /// That there is a leader again in time, once the faults are over.
    pub failover: Holds,
}

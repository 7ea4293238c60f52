//! What a strategy promises, and under which faults.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use thiserror::Error;

/// The families of faults, in the words of schedules and of the command line.
pub const FAMILIES: [&str; 8] = ["partition", "link", "crash", "power", "pause", "clock", "disk", "session"];

/// A family of faults that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no family of faults: there are {known}", known = FAMILIES.join(", "))]
pub struct UnknownFamily(pub String);

/// When one property holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Promise {
    /// Under all faults.
    Always,
    /// As long as none of these families is in the schedule.
    Unless(BTreeSet<&'static str>),
}

impl Promise {
    /// It holds as long as none of these families is in the schedule.
    ///
    /// # Panics
    /// If a family is not one of [`FAMILIES`]: promises are written in code, and a promise that excludes a misspelt
    /// family would be judged where it was never given.
    pub fn unless(families: &[&'static str]) -> Promise {
        for family in families {
            assert!(FAMILIES.contains(family), "{}", UnknownFamily((*family).to_owned()));
        }
        Promise::Unless(families.iter().copied().collect())
    }

    /// It holds only if nothing ever goes wrong.
    pub fn without_faults() -> Promise {
        Promise::unless(&FAMILIES)
    }

    fn holds_under(&self, present: &BTreeSet<&'static str>) -> bool {
        match self {
            Promise::Always => true,
            Promise::Unless(families) => families.is_disjoint(present),
        }
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Promise::Always => formatter.write_str("always"),
            Promise::Unless(families) => {
                let families: Vec<&str> = families.iter().copied().collect();
                write!(formatter, "unless {}", families.join(", "))
            }
        }
    }
}

/// What a strategy promises: the three strengths of "at most one leader", and that a leader comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Promises {
    /// That no two nodes believe at the same instant that they lead.
    pub belief: Promise,
    /// That no act of a deposed leader takes effect on a fenced resource.
    pub effect: Promise,
    /// That leaders come in the order of their terms.
    pub order: Promise,
    /// That there is a leader again in time, once the faults are over.
    pub failover: Promise,
}

/// Which promises are judged in a run; of the others the breaks are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// Whether `single-leader/belief` is judged.
    pub belief: bool,
    /// Whether `single-leader/effect` is judged.
    pub effect: bool,
    /// Whether `single-leader/order` is judged.
    pub order: bool,
    /// Whether `failover` is judged.
    pub failover: bool,
}

impl Promises {
    /// All of them, under all faults.
    pub fn all() -> Promises {
        Promises { belief: Promise::Always, effect: Promise::Always, order: Promise::Always, failover: Promise::Always }
    }

    /// None of them, where anything goes wrong.
    pub fn none() -> Promises {
        Promises {
            belief: Promise::without_faults(),
            effect: Promise::without_faults(),
            order: Promise::without_faults(),
            failover: Promise::without_faults(),
        }
    }

    /// Which of them are to be judged in a run whose schedule holds faults of these families.
    ///
    /// # Errors
    /// If a family is not one of [`FAMILIES`].
    pub fn judged_under<F: AsRef<str>>(&self, families: impl IntoIterator<Item = F>) -> Result<Judged, UnknownFamily> {
        let mut present = BTreeSet::new();
        for family in families {
            let family = family.as_ref();
            let known = FAMILIES.into_iter().find(|known| *known == family);
            present.insert(known.ok_or_else(|| UnknownFamily(family.to_owned()))?);
        }
        Ok(Judged {
            belief: self.belief.holds_under(&present),
            effect: self.effect.holds_under(&present),
            order: self.order.holds_under(&present),
            failover: self.failover.holds_under(&present),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_judged_exactly_where_it_is_given() {
        let promises = Promises {
            belief: Promise::unless(&["pause", "clock"]),
            effect: Promise::Always,
            order: Promise::without_faults(),
            failover: Promise::unless(&["crash"]),
        };
        let judged = |families: &[&str]| promises.judged_under(families).unwrap();
        assert_eq!(judged(&[]), Judged { belief: true, effect: true, order: true, failover: true });
        assert_eq!(judged(&["crash"]), Judged { belief: true, effect: true, order: false, failover: false });
        assert_eq!(judged(&["pause"]), Judged { belief: false, effect: true, order: false, failover: true });
        assert_eq!(promises.belief.to_string(), "unless clock, pause");
    }

    #[test]
    fn an_unknown_family_is_named_with_the_known_ones() {
        let error = Promises::all().judged_under(["partitions"]).unwrap_err();
        assert!(error.to_string().starts_with("`partitions` is no family of faults: there are partition, link,"));
    }

    #[test]
    #[should_panic(expected = "`gremlins` is no family of faults")]
    fn a_misspelt_promise_is_a_bug() {
        Promise::unless(&["gremlins"]);
    }
}

//! A part of a campaign: runs are numbered, and a shard of `N` does every `N`-th of them.
//!
//! What is drawn for a run depends on its number, so two shards of one campaign never draw the same. The corpora that
//! guide them are their own until they are merged.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use crate::error::UserError;

/// A part of a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shard {
    /// Which one, from 1.
    index: NonZeroU64,
    /// Of how many.
    of: NonZeroU64,
}

impl Shard {
    /// The whole campaign.
    pub const WHOLE: Shard = Shard { index: NonZeroU64::MIN, of: NonZeroU64::MIN };

    /// Of how many parts the campaign is made.
    pub fn of(self) -> u64 {
        self.of.get()
    }

    /// The number in the whole campaign of the run that is the `nth` of this shard, from 0.
    pub fn number(self, nth: u64) -> u64 {
        nth * self.of.get() + self.index.get() - 1
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.index, self.of)
    }
}

impl FromStr for Shard {
    type Err = UserError;

    fn from_str(text: &str) -> Result<Shard, UserError> {
        let bad = |why: &str| UserError::BadValue {
            key: "shard".into(),
            value: text.into(),
            expected: "part",
            why: why.into(),
        };
        let (index, of) = text.split_once('/').ok_or_else(|| bad("it is written `K/N`, the first is `1/N`"))?;
        let number = |text: &str| text.parse::<NonZeroU64>().map_err(|_| bad("both numbers count from 1"));
        let (index, of) = (number(index)?, number(of)?);
        if index > of {
            return Err(bad("there are not so many parts"));
        }
        Ok(Shard { index, of })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn shards_share_nothing_and_leave_nothing_out() {
        let shards: Vec<Shard> = (1..=5).map(|index| format!("{index}/5").parse().unwrap()).collect();
        let numbers: Vec<u64> = shards.iter().flat_map(|shard| (0..20).map(|nth| shard.number(nth))).collect();
        assert_eq!(numbers.iter().copied().collect::<BTreeSet<u64>>(), (0..100).collect());
        assert_eq!(numbers.len(), 100);
        assert_eq!(Shard::WHOLE.number(7), 7);
    }

    #[test]
    fn a_mistake_is_named() {
        let complaint = |text: &str| text.parse::<Shard>().unwrap_err().to_string();
        assert_eq!(complaint("0/4"), "`0/4` is no part for `shard`: both numbers count from 1");
        assert!(complaint("5/4").contains("not so many"));
        assert!(complaint("3").contains("K/N"));
        assert_eq!("3/64".parse::<Shard>().unwrap().to_string(), "3/64");
    }
}

//! A set of small numbers.

/// A set of small numbers: one word as long as they are below 64, which they nearly always are.
///
/// Trailing words that are zero are cut off, so that equal sets are equal values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Bits {
    first: u64,
    rest: Vec<u64>,
}

impl Bits {
    pub(super) fn contains(&self, number: usize) -> bool {
        let word = match number / 64 {
            0 => self.first,
            index => self.rest.get(index - 1).copied().unwrap_or(0),
        };
        word >> (number % 64) & 1 == 1
    }

    pub(super) fn insert(&mut self, number: usize) {
        let bit = 1 << (number % 64);
        match number / 64 {
            0 => self.first |= bit,
            index => {
                if self.rest.len() < index {
                    self.rest.resize(index, 0);
                }
                self.rest[index - 1] |= bit;
            }
        }
    }

    pub(super) fn remove(&mut self, number: usize) {
        let bit = 1 << (number % 64);
        match number / 64 {
            0 => self.first &= !bit,
            index => {
                if let Some(word) = self.rest.get_mut(index - 1) {
                    *word &= !bit;
                }
                while self.rest.last() == Some(&0) {
                    self.rest.pop();
                }
            }
        }
    }

    pub(super) fn is_subset(&self, other: &Bits) -> bool {
        self.first & !other.first == 0
            && self.rest.len() <= other.rest.len()
            && self.rest.iter().zip(&other.rest).all(|(mine, theirs)| mine & !theirs == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_sets_are_equal_values_however_they_came_about() {
        let mut bits = Bits::default();
        for number in [3, 64, 200] {
            bits.insert(number);
            assert!(bits.contains(number));
        }
        bits.remove(200);
        bits.remove(64);
        bits.remove(7);
        let mut other = Bits::default();
        other.insert(3);
        assert_eq!(bits, other);
        assert!(!bits.contains(200));
    }

    #[test]
    fn knows_its_subsets_across_words() {
        let (mut small, mut large) = (Bits::default(), Bits::default());
        small.insert(70);
        assert!(!small.is_subset(&large));
        assert!(large.is_subset(&small));
        large.insert(70);
        large.insert(1);
        assert!(small.is_subset(&large));
        assert!(!large.is_subset(&small));
    }
}

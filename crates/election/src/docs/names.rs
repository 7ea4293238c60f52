//! The names of candidacies: `<guid>-n_<number>`, the number given by the service.
//!
//! The order is that of the numbers alone: the guid in front is random (ZOOKEEPER-2931 is what happens otherwise).
//! Refused: the wrap-around of the numbers after 2^31 creations under one root, where the order turns over.

use rand::RngCore;

/// Between the guid and the number.
const MARK: &str = "-n_";

/// So many digits has a number (`%010d`); a negative one has a sign before them.
const DIGITS: usize = 10;

/// A guid: 128 random bits.
pub(super) fn guid(stream: &mut host::random::Stream) -> String {
    format!("{:016x}{:016x}", stream.next_u64(), stream.next_u64())
}

/// The name to ask for, before the service appends the number.
pub(super) fn prefix(guid: &str) -> String {
    format!("{guid}{MARK}")
}

/// The number at the end of a name; `None` if the name is not that of a candidacy.
pub(super) fn number(name: &str) -> Option<i32> {
    let (_, number) = name.rsplit_once(MARK)?;
    let digits = number.strip_prefix('-').unwrap_or(number);
    let is_number = digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_digit());
    if is_number { number.parse().ok() } else { None }
}

/// Whether a name carries this guid.
pub(super) fn carries(name: &str, guid: &str) -> bool {
    name.strip_prefix(guid).is_some_and(|rest| rest.starts_with(MARK)) && number(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_from_the_end_of_the_name() {
        assert_eq!(number("ab-n_0000000012"), Some(12));
        assert_eq!(number("ab-n_cd-n_0000000003"), Some(3));
        assert_eq!(number("ab-n_-2147483648"), Some(i32::MIN));
    }

    #[test]
    fn what_is_no_candidacy_has_no_number() {
        for name in ["", "ab", "ab-n_", "ab-n_12", "ab-n_00000000x2", "0000000012", "ab-n_9999999999"] {
            assert_eq!(number(name), None, "{name}");
        }
    }

    #[test]
    fn a_guid_is_found_at_the_front_and_as_a_whole() {
        assert!(carries("ab-n_0000000012", "ab"));
        assert!(!carries("abc-n_0000000012", "ab"));
        assert!(!carries("ab", "ab"));
    }

    #[test]
    fn guids_differ_and_are_of_one_length() {
        let mut stream = host::random::derive(1, "guids");
        let (first, second) = (guid(&mut stream), guid(&mut stream));
        assert_ne!(first, second);
        assert_eq!((first.len(), second.len()), (32, 32));
    }
}

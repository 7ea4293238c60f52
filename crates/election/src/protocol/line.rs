//! The line in which candidates wait: sequential znodes under one parent, in the order of their numbers.
//!
//! Names are as the libraries write them: something of one's own, a mark such as `-latch-`, and ten digits from the
//! service. The number alone gives the order, for what stands before it is random (ZOOKEEPER-2931 is what happens
//! otherwise). Refused: the wrap-around of the numbers after 2^31 creations under one parent.

use rand::RngCore;

/// So many digits has a number (`%010d`).
const DIGITS: usize = 10;

/// A version 4 UUID as Java and Python print it, with hyphens.
pub(crate) fn uuid(stream: &mut impl RngCore) -> String {
    let bits = u128::from(stream.next_u64()) << 64 | u128::from(stream.next_u64());
    // RFC 9562: four bits for the version, two for the variant.
    let bits = bits & !(0xF << 76) & !(0b11 << 62) | 0x4 << 76 | 0b10 << 62;
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// The number at the end of a name with this mark before it; `None` if the name is not of this line.
pub(crate) fn number(name: &str, mark: &str) -> Option<i32> {
    let (_, number) = name.rsplit_once(mark)?;
    let is_number = number.len() == DIGITS && number.bytes().all(|digit| digit.is_ascii_digit());
    if is_number { number.parse().ok() } else { None }
}

/// Those in line, the first one first.
pub(crate) fn in_order(names: &[String], mark: &str) -> Vec<String> {
    let mut line: Vec<(i32, &String)> =
        names.iter().filter_map(|name| number(name, mark).map(|number| (number, name))).collect();
    line.sort();
    line.into_iter().map(|(_, name)| name.clone()).collect()
}

/// Where somebody stands in line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nowhere.
    Gone,
    /// Nobody is before.
    First,
    /// This one is right before.
    Behind(String),
}

/// Where this name stands in line.
pub(crate) fn place(own: &str, names: &[String], mark: &str) -> Place {
    let line = in_order(names, mark);
    match line.iter().position(|name| name == own) {
        None => Place::Gone,
        Some(0) => Place::First,
        Some(rank) => Place::Behind(line[rank - 1].clone()),
    }
}

/// The first in line whose name begins with this.
pub(crate) fn find(prefix: &str, names: &[String], mark: &str) -> Option<String> {
    in_order(names, mark).into_iter().find(|name| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_number_alone_gives_the_order() {
        let all =
            names(&["z-latch-0000000001", "a-latch-0000000003", "m-latch-0000000002", "other", "a-lock-0000000000"]);
        assert_eq!(
            in_order(&all, "-latch-"),
            names(&["z-latch-0000000001", "m-latch-0000000002", "a-latch-0000000003"])
        );
        assert_eq!(place("z-latch-0000000001", &all, "-latch-"), Place::First);
        assert_eq!(place("a-latch-0000000003", &all, "-latch-"), Place::Behind("m-latch-0000000002".into()));
        assert_eq!(place("b-latch-0000000003", &all, "-latch-"), Place::Gone);
        assert_eq!(find("m-", &all, "-latch-").as_deref(), Some("m-latch-0000000002"));
    }

    #[test]
    fn a_uuid_says_its_version_and_variant() {
        let uuid = uuid(&mut host::random::derive(1, "uuid"));
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
        assert!("89ab".contains(&uuid[19..20]), "{uuid}");
    }
}

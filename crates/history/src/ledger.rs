//! The ledger: where leaders write on the service itself, each into a znode of its own per term.
//!
//! A path says who acted and under which term, so that the service's own history tells what took effect and in which
//! order; the data says what was done and does not matter here.

use crate::{NodeName, Term};

/// The znode above all entries.
pub const ROOT: &str = "/ledger";

/// The entry of this node's acts under this term: `/ledger/<term as 16 hex digits>-<node>`.
pub fn path_of(term: Term, by: &str) -> String {
    format!("{ROOT}/{:016x}-{by}", term.0)
}

/// The term and the node of an entry, if the path is one.
pub fn entry(path: &str) -> Option<(Term, NodeName)> {
    let (term, by) = path.strip_prefix(ROOT)?.strip_prefix('/')?.split_once('-')?;
    let is_term = term.len() == 16 && term.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    let is_entry = is_term && !by.is_empty() && !by.contains('/');
    let bits = u64::from_str_radix(term, 16).ok().filter(|_| is_entry)?;
    Some((Term(bits.cast_signed()), NodeName::new(by)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_says_who_acted_and_under_which_term() {
        for term in [Term(0), Term(7), Term(0x1_0000_0002), Term(-1)] {
            assert_eq!(entry(&path_of(term, "c-1")), Some((term, NodeName::new("c-1"))));
        }
        assert_eq!(path_of(Term(31), "c1"), "/ledger/000000000000001f-c1");
    }

    #[test]
    fn other_znodes_are_no_entries() {
        for path in ["/", "/ledger", "/ledger/1-c1", "/ledger/000000000000001f-", "/ledger/000000000000001F-c1"] {
            assert_eq!(entry(path), None, "{path}");
        }
        assert_eq!(entry("/ledgers/000000000000001f-c1"), None);
        assert_eq!(entry("/ledger/000000000000001f-c1/x"), None);
    }
}

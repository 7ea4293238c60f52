//! What is said between a leader and the resource: one line asks, one line answers.
//!
//! ```text
//! act <term> <by> <act…>        accepted
//! fence <term> <by>             refused <highest>
//!                               failed <why…>
//! ```
//!
//! `fence` does nothing but raise the fence to this term, if it is not there yet.
//!
//! The act is free text without a line break. A leader that got no answer says the same line again, on another
//! connection if need be: an act that has just taken effect is accepted again and takes effect once.

use std::io;

use history::{NodeName, Term};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// The longest line, in bytes: whoever sends more does not speak this protocol.
const LINE_BYTES_MAX: u64 = 4096;

/// What a leader asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The fencing token.
    pub term: Term,
    /// Who acts. Without spaces.
    pub by: NodeName,
    /// What is to be done. Without line breaks.
    pub act: String,
}

/// The fencing off of all older terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FenceOff {
    /// The term from which on acts are accepted.
    pub(super) term: Term,
    /// Who fences. Without spaces.
    pub(super) by: NodeName,
}

impl FenceOff {
    pub(super) fn to_line(&self) -> String {
        assert!(!self.by.as_str().contains([' ', '\n']), "`{}` is one word", self.by);
        format!("fence {} {}\n", self.term.0, self.by)
    }

    pub(super) fn from_line(line: &str) -> Option<FenceOff> {
        let (term, by) = line.strip_prefix("fence ")?.split_once(' ')?;
        let term = Term(term.parse().ok()?);
        (!by.is_empty() && !by.contains(' ')).then(|| FenceOff { term, by: NodeName::new(by) })
    }
}

/// What the resource answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The act has taken effect.
    Accepted,
    /// The act came under a token that is too old.
    Refused {
        /// The highest token seen.
        highest: Term,
    },
    /// The act has not taken effect, for no fault of its leader.
    Failed {
        /// Why.
        why: String,
    },
}

impl Act {
    pub(super) fn to_line(&self) -> String {
        assert!(!self.by.as_str().contains([' ', '\n']), "`{}` is one word", self.by);
        assert!(!self.act.contains('\n'), "an act is one line");
        format!("act {} {} {}\n", self.term.0, self.by, self.act)
    }

    pub(super) fn from_line(line: &str) -> Option<Act> {
        let mut words = line.strip_prefix("act ")?.splitn(3, ' ');
        let term = Term(words.next()?.parse().ok()?);
        let by = NodeName::new(words.next().filter(|by| !by.is_empty())?);
        Some(Act { term, by, act: words.next()?.to_owned() })
    }
}

impl Verdict {
    pub(super) fn to_line(&self) -> String {
        match self {
            Verdict::Accepted => "accepted\n".to_owned(),
            Verdict::Refused { highest } => format!("refused {}\n", highest.0),
            Verdict::Failed { why } => format!("failed {}\n", why.replace('\n', " ")),
        }
    }

    pub(super) fn from_line(line: &str) -> Option<Verdict> {
        match line.split_once(' ') {
            None if line == "accepted" => Some(Verdict::Accepted),
            Some(("refused", highest)) => Some(Verdict::Refused { highest: Term(highest.parse().ok()?) }),
            Some(("failed", why)) => Some(Verdict::Failed { why: why.to_owned() }),
            _ => None,
        }
    }
}

/// Reads a line without its end; `None` when the other side has nothing more to say.
pub(crate) async fn read_line(reader: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<String>> {
    let mut line = String::new();
    reader.take(LINE_BYTES_MAX).read_line(&mut line).await?;
    match line.strip_suffix('\n') {
        Some(whole) => Ok(Some(whole.to_owned())),
        None if line.is_empty() => Ok(None),
        // Cut short by the end of the connection, or too long.
        None => Err(io::ErrorKind::InvalidData.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_and_verdicts_come_back_as_they_went() {
        let act = Act { term: Term(-3), by: NodeName::new("c1"), act: "write 7 of  9 ".to_owned() };
        assert_eq!(Act::from_line(act.to_line().trim_end_matches('\n')), Some(act));
        let fence = FenceOff { term: Term(7), by: NodeName::new("c1") };
        assert_eq!(FenceOff::from_line(fence.to_line().trim_end_matches('\n')), Some(fence));
        let why = "the disk is full".to_owned();
        for verdict in [Verdict::Accepted, Verdict::Refused { highest: Term(12) }, Verdict::Failed { why }] {
            assert_eq!(Verdict::from_line(verdict.to_line().trim_end_matches('\n')), Some(verdict));
        }
    }

    #[test]
    fn what_is_not_of_the_protocol_is_not_understood() {
        for line in ["", "act", "act x c1 write", "act 1", "act 1  write", "act 1 c1", "do 1 c1 write"] {
            assert_eq!(Act::from_line(line), None, "{line}");
        }
        for line in ["", "fence", "fence 1", "fence x c1", "fence 1 ", "fence 1 c1 now", "act 1 c1 write"] {
            assert_eq!(FenceOff::from_line(line), None, "{line}");
        }
        for line in ["", "accepted!", "refused", "refused x", "failed"] {
            assert_eq!(Verdict::from_line(line), None, "{line}");
        }
    }
}

//! Roles that nodes have for a while: who leads the ensemble, who follows, who was elected.
//!
//! A fault may name one in the place of a node, such as `@leader`. Who has the role is seen when the fault begins, not
//! before: the schedule stays data that is made without a run.

use std::fmt;
use std::num::NonZeroU32;

/// A role that a node has at some moment of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// `@leader`: the server that leads the ensemble.
    Leader,
    /// `@follower`, `@follower-2`, …: of the servers that follow the leader, the first, the second, … by name.
    Follower(NonZeroU32),
    /// `@candidate-leader`: the candidate that was elected last, as long as it believes to lead.
    CandidateLeader,
    /// `@server`: whichever server it is. Only a fault that lies in wait can strike whoever comes.
    AnyServer,
    /// `@candidate`: whichever candidate it is. Only a fault that lies in wait can strike whoever comes.
    AnyCandidate,
}

impl Role {
    /// The first of the followers.
    pub const FOLLOWER: Role = Role::Follower(NonZeroU32::MIN);

    /// The role that stands in the place of a node's name; nothing if a node is meant, or no such role exists.
    pub fn parse(text: &str) -> Option<Role> {
        let name = text.strip_prefix(Role::MARK)?;
        match name {
            "leader" => Some(Role::Leader),
            "follower" => Some(Role::FOLLOWER),
            "candidate-leader" => Some(Role::CandidateLeader),
            "server" => Some(Role::AnyServer),
            "candidate" => Some(Role::AnyCandidate),
            _ => {
                let number: NonZeroU32 = name.strip_prefix("follower-")?.parse().ok()?;
                // One way of writing it: what is read is written again as it was.
                let role = Role::Follower(number);
                (number > NonZeroU32::MIN && role.to_string() == text).then_some(role)
            }
        }
    }

    /// Whether a name stands for a role, be it one that exists or not: names of nodes begin with a letter.
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(Role::MARK)
    }

    /// Whether it is anybody's of a kind, so that nobody in particular has it.
    pub const fn is_anybody(self) -> bool {
        matches!(self, Role::AnyServer | Role::AnyCandidate)
    }

    /// Whether servers have it.
    pub const fn is_of_servers(self) -> bool {
        !matches!(self, Role::CandidateLeader | Role::AnyCandidate)
    }

    const MARK: char = '@';
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Role::Leader => formatter.write_str("@leader"),
            Role::Follower(NonZeroU32::MIN) => formatter.write_str("@follower"),
            Role::Follower(number) => write!(formatter, "@follower-{number}"),
            Role::CandidateLeader => formatter.write_str("@candidate-leader"),
            Role::AnyServer => formatter.write_str("@server"),
            Role::AnyCandidate => formatter.write_str("@candidate"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let second = NonZeroU32::new(2).unwrap();
        for role in [
            Role::Leader,
            Role::FOLLOWER,
            Role::Follower(second),
            Role::CandidateLeader,
            Role::AnyServer,
            Role::AnyCandidate,
        ] {
            assert_eq!(Role::parse(&role.to_string()), Some(role));
        }
        for none in ["leader", "@", "@follower-1", "@follower-02", "@follower-0", "@follower-x", "@boss"] {
            assert_eq!(Role::parse(none), None, "{none}");
        }
        assert!(Role::is_meant("@boss") && !Role::is_meant("zk1"));
    }
}

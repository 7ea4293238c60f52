//! Who is who: the nodes of a scenario by what they do, known before the run so that a schedule can be made and checked
//! without one.

use std::num::NonZeroU32;

use crate::error::UserError;
use crate::parameters::Parameters;
use crate::role::Role;

/// The nodes of a scenario by their roles.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Roles {
    /// The servers of the coordination service: `zk1`, `zk2`, …
    pub servers: Vec<String>,
    /// Those who want to lead: `c1`, `c2`, …
    pub candidates: Vec<String>,
    /// What the leader acts on: `vault`.
    pub resources: Vec<String>,
}

impl Roles {
    /// The usual election: servers and candidates as many as the parameters say, and one fenced resource.
    pub fn election(parameters: &Parameters) -> Roles {
        let numbered = |prefix: &str, count: u32| (1..=count).map(|number| format!("{prefix}{number}")).collect();
        Roles {
            servers: numbered("zk", parameters.count("servers")),
            candidates: numbered("c", parameters.count("candidates")),
            resources: vec!["vault".to_owned()],
        }
    }

    /// All nodes: servers, candidates, resources.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.servers.iter().chain(&self.candidates).chain(&self.resources).map(String::as_str)
    }

    /// How many nodes there are.
    pub fn count(&self) -> usize {
        self.servers.len() + self.candidates.len() + self.resources.len()
    }

    /// Whether the servers agree among each other: one alone has nobody to agree with.
    pub fn is_ensemble(&self) -> bool {
        self.servers.len() > 1
    }

    /// Of how many servers what is on their disks may be lost while a quorum still has all that was acknowledged.
    pub fn minority(&self) -> usize {
        self.servers.len().saturating_sub(1) / 2
    }

    /// Whether a name is that of a server, or stands for one.
    pub fn is_server(&self, node: &str) -> bool {
        self.servers.iter().any(|name| name == node) || Role::parse(node).is_some_and(Role::is_of_servers)
    }

    /// Whether a node of this name exists, or a role that a node may have.
    ///
    /// # Errors
    /// If not, with the nearest name.
    pub fn require(&self, node: &str) -> Result<(), UserError> {
        if Role::is_meant(node) {
            return self.require_role(node);
        }
        if self.all().any(|name| name == node) {
            return Ok(());
        }
        Err(UserError::unknown("node", node, self.all()))
    }

    fn require_role(&self, text: &str) -> Result<(), UserError> {
        let mismatch = |why: String| Err(UserError::Mismatch(why));
        match Role::parse(text) {
            None => {
                let known = [Role::Leader, Role::FOLLOWER, Role::CandidateLeader, Role::AnyServer, Role::AnyCandidate]
                    .map(|role| role.to_string());
                let followers = (2..).map_while(NonZeroU32::new).take(self.servers.len().saturating_sub(2));
                let followers = followers.map(|number| Role::Follower(number).to_string());
                let known: Vec<String> = known.into_iter().chain(followers).collect();
                Err(UserError::unknown("role", text, known.iter().map(String::as_str)))
            }
            Some(Role::Leader | Role::Follower(_)) if !self.is_ensemble() => {
                mismatch(format!("`{text}` is of an ensemble: there is one server alone"))
            }
            Some(Role::Follower(number)) if number.get() as usize >= self.servers.len() => {
                let servers = self.servers.len();
                mismatch(format!("`{text}` cannot be: {servers} servers have {} followers at most", servers - 1))
            }
            Some(Role::CandidateLeader | Role::AnyCandidate) if self.candidates.is_empty() => {
                mismatch(format!("`{text}` cannot be: there are no candidates"))
            }
            Some(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(servers: u32) -> Roles {
        let mut parameters = Parameters::standard();
        parameters.set("servers", &servers.to_string()).unwrap();
        Roles::election(&parameters)
    }

    fn complaint(servers: u32, node: &str) -> String {
        roles(servers).require(node).expect_err("there is none").to_string()
    }

    #[test]
    fn roles_exist_where_somebody_can_have_them() {
        assert_eq!(roles(3).servers, ["zk1", "zk2", "zk3"]);
        for node in ["zk3", "c1", "vault", "@leader", "@follower", "@follower-2", "@candidate-leader", "@server"] {
            assert_eq!(roles(3).require(node), Ok(()), "{node}");
        }
        assert_eq!(complaint(3, "zk4"), "there is no node `zk4`; did you mean `zk1`?");
        assert_eq!(complaint(3, "@leadr"), "there is no role `@leadr`; did you mean `@leader`?");
        assert_eq!(complaint(1, "@leader"), "`@leader` is of an ensemble: there is one server alone");
        assert_eq!(complaint(3, "@follower-3"), "`@follower-3` cannot be: 3 servers have 2 followers at most");
    }

    #[test]
    fn a_minority_leaves_a_quorum() {
        assert_eq!([1, 2, 3, 4, 5, 9].map(|servers| roles(servers).minority()), [0, 0, 1, 1, 2, 4]);
        assert!(!roles(1).is_ensemble() && roles(3).is_ensemble());
        assert!(roles(3).is_server("zk2") && roles(3).is_server("@follower"));
        assert!(!roles(3).is_server("c1") && !roles(3).is_server("@candidate-leader"));
    }
}

//! Who is who: the nodes of a scenario by what they do, known before the run so that a schedule can be made and checked
//! without one.

use crate::error::UserError;
use crate::parameters::Parameters;

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

    /// Whether a node of this name exists.
    ///
    /// # Errors
    /// If not, with the nearest name.
    pub fn require(&self, node: &str) -> Result<(), UserError> {
        if self.all().any(|name| name == node) {
            return Ok(());
        }
        Err(UserError::unknown("node", node, self.all()))
    }
}

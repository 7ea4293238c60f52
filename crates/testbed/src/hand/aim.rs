//! Taking aim: from a fault as the schedule has it to whom and what it hits in this run, at this moment.
//!
//! Pure: what is to be known of the moment is asked of a [`Sight`].

use std::fmt;

use history::NodeName;
use host::sim::groups::{self, Links};

use crate::role::Role;
use crate::roles::Roles;
use crate::schedule::{FaultKind, Step};

/// What is to be seen of the run at the moment a fault begins.
pub(super) trait Sight {
    /// Who has a role.
    fn holder(&self, role: Role) -> Option<NodeName>;

    /// The last step of the protocol that a server took.
    fn last_step(&self, node: &str) -> Option<Step>;

    /// Whether a connection joins two nodes.
    fn is_connected(&self, client: &str, server: &str) -> bool;
}

/// A fault that knows whom it hits.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Aim {
    /// The fault, with nodes in the place of roles (but where it lies in wait: it takes aim when its step comes).
    pub(super) kind: FaultKind,
    /// The directed links that it cuts, and that its end heals.
    pub(super) links: Links,
    /// Who was found to be meant, in words.
    pub(super) found: Vec<String>,
}

/// Why a fault hits nobody.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// Nobody has the role.
    Nobody(Role),
    /// The server is the leader from which it is to be cut.
    IsLeader(String),
    /// The node has no connection with a server.
    Unconnected(String),
}

impl fmt::Display for Miss {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Miss::Nobody(role) => write!(formatter, "nobody is {role}"),
            Miss::IsLeader(node) => write!(formatter, "{node} is the leader itself"),
            Miss::Unconnected(node) => write!(formatter, "{node} is connected with no server"),
        }
    }
}

impl Aim {
    /// Takes aim.
    ///
    /// # Errors
    /// If there is nobody to hit.
    pub(super) fn take(kind: &FaultKind, roles: &Roles, sight: &impl Sight) -> Result<Aim, Miss> {
        let mut aim = Aim { kind: kind.clone(), links: Links::new(), found: Vec::new() };
        if kind.ambush().is_some() {
            return Ok(aim);
        }
        for name in aim.kind.nodes_mut() {
            if let Some(role) = Role::parse(name) {
                let holder = sight.holder(role).ok_or(Miss::Nobody(role))?;
                holder.as_str().clone_into(name);
                aim.found.push(is(role, &holder, sight));
            }
        }
        aim.links = match &aim.kind {
            FaultKind::CutLeader => {
                let leader = leader(sight, &mut aim.found)?;
                groups::between(&[leader], &names(&roles.servers))
            }
            FaultKind::CutFollower { node } => {
                let leader = leader(sight, &mut aim.found)?;
                if leader.as_str() == node {
                    return Err(Miss::IsLeader(node.clone()));
                }
                groups::between(&[leader], &[NodeName::new(node)])
            }
            FaultKind::Move { node } => {
                let servers: Vec<NodeName> =
                    names(&roles.servers).into_iter().filter(|server| sight.is_connected(node, server)).collect();
                if servers.is_empty() {
                    return Err(Miss::Unconnected(node.clone()));
                }
                aim.found.extend(servers.iter().map(|server| format!("its server is {server}")));
                groups::between(&[NodeName::new(node)], &servers)
            }
            other => links_cut_by(other, roles),
        };
        aim.found.dedup();
        Ok(aim)
    }

    /// The fault in words, as the schedule has it and with whom it was found to mean.
    pub(super) fn words(&self, scheduled: &FaultKind) -> String {
        if self.found.is_empty() {
            return scheduled.to_string();
        }
        format!("{scheduled} ({})", self.found.join(", "))
    }
}

fn leader(sight: &impl Sight, found: &mut Vec<String>) -> Result<NodeName, Miss> {
    let leader = sight.holder(Role::Leader).ok_or(Miss::Nobody(Role::Leader))?;
    found.push(is(Role::Leader, &leader, sight));
    Ok(leader)
}

fn is(role: Role, holder: &NodeName, sight: &impl Sight) -> String {
    let step = sight.last_step(holder).map(|step| format!(", at `{step}`")).unwrap_or_default();
    format!("{role} is {holder}{step}")
}

/// The directed links that a fault cuts whose nodes are all known by name.
fn links_cut_by(kind: &FaultKind, roles: &Roles) -> Links {
    let everybody: Vec<NodeName> = roles.all().map(NodeName::new).collect();
    match kind {
        FaultKind::Split { groups: parts } => {
            let parts: Vec<Vec<NodeName>> = parts.iter().map(|part| names(part)).collect();
            groups::split(&parts)
        }
        FaultKind::Isolate { node } => groups::isolate(&NodeName::new(node), &everybody),
        FaultKind::Bridge { left, right } => groups::between(&names(left), &names(right)),
        FaultKind::Ring { nodes } => groups::majorities_ring(&names(nodes)),
        FaultKind::OneWay { from, to } => groups::one_way(&names(from), &names(to)),
        FaultKind::Expire { node } => groups::between(&[NodeName::new(node)], &names(&roles.servers)),
        _ => Links::new(),
    }
}

fn names(nodes: &[String]) -> Vec<NodeName> {
    nodes.iter().map(|node| NodeName::new(node)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::Parameters;

    /// `zk2` leads, `zk1` and `zk3` follow, `c1` is at `zk3`.
    struct Scene {
        has_leader: bool,
    }

    impl Sight for Scene {
        fn holder(&self, role: Role) -> Option<NodeName> {
            match role {
                _ if !self.has_leader => None,
                Role::Leader => Some("zk2".into()),
                Role::Follower(number) => ["zk1", "zk3"].get(number.get() as usize - 1).map(|name| (*name).into()),
                Role::CandidateLeader | Role::AnyServer | Role::AnyCandidate => None,
            }
        }

        fn last_step(&self, node: &str) -> Option<Step> {
            (node == "zk2").then_some(Step::Broadcast)
        }

        fn is_connected(&self, client: &str, server: &str) -> bool {
            (client, server) == ("c1", "zk3")
        }
    }

    fn roles() -> Roles {
        let mut parameters = Parameters::standard();
        parameters.set("servers", "3").unwrap();
        Roles::election(&parameters)
    }

    fn take(kind: &FaultKind) -> Result<Aim, Miss> {
        Aim::take(kind, &roles(), &Scene { has_leader: true })
    }

    fn links(links: &Links) -> Vec<String> {
        links.iter().map(|(from, to)| format!("{from}>{to}")).collect()
    }

    #[test]
    fn the_leader_is_cut_from_the_servers_and_keeps_its_clients() {
        let aim = take(&FaultKind::CutLeader).unwrap();
        assert_eq!(links(&aim.links), ["zk1>zk2", "zk2>zk1", "zk2>zk3", "zk3>zk2"]);
        assert!(
            aim.words(&FaultKind::CutLeader).ends_with(" (@leader is zk2, at `broadcast`)"),
            "{}",
            aim.words(&FaultKind::CutLeader)
        );
    }

    #[test]
    fn a_follower_is_cut_from_the_leader_alone() {
        let cut = |node: &str| take(&FaultKind::CutFollower { node: node.into() });
        let scheduled = FaultKind::CutFollower { node: "@follower-2".into() };
        let aim = cut("@follower-2").unwrap();
        assert_eq!(links(&aim.links), ["zk2>zk3", "zk3>zk2"]);
        assert!(aim.words(&scheduled).ends_with(" (@follower-2 is zk3, @leader is zk2, at `broadcast`)"));
        assert_eq!(links(&cut("zk1").unwrap().links), ["zk1>zk2", "zk2>zk1"]);
        assert_eq!(cut("zk2").unwrap_err(), Miss::IsLeader("zk2".into()));
    }

    #[test]
    fn a_client_is_cut_from_the_server_it_has() {
        let move_on = |node: &str| take(&FaultKind::Move { node: node.into() });
        assert_eq!(links(&move_on("c1").unwrap().links), ["c1>zk3", "zk3>c1"]);
        assert_eq!(move_on("c2").unwrap_err(), Miss::Unconnected("c2".into()));
        assert_eq!(move_on("@candidate-leader").unwrap_err(), Miss::Nobody(Role::CandidateLeader));
    }

    #[test]
    fn roles_are_replaced_wherever_they_stand() {
        let aim = take(&FaultKind::Kill { node: "@leader".into() }).unwrap();
        assert_eq!(aim.kind, FaultKind::Kill { node: "zk2".into() });
        let split = FaultKind::Split { groups: vec![vec!["@leader".into(), "c1".into()], vec!["@follower".into()]] };
        let aim = take(&split).unwrap();
        assert_eq!(links(&aim.links), ["c1>zk1", "zk1>c1", "zk1>zk2", "zk2>zk1"]);
        let named = FaultKind::Kill { node: "zk1".into() };
        assert_eq!(take(&named).unwrap().words(&named), "kill zk1");
    }

    #[test]
    fn without_a_leader_nobody_is_hit() {
        let none = |kind: &FaultKind| Aim::take(kind, &roles(), &Scene { has_leader: false }).unwrap_err();
        assert_eq!(none(&FaultKind::CutLeader), Miss::Nobody(Role::Leader));
        let isolated = FaultKind::Isolate { node: "@follower-2".into() };
        assert_eq!(none(&isolated).to_string(), "nobody is @follower-2");
        assert_eq!(none(&FaultKind::CutFollower { node: "zk1".into() }), Miss::Nobody(Role::Leader));
    }
}

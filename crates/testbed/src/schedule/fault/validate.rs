//! Whether a fault makes sense for the nodes there are.

use std::collections::BTreeSet;

use super::{Ambush, FaultKind, Strike};
use crate::error::UserError;
use crate::role::Role;
use crate::roles::Roles;
use crate::schedule::Step;

impl FaultKind {
    /// Whether its numbers make sense, and the nodes are such as it can hit. That they exist is taken for granted.
    ///
    /// # Errors
    /// What does not.
    pub fn validate(&self, roles: &Roles) -> Result<(), UserError> {
        let mismatch = |why: String| Err(UserError::Mismatch(why));
        let anybody = |node: &&str| Role::parse(node).filter(|role| role.is_anybody());
        if self.ambush().is_none()
            && let Some(role) = self.nodes().iter().find_map(anybody)
        {
            let instead = if role == Role::AnyServer { Role::FOLLOWER } else { Role::CandidateLeader };
            return mismatch(format!(
                "`{role}` is for faults that lie in wait: `{}` must know whom it hits, such as `{instead}`",
                self.name()
            ));
        }
        match self {
            FaultKind::Split { groups } if groups.len() < 2 => mismatch("a split needs two groups or more".into()),
            FaultKind::Split { groups } => match named_twice(groups.iter().flatten()) {
                Some(node) => mismatch(format!("`{node}` is in more than one group")),
                None => Ok(()),
            },
            FaultKind::Ring { nodes } if nodes.len() < 4 => mismatch("a ring needs four nodes or more".into()),
            FaultKind::CutLeader if !roles.is_ensemble() => {
                mismatch("there is one server alone: no leader can be cut from the others".into())
            }
            FaultKind::CutFollower { node } if !roles.is_server(node) => {
                mismatch(format!("`{node}` is no server: it follows no leader"))
            }
            FaultKind::CutFollower { .. } if !roles.is_ensemble() => {
                mismatch("there is one server alone: nobody follows a leader".into())
            }
            FaultKind::Lossy { percent, .. } if *percent > 90 => {
                mismatch("at more than 90 percent loss nothing arrives in time: cut the link instead".into())
            }
            FaultKind::Narrow { bytes_per_second, .. } if *bytes_per_second < 1_000 => {
                mismatch("a link carries at least 1000 bytes a second".into())
            }
            FaultKind::Blackout { nodes } if nodes.len() < 2 => {
                mismatch("a blackout needs two nodes or more: for one there is `power`".into())
            }
            FaultKind::Blackout { nodes } => match named_twice(nodes) {
                Some(node) => mismatch(format!("`{node}` is named twice")),
                None => Ok(()),
            },
            FaultKind::Ambush(ambush) => ambush.validate(roles),
            FaultKind::Drift { parts_per_million, .. } if parts_per_million.unsigned_abs() > 500_000 => {
                mismatch("a clock drifts by 500000 parts per million at most".into())
            }
            FaultKind::Strobe { period, .. } if period.is_zero() => mismatch("a strobe needs a period".into()),
            FaultKind::Wipe { node } | FaultKind::Rot { node, .. } if !roles.is_server(node) => {
                mismatch(format!("`{node}` is no server: nobody else has what was on its disk"))
            }
            FaultKind::Wipe { .. } | FaultKind::Rot { .. } if roles.minority() == 0 => mismatch(format!(
                "with {} servers none may lose what it has on its disk: it takes three",
                roles.servers.len()
            )),
            FaultKind::Rot { bits, .. } if !(1..=1_000).contains(bits) => {
                mismatch("between 1 and 1000 bits flip".into())
            }
            FaultKind::Drop { node }
            | FaultKind::AckLost { node }
            | FaultKind::Expire { node }
            | FaultKind::Move { node }
                if roles.is_server(node) =>
            {
                mismatch(format!("`{node}` is a server: this fault is for those who have sessions"))
            }
            _ => Ok(()),
        }
    }
}

impl Ambush {
    fn validate(&self, roles: &Roles) -> Result<(), UserError> {
        let mismatch = |why: String| Err(UserError::Mismatch(why));
        let Ambush { strike, node, step, nth, .. } = self;
        if strike.is_of_sessions() && roles.is_server(node) {
            return mismatch(format!("`{node}` is a server: this fault is for those who have sessions"));
        }
        if *strike == Strike::Blackout && step.is_of_candidates() {
            return mismatch(format!("`{step}` is a step of candidates: a blackout lies in wait for a server"));
        }
        if *nth == 0 {
            return mismatch("steps are counted from 1".into());
        }
        let is_candidate = match Role::parse(node) {
            Some(role) => !role.is_of_servers(),
            None => roles.candidates.contains(node),
        };
        match (is_candidate, step.is_of_candidates()) {
            (true, true) => return Ok(()),
            (true, false) => return mismatch(format!("`{node}` is a candidate: it does not take the step `{step}`")),
            (false, true) => return mismatch(format!("`{node}` is no candidate: it does not take the step `{step}`")),
            (false, false) => {}
        }
        if *step != Step::Fsync && !roles.is_server(node) {
            return mismatch(format!("`{node}` is no server of the ensemble: of the steps it takes `fsync` only"));
        }
        if *step != Step::Fsync && !roles.is_ensemble() {
            return mismatch(format!("there is one server alone: nobody takes the step `{step}`"));
        }
        Ok(())
    }
}

fn named_twice<'a>(nodes: impl IntoIterator<Item = &'a String>) -> Option<&'a String> {
    let mut seen = BTreeSet::new();
    nodes.into_iter().find(|node| !seen.insert(*node))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::parameters::Parameters;

    fn roles(servers: u32) -> Roles {
        let mut parameters = Parameters::standard();
        parameters.set("servers", &servers.to_string()).unwrap();
        Roles::election(&parameters)
    }

    fn complaint(kind: &FaultKind, servers: u32) -> String {
        kind.validate(&roles(servers)).expect_err("it makes no sense").to_string()
    }

    fn ambush(node: &str, step: Step, nth: u32) -> FaultKind {
        struck(Strike::Kill, node, step, nth)
    }

    fn struck(strike: Strike, node: &str, step: Step, nth: u32) -> FaultKind {
        let down = Duration::from_secs(1);
        FaultKind::Ambush(Ambush { strike, node: node.into(), step, nth, after: Duration::ZERO, down })
    }

    #[test]
    fn what_is_of_an_ensemble_needs_one() {
        assert!(complaint(&FaultKind::CutLeader, 1).contains("one server alone"));
        assert!(complaint(&FaultKind::CutFollower { node: "zk1".into() }, 1).contains("nobody follows"));
        assert!(complaint(&FaultKind::CutFollower { node: "c1".into() }, 3).contains("`c1` is no server"));
        assert!(complaint(&FaultKind::Wipe { node: "zk1".into() }, 1).contains("takes three"));
        assert!(complaint(&FaultKind::Rot { node: "vault".into(), bits: 1 }, 3).contains("`vault` is no server"));
        assert!(complaint(&ambush("zk1", Step::Broadcast, 1), 1).contains("nobody takes the step `broadcast`"));
        for kind in [
            FaultKind::CutLeader,
            FaultKind::CutFollower { node: "@follower-2".into() },
            FaultKind::Wipe { node: "@leader".into() },
            FaultKind::Rot { node: "zk3".into(), bits: 3 },
            ambush("@leader", Step::Broadcast, 2),
            ambush("@server", Step::Elected, 1),
            ambush("vault", Step::Fsync, 1),
        ] {
            assert_eq!(kind.validate(&roles(3)), Ok(()), "{kind}");
        }
    }

    #[test]
    fn who_is_struck_must_be_somebody_whom_it_can_strike() {
        for strike in [Strike::AckLost, Strike::Expire] {
            for node in ["@server", "zk1"] {
                let complaint = complaint(&struck(strike, node, Step::Fsync, 1), 3);
                assert!(complaint.contains(&format!("`{node}` is a server: this fault is for those")), "{complaint}");
            }
            assert_eq!(struck(strike, "@candidate", Step::Leading, 1).validate(&roles(3)), Ok(()));
        }
        let blackout = |node, step| struck(Strike::Blackout, node, step, 1);
        assert!(complaint(&blackout("c1", Step::Leading), 3).contains("`leading` is a step of candidates"));
        assert_eq!(blackout("@server", Step::Elected).validate(&roles(3)), Ok(()));
    }

    #[test]
    fn roles_are_judged_as_what_they_stand_for() {
        assert!(complaint(&FaultKind::Drop { node: "@leader".into() }, 3).contains("`@leader` is a server"));
        assert!(complaint(&FaultKind::Move { node: "zk1".into() }, 3).contains("`zk1` is a server"));
        assert!(complaint(&FaultKind::Kill { node: "@server".into() }, 3).contains("for faults that lie in wait"));
        assert!(complaint(&ambush("@candidate-leader", Step::Fsync, 1), 3).contains("is a candidate"));
        assert!(complaint(&ambush("vault", Step::Elected, 1), 3).contains("`fsync` only"));
    }

    #[test]
    fn numbers_have_their_limits() {
        assert!(complaint(&ambush("@leader", Step::Elected, 0), 3).contains("counted from 1"));
        assert!(complaint(&FaultKind::Rot { node: "zk1".into(), bits: 0 }, 3).contains("between 1 and 1000"));
        assert!(complaint(&FaultKind::Blackout { nodes: vec!["zk1".into()] }, 3).contains("`power`"));
        let twice = FaultKind::Blackout { nodes: vec!["zk1".into(), "zk1".into()] };
        assert!(complaint(&twice, 3).contains("`zk1` is named twice"));
    }
}

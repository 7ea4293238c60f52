//! Simpler faults: a kind with less to explain in the place of one with more, and fewer nodes.
//!
//! A fault keeps its family: which families occur decides what is promised.

use super::trials::{Stop, Trials};
use crate::role::Role;
use crate::roles::Roles;
use crate::schedule::{Ambush, Fault, FaultKind, Lasts, Strike};

/// Makes each fault as simple as it can be.
pub(super) fn simplify(trials: &mut Trials<'_>) -> Result<(), Stop> {
    let mut place = 0;
    while place < trials.faults().len() {
        let fault = trials.faults()[place].clone();
        let mut simplified = false;
        for simpler in simpler(&fault, &trials.best().roles()) {
            simplified = trials.accepts_fault(place, simpler)?;
            if simplified {
                break;
            }
        }
        // What became simpler may become simpler still.
        place += usize::from(!simplified);
    }
    Ok(())
}

/// What is simpler than a fault, the simplest first. Nothing ever becomes simpler in a circle.
pub(super) fn simpler(fault: &Fault, roles: &Roles) -> Vec<Fault> {
    let mut simpler: Vec<Fault> = Vec::new();
    let with = |kind: FaultKind| Fault { kind, ..fault.clone() };
    let isolate = |nodes: Vec<&str>| {
        let isolate = |node: &str| FaultKind::Isolate { node: node.to_owned() };
        nodes.into_iter().map(isolate).collect::<Vec<_>>()
    };
    match &fault.kind {
        FaultKind::Split { .. } | FaultKind::OneWay { .. } => {
            simpler.extend(isolate(fault.kind.nodes()).into_iter().map(with));
        }
        FaultKind::Bridge { left, right } => {
            simpler.extend(isolate(fault.kind.nodes()).into_iter().map(with));
            simpler.push(with(FaultKind::Split { groups: vec![left.clone(), right.clone()] }));
        }
        FaultKind::Ring { nodes } => {
            simpler.extend(isolate(fault.kind.nodes()).into_iter().map(with));
            let (one, other) = nodes.split_at(nodes.len() / 2);
            simpler.push(with(FaultKind::Split { groups: vec![one.to_vec(), other.to_vec()] }));
        }
        FaultKind::Blackout { nodes } => {
            simpler.extend(nodes.iter().map(|node| with(FaultKind::Power { node: node.clone() })));
        }
        FaultKind::Ambush(ambush) => {
            simpler.push(at_once(fault, ambush, |node| ambush.strike.at_once(node)));
            if ambush.strike == Strike::Blackout {
                simpler.push(at_once(fault, ambush, |_| FaultKind::Blackout { nodes: roles.servers.clone() }));
                simpler.push(with(FaultKind::Ambush(Ambush { strike: Strike::Power, ..ambush.clone() })));
            }
        }
        FaultKind::Strobe { node, milliseconds, .. } => {
            let (node, milliseconds) = (node.clone(), *milliseconds);
            simpler.push(instant(fault, FaultKind::Step { node, milliseconds }));
        }
        FaultKind::AckLost { node } | FaultKind::Expire { node } | FaultKind::Move { node } => {
            simpler.push(instant(fault, FaultKind::Drop { node: node.clone() }));
        }
        _ => {}
    }
    simpler.extend(fewer_nodes(&fault.kind).into_iter().map(with));
    if fault.lasts == Lasts::Forever {
        let lasts = Lasts::For(std::time::Duration::from_secs(60));
        simpler.push(Fault { lasts, ..fault.clone() });
    } else {
        simpler.extend(by_role(&fault.kind, roles).into_iter().map(with));
    }
    simpler
}

/// The fault strikes when it begins, in the place of lying in wait.
fn at_once(fault: &Fault, ambush: &Ambush, kind: impl Fn(String) -> FaultKind) -> Fault {
    let node = match Role::parse(&ambush.node) {
        // Most steps are taken where the leader is, or was.
        Some(Role::AnyServer) => Role::Leader.to_string(),
        Some(Role::AnyCandidate) => Role::CandidateLeader.to_string(),
        _ => ambush.node.clone(),
    };
    Fault { at: fault.at + ambush.after, lasts: Lasts::For(ambush.down), kind: kind(node) }
}

fn instant(fault: &Fault, kind: FaultKind) -> Fault {
    debug_assert!(kind.is_instant());
    Fault { at: fault.at, lasts: Lasts::For(std::time::Duration::ZERO), kind }
}

/// The same with one node fewer, where several are named.
fn fewer_nodes(kind: &FaultKind) -> Vec<FaultKind> {
    let mut fewer = Vec::new();
    for index in 0..kind.nodes().len() {
        let mut lists = kind.clone();
        let mut left = index;
        let Some(list) = lists.lists_mut().into_iter().find_map(|list| {
            let found = left < list.len();
            left -= if found { 0 } else { list.len() };
            found.then_some(list)
        }) else {
            return Vec::new();
        };
        // An empty side would be no fault at all.
        if list.len() > 1 {
            list.remove(left);
            fewer.push(lists);
        }
    }
    fewer
}

/// The same with a role in the place of a name: it says why that node, and not another.
fn by_role(kind: &FaultKind, roles: &Roles) -> Vec<FaultKind> {
    let mut by_role = Vec::new();
    for index in 0..kind.nodes().len() {
        let name = kind.nodes()[index];
        let is_server = roles.servers.iter().any(|server| server == name);
        let found: &[Role] = match () {
            () if is_server && roles.is_ensemble() => &[Role::Leader, Role::FOLLOWER],
            () if roles.candidates.iter().any(|candidate| candidate == name) => &[Role::CandidateLeader],
            () => &[],
        };
        for role in found.iter().map(Role::to_string) {
            if !kind.nodes().contains(&role.as_str()) {
                let mut kind = kind.clone();
                *kind.nodes_mut()[index] = role;
                by_role.push(kind);
            }
        }
    }
    by_role
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::{fails_if, plan_of, shrunk_by};
    use super::*;
    use crate::parameters::Parameters;
    use crate::schedule::{Family, Step};

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn fault(kind: FaultKind) -> Fault {
        Fault { at: Duration::from_secs(20), lasts: Lasts::For(Duration::from_secs(9)), kind }
    }

    fn ambush(strike: Strike) -> FaultKind {
        let (node, step) = match strike.is_of_sessions() {
            true => ("@candidate".into(), Step::Leading),
            false => ("@server".into(), Step::Elected),
        };
        let (after, down) = (Duration::from_millis(3), Duration::from_secs(2));
        FaultKind::Ambush(Ambush { strike, node, step, nth: 2, after, down })
    }

    fn samples() -> Vec<FaultKind> {
        let (from, to) = (names(&["c1"]), names(&["zk1", "zk2", "zk3"]));
        let mut samples = vec![
            FaultKind::Split { groups: vec![names(&["zk1", "c1"]), names(&["zk2", "c2", "c3"])] },
            FaultKind::Bridge { left: names(&["zk1", "c1"]), right: names(&["zk2", "c2"]) },
            FaultKind::Ring { nodes: names(&["zk1", "zk2", "zk3", "c1", "c2"]) },
            FaultKind::OneWay { from: from.clone(), to: to.clone() },
            FaultKind::Slow { from, to, extra: Duration::from_millis(70) },
            FaultKind::Blackout { nodes: names(&["zk1", "zk2", "zk3"]) },
            FaultKind::Strobe { node: "c1".into(), milliseconds: 800, period: Duration::from_millis(9) },
            FaultKind::Expire { node: "c2".into() },
            FaultKind::AckLost { node: "c2".into() },
            FaultKind::Move { node: "c2".into() },
        ];
        samples.extend(Strike::ALL.map(ambush));
        samples
    }

    #[test]
    fn a_fault_keeps_its_family() {
        let roles = Roles::election(&Parameters::standard());
        for kind in samples() {
            let simpler = simpler(&fault(kind.clone()), &roles);
            assert!(!simpler.is_empty(), "{kind}");
            for simpler in simpler {
                assert_eq!(simpler.kind.family(), kind.family(), "{kind} -> {}", simpler.kind);
            }
        }
    }

    #[test]
    fn whatever_fails_by_its_family_alone_ends_as_the_simplest_of_it() {
        for kind in samples() {
            let plan = plan_of(vec![fault(kind.clone())]);
            let fails = |plan: &crate::Plan| fails_if(plan.schedule.families().contains(&kind.family()), 60);
            let small = shrunk_by(simplify, &plan, fails);
            let words = small.schedule.faults[0].kind.to_string();
            let expected = match kind.family() {
                Family::Partition => "cut off @",
                Family::Link => "@candidate-leader and @",
                Family::Crash => "kill @leader",
                Family::Power => "power of @leader lost",
                Family::Pause => "stall @leader",
                Family::Clock => "step wall clock of @candidate-leader by 800 ms",
                _ => "reset the connections of @candidate-leader with the service",
            };
            assert!(words.starts_with(expected), "{kind} -> {words}");
        }
    }

    #[test]
    fn what_is_needed_of_a_kind_stays() {
        let lies_in_wait =
            |plan: &crate::Plan| fails_if(plan.schedule.faults.iter().any(|fault| fault.kind.ambush().is_some()), 60);
        let small = shrunk_by(simplify, &plan_of(vec![fault(ambush(Strike::Blackout))]), lies_in_wait);
        assert_eq!(small.schedule.faults[0].kind, ambush(Strike::Power));
        let kind = FaultKind::Split { groups: vec![names(&["zk1", "c1"]), names(&["zk2", "c2", "c3"])] };
        let splits = |plan: &crate::Plan| {
            let mut kinds = plan.schedule.faults.iter().map(|fault| &fault.kind);
            fails_if(kinds.any(|kind| matches!(kind, FaultKind::Split { .. }) && kind.nodes().contains(&"c3")), 60)
        };
        let small = shrunk_by(simplify, &plan_of(vec![fault(kind)]), splits);
        assert_eq!(small.schedule.faults[0].kind.to_string(), "split @candidate-leader | c3");
    }

    #[test]
    fn who_is_lost_for_good_keeps_a_name() {
        let for_good = Fault { lasts: Lasts::Forever, ..fault(FaultKind::Kill { node: "c1".into() }) };
        let is_forever =
            |plan: &crate::Plan| fails_if(plan.schedule.faults.iter().any(|fault| fault.lasts == Lasts::Forever), 60);
        let small = shrunk_by(simplify, &plan_of(vec![for_good.clone()]), is_forever);
        assert_eq!(small.schedule.faults, [for_good]);
    }
}

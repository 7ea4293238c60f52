//! Fewer nodes: servers, as an odd number of them, and candidates. Whom the faults name among those that go is replaced.

use super::trials::{Stop, Trials};
use crate::plan::Plan;
use crate::role::Role;
use crate::roles::Roles;

/// Tries fewer nodes without the faults that hit those that go: while there are many faults, others may do as well.
pub(super) fn leave_nodes_out_with_their_faults(trials: &mut Trials<'_>) -> Result<(), Stop> {
    let odd: Vec<u32> = (1..count(trials.best(), SERVERS)).step_by(2).collect();
    trials.simplest(&odd, |plan, servers| without_faults_on_who_goes(plan, SERVERS, *servers))?;
    let fewer: Vec<u32> = (1..count(trials.best(), CANDIDATES)).collect();
    trials.simplest(&fewer, |plan, candidates| without_faults_on_who_goes(plan, CANDIDATES, *candidates))?;
    Ok(())
}

/// Tries fewer servers, then fewer candidates.
pub(super) fn leave_nodes_out(trials: &mut Trials<'_>) -> Result<(), Stop> {
    let odd: Vec<u32> = (1..count(trials.best(), SERVERS)).step_by(2).collect();
    trials.simplest(&odd, |plan, servers| with_fewer(plan, SERVERS, *servers, Naming::Closed))?;
    let fewer: Vec<u32> = (1..count(trials.best(), CANDIDATES)).collect();
    for naming in [Naming::Closed, Naming::Turned] {
        if trials.simplest(&fewer, |plan, candidates| with_fewer(plan, CANDIDATES, *candidates, naming))? {
            break;
        }
    }
    Ok(())
}

const SERVERS: &str = "servers";
const CANDIDATES: &str = "candidates";

/// Who is named in the place of a node that goes.
#[derive(Clone, Copy)]
enum Naming {
    /// Those that are named move together: `c2 c5` become `c1 c2`.
    Closed,
    /// The other way round, for who leads first is often the last of them, or the first.
    Turned,
}

/// How many there are; none for a scenario that does not ask.
fn count(plan: &Plan, key: &str) -> u32 {
    if plan.parameters.has(key) { plan.parameters.count(key) } else { 0 }
}

/// The plan with fewer of them. It need not fit: whoever tries it looks.
fn with_fewer(plan: &Plan, key: &str, number: u32, naming: Naming) -> Plan {
    let mut plan = plan.clone();
    let before = plan.roles();
    // A number that the scenario does not take leaves the plan as it is, and that costs no run.
    if plan.parameters.set(key, &number.to_string()).is_err() {
        return plan;
    }
    let (before, after) = (nodes_of(&before, key), plan.roles());
    let after_nodes = nodes_of(&after, key);
    let mut named: Vec<String> = Vec::new();
    for name in plan.schedule.faults.iter().flat_map(|fault| fault.kind.nodes()) {
        if before.iter().any(|node| node == name) && !named.iter().any(|known| known == name) {
            named.push(name.to_owned());
        }
    }
    // In the order of the nodes, not of the faults.
    named.sort_by_key(|name| before.iter().position(|node| node == name));
    let still_there = named.iter().all(|name| after_nodes.contains(name));
    let replaced = |name: &str| -> Option<String> {
        let place = named.iter().position(|known| known == name)?;
        let place = match naming {
            Naming::Closed if still_there => return None,
            Naming::Closed => place,
            Naming::Turned => after_nodes.len().checked_sub(place + 1)?,
        };
        after_nodes.get(place).cloned()
    };
    for fault in &mut plan.schedule.faults {
        for name in fault.kind.nodes_mut() {
            *name = replaced(name).or_else(|| role_in(&after, name)).unwrap_or_else(|| name.clone());
        }
    }
    plan
}

/// The plan with fewer of them, and without the faults that make no sense without those that go.
fn without_faults_on_who_goes(plan: &Plan, key: &str, number: u32) -> Plan {
    let mut plan = plan.clone();
    if plan.parameters.set(key, &number.to_string()).is_err() {
        return plan;
    }
    let roles = plan.roles();
    let is_there = |name: &str| roles.require(name).is_ok();
    plan.schedule.faults.retain_mut(|fault| {
        for list in fault.kind.lists_mut() {
            list.retain(|name| is_there(name));
            if list.is_empty() {
                return false;
            }
        }
        fault.kind.nodes().into_iter().all(is_there) && fault.kind.validate(&roles).is_ok()
    });
    plan
}

fn nodes_of(roles: &Roles, key: &str) -> Vec<String> {
    if key == SERVERS { roles.servers.clone() } else { roles.candidates.clone() }
}

/// Who has a role where there are too few nodes for it; nothing if the role still exists.
fn role_in(roles: &Roles, name: &str) -> Option<String> {
    match Role::parse(name)? {
        Role::Leader | Role::Follower(_) if !roles.is_ensemble() => roles.servers.first().cloned(),
        Role::Follower(number) if number.get() as usize >= roles.servers.len() => Some(Role::FOLLOWER.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::{fails_if, plan_of, shrunk_by};
    use super::*;
    use crate::schedule::{Fault, FaultKind, Lasts, Schedule};

    fn kill(node: &str) -> Fault {
        let kind = FaultKind::Kill { node: node.into() };
        Fault { at: Duration::from_secs(9), lasts: Lasts::For(Duration::from_secs(1)), kind }
    }

    fn shrunk(nodes: &[&str], fails: impl Fn(u32, u32, &[&str]) -> bool) -> (u32, u32, Vec<String>) {
        let mut plan = plan_of(Vec::new());
        plan.parameters.set("servers", "5").unwrap();
        plan.schedule = Schedule::new(nodes.iter().map(|node| kill(node)).collect());
        assert!(plan.fits());
        let named = |plan: &Plan| -> Vec<String> {
            plan.schedule.faults.iter().map(|fault| fault.kind.nodes()[0].to_owned()).collect()
        };
        let small = shrunk_by(leave_nodes_out, &plan, |plan| {
            let named = named(plan);
            let named: Vec<&str> = named.iter().map(String::as_str).collect();
            fails_if(fails(count(plan, SERVERS), count(plan, CANDIDATES), &named), 60)
        });
        (count(&small, SERVERS), count(&small, CANDIDATES), named(&small))
    }

    #[test]
    fn as_few_as_are_needed_are_left() {
        let left = shrunk(&["c1"], |servers, candidates, _| servers >= 3 && candidates >= 2);
        assert_eq!(left, (3, 2, vec!["c1".into()]));
        assert_eq!(shrunk(&["@leader"], |_, _, _| true), (1, 1, vec!["zk1".into()]));
        assert_eq!(shrunk(&["@follower-4"], |servers, _, _| servers >= 3), (3, 1, vec!["@follower".into()]));
    }

    #[test]
    fn who_goes_may_take_the_faults_along() {
        let list = |nodes: &[&str]| nodes.iter().map(|node| (*node).to_owned()).collect::<Vec<String>>();
        let mut plan = plan_of(vec![kill("c1"), kill("c5"), kill("zk3"), kill("@leader"), kill("@follower-2")]);
        let (at, lasts) = (Duration::from_secs(20), Lasts::For(Duration::from_secs(1)));
        for groups in [vec![list(&["c1", "c5"]), list(&["c2", "zk2", "zk1"])], vec![list(&["c1"]), list(&["c5"])]] {
            plan.schedule.faults.push(Fault { at, lasts, kind: FaultKind::Split { groups } });
        }
        let words =
            |plan: &Plan| -> Vec<String> { plan.schedule.faults.iter().map(|fault| fault.kind.to_string()).collect() };
        let few = shrunk_by(leave_nodes_out_with_their_faults, &plan, |plan| {
            fails_if(count(plan, SERVERS) >= 3 && count(plan, CANDIDATES) >= 2, 60)
        });
        assert!(few.fits());
        let expected = ["kill c1", "kill zk3", "kill @leader", "kill @follower-2", "split c1 | c2 zk2 zk1"];
        assert_eq!(words(&few), expected);
        let fewest = shrunk_by(leave_nodes_out_with_their_faults, &plan, |_| fails_if(true, 60));
        assert!(fewest.fits());
        assert_eq!(words(&fewest), ["kill c1", "split c1 | zk1"]);
    }

    #[test]
    fn who_goes_is_replaced_by_who_stays() {
        let two = |_: u32, candidates: u32, named: &[&str]| candidates >= 2 && named[0] != named[1];
        assert_eq!(shrunk(&["c2", "c5"], two), (1, 2, vec!["c1".into(), "c2".into()]));
        let last = |_: u32, candidates: u32, named: &[&str]| candidates == 5 || named[0] == "c2";
        assert_eq!(shrunk(&["c1"], last), (1, 2, vec!["c2".into()]));
    }
}

//! From groupings of nodes to the directed links to cut. Pure: nothing is cut here.
//!
//! The shapes are those that broke real systems: a split into groups, a node alone, two halves with one node that
//! sees both, a ring in which everybody sees a majority and no two the same one, and links that are deaf one way.

use std::collections::BTreeSet;

use history::NodeName;

/// Directed links, by sender and receiver.
pub type Links = BTreeSet<(NodeName, NodeName)>;

/// All links from any of the senders to any of the receivers; those in the other direction carry on.
pub fn one_way(senders: &[NodeName], receivers: &[NodeName]) -> Links {
    let pairs = senders.iter().flat_map(|from| receivers.iter().map(move |to| (from.clone(), to.clone())));
    pairs.filter(|(from, to)| from != to).collect()
}

/// All links between the two sets, in both directions.
pub fn between(some: &[NodeName], others: &[NodeName]) -> Links {
    let mut links = one_way(some, others);
    links.extend(one_way(others, some));
    links
}

/// All links between nodes of different groups. A node that is in no group keeps all its links.
pub fn split(groups: &[Vec<NodeName>]) -> Links {
    let mut links = Links::new();
    for (index, group) in groups.iter().enumerate() {
        for other in &groups[index + 1..] {
            links.extend(between(group, other));
        }
    }
    links
}

/// All links between one node and all the others.
pub fn isolate(node: &NodeName, nodes: &[NodeName]) -> Links {
    between(std::slice::from_ref(node), nodes)
}

/// All links towards one node: it is heard but hears nothing.
pub fn deafen(node: &NodeName, nodes: &[NodeName]) -> Links {
    one_way(nodes, std::slice::from_ref(node))
}

/// All links from one node: it hears but is not heard.
pub fn mute(node: &NodeName, nodes: &[NodeName]) -> Links {
    one_way(std::slice::from_ref(node), nodes)
}

/// Two halves that only the one in the middle can reach, who sees everybody.
///
/// The middle of the slice is the bridge: with an even number the second half is the smaller one.
pub fn bridge(nodes: &[NodeName]) -> Links {
    let middle = nodes.len() / 2;
    let (first, rest) = nodes.split_at(middle);
    between(first, rest.get(1..).unwrap_or_default())
}

/// A ring in which everybody keeps the links to its nearest neighbours: just so many that each node sees a majority,
/// and no two nodes see the same one. Fewer than four nodes see each other anyway.
pub fn majorities_ring(nodes: &[NodeName]) -> Links {
    let count = nodes.len();
    let reach = (count / 2).div_ceil(2);
    let mut links = Links::new();
    for (place, node) in nodes.iter().enumerate() {
        for (other_place, other) in nodes.iter().enumerate() {
            let apart = place.abs_diff(other_place);
            if apart.min(count - apart) > reach {
                links.insert((node.clone(), other.clone()));
            }
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &str) -> Vec<NodeName> {
        names.split(' ').map(NodeName::new).collect()
    }

    fn links(links: &str) -> Links {
        links.split(' ').map(|link| link.split_once('>').map(|(a, b)| (a.into(), b.into())).unwrap()).collect()
    }

    /// Whom a node can talk with in both directions, itself included.
    fn sees(node: &NodeName, nodes: &[NodeName], cut: &Links) -> BTreeSet<NodeName> {
        let heard = |other: &&NodeName| {
            let (there, back) = ((node.clone(), (*other).clone()), ((*other).clone(), node.clone()));
            !cut.contains(&there) && !cut.contains(&back)
        };
        nodes.iter().filter(heard).cloned().collect()
    }

    #[test]
    fn a_split_cuts_between_groups_only() {
        assert_eq!(split(&[names("a b"), names("c")]), links("a>c c>a b>c c>b"));
        assert_eq!(split(&[names("a b c")]), Links::new());
    }

    #[test]
    fn isolation_cuts_both_ways_deafness_and_muteness_one() {
        let nodes = names("a b c");
        assert_eq!(isolate(&nodes[0], &nodes), links("a>b b>a a>c c>a"));
        assert_eq!(deafen(&nodes[0], &nodes), links("b>a c>a"));
        assert_eq!(mute(&nodes[0], &nodes), links("a>b a>c"));
    }

    #[test]
    fn a_bridge_sees_everybody_and_the_halves_see_it() {
        let nodes = names("a b c d e");
        let cut = bridge(&nodes);
        assert_eq!(sees(&nodes[2], &nodes, &cut).len(), 5);
        assert_eq!(sees(&nodes[0], &nodes, &cut), names("a b c").into_iter().collect());
        assert_eq!(sees(&nodes[4], &nodes, &cut), names("c d e").into_iter().collect());
    }

    #[test]
    fn in_a_ring_everybody_sees_a_majority_and_no_two_the_same() {
        for count in 4..12 {
            let nodes: Vec<NodeName> = (0..count).map(|place| NodeName::new(&format!("n{place}"))).collect();
            let cut = majorities_ring(&nodes);
            let views: BTreeSet<_> = nodes.iter().map(|node| sees(node, &nodes, &cut)).collect();
            assert!(views.iter().all(|view| view.len() > count / 2), "{count}: {views:?}");
            if count > 4 {
                assert_eq!(views.len(), count, "{count}: {views:?}");
            }
        }
    }

    #[test]
    fn no_grouping_cuts_a_node_from_itself() {
        let nodes = names("a b c d e");
        let all = [
            split(&[nodes.clone(), nodes.clone()]),
            isolate(&nodes[0], &nodes),
            bridge(&nodes),
            majorities_ring(&nodes),
        ];
        assert!(all.iter().flatten().all(|(from, to)| from != to));
    }
}

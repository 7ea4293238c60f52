//! Links that are slow, lossy or narrow. Of several faults that bend one link all count.

use std::collections::BTreeSet;

use host::sim::{Network, Quality};

use crate::schedule::FaultKind;

/// Sets the quality of all links that a fault touches to what the faults in force make of it.
pub(super) fn bend_links<'a>(network: &Network, kind: &FaultKind, in_force: impl Iterator<Item = &'a FaultKind>) {
    let Some(ends) = Ends::of(kind) else { return };
    let bending: Vec<(Ends, &FaultKind)> = in_force.filter_map(|kind| Some((Ends::of(kind)?, kind))).collect();
    for (from, to) in ends.links() {
        // With no quality of its own the link shows the default, which is what the faults bend.
        network.restore_quality(from, to);
        let normal = network.quality(from, to);
        let mut quality = normal.clone();
        for (_, kind) in bending.iter().filter(|(ends, _)| ends.have(from, to)) {
            bend(&mut quality, kind);
        }
        if quality != normal {
            network.set_quality(from, to, quality);
        }
    }
}

/// The two sets of nodes between which a fault bends all links, both ways or only there.
struct Ends<'a> {
    from: BTreeSet<&'a str>,
    to: BTreeSet<&'a str>,
    one_way: bool,
}

impl<'a> Ends<'a> {
    fn of(kind: &'a FaultKind) -> Option<Ends<'a>> {
        match kind {
            FaultKind::Slow { from, to, .. }
            | FaultKind::SlowOneWay { from, to, .. }
            | FaultKind::Lossy { from, to, .. }
            | FaultKind::Narrow { from, to, .. } => {
                let set = |nodes: &'a [String]| nodes.iter().map(String::as_str).collect();
                let one_way = matches!(kind, FaultKind::SlowOneWay { .. });
                Some(Ends { from: set(from), to: set(to), one_way })
            }
            _ => None,
        }
    }

    fn have(&self, from: &str, to: &str) -> bool {
        let there = |from, to| self.from.contains(from) && self.to.contains(to);
        there(from, to) || (!self.one_way && there(to, from))
    }

    /// Each link once.
    fn links(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let pairs = self.from.iter().flat_map(|from| self.to.iter().map(move |to| (*from, *to)));
        let pairs = pairs.filter(|(from, to)| from != to);
        // A pair whose nodes are on both sides comes twice as it is.
        let is_mirrored = |from: &str, to: &str| self.from.contains(to) && self.to.contains(from);
        pairs.flat_map(move |(from, to)| {
            let back = (!self.one_way && !is_mirrored(from, to)).then_some((to, from));
            std::iter::once((from, to)).chain(back)
        })
    }
}

/// Makes a quality worse by one fault.
fn bend(quality: &mut Quality, kind: &FaultKind) {
    match kind {
        FaultKind::Slow { extra, .. } | FaultKind::SlowOneWay { extra, .. } => quality.spike += *extra,
        FaultKind::Lossy { percent, .. } => {
            let kept = (1.0 - quality.loss) * (1.0 - f64::from(*percent) / 100.0);
            quality.loss = 1.0 - kept;
        }
        FaultKind::Narrow { bytes_per_second, .. } => {
            let bytes_per_second = u64::from(*bytes_per_second);
            quality.bandwidth = Some(quality.bandwidth.map_or(bytes_per_second, |before| before.min(bytes_per_second)));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow(from: &[&str], to: &[&str]) -> FaultKind {
        let names = |nodes: &[&str]| nodes.iter().map(|node| (*node).to_owned()).collect();
        FaultKind::Slow { from: names(from), to: names(to), extra: std::time::Duration::from_secs(1) }
    }

    #[test]
    fn each_bent_link_is_named_once_in_both_directions() {
        let kind = slow(&["a", "b"], &["b", "c"]);
        let ends = Ends::of(&kind).expect("it bends links");
        let links: Vec<_> = ends.links().collect();
        let once: BTreeSet<_> = links.iter().copied().collect();
        assert_eq!(links.len(), once.len());
        let pairs = [("a", "b"), ("a", "c"), ("b", "c")];
        let expected: BTreeSet<_> = pairs.into_iter().flat_map(|(from, to)| [(from, to), (to, from)]).collect();
        assert_eq!(once, expected);
        assert!(once.iter().all(|(from, to)| ends.have(from, to)) && !ends.have("a", "a"));
    }

    #[test]
    fn one_way_the_way_back_is_left_alone() {
        let names = |node: &str| vec![node.to_owned()];
        let extra = std::time::Duration::from_secs(1);
        let kind = FaultKind::SlowOneWay { from: names("a"), to: names("b"), extra };
        let ends = Ends::of(&kind).expect("it bends links");
        assert_eq!(ends.links().collect::<Vec<_>>(), [("a", "b")]);
        assert!(ends.have("a", "b") && !ends.have("b", "a"));
    }

    #[test]
    fn losses_add_up_as_independent_ones_do() {
        let mut quality = Quality::default();
        for percent in [50, 50] {
            bend(&mut quality, &FaultKind::Lossy { from: Vec::new(), to: Vec::new(), percent });
        }
        assert!((quality.loss - 0.75).abs() < 1e-9);
    }
}

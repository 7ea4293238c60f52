//! Who leads the ensemble, as far as its members tell.

use std::collections::BTreeMap;

use history::{EnsembleEvent, Event, NodeName, Record, ServiceEvent};

use crate::processes::life_ended;

/// The established leaders. Several may believe at once: one that is cut off leads on until it notices. Whose epoch is
/// the highest leads in truth, for a quorum has promised to listen to no other.
#[derive(Debug, Default)]
pub(crate) struct Leaders {
    is_ensemble: bool,
    /// Who believes to lead, and under which epoch.
    leading: BTreeMap<NodeName, u32>,
    /// The highest epoch that was ever established, and by whom.
    newest: Option<(u32, NodeName)>,
}

impl Leaders {
    pub(crate) fn observe(&mut self, record: &Record) {
        let Some(node) = &record.node else { return };
        match &record.event {
            Event::Ensemble(event) => {
                self.is_ensemble = true;
                self.ensemble(node, event);
            }
            Event::Machine(_) if life_ended(record).is_some() => self.ends(node),
            Event::Service(ServiceEvent::NotServing { .. }) => self.ends(node),
            _ => {}
        }
    }

    fn ensemble(&mut self, node: &NodeName, event: &EnsembleEvent) {
        match event {
            EnsembleEvent::Established { epoch, .. } => {
                self.leading.insert(node.clone(), *epoch);
                if self.newest.as_ref().is_none_or(|(newest, _)| newest < epoch) {
                    self.newest = Some((*epoch, node.clone()));
                }
            }
            EnsembleEvent::Resigned { .. } | EnsembleEvent::Recovered { .. } => self.ends(node),
            _ => {}
        }
    }

    fn ends(&mut self, node: &NodeName) {
        if !self.leading.is_empty() {
            self.leading.remove(node);
        }
    }

    /// Whether there is an ensemble at all, not a server alone.
    pub(crate) fn is_ensemble(&self) -> bool {
        self.is_ensemble
    }

    /// Whether this server believes to lead.
    pub(crate) fn believes(&self, node: &NodeName) -> bool {
        self.leading.contains_key(node)
    }

    /// Who leads in truth, and under which epoch.
    pub(crate) fn leader(&self) -> Option<(&NodeName, u32)> {
        let (epoch, node) = self.newest.as_ref()?;
        (self.leading.get(node) == Some(epoch)).then_some((node, *epoch))
    }

    /// Whether this server's word on sessions is the service's: it leads in truth, or it is alone.
    pub(crate) fn is_in_charge(&self, node: &NodeName) -> bool {
        !self.is_ensemble || self.leader().is_some_and(|(leader, _)| leader == node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{established, resigned, secs};

    fn tell(leaders: &mut Leaders, node: &str, event: Event) {
        leaders.observe(&Record { at: secs(0.0), node: Some(node.into()), event });
    }

    #[test]
    fn the_highest_epoch_leads_in_truth() {
        let mut leaders = Leaders::default();
        assert!(leaders.is_in_charge(&"zk1".into()), "alone");
        tell(&mut leaders, "zk1", established(1, 0));
        tell(&mut leaders, "zk2", established(2, 0));
        assert!(leaders.believes(&"zk1".into()) && !leaders.is_in_charge(&"zk1".into()));
        assert_eq!(leaders.leader(), Some((&"zk2".into(), 2)));
        tell(&mut leaders, "zk2", resigned());
        assert_eq!(leaders.leader(), None, "the one before does not lead again");
    }
}

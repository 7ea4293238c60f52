//! `candidacies`: a participant of an election has one znode there at most, and knows of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use history::{Event, LeadershipEvent, NodeName, Record, Time};

use crate::calm::Calm;
use crate::clients::Clients;
use crate::processes::Processes;
use crate::service::{Znodes, parent};
use crate::{Monitor, Report};

/// How often znodes that nobody stands for are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// While the run is calm, every znode of a session among the candidacies of an election is the one that the session's
/// client has named its own, at the latest `bound` after it was made: an orphan would be waited for by everybody behind
/// it for as long as the session lives (CURATOR-79).
///
/// Znodes beside one that some `Candidate` has named are candidacies. Judged are sessions whose client has been connected
/// and awake for the bound: what others have left goes with their sessions. For elections only in which a session stands
/// once.
pub struct Candidacies {
    bound: Duration,
    znodes: Znodes,
    made: BTreeMap<String, Time>,
    roots: BTreeSet<String>,
    own: BTreeMap<NodeName, String>,
    reported: BTreeSet<String>,
    clients: Clients,
    processes: Processes,
    calm: Calm,
    next_look: Time,
}

impl Candidacies {
    /// What nobody knows of must be gone after so long in calm.
    pub fn known_within(bound: Duration) -> Candidacies {
        Candidacies {
            bound,
            znodes: Znodes::default(),
            made: BTreeMap::new(),
            roots: BTreeSet::new(),
            own: BTreeMap::new(),
            reported: BTreeSet::new(),
            clients: Clients::default(),
            processes: Processes::default(),
            calm: Calm::default(),
            next_look: Time::ZERO,
        }
    }

    fn look(&mut self, now: Time, report: &mut Report) {
        let is_candidacy = |path: &str| parent(path).is_some_and(|parent| self.roots.contains(parent));
        for (path, znode) in self.znodes.ephemerals().filter(|(path, _)| is_candidacy(path)) {
            let Some(client) = self.clients.get(znode.owner) else { continue };
            let (node, Some(connected)) = (&client.node, client.connected) else { continue };
            let own = self.own.get(node);
            if own.is_some_and(|own| own == path) || self.reported.contains(path) || !self.processes.runs(node) {
                continue;
            }
            let made = self.made.get(path).copied().unwrap_or(Time::ZERO);
            let since = made.max(connected).max(self.processes.since(node));
            if !self.calm.overdue(since, self.bound, now) {
                continue;
            }
            self.reported.insert(path.to_owned());
            let stands = own.map_or_else(|| "no candidacy".to_owned(), |own| format!("{own} for its candidacy"));
            let bound = self.bound.as_secs_f64();
            let message = format!(
                "{path} is there since {made} and {node}, in whose session {:#x} it was made, has {stands}: nobody took \
                 it away within {bound:.3}s of calm",
                znode.owner
            );
            report.liveness("candidacies", now, Some(node.clone()), message);
        }
    }
}

impl Monitor for Candidacies {
    fn name(&self) -> &'static str {
        "candidacies"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        if matches!(record.event, Event::Network(_)) {
            return;
        }
        // The time that passed is judged before the event that ends it: else a fault would excuse what was overdue.
        if record.at >= self.next_look {
            self.look(record.at, report);
            self.next_look = record.at + LOOK_EVERY;
        }
        if let (Some(node), Event::Leadership(LeadershipEvent::Candidate { path })) = (&record.node, &record.event) {
            self.roots.extend(parent(path).map(str::to_owned));
            self.own.insert(node.clone(), path.clone());
        }
        if let Event::Service(history::ServiceEvent::Created { path, owner, .. }) = &record.event
            && *owner != 0
        {
            self.made.insert(path.clone(), record.at);
        }
        self.znodes.apply(record);
        self.clients.observe(record);
        self.processes.observe(record);
        self.calm.observe(record);
    }

    fn lost_above(&mut self, zxid: i64) {
        self.znodes.forget_above(zxid);
    }

    fn finish(&mut self, now: Time, report: &mut Report) {
        self.look(now, report);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{History, connected, created, deleted, disconnected, serving};

    fn monitor() -> Candidacies {
        Candidacies::known_within(Duration::from_secs(10))
    }

    fn candidate(path: &str) -> Event {
        Event::Leadership(LeadershipEvent::Candidate { path: path.to_owned() })
    }

    /// `a` was not answered, and stands with its second znode.
    fn twice() -> History {
        History::new()
            .tell("zk", serving(0))
            .tell("a", connected(1))
            .at(1.0)
            .tell("zk", created("/e/a-1", 1, 1))
            .tell("zk", created("/e/a-2", 2, 1))
            .tell("a", candidate("/e/a-2"))
    }

    #[test]
    fn an_orphan_of_a_session_that_lives_is_named() {
        twice().at(10.0).judge(monitor()).assert_clean();
        twice().at(13.0).judge(monitor()).assert_violated_once(
            "/e/a-1 is there since 1.000000s and a, in whose session 0x1 it was made, has /e/a-2 for its candidacy",
        );
    }

    #[test]
    fn what_goes_in_time_or_is_named_later_is_fine() {
        twice().at(5.0).tell("zk", deleted("/e/a-1", 3)).at(60.0).judge(monitor()).assert_clean();
        let other = twice().at(5.0).tell("a", candidate("/e/a-1")).tell("zk", deleted("/e/a-2", 3));
        other.at(60.0).judge(monitor()).assert_clean();
    }

    #[test]
    fn it_is_excused_by_faults_and_by_who_is_away() {
        twice().fault(0).at(60.0).judge(monitor()).assert_clean();
        twice().tell("a", disconnected(1)).at(60.0).judge(monitor()).assert_clean();
        twice().machine("a", history::MachineEvent::Killed).at(60.0).judge(monitor()).assert_clean();
    }

    #[test]
    fn ephemerals_elsewhere_are_no_candidacies() {
        twice()
            .tell("zk", created("/x/a", 4, 1))
            .tell("zk", deleted("/e/a-1", 5))
            .at(60.0)
            .judge(monitor())
            .assert_clean();
    }
}

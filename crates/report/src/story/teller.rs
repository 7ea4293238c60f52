//! Goes through the records once, and lets everybody who keeps a part of the story see them.

use std::collections::{BTreeMap, BTreeSet};

use history::{
    EnsembleEvent, Event, FaultEvent, LeadershipEvent, NetworkEvent, NodeName, Phase, Record, ServiceEvent, Term, Time,
};

use super::clocks::Clocks;
use super::entry::{About, Entry, Weight};
use super::faults::{Faults, never_came};
use super::life::Life;
use super::links::Links;
use super::messages::Post;
use super::reigns::Reigns;
use super::sessions::Sessions;
use super::standing::Standing;
use super::track::Track;
use super::{Lane, Story, words};
use crate::subject::Subject;

pub(super) fn tell(subject: &Subject, records: &[Record]) -> Story {
    let mut teller = Teller::new(subject);
    for record in records {
        teller.observe(record);
    }
    teller.finish()
}

struct Teller<'a> {
    subject: &'a Subject,
    names: BTreeMap<u8, NodeName>,
    lives: BTreeMap<NodeName, Track<Life>>,
    standings: BTreeMap<NodeName, Track<Standing>>,
    reigns: Reigns,
    sessions: Sessions,
    links: Links,
    clocks: Clocks,
    faults: Faults,
    post: Post,
    liveness: Option<Time>,
    entries: Vec<Entry>,
    /// What every server of an ensemble tells, and is told here once.
    told: BTreeSet<(i64, String)>,
    seen: BTreeSet<NodeName>,
}

impl<'a> Teller<'a> {
    fn new(subject: &'a Subject) -> Teller<'a> {
        Teller {
            subject,
            names: BTreeMap::new(),
            lives: BTreeMap::new(),
            standings: BTreeMap::new(),
            reigns: Reigns::default(),
            sessions: Sessions::default(),
            links: Links::default(),
            clocks: Clocks::default(),
            faults: Faults::default(),
            post: Post::default(),
            liveness: None,
            entries: Vec::new(),
            told: BTreeSet::new(),
            seen: BTreeSet::new(),
        }
    }

    fn observe(&mut self, record: &Record) {
        let at = record.at;
        if let Some(node) = &record.node
            && !self.seen.contains(node)
        {
            self.seen.insert(node.clone());
        }
        match (&record.node, &record.event) {
            (Some(node), Event::Network(NetworkEvent::Delivered { from, bytes })) => {
                return self.post.deliver(at, from, node, *bytes);
            }
            (_, Event::Network(event)) => self.links.observe(at, event),
            (Some(node), Event::Machine(event)) => {
                self.lives.entry(node.clone()).or_default().set(at, Some(Life::after(event)));
                if Life::forgets(event) && self.standings.contains_key(node) {
                    self.standings.entry(node.clone()).or_default().set(at, None);
                }
            }
            (Some(node), Event::Clock(event)) => self.clocks.observe(at, node, event),
            (_, Event::Fault(event)) => self.faults.observe(at, event, self.subject),
            (_, Event::Phase(Phase::Liveness)) => self.liveness = Some(at),
            (Some(node), Event::Ensemble(event)) => self.ensemble(at, node, event),
            _ => {}
        }
        let led = self.reigns.true_leader().cloned();
        let believed: Vec<NodeName> = self.reigns.believers().cloned().collect();
        self.reigns.observe(record);
        self.sessions.observe(record);
        self.word(record, &believed);
        self.word_truth(at, led);
    }

    fn ensemble(&mut self, at: Time, node: &NodeName, event: &EnsembleEvent) {
        if let EnsembleEvent::Recovered { server, .. } = event {
            self.names.insert(*server, node.clone());
        }
        let name = |id: u8| self.names.get(&id).cloned().unwrap_or_else(|| NodeName::from(format!("server {id}")));
        let Some(standing) = Standing::after(event, node, name) else { return };
        let track = self.standings.entry(node.clone()).or_default();
        if track.now() == Some(&standing) {
            return;
        }
        let weight = match standing {
            Standing::Leads { .. } => Weight::Turning,
            Standing::Prepares { epoch: 0 } | Standing::Follows { .. } => Weight::Notable,
            _ => Weight::Detail,
        };
        let words = standing.to_string();
        track.set(at, Some(standing));
        self.enter(at, Some(node), About::Ensemble, weight, words);
    }

    fn enter(&mut self, at: Time, node: Option<&NodeName>, about: About, weight: Weight, words: String) {
        self.entries.push(Entry { at, node: node.cloned(), about, weight, words });
    }

    fn word(&mut self, record: &Record, believed: &[NodeName]) {
        let (at, node) = (record.at, record.node.as_ref());
        match &record.event {
            Event::Leadership(LeadershipEvent::Elected { term }) => {
                let others: Vec<&str> =
                    believed.iter().filter(|other| Some(*other) != node).map(NodeName::as_str).collect();
                let beside = match others.as_slice() {
                    [] => String::new(),
                    [one] => format!(" — so does {one} still"),
                    many => format!(" — so do {} still", many.join(", ")),
                };
                let words = format!("believes to lead under term {term}{beside}");
                self.enter(at, node, About::Belief, Weight::Turning, words);
            }
            Event::Leadership(LeadershipEvent::Deposed { term, reason }) => {
                let words = format!("no longer believes to lead under term {term}: {reason}");
                self.enter(at, node, About::Belief, Weight::Turning, words);
            }
            Event::Machine(event) => {
                let (about, mut weight, mut words) = words::of(&record.event).expect("machines are worded");
                if node.is_some_and(|node| believed.contains(node)) {
                    weight = Weight::Turning;
                    words +=
                        if Life::forgets(event) { ", and with it its belief to lead" } else { ", believing to lead" };
                }
                // That everybody starts when the run does goes without saying.
                if at > Time::ZERO {
                    self.enter(at, node, about, weight, words);
                }
            }
            Event::Fault(FaultEvent::Begins { index, family, what }) => {
                let until = match self.faults.get(*index) {
                    Some(came) if came.is_instant => String::new(),
                    Some(came) => came.ends.map_or(" (for good)".to_owned(), |ends| {
                        format!(" (for {:.3} s)", ends.since(came.begins).as_secs_f64())
                    }),
                    None => String::new(),
                };
                self.enter(at, None, About::Fault, Weight::Turning, format!("fault {index}, {family}: {what}{until}"));
            }
            Event::Fault(FaultEvent::Ends { index }) => {
                let what = self.faults.get(*index).map_or("", |came| came.what.as_str());
                self.enter(at, None, About::Fault, Weight::Notable, format!("fault {index} ends: {what}"));
            }
            Event::Service(event) => self.service(record, event),
            _ => {
                if let Some((about, weight, words)) = words::of(&record.event) {
                    self.enter(at, node, about, weight, words);
                }
            }
        }
    }

    /// What every replica tells is worded once, as the history of all of them.
    fn service(&mut self, record: &Record, event: &ServiceEvent) {
        let at = record.at;
        match event {
            ServiceEvent::SessionExpired { session } => {
                let of = self.sessions.owner(*session).map_or(String::new(), |owner| format!(" of {owner}"));
                let words = format!("the service lets session {session:#x}{of} expire");
                self.enter(at, record.node.as_ref(), About::Session, Weight::Turning, words);
            }
            ServiceEvent::SessionDoomed { session } => {
                let of = self.sessions.owner(*session).map_or(String::new(), |owner| format!(" of {owner}"));
                let words = format!("session {session:#x}{of} is ordered to expire before its time");
                self.enter(at, record.node.as_ref(), About::Session, Weight::Turning, words);
            }
            ServiceEvent::Created { path, zxid, .. } | ServiceEvent::Deleted { path, zxid } => {
                if self.told.insert((*zxid, path.clone()))
                    && let Some((about, weight, words)) = words::of(&record.event)
                {
                    self.enter(at, None, about, weight, words);
                }
            }
            _ => {
                if let Some((about, weight, words)) = words::of(&record.event) {
                    self.enter(at, record.node.as_ref(), about, weight, words);
                }
            }
        }
    }

    fn word_truth(&mut self, at: Time, before: Option<(Term, NodeName)>) {
        let now = self.reigns.true_leader().cloned();
        if let Some((term, node)) = before.filter(|_| now.is_none()) {
            let believes = self.reigns.believers().any(|believer| *believer == node);
            let still = if believes { ", and it believes on" } else { "" };
            let words = format!("the leadership of {node} (term {term}) is over in truth{still}");
            self.enter(at, None, About::Truth, Weight::Turning, words);
        }
    }

    fn finish(mut self) -> Story {
        let subject = self.subject;
        let end = subject.ended;
        let mut broken = BTreeSet::new();
        for violation in &subject.violations {
            let weight = if broken.insert(&violation.monitor) { Weight::Violation } else { Weight::Turning };
            let words = format!("{}: {}", violation.monitor, violation.message);
            let (at, node) = (violation.at, violation.node.clone());
            self.entries.push(Entry { at, node, about: About::Violation, weight, words });
        }
        if let Some(message) = &subject.panic {
            let words = format!("panic: {message}");
            self.entries.push(Entry { at: end, node: None, about: About::Violation, weight: Weight::Violation, words });
        }
        // A stable order: what was told at one instant stays in the order in which it was told.
        self.entries.sort_by_key(|entry| entry.at);
        let nodes = &subject.nodes;
        let named = [(&nodes.servers, "server"), (&nodes.candidates, "candidate"), (&nodes.resources, "resource")];
        let mut order: Vec<(NodeName, &'static str)> =
            named.into_iter().flat_map(|(names, role)| names.iter().map(move |name| (name.clone(), role))).collect();
        let others: Vec<NodeName> =
            self.seen.iter().filter(|name| order.iter().all(|(known, _)| known != *name)).cloned().collect();
        order.extend(others.into_iter().map(|name| (name, "node")));
        let mut leadership = self.reigns.finish(end);
        let mut sessions = self.sessions.finish(end);
        let mut links = self.links.finish(end);
        let mut clocks = self.clocks.finish();
        let lanes = order
            .into_iter()
            .map(|(name, role)| Lane {
                role,
                life: self.lives.remove(&name).map(|track| track.finish(end)).unwrap_or_default(),
                beliefs: leadership.believed.remove(&name).unwrap_or_default(),
                truths: leadership.truths.remove(&name).unwrap_or_default(),
                standings: self.standings.remove(&name).map(|track| track.finish(end)).unwrap_or_default(),
                sessions: sessions.remove(&name).unwrap_or_default(),
                links: links.remove(&name).unwrap_or_default(),
                clock: clocks.remove(&name).unwrap_or_default(),
                name,
            })
            .collect();
        let faults = self.faults.finish();
        Story {
            lanes,
            crowds: leadership.crowds,
            interregna: leadership.interregna,
            never_came: never_came(subject, &faults).into_iter().cloned().collect(),
            faults,
            entries: self.entries,
            messages: self.post.finish(subject.focus()),
            liveness: self.liveness,
        }
    }
}

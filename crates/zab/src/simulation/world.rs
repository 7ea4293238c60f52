//! The machine room: servers, the connections between them, their disks, and a clock.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use rand::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::simulation::disk::{Disk, Survival};
use crate::simulation::monitor::Monitor;
use crate::{Config, Effect, Effects, Input, Message, Moment, Peer, Role, ServerId, TraceEvent, Zxid};

/// How long things take: always the same, or by chance.
#[derive(Debug)]
pub(crate) enum Weather {
    Calm,
    Rough(Box<Xoshiro256PlusPlus>),
}

impl Weather {
    /// Milliseconds: one when calm; otherwise mostly short, sometimes long.
    fn delay(&mut self, usual: u64, worst: u64) -> u64 {
        match self {
            Weather::Calm => 1,
            Weather::Rough(random) => {
                let limit = if random.gen_ratio(1, 20) { worst } else { usual };
                random.gen_range(1..=limit)
            }
        }
    }
}

#[derive(Debug)]
enum Event {
    Arrival { from: ServerId, to: ServerId },
    Timer { server: ServerId, life: u64, alarm: u64 },
    Synced { server: ServerId, life: u64, token: u64 },
    Lost { server: ServerId, peer: ServerId, connection: u64 },
    Connect { one: ServerId, other: ServerId },
    Restart { server: ServerId },
    Snapshot { server: ServerId, life: u64 },
}

/// A server that runs.
#[derive(Debug)]
struct Process {
    peer: Peer,
    alarm: u64,
    disk_free_at: u64,
    /// What the application holds: for its snapshots.
    history: Vec<Zxid>,
}

#[derive(Debug)]
struct Machine {
    config: Config,
    disk: Disk,
    process: Option<Process>,
    life: u64,
}

/// One direction of a connection.
#[derive(Debug, Default)]
struct Link {
    queue: VecDeque<(u64, Message)>,
    blocked_until: u64,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) now: u64,
    pub(crate) monitor: Monitor,
    weather: Weather,
    machines: BTreeMap<ServerId, Machine>,
    links: BTreeMap<(ServerId, ServerId), Link>,
    /// Over which connection each server believes itself connected to which.
    connected: BTreeMap<(ServerId, ServerId), u64>,
    /// The connections that work.
    working: BTreeSet<u64>,
    events: BTreeMap<(u64, u64), Event>,
    sequence: u64,
    next_payload: u64,
    /// How many milliseconds a disk takes at worst.
    pub(crate) disk_worst: u64,
}

impl World {
    pub(crate) fn new(configs: Vec<Config>, weather: Weather) -> World {
        let machine = |config: Config| Machine { config, disk: Disk::new(), process: None, life: 0 };
        let mut world = World {
            now: 0,
            monitor: Monitor::default(),
            weather,
            machines: configs.into_iter().map(|config| (config.id, machine(config))).collect(),
            links: BTreeMap::new(),
            connected: BTreeMap::new(),
            working: BTreeSet::new(),
            events: BTreeMap::new(),
            sequence: 0,
            next_payload: 0,
            disk_worst: 60,
        };
        for server in world.servers() {
            world.start(server);
        }
        world
    }

    pub(crate) fn servers(&self) -> Vec<ServerId> {
        self.machines.keys().copied().collect()
    }

    pub(crate) fn is_up(&self, server: ServerId) -> bool {
        self.machines[&server].process.is_some()
    }

    pub(crate) fn role(&self, server: ServerId) -> Option<Role> {
        self.machines[&server].process.as_ref().map(|process| process.peer.role())
    }

    /// Is a server writing the history of a synchronisation, or its epoch?
    pub(crate) fn is_sealing(&self, server: ServerId) -> bool {
        self.machines[&server].disk.is_sealing()
    }

    /// A server that believes to lead.
    pub(crate) fn leader(&self) -> Option<ServerId> {
        let leads = |server: &ServerId| matches!(self.role(*server), Some(Role::Leading { .. }));
        self.servers().into_iter().find(leads)
    }

    pub(crate) fn writes_under_way(&self, server: ServerId) -> usize {
        self.machines[&server].disk.writes_under_way()
    }

    fn at(&mut self, when: u64, event: Event) {
        self.sequence += 1;
        self.events.insert((when.max(self.now), self.sequence), event);
    }

    /// The next event; false if it is not before `limit`.
    pub(crate) fn advance(&mut self, limit: u64) -> bool {
        let Some((&(when, sequence), _)) = self.events.first_key_value() else { return false };
        if when >= limit {
            self.now = limit;
            return false;
        }
        let event = self.events.remove(&(when, sequence)).expect("it is the first");
        self.now = when;
        self.happen(event);
        true
    }

    pub(crate) fn run_until(&mut self, limit: u64) {
        while self.monitor.violations.is_empty() && self.advance(limit) {}
    }

    fn lives(&self, server: ServerId, life: u64) -> bool {
        self.is_up(server) && self.machines[&server].life == life
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrival { from, to } => {
                let link = self.links.entry((from, to)).or_default();
                match link.queue.front() {
                    Some(_) if link.blocked_until > self.now => {
                        let when = link.blocked_until;
                        self.at(when, Event::Arrival { from, to });
                    }
                    Some((when, _)) if *when <= self.now => {
                        let (_, message) = link.queue.pop_front().expect("looked at");
                        let wire = message.encode();
                        let message = Message::decode(wire).expect("what was encoded");
                        if self.works(to, from) {
                            self.step(to, Input::Message { from, message });
                        }
                    }
                    _ => {}
                }
            }
            Event::Timer { server, life, alarm } => {
                if self.lives(server, life)
                    && self.machines[&server].process.as_ref().is_some_and(|process| process.alarm == alarm)
                {
                    self.step(server, Input::Timer);
                }
            }
            Event::Synced { server, life, token } => {
                if self.lives(server, life) {
                    self.machines.get_mut(&server).expect("known").disk.sync(token);
                    self.step(server, Input::Persisted { token });
                }
            }
            Event::Lost { server, peer, connection } => {
                if self.is_up(server) && self.connected.get(&(server, peer)) == Some(&connection) {
                    self.connected.remove(&(server, peer));
                    self.step(server, Input::PeerLost(peer));
                }
            }
            Event::Connect { one, other } => self.connect(one, other),
            Event::Restart { server } => {
                if !self.is_up(server) {
                    self.start(server);
                }
            }
            Event::Snapshot { server, life } => {
                if self.lives(server, life) {
                    let (zxid, state) = self.state(server);
                    self.step(server, Input::SnapshotReady { zxid, state });
                }
            }
        }
    }

    fn works(&self, server: ServerId, peer: ServerId) -> bool {
        self.connected.get(&(server, peer)).is_some_and(|connection| self.working.contains(connection))
    }

    /// A new connection comes about once both are up and know that the former one is gone.
    fn connect(&mut self, one: ServerId, other: ServerId) {
        let believed = [(one, other), (other, one)].iter().any(|pair| self.connected.contains_key(pair));
        if !self.is_up(one) || !self.is_up(other) || self.works(one, other) {
            return;
        }
        if believed {
            self.at(self.now + 50, Event::Connect { one, other });
            return;
        }
        self.sequence += 1;
        let connection = self.sequence;
        self.working.insert(connection);
        for (from, to) in [(one, other), (other, one)] {
            self.links.entry((from, to)).or_default().queue.clear();
            self.connected.insert((from, to), connection);
        }
        self.step(one, Input::PeerConnected(other));
        self.step(other, Input::PeerConnected(one));
    }

    /// The connection breaks: what is under way is lost, and each side learns of it when it does.
    pub(crate) fn break_connection(&mut self, one: ServerId, other: ServerId, notice: u64) {
        let mut latest = self.now;
        for (server, peer) in [(one, other), (other, one)] {
            self.links.entry((server, peer)).or_default().queue.clear();
            if let Some(connection) = self.connected.get(&(server, peer)).copied() {
                self.working.remove(&connection);
                let when = self.now + self.weather.delay(notice, notice * 4);
                latest = latest.max(when);
                self.at(when, Event::Lost { server, peer, connection });
            }
        }
        let again = latest + 1 + self.weather.delay(20, 400);
        self.at(again, Event::Connect { one, other });
    }

    /// Nothing goes from one server to the other for a while; nothing is lost.
    pub(crate) fn block(&mut self, from: ServerId, to: ServerId, until: u64) {
        let blocked = &mut self.links.entry((from, to)).or_default().blocked_until;
        *blocked = (*blocked).max(until);
    }

    pub(crate) fn crash(&mut self, server: ServerId, survival: Survival, notice: u64, restart: u64) {
        if !self.is_up(server) {
            return;
        }
        let machine = self.machines.get_mut(&server).expect("known");
        machine.process = None;
        machine.disk.crash(survival);
        for peer in self.servers().into_iter().filter(|peer| *peer != server) {
            if let Some(connection) = self.connected.remove(&(server, peer)) {
                self.working.remove(&connection);
            }
            self.links.entry((server, peer)).or_default().queue.clear();
            self.links.entry((peer, server)).or_default().queue.clear();
            if let Some(connection) = self.connected.get(&(peer, server)).copied() {
                let when = self.now + self.weather.delay(notice, notice * 4);
                self.at(when, Event::Lost { server: peer, peer: server, connection });
            }
        }
        self.at(self.now + restart, Event::Restart { server });
    }

    /// The server's disk is lost with its next crash, which is now.
    pub(crate) fn wipe(&mut self, server: ServerId, restart: u64) {
        self.crash(server, Survival::NOTHING, 20, restart);
        self.machines.get_mut(&server).expect("known").disk.wipe();
    }

    /// The server's application writes a snapshot, if the disk is at rest.
    pub(crate) fn take_snapshot(&mut self, server: ServerId) {
        if self.is_up(server) {
            let (zxid, state) = self.state(server);
            self.machines.get_mut(&server).expect("known").disk.snapshot(zxid, state);
        }
    }

    /// The server's disk answers nothing until then.
    #[cfg(feature = "zoo")]
    pub(crate) fn stall_disk(&mut self, server: ServerId, until: u64) {
        self.process(server).disk_free_at = until;
    }

    pub(crate) fn heal(&mut self) {
        for link in self.links.values_mut() {
            link.blocked_until = link.blocked_until.min(self.now + 50);
        }
        for server in self.servers() {
            self.at(self.now, Event::Restart { server });
        }
        for one in self.servers() {
            for other in self.servers().into_iter().filter(|other| *other > one) {
                self.at(self.now + 200, Event::Connect { one, other });
            }
        }
    }

    fn start(&mut self, server: ServerId) {
        let machine = self.machines.get_mut(&server).expect("known");
        machine.life += 1;
        let (durable, state) = machine.disk.read();
        let snapshot = durable.snapshot;
        let mut effects = Effects::default();
        let peer = Peer::new(machine.config.clone(), durable, moment(self.now), &mut effects);
        let history = decode(state);
        self.monitor.on_state(server, history.len(), snapshot);
        machine.process = Some(Process { peer, alarm: 0, disk_free_at: self.now, history });
        self.carry_out(server, effects);
        for peer in self.servers().into_iter().filter(|peer| *peer != server) {
            let when = self.now + self.weather.delay(20, 200);
            if let Some(connection) = self.connected.get(&(peer, server)).copied() {
                self.at(when, Event::Lost { server: peer, peer: server, connection });
            }
            self.at(when + 1, Event::Connect { one: server, other: peer });
        }
    }

    pub(crate) fn propose(&mut self, server: ServerId) {
        self.next_payload += 1;
        let payload = Bytes::copy_from_slice(&self.next_payload.to_be_bytes());
        self.step(server, Input::Propose { payload, tag: self.next_payload });
    }

    fn step(&mut self, server: ServerId, input: Input) {
        let payload = if let Input::Propose { payload, .. } = &input { payload.clone() } else { Bytes::new() };
        let Some(process) = &mut self.machines.get_mut(&server).expect("known").process else { return };
        let mut effects = Effects::default();
        process.peer.step(moment(self.now), input, &mut effects);
        for effect in effects.as_slice() {
            if let Effect::Proposed { zxid, .. } = effect {
                self.monitor.on_broadcast(server, *zxid, payload.clone());
            }
        }
        self.carry_out(server, effects);
    }

    fn carry_out(&mut self, server: ServerId, mut effects: Effects) {
        let life = self.machines[&server].life;
        for effect in effects.drain() {
            match effect {
                Effect::Send { to, .. } if !self.works(server, to) => {}
                Effect::Send { to, message } => {
                    let when = self.now + self.weather.delay(5, 100);
                    let link = self.links.entry((server, to)).or_default();
                    let when = link.queue.back().map_or(when, |(last, _)| when.max(*last)).max(link.blocked_until);
                    link.queue.push_back((when, message));
                    self.at(when, Event::Arrival { from: server, to });
                }
                Effect::Persist(operation) => {
                    let took = self.weather.delay(8, self.disk_worst);
                    let now = self.now;
                    let machine = self.machines.get_mut(&server).expect("known");
                    if let Some(token) = machine.disk.write(operation) {
                        let process = machine.process.as_mut().expect("it runs");
                        process.disk_free_at = process.disk_free_at.max(now) + took;
                        let when = process.disk_free_at;
                        self.at(when, Event::Synced { server, life, token });
                    }
                }
                Effect::Deliver(proposal) => {
                    self.monitor.on_delivery(server, &proposal);
                    self.process(server).history.push(proposal.zxid);
                }
                Effect::Restore { zxid, state } => {
                    let history = decode(state);
                    self.monitor.on_state(server, history.len(), zxid);
                    self.process(server).history = history;
                }
                Effect::NeedSnapshot => {
                    let when = self.now + self.weather.delay(10, 50);
                    self.at(when, Event::Snapshot { server, life });
                }
                Effect::SetTimer(deadline) => {
                    let process = self.process(server);
                    process.alarm += 1;
                    let alarm = process.alarm;
                    let when = u64::try_from(deadline.0.as_millis()).expect("runs are short");
                    self.at(when, Event::Timer { server, life, alarm });
                }
                Effect::Tell(event) => self.tell(server, &event),
                Effect::RoleChanged(_)
                | Effect::Proposed { .. }
                | Effect::Refused { .. }
                | Effect::Application { .. }
                | Effect::LearnerJoined(_)
                | Effect::LearnerLeft(_) => {}
            }
        }
    }

    fn tell(&mut self, server: ServerId, event: &TraceEvent) {
        self.monitor.on_event(server, event);
    }

    fn process(&mut self, server: ServerId) -> &mut Process {
        self.machines.get_mut(&server).expect("known").process.as_mut().expect("it runs")
    }

    fn state(&mut self, server: ServerId) -> (Zxid, Bytes) {
        let history = &self.process(server).history;
        let mut state = BytesMut::new();
        history.iter().for_each(|zxid| state.put_u64(zxid.to_bits()));
        (history.last().copied().unwrap_or(Zxid::ZERO), state.freeze())
    }

    /// After everything is healed: does a leader serve, does everybody follow it, and has everybody everything?
    pub(crate) fn check_recovered(&mut self) {
        let servers = self.servers();
        // The first proposal may exhaust the epoch, and so end the reign: the second is for the next leader.
        for _ in 0..2 {
            if let Some(leader) = self.leader() {
                self.propose(leader);
            }
            let limit = self.now + 2_000;
            self.run_until(limit);
        }
        let Some(leader) = self.leader() else {
            let roles: Vec<_> = servers.iter().map(|server| self.role(*server)).collect();
            self.monitor.violations.push(format!("Liveness: nobody leads; {roles:?}"));
            return;
        };
        for server in servers {
            let joined = match self.role(server) {
                Some(Role::Leading { .. }) => server == leader,
                Some(Role::Following { leader: one, .. } | Role::Observing { leader: one, .. }) => one == leader,
                _ => false,
            };
            let (has, all) = (self.monitor.applied(server), self.monitor.order().len());
            if !joined || has != all {
                let role = self.role(server);
                let message =
                    format!("Liveness: {server} is {role:?} of {leader}, and has {has} of {all} transactions");
                self.monitor.violations.push(message);
            }
        }
    }
}

fn moment(milliseconds: u64) -> Moment {
    Moment(Duration::from_millis(milliseconds))
}

fn decode(mut state: Bytes) -> Vec<Zxid> {
    let mut history = Vec::new();
    while !state.is_empty() {
        history.push(Zxid::from_bits(state.get_u64()));
    }
    history
}

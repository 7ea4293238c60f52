//! Servers without a network: a server alone, or a leader and a learner of an ensemble, and what is between them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use host::{Instant, WallTime};
use proto::{Decode, Encode, Zxid};
use server::access::{Rules, digest};
use server::fuzzing::{FOUR_LETTER_WORDS, answer_word, assert_sound};
use server::{
    Clocks, Config, ConnectionId, Database, Effects, Ensemble, Entrance, Input, Member, Outward, Replica, Standing,
    Transaction,
};

use super::client;
use crate::choices::Choices;

/// A timer that is due again at once this often is due for ever.
const PATIENCE: usize = 10_000;

const EPOCH: u32 = 1;
const LEADER: u8 = 1;
const LEARNER: u8 = 2;

/// A connection: at which server, and its name.
pub(super) type Place = (usize, ConnectionId);

/// The servers, and what is between them.
pub(super) struct World {
    clocks: Clocks,
    /// The one that decides comes first.
    replicas: Vec<Replica>,
    answers: BTreeMap<Place, Vec<Bytes>>,
    closed: BTreeSet<Place>,
    next: u64,
    /// What is prepared and not committed.
    prepared: VecDeque<(Zxid, Bytes)>,
    committed: Vec<Bytes>,
    /// From the leader to the learner, and back.
    to_learner: VecDeque<Input>,
    to_leader: VecDeque<Bytes>,
}

impl World {
    pub(super) fn choose(choices: &mut Choices<'_>) -> World {
        let byte = choices.byte();
        let is = |bit: u8| byte >> bit & 1 == 1;
        let (is_durable, is_ensemble) = (is(0), is(1));
        let clocks = Clocks {
            now: Instant::from_reading(Duration::from_secs(1000)),
            wall: WallTime::from_epoch(Duration::from_secs(1_600_000_000)),
        };
        let config = Config {
            data: is_durable.then(|| "nowhere".into()),
            extended_types: is(2),
            enforce_quota: is(3),
            container_check_interval: Duration::from_secs(1),
            container_unused_interval: is(4).then_some(Duration::from_secs(2)),
            words: vec!["*".to_owned()],
            access: Rules {
                skips_lists: is(5),
                certificates: is(6),
                super_digest: Some(digest::identity(b"root:secret")),
                ..Rules::default()
            },
            ..Config::default()
        };
        let mut world = World {
            clocks,
            replicas: Vec::new(),
            answers: BTreeMap::new(),
            closed: BTreeSet::new(),
            next: 1,
            prepared: VecDeque::new(),
            committed: Vec::new(),
            to_learner: VecDeque::new(),
            to_leader: VecDeque::new(),
        };
        if is_ensemble {
            world.gather(&config, is(7));
        } else {
            world.replicas.push(Replica::new(Arc::new(config), Database::default(), clocks, 1));
        }
        world
    }

    fn gather(&mut self, config: &Config, strict_sync: bool) {
        let member = |id: u8| (id, Member { host: "zoo".to_owned(), port: 2880 + u16::from(id), observes: false });
        let members = [LEADER, LEARNER].map(member).into();
        let ensemble = Ensemble { strict_sync, ..Ensemble::new(members) };
        for server_id in [LEADER, LEARNER] {
            let config = Config { server_id, ensemble: Some(ensemble.clone()), ..config.clone() };
            self.replicas.push(Replica::new(Arc::new(config), Database::default(), self.clocks, 1));
        }
        self.step(0, Input::Standing(Standing::Leading { epoch: EPOCH }));
        self.step(1, Input::Standing(Standing::Following { leader: LEADER, epoch: EPOCH }));
        self.step(0, Input::LearnerJoined { server: LEARNER });
    }

    fn is_ensemble(&self) -> bool {
        self.replicas.len() > 1
    }

    fn step(&mut self, server: usize, input: Input) {
        let mut effects = Effects::new(true);
        self.replicas[server].step(self.clocks, input, &mut effects);
        for outward in effects.take_outward() {
            match outward {
                Outward::Prepared(transaction) => {
                    assert_eq!(server, 0, "only a leader prepares");
                    let mut bytes = BytesMut::new();
                    transaction.encode(&mut bytes);
                    self.prepared.push_back((transaction.zxid, bytes.freeze()));
                }
                Outward::ToLeader(dispatch) => self.to_leader.push_back(dispatch),
                Outward::ToLearner { dispatch, .. } => self.to_learner.push_back(Input::FromLeader { dispatch }),
            }
        }
        for output in effects.take_outputs() {
            let place = (server, output.connection);
            assert!(!self.closed.contains(&place), "nothing is sent after the close");
            self.answers.entry(place).or_default().push(output.bytes);
            if output.closes {
                self.closed.insert(place);
            }
        }
    }

    pub(super) fn open(&mut self, server: usize) -> Place {
        let server = server % self.replicas.len();
        let connection = client::name(self.next);
        self.next += 1;
        let peer = SocketAddr::from(([10, 0, 0, 1], 1000));
        // Every third one has shown a certificate.
        let entrance = match self.next % 3 {
            0 => Entrance::Secure { subject: Some("CN=alice".to_owned()) },
            _ => Entrance::Plain,
        };
        self.step(server, Input::Opened { connection, peer, entrance });
        (server, connection)
    }

    pub(super) fn close(&mut self, (server, connection): Place) {
        self.closed.insert((server, connection));
        self.step(server, Input::Closed { connection });
    }

    pub(super) fn send(&mut self, (server, connection): Place, frame: Bytes) {
        self.step(server, Input::Frame { connection, frame });
    }

    pub(super) fn take_answers(&mut self, place: Place) -> Vec<Bytes> {
        self.answers.remove(&place).unwrap_or_default()
    }

    /// Commits so many of the transactions that are prepared, or all of them if none.
    pub(super) fn commit(&mut self, count: usize) {
        let count = if count == 0 { self.prepared.len() } else { count.min(self.prepared.len()) };
        let committed: Vec<(Zxid, Bytes)> = self.prepared.drain(..count).collect();
        if !self.is_ensemble() {
            let Some((up_to, _)) = committed.last() else { return };
            let up_to = *up_to;
            self.committed.extend(committed.into_iter().map(|(_, bytes)| bytes));
            self.step(0, Input::Committed { up_to });
            return;
        }
        for (zxid, transaction) in committed {
            self.committed.push(transaction.clone());
            // The learner is told before anything that the leader makes of it.
            self.to_learner.push_back(Input::Delivered { zxid, transaction: transaction.clone() });
            self.step(0, Input::Delivered { zxid, transaction });
        }
    }

    /// What leader and learner have said to each other arrives. Tells whether there was anything.
    pub(super) fn exchange(&mut self) -> bool {
        let (to_leader, to_learner) = (std::mem::take(&mut self.to_leader), std::mem::take(&mut self.to_learner));
        let is_idle = to_leader.is_empty() && to_learner.is_empty();
        for dispatch in to_leader {
            self.step(0, Input::FromLearner { server: LEARNER, dispatch });
        }
        for input in to_learner {
            self.step(1, input);
        }
        !is_idle
    }

    /// Lets time pass, firing timers when they are due.
    pub(super) fn pass(&mut self, duration: Duration) {
        let end = self.clocks.now + duration;
        for _ in 0..PATIENCE {
            let due = |server: usize| self.replicas[server].next_deadline().map(|deadline| (deadline, server));
            let next = (0..self.replicas.len()).filter_map(due).min().filter(|(deadline, _)| *deadline <= end);
            let Some((deadline, server)) = next else {
                self.turn(end.since(self.clocks.now));
                return;
            };
            self.turn(deadline.since(self.clocks.now));
            self.step(server, Input::Timer);
        }
        panic!("a timer that has fired is due again, for ever");
    }

    fn turn(&mut self, duration: Duration) {
        self.clocks.now += duration;
        self.clocks.wall = WallTime::from_epoch(self.clocks.wall.since_epoch() + duration);
    }

    pub(super) fn say_word(&mut self, number: usize) {
        let word = FOUR_LETTER_WORDS[number % FOUR_LETTER_WORDS.len()];
        let server = number % self.replicas.len();
        assert!(!answer_word(&mut self.replicas[server], word, self.clocks).is_empty());
    }

    /// Everything that was asked has its outcome.
    pub(super) fn settle(&mut self) {
        while !self.prepared.is_empty() | self.exchange() {
            self.commit(0);
        }
        for replica in &self.replicas {
            assert_eq!(replica.outstanding(), 0, "everything is committed, so nothing waits");
        }
    }

    /// All replicas are sound and equal, and the transactions tell the same again.
    pub(super) fn assert_sound(&self) {
        let database = self.replicas[0].database();
        assert_sound(database);
        for replica in &self.replicas {
            assert_eq!(replica.database().digest(), database.digest(), "all replicas are equal");
        }
        if self.committed.is_empty() {
            return;
        }
        let mut replayed = Database::default();
        for transaction in &self.committed {
            let transaction = Transaction::from_bytes(transaction).expect("what was prepared can be read");
            let _ = replayed.apply(&transaction, &mut Vec::new());
        }
        assert_eq!(replayed.digest(), database.digest(), "the transactions tell the same again");
    }
}

//! The task that runs the replica.
//!
//! It takes whatever waits in the inbox in one go, so that under load many requests share one write and one fsync.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use host::{Instant, Sleep};
use tokio::sync::mpsc;

use super::engine::Engine;
use super::mesh::{Heard, Mesh};
use super::roster::Roster;
use super::{Error, INBOX, Message};
use crate::config::Config;
use crate::ensemble::Effects;
use crate::replica::{Clocks, ConnectionId, Entrance, Input};
use crate::storage::{Job, Journal, Recovery, Storage, snapshot};

/// So many bytes of answers are handed on before the batch is through: a thousand short questions for large data must
/// not be answered in memory before anybody looks whether the client reads.
const FLUSH_AT: usize = 1 << 20;

/// Who waits for nothing looks around after so long.
const IDLE: Duration = Duration::from_secs(3_600);

/// How many messages are taken in one go.
const BATCH: usize = 256;

/// The replica with its hands.
pub(super) struct Core {
    config: Arc<Config>,
    engine: Engine,
    effects: Effects,
    roster: Roster,
    mesh: Option<Mesh>,
    journal: Option<Journal>,
    applied_since_snapshot: u64,
    /// After how many the next snapshot is taken.
    snapshot_after: u64,
    /// What the clocks showed when the batch began: it is one moment for all that is in it.
    clocks: Clocks,
}

impl Core {
    pub(super) fn new(
        config: Arc<Config>,
        recovery: Recovery,
        storage: Option<Storage>,
        mesh: Option<Mesh>,
        roster: Roster,
    ) -> Core {
        if !recovery.remark.is_empty() {
            tracing::warn!(remark = recovery.remark, "the data directory was not whole");
        }
        let mut effects = Effects::new(host::is_heard());
        let clocks = clocks();
        let (engine, replayed) = Engine::start(&config, recovery, clocks, &mut effects);
        let mut core = Core {
            roster,
            snapshot_after: snapshot_after(&config),
            config,
            engine,
            effects,
            mesh,
            journal: storage.map(Journal::start),
            // Short lives add up: else a server that is often restarted would replay ever more.
            applied_since_snapshot: replayed,
            clocks,
        };
        core.flush();
        core
    }

    pub(super) async fn run(
        mut self,
        mut inbox: mpsc::Receiver<Message>,
        mut peers: Option<mpsc::Receiver<Heard>>,
    ) -> Result<(), Error> {
        let mut timer = host::sleep_until(self.deadline(host::now()));
        loop {
            let has_room = self.has_room();
            tokio::select! {
                biased;
                safe = next_safe(&mut self.journal) => {
                    let token = safe?;
                    self.clocks = clocks();
                    self.engine.safe(self.clocks, token, &mut self.effects);
                }
                Some(heard) = next_heard(&mut peers) => {
                    self.clocks = clocks();
                    let mut taken = self.hear_peer(heard);
                    while taken < BATCH {
                        let Some(heard) = peers.as_mut().and_then(|peers| peers.try_recv().ok()) else { break };
                        taken += self.hear_peer(heard);
                    }
                }
                message = inbox.recv(), if has_room => {
                    let Some(message) = message else { return Ok(()) };
                    self.clocks = clocks();
                    self.hear(message);
                    for _ in 1..BATCH {
                        if !self.has_room() {
                            break;
                        }
                        let Ok(message) = inbox.try_recv() else { break };
                        self.hear(message);
                    }
                }
                () = &mut timer => {}
            }
            let now = host::now();
            if self.deadline(now) <= now {
                self.hear_what_waits(&mut inbox, &mut peers);
            }
            self.catch_up_with_time(&mut timer);
            self.flush();
        }
    }

    /// Hears what came while nobody listened: what was said in time is not silence, however late it is heard. Else a
    /// server that was busy for long, with a snapshot or for want of a processor, would give up those who never were
    /// silent. (ZooKeeper's leader counts its own rounds, not time, and threads of their own hear the others.)
    fn hear_what_waits(&mut self, inbox: &mut mpsc::Receiver<Message>, peers: &mut Option<mpsc::Receiver<Heard>>) {
        self.clocks = clocks();
        for _ in 0..INBOX {
            let Some(heard) = peers.as_mut().and_then(|peers| peers.try_recv().ok()) else { break };
            self.hear_peer(heard);
        }
        for _ in 0..INBOX {
            if !self.has_room() {
                break;
            }
            let Ok(message) = inbox.try_recv() else { break };
            self.hear(message);
        }
    }

    /// Whether few enough requests are under way to take more.
    fn has_room(&self) -> bool {
        self.engine.replica().outstanding() < self.config.outstanding_limit
    }

    /// Tells how much there was to hear; what is of no use counts, too.
    fn hear_peer(&mut self, heard: Heard) -> usize {
        let Some(mesh) = &mut self.mesh else { return 1 };
        let inputs = mesh.take(heard);
        let count = inputs.len().max(1);
        for input in inputs {
            self.engine.hear(self.clocks, input, &mut self.effects);
        }
        count
    }

    fn hear(&mut self, message: Message) {
        match message {
            Message::Accepted { stream, peer, is_secure: false } => {
                if let Some(connection) = self.roster.seat(stream, peer) {
                    self.step(Input::Opened { connection, peer, entrance: Entrance::Plain });
                }
            }
            Message::Accepted { stream, peer, is_secure: true } => self.roster.seat_secure(stream, peer),
            Message::Secured { id, subject } => {
                // It may have been closed meanwhile.
                if let Some(peer) = self.roster.peer(id) {
                    self.step(Input::Opened { connection: id, peer, entrance: Entrance::Secure { subject } });
                }
            }
            Message::Frames { id, frames } => self.hear_frames(id, frames),
            Message::CaughtUp { id } => {
                let held = self.roster.take_held(id);
                self.hear_frames(id, held);
                self.roster.read_on(id);
            }
            Message::Word { id, word } => {
                let answer = self.engine.answer_word(word, self.roster.is_secure(id), self.clocks);
                let _ = self.roster.send(id, answer.into());
                self.step(Input::Closed { connection: id });
                self.roster.close(host::now(), id);
            }
            Message::Gone { id } => self.drop_connection(id),
        }
    }

    /// Takes requests for as long as the client reads the answers; the others are kept back.
    fn hear_frames(&mut self, id: ConnectionId, frames: Vec<Bytes>) {
        let mut frames = frames.into_iter();
        let Some(mut room) = self.roster.room(id, &mut frames) else { return };
        let mut before = self.effects.clients.bytes_to_send();
        while let Some(frame) = frames.next() {
            self.step(Input::Frame { connection: id, frame });
            let gathered = self.effects.clients.bytes_to_send();
            // Who has room for everything is not looked at before the batch is through.
            if gathered >= FLUSH_AT || gathered - before > room {
                self.flush();
                before = 0;
                match self.roster.room(id, &mut frames) {
                    Some(left) => room = left,
                    None => return,
                }
            }
        }
    }

    fn step(&mut self, input: Input) {
        self.engine.step(self.clocks, input, &mut self.effects);
    }

    fn drop_connection(&mut self, id: ConnectionId) {
        if self.roster.drop_now(id) {
            self.step(Input::Closed { connection: id });
        }
    }

    fn catch_up_with_time(&mut self, timer: &mut Sleep) {
        self.clocks = clocks();
        let now = self.clocks.now;
        if self.deadline(now) <= now {
            self.engine.take_timer(self.clocks, &mut self.effects);
        }
        let deadline = self.deadline(now);
        let deadline = self.roster.sweep(now).map_or(deadline, |sweep: Instant| sweep.min(deadline));
        if timer.deadline() != deadline || deadline <= now {
            timer.reset(deadline);
        }
    }

    fn deadline(&self, now: Instant) -> Instant {
        self.engine.next_deadline().unwrap_or(now + IDLE)
    }

    /// Carries out what the steps want done.
    fn flush(&mut self) {
        while let Some(token) = self.write() {
            // Without a disk everything is as safe as it will ever be.
            self.engine.safe(self.clocks, token, &mut self.effects);
        }
        for event in self.effects.take_events() {
            host::tell(event);
        }
        for what in self.effects.clients.take_sometimes() {
            host::tell_sometimes(what);
        }
        if let Some(mesh) = &mut self.mesh {
            mesh.send(self.effects.messages.drain(..));
        }
        for output in self.effects.clients.take_outputs() {
            let mut pieces = output.pieces.into_iter().chain([output.bytes]);
            let keeps_up = pieces.all(|bytes| self.roster.send(output.connection, bytes));
            if output.closes {
                self.roster.close(host::now(), output.connection);
            } else if !keeps_up {
                host::tell_sometimes("a client that does not read was cut off");
                self.drop_connection(output.connection);
            }
            while let Some(id) = self.roster.most_in_arrears() {
                host::tell_sometimes("a client that does not read was cut off");
                self.drop_connection(id);
            }
        }
    }

    /// Hands over what is to be written. Without a disk there is nothing to wait for: gives the last token, if there is
    /// one.
    fn write(&mut self) -> Option<u64> {
        let jobs = std::mem::take(&mut self.effects.jobs);
        let Some(journal) = &self.journal else {
            let tokens =
                jobs.into_iter().filter_map(|job| if let Job::Sync { token } = job { Some(token) } else { None });
            return tokens.last();
        };
        jobs.into_iter().for_each(|job| journal.hand_over(job));
        self.applied_since_snapshot += std::mem::take(&mut self.effects.applied);
        if self.applied_since_snapshot >= self.snapshot_after {
            self.applied_since_snapshot = 0;
            self.snapshot_after = snapshot_after(&self.config);
            let database = self.engine.replica().database();
            journal.hand_over(Job::Snapshot { zxid: database.last_zxid, file: snapshot::encode(database) });
        }
        None
    }
}

/// After how many transactions to take a snapshot. The members of an ensemble apply the same ones, and none serves while
/// it writes its state down: so they must not all do it at once (`SyncRequestProcessor.resetSnapshotStats`).
fn snapshot_after(config: &Config) -> u64 {
    if config.ensemble.is_none() {
        return config.snapshot_interval;
    }
    let half = (config.snapshot_interval / 2).max(1);
    half + host::random::bits("snapshots") % half
}

fn clocks() -> Clocks {
    Clocks { now: host::now(), wall: host::wall_clock() }
}

/// The next word of the journal; never, without one.
async fn next_safe(journal: &mut Option<Journal>) -> Result<u64, Error> {
    match journal {
        Some(journal) => Ok(journal.next_safe().await?),
        None => std::future::pending().await,
    }
}

/// The next that the mesh has to tell; never, without one.
async fn next_heard(peers: &mut Option<mpsc::Receiver<Heard>>) -> Option<Heard> {
    match peers {
        Some(peers) => peers.recv().await,
        None => std::future::pending().await,
    }
}

//! The task that runs the replica.
//!
//! It takes whatever waits in the inbox in one go, so that under load many requests share one write and one fsync.

use std::sync::Arc;

use history::{Event, ServiceEvent};
use host::{Instant, Sleep};
use tokio::sync::mpsc;

use super::roster::Roster;
use super::{Error, Message};
use crate::config::Config;
use crate::replica::{Clocks, ConnectionId, Effects, Input, Replica};
use crate::storage::{Journal, Recovery, Storage};

/// So many bytes of answers are handed on before the batch is through: a thousand short questions for large data must
/// not be answered in memory before anybody looks whether the client reads.
const FLUSH_AT: usize = 1 << 20;

/// How many messages are taken in one go.
const BATCH: usize = 256;

/// The replica with its hands.
pub(super) struct Core {
    config: Arc<Config>,
    replica: Replica,
    effects: Effects,
    roster: Roster,
    journal: Option<Journal>,
    applied_since_snapshot: u64,
}

impl Core {
    pub(super) fn new(
        config: Arc<Config>,
        recovery: Recovery,
        storage: Option<Storage>,
        inbox: mpsc::Sender<Message>,
    ) -> Core {
        let zxid = recovery.database.last_zxid.0;
        if storage.is_some() {
            host::tell(Event::Service(ServiceEvent::Recovered { zxid, remark: recovery.remark }));
            // Safe but not told when the process before this one ended: whoever listens knows what is news.
            recovery.replayed.into_iter().for_each(|event| host::tell(Event::Service(event)));
        }
        let replica = Replica::new(config.clone(), recovery.database, clocks());
        host::tell(Event::Service(ServiceEvent::Serving { zxid }));
        Core {
            roster: Roster::new(config.clone(), inbox),
            config,
            replica,
            effects: Effects::new(host::is_heard()),
            journal: storage.map(Journal::start),
            // Short lives add up: else a server that is often restarted would replay ever more.
            applied_since_snapshot: recovery.transactions_replayed,
        }
    }

    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<Message>) -> Result<(), Error> {
        let mut timer = host::sleep_until(self.replica.next_deadline());
        loop {
            let has_room = self.replica.outstanding() < self.config.outstanding_limit;
            tokio::select! {
                biased;
                safe = next_safe(&mut self.journal) => {
                    let up_to = safe?;
                    self.step(Input::Committed { up_to });
                }
                message = inbox.recv(), if has_room => {
                    let Some(message) = message else { return Ok(()) };
                    self.hear(message);
                    for _ in 1..BATCH {
                        let Ok(message) = inbox.try_recv() else { break };
                        self.hear(message);
                    }
                }
                () = &mut timer => {}
            }
            self.catch_up_with_time(&mut timer);
            self.flush();
        }
    }

    fn hear(&mut self, message: Message) {
        match message {
            Message::Accepted { stream, peer } => {
                if let Some(connection) = self.roster.seat(stream, peer) {
                    self.step(Input::Opened { connection, peer });
                }
            }
            Message::Frames { id, frames } => {
                for frame in frames {
                    self.step(Input::Frame { connection: id, frame });
                    if self.effects.bytes_to_send() >= FLUSH_AT {
                        self.flush();
                    }
                }
            }
            Message::Word { id, word } => {
                let answer = self.replica.answer_word(word, clocks());
                let _ = self.roster.send(id, answer.into());
                self.step(Input::Closed { connection: id });
                self.roster.close(host::now(), id);
            }
            Message::Gone { id } => self.drop_connection(id),
        }
    }

    fn step(&mut self, input: Input) {
        self.replica.step(clocks(), input, &mut self.effects);
    }

    fn drop_connection(&mut self, id: ConnectionId) {
        if self.roster.drop_now(id) {
            self.step(Input::Closed { connection: id });
        }
    }

    fn catch_up_with_time(&mut self, timer: &mut Sleep) {
        let now = host::now();
        if self.replica.next_deadline() <= now {
            self.step(Input::Timer);
        }
        let deadline = self.replica.next_deadline();
        let deadline = self.roster.sweep(now).map_or(deadline, |sweep: Instant| sweep.min(deadline));
        if timer.deadline() != deadline || deadline <= now {
            timer.reset(deadline);
        }
    }

    /// Carries out what the steps want done.
    fn flush(&mut self) {
        for event in self.effects.take_events() {
            host::tell(Event::Service(event));
        }
        for what in self.effects.take_sometimes() {
            host::tell_sometimes(what);
        }
        let transactions = self.effects.take_persist();
        if let Some(journal) = &self.journal
            && !transactions.is_empty()
        {
            self.applied_since_snapshot += transactions.len() as u64;
            journal.append(transactions);
            if self.applied_since_snapshot >= self.config.snapshot_interval {
                self.applied_since_snapshot = 0;
                journal.snapshot(self.replica.database());
            }
        }
        for output in self.effects.take_outputs() {
            let keeps_up = self.roster.send(output.connection, output.bytes);
            if output.closes {
                self.roster.close(host::now(), output.connection);
            } else if !keeps_up {
                tracing::debug!(connection = ?output.connection, "a client does not read");
                host::tell_sometimes("a client that does not read was cut off");
                self.drop_connection(output.connection);
            }
        }
    }
}

fn clocks() -> Clocks {
    Clocks { now: host::now(), wall: host::wall_clock() }
}

/// The next word of the journal; never, without one.
async fn next_safe(journal: &mut Option<Journal>) -> Result<proto::Zxid, Error> {
    match journal {
        Some(journal) => Ok(journal.next_safe().await?),
        None => std::future::pending().await,
    }
}

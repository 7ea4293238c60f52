//! A leader's acts on the service itself, each guarded: done only if the service finds that the leadership still holds.
//!
//! Acts are queued and done one after the other, each until it is answered. Who is deposed does not take back what is in
//! the queue: the guard decides, not the clock. That is how controllers write (KAFKA-6082 is what happens without the
//! guard), and it is the case in which a guard is worth something.

use client::{Client, Error, ErrorCode};
use history::{Term, ledger};
use tokio::sync::{mpsc, oneshot};

use crate::ancestry;
use crate::mutant::Planted;
use crate::protocol::RETRY_PAUSE;
use crate::standing::Guard;

/// So many acts may be waiting; further ones are left out.
const QUEUE: usize = 16;

/// A leader's handle on its entry in the ledger, for one term.
pub(crate) struct Ledger(mpsc::Sender<String>);

/// The service's word that the leadership is over.
pub(crate) struct Refusal(Option<oneshot::Receiver<()>>);

/// Opens the ledger for the acts of this node under this term.
pub(crate) fn open(guard: Guard, term: Term, planted: Planted) -> (Ledger, Refusal) {
    let (acts, queue) = mpsc::channel(QUEUE);
    let (refuse, refused) = oneshot::channel();
    let path = ledger::path_of(term, &host::node_name());
    let entry = Entry { guard, path, planted, is_made: false };
    host::spawn(entry.keep(queue, refuse));
    (Ledger(acts), Refusal(Some(refused)))
}

impl Ledger {
    /// Queues an act.
    pub(crate) fn act(&self, act: &str) {
        if self.0.try_send(act.to_owned()).is_err() {
            host::tell_sometimes("an act on the service was left out");
        }
    }
}

impl Refusal {
    /// Waits until the service refuses an act because the leadership is over.
    pub(crate) async fn heard(&mut self) {
        if let Some(refused) = &mut self.0
            && refused.await.is_ok()
        {
            self.0 = None;
            return;
        }
        // The end of the session, without a word: for the strategy to notice.
        self.0 = None;
        std::future::pending().await
    }
}

/// What became of an act.
enum Done {
    Yes,
    /// Not yet: it has to be said again, after a pause.
    NotYet,
    /// The leadership is over.
    Deposed,
    /// So is the use of the session.
    SessionOver,
}

struct Entry {
    guard: Guard,
    path: String,
    planted: Planted,
    /// Whether the znode is there.
    is_made: bool,
}

impl Entry {
    async fn keep(mut self, mut queue: mpsc::Receiver<String>, refuse: oneshot::Sender<()>) {
        while let Some(act) = queue.recv().await {
            loop {
                match self.write(&act).await {
                    Done::Yes => break,
                    Done::NotYet => host::sleep(RETRY_PAUSE).await,
                    Done::Deposed => {
                        host::tell_sometimes("the service refused the act of a deposed leader");
                        // Nobody may be interested any more.
                        let _ = refuse.send(());
                        return;
                    }
                    Done::SessionOver => return,
                }
            }
        }
    }

    async fn write(&mut self, act: &str) -> Done {
        let client = self.guard.client();
        let is_checked = !self.planted.writes_unchecked();
        let multi = if is_checked { self.guard.multi() } else { client.multi() };
        let call = match self.is_made {
            true => multi.set_data(&self.path, act.to_owned(), None).commit(),
            false => multi.create(&self.path, act.to_owned(), client::CreateMode::Persistent).commit(),
        };
        match call.await {
            Ok(_) => {
                self.is_made = true;
                Done::Yes
            }
            Err(Error::MultiRefused { index: 0, .. }) if is_checked => Done::Deposed,
            Err(error) if error.is(ErrorCode::NodeExists) => {
                // Of an act before that was not answered.
                self.is_made = true;
                Done::NotYet
            }
            Err(error) if error.is(ErrorCode::NoNode) => self.begin(&client).await,
            Err(Error::SessionExpired { .. }) if self.guard.spans_sessions() => Done::NotYet,
            Err(error) if error.is_session_over() => Done::SessionOver,
            Err(_) => Done::NotYet,
        }
    }

    /// The ledger itself is missing: nobody has written into it yet.
    async fn begin(&self, client: &Client) -> Done {
        // If it fails, the act fails again, too.
        let _ = ancestry::create(client, ledger::ROOT).await;
        Done::NotYet
    }
}

//! The scheduler: elects, and while it leads hands out jobs.

use std::future::Future;
use std::io;
use std::time::Duration;

use interregnum::client::{Client, Config, ConnectStringError, Error};
use interregnum::host;

use crate::election;

/// How long a leader rests between two jobs, and anybody between two candidacies.
const REST: Duration = Duration::from_millis(500);

/// Where jobs are handed out: a store that looks at fencing tokens.
pub trait Store {
    /// Hands out a job under a token.
    fn hand_out(&mut self, token: i64, job: u64) -> impl Future<Output = io::Result<Answer>>;
}

/// What the store says.
pub enum Answer {
    /// The job is handed out.
    Done,
    /// The token is older than this one, which another leader came with.
    TooOld(i64),
}

/// Runs a node for ever.
pub async fn run(servers: &str, mut store: impl Store) -> Result<(), ConnectStringError> {
    let mut next_job = 0;
    loop {
        let client = Client::connect(Config::new(servers)?);
        // Whatever ended it: with a new session everything begins anew.
        let _: Result<(), Error> = take_part(&client, &mut store, &mut next_job).await;
        let _ = client.close().await;
        host::sleep(REST).await;
    }
}

async fn take_part(client: &Client, store: &mut impl Store, next_job: &mut u64) -> Result<(), Error> {
    let mut leadership = Leadership::begin(election::elected(client).await?);
    while client.is_trusted() {
        match store.hand_out(leadership.token, *next_job).await {
            Ok(Answer::Done) => *next_job += 1,
            // A job must not be lost: what is missing is only the right token.
            #[cfg(feature = "first-attempt")]
            Ok(Answer::TooOld(newer)) => leadership.token = newer,
            // Somebody else leads by now.
            #[cfg(not(feature = "first-attempt"))]
            Ok(Answer::TooOld(_)) => break,
            // The same job again, at the next turn.
            Err(_) => {}
        }
        host::sleep(REST).await;
    }
    leadership.reason = "the session is in doubt, or the store has seen another leader";
    Ok(())
}

/// A leadership: told from its beginning to its end, for whoever reads the log.
struct Leadership {
    /// As it was elected.
    term: i64,
    /// What it acts under.
    token: i64,
    reason: &'static str,
}

impl Leadership {
    fn begin(term: i64) -> Leadership {
        tracing::info!(target: "leadership", term, "elected");
        Leadership { term, token: term, reason: "the session is over" }
    }
}

impl Drop for Leadership {
    fn drop(&mut self) {
        tracing::info!(target: "leadership", term = self.term, reason = self.reason, "deposed");
    }
}

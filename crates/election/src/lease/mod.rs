//! `lease`: a znode that says who leads and until when, on the wall clock. The control that has to fail.
//!
//! The znode is persistent; whoever finds that its end lies before *his own* wall clock takes it over, by a versioned
//! write; the holder renews it after each third of its time. The transaction of the take-over is the term. Sessions
//! play no part: a leader that loses its connection leads on to the end of its lease.
//!
//! It is what many write who have a versioned store and no ephemerals (kazoo's `NonBlockingLease`). What it promises
//! ([`PROMISE`]): *effect* always, by the token; *belief* and *order* only while all wall clocks agree, and belief only
//! while no process pauses. *Failover* needs clocks too: a holder that dies while its clock is hours ahead leaves a lease
//! that ends in hours, and nobody takes it before.

mod tenancy;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use client::{Client, Error, ErrorCode};
use history::LeadershipEvent;
use host::WallTime;
use proto::path;

use crate::ancestry;
use crate::standing::{Participation, Stage, Strategy, open};
use crate::{Holds, Promise};
pub use tenancy::{Answer, Effect, Input, Record, Request, Tenancy};

/// What a lease by the wall clock promises.
pub const PROMISE: Promise = Promise {
    belief: Holds::Unless(&["pause", "clock"]),
    effect: Holds::Always,
    order: Holds::Unless(&["clock"]),
    failover: Holds::Unless(&["clock"]),
};

/// A lease by the wall clock.
#[derive(Clone, Debug)]
pub struct Lease {
    path: String,
}

impl Lease {
    /// A lease in this znode, which is created if it is missing. It lasts as long as a session timeout.
    ///
    /// # Panics
    /// If it is not the path of a znode, or the root of all.
    #[must_use]
    pub fn new(path: &str) -> Lease {
        assert!(path::validate(path).is_ok() && path != "/", "`{path}` cannot be a lease");
        Lease { path: path.to_owned() }
    }
}

impl Strategy for Lease {
    fn name(&self) -> &'static str {
        "lease"
    }

    fn promise(&self) -> Promise {
        PROMISE
    }

    fn take_part(&self, config: client::Config) -> Participation {
        let (stage, participation) = open();
        host::spawn(take_part(self.path.clone(), config, stage));
        participation
    }
}

type Answering = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// The shell around a [`Tenancy`].
async fn take_part(path: String, mut config: client::Config, mut stage: Stage) {
    let me = format!("{}-{:016x}", host::node_name(), host::random::bits("lease"));
    let mut tenancy = Tenancy::new(&me, &path, config.session_timeout, host::now());
    let mut client = Client::connect(config.clone());
    config.resume = None;
    let mut request: Option<Answering> = None;
    // Milliseconds since 1970, shared with the reign.
    let until = Arc::new(AtomicU64::new(0));
    let mut input = Input::Tick;
    stage.tell(LeadershipEvent::Candidate { path: path.clone() });
    loop {
        for effect in tenancy.step(host::now(), host::wall_clock(), input) {
            match effect {
                Effect::Ask(asked) => {
                    assert!(request.is_none(), "one request at a time");
                    request = Some(ask(&client, &path, asked));
                }
                Effect::Until(end) => {
                    let milliseconds = u64::try_from(end.as_millis()).expect("the lease ends after 1970");
                    until.store(milliseconds, Ordering::Release);
                }
                Effect::Tell(LeadershipEvent::Elected { term }) => {
                    let until = until.clone();
                    stage.elected(term, move || {
                        let end = Duration::from_millis(until.load(Ordering::Acquire));
                        host::wall_clock() < WallTime::from_epoch(end)
                    });
                }
                Effect::Tell(event) => stage.tell(event),
                Effect::Over => {
                    // If the service does not answer, the session's timeout does the same.
                    let _ = client.close().await;
                    stage.tell(LeadershipEvent::Withdrawn { reason: "it resigned".to_owned() });
                    return;
                }
            }
        }
        let deadline = tenancy.deadline(host::now(), host::wall_clock());
        input = tokio::select! {
            biased;
            answer = answered(&mut request) => {
                if client.state().is_final() {
                    host::tell_sometimes("rejoined after expiry");
                    client = Client::connect(config.clone());
                }
                Input::Answered(answer)
            }
            () = stage.resigned() => {
                host::tell_sometimes("resigned");
                Input::Resign
            }
            () = host::sleep_until(deadline) => Input::Tick,
        };
    }
}

async fn answered(request: &mut Option<Answering>) -> Answer {
    let Some(answering) = request else { return std::future::pending().await };
    let answer = answering.await;
    *request = None;
    answer
}

fn ask(client: &Client, path: &str, request: Request) -> Answering {
    let (client, path) = (client.clone(), path.to_owned());
    Box::pin(async move {
        let result = match request {
            Request::Read => client.get_data(&path).await.map(|(data, stat)| {
                let record = Record::from_data(&data);
                Answer::Stands(record, stat.version)
            }),
            Request::Create => ancestry::create(&client, &path).await.map(|()| Answer::ReadAgain),
            Request::Write { record, version } => {
                let written = client.set_data(&path, record.to_data(), Some(version)).await;
                written.map(|stat| Answer::Written { mzxid: stat.mzxid.0, version: stat.version })
            }
        };
        result.unwrap_or_else(|error| failure(&error))
    })
}

fn failure(error: &Error) -> Answer {
    match error.code() {
        Some(ErrorCode::NoNode) => Answer::Missing,
        Some(ErrorCode::BadVersion) => Answer::ReadAgain,
        _ => Answer::Unknown,
    }
}

//! The candidate: what runs on a node that wants to lead.
//!
//! It takes part in an election for ever. While it leads it acts on the resource, again and again, each act under its
//! term; and on the service itself, if its leadership comes with a guard. A resource that has seen a newer term says so by
//! refusing, and so does the service: then it resigns, waits a little, and takes part anew as a regular candidate.

use std::sync::Arc;
use std::time::Duration;

use client::{Config, ConnectStringError};
use rand::Rng;

use crate::ledger;
use crate::mutant::Planted;
use crate::resource::{ResourceHandle, Verdict};
use crate::standing::{Participation, Reign, Standing, Strategy};

/// So long a candidate stays away after it has resigned.
pub(crate) const AWAY: Duration = Duration::from_secs(1);

/// What a candidate starts from.
#[derive(Clone)]
pub struct Options {
    /// How to elect.
    pub strategy: Arc<dyn Strategy>,
    /// Where the service is, such as `zk1:2181,zk2:2181`.
    pub servers: String,
    /// The session timeout to ask for.
    pub session_timeout: Duration,
    /// Where the resource is, such as `vault:9000`; `None` for a leader that only leads.
    pub resource: Option<String>,
    /// How long a leader rests from the end of one act to the next.
    pub act_interval: Duration,
    /// How long an act may take, connecting included, until it is tried again.
    pub act_timeout: Duration,
    /// How long a leader works on an act before it does it.
    pub work: Duration,
    /// After how long at most, drawn anew each time, a candidate resigns, leading or not, to come back a little later;
    /// `None` for one that stays.
    pub restless: Option<Duration>,
    /// How its client judges its session.
    pub profile: client::Profile,
    planted: Planted,
}

impl Options {
    /// The usual candidate: six seconds of session timeout, two acts a second.
    #[must_use]
    pub fn new(strategy: Arc<dyn Strategy>, servers: &str) -> Options {
        Options {
            strategy,
            servers: servers.to_owned(),
            session_timeout: Duration::from_secs(6),
            resource: None,
            act_interval: Duration::from_millis(500),
            act_timeout: Duration::from_secs(1),
            work: Duration::from_millis(20),
            restless: None,
            profile: client::Profile::default(),
            planted: Planted::default(),
        }
    }

    /// Acts on the resource at this address while it leads.
    #[must_use]
    pub fn with_resource(mut self, address: &str) -> Options {
        self.resource = Some(address.to_owned());
        self
    }

    /// Asks for this session timeout.
    #[must_use]
    pub fn with_session_timeout(mut self, timeout: Duration) -> Options {
        self.session_timeout = timeout;
        self
    }

    /// The same with a planted bug: in the candidate itself, that is. A strategy has its own.
    #[cfg(feature = "zoo")]
    #[must_use]
    pub fn with_mutant(mut self, mutant: crate::Mutant) -> Options {
        self.planted = Planted::new(Some(mutant));
        self
    }
}

/// Runs a candidate for ever.
///
/// # Errors
/// If the connect string is none. Nothing else ends it but its process.
pub async fn run(options: Options) -> Result<std::convert::Infallible, ConnectStringError> {
    let config =
        Config::new(&options.servers)?.with_session_timeout(options.session_timeout).with_profile(options.profile);
    let mut acts = 0_u64;
    let mut moods = host::random::stream("moods");
    loop {
        let mut participation = options.strategy.take_part(config.clone());
        let leading = async {
            while let Some(reign) = participation.elected().await {
                if let Ended::Refused = lead(&options, &reign, &mut participation, &mut acts).await {
                    break;
                }
            }
        };
        match options.restless {
            // However it ends, it is left next.
            Some(longest) => drop(host::timeout(longest.mul_f64(moods.gen_range(0.0..1.0)), leading).await),
            None => leading.await,
        }
        participation.resign().await;
        host::sleep(AWAY).await;
    }
}

/// How a reign ended.
enum Ended {
    /// The strategy said so, or the clock.
    Deposed,
    /// The resource has seen a newer term.
    Refused,
}

/// Leads for as long as it lasts.
async fn lead(options: &Options, reign: &Reign, participation: &mut Participation, acts: &mut u64) -> Ended {
    let mut resource = options.resource.as_deref().map(|address| ResourceHandle::new(address, options.act_timeout));
    let (ledger, mut refusal) =
        reign.guard().map(|guard| ledger::open(guard.clone(), reign.term(), options.planted)).unzip();
    loop {
        let working = async {
            *acts += 1;
            let act = format!("act {acts}");
            if let Some(resource) = &mut resource
                && work_and_act(options, reign, resource, &act).await
            {
                return true;
            }
            if let Some(ledger) = &ledger {
                ledger.act(&act);
            }
            host::sleep(options.act_interval).await;
            false
        };
        // First the news: who was deposed does not finish what he began.
        let refused = tokio::select! {
            biased;
            () = deposed(participation, reign), if !options.planted.acts_after_check() => return Ended::Deposed,
            () = refused(&mut refusal) => true,
            refused = working => refused,
        };
        if refused {
            host::tell_sometimes("stepped down because the resource had seen a newer term");
            return Ended::Refused;
        }
        if !reign.holds() {
            // The clock was first; the strategy says so next.
            deposed(participation, reign).await;
            return Ended::Deposed;
        }
    }
}

/// Waits until the service refuses an act, if this leader acts there.
async fn refused(refusal: &mut Option<ledger::Refusal>) {
    match refusal {
        Some(refusal) => refusal.heard().await,
        None => std::future::pending().await,
    }
}

/// Works on an act, then does it, again and again until there is an answer. Gives whether it was refused.
async fn work_and_act(options: &Options, reign: &Reign, resource: &mut ResourceHandle, act: &str) -> bool {
    while reign.holds() {
        host::sleep(options.work).await;
        if !reign.holds() && !options.planted.acts_after_check() {
            return false;
        }
        match resource.act(reign.term(), act).await {
            Ok(Verdict::Accepted) => return false,
            Ok(Verdict::Refused { .. }) => return true,
            // The next act may fare better.
            Ok(Verdict::Failed { .. }) => return false,
            // Not known whether it took effect: said again, in so far as one still leads. The pause is for the case
            // that the answer came at once.
            Err(_) => host::sleep(options.act_interval).await,
        }
    }
    false
}

/// Waits until this reign is not what the strategy says any more.
pub(crate) async fn deposed(participation: &mut Participation, reign: &Reign) {
    loop {
        match participation.standing() {
            Standing::Leading(present) if present.is_same(reign) => {}
            _ => return,
        }
        if let Standing::Over = participation.changed().await {
            return;
        }
    }
}

//! Elections on the service: servers, candidates that lead and act, and the resource they act on.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use check::{Monitors, Promises, Required, sometimes};
use election::candidate::{self, Options};
use election::resource::{self, Fencing};
use election::{Docs, Holds, Strategy, Support};
use interregnum::schedule::Family;
use interregnum::{Bed, Parameters, Planted, Scenario};

use crate::{bounds, servers};

/// Where the candidates meet.
pub const ROOT: &str = "/election";

/// The port of the resource.
const RESOURCE_PORT: u16 = 9000;

/// The parameter that switches a planted bug off.
const BUG: &str = "bug";

/// An election with one strategy, and with a planted bug or none. The bugs sit in one of three places; what is not
/// named is as it should be.
pub struct Election {
    /// The scenario's name.
    pub name: &'static str,
    /// What it shows.
    pub about: &'static str,
    /// Makes the strategy.
    pub strategy: fn() -> Arc<dyn Strategy>,
    /// Makes the strategy without its bug, for the control.
    pub control: Option<fn() -> Arc<dyn Strategy>>,
    /// The bug in the candidate's program.
    pub candidate: Option<election::Mutant>,
    /// The bug in the server.
    pub server: Option<server::Mutant>,
    /// Whether the resource looks at tokens.
    pub fencing: Fencing,
    /// How long a leader works on each act.
    pub work: Duration,
    /// What it is held to, if that is not what the strategy promises.
    pub claims: Option<fn() -> Promises>,
    /// What the bug breaks.
    pub planted: Option<Planted>,
    /// The session timeout, unless somebody says otherwise.
    pub session_timeout: &'static str,
}

impl Election {
    /// An election as it should be.
    pub const fn new(name: &'static str, about: &'static str, strategy: fn() -> Arc<dyn Strategy>) -> Election {
        Election {
            name,
            about,
            strategy,
            control: None,
            candidate: None,
            server: None,
            fencing: Fencing::Checked,
            work: Duration::from_millis(20),
            claims: None,
            planted: None,
            session_timeout: "6s",
        }
    }

    /// The strategy without its bug, if that is what is asked for.
    fn control(&self, parameters: &Parameters) -> Option<fn() -> Arc<dyn Strategy>> {
        self.control.filter(|_| !parameters.switch(BUG))
    }

    fn promises(&self, parameters: &Parameters) -> Promises {
        if let Some(claims) = self.claims {
            return claims();
        }
        let strategy = (self.strategy)();
        let promise = match bounds::followers_may_outlast_sessions(parameters) {
            true => strategy.promise_with_followers(),
            false => strategy.promise(),
        };
        let mut promises = promises_of(&promise);
        if self.fencing == Fencing::Unchecked {
            // The strategy's word is for who looks at its tokens.
            promises.effect = check::Promise::without_faults();
        }
        promises
    }
}

/// `election/docs`: the documented recipe, done carefully.
pub static DOCS: Election = Election::new(
    "election/docs",
    "the documented recipe done carefully: at most one leader takes effect, and a new one comes soon",
    || Arc::new(Docs::new(ROOT)),
);

/// `election/support`: LeaderElectionSupport, as it comes with ZooKeeper.
pub static SUPPORT: Election = Election {
    fencing: Fencing::Unchecked,
    ..Election::new(
        "election/support",
        "LeaderElectionSupport: holds while nothing goes wrong, and does not hear when something does",
        || Arc::new(Support::new(ROOT)),
    )
};

/// A strategy's promise in the words of the monitors.
pub fn promises_of(promise: &election::Promise) -> Promises {
    let translate = |holds: Holds| match holds {
        Holds::Always => check::Promise::Always,
        Holds::Unless(families) => check::Promise::unless(families),
    };
    Promises {
        belief: translate(promise.belief),
        effect: translate(promise.effect),
        order: translate(promise.order),
        failover: translate(promise.failover),
    }
}

impl Scenario for Election {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn parameters(&self) -> Parameters {
        let mut parameters = Parameters::standard();
        parameters.set("session_timeout", self.session_timeout).expect("scenarios are written with care");
        match self.control {
            Some(_) => parameters.with_switch(BUG, "whether the bug is planted, or the scenario its own control", true),
            None => parameters,
        }
    }

    fn build(&self, bed: &Bed) {
        servers::add(bed, self.server);
        for vault in &bed.roles().resources {
            let options = resource::Options {
                address: ([0, 0, 0, 0], RESOURCE_PORT).into(),
                directory: PathBuf::from("/fence"),
                fencing: self.fencing,
            };
            bed.add_node(vault, move || {
                let options = options.clone();
                async move {
                    if let Err(error) = resource::run(options).await {
                        tracing::info!(%error, "the resource ends");
                    }
                }
            });
        }
        let control = self.control(bed.parameters());
        let mut options = Options::new(control.unwrap_or(self.strategy)(), &bed.connect_string())
            .with_session_timeout(bed.parameters().duration("session_timeout"));
        if let Some(vault) = bed.roles().resources.first() {
            options = options.with_resource(&format!("{vault}:{RESOURCE_PORT}"));
        }
        if let Some(mutant) = self.candidate.filter(|_| control.is_none()) {
            options = options.with_mutant(mutant);
        }
        options.work = self.work;
        for candidate in &bed.roles().candidates {
            let options = options.clone();
            bed.add_node(candidate, move || {
                let options = options.clone();
                async move {
                    let Err(error) = candidate::run(options).await;
                    unreachable!("the testbed writes right connect strings: {error}");
                }
            });
        }
    }

    fn monitors(&self, parameters: &Parameters, families: &BTreeSet<Family>) -> Monitors {
        let names = families.iter().map(|family| family.name());
        let judged =
            self.promises(parameters).judged_under(names).expect("monitors and schedules name the same families");
        Monitors::standard(judged, bounds::of_election(parameters))
    }

    fn liveness_bound(&self, parameters: &Parameters) -> Duration {
        bounds::of_election(parameters).failover
    }

    fn required_points(&self, families: &BTreeSet<Family>) -> Required {
        if self.planted.is_some() {
            return Required::default();
        }
        let mut required = Required::points([sometimes::LEADER_ELECTED]);
        let any = |wanted: &[Family]| wanted.iter().any(|family| families.contains(family));
        let mut needs = |wanted: &[Family], points: &[&str]| {
            if any(wanted) {
                for point in points {
                    required = std::mem::take(&mut required).and(*point);
                }
            }
        };
        needs(&[Family::Partition], &[sometimes::LEADER_CUT_OFF]);
        needs(&[Family::Pause], &[sometimes::LEADER_PAUSED]);
        needs(&[Family::Crash, Family::Power], &[sometimes::LEADER_KILLED, sometimes::RECOVERED]);
        needs(&[Family::Clock], &[sometimes::LEADER_CLOCK_BENT]);
        needs(&[Family::Session], &[sometimes::UNANSWERED, sometimes::RECONNECTED]);
        needs(&[Family::Power, Family::Disk], &[sometimes::DISK_LOST]);
        needs(
            &[Family::Partition, Family::Session],
            &[
                sometimes::FAILOVER,
                sometimes::EXPIRED_WHILE_CLIENT_LIVED,
                sometimes::EXPIRED_LOCALLY,
                sometimes::WATCH_FIRED,
            ],
        );
        if (self.strategy)().promise().belief != Holds::WITHOUT_FAULTS {
            // Who promises nothing may not even hear that it was deposed.
            needs(&[Family::Partition, Family::Session], &[sometimes::LEADER_DEPOSED_ALIVE]);
        }
        required
    }

    fn planted(&self) -> Option<Planted> {
        self.planted
    }
}

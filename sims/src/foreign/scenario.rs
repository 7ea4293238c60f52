//! The scenario, and its variants that are held to more than holds.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use check::linearizability::ModelName;
use check::{Bounds, Linearizable, Monitors, Progress, Promise, Promises, Required, sometimes};
use election::resource::{self, Fencing};
use interregnum::schedule::Family;
use interregnum::{Bed, Parameters, Scenario, bounds, servers};

use super::Bug;
use super::candidate::{self, Options, Prefix};
use super::desk::Desk;
use super::seat::Seat;
use super::wire::Wire;
use super::word::Word;
use super::worker::Worker;
use crate::judged;

const RESOURCE_PORT: u16 = 9000;

/// The crate on simulated nodes, held to some of its promises.
pub struct Foreign {
    name: &'static str,
    about: &'static str,
    claims: fn() -> Promises,
    /// How locks are called.
    prefix: &'static str,
    /// Whether waits for the lock are taken back.
    cancels: bool,
    /// Whether it is held to what it says of its connection.
    judges_state: bool,
    /// Whether watches that last are held to last over a new connection.
    judges_lasting: bool,
}

const CONNECTIONS: &[&str] = &["partition", "link", "crash", "power", "pause", "disk", "session"];

/// What holds.
fn holds() -> Promises {
    Promises {
        belief: Promise::unless(CONNECTIONS),
        effect: Promise::Always,
        order: Promise::unless(CONNECTIONS),
        failover: Promise::unless(CONNECTIONS),
    }
}

/// `client/zookeeper-client`.
pub const ZOOKEEPER_CLIENT: Foreign = Foreign {
    name: "client/zookeeper-client",
    about: "the crate zookeeper-client, unmodified: its lock as an election, its watches, its reads and writes",
    claims: holds,
    prefix: "curator",
    cancels: true,
    judges_state: false,
    judges_lasting: false,
};

/// Finding 4: a wait for the lock that is taken back leaves its znode behind.
pub static CANCELLED_LOCK: Foreign = Foreign {
    name: "finding/4",
    about: "zookeeper-client: a wait for a lock taken back leaves its znode behind, and nobody leads any more",
    claims: || Promises { failover: Promise::Always, ..Promises::none() },
    ..ZOOKEEPER_CLIENT
};

/// Finding 5: the state says connected while there is no connection.
pub static STATE_SAYS_CONNECTED: Foreign = Foreign {
    name: "finding/5",
    about: "zookeeper-client: its state may stay SyncConnected if a new connection breaks at once (predicted, not seen)",
    claims: || Promises { belief: Promise::unless(&["pause"]), ..Promises::none() },
    cancels: false,
    judges_state: true,
    ..ZOOKEEPER_CLIENT
};

/// Finding 6: watches that last do not survive a new connection.
pub static LASTING_WATCHES: Foreign = Foreign {
    name: "finding/6",
    about: "zookeeper-client: watches that last are deaf after a new connection, and say that they are connected",
    claims: Promises::none,
    cancels: false,
    judges_lasting: true,
    ..ZOOKEEPER_CLIENT
};

/// Finding 7: `lock` fails while the service has no leader, and leaves behind what it made.
pub static LOCK_LEFT_BEHIND: Foreign = Foreign {
    name: "finding/7",
    about: "zookeeper-client: lock fails while the service has no leader, and what it cleans up stays: nobody leads",
    claims: || Promises { failover: Promise::Always, ..Promises::none() },
    cancels: false,
    ..ZOOKEEPER_CLIENT
};

impl Foreign {
    fn bounds(parameters: &Parameters) -> Bounds {
        // Locks are given back now and then.
        Bounds { rotates: true, ..bounds::of_election(parameters) }
    }

    /// What a run is held to.
    pub fn promised(&self) -> Promises {
        (self.claims)()
    }
}

fn bug(parameters: &Parameters) -> Option<Bug> {
    match parameters.choice("bug") {
        "ignores-disconnection" => Some(Bug::IgnoresDisconnection),
        "writes-one-by-one" => Some(Bug::WritesOneByOne),
        "forgets-chroot" => Some(Bug::ForgetsChroot),
        _ => None,
    }
}

fn prefix(parameters: &Parameters) -> Prefix {
    match parameters.choice("prefix") {
        "shared" => Prefix::Shared,
        "custom" => Prefix::Custom,
        _ => Prefix::Curator,
    }
}

impl Scenario for Foreign {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn parameters(&self) -> Parameters {
        // Nobody runs a scenario without having asked for them, and nobody asks for them within a simulation.
        guest::prepare();
        let parameters = Parameters::standard().with_switch("strict_sync", "whether a quorum confirms a sync", true);
        judged::with_choice(parameters)
            .with_choice("prefix", "how locks are called", self.prefix, &["curator", "shared", "custom"])
            .with_switch("cancels", "whether waits for the lock are taken back now and then", self.cancels)
            .with_switch("judge_state", "whether it is held to what it says of its connection", self.judges_state)
            .with_switch("judge_lasting", "whether watches are held to last over a new connection", self.judges_lasting)
            .with_choice(
                "bug",
                "what its user does wrong, on purpose",
                "none",
                &["none", "ignores-disconnection", "writes-one-by-one", "forgets-chroot"],
            )
    }

    fn build(&self, bed: &Bed) {
        servers::add(bed, |config| config);
        for vault in &bed.roles().resources {
            let options = resource::Options {
                address: ([0, 0, 0, 0], RESOURCE_PORT).into(),
                directory: PathBuf::from("/fence"),
                fencing: Fencing::Checked,
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
        let parameters = bed.parameters();
        let resource = bed.roles().resources.first().map(|vault| format!("{vault}:{RESOURCE_PORT}"));
        let (prefix, cancels, bug) = (prefix(parameters), parameters.switch("cancels"), bug(parameters));
        let (judges_state, claims_lasting) = (parameters.switch("judge_state"), parameters.switch("judge_lasting"));
        let (servers, session_timeout) = (bed.connect_string(), parameters.duration("session_timeout"));
        for name in &bed.roles().candidates {
            let (name, servers, resource) = (name.clone(), servers.clone(), resource.clone());
            bed.add_node(&name.clone(), move || {
                let desk = Desk::default();
                let seat = Seat { servers: servers.clone(), session_timeout, desk: desk.clone(), judges_state };
                let worker = Worker::new(&name, seat.clone(), bug);
                let options = Options { seat, prefix, cancels, resource: resource.clone(), bug };
                let program = async move {
                    tokio::join!(candidate::stand(options), worker.work());
                };
                guest::run_tapped(program, move || Box::new(Wire::new(desk.clone(), claims_lasting)))
            });
        }
    }

    fn monitors(&self, parameters: &Parameters, families: &BTreeSet<Family>) -> Monitors {
        Monitors::standard(judged::chosen(parameters, &self.promised(), families), Foreign::bounds(parameters))
            .with(Progress::within(bounds::of_service(parameters)))
            .with(Linearizable::as_model(ModelName::Znode))
            .with(Word)
    }

    fn liveness_bound(&self, parameters: &Parameters) -> Duration {
        bounds::of_service(parameters)
    }

    fn required_points(&self, families: &BTreeSet<Family>) -> Required {
        let mut points = vec![sometimes::LEADER_ELECTED, sometimes::LINEARIZABLE, sometimes::WATCH_FIRED];
        if families.len() == Family::ALL.len() {
            points.extend([
                sometimes::FAILOVER,
                sometimes::RECONNECTED,
                sometimes::EXPIRED_WHILE_CLIENT_LIVED,
                sometimes::EXPIRED_LOCALLY,
                sometimes::UNANSWERED,
                sometimes::WATCH_FIRED_AFTER_RECONNECT,
            ]);
        }
        Required::points(points)
    }

    fn promises(&self, _parameters: &Parameters) -> Option<Promises> {
        Some(self.promised())
    }
}

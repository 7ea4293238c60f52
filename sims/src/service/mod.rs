//! The service by itself: clients that write and read, and the history of their calls.
//!
//! What they are answered must be linearizable, as the service promises of writes and of reads behind a `sync` that a
//! quorum has confirmed. (ZooKeeper's own `sync` asks the leader alone, and one that was deposed may not know yet:
//! ZOOKEEPER-1675. `zoo/B25` shows what that means.)

pub(crate) mod calls;
mod ephemeral;
mod raw;
mod register;
mod sequence;
mod session;
mod watch;
mod worker;

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use check::linearizability::ModelName;
use check::{Linearizable, Monitors, Progress, Required, sometimes};
use interregnum::schedule::Family;
use interregnum::{Bed, Control, Parameters, Planted, Roles, Scenario, bounds, servers};

use crate::election::WITHOUT_THE_BUG;
use worker::Worker;

/// What a client does, for ever.
type Work = fn(Worker) -> Pin<Box<dyn Future<Output = ()>>>;

/// Clients at work on the service, which has a planted bug or none.
pub struct Service {
    /// The scenario's name.
    pub name: &'static str,
    /// What it shows.
    pub about: &'static str,
    /// What each client does.
    work: Work,
    /// What the history of its calls is one of.
    model: ModelName,
    /// The bug in the server.
    pub server: Option<server::Mutant>,
    /// The bug in the clients.
    client: Option<client::Mutant>,
    /// What the bug breaks.
    pub planted: Option<Planted>,
    /// How many servers there are unless somebody says otherwise.
    servers: u32,
    /// Whether a quorum confirms a sync unless somebody says otherwise.
    strict_sync: bool,
}

impl Service {
    const fn new(name: &'static str, about: &'static str, work: Work, model: ModelName) -> Service {
        Service { name, about, work, model, server: None, client: None, planted: None, servers: 3, strict_sync: true }
    }

    /// Whether a bug is planted that can be left out.
    fn has_mutant(&self) -> bool {
        self.server.is_some() || self.client.is_some()
    }

    /// The same with a bug in the server.
    pub const fn with_bug(
        self,
        name: &'static str,
        about: &'static str,
        mutant: server::Mutant,
        planted: Planted,
    ) -> Service {
        Service { name, about, server: Some(mutant), planted: Some(planted), ..self }
    }

    /// The same with a bug in the clients.
    pub const fn with_bug_in_clients(
        self,
        name: &'static str,
        about: &'static str,
        mutant: client::Mutant,
        planted: Planted,
    ) -> Service {
        Service { name, about, client: Some(mutant), planted: Some(planted), ..self }
    }

    /// The same with ZooKeeper's own sync, which is a bug to who takes it for more.
    pub const fn with_sync_of_the_leader_alone(
        self,
        name: &'static str,
        about: &'static str,
        planted: Planted,
    ) -> Service {
        Service { name, about, planted: Some(planted), strict_sync: false, ..self }
    }

    /// The same on so many servers.
    pub const fn on(self, servers: u32) -> Service {
        Service { servers, ..self }
    }
}

/// `service/register`.
pub const REGISTER: Service = Service::new(
    "service/register",
    "znodes written, compared and set, created, deleted, and read behind a sync: linearizable",
    |worker| Box::pin(register::work(worker)),
    ModelName::Znode,
);

/// The same where everybody writes: for bugs of the broadcast.
pub const WRITERS: Service = Service::new(
    "service/register",
    REGISTER.about,
    |worker| Box::pin(register::work_and_write(worker)),
    ModelName::Znode,
);

/// `service/sequence`.
pub static SEQUENCE: Service = Service::new(
    "service/sequence",
    "sequential znodes: who asks later gets a higher number, and nobody the same",
    |worker| Box::pin(sequence::work(worker)),
    ModelName::Sequence,
);

/// `service/ephemeral`.
pub static EPHEMERAL: Service = Service::new(
    "service/ephemeral",
    "ephemeral znodes that many want: there until their session ends, and not longer",
    |worker| Box::pin(ephemeral::work(worker)),
    ModelName::Znode,
);

/// `service/watch`.
pub const WATCH: Service = Service::new(
    "service/watch",
    "znodes watched while others change them: nothing is missed, nothing comes late",
    |worker| Box::pin(watch::work(worker)),
    ModelName::Znode,
);

/// `service/session`.
pub const SESSION: Service = Service::new(
    "service/session",
    "sessions that are short, move from server to server, and ask for more when they are over",
    |worker| Box::pin(session::work(worker)),
    ModelName::Znode,
);

impl Scenario for Service {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn parameters(&self) -> Parameters {
        let mut parameters = Parameters::standard();
        parameters.set("servers", &self.servers.to_string()).expect("scenarios are written with care");
        let parameters = parameters.with_switch("strict_sync", "whether a quorum confirms a sync", self.strict_sync);
        match self.has_mutant() {
            true => {
                parameters.with_switch("planted", "whether the bug is there; without it the run is a control", true)
            }
            false => parameters,
        }
    }

    fn roles(&self, parameters: &Parameters) -> Roles {
        Roles { resources: Vec::new(), ..Roles::election(parameters) }
    }

    fn build(&self, bed: &Bed) {
        let is_planted = bed.parameters().find_switch("planted") != Some(false);
        let mutant = self.server.filter(|_| is_planted);
        servers::add(bed, |config| server::Config { mutant, ..config });
        for name in &bed.roles().candidates {
            let (work, own_name, mutant) = (self.work, name.clone(), self.client.filter(|_| is_planted));
            let (servers, session_timeout) = (bed.connect_string(), bed.parameters().duration("session_timeout"));
            bed.add_node(name, move || {
                let mut worker = Worker::new(&own_name, &servers, session_timeout);
                worker.config.mutant = mutant;
                work(worker)
            });
        }
    }

    fn monitors(&self, parameters: &Parameters, _families: &BTreeSet<Family>) -> Monitors {
        let monitors = Monitors::of_service(bounds::of_election(parameters));
        let monitors = monitors.with(Progress::within(self.liveness_bound(parameters)));
        monitors.with(Linearizable::as_model(self.model))
    }

    fn liveness_bound(&self, parameters: &Parameters) -> Duration {
        bounds::of_service(parameters)
    }

    fn required_points(&self, families: &BTreeSet<Family>) -> Required {
        if self.planted.is_some() {
            return Required::default();
        }
        let mut points = vec![sometimes::LINEARIZABLE];
        let has_all = families.len() == Family::ALL.len();
        if has_all {
            points.extend([
                sometimes::ENSEMBLE_LEADER_CHANGED,
                sometimes::ENSEMBLE_LEADER_CRASHED_OUTSTANDING,
                sometimes::SYNCHRONISED_BY_DIFF,
                sometimes::SYNCHRONISED_BY_TRUNC,
                sometimes::SYNCHRONISED_BY_SNAP,
                sometimes::QUORUM_LOST_POWER,
                sometimes::FOLLOWER_CUT_OFF,
                sometimes::SESSION_MOVED,
                sometimes::EXPIRED_WHILE_CLIENT_LIVED,
                sometimes::RECONNECTED,
                sometimes::UNANSWERED,
            ]);
        }
        Required::points(points)
    }

    fn planted(&self) -> Option<Planted> {
        self.planted
    }

    fn control(&self) -> Control {
        match (self.has_mutant(), self.strict_sync) {
            (true, _) => WITHOUT_THE_BUG,
            (false, false) => {
                Control::Is { what: "a quorum confirms each sync", settings: &[("strict_sync", "true")], without: &[] }
            }
            (false, true) => Control::Missing,
        }
    }
}

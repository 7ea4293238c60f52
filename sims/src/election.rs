//! Elections on the service: servers, candidates that lead and act, and the resource they act on.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use check::{Bounds, Candidacies, Monitors, Overlap, Promise, Promises, Required, sometimes};
use election::candidate::{self, Options};
use election::resource::{self, Fencing};
use election::{Docs, Holds, Strategy};
use interregnum::schedule::Family;
use interregnum::{Bed, Control, Parameters, Planted, Profile, Scenario, bounds, servers};

use crate::{janitor, judged, profile};

/// Where the candidates meet.
pub const ROOT: &str = "/election";

/// The port of the resource.
const RESOURCE_PORT: u16 = 9000;

/// An election with one strategy, and with a planted bug or none. The bugs sit in one of three places; what is not
/// named is as it should be.
pub struct Election {
    /// The scenario's name.
    pub name: &'static str,
    /// What it shows.
    pub about: &'static str,
    /// Makes the strategy.
    pub strategy: fn() -> Arc<dyn Strategy>,
    /// The bug in the candidate's program.
    pub candidate: Option<election::Mutant>,
    /// The bug in the server.
    pub server: Option<server::Mutant>,
    /// Whether the resource looks at tokens.
    pub fencing: Fencing,
    /// How long a leader works on each act.
    pub work: Duration,
    /// After how long at most a candidate resigns, to come back a little later; `None` for candidates that stay.
    pub restless: Option<Duration>,
    /// A node that now and then deletes the znode of the election with all below, as an operator's script would.
    pub janitor: bool,
    /// What it is held to, if that is not what the strategy promises.
    pub claims: Option<fn() -> Promises>,
    /// What the bug breaks.
    pub planted: Option<Planted>,
    /// The session timeout, unless somebody says otherwise.
    pub session_timeout: &'static str,
    /// Makes the strategy without its bug, where the bug is in the strategy.
    pub sound: Option<fn() -> Arc<dyn Strategy>>,
    /// How the bug is put right, if that is more than to leave it out.
    pub control: Option<Control>,
    /// Settings of the strategy that have a name.
    pub profiles: &'static [Profile],
    /// How long two may believe at once, if it states that.
    pub overlap: Option<fn(&Parameters) -> Duration>,
    /// Parameters of its own, or other defaults.
    pub parameters: fn(Parameters) -> Parameters,
}

impl Election {
    /// An election as it should be.
    pub const fn new(name: &'static str, about: &'static str, strategy: fn() -> Arc<dyn Strategy>) -> Election {
        Election {
            name,
            about,
            strategy,
            candidate: None,
            server: None,
            fencing: Fencing::Checked,
            work: Duration::from_millis(20),
            restless: None,
            janitor: false,
            claims: None,
            planted: None,
            session_timeout: "6s",
            sound: None,
            control: None,
            profiles: &[],
            overlap: None,
            parameters: |standard| standard,
        }
    }

    fn bounds(&self, parameters: &Parameters) -> Bounds {
        // Whoever resigns hands over: a leader may go at any time.
        Bounds { rotates: self.restless.is_some(), ..bounds::of_election(parameters) }
    }

    /// Whether the bug is there. Without it the run is a control.
    fn is_planted(parameters: &Parameters) -> bool {
        parameters.find_switch("planted") != Some(false)
    }

    fn strategy(&self, parameters: &Parameters) -> Arc<dyn Strategy> {
        match self.sound {
            Some(sound) if !Election::is_planted(parameters) => sound(),
            _ => (self.strategy)(),
        }
    }

    fn fencing(&self, parameters: &Parameters) -> Fencing {
        match parameters.choice("fencing") {
            "checked" => Fencing::Checked,
            "unchecked" => Fencing::Unchecked,
            _ => self.fencing,
        }
    }

    /// Whether each of its sessions is held to one candidacy at most: what the documented recipe sees to. Other bugs are
    /// left to the monitors that are meant for them.
    fn stands_once(&self) -> bool {
        let is_meant = |planted: Planted| planted.caught_by.contains(&"candidacies");
        (self.strategy)().name() == "docs" && self.planted.is_none_or(is_meant)
    }

    fn promised(&self, parameters: &Parameters) -> Promises {
        let mut promises = match self.claims {
            Some(claims) => claims(),
            None => {
                let strategy = self.strategy(parameters);
                let promise = match bounds::followers_may_outlast_sessions(parameters) {
                    true => strategy.promise_with_followers(),
                    false => strategy.promise(),
                };
                promises_of(&promise)
            }
        };
        let is_told = parameters.choice("fencing") == "unchecked";
        if is_told || self.claims.is_none() && self.fencing(parameters) == Fencing::Unchecked {
            // The strategy's word is for a resource that looks at its tokens.
            promises.effect = Promise::without_faults();
        }
        promises
    }
}

/// The control of a bug that is simply left out.
pub const WITHOUT_THE_BUG: Control =
    Control::Is { what: "without the bug", settings: &[("planted", "false")], without: &[] };

/// `election/docs`: the documented recipe, done carefully.
pub static DOCS: Election = Election::new(
    "election/docs",
    "the documented recipe done carefully: at most one leader takes effect, and a new one comes soon",
    || Arc::new(Docs::new(ROOT)),
);

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
        let parameters = judged::with_choice((self.parameters)(parameters)).with_choice(
            "fencing",
            "whether the resource looks at tokens",
            "default",
            &["default", "checked", "unchecked"],
        );
        match self.planted {
            Some(_) => {
                parameters.with_switch("planted", "whether the bug is there; without it the run is a control", true)
            }
            None => parameters,
        }
    }

    fn build(&self, bed: &Bed) {
        let parameters = bed.parameters();
        let is_planted = Election::is_planted(parameters);
        let mutant = self.server.filter(|_| is_planted);
        servers::add(bed, |config| server::Config { mutant, ..config });
        for vault in &bed.roles().resources {
            let options = resource::Options {
                address: ([0, 0, 0, 0], RESOURCE_PORT).into(),
                directory: PathBuf::from("/fence"),
                fencing: self.fencing(parameters),
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
        let mut options = Options::new(self.strategy(parameters), &bed.connect_string())
            .with_session_timeout(parameters.duration("session_timeout"));
        if let Some(vault) = bed.roles().resources.first() {
            options = options.with_resource(&format!("{vault}:{RESOURCE_PORT}"));
        }
        if let Some(mutant) = self.candidate.filter(|_| is_planted) {
            options = options.with_mutant(mutant);
        }
        options.work = self.work;
        options.restless = self.restless;
        if self.janitor {
            janitor::add(bed, ROOT);
        }
        options.profile = profile::of_clients(bed.parameters());
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
        let judged = judged::chosen(parameters, &self.promised(parameters), families);
        let mut monitors = Monitors::standard(judged, self.bounds(parameters));
        if let Some(overlap) = self.overlap {
            // A stalled process goes when it wakes up.
            let promised = !families.contains(&Family::Pause);
            monitors = monitors.with(Overlap::ends_within(overlap(parameters), promised));
        }
        if self.stands_once() {
            return monitors.with(Candidacies::known_within(bounds::of_candidacies(parameters)));
        }
        monitors
    }

    fn liveness_bound(&self, parameters: &Parameters) -> Duration {
        self.bounds(parameters).failover
    }

    fn required_points(&self, families: &BTreeSet<Family>) -> Required {
        // What is held to more than its strategy promises is there to be broken.
        if self.planted.is_some() || self.claims.is_some() {
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
        needs(&[Family::Session], &[sometimes::RECONNECTED]);
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
        let promise = self.strategy(&self.parameters()).promise();
        if promise.failover == Holds::Always {
            // Whoever promises a leader whatever reply is lost must have lost some.
            needs(&[Family::Session], &[sometimes::UNANSWERED]);
        }
        if promise.belief != Holds::WITHOUT_FAULTS {
            // Who promises nothing may not even hear that it was deposed.
            needs(&[Family::Partition, Family::Session], &[sometimes::LEADER_DEPOSED_ALIVE]);
        }
        required
    }

    fn planted(&self) -> Option<Planted> {
        self.planted
    }

    fn promises(&self, parameters: &Parameters) -> Option<Promises> {
        Some(self.promised(parameters))
    }

    fn profiles(&self) -> &'static [Profile] {
        self.profiles
    }

    fn control(&self) -> Control {
        let can_be_left_out = self.sound.is_some() || self.candidate.is_some() || self.server.is_some();
        match self.control {
            Some(control) => control,
            None if can_be_left_out => WITHOUT_THE_BUG,
            None => Control::Missing,
        }
    }
}

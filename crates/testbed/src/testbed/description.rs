//! What the body of a test has said.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use check::{Bounds, Failover, Monitor, Monitors, Report, Sometimes};
use election::resource::{self, Fencing};
use history::{Event, Record, ResourceEvent};

use super::{Exit, Faults, Node, vault};
use crate::bed::Bed;
use crate::error::UserError;
use crate::outcome::Outcome;
use crate::parameters::Parameters;
use crate::roles::Roles;
use crate::{bounds, servers, span};

/// Where a vault keeps its fence.
const FENCE: &str = "/fence";

/// The checks that say nothing unless somebody is elected.
pub(crate) const LEADER_NEEDED: [&str; 4] =
    ["single-leader/belief", "single-leader/effect", "single-leader/order", "failover"];

type Program = Arc<dyn Fn(Node) -> Pin<Box<dyn Future<Output = ()>>> + Send + Sync>;

/// A machine and what runs on it.
#[derive(Clone)]
pub(super) struct NodePlan {
    pub(super) name: String,
    program: Program,
}

impl NodePlan {
    pub(super) fn new<F, Fut>(name: &str, program: F) -> NodePlan
    where
        F: Fn(Node) -> Fut + Send + Sync + 'static,
        Fut: Future + 'static,
        Fut::Output: Exit,
    {
        let program: Program = Arc::new(move |node: Node| {
            let (name, running) = (node.clone(), program(node));
            Box::pin(async move {
                if let Err(why) = running.await.exit() {
                    tracing::info!(node = name.name(), %why, "the program ends");
                    host::tell(Event::Note { topic: "exit".into(), text: why });
                }
            })
        });
        NodePlan { name: name.to_owned(), program }
    }
}

/// A resource and whether it looks at tokens.
#[derive(Clone)]
pub(super) struct VaultPlan {
    pub(super) name: String,
    pub(super) fencing: Fencing,
}

/// What the body of a test has said.
pub(crate) struct Description {
    pub(crate) directory: PathBuf,
    pub(super) servers: u32,
    pub(super) tick: Option<Duration>,
    pub(super) session_timeout: Option<Duration>,
    pub(super) nodes: Vec<NodePlan>,
    pub(super) vaults: Vec<VaultPlan>,
    pub(crate) faults: Faults,
    pub(crate) checks: Vec<Box<dyn Monitor>>,
    pub(super) checks_service: bool,
    /// Said when the body waits for the run.
    pub(crate) length: Option<Duration>,
    /// What the body waits for.
    pub(crate) outcome: Option<Outcome>,
}

impl Description {
    pub(super) fn new(directory: &Path) -> Description {
        Description {
            directory: directory.to_owned(),
            servers: 0,
            tick: None,
            session_timeout: None,
            nodes: Vec::new(),
            vaults: Vec::new(),
            faults: Faults::swarm(),
            checks: Vec::new(),
            checks_service: false,
            length: None,
            outcome: None,
        }
    }

    /// Whether a node may be called so.
    #[track_caller]
    pub(super) fn require_name(&self, name: &str) {
        let is_of_server = name.strip_prefix("zk").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
        assert!(!is_of_server, "`{name}` is the name of a server: call the node otherwise");
        let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        assert!(is_name, "`{name}` is no name for a node: a letter, then letters, digits, `-` and `_`");
        let taken = self.roles().all().any(|taken| taken == name);
        assert!(!taken, "there is a node `{name}` already");
    }

    pub(crate) fn roles(&self) -> Roles {
        Roles {
            servers: (1..=self.servers).map(|number| format!("zk{number}")).collect(),
            candidates: self.nodes.iter().map(|node| node.name.clone()).collect(),
            resources: self.vaults.iter().map(|vault| vault.name.clone()).collect(),
        }
    }

    /// What was said, as parameters: what they are by default in this test. How many nodes there are is fixed.
    pub(crate) fn parameters(&self) -> Result<Parameters, UserError> {
        let (servers, nodes) = (self.servers, u32::try_from(self.nodes.len()).expect("nodes can be counted"));
        let mut parameters = Parameters::standard()
            .with_count("servers", "servers of the coordination service, as the test says", servers, servers..=servers)
            .with_count("candidates", "nodes with programs, as the test says", nodes, nodes..=nodes);
        let said = [("tick", self.tick), ("session_timeout", self.session_timeout), ("length", self.length)];
        for (key, value) in said {
            if let Some(value) = value {
                parameters.set(key, &span::show(value))?;
            }
        }
        Ok(parameters)
    }

    /// How long the phase without faults has to be: as long as the most patient check needs, or, if none says so, as it
    /// takes the service to elect.
    pub(crate) fn patience(&self, parameters: &Parameters) -> Duration {
        let patience = self.checks.iter().map(|check| check.patience()).max().unwrap_or_default();
        match patience.is_zero() && self.servers > 0 {
            true => bounds::of_election(parameters).failover,
            false => patience,
        }
    }

    /// All that watches a run, with the monitors taken out of the description.
    pub(crate) fn take_monitors(&mut self, parameters: &Parameters) -> Monitors {
        let bounds: Bounds = bounds::of_election(parameters);
        let monitors = match self.checks_service {
            true => Monitors::of_service(bounds),
            false => Monitors::new().with(Sometimes::new()),
        };
        let measures = self.checks.iter().any(|check| check.name() == "failover");
        for check in std::mem::take(&mut self.checks) {
            monitors.add(check);
        }
        let monitors = monitors.with(ReachedActs);
        match measures {
            true => monitors,
            // The times without a leader are worth knowing though nobody bounds them.
            false => monitors.with(Failover::within(bounds.failover).promised(false)),
        }
    }

    /// Takes what is to be built.
    pub(crate) fn take_builder(&mut self) -> impl FnOnce(&Bed) + Send + use<> {
        let (nodes, vaults) = (std::mem::take(&mut self.nodes), std::mem::take(&mut self.vaults));
        move |bed: &Bed| {
            servers::add(bed, |config| config);
            vaults.into_iter().for_each(|vault| add_vault(bed, vault));
            for NodePlan { name, program } in nodes {
                let node = Node::new(&name);
                bed.add_node(&name, move || program(node.clone()));
            }
        }
    }
}

fn add_vault(bed: &Bed, vault: VaultPlan) {
    let options = resource::Options {
        address: ([0, 0, 0, 0], vault::PORT).into(),
        directory: PathBuf::from(FENCE),
        fencing: vault.fencing,
    };
    bed.add_node(&vault.name, move || {
        let options = options.clone();
        async move {
            if let Err(error) = resource::run(options).await {
                tracing::info!(%error, "the vault ends");
            }
        }
    });
}

/// Counts the acts that took effect: a check of effects that never saw one has checked nothing.
pub(crate) struct ReachedActs;

impl ReachedActs {
    /// The point that is counted.
    pub(crate) const POINT: &str = "an act took effect";
}

impl Monitor for ReachedActs {
    fn name(&self) -> &'static str {
        "acts"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        if matches!(record.event, Event::Resource(ResourceEvent::Accepted { .. })) {
            report.sometimes(ReachedActs::POINT);
        }
    }
}

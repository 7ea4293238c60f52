//! The third attempt: the nodes elect their leader. All watch its health; when it fails another one is elected, and when
//! the old one comes back it works as a regular node.
//!
//! What has come in and what is done stands in the coordination service, so that a new leader goes on where the old one
//! stopped.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use check::{Bounds, Monitors, Required, sometimes};
use client::{Client, Config};
use election::work::{Board, node};
use election::{Docs, Strategy};
use interregnum::schedule::Family;
use interregnum::{Bed, Control, Parameters, Planted, Roles, Scenario, bounds, servers};
use tokio::sync::watch;

use super::desk::{self, Counter};
use super::{PATIENCE, WORKER_PORT, directory, worker_options};
use crate::election::{ROOT, WITHOUT_THE_BUG, promises_of};

/// So long the desk waits before it asks the service again what was not answered well.
const RETRY_PAUSE: Duration = Duration::from_millis(200);

/// `ladder/elected`.
pub static ELECTED: Elected = Elected {
    name: "ladder/elected",
    about: "the third attempt: the nodes elect their leader; no task is lost",
    mutant: None,
    planted: None,
};

/// Tasks distributed by whoever is elected, with a planted bug or none.
pub struct Elected {
    /// The scenario's name.
    pub name: &'static str,
    /// What it shows.
    pub about: &'static str,
    /// The bug in the work.
    pub mutant: Option<election::Mutant>,
    /// What the bug breaks.
    pub planted: Option<Planted>,
}

fn strategy() -> Docs {
    Docs::new(ROOT)
}

impl Elected {
    fn node_options(&self, bed: &Bed) -> node::Options {
        let mut options = node::Options::new(Arc::new(strategy()), &bed.connect_string(), WORKER_PORT, &directory())
            .with_session_timeout(bed.parameters().duration("session_timeout"));
        options.worker = worker_options();
        options.patience = PATIENCE;
        match self.mutant.filter(|_| bed.parameters().find_switch("planted") != Some(false)) {
            Some(mutant) => options.with_mutant(mutant),
            None => options,
        }
    }
}

/// Puts on the board how many tasks have come in.
struct ToBoard {
    last: watch::Sender<u64>,
}

impl ToBoard {
    fn new(board: Board, config: Config) -> ToBoard {
        let (last, receiver) = watch::channel(0);
        host::spawn(publish(board, config, receiver));
        ToBoard { last }
    }
}

impl Counter for ToBoard {
    fn pass_on(&mut self, task: u64) {
        self.last.send_replace(task);
    }
}

/// Publishes each new number until the service has it, through as many sessions as it takes.
async fn publish(board: Board, config: Config, mut last: watch::Receiver<u64>) {
    let mut client = Client::connect(config.clone());
    while last.changed().await.is_ok() {
        loop {
            // In the meantime there may be more.
            let task = *last.borrow_and_update();
            match board.publish(&client, task).await {
                Ok(()) => break,
                Err(error) if error.is_session_over() => client = Client::connect(config.clone()),
                Err(_) => {}
            }
            host::sleep(RETRY_PAUSE).await;
        }
    }
}

impl Scenario for Elected {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn parameters(&self) -> Parameters {
        match self.planted {
            Some(_) => super::parameters().with_switch(
                "planted",
                "whether the bug is there; without it the run is a control",
                true,
            ),
            None => super::parameters(),
        }
    }

    fn roles(&self, parameters: &Parameters) -> Roles {
        super::roles(parameters)
    }

    fn build(&self, bed: &Bed) {
        servers::add(bed, |config| config);
        let options = self.node_options(bed);
        for name in &bed.roles().candidates {
            let options = options.clone();
            bed.add_node(name, move || {
                let options = options.clone();
                async move {
                    // What ends a node is its disk; its supervisor starts it anew.
                    let Err(error) = node::run(options).await;
                    tracing::info!(%error, "the node ends");
                }
            });
        }
        let config = Config::new(&bed.connect_string()).expect("the testbed writes right connect strings");
        let config = config.with_session_timeout(options.session_timeout);
        desk::add(bed, move || ToBoard::new(options.board.clone(), config.clone()));
    }

    fn monitors(&self, parameters: &Parameters, families: &BTreeSet<Family>) -> Monitors {
        let promise = match bounds::followers_may_outlast_sessions(parameters) {
            true => strategy().promise_with_followers(),
            false => strategy().promise(),
        };
        let names = families.iter().map(|family| family.name());
        let judged = promises_of(&promise).judged_under(names).expect("monitors and schedules name the same families");
        let bounds = Bounds { tasks: Some(super::bound(parameters)), ..bounds::of_election(parameters) };
        Monitors::standard(judged, bounds)
    }

    fn liveness_bound(&self, parameters: &Parameters) -> Duration {
        super::bound(parameters)
    }

    fn required_points(&self, families: &BTreeSet<Family>) -> Required {
        if self.planted.is_some() || families.len() < Family::ALL.len() {
            return Required::default();
        }
        Required::points([
            sometimes::FAILOVER,
            sometimes::TASK_DONE,
            sometimes::TASK_DONE_AGAIN,
            sometimes::TASK_REASSIGNED,
            sometimes::FORMER_LEADER_WORKED,
        ])
    }

    fn planted(&self) -> Option<Planted> {
        self.planted
    }

    fn control(&self) -> Control {
        match self.mutant {
            Some(_) => WITHOUT_THE_BUG,
            None => Control::Missing,
        }
    }
}

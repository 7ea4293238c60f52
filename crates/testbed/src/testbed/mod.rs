//! The bed of a user's test: a builder that a test's body describes its machine room with.
//!
//! The body of a test *describes*; it does not act. It runs outside of the simulation, up to [`Testbed::run_for`]; then the
//! world is built from what it said, the schedule acts, and the body goes on with what came of it. All of this happens
//! anew for every run, so that whatever the body makes (counters, channels, monitors) lives as long as one run. The body is
//! called a few times more, to ask who is in the bed and to make the schedule.
//!
//! What a bed refuses: to be asked or changed while the run goes on. It cannot be sent into a node's program.

mod description;
mod exit;
mod faults;
mod node;
mod run_for;
mod service;
mod single_leader;
mod vault;

use std::cell::RefCell;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use check::Monitor;

pub use exit::Exit;
pub use faults::{Faults, Generator};
pub use node::{Lead, Node, NodeBuilder};
pub use run_for::RunFor;
pub use service::Ensemble;
pub use single_leader::SingleLeader;
pub use vault::{Vault, VaultHandle};

pub(crate) use description::{Description, LEADER_NEEDED, ReachedActs};
use description::{NodePlan, VaultPlan};

/// So many servers an ensemble has at most.
const SERVERS_MAX: u32 = 9;

/// The bed of a test. A clone is another handle on the same one.
#[derive(Clone)]
pub struct Testbed(Rc<RefCell<Description>>);

impl Testbed {
    /// An empty bed; files are looked for from this directory.
    pub(crate) fn new(directory: &Path) -> Testbed {
        Testbed(Rc::new(RefCell::new(Description::new(directory))))
    }

    /// Puts a coordination service into the bed: `zk1`, `zk2`, …, an ensemble if they are several. Said again, the later
    /// number counts.
    ///
    /// # Panics
    /// If `servers` is not between 1 and 9.
    #[track_caller]
    pub fn ensemble(&self, servers: u32) -> Ensemble {
        assert!((1..=SERVERS_MAX).contains(&servers), "an ensemble has 1 to {SERVERS_MAX} servers, not {servers}");
        self.describe(|description| description.servers = servers);
        self.service()
    }

    /// The coordination service of this bed.
    ///
    /// # Panics
    /// If there is none: [`Testbed::ensemble`] and the option `servers` make one.
    #[track_caller]
    pub fn service(&self) -> Ensemble {
        let description = self.0.borrow();
        let why = "this bed has no coordination service: say `bed.ensemble(3)`, or the option `servers = 3`";
        assert!(description.servers > 0, "{why}");
        Ensemble::new(&description)
    }

    /// The service's unit of time, two seconds unless said; sessions last two to twenty of it. Said before
    /// [`Testbed::ensemble`] is asked for its bounds.
    pub fn tick(&self, tick: Duration) -> &Testbed {
        self.describe(|description| description.tick = Some(tick))
    }

    /// The session timeout of the clients in this bed, six seconds unless said. The clients themselves have to ask for it:
    /// here it says around what the faults last, for there elections break.
    pub fn session_timeout(&self, timeout: Duration) -> &Testbed {
        self.describe(|description| description.session_timeout = Some(timeout))
    }

    /// Puts a machine into the bed; [`NodeBuilder::run`] says what runs on it.
    ///
    /// # Panics
    /// If the name is taken, is that of a server (`zk1`), or is no name: a letter, then letters, digits and `-`.
    #[track_caller]
    pub fn node(&self, name: &str) -> NodeBuilder<'_> {
        self.0.borrow().require_name(name);
        NodeBuilder::new(self, name)
    }

    /// Puts a fenced resource into the bed: a machine of its own that keeps the highest token it has seen on its disk,
    /// and refuses acts under an older one. What leaders do to it is what [`SingleLeader::effect`] judges.
    ///
    /// # Panics
    /// As for [`Testbed::node`].
    #[track_caller]
    pub fn vault(&self, name: &str) -> Vault {
        self.add_vault(name, election::resource::Fencing::Checked)
    }

    /// Puts a resource into the bed that does *not* look at tokens: every act takes effect. To see what an election is
    /// worth without fencing.
    ///
    /// # Panics
    /// As for [`Testbed::node`].
    #[track_caller]
    pub fn unfenced_vault(&self, name: &str) -> Vault {
        self.add_vault(name, election::resource::Fencing::Unchecked)
    }

    #[track_caller]
    fn add_vault(&self, name: &str, fencing: election::resource::Fencing) -> Vault {
        self.0.borrow().require_name(name);
        self.describe(|description| description.vaults.push(VaultPlan { name: name.to_owned(), fencing }));
        Vault::new(name)
    }

    /// What goes wrong; [`Faults::swarm`] unless said. Said again, the later counts.
    pub fn faults(&self, faults: Faults) -> &Testbed {
        self.describe(|description| description.faults = faults)
    }

    /// Adds a monitor: one of those that come along ([`SingleLeader`], [`Failover`](crate::Failover), …) or one of your
    /// own.
    pub fn check(&self, monitor: impl Monitor + 'static) -> &Testbed {
        self.describe(|description| description.checks.push(Box::new(monitor)))
    }

    /// Watches the coordination service as well: sessions, ephemerals, sequence numbers, watches, the broadcast. For who
    /// changes the service, or doubts it; those who only use it have less to wait for without.
    pub fn check_service(&self) -> &Testbed {
        self.describe(|description| description.checks_service = true)
    }

    /// Runs for so long, in virtual time. The last part is free of faults, so that it can be seen whether a leader comes.
    ///
    /// Gives what came of the run, if everything held: a body that goes on may ask it for more, and panic if it does not
    /// like the answer. If something broke, the body does not go on.
    ///
    /// # Panics
    /// If it is called a second time: a test is one run.
    #[track_caller]
    pub fn run_for(&self, length: Duration) -> RunFor {
        let already = self.0.borrow().length;
        assert!(already.is_none(), "`run_for` was called before: a test is one run, under many seeds");
        RunFor::new(self.clone(), length)
    }

    #[track_caller]
    fn describe(&self, change: impl FnOnce(&mut Description)) -> &Testbed {
        let description = &mut *self.0.borrow_mut();
        assert!(description.length.is_none(), "the run is over: what is in the bed is said before `run_for`");
        change(description);
        self
    }

    #[track_caller]
    fn add_node<F, Fut>(&self, name: &str, program: F)
    where
        F: Fn(Node) -> Fut + Send + Sync + 'static,
        Fut: Future + 'static,
        Fut::Output: Exit,
    {
        let program = NodePlan::new(name, program);
        // Between `node` and `run` another one may have taken the name.
        self.0.borrow().require_name(name);
        self.describe(|description| description.nodes.push(program));
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&mut Description) -> T) -> T {
        read(&mut self.0.borrow_mut())
    }
}

/// A file beside the test: relative to the directory of its package.
pub(crate) fn beside(directory: &Path, file: &Path) -> PathBuf {
    directory.join(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secs;

    fn bed() -> Testbed {
        Testbed::new(Path::new("/package"))
    }

    fn complaint(wrong: impl FnOnce(&Testbed)) -> String {
        let bed = bed();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| wrong(&bed)));
        let payload = caught.expect_err("it is refused");
        payload
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).into()))
            .unwrap()
    }

    #[test]
    fn what_is_said_is_in_the_bed() {
        let bed = bed();
        assert_eq!(bed.ensemble(3).connect_string(), "zk1:2181,zk2:2181,zk3:2181");
        assert_eq!(bed.vault("vault").address(), "vault:9000");
        bed.node("a").run(|_| async {});
        bed.node("b-2").run(|_| async {});
        bed.tick(secs(1)).session_timeout(secs(4)).faults(Faults::none()).check(SingleLeader::belief());
        let (roles, checks) = bed.read(|description| (description.roles(), description.checks.len()));
        assert_eq!(roles.servers, ["zk1", "zk2", "zk3"]);
        assert_eq!(roles.candidates, ["a", "b-2"]);
        assert_eq!(roles.resources, ["vault"]);
        assert_eq!(checks, 1);
    }

    #[test]
    fn mistakes_are_one_clear_line() {
        let taken = complaint(|bed| {
            bed.node("a").run(|_| async {});
            bed.vault("a");
        });
        assert_eq!(taken, "there is a node `a` already");
        assert_eq!(complaint(|bed| drop(bed.node("zk1"))), "`zk1` is the name of a server: call the node otherwise");
        for name in ["", "1", "@leader", "a b", "a:1"] {
            assert!(complaint(|bed| drop(bed.node(name))).contains("is no name for a node"), "{name}");
        }
        assert_eq!(complaint(|bed| drop(bed.ensemble(0))), "an ensemble has 1 to 9 servers, not 0");
        assert!(complaint(|bed| drop(bed.service())).contains("say `bed.ensemble(3)`"));
    }
}

//! A node, as its program sees it: what it is called, and how it tells what it believes.

use std::future::Future;

use history::{Event, LeadershipEvent, NodeName, ResourceEvent, Term};
use host::sim::World;

use super::{Exit, Testbed};

/// A machine that is being put into a bed.
#[must_use = "a node without a program does nothing: `bed.node(\"a\").run(|node| …)`"]
pub struct NodeBuilder<'a> {
    bed: &'a Testbed,
    name: String,
}

impl<'a> NodeBuilder<'a> {
    pub(super) fn new(bed: &'a Testbed, name: &str) -> NodeBuilder<'a> {
        NodeBuilder { bed, name: name.to_owned() }
    }

    /// What runs on the machine: called at its start, and again at every later start, as `main` would be. Whatever the
    /// program has in memory is gone then; its disk (`host::fs`) is what faults have left of it.
    ///
    /// A program that returns is started again after a second, as an init system would.
    ///
    /// # Panics
    /// If the name was taken since.
    #[track_caller]
    pub fn run<F, Fut>(self, program: F)
    where
        F: Fn(Node) -> Fut + Send + Sync + 'static,
        Fut: Future + 'static,
        Fut::Output: Exit,
    {
        self.bed.add_node(&self.name, program);
    }
}

/// A node, for its own program: its name, and the ways to tell the monitors what the program believes and does.
///
/// Code that is to stay free of Interregnum tells the same by `tracing` events: see [`leadership`](crate::leadership).
#[derive(Clone, Debug)]
pub struct Node {
    name: NodeName,
}

impl Node {
    pub(super) fn new(name: &str) -> Node {
        Node { name: NodeName::new(name) }
    }

    /// What the machine is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Tells that this node believes from now on that it leads, under this fencing token: the creation zxid of its znode,
    /// an epoch, whatever grows from one leadership to the next. It believes so until the guard is dropped, or its
    /// process ends.
    pub fn lead(&self, token: i64) -> Lead {
        host::tell(Event::Leadership(LeadershipEvent::Elected { term: Term(token) }));
        Lead { node: self.clone(), token, reason: "the guard was dropped".to_owned() }
    }

    /// Tells that this node takes part in an election with this znode. Makes reports clearer; nobody judges it.
    pub fn candidate(&self, path: &str) {
        host::tell(Event::Leadership(LeadershipEvent::Candidate { path: path.to_owned() }));
    }

    /// Tells that this node waits for this znode to go. Makes reports clearer; nobody judges it.
    pub fn waiting(&self, on: &str) {
        host::tell(Event::Leadership(LeadershipEvent::Waiting { on: on.to_owned() }));
    }

    /// For the program of a resource of your own: an act of `by` under this token has taken effect here.
    pub fn accepted(&self, token: i64, by: &str, act: &str) {
        let (term, by, act) = (Term(token), NodeName::new(by), act.to_owned());
        host::tell(Event::Resource(ResourceEvent::Accepted { term, by, act }));
    }

    /// For the program of a resource of your own: an act of `by` under this token was refused, for a higher one was seen.
    pub fn refused(&self, token: i64, highest: i64, by: &str) {
        let (term, highest, by) = (Term(token), Term(highest), NodeName::new(by));
        host::tell(Event::Resource(ResourceEvent::Refused { term, highest, by }));
    }

    /// Counts that a point of interest was reached: [`Outcome::sometimes`](crate::Outcome::sometimes) has the counts.
    pub fn sometimes(&self, point: &str) {
        host::tell_sometimes(point);
    }

    /// Writes a line into the story of the run.
    pub fn note(&self, text: &str) {
        host::tell(Event::Note { topic: self.name.to_string(), text: text.to_owned() });
    }

    /// Whether its process runs: what is dropped with a process that was killed tells nothing any more.
    fn lives(&self) -> bool {
        World::try_current().is_some_and(|world| world.is_running(&self.name))
    }
}

/// A belief to lead, from [`Node::lead`]. Dropping it ends the belief.
#[must_use = "dropped, the belief is over"]
#[derive(Debug)]
pub struct Lead {
    node: Node,
    token: i64,
    reason: String,
}

impl Lead {
    /// The fencing token.
    pub fn token(&self) -> i64 {
        self.token
    }

    /// Ends the belief, and says why.
    pub fn end(mut self, reason: &str) {
        reason.clone_into(&mut self.reason);
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        if self.node.lives() {
            let (term, reason) = (Term(self.token), std::mem::take(&mut self.reason));
            host::tell(Event::Leadership(LeadershipEvent::Deposed { term, reason }));
        }
    }
}

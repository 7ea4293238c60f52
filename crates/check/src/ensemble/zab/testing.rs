//! Histories of ensembles for the tests of the rules.

use super::{Rule, Zab};
use crate::Report;
use crate::testing::{History, broadcast, delivered, established, member_recovered, serving, synchronising, zxid};

impl History {
    /// Three servers begin with nothing, and the first is established under epoch 1.
    pub(super) fn ensemble() -> History {
        History::new()
            .tell("zk1", member_recovered(1, 0, 0))
            .tell("zk2", member_recovered(2, 0, 0))
            .tell("zk3", member_recovered(3, 0, 0))
            .tell("zk1", synchronising(1))
            .tell("zk1", established(1, 0))
            .tell("zk1", serving(0))
    }

    /// A primary broadcasts a transaction; its content follows from its zxid.
    pub(super) fn broadcasts(self, node: &str, epoch: u32, counter: u32) -> History {
        self.tell(node, broadcast(zxid(epoch, counter), epoch * 100 + counter))
    }

    /// Servers deliver a transaction with the content with which it was broadcast.
    pub(super) fn deliver(self, nodes: &[&str], epoch: u32, counter: u32) -> History {
        self.each(nodes, &[delivered(zxid(epoch, counter), epoch * 100 + counter)])
    }

    /// Another server leads, with the initial history up to this transaction, which it has delivered by the time it
    /// serves.
    pub(super) fn led_by(self, node: &str, epoch: u32, initial: i64) -> History {
        self.tell(node, synchronising(epoch)).tell(node, established(epoch, initial)).tell(node, serving(initial))
    }

    /// What this rule alone says.
    pub(super) fn ruled_by(&self, rule: impl Rule + 'static) -> Report {
        self.judge(Zab::with(vec![Box::new(rule)]))
    }

    /// What all rules say together is nothing.
    #[track_caller]
    pub(super) fn assert_keeps_all_rules(&self) {
        self.judge(Zab::new()).assert_clean();
    }
}

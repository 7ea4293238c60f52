//! At most one leader, in three strengths, for short.

use check::{Belief, Effect, Order};

/// The three strengths of "at most one leader", as monitors for [`Testbed::check`](crate::Testbed::check).
///
/// Few elections have all three: a process that stalls believes on while its session runs out, so belief cannot be
/// promised where processes stall. What counts is the effect.
pub struct SingleLeader;

impl SingleLeader {
    /// No two nodes believe at the same instant that they lead.
    pub fn belief() -> Belief {
        Belief::new()
    }

    /// No act of a deposed leader takes effect on a resource: the tokens of acts that take effect never go back, and one
    /// token belongs to one node. Needs acts on a [`Vault`](crate::Vault), or told by
    /// [`Node::accepted`](crate::Node::accepted).
    pub fn effect() -> Effect {
        Effect::new()
    }

    /// Leaders come in the order of their tokens.
    pub fn order() -> Order {
        Order::new()
    }
}

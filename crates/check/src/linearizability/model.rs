//! What an object does when one caller uses it at a time.

use std::fmt;
use std::hash::Hash;

/// The sequential specification of an object, against which a concurrent history is checked.
pub trait Model {
    /// What a caller asks for.
    type Input: Clone + Eq + Hash + fmt::Debug;
    /// What the object answers.
    type Output: Clone + Eq + fmt::Debug;
    /// Everything the object remembers.
    type State: Clone + Eq + Hash + fmt::Debug;

    /// The state before the first call.
    fn initial(&self) -> Self::State;

    /// The state after `input` took effect in `state` and was answered by `answer`; `None` if the object cannot have
    /// answered that. Without an answer (nobody has seen one) every answer is possible.
    ///
    /// There is at most one state to go to: what an object does is a function of its state and of the call.
    fn step(&self, state: &Self::State, input: &Self::Input, answer: Option<&Self::Output>) -> Option<Self::State>;

    /// The part of the object that a call concerns, as people know it. Calls on different parts do not see each other,
    /// so that each part is checked by itself: a history is linearizable if and only if its parts are.
    fn partition(&self, _input: &Self::Input) -> String {
        String::new()
    }

    /// Whether such a call, when it is answered like that, leaves every state as it is. The search takes advantage of
    /// it: such a call may take effect as soon as it can, for nobody else will notice.
    fn observes(&self, _input: &Self::Input, _answer: Option<&Self::Output>) -> bool {
        false
    }

    /// Whether such a call, when it is answered like that, is possible in every state and leaves the same one behind, such
    /// as a write. The search takes advantage of it: what took effect just before was in vain.
    fn overwrites(&self, _input: &Self::Input, _answer: Option<&Self::Output>) -> bool {
        false
    }

    /// The call in words, such as `write 5`.
    fn describe(&self, input: &Self::Input) -> String;

    /// The answer in words.
    fn describe_answer(&self, input: &Self::Input, answer: &Self::Output) -> String;

    /// The state in words.
    fn describe_state(&self, state: &Self::State) -> String;
}

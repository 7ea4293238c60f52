//! The roll: what a member of the registry does within one session. Pure: it is told what happened and says what to do.
//!
//! One request is under way at a time. The list is read whenever it may have changed; a name on it that is new is read
//! once, for the address of a member never changes; and when one's own name is not on it, one enters.
//!
//! A create without an answer needs no care but a look behind a `sync`: the prefix is this session's own, so whatever
//! carries it is oneself. Should a lost create arrive after all, one address stands on the roll twice, and goes with the
//! session like the other.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use host::Instant;

/// So long it waits before it asks again what was not answered well.
pub const RETRY_PAUSE: Duration = Duration::from_millis(200);

/// What is asked of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Create the registry's root and what lies above it, as far as they are missing.
    CreateRoot,
    /// Create an ephemeral sequential znode under the root with this prefix and the own address as data.
    Enter(String),
    /// Let the server catch up with its leader.
    Sync,
    /// List the root's children, and leave a watch on them.
    List,
    /// Read the address of this member.
    Read(String),
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// A znode of this name was created.
    Entered(String),
    /// These are the children.
    Names(Vec<String>),
    /// This is the member's address; nothing if it has gone.
    Address(Option<String>),
    /// The root is missing.
    NoRoot,
    /// It did not happen, or nobody knows.
    Failed,
}

/// What the roll is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Time has passed.
    Tick,
    /// The session has a connection.
    Connected,
    /// The session has none.
    Disconnected,
    /// The request under way has ended.
    Answered(Answer),
    /// The watch on the list has fired.
    Changed,
}

/// What the roll wants done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask this of the service. Nothing else is under way.
    Ask(Request),
    /// These are the addresses of all members, as of now.
    Show(BTreeSet<String>),
    /// What was shown last may be out of date.
    Doubt,
}

/// A member's, or an observer's, knowledge of the registry within one session.
#[derive(Debug)]
pub struct Roll {
    /// What one's own name begins with; nothing for who only looks.
    prefix: Option<String>,
    /// All names on the list, with their addresses once they are read.
    names: BTreeMap<String, Option<String>>,
    is_connected: bool,
    /// The request under way.
    asked: Option<Request>,
    rests_until: Option<Instant>,
    has_root: bool,
    /// Whether the server may lag behind what this session has seen or done.
    needs_sync: bool,
    needs_list: bool,
    is_shown: bool,
}

impl Roll {
    /// At the beginning of a session. The prefix must be one that nobody else has.
    #[must_use]
    pub fn new(prefix: Option<String>) -> Roll {
        Roll {
            prefix,
            names: BTreeMap::new(),
            is_connected: false,
            asked: None,
            rests_until: None,
            has_root: true,
            needs_sync: false,
            needs_list: true,
            is_shown: false,
        }
    }

    /// When it wants to be told of time.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.rests_until
    }

    /// Takes in what happened.
    pub fn step(&mut self, now: Instant, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        match input {
            Input::Tick => {}
            Input::Connected => {
                self.is_connected = true;
                // What happened while the connection was away is not known, and the server may be another one.
                self.needs_sync = !self.names.is_empty() || self.needs_sync;
                self.look_again();
            }
            Input::Disconnected => {
                self.is_connected = false;
                effects.push(Effect::Doubt);
            }
            Input::Changed => self.look_again(),
            Input::Answered(answer) => self.answered(now, answer),
        }
        if self.rests_until.is_some_and(|until| now >= until) {
            self.rests_until = None;
        }
        if !self.is_connected || self.asked.is_some() || self.rests_until.is_some() {
            return effects;
        }
        match self.next_request() {
            Some(request) => {
                self.asked = Some(request.clone());
                effects.push(Effect::Ask(request));
            }
            None if !self.is_shown => {
                self.is_shown = true;
                effects.push(Effect::Show(self.names.values().flatten().cloned().collect()));
            }
            None => {}
        }
        effects
    }

    fn look_again(&mut self) {
        self.needs_list = true;
        self.is_shown = false;
    }

    fn answered(&mut self, now: Instant, answer: Answer) {
        let asked = self.asked.take().expect("an answer has a question");
        match (asked, answer) {
            (Request::CreateRoot, Answer::Done) => self.has_root = true,
            (Request::Sync, Answer::Done) => self.needs_sync = false,
            (Request::List, Answer::Names(names)) => {
                let mut known = std::mem::take(&mut self.names);
                self.names = names.into_iter().map(|name| (name.clone(), known.remove(&name).flatten())).collect();
            }
            (Request::Read(name), Answer::Address(Some(address))) => drop(self.names.insert(name, Some(address))),
            (Request::Read(name), Answer::Address(None)) => drop(self.names.remove(&name)),
            // It is read like any other, once the watch says that it is there.
            (Request::Enter(_), Answer::Entered(name)) => drop(self.names.insert(name, None)),
            (asked, Answer::NoRoot) => {
                self.has_root = false;
                self.look_again();
                self.needs_sync |= asked == Request::Sync;
            }
            _ => {
                self.needs_sync = true;
                self.look_again();
                self.rests_until = Some(now + RETRY_PAUSE);
            }
        }
    }

    fn next_request(&mut self) -> Option<Request> {
        if !self.has_root {
            return Some(Request::CreateRoot);
        }
        if self.needs_sync {
            return Some(Request::Sync);
        }
        if std::mem::take(&mut self.needs_list) {
            return Some(Request::List);
        }
        if let Some(prefix) = &self.prefix
            && !self.names.keys().any(|name| name.starts_with(prefix.as_str()))
        {
            return Some(Request::Enter(prefix.clone()));
        }
        let unread = self.names.iter().find(|(_, address)| address.is_none());
        unread.map(|(name, _)| Request::Read(name.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_reading(Duration::from_secs(1));
    const LATER: Instant = Instant::from_reading(Duration::from_secs(2));

    fn ask(request: Request) -> Vec<Effect> {
        vec![Effect::Ask(request)]
    }

    fn show(addresses: &[&str]) -> Vec<Effect> {
        vec![Effect::Show(addresses.iter().map(|address| (*address).to_owned()).collect())]
    }

    fn names(names: &[&str]) -> Input {
        Input::Answered(Answer::Names(names.iter().map(|name| (*name).to_owned()).collect()))
    }

    fn address(address: &str) -> Input {
        Input::Answered(Answer::Address(Some(address.to_owned())))
    }

    fn step(roll: &mut Roll, input: Input) -> Vec<Effect> {
        roll.step(NOW, input)
    }

    /// One that has entered as `me1` and sees nobody else.
    fn entered() -> Roll {
        let mut roll = Roll::new(Some("me".to_owned()));
        assert_eq!(step(&mut roll, Input::Connected), ask(Request::List));
        assert_eq!(step(&mut roll, Input::Answered(Answer::NoRoot)), ask(Request::CreateRoot));
        assert_eq!(step(&mut roll, Input::Answered(Answer::Done)), ask(Request::List));
        assert_eq!(step(&mut roll, names(&[])), ask(Request::Enter("me".to_owned())));
        let entered = Input::Answered(Answer::Entered("me1".to_owned()));
        assert_eq!(step(&mut roll, entered), ask(Request::Read("me1".to_owned())));
        assert_eq!(step(&mut roll, address("a:1")), show(&["a:1"]));
        roll
    }

    #[test]
    fn who_is_not_on_the_list_enters_and_reads_only_what_is_new() {
        let mut roll = entered();
        assert_eq!(step(&mut roll, Input::Changed), ask(Request::List));
        assert_eq!(step(&mut roll, names(&["me1", "you2"])), ask(Request::Read("you2".to_owned())));
        assert_eq!(step(&mut roll, address("b:1")), show(&["a:1", "b:1"]));
        assert_eq!(step(&mut roll, Input::Changed), ask(Request::List));
        assert_eq!(step(&mut roll, names(&["you2"])), ask(Request::Enter("me".to_owned())), "somebody deleted it");
    }

    #[test]
    fn after_a_reconnection_it_looks_behind_a_sync() {
        let mut roll = entered();
        assert_eq!(step(&mut roll, Input::Disconnected), [Effect::Doubt]);
        assert_eq!(step(&mut roll, Input::Changed), []);
        assert_eq!(step(&mut roll, Input::Connected), ask(Request::Sync));
        assert_eq!(step(&mut roll, Input::Answered(Answer::Done)), ask(Request::List));
        assert_eq!(step(&mut roll, names(&["me1"])), show(&["a:1"]));
    }

    #[test]
    fn an_unanswered_entry_is_looked_for_before_it_is_made_again() {
        let mut roll = Roll::new(Some("me".to_owned()));
        step(&mut roll, Input::Connected);
        assert_eq!(step(&mut roll, names(&[])), ask(Request::Enter("me".to_owned())));
        assert_eq!(step(&mut roll, Input::Answered(Answer::Failed)), []);
        assert_eq!(roll.deadline(), Some(NOW + RETRY_PAUSE));
        assert_eq!(roll.step(LATER, Input::Tick), ask(Request::Sync));
        assert_eq!(step(&mut roll, Input::Answered(Answer::Done)), ask(Request::List));
        assert_eq!(step(&mut roll, names(&["me7"])), ask(Request::Read("me7".to_owned())));
    }

    #[test]
    fn who_only_looks_does_not_enter() {
        let mut roll = Roll::new(None);
        step(&mut roll, Input::Connected);
        assert_eq!(step(&mut roll, names(&["you2"])), ask(Request::Read("you2".to_owned())));
        assert_eq!(step(&mut roll, Input::Answered(Answer::Address(None))), show(&[]), "it has just gone");
    }
}

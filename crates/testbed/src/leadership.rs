//! Leadership told by plain `tracing` events, so that code under test need not know of Interregnum.
//!
//! Inside a simulation, events of target `leadership` become part of the history that the monitors judge; what they say
//! is in their message, the rest in their fields. Everywhere else they are what they are: lines in a log. All other
//! events, and these as well, go on to whoever collects them.
//!
//! ```
//! # let (czxid, predecessor) = (7_i64, "/election/n-3");
//! // Believes from now on that it leads, under this fencing token.
//! tracing::info!(target: "leadership", term = czxid, "elected");
//! // No longer believes so.
//! tracing::info!(target: "leadership", term = czxid, reason = "the session is in doubt", "deposed");
//! // These are for the story alone: nobody judges them.
//! tracing::info!(target: "leadership", path = "/election/n-4", "candidate");
//! tracing::info!(target: "leadership", on = predecessor, "waiting");
//! tracing::info!(target: "leadership", reason = "told to go", "withdrawn");
//! ```
//!
//! A resource of your own tells what it does with the acts of leaders:
//!
//! ```
//! tracing::info!(target: "leadership", term = 7, by = "a", act = "assign task 12", "accepted");
//! tracing::info!(target: "leadership", term = 7, highest = 9, by = "a", "refused");
//! ```
//!
//! A belief ends with its process, so a process that dies need not say anything, and what is told while it is torn down
//! does not count. The level does not matter. An event of this target that says something else, or without a field that it
//! needs, makes the test fail: told wrongly, it would never be judged.

use std::fmt;

use history::{Event, LeadershipEvent, NodeName, ResourceEvent, Term};
use host::sim::World;
use tracing::dispatcher::{DefaultGuard, Dispatch};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};

use crate::error::nearest;

/// The target of the events that are heard.
pub const TARGET: &str = "leadership";

/// What they may say.
const SAYINGS: [&str; 7] = ["elected", "deposed", "candidate", "waiting", "withdrawn", "accepted", "refused"];

/// Hears what is told on this thread, until the guard is dropped.
pub(crate) fn listen() -> DefaultGuard {
    let below = tracing::dispatcher::get_default(Dispatch::clone);
    tracing::dispatcher::set_default(&Dispatch::new(Ear { below }))
}

/// Hears of leadership, and passes everything on to whoever collected events before.
struct Ear {
    below: Dispatch,
}

fn is_heard(metadata: &Metadata<'_>) -> bool {
    metadata.target() == TARGET && metadata.is_event()
}

impl Subscriber for Ear {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        let below = self.below.register_callsite(metadata);
        if is_heard(metadata) { Interest::always() } else { below }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_heard(metadata) || self.below.enabled(metadata)
    }

    fn event(&self, event: &tracing::Event<'_>) {
        if is_heard(event.metadata()) {
            let mut told = Told::default();
            event.record(&mut told);
            match told.into_event() {
                Ok(event) => tell(event),
                Err(why) => panic!("a `tracing` event of target `{TARGET}` is wrong: {why}"),
            }
        }
        if self.below.enabled(event.metadata()) {
            self.below.event(event);
        }
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.below.new_span(span)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.below.record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.below.record_follows_from(span, follows);
    }

    fn enter(&self, span: &Id) {
        self.below.enter(span);
    }

    fn exit(&self, span: &Id) {
        self.below.exit(span);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.below.clone_span(id)
    }

    fn try_close(&self, id: Id) -> bool {
        self.below.try_close(id)
    }

    fn current_span(&self) -> tracing_core::span::Current {
        self.below.current_span()
    }
}

/// Passes an event on to the history, if it comes from a process that lives.
fn tell(event: Event) {
    let Some(world) = World::try_current() else { return };
    let node = world.node_name();
    let lives = world.nodes().contains(&node) && world.is_running(&node);
    if lives {
        world.tell(event);
    }
}

/// What an event of the target says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    message: String,
    term: Option<String>,
    highest: Option<String>,
    reason: String,
    path: Option<String>,
    on: Option<String>,
    by: Option<String>,
    act: String,
}

impl Told {
    fn into_event(self) -> Result<Event, String> {
        let term = || number("term", self.term.as_deref(), &self.message);
        let text = |name: &str, field: &Option<String>| {
            field.clone().ok_or_else(|| format!("`{}` needs the field `{name}`", self.message))
        };
        let by = || text("by", &self.by).map(NodeName::from);
        Ok(match self.message.as_str() {
            "elected" => Event::Leadership(LeadershipEvent::Elected { term: term()? }),
            "deposed" => Event::Leadership(LeadershipEvent::Deposed { term: term()?, reason: self.reason.clone() }),
            "candidate" => Event::Leadership(LeadershipEvent::Candidate { path: text("path", &self.path)? }),
            "waiting" => Event::Leadership(LeadershipEvent::Waiting { on: text("on", &self.on)? }),
            "withdrawn" => Event::Leadership(LeadershipEvent::Withdrawn { reason: self.reason.clone() }),
            "accepted" => Event::Resource(ResourceEvent::Accepted { term: term()?, by: by()?, act: self.act.clone() }),
            "refused" => {
                let highest = number("highest", self.highest.as_deref(), &self.message)?;
                Event::Resource(ResourceEvent::Refused { term: term()?, highest, by: by()? })
            }
            other => {
                let meant = nearest(other, SAYINGS).map(|nearest| format!("; did you mean `{nearest}`?"));
                let known = || format!(": there are {}", SAYINGS.join(", "));
                return Err(format!("it says `{other}`{}", meant.unwrap_or_else(known)));
            }
        })
    }

    fn note(&mut self, field: &str, value: String) {
        match field {
            "message" => self.message = value,
            "term" => self.term = Some(value),
            "highest" => self.highest = Some(value),
            "reason" => self.reason = value,
            "path" => self.path = Some(value),
            "on" => self.on = Some(value),
            "by" => self.by = Some(value),
            "act" => self.act = value,
            // A line in a log may say more than this.
            _ => {}
        }
    }
}

/// A token, in decimal or as zxids are shown.
fn number(name: &str, text: Option<&str>, saying: &str) -> Result<Term, String> {
    let text = text.ok_or_else(|| format!("`{saying}` needs the field `{name}`"))?;
    let number = match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    number.map(Term).map_err(|_| format!("`{name}` must be a whole number of 64 bits, not `{text}`"))
}

impl Visit for Told {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.note(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.note(field.name(), value.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(message: &str, fields: &[(&str, &str)]) -> Result<Event, String> {
        let mut told = Told::default();
        told.note("message", message.into());
        fields.iter().for_each(|(name, value)| told.note(name, (*value).to_owned()));
        told.into_event()
    }

    #[test]
    fn each_saying_becomes_its_event() {
        let term = Term(31);
        let elected = Event::Leadership(LeadershipEvent::Elected { term });
        assert_eq!(told("elected", &[("term", "31")]), Ok(elected.clone()));
        assert_eq!(told("elected", &[("term", "0x1f"), ("node", "anything more")]), Ok(elected));
        let deposed = Event::Leadership(LeadershipEvent::Deposed { term, reason: "gone".into() });
        assert_eq!(told("deposed", &[("term", "31"), ("reason", "gone")]), Ok(deposed));
        let waiting = Event::Leadership(LeadershipEvent::Waiting { on: "/n-1".into() });
        assert_eq!(told("waiting", &[("on", "/n-1")]), Ok(waiting));
        let refused = ResourceEvent::Refused { term, highest: Term(40), by: "a".into() };
        let fields = [("term", "31"), ("highest", "40"), ("by", "a")];
        assert_eq!(told("refused", &fields), Ok(Event::Resource(refused)));
        for saying in SAYINGS {
            let all = [("term", "1"), ("highest", "2"), ("by", "a"), ("on", "/x"), ("path", "/x")];
            assert!(told(saying, &all).is_ok(), "{saying}");
        }
    }

    #[test]
    fn what_is_told_wrongly_is_not_passed_over() {
        let complaint = |message: &str, fields: &[(&str, &str)]| told(message, fields).expect_err("it is wrong");
        assert_eq!(complaint("elcted", &[]), "it says `elcted`; did you mean `elected`?");
        assert!(complaint("now it is my turn", &[]).contains("there are elected, deposed, "));
        assert_eq!(complaint("elected", &[]), "`elected` needs the field `term`");
        assert_eq!(complaint("elected", &[("term", "first")]), "`term` must be a whole number of 64 bits, not `first`");
        assert_eq!(complaint("accepted", &[("term", "1")]), "`accepted` needs the field `by`");
    }
}

//! What a core has on its desk: the requests under way, each with the reason why it was asked, and the effects of the
//! present step.

use std::collections::BTreeMap;
use std::time::Duration;

use history::{LeadershipEvent, Term};

use super::{Condition, Effect, Grip, RETRY_PAUSE, Request, Ticket};

/// The requests under way, for these reasons, and what the present step does.
pub(crate) struct Desk<Why> {
    under_way: BTreeMap<Ticket, Why>,
    next: u64,
    term: Option<Term>,
    effects: Vec<Effect>,
}

impl<Why> Desk<Why> {
    pub(crate) fn new() -> Desk<Why> {
        Desk { under_way: BTreeMap::new(), next: 0, term: None, effects: Vec::new() }
    }

    /// Asks at once.
    pub(crate) fn ask(&mut self, request: Request, why: Why) -> Ticket {
        self.ask_after(Duration::ZERO, request, why)
    }

    /// Asks once more, after the usual pause.
    pub(crate) fn ask_again(&mut self, request: Request, why: Why) -> Ticket {
        self.ask_after(RETRY_PAUSE, request, why)
    }

    pub(crate) fn ask_after(&mut self, after: Duration, request: Request, why: Why) -> Ticket {
        let ticket = Ticket(self.next);
        self.next += 1;
        self.under_way.insert(ticket, why);
        self.effects.push(Effect::Ask { ticket, request, after });
        ticket
    }

    /// Why the request was made that is answered; `None` if it is one of the past.
    pub(crate) fn answered(&mut self, ticket: Ticket) -> Option<Why> {
        self.under_way.remove(&ticket)
    }

    /// Whether something is under way for such a reason.
    pub(crate) fn awaits(&self, is_it: impl Fn(&Why) -> bool) -> bool {
        self.under_way.values().any(is_it)
    }

    /// The first reason of such a kind.
    pub(crate) fn find(&self, is_it: impl Fn(&Why) -> bool) -> Option<Why>
    where
        Why: Clone,
    {
        self.under_way.values().find(|why| is_it(why)).cloned()
    }

    /// Forgets every request under way that is not to be kept.
    pub(crate) fn forget_unless(&mut self, keep: impl Fn(&Why) -> bool) {
        let gone: Vec<Ticket> =
            self.under_way.iter().filter(|(_, why)| !keep(why)).map(|(ticket, _)| *ticket).collect();
        for ticket in gone {
            self.under_way.remove(&ticket);
            self.effects.push(Effect::Forget(ticket));
        }
    }

    /// Waits for a watch no longer.
    pub(crate) fn forget_watch(&mut self, ticket: Option<Ticket>) {
        self.effects.extend(ticket.map(Effect::Forget));
    }

    /// The term it leads under, if it leads.
    pub(crate) fn term(&self) -> Option<Term> {
        self.term
    }

    /// It leads from now on.
    pub(crate) fn elect(&mut self, term: Term, grip: Grip, guard: Option<Condition>) {
        assert!(self.term.is_none(), "one reign ends before the next begins");
        self.term = Some(term);
        self.effects.push(Effect::Elect { term, grip, guard });
    }

    /// It leads no more, if it did.
    pub(crate) fn depose(&mut self, reason: &str) {
        if let Some(term) = self.term.take() {
            self.tell(LeadershipEvent::Deposed { term, reason: reason.to_owned() });
        }
    }

    pub(crate) fn tell(&mut self, event: LeadershipEvent) {
        self.effects.push(Effect::Tell(event));
    }

    pub(crate) fn sometimes(&mut self, point: &'static str) {
        self.effects.push(Effect::Sometimes(point));
    }

    /// Asks for a new session: nothing of the present one is waited for.
    pub(crate) fn new_session(&mut self) {
        self.under_way.clear();
        self.effects.push(Effect::NewSession);
    }

    /// Nothing more will be done.
    pub(crate) fn over(&mut self) {
        self.depose("it resigned");
        self.under_way.clear();
        self.effects.push(Effect::Over);
    }

    /// The effects of this step.
    pub(crate) fn take(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_to_a_question_of_the_past_has_no_reason() {
        let mut desk = Desk::new();
        let first = desk.ask(Request::List("/a".into()), "first");
        let second = desk.ask_again(Request::List("/a".into()), "second");
        desk.forget_unless(|why| *why == "second");
        assert_eq!(desk.answered(first), None);
        assert_eq!(desk.answered(second), Some("second"));
        assert!(!desk.awaits(|_| true));
        let effects = desk.take();
        assert_eq!(effects.len(), 3);
        assert!(matches!(&effects[1], Effect::Ask { after, .. } if *after == RETRY_PAUSE));
        assert_eq!(effects[2], Effect::Forget(first));
    }

    #[test]
    fn who_leaves_steps_down_first() {
        let mut desk: Desk<()> = Desk::new();
        desk.elect(Term(3), Grip::UntilTold, None);
        desk.over();
        let effects = desk.take();
        assert!(matches!(effects[1], Effect::Tell(LeadershipEvent::Deposed { term: Term(3), .. })));
        assert_eq!(effects[2], Effect::Over);
        assert_eq!(desk.term(), None);
    }
}

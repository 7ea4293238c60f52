//! The shell around a [`Distribution`]: carries its assignments to the workers, and their answers back.

use std::collections::BTreeMap;
use std::time::Duration;

use history::Term;
use tokio::sync::mpsc;

use super::distribution::{Attempt, Distribution, Effect, Input};
use super::protocol::{Answer, Assignment, Conversation, assign_in};
use super::tasks::Tasks;
use crate::mutant::Planted;

/// Distributes tasks under one term.
pub struct Distributor {
    distribution: Distribution,
    term: Term,
    patience: Duration,
    answers: (mpsc::UnboundedSender<Answered>, mpsc::UnboundedReceiver<Answered>),
    /// With workers that have answered all they were asked so far.
    conversations: BTreeMap<String, Conversation>,
    highest: Option<Term>,
}

/// What came of an attempt.
struct Answered {
    attempt: Attempt,
    worker: String,
    answer: Option<(Conversation, Answer)>,
}

impl Distributor {
    /// Distributes under this term; a worker may take so long for a task, connecting included.
    #[must_use]
    pub fn new(term: Term, patience: Duration) -> Distributor {
        Distributor::planted(term, patience, Planted::default())
    }

    pub(super) fn planted(term: Term, patience: Duration, planted: Planted) -> Distributor {
        let distribution = Distribution::new(planted);
        let (answers, conversations) = (mpsc::unbounded_channel(), BTreeMap::new());
        Distributor { distribution, term, patience, answers, conversations, highest: None }
    }

    /// What is done, as far as is known here.
    #[must_use]
    pub fn done(&self) -> &Tasks {
        self.distribution.done()
    }

    /// The newer term of which a worker knows, if one does: then this distributor assigns no more.
    #[must_use]
    pub fn superseded_by(&self) -> Option<Term> {
        self.highest
    }

    /// Waits for what the workers answer, and for the time to ask again. What it gives is to be taken in. Cancelling it
    /// loses nothing.
    pub async fn next(&mut self) -> Input {
        let deadline = self.distribution.deadline();
        let due = async {
            match deadline {
                Some(deadline) => host::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            answered = self.answers.1.recv() => {
                let Answered { attempt, worker, answer } = answered.expect("it holds a sender");
                let answer = answer.map(|(conversation, answer)| {
                    self.conversations.insert(worker, conversation);
                    answer
                });
                Input::Answered(attempt, answer)
            }
            () = due => Input::Tick,
        }
    }

    /// Takes in what happened, and assigns what is to be assigned as long as `holds` says that it may.
    pub fn take_in(&mut self, input: Input, holds: impl Fn() -> bool) {
        for effect in self.distribution.step(host::now(), input) {
            match effect {
                Effect::StepDown { highest } => self.highest = Some(highest),
                // Not sent is not answered: should it hold again, the task goes out later.
                Effect::Assign { attempt, worker, .. } if !holds() => {
                    drop(self.answers.0.send(Answered { attempt, worker, answer: None }));
                }
                Effect::Assign { attempt, worker, task } => self.send(attempt, worker, task),
            }
        }
    }

    fn send(&mut self, attempt: Attempt, worker: String, task: u64) {
        let assignment = Assignment { term: self.term, by: host::node_name(), task };
        let conversation = self.conversations.remove(&worker);
        let (answers, patience) = (self.answers.0.clone(), self.patience);
        host::spawn(async move {
            let answer = assign_in(conversation, &worker, &assignment, patience).await.ok();
            // If nobody waits for the answer any more, the leader has been deposed.
            let _ = answers.send(Answered { attempt, worker, answer });
        });
    }
}

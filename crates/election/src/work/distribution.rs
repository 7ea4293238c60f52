//! The distribution of tasks: pure. It is told what happened and says which task goes to whom.
//!
//! The lowest task that is neither done nor in somebody's hands goes to the worker that has rested longest; each worker has
//! one at a time. A task is taken back when its worker leaves the registry or does not answer; should the answer come
//! late, it counts all the same. A worker that failed rests for a while.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::Duration;

use history::Term;
use host::Instant;

use super::protocol::Answer;
use super::tasks::Tasks;
use crate::mutant::Planted;

/// So long a worker that did not answer well is left alone.
pub const REST: Duration = Duration::from_secs(1);

/// An assignment under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attempt(u64);

/// What the distribution is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Time has passed.
    Tick,
    /// These tasks have come in; those that were known already do so once.
    Submitted(RangeInclusive<u64>),
    /// These tasks are done, and that is on record. Nothing is assigned before this was said once.
    Recorded(Tasks),
    /// These are the addresses of the workers.
    Workers(BTreeSet<String>),
    /// An attempt has ended.
    Answered(Attempt, Option<Answer>),
}

/// What the distribution wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Assign this task to the worker at this address.
    Assign {
        /// To be told with the answer.
        attempt: Attempt,
        /// The address.
        worker: String,
        /// The task.
        task: u64,
    },
    /// A worker knows of a newer leader: nothing more is to be assigned.
    StepDown {
        /// The newer leader's term.
        highest: Term,
    },
}

/// Which tasks there are, who has which, and what is done.
#[derive(Debug, Default)]
pub struct Distribution {
    /// What came in and is not done.
    open: BTreeSet<u64>,
    done: Tasks,
    has_record: bool,
    workers: BTreeMap<String, Worker>,
    attempts: BTreeMap<Attempt, (u64, String)>,
    /// Which task is in whose hands. One that was taken back is not here, though its attempt may still be answered.
    in_hands: BTreeMap<u64, Attempt>,
    next: u64,
    planted: Planted,
}

#[derive(Debug, Default)]
struct Worker {
    busy: Option<Attempt>,
    /// Its last attempt.
    last: Option<Attempt>,
    rests_until: Option<Instant>,
}

impl Distribution {
    pub(super) fn new(planted: Planted) -> Distribution {
        Distribution { planted, ..Distribution::default() }
    }

    /// What is done, as far as is known here.
    #[must_use]
    pub fn done(&self) -> &Tasks {
        &self.done
    }

    /// When it wants to be told of time.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.next_task()?;
        self.workers.values().filter(|worker| worker.busy.is_none()).filter_map(|worker| worker.rests_until).min()
    }

    /// Takes in what happened.
    pub fn step(&mut self, now: Instant, input: Input) -> Vec<Effect> {
        match input {
            Input::Tick => {}
            Input::Submitted(tasks) => self.open.extend(tasks.filter(|task| !self.done.contains(*task))),
            Input::Recorded(tasks) => {
                self.done.extend(&tasks);
                self.open.retain(|task| !tasks.contains(*task));
                self.has_record = true;
            }
            Input::Workers(addresses) => self.gather(&addresses),
            Input::Answered(attempt, answer) => {
                if let Some(Answer::Refused { highest }) = answer {
                    return vec![Effect::StepDown { highest }];
                }
                self.answered(now, attempt, answer.as_ref());
            }
        }
        for worker in self.workers.values_mut() {
            worker.rests_until = worker.rests_until.filter(|until| now < *until);
        }
        let mut effects = Vec::new();
        while let (Some(task), Some(address)) = (self.next_task(), self.next_worker()) {
            effects.push(self.assign(task, address));
        }
        effects
    }

    fn gather(&mut self, addresses: &BTreeSet<String>) {
        let gone: Vec<String> = self.workers.keys().filter(|address| !addresses.contains(*address)).cloned().collect();
        for address in gone {
            if let Some(attempt) = self.workers.remove(&address).and_then(|worker| worker.busy) {
                self.take_back(attempt);
            }
        }
        for address in addresses {
            if !self.workers.contains_key(address) {
                self.workers.insert(address.clone(), Worker::default());
            }
        }
    }

    fn answered(&mut self, now: Instant, attempt: Attempt, answer: Option<&Answer>) {
        let Some((task, address)) = self.attempts.remove(&attempt) else { return };
        self.take_back(attempt);
        let is_done = answer == Some(&Answer::Done);
        if let Some(worker) = self.workers.get_mut(&address).filter(|worker| worker.busy == Some(attempt)) {
            worker.busy = None;
            worker.rests_until = (!is_done).then(|| now + REST);
        }
        if is_done {
            self.note_done(task);
        }
    }

    fn note_done(&mut self, task: u64) {
        self.done.insert(task);
        self.open.remove(&task);
    }

    fn take_back(&mut self, attempt: Attempt) {
        self.in_hands.retain(|_, holder| *holder != attempt);
    }

    fn next_task(&self) -> Option<u64> {
        let mut open = self.open.iter().filter(|task| !self.in_hands.contains_key(task));
        open.next().copied().filter(|_| self.has_record)
    }

    fn next_worker(&self) -> Option<String> {
        let is_idle = |worker: &Worker| worker.busy.is_none() && worker.rests_until.is_none();
        let idle = self.workers.iter().filter(|(_, worker)| is_idle(worker));
        idle.min_by_key(|(address, worker)| (worker.last, *address)).map(|(address, _)| address.clone())
    }

    fn assign(&mut self, task: u64, address: String) -> Effect {
        let attempt = Attempt(self.next);
        self.next += 1;
        if let Some(worker) = self.workers.get_mut(&address) {
            worker.busy = Some(attempt);
            worker.last = Some(attempt);
        }
        self.attempts.insert(attempt, (task, address.clone()));
        self.in_hands.insert(task, attempt);
        if self.planted.records_before_done() {
            self.note_done(task);
        }
        Effect::Assign { attempt, worker: address, task }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_reading(Duration::from_secs(1));

    fn workers(addresses: &[&str]) -> Input {
        Input::Workers(addresses.iter().map(|address| (*address).to_owned()).collect())
    }

    /// Who is assigned which task, in which attempt.
    fn assigned(effects: &[Effect]) -> Vec<(u64, &str, u64)> {
        let assigned = effects.iter().map(|effect| match effect {
            Effect::Assign { attempt, worker, task } => (attempt.0, worker.as_str(), *task),
            Effect::StepDown { .. } => panic!("nobody steps down"),
        });
        assigned.collect()
    }

    /// Tasks 1 and 3 to 5 are open, and `a` and `b` got the first two.
    fn begun() -> Distribution {
        let mut distribution = Distribution::default();
        assert_eq!(distribution.step(NOW, workers(&["a", "b"])), []);
        assert_eq!(distribution.step(NOW, Input::Submitted(1..=5)), [], "not before it is known what is done");
        let effects = distribution.step(NOW, Input::Recorded("2".parse().expect("a set")));
        assert_eq!(assigned(&effects), [(0, "a", 1), (1, "b", 3)]);
        distribution
    }

    fn answered(attempt: u64, answer: Option<Answer>) -> Input {
        Input::Answered(Attempt(attempt), answer)
    }

    #[test]
    fn who_has_done_a_task_gets_the_next_open_one() {
        let mut distribution = begun();
        assert_eq!(assigned(&distribution.step(NOW, answered(1, Some(Answer::Done)))), [(2, "b", 4)]);
        assert_eq!(distribution.done().to_string(), "2-3");
    }

    #[test]
    fn who_does_not_answer_rests_and_the_task_goes_to_another() {
        let mut distribution = begun();
        assert_eq!(distribution.step(NOW, answered(0, None)), []);
        assert_eq!(distribution.deadline(), Some(NOW + REST));
        assert_eq!(assigned(&distribution.step(NOW, answered(1, Some(Answer::Done)))), [(2, "b", 1)]);
        assert_eq!(assigned(&distribution.step(NOW + REST, Input::Tick)), [(3, "a", 4)]);
    }

    #[test]
    fn who_leaves_gives_back_and_a_late_answer_counts() {
        let mut distribution = begun();
        assert_eq!(assigned(&distribution.step(NOW, workers(&["b", "c"]))), [(2, "c", 1)]);
        assert_eq!(distribution.step(NOW, answered(0, Some(Answer::Done))), []);
        assert!(distribution.done().contains(1));
        assert_eq!(assigned(&distribution.step(NOW, answered(2, Some(Answer::Done)))), [(3, "c", 4)]);
    }

    #[test]
    fn a_worker_that_knows_a_newer_term_ends_it() {
        let refused = Some(Answer::Refused { highest: Term(9) });
        assert_eq!(begun().step(NOW, answered(0, refused)), [Effect::StepDown { highest: Term(9) }]);
    }
}

//! What a person sees while a campaign goes on: runs a second, what is new, what broke, what is left.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use interregnum::explore::Exploration;

/// The line that shows it; on no terminal there is none.
pub struct Progress {
    bar: ProgressBar,
    budget: Option<Duration>,
    began: host::Instant,
}

impl Progress {
    /// Begins to show.
    pub fn begin(exploration: &Exploration, most: u64, budget: Option<Duration>, silent: bool) -> Progress {
        let bar = match silent || !std::io::stderr().is_terminal() {
            true => ProgressBar::hidden(),
            false if most == u64::MAX => ProgressBar::no_length(),
            false => ProgressBar::new(most),
        };
        let template = match (most == u64::MAX, budget) {
            (false, None) => "{bar:30} {pos}/{len} runs, {per_sec}, {eta} left; {msg}",
            (false, Some(_)) => "{bar:30} {pos}/{len} runs, {per_sec}; {msg}",
            (true, _) => "{spinner} {pos} runs, {per_sec}; {msg}",
        };
        bar.set_style(ProgressStyle::with_template(template).expect("the template is right"));
        bar.set_position(exploration.state().runs);
        bar.reset_eta();
        Progress { bar, budget, began: host::now() }
    }

    /// Shows how far it is.
    pub fn show(&self, exploration: &Exploration) {
        let state = exploration.state();
        let left = self.budget.map(|budget| {
            let left = budget.saturating_sub(host::now() - self.began);
            format!(", {} s left", left.as_secs())
        });
        self.bar.set_position(state.runs);
        self.bar.set_message(format!(
            "{} features, {} schedules kept, {} failures of {} kinds{}",
            state.covered.count(),
            state.corpus.entries().len(),
            state.findings.failures(),
            state.findings.iter().count(),
            left.unwrap_or_default()
        ));
    }

    /// Does something that prints.
    pub fn suspend<R>(&self, act: impl FnOnce() -> R) -> R {
        self.bar.suspend(act)
    }

    /// Ends.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

//! A state that changes now and then, kept as spans of time.

use history::Time;

/// A state that held from one instant to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span<T> {
    /// Since when.
    pub begins: Time,
    /// Until when.
    pub ends: Time,
    /// What held.
    pub what: T,
}

/// A state that changes now and then. Equal states that follow each other are one span.
#[derive(Clone, Debug)]
pub(super) struct Track<T> {
    spans: Vec<Span<T>>,
    now: Option<(Time, T)>,
}

impl<T> Default for Track<T> {
    fn default() -> Track<T> {
        Track { spans: Vec::new(), now: None }
    }
}

impl<T: Clone + PartialEq> Track<T> {
    /// From now on this holds, or nothing.
    pub(super) fn set(&mut self, at: Time, state: Option<T>) {
        if self.now.as_ref().map(|(_, now)| now) == state.as_ref() {
            return;
        }
        if let Some((begins, what)) = self.now.take() {
            self.spans.push(Span { begins, ends: at, what });
        }
        self.now = state.map(|state| (at, state));
    }

    /// What holds.
    pub(super) fn now(&self) -> Option<&T> {
        self.now.as_ref().map(|(_, state)| state)
    }

    /// All spans; what holds until the end ends there.
    pub(super) fn finish(mut self, end: Time) -> Vec<Span<T>> {
        self.set(end, None);
        self.spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_lasts_until_another_one_comes() {
        let mut track = Track::default();
        for (at, state) in [(1, Some("a")), (2, Some("a")), (3, None), (5, Some("b"))] {
            track.set(Time::from_secs(at), state);
        }
        assert_eq!(track.now(), Some(&"b"));
        let span = |begins, ends, what| Span { begins: Time::from_secs(begins), ends: Time::from_secs(ends), what };
        assert_eq!(track.finish(Time::from_secs(9)), [span(1, 3, "a"), span(5, 9, "b")]);
    }
}

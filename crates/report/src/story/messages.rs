//! Messages: who read how many bytes from whom. A run tells of a message when it is read, not when it was sent.

use std::collections::BTreeMap;

use history::{NodeName, Time};

/// So many messages are kept. More make a page too large to open; a run of five minutes has a tenth of it.
const MOST: usize = 80_000;

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// When it was read.
    pub at: Time,
    /// The pair of nodes, by its place among the pairs.
    pub pair: u32,
    /// How many bytes.
    pub bytes: u32,
}

/// The messages of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Messages {
    /// Sender and receiver of each pair.
    pub pairs: Vec<(NodeName, NodeName)>,
    /// In the order of time.
    pub kept: Vec<Message>,
    /// How many there were.
    pub all: usize,
}

/// Collects the messages.
#[derive(Default)]
pub(super) struct Post {
    places: BTreeMap<(NodeName, NodeName), u32>,
    messages: Messages,
}

impl Post {
    pub(super) fn deliver(&mut self, at: Time, from: &NodeName, to: &NodeName, bytes: u32) {
        let pair = (from.clone(), to.clone());
        let next = u32::try_from(self.messages.pairs.len()).unwrap_or(u32::MAX);
        let place = *self.places.entry(pair.clone()).or_insert(next);
        if place == next {
            self.messages.pairs.push(pair);
        }
        self.messages.kept.push(Message { at, pair: place, bytes });
    }

    /// Keeps those nearest to what the story is about.
    pub(super) fn finish(self, focus: Time) -> Messages {
        self.finish_with(focus, MOST)
    }

    fn finish_with(self, focus: Time, most: usize) -> Messages {
        let mut messages = self.messages;
        messages.all = messages.kept.len();
        if messages.all > most {
            let after = messages.kept.partition_point(|message| message.at <= focus);
            // Most of them before: what is after the violation explains little.
            let begins = after.saturating_sub(most - most / 10).min(messages.all - most);
            messages.kept = messages.kept[begins..begins + most].to_vec();
        }
        messages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_are_thinned_to_those_around_the_focus() {
        let mut post = Post::default();
        for at in 0..1_000 {
            post.deliver(Time::from_secs(at), &"a".into(), &"b".into(), 7);
        }
        let messages = post.finish_with(Time::from_secs(700), 100);
        assert_eq!((messages.all, messages.kept.len(), messages.pairs.len()), (1_000, 100, 1));
        assert_eq!((messages.kept[0].at, messages.kept[99].at), (Time::from_secs(611), Time::from_secs(710)));
    }
}

//! `client/word`: a client keeps its word.
//!
//! What a library promises to its own user can only be seen where it is used: by the user. Who sees it broken says so, in
//! words, and this monitor writes it down.

use check::{Monitor, Report};
use history::{Event, Record};

/// What such notes are about.
const TOPIC: &str = "broken word";

/// Says that the client has not done what it promises.
pub fn is_broken(how: &str) {
    host::tell(Event::Note { topic: TOPIC.to_owned(), text: how.to_owned() });
}

/// Writes down what users of a client say that it did against its word.
pub struct Word;

impl Monitor for Word {
    fn name(&self) -> &'static str {
        "client/word"
    }

    fn observe(&mut self, record: &Record, report: &mut Report) {
        if let Event::Note { topic, text } = &record.event
            && topic == TOPIC
        {
            let node = record.node.as_deref().unwrap_or("a client");
            report.safety(self.name(), record, format!("{node}, at {}: {text}", record.at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use history::Time;

    fn judge(topic: &str) -> Vec<String> {
        let mut report = Report::new();
        let event = Event::Note { topic: topic.to_owned(), text: "it woke for nothing".to_owned() };
        Word.observe(&Record { at: Time::ZERO, node: Some("c1".into()), event }, &mut report);
        report.violations().iter().map(|violation| violation.message.clone()).collect()
    }

    #[test]
    fn a_broken_word_is_written_down_and_other_notes_are_not() {
        assert_eq!(judge(TOPIC), ["c1, at 0.000000s: it woke for nothing"]);
        assert_eq!(judge("weather"), Vec::<String>::new());
    }
}

//! The parameters of a scenario: what they are called, what they are by default, and what a user set.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::error::{UserError, nearest};
use crate::span;

/// How many servers there are unless somebody says otherwise.
const SERVERS: u32 = 3;

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number of things.
    Count(u32),
    /// A length of time.
    Duration(Duration),
    /// Yes or no.
    Switch(bool),
    /// One word of several.
    Choice(&'static str),
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Count(count) => write!(formatter, "{count}"),
            Value::Duration(duration) => formatter.write_str(&span::show(*duration)),
            Value::Switch(on) => write!(formatter, "{on}"),
            Value::Choice(word) => formatter.write_str(word),
        }
    }
}

/// One parameter: its meaning, its value, and what it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// What it means, in one line.
    pub about: &'static str,
    /// What it is.
    pub value: Value,
    /// The least it may be.
    least: Value,
    /// The most it may be.
    most: Value,
    /// The words it may be, if it is a choice.
    choices: &'static [&'static str],
}

/// All parameters of a scenario, by name.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Parameters(BTreeMap<String, Parameter>);

impl Parameters {
    /// The parameters that every scenario takes, with their defaults: three servers, five candidates, sessions of 6 s
    /// at a tick of 2 s, five virtual minutes.
    pub fn standard() -> Parameters {
        Parameters::default()
            .with_count("servers", "servers of the coordination service", SERVERS, 1..=9)
            .with_count("candidates", "nodes that take part in the election", 5, 1..=500)
            .with_duration(
                "session_timeout",
                "session timeout that clients ask for",
                Duration::from_secs(6),
                Duration::from_millis(400)..=Duration::from_secs(600),
            )
            .with_duration(
                "tick",
                "the service's unit of time",
                Duration::from_secs(2),
                Duration::from_millis(100)..=Duration::from_secs(30),
            )
            .with_count("init_limit", "ticks that a server may take to learn what the others have", 10, 1..=1000)
            .with_count("sync_limit", "ticks for which a server and its leader may not hear of each other", 5, 1..=1000)
            .with_duration(
                "length",
                "virtual time of the run",
                Duration::from_secs(300),
                Duration::from_secs(1)..=Duration::from_secs(366 * 86_400),
            )
    }

    /// Adds a number.
    #[must_use]
    pub fn with_count(
        self,
        key: &str,
        about: &'static str,
        value: u32,
        range: std::ops::RangeInclusive<u32>,
    ) -> Parameters {
        self.with(key, about, Value::Count(value), Value::Count(*range.start()), Value::Count(*range.end()))
    }

    /// Adds a length of time.
    #[must_use]
    pub fn with_duration(
        self,
        key: &str,
        about: &'static str,
        value: Duration,
        range: std::ops::RangeInclusive<Duration>,
    ) -> Parameters {
        self.with(key, about, Value::Duration(value), Value::Duration(*range.start()), Value::Duration(*range.end()))
    }

    /// Adds a switch.
    #[must_use]
    pub fn with_switch(self, key: &str, about: &'static str, on: bool) -> Parameters {
        self.with(key, about, Value::Switch(on), Value::Switch(false), Value::Switch(true))
    }

    /// Adds a choice.
    ///
    /// # Panics
    /// If what it is by default is none of the choices: its author's mistake.
    #[must_use]
    pub fn with_choice(
        mut self,
        key: &str,
        about: &'static str,
        value: &'static str,
        choices: &'static [&'static str],
    ) -> Parameters {
        assert!(choices.contains(&value), "`{value}` is none of the choices for `{key}`");
        let value = Value::Choice(value);
        self.0.insert(key.to_owned(), Parameter { about, least: value.clone(), most: value.clone(), value, choices });
        self
    }

    fn with(mut self, key: &str, about: &'static str, value: Value, least: Value, most: Value) -> Parameters {
        self.0.insert(key.to_owned(), Parameter { about, value, least, most, choices: &[] });
        self
    }

    /// Sets one from text.
    ///
    /// # Errors
    /// If there is no such parameter, or the text is no value that it may have.
    pub fn set(&mut self, key: &str, text: &str) -> Result<(), UserError> {
        let Some(parameter) = self.0.get_mut(key) else {
            return Err(UserError::unknown("parameter", key, self.0.keys().map(String::as_str)));
        };
        let bad =
            |expected, why: String| UserError::BadValue { key: key.to_owned(), value: text.to_owned(), expected, why };
        let value = match parameter.value {
            Value::Count(_) => {
                Value::Count(text.parse().map_err(|_| bad("number", "it must be a whole number".into()))?)
            }
            Value::Duration(_) => Value::Duration(span::parse(text).map_err(|why| bad("length of time", why))?),
            Value::Switch(_) => {
                Value::Switch(text.parse().map_err(|_| bad("switch", "it must be `true` or `false`".into()))?)
            }
            Value::Choice(_) => {
                let word = parameter.choices.iter().find(|word| **word == text);
                Value::Choice(word.ok_or_else(|| bad("choice", choose(text, parameter.choices)))?)
            }
        };
        let in_range = match (&value, &parameter.least, &parameter.most) {
            (Value::Count(value), Value::Count(least), Value::Count(most)) => (least..=most).contains(&value),
            (Value::Duration(value), Value::Duration(least), Value::Duration(most)) => (least..=most).contains(&value),
            _ => true,
        };
        if !in_range {
            let why = format!("it must lie between {} and {}", parameter.least, parameter.most);
            return Err(bad("value", why));
        }
        parameter.value = value;
        Ok(())
    }

    /// A number.
    ///
    /// # Panics
    /// If the scenario has no such number: its author's mistake, not the user's.
    pub fn count(&self, key: &str) -> u32 {
        match self.get(key) {
            Value::Count(count) => *count,
            other => panic!("`{key}` is no number but {other}"),
        }
    }

    /// A length of time.
    ///
    /// # Panics
    /// If the scenario has no such length of time.
    pub fn duration(&self, key: &str) -> Duration {
        match self.get(key) {
            Value::Duration(duration) => *duration,
            other => panic!("`{key}` is no length of time but {other}"),
        }
    }

    /// A switch.
    ///
    /// # Panics
    /// If the scenario has no such switch.
    pub fn switch(&self, key: &str) -> bool {
        match self.get(key) {
            Value::Switch(on) => *on,
            other => panic!("`{key}` is no switch but {other}"),
        }
    }

    /// A choice.
    ///
    /// # Panics
    /// If the scenario has no such choice.
    pub fn choice(&self, key: &str) -> &'static str {
        match self.get(key) {
            Value::Choice(word) => word,
            other => panic!("`{key}` is no choice but {other}"),
        }
    }

    /// A switch, if the scenario has it.
    pub fn find_switch(&self, key: &str) -> Option<bool> {
        self.0.contains_key(key).then(|| self.switch(key))
    }

    fn get(&self, key: &str) -> &Value {
        &self.0.get(key).unwrap_or_else(|| panic!("the scenario has no parameter `{key}`")).value
    }

    /// Whether the scenario has a parameter of this name.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Parameter)> {
        self.0.iter().map(|(key, parameter)| (key.as_str(), parameter))
    }

    /// Those that differ from `defaults`, as `key=value`.
    pub fn changed_from(&self, defaults: &Parameters) -> Vec<(String, String)> {
        self.0
            .iter()
            .filter(|(key, parameter)| defaults.0.get(*key).is_none_or(|default| default.value != parameter.value))
            .map(|(key, parameter)| (key.clone(), parameter.value.to_string()))
            .collect()
    }
}

/// What there is to choose from, and what was probably meant.
fn choose(text: &str, choices: &'static [&'static str]) -> String {
    let nearest = nearest(text, choices.iter().copied());
    let suggestion = nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default();
    format!("it must be one of {}{suggestion}", choices.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_what_exists_within_its_range() {
        let mut parameters = Parameters::standard();
        parameters.set("candidates", "7").unwrap();
        parameters.set("session_timeout", "9s").unwrap();
        assert_eq!(parameters.count("candidates"), 7);
        assert_eq!(parameters.duration("session_timeout"), Duration::from_secs(9));
        assert_eq!(
            parameters.changed_from(&Parameters::standard()),
            [("candidates".into(), "7".into()), ("session_timeout".into(), "9s".into())]
        );
    }

    #[test]
    fn names_the_nearest_and_the_range() {
        let mut parameters = Parameters::standard();
        let unknown = parameters.set("candidate", "7").unwrap_err();
        assert_eq!(unknown.to_string(), "there is no parameter `candidate`; did you mean `candidates`?");
        assert!(parameters.set("candidates", "0").unwrap_err().to_string().contains("between 1 and 500"));
        assert!(parameters.set("candidates", "many").unwrap_err().to_string().contains("whole number"));
        assert!(parameters.set("tick", "2").unwrap_err().to_string().contains("no unit"));
    }

    #[test]
    fn a_choice_is_one_of_its_words() {
        let mut parameters = Parameters::default().with_choice("judge", "what is judged", "all", &["all", "belief"]);
        parameters.set("judge", "belief").unwrap();
        assert_eq!(parameters.choice("judge"), "belief");
        assert_eq!(
            parameters.set("judge", "belif").unwrap_err().to_string(),
            "`belif` is no choice for `judge`: it must be one of all, belief; did you mean `belief`?"
        );
    }
}

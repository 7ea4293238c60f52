//! Reading TOML tables with the line of each mistake.

use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use crate::error::{UserError, nearest};
use crate::span;

/// Where in which file we are.
pub(super) struct Source<'a> {
    pub(super) file: &'a Path,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// A mistake at a byte of the file.
    pub(super) fn mistake(&self, byte: usize, why: impl Into<String>) -> UserError {
        let before = &self.text[..byte.min(self.text.len())];
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        UserError::BadSchedule { file: PathBuf::from(self.file), line, why: why.into() }
    }
}

/// A whole number, if it is one that can be held.
fn whole(integer: &DeInteger<'_>) -> Option<i128> {
    i128::from_str_radix(&integer.as_str().replace('_', ""), integer.radix()).ok()
}

/// One table being read: what is taken is used up, what remains at the end is unknown.
pub(super) struct Table<'a, 'text> {
    source: &'a Source<'text>,
    /// What the table is, for messages: `this fault`, `the file`.
    what: &'static str,
    begins: usize,
    entries: Vec<(String, usize, Spanned<DeValue<'text>>)>,
    known: Vec<&'static str>,
}

impl<'a, 'text> Table<'a, 'text> {
    pub(super) fn new(source: &'a Source<'text>, what: &'static str, begins: usize, table: DeTable<'text>) -> Self {
        let entries =
            table.into_iter().map(|(key, value)| (key.get_ref().to_string(), key.span().start, value)).collect();
        Table { source, what, begins, entries, known: Vec::new() }
    }

    /// Takes a value out of the table.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'text>>> {
        self.known.push(key);
        let place = self.entries.iter().position(|(name, _, _)| name == key)?;
        Some(self.entries.remove(place).2)
    }

    fn need(&mut self, key: &'static str) -> Result<Spanned<DeValue<'text>>, UserError> {
        match self.take(key) {
            Some(value) => Ok(value),
            None => {
                let known = nearest(key, self.entries.iter().map(|(name, _, _)| name.as_str()));
                let hint = known.map(|name| format!("; is `{name}` meant to be it?")).unwrap_or_default();
                Err(self.source.mistake(self.begins, format!("{} has no `{key}`{hint}", self.what)))
            }
        }
    }

    fn wrong(&self, key: &str, value: &Spanned<DeValue<'_>>, expected: &str) -> UserError {
        let found = value.get_ref().type_str();
        self.source.mistake(value.span().start, format!("`{key}` must be {expected}, not {found}"))
    }

    pub(super) fn text(&mut self, key: &'static str) -> Result<String, UserError> {
        let value = self.need(key)?;
        match value.get_ref() {
            DeValue::String(text) => Ok(text.to_string()),
            _ => Err(self.wrong(key, &value, "text")),
        }
    }

    pub(super) fn optional_text(&mut self, key: &'static str) -> Result<Option<String>, UserError> {
        self.known.push(key);
        if self.entries.iter().any(|(name, _, _)| name == key) { self.text(key).map(Some) } else { Ok(None) }
    }

    /// A text together with the byte at which it stands.
    pub(super) fn placed_text(&mut self, key: &'static str) -> Result<(String, usize), UserError> {
        let place = self.entries.iter().find(|(name, _, _)| name == key).map_or(self.begins, |(_, at, _)| *at);
        self.text(key).map(|text| (text, place))
    }

    pub(super) fn integer<N: TryFrom<i128>>(&mut self, key: &'static str) -> Result<N, UserError> {
        let value = self.need(key)?;
        let DeValue::Integer(integer) = value.get_ref() else {
            return Err(self.wrong(key, &value, "a whole number"));
        };
        let number = whole(integer).and_then(|number| N::try_from(number).ok());
        number.ok_or_else(|| self.source.mistake(value.span().start, format!("`{key}` is out of range: {integer}")))
    }

    pub(super) fn optional_integer<N: TryFrom<i128>>(&mut self, key: &'static str) -> Result<Option<N>, UserError> {
        self.known.push(key);
        if self.entries.iter().any(|(name, _, _)| name == key) { self.integer(key).map(Some) } else { Ok(None) }
    }

    pub(super) fn duration(&mut self, key: &'static str) -> Result<Duration, UserError> {
        let at = self.entries.iter().find(|(name, _, _)| name == key).map_or(self.begins, |(_, at, _)| *at);
        let text = self.text(key)?;
        span::parse(&text)
            .map_err(|why| self.source.mistake(at, format!("`{text}` is no length of time for `{key}`: {why}")))
    }

    pub(super) fn optional_duration(&mut self, key: &'static str) -> Result<Option<Duration>, UserError> {
        self.known.push(key);
        if self.entries.iter().any(|(name, _, _)| name == key) { self.duration(key).map(Some) } else { Ok(None) }
    }

    pub(super) fn texts(&mut self, key: &'static str) -> Result<Vec<String>, UserError> {
        let value = self.need(key)?;
        self.texts_of(key, &value)
    }

    pub(super) fn optional_texts(&mut self, key: &'static str) -> Result<Vec<String>, UserError> {
        self.known.push(key);
        if self.entries.iter().any(|(name, _, _)| name == key) { self.texts(key) } else { Ok(Vec::new()) }
    }

    fn texts_of(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, UserError> {
        let DeValue::Array(items) = value.get_ref() else {
            return Err(self.wrong(key, value, "a list of names"));
        };
        let mut texts = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::String(text) => texts.push(text.to_string()),
                _ => return Err(self.wrong(key, item, "a list of names")),
            }
        }
        Ok(texts)
    }

    pub(super) fn text_groups(&mut self, key: &'static str) -> Result<Vec<Vec<String>>, UserError> {
        let value = self.need(key)?;
        let DeValue::Array(groups) = value.get_ref() else {
            return Err(self.wrong(key, &value, "a list of lists of names"));
        };
        groups.iter().map(|group| self.texts_of(key, group)).collect()
    }

    /// All remaining entries as `key = scalar`, each with its place.
    pub(super) fn scalars(self) -> Result<Vec<(String, String, usize)>, UserError> {
        let mut scalars = Vec::new();
        for (key, at, value) in self.entries {
            let text = match value.get_ref() {
                DeValue::String(text) => text.to_string(),
                // As a person would write it, whatever its radix: `0x10` is sixteen.
                DeValue::Integer(integer) => match whole(integer) {
                    Some(number) => number.to_string(),
                    None => return Err(self.source.mistake(at, format!("`{key}` is out of range: {integer}"))),
                },
                DeValue::Boolean(on) => on.to_string(),
                other => {
                    let why = format!("`{key}` must be a single value, not {}", other.type_str());
                    return Err(self.source.mistake(at, why));
                }
            };
            scalars.push((key, text, at));
        }
        Ok(scalars)
    }

    /// Refuses what nobody took.
    pub(super) fn finish(self) -> Result<(), UserError> {
        match self.entries.first() {
            None => Ok(()),
            Some((name, at, _)) => {
                let hint = nearest(name, self.known.iter().copied());
                let hint = hint.map(|hint| format!("; did you mean `{hint}`?")).unwrap_or_default();
                Err(self.source.mistake(*at, format!("{} has no use for `{name}`{hint}", self.what)))
            }
        }
    }
}

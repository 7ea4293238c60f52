//! Schedule files: TOML that people read and edit.
//!
//! A saved failure is a schedule file with a section `[found]`: what was seen, and by which versions. A replay that
//! sees something else says so.

mod fault;

use std::path::Path;

use history::TraceHash;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::reader::{Source, Table};
use super::{Fault, Schedule};
use crate::error::UserError;
use crate::files;

/// The format that this version writes, and the only one it reads.
const FORMAT: u32 = 1;

/// A run as a file keeps it: all of its inputs, and what was found if it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedRun {
    /// The scenario's name.
    pub scenario: String,
    /// The seed of all streams.
    pub seed: u64,
    /// The seed of the scheduler, if it is not the same.
    pub scheduler_seed: Option<u64>,
    /// The parameters that differ from the scenario's defaults, each with its line.
    pub parameters: Vec<(String, String)>,
    /// The faults.
    pub schedule: Schedule,
    /// Points of interest that the run reaches, if it is kept for them.
    pub reaches: Vec<String>,
    /// What was found when the file was written.
    pub found: Option<Found>,
    /// The line of each fault, for messages about it; empty in a run that comes from no file.
    pub lines: Vec<usize>,
}

/// What was found when a failure was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The verdict: `safety`, `liveness`, …
    pub verdict: String,
    /// The monitor that spoke first.
    pub monitor: String,
    /// What it said.
    pub message: String,
    /// When, in virtual milliseconds.
    pub at_ms: u64,
    /// The hash of the whole run.
    pub trace: TraceHash,
    /// The version of Interregnum.
    pub version: String,
    /// The compiler.
    pub rustc: String,
}

impl SavedRun {
    /// Reads a file.
    ///
    /// # Errors
    /// One line that names the place.
    pub fn load(file: &Path) -> Result<SavedRun, UserError> {
        let bytes =
            std::fs::read(file).map_err(|error| UserError::BadFile { file: file.into(), why: error.to_string() })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let why = format!("byte {} is no UTF-8: this is no schedule file", error.utf8_error().valid_up_to());
            UserError::BadFile { file: file.into(), why }
        })?;
        SavedRun::parse(&text, file)
    }

    /// Reads the text of a file; `file` is for messages.
    ///
    /// # Errors
    /// One line that names the place.
    pub fn parse(text: &str, file: &Path) -> Result<SavedRun, UserError> {
        let source = Source { file, text };
        if text.trim().is_empty() {
            return Err(source.mistake(0, "the file is empty: a schedule file begins with `format = 1`"));
        }
        let root = DeTable::parse(text).map_err(|error| {
            let at = error.span().map_or(text.len(), |span| span.start);
            source.mistake(at, error.message().replace('\n', " "))
        })?;
        let mut root = Table::new(&source, "the file", 0, root.into_inner());
        let format: u32 = root.integer("format")?;
        if format != FORMAT {
            return Err(source.mistake(0, format!("format {format} is unknown: this version reads format {FORMAT}")));
        }
        let scenario = root.text("scenario")?;
        let seed = root.integer("seed")?;
        let scheduler_seed = root.optional_integer("scheduler_seed")?;
        let reaches = root.optional_texts("reaches")?;
        let parameters = match root.take("parameters") {
            None => Vec::new(),
            Some(value) => section(&source, "[parameters]", value)?
                .scalars()?
                .into_iter()
                .map(|(key, text, _)| (key, text))
                .collect(),
        };
        let (faults, lines) = read_faults(&source, root.take("fault"))?;
        let found = match root.take("found") {
            None => None,
            Some(value) => Some(read_found(section(&source, "[found]", value)?, &source)?),
        };
        root.finish()?;
        let schedule = Schedule { faults };
        Ok(SavedRun { scenario, seed, scheduler_seed, parameters, schedule, reaches, found, lines })
    }

    /// The text of the file.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let mut line = |content: String| {
            text.push_str(&content);
            text.push('\n');
        };
        line(format!("format = {FORMAT}"));
        line(format!("scenario = {}", quoted(&self.scenario)));
        line(format!("seed = {}", self.seed));
        if let Some(seed) = self.scheduler_seed {
            line(format!("scheduler_seed = {seed}"));
        }
        if !self.reaches.is_empty() {
            line(format!("reaches = {}", quoted_list(&self.reaches)));
        }
        if !self.parameters.is_empty() {
            line("\n[parameters]".into());
            for (key, value) in &self.parameters {
                line(format!("{} = {}", key_of_table(key), quoted(value)));
            }
        }
        for fault in &self.schedule.faults {
            line(fault::write_fault(fault));
        }
        if let Some(found) = &self.found {
            line("\n[found]".into());
            line(format!("verdict = {}", quoted(&found.verdict)));
            line(format!("monitor = {}", quoted(&found.monitor)));
            line(format!("message = {}", quoted(&found.message)));
            line(format!("at_ms = {}", found.at_ms));
            line(format!("trace = {}", quoted(&found.trace.to_string())));
            line(format!("version = {}", quoted(&found.version)));
            line(format!("rustc = {}", quoted(&found.rustc)));
        }
        text
    }

    /// Writes a file whole or not at all. A file that is there already is not overwritten.
    ///
    /// # Errors
    /// If it exists, or cannot be written.
    pub fn save(&self, file: &Path) -> Result<(), UserError> {
        if file.exists() {
            let why = "the file exists already and is not overwritten".into();
            return Err(UserError::BadFile { file: file.into(), why });
        }
        files::replace(file, &self.to_text()).map(drop)
    }

    /// Writes a file whole or not at all, in place of what may be there. Tells whether something else was.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save_or_replace(&self, file: &Path) -> Result<bool, UserError> {
        files::replace(file, &self.to_text())
    }

    /// A mistake about one of the faults, with its line if it comes from a file.
    pub fn mistake_at_fault(&self, file: &Path, place: usize, error: &UserError) -> UserError {
        match self.lines.get(place) {
            Some(line) => UserError::BadSchedule { file: file.into(), line: *line, why: error.to_string() },
            None => error.clone(),
        }
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A key as it stands in a table: in quotes unless all of its letters are plain.
fn key_of_table(key: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    if !key.is_empty() && key.chars().all(is_plain) {
        return key.to_owned();
    }
    // Unlike a value it has no form of several lines.
    let escaped = |letter: char| match letter {
        '"' | '\\' => format!("\\{letter}"),
        _ if letter.is_control() => format!("\\u{:04x}", u32::from(letter)),
        _ => letter.to_string(),
    };
    format!("\"{}\"", key.chars().map(escaped).collect::<String>())
}

fn quoted_list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}

fn section<'a, 'text>(
    source: &'a Source<'text>,
    what: &'static str,
    value: Spanned<DeValue<'text>>,
) -> Result<Table<'a, 'text>, UserError> {
    let begins = value.span().start;
    match value.into_inner() {
        DeValue::Table(table) => Ok(Table::new(source, what, begins, table)),
        other => Err(source.mistake(begins, format!("{what} must be a section, not {}", other.type_str()))),
    }
}

fn read_faults(
    source: &Source<'_>,
    value: Option<Spanned<DeValue<'_>>>,
) -> Result<(Vec<Fault>, Vec<usize>), UserError> {
    let Some(value) = value else {
        return Ok((Vec::new(), Vec::new()));
    };
    let begins = value.span().start;
    let DeValue::Array(items) = value.into_inner() else {
        return Err(source.mistake(begins, "faults are written as sections `[[fault]]`"));
    };
    let mut faults = Vec::new();
    for item in items.into_iter() {
        let begins = item.span().start;
        let line = source.text[..begins].bytes().filter(|byte| *byte == b'\n').count() + 1;
        faults.push((fault::read_fault(section(source, "this fault", item)?, source)?, line));
    }
    faults.sort_by_key(|(fault, _)| fault.at);
    Ok(faults.into_iter().unzip())
}

fn read_found(mut table: Table<'_, '_>, source: &Source<'_>) -> Result<Found, UserError> {
    let (trace, trace_at) = table.placed_text("trace")?;
    let found = Found {
        verdict: table.text("verdict")?,
        monitor: table.text("monitor")?,
        message: table.optional_text("message")?.unwrap_or_default(),
        at_ms: table.integer("at_ms")?,
        trace: trace.parse().map_err(|why: String| source.mistake(trace_at, why))?,
        version: table.optional_text("version")?.unwrap_or_default(),
        rustc: table.optional_text("rustc")?.unwrap_or_default(),
    };
    table.finish()?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn parse(text: &str) -> Result<SavedRun, UserError> {
        SavedRun::parse(text, Path::new("x.toml"))
    }

    fn complaint(text: &str) -> String {
        parse(text).expect_err("the file is wrong").to_string()
    }

    const HEAD: &str = "format = 1\nscenario = \"election/docs\"\nseed = 7\n";

    #[test]
    fn says_where_and_what_is_wrong() {
        assert_eq!(complaint(""), "x.toml:1: the file is empty: a schedule file begins with `format = 1`");
        assert!(complaint("format = 1\nscenario = \"a").starts_with("x.toml:2: "));
        assert_eq!(complaint("format = 1\nseed = 1\n"), "x.toml:1: the file has no `scenario`");
        let fault = |body: &str| complaint(&format!("{HEAD}\n[[fault]]\n{body}"));
        assert_eq!(fault("at = \"1s\"\n"), "x.toml:5: this fault has no `kind`");
        assert_eq!(
            fault("at = \"1s\"\nkind = \"isolat\"\n"),
            "x.toml:7: there is no kind of fault `isolat`; did you mean `isolate`?"
        );
        assert_eq!(
            fault("at = \"1s\"\nlasts = \"2s\"\nkind = \"kill\"\nnode = \"c1\"\nforever = true\n"),
            "x.toml:10: this fault has no use for `forever`"
        );
        let found = "[found]\nverdict = \"safety\"\nmonitor = \"m\"\nat_ms = 1\ntrace = \"zz\"\n";
        assert!(complaint(&format!("{HEAD}{found}")).starts_with("x.toml:8: `zz` is no trace hash"));
        assert_eq!(
            fault("at = \"soon\"\nkind = \"kill\"\n"),
            "x.toml:6: `soon` is no length of time for `at`: `soon` is no unit of time"
        );
    }

    #[test]
    fn a_file_edited_by_hand_may_have_its_faults_in_any_order() {
        let late = "[[fault]]\nat = \"9s\"\nlasts = \"1s\"\nkind = \"kill\"\nnode = \"c1\"\n";
        let early = "[[fault]]\nat = \"3s\"\nlasts = \"forever\"\nkind = \"pause\"\nnode = \"c2\"\n";
        let run = parse(&format!("{HEAD}{late}{early}")).unwrap();
        let times: Vec<_> = run.schedule.faults.iter().map(|fault| fault.at).collect();
        assert_eq!(times, [Duration::from_secs(3), Duration::from_secs(9)]);
        assert_eq!(run.lines, [9, 4]);
    }

    #[test]
    fn what_a_run_is_kept_for_is_read_again() {
        let run = parse(&format!("{HEAD}reaches = [\"failover\", \"watch fired\"]\n")).unwrap();
        assert_eq!(run.reaches, ["failover", "watch fired"]);
        assert_eq!(parse(&run.to_text()).unwrap(), run);
        assert!(parse(HEAD).unwrap().reaches.is_empty(), "files from before have none");
        assert!(complaint(&format!("{HEAD}reaches = [7]\n")).starts_with("x.toml:4: "));
    }

    #[test]
    fn whatever_the_key_and_the_value_of_a_parameter_they_are_read_again() {
        let keys = r#"servers = 0x1_0
"a b" = 0b11
"" = 1_000
"\u0000\n\u007f\"\\" = "a\nb"
"ä" = true
"#;
        let run = parse(&format!("{HEAD}[parameters]\n{keys}")).unwrap();
        assert_eq!(parse(&run.to_text()).unwrap(), run);
        let value = |key: &str| run.parameters.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
        let values = ["servers", "a b", "", "\0\n\u{7f}\"\\", "ä"].map(value);
        assert_eq!(values, [Some("16"), Some("3"), Some("1000"), Some("a\nb"), Some("true")]);
    }

    #[test]
    fn what_is_saved_is_read_again_and_never_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.toml");
        let run = parse(HEAD).unwrap();
        run.save(&file).unwrap();
        assert_eq!(SavedRun::load(&file).unwrap(), run);
        assert!(run.save(&file).unwrap_err().to_string().contains("not overwritten"));
        assert_eq!(run.save_or_replace(&file), Ok(false));
        assert_eq!(SavedRun { seed: 8, ..run }.save_or_replace(&file), Ok(true));
        assert_eq!(SavedRun::load(&file).unwrap().seed, 8);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing half-written is left");
    }
}

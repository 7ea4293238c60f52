//! `interregnum check`: whether a history from a file is linearizable.

use std::path::Path;

use ::check::linearizability::{History, HistoryError, Judgement, ModelName, Verdict, Wrong, judge};
use interregnum::UserError;

use crate::arguments::{Check, Model};
use crate::{Exit, Failure};

impl From<Model> for ModelName {
    fn from(model: Model) -> ModelName {
        match model {
            Model::Register => ModelName::Register,
            Model::Cas => ModelName::Cas,
            Model::Kv => ModelName::KeyValue,
            Model::Znode => ModelName::Znode,
            Model::Sequence => ModelName::Sequence,
        }
    }
}

/// Judges a history.
pub fn check(arguments: &Check) -> Result<Exit, Failure> {
    let file = &arguments.file;
    let text = std::fs::read_to_string(file)
        .map_err(|error| UserError::BadFile { file: file.clone(), why: error.to_string() })?;
    let history: History = text.parse().map_err(|error| refusal(file, &error))?;
    let judgement = judge(&history, arguments.model.into(), arguments.budget).map_err(|error| refusal(file, &error))?;
    if arguments.json {
        let line = serde_json::to_string(&judgement).map_err(|error| Failure::Other(error.to_string()))?;
        println!("{line}");
    } else {
        println!("{}", shown(file, arguments, &judgement));
    }
    Ok(match judgement.verdict {
        Verdict::Holds => Exit::Held,
        Verdict::Violated { .. } => Exit::Safety,
        Verdict::Unknown { .. } => Exit::Other,
    })
}

fn refusal(file: &Path, error: &HistoryError) -> UserError {
    let HistoryError { line, wrong } = error;
    let nearest = match wrong {
        Wrong::UnknownOperation { name, known, .. } => interregnum::nearest(name, known.iter().copied()),
        _ => None,
    };
    let suggestion = nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default();
    UserError::Mismatch(format!("{}:{line}: {wrong}{suggestion}", file.display()))
}

fn shown(file: &Path, arguments: &Check, judgement: &Judgement) -> String {
    let Judgement { operations, parts, states, .. } = judgement;
    let model = ModelName::from(arguments.model);
    let what = format!("{} as {model}, operations {operations}, keys {parts}, states {states}", file.display());
    match &judgement.verdict {
        Verdict::Holds => format!("{what}: linearizable"),
        Verdict::Violated { window } => {
            let key = if window.part.is_empty() { String::new() } else { format!(" at key {}", window.part) };
            let minimal = if window.minimal { "" } else { "\n  (perhaps some of these could be left out)" };
            format!("{what}: not linearizable{key}: no order explains these answers\n{window}{minimal}")
        }
        Verdict::Unknown { parts } => {
            let keys: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            let of = if keys.is_empty() { String::new() } else { format!(" of key {}", keys.join(", ")) };
            let budget = arguments.budget;
            format!("{what}: unknown{of}: the budget of {budget} states was spent; `--budget` sets another one")
        }
    }
}

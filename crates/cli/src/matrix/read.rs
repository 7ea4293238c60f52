//! Cells from files: what earlier invocations printed with `--json`. So that hours of runs can be had in parts.

use std::path::{Path, PathBuf};

use interregnum::UserError;
use serde_json::Value;

use super::cell::Cell;
use super::column::Column;
use super::strength::Strength;

/// Reads all cells. Where two are of the same row and column the later one counts, and that is said.
pub fn files(files: &[PathBuf]) -> Result<Vec<Cell>, UserError> {
    let mut cells: Vec<Cell> = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file)
            .map_err(|error| UserError::BadFile { file: file.clone(), why: error.to_string() })?;
        for cell in parse(&text, file)? {
            match cells.iter_mut().find(|there| there.row() == cell.row() && there.column == cell.column) {
                Some(there) if *there == cell => {}
                Some(there) => {
                    let (row, column) = (cell.row(), &cell.column);
                    eprintln!("interregnum: {row} under {column} is there twice: the one in {} counts", file.display());
                    *there = cell;
                }
                None => cells.push(cell),
            }
        }
    }
    if cells.is_empty() {
        return Err(UserError::Mismatch("there is no cell in these files".into()));
    }
    Ok(cells)
}

fn parse(text: &str, file: &Path) -> Result<Vec<Cell>, UserError> {
    let mut cells = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let bad = |why: String| UserError::Mismatch(format!("{}:{number}: {why}", file.display()));
        if line.trim().is_empty() {
            continue;
        }
        let value: Value = serde_json::from_str(line).map_err(|error| bad(format!("this is no object: {error}")))?;
        if value.get("summary").is_some() {
            continue;
        }
        let cell: Cell = serde_json::from_value(value).map_err(|error| bad(format!("this is no cell: {error}")))?;
        if let Some(missing) = Strength::ALL.into_iter().find(|strength| !cell.strengths.contains_key(strength)) {
            return Err(bad(format!("the cell says nothing of `{missing}`")));
        }
        if !Column::all().iter().any(|column| column.name() == cell.column) {
            return Err(bad(UserError::unknown(
                "column",
                &cell.column,
                Column::all().iter().map(|column| column.name()),
            )
            .to_string()));
        }
        cells.push(cell);
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::super::cell::testing::cell;
    use super::*;

    fn complaint(text: &str) -> String {
        parse(text, Path::new("cells.jsonl")).unwrap_err().to_string()
    }

    #[test]
    fn a_summary_and_an_empty_line_are_passed_over() {
        let cell = cell("election/docs", "pause", "B");
        let text = format!("{}\n\n{{\"summary\": {{}}}}\n", serde_json::to_string(&cell).unwrap());
        assert_eq!(parse(&text, Path::new("cells.jsonl")).unwrap(), [cell]);
    }

    #[test]
    fn what_is_no_cell_is_told_with_its_line() {
        let right = serde_json::to_string(&cell("election/docs", "pause", "B")).unwrap();
        assert!(complaint(&format!("{right}\n{}", &right[..40])).starts_with("cells.jsonl:2: this is no object: "));
        assert!(complaint("{\"scenario\": 1}").starts_with("cells.jsonl:1: this is no cell: "));
        let column = right.replace("\"pause\"", "\"pauze\"");
        assert_eq!(complaint(&column), "cells.jsonl:1: there is no column `pauze`; did you mean `pause`?");
    }
}

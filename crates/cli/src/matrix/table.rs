//! The matrix for the terminal.

use super::cell::{Cell, MARKS};
use super::column::Column;
use crate::grid::grid;

/// The rows, in the order in which they first occur.
pub fn rows(cells: &[Cell]) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for cell in cells {
        let row = cell.row();
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    rows
}

/// The columns that any cell has, in the order of the table.
pub fn columns(cells: &[Cell]) -> Vec<&'static str> {
    let all = Column::all().into_iter().map(Column::name);
    all.filter(|column| cells.iter().any(|cell| cell.column == *column)).collect()
}

/// The cell of a row in a column.
pub fn find<'a>(cells: &'a [Cell], row: &str, column: &str) -> Option<&'a Cell> {
    cells.iter().find(|cell| cell.column == column && cell.row() == row)
}

/// The whole table.
pub fn table(cells: &[Cell]) -> String {
    let columns = columns(cells);
    let mut lines = vec![[""].into_iter().chain(columns.iter().copied()).map(str::to_owned).collect()];
    for row in rows(cells) {
        let shown = |column: &&str| match find(cells, &row, column) {
            Some(cell) => format!("{}{}", cell.marks(), cell.remark().unwrap_or_default()),
            None => String::new(),
        };
        lines.push([row.clone()].into_iter().chain(columns.iter().map(shown)).collect());
    }
    let mut text = grid(&lines);
    text.push_str(&format!("\n{MARKS}"));
    if cells.iter().any(|cell| cell.remark() == Some("†")) {
        text.push_str("\n† something else than an election broke, or panicked");
    }
    if cells.iter().any(|cell| cell.remark() == Some("?")) {
        text.push_str("\n? the runs never got to where it could break: what holds there proves nothing");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::cell::testing::cell;
    use super::*;

    #[test]
    fn cells_stand_where_they_belong_whatever_their_order() {
        let cells = [
            cell("election/docs", "all", "B"),
            cell("election/lease", "pause", ""),
            cell("election/docs", "pause", "O"),
        ];
        let table = table(&cells);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines[0], "       pause  all");
        assert_eq!(lines[1], "docs   ·+O!+  B+++");
        assert_eq!(lines[2], "lease  ·+++");
        assert!(!table.contains('†'));
    }

    #[test]
    fn a_cell_that_proves_nothing_says_so() {
        let mut vacuous = cell("election/docs", "clock", "");
        vacuous.missed.push("leader's clock bent".to_owned());
        assert!(table(&[vacuous]).contains("++++?"));
    }
}

//! The columns of the matrix: no faults, one family at a time, all at once.

use std::collections::BTreeSet;
use std::fmt;

use interregnum::UserError;
use interregnum::schedule::Family;

/// What may go wrong in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Nothing.
    Nothing,
    /// Faults of one family.
    One(Family),
    /// Faults of all families.
    All,
}

impl Column {
    /// All columns, in the order of the table.
    pub fn all() -> Vec<Column> {
        let one_at_a_time = Family::ALL.map(Column::One);
        [Column::Nothing].into_iter().chain(one_at_a_time).chain([Column::All]).collect()
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Column::Nothing => "none",
            Column::One(family) => family.name(),
            Column::All => "all",
        }
    }

    /// The families that may occur.
    pub fn families(self) -> BTreeSet<Family> {
        match self {
            Column::Nothing => BTreeSet::new(),
            Column::One(family) => BTreeSet::from([family]),
            Column::All => BTreeSet::from(Family::ALL),
        }
    }

    /// The columns of these names, separated by commas, in the order of the table.
    pub fn parse(text: &str) -> Result<Vec<Column>, UserError> {
        let all = Column::all();
        let mut asked = BTreeSet::new();
        for name in text.split(',').map(str::trim) {
            let place = all.iter().position(|column| column.name() == name);
            let unknown = || UserError::unknown("column", name, all.iter().map(|column| column.name()));
            asked.insert(place.ok_or_else(unknown)?);
        }
        Ok(asked.into_iter().map(|place| all[place]).collect())
    }
}

impl fmt::Display for Column {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_in_the_order_of_the_table_and_once() {
        let names = |text| Column::parse(text).unwrap().into_iter().map(Column::name).collect::<Vec<_>>();
        assert_eq!(names("all,clock,none,clock"), ["none", "clock", "all"]);
        let complaint = Column::parse("clocks").unwrap_err().to_string();
        assert_eq!(complaint, "there is no column `clocks`; did you mean `clock`?");
    }
}

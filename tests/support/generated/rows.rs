//! Tables for rows: few columns of all types, and edits that rows have an opinion on.
//!
//! In: a [`Tape`]. Out: the scripts of both sides, and the columns that rows are written to and read from. What is made may
//! be wrong: then both the catalog and the server refuse it, and there is nothing to judge.

mod column;
mod edit;
mod part;
mod table;
mod value;

pub use value::values;

use super::column::Column;
use super::{Dialect, Tape};

/// Both sides of what is judged.
#[derive(Debug, Clone)]
pub struct Case {
    /// OLD's and NEW's scripts.
    pub scripts: (String, String),
    /// OLD's and NEW's tables with their columns.
    pub tables: (Vec<Shape>, Vec<Shape>),
}

/// What of a table concerns its rows.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// It keeps its history (MariaDB).
    pub versioned: bool,
}

/// Makes both sides.
pub fn case(tape: &mut Tape<'_>, dialect: Dialect) -> Case {
    let old = table::table(tape, dialect);
    let mut new = old.clone();
    for _ in 0..=*tape.pick(&[0, 0, 0, 0, 1, 1, 2, 4]) {
        edit::edit(&mut new, tape, dialect);
    }
    let parent = table::parent(tape);
    let mut parent_after = parent.clone();
    if tape.chance(10) {
        edit::edit_parent(&mut parent_after, tape);
    }
    let both = [(old, parent), (new, parent_after)].map(|(table, parent)| {
        let table = table::settled(table);
        let script = format!("{}{}", table::script(&parent, "p"), table::script(&table, "t"));
        let shapes = [("p", &parent), ("t", &table)];
        let shape = |(name, t): (&str, &table::Table)| Shape {
            name: name.to_owned(),
            columns: t.columns.clone(),
            versioned: t.versioned,
        };
        (script, shapes.map(shape).to_vec())
    });
    let [(old, before), (new, after)] = both;
    Case { scripts: (old, new), tables: (before, after) }
}

//! Edits that rows have an opinion on.

use super::super::column::{Class, Column};
use super::super::{Dialect, Tape};
use super::column::{CHARSETS, INTEGERS, any, attributes, column_default, has_charset, of, of_class, retype, word};
use super::part::{add_check, add_generated, add_unique, computed, partition, prefix, refer};
use super::table::{Key, Table};

pub(super) fn edit(table: &mut Table, tape: &mut Tape<'_>, dialect: Dialect) {
    let at = tape.below(table.columns.len());
    let at = if table.columns[at].name == "id" && tape.chance(70) { table.columns.len() - 1 } else { at };
    match tape.below(28) {
        0..=5 => retype(&mut table.columns[at], tape, dialect),
        6 | 7 => {
            let with = |c: &Column| has_charset(c.class);
            if let Some(column) = table.columns.iter_mut().find(|c| with(c)) {
                column.collation = Some(*tape.pick(CHARSETS));
            } else {
                retype(&mut table.columns[at], tape, dialect);
            }
        }
        8 => {
            table.collation = *tape.pick(CHARSETS);
            let with = |c: &&mut Column| has_charset(c.class);
            table.columns.iter_mut().filter(with).for_each(|c| c.collation = None);
        }
        9 | 10 => {
            let column = &mut table.columns[at];
            column.nullable = !column.nullable;
            column.default = if tape.chance(30) { column_default(column, tape, dialect) } else { None };
        }
        11 | 12 => add_unique(table, tape, dialect),
        13 => {
            table.keys.retain(|k| !k.primary);
            let name = table.columns[at].name.clone();
            let parts = vec![(name, prefix(&table.columns[at]))];
            table.keys.push(Key { primary: true, parts, expression: None });
        }
        14 => refer(table, tape),
        15 => add_check(table, tape, dialect),
        16 => add_generated(table, tape, dialect),
        17 => {
            let base = table.columns[tape.below(table.columns.len())].clone();
            match &mut table.columns[at].generated {
                Some((expression, _, stored)) => match tape.below(3) {
                    0 => *stored = !*stored,
                    1 if base.generated.is_none() => *expression = computed(&base, tape, dialect),
                    _ => table.columns[at].generated = None,
                },
                None => retype(&mut table.columns[at], tape, dialect),
            }
        }
        18 => {
            let mut column = any("added", tape, dialect);
            attributes(&mut column, tape, dialect);
            if tape.chance(60) {
                (column.nullable, column.default) = (false, None);
            }
            if table.columns.iter().all(|c| c.name != column.name) {
                table.columns.insert(at, column);
            }
        }
        19 => {
            if !table.columns.iter().any(|c| c.auto_increment || c.name == "n") {
                let mut column = of("n", word(tape, INTEGERS), Class::Integer, 0);
                (column.nullable, column.auto_increment) = (false, true);
                table.columns.push(column);
                table.keys.push(Key { primary: false, parts: vec![("n".to_owned(), None)], expression: None });
            }
        }
        20 => partition(table, tape),
        21 => {
            if table.columns.len() > 1 {
                table.columns.remove(at);
            }
        }
        22 => {
            let expression = computed(&table.columns[at].clone(), tape, dialect);
            let name = table.columns[at].name.clone();
            let to = table.columns.iter_mut().find(|c| c.name != name && c.name != "id" && c.generated.is_none());
            if let Some(column) = to {
                column.generated = Some((expression, name, tape.chance(60)));
                (column.default, column.auto_increment) = (None, false);
            }
        }
        23 => {
            let base = table.columns[at].clone();
            let class =
                *tape.pick(&[Class::Text, Class::Integer, Class::Real, Class::Date, Class::Enum, Class::Binary]);
            let mut column = of_class("filled", class, tape, dialect);
            if base.generated.is_none() && table.columns.iter().all(|c| c.name != column.name) {
                column.default = Some(format!("({})", computed(&base, tape, dialect)));
                column.nullable = tape.chance(60);
                table.columns.push(column);
            }
        }
        24 | 25 if dialect == Dialect::MySql => {
            let base = table.columns[at].clone();
            let expression = Some(format!("({})", computed(&base, tape, dialect)));
            table.keys.push(Key { primary: false, parts: Vec::new(), expression });
        }
        24 | 25 => add_check(table, tape, dialect),
        26 => {
            for column in table.columns.iter_mut().filter(|c| matches!(c.class, Class::Enum | Class::Set)) {
                column.data_type = turned(&column.data_type);
                column.default = None;
            }
            table.columns.iter_mut().filter(|c| c.class == Class::Integer).take(1).for_each(|c| c.nullable = false);
        }
        _ => {
            table.engine = *tape.pick(&["InnoDB", "MyISAM", "MEMORY"]);
            if tape.chance(50) {
                table.columns.iter_mut().filter(|c| c.class == Class::Integer).take(1).for_each(|c| {
                    (c.auto_increment, c.nullable, c.default) = (!c.auto_increment, false, None);
                });
            }
        }
    }
}

/// The type with its members the other way round.
fn turned(data_type: &str) -> String {
    let Some((head, members)) = data_type.split_once('(') else { return data_type.to_owned() };
    let mut members: Vec<&str> = members.trim_end_matches(')').split(',').collect();
    members.reverse();
    format!("{head}({})", members.join(","))
}

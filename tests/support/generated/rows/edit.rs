//! Edits that rows have an opinion on.

use super::super::column::{Class, Column};
use super::super::print::quoted;
use super::super::{Dialect, Tape};
use super::column::{CHARSETS, INTEGERS, any, attributes, column_default, has_charset, of, of_class, retype, word};
use super::part::{add_check, add_comparison, add_generated, add_unique, computed_of, partition, prefix, refer};
use super::table::{Key, Table};

pub(super) fn edit(table: &mut Table, tape: &mut Tape<'_>, dialect: Dialect) {
    let at = tape.below(table.columns.len());
    let at = if table.columns[at].name == "id" && tape.chance(70) { table.columns.len() - 1 } else { at };
    match tape.below(36) {
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
            let columns = table.columns.clone();
            let base = tape.pick(&columns).clone();
            match &mut table.columns[at].generated {
                Some((expression, _, stored)) => match tape.below(3) {
                    0 => *stored = !*stored,
                    1 if base.generated.is_none() => *expression = computed_of(&columns, &base, tape, dialect),
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
            let expression = computed_of(&table.columns, &table.columns[at], tape, dialect);
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
                column.default = Some(format!("({})", computed_of(&table.columns, &base, tape, dialect)));
                column.nullable = tape.chance(60);
                table.columns.push(column);
            }
        }
        24 | 25 if dialect == Dialect::MySql => {
            let base = table.columns[at].clone();
            let expression = Some(format!("({})", computed_of(&table.columns, &base, tape, dialect)));
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
        27 => add_comparison(table, tape),
        28 => renamed(table, at),
        29 => {
            let column = &mut table.columns[at];
            if column.class == Class::Integer && column.generated.is_none() {
                (column.auto_increment, column.nullable, column.default) = (!column.auto_increment, false, None);
                let name = column.name.clone();
                if table.keys.iter().all(|k| k.parts.first().is_none_or(|part| part.0 != name)) {
                    table.keys.push(Key { primary: false, parts: vec![(name, None)], expression: None });
                }
            }
        }
        30 => {
            table.versioned = dialect == Dialect::MariaDb && !table.versioned;
        }
        31 => {
            let dropped = tape.below(table.keys.len().max(1));
            if dropped < table.keys.len() {
                table.keys.remove(dropped);
            }
            table.columns[at].auto_increment = false;
        }
        32 => {
            table.checks.pop();
            retype(&mut table.columns[at], tape, dialect);
        }
        33 => {
            // Its charset, its nullability and a default at once.
            let column = &mut table.columns[at];
            if has_charset(column.class) {
                column.collation = Some(*tape.pick(CHARSETS));
            }
            column.nullable = false;
            column.default = column_default(column, tape, dialect);
        }
        34 => {
            // Two columns change places in everything but their names.
            let other = tape.below(table.columns.len());
            if at != other && [at, other].iter().all(|at| table.columns[*at].generated.is_none()) {
                table.columns.swap(at, other);
                let name = table.columns[at].name.clone();
                table.columns[at].name = std::mem::replace(&mut table.columns[other].name, name);
            }
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

/// A column gets another name, with all that names it.
fn renamed(table: &mut Table, at: usize) {
    let (old, new) = (table.columns[at].name.clone(), format!("{}_renamed", table.columns[at].name));
    let again = |text: &mut String| *text = text.replace(&quoted(&old), &quoted(&new));
    for column in &mut table.columns {
        if column.name == old {
            column.name.clone_from(&new);
        }
        column.default.iter_mut().for_each(again);
        if let Some((expression, base, _)) = &mut column.generated {
            again(expression);
            if *base == old {
                base.clone_from(&new);
            }
        }
    }
    for key in &mut table.keys {
        key.parts.iter_mut().filter(|part| part.0 == old).for_each(|part| part.0.clone_from(&new));
        key.expression.iter_mut().for_each(again);
    }
    table.checks.iter_mut().for_each(again);
    table.reference.iter_mut().for_each(again);
    if let Some((name, by)) = &mut table.partitions {
        again(by);
        if *name == old {
            name.clone_from(&new);
        }
    }
}

/// What rows refer to becomes another.
pub(super) fn edit_parent(parent: &mut Table, tape: &mut Tape<'_>) {
    match tape.below(5) {
        0 => {
            parent.columns[0].data_type =
                word(tape, &["int", "bigint", "tinyint", "int unsigned", "smallint"]).to_owned()
        }
        1 => parent.columns[1].collation = Some(*tape.pick(CHARSETS)),
        2 => {
            let (data_type, length) =
                *tape.pick(&[("varchar(5)", 5), ("varchar(64)", 64), ("varchar(300)", 300), ("char(20)", 20)]);
            (parent.columns[1].data_type, parent.columns[1].length) = (data_type.to_owned(), length);
        }
        3 => parent.columns[1].nullable = !parent.columns[1].nullable,
        _ => {
            parent.keys.remove(1);
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

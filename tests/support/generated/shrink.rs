//! Pairs that are smaller by one thing, for findings that a person can read.

use super::column::Column;
use super::{Dialect, Options, Schema, Table, repair};

type Both = (Schema, Schema);

/// All pairs that are smaller by one thing: the large things first.
pub fn smaller(pair: &Both, dialect: Dialect) -> Vec<Both> {
    let mut found: Vec<Both> = Vec::new();
    let mut names: Vec<String> = pair.0.tables.iter().chain(&pair.1.tables).map(|t| t.name.clone()).collect();
    names.sort();
    names.dedup();
    let mut take = |change: &dyn Fn(&mut Schema)| {
        let mut less = pair.clone();
        change(&mut less.0);
        change(&mut less.1);
        repair::repair(&mut less.0, dialect);
        repair::repair(&mut less.1, dialect);
        let some = !less.0.tables.is_empty() && !less.1.tables.is_empty();
        if some && format!("{less:?}") != format!("{pair:?}") {
            found.push(less);
        }
    };
    for name in &names {
        take(&|schema| schema.tables.retain(|t| t.name != *name));
    }
    for name in &names {
        let of = |schema: &Schema| schema.tables.iter().find(|t| t.name == *name).cloned();
        let sides: Vec<Table> = [of(&pair.0), of(&pair.1)].into_iter().flatten().collect();
        take(&in_table(name, |t| t.partitioning = None));
        take(&in_table(name, |t| t.options = Options::default()));
        take(&in_table(name, |t| t.late = false));
        for at in 0..sides.iter().map(|t| t.foreign_keys.len()).max().unwrap_or(0) {
            take(&in_table(name, |t| t.foreign_keys = without(&t.foreign_keys, at)));
        }
        for at in 0..sides.iter().map(|t| t.keys.len()).max().unwrap_or(0) {
            take(&in_table(name, |t| t.keys = without(&t.keys, at)));
        }
        for at in 0..sides.iter().map(|t| t.checks.len()).max().unwrap_or(0) {
            take(&in_table(name, |t| t.checks = without(&t.checks, at)));
        }
        let mut columns: Vec<String> = sides.iter().flat_map(|t| &t.columns).map(|c| c.name.clone()).collect();
        columns.sort();
        columns.dedup();
        for column in &columns {
            take(&in_table(name, |t| {
                if t.columns.len() > 1 {
                    t.columns.retain(|c| c.name != *column)
                }
            }));
        }
        for column in &columns {
            take(&in_column(name, column, |c| c.generated = None));
            take(&in_column(name, column, |c| (c.comment, c.invisible) = (None, false)));
            take(&in_column(name, column, |c| (c.default, c.on_update) = (None, false)));
            take(&in_column(name, column, |c| c.collation = None));
            take(&in_column(name, column, |c| c.auto_increment = false));
            take(&in_column(name, column, |c| c.nullable = true));
        }
    }
    found
}

fn in_table(name: &str, change: impl Fn(&mut Table)) -> impl Fn(&mut Schema) {
    move |schema| schema.tables.iter_mut().filter(|t| t.name == name).for_each(&change)
}

fn in_column(name: &str, column: &str, change: impl Fn(&mut Column)) -> impl Fn(&mut Schema) {
    in_table(name, move |table| table.columns.iter_mut().filter(|c| c.name == column).for_each(&change))
}

fn without<T: Clone>(list: &[T], at: usize) -> Vec<T> {
    list.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, one)| one.clone()).collect()
}

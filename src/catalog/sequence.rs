//! Sequences: what MariaDB fills in, and which values it refuses.
//!
//! `sequence_definition::check_and_adjust` of MariaDB's sql_sequence.cc.

use super::warning::Warnings;
use super::{Catalog, option};
use crate::ident::Ident;
use crate::model::{Column, Database, DefaultValue, Expr, ObjectKind, Sequence};
use crate::source::Span;
use crate::syntax::Reading;
use crate::syntax::ddl::TypeName;
use crate::syntax::sequence::{SequenceClauses, sequence_clauses};

/// How many values are taken at once where nothing is said.
const CACHE: u64 = 1000;

impl Catalog {
    /// The sequence that a CREATE SEQUENCE makes; `None` where MariaDB would refuse it.
    pub(super) fn sequence(&self, statement: &str, reading: &Reading<'_>) -> Option<Sequence> {
        let clauses = sequence_clauses(statement, reading).ok()?;
        let (data_type, (least, greatest)) = range(clauses.data_type)?;
        let increment = clauses.increment.unwrap_or(1);
        let (low, high) = if increment < 0 { (least + 1, -1) } else { (1, greatest - 1) };
        let min = clauses.min.flatten().unwrap_or(low);
        let max = clauses.max.flatten().unwrap_or(high);
        let engine = match &clauses.engine {
            Some(name) => option::engine(name, Span::default(), self.context(&Warnings::default())).ok()?,
            None => self.session.default_engine.clone(),
        };
        let sequence = Sequence {
            data_type,
            start: clauses.start.unwrap_or(if increment < 0 { max } else { min }),
            min,
            max,
            increment,
            cache: clauses.cache.unwrap_or(CACHE),
            cycle: clauses.cycle.unwrap_or(false),
            engine,
            comment: clauses.comment.clone().unwrap_or_default(),
        };
        sequence.is_valid().then_some(sequence)
    }
}

impl Catalog {
    /// Whether a CREATE SEQUENCE has a type where sequences have none.
    pub(super) fn types_in_vain(&self, statement: &str, reading: &Reading<'_>) -> bool {
        !self.target.has_typed_sequences()
            && sequence_clauses(statement, reading).is_ok_and(|clauses| clauses.data_type.is_some())
    }

    /// Whether a CREATE SEQUENCE of no engine in particular is read, and its values contradict each other (4085).
    pub(super) fn contradicts(&self, statement: &str, reading: &Reading<'_>) -> bool {
        let Ok(clauses) = sequence_clauses(statement, reading) else { return false };
        clauses.engine.is_none() && range(clauses.data_type).is_some() && self.sequence(statement, reading).is_none()
    }
}

impl Catalog {
    /// Brings the names of sequences in defaults into one form: MariaDB prints each with its database, a script need not say
    /// it. Where there is one database it is left out, else it is there; what is no database of the script is taken for the
    /// one that it is run in, if that has such a sequence.
    pub(super) fn place_sequences(&mut self) {
        let is_one = |database: &Database| database.objects.keys().any(|(kind, _)| *kind == ObjectKind::Sequence);
        if !self.schema.databases.iter().any(is_one) {
            return;
        }
        let names: Vec<Option<Ident>> = self.schema.databases.iter().map(|d| d.name.clone()).collect();
        let is_alone = self.schema.databases.iter().filter(|d| !d.tables.is_empty() || is_one(d)).count() == 1;
        for database in &mut self.schema.databases {
            let Database { name: home, tables, objects, .. } = database;
            let has = |name: &Ident| objects.contains_key(&(ObjectKind::Sequence, name.clone()));
            let placed = |path: &[Ident]| match (path, &home) {
                ([there, name], Some(home)) if is_alone && there == home => Some(vec![name.clone()]),
                ([there, name], None) if has(name) && !names.contains(&Some(there.clone())) => Some(vec![name.clone()]),
                ([name], Some(home)) if !is_alone => Some(vec![home.clone(), name.clone()]),
                _ => None,
            };
            let is_elsewhere = |column: &Column| match &column.default {
                Some(DefaultValue::Expression(expression)) => {
                    let mut found = false;
                    sequences(expression, &mut |path| found |= placed(path).is_some());
                    found
                }
                _ => false,
            };
            for table in tables.values_mut().filter(|table| table.columns.iter().any(is_elsewhere)) {
                for column in table.columns.iter_mut().filter(|column| is_elsewhere(column)) {
                    if let Some(DefaultValue::Expression(expression)) = &mut column.default {
                        place(expression, &placed);
                    }
                }
            }
        }
    }
}

fn sequences(expression: &Expr, f: &mut dyn FnMut(&[Ident])) {
    if let Expr::Sequence { name, .. } = expression {
        f(name);
    }
    expression.children(&mut |child| sequences(child, f));
}

fn place(expression: &mut Expr, placed: &dyn Fn(&[Ident]) -> Option<Vec<Ident>>) {
    if let Expr::Sequence { name, .. } = expression
        && let Some(other) = placed(name)
    {
        *name = other;
    }
    expression.children_mut(&mut |child| place(child, placed));
}

/// The sequence that an ALTER SEQUENCE leaves; `None` where MariaDB would refuse it.
pub(super) fn altered(before: &Sequence, clauses: SequenceClauses) -> Option<Sequence> {
    // A type is not taken beside anything else (1235).
    if clauses.data_type.is_some()
        && clauses != (SequenceClauses { data_type: clauses.data_type, ..Default::default() })
    {
        return None;
    }
    let (data_type, (least, greatest)) = match clauses.data_type {
        Some(_) => range(clauses.data_type)?,
        None => (before.data_type, Sequence::limits(before.data_type)?),
    };
    let increment = clauses.increment.unwrap_or(before.increment);
    let (low, high) = if increment < 0 { (least + 1, -1) } else { (1, greatest - 1) };
    let sequence = Sequence {
        data_type,
        start: clauses.start.unwrap_or(before.start),
        min: clauses.min.map_or(before.min, |min| min.unwrap_or(low)),
        max: clauses.max.map_or(before.max, |max| max.unwrap_or(high)),
        increment,
        cache: clauses.cache.unwrap_or(before.cache),
        cycle: clauses.cycle.unwrap_or(before.cycle),
        engine: before.engine.clone(),
        comment: before.comment.clone(),
    };
    sequence.is_valid().then_some(sequence)
}

/// The type as printed, and its least and greatest value.
fn range(written: Option<(TypeName, bool)>) -> Option<(Option<&'static str>, (i128, i128))> {
    let word = match written {
        None | Some((TypeName::BigInt, false)) => None,
        Some((TypeName::TinyInt, false)) => Some("tinyint"),
        Some((TypeName::TinyInt, true)) => Some("tinyint unsigned"),
        Some((TypeName::SmallInt, false)) => Some("smallint"),
        Some((TypeName::SmallInt, true)) => Some("smallint unsigned"),
        Some((TypeName::MediumInt, false)) => Some("mediumint"),
        Some((TypeName::MediumInt, true)) => Some("mediumint unsigned"),
        Some((TypeName::Int, false)) => Some("int"),
        Some((TypeName::Int, true)) => Some("int unsigned"),
        Some((TypeName::BigInt, true)) => Some("bigint unsigned"),
        Some(_) => return None,
    };
    Some((word, Sequence::limits(word)?))
}

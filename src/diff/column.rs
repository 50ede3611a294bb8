//! Columns that differ, and the fewest moves that bring them into NEW's order.

use std::collections::{HashMap, HashSet};

use super::{Comparison, Count};
use crate::ident::{Ident, folded};
use crate::model::{CollationClause, Column, Table};
use crate::source::Pair;

/// One column that differs.
#[derive(Clone, PartialEq, Debug)]
pub enum ColumnChange<'a> {
    /// Only OLD has it.
    Dropped(&'a Column),
    /// Only NEW has it.
    Added {
        /// The column.
        column: &'a Column,
        /// Where it comes to stand.
        position: Position<'a>,
    },
    /// Both have it.
    Altered {
        /// The column on either side.
        columns: Pair<&'a Column>,
        /// What differs; empty where it only moves.
        aspects: Vec<ColumnAspect>,
        /// Where it moves to, if it moves.
        moved: Option<Position<'a>>,
        /// Its place in NEW, for a server that must drop and add it.
        place: Position<'a>,
    },
}

/// Where a column stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Position<'a> {
    /// Before all others.
    First,
    /// After that column.
    After(&'a Ident),
    /// Behind all others.
    Last,
}

/// What of a column differs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub enum ColumnAspect {
    /// The spelling of its name.
    NameCase,
    /// The type.
    Type,
    /// The collation of its characters, or whether it is written at the column.
    Collation,
    /// Whether it takes NULL.
    Nullability,
    /// The default.
    Default,
    /// `ON UPDATE`.
    OnUpdate,
    /// `AUTO_INCREMENT`.
    AutoIncrement,
    /// The expression of a generated column.
    Generated,
    /// Whether it is generated at all, or stored.
    Generation,
    /// `INVISIBLE`.
    Visibility,
    /// The comment.
    Comment,
    /// `SRID`.
    Srid,
    /// MariaDB's CHECK of a column.
    Check,
    /// `COLUMN_FORMAT`.
    Format,
    /// `STORAGE`.
    Storage,
    /// `COMPRESSED`.
    Compression,
    /// The part in system versioning.
    Versioning,
    /// Options of the engine.
    EngineOptions,
}

impl ColumnChange<'_> {
    /// The name of the column, as NEW spells it where NEW has it.
    pub fn name(&self) -> &Ident {
        match self {
            Self::Dropped(column) | Self::Added { column, .. } => &column.name,
            Self::Altered { columns, .. } => &columns.new.name,
        }
    }
}

/// Compares the columns of two tables: drops first, then all else in NEW's order.
pub(crate) fn columns<'a>(tables: Pair<&'a Table>, comparison: &mut Comparison<'_>) -> Vec<ColumnChange<'a>> {
    let same_collation = tables.old.options.collation == tables.new.options.collation;
    if same_collation && tables.old.columns == tables.new.columns {
        return Vec::new();
    }
    let at_old: HashMap<_, _> =
        tables.old.columns.iter().enumerate().map(|(i, c)| (folded(c.name.as_str()), i)).collect();
    let at_new: HashSet<_> = tables.new.columns.iter().map(|c| folded(c.name.as_str())).collect();
    let from: Vec<Option<usize>> =
        tables.new.columns.iter().map(|c| at_old.get(&folded(c.name.as_str())).copied()).collect();

    let mut changes = Vec::new();
    for column in tables.old.columns.iter().filter(|c| !at_new.contains(&folded(c.name.as_str()))) {
        if comparison.drops(|| format!("column {} of table {}", column.name.quoted(), tables.old.name.quoted())) {
            changes.push(ColumnChange::Dropped(column));
        }
    }
    let stays = longest_increasing(&from);
    let trailing = from.iter().rev().take_while(|f| f.is_none()).count();
    let kept_behind = comparison.policies.drop == super::Drops::Skip;
    for (i, column) in tables.new.columns.iter().enumerate() {
        let place = match i {
            0 => Position::First,
            _ => Position::After(&tables.new.columns[i - 1].name),
        };
        let Some(old) = from[i].map(|at| &tables.old.columns[at]) else {
            let position = if i > 0 && i + trailing >= from.len() && !kept_behind { Position::Last } else { place };
            changes.push(ColumnChange::Added { column, position });
            continue;
        };
        let columns = Pair::new(old, column);
        let is_same = same_collation && old == column;
        let aspects = if is_same { Vec::new() } else { aspects(columns, tables, comparison) };
        let moved = (!stays[i]).then_some(place).filter(|_| match comparison.policies.column_order {
            Count::Apply => true,
            Count::Ignore => {
                comparison.aside(
                    format!("the place of column {} in table {}", column.name.quoted(), tables.new.name.quoted()),
                    "column_order=ignore",
                );
                false
            }
        });
        if !aspects.is_empty() || moved.is_some() {
            changes.push(ColumnChange::Altered { columns, aspects, moved, place });
        }
    }
    changes
}

/// What differs between two columns of one name.
fn aspects(columns: Pair<&Column>, tables: Pair<&Table>, comparison: &mut Comparison<'_>) -> Vec<ColumnAspect> {
    let Pair { old, new } = columns;
    // A written charset at a column that has the table's own collation is told apart by MySQL alone.
    // Where the collations differ, SHOW CREATE TABLE writes them in any case.
    let written = |c: &Column, table: &Table| {
        c.collation_clause != CollationClause::None || c.collation != Some(table.options.collation)
    };
    let shown = [old, new].iter().any(|c| c.collation_clause == CollationClause::Shown);
    let explicit = !shown && written(new, tables.new) != written(old, tables.old);
    let generation = |c: &Column| c.generated.as_ref().map(|g| g.stored);
    let checks = [
        (ColumnAspect::NameCase, old.name != new.name),
        (ColumnAspect::Type, old.data_type != new.data_type),
        (ColumnAspect::Collation, old.collation != new.collation || explicit),
        (ColumnAspect::Nullability, old.nullable != new.nullable),
        (ColumnAspect::Default, old.default != new.default),
        (ColumnAspect::OnUpdate, old.on_update != new.on_update),
        (ColumnAspect::AutoIncrement, old.auto_increment != new.auto_increment),
        (ColumnAspect::Generation, generation(old) != generation(new)),
        (
            ColumnAspect::Generated,
            old.generated.as_ref().map(|g| &g.expression) != new.generated.as_ref().map(|g| &g.expression),
        ),
        (ColumnAspect::Visibility, old.invisible != new.invisible),
        (ColumnAspect::Srid, old.srid != new.srid),
        (ColumnAspect::Check, old.check != new.check),
        (ColumnAspect::Format, old.format != new.format),
        (ColumnAspect::Storage, old.storage != new.storage),
        (ColumnAspect::Compression, old.compressed != new.compressed),
        (ColumnAspect::Versioning, old.versioning != new.versioning),
        (
            ColumnAspect::EngineOptions,
            old.options != new.options
                || old.engine_attribute != new.engine_attribute
                || old.secondary_engine_attribute != new.secondary_engine_attribute,
        ),
    ];
    let mut found: Vec<_> = checks.into_iter().filter(|(_, differs)| *differs).map(|(aspect, _)| aspect).collect();
    if old.comment != new.comment {
        match comparison.policies.comments {
            Count::Apply => found.push(ColumnAspect::Comment),
            Count::Ignore => {
                comparison.aside(
                    format!("the comment of column {} of table {}", new.name.quoted(), tables.new.name.quoted()),
                    "comments=ignore",
                );
            }
        }
    }
    found
}

/// Which elements may stay where they are: a longest increasing subsequence of the known places.
/// All others must move, and no fewer would do.
pub(crate) fn longest_increasing(places: &[Option<usize>]) -> Vec<bool> {
    // `ends[k]` is the index of the smallest last element of an increasing run of k + 1 elements.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; places.len()];
    for (i, place) in places.iter().enumerate() {
        let Some(place) = place else { continue };
        let k = ends.partition_point(|&e| places[e] < Some(*place));
        before[i] = k.checked_sub(1).map(|k| ends[k]);
        if k == ends.len() { ends.push(i) } else { ends[k] = i }
    }
    let mut stays = vec![false; places.len()];
    let mut at = ends.last().copied();
    while let Some(i) = at {
        stays[i] = true;
        at = before[i];
    }
    stays
}

//! The partition actions of ALTER TABLE.
//!
//! MySQL 8.4 manual, section 15.1.9.1 "ALTER TABLE Partition Operations".

use std::collections::HashSet;

use super::Draft;
use crate::catalog::error::{CatalogError, Outcome};
use crate::catalog::partition;
use crate::ident::{Ident, folded};
use crate::model::{Partition, PartitionMethod, PartitionValues, Partitioning};
use crate::source::Span;
use crate::syntax::ddl::{AlterAction, Maintenance, Name, PartitionDefinition};
use crate::target::Target;

/// Applies one action, if it is about partitions.
pub(super) fn apply(draft: &mut Draft<'_>, action: &AlterAction<'_>) -> Outcome<()> {
    match action {
        AlterAction::PartitionBy(clause) => {
            draft.table.partitioning = Some(Box::new(partition::build(clause, &draft.table, draft.context)?));
        }
        AlterAction::RemovePartitioning(span) => {
            partitioned(draft, *span)?;
            draft.table.partitioning = None;
        }
        AlterAction::AddPartitions { partitions, count, if_not_exists } => {
            add(draft, partitions, *count, *if_not_exists)?
        }
        AlterAction::DropPartitions { names, if_exists } => drop(draft, names, *if_exists)?,
        AlterAction::MaintainPartitions { maintenance, names, span } => maintain(draft, *maintenance, names, *span)?,
        AlterAction::CoalescePartition { count, span } => coalesce(draft, *count, *span)?,
        AlterAction::ReorganizePartitions { from, into, span } => reorganize(draft, from, into, *span)?,
        AlterAction::ConvertTable { partition, .. } => add(draft, std::slice::from_ref(partition), None, false)?,
        AlterAction::ConvertPartition { partition, .. } => drop(draft, std::slice::from_ref(partition), false)?,
        _ => {}
    }
    Ok(())
}

fn partitioned<'d>(draft: &'d mut Draft<'_>, span: Span) -> Outcome<&'d mut Partitioning> {
    draft.table.partitioning.as_deref_mut().ok_or_else(|| not_partitioned(span))
}

/// Error 1505.
pub(super) fn not_partitioned(span: Span) -> CatalogError {
    CatalogError::new(1505, span, "partition management on a not partitioned table is not possible")
}

fn definitions(
    written: &[PartitionDefinition<'_>],
    method: &PartitionMethod,
    target: Target,
) -> Outcome<Vec<Partition>> {
    written.iter().map(|p| partition::partition(p, method, target)).collect()
}

fn add(
    draft: &mut Draft<'_>,
    written: &[PartitionDefinition<'_>],
    count: Option<u64>,
    if_not_exists: bool,
) -> Outcome<()> {
    let span = written.first().map_or(draft.span, |p| p.name.span);
    let target = draft.context.target;
    let current = partitioned(draft, span)?;
    if count == Some(0) {
        return Err(CatalogError::new(1514, span, "at least one partition must be added"));
    }
    if count.is_some() {
        refuse_uncounted(current, span)?;
    }
    let mut added = definitions(written, &current.method, target)?;
    if if_not_exists {
        added.retain(|p| !current.partitions.iter().any(|q| q.name.is(p.name.as_str())));
    }
    let number = count.unwrap_or(added.len() as u64) as usize;
    if current.partitions.is_empty() && count.is_some() {
        current.count = Some(current.count.unwrap_or(1) + number as u32);
        return Ok(());
    }
    name_all(current);
    if count.is_some() {
        let mut first = current.partitions.len();
        let mut values = PartitionValues::None;
        if matches!(current.method, PartitionMethod::SystemTime(_)) {
            // Counted without the one of the present, and past the names that are taken.
            values = PartitionValues::History;
            let taken = |n: usize| current.partitions.iter().any(|p| p.name.is(&format!("p{n}")));
            first -= 1;
            while (first..first + number).any(taken) {
                first += 1;
            }
        }
        added = (first..first + number).map(|n| named(format!("p{n}"), values.clone())).collect();
    }
    if let Some(last) = current.partitions.last()
        && is_endless(&last.values)
        && !added.is_empty()
    {
        return Err(CatalogError::new(1481, span, "MAXVALUE can only be used in last partition definition"));
    }
    // The partition of the present stays the last one.
    let at = current.partitions.len() - usize::from(matches!(current.method, PartitionMethod::SystemTime(_)));
    current.partitions.splice(at..at, added);
    name_subpartitions(current, span)?;
    refuse_twins(current, span)
}

const fn is_counted(method: &PartitionMethod) -> bool {
    matches!(method, PartitionMethod::Hash { .. } | PartitionMethod::Key { .. })
}

/// Error 1492: RANGE and LIST partitions do not come by number.
fn refuse_uncounted(current: &Partitioning, span: Span) -> Outcome<()> {
    let kind = match current.method {
        PartitionMethod::Range(_) | PartitionMethod::RangeColumns(_) => "RANGE",
        PartitionMethod::List(_) | PartitionMethod::ListColumns(_) => "LIST",
        PartitionMethod::Hash { .. } | PartitionMethod::Key { .. } | PartitionMethod::SystemTime(_) => return Ok(()),
    };
    Err(CatalogError::new(1492, span, format!("for {kind} partitions each partition must be defined")))
}

fn is_endless(values: &PartitionValues) -> bool {
    matches!(values, PartitionValues::LessThan(bounds) if bounds.iter().all(Option::is_none))
}

/// The unnamed partitions get the names that they had all along.
pub(super) fn name_all(current: &mut Partitioning) {
    if !current.partitions.is_empty() {
        return;
    }
    let count = current.count.take().unwrap_or(1);
    current.partitions = match current.method {
        PartitionMethod::SystemTime(_) => {
            let histories = (0..count.saturating_sub(1)).map(|n| named(format!("p{n}"), PartitionValues::History));
            histories.chain([named("pn".to_owned(), PartitionValues::Current)]).collect()
        }
        _ => (0..count).map(|n| named(format!("p{n}"), PartitionValues::None)).collect(),
    };
}

fn named(name: String, values: PartitionValues) -> Partition {
    Partition {
        name: Ident::new(name),
        values,
        options: crate::model::PartitionOptions::default(),
        subpartitions: Vec::new(),
    }
}

/// Where one partition lists its subpartitions all do: those that were not listed get the names that the server gives.
fn name_subpartitions(current: &mut Partitioning, span: Span) -> Outcome<()> {
    let Some(sub) = &mut current.subpartitioning else { return Ok(()) };
    let Some(first) = current.partitions.iter().map(|p| p.subpartitions.len()).find(|n| *n > 0) else { return Ok(()) };
    let number = sub.count.take().map_or(first, |n| n as usize);
    for partition in &mut current.partitions {
        let listed = partition.subpartitions.len();
        if listed > 0 && listed != number {
            let message = "trying to add partition(s) with wrong number of subpartitions";
            return Err(CatalogError::new(1513, span, message));
        }
        let name = &partition.name;
        let unlisted: Vec<_> =
            (listed..number).map(|n| (Ident::new(format!("{name}sp{n}")), partition.options.clone())).collect();
        partition.subpartitions.extend(unlisted);
    }
    Ok(())
}

/// Error 1517: partitions and subpartitions share their names.
fn refuse_twins(current: &Partitioning, span: Span) -> Outcome<()> {
    let mut seen = HashSet::new();
    for partition in &current.partitions {
        for name in std::iter::once(&partition.name).chain(partition.subpartitions.iter().map(|(name, _)| name)) {
            if !seen.insert(folded(name.as_str())) {
                return Err(CatalogError::new(1517, span, format!("duplicate partition name {name}")));
            }
        }
    }
    Ok(())
}

fn drop(draft: &mut Draft<'_>, names: &[Name<'_>], if_exists: bool) -> Outcome<()> {
    let span = names.first().map_or(draft.span, |n| n.span);
    let current = partitioned(draft, span)?;
    if is_counted(&current.method) {
        return Err(CatalogError::new(1512, span, "DROP PARTITION can only be used on RANGE/LIST partitions"));
    }
    name_all(current);
    // The server counts the names before it looks at them.
    if names.len() >= current.partitions.len() && !if_exists {
        return Err(CatalogError::new(1508, span, "cannot remove all partitions, use DROP TABLE instead"));
    }
    for name in names {
        let before = current.partitions.len();
        current.partitions.retain(|p| !p.name.is(&name.text));
        if current.partitions.len() == before && !if_exists {
            return Err(CatalogError::new(1507, name.span, format!("error in list of partitions: '{}'", name.text)));
        }
    }
    if current.partitions.is_empty() {
        return Err(CatalogError::new(1508, span, "cannot remove all partitions, use DROP TABLE instead"));
    }
    Ok(())
}

/// Errors 1505, 1507, 1735 and 1567: partitions that are emptied or made anew are there, and named once where it counts;
/// those that are looked at need not be.
fn maintain(draft: &mut Draft<'_>, maintenance: Maintenance, names: &[Name<'_>], span: Span) -> Outcome<()> {
    let target = draft.context.target;
    let looks = matches!(maintenance, Maintenance::Inspect | Maintenance::Optimize);
    if looks && (target.is_mysql() || draft.table.partitioning.is_some()) {
        return Ok(());
    }
    let mut current = partitioned(draft, span)?.clone();
    name_all(&mut current);
    for (at, name) in names.iter().enumerate() {
        let whole = current.partitions.iter().any(|p| p.name.is(&name.text));
        let part = current.partitions.iter().flat_map(|p| &p.subpartitions).any(|(part, _)| part.is(&name.text));
        let twice = names[..at].iter().any(|other| crate::ident::same_name(&other.text, &name.text));
        let number = match maintenance {
            Maintenance::Rebuild if !whole || twice => 1507,
            Maintenance::Empty if !whole && !part => 1735,
            Maintenance::Empty if target.is_mariadb() && (!whole || twice) => 1567,
            Maintenance::Rebuild | Maintenance::Empty | Maintenance::Inspect | Maintenance::Optimize => continue,
        };
        return Err(CatalogError::new(number, name.span, format!("error in list of partitions: '{}'", name.text)));
    }
    Ok(())
}

fn coalesce(draft: &mut Draft<'_>, count: u64, span: Span) -> Outcome<()> {
    let current = partitioned(draft, span)?;
    if !is_counted(&current.method) {
        return Err(CatalogError::new(1509, span, "COALESCE PARTITION can only be used on HASH/KEY partitions"));
    }
    if count == 0 {
        return Err(CatalogError::new(1515, span, "at least one partition must be coalesced"));
    }
    let total = if current.partitions.is_empty() {
        u64::from(current.count.unwrap_or(1))
    } else {
        current.partitions.len() as u64
    };
    if count >= total {
        return Err(CatalogError::new(1508, span, "cannot remove all partitions, use DROP TABLE instead"));
    }
    let left = total - count;
    if current.partitions.is_empty() {
        current.count = Some(left as u32);
    } else {
        current.partitions.truncate(left as usize);
    }
    Ok(())
}

fn reorganize(draft: &mut Draft<'_>, from: &[Name<'_>], into: &[PartitionDefinition<'_>], span: Span) -> Outcome<()> {
    let target = draft.context.target;
    let old = partitioned(draft, span)?.clone();
    let current = partitioned(draft, span)?;
    if from.is_empty() {
        if !is_counted(&current.method) {
            let message = "REORGANIZE PARTITION without parameters can only be used on auto-partitioned tables using HASH PARTITIONs";
            return Err(CatalogError::new(1511, span, message));
        }
        // The engine says how many there should be: one.
        name_all(current);
        current.partitions.truncate(1);
        return Ok(());
    }
    name_all(current);
    let by_number = is_counted(&current.method) || matches!(current.method, PartitionMethod::SystemTime(_));
    if by_number && from.len() != into.len() {
        let message = "REORGANIZE PARTITION can only be used to reorganize partitions not to change their numbers";
        return Err(CatalogError::new(1510, span, message));
    }
    let made = definitions(into, &old.method, target)?;
    let made = partition::stored(made, &old, &draft.table, target);
    let current = partitioned(draft, span)?;
    if matches!(&made[..], [only] if only.values == PartitionValues::Default) {
        // MariaDB's parser does not know how many columns there are.
        return Err(CatalogError::new(1653, span, "inconsistency in usage of column lists for partitioning"));
    }
    let mut places = Vec::new();
    for name in from {
        let found = current.partitions.iter().position(|p| p.name.is(&name.text)).filter(|at| !places.contains(at));
        let Some(at) = found else {
            return Err(CatalogError::new(1507, name.span, format!("error in list of partitions: '{}'", name.text)));
        };
        places.push(at);
    }
    places.sort_unstable();
    let (first, last) = (places[0], places[places.len() - 1]);
    if last - first + 1 != places.len() {
        let message = "when reorganizing a set of partitions they must be in consecutive order";
        return Err(CatalogError::new(1519, span, message));
    }
    let is_last = last + 1 == current.partitions.len();
    let ends = (current.partitions[last].values.clone(), made.last().map(|p| p.values.clone()));
    current.partitions.splice(first..=last, made);
    name_subpartitions(current, span)?;
    refuse_twins(current, span)?;
    if let (PartitionValues::LessThan(before), Some(PartitionValues::LessThan(after))) = ends {
        let grows = partition::grows(&old.method, &draft.table, &before, &after, draft.context.target);
        if before != after && (!is_last || grows == Some(false)) {
            let message = "reorganize of range partitions cannot change total ranges except for last partition where it can extend the range";
            return Err(CatalogError::new(1520, span, message));
        }
    }
    Ok(())
}

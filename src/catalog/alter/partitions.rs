//! The partition actions of ALTER TABLE.
//!
//! MySQL 8.4 manual, section 15.1.9.1 "ALTER TABLE Partition Operations".

use super::Draft;
use crate::catalog::error::{CatalogError, Outcome};
use crate::catalog::partition;
use crate::ident::Ident;
use crate::model::{Partition, PartitionMethod, Partitioning};
use crate::source::Span;
use crate::syntax::ddl::{AlterAction, Name, PartitionDefinition};
use crate::target::Target;

/// Applies one action, if it is about partitions.
pub(super) fn apply(draft: &mut Draft<'_>, action: &AlterAction<'_>) -> Outcome<()> {
    match action {
        AlterAction::PartitionBy(clause) => {
            draft.table.partitioning = Some(partition::build(clause, &draft.table, draft.context)?);
        }
        AlterAction::RemovePartitioning(span) => {
            partitioned(draft, *span)?;
            draft.table.partitioning = None;
        }
        AlterAction::AddPartitions { partitions, count, if_not_exists } => {
            add(draft, partitions, *count, *if_not_exists)?
        }
        AlterAction::DropPartitions { names, if_exists } => drop(draft, names, *if_exists)?,
        AlterAction::CoalescePartition { count, span } => {
            let current = partitioned(draft, *span)?;
            let total = if current.partitions.is_empty() {
                u64::from(current.count.unwrap_or(1))
            } else {
                current.partitions.len() as u64
            };
            if *count >= total {
                return Err(CatalogError::new(1508, *span, "cannot remove all partitions, use DROP TABLE instead"));
            }
            let left = total - count;
            if current.partitions.is_empty() {
                current.count = Some(left as u32);
            } else {
                current.partitions.truncate(left as usize);
            }
        }
        AlterAction::ReorganizePartitions { from, into, span } => reorganize(draft, from, into, *span)?,
        AlterAction::ConvertTable { partition, .. } => add(draft, std::slice::from_ref(partition), None, false)?,
        AlterAction::ConvertPartition { partition, .. } => drop(draft, std::slice::from_ref(partition), false)?,
        _ => {}
    }
    Ok(())
}

fn partitioned<'d>(draft: &'d mut Draft<'_>, span: Span) -> Outcome<&'d mut Partitioning> {
    draft
        .table
        .partitioning
        .as_mut()
        .ok_or_else(|| CatalogError::new(1505, span, "partition management on a not partitioned table is not possible"))
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
    let mut added = definitions(written, &current.method, target)?;
    if if_not_exists {
        added.retain(|p| !current.partitions.iter().any(|q| q.name.is(p.name.as_str())));
    }
    if let Some(twin) = added.iter().find(|p| current.partitions.iter().any(|q| q.name.is(p.name.as_str()))) {
        return Err(CatalogError::new(1517, span, format!("duplicate partition name {}", twin.name)));
    }
    let number = count.unwrap_or(added.len() as u64) as usize;
    let hashed = matches!(current.method, PartitionMethod::Hash { .. } | PartitionMethod::Key { .. });
    if hashed && current.partitions.is_empty() && added.is_empty() {
        current.count = Some(current.count.unwrap_or(1) + number as u32);
        return Ok(());
    }
    if current.partitions.is_empty() {
        // The unnamed ones get the names that they had all along.
        current.partitions = (0..current.count.unwrap_or(1)).map(|n| numbered(n as usize)).collect();
        current.count = None;
    }
    if added.is_empty() {
        let first = current.partitions.len();
        added = (first..first + number).map(numbered).collect();
    }
    current.partitions.extend(added);
    Ok(())
}

fn numbered(n: usize) -> Partition {
    Partition {
        name: Ident::new(format!("p{n}")),
        values: crate::model::PartitionValues::None,
        options: crate::model::PartitionOptions::default(),
        subpartitions: Vec::new(),
    }
}

fn drop(draft: &mut Draft<'_>, names: &[Name<'_>], if_exists: bool) -> Outcome<()> {
    let span = names.first().map_or(draft.span, |n| n.span);
    let current = partitioned(draft, span)?;
    if matches!(current.method, PartitionMethod::Hash { .. } | PartitionMethod::Key { .. }) {
        return Err(CatalogError::new(1512, span, "DROP PARTITION can only be used on RANGE/LIST partitions"));
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

fn reorganize(draft: &mut Draft<'_>, from: &[Name<'_>], into: &[PartitionDefinition<'_>], span: Span) -> Outcome<()> {
    let target = draft.context.target;
    let current = partitioned(draft, span)?;
    if from.is_empty() {
        return Ok(());
    }
    let made = definitions(into, &current.method, target)?;
    let mut first = None;
    for name in from {
        let Some(at) = current.partitions.iter().position(|p| p.name.is(&name.text)) else {
            return Err(CatalogError::new(1507, name.span, format!("error in list of partitions: '{}'", name.text)));
        };
        first = Some(first.map_or(at, |f: usize| f.min(at)));
        current.partitions.remove(at);
    }
    let at = first.unwrap_or(current.partitions.len()).min(current.partitions.len());
    if let Some(twin) = made.iter().find(|p| current.partitions.iter().any(|q| q.name.is(p.name.as_str()))) {
        return Err(CatalogError::new(1517, span, format!("duplicate partition name {}", twin.name)));
    }
    current.partitions.splice(at..at, made);
    Ok(())
}

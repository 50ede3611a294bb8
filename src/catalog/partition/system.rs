//! `PARTITION BY SYSTEM_TIME` of MariaDB (KB "System-Versioned Tables", "Storing the History Separately").

use crate::catalog::error::{CatalogError, Outcome};
use crate::model::{PartitionMethod, PartitionValues, Partitioning, Table, Versioning};
use crate::source::Span;

/// Checks that the table has history, and where the partitions keep it (`partition_info::vers_setup_expression`).
pub(super) fn check(partitioning: &Partitioning, table: &Table, span: Span) -> Outcome<()> {
    let PartitionMethod::SystemTime(rest) = &partitioning.method else { return Ok(()) };
    if !table.system_versioned && table.columns.iter().all(|c| c.versioning != Some(Versioning::With)) {
        return Err(CatalogError::new(4124, span, format!("table '{}' is not system-versioned", table.name)));
    }
    let words: Vec<&str> = rest.split_whitespace().collect();
    if let [what @ ("LIMIT" | "INTERVAL"), "0", ..] = words[..] {
        return Err(CatalogError::new(
            4127,
            span,
            format!("wrong parameters for partitioned '{}': wrong value for '{what}'", table.name),
        ));
    }
    let Some((last, before)) = partitioning.partitions.split_last() else { return Ok(()) };
    let history = |p: &crate::model::Partition| matches!(p.values, PartitionValues::History);
    if before.is_empty() || !before.iter().all(history) || !matches!(last.values, PartitionValues::Current) {
        let message = format!(
            "wrong partitions for '{}': must have at least one HISTORY and exactly one last CURRENT",
            table.name
        );
        return Err(CatalogError::new(4128, span, message));
    }
    Ok(())
}

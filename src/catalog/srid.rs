//! Spatial reference systems (`grammar/srids.tsv`; MySQL 8.4 manual, section 13.4.1 "Spatial Data Types").

use std::sync::OnceLock;

use super::error::{CatalogError, Outcome};
use crate::model::{Column, DataType, IndexKind, Table};
use crate::source::Span;

/// Errors 1221 and 3548: SRID is for geometries, and names a system that is known.
pub(super) fn check(srid: u32, data_type: &DataType, span: Span) -> Outcome<()> {
    if !matches!(data_type, DataType::Geometry(_)) {
        return Err(CatalogError::new(1221, span, "incorrect usage of SRID and non-geometry column"));
    }
    match geographic(srid) {
        Some(_) => Ok(()),
        None => Err(CatalogError::new(3548, span, format!("there's no spatial reference system with SRID {srid}"))),
    }
}

/// Error 3644: a geometry keeps its SRID as long as a spatial key is over it, be it that the same ALTER drops the key.
pub(super) fn check_kept(old: &Table, new: &Table, span: Span) -> Outcome<()> {
    let spatial = old.indexes.iter().filter(|index| index.kind == IndexKind::Spatial);
    for name in spatial.flat_map(|index| index.columns()) {
        let sides = (old.column(name.as_str()), new.column(name.as_str()));
        let becomes_other = |before: &Column, after: &Column| {
            before.srid != after.srid && matches!(after.data_type, DataType::Geometry(_))
        };
        if matches!(sides, (Some((_, before)), Some((_, after))) if becomes_other(before, after)) {
            let message =
                format!("the SRID of column '{name}' cannot be changed because there is a spatial index on the column");
            return Err(CatalogError::new(3644, span, message));
        }
    }
    Ok(())
}

/// Whether a system is a geographic one; `None` where there is no such system.
pub(super) fn geographic(srid: u32) -> Option<bool> {
    static RANGES: OnceLock<Vec<(u32, u32, bool)>> = OnceLock::new();
    let ranges = RANGES.get_or_init(|| {
        let lines = include_str!("../../grammar/srids.tsv").lines().filter(|line| !line.starts_with('#'));
        let range = |line: &str| {
            let mut cells = line.split('\t');
            Some((cells.next()?.parse().ok()?, cells.next()?.parse().ok()?, cells.next()? == "g"))
        };
        lines.filter_map(range).collect()
    });
    let at = ranges.partition_point(|(_, last, _)| *last < srid);
    ranges.get(at).filter(|(first, ..)| *first <= srid).map(|(.., geographic)| *geographic)
}

//! Rows that no partition takes.

use super::Rows;
use crate::canonical::expression::Place;
use crate::ident::Ident;
use crate::model::{DataType, Expr, PartitionMethod, PartitionValues, Partitioning};

/// What may be found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Homeless {
    /// Every row finds a partition.
    None,
    /// Some may not: the query that finds one, where there is one.
    Some(Option<String>),
}

impl Rows<'_> {
    /// Finds a row that no partition of a partitioning takes.
    pub(in crate::plan) fn homeless(&self, partitioning: &Partitioning) -> Homeless {
        match &partitioning.method {
            PartitionMethod::Range(expression) => match self.expression(expression, Place::Partition) {
                Some(value) => self.beyond(&[value], partitioning),
                None => Homeless::Some(None),
            },
            PartitionMethod::RangeColumns(columns) => match self.values(columns) {
                Some(values) => self.beyond(&values, partitioning),
                None => Homeless::Some(None),
            },
            PartitionMethod::List(expression) => {
                let value = self.expression(expression, Place::Partition);
                // Of a decimal what stands before the point is looked up (MariaDB).
                let is_decimal = matches!(self.kind(expression), DataType::Decimal { .. });
                let value = value.map(|value| if is_decimal { format!("FLOOR({value})") } else { value });
                self.unlisted(value.map(|v| vec![v]), partitioning)
            }
            PartitionMethod::ListColumns(columns) => self.unlisted(self.values(columns), partitioning),
            PartitionMethod::Hash { .. } | PartitionMethod::Key { .. } | PartitionMethod::SystemTime(_) => {
                Homeless::None
            }
        }
    }

    fn values(&self, columns: &[Ident]) -> Option<Vec<String>> {
        columns.iter().map(|name| self.value(name.as_str())).collect()
    }

    fn print(&self, value: &Expr) -> String {
        let mut text = String::new();
        self.printer().expression(&mut text, value, Place::Partition);
        text
    }

    /// Rows at or behind the last bound, of which NULL is never one.
    fn beyond(&self, values: &[String], partitioning: &Partitioning) -> Homeless {
        let Some(PartitionValues::LessThan(bounds)) = partitioning.partitions.last().map(|p| &p.values) else {
            return Homeless::None;
        };
        // Up to the first MAXVALUE: what equals there is below the bound.
        let known: Vec<String> = bounds.iter().map_while(Option::as_ref).map(|bound| self.print(bound)).collect();
        let whole = known.len() == bounds.len();
        if known.is_empty() {
            return Homeless::None;
        }
        let mut ways = Vec::new();
        for (at, bound) in known.iter().enumerate() {
            let mut same: Vec<String> =
                values.iter().zip(&known).take(at).map(|(value, bound)| format!("{value} = {bound}")).collect();
            let last = whole && at + 1 == known.len();
            same.push(format!("{} {} {bound}", values[at], if last { ">=" } else { ">" }));
            ways.push(same.join(" AND "));
        }
        Homeless::Some(Some(self.any(&ways)))
    }

    /// Rows whose values stand in no list.
    fn unlisted(&self, values: Option<Vec<String>>, partitioning: &Partitioning) -> Homeless {
        let Some(values) = values else { return Homeless::Some(None) };
        let mut listed = Vec::new();
        for partition in &partitioning.partitions {
            match &partition.values {
                PartitionValues::In(tuples) => listed.extend(tuples),
                PartitionValues::Default => return Homeless::None,
                PartitionValues::None
                | PartitionValues::LessThan(_)
                | PartitionValues::History
                | PartitionValues::Current => {}
            }
        }
        let equal: Vec<String> = listed
            .iter()
            .map(|tuple| {
                let parts: Vec<String> = values
                    .iter()
                    .zip(*tuple)
                    .map(|(value, item)| format!("{value} <=> {}", self.print(item)))
                    .collect();
                parts.join(" AND ")
            })
            .collect();
        Homeless::Some(Some(self.any(&[format!("NOT ({})", equal.join(" OR "))])))
    }
}

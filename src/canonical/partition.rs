//! Partitioning.

use std::fmt::Write as _;

use super::expression::{self, Place};
use super::{Printer, Style};
use crate::ident::{Ident, Literal};
use crate::model::{
    Expr, Partition, PartitionMethod, PartitionOptions, PartitionValues, Partitioning, Rotation, SystemTime,
};
use crate::syntax::keyword;

impl Printer {
    /// Writes `PARTITION BY …` on a line of its own, as SHOW CREATE TABLE ends with it.
    ///
    /// MySQL's sql/sql_partition.cc, `generate_partition_syntax`.
    pub fn partitioning(self, out: &mut String, partitioning: &Partitioning, engine: &str) {
        let wrapped = self.style == Style::Show && self.target.is_mysql();
        let mut version = 0;
        if wrapped {
            let columns =
                matches!(partitioning.method, PartitionMethod::RangeColumns(_) | PartitionMethod::ListColumns(_));
            version = if columns || calls_to_seconds(partitioning) { 50_500 } else { 50_100 };
            let _ = write!(out, "\n/*!{version} ");
        } else {
            out.push_str("\n ");
        }
        out.push_str("PARTITION BY ");
        self.partition_method(out, &partitioning.method, version);
        if let Some(count) = partitioning.count {
            let _ = write!(out, "\nPARTITIONS {count}");
        }
        if let Some(sub) = &partitioning.subpartitioning {
            out.push_str("\nSUBPARTITION BY ");
            self.partition_method(out, &sub.method, version);
            if let Some(count) = sub.count {
                let _ = write!(out, "\nSUBPARTITIONS {count}");
            }
        }
        for (i, partition) in partitioning.partitions.iter().enumerate() {
            out.push_str(if i == 0 { "\n(" } else { ",\n " });
            self.partition(out, partition, &partitioning.method, engine);
        }
        if !partitioning.partitions.is_empty() {
            out.push(')');
        }
        if wrapped {
            out.push_str(" */");
        }
    }

    /// Writes a method; `version` is that of the conditional comment around all, 0 where there is none.
    fn partition_method(self, out: &mut String, method: &PartitionMethod, version: u32) {
        match method {
            PartitionMethod::Hash { linear, expression } => {
                out.push_str(if *linear { "LINEAR HASH " } else { "HASH " });
                self.partition_function(out, expression);
            }
            PartitionMethod::Key { linear, algorithm, columns } => {
                out.push_str(if *linear { "LINEAR KEY " } else { "KEY " });
                if let Some(algorithm) = algorithm {
                    let _ = match self.style {
                        // The comment around all is left for it.
                        Style::Show if self.target.is_mysql() => {
                            write!(out, "*/ /*!50611 ALGORITHM = {algorithm} */ /*!{version} ")
                        }
                        Style::Show | Style::Plain => write!(out, "ALGORITHM = {algorithm} "),
                    };
                }
                self.partition_columns(out, columns);
            }
            PartitionMethod::Range(expression) => {
                out.push_str("RANGE ");
                self.partition_function(out, expression);
            }
            PartitionMethod::List(expression) => {
                out.push_str("LIST ");
                self.partition_function(out, expression);
            }
            PartitionMethod::RangeColumns(columns) => {
                out.push_str("RANGE  COLUMNS");
                self.partition_columns(out, columns);
            }
            PartitionMethod::ListColumns(columns) => {
                out.push_str("LIST  COLUMNS");
                self.partition_columns(out, columns);
            }
            PartitionMethod::SystemTime(system) => system_time(out, system),
        }
    }

    fn partition_function(self, out: &mut String, expression: &Expr) {
        out.push('(');
        self.expression(out, expression, Place::Partition);
        out.push(')');
    }

    fn partition_columns(self, out: &mut String, columns: &[Ident]) {
        out.push('(');
        for (i, column) in columns.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            self.partition_name(out, column);
        }
        out.push(')');
    }

    /// MySQL quotes the names in a partition clause only where they need it; MariaDB always.
    pub fn partition_name(self, out: &mut String, name: &Ident) {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'$';
        let text = name.as_str();
        let bare = self.target.is_mysql()
            && text.bytes().all(plain)
            && !text.bytes().all(|b| b.is_ascii_digit())
            && !keyword::is_keyword(text, self.target);
        let _ = if bare { write!(out, "{text}") } else { write!(out, "{}", name.quoted()) };
    }

    /// Writes one partition of a clause that partitions by `method`.
    pub fn partition(self, out: &mut String, partition: &Partition, method: &PartitionMethod, engine: &str) {
        out.push_str("PARTITION ");
        self.partition_name(out, &partition.name);
        self.partition_values(out, &partition.values, method);
        if partition.subpartitions.is_empty() {
            self.partition_options(out, &partition.options, engine);
            return;
        }
        for (i, (name, options)) in partition.subpartitions.iter().enumerate() {
            out.push_str(if i == 0 { "\n (SUBPARTITION " } else { ",\n  SUBPARTITION " });
            self.partition_name(out, name);
            // A subpartition without a comment shows its partition's.
            let comment = if options.comment.is_empty() { &partition.options.comment } else { &options.comment };
            self.partition_options(out, &PartitionOptions { comment: comment.clone(), ..options.clone() }, engine);
        }
        out.push(')');
    }

    fn partition_values(self, out: &mut String, values: &PartitionValues, method: &PartitionMethod) {
        match values {
            PartitionValues::None => {}
            PartitionValues::Default => out.push_str(" DEFAULT"),
            PartitionValues::History => out.push_str(" HISTORY"),
            PartitionValues::Current => out.push_str(" CURRENT"),
            PartitionValues::LessThan(bounds) => {
                out.push_str(" VALUES LESS THAN ");
                if matches!(method, PartitionMethod::Range(_)) && bounds.iter().all(Option::is_none) {
                    out.push_str("MAXVALUE");
                    return;
                }
                self.tuple(out, bounds.iter().map(Option::as_ref));
            }
            PartitionValues::In(tuples) => {
                out.push_str(" VALUES IN (");
                for (i, tuple) in tuples.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    match tuple.as_slice() {
                        [one] => self.partition_value(out, one),
                        several => self.tuple(out, several.iter().map(Some)),
                    }
                }
                out.push(')');
            }
        }
    }

    fn tuple<'a>(self, out: &mut String, values: impl Iterator<Item = Option<&'a Expr>>) {
        for (i, value) in values.enumerate() {
            out.push(if i == 0 { '(' } else { ',' });
            match value {
                None => out.push_str("MAXVALUE"),
                Some(expr) => self.partition_value(out, expr),
            }
        }
        out.push(')');
    }

    /// A value is stored as a value: computed, and without an introducer.
    fn partition_value(self, out: &mut String, value: &Expr) {
        if !expression::print_value(value, out) {
            self.expression(out, value, Place::Partition);
        }
    }

    fn partition_options(self, out: &mut String, options: &PartitionOptions, engine: &str) {
        if let Some(tablespace) = &options.tablespace {
            let _ = write!(out, " TABLESPACE = {}", tablespace.quoted());
        }
        if let Some(nodegroup) = options.nodegroup {
            let _ = write!(out, " NODEGROUP = {nodegroup}");
        }
        if let Some(rows) = options.max_rows {
            let _ = write!(out, " MAX_ROWS = {rows}");
        }
        if let Some(rows) = options.min_rows {
            let _ = write!(out, " MIN_ROWS = {rows}");
        }
        if let Some(path) = &options.data_directory {
            let _ = write!(out, " DATA DIRECTORY = {}", Literal(path));
        }
        if let Some(path) = &options.index_directory {
            let _ = write!(out, " INDEX DIRECTORY = {}", Literal(path));
        }
        if !options.comment.is_empty() {
            out.push_str(" COMMENT = '");
            let mariadb = self.target.is_mariadb();
            for c in options.comment.chars() {
                match c {
                    '\'' => out.push_str("\\'"),
                    '\\' => out.push_str("\\\\"),
                    '\n' if mariadb => out.push_str("\\n"),
                    '\r' if mariadb => out.push_str("\\r"),
                    '\t' if self.target.is_mariadb_since(110_000) => out.push_str("\\t"),
                    other => out.push(other),
                }
            }
            out.push('\'');
        }
        let _ = write!(out, " ENGINE = {engine}");
    }
}

fn system_time(out: &mut String, system: &SystemTime) {
    out.push_str("SYSTEM_TIME ");
    let _ = match &system.rotation {
        Rotation::None => Ok(()),
        Rotation::Limit(rows) => write!(out, "LIMIT {rows}"),
        Rotation::Interval { every, starts: None } => write!(out, "INTERVAL {every}"),
        Rotation::Interval { every, starts: Some(moment) } => {
            write!(out, "INTERVAL {every} STARTS TIMESTAMP'{moment}'")
        }
    };
    if system.auto {
        out.push_str(" AUTO");
    }
}

/// `TO_SECONDS` came with 5.5.
fn calls_to_seconds(partitioning: &Partitioning) -> bool {
    let sub = partitioning.subpartitioning.as_ref().map(|s| &s.method);
    std::iter::once(&partitioning.method).chain(sub).any(|method| match method {
        PartitionMethod::Hash { expression, .. }
        | PartitionMethod::Range(expression)
        | PartitionMethod::List(expression) => {
            matches!(expression, Expr::Call { name, .. } if &**name == "to_seconds")
        }
        PartitionMethod::Key { .. }
        | PartitionMethod::RangeColumns(_)
        | PartitionMethod::ListColumns(_)
        | PartitionMethod::SystemTime(_) => false,
    })
}

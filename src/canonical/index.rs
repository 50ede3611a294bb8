//! Keys, foreign keys, checks and periods.

use std::fmt::Write as _;

use super::Printer;
use super::expression::Place;
use crate::ident::{Ident, Literal};
use crate::model::{
    Check, ForeignKey, Index, IndexAlgorithm, IndexKind, KeyColumn, OptionKey, Period, ReferentialAction, Table,
};

impl Printer {
    /// Writes a key's definition. The table's `KEY_BLOCK_SIZE` is not repeated.
    pub fn index(self, out: &mut String, index: &Index, table: &Table) {
        match index.kind {
            IndexKind::Primary => out.push_str("PRIMARY KEY "),
            IndexKind::Unique => out.push_str("UNIQUE KEY "),
            IndexKind::Plain => out.push_str("KEY "),
            IndexKind::Fulltext => out.push_str("FULLTEXT KEY "),
            IndexKind::Spatial => out.push_str("SPATIAL KEY "),
            IndexKind::Vector => out.push_str("VECTOR KEY "),
        }
        if index.kind != IndexKind::Primary {
            index.name.quoted().push_to(out);
            out.push(' ');
        }
        self.key_parts(out, index);
        match index.algorithm {
            None => {}
            Some(IndexAlgorithm::BTree) => out.push_str(" USING BTREE"),
            Some(IndexAlgorithm::Hash) => out.push_str(" USING HASH"),
            Some(IndexAlgorithm::RTree) => out.push_str(" USING RTREE"),
        }
        let of_table = table.options.others.get(&OptionKey::KeyBlockSize).and_then(|v| v.parse().ok());
        if let Some(size) = index.key_block_size.filter(|size| Some(*size) != of_table) {
            let _ = write!(out, " KEY_BLOCK_SIZE={size}");
        }
        if self.target.is_mysql() {
            self.mysql_index_options(out, index);
        } else {
            self.mariadb_index_options(out, index);
        }
    }

    fn mysql_index_options(self, out: &mut String, index: &Index) {
        if !index.comment.is_empty() {
            let _ = write!(out, " COMMENT {}", Literal(&index.comment));
        }
        if let Some(parser) = &index.parser {
            self.since(out, 50_100, format_args!("WITH PARSER {}", parser.quoted()));
            if self.style == super::Style::Show {
                out.push(' ');
            }
        }
        if index.invisible {
            self.since(out, 80_000, format_args!("INVISIBLE"));
        }
        if let Some(value) = &index.engine_attribute {
            self.since(out, 80_021, format_args!("ENGINE_ATTRIBUTE {}", Literal(value)));
        }
        if let Some(value) = &index.secondary_engine_attribute {
            self.since(out, 80_021, format_args!("SECONDARY_ENGINE_ATTRIBUTE {}", Literal(value)));
        }
    }

    fn mariadb_index_options(self, out: &mut String, index: &Index) {
        if !index.comment.is_empty() {
            let _ = write!(out, " COMMENT {}", Literal(&index.comment));
        }
        if let Some(parser) = &index.parser {
            let _ = match self.style {
                super::Style::Show => write!(out, " /*!50100 WITH PARSER {} */ ", parser.quoted()),
                super::Style::Plain => write!(out, " WITH PARSER {}", parser.quoted()),
            };
        }
        if index.invisible {
            out.push_str(" IGNORED");
        }
        for (name, value) in &index.options {
            let _ = write!(out, " {}={value}", name.quoted());
        }
    }

    /// Writes the parts of a key with their parentheses.
    pub fn key_parts(self, out: &mut String, index: &Index) {
        for (i, part) in index.parts.iter().enumerate() {
            out.push(if i == 0 { '(' } else { ',' });
            match &part.column {
                KeyColumn::Column(name) => name.quoted().push_to(out),
                KeyColumn::Expression(expr) => {
                    out.push('(');
                    self.expression(out, expr, Place::Key);
                    out.push(')');
                }
            }
            if let Some(prefix) = part.prefix {
                let _ = write!(out, "({prefix})");
            }
            if part.descending {
                out.push_str(" DESC");
            }
        }
        if let Some(period) = &index.without_overlaps {
            let _ = write!(out, ",{} WITHOUT OVERLAPS", period.quoted());
        }
        out.push(')');
    }

    /// Writes a foreign key's definition.
    pub fn foreign_key(self, out: &mut String, key: &ForeignKey) {
        let _ = write!(out, "CONSTRAINT {} FOREIGN KEY (", key.name.quoted());
        names(out, &key.columns, ", ");
        out.push_str(") REFERENCES ");
        if let Some(database) = &key.referenced_database {
            let _ = write!(out, "{}.", database.quoted());
        }
        let _ = write!(out, "{} (", key.referenced_table.quoted());
        names(out, &key.referenced_columns, ", ");
        out.push(')');
        self.action(out, "DELETE", key.on_delete);
        self.action(out, "UPDATE", key.on_update);
    }

    fn action(self, out: &mut String, event: &str, action: ReferentialAction) {
        let word = match action {
            ReferentialAction::Unspecified => return,
            ReferentialAction::Restrict => "RESTRICT",
            ReferentialAction::Cascade => "CASCADE",
            ReferentialAction::SetNull => "SET NULL",
            ReferentialAction::NoAction => "NO ACTION",
            ReferentialAction::SetDefault => "SET DEFAULT",
        };
        let _ = write!(out, " ON {event} {word}");
    }

    /// Writes a CHECK constraint's definition.
    pub fn check(self, out: &mut String, check: &Check) {
        let _ = write!(out, "CONSTRAINT {} CHECK (", check.name.quoted());
        self.expression(out, check.shown(), Place::Check);
        out.push(')');
        if !check.enforced {
            self.since(out, 80_016, format_args!("NOT ENFORCED"));
        }
    }

    /// Writes a period's definition.
    pub fn period(self, out: &mut String, period: &Period) {
        let name = if period.system { "SYSTEM_TIME".to_owned() } else { period.name.quoted().to_string() };
        let _ = write!(out, "PERIOD FOR {name} ({}, {})", period.start.quoted(), period.end.quoted());
    }
}

/// Writes quoted names with a separator.
pub(crate) fn names(out: &mut String, list: &[Ident], separator: &str) {
    for (i, name) in list.iter().enumerate() {
        out.push_str(if i == 0 { "" } else { separator });
        name.quoted().push_to(out);
    }
}

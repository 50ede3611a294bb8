//! What the expressions of a table may say: each is checked for its place.
//!
//! In: a table whose columns, keys and constraints stand. Out: the server's refusal. MySQL's rules
//! are those of `pre_validate_value_generator_expr` (sql/table.cc; MySQL 8.4 manual, sections 13.6,
//! 15.1.20.6 and 15.1.20.8), MariaDB's those of `check_expression` and
//! `Item_field::check_field_expression_processor` (sql/table.cc, sql/item.cc). What is known of a
//! function stands in `grammar/functions.tsv`.

mod functional;
mod mariadb;
pub(super) mod moment;
mod mysql;
mod operand;
mod shape;
mod sql_mode;
pub(super) mod strings;
mod typed;
mod vector;

use super::column::Context;
use super::error::{CatalogError, Outcome};
use super::foreign_key::CheckDraft;
use crate::ident::Ident;
use crate::model::{Charset, Collation, DataType, Expr, Table};
use crate::source::Span;
use crate::syntax::expression::{Facts, facts, is_native};
use crate::target::Target;

/// Where the columns of a statement stand.
#[derive(Clone, Copy)]
pub(super) struct Places<'p> {
    /// The columns that the statement defines.
    pub(super) columns: &'p [(Ident, Span)],
    /// Their defaults and generating expressions.
    pub(super) expressions: &'p [(Ident, Span)],
    /// The keys that stood before, whose expressions are not asked again what they give.
    pub(super) kept_keys: &'p [Ident],
    /// The statement's table, for all others.
    pub(super) table: Span,
}

impl Places<'_> {
    /// Where a column's expression stands.
    fn expression_of(&self, column: &Ident) -> Span {
        self.expressions.iter().find(|(name, _)| name == column).map_or_else(|| self.of(column), |(_, span)| *span)
    }

    /// Where a column stands.
    pub(super) fn of(&self, column: &Ident) -> Span {
        self.columns.iter().find(|(name, _)| name == column).map_or(self.table, |(_, span)| *span)
    }
}

/// Checks the defaults, generated columns and key parts of a table.
pub(super) fn check_table(table: &Table, places: Places<'_>, context: Context<'_>) -> Outcome<()> {
    if context.target.is_mysql() {
        mysql::check_table(table, places, context.target)
    } else {
        mariadb::check_table(table, places, context)
    }
}

/// Checks what texts brought into another charset have become (MariaDB).
pub(super) fn check_settled(table: &Table, places: Places<'_>, context: Context<'_>) -> Outcome<()> {
    if context.target.is_mysql() { Ok(()) } else { mariadb::check_settled(table, places) }
}

/// Checks a CHECK of a table; `draft` has its final name.
pub(super) fn check_constraint(table: &Table, draft: &CheckDraft, context: Context<'_>) -> Outcome<()> {
    if context.target.is_mysql() {
        mysql::check_constraint(table, draft, context.target)
    } else {
        mariadb::check_constraint(table, &draft.check.expression, context, draft.condition)
    }
}

/// Visits an expression and everything in it.
pub(super) fn walk(expr: &Expr, f: &mut dyn FnMut(&Expr) -> Outcome<()>) -> Outcome<()> {
    f(expr)?;
    expr.try_children(|child| walk(child, f))
}

/// The functions that an expression node calls, with what is known of them.
fn called(expr: &Expr) -> Vec<(String, Facts)> {
    match expr {
        Expr::Call { name, .. } => vec![(name.to_string(), facts(name))],
        Expr::Tokens(text) => {
            let words: Vec<&str> = text.split(' ').collect();
            words
                .windows(2)
                .filter(|pair| pair[1] == "(")
                .map(|pair| pair[0].to_ascii_lowercase())
                .map(|name| (name.clone(), facts(&name)))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// A function that the server does not have itself: a stored or a loadable one.
fn foreign_call(node: &Expr, target: Target) -> Option<String> {
    match node {
        Expr::Call { name, .. } if !is_native(name, target) => Some(name.to_string()),
        Expr::Tokens(text) => {
            let words: Vec<&str> = text.split(' ').collect();
            let qualified = words.windows(4).find(|w| w[1] == "." && w[3] == "(");
            let search = words.iter().any(|word| word.eq_ignore_ascii_case("against")).then(|| "match".to_owned());
            qualified.map(|w| w[..3].concat()).or(search)
        }
        _ => None,
    }
}

/// Error 1054: a column that the table does not have.
fn check_known(expr: &Expr, table: &Table, place: &str, span: Span) -> Outcome<()> {
    let mut unknown = None;
    expr.columns(&mut |name| {
        if table.column(name.as_str()).is_none() && unknown.is_none() {
            unknown = Some(name.clone());
        }
    });
    match unknown {
        Some(name) => Err(CatalogError::new(1054, span, format!("unknown column '{name}' in '{place}'"))),
        None => Ok(()),
    }
}

/// Error 1253: COLLATE with a collation of another charset than its column's. MariaDB's numbers are latin1 there.
fn check_collations(expr: &Expr, table: &Table, target: Target, span: Span) -> Outcome<()> {
    walk(expr, &mut |node| {
        let Expr::Collate { expr, collation } = node else { return Ok(()) };
        let Expr::Column(name) = &**expr else { return Ok(()) };
        let Some((_, column)) = table.column(name.as_str()) else { return Ok(()) };
        let charset = match column.collation {
            Some(own) => own.charset(),
            None if target.is_mariadb() && column.data_type.is_numeric() => match Charset::named("latin1", target) {
                Some(latin1) => latin1,
                None => return Ok(()),
            },
            None if target.is_mysql() && is_of_bytes(&column.data_type) => match Charset::named("binary", target) {
                Some(binary) => binary,
                None => return Ok(()),
            },
            None => return Ok(()),
        };
        match Collation::named(collation, None, target) {
            Some(named) if named.charset() != charset => {
                let message = format!("collation '{collation}' is not valid for character set '{}'", charset.name());
                Err(CatalogError::new(1253, span, message))
            }
            Some(_) | None => Ok(()),
        }
    })
}

/// Whether MySQL takes the values of a type for bytes among strings.
const fn is_of_bytes(data_type: &DataType) -> bool {
    use DataType as T;
    matches!(data_type, T::Binary(_) | T::Varbinary(_) | T::Blob(_) | T::Bit(_) | T::Geometry(_))
}

/// Error 1111: functions over groups of rows have no place in a definition.
fn invalid_group(span: Span) -> CatalogError {
    CatalogError::new(1111, span, "invalid use of group function")
}

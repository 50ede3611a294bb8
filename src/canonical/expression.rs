//! [`Expr`] → the text that the target's SHOW CREATE TABLE prints for it.
//!
//! The printers know precedence and spelling and nothing else: what an expression *is* was settled
//! when it was read. None needs facts about columns, but for the spelling of their names, which the
//! catalog gives them beforehand ([`Expr::respell_columns`]).

mod mariadb;
mod mysql;
mod query;
mod shared;
mod value;
mod window;

use crate::model::expression::Expr;
use crate::target::{Target, Vendor};

pub use crate::syntax::expression::{differs_on_replicas, needs_parentheses_in_default};
pub(super) use query::names;
pub use query::print_query;
pub use value::{computed, print_value};

/// The clause in which an expression stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// `DEFAULT (…)`
    Default,
    /// `GENERATED ALWAYS AS (…)`
    Generated,
    /// `CHECK (…)`
    Check,
    /// `KEY ((…))`
    Key,
    /// `PARTITION BY … (…)`
    Partition,
    /// A view's query, whose strings have only the introducers that were written.
    View,
}

/// How to print.
#[derive(Clone, Copy, Debug)]
pub struct Printing<'a> {
    /// The server whose text is wanted; the one for which the expression was read.
    pub target: Target,
    /// The clause.
    pub place: Place,
    /// The connection's charset.
    pub charset: &'a str,
}

/// Prints an expression without the parentheses that the clause itself adds. MariaDB's DEFAULT adds
/// them only where [`needs_parentheses_in_default`] says so.
///
/// ```
/// use alterplan::canonical::expression::{Place, Printing, print};
/// use alterplan::syntax::{Reading, expression::parse};
/// let target = "mysql:8.4".parse()?;
/// let expr = parse("not a is null", &Reading::of(target))?;
/// let mut out = String::new();
/// print(&expr, &Printing { target, place: Place::Check, charset: "utf8mb4" }, &mut out);
/// assert_eq!(out, "(`a` is not null)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn print(expr: &Expr, printing: &Printing<'_>, out: &mut String) {
    match printing.target.vendor() {
        Vendor::MySql => mysql::Printer { printing, out }.expr(expr),
        Vendor::MariaDb => mariadb::Printer { printing, out }.expr(expr),
    }
}

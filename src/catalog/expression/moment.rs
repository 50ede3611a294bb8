//! `DATE '…'`, `TIME '…'` and `TIMESTAMP '…'` in expressions: read as the server reads them, or refused.
//!
//! MySQL 8.4 manual, section 11.1.3 "Date and Time Literals": unlike a string, a literal of its own kind is an error
//! (1525) where it is none.

use super::super::column::Context;
use super::super::error::{CatalogError, Outcome};
use super::super::temporal::{self, Rules, Written};
use super::Places;
use crate::model::TableDefinition;
use crate::model::expression::{Expr, Literal, Temporal};

/// Reads the moments in the expressions of a table.
pub(in crate::catalog) fn settle(table: &mut TableDefinition, places: Places<'_>, context: Context<'_>) -> Outcome<()> {
    let (mut mode, mut outcome) = (None, Ok(()));
    let mut visit = |expression: &mut Expr| {
        if outcome.is_ok() && has_moments(expression) {
            // A zero that the mode forbids is refused whether it is strict or not.
            let mode = mode.get_or_insert_with(|| {
                let mut mode = context.session.sql_mode.clone();
                mode.strict = true;
                mode
            });
            let rules = Rules { mode, ..Rules::from(context) };
            outcome = read(expression, rules).map_err(|message| CatalogError::new(1525, places.table, message));
        }
    };
    table.column_expressions_mut(&mut visit);
    table.checks.iter_mut().for_each(|check| visit(&mut check.expression));
    outcome
}

fn has_moments(expression: &Expr) -> bool {
    expression.any(&mut |part| matches!(part, Expr::Literal(Literal::Temporal { .. })))
}

fn read(expression: &mut Expr, rules: Rules<'_>) -> Result<(), String> {
    if let Expr::Literal(Literal::Temporal { kind, text }) = expression {
        *text = moment(*kind, text, rules).ok_or_else(|| format!("incorrect {} value: '{text}'", name(*kind)))?.into();
        return Ok(());
    }
    expression.try_children_mut(|child| read(child, rules))
}

fn moment(kind: Temporal, text: &str, rules: Rules<'_>) -> Option<String> {
    let text = text.trim();
    let written = Written::Text(text);
    let digits = text.rsplit_once('.').map_or(0, |(_, digits)| digits.len().min(6) as u32);
    let has_day_and_time = text.contains([' ', 'T', 't', ':']);
    match kind {
        Temporal::Date if has_day_and_time => None,
        Temporal::Date => temporal::date(&written, rules).ok(),
        Temporal::Time => temporal::time(&written, digits, rules).ok(),
        Temporal::Timestamp | Temporal::LocalTimestamp => {
            let whole = text.split('.').next().unwrap_or(text);
            let packed = whole.len() >= 12 && whole.bytes().all(|b| b.is_ascii_digit());
            if has_day_and_time || packed { temporal::datetime(&written, digits, rules).ok() } else { None }
        }
    }
}

const fn name(kind: Temporal) -> &'static str {
    match kind {
        Temporal::Date => "DATE",
        Temporal::Time => "TIME",
        Temporal::Timestamp | Temporal::LocalTimestamp => "DATETIME",
    }
}

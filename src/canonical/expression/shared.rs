//! What both servers print alike: names, strings, types.

use super::query::{print_bounds, print_directions, print_subquery};
use super::{Printing, print};
use crate::ident::Ident;
use crate::model::Sorting;
use crate::model::expression::{CastType, Expr, Side, Temporal};
use std::fmt::Write as _;

/// A name between backticks.
pub(super) fn name(name: &Ident, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{}", name.quoted());
}

/// Names between backticks and points.
pub(super) fn path(path: &[Ident], out: &mut String) {
    for (at, part) in path.iter().enumerate() {
        out.push_str(if at > 0 { "." } else { "" });
        name(part, out);
    }
}

/// Functions over rows and queries, which both servers print alike.
pub(super) fn of_rows(expr: &Expr, printing: &Printing<'_>, out: &mut String) {
    match expr {
        Expr::Aggregate { name, args, order, .. } if name.starts_with("percentile_") => {
            out.push_str(name);
            out.push('(');
            args.iter().for_each(|arg| print(arg, printing, out));
            out.push_str(") within group ( order by ");
            for Sorting { expr, descending } in order {
                print(expr, printing, out);
                out.push_str(if *descending { " desc" } else { "" });
            }
            out.push(')');
        }
        Expr::Aggregate { name, distinct, args, order, separator, limit } => {
            out.push_str(name);
            out.push_str(if *distinct { "(distinct " } else { "(" });
            for (at, arg) in args.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                print(arg, printing, out);
            }
            if !order.is_empty() {
                out.push_str(" order by ");
                print_directions(order, printing, out);
            }
            if let Some(separator) = separator {
                out.push_str(" separator ");
                string(separator, out);
            }
            if let Some(limit) = limit {
                out.push_str(" limit ");
                print_bounds(limit, out);
            }
            out.push(')');
        }
        Expr::Subquery(query) | Expr::Exists(query) => {
            out.push_str(if matches!(expr, Expr::Exists(_)) { "exists(" } else { "(" });
            print_subquery(query, printing, out);
            out.push(')');
        }
        other => print(other, printing, out),
    }
}

/// A string between single quotes, as servers print it inside an expression: with backslashes, unlike
/// the DEFAULT of a column (`Item_string::print`, `append_for_single_quote`).
pub(super) fn string(text: &str, out: &mut String) {
    out.push('\'');
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\0' => out.push_str("\\0"),
            '\'' => out.push_str("\\'"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\u{1a}' => out.push_str("\\Z"),
            other => out.push(other),
        }
    }
    out.push('\'');
}

/// The word of a literal.
pub(super) const fn temporal(kind: Temporal) -> &'static str {
    match kind {
        Temporal::Date => "DATE",
        Temporal::Time => "TIME",
        Temporal::Timestamp => "TIMESTAMP",
        Temporal::LocalTimestamp => "TIMESTAMP/*WITH LOCAL TIME ZONE*/",
    }
}

/// The word of GET_FORMAT.
pub(super) const fn format_kind(kind: Temporal) -> &'static str {
    match kind {
        Temporal::Date => "DATE",
        Temporal::Time => "TIME",
        Temporal::Timestamp | Temporal::LocalTimestamp => "DATETIME",
    }
}

/// The word of TRIM.
pub(super) const fn side(side: Side) -> &'static str {
    match side {
        Side::Both => "both",
        Side::Leading => "leading",
        Side::Trailing => "trailing",
    }
}

/// A type after AS; `gap` stands between the two numbers of a DECIMAL.
pub(super) fn cast_type(to: &CastType, gap: &str, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = match to {
        CastType::Char { length, charset, binary } => {
            out.push_str("char");
            if let Some(length) = length {
                let _ = write!(out, "({length})");
            }
            if let Some(charset) = charset {
                let _ = write!(out, " charset {charset}");
            }
            out.write_str(if *binary { " binary" } else { "" })
        }
        CastType::Signed => out.write_str("signed"),
        CastType::Unsigned => out.write_str("unsigned"),
        CastType::Decimal { precision, scale } => write!(out, "decimal({precision},{gap}{scale})"),
        CastType::Named { name, precision: Some(precision) } => write!(out, "{name}({precision})"),
        CastType::Named { name, precision: None } => out.write_str(name),
    };
}

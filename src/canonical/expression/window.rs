//! `OVER (…)`, with the blanks of either server (`Window::print` of MySQL, `Window_spec::print` of MariaDB).

use super::{Printing, print, shared};
use crate::ident::Ident;
use crate::model::query::{Frame, FrameBound};
use crate::model::{Sorting, Window};
use std::fmt::Write as _;

/// Prints the windows that have names.
pub(super) fn print_windows(windows: &[(Ident, Window)], printing: &Printing<'_>, out: &mut String) {
    for (at, (name, window)) in windows.iter().enumerate() {
        out.push_str(if at > 0 { ", " } else { " window " });
        shared::name(name, out);
        out.push_str(" AS ");
        specification(window, printing, out);
    }
}

/// Prints a window behind its function.
pub(super) fn print_window(window: &Window, printing: &Printing<'_>, out: &mut String) {
    if printing.target.is_mysql() {
        out.push_str(" OVER ");
        match &window.base {
            Some(name) if window.bare => shared::name(name, out),
            Some(_) | None => specification(window, printing, out),
        }
        return;
    }
    // The catalog of MariaDB leaves no name: one stands here only where it is told of another server's window.
    match &window.base {
        Some(name) if window.bare => {
            out.push_str(" over ");
            return shared::name(name, out);
        }
        Some(name) => {
            out.push_str(" over (");
            shared::name(name, out);
        }
        None => out.push_str(" over ("),
    }
    if !window.partition.is_empty() {
        out.push_str(" partition by ");
        list(window, printing, out);
    }
    if !window.order.is_empty() {
        out.push_str(" order by ");
        sortings(&window.order, printing, out);
    }
    if let Some(Frame { rows, from, to }) = &window.frame {
        let unit = if *rows { "rows" } else { "range" };
        let _ = write!(out, " {unit} between {} and {}", mariadb_bound(from), mariadb_bound(to));
    }
    out.push(')');
}

/// A window of MySQL between its parentheses.
fn specification(window: &Window, printing: &Printing<'_>, out: &mut String) {
    out.push('(');
    if let Some(base) = &window.base {
        shared::name(base, out);
        out.push(' ');
    }
    if !window.partition.is_empty() {
        out.push_str("PARTITION BY ");
        list(window, printing, out);
        out.push(' ');
    }
    if !window.order.is_empty() {
        out.push_str("ORDER BY ");
        sortings(&window.order, printing, out);
        out.push(' ');
    }
    if let Some(Frame { rows, from, to }) = &window.frame {
        let unit = if *rows { "ROWS" } else { "RANGE" };
        let _ = write!(out, "{unit} BETWEEN {} AND {}", mysql_bound(from), mysql_bound(to));
    }
    out.push_str(") ");
}

fn list(window: &Window, printing: &Printing<'_>, out: &mut String) {
    for (at, expr) in window.partition.iter().enumerate() {
        out.push_str(if at > 0 { "," } else { "" });
        print(expr, printing, out);
    }
}

fn sortings(order: &[Sorting], printing: &Printing<'_>, out: &mut String) {
    for (at, sorting) in order.iter().enumerate() {
        out.push_str(if at > 0 { "," } else { "" });
        print(&sorting.expr, printing, out);
        out.push_str(if sorting.descending { " desc" } else { "" });
    }
}

fn mysql_bound(bound: &FrameBound) -> String {
    match bound {
        FrameBound::First => "UNBOUNDED PRECEDING".into(),
        FrameBound::Before(count) => format!("{count} PRECEDING"),
        FrameBound::Current => "CURRENT ROW".into(),
        FrameBound::After(count) => format!("{count} FOLLOWING"),
        FrameBound::Last => "UNBOUNDED FOLLOWING".into(),
    }
}

fn mariadb_bound(bound: &FrameBound) -> String {
    match bound {
        FrameBound::First => " unbounded  preceding ".into(),
        FrameBound::Before(count) => format!("{count} preceding "),
        FrameBound::Current => " current row ".into(),
        FrameBound::After(count) => format!("{count} following "),
        FrameBound::Last => " unbounded  following ".into(),
    }
}

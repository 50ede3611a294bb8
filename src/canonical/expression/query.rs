//! Queries, as both servers print them: joins between parentheses, `AS` before each name.

use super::window::print_windows;
use super::{Printing, print, shared};
use crate::ident::Ident;
use crate::model::expression::Expr;
use crate::model::query::{
    CommonTable, From, History, JoinKind, JoinOn, Limit, Moment, Query, QueryBody, Select, SelectItem, SetOp, Sorting,
    TableRef, With,
};
use std::fmt::Write as _;

/// Prints a view's query.
pub fn print_query(query: &Query, printing: &Printing<'_>, out: &mut String) {
    Printer { printing, out, streams: true }.query(query, Within::View);
}

/// Prints a query that stands in an expression: what has no name of its own gets none.
pub(super) fn print_subquery(query: &Query, printing: &Printing<'_>, out: &mut String) {
    Printer { printing, out, streams: false }.query(query, Within::Expression);
}

/// `ORDER BY` terms of a function, each with its direction.
pub(super) fn print_directions(order: &[Sorting], printing: &Printing<'_>, out: &mut String) {
    for (at, sorting) in order.iter().enumerate() {
        out.push_str(if at > 0 { "," } else { "" });
        print(&sorting.expr, printing, out);
        out.push_str(if sorting.descending { " DESC" } else { " ASC" });
    }
}

/// The numbers behind LIMIT.
pub(super) fn print_bounds(limit: &Limit, out: &mut String) {
    if let Some(offset) = &limit.offset {
        out.push_str(offset);
        out.push(',');
    }
    out.push_str(&limit.count);
}

/// Where a query stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    View,
    Expression,
}

struct Printer<'p, 'a> {
    printing: &'p Printing<'a>,
    out: &'p mut String,
    /// Whether rows of a UNION ALL go straight to whoever reads the view, and not through a table.
    streams: bool,
}

impl Printer<'_, '_> {
    fn mysql(&self) -> bool {
        self.printing.target.is_mysql()
    }

    fn query(&mut self, query: &Query, within: Within) {
        self.with_of(query);
        let enclosed = query.enclosed && !self.mysql();
        self.out.push_str(if enclosed { "(" } else { "" });
        self.body(query, within);
        self.out.push_str(if enclosed { ")" } else { "" });
    }

    fn bare(&mut self, query: &Query, within: Within) {
        self.with_of(query);
        self.body(query, within);
    }

    fn with_of(&mut self, query: &Query) {
        let streams = std::mem::take(&mut self.streams);
        if let Some(with) = &query.with {
            self.with(with);
        }
        self.streams = streams;
    }

    fn body(&mut self, query: &Query, within: Within) {
        let streams = self.streams;
        self.streams = streams && query.order.is_empty() && matches!(query.body, QueryBody::Set { .. });
        match &query.body {
            QueryBody::Select(select) => self.select(select, within),
            QueryBody::Values { rows, .. } => self.values(rows),
            QueryBody::Set { op, all, left, right } => self.set(*op, *all, left, right, within),
        }
        self.sortings(" order by ", &query.order);
        if let Some(Limit { offset, count, ties: true }) = &query.limit {
            if let Some(offset) = offset {
                let _ = write!(self.out, " offset {offset} rows");
            }
            let _ = write!(self.out, " fetch first {count} rows with ties");
        } else if let Some(limit) = &query.limit {
            self.out.push_str(" limit ");
            print_bounds(limit, self.out);
        }
        if let QueryBody::Select(select) = &query.body {
            self.out.push_str(select.lock);
        }
        self.streams = streams;
    }

    /// MariaDB quotes no name here, and leaves no blank behind (`With_element::print`).
    fn with(&mut self, with: &With) {
        self.out.push_str(if with.recursive { "with recursive " } else { "with " });
        for (at, CommonTable { name, columns, query }) in with.elements.iter().enumerate() {
            self.out.push_str(if at > 0 { ", " } else { "" });
            match self.mysql() {
                true => shared::name(name, self.out),
                false => self.out.push_str(name.as_str()),
            }
            if !columns.is_empty() {
                self.out.push_str(if self.mysql() { " " } else { "" });
                names(columns, self.out);
            }
            self.out.push_str(" as (");
            self.query(query, Within::View);
            self.out.push(')');
        }
        self.out.push_str(if self.mysql() { " " } else { "" });
    }

    fn values(&mut self, rows: &[Vec<Expr>]) {
        self.out.push_str("values ");
        for (at, row) in rows.iter().enumerate() {
            self.out.push_str(if at > 0 { "," } else { "" });
            self.out.push_str(if self.mysql() { "row(" } else { "(" });
            for (at, value) in row.iter().enumerate() {
                self.out.push_str(if at > 0 { "," } else { "" });
                self.expr(value);
            }
            self.out.push(')');
        }
    }

    fn set(&mut self, op: SetOp, all: bool, left: &Query, right: &Query, within: Within) {
        self.operand(left, op, all, true, within);
        let _ = write!(self.out, " {}{} ", op.word(), if all { " all" } else { "" });
        self.operand(right, op, all, false, within);
    }

    fn operand(&mut self, query: &Query, op: SetOp, all: bool, first: bool, within: Within) {
        if !self.mysql() {
            return self.query(query, within);
        }
        let plain = query.order.is_empty() && query.limit.is_none();
        match &query.body {
            QueryBody::Select(_) | QueryBody::Values { .. } if plain => self.bare(query, within),
            QueryBody::Set { op: inner, all: inner_all, left, right }
                if plain && *inner == op && op == SetOp::Union && (!all || *inner_all) =>
            {
                // Under a UNION that leaves each row once, MySQL makes all of those below it such.
                self.set(op, all, left, right, within);
            }
            // What goes through a table anyway is put there together, each row once up to the last query that asks for it.
            QueryBody::Set { op: SetOp::Union, all: inner_all, left, right }
                if plain && first && op == SetOp::Union && !self.streams =>
            {
                self.set(SetOp::Union, *inner_all, left, right, within);
            }
            QueryBody::Set { op: inner, .. } if plain && *inner == op && op != SetOp::Union && first => {
                self.bare(query, within);
            }
            QueryBody::Set { .. } if plain && !self.printing.target.encloses_set_operands() => self.bare(query, within),
            QueryBody::Select(_) | QueryBody::Values { .. } | QueryBody::Set { .. } => {
                self.out.push('(');
                self.bare(query, within);
                self.out.push(')');
            }
        }
    }

    fn select(&mut self, select: &Select, within: Within) {
        self.out.push_str("select ");
        // STRAIGHT_JOIN and HIGH_PRIORITY stand before DISTINCT, the others behind it.
        let early = |option: &&&str| matches!(**option, "straight_join" | "high_priority");
        for option in select.options.iter().filter(early) {
            let _ = write!(self.out, "{option} ");
        }
        self.out.push_str(if select.distinct { "distinct " } else { "" });
        for option in select.options.iter().filter(|o| !early(o)) {
            let _ = write!(self.out, "{option} ");
        }
        for (at, item) in select.items.iter().enumerate() {
            self.out.push_str(if at > 0 { "," } else { "" });
            self.item(item, within);
        }
        match &select.from {
            From::Tables(tables) => {
                self.out.push_str(" from ");
                self.tables(tables);
            }
            From::Nothing if select.filter.is_some() => self.out.push_str(" from DUAL "),
            From::Nothing => {}
        }
        self.clause(" where ", select.filter.as_ref());
        self.sortings(" group by ", &select.group);
        self.out.push_str(if select.rollup { " with rollup" } else { "" });
        self.clause(" having ", select.having.as_ref());
        print_windows(&select.windows, self.printing, self.out);
    }

    fn item(&mut self, item: &SelectItem, within: Within) {
        match item {
            SelectItem::All(path) => {
                for name in path {
                    shared::name(name, self.out);
                    self.out.push('.');
                }
                self.out.push('*');
            }
            SelectItem::Expr { expr, name, named } => {
                self.expr(expr);
                if *named || within == Within::View {
                    self.out.push_str(" AS ");
                    shared::name(name, self.out);
                }
            }
        }
    }

    fn clause(&mut self, word: &str, condition: Option<&Expr>) {
        if let Some(condition) = condition {
            self.out.push_str(word);
            self.expr(condition);
        }
    }

    fn sortings(&mut self, words: &str, list: &[Sorting]) {
        for (at, sorting) in list.iter().enumerate() {
            self.out.push_str(if at > 0 { "," } else { words });
            self.expr(&sorting.expr);
            self.out.push_str(if sorting.descending { " desc" } else { "" });
        }
    }

    fn expr(&mut self, expr: &Expr) {
        print(expr, self.printing, self.out);
    }

    /// `FOR SYSTEM_TIME …`, of MariaDB (`vers_select_conds_t::print`).
    fn history(&mut self, history: &History) {
        self.out.push_str(" FOR SYSTEM_TIME ");
        match history {
            History::All => self.out.push_str("ALL"),
            History::AsOf(moment) => self.moment("AS OF", moment),
            History::Between(first, last) => {
                self.moment("BETWEEN", first);
                self.moment(" AND", last);
            }
            History::FromTo(first, last) => {
                self.moment("FROM", first);
                self.moment(" TO", last);
            }
        }
    }

    fn moment(&mut self, words: &str, moment: &Moment) {
        self.out.push_str(words);
        self.out.push_str(if moment.transaction { " TRANSACTION " } else { " TIMESTAMP " });
        self.expr(&moment.at);
    }

    fn tables(&mut self, tables: &TableRef) {
        match tables {
            TableRef::Table { database, name, partitions, history, alias, hints } => {
                if let Some(database) = database {
                    shared::name(database, self.out);
                    self.out.push('.');
                }
                shared::name(name, self.out);
                if !partitions.is_empty() {
                    self.out.push_str(" PARTITION ");
                    names(partitions, self.out);
                }
                if let Some(history) = history {
                    self.history(history);
                }
                if let Some(alias) = alias {
                    self.out.push(' ');
                    shared::name(alias, self.out);
                }
                for hint in hints {
                    let _ = write!(self.out, " {hint}");
                }
            }
            TableRef::Derived { query, alias, columns, lateral } => {
                self.out.push_str(if *lateral { "lateral (" } else { "(" });
                self.bare(query, Within::View);
                self.out.push_str(") ");
                shared::name(alias, self.out);
                if !columns.is_empty() {
                    self.out.push_str(if self.mysql() { " " } else { "" });
                    names(columns, self.out);
                }
            }
            TableRef::Join { kind, left_side, right_side, on, right: _ } => {
                self.out.push('(');
                self.tables(left_side);
                self.out.push_str(match kind {
                    JoinKind::Inner => " join ",
                    JoinKind::Left => " left join ",
                    JoinKind::Straight => " straight_join ",
                });
                self.tables(right_side);
                if let JoinOn::Condition(condition) = on {
                    self.out.push_str(" on(");
                    self.expr(condition);
                    self.out.push(')');
                }
                self.out.push(')');
            }
        }
    }
}

/// `(a,b)`
pub(in crate::canonical) fn names(columns: &[Ident], out: &mut String) {
    for (at, column) in columns.iter().enumerate() {
        out.push(if at > 0 { ',' } else { '(' });
        shared::name(column, out);
    }
    out.push(')');
}

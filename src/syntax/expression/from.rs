//! What stands after FROM: tables, queries for tables, joins.

use super::ExpressionError;
use super::parser::{Parser, power};
use super::token::Kind;
use crate::ident::Ident;
use crate::model::expression::{Expr, Literal, Temporal};
use crate::model::query::{From, History, JoinKind, JoinOn, Moment, TableRef};

type Read<T> = Result<T, ExpressionError>;

/// How a join is written.
#[derive(Clone, Copy)]
struct Written {
    kind: JoinKind,
    right: bool,
    natural: bool,
}

impl Parser<'_> {
    /// Everything after FROM.
    pub(super) fn from(&mut self) -> Read<From> {
        if self.take_word("dual") {
            return Ok(From::Nothing);
        }
        self.tables().map(From::Tables)
    }

    /// Joins with commas between them.
    fn tables(&mut self) -> Read<TableRef> {
        let mut left = self.joins()?;
        while self.take(",") {
            let right = self.joins()?;
            left = join(Written { kind: JoinKind::Inner, right: false, natural: false }, left, right, JoinOn::Nothing);
        }
        Ok(left)
    }

    fn joins(&mut self) -> Read<TableRef> {
        let first = self.factor()?;
        self.joins_after(first).map(|(joined, _)| joined)
    }

    /// The joins that follow a first table, and how many there are.
    ///
    /// Where two of them stand before their conditions, the conditions belong to the inner one first; a join that has none
    /// in the end goes to the left of those that follow (`PT_cross_join` of MySQL).
    fn joins_after(&mut self, first: TableRef) -> Read<(TableRef, usize)> {
        let (mut left, mut count) = (first, 0);
        while let Some(written) = self.join_words()? {
            let mut right = self.factor()?;
            if written.natural {
                left = join(written, left, right, JoinOn::Natural);
                count += 1;
                continue;
            }
            let mut inner = 0;
            if !self.at_word("on") && !self.at_word("using") {
                (right, inner) = self.nested(|parser| parser.joins_after(right))?;
            }
            if let Some(on) = self.join_condition()? {
                left = join(written, left, right, on);
                count += 1;
                continue;
            }
            if written.kind == JoinKind::Left {
                return self.fail("expected ON or USING");
            }
            left = before(right, inner, left, written);
            count += inner + 1;
        }
        Ok((left, count))
    }

    fn join_words(&mut self) -> Read<Option<Written>> {
        let mut written = Written { kind: JoinKind::Inner, right: false, natural: false };
        if self.take_word("straight_join") {
            written.kind = JoinKind::Straight;
            return Ok(Some(written));
        }
        written.natural = self.take_word("natural");
        if self.at_word("left") || self.at_word("right") {
            written.right = self.at_word("right");
            written.kind = JoinKind::Left;
            self.advance();
            self.take_word("outer");
            self.expect_word("join")?;
            return Ok(Some(written));
        }
        let inner = self.take_word("inner") || self.take_word("cross");
        if inner || written.natural {
            self.expect_word("join")?;
            return Ok(Some(written));
        }
        Ok(self.take_word("join").then_some(written))
    }

    fn join_condition(&mut self) -> Read<Option<JoinOn>> {
        if self.take_word("on") {
            return self.condition().map(|condition| Some(JoinOn::Condition(condition)));
        }
        if !self.take_word("using") {
            return Ok(None);
        }
        self.names_in_parentheses().map(|names| Some(JoinOn::Using(names)))
    }

    pub(super) fn names_in_parentheses(&mut self) -> Read<Vec<Ident>> {
        self.expect("(")?;
        let mut names = vec![Ident::new(self.name()?)];
        while self.take(",") {
            names.push(Ident::new(self.name()?));
        }
        self.expect(")")?;
        Ok(names)
    }

    /// One table, or what stands for one.
    fn factor(&mut self) -> Read<TableRef> {
        let lateral = self.at_word("lateral") && self.peek_after(1).is_some_and(|t| t.text(self.source) == "(");
        if lateral && self.reading.target.is_mariadb() {
            return self.refuse(1064, "expected a table or a query, and no `LATERAL`");
        }
        if lateral {
            self.advance();
        }
        if self.at_query() && self.is_derived() {
            return self.derived(lateral);
        }
        if self.take("(") {
            let inner = self.nested(Self::tables)?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.take("{") {
            self.expect_word("oj")?;
            let inner = self.nested(Self::tables)?;
            self.expect("}")?;
            return Ok(inner);
        }
        let mut path = self.path()?;
        let Some(name) = path.pop() else { return self.fail("expected a table") };
        if path.len() > 1 || self.at_symbol("(") {
            return self.fail("expected a table and nothing but its name");
        }
        let partitions = if self.take_word("partition") { self.names_in_parentheses()? } else { Vec::new() };
        let history = self.history()?.map(Box::new);
        let alias = self.alias()?.map(Ident::new).filter(|alias| *alias != name);
        Ok(TableRef::Table { database: path.pop(), name, partitions, history, alias, hints: self.hints()? })
    }

    /// `FOR SYSTEM_TIME …`
    fn history(&mut self) -> Read<Option<History>> {
        if !self.at_word("for") || !self.word_after(1, "system_time") {
            return Ok(None);
        }
        if self.reading.target.is_mysql() {
            return self.refuse(1064, "a table without a history");
        }
        self.advance();
        self.advance();
        if self.take_word("all") {
            return Ok(Some(History::All));
        }
        if self.take_word("as") {
            self.expect_word("of")?;
            return self.moment().map(|moment| Some(History::AsOf(moment)));
        }
        let between = self.take_word("between");
        if !between {
            self.expect_word("from")?;
        }
        let first = self.moment()?;
        self.expect_word(if between { "and" } else { "to" })?;
        let last = self.moment()?;
        Ok(Some(if between { History::Between(first, last) } else { History::FromTo(first, last) }))
    }

    /// `[TIMESTAMP | TRANSACTION] value`
    fn moment(&mut self) -> Read<Moment> {
        let transaction = self.take_word("transaction");
        // `TIMESTAMP '…'` is read as a literal, and as the word before a value where it is none.
        let before_value = self.at_word("timestamp")
            && self.peek_after(1).is_some_and(|t| t.kind != Kind::String && t.text(self.source) != "(");
        if before_value {
            self.advance();
        }
        // MariaDB makes a point in time of what is none yet, with all its digits.
        let at = match self.expr(power::BIT_OR)? {
            Expr::Literal(Literal::String { text, .. }) if !transaction => {
                Expr::Literal(Literal::Temporal { kind: Temporal::Timestamp, text })
            }
            Expr::Call { name, args } if &*name == "current_timestamp" && args.is_empty() => {
                Expr::call("current_timestamp", vec![Expr::number("6")])
            }
            other => other,
        };
        Ok(Moment { transaction, at })
    }

    /// Whether the parenthesis encloses a query that has a name: else it encloses joins, the first of which begins with a query.
    fn is_derived(&self) -> bool {
        let mut depth = 0_usize;
        let mut ahead = 0;
        while let Some(token) = self.peek_after(ahead) {
            match token.text(self.source) {
                "(" if token.kind == Kind::Symbol => depth += 1,
                ")" if token.kind == Kind::Symbol && depth == 1 => break,
                ")" if token.kind == Kind::Symbol => depth -= 1,
                _ => {}
            }
            ahead += 1;
        }
        self.peek_after(ahead + 1).is_some_and(|t| {
            t.kind == Kind::Quoted || t.kind == Kind::Word && (!self.is_reserved(t) || self.word_after(ahead + 1, "as"))
        })
    }

    fn derived(&mut self, lateral: bool) -> Read<TableRef> {
        let query = self.query_in_parentheses()?;
        let Some(alias) = self.alias()? else { return self.fail("expected a name for the query") };
        let named = self.at_symbol("(");
        if named && !self.reading.target.has_derived_names() {
            return self.refuse(1064, "expected a table's name and nothing more");
        }
        let columns = if named { self.names_in_parentheses()? } else { Vec::new() };
        Ok(TableRef::Derived { query: Box::new(query), alias: Ident::new(alias), columns, lateral })
    }

    /// `USE|FORCE|IGNORE INDEX [FOR …] (names)`, as servers print them.
    fn hints(&mut self) -> Read<Vec<Box<str>>> {
        let mut hints = Vec::new();
        loop {
            let Some(word) = ["use", "force", "ignore"].into_iter().find(|word| self.at_word(word)) else {
                return Ok(hints);
            };
            self.advance();
            if !self.take_word("index") {
                self.expect_word("key")?;
            }
            let mut hint = format!("{} INDEX", word.to_uppercase());
            if self.take_word("for") {
                let place = if self.take_word("join") {
                    " FOR JOIN"
                } else if self.take_word("order") {
                    self.expect_word("by")?;
                    " FOR ORDER BY"
                } else {
                    self.expect_word("group")?;
                    self.expect_word("by")?;
                    " FOR GROUP BY"
                };
                // MariaDB reads the clause and does not print it.
                hint.push_str(if self.reading.target.is_mysql() { place } else { "" });
            }
            self.expect("(")?;
            if self.take(")") {
                hints.push(format!("{hint} ()").into());
                continue;
            }
            // Each key has a hint of its own (`Index_hint::print`).
            loop {
                let name = self.name()?;
                hints.push(match name.eq_ignore_ascii_case("primary") {
                    true => format!("{hint} (PRIMARY)").into(),
                    false => format!("{hint} ({})", Ident::new(name).quoted()).into(),
                });
                if !self.take(",") {
                    break;
                }
            }
            self.expect(")")?;
        }
    }
}

fn join(written: Written, left: TableRef, right: TableRef, on: JoinOn) -> TableRef {
    let (left, right) = if written.right { (right, left) } else { (left, right) };
    TableRef::Join {
        kind: written.kind,
        right: written.right,
        left_side: Box::new(left),
        right_side: Box::new(right),
        on,
    }
}

/// Puts a join without condition before the first table of the `count` joins in `joins`.
fn before(joins: TableRef, count: usize, left: TableRef, written: Written) -> TableRef {
    match joins {
        TableRef::Join { kind, right, left_side, right_side, on } if count > 0 => {
            let (left_side, right_side) = match right {
                true => (left_side, Box::new(before(*right_side, count - 1, left, written))),
                false => (Box::new(before(*left_side, count - 1, left, written)), right_side),
            };
            TableRef::Join { kind, right, left_side, right_side, on }
        }
        other => join(written, left, other, JoinOn::Nothing),
    }
}

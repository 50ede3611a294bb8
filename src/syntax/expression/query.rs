//! Queries: SELECT with what views are made of.
//!
//! What is not read here (INTO, JSON_TABLE, partitions of a table) is an error that says so; the catalog then keeps the
//! view's text.

use super::parser::{Outcome, Parser, power};
use super::token::{Kind, Token};
use super::{ExpressionError, text};
use crate::ident::Ident;
use crate::model::expression::{BinaryOp, Expr, Literal, Test};
use crate::model::query::{CommonTable, From, Query, QueryBody, Select, SelectItem, SetOp, Sorting, TableRef, With};
use crate::syntax::keyword::Keyword;

pub(super) type Read<T> = Result<T, ExpressionError>;

/// Options of SELECT in the order in which servers print them; MySQL keeps only the first few.
const OPTIONS: [(&str, bool); 8] = [
    ("straight_join", true),
    ("high_priority", true),
    ("sql_small_result", true),
    ("sql_big_result", true),
    ("sql_buffer_result", true),
    ("sql_calc_found_rows", false),
    ("sql_no_cache", false),
    ("sql_cache", false),
];

impl Parser<'_> {
    /// One query and nothing after it.
    pub(super) fn whole_query(&mut self) -> Read<Query> {
        let query = self.query()?;
        if self.at_word("into") || self.at_word("procedure") {
            return self.refuse(1064, "expected the end");
        }
        self.end().map(|()| query)
    }

    /// Whether a query in parentheses is next.
    ///
    /// Where several parentheses open, what stands behind the innermost tells whether the others enclose an expression.
    pub(super) fn at_query(&self) -> bool {
        let mut ahead = 0;
        while self.peek_after(ahead).is_some_and(|t| t.kind == Kind::Symbol && t.text(self.source) == "(") {
            ahead += 1;
        }
        if ahead > 1 && self.reading.in_query && !self.encloses_queries(ahead) {
            return false;
        }
        let begins = |word| self.word_after(ahead, word);
        let values = begins("values") && (!self.reading.target.is_mysql() || self.word_after(ahead + 1, "row"));
        ahead > 0 && self.reading.in_query && (begins("select") || begins("with") || begins("table") || values)
    }

    /// Whether so many parentheses open one query, put together or not.
    fn encloses_queries(&self, opened: usize) -> bool {
        let mut depth = opened;
        let mut ahead = opened;
        while let Some(token) = self.peek_after(ahead) {
            match token.text(self.source) {
                "(" if token.kind == Kind::Symbol => depth += 1,
                ")" if token.kind == Kind::Symbol => depth -= 1,
                _ => {}
            }
            ahead += 1;
            if depth < opened {
                break;
            }
        }
        let goes_on = ["union", "except", "intersect", "minus", "order", "limit", "for", "lock"];
        self.peek_after(ahead).is_some_and(|token| token.text(self.source) == ")")
            || goes_on.iter().any(|word| self.word_after(ahead, word))
    }

    /// `(query)`
    pub(super) fn query_in_parentheses(&mut self) -> Read<Query> {
        self.expect("(")?;
        let query = self.nested(Self::query)?;
        self.expect(")")?;
        Ok(query)
    }

    /// A query with what stands behind the whole of it.
    fn query(&mut self) -> Read<Query> {
        let with = self.with()?;
        let mut query = self.sets()?;
        if with.is_some() {
            if query.with.is_some() {
                return self.fail("WITH before a query that has its own");
            }
            query.with = with;
            query.enclosed &= matches!(query.body, QueryBody::Select(_));
        }
        let order = self.order()?;
        let limit = self.limit()?;
        if !order.is_empty() || limit.is_some() {
            // A query in parentheses takes what stands behind them where it has none of its own.
            let taken = query.limit.is_some() || !query.order.is_empty() && !order.is_empty();
            if self.reading.target.is_mariadb() {
                query = if taken { self.set_aside(query) } else { query };
                query.enclosed &= matches!(query.body, QueryBody::Select(_));
            } else if taken && !order.is_empty() {
                return self.fail("ORDER BY around a query that has its own, or a LIMIT");
            }
            if !order.is_empty() {
                query.order = order;
            }
            query.limit = limit.or(query.limit);
        }
        let ordered = !query.order.is_empty() || query.limit.is_some();
        if ordered && self.reading.target.is_mysql() && matches!(query.body, QueryBody::Values { .. }) {
            return self.fail("ORDER BY or LIMIT behind VALUES");
        }
        self.lock(&mut query)?;
        Ok(query)
    }

    /// `WITH [RECURSIVE] name [(columns)] AS (query), …`
    fn with(&mut self) -> Read<Option<With>> {
        if !self.take_word("with") {
            return Ok(None);
        }
        let recursive = self.take_word("recursive");
        let mut elements = Vec::new();
        loop {
            let name = Ident::new(self.name()?);
            let columns = if self.at_symbol("(") { self.names_in_parentheses()? } else { Vec::new() };
            self.expect_word("as")?;
            elements.push(CommonTable { name, columns, query: self.query_in_parentheses()? });
            if !self.take(",") {
                return Ok(Some(With { recursive, elements }));
            }
        }
    }

    /// Queries with UNION, EXCEPT and INTERSECT between them, of which the last binds most tightly.
    fn sets(&mut self) -> Read<Query> {
        let mut left = self.intersections()?;
        let mut held: Option<(SetOp, bool, Query)> = None;
        loop {
            let op = if self.take_word("union") {
                SetOp::Union
            } else if self.take_word("except") || self.reading.target.is_mariadb() && self.take_word("minus") {
                SetOp::Except
            } else {
                return match held {
                    Some((op, all, right)) => self.joined(op, all, left, right),
                    None => Ok(left),
                };
            };
            let all = self.all()?;
            let right = self.intersections()?;
            if let Some((op, all, right)) = held.take() {
                left = self.joined(op, all, left, right)?;
            }
            // MariaDB puts an INTERSECT aside when it has read what follows.
            match right.body {
                QueryBody::Set { .. } if !right.enclosed => held = Some((op, all, right)),
                _ => left = self.joined(op, all, left, right)?,
            }
        }
    }

    fn intersections(&mut self) -> Read<Query> {
        let mut left = self.query_term()?;
        while self.take_word("intersect") {
            let all = self.all()?;
            let right = self.query_term()?;
            left = self.joined(SetOp::Intersect, all, left, right)?;
        }
        Ok(left)
    }

    fn all(&mut self) -> Read<bool> {
        let all = self.take_word("all");
        if !all {
            self.take_word("distinct");
        }
        Ok(all)
    }

    /// A SELECT, or a query in parentheses.
    fn query_term(&mut self) -> Read<Query> {
        let mysql = self.reading.target.is_mysql();
        if self.at_symbol("(") {
            if self.word_after(1, "with") && !mysql {
                return self.refuse(1064, "expected SELECT");
            }
            let mut query = self.query_in_parentheses()?;
            query.enclosed = true;
            return Ok(query);
        }
        if self.at_word("values") {
            return self.values().map(Query::of);
        }
        if self.at_word("table") && !mysql {
            return self.refuse(1064, "expected SELECT");
        }
        let select = if mysql && self.take_word("table") { self.whole_table()? } else { self.select()? };
        Ok(Query::of(QueryBody::Select(Box::new(select))))
    }

    /// `TABLE t` is `SELECT * FROM t` (MySQL 8.4 manual, section 15.2.16 "TABLE Statement").
    fn whole_table(&mut self) -> Read<Select> {
        let mut path = self.path()?;
        let (Some(name), true) = (path.pop(), path.len() < 2) else { return self.fail("expected a table") };
        let table = TableRef::Table {
            database: path.pop(),
            name,
            partitions: Vec::new(),
            history: None,
            alias: None,
            hints: Vec::new(),
        };
        Ok(all_of(table))
    }

    /// `VALUES ROW(…), …` of MySQL, `VALUES (…), …` of MariaDB.
    fn values(&mut self) -> Read<QueryBody> {
        self.expect_word("values")?;
        self.selects += 1;
        let (mut rows, mut names) = (Vec::new(), Vec::new());
        loop {
            if self.reading.target.is_mysql() {
                if self.at_symbol("(") {
                    return self.refuse(1064, "expected ROW");
                }
                self.expect_word("row")?;
                rows.push(self.arguments()?);
                let width = rows.first().map_or(0, Vec::len);
                names = (0..width).map(|at| Ident::new(format!("column_{at}"))).collect();
            } else if rows.is_empty() {
                // MariaDB calls the columns by the first row.
                if self.at_word("row") {
                    return self.refuse(1064, "expected `(`");
                }
                let (row, called) = self.named_values()?;
                rows.push(row);
                names = called;
            } else {
                rows.push(self.arguments()?);
            }
            if !self.take(",") {
                return Ok(QueryBody::Values { rows, names });
            }
        }
    }

    /// A row of values, and what a SELECT would call them.
    fn named_values(&mut self) -> Read<(Vec<Expr>, Vec<Ident>)> {
        self.expect("(")?;
        let (mut row, mut names) = (Vec::new(), Vec::new());
        loop {
            let first = self.place();
            let value = self.expr(power::LOWEST)?;
            names.push(Ident::new(self.item_name(&value, first, self.place())));
            row.push(value);
            if !self.take(",") {
                break;
            }
        }
        self.expect(")")?;
        Ok((row, names))
    }

    /// Two queries, put together. MySQL prints a WITH of either before both of them.
    fn joined(&mut self, op: SetOp, all: bool, mut left: Query, mut right: Query) -> Read<Query> {
        if self.reading.target.is_mariadb() {
            // What is put together in parentheses, or binds more tightly, is one table to it.
            let is_set = |query: &Query| matches!(query.body, QueryBody::Set { .. });
            left = if is_set(&left) && left.enclosed { self.set_aside(left) } else { left };
            right = if is_set(&right) { self.set_aside(right) } else { right };
        }
        let with = match (left.with.take(), right.with.take()) {
            (Some(_), Some(_)) => return self.fail("WITH in more than one query of a UNION"),
            (left, right) => left.or(right),
        };
        let body = QueryBody::Set { op, all, left: Box::new(left), right: Box::new(right) };
        Ok(Query { with, ..Query::of(body) })
    }

    /// All rows of a query as a table, which has the next number of a SELECT for its name (`wrap_unit_into_derived` of
    /// MariaDB's sql_lex.cc).
    fn set_aside(&mut self, mut query: Query) -> Query {
        self.selects += 1;
        query.enclosed = false;
        let (query, alias) = (Box::new(query), Ident::new(format!("__{}", self.selects)));
        let table = TableRef::Derived { query, alias, columns: Vec::new(), lateral: false };
        Query::of(QueryBody::Select(Box::new(all_of(table))))
    }

    fn select(&mut self) -> Read<Select> {
        self.expect_word("select")?;
        self.selects += 1;
        let mut distinct = false;
        let mut found = Vec::new();
        loop {
            if self.take_word("distinct") || self.take_word("distinctrow") {
                distinct = true;
            } else if let Some((word, _)) = OPTIONS.iter().find(|(word, _)| self.at_word(word) && self.is_option(word))
            {
                self.advance();
                found.push(*word);
            } else if !self.take_word("all") {
                break;
            }
        }
        let mysql = self.reading.target.is_mysql();
        let kept = OPTIONS.iter().filter(|(word, kept)| found.contains(word) && (*kept || !mysql));
        let options = kept.map(|(word, _)| *word).collect();
        let mut items = vec![self.item()?];
        while self.take(",") {
            items.push(self.item()?);
        }
        if self.at_word("into") {
            return self.refuse(if mysql { 1350 } else { 1064 }, "expected FROM");
        }
        let from = if self.take_word("from") { self.from()? } else { From::Nothing };
        let filter = self.clause("where")?;
        let mut group = Vec::new();
        let mut rollup = false;
        if self.take_word("group") {
            self.expect_word("by")?;
            group = self.sortings()?;
            if self.take_word("with") {
                self.expect_word("rollup")?;
                rollup = true;
            }
        }
        let having = self.clause("having")?;
        let windows = self.windows()?;
        Ok(Select { distinct, options, items, from, filter, group, rollup, having, windows, lock: "" })
    }

    /// Whether the word can be an option of the target: `SQL_CACHE` went with MySQL 8.0.
    fn is_option(&self, word: &str) -> bool {
        word != "sql_cache" || self.reading.target.is_mariadb() || !self.reading.target.is_mysql_since(80_000)
    }

    /// A condition after its word.
    fn clause(&mut self, word: &str) -> Read<Option<Expr>> {
        if !self.take_word(word) {
            return Ok(None);
        }
        self.condition().map(Some)
    }

    /// A condition, of which nothing but its truth counts.
    pub(super) fn condition(&mut self) -> Outcome {
        let first = self.place();
        let expr = self.expr(power::LOWEST)?;
        let written = self.tokens_between(first, self.place());
        let is_column = || {
            matches!(expr, Expr::Field(_))
                || is_negated_column(&expr) && written.iter().all(|token| token.kind != Kind::Number)
        };
        if !self.reading.target.tests_columns_for_truth() || !is_column() {
            return Ok(self.reading.condition(expr));
        }
        let (column, test) = match expr {
            Expr::Binary { op: BinaryOp::Equal, left, .. } => (left, Test::False),
            Expr::Binary { left, .. } => (left, Test::True),
            column => (Box::new(column), Test::True),
        };
        Ok(Expr::Is { expr: column, test, negated: false })
    }

    pub(super) fn order(&mut self) -> Read<Vec<Sorting>> {
        if !self.take_word("order") {
            return Ok(Vec::new());
        }
        self.expect_word("by")?;
        self.sortings()
    }

    /// Terms of ORDER BY or GROUP BY.
    pub(super) fn sortings(&mut self) -> Read<Vec<Sorting>> {
        let mut list = Vec::new();
        loop {
            let expr = self.expr(power::LOWEST)?;
            let descending = self.take_word("desc");
            if !descending {
                self.take_word("asc");
            }
            list.push(Sorting { expr, descending });
            if !self.take(",") {
                return Ok(list);
            }
        }
    }

    /// One item of a SELECT.
    fn item(&mut self) -> Read<SelectItem> {
        if let Some(path) = self.wild()? {
            return Ok(SelectItem::All(path));
        }
        let first = self.place();
        let expr = self.expr(power::LOWEST)?;
        let last = self.place();
        if let Some(name) = self.alias()? {
            let name = trimmed(&name);
            if name.is_empty() || name.ends_with(' ') {
                return self.refuse(1166, "expected the name of a column");
            }
            return Ok(SelectItem::Expr { expr, name: Ident::new(name), named: true });
        }
        let name = Ident::new(self.item_name(&expr, first, last));
        Ok(SelectItem::Expr { expr, name, named: false })
    }

    /// `*`, `t.*`, `db.t.*`
    fn wild(&mut self) -> Read<Option<Vec<Ident>>> {
        let mut ahead = 0;
        while self.peek_after(ahead).is_some_and(|t| matches!(t.kind, Kind::Word | Kind::Quoted))
            && self.peek_after(ahead + 1).is_some_and(|t| t.text(self.source) == ".")
        {
            ahead += 2;
        }
        if self.peek_after(ahead).is_none_or(|t| t.kind != Kind::Symbol || t.text(self.source) != "*") {
            return Ok(None);
        }
        let mut path = Vec::new();
        while !self.take("*") {
            path.push(Ident::new(self.name()?));
            self.expect(".")?;
        }
        Ok(Some(path))
    }

    /// A name after AS, or without it.
    pub(super) fn alias(&mut self) -> Read<Option<String>> {
        let given = self.take_word("as");
        let Some(token) = self.peek() else { return self.no_alias(given) };
        match token.kind {
            Kind::String => {
                self.advance();
                Ok(Some(text::unescaped(token.text(self.source), !self.reading.no_backslash_escapes).into()))
            }
            Kind::Quoted => self.name().map(Some),
            Kind::Word if !self.is_reserved(token) && !self.at_windows() => self.name().map(Some),
            _ => self.no_alias(given),
        }
    }

    fn no_alias(&self, given: bool) -> Read<Option<String>> {
        if given { self.fail("expected a name") } else { Ok(None) }
    }

    pub(super) fn is_reserved(&self, token: Token) -> bool {
        let keyword = Keyword::of(token.text(self.source).as_bytes());
        keyword != Keyword::UNLISTED && keyword.is_reserved(self.reading.target)
    }

    /// The name that the server derives for an item: a column's, a string's text, else the item as written.
    fn item_name(&self, expr: &Expr, first: usize, last: usize) -> String {
        let tokens = self.tokens_between(first, last);
        let written = match (tokens.first(), tokens.last()) {
            (Some(first), Some(last)) => self.source.get(first.start..last.end).unwrap_or_default(),
            _ => "",
        };
        let (mut open, mut close) = (0, tokens.len());
        while let Some(token) = tokens.get(open).filter(|_| close > open + 1) {
            match token.text(self.source) {
                "(" => close -= 1,
                // A sign that changes nothing is no part of the name of what it stands before.
                "+" => {}
                _ => break,
            }
            open += 1;
        }
        let inner = tokens.get(open..close).unwrap_or_default();
        let mariadb = self.reading.target.is_mariadb();
        let name = match (expr, inner) {
            (Expr::Field(path), _) => path.last().map(ToString::to_string).unwrap_or_default(),
            (_, [only]) if only.kind == Kind::Word && only.text(self.source).eq_ignore_ascii_case("null") => {
                "NULL".into()
            }
            (_, [only]) if only.kind == Kind::Word && mariadb && is_truth_value(only.text(self.source)) => {
                only.text(self.source).to_ascii_uppercase()
            }
            (_, [only]) if matches!(only.kind, Kind::Number | Kind::Word | Kind::Hex | Kind::Bits) => {
                only.text(self.source).to_owned()
            }
            (Expr::Literal(crate::model::expression::Literal::String { text: whole, .. }), _) => {
                let strings = inner.iter().filter(|t| matches!(t.kind, Kind::String | Kind::National));
                match strings.take(if mariadb { 0 } else { 1 }).next() {
                    Some(token) => {
                        let text = token.text(self.source);
                        let skipped = usize::from(token.kind == Kind::National);
                        text::unescaped(text.get(skipped..).unwrap_or_default(), !self.reading.no_backslash_escapes)
                            .into()
                    }
                    None => whole.to_string(),
                }
            }
            _ => written.to_owned(),
        };
        trimmed(&name).to_owned()
    }

    /// `EXISTS (query)`
    pub(super) fn exists(&mut self) -> Outcome {
        self.expect_word("exists")?;
        Ok(Expr::Exists(Box::new(self.query_in_parentheses()?)))
    }
}

/// A name as items have it: blanks and control characters at its beginning are left out (`Name_string::copy`).
fn trimmed(name: &str) -> &str {
    name.trim_start_matches(|c: char| c.is_ascii_whitespace() || c.is_ascii_control())
}

/// Whether an expression is what NOT makes of a column.
fn is_negated_column(expr: &Expr) -> bool {
    matches!(expr, Expr::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual, left, right }
        if matches!((&**left, &**right), (Expr::Field(_), Expr::Literal(Literal::Number(zero))) if &**zero == "0"))
}

fn is_truth_value(word: &str) -> bool {
    word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false")
}

/// `SELECT * FROM table`
fn all_of(table: TableRef) -> Select {
    Select {
        distinct: false,
        options: Vec::new(),
        items: vec![SelectItem::All(Vec::new())],
        from: From::Tables(table),
        filter: None,
        group: Vec::new(),
        rollup: false,
        having: None,
        windows: Vec::new(),
        lock: "",
    }
}

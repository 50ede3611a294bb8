//! Queries: SELECT with what views are made of.
//!
//! What is not read here (INTO, JSON_TABLE, partitions of a table) is an error that says so; the catalog then keeps the
//! view's text.

use super::parser::{Outcome, Parser, power};
use super::token::{Kind, Token};
use super::{ExpressionError, text};
use crate::ident::Ident;
use crate::model::expression::Expr;
use crate::model::query::{
    CommonTable, From, Limit, Query, QueryBody, Select, SelectItem, SetOp, Sorting, TableRef, With,
};
use crate::syntax::keyword::Keyword;

type Read<T> = Result<T, ExpressionError>;

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
        self.end().map(|()| query)
    }

    /// Whether a query in parentheses is next.
    pub(super) fn at_query(&self) -> bool {
        let mut ahead = 0;
        while self.peek_after(ahead).is_some_and(|t| t.kind == Kind::Symbol && t.text(self.source) == "(") {
            ahead += 1;
        }
        let begins = |word| self.word_after(ahead, word);
        let values = begins("values") && (!self.reading.target.is_mysql() || self.word_after(ahead + 1, "row"));
        ahead > 0 && self.reading.in_query && (begins("select") || begins("with") || begins("table") || values)
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
        }
        let order = self.order()?;
        let limit = self.limit()?;
        if !order.is_empty() || limit.is_some() {
            // A query in parentheses takes what stands behind them where it has none of its own.
            let taken = query.limit.is_some() || !query.order.is_empty() && !order.is_empty();
            if taken && self.reading.target.is_mariadb() {
                return self.fail("expected the end: ORDER BY or LIMIT around a query that has its own");
            }
            if !order.is_empty() {
                query.order = order;
            }
            query.limit = limit.or(query.limit);
        }
        if matches!(query.body, QueryBody::Values(_)) && (!query.order.is_empty() || query.limit.is_some()) {
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
        loop {
            let op = if self.take_word("union") {
                SetOp::Union
            } else if self.take_word("except") || self.reading.target.is_mariadb() && self.take_word("minus") {
                SetOp::Except
            } else {
                return Ok(left);
            };
            let all = self.all()?;
            let right = self.intersections()?;
            left = self.joined(op, all, left, right)?;
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
        if self.at_symbol("(") {
            let mut query = self.query_in_parentheses()?;
            query.enclosed = true;
            return Ok(query);
        }
        let mysql = self.reading.target.is_mysql();
        if self.at_word("values") {
            return self.values().map(Query::of);
        }
        let select = if mysql && self.take_word("table") { self.whole_table()? } else { self.select()? };
        Ok(Query::of(QueryBody::Select(Box::new(select))))
    }

    /// `TABLE t` is `SELECT * FROM t` (MySQL 8.4 manual, section 15.2.16 "TABLE Statement").
    fn whole_table(&mut self) -> Read<Select> {
        let mut path = self.path()?;
        let (Some(name), true) = (path.pop(), path.len() < 2) else { return self.fail("expected a table") };
        let table = TableRef::Table { database: path.pop(), name, alias: None, hints: Vec::new() };
        Ok(Select {
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
        })
    }

    /// `VALUES ROW(…), …` of MySQL, `VALUES (…), …` of MariaDB.
    fn values(&mut self) -> Read<QueryBody> {
        self.expect_word("values")?;
        let mut rows = Vec::new();
        loop {
            if self.reading.target.is_mysql() {
                self.expect_word("row")?;
            }
            rows.push(self.arguments()?);
            if !self.take(",") {
                return Ok(QueryBody::Values(rows));
            }
        }
    }

    /// Two queries, put together. WITH in either would be printed elsewhere than it was written.
    fn joined(&self, op: SetOp, all: bool, left: Query, right: Query) -> Read<Query> {
        if left.with.is_some() || right.with.is_some() {
            return self.fail("WITH in a query of a UNION");
        }
        Ok(Query::of(QueryBody::Set { op, all, left: Box::new(left), right: Box::new(right) }))
    }

    fn select(&mut self) -> Read<Select> {
        self.expect_word("select")?;
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
        let condition = self.expr(power::LOWEST)?;
        Ok(Some(self.reading.condition(condition)))
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

    fn limit(&mut self) -> Read<Option<Limit>> {
        if !self.take_word("limit") {
            return Ok(None);
        }
        let first = self.count()?;
        if self.take(",") {
            return Ok(Some(Limit { offset: Some(first), count: self.count()? }));
        }
        let offset = if self.take_word("offset") { Some(self.count()?) } else { None };
        Ok(Some(Limit { offset, count: first }))
    }

    fn count(&mut self) -> Read<Box<str>> {
        match self.peek().filter(|t| t.kind == Kind::Number) {
            Some(token) => {
                self.advance();
                Ok(text::number(token.text(self.source)))
            }
            None => self.fail("expected a number"),
        }
    }

    /// `FOR UPDATE` and `LOCK IN SHARE MODE`, which MySQL does not keep.
    fn lock(&mut self, query: &mut Query) -> Read<()> {
        let lock = if self.take_word("lock") {
            for word in ["in", "share", "mode"] {
                self.expect_word(word)?;
            }
            " lock in share mode"
        } else if self.take_word("for") {
            if self.reading.target.is_mysql() && self.take_word("share") {
                return Ok(());
            }
            self.expect_word("update")?;
            " for update"
        } else {
            return Ok(());
        };
        if let (QueryBody::Select(select), true) = (&mut query.body, self.reading.target.is_mariadb()) {
            select.lock = lock;
        }
        Ok(())
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
        while tokens.get(open).is_some_and(|t| t.text(self.source) == "(") && close > open + 1 {
            open += 1;
            close -= 1;
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
        // Blanks and control characters at its beginning are left out (`Name_string::copy`).
        name.trim_start_matches(|c: char| c.is_ascii_whitespace() || c.is_ascii_control()).to_owned()
    }

    /// `EXISTS (query)`
    pub(super) fn exists(&mut self) -> Outcome {
        self.expect_word("exists")?;
        Ok(Expr::Exists(Box::new(self.query_in_parentheses()?)))
    }

    /// A function over a group of rows, after its name; `None` where it has nothing but arguments.
    pub(super) fn aggregate(&mut self, name: &str) -> Option<Outcome> {
        if !self.reading.in_query {
            return None;
        }
        let word_after = |word| self.word_after(1, word);
        match name {
            "group_concat" => Some(self.group_concat()),
            "count" if self.peek_after(1).is_some_and(|t| t.text(self.source) == "*") => Some(self.count_rows()),
            "count" | "sum" | "avg" | "min" | "max" | "std" | "stddev" | "variance" | "bit_and" | "bit_or"
            | "bit_xor" | "json_arrayagg" | "json_objectagg"
                if word_after("all") || word_after("distinct") =>
            {
                Some(self.distinct_aggregate(name))
            }
            _ => None,
        }
    }

    /// `COUNT(*)` is `COUNT(0)`.
    fn count_rows(&mut self) -> Outcome {
        self.expect("(")?;
        self.expect("*")?;
        self.expect(")")?;
        Ok(Expr::call("count", vec![Expr::number("0")]))
    }

    fn distinct_aggregate(&mut self, name: &str) -> Outcome {
        self.expect("(")?;
        let distinct = self.take_word("distinct");
        self.take_word("all");
        let mut args = vec![self.expr(power::LOWEST)?];
        while self.take(",") {
            args.push(self.expr(power::LOWEST)?);
        }
        self.expect(")")?;
        let Expr::Call { name, args } = self.plain_call(name, args) else {
            return self.fail("expected a function over rows");
        };
        // The greatest of different values is the greatest of all.
        if !distinct || matches!(&*name, "min" | "max") {
            return Ok(Expr::Call { name, args });
        }
        Ok(Expr::Aggregate { name, distinct, args, order: Vec::new(), separator: None })
    }

    fn group_concat(&mut self) -> Outcome {
        self.expect("(")?;
        let distinct = self.take_word("distinct");
        let mut args = vec![self.expr(power::LOWEST)?];
        while self.take(",") {
            args.push(self.expr(power::LOWEST)?);
        }
        let order = self.order()?;
        let mut separator = ",".into();
        if self.take_word("separator") {
            let value = self.primary()?;
            let Some(text) = Self::string_text(&value) else { return self.fail("expected a string") };
            separator = text.into();
        }
        self.expect(")")?;
        Ok(Expr::Aggregate { name: "group_concat".into(), distinct, args, order, separator: Some(separator) })
    }
}

fn is_truth_value(word: &str) -> bool {
    word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false")
}

//! Operands: literals, columns, prefix operators, parentheses, CASE.

use super::parser::{Outcome, Parser, power};
use super::text;
use super::token::{Kind, Token};
use super::{ExpressionError, meaning};
use crate::ident::Ident;
use crate::model::expression::{BinaryOp, Expr, Literal, Temporal};

/// Reserved words that begin no operand: what they introduce is not an expression of DDL.
const NOT_OPERANDS: [&str; 24] = [
    "and", "as", "asc", "between", "by", "collate", "desc", "distinct", "div", "else", "exists", "from", "group",
    "having", "in", "is", "like", "or", "order", "select", "then", "when", "where", "xor",
];

impl Parser<'_> {
    /// One operand.
    pub(super) fn primary(&mut self) -> Outcome {
        let Some(token) = self.peek() else { return self.fail("expected an expression") };
        let written = token.text(self.source);
        match token.kind {
            Kind::Number => {
                self.advance();
                if written.ends_with('L') {
                    return self.fail("expected a number");
                }
                if written.contains(['e', 'E']) && written.parse().is_ok_and(f64::is_infinite) {
                    return self.refuse(1367, "a number that a DOUBLE can hold");
                }
                Ok(Expr::Literal(Literal::Number(text::number(written))))
            }
            Kind::String => self.string(None),
            Kind::National => {
                let charset = self.charset_prefix("utf8");
                let literal = self.after_prefix(token, 1);
                self.advance();
                let charset = (self.reading.target.is_mysql() && !self.reading.in_query).then_some(charset);
                self.continued(charset, literal)
            }
            Kind::Hex | Kind::Bits => self.bytes(None),
            Kind::Quoted => self.column(),
            Kind::Symbol => self.prefix(written),
            Kind::Word => self.word(written),
        }
    }

    fn prefix(&mut self, symbol: &str) -> Outcome {
        match symbol {
            "(" if self.at_query() => Ok(Expr::Subquery(Box::new(self.query_in_parentheses()?))),
            "(" => {
                let mut list = self.arguments()?;
                match (list.pop(), list.is_empty()) {
                    (Some(only), true) => Ok(only),
                    (Some(last), false) => {
                        list.push(last);
                        Ok(Expr::Row(list))
                    }
                    (None, _) => self.fail("expected an expression"),
                }
            }
            "-" => {
                self.advance();
                let operand = self.expr(power::NEGATIVE)?;
                Ok(self.reading.negative(operand))
            }
            "+" => {
                self.advance();
                self.expr(power::NEGATIVE)
            }
            "~" => {
                self.advance();
                Ok(Expr::BitNot(Box::new(self.expr(power::NEGATIVE)?)))
            }
            "!" => {
                let end = self.peek().map(|t| t.end);
                self.advance();
                // MySQL reads `!!` as one operator and takes it for `!`.
                if self.reading.target.is_mysql() && self.at_symbol("!") && self.peek().map(|t| t.start) == end {
                    self.advance();
                }
                let operand = self.expr(power::NEGATIVE)?;
                Ok(self.reading.not(operand))
            }
            "{" => self.odbc(),
            "@" => self.variable(),
            "\\" if self.reading.target.is_mariadb()
                && self.peek_after(1).is_some_and(|t| t.text(self.source) == "N") =>
            {
                self.advance();
                self.advance();
                Ok(Expr::Literal(Literal::Null))
            }
            _ => self.fail("expected an expression"),
        }
    }

    fn word(&mut self, word: &str) -> Outcome {
        let lower = word.to_ascii_lowercase();
        let next = self.peek_after(1);
        let next_kind = next.map(|t| t.kind);
        if let (Some(charset), Some(Kind::String | Kind::Hex | Kind::Bits)) = (lower.strip_prefix('_'), next_kind) {
            self.advance();
            let charset = self.charset_prefix(charset);
            return if next_kind == Some(Kind::String) {
                self.string(Some(charset))
            } else {
                self.bytes(Some(charset))
            };
        }
        if next.is_some_and(|t| t.kind == Kind::Symbol && t.text(self.source) == "(")
            && let Some(called) = self.call(&lower)
        {
            return called;
        }
        match lower.as_str() {
            "null" => self.constant(Literal::Null),
            "true" => self.constant(Literal::Bool(true)),
            "false" => self.constant(Literal::Bool(false)),
            "not" => {
                self.advance();
                let high = self.reading.high_not_precedence;
                let operand = self.expr(if high { power::NEGATIVE } else { power::NOT })?;
                Ok(self.reading.not(operand))
            }
            "date" | "time" | "timestamp" if next_kind == Some(Kind::String) => {
                self.advance();
                self.temporal(&lower)
            }
            "binary" => {
                self.advance();
                let operand = self.expr(power::NEGATIVE)?;
                Ok(self.cast_to_binary(operand))
            }
            "case" => self.case(),
            "match" if self.reading.in_query => {
                self.advance();
                self.full_text()
            }
            "exists" if self.reading.in_query => self.exists(),
            "row" if next.is_some_and(|t| t.text(self.source) == "(") => {
                self.advance();
                Ok(Expr::Row(self.arguments()?))
            }
            "interval" => self.leading_interval(),
            "next" if self.peek_after(1).is_some_and(|t| t.text(self.source).eq_ignore_ascii_case("value")) => {
                self.next_value()
            }
            "current_timestamp" | "localtime" | "localtimestamp" | "current_date" | "current_time" | "current_user"
            | "current_role" | "utc_date" | "utc_time" | "utc_timestamp" => {
                self.advance();
                Ok(self.plain_call(&lower, Vec::new()))
            }
            name if NOT_OPERANDS.binary_search(&name).is_ok() => self.fail("expected an expression"),
            _ => self.column(),
        }
    }

    /// `INTERVAL 1 DAY + d` is `d + INTERVAL 1 DAY`.
    fn leading_interval(&mut self) -> Outcome {
        let (amount, unit) = self.amount()?;
        self.expect("+")?;
        let date = Box::new(self.expr(power::ADD)?);
        Ok(Expr::DateArithmetic { date, amount: Box::new(amount), unit, minus: false })
    }

    /// `NEXT VALUE FOR s`
    fn next_value(&mut self) -> Outcome {
        self.advance();
        self.advance();
        self.expect_word("for")?;
        Ok(Expr::Sequence { function: "nextval".into(), name: self.path()? })
    }

    fn constant(&mut self, literal: Literal) -> Outcome {
        self.advance();
        Ok(Expr::Literal(literal))
    }

    /// A literal whose quotes begin after some bytes of its token.
    fn after_prefix(&self, token: Token, skipped: usize) -> Box<str> {
        let literal = token.text(self.source).get(skipped..).unwrap_or_default();
        text::unescaped(literal, !self.reading.no_backslash_escapes)
    }

    /// A string, with what its introducer names.
    fn string(&mut self, introducer: Option<Box<str>>) -> Outcome {
        let Some(token) = self.peek() else { return self.fail("expected a string") };
        let mut value = self.after_prefix(token, 0);
        self.advance();
        let mariadb = self.reading.target.is_mariadb();
        if mariadb && introducer.is_some() {
            if value.contains('\'') || value.ends_with('\\') {
                // It writes these as they are, and cannot read that back.
                return self.refuse(1064, "a string without quotes");
            }
            value = text::escaped_bytes(value.as_bytes());
        }
        if !mariadb && !self.reading.in_query {
            value = text::of_three_bytes(value);
        }
        let charset = match introducer {
            None if !mariadb && !self.reading.in_query => Some(self.charset_prefix(self.reading.charset)),
            other => other,
        };
        self.continued(charset, value)
    }

    /// Adjacent strings are one (MySQL 8.4 manual, section 11.1.1 "String Literals").
    fn continued(&mut self, charset: Option<Box<str>>, first: Box<str>) -> Outcome {
        let mut text = String::from(first);
        while let Some(token) = self.peek().filter(|t| t.kind == Kind::String) {
            text.push_str(&self.after_prefix(token, 0));
            self.advance();
        }
        Ok(Expr::Literal(Literal::String { charset, text: text.into() }))
    }

    /// Hexadecimal or binary digits: a string if an introducer stands before them.
    fn bytes(&mut self, introducer: Option<Box<str>>) -> Outcome {
        let Some(token) = self.peek() else { return self.fail("expected bytes") };
        let written = token.text(self.source);
        let Some(digits) = text::digits(written, token.kind == Kind::Bits) else {
            return self.fail("expected hexadecimal or binary digits");
        };
        self.advance();
        let mariadb = self.reading.target.is_mariadb();
        let ends = |byte: &str| digits.as_bytes().chunks(2).any(|pair| pair == byte.as_bytes());
        if mariadb && introducer.is_some() && (ends("27") || digits.ends_with("5c")) {
            // It writes these as they are, and cannot read that back.
            return self.refuse(1064, "a string without quotes");
        }
        Ok(Expr::Literal(match introducer {
            Some(charset) => Literal::String { charset: Some(charset), text: text::introduced(&digits, mariadb) },
            None => {
                let quoted = token.kind == Kind::Hex && !written.starts_with('0') && mariadb;
                Literal::Hex { digits, quoted }
            }
        }))
    }

    /// `DATE '…'` after its word.
    fn temporal(&mut self, word: &str) -> Outcome {
        let kind = match word {
            "date" | "d" => Temporal::Date,
            "time" | "t" => Temporal::Time,
            _ => Temporal::Timestamp,
        };
        let value = match self.peek() {
            Some(token) if token.kind == Kind::String => self.after_prefix(token, 0),
            _ => return self.fail("expected a string"),
        };
        self.advance();
        Ok(Expr::Literal(text::temporal(kind, &value)))
    }

    /// `{d '…'}`; servers take other words between braces for nothing.
    fn odbc(&mut self) -> Outcome {
        self.advance();
        let Some(word) = self.peek().filter(|t| t.kind == Kind::Word) else { return self.fail("expected a word") };
        self.advance();
        let word = word.text(self.source).to_ascii_lowercase();
        let is_string = self.peek().is_some_and(|t| t.kind == Kind::String);
        let expr = match word.as_str() {
            "d" | "t" | "ts" if is_string => {
                let token = self.peek();
                let moment = self.temporal(&word)?;
                match (&moment, token) {
                    // What is no moment is a string there.
                    (Expr::Literal(Literal::Temporal { kind, text: value }), Some(token))
                        if !text::is_moment(*kind, value) =>
                    {
                        let text = self.after_prefix(token, 0);
                        let named = !self.reading.target.is_mariadb() && !self.reading.in_query;
                        let charset = named.then(|| self.charset_prefix(self.reading.charset));
                        Expr::Literal(Literal::String { charset, text })
                    }
                    _ => moment,
                }
            }
            _ => self.expr(power::LOWEST)?,
        };
        self.expect("}")?;
        Ok(expr)
    }

    fn variable(&mut self) -> Outcome {
        let mut name = String::new();
        while self.take("@") {
            name.push('@');
        }
        let part = self.name()?;
        if name.len() == 1 && self.take(":=") {
            // The target of an assignment is printed as it is.
            let value = Box::new(self.expr(power::LOWEST)?);
            return Ok(Expr::Assignment { variable: format!("@{part}").into(), value });
        }
        let scope = matches!(part.to_ascii_lowercase().as_str(), "global" | "session" | "local");
        if name.len() == 2 && scope && self.reading.target.is_mariadb() && self.take(".") {
            // MariaDB forgets the scope of a system variable.
            name.push_str(&self.name()?);
        } else if name.len() == 1 {
            name.push_str(&Ident::new(part).quoted().to_string());
        } else {
            name.push_str(&part);
        }
        while self.take(".") {
            name.push('.');
            name.push_str(&self.name()?);
        }
        Ok(Expr::Variable(name.into()))
    }

    /// `c`, `t.c`, `db.t.c`, and what may follow a column alone: `->` and `->>`.
    pub(super) fn column(&mut self) -> Outcome {
        let mut path = self.path()?;
        if self.reading.in_query && self.at_symbol("(") {
            return self.stored_call(&path);
        }
        if self.reading.in_query && path.len() <= 3 {
            return self.json_path(Expr::Field(path));
        }
        let Some(name) = path.pop() else { return self.fail("expected a column") };
        if path.len() > 2 {
            return self.fail("expected a column");
        }
        self.json_path(Expr::Column(name))
    }

    /// `column->path`, `column->>path` of MySQL.
    fn json_path(&mut self, column: Expr) -> Outcome {
        if self.reading.target.is_mariadb() {
            return match self.at_symbol("->>") || self.at_symbol("->") {
                true => self.refuse(1064, "an operator that MariaDB has"),
                false => Ok(column),
            };
        }
        let unquote = self.at_symbol("->>");
        if !unquote && !self.at_symbol("->") {
            return Ok(column);
        }
        self.advance();
        if self.peek().is_none_or(|t| t.kind != Kind::String) {
            return self.fail("expected a JSON path");
        }
        let path = self.string(None)?;
        let found = Expr::call("json_extract", vec![column, path]);
        Ok(if unquote { Expr::call("json_unquote", vec![found]) } else { found })
    }

    /// Names between points.
    pub(super) fn path(&mut self) -> Result<Vec<Ident>, ExpressionError> {
        self.take(".");
        let mut path = vec![Ident::new(self.name()?)];
        while self.take(".") {
            path.push(Ident::new(self.name()?));
        }
        Ok(path)
    }

    /// One name, quoted or not.
    pub(super) fn name(&mut self) -> Result<String, ExpressionError> {
        let Some(token) = self.peek() else { return self.fail("expected a name") };
        let written = token.text(self.source);
        let name = match token.kind {
            Kind::Word => written.to_owned(),
            Kind::Quoted => text::unquoted(written),
            _ => return self.fail("expected a name"),
        };
        self.advance();
        Ok(name)
    }

    fn case(&mut self) -> Outcome {
        self.advance();
        let operand = match self.at_word("when") {
            true => None,
            false => Some(Box::new(self.expr(power::LOWEST)?)),
        };
        let mut branches = Vec::new();
        while self.take_word("when") {
            let when = self.expr(power::LOWEST)?;
            self.expect_word("then")?;
            branches.push((when, self.expr(power::LOWEST)?));
        }
        if branches.is_empty() {
            return self.fail("expected WHEN");
        }
        let otherwise = match self.take_word("else") {
            true => Some(Box::new(self.expr(power::LOWEST)?)),
            false => None,
        };
        self.expect_word("end")?;
        Ok(Expr::Case { operand, branches, otherwise })
    }

    /// A charset's name, or a collation's, as the target spells it: `utf8` is `utf8mb3` where it is printed so.
    pub(super) fn charset_prefix(&self, name: &str) -> Box<str> {
        match name.strip_prefix("utf8") {
            Some(rest) if self.reading.target.prints_utf8mb3() && (rest.is_empty() || rest.starts_with('_')) => {
                format!("utf8mb3{rest}").into()
            }
            Some(_) | None => name.into(),
        }
    }

    /// `a MOD b` and `MOD(a, b)` are one.
    pub(super) fn modulo(left: Expr, right: Expr) -> Expr {
        meaning::binary(BinaryOp::Modulo, left, right)
    }
}

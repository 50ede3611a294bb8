//! Calls: functions with a syntax of their own, and those that servers turn into operators.

use super::ExpressionError;
use super::function;
use super::meaning::binary;
use super::parser::{Outcome, Parser, power};
use super::token::Kind;
use crate::ident::Ident;
use crate::model::expression::{BinaryOp, CastType, Expr, JsonFallback, Literal, Side, Temporal, Test, Unit};

impl Parser<'_> {
    /// The call whose name (in lower case) is next, before a parenthesis; `None` for what is no call.
    pub(super) fn call(&mut self, name: &str) -> Option<Outcome> {
        let interval_operator = name == "interval" && !self.is_interval_function(self.place() + 1);
        if interval_operator || matches!(name, "not" | "case" | "row" | "binary" | "in" | "and" | "or" | "xor" | "div")
        {
            return None;
        }
        if matches!(name, "select" | "exists" | "like" | "between" | "is" | "when" | "then" | "else" | "null" | "true")
        {
            return None;
        }
        Some(self.called(name))
    }

    fn called(&mut self, name: &str) -> Outcome {
        self.advance();
        if let Some(aggregate) = self.aggregate(name) {
            return self.over(aggregate);
        }
        let called = self.known_call(name);
        if self.reading.in_query { self.over(called) } else { called }
    }

    fn known_call(&mut self, name: &str) -> Outcome {
        match name {
            "cast" => self.cast(),
            "convert" => self.convert(),
            "char" | "character" => self.char(),
            "trim" => self.trim(),
            "extract" => self.extract(),
            "position" => self.position(),
            "substring" | "substr" | "mid" => self.substring(),
            "date_add" | "date_sub" | "adddate" | "subdate" => {
                self.date_arithmetic(name.ends_with("sub") || name == "subdate")
            }
            "timestampadd" => self.timestampadd(),
            "timestampdiff" => self.timestampdiff(),
            "get_format" => self.get_format(),
            "weight_string" => self.weight_string(),
            "json_value" if self.reading.target.is_mysql() => self.json_value(),
            "default" | "values" | "value" => self.of_column(name),
            "nextval" | "lastval" => self.sequence(name),
            "match" => self.full_text(),
            _ => self.ordinary(name),
        }
    }

    // Each form has a function of its own: one large function would cost its whole stack frame at every
    // level of nesting.

    fn ordinary(&mut self, name: &str) -> Outcome {
        let written = self.tokens_between(self.place() - 1, self.place()).first().map(|t| t.text(self.source));
        if let Some(written) =
            written.filter(|_| self.reading.in_query && !function::is_native(name, self.reading.target))
        {
            return self.stored_call(&[Ident::new(written)]);
        }
        let args = self.typed_arguments()?;
        if let Some(number) = function::refuses_arguments(name, args.len(), self.reading.target) {
            return self.refuse(number, "another number of arguments");
        }
        let digits = match args.as_slice() {
            [Expr::Literal(Literal::Number(digits))] if is_clock(name) => digits.parse().ok(),
            _ => None,
        };
        if digits > Some(6_u32) {
            return self.refuse(1426, "a precision of at most 6");
        }
        Ok(self.plain_call(name, args))
    }

    /// A stored function, whose name a view shows between quotes and as it is written.
    pub(super) fn stored_call(&mut self, path: &[Ident]) -> Outcome {
        let args = self.typed_arguments()?;
        let name: Vec<String> = path.iter().map(|part| part.quoted().to_string()).collect();
        Ok(Expr::Call { name: name.join(".").into(), args })
    }

    fn extract(&mut self) -> Outcome {
        self.expect("(")?;
        let unit = self.unit()?;
        self.expect_word("from")?;
        let expr = Box::new(self.closed()?);
        Ok(Expr::Extract { unit, expr })
    }

    /// `POSITION(a IN b)`
    fn position(&mut self) -> Outcome {
        self.expect("(")?;
        let needle = self.expr(power::BIT_OR)?;
        self.expect_word("in")?;
        let hay = self.closed()?;
        Ok(self.plain_call("locate", vec![needle, hay]))
    }

    fn timestampadd(&mut self) -> Outcome {
        self.expect("(")?;
        let unit = self.unit()?;
        self.expect(",")?;
        let amount = Box::new(self.expr(power::LOWEST)?);
        self.expect(",")?;
        let date = Box::new(self.closed()?);
        Ok(Expr::DateArithmetic { date, amount, unit, minus: false })
    }

    fn timestampdiff(&mut self) -> Outcome {
        self.expect("(")?;
        let unit = self.unit()?;
        self.expect(",")?;
        let from = Box::new(self.expr(power::LOWEST)?);
        self.expect(",")?;
        let to = Box::new(self.closed()?);
        Ok(Expr::TimestampDiff { unit, from, to })
    }

    /// `DEFAULT(c)`, `VALUES(c)`
    fn of_column(&mut self, name: &str) -> Outcome {
        self.expect("(")?;
        let mut path = self.path()?;
        self.expect(")")?;
        if self.reading.in_query {
            return Ok(Expr::call(name, vec![Expr::Field(path)]));
        }
        let Some(column) = path.pop() else { return self.fail("expected a column") };
        Ok(if name == "default" { Expr::DefaultOf(column) } else { Expr::ValuesOf(column) })
    }

    fn sequence(&mut self, name: &str) -> Outcome {
        self.expect("(")?;
        if self.peek().is_some_and(|token| token.kind == Kind::String) {
            return self.refuse(1064, "the name of a sequence, and no string");
        }
        let sequence = self.path()?;
        self.expect(")")?;
        Ok(Expr::Sequence { function: name.into(), name: sequence })
    }

    /// A call with nothing but arguments.
    pub(super) fn plain_call(&self, name: &str, mut args: Vec<Expr>) -> Expr {
        // `now(0)` is `now()`: a precision of zero is none.
        if is_clock(name) && matches!(args.as_slice(), [Expr::Literal(Literal::Number(zero))] if &**zero == "0") {
            args.clear();
        }
        let mariadb = self.reading.target.is_mariadb();
        let one = |args: &mut Vec<Expr>| if args.len() == 1 { args.pop() } else { None };
        let named = |name: &str| CastType::Named { name: name.into(), precision: None };
        let to_days = |e| Expr::call("to_days", vec![e]);
        match (name, args.len()) {
            ("isnull", 1) => match one(&mut args) {
                Some(expr) => self.reading.is(expr, Test::Null, false),
                None => Expr::call(name, args),
            },
            ("date" | "time" | "timestamp", 1) => match one(&mut args) {
                Some(expr) => {
                    let to = named(if name == "timestamp" { "datetime" } else { name });
                    Expr::Cast { expr: Box::new(expr), to, array: false }
                }
                None => Expr::call(name, args),
            },
            ("add_months", 2) if self.reading.target.is_mysql() => Expr::call(name, args),
            ("mod" | "datediff", 2) | ("add_months", 2) => match (args.pop(), args.pop()) {
                (Some(right), Some(left)) if name == "mod" => Self::modulo(left, right),
                (Some(right), Some(left)) if name == "datediff" => {
                    binary(BinaryOp::Subtract, to_days(left), to_days(right))
                }
                (Some(amount), Some(date)) => Expr::DateArithmetic {
                    date: Box::new(date),
                    amount: Box::new(amount),
                    unit: Unit::Month,
                    minus: false,
                },
                _ => Expr::call(name, args),
            },
            ("chr", 1) if mariadb => {
                // The database's charset, not the connection's.
                let charset = if self.reading.target.defaults_to_utf8mb4() { "utf8mb4" } else { "latin1" };
                Expr::Char { args, charset: charset.into() }
            }
            ("from_unixtime", 2) => match (args.pop(), args.pop()) {
                (Some(format), Some(seconds)) => {
                    Expr::call("date_format", vec![Expr::call(name, vec![seconds]), format])
                }
                _ => Expr::call(name, args),
            },
            ("json_length", 2) if !mariadb => Expr::call(name, vec![Expr::call("json_extract", args)]),
            ("column_delete", 2..) if mariadb => {
                let mut list = Vec::new();
                for (at, arg) in args.into_iter().enumerate() {
                    list.push(arg);
                    if at > 0 {
                        let null = Box::new(Expr::Literal(Literal::Null));
                        list.push(Expr::Typed { expr: null, to: CastType::Signed });
                    }
                }
                Expr::call("column_add", list)
            }
            _ => function::call(name, args, self.reading),
        }
    }

    /// An expression and the parenthesis that ends the call.
    fn closed(&mut self) -> Outcome {
        let expr = self.expr(power::LOWEST)?;
        self.expect(")")?;
        Ok(expr)
    }

    /// Arguments, each of which may have `AS type` (dynamic columns).
    fn typed_arguments(&mut self) -> Result<Vec<Expr>, ExpressionError> {
        self.expect("(")?;
        let mut args = Vec::new();
        if self.take(")") {
            return Ok(args);
        }
        loop {
            let mut arg = self.expr(power::LOWEST)?;
            if self.reading.target.is_mariadb() && self.take_word("as") {
                arg = Expr::Typed { expr: Box::new(arg), to: self.cast_type(true)? };
            }
            args.push(arg);
            if !self.take(",") {
                break;
            }
        }
        self.expect(")")?;
        Ok(args)
    }

    fn cast(&mut self) -> Outcome {
        self.expect("(")?;
        let mut expr = self.expr(power::LOWEST)?;
        if self.reading.target.is_mysql() && self.take_word("at") {
            self.expect_word("time")?;
            self.expect_word("zone")?;
            self.take_word("interval");
            let zone = self.expr(power::NEGATIVE)?;
            let Some(zone) = Self::string_text(&zone) else { return self.fail("expected a time zone") };
            expr = Expr::AtTimeZone { expr: Box::new(expr), zone: zone.into() };
        }
        self.expect_word("as")?;
        let to = self.cast_type(true)?;
        let array = self.reading.target.is_mysql() && self.take_word("array");
        self.expect(")")?;
        let to = match to {
            // MySQL shows the bytes of an array by a name of their own.
            CastType::Char { length: length @ Some(_), charset, .. }
                if array && charset.as_deref() == Some("binary") =>
            {
                CastType::Named { name: "binary".into(), precision: length }
            }
            // An array of strings has no charset of its own to print.
            CastType::Char { length, .. } if array => CastType::Char { length, charset: None, binary: false },
            other => other,
        };
        Ok(Expr::Cast { expr: Box::new(expr), to, array })
    }

    /// `CONVERT(x USING charset)` or `CONVERT(x, type)`
    fn convert(&mut self) -> Outcome {
        self.expect("(")?;
        let expr = Box::new(self.expr(power::LOWEST)?);
        if self.take_word("using") {
            let charset = self.charset()?;
            self.expect(")")?;
            return Ok(Expr::ConvertUsing { expr, charset });
        }
        self.expect(",")?;
        let to = self.cast_type(true)?;
        self.expect(")")?;
        Ok(Expr::Cast { expr, to, array: false })
    }

    /// `BINARY x`
    pub(super) fn cast_to_binary(&self, operand: Expr) -> Expr {
        let to = CastType::Char { length: None, charset: Some("binary".into()), binary: false };
        Expr::Cast { expr: Box::new(operand), to, array: false }
    }

    pub(super) fn charset(&mut self) -> Result<Box<str>, ExpressionError> {
        if let Some(token) = self.peek().filter(|t| t.kind == Kind::String) {
            self.advance();
            let name = token.text(self.source).trim_matches(['\'', '"']).to_ascii_lowercase();
            return Ok(self.charset_prefix(&name));
        }
        let name = self.name()?.to_ascii_lowercase();
        if name == "default" {
            return self.fail("expected a charset");
        }
        if crate::model::Charset::named(&name, self.reading.target).is_none() {
            return self.refuse(1115, "expected a charset");
        }
        Ok(self.charset_prefix(&name))
    }

    pub(super) fn length(&mut self) -> Result<Option<u32>, ExpressionError> {
        if !self.take("(") {
            return Ok(None);
        }
        let length = self.integer()?;
        self.expect(")")?;
        Ok(Some(length))
    }

    /// `CHAR(n, … [USING charset])`: MySQL does not print the charset.
    fn char(&mut self) -> Outcome {
        self.expect("(")?;
        let mut args = vec![self.expr(power::LOWEST)?];
        while self.take(",") {
            args.push(self.expr(power::LOWEST)?);
        }
        let charset = if self.take_word("using") { Some(self.charset()?) } else { None };
        self.expect(")")?;
        Ok(match charset {
            Some(charset) if self.reading.target.is_mariadb() && &*charset != "binary" => Expr::Char { args, charset },
            Some(_) | None => Expr::call("char", args),
        })
    }

    fn trim(&mut self) -> Outcome {
        self.expect("(")?;
        let mut side = if self.take_word("both") {
            Some(Side::Both)
        } else if self.take_word("leading") {
            Some(Side::Leading)
        } else if self.take_word("trailing") {
            Some(Side::Trailing)
        } else {
            None
        };
        if side.is_some() && self.take_word("from") {
            if self.reading.target.is_mysql() {
                // MySQL prints it without the blank's place and cannot read that back: a table is refused for it, a view broken.
                let number = if self.reading.in_query { None } else { Some(1064) };
                return self.fail("expected what to trim").map_err(|error| ExpressionError { number, ..error });
            }
            let name = match side {
                Some(Side::Leading) => "ltrim",
                Some(Side::Trailing) => "rtrim",
                Some(Side::Both) | None => "trim",
            };
            return Ok(Expr::call(name, vec![self.closed()?]));
        }
        let first = self.expr(power::LOWEST)?;
        if !self.take_word("from") {
            self.expect(")")?;
            return Ok(Expr::call("trim", vec![first]));
        }
        if self.reading.target.is_mariadb() {
            side = side.or(Some(Side::Both));
        }
        Ok(Expr::Trim { side, remove: Box::new(first), expr: Box::new(self.closed()?) })
    }

    /// `SUBSTRING(a FROM b FOR c)`
    fn substring(&mut self) -> Outcome {
        self.expect("(")?;
        let mut args = vec![self.expr(power::LOWEST)?];
        if self.take_word("from") {
            args.push(self.expr(power::LOWEST)?);
            if self.take_word("for") {
                args.push(self.expr(power::LOWEST)?);
            }
        } else {
            while self.take(",") {
                args.push(self.expr(power::LOWEST)?);
            }
        }
        self.expect(")")?;
        Ok(Expr::call("substr", args))
    }

    fn date_arithmetic(&mut self, minus: bool) -> Outcome {
        self.expect("(")?;
        let date = self.expr(power::LOWEST)?;
        self.expect(",")?;
        let is_interval = self.at_word("interval") && !self.is_interval_function(self.place() + 1);
        let expr = match is_interval {
            true => self.interval(date, minus)?,
            false => {
                let amount = Box::new(self.expr(power::LOWEST)?);
                Expr::DateArithmetic { date: Box::new(date), amount, unit: Unit::Day, minus }
            }
        };
        self.expect(")")?;
        Ok(expr)
    }

    fn get_format(&mut self) -> Outcome {
        self.expect("(")?;
        let kind = match self.name()?.to_ascii_lowercase().as_str() {
            "date" => Temporal::Date,
            "time" => Temporal::Time,
            "datetime" | "timestamp" => Temporal::Timestamp,
            _ => return self.fail("expected DATE, TIME or DATETIME"),
        };
        self.expect(",")?;
        Ok(Expr::GetFormat { kind, expr: Box::new(self.closed()?) })
    }

    /// `WEIGHT_STRING(x [AS CHAR(n) | AS BINARY(n)] [LEVEL …])`, which MariaDB prints with its inner numbers.
    fn weight_string(&mut self) -> Outcome {
        let mariadb = self.reading.target.is_mariadb();
        self.expect("(")?;
        let mut expr = self.expr(power::LOWEST)?;
        if self.take(",") {
            let mut args = vec![expr, self.expr(power::LOWEST)?];
            while self.take(",") {
                args.push(self.expr(power::LOWEST)?);
            }
            self.expect(")")?;
            return Ok(Expr::call("weight_string", args));
        }
        let mut chars = None;
        if self.take_word("as") {
            let is_binary = self.take_word("binary");
            if !is_binary {
                self.expect_word("char")?;
            }
            let length = self.length()?;
            if is_binary {
                let to = CastType::Char { length, charset: Some("binary".into()), binary: false };
                expr = Expr::Cast { expr: Box::new(expr), to, array: false };
            }
            chars = length.filter(|_| mariadb || !is_binary);
        }
        if mariadb && self.take_word("level") {
            self.integer()?;
        }
        self.expect(")")?;
        Ok(match (chars, mariadb) {
            (Some(chars), true) => {
                let numbers = ["0", &chars.to_string(), "65"].map(Expr::number);
                Expr::call("weight_string", std::iter::once(expr).chain(numbers).collect())
            }
            (None, true) => {
                let numbers = ["0", "0", "1"].map(Expr::number);
                Expr::call("weight_string", std::iter::once(expr).chain(numbers).collect())
            }
            (Some(chars), false) => Expr::WeightString { expr: Box::new(expr), chars },
            (None, false) => Expr::call("weight_string", vec![expr]),
        })
    }

    fn json_value(&mut self) -> Outcome {
        self.expect("(")?;
        let doc = Box::new(self.expr(power::LOWEST)?);
        self.expect(",")?;
        let path = Box::new(self.expr(power::LOWEST)?);
        let returning = match self.take_word("returning") {
            true => self.cast_type(false)?,
            false => CastType::Char { length: Some(512), charset: None, binary: false },
        };
        let (mut on_empty, mut on_error) = (None, None);
        while !self.at_symbol(")") {
            let fallback = if self.take_word("null") {
                JsonFallback::Null
            } else if self.take_word("error") {
                JsonFallback::Error
            } else {
                self.expect_word("default")?;
                JsonFallback::Default(Box::new(self.expr(power::NEGATIVE)?))
            };
            self.expect_word("on")?;
            if self.take_word("empty") {
                on_empty = Some(fallback);
            } else {
                self.expect_word("error")?;
                on_error = Some(fallback);
            }
        }
        self.expect(")")?;
        Ok(Expr::JsonValue { doc, path, returning, on_empty, on_error })
    }

    /// `MATCH (a, b) AGAINST (x IN BOOLEAN MODE)`
    pub(super) fn full_text(&mut self) -> Outcome {
        let columns = match self.at_symbol("(") {
            true => self.arguments()?,
            // Servers print a view's columns without parentheses, and read them so.
            false => {
                let mut columns = vec![self.column()?];
                while self.take(",") {
                    columns.push(self.column()?);
                }
                columns
            }
        };
        self.expect_word("against")?;
        self.expect("(")?;
        let against = Box::new(self.expr(power::BIT_OR)?);
        let mut mode = Vec::new();
        while let Some(token) = self.peek().filter(|t| t.kind == Kind::Word) {
            mode.push(token.text(self.source).to_ascii_lowercase());
            self.advance();
        }
        self.expect(")")?;
        Ok(Expr::Match { columns, against, mode: mode.join(" ").into() })
    }
}

/// Whether the function takes a precision of which 0 is the default.
fn is_clock(name: &str) -> bool {
    matches!(
        name,
        "now"
            | "current_timestamp"
            | "localtime"
            | "localtimestamp"
            | "curtime"
            | "current_time"
            | "utc_time"
            | "utc_timestamp"
            | "sysdate"
    )
}

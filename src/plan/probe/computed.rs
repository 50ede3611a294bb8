//! What in an expression, or in its value, stops a strict session: what a query only warns of is an error where rows are
//! written (MySQL 8.4 manual, section 7.1.11 "Server SQL Modes", "Strict SQL Mode").

mod ending;
mod operand;

use super::Rows;
use super::conversion::{self, Change, Conversion, differ};
use super::kind::{Reading, hands_on, is_counted, is_moment, is_number, is_text, of_cast, reading, reads_integer};
use super::number::{INTEGER, NUMBER, too_many_bytes};
use super::text::no_ascii;
use crate::canonical::expression::differs_on_replicas;
use crate::model::expression::{BinaryOp, CastType, Literal, Test};
use crate::model::{Check, Column, DataType, Expr, Index, KeyColumn};
use crate::source::Pair;
use operand::is_constant;

impl Rows<'_> {
    /// What a generated column of NEW does not take of its expression's values, and what stops the computing; nothing where
    /// every value fits, `None` where that cannot be said.
    pub(crate) fn misfits(&self, column: &Column) -> Option<Vec<String>> {
        self.misfits_of(column, &column.generated.as_ref()?.expression)
    }

    /// As [`Self::misfits`], of a session as it is: without the strict modes what does not fit is cut, and nothing ends the
    /// computing but what ends a query, too, and what is no document or no shape.
    pub(crate) fn refuses(&self, column: &Column, expression: &Expr) -> Option<Vec<String>> {
        use DataType as T;
        if self.terms.strict {
            return self.misfits_of(column, expression);
        }
        let mut found = self.ends(expression)?;
        if matches!(column.data_type, T::Json | T::Geometry(_) | T::Vector(_)) {
            found.extend(self.unfit(column, expression)?);
        }
        Some(found)
    }

    /// The same of a column that is filled with an expression's values, whether it stays computed or not.
    pub(crate) fn misfits_of(&self, column: &Column, expression: &Expr) -> Option<Vec<String>> {
        let mut found = self.stops(expression)?;
        found.extend(self.unfit(column, expression)?);
        Some(found)
    }

    /// What a column does not take of an expression's values.
    fn unfit(&self, column: &Column, expression: &Expr) -> Option<Vec<String>> {
        let mut found = Vec::new();
        let mut value = format!("({})", self.outcome(column, expression)?);
        if self.terms.target.takes_keys_for_expressions() {
            // The server takes the key over a generated column for its expression, and reads there what does not fit cut to size
            // (MySQL 8.4 manual, section 10.3.11 "Optimizer Use of Generated Column Indexes"; MDEV-35616).
            value = format!("COALESCE{value}");
        }
        let result = self.result(expression);
        if let DataType::Bit(bits) = column.data_type
            && self.fills_bits_by_bytes(expression, &result.data_type)
        {
            found.push(too_many_bytes(&value, bits));
            if !column.nullable {
                found.push(format!("{value} IS NULL"));
            }
            return Some(found);
        }
        if let DataType::Enum(members) = &column.data_type
            && self.terms.target.is_mysql()
            && is_number(&result.data_type)
            && !matches!(expression, Expr::Column(_))
        {
            // A number that is computed is a member's, and cut to an integer; that of no member is none.
            found.push(format!("{value} < 1 OR {value} >= {}", members.len() + 1));
            if !column.nullable {
                found.push(format!("{value} IS NULL"));
            }
            return Some(found);
        }
        if self.is_cut(&result.data_type, &column.data_type) {
            value = format!("TRUNCATE({value}, 0)");
        }
        if let Some(digits) = self.hidden_digits(expression).filter(|_| is_written(&column.data_type)) {
            value = format!("CAST({value} AS DECIMAL(65,{digits}))");
        }
        if let Expr::Binary { op: BinaryOp::Divide, left, right } = expression
            && (is_unsigned(&column.data_type) || matches!(column.data_type, DataType::Bit(_)))
            && self.terms.target.is_mariadb()
        {
            // Nor does a quotient below zero show that it is, where it is near to it.
            found.push(format!("SIGN({}) * SIGN({}) < 0", self.printed(left)?, self.printed(right)?));
        }
        if self.terms.target.is_mysql() && !matches!(expression, Expr::Column(_)) {
            found.extend(of_number(&value, &result.data_type, &column.data_type));
        }
        let mut conversion = Conversion::default();
        // What comes out otherwise each time is not compared with itself in another charset.
        let mut taken = column.clone();
        if differs_on_replicas(expression) && result.collation.is_some() && column.collation.is_some() {
            taken.collation = result.collation;
        }
        let change = Change { rows: self, columns: Pair::new(&result, &taken), value: &value, computed: true };
        // A number of any size is written with as many digits as there is room for, and eight characters are enough for one.
        let has_room = matches!(result.data_type, DataType::Float { .. })
            && matches!(column.data_type, DataType::Char(8..) | DataType::Varchar(8..));
        if !has_room {
            conversion::between(&change, &mut conversion);
        }
        found.extend(conversion.fails.into_iter().map(|condition| condition.sql));
        let is_document =
            matches!(result.data_type, DataType::Json | DataType::Text(_) | DataType::Char(_) | DataType::Varchar(_));
        if column.data_type == DataType::Json && !is_document {
            // Error 3140: nothing but documents and strings is taken for one by itself.
            found.push(format!("{value} IS NOT NULL"));
        }
        if !column.nullable {
            found.push(format!("{value} IS NULL"));
        }
        Some(found)
    }

    /// Whether MariaDB cuts the fraction of a number that is computed off where an integer is asked for, which it rounds where it
    /// comes from a column.
    pub(super) fn is_cut(&self, from: &DataType, to: &DataType) -> bool {
        use DataType as T;
        let is_float = matches!(from, T::Float { .. });
        self.terms.target.is_mariadb()
            && match to {
                T::Enum(_) | T::Set(_) => is_float || matches!(from, T::Decimal { .. }),
                T::Bit(_) => is_float,
                _ => false,
            }
    }

    /// How many decimals MariaDB writes of what is divided, where that is more than it shows: all that it reckons with, nine at a
    /// time.
    fn hidden_digits(&self, expression: &Expr) -> Option<u32> {
        let Expr::Binary { op: BinaryOp::Divide, left, .. } = expression else { return None };
        let shown = match self.kind(left) {
            DataType::Integer { .. } | DataType::Year(_) | DataType::Bit(_) => 4,
            DataType::Decimal { scale, .. } => scale + 4,
            _ => return None,
        };
        self.terms.target.is_mariadb().then(|| shown.div_ceil(9).saturating_mul(9).min(27))
    }

    /// What stops the computing of a key's expressions, and is cut by their casts (MySQL 3751, 3752); nothing where nothing does,
    /// `None` where that cannot be said.
    pub(crate) fn key_misfits(&self, index: &Index) -> Option<Vec<String>> {
        let mut found = Vec::new();
        let keyed = Rows { keyed: true, ..*self };
        for part in &index.parts {
            match &part.column {
                KeyColumn::Expression(Expr::Cast { array: true, .. }) | KeyColumn::Column(_) => {}
                // Without the strict modes what is cut is kept so.
                KeyColumn::Expression(expression) if !self.terms.strict => found.extend(keyed.ends(expression)?),
                KeyColumn::Expression(expression) => {
                    found.extend(keyed.stops(expression)?);
                    if let DataType::Year(_) = keyed.kind(expression) {
                        let year = keyed.printed(expression)?;
                        found.push(format!("{year} <> 0 AND {year} NOT BETWEEN 1901 AND 2155"));
                    }
                }
            }
        }
        Some(found)
    }

    /// What stops the computing of an expression; `None` where that cannot be said.
    pub(super) fn stops(&self, expression: &Expr) -> Option<Vec<String>> {
        let mut found = Vec::new();
        if self.stops_within(expression, &mut found) { Some(found) } else { None }
    }

    /// As [`Self::stops`], where the outcome is asked whether it is true.
    pub(super) fn stops_asked(&self, condition: &Expr) -> Option<Vec<String>> {
        let mut found = self.stops(condition)?;
        self.no_truth(condition, &mut found)?;
        Some(found)
    }

    /// The same of a check, under the session's modes.
    pub(crate) fn stops_check(&self, check: &Check) -> Option<Vec<String>> {
        if self.terms.strict { self.stops_asked(&check.expression) } else { self.ends(&check.expression) }
    }

    /// Puts down what stops the computing, the innermost first; false where that cannot be said.
    fn stops_within(&self, expression: &Expr, found: &mut Vec<String>) -> bool {
        let mut all = true;
        expression.children(&mut |child| all &= self.stops_within(child, found));
        all && self.stops_itself(expression, found).is_some()
    }

    fn stops_itself(&self, expression: &Expr, found: &mut Vec<String>) -> Option<()> {
        self.ends_itself(expression, found)?;
        match expression {
            Expr::Binary { op, left, right } => {
                use BinaryOp as B;
                match op {
                    B::Add | B::Subtract | B::Multiply | B::Divide | B::IntegerDivide | B::Modulo => {
                        for operand in [left, right] {
                            match op {
                                // Of a TEXT, too.
                                B::IntegerDivide => self.unlike(operand, NUMBER, found)?,
                                _ => self.no_number(operand, found)?,
                            }
                        }
                        let divides = matches!(op, B::Divide | B::IntegerDivide | B::Modulo);
                        if divides && !is_constant(right) && self.terms.no_division_by_zero {
                            found.push(format!("{} = 0", self.printed(right)?));
                        }
                    }
                    B::BitOr | B::BitAnd | B::BitXor | B::ShiftLeft | B::ShiftRight => {
                        self.no_bits(left, found)?;
                        self.no_bits(right, found)?;
                    }
                    B::Equal
                    | B::NullSafeEqual
                    | B::NotEqual
                    | B::Less
                    | B::LessOrEqual
                    | B::Greater
                    | B::GreaterOrEqual => self.compared(left, right, found)?,
                    // As an integer, where MariaDB is old.
                    B::Xor if self.terms.target.reads_integers_in_xor() => {
                        self.unlike(left, INTEGER, found)?;
                        self.unlike(right, INTEGER, found)?;
                    }
                    B::Xor => {
                        self.no_truth(left, found)?;
                        self.no_truth(right, found)?;
                    }
                    B::Regexp => {}
                }
            }
            Expr::And(operands) | Expr::Or(operands) => {
                for operand in operands {
                    self.no_truth(operand, found)?;
                }
            }
            Expr::Not(operand) | Expr::Is { expr: operand, test: Test::True | Test::False, .. } => {
                self.no_truth(operand, found)?;
            }
            Expr::Case { operand, branches, otherwise } => {
                let handed_on = self.kind(expression);
                for value in branches.iter().map(|(_, value)| value).chain(otherwise.as_deref()) {
                    self.no_address(&handed_on, value, found)?;
                }
                for (when, _) in branches {
                    match operand {
                        Some(operand) => self.compared(operand, when, found)?,
                        None => self.no_truth(when, found)?,
                    }
                }
            }
            Expr::TimestampDiff { from, to, .. } => {
                self.no_moment(from, "DATETIME(6)", found)?;
                self.no_moment(to, "DATETIME(6)", found)?;
                let is_silent =
                    |date: &Expr| self.terms.target.is_mariadb() && (is_moment(&self.kind(date)) || is_constant(date));
                if !(is_silent(from) && is_silent(to)) {
                    self.vanishes(expression, &[from, to], found)?;
                }
            }
            Expr::Column(name) => found.extend(self.no_letters(name.as_str())),
            Expr::ConvertUsing { expr, charset }
                if &**charset != "binary" && is_text(&self.kind(expr)) && !conversion::is_binary(&self.kind(expr)) =>
            {
                let value = self.printed(expr)?;
                let back = format!("CONVERT(CONVERT({value} USING {charset}) USING utf8mb4)");
                found.push(differ(&back, &format!("CONVERT({value} USING utf8mb4)")));
            }
            Expr::ConvertUsing { expr, charset } if &**charset != "binary" => self.no_characters(expr, found)?,
            Expr::Negative(inner) => self.no_number(inner, found)?,
            Expr::BitNot(inner) => self.no_bits(inner, found)?,
            Expr::Between { expr, low, high, .. } => {
                self.compared(expr, low, found)?;
                self.compared(expr, high, found)?;
            }
            // MariaDB reads a list of strings as numbers once.
            Expr::In { expr, list, .. }
                if self.terms.target.is_mariadb()
                    && is_number(&self.kind(expr))
                    && list.len() > 1
                    && list.iter().all(|item| matches!(item, Expr::Literal(Literal::String { .. }))) => {}
            Expr::In { expr, list, .. } => {
                for item in list {
                    self.compared(expr, item, found)?;
                }
            }
            Expr::Cast { expr, to, array: false } => self.cast(expr, to, found)?,
            Expr::DateArithmetic { date, amount, unit, .. } => {
                self.no_moment(date, "DATETIME(6)", found)?;
                // Seconds have a fraction, and what is of several units is a text.
                match is_counted(*unit) {
                    true => self.no_bits(amount, found)?,
                    false => self.no_number(amount, found)?,
                }
                self.vanishes(expression, &[date, amount], found)?;
            }
            Expr::Extract { expr, .. } => self.no_moment(expr, "DATETIME(6)", found)?,
            Expr::Char { args, .. } => {
                args.iter().try_for_each(|arg| self.no_bits(arg, found))?;
                let args: Vec<&Expr> = args.iter().collect();
                self.vanishes(expression, &args, found)?;
            }
            Expr::Call { name, args } => {
                self.of_function(name, args, found)?;
                for (_, arg) in args.iter().enumerate().filter(|(at, _)| reads_integer(name, *at)) {
                    self.no_bits(arg, found)?;
                }
                if hands_on(name) {
                    let handed_on = self.kind(expression);
                    let condition = usize::from(matches!(&**name, "if" | "nvl2"));
                    args.iter().skip(condition).try_for_each(|arg| self.no_address(&handed_on, arg, found))?;
                }
                match reading(name) {
                    Reading::Plain => {}
                    Reading::Number => {
                        for (_, arg) in args.iter().enumerate().filter(|(at, _)| !reads_integer(name, *at)) {
                            self.no_number(arg, found)?;
                        }
                    }
                    Reading::Date => {
                        if let Some(date) = args.first() {
                            self.no_moment(date, "DATETIME(6)", found)?;
                            // MariaDB makes NULL of zeros without a word.
                            let is_silent = self.keyed || self.terms.target.is_mariadb();
                            if !(is_silent && is_moment(&self.kind(date))) {
                                self.vanishes(expression, &[date], found)?;
                            }
                        }
                    }
                    Reading::Time => {
                        if let Some(time) = args.first() {
                            self.no_moment(time, "TIME(6)", found)?;
                        }
                    }
                    // What is no document ends a query of MySQL by itself.
                    Reading::Json => {
                        if let Some(document) = args.first().filter(|_| self.terms.target.is_mariadb()) {
                            self.no_document(document, found)?;
                        }
                    }
                }
                if self.may_vanish(name) {
                    let args: Vec<&Expr> = args.iter().collect();
                    self.vanishes(expression, &args, found)?;
                }
            }
            _ => {}
        }
        Some(())
    }

    /// Whether a function warns of arguments of which it makes NULL: of what is no number of that kind, and of what is too long.
    fn may_vanish(&self, name: &str) -> bool {
        match name {
            "ln" | "log" | "log10" | "log2" | "str_to_date" | "repeat" | "space" | "lpad" | "rpad" => true,
            "unhex" | "inet_aton" | "inet6_aton" => self.terms.target.is_mysql(),
            "from_base64" => self.terms.target.is_mariadb(),
            // Since it has timestamps beyond 2038, and none at 0.
            "from_unixtime" => self.terms.target.has_long_timestamps(),
            _ => false,
        }
    }

    /// Bytes that a column of ASCII is given (MariaDB) are in the way of whatever makes them another charset's characters.
    fn no_letters(&self, name: &str) -> Option<String> {
        let (_, new) = self.tables.new.column(name)?;
        let old = self.before(name).filter(|old| conversion::is_binary(&old.data_type) && new.generated.is_none())?;
        let is_ascii = new.collation.is_some_and(|c| c.charset().name() == "ascii");
        (is_ascii && self.terms.target.is_mariadb()).then(|| no_ascii(&self.column(old)))
    }

    /// What single functions do not take.
    fn of_function(&self, name: &str, args: &[Expr], found: &mut Vec<String>) -> Option<()> {
        match (name, args) {
            ("if", [condition, ..]) => self.no_truth(condition, found),
            ("sec_to_time", [seconds]) => {
                self.no_number(seconds, found)?;
                // The least BIGINT has no absolute value.
                found.push(format!("{} + 0 NOT BETWEEN -3020399 AND 3020399", self.printed(seconds)?));
                Some(())
            }
            // Of seconds with a fraction it reads eighteen digits (MySQL 1292).
            ("from_unixtime", [seconds, ..]) if self.terms.target.is_mysql() && has_fraction(&self.kind(seconds)) => {
                found.push(format!("ABS({} + 0e0) >= 1e18", self.printed(seconds)?));
                Some(())
            }
            ("maketime", _) if !args.iter().all(is_constant) => None,
            ("bin" | "oct", [number]) if is_written_out(&self.kind(number)) && self.terms.target.is_mysql() => None,
            // Digits of a number are those of an integer.
            ("bin" | "oct" | "hex", [number]) if is_number(&self.kind(number)) => self.no_bits(number, found),
            ("conv", [number, ..]) if is_written_out(&self.kind(number)) => None,
            ("char", args) => args.iter().try_for_each(|arg| self.no_bits(arg, found)),
            ("addtime" | "subtime" | "timediff", [one, other]) => self.summed_times(name, one, other, found),
            ("timestamp", [_, time]) => {
                self.no_moment(time, "TIME(6)", found)?;
                let whole = Expr::call(name, args.to_vec());
                self.vanishes(&whole, &[&args[0], time], found)
            }
            ("nullif", [one, other]) => self.compared(one, other, found),
            ("field" | "strcmp" | "interval", [one, others @ ..]) => {
                others.iter().try_for_each(|other| self.compared(one, other, found))
            }
            ("greatest" | "least", args) if args.iter().any(|arg| is_moment(&self.kind(arg))) => {
                self.among_moments(args, found)
            }
            // MariaDB compares all of them as numbers where one is.
            ("greatest" | "least", args) if self.terms.target.is_mariadb() => {
                let numbers = args.iter().any(|arg| is_number(&self.kind(arg)));
                if numbers { args.iter().try_for_each(|arg| self.no_number(arg, found)) } else { Some(()) }
            }
            _ => Some(()),
        }
    }

    /// A string that is compared with a number is read as one, and one that is compared with a moment as a moment.
    fn compared(&self, left: &Expr, right: &Expr, found: &mut Vec<String>) -> Option<()> {
        let mut beside = Vec::new();
        self.compared_with(left, right, &mut beside)?;
        // NULL on the left is compared with nothing.
        if let Expr::Column(name) = left
            && !beside.is_empty()
            && self.tables.new.column(name.as_str()).is_some_and(|(_, column)| column.nullable)
        {
            beside = vec![format!("{} IS NOT NULL AND ({})", self.printed(left)?, beside.join(" OR "))];
        }
        found.append(&mut beside);
        self.compared_with(right, left, found)
    }

    /// What of the other operand stops a comparison with this one.
    fn compared_with(&self, one: &Expr, other: &Expr, found: &mut Vec<String>) -> Option<()> {
        use DataType as T;
        let constant = match other {
            Expr::Literal(Literal::String { text, .. }) => Some(&**text),
            _ => None,
        };
        let (kind, of_other) = (self.kind(one), self.kind(other));
        match constant {
            // MySQL takes one of no letters for 0, but beside a DECIMAL.
            Some(text)
                if text.trim().is_empty()
                    && self.terms.target.is_mysql()
                    && matches!(kind, T::Integer { .. } | T::Float { .. }) => {}
            // A constant that is no number is an error for each row.
            Some(text) if is_number(&kind) && text.trim().parse::<f64>().is_err() => {
                found.push(format!("{} IS NOT NULL", self.printed(one)?));
            }
            Some(_) => {}
            None if is_number(&kind) => self.no_number(other, found)?,
            None => {}
        }
        match &kind {
            T::Date | T::DateTime(_) | T::Timestamp(_) | T::Time(_) if matches!(one, Expr::Literal(_)) => {
                // A time of day is one of today.
                if matches!(kind, T::Time(_)) != matches!(of_other, T::Time(_)) {
                    return None;
                }
                self.no_moment(other, "DATETIME(6)", found)
            }
            // A column that is read as a moment; MySQL compares a number with one without a word.
            T::Time(_) if constant.is_none() && self.is_read_as_moment(other, &of_other) => {
                self.no_moment(other, "TIME(6)", found)
            }
            T::Date | T::DateTime(_) | T::Timestamp(_)
                if constant.is_none() && self.is_read_as_moment(other, &of_other) =>
            {
                self.no_moment(other, "DATETIME(6)", found)
            }
            T::Uuid | T::Inet4 | T::Inet6 if constant.is_none() => self.no_address(&kind, other, found),
            // A constant that is no moment is an error in a query, too.
            T::Time(_) => constant.is_none_or(|text| text.contains(':') && !text.contains('-')).then_some(()),
            T::Date | T::DateTime(_) | T::Timestamp(_) => {
                let dated = |text: &str| {
                    let mut parts = text.splitn(3, '-');
                    parts.next().is_some_and(|year| year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()))
                        && parts.count() == 2
                };
                let number = matches!(other, Expr::Literal(Literal::Number(_))) && self.terms.target.is_mariadb();
                // Nor are zeros one where the session takes none.
                let zeros = constant.is_some_and(|text| text.starts_with("0000-00-00")) && self.terms.no_zero_dates;
                (constant.is_none_or(dated) && !zeros && !number && !matches!(of_other, T::Time(_))).then_some(())
            }
            _ => Some(()),
        }
    }

    /// Whether an operand beside a moment is read as one for each row.
    fn is_read_as_moment(&self, operand: &Expr, kind: &DataType) -> bool {
        is_written_out(kind) && !matches!(operand, Expr::Literal(_))
            || is_number(kind) && !is_constant(operand) && self.terms.target.is_mariadb()
    }

    /// A value that is NULL as a moment.
    fn vanishes_as(&self, value: &str, to: &str, from: &DataType, found: &mut Vec<String>) {
        if !(self.keyed && *from == DataType::Json) {
            found.push(format!("CAST({value} AS {to}) IS NULL AND {value} IS NOT NULL"));
        }
    }

    /// What CAST warns of.
    fn cast(&self, expr: &Expr, to: &CastType, found: &mut Vec<String>) -> Option<()> {
        use DataType as T;
        let (value, text) = (self.printed(expr)?, self.text(expr)?);
        let (from, kind) = (self.kind(expr), of_cast(to));
        match (&from, &kind) {
            (from, T::Integer { unsigned, .. }) => {
                self.unlike(expr, INTEGER, found)?;
                let number =
                    if is_text(from) { format!("CAST({text} AS DECIMAL(65,0))") } else { format!("({value} + 0)") };
                let is_mysql = self.terms.target.is_mysql();
                // A negative number is cast to unsigned without a word, but not where it is a string, nor a DECIMAL on MariaDB.
                let is_counted = is_text(from) || matches!(from, T::Decimal { .. }) && !is_mysql;
                let low = if *unsigned && is_counted { "0" } else { "-9223372036854775808" };
                let high = if *unsigned { "18446744073709551615" } else { "9223372036854775807" };
                match from {
                    T::Integer { .. } | T::Enum(_) | T::Set(_) | T::Year(_) => {}
                    T::Json if self.keyed => {}
                    // MySQL reads a DOUBLE as a BIGINT first; whatever else is too great becomes the greatest there is.
                    T::Float { .. } if is_mysql => {
                        found.push(format!("{value} NOT BETWEEN -9223372036854774784e0 AND 9223372036854773760e0"));
                    }
                    T::Float { .. } => {}
                    T::Decimal { .. } => found.push(format!("ROUND({value}) < {low} OR ROUND({value}) > {high}")),
                    _ => found.push(format!("{number} < {low} OR {number} > {high}")),
                }
            }
            (from, T::Decimal { precision, scale, .. }) => {
                self.unlike(expr, NUMBER, found)?;
                let number = if is_text(from) { format!("({text} + 0e0)") } else { format!("({value} + 0)") };
                found.push(format!("ABS(ROUND({number}, {scale})) >= 1e{}", precision - scale));
            }
            (from, T::Float { .. }) if is_text(from) => self.unlike(expr, NUMBER, found)?,
            (_, T::Date) => {
                self.no_moment(expr, "DATETIME(6)", found)?;
                self.vanishes_as(&value, "DATE", &from, found);
            }
            (_, T::DateTime(_)) => {
                self.no_moment(expr, "DATETIME(6)", found)?;
                self.vanishes_as(&value, "DATETIME", &from, found);
            }
            (_, T::Time(_)) => {
                if is_text(&from) || is_number(&from) {
                    self.no_moment(expr, "TIME(6)", found)?;
                }
                self.vanishes_as(&value, "TIME", &from, found);
            }
            (_, T::Year(_)) => self.vanishes_as(&value, "YEAR", &from, found),
            (_, T::Json) => {}
            _ => {
                if let CastType::Char { charset, .. } = to
                    && charset.as_deref() != Some("binary")
                {
                    self.no_characters(expr, found)?;
                }
                if let CastType::Char { length: Some(length), charset, .. } = to {
                    let counted = if charset.as_deref() == Some("binary") { "LENGTH" } else { "CHAR_LENGTH" };
                    found.push(format!("{counted}({value}) > {length}"));
                }
            }
        }
        Some(())
    }
}

/// Which numbers MySQL takes from a column, rounded, but not from an expression: it looks at the sign of a DECIMAL before it
/// rounds it, and cuts the fraction of a FLOAT off where a year is asked for.
fn of_number(value: &str, from: &DataType, to: &DataType) -> Option<String> {
    match (from, to) {
        (DataType::Decimal { .. }, DataType::Year(_) | DataType::Bit(_)) => Some(format!("{value} < 0")),
        (DataType::Decimal { .. }, DataType::Integer { unsigned: true, .. }) => Some(format!("{value} < 0")),
        (DataType::Float { .. }, DataType::Year(_)) => {
            Some(format!("{value} < 0 OR FLOOR({value}) BETWEEN 100 AND 1900 OR {value} > 2155"))
        }
        _ => None,
    }
}

/// Whether a column takes nothing below zero.
const fn is_unsigned(data_type: &DataType) -> bool {
    use DataType as T;
    matches!(
        data_type,
        T::Integer { unsigned: true, .. } | T::Decimal { unsigned: true, .. } | T::Float { unsigned: true, .. }
    )
}

/// Whether the values are texts, or members as they are written.
const fn is_written_out(data_type: &DataType) -> bool {
    is_text(data_type) || matches!(data_type, DataType::Enum(_) | DataType::Set(_))
}

/// Whether a number becomes what is written of it.
const fn is_written(data_type: &DataType) -> bool {
    is_text(data_type) && !matches!(data_type, DataType::Json)
}

const fn has_fraction(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Decimal { .. } | DataType::Float { .. })
}

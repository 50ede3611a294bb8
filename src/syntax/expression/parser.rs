//! Operators by precedence (a Pratt parser), after `sql_yacc.yy` of both servers.

use super::super::Reading;
use super::ExpressionError;
use super::meaning::binary;
use super::token::{Kind, Token};
use crate::model::expression::{BinaryOp, Expr, Literal, Test, Unit};

/// How many parentheses, calls and operators may be open at once: what a thread's 2 MB of stack hold without optimisation.
const DEEPEST: usize = 120;
/// How high a tree may grow to the left: `1 + 1 + 1 …`.
const HIGHEST: usize = 1000;

/// Binding powers, loosest first.
pub(super) mod power {
    pub(in crate::syntax::expression) const LOWEST: u8 = 0;
    pub(in crate::syntax::expression) const OR: u8 = 1;
    pub(in crate::syntax::expression) const XOR: u8 = 2;
    pub(in crate::syntax::expression) const AND: u8 = 3;
    pub(in crate::syntax::expression) const NOT: u8 = 4;
    pub(in crate::syntax::expression) const COMPARISON: u8 = 5;
    pub(in crate::syntax::expression) const BETWEEN: u8 = 6;
    pub(in crate::syntax::expression) const IN: u8 = 7;
    pub(in crate::syntax::expression) const BIT_OR: u8 = 8;
    pub(in crate::syntax::expression) const BIT_AND: u8 = 9;
    pub(in crate::syntax::expression) const SHIFT: u8 = 10;
    pub(in crate::syntax::expression) const ADD: u8 = 11;
    pub(in crate::syntax::expression) const MULTIPLY: u8 = 12;
    pub(in crate::syntax::expression) const BIT_XOR: u8 = 13;
    pub(in crate::syntax::expression) const CONCAT: u8 = 14;
    pub(in crate::syntax::expression) const NEGATIVE: u8 = 15;
    pub(in crate::syntax::expression) const COLLATE: u8 = 16;
}

pub(super) type Outcome = Result<Expr, ExpressionError>;

/// Reads the tokens of one text.
pub(super) struct Parser<'a> {
    pub(super) source: &'a str,
    tokens: &'a [Token],
    pub(super) reading: &'a Reading<'a>,
    at: usize,
    depth: usize,
    /// The height of what has been read below the place at hand.
    height: usize,
    /// The number of the SELECT that was read last; that of the statement itself is 1 (MariaDB names tables by it).
    pub(super) selects: usize,
}

/// The whole text.
impl<'a> Parser<'a> {
    pub(super) fn new(source: &'a str, tokens: &'a [Token], reading: &'a Reading<'a>) -> Self {
        Self { source, tokens, reading, at: 0, depth: 0, height: 0, selects: 1 }
    }

    /// One expression and nothing after it.
    pub(super) fn whole(&mut self) -> Outcome {
        let expr = self.expr(power::LOWEST)?;
        self.end().map(|()| expr)
    }

    /// Expressions between commas and nothing after them.
    pub(super) fn whole_list(&mut self) -> Result<Vec<Expr>, ExpressionError> {
        let mut list = vec![self.expr(power::LOWEST)?];
        while self.take(",") {
            list.push(self.expr(power::LOWEST)?);
        }
        self.end().map(|()| list)
    }

    pub(super) fn end(&self) -> Result<(), ExpressionError> {
        if self.at == self.tokens.len() { Ok(()) } else { self.fail("unexpected text after the expression") }
    }
}

/// Operators.
impl Parser<'_> {
    /// Reads something that may hold the like of itself, one level deeper.
    pub(super) fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, ExpressionError>,
    ) -> Result<T, ExpressionError> {
        if self.depth == DEEPEST {
            return self.fail("nested too deeply");
        }
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }

    /// An expression whose operators bind more tightly than `least`, or as tightly.
    pub(super) fn expr(&mut self, least: u8) -> Outcome {
        if self.depth == DEEPEST {
            return self.fail("nested too deeply");
        }
        self.depth += 1;
        let around = std::mem::take(&mut self.height);
        let expr = self.primary().and_then(|first| {
            self.height += 1;
            self.operators(first, least)
        });
        self.height = self.height.max(around);
        self.depth -= 1;
        expr
    }

    /// What follows a first operand.
    pub(super) fn operators(&mut self, mut left: Expr, least: u8) -> Outcome {
        loop {
            let flat = matches!(left, Expr::And(_) | Expr::Or(_));
            match self.operator(left, least)? {
                (expr, false) => return Ok(expr),
                (expr, true) => {
                    left = expr;
                    self.height += usize::from(!flat || !matches!(left, Expr::And(_) | Expr::Or(_)));
                    if self.height > HIGHEST {
                        // A tree of this height is still safe to drop.
                        return self.fail("nested too deeply");
                    }
                }
            }
        }
    }

    /// One operator and its right side, if one of the power is next; else the operand as it came.
    fn operator(&mut self, left: Expr, least: u8) -> Result<(Expr, bool), ExpressionError> {
        let Some(token) = self.peek() else { return Ok((left, false)) };
        let done = match token.kind {
            Kind::Symbol => self.symbol(left, token.text(self.source), least)?,
            Kind::Word => self.word_operator(left, token.text(self.source), least)?,
            _ => (left, false),
        };
        Ok(done)
    }

    fn symbol(&mut self, left: Expr, text: &str, least: u8) -> Result<(Expr, bool), ExpressionError> {
        let concat = self.reading.pipes_as_concat;
        let (op, bind) = match text {
            "||" if !concat => return self.logical(left, least, power::OR),
            "||" if power::CONCAT >= least => return Ok((self.concat(left)?, true)),
            "&&" => return self.logical(left, least, power::AND),
            "+" | "-" if power::ADD >= least && self.is_interval_after() => {
                self.at += 1;
                return Ok((self.interval(left, text == "-")?, true));
            }
            _ => match operator_of(text) {
                Some(found) => found,
                None => return Ok((left, false)),
            },
        };
        self.simple(left, op, bind, least)
    }

    /// `a || b` in the mode PIPES_AS_CONCAT.
    fn concat(&mut self, left: Expr) -> Outcome {
        self.at += 1;
        let right = self.expr(power::CONCAT + 1)?;
        Ok(Expr::call("concat", vec![left, right]))
    }

    fn simple(&mut self, left: Expr, op: BinaryOp, bind: u8, least: u8) -> Result<(Expr, bool), ExpressionError> {
        if bind < least {
            return Ok((left, false));
        }
        self.at += 1;
        if op.is_comparison()
            && self.reading.in_query
            && let Some(all) = self.quantifier()
        {
            let query = Box::new(self.query_in_parentheses()?);
            return Ok((self.reading.quantified(op, all, left, query), true));
        }
        let right = self.expr(bind + 1)?;
        let expr = if op.is_comparison() { self.reading.compare(op, left, right) } else { binary(op, left, right) };
        Ok((expr, true))
    }

    fn logical(&mut self, left: Expr, least: u8, bind: u8) -> Result<(Expr, bool), ExpressionError> {
        if bind < least {
            return Ok((left, false));
        }
        self.at += 1;
        let right = self.expr(bind + 1)?;
        let expr = match bind {
            power::OR => self.reading.or(left, right),
            power::XOR => self.reading.xor(left, right),
            _ => self.reading.and(left, right),
        };
        Ok((expr, true))
    }

    fn word_operator(&mut self, left: Expr, word: &str, least: u8) -> Result<(Expr, bool), ExpressionError> {
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        // Operators by their first letter, which keeps the common case (no operator) short.
        match word.as_bytes().first().map_or(0, u8::to_ascii_lowercase) {
            b'a' if is("and") => return self.logical(left, least, power::AND),
            b'o' if is("or") => return self.logical(left, least, power::OR),
            b'x' if is("xor") => return self.logical(left, least, power::XOR),
            b'd' if is("div") => return self.simple(left, BinaryOp::IntegerDivide, power::MULTIPLY, least),
            b'm' if is("mod") => return self.simple(left, BinaryOp::Modulo, power::MULTIPLY, least),
            b'm' if is("member") && power::IN >= least => return Ok((self.member(left)?, true)),
            b'i' if is("is") && power::COMPARISON >= least => return Ok((self.is_test(left)?, true)),
            b'c' if is("collate") && power::COLLATE >= least => return Ok((self.collate(left)?, true)),
            b's' if is("sounds") && power::IN >= least => return Ok((self.sounds(left)?, true)),
            b'n' | b'b' | b'i' | b'l' | b'r' => {}
            _ => return Ok((left, false)),
        }
        let negated = is("not");
        let ahead = usize::from(negated);
        let Some(next) = self.tokens.get(self.at + ahead).filter(|t| t.kind == Kind::Word) else {
            return Ok((left, false));
        };
        let next = next.text(self.source);
        let is = |name: &str| next.eq_ignore_ascii_case(name);
        let predicate = if is("between") {
            (Predicate::Between, power::BETWEEN)
        } else if is("in") {
            (Predicate::In, power::IN)
        } else if is("like") {
            (Predicate::Like, power::IN)
        } else if is("regexp") || is("rlike") {
            (Predicate::Regexp, power::IN)
        } else {
            return Ok((left, false));
        };
        if predicate.1 < least {
            return Ok((left, false));
        }
        self.at += 1 + ahead;
        Ok((self.predicate(left, predicate.0, negated)?, true))
    }

    /// `x MEMBER [OF] (array)`
    fn member(&mut self, left: Expr) -> Outcome {
        self.at += 1;
        self.take_word("of");
        let array = Box::new(self.in_parentheses()?);
        Ok(Expr::MemberOf { expr: Box::new(left), array })
    }

    fn collate(&mut self, left: Expr) -> Outcome {
        self.at += 1;
        let collation = self.name()?.to_ascii_lowercase();
        let collation = self.charset_prefix(&collation);
        Ok(Expr::Collate { expr: Box::new(left), collation })
    }

    /// `a SOUNDS LIKE b` is `soundex(a) = soundex(b)`.
    fn sounds(&mut self, left: Expr) -> Outcome {
        self.at += 1;
        self.expect_word("like")?;
        let right = self.expr(power::BIT_OR)?;
        let soundex = |e| Expr::call("soundex", vec![e]);
        Ok(self.reading.compare(BinaryOp::Equal, soundex(left), soundex(right)))
    }

    fn predicate(&mut self, left: Expr, predicate: Predicate, negated: bool) -> Outcome {
        match predicate {
            Predicate::Between => self.between(left, negated),
            Predicate::In => self.within(left, negated),
            Predicate::Like => self.like(left, negated),
            Predicate::Regexp => self.regexp(left, negated),
        }
    }

    fn between(&mut self, left: Expr, negated: bool) -> Outcome {
        let low = Box::new(self.expr(power::BETWEEN)?);
        self.expect_word("and")?;
        let high = Box::new(self.right_side(power::BETWEEN)?);
        Ok(Expr::Between { expr: Box::new(left), low, high, negated })
    }

    /// `ALL` (true), `ANY` or `SOME` (false) before a query.
    fn quantifier(&mut self) -> Option<bool> {
        let all = self.at_word("all");
        let found = all || self.at_word("any") || self.at_word("some");
        let before_query = self.peek_after(1).is_some_and(|t| t.text(self.source) == "(");
        (found && before_query).then(|| {
            self.at += 1;
            all
        })
    }

    fn within(&mut self, left: Expr, negated: bool) -> Outcome {
        if self.at_query() {
            let query = Box::new(self.query_in_parentheses()?);
            let within = Expr::InQuery { expr: Box::new(left), query, negated: false };
            return Ok(if negated { self.reading.not(within) } else { within });
        }
        let list = self.arguments()?;
        if list.is_empty() {
            return self.fail("expected a value");
        }
        Ok(self.reading.within(left, list, negated))
    }

    fn like(&mut self, left: Expr, negated: bool) -> Outcome {
        let pattern = self.right_side(power::BIT_OR)?;
        let escape = match self.take_word("escape") {
            true => Some(Box::new(self.expr(power::BIT_OR)?)),
            false => None,
        };
        let like = self.reading.like(left, pattern, escape);
        Ok(if negated { self.reading.not(like) } else { like })
    }

    fn regexp(&mut self, left: Expr, negated: bool) -> Outcome {
        let right = self.right_side(power::BIT_OR)?;
        let found = match self.reading.target.is_mysql() {
            true => Expr::call("regexp_like", vec![left, right]),
            false => binary(BinaryOp::Regexp, left, right),
        };
        Ok(if negated { self.reading.not(found) } else { found })
    }

    /// The right side of a predicate. MariaDB's grammar takes `NOT` after it, but no other predicate, for
    /// a part of it: `a LIKE b NOT LIKE c` is `a LIKE (b NOT LIKE c)`.
    fn right_side(&mut self, least: u8) -> Outcome {
        let mut right = self.expr(least)?;
        while self.reading.target.is_mariadb() && self.at_word("not") {
            if self.depth == DEEPEST || self.height > HIGHEST {
                return self.fail("nested too deeply");
            }
            self.depth += 1;
            let outcome = self.word_operator(right, "not", power::BETWEEN);
            self.depth -= 1;
            self.height += 1;
            let (expr, more) = outcome?;
            right = expr;
            if !more {
                break;
            }
        }
        Ok(right)
    }

    fn is_test(&mut self, left: Expr) -> Outcome {
        self.at += 1;
        let negated = self.take_word("not");
        let test = if self.take_word("null") || self.take_word("unknown") {
            Test::Null
        } else if self.take_word("true") {
            Test::True
        } else if self.take_word("false") {
            Test::False
        } else {
            return self.fail("expected NULL, TRUE, FALSE or UNKNOWN");
        };
        Ok(self.reading.is(left, test, negated))
    }

    /// Whether the token after the next is INTERVAL as the beginning of `INTERVAL x unit`. After `+` and
    /// `-` the word may also be the function; `interval` sorts that out.
    fn is_interval_after(&self) -> bool {
        self.tokens.get(self.at + 1).is_some_and(|t| self.is_word(t, "interval"))
            && !self.is_interval_function(self.at + 2)
    }

    /// Whether the parenthesis at a token encloses a comma, as the function INTERVAL has it.
    pub(super) fn is_interval_function(&self, open: usize) -> bool {
        let mut depth = 0_usize;
        for token in self.tokens.get(open..).unwrap_or_default() {
            match token.text(self.source) {
                "(" => depth += 1,
                ")" if depth <= 1 => return false,
                ")" => depth -= 1,
                "," if depth == 1 => return true,
                _ if depth == 0 => return false,
                _ => {}
            }
        }
        false
    }

    /// `INTERVAL amount unit` after a date.
    pub(super) fn interval(&mut self, date: Expr, minus: bool) -> Outcome {
        let (amount, unit) = self.amount()?;
        Ok(Expr::DateArithmetic { date: Box::new(date), amount: Box::new(amount), unit, minus })
    }

    /// `INTERVAL amount unit`
    pub(super) fn amount(&mut self) -> Result<(Expr, Unit), ExpressionError> {
        self.expect_word("interval")?;
        let amount = self.expr(power::LOWEST)?;
        Ok((amount, self.unit()?))
    }

    /// The name of a unit.
    pub(super) fn unit(&mut self) -> Result<Unit, ExpressionError> {
        let unit = self.peek().filter(|t| t.kind == Kind::Word).and_then(|t| Unit::named(t.text(self.source)));
        match unit {
            Some(unit) => {
                self.at += 1;
                Ok(unit)
            }
            None => self.refuse(1064, "expected a unit of time"),
        }
    }
}

/// A predicate that NOT may stand before.
enum Predicate {
    Between,
    In,
    Like,
    Regexp,
}

fn operator_of(symbol: &str) -> Option<(BinaryOp, u8)> {
    Some(match symbol {
        "+" => (BinaryOp::Add, power::ADD),
        "-" => (BinaryOp::Subtract, power::ADD),
        "*" => (BinaryOp::Multiply, power::MULTIPLY),
        "/" => (BinaryOp::Divide, power::MULTIPLY),
        "%" => (BinaryOp::Modulo, power::MULTIPLY),
        "^" => (BinaryOp::BitXor, power::BIT_XOR),
        "|" => (BinaryOp::BitOr, power::BIT_OR),
        "&" => (BinaryOp::BitAnd, power::BIT_AND),
        "<<" => (BinaryOp::ShiftLeft, power::SHIFT),
        ">>" => (BinaryOp::ShiftRight, power::SHIFT),
        "=" => (BinaryOp::Equal, power::COMPARISON),
        "<=>" => (BinaryOp::NullSafeEqual, power::COMPARISON),
        "<>" | "!=" => (BinaryOp::NotEqual, power::COMPARISON),
        "<" => (BinaryOp::Less, power::COMPARISON),
        "<=" => (BinaryOp::LessOrEqual, power::COMPARISON),
        ">" => (BinaryOp::Greater, power::COMPARISON),
        ">=" => (BinaryOp::GreaterOrEqual, power::COMPARISON),
        _ => return None,
    })
}

/// Tokens.
impl<'a> Parser<'a> {
    pub(super) fn fail<T>(&self, message: &str) -> Result<T, ExpressionError> {
        let offset = self.tokens.get(self.at).map_or(self.source.len(), |t| t.start);
        Err(ExpressionError { offset, message: message.into(), number: None })
    }

    /// What the server's own parser refuses with that number.
    pub(super) fn refuse<T>(&self, number: u16, message: &str) -> Result<T, ExpressionError> {
        self.fail(message).map_err(|error: ExpressionError| ExpressionError { number: Some(number), ..error })
    }

    pub(super) fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    pub(super) fn peek_after(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(self.at + ahead).copied()
    }

    /// The tokens from one place to another.
    pub(super) fn tokens_between(&self, first: usize, last: usize) -> &[Token] {
        self.tokens.get(first..last).unwrap_or_default()
    }

    /// Whether the token so many after the next is that word.
    pub(super) fn word_after(&self, ahead: usize, word: &str) -> bool {
        self.peek_after(ahead).is_some_and(|t| self.is_word(&t, word))
    }

    /// The place of the next token.
    pub(super) fn place(&self) -> usize {
        self.at
    }

    pub(super) fn advance(&mut self) {
        self.at += 1;
    }

    fn is_word(&self, token: &Token, word: &str) -> bool {
        token.kind == Kind::Word && token.text(self.source).eq_ignore_ascii_case(word)
    }

    pub(super) fn at_word(&self, word: &str) -> bool {
        self.peek().is_some_and(|t| self.is_word(&t, word))
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Result<(), ExpressionError> {
        if self.take_word(word) { Ok(()) } else { self.fail(&format!("expected {}", word.to_uppercase())) }
    }

    pub(super) fn at_symbol(&self, symbol: &str) -> bool {
        self.peek().is_some_and(|t| t.kind == Kind::Symbol && t.text(self.source) == symbol)
    }

    pub(super) fn take(&mut self, symbol: &str) -> bool {
        let found = self.at_symbol(symbol);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, symbol: &str) -> Result<(), ExpressionError> {
        if self.take(symbol) { Ok(()) } else { self.fail(&format!("expected `{symbol}`")) }
    }

    /// `(x)`
    pub(super) fn in_parentheses(&mut self) -> Outcome {
        self.expect("(")?;
        let expr = self.expr(power::LOWEST)?;
        self.expect(")")?;
        Ok(expr)
    }

    /// `(a, b, …)`, which may be empty.
    pub(super) fn arguments(&mut self) -> Result<Vec<Expr>, ExpressionError> {
        self.expect("(")?;
        let mut list = Vec::new();
        if self.take(")") {
            return Ok(list);
        }
        loop {
            list.push(self.expr(power::LOWEST)?);
            if !self.take(",") {
                break;
            }
        }
        self.expect(")")?;
        Ok(list)
    }

    /// A number without a point.
    pub(super) fn integer(&mut self) -> Result<u32, ExpressionError> {
        let token = self.peek().filter(|t| t.kind == Kind::Number);
        match token.and_then(|t| t.text(self.source).parse().ok()) {
            Some(number) => {
                self.at += 1;
                Ok(number)
            }
            None => self.fail("expected a number"),
        }
    }

    /// Whether an expression is a string that names nothing else: what a charset may be given as.
    pub(super) fn string_text(expr: &Expr) -> Option<&str> {
        match expr {
            Expr::Literal(Literal::String { text, .. }) => Some(text),
            _ => None,
        }
    }
}

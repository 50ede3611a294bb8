//! `OVER (…)` and `WINDOW`: which rows a function looks at.

use super::ExpressionError;
use super::parser::{Outcome, Parser, power};
use super::text;
use super::token::Kind;
use crate::ident::Ident;
use crate::model::Window;
use crate::model::expression::Expr;
use crate::model::query::{Frame, FrameBound};

type Read<T> = Result<T, ExpressionError>;

impl Parser<'_> {
    /// A call, and the window that it looks at if one follows.
    pub(super) fn over(&mut self, called: Outcome) -> Outcome {
        let call = called?;
        if !self.take_word("over") {
            return Ok(call);
        }
        let window = match self.at_symbol("(") {
            true => self.nested(Self::window)?,
            false => Window { base: Some(Ident::new(self.name()?)), bare: true, ..Window::default() },
        };
        let call = match call {
            // MariaDB says how far LAG and LEAD look.
            Expr::Call { name, mut args }
                if self.reading.target.is_mariadb() && matches!(&*name, "lag" | "lead") && args.len() == 1 =>
            {
                args.push(Expr::number("1"));
                Expr::Call { name, args }
            }
            other => other,
        };
        Ok(Expr::Windowed { call: Box::new(call), window: Box::new(window) })
    }

    /// Whether `WINDOW name AS (` is next: the word is a name elsewhere, in MariaDB.
    pub(super) fn at_windows(&self) -> bool {
        let opens = self.peek_after(3).is_some_and(|t| t.kind == Kind::Symbol && t.text(self.source) == "(");
        self.at_word("window") && self.word_after(2, "as") && opens
    }

    /// `WINDOW name AS (…), …`
    pub(super) fn windows(&mut self) -> Read<Vec<(Ident, Window)>> {
        let mut windows = Vec::new();
        if !self.take_word("window") {
            return Ok(windows);
        }
        loop {
            let name = Ident::new(self.name()?);
            self.expect_word("as")?;
            windows.push((name, self.nested(Self::window)?));
            if !self.take(",") {
                return Ok(windows);
            }
        }
    }

    /// `([name] [PARTITION BY …] [ORDER BY …] [frame])`
    fn window(&mut self) -> Read<Window> {
        self.expect("(")?;
        let mut window = Window::default();
        let begins = ["partition", "order", "rows", "range"].iter().any(|word| self.at_word(word));
        if !begins && self.peek().is_some_and(|t| matches!(t.kind, Kind::Word | Kind::Quoted)) {
            window.base = Some(Ident::new(self.name()?));
        }
        if self.take_word("partition") {
            self.expect_word("by")?;
            window.partition.push(self.expr(power::LOWEST)?);
            while self.take(",") {
                window.partition.push(self.expr(power::LOWEST)?);
            }
        }
        window.order = self.order()?;
        let rows = self.at_word("rows");
        if rows || self.at_word("range") {
            self.advance();
            window.frame = Some(self.frame(rows)?);
        }
        if self.at_symbol(")") {
            self.advance();
            return Ok(window);
        }
        self.fail("a window of a kind that is not read")
    }

    /// `BETWEEN bound AND bound`, or a bound alone, which ends at the current row.
    fn frame(&mut self, rows: bool) -> Read<Frame> {
        if !self.take_word("between") {
            return Ok(Frame { rows, from: self.bound()?, to: FrameBound::Current });
        }
        let from = self.bound()?;
        self.expect_word("and")?;
        Ok(Frame { rows, from, to: self.bound()? })
    }

    fn bound(&mut self) -> Read<FrameBound> {
        if self.take_word("current") {
            self.expect_word("row")?;
            return Ok(FrameBound::Current);
        }
        if self.reading.target.is_mysql() && self.take_word("interval") {
            return self.interval_bound();
        }
        let count = match self.peek() {
            Some(token) if token.kind == Kind::Number => Some(token.text(self.source).into()),
            Some(_) if self.at_word("unbounded") => None,
            Some(_) | None => return self.fail("a bound of a kind that is not read"),
        };
        self.advance();
        let before = self.take_word("preceding");
        if !before {
            self.expect_word("following")?;
        }
        Ok(match (count, before) {
            (None, true) => FrameBound::First,
            (None, false) => FrameBound::Last,
            (Some(count), true) => FrameBound::Before(count),
            (Some(count), false) => FrameBound::After(count),
        })
    }

    /// `INTERVAL amount unit PRECEDING`, after its first word; MySQL prints a blank behind the unit.
    fn interval_bound(&mut self) -> Read<FrameBound> {
        let amount = match self.peek() {
            Some(token) if token.kind == Kind::Number => text::number(token.text(self.source)),
            Some(token) if token.kind == Kind::String => token.text(self.source).into(),
            Some(_) | None => return self.fail("a bound of a kind that is not read"),
        };
        self.advance();
        let unit = self.unit()?;
        let before = self.take_word("preceding");
        if !before {
            self.expect_word("following")?;
        }
        let count = format!("INTERVAL {amount} {} ", unit.as_str()).into();
        Ok(if before { FrameBound::Before(count) } else { FrameBound::After(count) })
    }
}

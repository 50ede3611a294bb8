//! `OVER (…)`: windows that stand with their function. Those that have names are not read.

use super::ExpressionError;
use super::parser::{Outcome, Parser, power};
use super::token::Kind;
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
        if !self.at_symbol("(") {
            return self.fail("a window with a name");
        }
        let window = self.nested(Self::window)?;
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

    /// `([PARTITION BY …] [ORDER BY …] [frame])`
    fn window(&mut self) -> Read<Window> {
        self.expect("(")?;
        let mut window = Window { partition: Vec::new(), order: Vec::new(), frame: None };
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
}

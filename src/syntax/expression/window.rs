//! `OVER (…)` and `WINDOW`: which rows a function looks at.

use super::ExpressionError;
use super::parser::{Outcome, Parser, power};
use super::text;
use super::token::Kind;
use crate::ident::Ident;
use crate::model::Window;
use crate::model::expression::Expr;
use crate::model::query::{Frame, FrameBound, Sorting};

type Read<T> = Result<T, ExpressionError>;

/// MEDIAN is the value in the middle (`Item_sum_percentile_cont` of MariaDB).
fn percentile(args: Vec<Expr>) -> Expr {
    let order = args.into_iter().map(|expr| Sorting { expr, descending: true }).collect();
    let args = vec![Expr::number("0.5")];
    Expr::Aggregate { name: "percentile_cont".into(), distinct: false, args, order, separator: None, limit: None }
}

impl Parser<'_> {
    /// A call, and the window that it looks at if one follows.
    pub(super) fn over(&mut self, called: Outcome) -> Outcome {
        let call = called?;
        self.nulls(&call)?;
        if !self.take_word("over") {
            return if self.needs_window(&call) { self.refuse(1064, "expected OVER") } else { Ok(call) };
        }
        // Stored functions have no windows.
        if matches!(&call, Expr::Call { name, .. } if name.starts_with('`')) {
            return self.refuse(1064, "expected a name or the end");
        }
        let window = match self.at_symbol("(") {
            true => self.nested(Self::window)?,
            false => Window { base: Some(Ident::new(self.name()?)), bare: true, ..Window::default() },
        };
        let call = match call {
            Expr::Call { name, args }
                if self.reading.target.is_mariadb() && matches!(&*name, "lag" | "lead") && args.len() > 2 =>
            {
                return self.refuse(1064, "expected `)`");
            }
            Expr::Call { name, args } if self.reading.target.is_mariadb() && &*name == "median" => percentile(args),
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

    /// `FROM FIRST | LAST` and `RESPECT | IGNORE NULLS` of MySQL, which has but the first of either and prints none.
    fn nulls(&mut self, call: &Expr) -> Read<()> {
        let Expr::Call { name, .. } = call else { return Ok(()) };
        if !self.reading.target.is_mysql() || !self.needs_window(call) {
            return Ok(());
        }
        if &**name == "nth_value" && self.at_word("from") && (self.word_after(1, "first") || self.word_after(1, "last"))
        {
            if self.word_after(1, "last") {
                return self.refuse(1235, "FROM FIRST");
            }
            self.advance();
            self.advance();
        }
        if self.word_after(1, "nulls") && (self.at_word("respect") || self.at_word("ignore")) {
            if self.at_word("ignore") {
                return self.refuse(1235, "RESPECT NULLS");
            }
            self.advance();
            self.advance();
        }
        Ok(())
    }

    /// `WITHIN GROUP (ORDER BY term)`, behind a function of MariaDB that has one.
    pub(super) fn within_group(&mut self, name: &str) -> Outcome {
        let args = self.arguments()?;
        self.expect_word("within")?;
        self.expect_word("group")?;
        self.expect("(")?;
        let order = self.order()?;
        self.expect(")")?;
        Ok(Expr::Aggregate { name: name.into(), distinct: false, args, order, separator: None, limit: None })
    }

    /// Whether a call is of a function that looks at a window and at nothing else.
    fn needs_window(&self, call: &Expr) -> bool {
        let target = self.reading.target;
        let named = |name: &str| {
            matches!(
                name,
                "row_number"
                    | "rank"
                    | "dense_rank"
                    | "percent_rank"
                    | "cume_dist"
                    | "ntile"
                    | "lag"
                    | "lead"
                    | "first_value"
                    | "last_value"
                    | "nth_value"
            )
        };
        let has_windows = target.is_mariadb() || target.is_mysql_since(80_000);
        self.reading.in_query && has_windows && matches!(call, Expr::Call { name, .. } if named(name))
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
        self.no_groups()?;
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
        self.no_groups()?;
        let rows = self.at_word("rows");
        if rows || self.at_word("range") {
            self.advance();
            let mut frame = self.frame(rows)?;
            // Without an order, MySQL takes all rows of a partition for equal to the current one.
            let equal = !rows && window.order.is_empty() && window.base.is_none() && self.reading.target.is_mysql();
            if equal && frame.to == FrameBound::Current {
                frame.to = FrameBound::Last;
            }
            window.frame = Some(frame);
        }
        if self.at_symbol(")") {
            self.advance();
            return Ok(window);
        }
        self.fail("a window of a kind that is not read")
    }

    /// `GROUPS …`, which both servers refuse.
    fn no_groups(&self) -> Read<()> {
        let frames = ["between", "unbounded", "current"].iter().any(|word| self.word_after(1, word));
        if self.at_word("groups") && frames {
            let number = if self.reading.target.is_mysql() { 1235 } else { 1064 };
            return self.refuse(number, "expected ROWS or RANGE");
        }
        Ok(())
    }

    /// `BETWEEN bound AND bound`, or a bound alone, which ends at the current row.
    fn frame(&mut self, rows: bool) -> Read<Frame> {
        if !self.take_word("between") {
            let from = self.bound()?;
            if matches!(from, FrameBound::After(_) | FrameBound::Last) {
                return self.refuse(1064, "expected BETWEEN");
            }
            return Ok(Frame { rows, from, to: FrameBound::Current });
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
        if self.at_word("interval") {
            if self.reading.target.is_mariadb() {
                return self.refuse(1064, "a bound that is no interval");
            }
            self.advance();
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

//! Functions over a group of rows, with what may stand among their arguments.

use super::parser::{Outcome, Parser, power};
use crate::model::expression::Expr;

impl Parser<'_> {
    /// A function over a group of rows, after its name; `None` where it has nothing but arguments.
    pub(super) fn aggregate(&mut self, name: &str) -> Option<Outcome> {
        if !self.reading.in_query {
            return None;
        }
        let word_after = |word| self.word_after(1, word);
        let mariadb = self.reading.target.is_mariadb();
        match name {
            "group_concat" => Some(self.group_concat()),
            "percentile_cont" | "percentile_disc" if mariadb => Some(self.within_group(name)),
            // Words that MySQL takes for names.
            "median" if mariadb => {
                let args = self.arguments();
                Some(args.map(|args| Expr::call(name, args)))
            }
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
        if distinct && matches!(name, "std" | "stddev" | "variance" | "bit_and" | "bit_or" | "bit_xor") {
            return self.refuse(1064, "expected an argument");
        }
        self.take_word("all");
        let mut args = vec![self.expr(power::LOWEST)?];
        while self.take(",") {
            args.push(self.expr(power::LOWEST)?);
        }
        if args.len() > 1 && matches!(name, "sum" | "avg" | "min" | "max") {
            return self.refuse(1064, "expected `)`");
        }
        self.expect(")")?;
        let Expr::Call { name, args } = self.plain_call(name, args) else {
            return self.fail("expected a function over rows");
        };
        // The greatest of different values is the greatest of all.
        if !distinct || matches!(&*name, "min" | "max") {
            return Ok(Expr::Call { name, args });
        }
        Ok(Expr::Aggregate { name, distinct, args, order: Vec::new(), separator: None, limit: None })
    }

    fn group_concat(&mut self) -> Outcome {
        self.expect("(")?;
        if self.at_symbol(")") {
            return self.refuse(1064, "expected an argument");
        }
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
        if self.at_word("limit") && self.reading.target.is_mysql() {
            return self.refuse(1064, "expected `)`");
        }
        let limit = self.limit()?.map(Box::new);
        self.expect(")")?;
        Ok(Expr::Aggregate { name: "group_concat".into(), distinct, args, order, separator: Some(separator), limit })
    }
}

//! MySQL's way: every operator between its own parentheses, a charset before every string.

use super::query::print_subquery;
use super::window::print_window;
use super::{Place, Printing, shared};
use crate::model::expression::{BinaryOp, Expr, JsonFallback, Literal, Test};

/// Prints into a text.
pub(super) struct Printer<'p, 'a> {
    pub(super) printing: &'p Printing<'a>,
    pub(super) out: &'p mut String,
}

impl Printer<'_, '_> {
    pub(super) fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Column(name) => shared::name(name, self.out),
            Expr::Field(path) => shared::path(path, self.out),
            Expr::Literal(literal) => self.literal(literal),
            Expr::Negative(operand) => self.call("-", operand),
            Expr::BitNot(operand) => self.call("~", operand),
            Expr::Not(operand) if matches!(**operand, Expr::Exists(_)) => {
                self.out.push_str("(not ");
                self.expr(operand);
                self.out.push(')');
            }
            Expr::Not(operand) => {
                self.call("(not", operand);
                self.out.push(')');
            }
            Expr::Binary { op, left, right } => self.binary(left, symbol(*op), right),
            Expr::And(list) => self.chain(list, " and "),
            Expr::Or(list) => self.chain(list, " or "),
            // A test of a query is kept with it and has no parentheses.
            Expr::Is { expr, test, negated } if matches!(**expr, Expr::InQuery { .. }) => {
                self.expr(expr);
                self.out.push_str(if *negated { " is not " } else { " is " });
                self.out.push_str(match test {
                    Test::Null => "null",
                    Test::True => "true",
                    Test::False => "false",
                });
            }
            Expr::Is { expr, test, negated } => {
                self.open(expr, if *negated { " is not " } else { " is " });
                self.out.push_str(match test {
                    Test::Null => "null)",
                    Test::True => "true)",
                    Test::False => "false)",
                });
            }
            Expr::Between { expr, low, high, negated } => {
                self.open(expr, if *negated { " not between " } else { " between " });
                self.expr(low);
                self.out.push_str(" and ");
                self.expr(high);
                self.out.push(')');
            }
            Expr::In { expr, list, negated } => {
                self.open(expr, if *negated { " not in " } else { " in " });
                self.row(list);
                self.out.push(')');
            }
            Expr::Like { expr, pattern, escape, negated } => {
                self.open(expr, if *negated { " not like " } else { " like " });
                self.expr(pattern);
                if let Some(escape) = escape {
                    self.out.push_str(" escape ");
                    self.expr(escape);
                }
                self.out.push(')');
            }
            Expr::DateArithmetic { date, amount, unit, minus } => {
                self.open(date, if *minus { " - interval " } else { " + interval " });
                self.expr(amount);
                self.out.push(' ');
                self.out.push_str(unit.as_str());
                self.out.push(')');
            }
            Expr::Case { operand, branches, otherwise } => {
                self.case(operand.as_deref(), branches, otherwise.as_deref())
            }
            Expr::Cast { expr, to, array } => {
                self.out.push_str("cast(");
                self.expr(expr);
                self.out.push_str(" as ");
                shared::cast_type(to, if *array { " " } else { "" }, self.out);
                self.out.push_str(if *array { " array)" } else { ")" });
            }
            Expr::AtTimeZone { expr, zone } => {
                self.expr(expr);
                self.out.push_str(" AT TIME ZONE ");
                shared::string(zone, self.out);
            }
            Expr::ConvertUsing { expr, charset } => {
                self.out.push_str("convert(");
                self.expr(expr);
                self.out.push_str(" using ");
                self.out.push_str(charset);
                self.out.push(')');
            }
            Expr::Collate { expr, collation } => {
                self.open(expr, " collate ");
                self.out.push_str(collation);
                self.out.push(')');
            }
            Expr::Call { name, args } => {
                self.out.push_str(name);
                self.row(args);
            }
            Expr::Char { args, .. } => {
                self.out.push_str("char");
                self.row(args);
            }
            Expr::Typed { expr, to } => {
                self.expr(expr);
                self.out.push_str(" as ");
                shared::cast_type(to, "", self.out);
            }
            Expr::Row(list) => self.row(list),
            Expr::Trim { side, remove, expr } => {
                self.out.push_str("trim(");
                if let Some(side) = side {
                    self.out.push_str(shared::side(*side));
                    self.out.push(' ');
                }
                self.expr(remove);
                self.out.push_str(" from ");
                self.expr(expr);
                self.out.push(')');
            }
            Expr::Extract { unit, expr } => {
                self.out.push_str("extract(");
                self.out.push_str(unit.as_str());
                self.out.push_str(" from ");
                self.expr(expr);
                self.out.push(')');
            }
            Expr::TimestampDiff { unit, from, to } => {
                self.out.push_str("timestampdiff(");
                self.out.push_str(&unit.as_str().to_uppercase());
                self.out.push(',');
                self.expr(from);
                self.out.push(',');
                self.expr(to);
                self.out.push(')');
            }
            Expr::GetFormat { kind, expr } => {
                self.out.push_str("get_format(");
                self.out.push_str(shared::format_kind(*kind));
                self.out.push_str(", ");
                self.expr(expr);
                self.out.push(')');
            }
            Expr::WeightString { expr, chars } => {
                self.out.push_str("weight_string(");
                self.expr(expr);
                self.out.push_str(&format!(" as char({chars}))"));
            }
            Expr::JsonValue { doc, path, returning, on_empty, on_error } => {
                self.out.push_str("json_value(");
                self.expr(doc);
                self.out.push_str(", ");
                self.expr(path);
                self.out.push_str(" returning ");
                let mut to = String::new();
                shared::cast_type(returning, " ", &mut to);
                self.out.push_str(&to.replacen(" charset ", " character set ", 1));
                self.fallback(on_empty.as_ref(), " on empty");
                self.fallback(on_error.as_ref(), " on error");
                self.out.push(')');
            }
            Expr::MemberOf { expr, array } => {
                self.expr(expr);
                self.call(" member of ", array);
            }
            Expr::DefaultOf(column) | Expr::ValuesOf(column) => {
                self.out.push_str(if matches!(expr, Expr::DefaultOf(_)) { "default(" } else { "values(" });
                shared::name(column, self.out);
                self.out.push(')');
            }
            Expr::Match { columns, against, mode } => {
                self.out.push_str("(match ");
                self.list(columns);
                self.call(" against ", against);
                if !mode.is_empty() {
                    self.out.pop();
                    self.out.push(' ');
                    self.out.push_str(mode);
                    self.out.push(')');
                }
                self.out.push(')');
            }
            Expr::Sequence { function, name } => {
                self.out.push_str(function);
                self.out.push('(');
                for (at, part) in name.iter().enumerate() {
                    self.out.push_str(if at > 0 { "." } else { "" });
                    shared::name(part, self.out);
                }
                self.out.push(')');
            }
            Expr::Assignment { variable, value } => {
                self.out.push_str(variable);
                self.out.push_str(":=");
                self.expr(value);
            }
            Expr::Windowed { call, window } => {
                self.expr(call);
                print_window(window, self.printing, self.out);
            }
            Expr::Aggregate { .. } | Expr::Subquery(_) | Expr::Exists(_) => {
                shared::of_rows(expr, self.printing, self.out)
            }
            Expr::InQuery { expr, query, negated } => {
                self.expr(expr);
                self.out.push_str(if *negated { " not in (" } else { " in (" });
                print_subquery(query, self.printing, self.out);
                self.out.push(')');
            }
            Expr::Quantified { expr, op, all, query } => {
                self.expr(expr);
                self.out.push_str(symbol(*op));
                self.out.push_str(if *all { "all (" } else { "any (" });
                print_subquery(query, self.printing, self.out);
                self.out.push(')');
            }
            Expr::Variable(text) | Expr::Tokens(text) => self.out.push_str(text),
        }
    }

    fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Null => self.out.push_str("NULL"),
            Literal::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Literal::Number(digits) => self.out.push_str(digits),
            Literal::String { charset: None, text } if self.printing.place == Place::View => {
                shared::string(text, self.out);
            }
            Literal::String { charset, text } => {
                self.out.push('_');
                self.out.push_str(charset.as_deref().unwrap_or(self.printing.charset));
                shared::string(text, self.out);
            }
            Literal::Hex { digits, .. } if digits.is_empty() => self.out.push_str("X''"),
            Literal::Hex { digits, .. } => {
                self.out.push_str("0x");
                self.out.push_str(digits);
            }
            Literal::Temporal { kind, text } => {
                self.out.push_str(shared::temporal(*kind));
                shared::string(text, self.out);
            }
        }
    }

    fn case(&mut self, operand: Option<&Expr>, branches: &[(Expr, Expr)], otherwise: Option<&Expr>) {
        self.out.push_str("(case ");
        if let Some(operand) = operand {
            self.expr(operand);
            self.out.push(' ');
        }
        for (when, then) in branches {
            self.out.push_str("when ");
            self.expr(when);
            self.out.push_str(" then ");
            self.expr(then);
            self.out.push(' ');
        }
        if let Some(otherwise) = otherwise {
            self.out.push_str("else ");
            self.expr(otherwise);
            self.out.push(' ');
        }
        self.out.push_str("end)");
    }

    fn fallback(&mut self, fallback: Option<&JsonFallback>, when: &str) {
        match fallback {
            None => return,
            Some(JsonFallback::Null) => self.out.push_str(" null"),
            Some(JsonFallback::Error) => self.out.push_str(" error"),
            Some(JsonFallback::Default(expr)) => {
                self.out.push_str(" default ");
                self.expr(expr);
            }
        }
        self.out.push_str(when);
    }

    /// `name(operand)`
    fn call(&mut self, name: &str, operand: &Expr) {
        self.out.push_str(name);
        self.out.push('(');
        self.expr(operand);
        self.out.push(')');
    }

    /// `(operand word`
    fn open(&mut self, operand: &Expr, word: &str) {
        self.out.push('(');
        self.expr(operand);
        self.out.push_str(word);
    }

    fn binary(&mut self, left: &Expr, symbol: &str, right: &Expr) {
        self.open(left, symbol);
        self.expr(right);
        self.out.push(')');
    }

    fn chain(&mut self, list: &[Expr], word: &str) {
        self.out.push('(');
        for (at, expr) in list.iter().enumerate() {
            self.out.push_str(if at > 0 { word } else { "" });
            self.expr(expr);
        }
        self.out.push(')');
    }

    fn row(&mut self, list: &[Expr]) {
        self.out.push('(');
        self.list(list);
        self.out.push(')');
    }

    fn list(&mut self, list: &[Expr]) {
        for (at, expr) in list.iter().enumerate() {
            self.out.push_str(if at > 0 { "," } else { "" });
            self.expr(expr);
        }
    }
}

const fn symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => " + ",
        BinaryOp::Subtract => " - ",
        BinaryOp::Multiply => " * ",
        BinaryOp::Divide => " / ",
        BinaryOp::IntegerDivide => " DIV ",
        BinaryOp::Modulo => " % ",
        BinaryOp::BitOr => " | ",
        BinaryOp::BitAnd => " & ",
        BinaryOp::BitXor => " ^ ",
        BinaryOp::ShiftLeft => " << ",
        BinaryOp::ShiftRight => " >> ",
        BinaryOp::Equal => " = ",
        BinaryOp::NullSafeEqual => " <=> ",
        BinaryOp::NotEqual => " <> ",
        BinaryOp::Less => " < ",
        BinaryOp::LessOrEqual => " <= ",
        BinaryOp::Greater => " > ",
        BinaryOp::GreaterOrEqual => " >= ",
        BinaryOp::Xor => " xor ",
        BinaryOp::Regexp => " regexp ",
    }
}

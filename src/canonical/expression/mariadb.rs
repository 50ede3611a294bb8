//! MariaDB's way: parentheses where precedence asks for them, strings as they are.

use super::query::print_subquery;
use super::window::print_window;
use super::{Printing, shared};
use crate::model::expression::{BinaryOp, CastType, Expr, JsonFallback, Literal, Test};

/// Prints into a text.
pub(super) struct Printer<'p, 'a> {
    pub(super) printing: &'p Printing<'a>,
    pub(super) out: &'p mut String,
}

/// How tightly operators bind, loosest first (`enum precedence` in MariaDB's `sql/item.h`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Power {
    Or,
    Xor,
    And,
    Comparison,
    Between,
    In,
    BitOr,
    BitAnd,
    Shift,
    Interval,
    Add,
    Multiply,
    BitXor,
    Negative,
    Collate,
    Highest,
}

impl Power {
    const fn above(self) -> Self {
        match self {
            Self::Or => Self::Xor,
            Self::Xor => Self::And,
            Self::And => Self::Comparison,
            Self::Comparison => Self::Between,
            Self::Between => Self::In,
            Self::In => Self::BitOr,
            Self::BitOr => Self::BitAnd,
            Self::BitAnd => Self::Shift,
            Self::Shift => Self::Interval,
            Self::Interval => Self::Add,
            Self::Add => Self::Multiply,
            Self::Multiply => Self::BitXor,
            Self::BitXor => Self::Negative,
            Self::Negative => Self::Collate,
            Self::Collate | Self::Highest => Self::Highest,
        }
    }
}

fn power(expr: &Expr) -> Power {
    match expr {
        Expr::Binary { op, .. } => operator(*op).1,
        Expr::And(_) => Power::And,
        Expr::Or(_) => Power::Or,
        Expr::Is { .. } => Power::Comparison,
        Expr::Between { .. } => Power::Between,
        Expr::In { .. } | Expr::Like { .. } | Expr::InQuery { .. } => Power::In,
        Expr::Quantified { .. } => Power::Comparison,
        Expr::DateArithmetic { .. } => Power::Interval,
        Expr::Not(_) | Expr::Negative(_) | Expr::BitNot(_) => Power::Negative,
        Expr::Collate { .. } => Power::Collate,
        _ => Power::Highest,
    }
}

impl Printer<'_, '_> {
    pub(super) fn expr(&mut self, expr: &Expr) {
        let own = power(expr);
        match expr {
            Expr::Column(name) => shared::name(name, self.out),
            Expr::Field(path) => shared::path(path, self.out),
            Expr::Literal(literal) => self.literal(literal),
            Expr::Negative(operand) => self.prefix('-', operand),
            Expr::BitNot(operand) => self.prefix('~', operand),
            Expr::Not(operand) => self.prefix('!', operand),
            Expr::Binary { op, left, right } => {
                self.within(left, own);
                self.out.push_str(operator(*op).0);
                self.within(right, own.above());
            }
            Expr::And(list) => self.chain(list, " and ", own),
            Expr::Or(list) => self.chain(list, " or ", own),
            Expr::Is { expr, test, negated } => {
                self.within(expr, own);
                self.out.push_str(if *negated { " is not " } else { " is " });
                self.out.push_str(match test {
                    Test::Null => "null",
                    Test::True => "true",
                    Test::False => "false",
                });
            }
            Expr::Between { expr, low, high, negated } => {
                self.within(expr, own.above());
                self.out.push_str(if *negated { " not between " } else { " between " });
                self.within(low, own);
                self.out.push_str(" and ");
                self.within(high, own);
            }
            Expr::In { expr, list, negated } => {
                self.within(expr, own);
                self.out.push_str(if *negated { " not in " } else { " in " });
                self.row(list);
            }
            Expr::Like { expr, pattern, escape, negated } => {
                self.within(expr, own);
                // Two spaces: `Item_func_like::print` adds one of its own before `not`.
                self.out.push_str(if *negated { "  not like " } else { " like " });
                self.within(pattern, own.above());
                if let Some(escape) = escape {
                    self.out.push_str(" escape ");
                    self.within(escape, own.above());
                }
            }
            Expr::DateArithmetic { date, amount, unit, minus } => {
                self.within(date, own);
                self.out.push_str(if *minus { " - interval " } else { " + interval " });
                self.expr(amount);
                self.out.push(' ');
                self.out.push_str(unit.as_str());
            }
            Expr::Case { operand, branches, otherwise } => {
                self.case(operand.as_deref(), branches, otherwise.as_deref())
            }
            Expr::Cast { expr, to, .. } => {
                self.out.push_str("cast(");
                self.expr(expr);
                self.out.push_str(" as ");
                shared::cast_type(to, "", self.out);
                self.out.push(')');
            }
            Expr::AtTimeZone { expr, .. } => self.expr(expr),
            Expr::ConvertUsing { expr, charset } => {
                self.out.push_str("convert(");
                self.expr(expr);
                self.out.push_str(" using ");
                self.out.push_str(charset);
                self.out.push(')');
            }
            Expr::Collate { expr, collation } => {
                self.within(expr, own);
                self.out.push_str(" collate ");
                self.out.push_str(collation);
            }
            Expr::Call { name, args } => {
                self.out.push_str(name);
                if matches!(&**name, "column_create" | "column_add") { self.dynamic(args) } else { self.row(args) }
            }
            Expr::Char { args, charset } => {
                self.out.push_str("char(");
                self.list(args);
                self.out.push_str(" using ");
                self.out.push_str(charset);
                self.out.push(')');
            }
            Expr::Typed { expr, to } => {
                self.expr(expr);
                self.out.push_str(" as ");
                shared::cast_type(to, "", self.out);
            }
            Expr::Row(list) => self.row(list),
            Expr::Trim { side, remove, expr } => {
                self.out.push_str("trim(");
                self.out.push_str(side.map_or("both", shared::side));
                self.out.push(' ');
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
                self.out.push_str(&format!(",0,{chars},65)"));
            }
            Expr::JsonValue { doc, path, on_empty, on_error, .. } => {
                self.out.push_str("json_value(");
                self.expr(doc);
                self.out.push(',');
                self.expr(path);
                for fallback in [on_empty, on_error] {
                    if let Some(JsonFallback::Default(expr)) = fallback {
                        self.out.push(',');
                        self.expr(expr);
                    }
                }
                self.out.push(')');
            }
            Expr::MemberOf { expr, array } => {
                self.expr(expr);
                self.out.push_str(" member of (");
                self.expr(array);
                self.out.push(')');
            }
            Expr::DefaultOf(column) | Expr::ValuesOf(column) => {
                self.out.push_str(if matches!(expr, Expr::DefaultOf(_)) { "default(" } else { "values(" });
                shared::name(column, self.out);
                self.out.push(')');
            }
            Expr::Match { columns, against, mode } => {
                self.out.push_str("(match ");
                self.list(columns);
                self.out.push_str(" against (");
                self.expr(against);
                self.out.push_str(if mode.is_empty() { "" } else { " " });
                self.out.push_str(mode);
                self.out.push_str("))");
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
                self.within(expr, own);
                self.out.push_str(if *negated { " not in (" } else { " in (" });
                print_subquery(query, self.printing, self.out);
                self.out.push(')');
            }
            Expr::Quantified { expr, op, all, query } => {
                self.within(expr, own);
                self.out.push_str(operator(*op).0);
                self.out.push_str(if *all { "all (" } else { "any (" });
                print_subquery(query, self.printing, self.out);
                self.out.push(')');
            }
            Expr::Variable(text) | Expr::Tokens(text) => self.out.push_str(text),
        }
    }

    /// A string; newer servers write tabs and backspaces with a backslash, too.
    fn string(&mut self, text: &str) {
        let start = self.out.len();
        shared::string(text, self.out);
        if self.printing.target.escapes_tabs() && text.contains(['\t', '\u{8}']) {
            let written = self.out.split_off(start);
            self.out.push_str(&written.replace('\t', "\\t").replace('\u{8}', "\\b"));
        }
    }

    fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Null => self.out.push_str("NULL"),
            Literal::Bool(value) => self.out.push(if *value { '1' } else { '0' }),
            Literal::Number(digits) => self.out.push_str(digits),
            Literal::String { charset, text } => {
                if let Some(charset) = charset {
                    self.out.push('_');
                    self.out.push_str(charset);
                }
                self.string(text);
            }
            Literal::Hex { digits, quoted: true } => {
                self.out.push_str("X'");
                self.out.push_str(digits);
                self.out.push('\'');
            }
            Literal::Hex { digits, .. } if digits.is_empty() => self.out.push_str("b''"),
            Literal::Hex { digits, .. } => {
                self.out.push_str("0x");
                self.out.push_str(digits);
            }
            Literal::Temporal { kind, text } => {
                self.out.push_str(shared::temporal(*kind));
                self.string(text);
            }
        }
    }

    fn case(&mut self, operand: Option<&Expr>, branches: &[(Expr, Expr)], otherwise: Option<&Expr>) {
        self.out.push_str("case ");
        if let Some(operand) = operand {
            self.within(operand, Power::Highest);
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
        self.out.push_str("end");
    }

    /// The arguments of COLUMN_CREATE and COLUMN_ADD, whose types are spelt otherwise than CAST's.
    fn dynamic(&mut self, args: &[Expr]) {
        self.out.push('(');
        for (at, arg) in args.iter().enumerate() {
            self.out.push_str(if at > 0 { "," } else { "" });
            let Expr::Typed { expr, to } = arg else {
                self.expr(arg);
                continue;
            };
            self.expr(expr);
            self.out.push_str(" AS ");
            match to {
                CastType::Signed => self.out.push_str("int"),
                CastType::Unsigned => self.out.push_str("unsigned int"),
                CastType::Char { charset, .. } => {
                    let charset = charset.as_deref().unwrap_or(self.printing.charset);
                    let unicode = charset.starts_with("utf8") && self.printing.target.defaults_to_uca1400();
                    let collation = if unicode { "uca1400_ai_ci" } else { "general_ci" };
                    self.out.push_str(&format!("char charset {charset} collate {charset}_{collation} "));
                }
                CastType::Decimal { .. } | CastType::Named { .. } => shared::cast_type(to, "", self.out),
            }
        }
        self.out.push(')');
    }

    fn prefix(&mut self, sign: char, operand: &Expr) {
        self.out.push(sign);
        self.within(operand, Power::Negative);
    }

    /// An operand where operators that bind more loosely than `least` need parentheses.
    fn within(&mut self, operand: &Expr, least: Power) {
        let parentheses = power(operand) < least;
        self.out.push_str(if parentheses { "(" } else { "" });
        self.expr(operand);
        self.out.push_str(if parentheses { ")" } else { "" });
    }

    fn chain(&mut self, list: &[Expr], word: &str, own: Power) {
        for (at, expr) in list.iter().enumerate() {
            self.out.push_str(if at > 0 { word } else { "" });
            self.within(expr, own);
        }
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

const fn operator(op: BinaryOp) -> (&'static str, Power) {
    match op {
        BinaryOp::Add => (" + ", Power::Add),
        BinaryOp::Subtract => (" - ", Power::Add),
        BinaryOp::Multiply => (" * ", Power::Multiply),
        BinaryOp::Divide => (" / ", Power::Multiply),
        BinaryOp::IntegerDivide => (" DIV ", Power::Multiply),
        BinaryOp::Modulo => (" MOD ", Power::Multiply),
        BinaryOp::BitOr => (" | ", Power::BitOr),
        BinaryOp::BitAnd => (" & ", Power::BitAnd),
        BinaryOp::BitXor => (" ^ ", Power::BitXor),
        BinaryOp::ShiftLeft => (" << ", Power::Shift),
        BinaryOp::ShiftRight => (" >> ", Power::Shift),
        BinaryOp::Equal => (" = ", Power::Comparison),
        BinaryOp::NullSafeEqual => (" <=> ", Power::Comparison),
        BinaryOp::NotEqual => (" <> ", Power::Comparison),
        BinaryOp::Less => (" < ", Power::Comparison),
        BinaryOp::LessOrEqual => (" <= ", Power::Comparison),
        BinaryOp::Greater => (" > ", Power::Comparison),
        BinaryOp::GreaterOrEqual => (" >= ", Power::Comparison),
        BinaryOp::Xor => (" xor ", Power::Xor),
        BinaryOp::Regexp => (" regexp ", Power::In),
    }
}

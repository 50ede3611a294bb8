//! The charsets in which the servers keep the constants of a table's expressions, and into which MariaDB converts columns.
//!
//! In: an expression and the columns of its table. Out: the same expression, whose strings have the charset that they come to
//! where they meet others (`agg_item_charsets` and `DTCollation::aggregate` in sql/item.cc; MySQL 8.4 manual, section 12.8.4
//! "Collation Coercibility in Expressions"). The server works that out whenever it opens the table, so a string follows
//! its column from charset to charset; but where it meets nothing any more it stays what it was.
//!
//! A string beyond ASCII stays as it is written: what the server shows of it would be no longer the same string.

mod row;
mod value;

use row::{Meeting, Of, Row, row_of};
pub(super) use value::Kind;
use value::{Strength, Value, is_text};

use super::Places;
use super::typed::{self, Among};
use crate::catalog::column::Context;
use crate::catalog::encoding;
use crate::catalog::error::{CatalogError, Outcome};
use crate::catalog::session::SqlMode;
use crate::catalog::temporal::Rules;
use crate::ident::Ident;
use crate::model::expression::{BinaryOp, CastType, Expr, Literal};
use crate::model::{Charset, Collation, Column, DataType, TableDefinition};
use crate::source::Span;
use crate::target::Target;

/// Brings the constants of defaults, generated columns and functional keys into the charsets of the columns.
///
/// CHECKs are shown as they were written until the table's next ALTER.
pub(in crate::catalog) fn settle(table: &mut TableDefinition, places: Places<'_>, context: Context<'_>) -> Outcome<()> {
    let target = context.target;
    let mixes = if target.is_mariadb() { mixes_charsets(table) } else { mixes_collations(table) };
    let constant = |expression: &Expr| mixes || has_constants(expression);
    if target.is_mysql() && !target.is_mysql_since(80_000) || !crate::catalog::unread::expressions(table).any(constant)
    {
        return Ok(());
    }
    let known = table.clone();
    let mut outcome = Ok(());
    table.column_expressions_mut(&mut |expression| {
        if outcome.is_ok() && constant(expression) {
            outcome = convert(expression, &known, places.table, context).map(|_| ());
        }
    });
    outcome?;
    for check in &mut table.checks {
        let written = check.expression.clone();
        if convert(&mut check.expression, &known, places.table, context)? && target.is_mysql() {
            check.shown = Some(Box::new(written));
        }
    }
    Ok(())
}

/// Brings the constants of an expression into the charsets of the columns, and tells whether any is another one now; error
/// 3854 where a charset lacks their characters.
fn convert(expression: &mut Expr, table: &TableDefinition, span: Span, context: Context<'_>) -> Outcome<bool> {
    let Some(binary) = Charset::named("binary", context.target) else { return Ok(false) };
    let (target, mode) = (context.target, &context.session.sql_mode);
    let mut reader = Reader { table, target, mode, binary, changed: false, refusal: None };
    reader.value(expression);
    match reader.refusal {
        None => Ok(reader.changed),
        Some((number, message)) => Err(CatalogError::new(number, span, message)),
    }
}

/// Whether columns have texts of several charsets, or of one in which numbers are not as they are.
fn mixes_charsets(table: &TableDefinition) -> bool {
    let mut charsets = table.columns.iter().filter_map(|column| column.collation.map(Collation::charset));
    charsets.next().is_some_and(|first| !first.extends_ascii() || charsets.any(|other| other != first))
}

/// Whether columns have texts of several collations.
fn mixes_collations(table: &TableDefinition) -> bool {
    let mut collations = table.columns.iter().filter_map(|column| column.collation);
    collations.next().is_some_and(|first| collations.any(|other| other != first))
}

/// Whether an expression has constants, or what is refused for the charset that it comes to.
fn has_constants(expression: &Expr) -> bool {
    expression.any(&mut |part| match part {
        Expr::Literal(literal) => *literal != Literal::Null,
        Expr::Collate { .. } | Expr::Binary { op: BinaryOp::Regexp, .. } => true,
        Expr::Call { name, .. } => name.starts_with("regexp_"),
        _ => false,
    })
}

struct Reader<'t> {
    table: &'t TableDefinition,
    target: Target,
    mode: &'t SqlMode,
    binary: Charset,
    changed: bool,
    /// The first error: its number and its message.
    refusal: Option<(u16, String)>,
}

impl Reader<'_> {
    /// What an expression comes to, once its own parts have met.
    fn value(&mut self, expression: &mut Expr) -> Value {
        match expression {
            Expr::Column(name) => match self.table.column(name.as_str()) {
                Some((_, column)) => self.column(column),
                None => self.connection(),
            },
            Expr::Literal(literal) => self.literal(literal),
            Expr::Negative(inner) => Value { kind: Kind::Number, ..self.value(inner) },
            Expr::Binary { op, left, right } => {
                if op.is_comparison() {
                    self.compare([&mut **left, &mut **right].into_iter(), Some(Among::One));
                } else if *op == BinaryOp::Regexp && self.target.is_mariadb() {
                    self.meet_all(vec![left, right]);
                } else {
                    let values = [self.value(left), self.value(right)];
                    if *op == BinaryOp::Regexp {
                        self.meet(&mut [], &values, true);
                        self.refuse_bytes(&[left, right], &values);
                    }
                }
                self.number()
            }
            Expr::Between { expr, low, high, .. } => {
                self.compare([&mut **expr, &mut **low, &mut **high].into_iter(), Some(Among::Bounds));
                self.number()
            }
            Expr::Like { expr, pattern, escape, .. } => {
                if self.target.is_mariadb() {
                    self.meet_all([expr, pattern].into_iter().chain(escape).map(|member| &mut **member).collect());
                    return self.number();
                }
                self.compare([&mut **expr, &mut **pattern].into_iter().chain(escape.as_deref_mut()), None);
                self.number()
            }
            Expr::In { expr, list, .. } => {
                let (mut members, mut values): (Vec<&mut Expr>, Vec<Value>) = (vec![expr], Vec::new());
                members.extend(list.iter_mut());
                members.iter_mut().for_each(|member| values.push(self.value(member)));
                self.type_constants(&mut members, Among::Several);
                let is_text = |value: &Value| value.kind == Kind::Text;
                if is_text(&values[0]) && (self.target.is_mysql() || values.iter().all(is_text)) {
                    self.meet(&mut members, &values, true);
                }
                self.number()
            }
            Expr::Case { operand, branches, otherwise } => {
                let (mut whens, mut thens): (Vec<&mut Expr>, Vec<&mut Expr>) = (Vec::new(), Vec::new());
                for (when, then) in branches {
                    whens.push(when);
                    thens.push(then);
                }
                thens.extend(otherwise.as_deref_mut());
                match operand {
                    Some(operand) => self.compare(std::iter::once(&mut **operand).chain(whens), None),
                    None => whens.into_iter().for_each(|when| {
                        self.value(when);
                    }),
                }
                self.text_of(&mut thens)
            }
            Expr::Cast { expr, to, .. } => {
                self.value(expr);
                match to {
                    CastType::Char { charset: Some(charset), .. } => self.named(charset, Strength::Column),
                    CastType::Char { charset: None, .. } => self.unknown(),
                    CastType::Signed | CastType::Unsigned | CastType::Decimal { .. } => self.number(),
                    CastType::Named { name, .. } => match &**name {
                        "date" | "time" | "datetime" => Value { kind: Kind::Moment, ..self.number() },
                        "json" => self.json(),
                        _ => self.number(),
                    },
                }
            }
            Expr::ConvertUsing { expr, charset } => {
                self.value(expr);
                self.named(charset, Strength::Column)
            }
            Expr::Collate { expr, collation } => {
                let value = self.value(expr);
                let named = Collation::named(collation, None, self.target);
                if named.is_some_and(|named| named.charset() != value.charset)
                    && (value.sure && value.strength <= Strength::Column && value.kind != Kind::Json)
                    && self.target.is_mysql()
                {
                    let charset = value.charset.name();
                    let message = format!("collation '{collation}' is not valid for character set '{charset}'");
                    self.refusal.get_or_insert((1253, message));
                }
                let charset = named.map_or(value.charset, Collation::charset);
                Value { charset, collation: named, strength: Strength::Explicit, ..value }
            }
            Expr::Trim { remove, expr, .. } => {
                let values = [self.value(expr), self.value(remove)];
                if self.target.is_mariadb() {
                    return self.meet(&mut [&mut **expr, &mut **remove], &values, false).unwrap_or(values[0]);
                }
                values[0]
            }
            Expr::Call { name, args } if &**name == "nullif" && args.len() == 2 => {
                let met = match row_of(name, self.target) {
                    Some(row) => self.call(row, args),
                    None => self.connection(),
                };
                self.type_constants(&mut args.iter_mut().collect::<Vec<_>>(), Among::One);
                met
            }
            Expr::Call { name, args } if name.starts_with("regexp_") && self.target.is_mysql() => {
                let patterns = if &**name == "regexp_replace" { 3 } else { 2 };
                let values: Vec<Value> = args.iter_mut().take(patterns).map(|arg| self.value(arg)).collect();
                self.refuse_bytes(&args.iter().take(patterns).collect::<Vec<_>>(), &values);
                match row_of(name, self.target) {
                    Some(row) => self.call(row, args),
                    None => self.unknown(),
                }
            }
            Expr::Call { name, args } => match row_of(name, self.target) {
                Some(row) => self.call(row, args),
                None => {
                    args.iter_mut().for_each(|arg| {
                        self.value(arg);
                    });
                    self.unknown()
                }
            },
            other => {
                let truth = matches!(other, Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Is { .. });
                other.children_mut(&mut |child| {
                    self.value(child);
                });
                if truth { self.number() } else { self.unknown() }
            }
        }
    }

    fn call(&mut self, row: &Row, args: &mut [Expr]) -> Value {
        let values: Vec<Value> = args.iter_mut().map(|arg| self.value(arg)).collect();
        let (from, to) = (row.arguments.0.min(args.len()), row.arguments.1.min(args.len()));
        let mut members: Vec<&mut Expr> = args[from..to].iter_mut().step_by(row.step).collect();
        let those: Vec<Value> = values[from..to].iter().step_by(row.step).copied().collect();
        let those = &those[..];
        let all = match row.meeting {
            Meeting::None => None,
            Meeting::All => self.meet(&mut members, those, false),
            Meeting::Compared => self.meet(&mut members, those, true),
            Meeting::ComparedIfText if is_text(those) => self.meet(&mut members, those, true),
            Meeting::IfText if is_text(those) => self.meet(&mut members, those, false),
            Meeting::IfTexts if those.iter().all(Value::is_text) => self.meet(&mut members, those, false),
            Meeting::IfStrings if those.iter().all(|v| v.is_text() || v.kind == Kind::Moment) => {
                self.meet(&mut members, those, false)
            }
            Meeting::IfText | Meeting::IfTexts | Meeting::IfStrings | Meeting::ComparedIfText => Some(self.number()),
            Meeting::Lead(_) if self.target.is_mariadb() => self.meet(&mut members, those, false),
            Meeting::Lead(lead) => {
                let lead = values.get(lead).filter(|lead| lead.kind == Kind::Text && lead.charset != self.binary);
                if let Some(lead) = lead {
                    members.iter_mut().for_each(|member| self.keep(member, lead.charset));
                }
                None
            }
        };
        match row.result {
            Of::All => all.unwrap_or_else(|| self.unknown()),
            Of::Argument(at) => values.get(at).copied().unwrap_or_else(|| self.unknown()),
            Of::Connection => self.unknown(),
            Of::Json => self.json(),
            Of::Bytes => Value { charset: self.binary, collation: None, ..self.connection() },
        }
    }

    /// What alternatives come to.
    fn text_of(&mut self, members: &mut [&mut Expr]) -> Value {
        let values: Vec<Value> = members.iter_mut().map(|member| self.value(member)).collect();
        let met = if is_text(&values) { self.meet(members, &values, false) } else { None };
        met.unwrap_or_else(|| self.number())
    }

    /// Whatever meets is brought into one charset as it is written (MariaDB).
    fn meet_all(&mut self, mut members: Vec<&mut Expr>) {
        let values: Vec<Value> = members.iter_mut().map(|member| self.value(member)).collect();
        self.meet(&mut members, &values, true);
    }

    /// Texts are compared in one charset; whatever else is compared with one is not.
    fn compare<'e>(&mut self, members: impl Iterator<Item = &'e mut Expr>, among: Option<Among>) {
        let mut members: Vec<&mut Expr> = members.collect();
        let values: Vec<Value> = members.iter_mut().map(|member| self.value(member)).collect();
        if let Some(among) = among {
            self.type_constants(&mut members, among);
        }
        if values.iter().all(|value| value.kind == Kind::Text) {
            self.meet(&mut members, &values, true);
        }
    }

    /// What values come to together; constants among them are kept so, and MariaDB converts the others.
    fn meet(&mut self, members: &mut [&mut Expr], values: &[Value], compares: bool) -> Option<Value> {
        let (first, others) = values.split_first()?;
        let all = others.iter().try_fold(*first, |all, value| all.with(*value, self.target));
        let Some(mut all) = all else {
            self.refuse_mix(values);
            return None;
        };
        if compares && all.strength == Strength::Open {
            self.refuse_mix(values);
        }
        if all.strength == Strength::Number {
            all = self.connection();
        }
        all.kind = Kind::Text;
        all.sure = values.iter().all(|value| value.sure);
        if self.target.is_mysql() {
            members.iter_mut().for_each(|member| self.keep(member, all.charset));
        } else if all.sure {
            members.iter_mut().zip(values).for_each(|(member, value)| self.bring(member, *value, all.charset));
        }
        Some(all)
    }

    /// Errors 1267, 1270 and 1271: columns that come to no charset, or are compared and come to no collation.
    fn refuse_mix(&mut self, values: &[Value]) {
        let of_columns: Vec<&Value> = values.iter().filter(|value| value.strength <= Strength::Column).collect();
        let is_sure = of_columns.iter().all(|value| value.sure && value.strength != Strength::Open);
        let pairs = of_columns.iter().enumerate().flat_map(|(at, a)| of_columns[..at].iter().map(move |b| (**b, **a)));
        let target = self.target;
        let apart = |(a, b): &(Value, Value)| a.with(*b, target).is_none_or(|both| both.strength == Strength::Open);
        // What is explicit may decide between the others.
        let decided =
            target.is_mysql() && of_columns.iter().any(|v| v.strength == Strength::Explicit) && values.len() > 2;
        let mut pairs = pairs;
        let Some((a, b)) = pairs.find(apart).filter(|_| is_sure && !decided) else { return };
        let number = match values.len() {
            _ if target.is_mariadb() => 1267,
            2 => 1267,
            3 => 1270,
            _ => 1271,
        };
        let message = format!("illegal mix of collations: {} and {}", a.named(), b.named());
        self.refusal.get_or_insert((number, message));
    }

    /// Error 3995: a regular expression takes bytes and characters together only where the bytes are a BLOB's, bits or a shape.
    fn refuse_bytes(&mut self, members: &[&Expr], values: &[Value]) {
        let is_blob = |name: &Ident| {
            let column = self.table.column(name.as_str()).map(|(_, column)| &column.data_type);
            column.is_none_or(|data_type| !matches!(data_type, DataType::Binary(_) | DataType::Varbinary(_)))
        };
        let of_blob = |member: &Expr, value: &Value| {
            value.charset == self.binary && member.any(&mut |part| matches!(part, Expr::Column(name) if is_blob(name)))
        };
        let is_known =
            values.iter().all(|value| value.sure && value.kind == Kind::Text && value.strength != Strength::Null);
        let bytes = values.iter().filter(|value| value.charset == self.binary).count();
        let blob = members.iter().zip(values).any(|(member, value)| of_blob(member, value));
        if is_known && !blob && bytes > 0 && bytes < values.len() && self.target.is_mysql_since(80_022) {
            let message = "character set 'binary' cannot be used with characters in a regular expression".to_owned();
            self.refusal.get_or_insert((3995, message));
        }
    }

    /// Brings a member into a charset as MariaDB does (`Item_func_or_sum::agg_item_set_converter`): constants are converted,
    /// and shown without an introducer; what is none is wrapped. Bytes are taken for text of a charset of single bytes as they are.
    fn bring(&mut self, member: &mut Expr, value: Value, charset: Charset) {
        let from_bytes = value.charset == self.binary;
        let wide = !charset.extends_ascii();
        let width = if charset.name() == "utf32" { 4 } else { 2 };
        let whole = |member: &Expr| match member {
            Expr::Literal(Literal::Hex { digits, .. }) => wide && digits.len() / 2 % width == 0,
            _ => false,
        };
        let of_bytes = charset == self.binary || from_bytes && (charset.max_length() == 1 || whole(member));
        if value.charset == charset || of_bytes || value.strength == Strength::Null {
            return;
        }
        if value.strength == Strength::Number && !wide {
            return;
        }
        let text: Option<Box<str>> = match &*member {
            Expr::Literal(Literal::String { text, charset: None }) => Some(text.clone()),
            Expr::Literal(Literal::String { text, .. }) if text.is_ascii() => Some(text.clone()),
            Expr::Literal(Literal::Number(digits)) => Some(digits.clone()),
            Expr::Literal(Literal::Hex { digits, .. }) => of_hex(digits, charset).map(Into::into),
            Expr::Literal(_) => None,
            _ if from_bytes => None,
            _ => {
                let expr = Box::new(std::mem::replace(member, Expr::Literal(Literal::Null)));
                *member = Expr::ConvertUsing { expr, charset: charset.printed(self.target).into() };
                self.changed = true;
                return;
            }
        };
        if let Some(text) = text {
            *member = Expr::Literal(Literal::String { charset: None, text });
            self.changed = true;
        }
    }

    /// Keeps a constant in a charset.
    fn keep(&mut self, member: &mut Expr, charset: Charset) {
        let wide = matches!(charset.name(), "ucs2" | "utf16" | "utf16le" | "utf32");
        let converted = match member {
            Expr::Literal(Literal::String { charset: Some(own), .. }) if **own == *charset.name() => return,
            Expr::Literal(literal @ Literal::String { .. }) => match literal.plain() {
                Some(plain) => Literal::ascii(&plain, charset.name()),
                None => match beyond_ascii(literal, charset, self.target) {
                    Some(converted) => converted,
                    None => {
                        self.look(literal, charset);
                        return;
                    }
                },
            },
            Expr::Literal(Literal::Number(digits)) if wide => Literal::ascii(digits, charset.name()),
            Expr::Negative(inner) if wide => match &**inner {
                Expr::Literal(Literal::Number(digits)) => Literal::ascii(&format!("-{digits}"), charset.name()),
                _ => return,
            },
            _ => return,
        };
        *member = Expr::Literal(converted);
        self.changed = true;
    }

    /// Whether a charset has the characters of a constant.
    fn look(&mut self, literal: &Literal, charset: Charset) {
        let Literal::String { charset: Some(from), text } = literal else { return };
        let unicode = from.starts_with("utf8");
        if unicode && charset != self.binary && text.chars().any(|c| !encoding::holds(charset, c)) {
            let message = format!("cannot convert string '{text}' from {from} to {}", charset.name());
            self.refusal.get_or_insert((3854, message));
        }
    }

    /// Constants that are compared with a column take its type.
    fn type_constants(&mut self, members: &mut [&mut Expr], among: Among) {
        // Bounds and lists follow what is compared with them alone.
        let asked = if among != Among::One { 1 } else { members.len() };
        let name = members.iter().take(asked).find_map(|member| match &**member {
            Expr::Column(name) => Some(name.clone()),
            _ => None,
        });
        let Some((_, column)) = name.and_then(|name| self.table.column(name.as_str())) else { return };
        // Texts and numbers in one list are compared each as what it is.
        let any =
            |is: fn(&Literal) -> bool| members.iter().any(|m| matches!(&**m, Expr::Literal(literal) if is(literal)));
        let is_mixed = any(|l| matches!(l, Literal::String { .. })) && any(|l| matches!(l, Literal::Number(_)));
        if self.target.is_mysql() && among == Among::Several && is_mixed {
            return;
        }
        let rules = Rules { mode: self.mode, target: self.target, zone: 0 };
        let is_constant = |member: &Expr| match member {
            Expr::Literal(_) => true,
            Expr::Negative(inner) => matches!(&**inner, Expr::Literal(_)),
            _ => false,
        };
        if self.target.is_mysql() && among == Among::Several && members[1..].iter().all(|m| is_constant(m)) {
            let refusal = members[1..].iter().find_map(|member| typed::listed(member, column, rules).err());
            self.refusal = self.refusal.take().or(refusal);
        }
        for member in members {
            match typed::constant(member, column, among, rules) {
                Ok(changed) => self.changed |= changed,
                Err(refusal) => {
                    self.refusal.get_or_insert(refusal);
                }
            }
        }
    }

    fn column(&self, column: &Column) -> Value {
        match &column.data_type {
            DataType::Integer { .. } | DataType::Decimal { .. } | DataType::Float { .. } | DataType::Year(_) => {
                self.number()
            }
            DataType::Date | DataType::Time(_) | DataType::DateTime(_) | DataType::Timestamp(_) => {
                Value { kind: Kind::Moment, ..self.number() }
            }
            DataType::Json if self.target.is_mysql() => self.json(),
            DataType::Uuid | DataType::Inet4 | DataType::Inet6 => Value { kind: Kind::Address, ..self.number() },
            DataType::Bit(_) => Value {
                kind: Kind::Number,
                charset: self.binary,
                collation: None,
                strength: Strength::Column,
                ascii: false,
                sure: true,
            },
            DataType::Char(_)
            | DataType::Varchar(_)
            | DataType::Text(_)
            | DataType::Enum(_)
            | DataType::Set(_)
            | DataType::Binary(_)
            | DataType::Varbinary(_)
            | DataType::Blob(_)
            | DataType::Geometry(_)
            | DataType::Vector(_)
            | DataType::Json => {
                let charset = column.collation.map_or(self.binary, Collation::charset);
                let ascii = charset.name() == "ascii";
                let collation = column.collation;
                Value { kind: Kind::Text, charset, collation, strength: Strength::Column, ascii, sure: true }
            }
        }
    }

    fn literal(&self, literal: &Literal) -> Value {
        match literal {
            Literal::Null => Value {
                kind: Kind::Text,
                charset: self.binary,
                collation: None,
                strength: Strength::Null,
                ascii: true,
                sure: true,
            },
            Literal::Bool(_) | Literal::Number(_) => self.number(),
            Literal::String { charset, .. } => {
                let ascii = literal.plain().is_some();
                let value = charset.as_deref().map_or_else(|| self.connection(), |c| self.named(c, Strength::Constant));
                Value { ascii, ..value }
            }
            Literal::Hex { .. } => Value {
                kind: Kind::Text,
                charset: self.binary,
                collation: None,
                strength: Strength::Constant,
                ascii: false,
                sure: true,
            },
            Literal::Temporal { .. } => Value { kind: Kind::Moment, ..self.number() },
        }
    }

    fn named(&self, charset: &str, strength: Strength) -> Value {
        let charset = Charset::named(charset, self.target).unwrap_or(self.table.options.collation.charset());
        let collation = Some(charset.default_collation(self.target));
        Value { kind: Kind::Text, charset, collation, strength, ascii: charset.name() == "ascii", sure: true }
    }

    /// While a table is opened, its own charset is the connection's.
    fn connection(&self) -> Value {
        let collation = self.table.options.collation;
        let charset = collation.charset();
        let collation = Some(collation);
        Value { kind: Kind::Text, charset, collation, strength: Strength::Constant, ascii: true, sure: true }
    }

    /// What is taken for the connection's, though nobody knows.
    fn unknown(&self) -> Value {
        Value { sure: false, ..self.connection() }
    }

    fn number(&self) -> Value {
        Value { kind: Kind::Number, strength: Strength::Number, ..self.connection() }
    }

    fn json(&self) -> Value {
        let value = self.named("utf8mb4", Strength::Column);
        Value { kind: Kind::Json, collation: Some(value.charset.binary_collation()), ..value }
    }
}

/// A string beyond ASCII in another charset, where the server shows it in whole: as bytes, or in Unicode.
fn beyond_ascii(literal: &Literal, charset: Charset, target: Target) -> Option<Literal> {
    let Literal::String { charset: Some(own), text } = literal else { return None };
    let named = |text: Box<str>| Literal::String { charset: Some(charset.name().into()), text };
    if charset.name() == "binary" {
        return Some(named(text.clone()));
    }
    let own = Charset::named(own, target).filter(|own| own.name() != "binary" && !own.name().starts_with("utf"))?;
    if !charset.name().starts_with("utf8") || own.name() == "ucs2" {
        return None;
    }
    encoding::decode(own, text.as_bytes()).map(|text| named(text.into()))
}

/// What hexadecimal digits say in a charset.
fn of_hex(digits: &str, charset: Charset) -> Option<String> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes = digits.as_bytes().chunks(2).map(byte).collect::<Option<Vec<u8>>>()?;
    encoding::decode(charset, &bytes)
}

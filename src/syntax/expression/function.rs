//! Functions by name: what each server prints for them (`grammar/functions.tsv`).

use super::Reading;
use super::text;
use crate::model::expression::{CastType, Expr, Literal};
use crate::target::{Target, Vendor};

include!(concat!(env!("OUT_DIR"), "/functions.rs"));

/// One row of `grammar/functions.tsv`: the printed names, and the flags.
struct Row {
    mysql: &'static str,
    mariadb: &'static str,
    mariadb_new: &'static str,
    flags: &'static str,
}

fn row(name: &str) -> Option<&'static Row> {
    let at = ROWS.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    Some(&ROWS[at].1)
}

/// A call as the target prints it. `name` is in lower case.
pub(super) fn call(name: &str, mut args: Vec<Expr>, reading: &Reading<'_>) -> Expr {
    if reading.target.is_mysql() && !reading.in_query {
        strings_for_numbers(name, &mut args, reading);
        match name {
            "coalesce" | "ifnull" | "nullif" | "concat" => reading.together(args.iter_mut()),
            "if" => reading.together(args.iter_mut().skip(1)),
            _ => {}
        }
    }
    let of_arity = || if args.len() == 1 { row(&[name, "/1"].concat()) } else { None };
    let Some(row) = of_arity().or_else(|| row(name)) else {
        return Expr::call(name, args);
    };
    match row.printed(reading.target).split_once('(') {
        None => Expr::call(row.printed(reading.target), args),
        Some((printed, template)) => Expr::call(printed, filled(template.trim_end_matches(')'), args)),
    }
}

/// MySQL makes strings of the constants that some functions search for, pad with or put in
/// (`agg_arg_charsets_for_string_result_with_comparison`).
pub(super) fn strings_for_numbers(name: &str, args: &mut [Expr], reading: &Reading<'_>) {
    let places: &[usize] = match name {
        "lpad" | "rpad" => &[2],
        "replace" => &[1, 2],
        "insert" => &[3],
        "locate" => &[0],
        "instr" => &[1],
        _ => return,
    };
    for place in places {
        let Some(arg) = args.get_mut(*place) else { continue };
        let text: Option<Box<str>> = match &*arg {
            Expr::Literal(Literal::Number(digits)) => Some(digits.clone()),
            Expr::Literal(Literal::Bool(value)) => Some(if *value { "1" } else { "0" }.into()),
            Expr::Negative(inner) => match &**inner {
                Expr::Literal(Literal::Number(digits)) => Some(format!("-{digits}").into()),
                _ => None,
            },
            _ => None,
        };
        if let Some(text) = text {
            *arg = Expr::Literal(Literal::String { charset: Some(reading.charset.into()), text });
        }
    }
}

impl Row {
    fn printed(&self, target: Target) -> &'static str {
        match target.vendor() {
            Vendor::MySql => self.mysql,
            Vendor::MariaDb if target.is_mariadb_since(110_800) => self.mariadb_new,
            Vendor::MariaDb => self.mariadb,
        }
    }
}

/// The arguments that a template of the table asks for.
fn filled(template: &str, args: Vec<Expr>) -> Vec<Expr> {
    let mut given: Vec<Option<Expr>> = args.into_iter().map(Some).collect();
    let mut list = Vec::new();
    for part in template.split(',') {
        if let Some(index) = part.strip_prefix('$') {
            let slot = index.parse::<usize>().ok().and_then(|at| given.get_mut(at.wrapping_sub(1)));
            list.extend(slot.and_then(Option::take));
        } else if part.starts_with('\'') {
            list.push(Expr::Literal(Literal::String { charset: None, text: text::unescaped(part, false) }));
        } else {
            list.push(Expr::number(part));
        }
    }
    list.extend(given.into_iter().flatten());
    list
}

/// What is known of a function besides how it is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// It looks at a group of rows, or at a window.
    pub aggregate: bool,
    /// MySQL takes its result for a truth value.
    pub truth: bool,
    /// MySQL refuses it in generated columns, CHECKs and keys.
    pub refused_by_mysql: bool,
    /// MySQL takes it in DEFAULT even so.
    pub mysql_default: bool,
    /// MariaDB refuses it in each definition.
    pub impossible_on_mariadb: bool,
    /// MariaDB refuses it where a value must be the same each time.
    pub changing_on_mariadb: bool,
    /// Replicas may come to another value: MySQL adds no column with such a default.
    pub differs_on_replicas: bool,
    /// MySQL takes a vector among its arguments.
    pub takes_vectors: bool,
    /// MySQL takes no shape among its arguments.
    pub takes_no_shapes: bool,
    /// A partitioning may use it.
    pub partitioning: bool,
    /// It turns a DATE or DATETIME into a number.
    pub of_dates: bool,
    /// It turns a TIME or DATETIME into a number.
    pub of_times: bool,
}

/// What is known of the function of that name, in lower case.
pub fn facts(name: &str) -> Facts {
    let row = row(name).or_else(|| row(&[name, "/1"].concat()));
    let flags = row.map_or("", |row| row.flags);
    let has = |flag| flags.contains(flag);
    Facts {
        aggregate: has('g'),
        truth: has('t'),
        refused_by_mysql: has('m'),
        mysql_default: has('d'),
        impossible_on_mariadb: has('i'),
        changing_on_mariadb: has('c'),
        differs_on_replicas: has('r'),
        takes_vectors: has('v') || name.starts_with("st_") || name.starts_with("mbr"),
        takes_no_shapes: has('n'),
        partitioning: has('h'),
        of_dates: has('D'),
        of_times: has('T'),
    }
}

/// Whether replicas may come to other values of an expression (MySQL 8.4 manual, section 13.6 "Data Type Default Values").
pub fn differs_on_replicas(expr: &Expr) -> bool {
    expr.any(&mut |part| matches!(part, Expr::Call { name, .. } if facts(name).differs_on_replicas))
}

/// Whether the server itself has a function of that name, in lower case; all others are stored or loadable ones
/// (`grammar/natives.tsv`, and every name of `grammar/functions.tsv`).
pub fn is_native(name: &str, target: Target) -> bool {
    match native(name) {
        Some([mysql, ..]) if target.is_mysql() => match *mysql {
            "x" => true,
            "8.0" => !target.is_mysql_since(80_000),
            "9.7" => !target.is_mysql_since(90_700),
            _ => false,
        },
        Some([_, "11.0+", ..]) => target.is_mariadb_since(110_000),
        Some([_, mariadb, ..]) => *mariadb == "x",
        // A printed name that no server reads back by itself.
        None => ROWS.iter().any(|(_, row)| row.printed(target).split('(').next() == Some(name)),
    }
}

/// Whether any server has a function of that name, in lower case.
pub fn is_native_anywhere(name: &str) -> bool {
    native(name).is_some()
}

/// A row of `grammar/natives.tsv` without its name.
fn native(name: &str) -> Option<&'static [&'static str; 5]> {
    let at = NATIVES.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    Some(&NATIVES[at].1)
}

/// The number with which the target's parser refuses a call with so many arguments.
pub(super) fn refuses_arguments(name: &str, count: usize, target: Target) -> Option<u16> {
    if !is_native(name, target) {
        return None;
    }
    let [_, _, mysql, mariadb, _] = native(name)?;
    let verdicts = if target.is_mysql() { mysql } else { mariadb };
    match verdicts.as_bytes().get(count.min(verdicts.len() - 1)) {
        Some(b'c') => Some(1582),
        Some(b's') => Some(1064),
        _ => None,
    }
}

/// The letters of what MariaDB's function takes for each argument; what has no letter may be anything.
pub fn argument_types(name: &str) -> &'static str {
    native(name).map_or("", |[.., types]| types)
}

/// Whether MySQL takes the function's result for a truth value.
pub(super) fn is_truth(name: &str) -> bool {
    row(name).is_some_and(|row| row.flags.contains('t'))
}

/// Whether MariaDB's DEFAULT clause puts parentheses around the expression: `DEFAULT (1 + 1)` but
/// `DEFAULT concat('a','b')`. MySQL puts them around each.
pub fn needs_parentheses_in_default(expr: &Expr) -> bool {
    match expr {
        Expr::Binary { .. } | Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Negative(_) | Expr::BitNot(_) => true,
        Expr::Is { .. } | Expr::Between { .. } | Expr::In { .. } | Expr::Like { .. } => true,
        Expr::DateArithmetic { .. } | Expr::Case { .. } | Expr::Collate { .. } | Expr::Match { .. } => true,
        Expr::Cast { to, .. } => !is_temporal(to),
        Expr::Call { name, args } => match (&**name, args.last()) {
            ("column_get", Some(Expr::Typed { to, .. })) => !is_temporal(to),
            _ => row(name).is_some_and(|row| row.flags.contains('p')),
        },
        Expr::Column(_) | Expr::Literal(_) | Expr::Row(_) | Expr::Trim { .. } | Expr::Extract { .. } => false,
        Expr::TimestampDiff { .. } | Expr::GetFormat { .. } | Expr::WeightString { .. } | Expr::Char { .. } => false,
        Expr::Typed { .. } | Expr::ConvertUsing { .. } | Expr::JsonValue { .. } | Expr::AtTimeZone { .. } => false,
        Expr::MemberOf { .. } | Expr::DefaultOf(_) | Expr::ValuesOf(_) | Expr::Sequence { .. } => false,
        Expr::Variable(_) | Expr::Assignment { .. } => false,
        Expr::Windowed { .. } => false,
        Expr::Field(_) | Expr::Aggregate { .. } | Expr::Subquery(_) | Expr::Exists(_) => false,
        Expr::InQuery { .. } | Expr::Quantified { .. } => true,
        Expr::Tokens(_) => true,
    }
}

fn is_temporal(to: &CastType) -> bool {
    match to {
        CastType::Named { name, .. } => !matches!(&**name, "double" | "float"),
        CastType::Char { .. } | CastType::Signed | CastType::Unsigned | CastType::Decimal { .. } => false,
    }
}

//! MySQL's rules.

use super::{
    CheckDraft, Places, called, check_collations, check_known, foreign_call, functional, invalid_group, shape, vector,
    walk,
};
use crate::catalog::error::{CatalogError, Outcome};
use crate::ident::Ident;
use crate::model::expression::{BinaryOp, CastType, Literal};
use crate::model::{Column, DefaultValue, Expr, ForeignKey, IndexKind, KeyColumn, KeyPart, ReferentialAction, Table};
use crate::source::Span;
use crate::syntax::expression::facts;
use crate::target::Target;

/// The error numbers of one place for one kind of mistake each.
struct Rules {
    /// What the place is, for messages.
    what: String,
    function: u16,
    variable: u16,
    row: u16,
    auto_increment: u16,
    /// A query, or a function that stands for one.
    forbidden: u16,
    /// Whether it is DEFAULT, which takes what changes from row to row.
    default: bool,
}

pub(super) fn check_table(table: &Table, places: Places<'_>, target: Target) -> Outcome<()> {
    for (at, column) in table.columns.iter().enumerate() {
        let span = places.expression_of(&column.name);
        if let Some(generated) = &column.generated {
            check_generated(table, at, column, &generated.expression, target, span)?;
        } else if let Some(DefaultValue::Expression(expr)) = &column.default {
            check_default(table, at, column, expr, target, span)?;
        }
    }
    for index in &table.indexes {
        let array = |part: &&KeyPart| matches!(&part.column, KeyColumn::Expression(Expr::Cast { array: true, .. }));
        if index.parts.iter().filter(array).count() > 1 {
            let message = "more than one multi-valued key part per index";
            return Err(CatalogError::new(1235, places.table, message));
        }
        for part in &index.parts {
            if let KeyColumn::Expression(expr) = &part.column {
                check_key_part(expr, table, index.kind, target, places.table)?;
                if !places.kept_keys.contains(&index.name) {
                    functional::check(expr, table, target, places.table)?;
                }
            }
        }
    }
    for check in &table.checks {
        check_actions(&check.expression, &check.name, &table.foreign_keys, places.table)?;
    }
    Ok(())
}

fn check_generated(table: &Table, at: usize, column: &Column, expr: &Expr, target: Target, span: Span) -> Outcome<()> {
    check_known(expr, table, "generated column function", span)?;
    let what = format!("expression of generated column '{}'", column.name);
    check(
        expr,
        table,
        &Rules {
            what,
            function: 3763,
            variable: 3772,
            row: 3764,
            auto_increment: 3109,
            forbidden: 3102,
            default: false,
        },
        target,
        span,
    )?;
    vector::check(expr, table, span)?;
    let computed = |c: &Column| c.generated.is_some() || c.default_expression().is_some();
    if let Some(later) = forward(expr, table, at, computed) {
        return Err(CatalogError::new(
            3107,
            span,
            format!("generated column can refer only to generated columns defined prior to it, not to '{later}'"),
        ));
    }
    let primary = table.primary_key().is_some_and(|key| key.columns().any(|c| *c == column.name));
    if primary && column.generated.as_ref().is_some_and(|g| !g.stored) {
        return Err(CatalogError::new(3106, span, "a virtual generated column cannot be a primary key"));
    }
    Ok(())
}

fn check_default(table: &Table, at: usize, column: &Column, expr: &Expr, target: Target, span: Span) -> Outcome<()> {
    check_known(expr, table, "default value expression", span)?;
    let what = format!("default value expression of column '{}'", column.name);
    check(
        expr,
        table,
        &Rules {
            what,
            function: 3770,
            variable: 3772,
            row: 3771,
            auto_increment: 3768,
            forbidden: 3769,
            default: true,
        },
        target,
        span,
    )?;
    vector::check(expr, table, span)?;
    let computed = |c: &Column| c.generated.is_some() || c.default_expression().is_some();
    match forward(expr, table, at, computed) {
        Some(later) => Err(CatalogError::new(
            3767,
            span,
            format!("default value expression of column '{}' cannot refer to '{later}', defined after it", column.name),
        )),
        None => Ok(()),
    }
}

/// The first column from `at` on that the expression mentions and that is computed.
fn forward(expr: &Expr, table: &Table, at: usize, computed: impl Fn(&Column) -> bool) -> Option<Ident> {
    let mut found = None;
    expr.columns(&mut |name| {
        if let Some((place, column)) = table.column(name.as_str())
            && place >= at
            && computed(column)
        {
            found.get_or_insert_with(|| name.clone());
        }
    });
    found
}

pub(super) fn check_constraint(table: &Table, draft: &CheckDraft, target: Target) -> Outcome<()> {
    let (check_, span) = (&draft.check, draft.condition);
    let expr = &check_.expression;
    let what = format!("expression of check constraint '{}'", check_.name);
    // It is asked for first.
    if !may_be_truth(expr) {
        return Err(no_truth(&check_.name, span));
    }
    check(
        expr,
        table,
        &Rules {
            what,
            function: 3814,
            variable: 3816,
            row: 3815,
            auto_increment: 3818,
            forbidden: 3815,
            default: false,
        },
        target,
        span,
    )?;
    vector::check(expr, table, span)
}

fn no_truth(check: &Ident, span: Span) -> CatalogError {
    CatalogError::new(
        3812,
        span,
        format!("an expression of non-boolean type specified to a check constraint '{check}'"),
    )
}

/// Error 3823: a CHECK over a column that a foreign key's action may change.
fn check_actions(expr: &Expr, name: &Ident, keys: &[ForeignKey], span: Span) -> Outcome<()> {
    let changes = |key: &ForeignKey| {
        matches!(key.on_delete, ReferentialAction::SetNull | ReferentialAction::SetDefault)
            || matches!(
                key.on_update,
                ReferentialAction::Cascade | ReferentialAction::SetNull | ReferentialAction::SetDefault
            )
    };
    let mut found = None;
    expr.columns(&mut |column| {
        if keys.iter().any(|key| changes(key) && key.columns.iter().any(|c| c.is(column.as_str()))) {
            found.get_or_insert_with(|| column.clone());
        }
    });
    match found {
        Some(column) => {
            let message = format!(
                "column '{column}' cannot be used in check constraint '{name}': needed in a foreign key constraint's referential action"
            );
            Err(CatalogError::new(3823, span, message))
        }
        None => Ok(()),
    }
}

/// Checks an expression as a part of a key.
fn check_key_part(expr: &Expr, table: &Table, kind: IndexKind, target: Target, span: Span) -> Outcome<()> {
    let refuse = |number, message: &str| Err(CatalogError::new(number, span, message));
    match kind {
        IndexKind::Primary => return refuse(3756, "the primary key cannot be a functional index"),
        _ if matches!(expr, Expr::Column(name) if table.column(name.as_str()).is_some()) => {
            return refuse(
                3762,
                "functional index on a column is not supported; consider using a regular index instead",
            );
        }
        IndexKind::Fulltext => return refuse(3759, "fulltext functional index is not supported"),
        IndexKind::Spatial => return refuse(3760, "spatial functional index is not supported"),
        IndexKind::Unique | IndexKind::Plain | IndexKind::Vector => {}
    }
    check_known(expr, table, "functional index", span)?;
    let what = "expression of functional index".to_owned();
    check(
        expr,
        table,
        &Rules {
            what,
            function: 3758,
            variable: 3772,
            row: 3800,
            auto_increment: 3754,
            forbidden: 3758,
            default: false,
        },
        target,
        span,
    )?;
    if matches!(expr, Expr::Column(_)) {
        return refuse(3762, "functional index on a column is not supported; consider using a regular index instead");
    }
    check_array(expr, span)?;
    vector::check_key(expr, table, span)
}

/// Error 1235: what a multi-valued key cannot be over (MySQL 8.4 manual, section 15.1.15 "CREATE INDEX Statement",
/// "Limitations and Restrictions on Multi-valued Indexes").
fn check_array(expr: &Expr, span: Span) -> Outcome<()> {
    /// As many characters as a key part of 512 bytes that is no BLOB has.
    const MOST: u32 = 512;
    let refuse = |what: &str| Err(CatalogError::new(1235, span, format!("MySQL doesn't yet support '{what}'")));
    let Expr::Cast { expr, to, array: true } = expr else { return check_no_array(expr, span) };
    check_no_array(expr, span)?;
    match to {
        CastType::Char { length: None, .. } => refuse("CAST-ing data to array of char/binary BLOBs"),
        CastType::Char { length: Some(length), .. } if *length > MOST => {
            refuse("CAST-ing data to array of char/binary BLOBs")
        }
        CastType::Named { name, .. } if !matches!(&**name, "binary" | "date" | "time" | "datetime") => {
            refuse(&format!("CAST-ing data to array of {}", name.to_ascii_uppercase()))
        }
        CastType::Named { .. }
        | CastType::Char { .. }
        | CastType::Signed
        | CastType::Unsigned
        | CastType::Decimal { .. } => Ok(()),
    }
}

/// Error 1235: CAST to an array is a functional key's own, and its outermost part.
fn check_no_array(expr: &Expr, span: Span) -> Outcome<()> {
    walk(expr, &mut |node| match node {
        Expr::Cast { array: true, .. } => {
            let message = "CAST( .. AS .. ARRAY) has no place outside of a functional index";
            Err(CatalogError::new(1235, span, message))
        }
        _ => Ok(()),
    })
}

fn check(expr: &Expr, table: &Table, rules: &Rules, target: Target, span: Span) -> Outcome<()> {
    let refuse = |number, why: &str| Err(CatalogError::new(number, span, format!("{} {why}", rules.what)));
    if matches!(expr, Expr::Row(_)) {
        return refuse(rules.row, "cannot refer to a row value");
    }
    check_collations(expr, table, target, span)?;
    check_calls(expr, table, rules, target, span)?;
    shape::check(expr, table, target, span)
}

/// What an expression of that place may not call or name.
fn check_calls(expr: &Expr, table: &Table, rules: &Rules, target: Target, span: Span) -> Outcome<()> {
    let refuse = |number, why: &str| Err(CatalogError::new(number, span, format!("{} {why}", rules.what)));
    walk(expr, &mut |node| {
        if let Some(name) = foreign_call(node, target) {
            return refuse(rules.function, &format!("contains a disallowed function: {name}"));
        }
        for (name, facts) in called(node) {
            if name == "over" {
                return Err(CatalogError::new(3593, span, "a window function has no place here"));
            }
            if facts.aggregate && !called(node).iter().any(|(name, _)| name == "over") {
                return Err(invalid_group(span));
            }
            if facts.refused_by_mysql && !(rules.default && facts.mysql_default) {
                return refuse(rules.function, &format!("contains a disallowed function: {name}"));
            }
        }
        match node {
            Expr::Call { name, .. } if &**name == "unix_timestamp" && !rules.default => {
                refuse(rules.function, "contains a disallowed function: unix_timestamp")
            }
            Expr::Tokens(text) if text.split(' ').any(|word| word.eq_ignore_ascii_case("select")) => {
                Err(CatalogError::new(rules.forbidden, span, "the expression contains a subquery"))
            }
            Expr::Call { name, .. } if &**name == "name_const" => {
                Err(CatalogError::new(rules.forbidden, span, "the expression contains a disallowed function"))
            }
            Expr::ValuesOf(_) => refuse(rules.function, "contains a disallowed function: values"),
            Expr::Match { .. } => refuse(rules.function, "contains a disallowed function: match"),
            Expr::Variable(_) | Expr::Assignment { .. } => {
                refuse(rules.variable, "cannot refer to a user or system variable")
            }
            Expr::Column(name) => match table.column(name.as_str()) {
                Some((_, column)) if column.auto_increment => {
                    refuse(rules.auto_increment, &format!("cannot refer to the auto-increment column '{name}'"))
                }
                Some(_) | None => Ok(()),
            },
            Expr::DefaultOf(name) => match table.column(name.as_str()) {
                Some((_, column)) if matches!(column.default, Some(DefaultValue::Expression(_))) => {
                    Err(CatalogError::new(3773, span, "DEFAULT function cannot be used with default value expressions"))
                }
                Some((_, column)) if column.generated.is_some() || column.default.is_none() && !column.nullable => {
                    Err(CatalogError::new(1364, span, format!("field '{name}' doesn't have a default value")))
                }
                Some(_) | None => Ok(()),
            },
            _ => Ok(()),
        }
    })
}

/// Whether an expression may give a truth value (`Item::is_bool_func`).
fn may_be_truth(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(literal) => matches!(literal, Literal::Bool(_)),
        Expr::Binary { op, .. } => op.is_comparison() || matches!(op, BinaryOp::Xor | BinaryOp::Regexp),
        Expr::Call { name, .. } => facts(name).truth,
        Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Is { .. } | Expr::Between { .. } => true,
        Expr::In { .. } | Expr::Like { .. } | Expr::MemberOf { .. } => true,
        Expr::Exists(_) | Expr::InQuery { .. } | Expr::Quantified { .. } => true,
        Expr::Tokens(text) => !text.starts_with("select ") && !text.starts_with("SELECT "),
        Expr::Column(_) | Expr::Field(_) | Expr::Negative(_) | Expr::BitNot(_) | Expr::DateArithmetic { .. } => false,
        Expr::Cast { .. } | Expr::Case { .. } | Expr::AtTimeZone { .. } | Expr::ConvertUsing { .. } => false,
        Expr::Collate { .. } | Expr::Char { .. } | Expr::Typed { .. } | Expr::Row(_) | Expr::Trim { .. } => false,
        Expr::Extract { .. } | Expr::TimestampDiff { .. } | Expr::GetFormat { .. } | Expr::WeightString { .. } => false,
        Expr::JsonValue { .. } | Expr::DefaultOf(_) | Expr::ValuesOf(_) | Expr::Match { .. } => false,
        Expr::Sequence { .. } | Expr::Variable(_) | Expr::Assignment { .. } | Expr::Aggregate { .. } => false,
        Expr::Windowed { .. } | Expr::Subquery(_) => false,
    }
}

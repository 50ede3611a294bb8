//! MariaDB's rules.

use super::{Places, called, check_collations, check_known, foreign_call, operand, sql_mode, walk};
use crate::catalog::column::Context;
use crate::catalog::default;
use crate::catalog::encoding;
use crate::catalog::error::{CatalogError, Outcome};
use crate::ident::Ident;
use crate::model::expression::Literal;
use crate::model::{Column, DefaultValue, Expr, ForeignKey, ReferentialAction, Table};
use crate::source::Span;
use crate::target::Target;

/// What a place asks of an expression (`check_expression`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Demand {
    /// Nothing but that it can be evaluated: DEFAULT.
    Default,
    /// The same: a virtual column that no key holds.
    Virtual,
    /// The same value each time: an indexed column.
    Indexed,
    /// The same value, which no foreign key changes either: a stored column, a CHECK.
    Stored,
}

impl Demand {
    fn is_deterministic(self) -> bool {
        matches!(self, Self::Indexed | Self::Stored)
    }
}

pub(super) fn check_settled(table: &Table, places: Places<'_>) -> Outcome<()> {
    for column in &table.columns {
        let Some(generated) = &column.generated else { continue };
        if generated.stored || table.indexes.iter().any(|i| i.columns().any(|c| *c == column.name)) {
            sql_mode::check(&generated.expression, column, table, places.expression_of(&column.name))?;
        }
    }
    Ok(())
}

pub(super) fn check_table(table: &Table, places: Places<'_>, context: Context<'_>) -> Outcome<()> {
    let target = context.target;
    for (at, column) in table.columns.iter().enumerate() {
        let span = places.expression_of(&column.name);
        if let Some(generated) = &column.generated {
            let indexed = table.indexes.iter().any(|i| i.columns().any(|c| *c == column.name));
            let demand = match (generated.stored, indexed) {
                (true, _) => Demand::Stored,
                (false, true) => Demand::Indexed,
                (false, false) => Demand::Virtual,
            };
            check_known(&generated.expression, table, "GENERATED ALWAYS AS", span)?;
            check(&generated.expression, table, demand, "GENERATED ALWAYS AS", target, span)?;
            if demand != Demand::Virtual {
                sql_mode::check(&generated.expression, column, table, span)?;
            }
            check_order(table, at, column, &generated.expression, span)?;
        } else if let Some(DefaultValue::Expression(expr)) = &column.default {
            check_known(expr, table, "DEFAULT", span)?;
            check(expr, table, Demand::Default, "DEFAULT", target, span)?;
            default::check_constant(expr, column, span, context)?;
            check_order(table, at, column, expr, span)?;
        }
        if let Some(expr) = &column.check {
            check_known(expr, table, "CHECK", span)?;
            check(expr, table, Demand::Stored, "CHECK", target, span)?;
        }
    }
    // A foreign key that comes may change what a CHECK looks at.
    if !table.foreign_keys.is_empty() {
        for constraint in &table.checks {
            check(&constraint.expression, table, Demand::Stored, "CHECK", target, places.table)?;
        }
    }
    for column in &table.columns {
        let span = places.expression_of(&column.name);
        let default = match &column.default {
            Some(DefaultValue::Expression(expr)) => Some(expr),
            // That of a TEXT or BLOB is kept as an expression, too.
            Some(DefaultValue::Literal(text)) if column.data_type.is_blob() => {
                check_text(text, table, span)?;
                None
            }
            _ => None,
        };
        let generated = column.generated.as_ref().map(|generated| &generated.expression);
        for expr in [default, generated, column.check.as_ref()].into_iter().flatten() {
            check_storable(expr, table, span)?;
        }
    }
    for constraint in &table.checks {
        check_storable(&constraint.expression, table, places.table)?;
    }
    operand::check(table, places, target)
}

/// Error 1918: expressions are stored in the table's charset, whatever their columns have, and so are their strings without a
/// charset of their own (measured on 10.11 and 11.8).
fn check_storable(expr: &Expr, table: &Table, span: Span) -> Outcome<()> {
    walk(expr, &mut |node| match node {
        Expr::Literal(Literal::String { charset: None, text }) => check_text(text, table, span),
        _ => Ok(()),
    })
}

fn check_text(text: &str, table: &Table, span: Span) -> Outcome<()> {
    let charset = table.options.collation.charset();
    if text.is_ascii()
        || charset.name() == "binary"
        || text.chars().all(|character| encoding::holds(charset, character))
    {
        return Ok(());
    }
    let message = format!("encountered illegal value '{text}' when converting to {}", charset.name());
    Err(CatalogError::new(1918, span, message))
}

pub(super) fn check_constraint(table: &Table, expr: &Expr, context: Context<'_>, span: Span) -> Outcome<()> {
    check(expr, table, Demand::Stored, "CHECK", context.target, span)
}

fn check(expr: &Expr, table: &Table, demand: Demand, clause: &str, target: Target, span: Span) -> Outcome<()> {
    check_collations(expr, table, target, span)?;
    walk(expr, &mut |node| match foreign_call(node, target) {
        Some(name) => Err(CatalogError::new(
            1901,
            span,
            format!("function or expression '{name}()' cannot be used in the {clause} clause"),
        )),
        None => Ok(()),
    })?;
    walk(expr, &mut |node| match node {
        Expr::Call { name, args }
            if matches!(&**name, "aes_decrypt" | "aes_encrypt")
                && args.len() < 4
                && demand.is_deterministic()
                && target.has_block_encryption_modes() =>
        {
            let message = format!("function or expression '{name}()' cannot be used in the {clause} clause");
            Err(CatalogError::new(1901, span, message))
        }
        _ => Ok(()),
    })?;
    check_within(expr, table, demand, clause, span, table.columns.len())
}

/// Whether a foreign key's action may change the column behind the server's back (MDEV-31942).
fn is_changed_by_action(name: &Ident, table: &Table) -> bool {
    let changes = |key: &ForeignKey| {
        matches!(key.on_delete, ReferentialAction::SetNull | ReferentialAction::SetDefault)
            || matches!(
                key.on_update,
                ReferentialAction::Cascade | ReferentialAction::SetNull | ReferentialAction::SetDefault
            )
    };
    table.foreign_keys.iter().any(|key| changes(key) && key.columns.iter().any(|c| c.is(name.as_str())))
}

/// Checks an expression, and the generated columns before `depth` that it mentions.
fn check_within(expr: &Expr, table: &Table, demand: Demand, clause: &str, span: Span, depth: usize) -> Outcome<()> {
    if matches!(expr, Expr::Row(_)) {
        return Err(CatalogError::new(1241, span, "operand should contain 1 column(s)"));
    }
    let refuse = |what: &str| {
        Err(CatalogError::new(
            1901,
            span,
            format!("function or expression '{what}' cannot be used in the {clause} clause"),
        ))
    };
    walk(expr, &mut |node| {
        for (name, facts) in called(node) {
            if facts.aggregate || facts.impossible_on_mariadb || facts.changing_on_mariadb && demand.is_deterministic()
            {
                return refuse(&format!("{name}()"));
            }
        }
        match node {
            Expr::Tokens(text) if text.split(' ').any(|word| word.eq_ignore_ascii_case("select")) => {
                let number = if clause == "CHECK" { 1970 } else { 1901 };
                Err(CatalogError::new(number, span, format!("{clause} takes no subqueries")))
            }
            Expr::ValuesOf(_) => refuse("value()"),
            Expr::Match { .. } => refuse("match ... against()"),
            Expr::Assignment { variable: name, .. } | Expr::Variable(name) if demand.is_deterministic() => refuse(name),
            Expr::Call { name, args }
                if &**name == "unix_timestamp" && args.is_empty() && demand.is_deterministic() =>
            {
                refuse("unix_timestamp()")
            }
            // The session's locale and default_week_format decide.
            Expr::Call { name, args }
                if demand.is_deterministic() && matches!((&**name, args.len()), ("date_format", 2) | ("week", 1)) =>
            {
                refuse(name)
            }
            Expr::Column(name) if demand != Demand::Virtual => match table.column(name.as_str()) {
                Some((_, column)) if column.auto_increment => refuse("AUTO_INCREMENT"),
                Some((at, column)) if depth > at && demand.is_deterministic() && column.generated.is_some() => column
                    .generated
                    .as_ref()
                    .map_or(Ok(()), |inner| check_within(&inner.expression, table, demand, clause, span, at)),
                Some(_) if demand == Demand::Stored && is_changed_by_action(name, table) => refuse(name.as_str()),
                Some(_) | None => Ok(()),
            },
            _ => Ok(()),
        }
    })
}

/// Error 4029: a column that is computed later than this one.
fn check_order(table: &Table, at: usize, column: &Column, expr: &Expr, span: Span) -> Outcome<()> {
    let mut found = None;
    expr.columns(&mut |name| {
        if let Some((place, other)) = table.column(name.as_str())
            && is_computed(other)
        {
            let (here, there) = (column.generated.is_some(), other.generated.is_some());
            if place == at || !here && there || here == there && place >= at {
                found.get_or_insert_with(|| name.clone());
            }
        }
    });
    match found {
        Some(name) => Err(CatalogError::new(
            4029,
            span,
            format!("expression for field '{}' is referring to uninitialized field '{name}'", column.name),
        )),
        None => Ok(()),
    }
}

/// Whether a column's value depends on other columns or on the moment.
fn is_computed(column: &Column) -> bool {
    match (&column.generated, &column.default) {
        (Some(_), _) => true,
        (None, Some(DefaultValue::Expression(expr))) => {
            let mut mentions = false;
            expr.columns(&mut |_| mentions = true);
            mentions
        }
        (None, _) => false,
    }
}

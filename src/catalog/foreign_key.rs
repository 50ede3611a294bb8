//! Foreign keys and CHECKs: names, the key that a foreign key brings, and what their servers check.

use super::column::{Context, MAX_NAME, check_name};
use super::error::{CatalogError, Outcome};
use super::expression;
use super::index::IndexDraft;
use crate::ident::Ident;
use crate::model::{Check, ForeignKey, IndexKind, ReferentialAction, Table};
use crate::source::Span;
use crate::syntax::ddl::{CheckDefinition, ForeignKeyDefinition, Name, ReferenceClause};
use crate::target::Target;

/// A foreign key on its way into a table.
pub(crate) struct ForeignKeyDraft {
    pub(crate) key: ForeignKey,
    pub(crate) span: Span,
}

/// A CHECK on its way into a table.
pub(crate) struct CheckDraft {
    pub(crate) check: Check,
    /// The column whose definition it stood in.
    pub(crate) column: Option<Ident>,
    pub(crate) span: Span,
    /// Where its condition stands.
    pub(crate) condition: Span,
}

/// Makes a foreign key of its definition, and the key that it asks for.
pub(crate) fn build(
    written: &ForeignKeyDefinition<'_>,
    context: Context<'_>,
) -> Outcome<(ForeignKeyDraft, IndexDraft)> {
    let columns: Vec<Ident> = written.columns.iter().map(|c| Ident::new(c.text.as_ref())).collect();
    // MariaDB names the constraint by the key's name where it has none of its own.
    let fallback = written.index_name.as_ref().filter(|_| context.target.is_mariadb());
    let name = written.constraint.as_ref().or(fallback);
    let draft = draft(&written.references, name, columns, written.span)?;
    let mut index = IndexDraft::over(IndexKind::Plain, &draft.key.columns, written.span);
    index.index.generated = true;
    if let Some(name) = written.constraint.as_ref().or(written.index_name.as_ref()) {
        index.index.name = Ident::new(name.text.as_ref());
        index.named = true;
    }
    Ok((draft, index))
}

/// Makes a foreign key of a column's own REFERENCES, and the key that it asks for.
pub(crate) fn of_column(
    written: &ReferenceClause<'_>,
    column: &Ident,
    span: Span,
) -> Outcome<(ForeignKeyDraft, IndexDraft)> {
    let draft = draft(written, written.constraint.as_ref(), vec![column.clone()], span)?;
    let mut index = IndexDraft::over(IndexKind::Plain, &draft.key.columns, span);
    index.index.generated = true;
    if let Some(name) = &written.constraint {
        index.index.name = Ident::new(name.text.as_ref());
        index.named = true;
    }
    Ok((draft, index))
}

fn draft(
    written: &ReferenceClause<'_>,
    name: Option<&Name<'_>>,
    columns: Vec<Ident>,
    span: Span,
) -> Outcome<ForeignKeyDraft> {
    let (name, generated_name) = match name {
        Some(name) => (check_name(name, 1280, "foreign key")?, false),
        None => (Ident::new(""), true),
    };
    let referenced_columns: Vec<Ident> = written.columns.iter().map(|c| Ident::new(c.text.as_ref())).collect();
    if !referenced_columns.is_empty() && referenced_columns.len() != columns.len() {
        let message =
            format!("incorrect foreign key definition for '{name}': key reference and table reference don't match");
        let span = written.columns.first().map_or(span, |c| c.span);
        return Err(CatalogError::new(1239, span, message));
    }
    let key = ForeignKey {
        name,
        generated_name,
        columns,
        referenced_database: written.table.database.as_ref().map(|d| Ident::new(d.text.as_ref())),
        referenced_table: Ident::new(written.table.name.text.as_ref()),
        referenced_columns,
        on_delete: written.on_delete,
        on_update: written.on_update,
    };
    Ok(ForeignKeyDraft { key, span })
}

/// Puts foreign keys into the table: names them, resolves their columns, sorts them by name. The servers go on counting from those
/// that the same statement drops.
pub(crate) fn settle(
    table: &mut Table,
    drafts: Vec<ForeignKeyDraft>,
    dropped: &[Ident],
    span: Span,
    context: Context<'_>,
) -> Outcome<()> {
    if drafts.is_empty() && table.foreign_keys.is_empty() {
        return Ok(());
    }
    let mut number =
        generated_numbers(table.foreign_keys.iter().map(|k| &k.name).chain(dropped), &table.name, "_ibfk_");
    let (mysql, innodb) = (context.target.is_mysql(), keeps_foreign_keys(&table.options.engine));
    for ForeignKeyDraft { mut key, span } in drafts {
        let mut virtual_column = None;
        let changes = key.on_delete == ReferentialAction::SetNull
            || matches!(key.on_update, ReferentialAction::SetNull | ReferentialAction::Cascade);
        for name in &mut key.columns {
            let Some((_, column)) = table.column(name.as_str()) else {
                return Err(CatalogError::new(1072, span, format!("key column '{name}' doesn't exist in table")));
            };
            if changes && column.generated.is_some() {
                return Err(changes_computed(span, context.target));
            }
            let sets_null = key.on_delete == ReferentialAction::SetNull || key.on_update == ReferentialAction::SetNull;
            if sets_null && !column.nullable && innodb {
                let message =
                    format!("column '{name}' cannot be NOT NULL: needed in a foreign key constraint SET NULL");
                return Err(CatalogError::new(if mysql { 1830 } else { 1005 }, span, message));
            }
            let is_virtual = column.generated.as_ref().is_some_and(|g| !g.stored);
            if mysql && innodb && is_virtual {
                virtual_column.get_or_insert_with(|| column.name.clone());
            }
            *name = column.name.clone();
        }
        // MariaDB takes the columns' own names where none are referenced.
        if !mysql && key.referenced_columns.is_empty() {
            key.referenced_columns.clone_from(&key.columns);
        }
        if key.generated_name {
            number += 1;
            key.name = Ident::new(format!("{}_ibfk_{number}", table.name));
            check_made_name(&key.name, span)?;
        }
        if let Some(column) = virtual_column {
            let message = format!("foreign key '{}' uses virtual column '{column}', which is not supported", key.name);
            return Err(CatalogError::new(3733, span, message));
        }
        if table.foreign_keys.iter().any(|k| k.name.is(key.name.as_str())) {
            return Err(if context.target.is_mysql() {
                CatalogError::new(1826, span, format!("duplicate foreign key constraint name '{}'", key.name))
            } else {
                CatalogError::new(1826, span, format!("duplicate FOREIGN KEY constraint name '{}'", key.name))
            });
        }
        if !keeps_foreign_keys(&table.options.engine) {
            let message = format!("{} keeps no foreign keys: '{}' is forgotten", table.options.engine, key.name);
            context.warnings.remark(span, message);
        }
        canonical_actions(&mut key, context.target);
        table.foreign_keys.push(key);
    }
    if mysql {
        forget(table);
    }
    if mysql {
        refuse_bases(table, span)?;
    }
    // MySQL's dictionary folds case in these names (seen on 9.7); InnoDB's own tables do not.
    if context.target.is_mysql_since(80_000) {
        table.foreign_keys.sort_by_cached_key(|key| key.name.as_str().to_lowercase());
    } else {
        table.foreign_keys.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
    }
    Ok(())
}

/// Forgets the foreign keys of an engine that has none: on MariaDB once expressions have been looked at beside them.
pub(crate) fn forget(table: &mut Table) {
    if !keeps_foreign_keys(&table.options.engine) {
        table.foreign_keys.clear();
    }
}

/// Errors 3104 and 1905: no other table changes a column that is computed, whatever the engine (MySQL 8.4 manual, section
/// 15.1.20.5 "FOREIGN KEY Constraints", "Conditions and Restrictions"; MariaDB's `Foreign_key::validate`).
fn changes_computed(span: Span, target: Target) -> CatalogError {
    let message = "cannot define a foreign key that changes a generated column";
    CatalogError::new(if target.is_mysql() { 3104 } else { 1905 }, span, message)
}

/// Error 1215: InnoDB changes or deletes by a foreign key no column that a stored one is computed from.
fn refuse_bases(table: &Table, span: Span) -> Outcome<()> {
    let acts = |action| matches!(action, ReferentialAction::Cascade | ReferentialAction::SetNull);
    let acting = table.foreign_keys.iter().filter(|key| acts(key.on_delete) || acts(key.on_update));
    let stored = || table.columns.iter().filter_map(|c| c.generated.as_ref()).filter(|g| g.stored);
    for key in acting {
        let mut base = None;
        stored().for_each(|generated| {
            generated.expression.columns(&mut |name| {
                base = base.take().or_else(|| key.columns.iter().find(|c| c.is(name.as_str())));
            });
        });
        if let Some(base) = base {
            let message =
                format!("foreign key '{}' would change '{base}', which a stored column is computed from", key.name);
            return Err(CatalogError::new(1215, span, message));
        }
    }
    Ok(())
}

/// What equals saying nothing is stored as saying nothing: NO ACTION on MySQL, RESTRICT on MariaDB, whose InnoDB has no SET DEFAULT
/// and keeps none (measured on 10.11 and 11.8).
fn canonical_actions(key: &mut ForeignKey, target: Target) {
    let silent = if target.is_mysql() { ReferentialAction::NoAction } else { ReferentialAction::Restrict };
    for action in [&mut key.on_delete, &mut key.on_update] {
        if *action == silent || *action == ReferentialAction::SetDefault && target.is_mariadb() {
            *action = ReferentialAction::Unspecified;
        }
    }
}

/// Whether the engine stores foreign keys; others read and forget them.
pub(super) fn keeps_foreign_keys(engine: &str) -> bool {
    matches!(engine, "InnoDB" | "ndbcluster")
}

/// Error 1059: a table's long name leaves no room for the name of its constraint.
fn check_made_name(name: &Ident, span: Span) -> Outcome<()> {
    if name.as_str().chars().count() <= MAX_NAME {
        return Ok(());
    }
    Err(CatalogError::new(1059, span, format!("identifier name '{name}' is too long")))
}

/// The highest number among generated names `table` + `infix` + number.
fn generated_numbers<'a>(names: impl Iterator<Item = &'a Ident>, table: &Ident, infix: &str) -> u32 {
    names
        .filter_map(|name| name.as_str().strip_prefix(table.as_str())?.strip_prefix(infix)?.parse::<u32>().ok())
        .max()
        .unwrap_or(0)
}

/// Drafts a CHECK of its definition, perhaps within a column's.
pub(crate) fn check(written: &CheckDefinition<'_>, column: Option<&Ident>) -> Outcome<CheckDraft> {
    let (name, generated_name) = match &written.constraint {
        // An empty name is none, and any other one will do if it is not too long.
        Some(name) if !name.text.is_empty() => {
            check_made_name(&Ident::new(name.text.as_ref()), name.span)?;
            (Ident::new(name.text.as_ref()), false)
        }
        Some(_) | None => (Ident::new(""), true),
    };
    let check = Check {
        name,
        generated_name,
        expression: written.expression.expr.clone(),
        shown: None,
        enforced: written.enforced,
    };
    Ok(CheckDraft { check, column: column.cloned(), span: written.span, condition: written.expression.span })
}

/// Puts CHECKs into the table: names them and checks the columns that they name.
pub(crate) fn settle_checks(table: &mut Table, drafts: Vec<CheckDraft>, context: Context<'_>) -> Outcome<()> {
    if drafts.is_empty() && table.checks.is_empty() {
        return Ok(());
    }
    if !context.target.has_check_constraints() {
        // MySQL 5.7 manual, section 13.1.18 "CREATE TABLE Statement": the clause is read and forgotten.
        for draft in &drafts {
            context.warnings.remark(draft.span, format!("{} forgets the CHECKs of '{}'", context.target, table.name));
        }
        return Ok(());
    }
    let mysql = context.target.is_mysql();
    let mut number =
        if mysql { generated_numbers(table.checks.iter().map(|c| &c.name), &table.name, "_chk_") } else { 0 };
    for mut draft in drafts {
        let CheckDraft { check, column, span, condition } = &mut draft;
        let condition = *condition;
        let span = *span;
        if check.generated_name {
            loop {
                number += 1;
                check.name = Ident::new(if mysql {
                    format!("{}_chk_{number}", table.name)
                } else {
                    format!("CONSTRAINT_{number}")
                });
                if mysql || !table.checks.iter().any(|c| c.name.is(check.name.as_str())) {
                    break;
                }
            }
            check_made_name(&check.name, span)?;
        }
        if table.checks.iter().any(|c| c.name.is(check.name.as_str())) {
            let number = if mysql { 3822 } else { 1826 };
            return Err(CatalogError::new(number, span, format!("duplicate check constraint name '{}'", check.name)));
        }
        if let Some(own) = column.as_ref().filter(|_| mysql) {
            let mut others = false;
            check.expression.columns(&mut |name| others |= !name.is(own.as_str()));
            if others {
                return Err(CatalogError::new(
                    3813,
                    condition,
                    format!("column check constraint '{}' references other column", check.name),
                ));
            }
        }
        let mut unknown = None;
        check.expression.columns(&mut |name| {
            if table.column(name.as_str()).is_none() && unknown.is_none() {
                unknown = Some(name.clone());
            }
        });
        if let Some(column) = unknown {
            return Err(if mysql {
                CatalogError::new(
                    3820,
                    span,
                    format!("check constraint '{}' refers to non-existing column '{column}'", check.name),
                )
            } else {
                CatalogError::new(1054, span, format!("unknown column '{column}' in 'CHECK'"))
            });
        }
        expression::check_constraint(table, &draft, context)?;
        table.checks.push(draft.check);
    }
    if mysql {
        // MySQL's data dictionary lists them by name.
        table.checks.sort_by_cached_key(|c| c.name.as_str().to_lowercase());
    }
    Ok(())
}

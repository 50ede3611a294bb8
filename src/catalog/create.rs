//! CREATE TABLE.

use std::collections::BTreeMap;

use super::column::{self, ColumnDraft, Context};
use super::error::{CatalogError, Outcome};
use super::expression::{self, Places};
use super::foreign_key::{self, CheckDraft, ForeignKeyDraft};
use super::index::{self, IndexDraft};
use super::warning::Warnings;
use super::{Catalog, engine, option, partition, period, size};
use crate::ident::Ident;
use crate::model::{
    Collation, Column, DataType, DefaultValue, IndexKind, Keys, ObjectKind, Period, Table, TableDefinition,
    TableOptions, Versioning,
};
use crate::source::{Location, Span};
use crate::syntax::ddl::{
    Attribute, ColumnDefinition, CreateTable, DefaultClause, Definition, Name, PartitionClause, PeriodDefinition,
    TableName, TableOption,
};
use crate::target::Target;

/// Keys and constraints that wait for their table's columns.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) keys: Vec<IndexDraft>,
    pub(super) foreign_keys: Vec<ForeignKeyDraft>,
    /// The names of foreign keys that the statement drops: no new one is called so.
    pub(super) dropped_foreign_keys: Vec<Ident>,
    pub(super) checks: Vec<CheckDraft>,
    /// Columns for which NULL was written, which a primary key refuses.
    pub(super) null_columns: Vec<(Ident, Span)>,
    /// Where the expressions of columns that the statement defines stand.
    pub(super) expression_spans: Vec<(Ident, Span)>,
    /// Where the statement names columns that it defines.
    pub(super) column_spans: Vec<(Ident, Span)>,
    /// Whether the keys stand in the table already, settled.
    pub(super) keys_stand: bool,
    /// In which order the keys are listed.
    pub(super) listing: index::Listing,
}

impl Pending {
    /// Whether no constraint waits.
    pub(super) fn has_no_constraints(&self) -> bool {
        self.foreign_keys.is_empty() && self.checks.is_empty()
    }

    /// Whether neither keys nor constraints wait.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.has_no_constraints()
    }

    /// Takes a column's own keys and constraints.
    pub(super) fn take(&mut self, draft: ColumnDraft<'_, '_>, span: Span, context: Context<'_>) -> Outcome<Column> {
        let name = &draft.column.name;
        self.column_spans.push((name.clone(), span));
        self.keys.extend(draft.keys.iter().map(|kind| IndexDraft::of_column(*kind, name, span)));
        for check in draft.checks {
            self.checks.push(foreign_key::check(check, Some(name))?);
        }
        if let Some(references) = draft.references {
            if context.target.honours_inline_references() {
                let (key, index) = foreign_key::of_column(references, name, span)?;
                self.foreign_keys.push(key);
                self.keys.push(index);
            } else {
                // MySQL 8.4 manual, section 15.1.20.5 "FOREIGN KEY Constraints".
                let message = format!("REFERENCES at the column '{name}' makes no foreign key on {}", context.target);
                context.warnings.remark(span, message);
            }
        }
        if draft.explicit_null {
            self.null_columns.push((name.clone(), span));
        }
        Ok(draft.column)
    }

    /// Takes the keys alone of a column that does not come.
    pub(super) fn take_keys(&mut self, draft: ColumnDraft<'_, '_>, span: Span) -> Outcome<()> {
        let name = &draft.column.name;
        self.keys.extend(draft.keys.iter().map(|kind| IndexDraft::of_column(*kind, name, span)));
        if let Some(references) = draft.references {
            let (key, index) = foreign_key::of_column(references, name, span)?;
            self.foreign_keys.push(key);
            self.keys.push(index);
        }
        Ok(())
    }

    /// Puts all into the table and checks the whole.
    pub(super) fn settle(self, table: &mut Table, context: Context<'_>, span: Span) -> Outcome<()> {
        for (name, span) in &self.null_columns {
            let primary = self.keys.iter().filter(|k| k.index.kind == IndexKind::Primary);
            if context.target.is_mysql() && primary.flat_map(|k| k.index.columns()).any(|c| c.is(name.as_str())) {
                return Err(CatalogError::new(
                    1171,
                    *span,
                    "all parts of a PRIMARY KEY must be NOT NULL; if you need NULL in a key, use UNIQUE instead",
                ));
            }
        }
        let kept = self.keys.iter().filter(|key| key.existing).map(|key| key.index.name.clone());
        let kept_keys: Vec<Ident> = if context.target.is_mysql() { kept.collect() } else { Vec::new() };
        let (columns, expressions) = (&self.column_spans[..], &self.expression_spans[..]);
        let places = Places { columns, expressions, kept_keys: &kept_keys, table: span };
        engine::check_types(table, places, context.target)?;
        if !self.keys_stand {
            index::settle(table, self.keys, self.listing, context)?;
        }
        engine::check_primary(table, span, context)?;
        check_auto_increment(table, &self.column_spans, span)?;
        foreign_key::settle(table, self.foreign_keys, &self.dropped_foreign_keys, span, context)?;
        foreign_key::settle_checks(table, self.checks, context)?;
        expression::moment::settle(table, places, context)?;
        expression::check_table(table, places, context)?;
        foreign_key::forget(table);
        expression::strings::settle(table, places, context)?;
        expression::check_settled(table, places, context)?;
        engine::check(table, places, context)?;
        if context.target.is_mariadb() {
            period::check(table, places)?;
        }
        size::check(table, span)
    }
}

impl Catalog {
    pub(super) fn create_table(
        &mut self,
        create: &CreateTable<'_>,
        location: Location,
        warnings: &Warnings,
    ) -> Outcome<()> {
        if let Some(name) = &create.name.database {
            check_database(name, self.target)?;
        }
        let database = self.database_of(&create.name);
        let ident = self.table_ident(&create.name.name)?;
        let span = create.name.name.span;
        if self.schema.databases[database].tables.contains_key(&ident) {
            if create.if_not_exists {
                return Ok(());
            }
            if !create.or_replace {
                return Err(CatalogError::new(1050, span, format!("table '{ident}' already exists")));
            }
        }
        let taken = |kind| self.schema.databases[database].objects.contains_key(&(kind, ident.clone()));
        if [ObjectKind::View, ObjectKind::Sequence].into_iter().any(taken) {
            if create.if_not_exists {
                return Ok(());
            }
            return Err(CatalogError::new(1050, span, format!("table '{ident}' already exists")));
        }
        self.check_table_name(&create.name.name)?;
        let table = match &create.like {
            Some(like) if self.database_of(like) == database && self.table_ident(&like.name)? == ident => {
                let message = format!("not unique table/alias: '{ident}'");
                return Err(CatalogError::new(1066, like.name.span, message));
            }
            Some(like) => self.table_like(ident.clone(), like, location)?,
            None => {
                let around = self.schema.databases[database].collation;
                self.build_table(create, ident.clone(), around, location, warnings)?
            }
        };
        self.admit(database, ident, table, span)
    }

    pub(super) fn check_table_name(&self, name: &Name<'_>) -> Outcome<()> {
        engine::check_table_name(&name.text, name.span, self.target)
    }

    /// Puts a new table where it belongs, once it fits to those that are there.
    pub(super) fn admit(&mut self, database: usize, ident: Ident, mut table: Table, span: Span) -> Outcome<()> {
        if self.target.is_mysql() {
            engine::check_tablespace(&table, span)?;
        }
        if !table.foreign_keys.is_empty() {
            self.spell_references(database, &mut table, None);
        }
        self.check_references(database, &table, None, span)?;
        self.check_constraint_names(database, &table, None, span)?;
        self.check_waiting(database, &table, span)?;
        self.put(database, ident, table);
        Ok(())
    }

    /// Makes the table that a statement defines by itself, in a database of that collation.
    pub(super) fn build_table(
        &self,
        create: &CreateTable<'_>,
        ident: Ident,
        around: Collation,
        location: Location,
        warnings: &Warnings,
    ) -> Outcome<Table> {
        let span = create.name.name.span;
        if let Some(select) = create.select {
            let message = "the columns of CREATE TABLE … SELECT cannot be known without a server";
            return Err(CatalogError::new(0, select, message));
        }
        let context = self.context(warnings);
        let mut table =
            self.begin_table(ident, &create.options, create.partitioning.as_ref(), around, location, warnings)?;
        let mut pending = Pending::default();
        table.columns.reserve_exact(create.definitions.len());
        for definition in &create.definitions {
            check_qualifiers(definition, create)?;
            add_definition(&mut table, &mut pending, definition, context)?;
        }
        let own = |attribute: &(Attribute<'_>, Span)| matches!(attribute.0, Attribute::References(_));
        let references = create.definitions.iter().any(|definition| match definition {
            Definition::ForeignKey(_) => true,
            Definition::Column(column) => column.attributes.iter().any(own),
            _ => false,
        });
        self.complete_table(&mut table, pending, create.partitioning.as_ref(), references, span, warnings)?;
        Ok(table)
    }

    /// A table without columns, in a database of that collation.
    pub(super) fn begin_table(
        &self,
        ident: Ident,
        options: &[TableOption<'_>],
        partitioning: Option<&PartitionClause<'_>>,
        around: Collation,
        location: Location,
        warnings: &Warnings,
    ) -> Outcome<Table> {
        let context = self.context(warnings);
        let collation = option::collation(options, around, self.target)?.unwrap_or(around);
        let mut table = empty_table(ident, collation, &self.session.default_engine, location);
        option::apply(&mut table, options, context)?;
        let named = options.iter().any(|option| matches!(option, TableOption::Engine(_)));
        if let Some(clause) = partitioning.filter(|_| !named)
            && let Some(engine) = partition::engine(clause)?
        {
            table.options.engine = option::engine(&engine.text, engine.span, context)?;
        }
        table.options.engine = option::engine(&table.options.engine, location.span, context)?;
        engine::check_forgotten_options(&table, options)?;
        Ok(table)
    }

    /// Completes a table whose columns have been added. `references` says whether a foreign key was written.
    pub(super) fn complete_table(
        &self,
        table: &mut Table,
        mut pending: Pending,
        partitioning: Option<&PartitionClause<'_>>,
        references: bool,
        span: Span,
        warnings: &Warnings,
    ) -> Outcome<()> {
        let context = self.context(warnings);
        // MySQL reads the keys and checks before it counts the columns.
        let empty = check_visible(table, span, self.target);
        if self.target.is_mariadb() {
            empty.clone()?;
        }
        settle_periods(table);
        settle_timestamps(table, context);
        add_versioning(table, self.target);
        version_keys(table, &mut pending);
        pending.settle(table, context, span)?;
        empty?;
        resolve_names(table, self.target);
        if let Some(clause) = partitioning {
            // MyISAM forgets a foreign key only after this.
            if !table.foreign_keys.is_empty() || references && self.target.is_mariadb() {
                return Err(CatalogError::partitioned_with_foreign_keys(clause.span));
            }
            table.partitioning = Some(Box::new(partition::build(clause, table, context)?));
        }
        option::complete(table);
        option::settle_key_blocks(table);
        option::settle_directories(table, span, self.target)
    }

    /// `CREATE TABLE … LIKE`: all but foreign keys, counters and directories
    /// (MySQL 8.4 manual, section 15.1.20.3).
    pub(super) fn table_like(&mut self, ident: Ident, like: &TableName<'_>, location: Location) -> Outcome<Table> {
        let database = self.database_of(like);
        let name = self.table_ident(&like.name)?;
        let source =
            self.temporary(database, name.as_str()).or_else(|| self.schema.databases[database].tables.get(&name));
        let view = self.schema.databases[database].objects.contains_key(&(ObjectKind::View, name.clone()));
        if source.is_none() && view {
            return Err(CatalogError::new(1347, like.name.span, format!("'{name}' is not of type 'BASE TABLE'")));
        }
        let mut table = source.cloned().ok_or_else(|| Self::no_such_table(&like.name))?;
        table.foreign_keys.clear();
        table.options.auto_increment = None;
        table.options.others.remove(&crate::model::OptionKey::DataDirectory);
        table.options.others.remove(&crate::model::OptionKey::IndexDirectory);
        for index in &mut table.indexes {
            index.generated = false;
        }
        if self.target.is_mysql() {
            for (i, check) in table.checks.iter_mut().enumerate() {
                check.name = Ident::new(format!("{ident}_chk_{}", i + 1));
                check.generated_name = true;
            }
        }
        table.name = ident;
        table.location = location;
        Ok(table)
    }
}

/// Errors 4028 and 1113: a table shows a column at least.
pub(super) fn check_visible(table: &Table, span: Span, target: Target) -> Outcome<()> {
    if table.columns.iter().any(|c| !c.invisible) {
        return Ok(());
    }
    let (number, what) = if target.is_mysql() {
        (4028, "a table must have at least one visible column")
    } else {
        (1113, "a table must have at least 1 column")
    };
    Err(CatalogError::new(number, span, what))
}

/// Errors 1103 and 1102: a column's name stands behind its own table's, and its database's, or behind nothing (MariaDB).
fn check_qualifiers(definition: &Definition<'_>, create: &CreateTable<'_>) -> Outcome<()> {
    let Definition::Column(column) = definition else { return Ok(()) };
    let (database, table) = match column.qualifiers.as_slice() {
        [.., database, table] => (Some(database), table),
        [table] => (None, table),
        [] => return Ok(()),
    };
    if let Some(database) = database
        && create.name.database.as_ref().is_none_or(|own| own.text != database.text)
    {
        return Err(CatalogError::new(1102, database.span, format!("incorrect database name '{}'", database.text)));
    }
    if table.text != create.name.name.text {
        return Err(CatalogError::new(1103, table.span, format!("incorrect table name '{}'", table.text)));
    }
    Ok(())
}

/// Errors 1044 and 1142: databases that only the server writes to.
pub(super) fn check_database(name: &Name<'_>, target: Target) -> Outcome<()> {
    let number = match name.text.to_ascii_lowercase().as_str() {
        "information_schema" => 1044,
        "performance_schema" if target.is_mysql() => 1044,
        "performance_schema" => 1142,
        _ => return Ok(()),
    };
    Err(CatalogError::new(number, name.span, format!("nobody creates a table in '{}'", name.text)))
}

/// Expressions name columns as their definitions spell them; MySQL shows CHECKs as they were written until the table's next
/// ALTER.
pub(super) fn resolve_names(table: &mut Table, target: crate::target::Target) {
    if !table.has_expressions() {
        return;
    }
    let names: Vec<Ident> = table.columns.iter().map(|c| c.name.clone()).collect();
    let resolve = |expr: &mut crate::model::Expr| {
        let mut other = Vec::new();
        expr.columns(&mut |used| {
            if !names.contains(used)
                && let Some(name) = names.iter().find(|n| n.is(used.as_str()))
            {
                other.push((used.clone(), name.clone()));
            }
        });
        expr.rename_columns(&other);
    };
    table.column_expressions_mut(&mut { &resolve });
    for check in &mut table.checks {
        let written = check.expression.clone();
        resolve(&mut check.expression);
        if target.is_mysql() && check.shown.is_none() && check.expression != written {
            check.shown = Some(Box::new(written));
        }
    }
}

pub(super) fn empty_table(name: Ident, collation: Collation, engine: &str, location: Location) -> Table {
    let definition = TableDefinition {
        name,
        columns: Vec::new(),
        indexes: Keys::default(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        periods: Vec::new(),
        system_versioned: false,
        options: TableOptions {
            engine: engine.into(),
            collation,
            auto_increment: None,
            others: BTreeMap::new(),
            engine_defined: Vec::new(),
        },
        partitioning: None,
    };
    Table::new(definition, location)
}

pub(super) fn add_definition(
    table: &mut TableDefinition,
    pending: &mut Pending,
    definition: &Definition<'_>,
    context: Context<'_>,
) -> Outcome<()> {
    match definition {
        Definition::Column(written) => {
            let column = new_column(table, pending, written, context)?;
            table.columns.push(column);
        }
        Definition::Index(written) => pending.keys.push(index::build(written, context)?),
        Definition::ForeignKey(written) => {
            let (key, index) = foreign_key::build(written, context)?;
            pending.foreign_keys.push(key);
            pending.keys.push(index);
        }
        Definition::Check(written) => pending.checks.push(foreign_key::check(written, None)?),
        Definition::Period(written) => table.periods.push(period(written)),
    }
    Ok(())
}

/// Where a column's default or generating expression stands.
fn expression_span(written: &ColumnDefinition<'_>) -> Option<Span> {
    written.attributes.iter().find_map(|(attribute, _)| match attribute {
        Attribute::Generated { expression, .. } | Attribute::Default(DefaultClause::Expression { expression, .. }) => {
            Some(expression.span)
        }
        _ => None,
    })
}

/// Makes a column that the table does not have yet.
pub(super) fn new_column(
    table: &TableDefinition,
    pending: &mut Pending,
    written: &ColumnDefinition<'_>,
    context: Context<'_>,
) -> Outcome<Column> {
    if table.column(&written.name.text).is_some() {
        return Err(CatalogError::new(
            1060,
            written.name.span,
            format!("duplicate column name '{}'", written.name.text),
        ));
    }
    let draft = column::build(written, table.options.collation, context)?;
    if let Some(expression) = expression_span(written) {
        pending.expression_spans.push((draft.column.name.clone(), expression));
    }
    pending.take(draft, written.name.span, context)
}

pub(super) fn period(written: &PeriodDefinition<'_>) -> Period {
    Period {
        name: Ident::new(written.name.text.as_ref()),
        system: written.system,
        start: Ident::new(written.start.text.as_ref()),
        end: Ident::new(written.end.text.as_ref()),
    }
}

/// The columns of an application-time period are NOT NULL (MariaDB KB "Application-Time Periods").
fn settle_periods(table: &mut TableDefinition) {
    for period in table.periods.iter().filter(|p| !p.system) {
        for column in
            table.columns.iter_mut().filter(|c| c.name.is(period.start.as_str()) || c.name.is(period.end.as_str()))
        {
            column.nullable = false;
            if column.default == Some(DefaultValue::Null) {
                column.default = None;
            }
        }
    }
}

/// Without explicit_defaults_for_timestamp the first TIMESTAMP updates itself and the others
/// default to zero (MySQL 5.7 manual, section 5.1.7).
fn settle_timestamps(table: &mut Table, context: Context<'_>) {
    if context.session.explicit_timestamp {
        return;
    }
    let mut first = true;
    for column in &mut table.columns {
        let DataType::Timestamp(digits) = column.data_type else { continue };
        let is_first = std::mem::take(&mut first);
        if column.nullable || column.generated.is_some() || column.default.is_some() || column.on_update {
            continue;
        }
        if is_first {
            column.default = Some(DefaultValue::CurrentTimestamp);
            column.on_update = true;
        } else {
            column.default = Some(DefaultValue::Literal(column::zero_moment(digits).into()));
        }
    }
}

/// Error 1075: one AUTO_INCREMENT column at most, and it must lead a key (MyISAM: be in one).
pub(super) fn check_auto_increment(table: &Table, spans: &[(Ident, Span)], span: Span) -> Outcome<()> {
    let mut auto = table.columns.iter().filter(|c| c.auto_increment);
    let Some(column) = auto.next() else { return Ok(()) };
    let anywhere =
        matches!(&*table.options.engine, "MyISAM" | "Aria" | "MRG_MyISAM" | "MRG_MYISAM" | "BLACKHOLE" | "CSV");
    let in_key = table.indexes.iter().any(|i| {
        let mut columns =
            i.parts.iter().map(|p| matches!(&p.column, crate::model::KeyColumn::Column(name) if *name == column.name));
        if anywhere { columns.any(|is| is) } else { columns.next() == Some(true) }
    });
    let second = auto.next();
    if second.is_some() || !in_key {
        let culprit = &second.unwrap_or(column).name;
        let span = spans.iter().find(|(name, _)| name == culprit).map_or(span, |(_, span)| *span);
        return Err(CatalogError::new(
            1075,
            span,
            "incorrect table definition; there can be only one auto column and it must be defined as a key",
        ));
    }
    Ok(())
}

/// Keys that must be unique end with the column of the row's end, where the table names it (MariaDB).
fn version_keys(table: &Table, pending: &mut Pending) {
    let Some(period) = table.periods.iter().find(|p| p.system && table.system_versioned) else { return };
    for draft in pending.keys.iter_mut().filter(|d| d.index.is_unique()) {
        if !draft.index.columns().any(|c| c.is(period.start.as_str()) || c.is(period.end.as_str())) {
            let column = crate::model::KeyColumn::Column(period.end.clone());
            draft.index.parts.push(crate::model::KeyPart::whole(column));
        }
    }
}

/// System versioning as the server completes it (MariaDB KB "System-Versioned Tables").
fn add_versioning(table: &mut Table, target: crate::target::Target) {
    if !table.system_versioned {
        // Without versioning there is nothing to leave out of it.
        table
            .columns
            .iter_mut()
            .filter(|c| c.versioning == Some(Versioning::Without))
            .for_each(|c| c.versioning = None);
    }
    let marked = table.columns.iter().any(|c| c.versioning == Some(Versioning::With));
    if target.is_mariadb() && marked && !table.system_versioned {
        table.system_versioned = true;
        for column in &mut table.columns {
            column.versioning = match column.versioning {
                Some(Versioning::With) => None,
                None => Some(Versioning::Without),
                other => other,
            };
        }
    }
}

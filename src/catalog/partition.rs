//! Partitioning: a clause as written becomes a partitioning, and is changed by ALTER TABLE.
//!
//! MySQL 8.4 manual, chapter 26 "Partitioning".

mod function;
mod system;
mod values;

use std::collections::HashSet;

use super::column::Context;
use super::error::{CatalogError, Outcome};
use crate::ident::{self, Ident};
use crate::model::expression::{Expr, Literal};
use crate::model::{
    DataType, IndexKind, KeyColumn, Partition, PartitionMethod, PartitionOptions, PartitionValues, Partitioning,
    Subpartitioning, SystemTime, Table, TableDefinition,
};
use crate::source::Span;
use crate::syntax::ddl::{
    Expression, Name, PartitionClause, PartitionDefinition, PartitionMethodClause, PartitionOption,
    PartitionValuesClause,
};
use crate::target::Target;

/// The most partitions of a table.
const MAX_PARTITIONS: u64 = 8192;
/// The longest comment of a partition in characters.
const MAX_COMMENT: usize = 1024;

/// Makes the partitioning of a clause, and checks it against the table.
pub(crate) fn build(written: &PartitionClause<'_>, table: &Table, context: Context<'_>) -> Outcome<Partitioning> {
    let span = written.span;
    system::check_transactions(&written.method, table, span)?;
    if table.indexes.iter().any(|index| index.kind == IndexKind::Vector) {
        return Err(CatalogError::partitioned_with_vectors(span));
    }
    let here = system::Place { table: &table.name, clause: span };
    let mut method = method(&written.method, here, context)?;
    check_engine(table, span, context.target)?;
    values::check_written(&written.partitions, &method)?;
    function::respell(&mut method, table);
    function::check(&method, table, place(&written.method, span), context.target)?;
    let listed = matches!(
        method,
        PartitionMethod::Range(_)
            | PartitionMethod::RangeColumns(_)
            | PartitionMethod::List(_)
            | PartitionMethod::ListColumns(_)
    );
    if listed && written.partitions.is_empty() {
        let kind = if matches!(method, PartitionMethod::Range(_) | PartitionMethod::RangeColumns(_)) {
            "RANGE"
        } else {
            "LIST"
        };
        return Err(CatalogError::new(1492, span, format!("for {kind} partitions each partition must be defined")));
    }
    let count = written.partitions.len() as u64;
    if written.count.is_some_and(|n| n > MAX_PARTITIONS) || count > MAX_PARTITIONS {
        return Err(CatalogError::new(1499, span, "too many partitions (including subpartitions) were defined"));
    }
    if written.count == Some(0) {
        return Err(CatalogError::new(1504, span, "number of partitions = 0 is not an allowed value"));
    }
    if count > 0 && written.count.is_some_and(|n| n != count) {
        return Err(CatalogError::new(
            1484,
            span,
            "wrong number of partitions defined, mismatch with previous setting",
        ));
    }
    let subpartitioning = match &written.subpartitioning {
        None if written.partitions.iter().any(|p| !p.subpartitions.is_empty()) => {
            return Err(CatalogError::new(
                1500,
                span,
                "it is only possible to mix RANGE/LIST partitioning with HASH/KEY partitioning for subpartitioning",
            ));
        }
        None => None,
        Some((by, number)) => {
            if !listed && !matches!(method, PartitionMethod::SystemTime(_)) {
                return Err(CatalogError::new(
                    1500,
                    span,
                    "it is only possible to mix RANGE/LIST partitioning with HASH/KEY partitioning for subpartitioning",
                ));
            }
            let function = place(by, span);
            let mut by = self::method(by, here, context)?;
            function::respell(&mut by, table);
            function::check(&by, table, function, context.target)?;
            let explicit = written.partitions.iter().any(|p| !p.subpartitions.is_empty());
            Some(Subpartitioning { method: by, count: number.filter(|_| !explicit).map(|n| n as u32) })
        }
    };
    let partitions =
        written.partitions.iter().map(|p| partition(p, &method, context.target)).collect::<Outcome<Vec<_>>>()?;
    check_names(&partitions, written, context.target)?;
    check_last(&partitions, written)?;
    check_engines(written, table, context)?;
    let mut partitioning = Partitioning {
        count: partitions.is_empty().then(|| system::count(written.count, &method)).flatten(),
        method,
        subpartitioning,
        partitions,
    };
    function::check_valued(&partitioning, table, span)?;
    values::store(&mut partitioning, &table.columns, context.target);
    system::check(&partitioning, table, span, context.target)?;
    let place = |at: usize| written.partitions.get(at).map_or(span, |p| p.name.span);
    check_values_in_order(&partitioning, table, &place, context.target)?;
    check_unique_keys(&partitioning, table, span, context.target)?;
    Ok(partitioning)
}

/// Makes of the values of partitions what their columns hold.
pub(crate) fn store_values(table: &mut Table, target: Target) {
    let TableDefinition { partitioning, columns, .. } = &mut **table;
    if let Some(partitioning) = partitioning {
        values::store(partitioning, columns, target);
    }
}

/// Makes of the values of partitions that come into a partitioning what its columns hold.
pub(crate) fn stored(partitions: Vec<Partition>, of: &Partitioning, table: &Table, target: Target) -> Vec<Partition> {
    let mut coming = Partitioning { partitions, ..of.clone() };
    values::store(&mut coming, &table.columns, target);
    coming.partitions
}

/// Whether the end of a range is known to lie behind that of another.
pub(crate) fn grows(
    method: &PartitionMethod,
    table: &Table,
    before: &[Option<Expr>],
    after: &[Option<Expr>],
    target: Target,
) -> Option<bool> {
    values::grows(method, table, before, after, target)
}

/// Checks that a table has the history that its partitions are for.
pub(crate) fn check_histories(partitioning: &Partitioning, table: &Table, span: Span, target: Target) -> Outcome<()> {
    system::check(partitioning, table, span, target)
}

/// Checks that the values of the partitions are of the right type, in order, and each once.
pub(crate) fn check_values_in_order(
    partitioning: &Partitioning,
    table: &Table,
    place: &dyn Fn(usize) -> Span,
    target: Target,
) -> Outcome<()> {
    values::check(partitioning, table, place, target)
}

/// Where the function of a method stands.
fn place(written: &PartitionMethodClause<'_>, clause: Span) -> Span {
    match written {
        PartitionMethodClause::Hash { expression, .. }
        | PartitionMethodClause::Range(expression)
        | PartitionMethodClause::List(expression) => expression.span,
        PartitionMethodClause::Key { columns, .. }
        | PartitionMethodClause::RangeColumns(columns)
        | PartitionMethodClause::ListColumns(columns) => columns.first().map_or(clause, |name| name.span),
        PartitionMethodClause::SystemTime { .. } => clause,
    }
}

fn idents(names: &[Name<'_>]) -> Vec<Ident> {
    names.iter().map(|n| Ident::new(n.text.as_ref())).collect()
}

fn method(
    written: &PartitionMethodClause<'_>,
    place: system::Place<'_>,
    context: Context<'_>,
) -> Outcome<PartitionMethod> {
    Ok(match written {
        PartitionMethodClause::Hash { linear, expression } => {
            PartitionMethod::Hash { linear: *linear, expression: expression.expr.clone() }
        }
        PartitionMethodClause::Key { linear, algorithm, columns } => {
            // ALGORITHM=2 is the default and not stored.
            PartitionMethod::Key {
                linear: *linear,
                algorithm: algorithm.filter(|n| *n == 1).map(|n| n as u32),
                columns: idents(columns),
            }
        }
        PartitionMethodClause::Range(expression) => PartitionMethod::Range(expression.expr.clone()),
        PartitionMethodClause::RangeColumns(columns) => PartitionMethod::RangeColumns(idents(columns)),
        PartitionMethodClause::List(expression) => PartitionMethod::List(expression.expr.clone()),
        PartitionMethodClause::ListColumns(columns) => PartitionMethod::ListColumns(idents(columns)),
        PartitionMethodClause::SystemTime { rotation, auto } => PartitionMethod::SystemTime(SystemTime {
            rotation: system::rotation(rotation, place, context)?,
            auto: *auto,
        }),
    })
}

/// Makes one partition of its definition.
pub(crate) fn partition(
    written: &PartitionDefinition<'_>,
    method: &PartitionMethod,
    target: Target,
) -> Outcome<Partition> {
    let expr = |e: &Expression| e.expr.clone();
    let values = match &written.values {
        PartitionValuesClause::None => PartitionValues::None,
        PartitionValuesClause::Default => PartitionValues::Default,
        PartitionValuesClause::History => PartitionValues::History,
        PartitionValuesClause::Current => PartitionValues::Current,
        PartitionValuesClause::LessThan(bounds) => {
            PartitionValues::LessThan(bounds.iter().map(|b| b.as_ref().map(expr)).collect())
        }
        PartitionValuesClause::In(tuples) => {
            let mut tuples: Vec<Vec<Expr>> = tuples.iter().map(|t| t.iter().map(expr).collect()).collect();
            if matches!(method, PartitionMethod::List(_)) {
                // The servers keep the NULL of an integer list apart, and show it first.
                tuples.sort_by_key(|tuple| !matches!(tuple.as_slice(), [Expr::Literal(Literal::Null)]));
            }
            PartitionValues::In(tuples)
        }
    };
    check_values(&values, method, written.name.span, target)?;
    Ok(Partition {
        name: Ident::new(written.name.text.as_ref()),
        values,
        options: options(&written.options, target),
        subpartitions: written
            .subpartitions
            .iter()
            .map(|(name, list)| (Ident::new(name.text.as_ref()), options(list, target)))
            .collect(),
    })
}

fn check_values(values: &PartitionValues, method: &PartitionMethod, span: Span, target: Target) -> Outcome<()> {
    let range = matches!(method, PartitionMethod::Range(_) | PartitionMethod::RangeColumns(_));
    // MySQL's parser finds it and gives the number of a syntax error.
    let missing = if target.is_mysql() { 1064 } else { 1479 };
    let list = matches!(method, PartitionMethod::List(_) | PartitionMethod::ListColumns(_));
    match values {
        PartitionValues::LessThan(_) if !range => Err(CatalogError::new(
            1480,
            span,
            "only RANGE PARTITIONING can use VALUES LESS THAN in partition definition",
        )),
        PartitionValues::In(_) if !list => {
            Err(CatalogError::new(1480, span, "only LIST PARTITIONING can use VALUES IN in partition definition"))
        }
        PartitionValues::None if range => Err(CatalogError::new(
            missing,
            span,
            "RANGE PARTITIONING requires definition of VALUES LESS THAN for each partition",
        )),
        PartitionValues::History | PartitionValues::Current if !matches!(method, PartitionMethod::SystemTime(_)) => {
            Err(CatalogError::new(4113, span, "wrong partition type SYSTEM_TIME"))
        }
        PartitionValues::None if list => Err(CatalogError::new(
            missing,
            span,
            "LIST PARTITIONING requires definition of VALUES IN for each partition",
        )),
        _ => Ok(()),
    }
}

fn options(written: &[PartitionOption<'_>], target: Target) -> PartitionOptions {
    let mut options = PartitionOptions::default();
    for option in written {
        match option {
            PartitionOption::Engine(_) | PartitionOption::Option(..) => {}
            PartitionOption::Comment(text) => options.comment = super::charset::comment(text),
            PartitionOption::DataDirectory(path) => options.data_directory = Some(path.as_ref().into()),
            PartitionOption::IndexDirectory(path) => options.index_directory = Some(path.as_ref().into()),
            PartitionOption::MaxRows(rows) => options.max_rows = Some(*rows).filter(|n| *n > 0),
            PartitionOption::MinRows(rows) => options.min_rows = Some(*rows).filter(|n| *n > 0),
            // MariaDB reads it and forgets it.
            PartitionOption::Tablespace(_) if target.is_mariadb() => {}
            PartitionOption::Tablespace(name) => options.tablespace = Some(Ident::new(name.text.as_ref())),
            PartitionOption::Nodegroup(group) => options.nodegroup = Some(*group as u32),
        }
    }
    options
}

/// The columns that a partitioning depends on.
pub(crate) fn columns(partitioning: &Partitioning) -> Vec<Ident> {
    let mut names = Vec::new();
    partitioning.columns(&mut |name| names.push(name.clone()));
    names
}

/// Error 1481: nothing comes after MAXVALUE.
fn check_last(partitions: &[Partition], written: &PartitionClause<'_>) -> Outcome<()> {
    let unbounded =
        |p: &Partition| matches!(&p.values, PartitionValues::LessThan(bounds) if bounds.iter().all(Option::is_none));
    let before_last = partitions.len().saturating_sub(1);
    match partitions[..before_last].iter().position(unbounded) {
        Some(at) => Err(CatalogError::new(
            1481,
            written.partitions[at].name.span,
            "MAXVALUE can only be used in last partition definition",
        )),
        None => Ok(()),
    }
}

/// Errors 1497, 1572 and 1178: partitions are of their table's engine, which must have some.
fn check_engines(written: &PartitionClause<'_>, table: &Table, context: Context<'_>) -> Outcome<()> {
    for (name, place) in engines(written) {
        if let Some(name) = name
            && super::option::engine(&name.text, name.span, context)? != table.options.engine
        {
            return Err(mixed(place));
        }
    }
    check_engine(table, written.span, context.target)
}

fn check_engine(table: &Table, span: Span, target: Target) -> Outcome<()> {
    match &*table.options.engine {
        "MRG_MyISAM" | "CSV" => return Err(CatalogError::new(1572, span, "the engine has no partitioned tables")),
        engine
            if target.is_mysql_since(80_000)
                && engine != "InnoDB"
                && !super::engine::known(engine, target).is_some_and(|known| known.partitions) =>
        {
            let message = "the storage engine for the table doesn't support native partitioning";
            return Err(CatalogError::new(1178, span, message));
        }
        _ => {}
    }
    if target.is_mysql() && table.indexes.iter().any(|index| index.kind == IndexKind::Fulltext) {
        return Err(CatalogError::new(1214, span, "partitioned tables have no FULLTEXT indexes"));
    }
    match table.columns.iter().find(|c| matches!(c.data_type, DataType::Geometry(_))) {
        Some(_) if !target.partitions_geometries() => {
            Err(CatalogError::new(1178, span, "partitions don't support GEOMETRY"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Checks a partitioning that stands against its table as it has become.
pub(crate) fn recheck(partitioning: &Partitioning, table: &Table, span: Span, target: Target) -> Outcome<()> {
    function::check(&partitioning.method, table, span, target)?;
    function::check_valued(partitioning, table, span)?;
    if let Some(sub) = &partitioning.subpartitioning {
        function::check(&sub.method, table, span, target)?;
    }
    check_engine(table, span, target)
}

fn mixed(span: Span) -> CatalogError {
    CatalogError::new(1497, span, "the mix of handlers in the partitions is not allowed")
}

/// The engine that the partitions name, where the statement names none for the table: then all of them name it
/// (`partition_info::check_engine_mix`).
pub(crate) fn engine<'w>(written: &'w PartitionClause<'w>) -> Outcome<Option<&'w Name<'w>>> {
    let mut first: Option<Option<&Name<'_>>> = None;
    // Where subpartitions are not written, what names no engine follows the others.
    let follows = |(name, _): &(Option<&Name<'_>>, Span)| {
        name.is_none()
            && written.subpartitioning.is_some()
            && written.partitions.iter().all(|definition| definition.subpartitions.is_empty())
    };
    for (name, place) in engines(written).into_iter().filter(|named| !follows(named)) {
        let first = first.get_or_insert(name);
        let same = match (&first, name) {
            (Some(a), Some(b)) => a.text.eq_ignore_ascii_case(&b.text),
            (None, None) => true,
            _ => false,
        };
        if !same {
            return Err(mixed(place));
        }
    }
    Ok(first.flatten())
}

/// The engine of each partition or subpartition, as far as one is named, and where it stands.
fn engines<'w>(written: &'w PartitionClause<'w>) -> Vec<(Option<&'w Name<'w>>, Span)> {
    let named = |options: &'w [PartitionOption<'w>]| {
        options.iter().find_map(|option| if let PartitionOption::Engine(name) = option { Some(name) } else { None })
    };
    let mut list = Vec::new();
    for definition in &written.partitions {
        let own = named(&definition.options);
        let place = definition.name.span;
        if definition.subpartitions.is_empty() {
            list.push((own, place));
        }
        list.extend(definition.subpartitions.iter().map(|(_, options)| (named(options).or(own), place)));
    }
    list
}

/// The longest name of a partition in characters.
const MAX_NAME: usize = 64;

fn check_names(partitions: &[Partition], written: &PartitionClause<'_>, target: Target) -> Outcome<()> {
    let mut seen = HashSet::new();
    for (partition, definition) in partitions.iter().zip(&written.partitions) {
        if partition.options.comment.chars().count() > MAX_COMMENT {
            return Err(CatalogError::new(
                1793,
                definition.name.span,
                format!("comment for table partition '{}' is too long (max = {MAX_COMMENT})", partition.name),
            ));
        }
        let subs = partition.subpartitions.iter().map(|(name, _)| name);
        for name in std::iter::once(&partition.name).chain(subs) {
            let old_prefix = name.as_str().starts_with("#mysql50#") && target.refuses_mysql50_names();
            if name.as_str().is_empty() || name.as_str().ends_with(' ') || old_prefix {
                return Err(CatalogError::new(1567, definition.name.span, "incorrect partition name"));
            }
            if name.as_str().chars().count() > MAX_NAME {
                return Err(CatalogError::new(
                    1059,
                    definition.name.span,
                    format!("identifier name '{name}' is too long"),
                ));
            }
            if !seen.insert(ident::folded(name.as_str())) {
                return Err(CatalogError::new(1517, definition.name.span, format!("duplicate partition name {name}")));
            }
        }
    }
    Ok(())
}

/// Every unique key must hold all columns of the partitioning (error 1503).
pub(crate) fn check_unique_keys(partitioning: &Partitioning, table: &Table, span: Span, target: Target) -> Outcome<()> {
    let mut needed = columns(partitioning);
    if matches!(&partitioning.method, PartitionMethod::Key { columns, .. } if columns.is_empty()) {
        // KEY () is over the primary key, or what takes its place.
        let parts = super::engine::primary(table, target).into_iter().flat_map(|key| &key.parts);
        needed.extend(parts.filter(|part| part.prefix.is_none()).filter_map(|part| match &part.column {
            KeyColumn::Column(name) => Some(name.clone()),
            KeyColumn::Expression(_) => None,
        }));
    }
    // MEMORY has hashes of its own; elsewhere a hashed key looks its values up.
    let memory = &*table.options.engine == "MEMORY";
    for index in table.indexes.iter().filter(|i| if memory { i.is_unique() } else { i.is_unique_tree() }) {
        // Prefixes are not the columns (MySQL 8.4 manual, section 26.6.1).
        let holds = |name: &Ident| {
            index.parts.iter().any(|part| match &part.column {
                KeyColumn::Column(column) => part.prefix.is_none() && column.is(name.as_str()),
                KeyColumn::Expression(_) => false,
            })
        };
        if !needed.iter().all(holds) {
            let what = if index.kind == IndexKind::Primary { "PRIMARY KEY" } else { "UNIQUE INDEX" };
            return Err(CatalogError::new(
                1503,
                span,
                format!("a {what} must include all columns in the table's partitioning function"),
            ));
        }
    }
    Ok(())
}

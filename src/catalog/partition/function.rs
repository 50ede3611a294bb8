//! Partitioning functions: which columns they may take, and which functions.
//!
//! `fix_fields_part_func` and `handle_list_of_fields` of the servers' sql/sql_partition.cc; MySQL 8.4
//! manual, section 26.6.3 "Partitioning Limitations Relating to Functions".

use crate::catalog::error::{CatalogError, Outcome};
use crate::catalog::expression::walk;
use crate::ident::Ident;
use crate::model::expression::{BinaryOp, Literal, Unit};
use crate::model::{Column, DataType, Expr, Index, KeyColumn, PartitionMethod, PartitionValues, Partitioning, Table};
use crate::source::Span;
use crate::syntax::expression::{facts, is_native};
use crate::target::Target;

/// The longest value of all partitioning columns together, in bytes.
const MAX_LENGTH: u64 = 3072;

/// Checks a method against the columns of its table.
pub(super) fn check(method: &PartitionMethod, table: &Table, span: Span, target: Target) -> Outcome<()> {
    match method {
        PartitionMethod::Hash { expression, .. } => {
            check_expression(expression, table, span, target, &[Result::Integer])
        }
        // MariaDB takes decimals here, and passes over what is behind the point.
        PartitionMethod::Range(expression) | PartitionMethod::List(expression) if target.is_mariadb() => {
            check_expression(expression, table, span, target, &[Result::Integer, Result::Decimal])
        }
        PartitionMethod::Range(expression) | PartitionMethod::List(expression) => {
            check_expression(expression, table, span, target, &[Result::Integer])
        }
        PartitionMethod::Key { columns, .. } => {
            // Without columns it is by those of the first key that finds one row.
            let finds = |index: &Index| {
                let is_set = |name: &Ident| table.column(name.as_str()).is_some_and(|(_, column)| !column.nullable);
                index.is_unique() && index.columns().all(is_set)
            };
            if columns.is_empty() && !table.indexes.iter().any(finds) {
                let message = "field in list of fields for partition function not found in table";
                return Err(CatalogError::new(1488, span, message));
            }
            check_fields(columns, table, span)?;
            fields(columns, table).try_for_each(|c| check_key_type(c, span, target))?;
            if target.refuses_prefixes_in_key_partitioning() { check_prefixes(columns, table, span) } else { Ok(()) }
        }
        PartitionMethod::RangeColumns(columns) | PartitionMethod::ListColumns(columns) => {
            check_fields(columns, table, span)?;
            fields(columns, table).try_for_each(|c| check_column_type(c, span))
        }
        PartitionMethod::SystemTime(_) => Ok(()),
    }
}

/// Gives the columns of an expression the spelling of the table, which servers print; a list of columns stays as written.
pub(super) fn respell(method: &mut PartitionMethod, table: &Table) {
    match method {
        PartitionMethod::Hash { expression, .. }
        | PartitionMethod::Range(expression)
        | PartitionMethod::List(expression) => {
            expression.respell_columns(&|name| table.column(name).map(|(_, column)| column.name.clone()));
        }
        PartitionMethod::Key { .. }
        | PartitionMethod::RangeColumns(_)
        | PartitionMethod::ListColumns(_)
        | PartitionMethod::SystemTime(_) => {}
    }
}

fn fields<'t>(names: &'t [Ident], table: &'t Table) -> impl Iterator<Item = &'t Column> {
    names.iter().filter_map(|name| table.column(name.as_str()).map(|(_, column)| column))
}

/// Errors 1488, 1652 and 1660: fields that are unknown, named twice, or too long together.
fn check_fields(names: &[Ident], table: &Table, span: Span) -> Outcome<()> {
    if let Some(name) = names.iter().find(|name| table.column(name.as_str()).is_none()) {
        return Err(CatalogError::new(
            1488,
            span,
            format!("field '{name}' in list of fields for partition function not found in table"),
        ));
    }
    for (at, name) in names.iter().enumerate() {
        if names[..at].iter().any(|before| before.is(name.as_str())) {
            return Err(CatalogError::new(1652, span, format!("duplicate partition field name '{name}'")));
        }
    }
    let length: u64 = fields(names, table).map(|c| string_bytes(c) + u64::from(c.nullable)).sum();
    if length > MAX_LENGTH {
        return Err(CatalogError::new(1660, span, "the total length of the partitioning fields is too large"));
    }
    Ok(())
}

fn string_bytes(column: &Column) -> u64 {
    let width = u64::from(column.collation.map_or(1, |c| c.charset().max_length()));
    match column.data_type {
        DataType::Char(n) => u64::from(n) * width,
        DataType::Varchar(n) => u64::from(n) * width + 2,
        DataType::Binary(n) => u64::from(n),
        DataType::Varbinary(n) => u64::from(n) + 2,
        _ => 0,
    }
}

/// Error 6123: a column of KEY partitioning that some key holds a prefix of (MySQL 8.4 manual, section 26.6 "Restrictions and
/// Limitations on Partitioning", "Column index prefixes not supported for key partitioning").
fn check_prefixes(names: &[Ident], table: &Table, span: Span) -> Outcome<()> {
    let primary: Vec<Ident> = table.primary_key().map(|key| key.columns().cloned().collect()).unwrap_or_default();
    let names = if names.is_empty() { &primary } else { names };
    let parts = table.indexes.iter().flat_map(|index| &index.parts).filter(|part| part.prefix.is_some());
    for part in parts {
        if let KeyColumn::Column(column) = &part.column
            && names.iter().any(|name| name.is(column.as_str()))
        {
            let message = format!("a key holds a prefix of column '{column}', which KEY partitioning does not support");
            return Err(CatalogError::new(6123, span, message));
        }
    }
    Ok(())
}

fn blob(span: Span) -> CatalogError {
    CatalogError::new(1502, span, "a BLOB field is not allowed in partition function")
}

fn check_key_type(column: &Column, span: Span, target: Target) -> Outcome<()> {
    match &column.data_type {
        DataType::Geometry(_) if target.is_mysql() => {
            Err(CatalogError::new(1178, span, "the storage engine for the table doesn't support GEOMETRY"))
        }
        DataType::Text(_) | DataType::Blob(_) | DataType::Json | DataType::Geometry(_) => Err(blob(span)),
        DataType::Vector(_) if target.is_mysql() => Err(not_allowed(column, span)),
        _ => Ok(()),
    }
}

fn not_allowed(column: &Column, span: Span) -> CatalogError {
    CatalogError::new(
        1659,
        span,
        format!("field '{}' is of a not allowed type for this type of partitioning", column.name),
    )
}

/// Error 1502: what RANGE COLUMNS and LIST COLUMNS take no more than other methods (`check_part_func_fields`).
fn check_column_type(column: &Column, span: Span) -> Outcome<()> {
    let long = column.data_type.is_blob() || matches!(column.data_type, DataType::Json | DataType::Geometry(_));
    if long { Err(blob(span)) } else { Ok(()) }
}

/// Error 1659: columns whose values are compared by no constant. The servers look at a column's type where they compare it with
/// one: MAXVALUE and NULL are of none.
pub(super) fn check_valued(partitioning: &Partitioning, table: &Table, span: Span) -> Outcome<()> {
    let (PartitionMethod::RangeColumns(names) | PartitionMethod::ListColumns(names)) = &partitioning.method else {
        return Ok(());
    };
    let is_constant = |value: Option<&Expr>| value.is_some_and(|value| !matches!(value, Expr::Literal(Literal::Null)));
    let valued = |at: usize| {
        partitioning.partitions.iter().any(|partition| match &partition.values {
            PartitionValues::LessThan(bounds) => is_constant(bounds.get(at).and_then(Option::as_ref)),
            PartitionValues::In(tuples) => tuples.iter().any(|tuple| is_constant(tuple.get(at))),
            PartitionValues::None | PartitionValues::Default | PartitionValues::History | PartitionValues::Current => {
                false
            }
        })
    };
    for (at, name) in names.iter().enumerate() {
        let Some((_, column)) = table.column(name.as_str()) else { continue };
        let compared = match &column.data_type {
            DataType::Integer { .. } | DataType::Date | DataType::Time(_) | DataType::DateTime(_) => true,
            DataType::Char(_) | DataType::Varchar(_) | DataType::Binary(_) | DataType::Varbinary(_) => true,
            DataType::Text(_) | DataType::Blob(_) | DataType::Json | DataType::Geometry(_) => true,
            DataType::Uuid | DataType::Inet4 | DataType::Inet6 => true,
            DataType::Year(_)
            | DataType::Bit(_)
            | DataType::Decimal { .. }
            | DataType::Float { .. }
            | DataType::Timestamp(_)
            | DataType::Enum(_)
            | DataType::Set(_)
            | DataType::Vector(_) => false,
        };
        if !compared && valued(at) {
            return Err(not_allowed(column, span));
        }
    }
    Ok(())
}

/// What an expression gives, as far as partitioning asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Result {
    Integer,
    Decimal,
    Real,
    Other,
}

fn check_expression(expr: &Expr, table: &Table, span: Span, target: Target, taken: &[Result]) -> Outcome<()> {
    let mut names = Vec::new();
    expr.columns(&mut |name| names.push(name.clone()));
    if let Some(name) = names.iter().find(|name| table.column(name.as_str()).is_none()) {
        return Err(CatalogError::new(1054, span, format!("unknown column '{name}' in 'partition function'")));
    }
    if let Expr::Tokens(text) = expr {
        let query = text.split(' ').any(|word| word.eq_ignore_ascii_case("select"));
        return match query {
            true => Err(CatalogError::new(1564, span, "this partition function is not allowed")),
            false => Ok(()),
        };
    }
    let constant = CatalogError::new(
        1486,
        span,
        "constant, random or timezone-dependent expressions in (sub)partitioning function are not allowed",
    );
    // The servers' grammars have no truth values here.
    let compares = matches!(expr, Expr::Binary { op, .. } if op.is_comparison() || *op == BinaryOp::Xor);
    if compares || matches!(expr, Expr::Not(_) | Expr::And(_) | Expr::Or(_) | Expr::Is { .. }) {
        return Err(CatalogError::new(1064, span, "a comparison has no place in a partitioning"));
    }
    if names.is_empty() || matches!(expr, Expr::DefaultOf(_)) {
        return Err(constant);
    }
    if let Expr::Column(name) = expr
        && let Some((_, column)) = table.column(name.as_str())
    {
        return match (&column.data_type, type_of(column)) {
            (DataType::Text(_) | DataType::Blob(_) | DataType::Json | DataType::Geometry(_), _) => Err(blob(span)),
            (_, result) if taken.contains(&result) => Ok(()),
            (_, _) => Err(not_allowed(column, span)),
        };
    }
    walk(expr, &mut |node| {
        if matches!(node, Expr::Call { name, .. } if !is_native(name, target)) {
            // The servers' parsers find it.
            Err(CatalogError::new(1064, span, "a function that is not the server's own has no place in a partitioning"))
        } else if is_allowed(node) {
            Ok(())
        } else {
            Err(CatalogError::new(1564, span, "this partition function is not allowed"))
        }
    })?;
    walk(expr, &mut |node| if has_valid_arguments(node, table) { Ok(()) } else { Err(constant.clone()) })?;
    if !taken.contains(&result(expr, table, target)) {
        return Err(CatalogError::new(1491, span, "the PARTITION function returns the wrong type"));
    }
    Ok(())
}

fn type_of(column: &Column) -> Result {
    match column.data_type {
        DataType::Integer { .. } | DataType::Bit(_) | DataType::Year(_) => Result::Integer,
        DataType::Decimal { .. } => Result::Decimal,
        DataType::Float { .. } => Result::Real,
        _ => Result::Other,
    }
}

/// `check_partition_func_processor`
fn is_allowed(node: &Expr) -> bool {
    match node {
        Expr::Column(_) | Expr::Literal(_) | Expr::Negative(_) | Expr::Extract { .. } => true,
        Expr::Binary { op, .. } => {
            matches!(
                op,
                BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::IntegerDivide | BinaryOp::Modulo
            )
        }
        Expr::Call { name, .. } => facts(name).partitioning,
        _ => false,
    }
}

/// `check_valid_arguments_processor`: a function of dates stands over a column of dates.
fn has_valid_arguments(node: &Expr, table: &Table) -> bool {
    let over = |args: &[&Expr], fits: &dyn Fn(&DataType) -> bool| {
        args.iter().any(|arg| match arg {
            Expr::Column(name) => table.column(name.as_str()).is_some_and(|(_, column)| fits(&column.data_type)),
            _ => false,
        })
    };
    let dates = |t: &DataType| matches!(t, DataType::Date | DataType::DateTime(_));
    let times = |t: &DataType| matches!(t, DataType::Time(_) | DataType::DateTime(_));
    match node {
        Expr::Call { name, args } => {
            let (facts, args) = (facts(name), args.iter().collect::<Vec<_>>());
            if &**name == "unix_timestamp" {
                over(&args, &|t| matches!(t, DataType::Timestamp(_)))
            } else if &**name == "from_days" {
                !over(&args, &|t| dates(t) || times(t))
            } else {
                !over(&args, &|t| matches!(t, DataType::Timestamp(_)))
                    && (!facts.of_dates || over(&args, &dates))
                    && (!facts.of_times || over(&args, &times))
            }
        }
        // The day of a moment depends on the session's time zone.
        Expr::Binary { left, right, .. } => !over(&[left, right], &|t| matches!(t, DataType::Timestamp(_))),
        Expr::Extract { unit, expr } => match unit {
            Unit::Year | Unit::YearMonth | Unit::Quarter | Unit::Month | Unit::Day => over(&[expr], &dates),
            Unit::DayHour | Unit::DayMinute | Unit::DaySecond | Unit::DayMicrosecond => {
                over(&[expr], &|t| matches!(t, DataType::DateTime(_)))
            }
            Unit::Week => false,
            Unit::Hour | Unit::HourMinute | Unit::HourSecond | Unit::Minute | Unit::MinuteSecond | Unit::Second => {
                over(&[expr], &times)
            }
            Unit::Microsecond | Unit::SecondMicrosecond | Unit::MinuteMicrosecond | Unit::HourMicrosecond => {
                over(&[expr], &times)
            }
        },
        _ => true,
    }
}

fn result(expr: &Expr, table: &Table, target: Target) -> Result {
    match expr {
        Expr::Column(name) => table.column(name.as_str()).map_or(Result::Other, |(_, column)| match column.data_type {
            // Within arithmetic, days count as numbers.
            DataType::Enum(_) | DataType::Set(_) if target.is_mariadb() => Result::Integer,
            DataType::Date | DataType::Time(0) | DataType::DateTime(0) | DataType::Timestamp(0) => Result::Integer,
            _ => type_of(column),
        }),
        Expr::Literal(Literal::Number(digits)) if digits.contains(['e', 'E']) => Result::Real,
        Expr::Literal(Literal::Number(digits)) if digits.contains('.') => Result::Decimal,
        Expr::Literal(Literal::Number(_) | Literal::Bool(_)) => Result::Integer,
        Expr::Negative(inner) => numeric(result(inner, table, target)),
        Expr::Binary { op: BinaryOp::IntegerDivide, .. } | Expr::Extract { .. } => Result::Integer,
        Expr::Binary { left, right, .. } => {
            match (numeric(result(left, table, target)), numeric(result(right, table, target))) {
                (Result::Integer, Result::Integer) => Result::Integer,
                (Result::Real, _) | (_, Result::Real) => Result::Real,
                _ => Result::Decimal,
            }
        }
        Expr::Call { name, args } => match (&**name, args.first()) {
            ("abs", Some(arg)) => numeric(result(arg, table, target)),
            ("floor" | "ceiling", Some(arg)) if numeric(result(arg, table, target)) == Result::Real => Result::Real,
            ("unix_timestamp", Some(Expr::Column(arg))) => match table.column(arg.as_str()) {
                Some((_, column)) if column.data_type.fraction().unwrap_or(0) > 0 => Result::Decimal,
                Some(_) | None => Result::Integer,
            },
            ("from_days", _) => Result::Other,
            _ => Result::Integer,
        },
        _ => Result::Other,
    }
}

/// Strings count as floating-point numbers.
fn numeric(result: Result) -> Result {
    if result == Result::Other { Result::Real } else { result }
}

//! What the change of a column can cost.

use super::Found;
use crate::diff::ColumnAspect;
use crate::document::{Algorithm, HazardKind};
use crate::model::expression::Literal;
use crate::model::{Column, DataType, DefaultValue, Expr, Index, IndexKind};
use crate::plan::effect::{TypeChange, becomes_generated, keeps_members, lost_charset, text_bytes, type_change};
use crate::plan::online::Cost;
use crate::plan::operation::{comes_without_default, has_no_default, leaves_innodb};
use crate::plan::probe::{Condition, Rows, beyond_digits, conversion, implicit};
use crate::source::Pair;

use HazardKind::{DataLoss, Incompatible, MayFail, Semantics};

/// A column that comes.
pub(super) fn added(found: &mut Found<'_>, column: &Column) {
    let name = column.name.quoted();
    let rows = found.rows;
    let bare = comes_without_default(column, rows.terms.target);
    if bare {
        let value = if column.nullable { "NULL" } else { "the value of its type" };
        found.probed(
            Semantics,
            format!("rows that are there get {value} in column {name}: no ALTER adds it with its default (1674)"),
            rows.some(),
        );
    }
    if bare && !column.nullable {
        found.add(Incompatible, format!("until its default is set, an INSERT that does not name column {name} breaks"));
    }
    if !has_value(column) {
        found.add(
            Incompatible,
            format!("an INSERT that does not name column {name} breaks: it is NOT NULL and has no default"),
        );
    }
    // No default fills a shape on MySQL (1138).
    let is_shape = matches!(column.data_type, DataType::Geometry(_)) && column.generated.is_none();
    let unfilled = !has_value(column) || (bare || is_shape && rows.terms.target.is_mysql()) && !column.nullable;
    if unfilled && implicit(&column.data_type).is_none() && (rows.terms.strict || is_shape) {
        let fails = match column.data_type {
            DataType::Date | DataType::DateTime(_) => rows.terms.no_zero_dates,
            // Zeros, and no document, which no session asks.
            DataType::Timestamp(_) | DataType::Vector(_) | DataType::Json => false,
            // MariaDB puts an empty string there, which a spatial key does not take (1416).
            DataType::Geometry(_) => {
                let mut keys = rows.tables.new.indexes.iter().filter(|index| index.kind == IndexKind::Spatial);
                rows.terms.target.is_mysql() || keys.any(|index| index.columns().any(|c| *c == column.name))
            }
            _ => true,
        };
        if fails {
            found.probed(
                MayFail,
                format!("fails where there are rows: column {name} has no value for them"),
                rows.some(),
            );
        }
    }
    if column.generated.is_some() {
        let computed = is_computed(rows, column, found.cost);
        unfit(found, column, if computed { MayFail } else { Semantics });
    }
    if !bare && let Some(DefaultValue::Expression(default)) = &column.default {
        filled(found, column, default);
    }
    // Where no rows are copied, nothing asks whether the new value holds the check.
    if found.cost.algorithm == Algorithm::Copy {
        checked(found, column);
    }
    if column.auto_increment && keeps_history(rows) {
        let reason =
            format!("fails where the table keeps rows of the past: none of them gets a number in column {name} (1112)");
        found.probed(MayFail, reason, rows.of_the_past(None));
    }
    if column.auto_increment
        && let DataType::Integer { .. } = column.data_type
    {
        found.probed(
            MayFail,
            format!("fails where there are more rows than column {name} has numbers"),
            rows.too_many(column),
        );
    }
}

/// Whether there are rows of the past: they have gone before a table becomes another engine's.
fn keeps_history(rows: &Rows<'_>) -> bool {
    rows.tables.old.system_versioned && !leaves_innodb(rows.tables.map(|t| &*t.options.engine))
}

/// A new column whose default is an expression: each row that is there has its own value of it.
fn filled(found: &mut Found<'_>, column: &Column, default: &Expr) {
    let name = column.name.quoted();
    let rows = found.rows;
    if let Expr::Sequence { name: sequence, .. } = default {
        let reason = format!("fails where the sequence of column {name} has no numbers left for all rows");
        return found.probed(MayFail, reason, rows.runs_out(column, sequence));
    }
    if is_uuid(default) && holds_uuid(&column.data_type) || holds_constant(column, default) {
        return;
    }
    let probe = match rows.refuses(column, default) {
        Some(conditions) if conditions.is_empty() => return,
        Some(conditions) => Some(rows.any(&conditions)),
        None => None,
    };
    found.probed(
        MayFail,
        format!("fails where the default of column {name} gives what the column does not take"),
        probe,
    );
}

/// Whether a default is a constant that a TEXT or BLOB has room for.
fn holds_constant(column: &Column, default: &Expr) -> bool {
    match (&column.data_type, default) {
        (DataType::Text(size) | DataType::Blob(size), Expr::Literal(Literal::String { text, .. })) => {
            text.chars().count() as u64 * 4 <= text_bytes(*size)
        }
        _ => false,
    }
}

/// Whether each value is a UUID as it is written.
fn is_uuid(default: &Expr) -> bool {
    matches!(default, Expr::Call { name, .. } if &**name == "uuid")
}

const fn holds_uuid(data_type: &DataType) -> bool {
    use DataType as T;
    matches!(data_type, T::Char(36..) | T::Varchar(36..) | T::Text(_) | T::Uuid)
}

/// The check of a column (MariaDB): only a copy looks at the rows that are there.
fn checked(found: &mut Found<'_>, column: &Column) {
    let Some(check) = &column.check else { return };
    let name = column.name.quoted();
    let probe = found.rows.breaks(check);
    match found.cost.algorithm {
        Algorithm::Copy => found.probed(MayFail, format!("fails where column {name} does not hold its check"), probe),
        Algorithm::Instant | Algorithm::Inplace => {
            found.probed(Semantics, format!("rows in which column {name} does not hold its check stay"), probe);
        }
    }
}

/// Whether an ALTER of that cost that defines a generated column computes its values though it copies no rows.
pub(super) fn is_computed(rows: &Rows<'_>, column: &Column, cost: Cost) -> bool {
    column.generated.as_ref().is_some_and(|g| g.stored)
        || !column.nullable && cost.rebuilds
        || rows.tables.new.indexes.iter().any(|i| i.columns().any(|c| *c == column.name))
}

/// Values of a generated column that it does not take.
fn unfit(found: &mut Found<'_>, column: &Column, kind: HazardKind) {
    let rows = found.rows;
    let Some(generated) = &column.generated else { return };
    let name = column.name.quoted();
    let probe = match rows.refuses(column, &generated.expression) {
        Some(conditions) if conditions.is_empty() => return,
        Some(conditions) => Some(rows.any(&conditions)),
        None => None,
    };
    let reason = match kind {
        Semantics => format!("column {name} cannot be read where its expression gives what it does not take"),
        _ => format!("fails where the expression of column {name} gives what the column does not take"),
    };
    found.probed(kind, reason, probe);
}

/// Whether a row that does not name the column has NULL there, be it that a TEXT does not say so.
fn defaults_to_null(column: &Column) -> bool {
    column.nullable
        && column.generated.is_none()
        && matches!(column.default, None | Some(DefaultValue::Null))
        && !has_no_default(column)
}

/// Whether a row that does not name the column gets a value for it.
pub(crate) fn has_value(column: &Column) -> bool {
    column.nullable
        || column.default.is_some()
        || column.auto_increment
        || column.generated.is_some()
        || column.bounds_period()
}

/// A column that is dropped and added in one statement.
pub(super) fn remade(found: &mut Found<'_>, columns: Pair<&Column>) {
    let name = columns.new.name.quoted();
    let rows = found.rows;
    let stays_empty = rows.initial(columns.new).is_some_and(|value| value == "NULL");
    let probe = match rows.replaced(columns) {
        Some(probe) => probe,
        None if stays_empty && columns.new.generated.is_none() => rows.filled(columns.old),
        None => rows.some(),
    };
    match (&columns.old.generated, &columns.new.generated) {
        (None, Some(_)) => found.probed(
            DataLoss,
            format!("column {name} is made anew: its data are replaced by computed values"),
            probe,
        ),
        (Some(_), None) => found.probed(
            DataLoss,
            format!("column {name} is made anew: its computed values are replaced by the default"),
            probe,
        ),
        (None, None) => {
            found.probed(DataLoss, format!("column {name} is made anew: its data are replaced by the default"), probe);
            found.add(Incompatible, format!("code that uses column {name} as before may break"));
        }
        (Some(_), Some(_)) => {}
    }
    computed_or_not(found, columns);
    found.add(Semantics, format!("column {name} comes about in another way"));
    added(found, columns.new);
}

/// Who writes a column that is computed from now on, or no longer.
fn computed_or_not(found: &mut Found<'_>, columns: Pair<&Column>) {
    let name = columns.new.name.quoted();
    if becomes_generated(columns) {
        found.add(Incompatible, format!("code that writes column {name} breaks: it is computed"));
    } else if columns.old.generated.is_some() && columns.new.generated.is_none() {
        found.add(Incompatible, format!("column {name} is no longer computed: code must write it"));
    }
}

/// A column that changes in place.
pub(super) fn modified(found: &mut Found<'_>, columns: Pair<&Column>, aspects: &[ColumnAspect]) {
    let name = columns.new.name.quoted();
    let rows = found.rows;
    if aspects.iter().any(|a| matches!(a, ColumnAspect::Type | ColumnAspect::Collation)) {
        values(found, columns);
    }
    for aspect in aspects {
        match aspect {
            ColumnAspect::Type => match type_change(columns.map(|c| &c.data_type)) {
                TypeChange::Widening if matches!(columns.old.data_type, DataType::Enum(_)) => {
                    if !matches!(columns.new.data_type, DataType::Enum(_)) {
                        found.add(
                            Semantics,
                            format!("column {name} sorts by its text and no longer as its members stand"),
                        );
                    }
                }
                TypeChange::Widening => {}
                TypeChange::Conversion if keeps_members(columns.map(|c| &c.data_type)) => {
                    found.add(Semantics, format!("members of column {name} have other numbers, by which they sort"));
                }
                TypeChange::Narrowing => {
                    found.add(Incompatible, format!("code that writes wider values to column {name} breaks"));
                }
                TypeChange::Conversion => {
                    found.add(Semantics, format!("column {name} compares and sorts as another type"));
                    found.add(Incompatible, format!("code that writes the old type to column {name} may break"));
                }
            },
            ColumnAspect::Collation if columns.old.collation != columns.new.collation => {
                found.add(Semantics, format!("column {name} compares and sorts by another collation"));
                if let Some(charset) = lost_charset(columns) {
                    let charset = charset.printed(rows.terms.target);
                    let reason = format!("code that writes characters to column {name} that {charset} lacks breaks");
                    found.add(Incompatible, reason);
                }
            }
            // NULL asks for the next number.
            ColumnAspect::Nullability if !columns.new.nullable && columns.new.auto_increment => {}
            ColumnAspect::Nullability if !columns.new.nullable => {
                // The time of the ALTER is put there: on MySQL only where the rows are copied.
                let now = matches!(columns.new.data_type, DataType::Timestamp(_))
                    && (rows.terms.target.is_mariadb() || found.cost.algorithm == Algorithm::Copy);
                // MySQL has no shape to put there (1138).
                let is_shape = matches!(columns.new.data_type, DataType::Geometry(_)) && rows.terms.target.is_mysql();
                let (kind, reason) = if rows.terms.strict && !now || is_shape {
                    (MayFail, format!("fails where column {name} is NULL"))
                } else {
                    (DataLoss, format!("NULL in column {name} becomes another value"))
                };
                found.probed(kind, reason, rows.null(columns.old));
                found.add(Incompatible, format!("code that writes NULL to column {name} breaks"));
            }
            ColumnAspect::Default if columns.new.default.is_none() && !columns.new.nullable => {
                if columns.old.default.is_some() && !has_value(columns.new) {
                    found.add(Incompatible, format!("an INSERT that does not name column {name} breaks"));
                }
            }
            ColumnAspect::Default if defaults_to_null(columns.old) && defaults_to_null(columns.new) => {}
            ColumnAspect::Default | ColumnAspect::OnUpdate => {
                found.add(Semantics, format!("rows written without column {name} get another value"));
            }
            ColumnAspect::AutoIncrement if !columns.new.auto_increment => {
                found.add(Incompatible, format!("an INSERT that leaves column {name} to AUTO_INCREMENT breaks"));
            }
            ColumnAspect::AutoIncrement => numbered(found, columns),
            ColumnAspect::Generated | ColumnAspect::Generation => {
                found.add(Semantics, format!("column {name} gets other values"));
                if becomes_generated(columns) {
                    found.probed(
                        DataLoss,
                        format!("the data of column {name} are replaced by computed values"),
                        rows.replaced(columns).unwrap_or_else(|| rows.some()),
                    );
                }
                if columns.new.generated.is_some() && is_computed(rows, columns.new, found.cost) {
                    unfit(found, columns.new, MayFail);
                }
                computed_or_not(found, columns);
            }
            ColumnAspect::Visibility if columns.new.invisible => {
                found.add(Incompatible, format!("SELECT * no longer returns column {name}"));
            }
            ColumnAspect::Visibility => found.add(Semantics, format!("SELECT * now returns column {name}")),
            ColumnAspect::Check => checked(found, columns.new),
            ColumnAspect::Srid => {
                if let (Some(srid), DataType::Geometry(_)) = (columns.new.srid, &columns.old.data_type) {
                    let value = rows.column(columns.old);
                    found.probed(
                        MayFail,
                        format!("fails where column {name} holds values of another SRID"),
                        rows.any(&[format!("ST_SRID({value}) <> {srid}")]),
                    );
                }
            }
            ColumnAspect::Versioning => {
                found.add(Semantics, format!("whether changes of column {name} are kept changes"));
            }
            ColumnAspect::Collation
            | ColumnAspect::Nullability
            | ColumnAspect::NameCase
            | ColumnAspect::Comment
            | ColumnAspect::Format
            | ColumnAspect::Storage
            | ColumnAspect::Compression
            | ColumnAspect::EngineOptions => {}
        }
    }
}

/// A column that the server numbers from now on.
fn numbered(found: &mut Found<'_>, columns: Pair<&Column>) {
    let name = columns.new.name.quoted();
    let rows = found.rows;
    let next = rows.asks_for_number(columns.old);
    let probe = rows.any(std::slice::from_ref(&next));
    found.probed(DataLoss, format!("rows without a number in column {name} get one"), probe);
    if keeps_history(rows) {
        let reason =
            format!("fails where a row of the past has no number in column {name}: none of them gets one (1112)");
        found.probed(MayFail, reason, rows.of_the_past(Some(&next)));
    }
    if let Some(probe) = rows.no_integers(columns) {
        found.probed(MayFail, format!("fails where column {name} holds a number beyond 64 bits"), probe);
    }
    // A row gets the number behind the greatest one of those that were copied before it. In the order of the column's own
    // key that is 1; which rows come first otherwise no query tells. InnoDB alone keeps the rows in that order, and each
    // partition has one of its own.
    let old = rows.tables.old;
    let own = |index: &Index| {
        index.parts.first().is_some_and(|part| !part.descending)
            && index.columns().next().is_some_and(|c| *c == columns.old.name)
    };
    let in_order = &*old.options.engine == "InnoDB" && old.partitioning.is_none() && old.primary_key().is_some_and(own);
    if !in_order && let Some(probe) = rows.numbers_end(columns, &next) {
        found.probed(MayFail, format!("fails where column {name} has no number left for a row that gets one"), probe);
    }
    let is_over = |index: &&Index| index.is_unique() && index.columns().any(|c| *c == columns.new.name);
    if rows.tables.new.indexes.iter().any(|index| is_over(&index)) {
        let probe = rows.taken(columns.old, &next, in_order.then_some(1));
        found.probed(MayFail, format!("the numbers given in column {name} may be taken"), probe);
    }
}

/// What becomes of the values under another type or charset.
fn values(found: &mut Found<'_>, columns: Pair<&Column>) {
    let name = columns.new.name.quoted();
    let rows = found.rows;
    if columns.old.generated.is_some() && columns.new.generated.is_some() {
        // Computed again, for the new type; what was stored by an expression that goes stays, as the column's own.
        return unfit(found, columns.new, if is_computed(rows, columns.new, found.cost) { MayFail } else { Semantics });
    }
    let mut change = conversion(rows, columns);
    if found.cost.algorithm == Algorithm::Copy {
        let beyond = written_again(rows, columns);
        if rows.terms.strict { change.fails.extend(beyond) } else { change.loses.extend(beyond) }
    }
    if !change.fails.is_empty() {
        found.probed(
            MayFail,
            format!("fails where column {name} holds a value {}", words(&change.fails)),
            rows.any(&conditions(&change.fails)),
        );
    }
    if !change.loses.is_empty() {
        found.probed(
            DataLoss,
            format!("changes values of column {name}: any {}", words(&change.loses)),
            rows.any(&conditions(&change.loses)),
        );
    }
    if matches!(
        (&columns.old.data_type, &columns.new.data_type),
        (DataType::Float { double: false, .. }, DataType::Float { double: true, .. })
    ) {
        let value = rows.column(columns.old);
        found.probed(
            DataLoss,
            format!("values of column {name} show the digits that FLOAT kept back"),
            rows.any(&[format!("CAST({value} AS CHAR) <> CAST({value} + 0e0 AS CHAR)")]),
        );
    }
}

/// What is in the way of a number whose bytes stay, where the rows are copied: then each is looked at, and has its digits.
fn written_again(rows: &Rows<'_>, columns: Pair<&Column>) -> Option<Condition> {
    use DataType as T;
    match (&columns.old.data_type, &columns.new.data_type) {
        (
            T::Float { double: a, unsigned: u, .. },
            T::Float { double: b, unsigned: v, digits: Some((precision, scale)), .. },
        ) if a == b && u == v => {
            let sql = beyond_digits(&rows.column(columns.old), *precision, *scale);
            Some(Condition { words: "out of range".to_owned(), sql })
        }
        _ => None,
    }
}

fn words(conditions: &[Condition]) -> String {
    let mut words: Vec<&str> = Vec::new();
    for condition in conditions {
        if !words.contains(&condition.words.as_str()) {
            words.push(&condition.words);
        }
    }
    words.join(" or ")
}

fn conditions(list: &[Condition]) -> Vec<String> {
    list.iter().map(|c| c.sql.clone()).collect()
}

//! What a column of NEW will hold, as an expression over the row as it is.

use super::Rows;
use crate::canonical::expression::Place;
use crate::model::{Collation, Column, DataType, DefaultValue, Expr};
use crate::plan::operation::must_be_remade;
use crate::source::Pair;

impl Rows<'_> {
    /// The value that NEW's column of that name will have; `None` where no expression can say it.
    pub(in crate::plan) fn value(&self, name: &str) -> Option<String> {
        let (_, new) = self.tables.new.column(name)?;
        if let Some(generated) = &new.generated {
            if let Some(old) = self.before(name).filter(|old| self.stays(old, new)) {
                return Some(self.column(old));
            }
            let value = format!("({})", self.expression(&generated.expression, Place::Generated)?);
            let result = self.result(&generated.expression);
            return Some(self.converted(Pair::new(&result, new), value));
        }
        let shape = |column: &Column| matches!(column.data_type, DataType::Geometry(_) | DataType::Vector(_));
        match self.before(name) {
            Some(old) if shape(old) && !shape(new) => None,
            Some(old) if !must_be_remade(Pair::new(old, new), self.terms.target) => {
                Some(self.converted(Pair::new(old, new), self.column(old)))
            }
            Some(_) | None => self.initial(new),
        }
    }

    /// Whether a generated column, and all that it is computed from, stays as it is.
    fn stays(&self, old: &Column, new: &Column) -> bool {
        let same = |old: &Column, new: &Column| {
            old.data_type == new.data_type && old.collation == new.collation && old.generated == new.generated
        };
        let mut all = same(old, new);
        if let Some(generated) = &new.generated {
            generated.expression.columns(&mut |name| {
                let sides = (self.before(name.as_str()), self.tables.new.column(name.as_str()));
                all &= matches!(sides, (Some(old), Some((_, new))) if same(old, new));
            });
        }
        all
    }

    /// What a new column holds in the rows that are there.
    pub(crate) fn initial(&self, column: &Column) -> Option<String> {
        match &column.default {
            _ if column.auto_increment => None,
            Some(default) => {
                let mut text = String::new();
                self.printer().default_value(&mut text, default, &column.data_type);
                if matches!(default, DefaultValue::Literal(_) | DefaultValue::CurrentTimestamp) {
                    return Some(self.typed(column, text));
                }
                Some(text)
            }
            None if column.nullable => Some("NULL".to_owned()),
            None => implicit(&column.data_type).map(|text| self.typed(column, text)),
        }
    }

    /// A constant with the collation of its column.
    fn typed(&self, column: &Column, text: String) -> String {
        match column.collation {
            Some(collation) => self.under(&text, collation),
            None => text,
        }
    }

    /// A text under a collation.
    pub(super) fn under(&self, text: &str, collation: Collation) -> String {
        let target = self.terms.target;
        let charset = collation.charset();
        if charset.name() == "binary" {
            return format!("CONVERT({text} USING binary)");
        }
        format!("(CONVERT({text} USING {}) COLLATE {})", charset.printed(target), collation.printed(target))
    }

    /// A value after the change of its column, where it fits.
    fn converted(&self, columns: Pair<&Column>, value: String) -> String {
        use DataType as T;
        let same = columns.old.data_type == columns.new.data_type;
        if let Some(collation) = columns.new.collation {
            if same && columns.old.collation == columns.new.collation {
                return value;
            }
            let text = match columns.old.collation {
                Some(_) => value,
                None => format!("CAST({value} AS CHAR)"),
            };
            let text = if matches!(columns.new.data_type, T::Char(_)) { format!("RTRIM({text})") } else { text };
            return self.under(&text, collation);
        }
        if same {
            return value;
        }
        let number = match &columns.old.data_type {
            T::Char(_) | T::Varchar(_) | T::Text(_) => format!("CAST({value} AS DECIMAL(65,30))"),
            _ => value.clone(),
        };
        match &columns.new.data_type {
            T::Integer { .. } => format!("ROUND({number})"),
            T::Decimal { scale, .. } => format!("ROUND({number}, {scale})"),
            T::Float { double: true, .. } => format!("({number} + 0e0)"),
            T::Float { double: false, .. } => format!("(0e0 + {})", super::number::single(&number)),
            T::Date => format!("CAST({value} AS DATE)"),
            T::DateTime(fraction) | T::Timestamp(fraction) => format!("CAST({value} AS DATETIME({fraction}))"),
            T::Time(fraction) => format!("CAST({value} AS TIME({fraction}))"),
            // Filled up with zero bytes.
            T::Binary(length) => format!("CAST({value} AS BINARY({length}))"),
            T::Varbinary(_) | T::Blob(_) => format!("CAST({value} AS BINARY)"),
            // What is no document ends a query.
            T::Json if columns.old.collation.is_some() => {
                let text = format!("CONVERT({value} USING utf8mb4)");
                format!("IF(JSON_VALID({text}), CAST({text} AS JSON), NULL)")
            }
            _ => value,
        }
    }
}

/// What a NOT NULL column without a default holds in rows that were there before it
/// (MySQL 8.4 manual, section 13.6 "Data Type Default Values"); `None` where there is no such value.
pub(crate) fn implicit(data_type: &DataType) -> Option<String> {
    use DataType as T;
    Some(match data_type {
        T::Integer { .. } | T::Decimal { .. } | T::Float { .. } | T::Bit(_) | T::Year(_) => "0".to_owned(),
        T::Char(_) | T::Varchar(_) | T::Binary(_) | T::Varbinary(_) | T::Text(_) | T::Blob(_) | T::Set(_) => {
            "''".to_owned()
        }
        T::Enum(members) => super::text::literal(members.first()?),
        T::Time(_) => "'00:00:00'".to_owned(),
        T::Uuid => "'00000000-0000-0000-0000-000000000000'".to_owned(),
        T::Inet4 => "'0.0.0.0'".to_owned(),
        T::Inet6 => "'::'".to_owned(),
        T::Date | T::DateTime(_) | T::Timestamp(_) | T::Json | T::Geometry(_) | T::Vector(_) => return None,
    })
}

/// Puts values in the place of columns; false where one has none.
pub(super) fn replace(expression: &mut Expr, value: &dyn Fn(&str) -> Option<String>) -> bool {
    match expression {
        Expr::Column(name) => match value(name.as_str()) {
            Some(text) => {
                *expression = Expr::Tokens(text.into());
                true
            }
            None => false,
        },
        Expr::DefaultOf(_) | Expr::ValuesOf(_) => false,
        Expr::Tokens(_) => false,
        _ => {
            let mut all = true;
            expression.children_mut(&mut |child| all &= replace(child, value));
            all
        }
    }
}

//! What a column of NEW will hold, as an expression over the row as it is.

use super::Rows;
use super::read::Read;
use crate::model::expression::{Literal, Test};
use crate::model::{Collation, Column, DataType, DefaultValue, Expr};
use crate::plan::operation::{comes_without_default, must_be_remade};
use crate::source::Pair;
use crate::target::Target;

impl Rows<'_> {
    /// The value that NEW's column of that name will have, as an expression reads it; `None` where none can say it.
    pub(super) fn said(&self, name: &str, read: Read) -> Option<String> {
        let (_, new) = self.tables.new.column(name)?;
        match self.before(name).filter(|_| new.generated.is_none()).map(|old| Pair::new(old, new)) {
            Some(columns) if !is_said(columns, self.terms.target) => None,
            Some(columns) if read == Read::Text && !is_shown(columns) => None,
            Some(columns) if read == Read::Number && is_member(&columns.new.data_type) => {
                let number = self.number_of_member(columns)?;
                // No member has the number 0.
                let no_null = self.instead_of_null(columns).is_some();
                Some(if no_null { format!("COALESCE({number}, 0)") } else { number })
            }
            None if read == Read::Text && new.generated.is_none() => self.shown(new),
            None if read == Read::Number && is_member(&new.data_type) => {
                let value = self.value(name)?;
                let stays = new.generated.is_some() && self.before(name).is_some_and(|old| self.stays(old, new));
                if stays {
                    Some(format!("({value} + 0)"))
                } else {
                    super::member::number_of_written(&new.data_type, &value)
                }
            }
            _ => self.value(name),
        }
    }

    /// What a new column holds in the rows that are there, as it is written.
    fn shown(&self, column: &Column) -> Option<String> {
        use DataType as T;
        let value = self.initial(column)?;
        Some(match &column.data_type {
            // What is made of a number or a moment is characters, and what is made of NULL alone is bytes.
            data_type if value == "NULL" && super::kind::is_number(data_type) => "(NULL + 0)".to_owned(),
            data_type if value == "NULL" && super::kind::is_moment(data_type) => "CAST(NULL AS DATETIME)".to_owned(),
            data_type if value == "NULL" || column.default.is_some() && !is_filled_up(data_type) => {
                self.value(column.name.as_str())?
            }
            data_type if is_filled_up(data_type) => return None,
            T::Bit(_) => return None,
            T::Decimal { scale, .. } | T::Float { digits: Some((_, scale)), .. } => {
                format!("CAST({value} AS DECIMAL(65,{scale}))")
            }
            T::Year(_) => format!("LPAD({value}, 4, '0')"),
            T::Time(fraction) => format!("CAST({value} AS TIME({fraction}))"),
            T::DateTime(fraction) | T::Timestamp(fraction) => format!("CAST({value} AS DATETIME({fraction}))"),
            _ => value,
        })
    }

    /// What is NULL exactly if NEW's column of that name will be.
    fn nullness(&self, name: &str) -> Option<String> {
        let (_, new) = self.tables.new.column(name)?;
        let old = self.before(name).filter(|_| new.generated.is_none())?;
        let columns = Pair::new(old, new);
        (!must_be_remade(columns, self.terms.target)).then(|| match self.instead_of_null(columns) {
            Some(_) => "0".to_owned(),
            None => self.column(old),
        })
    }

    /// The value that NEW's column of that name will have, as far as rows are told apart by it; `None` where no expression
    /// can say it.
    pub(in crate::plan) fn value(&self, name: &str) -> Option<String> {
        let (_, new) = self.tables.new.column(name)?;
        if let Some(generated) = &new.generated {
            if let Some(old) = self.before(name).filter(|old| self.stays(old, new)) {
                return Some(match self.instead_of_null(Pair::new(old, new)) {
                    Some(other) => format!("COALESCE({}, {other})", self.column(old)),
                    None => self.column(old),
                });
            }
            return self.filled_with(new, &generated.expression);
        }
        let shape = |column: &Column| matches!(column.data_type, DataType::Geometry(_) | DataType::Vector(_));
        match self.before(name) {
            Some(old) if shape(old) && !shape(new) => None,
            Some(old) if !must_be_remade(Pair::new(old, new), self.terms.target) => {
                let value = self.converted(Pair::new(old, new), self.column(old));
                Some(match self.instead_of_null(Pair::new(old, new)) {
                    Some(other) => format!("COALESCE({value}, {other})"),
                    None => value,
                })
            }
            Some(_) | None => self.initial(new).map(|value| match &*value {
                // Of no charset it would be bytes to what reads it.
                "NULL" => self.typed(new, value),
                _ => value,
            }),
        }
    }

    /// What a column holds that is filled with an expression's values.
    fn filled_with(&self, column: &Column, expression: &Expr) -> Option<String> {
        let mut value = format!("({})", self.outcome(column, expression)?);
        let result = self.result(expression);
        if self.is_cut(&result.data_type, &column.data_type) {
            value = format!("TRUNCATE({value}, 0)");
        }
        // Where there is no room for all digits there are fewer.
        if matches!(result.data_type, DataType::Float { .. })
            && matches!(column.data_type, DataType::Char(..24) | DataType::Varchar(..24))
        {
            return None;
        }
        // No address is a number or a moment, what is no shape does not become one, and no query casts one but to bytes (4079).
        let is_foreign = match result.data_type {
            DataType::Uuid | DataType::Inet4 | DataType::Inet6 => {
                super::kind::is_number(&column.data_type) || super::kind::is_moment(&column.data_type)
            }
            DataType::Geometry(_) => {
                !matches!(column.data_type, DataType::Geometry(_)) && !super::conversion::is_binary(&column.data_type)
            }
            _ => matches!(column.data_type, DataType::Geometry(_)),
        };
        if is_foreign || self.comes_to_another(&result.data_type, &column.data_type) {
            return None;
        }
        let value = self.converted(Pair::new(&result, column), value);
        if column.nullable || self.terms.strict || self.terms.target.is_mariadb() {
            return Some(value);
        }
        // MySQL puts the value of its type in the place of NULL.
        Some(match self.implicit_of(column) {
            Some(implicit) => format!("COALESCE({value}, {implicit})"),
            None => value,
        })
    }

    /// Whether what fills a column comes to what no CAST makes of it: a year of two digits, or a day of zeros in the place of a
    /// number that is none.
    fn comes_to_another(&self, filling: &DataType, filled: &DataType) -> bool {
        let is_number = super::kind::is_number(filling);
        match filled {
            DataType::Year(_) => !is_number,
            DataType::Date | DataType::DateTime(_) | DataType::Timestamp(_) => {
                is_number && (self.terms.target.is_mariadb() || !self.terms.strict)
            }
            _ => false,
        }
    }

    /// What a column that no longer takes NULL holds in its place; `None` where NULL stays, or is in the way.
    pub(in crate::plan) fn instead_of_null(&self, columns: Pair<&Column>) -> Option<String> {
        if !columns.old.nullable || columns.new.nullable {
            return None;
        }
        match &columns.new.data_type {
            // The time of the ALTER.
            DataType::Timestamp(_) if columns.new.generated.is_none() => Some("CURRENT_TIMESTAMP".to_owned()),
            _ if !self.terms.strict => self.implicit_of(columns.new),
            _ => None,
        }
    }

    /// What stands where NULL was in a column that takes none, without the strict modes: in an ENUM no member at all.
    fn implicit_of(&self, column: &Column) -> Option<String> {
        match implicit(&column.data_type) {
            Some(_) if matches!(column.data_type, DataType::Enum(_)) => Some(self.typed(column, "''".to_owned())),
            // Beside a text a time of day would be one, and midnight not the same under every fraction.
            Some(text) if matches!(column.data_type, DataType::Time(_)) => Some(format!("CAST({text} AS TIME)")),
            Some(text) => Some(self.typed(column, text)),
            None if super::kind::is_moment(&column.data_type) => Some("CAST(0 AS DATETIME)".to_owned()),
            None => None,
        }
    }

    /// Whether a generated column, and all that it is computed from, stays as it is; what is stored stays without a copy.
    pub(in crate::plan) fn stays(&self, old: &Column, new: &Column) -> bool {
        let same = |old: &Column, new: &Column| {
            old.data_type == new.data_type && old.collation == new.collation && old.generated == new.generated
        };
        let mut all = same(old, new);
        if let Some(generated) = new.generated.as_ref().filter(|generated| self.copied || !generated.stored) {
            generated.expression.columns(&mut |name| {
                let sides = (self.before(name.as_str()), self.tables.new.column(name.as_str()));
                all &= matches!(sides, (Some(old), Some((_, new)))
                    if same(old, new) && self.instead_of_null(Pair::new(old, new)).is_none());
            });
        }
        all
    }

    /// What a new column holds in the rows that are there.
    pub(crate) fn initial(&self, column: &Column) -> Option<String> {
        let default = column.default.as_ref().filter(|_| !comes_without_default(column, self.terms.target));
        match default {
            _ if column.auto_increment => None,
            Some(DefaultValue::Expression(expression)) => self.filled_with(column, expression),
            Some(default) => {
                let mut text = String::new();
                self.printer().default_value(&mut text, default, column);
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

    /// Puts values in the place of columns; false where one has none.
    pub(super) fn put_values(&self, expression: &mut Expr, read: Read) -> bool {
        match expression {
            Expr::Column(name) => match self.said(name.as_str(), read) {
                Some(text) => {
                    *expression = Expr::Tokens(text.into());
                    true
                }
                None => false,
            },
            // No query may take a number of a sequence.
            Expr::DefaultOf(_) | Expr::ValuesOf(_) | Expr::Tokens(_) | Expr::Sequence { .. } => false,
            // A moment of zeros, which servers keep in a CHECK, is an error where the session takes none.
            Expr::Literal(Literal::Temporal { text, .. }) if text.starts_with("0000-00-00") => {
                *expression = Expr::Literal(Literal::Number("0".into()));
                true
            }
            Expr::Is { expr, test: Test::Null, .. } => match &**expr {
                Expr::Column(name) => match self.said(name.as_str(), read).or_else(|| self.nullness(name.as_str())) {
                    Some(text) => {
                        **expr = Expr::Tokens(text.into());
                        true
                    }
                    None => false,
                },
                _ => self.put_values(expr, Read::Value),
            },
            _ => {
                let mut all = true;
                let Some(reads) = self.reads(expression, read) else { return false };
                let mut at = 0;
                expression.children_mut(&mut |child| {
                    all &= self.put_values(child, reads.of(at));
                    at += 1;
                });
                all
            }
        }
    }

    /// Takes back what MariaDB converts by itself, and shows so: written out, the text would no longer give way to the column
    /// that it stands beside (1267).
    pub(super) fn undo_conversions(&self, expression: &mut Expr) {
        if !self.terms.target.is_mariadb() {
            return;
        }
        let mut charsets = Vec::new();
        expression.children(&mut |child| {
            if let Expr::Column(name) = child
                && let Some(collation) = self.tables.new.column(name.as_str()).and_then(|(_, c)| c.collation)
            {
                charsets.push(collation.charset().printed(self.terms.target));
            }
        });
        expression.children_mut(&mut |child| {
            if let Expr::ConvertUsing { expr, charset } = child
                && charsets.contains(&&**charset)
            {
                *child = std::mem::replace(&mut **expr, Expr::Literal(Literal::Null));
            }
            self.undo_conversions(child);
        });
    }

    /// Bytes that are reckoned with as a column's are: MariaDB sees no decimals in what is cast to them.
    fn bytes(&self, cast: String) -> String {
        if self.terms.target.is_mariadb() { format!("CONVERT({cast} USING binary)") } else { cast }
    }

    /// A value after the change of its column, where it fits.
    fn converted(&self, columns: Pair<&Column>, value: String) -> String {
        use DataType as T;
        let same = columns.old.data_type == columns.new.data_type;
        if let Some(collation) = columns.new.collation {
            if same && columns.old.collation == columns.new.collation {
                return value;
            }
            if is_member(&columns.new.data_type)
                && !super::member::same_kind_of_member(columns)
                && let Some(member) = self.member(columns, &value)
            {
                return self.under(&member, collation);
            }
            let text = match columns.old.collation {
                Some(_) => value,
                None if super::conversion::is_binary(&columns.old.data_type) => value,
                // Into a TEXT come the bytes that the bits fill.
                None if matches!(columns.old.data_type, T::Bit(_)) && matches!(columns.new.data_type, T::Text(_)) => {
                    format!("CAST({value} AS BINARY)")
                }
                None if matches!(columns.old.data_type, T::Bit(_)) => format!("CAST({value} + 0 AS CHAR)"),
                None => format!("CAST({value} AS CHAR)"),
            };
            let text = if matches!(columns.new.data_type, T::Char(_)) { format!("RTRIM({text})") } else { text };
            // MySQL reckons with no bytes beyond ASCII there (3854); such a row is in the way by itself.
            let is_bytes = columns.old.collation.is_none() && collation.charset().name() == "ascii";
            let text =
                if is_bytes && self.terms.target.is_mysql() { format!("CONVERT({text} USING latin1)") } else { text };
            return self.under(&text, collation);
        }
        if same {
            return value;
        }
        let to_moment = super::kind::is_moment(&columns.new.data_type);
        let number = match &columns.old.data_type {
            _ if to_moment && columns.old.collation.is_some()
                || super::conversion::is_binary(&columns.new.data_type) =>
            {
                if matches!(columns.old.data_type, T::Bit(_)) { format!("({value} + 0)") } else { value.clone() }
            }
            T::Char(_) | T::Varchar(_) | T::Text(_) => format!("CAST({value} AS DECIMAL(65,30))"),
            // MariaDB cuts the fraction of a second off.
            old if super::kind::is_moment(old)
                && self.terms.target.is_mariadb()
                && matches!(columns.new.data_type, T::Integer { .. }) =>
            {
                format!("TRUNCATE({value} + 0, 0)")
            }
            T::Bit(_) => format!("({value} + 0)"),
            old if super::kind::is_moment(old) && matches!(columns.new.data_type, T::Float { .. }) => {
                format!("({value} + 0)")
            }
            _ => value.clone(),
        };
        match &columns.new.data_type {
            T::Integer { kind, unsigned, .. } => {
                let range = kind.range(*unsigned);
                match &columns.old.data_type {
                    // Without a sign, what is subtracted from it would end the query (1690).
                    T::Integer { kind, unsigned: true, .. } if !*unsigned && is_within(kind.range(true), range) => {
                        format!("CAST({number} AS SIGNED)")
                    }
                    T::Integer { kind, unsigned, .. } if is_within(kind.range(*unsigned), range) => number,
                    // What is out of range is in the way by itself; reckoned with, it would end the query.
                    _ => {
                        let to = if *unsigned { "UNSIGNED" } else { "SIGNED" };
                        // A FLOAT is rounded half to even, as it is stored; MySQL holds none within what is an integer (1690).
                        if let T::Float { .. } = &columns.old.data_type {
                            let number = format!("ROUND({number})");
                            return format!(
                                "CASE WHEN {number} >= {1} THEN {1} WHEN {number} <= {0} THEN {0} ELSE CAST({number} AS {to}) END",
                                range.0, range.1
                            );
                        }
                        let number = format!("CAST({number} AS DECIMAL(65,0))");
                        format!("CAST(GREATEST(LEAST({number}, {}), {}) AS {to})", range.1, range.0)
                    }
                }
            }
            // The number that a string begins with.
            T::Bit(_) => match &columns.old.data_type {
                old if super::kind::is_text(old) => format!("TRUNCATE(CAST({value} AS DECIMAL(65,30)), 0)"),
                T::Decimal { .. } | T::Float { .. } => format!("ROUND({number})"),
                _ => format!("({value} + 0)"),
            },
            T::Year(_) if columns.old.collation.is_none() => {
                let year = format!("ROUND({number})");
                format!(
                    "(CASE WHEN {year} BETWEEN 1 AND 69 THEN {year} + 2000 WHEN {year} BETWEEN 70 AND 99 THEN {year} + 1900 WHEN {year} BETWEEN 1901 AND 2155 THEN {year} ELSE {year} * 0 END)"
                )
            }
            // A rounded integer would stay one, and be reckoned with as one.
            T::Decimal { precision, scale, .. } => {
                format!("CAST(ROUND({number}, {scale}) AS DECIMAL({precision},{scale}))")
            }
            T::Float { double: true, .. } => format!("({number} + 0e0)"),
            T::Float { double: false, digits, .. } => {
                let number = match (&columns.old.data_type, digits) {
                    (T::Float { .. }, _) | (_, None) => number,
                    (_, Some((_, scale))) => format!("ROUND({number}, {scale})"),
                };
                if !self.terms.target.casts_to_float() {
                    return format!("(0e0 + {})", super::number::single(&number));
                }
                // What is out of range is in the way by itself; it would end the query (MySQL 1690).
                format!("(0e0 + CAST(GREATEST(LEAST({number} + 0e0, 3.4028234e38), -3.4028234e38) AS FLOAT))")
            }
            T::Date => format!("CAST({number} AS DATE)"),
            T::DateTime(fraction) | T::Timestamp(fraction) => format!("CAST({number} AS DATETIME({fraction}))"),
            // Nothing but blanks is midnight to a column of MySQL, and no time of day to CAST.
            T::Time(fraction)
                if self.terms.target.is_mysql() && super::conversion::is_string(&columns.old.data_type) =>
            {
                format!("CAST(IF(CHAR_LENGTH(RTRIM({number})) = 0, '00:00:00', {number}) AS TIME({fraction}))")
            }
            T::Time(fraction) => format!("CAST({number} AS TIME({fraction}))"),
            // Filled up with zero bytes.
            T::Binary(length) => self.bytes(format!("CAST({number} AS BINARY({length}))")),
            T::Varbinary(_) | T::Blob(_) => self.bytes(format!("CAST({number} AS BINARY)")),
            // What is no document ends a query.
            T::Json if columns.old.collation.is_some() => {
                let text = format!("CONVERT({value} USING utf8mb4)");
                format!("IF(JSON_VALID({text}), CAST({text} AS JSON), NULL)")
            }
            _ => value,
        }
    }
}

const fn is_member(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Enum(_) | DataType::Set(_))
}

/// Whether an expression writes what a column holds under its new type as the column does.
fn is_shown(columns: Pair<&Column>) -> bool {
    use DataType as T;
    let Pair { old, new } = columns.map(|column| &column.data_type);
    old == new
        || !is_filled_up(new)
            && !matches!(
                new,
                T::Bit(_) | T::Year(_) | T::Float { double: false, .. } | T::Float { digits: Some(_), .. }
            )
}

const fn is_filled_up(data_type: &DataType) -> bool {
    use DataType as T;
    matches!(
        data_type,
        T::Integer { zerofill: true, .. } | T::Decimal { zerofill: true, .. } | T::Float { zerofill: true, .. }
    )
}

const fn is_within(inner: (i128, i128), outer: (i128, i128)) -> bool {
    inner.0 >= outer.0 && inner.1 <= outer.1
}

/// Whether an expression says what a column holds under its new type: no CAST makes bits, members' numbers or years of two
/// digits, and what a FLOAT shows is its column's.
fn is_said(columns: Pair<&Column>, target: Target) -> bool {
    use DataType as T;
    let Pair { old, new } = columns.map(|column| &column.data_type);
    if old == new {
        return true;
    }
    let number = matches!(old, T::Integer { .. } | T::Decimal { .. } | T::Float { .. } | T::Bit(_) | T::Year(_));
    match (old, new) {
        // The zeros in front are its column's.
        (old, new) if is_filled_up(old) && !super::kind::is_number(new) => false,
        // MariaDB's zero is a date of zeros.
        (_, T::Date | T::DateTime(_) | T::Timestamp(_)) if number && target.is_mariadb() => false,
        (T::Bit(_), T::Bit(_)) | (T::Year(_) | T::Integer { .. }, T::Year(_)) => true,
        (T::Bit(_), T::Text(_) | T::Blob(_) | T::Json) | (_, T::Bit(_) | T::Year(_)) => false,
        (T::Float { .. }, T::Char(_) | T::Varchar(_) | T::Text(_) | T::Binary(_) | T::Varbinary(_) | T::Blob(_)) => {
            false
        }
        (T::Enum(old), T::Enum(new)) | (T::Set(old), T::Set(new)) => old.iter().all(|member| new.contains(member)),
        (_, T::Enum(_) | T::Set(_)) => super::member::is_said(columns, target),
        (_, T::Uuid | T::Inet4 | T::Inet6) => false,
        (old, T::Geometry(_) | T::Vector(_)) => matches!(old, T::Geometry(_)),
        (T::Json, new) => super::kind::is_text(new),
        (old, T::Json) => super::kind::is_text(old) && !super::conversion::is_binary(old),
        // Of the day on which it is asked; and the year of zeros comes out otherwise.
        (T::Time(_), T::Date | T::DateTime(_) | T::Timestamp(_)) | (T::Year(_), T::Binary(_)) => false,
        // What is no time of day but empty is midnight on MySQL.
        (_, T::Time(_)) => super::kind::is_moment(old) || matches!(old, T::Integer { .. }),
        _ => true,
    }
}

/// What a NOT NULL column without a default holds in rows that were there before it
/// (MySQL 8.4 manual, section 13.6 "Data Type Default Values"); `None` where there is no such value.
pub(crate) fn implicit(data_type: &DataType) -> Option<String> {
    use DataType as T;
    Some(match data_type {
        T::Integer { .. } | T::Decimal { .. } | T::Float { .. } | T::Bit(_) | T::Year(_) => "0".to_owned(),
        // As many zero bytes as there is room for.
        T::Binary(length) => format!("CAST('' AS BINARY({length}))"),
        T::Char(_) | T::Varchar(_) | T::Varbinary(_) | T::Text(_) | T::Blob(_) | T::Set(_) => "''".to_owned(),
        T::Enum(members) => super::text::literal(members.first()?),
        T::Time(_) => "'00:00:00'".to_owned(),
        T::Uuid => "'00000000-0000-0000-0000-000000000000'".to_owned(),
        T::Inet4 => "'0.0.0.0'".to_owned(),
        T::Inet6 => "'::'".to_owned(),
        T::Date | T::DateTime(_) | T::Timestamp(_) | T::Json | T::Geometry(_) | T::Vector(_) => return None,
    })
}

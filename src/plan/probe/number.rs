//! Conversions to numbers.

use super::conversion::{Change, Conversion, anything, differ, is_binary, reshaped};
use crate::model::{DataType, Integer};
use crate::source::Pair;

/// What both servers take for a number in a string.
pub(super) const NUMBER: &str = "^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$";

/// What MariaDB takes for an integer in a string.
pub(super) const INTEGER: &str = "^[+-]?[0-9]+$";

/// The same forms where a column is filled with them: blanks around them are passed over.
const NUMBER_OF_COLUMN: &str = "^ *[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)? *$";
const INTEGER_OF_COLUMN: &str = "^ *[+-]?[0-9]+ *$";

/// The value as a number, where it is one by itself.
pub(super) fn number(change: &Change<'_>) -> Option<String> {
    use DataType as T;
    match &change.columns.old.data_type {
        T::Integer { .. } | T::Decimal { .. } | T::Float { .. } => Some(change.value()),
        T::Bit(_) | T::Year(_) => Some(format!("({} + 0)", change.value())),
        _ => None,
    }
}

/// Where MariaDB looks at the sign of a DECIMAL before it rounds.
fn below_zero(change: &Change<'_>, found: &mut Conversion) {
    if change.rows.terms.target.is_mariadb() && matches!(change.columns.old.data_type, DataType::Decimal { .. }) {
        found.fail("out of range", format!("{} < 0", change.value()));
    }
}

pub(super) fn to_integer(change: &Change<'_>, kind: Integer, unsigned: bool, found: &mut Conversion) {
    use DataType as T;
    let value = change.value();
    let (low, high) = kind.range(unsigned);
    let old = &change.columns.old.data_type;
    match old {
        T::Integer { kind: old, unsigned: was, .. } => {
            let (least, greatest) = old.range(*was);
            outside(&value, (least < low).then_some(low), (greatest > high).then_some(high), found);
        }
        T::Bit(bits) => {
            let greatest = (1_i128 << bits) - 1;
            outside(&format!("{value} + 0"), None, (greatest > high).then_some(high), found);
        }
        T::Year(_) => outside(&value, None, (2155 > high).then_some(high), found),
        T::Decimal { precision, scale, .. } => {
            // With no more digits than the type has nothing is out of range but the sign.
            let fits = 10_i128.checked_pow(precision - scale).is_some_and(|limit| limit - 1 <= high && !unsigned);
            if !fits {
                outside(&format!("ROUND({value})"), Some(low), Some(high), found);
            }
            if unsigned {
                below_zero(change, found);
            }
            if *scale > 0 {
                found.lose("with a fraction", format!("{value} <> ROUND({value})"));
            }
        }
        T::Float { double, .. } => {
            by_way_of_bigint(change, *double, low, high, found);
            found.lose(
                "with a fraction, or with more digits than are shown",
                format!("{value} <> ROUND({value}) OR {}", hides_digits(old, &value)),
            );
        }
        T::Char(_) | T::Varchar(_) | T::Text(_) | T::Binary(_) | T::Varbinary(_) | T::Blob(_) => {
            // MySQL rounds '1.5', MariaDB refuses it, but for what is computed.
            let rounds = change.rows.terms.target.is_mysql() || change.computed;
            unlike(change, if rounds { NUMBER_OF_COLUMN } else { INTEGER_OF_COLUMN }, found);
            let high = read_at_most(change, high);
            outside(&format!("CAST({} AS DECIMAL(65,0))", change.text()), Some(low), Some(high), found);
            match &change.columns.new.data_type {
                T::Integer { zerofill: true, width, .. } => {
                    let text = change.text();
                    found.lose(
                        "that is written otherwise",
                        differ(&format!("LPAD({text}, {}, '0')", width.unwrap_or(1)), &text),
                    );
                }
                _ => found.lose("that is no plain integer", not_like(change, "^(0|-?[1-9][0-9]*)$")),
            }
        }
        T::Date | T::DateTime(_) | T::Timestamp(_) | T::Time(_) => {
            outside(&format!("ROUND({value} + 0)"), Some(low), Some(high), found);
            super::temporal::rounded(change, old.fraction().unwrap_or(0), 0, found);
            reshaped(change, found);
        }
        T::Enum(members) => {
            // The number of the member.
            let number = change.counted();
            if members.len() as i128 > high {
                outside(&number, None, Some(high), found);
            }
            // The member may be written as its number is.
            found.lose("that comes out in another form", differ(&format!("CAST({number} AS CHAR)"), &change.text()));
        }
        T::Set(members) => {
            let number = change.counted();
            if (1_i128 << members.len()) - 1 > high {
                outside(&number, None, Some(high), found);
            }
            found.lose("that comes out in another form", differ(&format!("CAST({number} AS CHAR)"), &change.text()));
        }
        T::Json | T::Geometry(_) | T::Vector(_) | T::Uuid | T::Inet4 | T::Inet6 => anything(change, found),
    }
}

/// A DOUBLE or FLOAT that becomes an integer: it is read as a BIGINT first. What is not read as one ends the copy where it
/// is a DOUBLE; MySQL stops one number short of the limit, MariaDB takes the limit for the number before it. A FLOAT
/// that is too great comes out as the least BIGINT (MySQL) or the greatest one (MariaDB).
fn by_way_of_bigint(change: &Change<'_>, double: bool, low: i128, high: i128, found: &mut Conversion) {
    let value = change.value();
    let mysql = change.rows.terms.target.is_mysql();
    let is_low = low <= i128::from(i64::MIN);
    let is_high = high >= i128::from(i64::MAX);
    outside(&format!("ROUND({value})"), (!is_low).then_some(low), (!is_high).then_some(high), found);
    if !is_low && !is_high {
        return;
    }
    match (double, mysql) {
        (true, true) => {
            found.fail("out of range", format!("{value} NOT BETWEEN -9223372036854774784e0 AND 9223372036854773760e0"));
        }
        (true, false) => {
            found.fail("out of range", format!("{value} NOT BETWEEN -9223372036854775808e0 AND 9223372036854775808e0"));
        }
        (false, true) if low >= 0 => found.fail("out of range", format!("{value} >= 9223372036854775808e0")),
        (false, _) => {}
    }
}

/// The greatest integer that a server reads in a column's string: MariaDB reads it with a sign, whatever it becomes.
fn read_at_most(change: &Change<'_>, high: i128) -> i128 {
    if change.rows.terms.target.is_mariadb() && !change.computed { high.min(i128::from(i64::MAX)) } else { high }
}

pub(super) fn to_decimal(change: &Change<'_>, precision: u32, scale: u32, unsigned: bool, found: &mut Conversion) {
    use DataType as T;
    let value = change.value();
    let most = greatest(precision, scale);
    let digits = precision - scale;
    let limits = |number: &str| {
        let rounded = format!("ROUND({number}, {scale})");
        // The sign is looked at before the rounding.
        let low = if unsigned { format!("{number} < 0") } else { format!("{rounded} < -{most}") };
        format!("{low} OR {rounded} > {most}")
    };
    const OUTSIDE: &str = "out of range";
    match &change.columns.old.data_type {
        T::Integer { kind, unsigned: was, .. } => {
            let (least, most) = kind.range(*was);
            let room = 10_i128.checked_pow(digits).unwrap_or(i128::MAX);
            if most >= room || least <= -room || unsigned && !was {
                found.fail(OUTSIDE, limits(&value));
            }
        }
        T::Decimal { precision: p, scale: s, unsigned: was, .. } => {
            if p - s > digits || p - s == digits && *s > scale || unsigned && !was {
                found.fail(OUTSIDE, limits(&value));
            }
            if *s > scale {
                found.lose("with more decimals", format!("{value} <> ROUND({value}, {scale})"));
            }
        }
        T::Float { .. } => {
            // As a DECIMAL, of which 65 digits are all there are: a DOUBLE cannot tell 999999999.999999999 from a thousand millions.
            let rounded = format!("CAST({value} + 0e0 AS DECIMAL(65,{scale}))");
            found.fail(
                OUTSIDE,
                if unsigned {
                    format!("{value} < 0 OR {value} >= 1e{digits} OR {rounded} > {most}")
                } else {
                    format!("ABS({value} + 0e0) >= 1e{digits} OR ABS({rounded}) > {most}")
                },
            );
            let exact = format!("CAST(CAST({value} AS CHAR) AS DECIMAL(65,30))");
            // What it is, not what a FLOAT shows of it.
            let after = format!("CAST({value} + 0e0 AS DECIMAL(65,{scale}))");
            found.lose("with more decimals", format!("{exact} <> {after} OR ABS({value} + 0e0) >= 1e15"));
        }
        T::Char(_) | T::Varchar(_) | T::Text(_) | T::Binary(_) | T::Varbinary(_) | T::Blob(_) => {
            unlike(change, NUMBER_OF_COLUMN, found);
            let text = change.text();
            found.fail(OUTSIDE, limits(&format!("CAST({text} AS DECIMAL(65,30))")));
            found.lose(
                "that is written otherwise",
                differ(&format!("CAST(CAST({text} AS DECIMAL({precision},{scale})) AS CHAR)"), &text),
            );
        }
        T::Bit(_) | T::Year(_) => found.fail(OUTSIDE, limits(&format!("({value} + 0)"))),
        T::Date | T::DateTime(_) | T::Timestamp(_) | T::Time(_) | T::Enum(_) | T::Set(_) => {
            found.fail(OUTSIDE, limits(&change.counted()));
            reshaped(change, found);
        }
        T::Json | T::Geometry(_) | T::Vector(_) | T::Uuid | T::Inet4 | T::Inet6 => anything(change, found),
    }
}

pub(super) fn to_float(
    change: &Change<'_>,
    double: bool,
    digits: Option<(u32, u32)>,
    unsigned: bool,
    found: &mut Conversion,
) {
    use DataType as T;
    let value = change.value();
    let old = &change.columns.old.data_type;
    let was_unsigned = match old {
        T::Integer { unsigned, .. } | T::Decimal { unsigned, .. } | T::Float { unsigned, .. } => *unsigned,
        T::Bit(bits) => *bits < 64 || change.rows.terms.target.is_mysql(),
        T::Year(_) => true,
        _ => false,
    };
    let number = match old {
        T::Char(_) | T::Varchar(_) | T::Text(_) | T::Binary(_) | T::Varbinary(_) | T::Blob(_) => {
            unlike(change, NUMBER_OF_COLUMN, found);
            let text = change.text();
            match digits {
                Some((_, scale)) => {
                    let form = format!("^-?(0|[1-9][0-9]*)[.][0-9]{{{scale}}}$");
                    found.lose("that is written otherwise", not_like(change, &form));
                }
                None => {
                    found.lose("that is written otherwise", differ(&format!("CAST({text} + 0e0 AS CHAR)"), &text));
                }
            }
            format!("({text} + 0e0)")
        }
        T::Integer { .. } | T::Decimal { .. } | T::Float { .. } => value,
        // MariaDB reads all 64 bits with a sign.
        T::Bit(64) if change.rows.terms.target.is_mariadb() => {
            let number = format!("CAST({value} + 0 AS SIGNED)");
            found.lose("that has the first of 64 bits", format!("{number} < 0"));
            number
        }
        T::Year(_) | T::Bit(_) => format!("({value} + 0)"),
        T::Date | T::DateTime(_) | T::Timestamp(_) | T::Time(_) | T::Enum(_) | T::Set(_) => {
            reshaped(change, found);
            change.counted()
        }
        T::Json | T::Geometry(_) | T::Vector(_) | T::Uuid | T::Inet4 | T::Inet6 => return anything(change, found),
    };
    if unsigned && !was_unsigned {
        found.fail("below zero", format!("{number} < 0"));
    }
    if unsigned && *old == T::Bit(64) && change.rows.terms.target.is_mariadb() {
        // MariaDB takes the highest bit for a sign there.
        found.fail("out of range", format!("{number} > 9223372036854775807"));
    }
    let was_single = matches!(old, T::Float { double: false, .. });
    if double && super::conversion::is_string(old) && !matches!(old, T::Char(..4) | T::Varchar(..4)) {
        found.fail("out of range", format!("ABS({number}) >= 1.7976931348623157e308"));
    }
    if !double && !was_single {
        if !matches!(old, T::Integer { .. } | T::Year(_) | T::Bit(_)) {
            found.fail("out of range", format!("ABS({number} + 0e0) > 3.402823466e38"));
        }
        found.lose("with more than six digits", format!("{number} <> 0 AND {number} <> {}", single(&number)));
    } else if double && matches!(old, T::Integer { kind: Integer::Big, .. } | T::Decimal { .. } | T::Bit(_)) {
        found.lose(
            "with more than fifteen digits",
            format!("CAST({number} + 0e0 AS DECIMAL(65,30)) <> {number} OR ABS({number} + 0e0) >= 1e15"),
        );
    }
    // From one of the same width its bytes are copied, whatever they are shown as.
    let copied = matches!(old, T::Float { double: was, unsigned: sign, .. } if *was == double && *sign == unsigned);
    if let T::Float { double: false, digits: were, .. } = old
        && !double
    {
        // A FLOAT shows six digits of what it is, or as many decimals as it is said to have.
        let shown = |digits: Option<(u32, u32)>| match digits {
            Some((_, scale)) => format!("ROUND({number}, {scale})"),
            None => single(&number),
        };
        let shown = Pair::new(shown(*were), shown(digits));
        if shown.old != shown.new {
            found.lose("of which other digits are shown", format!("{} <> {}", shown.old, shown.new));
        }
    }
    if let Some((precision, scale)) = digits {
        let most = greatest(precision, scale);
        if !copied {
            found.fail("out of range", beyond(&number, &most));
        }
        let rounded = format!("ROUND({number}, {scale})");
        if double && was_single {
            // A FLOAT is as near to what it shows as its 24 bits are.
            found.lose("with more decimals", format!("ABS({number} - {rounded}) > ABS({number} + 0e0) * 6e-8"));
        } else if !was_single {
            found.lose("with more decimals", format!("{number} <> {rounded}"));
            if !double {
                // The decimals that it shows are more than it has.
                let unit = format!("1e{scale}");
                found.lose(
                    "of which other digits are shown",
                    format!("ABS({number} + 0e0) * {unit} >= 16777216 AND {number} <> ROUND({number})"),
                );
            }
        }
    }
}

pub(super) fn to_bit(change: &Change<'_>, bits: u32, found: &mut Conversion) {
    use DataType as T;
    let value = change.value();
    let high = (1_i128 << bits) - 1;
    match &change.columns.old.data_type {
        T::Bit(old) => {
            if *old > bits {
                outside(&format!("{value} + 0"), None, Some(high), found);
            }
        }
        // A negative number fills all bits.
        T::Integer { kind, unsigned, .. } => {
            let (least, greatest) = kind.range(*unsigned);
            outside(&value, (least < 0 && bits < 64).then_some(0), (greatest > high).then_some(high), found);
            if least < 0 {
                found.lose("below zero", format!("{value} < 0"));
            }
        }
        T::Decimal { .. } => {
            outside(&format!("ROUND({value})"), Some(0), Some(high), found);
            below_zero(change, found);
            found.lose("with a fraction, or below zero", format!("{value} < 0 OR {value} <> ROUND({value})"));
        }
        old @ T::Float { double, .. } => {
            // A negative number fills all bits.
            by_way_of_bigint(change, *double, if bits < 64 { 0 } else { i64::MIN.into() }, high, found);
            found.lose(
                "that comes out in another form",
                format!("{value} < 0 OR {value} <> ROUND({value}) OR {}", hides_digits(old, &value)),
            );
        }
        // The number of the member, or those of the members.
        T::Enum(members) => {
            outside(&change.counted(), None, (members.len() as i128 > high).then_some(high), found);
            reshaped(change, found);
        }
        T::Set(members) => {
            outside(&change.counted(), None, ((1_i128 << members.len()) - 1 > high).then_some(high), found);
            reshaped(change, found);
        }
        // Read as an integer. What is none ends the copy; MySQL takes what a TEXT or BLOB begins with.
        old @ (T::Char(_) | T::Varchar(_) | T::Text(_) | T::Binary(_) | T::Varbinary(_) | T::Blob(_)) => {
            let is_cut = matches!(old, T::Text(_) | T::Blob(_)) && change.rows.terms.target.is_mysql();
            if !is_cut {
                unlike(change, INTEGER_OF_COLUMN, found);
            }
            let high = if is_cut { high } else { high.min(i64::MAX.into()) };
            let number = format!("CAST({} AS DECIMAL(65,0))", change.text());
            outside(&number, (bits < 64).then_some(0), Some(high), found);
            found.lose("that is no plain integer", not_like(change, "^(0|[1-9][0-9]*)$"));
        }
        T::Year(_) => outside(&format!("({value} + 0)"), None, (2155 > high).then_some(high), found),
        T::Date | T::DateTime(_) | T::Timestamp(_) | T::Time(_) => {
            let low = matches!(change.columns.old.data_type, T::Time(_)).then_some(0).filter(|_| bits < 64);
            outside(&format!("ROUND({value} + 0)"), low, Some(high), found);
            super::temporal::rounded(change, change.columns.old.data_type.fraction().unwrap_or(0), 0, found);
            reshaped(change, found);
        }
        T::Json | T::Geometry(_) | T::Vector(_) | T::Uuid | T::Inet4 | T::Inet6 => anything(change, found),
    }
}

pub(super) fn to_year(change: &Change<'_>, found: &mut Conversion) {
    use DataType as T;
    const WORDS: &str = "that is no year";
    let value = change.value();
    let years = |number: &str| format!("{number} < 0 OR {number} BETWEEN 100 AND 1900 OR {number} > 2155");
    match &change.columns.old.data_type {
        T::Year(_) => {}
        T::Integer { .. } | T::Decimal { .. } | T::Float { .. } | T::Bit(_) => {
            let number = number(change).unwrap_or(value);
            // MariaDB cuts the fraction of a float off, and looks at the sign before it rounds.
            let cuts = matches!(change.columns.old.data_type, T::Float { .. });
            found.fail(
                WORDS,
                match change.rows.terms.target.is_mariadb() {
                    true if cuts => format!("{number} < 0 OR FLOOR({number}) BETWEEN 100 AND 1900 OR {number} > 2155"),
                    true => format!("{number} < 0 OR {}", years(&format!("ROUND({number})"))),
                    false => years(&format!("ROUND({number})")),
                },
            );
            found.lose(
                "that is read as a year of this or the last century, or is rounded",
                format!("{number} <> 0 AND ({number} < 100 OR {number} <> ROUND({number}))"),
            );
        }
        T::Char(_) | T::Varchar(_) | T::Text(_) | T::Binary(_) | T::Varbinary(_) | T::Blob(_) => {
            unlike(change, NUMBER_OF_COLUMN, found);
            found.fail(WORDS, years(&format!("ROUND(CAST({} AS DECIMAL(65,30)))", change.text())));
            // What is below 100 is of this century or the last, but for zeros, of which there are four in as many bytes.
            let wide = change.columns.old.collation.is_some_and(|c| !c.charset().extends_ascii());
            let form = if wide { "^[1-9][0-9]{3}$" } else { "^(0000|[1-9][0-9]{3})$" };
            found.lose("that is not written as the server writes it", not_like(change, form));
        }
        // The number of the member, or those of the members.
        T::Enum(_) | T::Set(_) => {
            found.fail(WORDS, years(&change.counted()));
            reshaped(change, found);
        }
        _ => anything(change, found),
    }
}

/// Whether an integer that is stored in a DOUBLE or FLOAT shows fewer digits than it has. A DOUBLE does from where it has gaps;
/// a FLOAT shows six digits, unless it is said how many.
fn hides_digits(data_type: &DataType, value: &str) -> String {
    match data_type {
        DataType::Float { double: false, digits: None, .. } => format!("{value} <> {}", single(value)),
        _ => format!("ABS({value} + 0e0) >= 1e15"),
    }
}

/// The greatest number of an integer column.
pub(super) const fn most(data_type: &DataType) -> Option<i128> {
    match data_type {
        DataType::Integer { kind, unsigned, .. } => Some(kind.range(*unsigned).1),
        _ => None,
    }
}

fn outside(number: &str, low: Option<i128>, high: Option<i128>, found: &mut Conversion) {
    let low = low.map(|low| format!("{number} < {low}"));
    let high = high.map(|high| format!("{number} > {high}"));
    let both: Vec<String> = low.into_iter().chain(high).collect();
    if !both.is_empty() {
        found.fail("out of range", both.join(" OR "));
    }
}

fn unlike(change: &Change<'_>, form: &str, found: &mut Conversion) {
    found.fail("that is no number", not_like(change, form));
}

/// Whether a string has not the form of a regular expression; bytes that are no text have none.
fn not_like(change: &Change<'_>, form: &str) -> String {
    let condition = format!("{} NOT REGEXP '{form}'", change.text());
    if is_binary(&change.columns.old.data_type) {
        format!("{} IS NOT NULL AND COALESCE({condition}, TRUE)", change.value())
    } else {
        condition
    }
}

/// Whether the bytes of a value are more than so many bits.
pub(super) fn too_many_bytes(value: &str, bits: u32) -> String {
    let bytes = format!("CAST({value} AS BINARY)");
    let high = u64::MAX >> (64 - bits.clamp(1, 64));
    format!("LENGTH({bytes}) > 8 OR CAST(CONV(HEX({bytes}), 16, 10) AS UNSIGNED) > {high}")
}

/// Whether a number has more digits before the point than so many leave.
pub(crate) fn beyond_digits(number: &str, precision: u32, scale: u32) -> String {
    beyond(number, &greatest(precision, scale))
}

/// Whether a number is beyond another one in either direction; the least BIGINT has no absolute value.
fn beyond(number: &str, most: &str) -> String {
    format!("{number} NOT BETWEEN -{most} AND {most}")
}

/// The greatest DECIMAL of so many digits.
fn greatest(precision: u32, scale: u32) -> String {
    let whole = "9".repeat((precision - scale) as usize);
    let whole = if whole.is_empty() { "0" } else { &whole };
    if scale == 0 { whole.to_owned() } else { format!("{whole}.{}", "9".repeat(scale as usize)) }
}

/// A number rounded to the six digits that a FLOAT shows.
pub(super) fn single(number: &str) -> String {
    format!("IF({number} = 0, 0, ROUND({number}, 5 - FLOOR(LOG10(ABS({number} + 0e0)))))")
}

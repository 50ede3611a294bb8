//! Conversions to the members of ENUM and SET.
//!
//! A string is looked up among the members under the new collation, without the blanks at its end; what is none of them is
//! read as a number. MySQL takes numbers for strings first, MariaDB takes what is a number by itself for that of a member.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use super::Rows;
use super::conversion::{Change, Conversion, anything, differ, is_binary, is_string, reshaped};
use super::number::number;
use super::text::literal;
use crate::model::{Column, DataType};
use crate::source::Pair;
use crate::target::Target;

/// Whether a query can say which member a value that was none becomes.
pub(super) fn is_said(columns: Pair<&Column>, target: Target) -> bool {
    use DataType as T;
    !is_of_bytes(columns.new)
        && !is_wide(columns.new)
        && match &columns.old.data_type {
            T::Char(_) | T::Varchar(_) | T::Text(_) | T::Enum(_) | T::Set(_) => !is_wide(columns.old),
            T::Integer { zerofill: false, .. } => true,
            T::Decimal { .. } | T::Bit(_) | T::Year(_) => target.is_mariadb(),
            _ => false,
        }
}

impl Rows<'_> {
    /// The number of a member, or of several, under the new type.
    pub(super) fn number_of_member(&self, columns: Pair<&Column>) -> Option<String> {
        let value = self.column(columns.old);
        if !same_kind_of_member(columns) {
            return self.member_number(columns, &value);
        }
        if keeps_numbers(columns) {
            return Some(self.counted(columns.old));
        }
        number_of_written(&columns.new.data_type, &value)
    }

    /// The number of the member, or of the members, that a value which was none becomes, where it becomes one.
    pub(super) fn member_number(&self, columns: Pair<&Column>, value: &str) -> Option<String> {
        if !is_said(columns, self.terms.target) {
            return None;
        }
        let change = Change { rows: self, columns, value, computed: false };
        if let Some(number) = number(&change).filter(|_| is_number_of_member(&change, &columns.old.data_type)) {
            let most = match &columns.new.data_type {
                DataType::Set(members) => mask(members),
                DataType::Enum(members) => members.len() as u64,
                _ => return None,
            };
            // Reckoned with, the number of a member has a sign; one of none becomes nothing, or is in the way by itself.
            return Some(format!("CAST(ROUND(IF({number} < 0 OR {number} >= {most}.5, 0, {number})) AS SIGNED)"));
        }
        let text = change.text();
        let looked_up = looked_up(&change, &text);
        let written = |m: &str| written(&change, m);
        let found = match &columns.new.data_type {
            DataType::Enum(members) => {
                let list: Vec<String> = members.iter().map(|m| written(m)).collect();
                format!("FIELD(RTRIM({looked_up}), {})", list.join(", "))
            }
            DataType::Set(members) => {
                let bits: Vec<String> = members
                    .iter()
                    .enumerate()
                    .map(|(at, m)| format!("(FIND_IN_SET({}, RTRIM({looked_up})) > 0) * {}", written(m), 1_u64 << at))
                    .collect();
                format!("({})", bits.join(" + "))
            }
            _ => return None,
        };
        let trimmed = format!("RTRIM({text})");
        let number = format!("CAST({trimmed} AS UNSIGNED)");
        Some(format!(
            "IF({value} IS NULL, NULL, IF({found} = 0 AND {trimmed} REGEXP '^[+]?[0-9]{{1,20}}$', {number}, {found}))"
        ))
    }

    /// The member, or the members, that it becomes.
    pub(super) fn member(&self, columns: Pair<&Column>, value: &str) -> Option<String> {
        let number = self.member_number(columns, value)?;
        match &columns.new.data_type {
            DataType::Enum(members) => Some(format!("IF({number} = 0, '', ELT({number}, {}))", list(members.iter()))),
            DataType::Set(members) => Some(format!("MAKE_SET({number}, {})", list(members.iter()))),
            _ => None,
        }
    }
}

/// The number of a member, or of several, that is written.
pub(super) fn number_of_written(data_type: &DataType, value: &str) -> Option<String> {
    match data_type {
        DataType::Enum(members) => {
            let list: Vec<String> = members.iter().map(|m| literal(m)).collect();
            Some(format!("IF({value} IS NULL, NULL, FIELD({value}, {}))", list.join(", ")))
        }
        DataType::Set(members) => {
            let bits: Vec<String> = members
                .iter()
                .enumerate()
                .map(|(at, m)| format!("(FIND_IN_SET({}, {value}) > 0) * {}", literal(m), 1_u64 << at))
                .collect();
            Some(format!("({})", bits.join(" + ")))
        }
        _ => None,
    }
}

/// Whether members stay members of an ENUM, or of a SET.
pub(super) fn same_kind_of_member(columns: Pair<&Column>) -> bool {
    use DataType as T;
    matches!((&columns.old.data_type, &columns.new.data_type), (T::Enum(_), T::Enum(_)) | (T::Set(_), T::Set(_)))
}

/// Whether members have the numbers that they had.
fn keeps_numbers(columns: Pair<&Column>) -> bool {
    use DataType as T;
    match (&columns.old.data_type, &columns.new.data_type) {
        (T::Enum(old), T::Enum(new)) | (T::Set(old), T::Set(new)) => new.starts_with(old),
        _ => true,
    }
}

/// The number of all members of a SET at once.
fn mask(members: &[Box<str>]) -> u64 {
    1_u64.checked_shl(members.len() as u32).map_or(u64::MAX, |above| above - 1)
}

pub(super) fn to_enum(change: &Change<'_>, members: &[Box<str>], found: &mut Conversion) {
    use DataType as T;
    const WORDS: &str = "that is no member";
    let old = &change.columns.old.data_type;
    if is_read_anew(change, members) {
        return anything(change, found);
    }
    if becomes_bytes(change) && matches!(old, T::Enum(_) | T::Set(_)) {
        if change.rows.terms.target.is_mariadb() {
            // A number among the bytes is a member's, and what is none is none.
            let (text, most) = (change.text(), members.len());
            let number = format!("{text} REGEXP '^[0-9]{{1,5}}$' AND CAST({text} AS UNSIGNED) BETWEEN 1 AND {most}");
            found.fail(WORDS, format!("NOT COALESCE({number}, {} IS NULL)", change.value()));
        }
        return reshaped(change, found);
    }
    if let T::Enum(old) = old {
        let kept: HashSet<&Box<str>> = members.iter().collect();
        let gone = list(old.iter().filter(|m| !kept.contains(m)));
        if !gone.is_empty() {
            let text = change.text();
            let exact = format!("CAST({text} AS BINARY) IN ({gone})");
            let taken = taken_for_member(change, &text, members);
            const GONE: &str = "that is no longer a member";
            found.fail(GONE, format!("{exact} AND NOT COALESCE({taken}, FALSE)"));
            found.lose(GONE, exact);
        }
        return;
    }
    if let Some(number) = number(change).filter(|_| is_number_of_member(change, old)) {
        let number = format!("ROUND({number})");
        found.fail("that is no member's number", format!("{number} < 1 OR {number} > {}", members.len()));
        // The member may be written as its number is.
        let member = format!("ELT({number}, {})", list(members.iter()));
        return match old {
            T::Bit(_) | T::Float { .. } => reshaped(change, found),
            _ => found.lose("that comes out in another form", differ(&member, &change.text())),
        };
    }
    if !is_written(old) {
        return anything(change, found);
    }
    let text = change.text();
    let taken = taken_for_member(change, &text, members);
    found.fail(WORDS, format!("NOT COALESCE({taken}, {} IS NULL)", change.value()));
    found.lose(WORDS, format!("CAST({} AS BINARY) NOT IN ({})", as_it_is(change, text), list(members.iter())));
}

pub(super) fn to_set(change: &Change<'_>, members: &[Box<str>], found: &mut Conversion) {
    use DataType as T;
    let old = &change.columns.old.data_type;
    if is_read_anew(change, members) {
        return anything(change, found);
    }
    let mask = mask(members);
    if becomes_bytes(change) && matches!(old, T::Enum(_) | T::Set(_)) {
        // One character comes to nothing, digits to the members of that number.
        let (text, value) = (change.text(), change.value());
        let number = format!("{text} REGEXP '^[0-9]{{1,19}}$' AND CAST({text} AS UNSIGNED) <= {mask}");
        let one = format!("CHAR_LENGTH({text}) <= 1 AND {text} NOT REGEXP '[0-9]'");
        found.fail("that are no members", format!("NOT COALESCE({number} OR {one}, {value} IS NULL)"));
        return reshaped(change, found);
    }
    if let Some(number) = number(change).filter(|_| is_number_of_member(change, old)) {
        let number = format!("ROUND({number})");
        found.fail("that are no members' numbers", format!("{number} < 0 OR {number} > {mask}"));
        return reshaped(change, found);
    }
    if !is_written(old) {
        return anything(change, found);
    }
    let text = change.text();
    let one = format!("({})", members.iter().map(|m| escaped(m)).collect::<Vec<_>>().join("|"));
    let collation = if tells_case(change.columns.new) { "utf8mb4_bin" } else { "utf8mb4_general_ci" };
    let trimmed = trimmed(change, &text);
    // Nothing is no member; blanks are one that is missing.
    // Of several members at once a regular expression knows the case, but not what else the collation takes for the same.
    let all = format!(
        "{} OR CHAR_LENGTH({text}) = 0 OR CONVERT({trimmed} USING utf8mb4) COLLATE {collation} REGEXP {}{}",
        found_among(change, &text, members),
        literal(&format!("^{one}(,{one})*$")),
        number_among(change, &trimmed, 0..=mask, 20),
    );
    // What the server makes of it: each member once, in their order.
    let looked_up = looked_up(change, &text);
    let bits: Vec<String> = members
        .iter()
        .enumerate()
        .map(|(at, member)| format!("(FIND_IN_SET({}, {looked_up}) > 0) * {}", literal(member), 1_u64 << at))
        .collect();
    let after = format!("MAKE_SET({}, {})", bits.join(" + "), list(members.iter()));
    let (stays, comes_in_order) = match old {
        T::Set(old) => (old.iter().all(|m| members.contains(m)), in_order(old, members)),
        T::Enum(old) => (old.iter().all(|m| members.contains(m)), true),
        _ => (false, false),
    };
    if !stays {
        found.fail("with what is no member", format!("NOT COALESCE({all}, {} IS NULL)", change.value()));
    }
    if !(stays && comes_in_order) {
        found.lose("with what is no member, or in another order", differ(&after, &as_it_is(change, text)));
    }
}

/// What the members are compared with to see whether they are other bytes: bytes are not yet the characters that they become.
fn as_it_is(change: &Change<'_>, text: String) -> String {
    if is_binary(&change.columns.old.data_type) { change.value() } else { text }
}

/// Whether characters of several bytes each become bytes, which are no member's but may be the number of one.
fn becomes_bytes(change: &Change<'_>) -> bool {
    is_of_bytes(change.columns.new) && is_wide(change.columns.old)
}

/// Whether what is written is read anew as bytes, or bytes as characters, and is what it was nowhere but in ASCII.
fn is_read_anew(change: &Change<'_>, members: &[Box<str>]) -> bool {
    let columns = change.columns;
    if !matches!(columns.old.data_type, DataType::Enum(_) | DataType::Set(_)) {
        return is_string(&columns.old.data_type) && becomes_bytes(change);
    }
    let is_other = |column: &Column| column.collation.is_some_and(|c| !c.charset().name().starts_with("utf8"));
    let other = match (is_of_bytes(columns.old), is_of_bytes(columns.new)) {
        (true, false) => columns.new,
        (false, true) if !is_wide(columns.old) => columns.old,
        _ => return false,
    };
    is_other(other) && members.iter().any(|member| !member.is_ascii())
}

/// Whether those members that stay keep their order.
fn in_order(old: &[Box<str>], new: &[Box<str>]) -> bool {
    let kept: Vec<&Box<str>> = old.iter().filter(|m| new.contains(m)).collect();
    let stays: Vec<&Box<str>> = new.iter().filter(|m| old.contains(m)).collect();
    kept == stays
}

/// Whether a number is that of a member, and not read as a string first.
fn is_number_of_member(change: &Change<'_>, old: &DataType) -> bool {
    change.rows.terms.target.is_mariadb() || matches!(old, DataType::Bit(_))
}

/// Whether values are looked up among the members as they are written.
const fn is_written(old: &DataType) -> bool {
    use DataType as T;
    is_string(old) || matches!(old, T::Integer { .. } | T::Decimal { .. } | T::Float { .. } | T::Year(_) | T::Json)
}

fn is_of_bytes(column: &Column) -> bool {
    column.collation.is_some_and(|c| c.charset().name() == "binary")
}

fn is_wide(column: &Column) -> bool {
    column.collation.is_some_and(|c| !c.charset().extends_ascii())
}

fn tells_case(column: &Column) -> bool {
    column.collation.is_some_and(|c| c.name() == "binary" || c.name().ends_with("_bin") || c.name().ends_with("_cs"))
}

fn list<'m>(members: impl Iterator<Item = &'m Box<str>>) -> String {
    members.map(|m| literal(m)).collect::<Vec<_>>().join(", ")
}

/// The text under the collation under which it is looked up.
fn looked_up(change: &Change<'_>, text: &str) -> String {
    match change.columns.new.collation {
        // Bytes are compared as they are.
        Some(collation) if collation.charset().name() == "binary" => format!("CAST({} AS BINARY)", change.value()),
        Some(collation) => change.rows.under(text, collation),
        None => text.to_owned(),
    }
}

/// Whether a text is found among the members, or is the number of one.
fn taken_for_member(change: &Change<'_>, text: &str, members: &[Box<str>]) -> String {
    // MySQL takes 0 for the number of what is no member.
    let least = u64::from(change.rows.terms.target.is_mariadb());
    let number = number_among(change, &trimmed(change, text), least..=members.len() as u64, 5);
    format!("({}{number})", found_among(change, text, members))
}

/// Whether a text is found among the members.
fn found_among(change: &Change<'_>, text: &str, members: &[Box<str>]) -> String {
    let looked_up = looked_up(change, text);
    let list: Vec<String> = members.iter().map(|m| written(change, m)).collect();
    format!("{} IN ({})", trimmed(change, &looked_up), list.join(", "))
}

/// A text as it is looked up: without the blanks behind it, which count among bytes alone.
fn trimmed(change: &Change<'_>, text: &str) -> String {
    if is_of_bytes(change.columns.new) { text.to_owned() } else { format!("RTRIM({text})") }
}

/// A member in its charset: a character that the charset lacks is another one in the member, too.
fn written(change: &Change<'_>, member: &str) -> String {
    match change.columns.new.collation.map(|c| c.charset()) {
        Some(charset) if !member.is_ascii() && charset.name() != "binary" => {
            format!("CONVERT({} USING {})", literal(member), charset.printed(change.rows.terms.target))
        }
        _ => literal(member),
    }
}

/// The other way to be taken: a text that is a number in a range, of so many digits at most. Where characters have several
/// bytes none is, be it before the change: its digits are looked for in the one charset as they are written in the other.
fn number_among(change: &Change<'_>, text: &str, range: RangeInclusive<u64>, digits: u32) -> String {
    if is_wide(change.columns.new) || is_wide(change.columns.old) {
        return String::new();
    }
    let (least, most) = range.into_inner();
    format!(
        " OR {text} REGEXP '^[+]?[0-9]{{1,{digits}}}$' AND CAST({text} AS DECIMAL(65,0)) BETWEEN {least} AND {most}"
    )
}

/// A member as a regular expression that matches it alone.
fn escaped(member: &str) -> String {
    let mut out = String::with_capacity(member.len());
    for c in member.chars() {
        if "\\^$.|?*+()[]{}".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

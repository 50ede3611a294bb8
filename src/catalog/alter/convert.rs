//! Charsets under ALTER TABLE: the table's default, and what `CONVERT TO CHARACTER SET` makes of columns that stand and of those
//! that the statement defines.

use super::{AlterAction, CatalogError, Draft, Outcome};
use crate::catalog::data_type::{self, size_for};
use crate::catalog::{charset, default, encoding, option};
use crate::model::{Collation, CollationClause, Column, DataType, DefaultValue, Size, Unseen};
use crate::source::{Pair, Span};
use crate::syntax::ddl::{TableOption, TypeDefinition};
use crate::target::Target;

/// What the clauses of one kind have declared so far.
#[derive(Default)]
struct Declared {
    collation: Option<Collation>,
    /// Whether the collation itself was named.
    by_name: bool,
}

impl Declared {
    /// Takes another clause and tells what it names. MySQL's last one counts; MariaDB's must agree, and a collation that is named
    /// counts more than the default of its charset (`Lex_exact_charset_extended_collation_attrs_st`).
    fn declare(
        &mut self,
        named: Option<Collation>,
        by_name: bool,
        span: Span,
        target: Target,
    ) -> Outcome<Option<Collation>> {
        let Some(second) = named else { return Ok(None) };
        if let Some(first) = self.collation.filter(|_| target.is_mariadb()) {
            if first.charset() != second.charset() {
                return Err(conflicting(first, second, span));
            }
            if self.by_name && by_name && first != second {
                let message =
                    format!("conflicting declarations: 'COLLATE {}' and 'COLLATE {}'", first.name(), second.name());
                return Err(CatalogError::new(1302, span, message));
            }
            if self.by_name {
                return Ok(Some(second));
            }
        }
        *self = Self { collation: Some(second), by_name };
        Ok(Some(second))
    }
}

impl Draft<'_> {
    /// The default collation changes before columns are made, since they inherit it. With a default and a conversion in one
    /// statement MySQL's table takes the last of both, MariaDB's the default.
    pub(super) fn change_collation(&mut self, actions: &[AlterAction<'_>]) -> Outcome<()> {
        let target = self.context.target;
        let around = self.table.options.collation;
        let (mut default, mut conversion, mut last) = (Declared::default(), Declared::default(), None);
        for action in actions {
            let named = match action {
                AlterAction::Options(options) => {
                    let named = option::collation(options, last.unwrap_or(around), target)?;
                    let by_name = options.iter().any(|option| matches!(option, TableOption::Collate(_)));
                    default.declare(named, by_name, self.span, target)?
                }
                AlterAction::ConvertCharset(clause) => {
                    let named = charset::clause(clause, last.unwrap_or(around), target)?;
                    conversion.declare(named, clause.collation.is_some(), self.span, target)?
                }
                _ => None,
            };
            // MySQL takes one charset a statement, whichever clauses name it.
            if let (Some(before), Some(now)) = (last, named)
                && target.is_mysql()
                && before.charset() != now.charset()
            {
                return Err(conflicting(before, now, self.span));
            }
            last = named.or(last);
        }
        self.context.converted = conversion.collation;
        if let Some(converted) = self.context.converted {
            let drops = |name: &str| {
                actions.iter().any(|a| matches!(a, AlterAction::DropColumn { name: dropped, .. } if crate::ident::same_name(&dropped.text, name)))
            };
            let sets = |name: &str| {
                actions.iter().any(|a| matches!(a, AlterAction::SetDefault { column, .. } | AlterAction::DropDefault { column, .. } if crate::ident::same_name(&column.text, name)))
            };
            self.convert_columns(converted, &drops, &sets)?;
        }
        let of_table = if target.is_mysql() { last } else { default.collation.or(conversion.collation) };
        self.table.options.collation = of_table.unwrap_or(around);
        Ok(())
    }

    /// `CONVERT TO CHARACTER SET`: every character column takes the collation; a TEXT grows where its
    /// characters do (MySQL 8.4 manual, section 15.1.9 "ALTER TABLE Statement").
    fn convert_columns(
        &mut self,
        collation: Collation,
        drops: &dyn Fn(&str) -> bool,
        sets: &dyn Fn(&str) -> bool,
    ) -> Outcome<()> {
        for column in &mut self.table.columns {
            let Some(old) = column.collation else { continue };
            // What goes or gets another definition is what it was to the end.
            if drops(column.name.as_str()) || self.redefined.contains(&column.name) {
                continue;
            }
            // Members of bytes stay such; all other texts become bytes where the table does.
            if old.charset().name() == "binary" {
                continue;
            }
            if old.charset() != collation.charset() {
                // A default that another takes the place of is not looked at.
                if sets(column.name.as_str()) && matches!(column.default, Some(DefaultValue::Literal(_))) {
                    column.default = None;
                }
                reread_members(column, Pair::new(old, collation), self.context.target, self.span)?;
            }
            if collation.charset().name() == "binary"
                && let Some(bytes) = of_bytes(&column.data_type)
            {
                let is_literal = |d: &DefaultValue| matches!(d, DefaultValue::Literal(_));
                if let Some(DefaultValue::Literal(text)) = column.default.take_if(|default| is_literal(default)) {
                    let kept = encoding::encode(old.charset(), &text).unwrap_or_else(|| text.as_bytes().to_vec());
                    column.default = Some(default::of_bytes(kept, &bytes, &column.name, self.span, self.context)?);
                }
                column.data_type = bytes;
                column.collation = None;
                column.collation_clause = CollationClause::None;
                continue;
            }
            let (before, after) = (old.charset().max_length(), collation.charset().max_length());
            if let DataType::Text(size) = column.data_type
                && after > before
                && before > 0
            {
                column.data_type = DataType::Text(match size {
                    Size::Tiny => Size::Normal,
                    Size::Normal => Size::Medium,
                    Size::Medium | Size::Long => Size::Long,
                });
            }
            column.collation = Some(collation);
            data_type::check_members(column, self.context.target, self.span)?;
            // What was written at the column stays written, of another charset.
            if column.collation_clause == CollationClause::Shown {
                column.collation_clause = CollationClause::None;
            }
        }
        Ok(())
    }

    /// Beside `CONVERT TO CHARACTER SET` MySQL sizes a TEXT or BLOB without a length as the column before asks for, not as it is
    /// written: it takes the characters or bytes of that one for bytes of its charset (`prepare_create_field`, measured on 9.7).
    pub(super) fn size_as_before(&self, at: usize, column: &mut Column, written: &TypeDefinition<'_>) {
        let collation = column.collation;
        let (DataType::Text(size) | DataType::Blob(size)) = &mut column.data_type else { return };
        if self.context.converted.is_none()
            || self.context.target.is_mariadb()
            || written.length.is_some()
            || *size == Size::Long
        {
            return;
        }
        let width = |collation: Option<Collation>| u64::from(collation.map_or(1, |c| c.charset().max_length()));
        let before = &self.table.columns[at];
        let whole = length_shown(&before.data_type) / width(before.collation);
        *size = size_for(whole.saturating_mul(width(collation)));
    }
}

/// The type of bytes that a type of characters becomes.
fn of_bytes(data_type: &DataType) -> Option<DataType> {
    match data_type {
        DataType::Char(n) => Some(DataType::Binary(*n)),
        DataType::Varchar(n) => Some(DataType::Varbinary(*n)),
        DataType::Text(size) => Some(DataType::Blob(*size)),
        _ => None,
    }
}

fn conflicting(first: Collation, second: Collation, span: Span) -> CatalogError {
    let (first, second) = (first.charset().name(), second.charset().name());
    let message = format!("conflicting declarations: 'CHARACTER SET {first}' and 'CHARACTER SET {second}'");
    CatalogError::new(1302, span, message)
}

/// `CONVERT TO CHARACTER SET` leaves the bytes of the members of an ENUM or SET as they are and takes them for those of the
/// other charset (seen on MySQL 9.7, MariaDB 10.11 and 11.8); MariaDB looks for twins among them by the new collation since 11.
fn reread_members(column: &mut Column, collations: Pair<Collation>, target: Target, span: Span) -> Outcome<()> {
    let (DataType::Enum(members) | DataType::Set(members)) = &column.data_type else { return Ok(()) };
    let charsets = Pair::new(collations.old.charset(), collations.new.charset());
    let taken = |bytes: &[u8]| encoding::taken(bytes, charsets.new, target.is_mysql()).into_boxed_str();
    let reread = |member: &str| encoding::encode(charsets.old, member).map_or_else(|| member.into(), |b| taken(&b));
    // What the charset before could not show is there still.
    let kept = &column.member_bytes.0;
    let bytes = |at: usize| {
        kept.get(at).cloned().or_else(|| encoding::encode(charsets.old, &members[at]).map(Vec::into_boxed_slice))
    };
    // Of a charset that is not known here they stay as they are shown.
    let Some(bytes) = (0..members.len()).map(bytes).collect::<Option<Vec<_>>>() else { return Ok(()) };
    let became: Vec<Box<str>> = bytes.iter().map(|bytes| taken(bytes)).collect();
    let shows = |at: usize| encoding::encode(charsets.new, &became[at]).is_some_and(|shown| shown[..] == bytes[at][..]);
    let hides = !(0..bytes.len()).all(shows);
    column.member_bytes = Unseen(if hides { bytes } else { Vec::new() });
    let (DataType::Enum(members) | DataType::Set(members)) = &column.data_type else { return Ok(()) };
    if became == *members {
        return Ok(());
    }
    if let Some(DefaultValue::Literal(default)) = &column.default {
        let kept = default.split(',').map(reread).collect::<Vec<_>>().join(",");
        // The default is looked for among the members, in which a collation may pass over the zero bytes.
        let found = collations.new.passes_over_zeros() && kept.replace('\0', "") == **default;
        if kept != **default && !found {
            return Err(CatalogError::invalid_default(span, column.name.as_str()));
        }
        column.default = Some(DefaultValue::Literal(kept.into()));
    }
    let twin = became.iter().enumerate().find(|(at, member)| became[..*at].contains(member));
    if let Some((_, member)) = twin.filter(|_| target.is_mariadb_since(110_000) && collations.new.passes_over_zeros()) {
        let message = format!("column '{}' has duplicated value '{member}'", column.name);
        return Err(CatalogError::new(1291, span, message));
    }
    match &mut column.data_type {
        DataType::Enum(members) | DataType::Set(members) => *members = became,
        _ => {}
    }
    Ok(())
}

/// The characters of a column's longest value, of what is kept apart from the row its bytes.
fn length_shown(data_type: &DataType) -> u64 {
    match data_type {
        DataType::Char(n) | DataType::Varchar(n) | DataType::Binary(n) | DataType::Varbinary(n) | DataType::Bit(n) => {
            u64::from(*n)
        }
        DataType::Text(size) | DataType::Blob(size) => match size {
            Size::Tiny => 0xFF,
            Size::Normal => 0xFFFF,
            Size::Medium => 0xFF_FFFF,
            Size::Long => u64::from(u32::MAX),
        },
        DataType::Decimal { precision, scale, unsigned, .. } => {
            u64::from(*precision) + u64::from(*scale > 0) + u64::from(!unsigned)
        }
        DataType::Float { digits: Some((length, _)), .. } => u64::from(*length),
        DataType::Enum(_) | DataType::Set(_) => length_of_members(data_type).map_or(0, u64::from),
        DataType::Vector(n) => 4 * u64::from(*n),
        DataType::Json | DataType::Geometry(_) => u64::from(u32::MAX),
        // None is longer than 26 characters, which every charset fits into the least size.
        DataType::Integer { .. }
        | DataType::Float { digits: None, .. }
        | DataType::Year(_)
        | DataType::Date
        | DataType::Time(_)
        | DataType::DateTime(_)
        | DataType::Timestamp(_)
        | DataType::Uuid
        | DataType::Inet4
        | DataType::Inet6 => 26,
    }
}

/// The characters of the longest value of an ENUM or SET.
pub(super) fn length_of_members(data_type: &DataType) -> Option<u32> {
    let characters = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    match data_type {
        DataType::Enum(members) => members.iter().map(|m| characters(m)).max(),
        DataType::Set(members) => {
            let commas = u32::try_from(members.len()).ok()?.saturating_sub(1);
            Some(members.iter().map(|m| characters(m)).sum::<u32>() + commas)
        }
        _ => None,
    }
}

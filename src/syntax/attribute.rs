//! Attributes of columns.

use std::borrow::Cow;

use nom::Parser;

use super::data_type::compressed;
use super::ddl::{Attribute, Name, OptionValue};
use super::default::default_clause;
use super::extent::expression_in_parentheses;
use super::input::{Input, Parsed, keyword};
use super::key::check_definition;
use super::keyword::Keyword;
use super::literal::{current_timestamp, small_integer, string};
use super::name::{collation_name, name};
use super::option::{equal, option_value};
use super::reference::references;
use crate::model::{ColumnFormat, Storage, Versioning};

/// One attribute; `None` where there is none.
pub(crate) fn attribute<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Option<Attribute<'a>>> {
    let next = input.skip(1);
    let simple = |attribute| Ok((next, attribute));
    let (rest, attribute) = match input.word() {
        Keyword::NULL => simple(Attribute::Null),
        Keyword::NOT => not_attribute(input),
        Keyword::DEFAULT => default_clause.map(Attribute::Default).parse(next),
        Keyword::ON => on_update(input),
        Keyword::AUTO_INCREMENT => simple(Attribute::AutoIncrement),
        Keyword::SERIAL => serial_default_value(input),
        Keyword::PRIMARY => keyword(Keyword::KEY, "`KEY`").map(|()| Attribute::PrimaryKey).parse(next),
        Keyword::KEY => simple(Attribute::PrimaryKey),
        Keyword::UNIQUE => Ok((next.skip(usize::from(next.is(Keyword::KEY))), Attribute::Unique)),
        Keyword::COMMENT => string.map(Attribute::Comment).parse(next),
        Keyword::COLLATE => collation_name.map(Attribute::Collate).parse(next),
        Keyword::COLUMN_FORMAT if !input.is_mariadb() => column_format.map(Attribute::ColumnFormat).parse(next),
        Keyword::STORAGE if !input.is_mariadb() => storage.map(Attribute::Storage).parse(next),
        Keyword::GENERATED | Keyword::AS => generated(input),
        Keyword::CONSTRAINT => constraint(input),
        Keyword::CHECK => check_definition(input, None, false).map(|(rest, check)| (rest, Attribute::Check(check))),
        Keyword::REFERENCES => references.map(Attribute::References).parse(input),
        Keyword::VISIBLE if input.target().has_visible_columns() => simple(Attribute::Visible),
        Keyword::INVISIBLE if input.is_mariadb() || input.target().has_visible_columns() => {
            simple(Attribute::Invisible)
        }
        Keyword::SRID if input.target().has_srid_attribute() => small_integer.map(Attribute::Srid).parse(next),
        Keyword::REF_SYSTEM_ID => nom::sequence::preceded(equal, small_integer).map(Attribute::Srid).parse(next),
        Keyword::COMPRESSED if input.is_mariadb() => compressed(input),
        Keyword::WITH | Keyword::WITHOUT if input.is_mariadb() => column_versioning(input),
        Keyword::ENGINE_ATTRIBUTE if !input.is_mariadb() => {
            nom::sequence::preceded(equal, string).map(Attribute::EngineAttribute).parse(next)
        }
        Keyword::SECONDARY_ENGINE_ATTRIBUTE if !input.is_mariadb() => {
            nom::sequence::preceded(equal, string).map(Attribute::SecondaryEngineAttribute).parse(next)
        }
        _ if input.is_engine_option() => engine_option(input),
        _ => return Ok((input, None)),
    }?;
    Ok((rest, Some(attribute)))
}

impl Input<'_, '_> {
    /// Whether an option of MariaDB's engines stands here: `name = value`, where the name does not tell how a statement runs.
    pub(crate) fn is_engine_option(self) -> bool {
        let runs = matches!(self.word(), Keyword::ALGORITHM | Keyword::LOCK | Keyword::WAIT | Keyword::NOWAIT);
        self.is_mariadb() && self.ahead(1).is_symbol(b'=') && self.is_name() && !runs
    }
}

/// `NOT NULL`, `NOT SECONDARY`.
fn not_attribute<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Attribute<'a>> {
    let next = input.skip(1);
    match next.word() {
        Keyword::NULL => Ok((next.skip(1), Attribute::NotNull)),
        Keyword::SECONDARY => {
            let name = Name { text: Cow::Borrowed("NOT SECONDARY"), span: input.span_to(next.skip(1)) };
            Ok((next.skip(1), Attribute::Option(name, OptionValue::Default)))
        }
        _ => Err(next.expected("`NULL`")),
    }
}

/// `ON UPDATE CURRENT_TIMESTAMP`.
fn on_update<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Attribute<'a>> {
    let update = (keyword(Keyword::ON, "`ON`"), keyword(Keyword::UPDATE, "`UPDATE`"));
    nom::sequence::preceded(update, current_timestamp).map(Attribute::OnUpdate).parse(input)
}

/// `SERIAL DEFAULT VALUE`.
fn serial_default_value<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Attribute<'a>> {
    let words = (
        keyword(Keyword::SERIAL, "`SERIAL`"),
        keyword(Keyword::DEFAULT, "`DEFAULT`"),
        keyword(Keyword::VALUE, "`VALUE`"),
    );
    { words }.map(|_| Attribute::SerialDefaultValue).parse(input)
}

/// What follows COLUMN_FORMAT.
fn column_format<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Option<ColumnFormat>> {
    let format = match input.word() {
        Keyword::FIXED => Some(ColumnFormat::Fixed),
        Keyword::DYNAMIC => Some(ColumnFormat::Dynamic),
        Keyword::DEFAULT => None,
        _ => return Err(input.expected("`FIXED`, `DYNAMIC` or `DEFAULT`")),
    };
    Ok((input.skip(1), format))
}

/// What follows STORAGE.
fn storage<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Option<Storage>> {
    let storage = match input.word() {
        Keyword::DISK => Some(Storage::Disk),
        Keyword::MEMORY => Some(Storage::Memory),
        Keyword::DEFAULT => None,
        _ => return Err(input.expected("`DISK`, `MEMORY` or `DEFAULT`")),
    };
    Ok((input.skip(1), storage))
}

/// `[GENERATED ALWAYS] AS (expr) [VIRTUAL|STORED|PERSISTENT]`, `[GENERATED ALWAYS] AS ROW START|END`.
fn generated<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, Attribute<'a>> {
    if input.eat(Keyword::GENERATED) {
        input = keyword(Keyword::ALWAYS, "`ALWAYS`").parse(input)?.0;
    }
    let (input, ()) = keyword(Keyword::AS, "`AS`").parse(input)?;
    if input.is_mariadb() && input.is(Keyword::ROW) {
        let next = input.skip(1);
        let versioning = match next.word() {
            Keyword::START => Versioning::RowStart,
            Keyword::END => Versioning::RowEnd,
            _ => return Err(next.expected("`START` or `END`")),
        };
        return Ok((next.skip(1), Attribute::Versioning(versioning)));
    }
    let (mut input, expression) = expression_in_parentheses(input)?;
    let stored = match input.word() {
        Keyword::STORED => true,
        Keyword::PERSISTENT => input.is_mariadb(),
        _ => false,
    };
    if stored {
        input = input.skip(1);
    } else {
        input.eat(Keyword::VIRTUAL);
    }
    Ok((input, Attribute::Generated { expression, stored }))
}

/// `CONSTRAINT [name]` before a column's own CHECK or REFERENCES.
fn constraint<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Attribute<'a>> {
    let mut input = keyword(Keyword::CONSTRAINT, "`CONSTRAINT`").parse(input)?.0;
    let mut constraint = None;
    if input.is_name() {
        let (rest, name) = name(input)?;
        (input, constraint) = (rest, Some(name));
    }
    match input.word() {
        // MariaDB has no CONSTRAINT there at all.
        Keyword::CHECK if !input.is_mariadb() || constraint.is_some() => {
            let (input, check) = check_definition(input, constraint, false)?;
            Ok((input, Attribute::Check(check)))
        }
        Keyword::REFERENCES => {
            let (input, mut clause) = references(input)?;
            clause.constraint = constraint;
            Ok((input, Attribute::References(clause)))
        }
        _ => Err(input.expected("`CHECK` or `REFERENCES`")),
    }
}

/// `WITH[OUT] SYSTEM VERSIONING`.
fn column_versioning<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Attribute<'a>> {
    let versioning = if input.is(Keyword::WITH) { Versioning::With } else { Versioning::Without };
    let words = (keyword(Keyword::SYSTEM, "`SYSTEM`"), keyword(Keyword::VERSIONING, "`VERSIONING`"));
    { words }.map(|_| Attribute::Versioning(versioning)).parse(input.skip(1))
}

/// `name = value` (MariaDB).
fn engine_option<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Attribute<'a>> {
    let (input, name) = name(input)?;
    let (input, ()) = equal(input)?;
    let (input, value) = option_value(input)?;
    Ok((input, Attribute::Option(name, value)))
}

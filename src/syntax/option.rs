//! Table options, and the charset clauses of databases.

use std::borrow::Cow;

use nom::Parser;
use nom::sequence::{delimited, preceded};

use super::data_type::charset;
use super::ddl::{CharsetClause, OptionValue, TableOption};
use super::error::SyntaxErrorKind;
use super::input::{Input, Parsed, close, comma_list, keyword, open};
use super::keyword::Keyword;
use super::literal::{integer, option_number, option_number_or_hex, size, string};
use super::name::{collation_name, name, name_or_string, table_name};
use super::token::TokenKind;
use crate::model::OptionKey;

/// All table options, between blanks or commas.
pub(crate) fn table_options<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, Vec<TableOption<'a>>> {
    let mut options = Vec::new();
    loop {
        let comma = !options.is_empty() && input.is_symbol(b',');
        let next = input.skip(usize::from(comma));
        match table_option(next)? {
            (rest, Some(option)) => {
                options.push(option);
                input = rest;
            }
            (_, None) if comma => return Err(next.expected("a table option")),
            (_, None) => return Ok((input, options)),
        }
    }
}

/// One table option; `None` where there is none.
pub(crate) fn table_option<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Option<TableOption<'a>>> {
    if let (rest, Some(option)) = charset_option(input)? {
        return Ok((rest, Some(option)));
    }
    let next = input.skip(1);
    let (rest, option) = match input.word() {
        Keyword::ENGINE => preceded(equal, name_or_string).map(TableOption::Engine).parse(next)?,
        // MySQL before 5.5 and its dumps.
        Keyword::TYPE if is_value(next) => preceded(equal, name_or_string).map(TableOption::Engine).parse(next)?,
        Keyword::AUTO_INCREMENT => preceded(equal, option_number).map(TableOption::AutoIncrement).parse(next)?,
        Keyword::WITH if input.is_mariadb() && next.is(Keyword::SYSTEM) => {
            keyword(Keyword::VERSIONING, "`VERSIONING`").map(|()| TableOption::SystemVersioning).parse(next.skip(1))?
        }
        Keyword::START if !input.is_mariadb() => {
            let (rest, ()) = keyword(Keyword::TRANSACTION, "`TRANSACTION`").parse(next)?;
            (rest, TableOption::Forgotten(input.span_to(rest)))
        }
        Keyword::PASSWORD => {
            let (rest, _) = preceded(equal, string).parse(next)?;
            (rest, TableOption::Forgotten(input.span_to(rest)))
        }
        _ if is_raid(input) => {
            let (rest, _) = preceded(equal, option_value).parse(next)?;
            (rest, TableOption::Forgotten(input.span_to(rest)))
        }
        _ => match known_option(input)? {
            (rest, Some(option)) => (rest, option),
            (_, None) if input.is_engine_option() => {
                let (rest, name) = name(input)?;
                let (rest, value) = preceded(equal, option_value).parse(rest)?;
                (rest, TableOption::EngineDefined(name, value))
            }
            (_, None) => return Ok((input, None)),
        },
    };
    Ok((rest, Some(option)))
}

/// `[DEFAULT] CHARACTER SET [=] x`, `[DEFAULT] COLLATE [=] x`; `None` where there is none.
fn charset_option<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Option<TableOption<'a>>> {
    let next = input.skip(usize::from(input.is(Keyword::DEFAULT)));
    match next.word() {
        Keyword::CHARSET | Keyword::CHARACTER | Keyword::CHAR => {
            charset_with_equal.map(|name| Some(TableOption::Charset(name))).parse(next)
        }
        Keyword::COLLATE => {
            let (value, ()) = equal(next.skip(1))?;
            if value.is(Keyword::DEFAULT) && !input.is_mariadb() {
                return Err(value.expected("a collation"));
            }
            collation_name.map(|name| Some(TableOption::Collate(name))).parse(value)
        }
        _ => Ok((input, None)),
    }
}

/// `CHARACTER SET [=] x`, `CHARSET [=] x`.
fn charset_with_equal<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, super::ddl::Name<'a>> {
    let words = if input.is(Keyword::CHARSET) { 1 } else { 2 };
    let value = input.skip(words);
    let default = value.skip(usize::from(value.is_equal()));
    if default.is(Keyword::DEFAULT) && !input.is_mariadb() {
        return Err(default.expected("a character set"));
    }
    if !value.is_equal() || (words == 2 && input.ahead(1).keyword != Keyword::SET) {
        return charset(input);
    }
    super::name::charset_name(value.skip(1))
}

/// An option of `OptionKey`; `None` where there is none.
fn known_option<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Option<TableOption<'a>>> {
    let Some((key, words)) = option_key(input) else { return Ok((input, None)) };
    let (value, ()) = equal(input.skip(words))?;
    if key == OptionKey::Tablespace && input.is_mariadb() && input.skip(words).is_equal() {
        return Err(input.skip(words).expected("a tablespace"));
    }
    let (rest, value) = match key.values() {
        Values::Number => {
            let wide = matches!(key, OptionKey::MinRows | OptionKey::MaxRows)
                || !input.is_mariadb() && matches!(key, OptionKey::AvgRowLength | OptionKey::KeyBlockSize);
            let (rest, number) = if wide { option_number(value)? } else { option_number_or_hex(value)? };
            // MySQL 9.7 answers more with 1064 (seen for values from 2^31 on; 65535 is taken).
            let most = if key == OptionKey::KeyBlockSize { 0xffff } else { 0xffff_ffff };
            if !input.is_mariadb() && number > most && matches!(key, OptionKey::KeyBlockSize | OptionKey::AvgRowLength)
            {
                return Err(value.fails(SyntaxErrorKind::OutOfRange("the number")));
            }
            (rest, OptionValue::Number(number))
        }
        Values::NumberOrDefault if value.is(Keyword::DEFAULT) => (value.skip(1), OptionValue::Default),
        Values::NumberOrDefault => {
            let (rest, number) = option_number_or_hex(value)?;
            // `opt_stats_persistent`, `opt_pack_keys` and the like in the servers' grammars.
            let within = match key {
                OptionKey::StatsSamplePages => (1..=0xffff).contains(&number),
                OptionKey::PackKeys | OptionKey::StatsPersistent | OptionKey::StatsAutoRecalc => number <= 1,
                _ => true,
            };
            if !within {
                return Err(value.fails(SyntaxErrorKind::OutOfRange("the number")));
            }
            (rest, OptionValue::Number(number))
        }
        Values::Size => size.map(OptionValue::Number).parse(value)?,
        Values::String => string.map(OptionValue::String).parse(value)?,
        Values::Name if value.is(Keyword::NULL) => (value.skip(1), OptionValue::Word(Cow::Borrowed("NULL"))),
        Values::Name => name_or_string.map(|name| OptionValue::Word(name.text)).parse(value)?,
        Values::Words(_, _) if key == OptionKey::RowFormat && value.is(Keyword::DEFAULT) => {
            (value.skip(1), OptionValue::Default)
        }
        Values::Words(words, expected) => {
            let unknown = value.is(Keyword::PAGE) && !input.is_mariadb();
            if unknown || !words.contains(&value.word()) {
                return Err(value.expected(expected));
            }
            (value.skip(1), OptionValue::Word(Cow::Borrowed(value.word().word())))
        }
        Values::Tables if value.is_symbol(b'(') && value.ahead(1).is_symbol(b')') => {
            (value.skip(2), OptionValue::Tables(Vec::new()))
        }
        Values::Tables => delimited(open(), comma_list(table_name), close()).map(OptionValue::Tables).parse(value)?,
    };
    Ok((rest, Some(TableOption::Known(key, value, input.span_to(rest)))))
}

/// The option whose words stand here, and their number.
fn option_key(input: Input<'_, '_>) -> Option<(OptionKey, usize)> {
    let mysql = !input.is_mariadb();
    let directory = input.ahead(1).keyword == Keyword::DIRECTORY;
    let key = match input.word() {
        Keyword::TABLESPACE => OptionKey::Tablespace,
        Keyword::STORAGE => OptionKey::Storage,
        Keyword::MIN_ROWS => OptionKey::MinRows,
        Keyword::MAX_ROWS => OptionKey::MaxRows,
        Keyword::AVG_ROW_LENGTH => OptionKey::AvgRowLength,
        Keyword::PACK_KEYS => OptionKey::PackKeys,
        Keyword::STATS_PERSISTENT => OptionKey::StatsPersistent,
        Keyword::STATS_AUTO_RECALC => OptionKey::StatsAutoRecalc,
        Keyword::STATS_SAMPLE_PAGES => OptionKey::StatsSamplePages,
        Keyword::CHECKSUM | Keyword::TABLE_CHECKSUM => OptionKey::Checksum,
        Keyword::PAGE_CHECKSUM if !mysql => OptionKey::PageChecksum,
        Keyword::DELAY_KEY_WRITE => OptionKey::DelayKeyWrite,
        Keyword::ROW_FORMAT => OptionKey::RowFormat,
        Keyword::TRANSACTIONAL if !mysql => OptionKey::Transactional,
        Keyword::KEY_BLOCK_SIZE => OptionKey::KeyBlockSize,
        Keyword::COMPRESSION if mysql => OptionKey::Compression,
        Keyword::ENCRYPTION if mysql => OptionKey::Encryption,
        Keyword::UNION => OptionKey::Union,
        Keyword::INSERT_METHOD => OptionKey::InsertMethod,
        Keyword::COMMENT => OptionKey::Comment,
        Keyword::CONNECTION => OptionKey::Connection,
        Keyword::DATA if directory => return Some((OptionKey::DataDirectory, 2)),
        Keyword::INDEX if directory => return Some((OptionKey::IndexDirectory, 2)),
        Keyword::SECONDARY_ENGINE if mysql => OptionKey::SecondaryEngine,
        Keyword::AUTOEXTEND_SIZE if mysql => OptionKey::AutoextendSize,
        Keyword::ENGINE_ATTRIBUTE if mysql => OptionKey::EngineAttribute,
        Keyword::SECONDARY_ENGINE_ATTRIBUTE if mysql => OptionKey::SecondaryEngineAttribute,
        Keyword::SEQUENCE if !mysql => OptionKey::Sequence,
        _ => return None,
    };
    Some((key, 1))
}

/// What an option's value can be.
enum Values {
    Number,
    NumberOrDefault,
    Size,
    String,
    Name,
    Words(&'static [Keyword], &'static str),
    Tables,
}

const ROW_FORMATS: &[Keyword] =
    &[Keyword::FIXED, Keyword::DYNAMIC, Keyword::COMPRESSED, Keyword::REDUNDANT, Keyword::COMPACT, Keyword::PAGE];

trait OptionValues {
    fn values(self) -> Values;
}

impl OptionValues for OptionKey {
    fn values(self) -> Values {
        match self {
            Self::MinRows | Self::MaxRows | Self::AvgRowLength | Self::KeyBlockSize => Values::Number,
            Self::Checksum | Self::DelayKeyWrite => Values::Number,
            Self::Sequence | Self::PackKeys | Self::StatsPersistent | Self::StatsAutoRecalc => Values::NumberOrDefault,
            Self::StatsSamplePages | Self::PageChecksum | Self::Transactional => Values::NumberOrDefault,
            Self::AutoextendSize => Values::Size,
            Self::Compression | Self::Encryption | Self::Comment | Self::Connection => Values::String,
            Self::DataDirectory | Self::IndexDirectory => Values::String,
            Self::EngineAttribute | Self::SecondaryEngineAttribute => Values::String,
            Self::Tablespace | Self::SecondaryEngine => Values::Name,
            Self::Storage => Values::Words(&[Keyword::DISK, Keyword::MEMORY], "`DISK` or `MEMORY`"),
            Self::InsertMethod => {
                Values::Words(&[Keyword::NO, Keyword::FIRST, Keyword::LAST], "`NO`, `FIRST` or `LAST`")
            }
            Self::RowFormat => Values::Words(ROW_FORMATS, "a row format"),
            Self::Union => Values::Tables,
        }
    }
}

/// MySQL 4's `RAID_TYPE`, `RAID_CHUNKS`, `RAID_CHUNKSIZE`, which are no keywords of any target.
fn is_raid(input: Input<'_, '_>) -> bool {
    if input.token().kind != TokenKind::Word || !input.is(Keyword::UNLISTED) {
        return false;
    }
    let word = input.statement().bytes(input.token());
    [b"RAID_TYPE".as_slice(), b"RAID_CHUNKS", b"RAID_CHUNKSIZE"].iter().any(|raid| word.eq_ignore_ascii_case(raid))
}

/// Whether `=` or a name begins here.
fn is_value(input: Input<'_, '_>) -> bool {
    input.is_equal() || input.is_name()
}

impl Input<'_, '_> {
    /// Whether `=` (or `:=`, which the servers take for it) stands here.
    fn is_equal(self) -> bool {
        self.is_symbol(b'=') || (self.is_kind(TokenKind::Operator) && self.statement().bytes(self.token()) == b":=")
    }
}

/// `[=]`.
pub(crate) fn equal<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, ()> {
    Ok((input.skip(usize::from(input.is_equal())), ()))
}

/// The value of an option that an engine defines.
pub(crate) fn option_value<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, OptionValue<'a>> {
    let next = input.skip(1);
    match input.token().kind {
        TokenKind::String => string.map(OptionValue::String).parse(input),
        TokenKind::Integer | TokenKind::HexNumber => integer.map(OptionValue::Number).parse(input),
        TokenKind::Word if input.is(Keyword::DEFAULT) => Ok((next, OptionValue::Default)),
        TokenKind::Word if input.is_name() => Ok((next, OptionValue::Word(Cow::Borrowed(input.written()?)))),
        TokenKind::Quoted => Ok((next, OptionValue::Word(input.name_text()?))),
        _ => Err(input.expected("the option's value")),
    }
}

/// The options of CREATE DATABASE and ALTER DATABASE. ENCRYPTION, COMMENT and READ ONLY are read and dropped.
pub(crate) fn database_options<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, (CharsetClause<'a>, usize)> {
    let mut clause = CharsetClause::default();
    for count in 0_usize.. {
        match charset_option(input)? {
            (rest, Some(TableOption::Charset(name))) => (input, clause.charset) = (rest, Some(name)),
            (rest, Some(TableOption::Collate(name))) => (input, clause.collation) = (rest, Some(name)),
            _ => {
                let next = input.skip(usize::from(input.is(Keyword::DEFAULT)));
                input = match next.word() {
                    Keyword::ENCRYPTION | Keyword::COMMENT => preceded(equal, string).parse(next.skip(1))?.0,
                    Keyword::READ if next.ahead(1).keyword == Keyword::ONLY => {
                        let (value, ()) = equal(next.skip(2))?;
                        if value.is(Keyword::DEFAULT) { value.skip(1) } else { integer(value)?.0 }
                    }
                    _ => return Ok((input, (clause, count))),
                };
            }
        }
    }
    Ok((input, (clause, 0)))
}

//! CREATE SEQUENCE and ALTER SEQUENCE of MariaDB.

use super::Reading;
use super::data_type::data_type;
use super::ddl::TypeName;
use super::error::{SyntaxError, SyntaxErrorKind};
use super::input::{Input, Parsed, keyword};
use super::key::{if_exists, if_not_exists};
use super::keyword::Keyword;
use super::literal::string;
use super::name::{name_or_string, table_name};
use super::program::{owned, read};
use super::token::TokenKind;
use nom::Parser;

/// What a statement says of a sequence; an inner `None` is `NO MINVALUE` and the like.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SequenceClauses {
    /// `AS type`, and whether it is unsigned.
    pub data_type: Option<(TypeName, bool)>,
    /// `START WITH`
    pub start: Option<i128>,
    /// `INCREMENT BY`
    pub increment: Option<i128>,
    /// `MINVALUE`
    pub min: Option<Option<i128>>,
    /// `MAXVALUE`
    pub max: Option<Option<i128>>,
    /// `CACHE`
    pub cache: Option<u64>,
    /// `CYCLE`
    pub cycle: Option<bool>,
    /// `ENGINE`
    pub engine: Option<Box<str>>,
    /// `COMMENT`
    pub comment: Option<Box<str>>,
}

/// Reads CREATE SEQUENCE and ALTER SEQUENCE.
///
/// # Errors
/// Where the text is none of them.
pub fn sequence_clauses(text: &str, reading: &Reading<'_>) -> Result<SequenceClauses, SyntaxError> {
    read(text, reading, |input| sequence(input).map(|(_, found)| found))
}

/// `CREATE|ALTER SEQUENCE name` and its clauses, in any order.
fn sequence<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, SequenceClauses> {
    let alters = input.is(Keyword::ALTER);
    let mut input = input.skip(1);
    input.eat_both(Keyword::OR, Keyword::REPLACE);
    let (input, ()) = keyword(Keyword::SEQUENCE, "`SEQUENCE`").parse(input)?;
    let (input, _) = if alters { if_exists(input)? } else { if_not_exists(input)? };
    let (mut input, _) = table_name(input)?;
    let mut found = SequenceClauses::default();
    while !input.is_kind(TokenKind::End) {
        let none = input.eat(Keyword::NO);
        let word = input.word();
        input = input.skip(1);
        match (none, word) {
            (false, Keyword::AS) => {
                let (rest, (definition, _)) = data_type(input)?;
                found.data_type = Some((definition.name, definition.unsigned));
                input = rest;
            }
            (false, Keyword::START) => (input, found.start) = some(signed(after(input, Keyword::WITH))?),
            (false, Keyword::RESTART) if alters => {
                // Where the next value is taken from is no part of the definition.
                let next = after(input, Keyword::WITH);
                if next.is_kind(TokenKind::Integer) || next.is_symbol(b'-') {
                    input = signed(next)?.0;
                }
            }
            (false, Keyword::INCREMENT) => (input, found.increment) = some(signed(after(input, Keyword::BY))?),
            (false, Keyword::MINVALUE) => {
                let (rest, value) = signed(after(input, Keyword::UNLISTED))?;
                (input, found.min) = (rest, Some(Some(value)));
            }
            (false, Keyword::MAXVALUE) => {
                let (rest, value) = signed(after(input, Keyword::UNLISTED))?;
                (input, found.max) = (rest, Some(Some(value)));
            }
            (true, Keyword::MINVALUE) | (false, Keyword::NOMINVALUE) => found.min = Some(None),
            (true, Keyword::MAXVALUE) | (false, Keyword::NOMAXVALUE) => found.max = Some(None),
            (false, Keyword::CACHE) => {
                let (rest, value) = signed(after(input, Keyword::UNLISTED))?;
                (input, found.cache) = (rest, u64::try_from(value).ok());
            }
            (true, Keyword::CACHE) | (false, Keyword::NOCACHE) => found.cache = Some(0),
            (false, Keyword::CYCLE) => found.cycle = Some(true),
            (true, Keyword::CYCLE) | (false, Keyword::NOCYCLE) => found.cycle = Some(false),
            (false, Keyword::ENGINE) if !alters => {
                let (rest, name) = name_or_string(after(input, Keyword::UNLISTED))?;
                (input, found.engine) = (rest, Some(owned(name.text)));
            }
            (false, Keyword::COMMENT) if !alters => {
                let (rest, text) = string(after(input, Keyword::UNLISTED))?;
                (input, found.comment) = (rest, Some(owned(text)));
            }
            _ => return Err(input.expected("an option of a sequence")),
        }
    }
    Ok((input, found))
}

/// After `=` or the word, where one of them is there.
fn after<'a, 't>(mut input: Input<'a, 't>, word: Keyword) -> Input<'a, 't> {
    if !input.eat_symbol(b'=') && word != Keyword::UNLISTED {
        input.eat(word);
    }
    input
}

fn some<I, T>((input, value): (I, T)) -> (I, Option<T>) {
    (input, Some(value))
}

/// A whole number, perhaps with its sign.
fn signed<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, i128> {
    let negative = input.eat_symbol(b'-');
    if !input.is_kind(TokenKind::Integer) {
        return Err(input.expected("a number"));
    }
    match input.written()?.parse::<i128>() {
        Ok(value) => Ok((input.skip(1), if negative { -value } else { value })),
        Err(_) => Err(input.fails(SyntaxErrorKind::OutOfRange("the number"))),
    }
}

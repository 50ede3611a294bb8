//! Names of objects.

use std::borrow::Cow;

use nom::Parser;
use nom::branch::alt;

use super::ddl::{Name, TableName};
use super::error::SyntaxErrorKind;
use super::input::{Input, Parsed, comma_list_in_parentheses};
use super::keyword::Keyword;
use super::literal::string;
use super::token::{Token, TokenKind};

impl Input<'_, '_> {
    /// Whether the next token can be a name.
    #[inline]
    pub(crate) fn is_name(self) -> bool {
        self.can_be_name(self.token())
    }

    /// Whether a token can be a name.
    #[inline]
    pub(crate) fn can_be_name(self, token: Token) -> bool {
        match token.kind {
            TokenKind::Quoted => true,
            TokenKind::Word => {
                token.keyword == Keyword::UNLISTED || !token.keyword.is_reserved(self.statement().reading.target)
            }
            TokenKind::String
            | TokenKind::NationalString
            | TokenKind::HexString
            | TokenKind::BitString
            | TokenKind::HexNumber
            | TokenKind::BitNumber
            | TokenKind::Integer
            | TokenKind::Decimal
            | TokenKind::Variable
            | TokenKind::Symbol
            | TokenKind::Operator
            | TokenKind::End => false,
        }
    }

    /// The name here, or a failure that says what it would be the name of.
    #[inline]
    fn name_of<'a, 't>(input: Input<'a, 't>, what: &'static str) -> Parsed<'a, 't, Name<'a>> {
        if input.is_name() {
            return Ok((input.skip(1), Name { text: input.name_text()?, span: input.span() }));
        }
        if input.is_kind(TokenKind::Word) {
            let word = input.written()?.to_owned();
            return Err(input.fails(SyntaxErrorKind::Reserved { expected: what, word }));
        }
        Err(input.expected(what))
    }
}

/// A parser of a name that is the name of something.
pub(crate) fn named<'a: 't, 't>(
    what: &'static str,
) -> impl Parser<Input<'a, 't>, Output = Name<'a>, Error = super::input::Failure> + Copy {
    move |input: Input<'a, 't>| Input::name_of(input, what)
}

/// Any name.
pub(crate) fn name<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Name<'a>> {
    Input::name_of(input, "a name")
}

/// A column's name.
pub(crate) fn column_name<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Name<'a>> {
    Input::name_of(input, "a column's name")
}

/// A name after a dot, where no word is reserved.
pub(crate) fn name_after_dot<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Name<'a>> {
    if !matches!(input.token().kind, TokenKind::Word | TokenKind::Quoted) {
        return Err(input.expected("a name"));
    }
    Ok((input.skip(1), Name { text: input.name_text()?, span: input.span() }))
}

/// A table's name, perhaps with its database's.
pub(crate) fn table_name<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, TableName<'a>> {
    if input.is_symbol(b'.') {
        let (input, name) = name_after_dot(input.skip(1))?;
        return Ok((input, TableName { database: None, name }));
    }
    let (mut input, first) = Input::name_of(input, "a table's name")?;
    if !input.eat_symbol(b'.') {
        return Ok((input, TableName { database: None, name: first }));
    }
    let (input, name) = name_after_dot(input)?;
    Ok((input, TableName { database: Some(first), name }))
}

/// Columns' names between parentheses.
pub(crate) fn column_list<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Vec<Name<'a>>> {
    comma_list_in_parentheses(column_name).parse(input)
}

/// A name that may be written as a string: engines, parsers.
pub(crate) fn name_or_string<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Name<'a>> {
    alt((string_name, named("a name or a string"))).parse(input)
}

/// A string that stands for a name.
fn string_name<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Name<'a>> {
    let (rest, text) = string(input)?;
    Ok((rest, Name { text, span: input.span() }))
}

/// A charset's name; `BINARY` and `DEFAULT` are such names although they are reserved.
pub(crate) fn charset_name<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Name<'a>> {
    if input.is(Keyword::BINARY) || input.is(Keyword::DEFAULT) {
        return Ok((input.skip(1), Name { text: Cow::Borrowed(input.written()?), span: input.span() }));
    }
    alt((string_name, named("a character set"))).parse(input)
}

/// A collation's name.
pub(crate) fn collation_name<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Name<'a>> {
    if input.is(Keyword::BINARY) || input.is(Keyword::DEFAULT) {
        return Ok((input.skip(1), Name { text: Cow::Borrowed(input.written()?), span: input.span() }));
    }
    alt((string_name, named("a collation"))).parse(input)
}

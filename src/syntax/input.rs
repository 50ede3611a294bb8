//! The grammar's view of the tokens, and its smallest parsers.
//!
//! [`Input`] is a place in a statement; a production is a function from an input to a [`Parsed`].
//! The grammar looks ahead by one or two tokens and does not go back, so the first error is the
//! furthest one.

use std::borrow::Cow;

use nom::error::{ErrorKind, ParseError};
use nom::{Err, IResult, Parser};

use super::error::{SyntaxError, SyntaxErrorKind};
use super::keyword::Keyword;
use super::token::{Statement, Token, TokenKind};
use crate::source::Span;

/// What a production gives: the input after it, and what it read.
pub(crate) type Parsed<'a, 't, T> = IResult<Input<'a, 't>, T, Failure>;

/// A place in a statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a, 't> {
    statement: &'t Statement<'a, 't>,
    /// Number of the next token.
    next: usize,
}

/// Why a production could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Failure {
    /// Number of the token that could not be read.
    next: usize,
    /// What is wrong with it.
    problem: Problem,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Problem {
    /// Something else was expected.
    Expected(&'static str),
    /// It cannot be what it stands for.
    Error(Box<SyntaxError>),
}

impl Failure {
    /// The error for people.
    pub(crate) fn into_error(self, statement: &Statement<'_, '_>) -> SyntaxError {
        let token = statement.token(self.next);
        match self.problem {
            Problem::Error(error) => *error,
            Problem::Expected(expected) => SyntaxError {
                span: statement.span(token),
                kind: SyntaxErrorKind::Unexpected { expected, found: statement.found(token) },
            },
        }
    }
}

impl<'a, 't> ParseError<Input<'a, 't>> for Failure {
    fn from_error_kind(input: Input<'a, 't>, _: ErrorKind) -> Self {
        Self { next: input.next, problem: Problem::Expected("something else") }
    }

    fn append(_: Input<'a, 't>, _: ErrorKind, other: Self) -> Self {
        other
    }

    fn or(self, other: Self) -> Self {
        if other.next >= self.next { other } else { self }
    }
}

impl<'a, 't> Input<'a, 't> {
    /// The beginning of a statement.
    pub(crate) fn new(statement: &'t Statement<'a, 't>) -> Self {
        Self { statement, next: 0 }
    }

    /// The statement.
    #[inline]
    pub(crate) fn statement(self) -> &'t Statement<'a, 't> {
        self.statement
    }

    /// The next token.
    #[inline]
    pub(crate) fn token(self) -> Token {
        self.statement.token(self.next)
    }

    /// The token so many after the next.
    #[inline]
    pub(crate) fn ahead(self, count: usize) -> Token {
        self.statement.token(self.next + count)
    }

    /// The next token's keyword.
    #[inline]
    pub(crate) fn word(self) -> Keyword {
        self.token().keyword
    }

    /// Whether the next token is that keyword.
    #[inline]
    pub(crate) fn is(self, keyword: Keyword) -> bool {
        self.word() == keyword
    }

    /// Whether the next tokens are those two keywords.
    #[inline]
    pub(crate) fn are(self, first: Keyword, second: Keyword) -> bool {
        self.is(first) && self.ahead(1).keyword == second
    }

    /// Whether the next token is that symbol.
    #[inline]
    pub(crate) fn is_symbol(self, symbol: u8) -> bool {
        self.token().is_symbol(symbol)
    }

    /// Whether the next token is of that kind.
    #[inline]
    pub(crate) fn is_kind(self, kind: TokenKind) -> bool {
        self.token().kind == kind
    }

    /// The input after so many tokens.
    #[inline]
    #[must_use]
    pub(crate) fn skip(self, count: usize) -> Self {
        Self { next: (self.next + count).min(self.statement.tokens.len() - 1), ..self }
    }

    /// The input after a keyword, where it stands next.
    #[inline]
    pub(crate) fn after(self, keyword: Keyword) -> Option<Self> {
        self.is(keyword).then(|| self.skip(1))
    }

    /// Skips a keyword where it stands next; whether it did.
    #[inline]
    pub(crate) fn eat(&mut self, keyword: Keyword) -> bool {
        let found = self.is(keyword);
        *self = self.skip(usize::from(found));
        found
    }

    /// Skips a symbol where it stands next; whether it did.
    #[inline]
    pub(crate) fn eat_symbol(&mut self, symbol: u8) -> bool {
        let found = self.is_symbol(symbol);
        *self = self.skip(usize::from(found));
        found
    }

    /// Skips two keywords where both stand next; whether it did.
    #[inline]
    pub(crate) fn eat_both(&mut self, first: Keyword, second: Keyword) -> bool {
        let found = self.are(first, second);
        *self = self.skip(if found { 2 } else { 0 });
        found
    }

    /// The next token's place in the source.
    #[inline]
    pub(crate) fn span(self) -> Span {
        self.statement.span(self.token())
    }

    /// The place of what was read from here to `end`.
    #[inline]
    pub(crate) fn span_to(self, end: Self) -> Span {
        let last = self.statement.token(end.next.max(self.next + 1) - 1);
        Span::new(self.statement.at + self.token().start as usize, self.statement.at + last.end as usize)
    }

    /// Whether the statement's server is a MariaDB.
    #[inline]
    pub(crate) fn is_mariadb(self) -> bool {
        self.statement.reading.target.is_mariadb()
    }

    /// The server that reads the statement.
    pub(crate) fn target(self) -> crate::target::Target {
        self.statement.reading.target
    }

    /// The failure to find what is expected here.
    #[cold]
    pub(crate) fn expected(self, what: &'static str) -> Err<Failure> {
        Err::Error(Failure { next: self.next, problem: Problem::Expected(what) })
    }

    /// A failure of another kind, at the next token.
    #[cold]
    pub(crate) fn fails(self, kind: SyntaxErrorKind) -> Err<Failure> {
        self.wrong(SyntaxError { span: self.span(), kind })
    }

    /// An error found by other means.
    #[cold]
    pub(crate) fn wrong(self, error: SyntaxError) -> Err<Failure> {
        Err::Failure(Failure { next: self.next, problem: Problem::Error(Box::new(error)) })
    }

    /// The next token's text as written.
    #[inline]
    pub(crate) fn written(self) -> Result<&'a str, Err<Failure>> {
        self.statement.written(self.token()).map_err(|error| self.wrong(error))
    }

    /// The name that the next token, a word or a quoted name, stands for.
    #[inline]
    pub(crate) fn name_text(self) -> Result<Cow<'a, str>, Err<Failure>> {
        self.statement.name(self.token()).map_err(|error| self.wrong(error))
    }

    /// The value of the next token, a string.
    #[inline]
    pub(crate) fn string_text(self) -> Result<Cow<'a, str>, Err<Failure>> {
        self.statement.string(self.token()).map_err(|error| self.wrong(error))
    }
}

impl Token {
    /// Whether it is that symbol.
    #[inline]
    pub(crate) fn is_symbol(self, symbol: u8) -> bool {
        self.kind == TokenKind::Symbol && self.detail == symbol
    }
}

/// A parser of one keyword.
#[inline]
pub(crate) fn keyword<'a: 't, 't>(
    word: Keyword,
    expected: &'static str,
) -> impl Parser<Input<'a, 't>, Output = (), Error = Failure> + Copy {
    move |input: Input<'a, 't>| match input.after(word) {
        Some(rest) => Ok((rest, ())),
        None => Err(input.expected(expected)),
    }
}

/// A parser of one symbol.
#[inline]
pub(crate) fn symbol<'a: 't, 't>(
    symbol: u8,
    expected: &'static str,
) -> impl Parser<Input<'a, 't>, Output = (), Error = Failure> + Copy {
    move |input: Input<'a, 't>| {
        if input.is_symbol(symbol) { Ok((input.skip(1), ())) } else { Err(input.expected(expected)) }
    }
}

/// A parser of `(`.
#[inline]
pub(crate) fn open<'a: 't, 't>() -> impl Parser<Input<'a, 't>, Output = (), Error = Failure> + Copy {
    symbol(b'(', "`(`")
}

/// A parser of `)`.
#[inline]
pub(crate) fn close<'a: 't, 't>() -> impl Parser<Input<'a, 't>, Output = (), Error = Failure> + Copy {
    symbol(b')', "`)`")
}

/// A parser of items between commas. Unlike nom's `separated_list1`, it fails where the item after a
/// comma fails.
#[inline]
pub(crate) fn comma_list<'a: 't, 't, T>(
    mut item: impl Parser<Input<'a, 't>, Output = T, Error = Failure>,
) -> impl Parser<Input<'a, 't>, Output = Vec<T>, Error = Failure> {
    move |input: Input<'a, 't>| {
        let (mut input, first) = item.parse(input)?;
        let mut items = vec![first];
        while input.eat_symbol(b',') {
            let (rest, next) = item.parse(input)?;
            items.push(next);
            input = rest;
        }
        Ok((input, items))
    }
}

/// A parser of items between commas and parentheses.
#[inline]
pub(crate) fn comma_list_in_parentheses<'a: 't, 't, T>(
    item: impl Parser<Input<'a, 't>, Output = T, Error = Failure>,
) -> impl Parser<Input<'a, 't>, Output = Vec<T>, Error = Failure> {
    nom::sequence::delimited(open(), comma_list(item), symbol(b')', "`,` or `)`"))
}

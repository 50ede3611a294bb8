//! Where expressions begin and end. What they say is read by [`super::expression`].
//!
//! Extents are found by counting parentheses over the tokens, in one pass and without recursion, so
//! that a hundred thousand parentheses cost no more than their number.

use std::borrow::Cow;

use nom::Err;

use super::ddl::Expression;
use super::error::{SyntaxError, SyntaxErrorKind};
use super::expression::{self, ExpressionError};
use super::input::{Failure, Input, Parsed};
use super::keyword::Keyword;
use super::token::{Statement, TokenKind};
use crate::model::Expr;
use crate::source::Span;

/// `(expr)`.
pub(crate) fn expression_in_parentheses<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Expression> {
    let end = closing(input)?;
    // A query has parentheses of its own.
    if input.skip(1).is(Keyword::SELECT) && !input.is_mariadb() {
        return Err(input.skip(1).expected("an expression"));
    }
    let (_, expression) = expression_between(input.skip(1), end)?;
    Ok((end.skip(1), expression))
}

/// What stands between parentheses, cut at its commas.
pub(crate) fn items_in_parentheses<'a, 't>(
    input: Input<'a, 't>,
) -> Parsed<'a, 't, Vec<(Input<'a, 't>, Input<'a, 't>)>> {
    if !input.is_symbol(b'(') {
        return Err(input.expected("`(`"));
    }
    let (mut items, mut depth) = (Vec::new(), 0_usize);
    let (mut start, mut at) = (input.skip(1), input.skip(1));
    loop {
        let token = at.token();
        match (token.kind, token.detail) {
            (TokenKind::End, _) => return Err(at.expected("`)`")),
            (TokenKind::Symbol, b'(') => depth += 1,
            (TokenKind::Symbol, b')') if depth > 0 => depth -= 1,
            (TokenKind::Symbol, b')') => {
                items.push((start, at));
                return Ok((at.skip(1), items));
            }
            (TokenKind::Symbol, b',') if depth == 0 => {
                items.push((start, at));
                start = at.skip(1);
            }
            _ => {}
        }
        at = at.skip(1);
    }
}

/// The `)` that belongs to the `(` here.
pub(crate) fn closing<'a, 't>(input: Input<'a, 't>) -> Result<Input<'a, 't>, Err<Failure>> {
    if !input.is_symbol(b'(') {
        return Err(input.expected("`(`"));
    }
    let (mut at, mut depth) = (input.skip(1), 0_usize);
    loop {
        let token = at.token();
        match (token.kind, token.detail) {
            (TokenKind::End, _) => return Err(at.expected("`)`")),
            (TokenKind::Symbol, b'(') => depth += 1,
            (TokenKind::Symbol, b')') if depth == 0 => return Ok(at),
            (TokenKind::Symbol, b')') => depth -= 1,
            _ => {}
        }
        at = at.skip(1);
    }
}

/// MariaDB's default without parentheses: a literal, a call, a name, `NEXT VALUE FOR s`, `CASE … END`.
pub(crate) fn bare_expression<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Expression> {
    let end = bare_end(input)?;
    expression_between(input, end)
}

fn bare_end<'a, 't>(input: Input<'a, 't>) -> Result<Input<'a, 't>, Err<Failure>> {
    const EXPECTED: &str = "a default value";
    let token = input.token();
    match token.kind {
        TokenKind::Word if input.is(Keyword::CASE) => case_end(input),
        TokenKind::Word if input.are(Keyword::NEXT, Keyword::VALUE) || input.are(Keyword::PREVIOUS, Keyword::VALUE) => {
            match input.skip(2).after(Keyword::FOR) {
                Some(sequence) => super::name::table_name(sequence).map(|(rest, _)| rest),
                None => Err(input.skip(2).expected("`FOR`")),
            }
        }
        TokenKind::Word
            if matches!(input.word(), Keyword::DATE | Keyword::TIME | Keyword::TIMESTAMP)
                && input.ahead(1).kind == TokenKind::String =>
        {
            Ok(input.skip(2))
        }
        TokenKind::Word | TokenKind::Quoted => {
            let mut end = input.skip(1);
            while end.is_symbol(b'.') {
                if !matches!(end.ahead(1).kind, TokenKind::Word | TokenKind::Quoted) {
                    return Err(end.skip(1).expected("a name"));
                }
                end = end.skip(2);
            }
            if end.is_symbol(b'(') {
                return closing(end).map(|close| close.skip(1));
            }
            if input.is_name() || is_function_without_parentheses(input.word()) {
                return Ok(end);
            }
            Err(input.expected(EXPECTED))
        }
        TokenKind::Variable => {
            let mut end = input.skip(1);
            while end.is_kind(TokenKind::Operator) && end.statement().bytes(end.token()) == b":=" {
                // What is assigned: a literal or another variable.
                end = end.skip(2);
            }
            Ok(end)
        }
        TokenKind::HexString | TokenKind::HexNumber | TokenKind::BitString | TokenKind::BitNumber => Ok(input.skip(1)),
        TokenKind::Symbol if token.detail == b'{' => {
            let mut end = input;
            while !end.is_symbol(b'}') {
                if end.is_kind(TokenKind::End) {
                    return Err(end.expected("`}`"));
                }
                end = end.skip(1);
            }
            Ok(end.skip(1))
        }
        _ => Err(input.expected(EXPECTED)),
    }
}

fn is_function_without_parentheses(word: Keyword) -> bool {
    matches!(
        word,
        Keyword::CURRENT_DATE
            | Keyword::CURRENT_ROLE
            | Keyword::CURRENT_TIME
            | Keyword::CURRENT_USER
            | Keyword::LOCALTIME
            | Keyword::LOCALTIMESTAMP
            | Keyword::UTC_DATE
            | Keyword::UTC_TIME
            | Keyword::UTC_TIMESTAMP
    )
}

/// After the END of the CASE here.
fn case_end<'a, 't>(input: Input<'a, 't>) -> Result<Input<'a, 't>, Err<Failure>> {
    let (mut at, mut depth) = (input, 0_usize);
    loop {
        match at.word() {
            Keyword::CASE => depth += 1,
            Keyword::END if depth <= 1 => return Ok(at.skip(1)),
            Keyword::END => depth -= 1,
            _ if at.is_kind(TokenKind::End) => return Err(at.expected("`END`")),
            _ => {}
        }
        at = at.skip(1);
    }
}

/// The expression that stands from `start` to before `end`. One that cannot be read is kept as its tokens.
pub(crate) fn expression_between<'a, 't>(start: Input<'a, 't>, end: Input<'a, 't>) -> Parsed<'a, 't, Expression> {
    let statement = start.statement();
    let span = start.span_to(end);
    if start.token().start >= end.token().start {
        return Err(start.expected("an expression"));
    }
    let text = blanked(statement, span.start - statement.at, span.end - statement.at);
    let text = text.map_err(|error| start.wrong(error))?;
    let expr = match expression::parse(&text, &statement.reading) {
        Ok(expr) => expr,
        Err(ExpressionError { number: Some(number), offset, message }) => {
            let at = span.start + offset.min(text.len());
            let kind = SyntaxErrorKind::Expression { expected: message, number };
            return Err(start.wrong(SyntaxError { span: Span { start: at, end: span.end.max(at) }, kind }));
        }
        Err(ExpressionError { number: None, .. }) => Expr::Tokens(normalised(start, end)),
    };
    Ok((end, Expression { expr, span }))
}

/// The text between two offsets, with blanks for comments.
fn blanked<'a>(statement: &Statement<'a, '_>, start: usize, end: usize) -> Result<Cow<'a, str>, SyntaxError> {
    let first = statement.comments.partition_point(|comment| (comment.1 as usize) <= start);
    let comments = statement.comments[first..].iter().take_while(|comment| (comment.0 as usize) < end);
    let mut owned: Option<Vec<u8>> = None;
    for (from, to) in comments {
        let text = owned.get_or_insert_with(|| statement.text[start..end].to_vec());
        text[*from as usize - start..*to as usize - start].fill(b' ');
    }
    let Some(owned) = owned else {
        return statement.utf8(start, end).map(Cow::Borrowed);
    };
    match String::from_utf8(owned) {
        Ok(text) => Ok(Cow::Owned(text)),
        // The place of the bad byte is the same with and without the comments.
        Err(_) => statement.utf8(start, end).map(Cow::Borrowed),
    }
}

/// Tokens as written, one blank between two of them.
pub(crate) fn normalised(start: Input<'_, '_>, end: Input<'_, '_>) -> Box<str> {
    let mut text = String::new();
    let mut at = start;
    while at.token().start < end.token().start {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&String::from_utf8_lossy(at.statement().bytes(at.token())));
        at = at.skip(1);
    }
    text.into()
}

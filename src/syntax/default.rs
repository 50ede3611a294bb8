//! What follows DEFAULT.

use std::borrow::Cow;

use nom::Parser;

use super::ddl::DefaultClause;
use super::extent::{bare_expression, expression_in_parentheses, items_in_parentheses};
use super::input::{Input, Parsed};
use super::keyword::Keyword;
use super::literal::{bits, current_timestamp, digits, hexadecimal, string, strings};
use super::token::TokenKind;
use crate::model::Expr;

/// A default: a literal, `CURRENT_TIMESTAMP`, `(expr)`, or what MariaDB takes without parentheses.
pub(crate) fn default_clause<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, DefaultClause<'a>> {
    const EXPECTED: &str = "a default value";
    let token = input.token();
    match token.kind {
        TokenKind::String => default_string(input),
        TokenKind::NationalString => {
            let (rest, value) = strings(input)?;
            // MariaDB keeps it as a plain string.
            let charset = (!input.is_mariadb()).then_some(Cow::Borrowed("utf8"));
            Ok((rest, DefaultClause::String { value, charset }))
        }
        TokenKind::Integer | TokenKind::Decimal => number(input),
        TokenKind::HexString | TokenKind::HexNumber | TokenKind::BitString | TokenKind::BitNumber
            if input.is_mariadb() =>
        {
            default_expression(input)
        }
        TokenKind::HexString | TokenKind::HexNumber => hexadecimal.map(DefaultClause::Hex).parse(input),
        TokenKind::BitString | TokenKind::BitNumber => bits.map(DefaultClause::Bits).parse(input),
        TokenKind::Symbol => match token.detail {
            b'(' if input.statement().reading.target.has_expression_defaults() => {
                let (rest, mut expression) = expression_in_parentheses(input)?;
                // Several values are a row, which the parsers refuse (MySQL) or the column (MariaDB).
                if matches!(expression.expr, Expr::Tokens(_)) && items_in_parentheses(input)?.1.len() > 1 {
                    if !input.is_mariadb() {
                        return Err(input.expected("one value"));
                    }
                    expression.expr = Expr::Row(vec![expression.expr]);
                }
                Ok((rest, DefaultClause::Expression { expression, parenthesised: true }))
            }
            b'+' | b'-' => number(input),
            b'{' if input.is_mariadb() => default_expression(input),
            _ => Err(input.expected(EXPECTED)),
        },
        TokenKind::Word | TokenKind::Quoted => default_word(input),
        TokenKind::Variable if input.is_mariadb() => default_expression(input),
        TokenKind::Variable | TokenKind::Operator | TokenKind::End => Err(input.expected(EXPECTED)),
    }
}

/// A default that begins with a word.
fn default_word<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, DefaultClause<'a>> {
    let next = input.ahead(1);
    match input.word() {
        Keyword::NULL => Ok((input.skip(1), DefaultClause::Null)),
        Keyword::TRUE => Ok((input.skip(1), DefaultClause::Boolean(true))),
        Keyword::FALSE => Ok((input.skip(1), DefaultClause::Boolean(false))),
        Keyword::DATE | Keyword::TIME | Keyword::TIMESTAMP if next.kind == TokenKind::String && !input.is_mariadb() => {
            string.map(DefaultClause::Temporal).parse(input.skip(1))
        }
        Keyword::LOCALTIME | Keyword::LOCALTIMESTAMP if input.target().has_local_times() => default_expression(input),
        Keyword::CURRENT_TIMESTAMP | Keyword::LOCALTIME | Keyword::LOCALTIMESTAMP => {
            current_timestamp.map(DefaultClause::CurrentTimestamp).parse(input)
        }
        Keyword::NOW if next.is_symbol(b'(') => current_timestamp.map(DefaultClause::CurrentTimestamp).parse(input),
        Keyword::UNLISTED if is_introducer(input) => introduced(input),
        _ if input.is_mariadb() => default_expression(input),
        _ => Err(input.expected("a default value")),
    }
}

/// Whether `_charset` stands before a literal.
fn is_introducer(input: Input<'_, '_>) -> bool {
    let literal = matches!(
        input.ahead(1).kind,
        TokenKind::String | TokenKind::HexString | TokenKind::HexNumber | TokenKind::BitString | TokenKind::BitNumber
    );
    literal && input.is_kind(TokenKind::Word) && input.statement().bytes(input.token()).starts_with(b"_")
}

/// `_charset'…'` or `_charset x'…'`.
fn introduced<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, DefaultClause<'a>> {
    let charset = Cow::Borrowed(&input.written()?[1..]);
    match digits(input.skip(1))? {
        Some((rest, bytes)) => Ok((rest, DefaultClause::Introduced { charset, bytes })),
        None => {
            let (rest, value) = strings(input.skip(1))?;
            Ok((rest, DefaultClause::String { value, charset: Some(charset) }))
        }
    }
}

/// Adjacent strings.
fn default_string<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, DefaultClause<'a>> {
    let (rest, value) = strings(input)?;
    Ok((rest, DefaultClause::String { value, charset: None }))
}

/// A number, perhaps signed.
fn number<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, DefaultClause<'a>> {
    let signed = input.is_symbol(b'+') || input.is_symbol(b'-');
    let digits = input.skip(usize::from(signed));
    if !matches!(digits.token().kind, TokenKind::Integer | TokenKind::Decimal) {
        return Err(digits.expected("a number"));
    }
    let text = if !signed || input.token().end == digits.token().start {
        let span = (input.token().start as usize, digits.token().end as usize);
        Cow::Borrowed(input.statement().utf8(span.0, span.1).map_err(|error| input.wrong(error))?)
    } else {
        Cow::Owned(format!("{}{}", input.written()?, digits.written()?))
    };
    Ok((digits.skip(1), DefaultClause::Number(text)))
}

/// What MariaDB takes without parentheses.
fn default_expression<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, DefaultClause<'a>> {
    let (rest, expression) = bare_expression(input)?;
    Ok((rest, DefaultClause::Expression { expression, parenthesised: false }))
}

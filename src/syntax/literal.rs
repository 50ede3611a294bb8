//! Strings, numbers and the other literals.

use std::borrow::Cow;

use nom::Parser;
use nom::sequence::delimited;

use super::ddl::Member;
use super::error::SyntaxErrorKind;
use super::input::{Failure, Input, Parsed, close, open};
use super::keyword::Keyword;
use super::token::TokenKind;

/// One string.
pub(crate) fn string<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Cow<'a, str>> {
    if !input.is_kind(TokenKind::String) {
        return Err(input.expected("a string"));
    }
    Ok((input.skip(1), input.string_text()?))
}

/// Adjacent strings, which are one value.
pub(crate) fn strings<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Cow<'a, str>> {
    let (mut input, mut value) =
        if input.is_kind(TokenKind::NationalString) { (input.skip(1), input.string_text()?) } else { string(input)? };
    while input.is_kind(TokenKind::String) {
        let (rest, more) = string(input)?;
        value.to_mut().push_str(&more);
        input = rest;
    }
    Ok((input, value))
}

/// A member of ENUM or SET: a string, or its bytes in hexadecimal or binary digits.
pub(crate) fn member<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Member<'a>> {
    match input.token().kind {
        TokenKind::String => string.map(Member::Text).parse(input),
        _ => match digits(input)? {
            Some((rest, bytes)) => Ok((rest, Member::Bytes(bytes))),
            None => string.map(Member::Text).parse(input),
        },
    }
}

/// The bytes of a hexadecimal or bit literal; `None` where there is none.
pub(crate) fn digits<'a, 't>(input: Input<'a, 't>) -> Result<Option<(Input<'a, 't>, Vec<u8>)>, nom::Err<Failure>> {
    match input.token().kind {
        TokenKind::HexString | TokenKind::HexNumber => hexadecimal(input).map(Some),
        TokenKind::BitString | TokenKind::BitNumber => {
            bits(input).map(|(rest, digits)| Some((rest, bytes_of(&digits))))
        }
        _ => Ok(None),
    }
}

/// The digits of `b'…'` or `0b…`.
pub(crate) fn bits<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Cow<'a, str>> {
    let written = input.written()?;
    let digits = match input.token().kind {
        TokenKind::BitString => &written[2..written.len() - 1],
        TokenKind::BitNumber => &written[2..],
        _ => return Err(input.expected("a bit literal")),
    };
    Ok((input.skip(1), Cow::Borrowed(digits)))
}

/// The bytes of `x'…'` or `0x…`; an odd number of digits after `0x` begins with half a byte.
pub(crate) fn hexadecimal<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Vec<u8>> {
    let written = input.written()?;
    let digits = match input.token().kind {
        TokenKind::HexString => &written[2..written.len() - 1],
        TokenKind::HexNumber => &written[2..],
        _ => return Err(input.expected("a hexadecimal literal")),
    };
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|v| u8::try_from(v).ok()).unwrap_or(0);
    let (first, pairs) = digits.as_bytes().split_at(digits.len() % 2);
    let mut bytes: Vec<u8> = first.iter().map(|digit| value(*digit)).collect();
    bytes.extend(pairs.chunks_exact(2).map(|pair| value(pair[0]) << 4 | value(pair[1])));
    Ok((input.skip(1), bytes))
}

/// The bytes that a row of binary digits stands for.
fn bytes_of(digits: &str) -> Vec<u8> {
    let octet = |digits: &[u8]| digits.iter().fold(0_u8, |byte, digit| byte << 1 | (digit & 1));
    let (first, octets) = digits.as_bytes().split_at(digits.len() % 8);
    let first = (!first.is_empty()).then(|| octet(first));
    first.into_iter().chain(octets.chunks_exact(8).map(octet)).collect()
}

/// A whole number.
pub(crate) fn integer<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, u64> {
    let written = input.written()?;
    let value = match input.token().kind {
        TokenKind::Integer => written.parse().ok(),
        TokenKind::HexNumber => u64::from_str_radix(&written[2..], 16).ok(),
        TokenKind::HexString => u64::from_str_radix(&written[2..written.len() - 1], 16).ok(),
        _ => return Err(input.expected("a number")),
    };
    match value {
        Some(value) => Ok((input.skip(1), value)),
        None => Err(input.fails(SyntaxErrorKind::OutOfRange("the number"))),
    }
}

/// A whole number that the servers' lexers take for a small one (`NUM`): below 2^31.
pub(crate) fn plain_integer<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, u64> {
    match saturated(input)? {
        (rest, value) if value < 1 << 31 => Ok((rest, value)),
        _ => Err(input.fails(SyntaxErrorKind::OutOfRange("the number"))),
    }
}

/// A number of an option, as near as 64 bits come: fractions and exponents are cut off (`ulonglong_num` of the servers' grammars).
pub(crate) fn option_number<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, u64> {
    let written = input.written()?;
    let whole = written.split(['.', 'e', 'E']).next().unwrap_or_default();
    match input.token().kind {
        TokenKind::Integer | TokenKind::Decimal if whole.is_empty() => Ok((input.skip(1), 0)),
        TokenKind::Integer | TokenKind::Decimal => Ok((input.skip(1), whole.parse().unwrap_or(u64::MAX))),
        _ => Err(input.expected("a number")),
    }
}

/// The same, or hexadecimal digits (`ulong_num`).
pub(crate) fn option_number_or_hex<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, u64> {
    match input.token().kind {
        TokenKind::HexNumber | TokenKind::HexString => integer(input),
        _ => option_number(input),
    }
}

/// A whole number that fits 32 bits.
pub(crate) fn small_integer<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, u32> {
    let (rest, value) = integer(input)?;
    match u32::try_from(value) {
        Ok(value) => Ok((rest, value)),
        Err(_) => Err(input.fails(SyntaxErrorKind::OutOfRange("the number"))),
    }
}

/// A size in bytes: a number, perhaps with `K`, `M` or `G` at its end (MySQL lexes `4M` as a word).
pub(crate) fn size<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, u64> {
    if !input.is_kind(TokenKind::Word) {
        return integer(input);
    }
    let written = input.written()?;
    let (digits, suffix) = written.split_at(written.len() - usize::from(written.is_ascii()));
    let shift = match suffix {
        "k" | "K" => 10,
        "m" | "M" => 20,
        "g" | "G" => 30,
        _ => return Err(input.expected("a size")),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(input.expected("a size"));
    }
    match digits.parse::<u64>().ok().and_then(|value| value.checked_mul(1 << shift)) {
        Some(value) => Ok((input.skip(1), value)),
        None => Err(input.fails(SyntaxErrorKind::OutOfRange("the size"))),
    }
}

/// `(n)`. One that is beyond 64 bits is the largest: what is too long for a type is the catalog's to say.
pub(crate) fn length<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, u64> {
    delimited(open(), saturated, close()).parse(input)
}

/// Digits, as near as 64 bits come.
pub(crate) fn saturated<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, u64> {
    if !input.is_kind(TokenKind::Integer) {
        return Err(input.expected("a number"));
    }
    Ok((input.skip(1), input.written()?.parse().unwrap_or(u64::MAX)))
}

/// `CURRENT_TIMESTAMP` or a synonym, perhaps with its fraction's digits. `NOW` is one before a
/// parenthesis only.
pub(crate) fn current_timestamp<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Option<u32>> {
    let parenthesis = input.ahead(1).is_symbol(b'(');
    match input.word() {
        Keyword::CURRENT_TIMESTAMP => {}
        Keyword::LOCALTIME | Keyword::LOCALTIMESTAMP if !input.target().has_local_times() => {}
        Keyword::NOW if parenthesis => {}
        _ => return Err(input.expected("`CURRENT_TIMESTAMP`")),
    }
    if !parenthesis {
        return Ok((input.skip(1), None));
    }
    if input.ahead(2).is_symbol(b')') {
        return Ok((input.skip(3), None));
    }
    let (rest, digits) = small_integer(input.skip(2))?;
    if !rest.is_symbol(b')') {
        return Err(rest.expected("`)`"));
    }
    Ok((rest.skip(1), Some(digits)))
}

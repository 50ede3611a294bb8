//! `ALGORITHM`, `LOCK`, and how long a statement waits: how a definition is changed, of which it keeps nothing (MySQL 8.4 manual,
//! section 15.1.9 "ALTER TABLE Statement", "Performance and Space Requirements"; MariaDB KB "ALTER TABLE", "CREATE INDEX").

use nom::Parser;
use nom::sequence::preceded;

use super::ddl::{AlterAction, Online};
use super::error::SyntaxErrorKind;
use super::input::{Input, Parsed, keyword};
use super::keyword::Keyword;
use super::literal::option_number;
use super::option::equal;
use super::token::TokenKind;

/// `ALGORITHM [=] x`, where it is written.
pub(crate) fn algorithm<'a, 't>(start: Input<'a, 't>) -> Parsed<'a, 't, AlterAction<'a>> {
    let (input, word) = preceded(keyword(Keyword::ALGORITHM, "`ALGORITHM`"), word_after_equal).parse(start)?;
    let rest = input.skip(1);
    let span = start.span_to(rest);
    let online = |asked| AlterAction::Online { asked, span };
    let action = match &*word.to_ascii_uppercase() {
        "DEFAULT" => AlterAction::NoDefinition(span),
        "INSTANT" => online(Online::Instant),
        "NOCOPY" if input.is_mariadb() => online(Online::NoCopy),
        "INPLACE" => online(Online::Inplace),
        "COPY" => AlterAction::Rebuild { copies: true, span },
        _ => return Err(input.fails(unknown(&format!("an algorithm, which `{word}` is not"), 1800))),
    };
    Ok((rest, action))
}

/// `LOCK [=] x`, where it is written.
pub(crate) fn lock<'a, 't>(start: Input<'a, 't>) -> Parsed<'a, 't, AlterAction<'a>> {
    let (input, word) = preceded(keyword(Keyword::LOCK, "`LOCK`"), word_after_equal).parse(start)?;
    let rest = input.skip(1);
    let span = start.span_to(rest);
    let online = |asked| AlterAction::Online { asked, span };
    let action = match &*word.to_ascii_uppercase() {
        "DEFAULT" => AlterAction::NoDefinition(span),
        "NONE" => online(Online::Unlocked),
        "SHARED" => online(Online::Shared),
        "EXCLUSIVE" => online(Online::Exclusive),
        _ => return Err(input.fails(unknown(&format!("a kind of lock, which `{word}` is not"), 1801))),
    };
    Ok((rest, action))
}

/// `ALGORITHM [=] x` and `LOCK [=] x`, each once and in either order.
pub(crate) fn algorithm_and_lock<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, Vec<AlterAction<'a>>> {
    let (mut has_algorithm, mut has_lock) = (false, false);
    let mut actions = Vec::new();
    loop {
        let (rest, action) = if input.is(Keyword::ALGORITHM) && !has_algorithm {
            has_algorithm = true;
            algorithm(input)?
        } else if input.is(Keyword::LOCK) && !has_lock {
            has_lock = true;
            lock(input)?
        } else {
            return Ok((input, actions));
        };
        actions.push(action);
        input = rest;
    }
}

/// `WAIT n` or `NOWAIT` (MariaDB), where it is written.
pub(crate) fn wait<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, ()> {
    if input.is_mariadb() {
        if input.eat(Keyword::WAIT) {
            let (rest, _) = option_number(input)?;
            return Ok((rest, ()));
        }
        input.eat(Keyword::NOWAIT);
    }
    Ok((input, ()))
}

/// The word that follows, which a quoted name may be, too; it still stands before the place.
fn word_after_equal<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, std::borrow::Cow<'a, str>> {
    let (input, ()) = equal(input)?;
    if !input.is_kind(TokenKind::Word) && !input.is_kind(TokenKind::Quoted) {
        return Err(input.expected("a word"));
    }
    let word = input.name_text()?;
    Ok((input, word))
}

fn unknown(expected: &str, number: u16) -> SyntaxErrorKind {
    SyntaxErrorKind::Expression { expected: expected.into(), number }
}

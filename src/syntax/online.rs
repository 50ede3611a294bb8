//! `ALGORITHM`, `LOCK`, and how long a statement waits: how a definition is changed, of which it keeps nothing (MySQL 8.4 manual,
//! section 15.1.9 "ALTER TABLE Statement", "Performance and Space Requirements"; MariaDB KB "ALTER TABLE", "CREATE INDEX").

use super::error::SyntaxErrorKind;
use super::input::{Input, Parsed};
use super::keyword::Keyword;
use super::literal::option_number;
use super::option::equal;
use super::token::TokenKind;

/// `ALGORITHM [=] x`, after ALGORITHM: whether the table is copied.
pub(crate) fn algorithm<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, bool> {
    let (input, word) = word_after_equal(input)?;
    let known = ["DEFAULT", "INPLACE", "COPY", "INSTANT", "NOCOPY"];
    let known = if input.is_mariadb() { &known[..] } else { &known[..4] };
    if !known.iter().any(|known| known.eq_ignore_ascii_case(&word)) {
        return Err(input.fails(unknown(&format!("an algorithm, which `{word}` is not"), 1800)));
    }
    Ok((input.skip(1), word.eq_ignore_ascii_case("COPY")))
}

/// `LOCK [=] x`, after LOCK.
pub(crate) fn lock<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, ()> {
    let (input, word) = word_after_equal(input)?;
    if !["DEFAULT", "NONE", "SHARED", "EXCLUSIVE"].iter().any(|known| known.eq_ignore_ascii_case(&word)) {
        return Err(input.fails(unknown(&format!("a kind of lock, which `{word}` is not"), 1801)));
    }
    Ok((input.skip(1), ()))
}

/// `ALGORITHM [=] x` and `LOCK [=] x`, each once and in either order.
pub(crate) fn algorithm_and_lock<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, ()> {
    let (mut has_algorithm, mut has_lock) = (false, false);
    loop {
        let next = input.skip(1);
        if input.is(Keyword::ALGORITHM) && !has_algorithm {
            (input, has_algorithm) = (algorithm(next)?.0, true);
        } else if input.is(Keyword::LOCK) && !has_lock {
            (input, has_lock) = (lock(next)?.0, true);
        } else {
            return Ok((input, ()));
        }
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

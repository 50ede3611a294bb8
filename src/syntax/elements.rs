//! Where the columns, keys and constraints of a CREATE TABLE stand in its text: for those who show or change text, and for whom
//! the typed statement has too little of it.

use super::keyword::Keyword;
use super::token::{Statement, Token, TokenKind};
use super::{Reading, lexer};
use crate::source::Span;

/// The parenthesis of a CREATE TABLE.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Elements {
    /// Just behind `(`.
    pub open: usize,
    /// What stands in it, in order.
    pub list: Vec<Element>,
    /// Where `)` stands.
    pub close: usize,
}

/// A column, key or constraint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Element {
    /// What it is.
    pub kind: ElementKind,
    /// Its name without quotes, as written.
    pub name: Option<String>,
    /// Its text.
    pub span: Span,
    /// Where the comma behind it stands; behind the last, `)`.
    pub comma: usize,
}

/// Kinds of elements.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub enum ElementKind {
    /// A column.
    Column,
    /// The primary key.
    PrimaryKey,
    /// Another key.
    Key,
    /// A foreign key or a check.
    Constraint,
    /// A period.
    Period,
}

/// Finds the elements of a CREATE TABLE, all places in `text`. `None` where it has none, or cannot be read.
///
/// ```
/// use alterplan::syntax::{Reading, elements};
/// let reading = Reading::of(alterplan::target::Target::DEFAULT);
/// let found = elements::find(b"create table t (a int, key `k` (a))", &reading).unwrap();
/// let names: Vec<_> = found.list.iter().map(|element| element.name.as_deref()).collect();
/// assert_eq!(names, [Some("a"), Some("k")]);
/// ```
pub fn find(text: &[u8], reading: &Reading<'_>) -> Option<Elements> {
    let statement = lexer::tokenise(text, 0, reading).ok()?;
    let is = |token: &Token, symbol: &[u8]| token.kind == TokenKind::Symbol && statement.bytes(*token) == symbol;
    let open = statement.tokens.iter().position(|token| is(token, b"("))?;
    let mut depth = 0_usize;
    let mut first = open + 1;
    let mut list = Vec::new();
    for (at, token) in statement.tokens.iter().enumerate().skip(open) {
        match () {
            () if is(token, b"(") => depth += 1,
            () if is(token, b")") => depth = depth.checked_sub(1)?,
            () => {}
        }
        if depth == 0 || depth == 1 && is(token, b",") {
            list.push(element(&statement, first, at)?);
            first = at + 1;
        }
        if depth == 0 {
            let open = statement.token(open).end as usize;
            return Some(Elements { open, list, close: token.start as usize });
        }
    }
    None
}

/// Where the comments of a text stand: those that are no part of a statement. None where the text cannot be read.
pub fn comments(text: &[u8], reading: &Reading<'_>) -> Vec<Span> {
    let Ok(statement) = lexer::tokenise(text, 0, reading) else { return Vec::new() };
    statement.comments.iter().map(|&(start, end)| Span::new(start as usize, end as usize)).collect()
}

/// The words of a text without blanks and comments, and without counters, which move by themselves: what two texts that
/// say the same have in common.
pub fn words(text: &[u8], reading: &Reading<'_>) -> Vec<u8> {
    let Ok(statement) = lexer::tokenise(text, 0, reading) else { return text.to_vec() };
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while statement.token(at).kind != TokenKind::End {
        let is_counter =
            statement.token(at).keyword == Keyword::AUTO_INCREMENT && statement.bytes(statement.token(at + 1)) == b"=";
        if is_counter {
            at += 3;
            continue;
        }
        out.extend_from_slice(statement.bytes(statement.token(at)));
        out.push(b' ');
        at += 1;
    }
    out
}

/// The element from one token up to another, which ends it.
fn element(statement: &Statement<'_, '_>, first: usize, behind: usize) -> Option<Element> {
    if first >= behind {
        return None;
    }
    let name = |at: usize| {
        let token = statement.token(at);
        let is_name = at < behind && matches!(token.kind, TokenKind::Word | TokenKind::Quoted);
        is_name.then(|| unquoted(&String::from_utf8_lossy(statement.bytes(token))))
    };
    let keyword = |at: usize| statement.token(at).keyword;
    let (kind, name) = match keyword(first) {
        _ if statement.token(first).kind == TokenKind::Quoted => (ElementKind::Column, name(first)),
        Keyword::PRIMARY => (ElementKind::PrimaryKey, None),
        Keyword::CONSTRAINT if [keyword(first + 1), keyword(first + 2)].contains(&Keyword::PRIMARY) => {
            (ElementKind::PrimaryKey, None)
        }
        Keyword::CONSTRAINT if keyword(first + 1) == Keyword::UNIQUE => {
            (ElementKind::Key, name(first + 2 + usize::from(is_key(keyword(first + 2)))))
        }
        Keyword::CONSTRAINT if keyword(first + 2) == Keyword::UNIQUE => (ElementKind::Key, name(first + 1)),
        Keyword::CONSTRAINT if matches!(keyword(first + 1), Keyword::CHECK | Keyword::FOREIGN) => {
            (ElementKind::Constraint, None)
        }
        Keyword::CONSTRAINT => (ElementKind::Constraint, name(first + 1)),
        Keyword::KEY | Keyword::INDEX => (ElementKind::Key, name(first + 1)),
        Keyword::UNIQUE | Keyword::FULLTEXT | Keyword::SPATIAL => {
            (ElementKind::Key, name(first + 1 + usize::from(is_key(keyword(first + 1)))))
        }
        Keyword::FOREIGN | Keyword::CHECK => (ElementKind::Constraint, None),
        Keyword::PERIOD if keyword(first + 1) == Keyword::FOR => (ElementKind::Period, None),
        _ => (ElementKind::Column, name(first)),
    };
    let start = statement.token(first).start as usize;
    let span = Span::new(start, statement.token(behind - 1).end as usize);
    Some(Element { kind, name, span, comma: statement.token(behind).start as usize })
}

fn is_key(keyword: Keyword) -> bool {
    matches!(keyword, Keyword::KEY | Keyword::INDEX)
}

fn unquoted(name: &str) -> String {
    let inner = |quote: char| name.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    match (inner('`'), inner('"')) {
        (Some(inner), _) => inner.replace("``", "`"),
        (None, Some(inner)) => inner.replace("\"\"", "\""),
        (None, None) => name.to_owned(),
    }
}

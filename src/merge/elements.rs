//! The merge within a CREATE TABLE: its columns, keys and constraints, each with the comments that belong to it.

use super::pieces::Key;
use super::sequence::{self, Body, Item, Sides};
use crate::syntax::keyword::Keyword;
use crate::syntax::token::{Statement, Token, TokenKind};
use crate::syntax::{Reading, lexer};

/// What an element is about: `column`, `key`, …, and a name, or all of its text where it has none.
type Subject = (&'static str, Vec<u8>);

/// A CREATE TABLE in parts: its head up to the parenthesis, its elements, what stands before the closing parenthesis,
/// and all from there on.
struct Table<'a> {
    head: &'a [u8],
    elements: Vec<Item<'a, Subject>>,
    end: &'a [u8],
    options: &'a [u8],
}

/// Merges a table that both sides changed; `None` where they changed the same thing.
pub(super) fn merge(sides: Sides<&Item<'_, Key>>, reading: &Reading<'_>) -> Option<Vec<u8>> {
    let Key::Object(kind, ..) = &sides.ours.key else { return None };
    if kind != "table" {
        return None;
    }
    let [base, ours, theirs] = [sides.base, sides.ours, sides.theirs].map(|item| cut(item.body, reading));
    let tables = Sides { base: base?, ours: ours?, theirs: theirs? };
    let head = chosen(tables.as_ref().map(|table| table.head), reading)?;
    let options = chosen(tables.as_ref().map(|table| table.options), reading)?;
    let elements = sequence::merge(&tables.as_ref().map(|table| table.elements.as_slice()), &|_| None);
    let mut out = head.to_vec();
    let count = elements.len();
    for (at, element) in elements.into_iter().enumerate() {
        let Body::Merged(body) = element.body else { return None };
        // A comment to the end of the line must not swallow what follows.
        let line_ends = element.lead.first().is_none_or(|byte| *byte == b'\n' || *byte == b'\r');
        if at > 0 && !line_ends && ends_in_comment(&out) {
            out.push(b'\n');
        }
        out.extend_from_slice(element.lead);
        out.extend_from_slice(&body);
        if at + 1 < count {
            out.push(b',');
        }
        out.extend_from_slice(element.after);
    }
    if ends_in_comment(&out) && !tables.ours.end.starts_with(b"\n") {
        out.push(b'\n');
    }
    out.extend_from_slice(tables.ours.end);
    out.extend_from_slice(options);
    Some(out)
}

fn ends_in_comment(text: &[u8]) -> bool {
    let line = text.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    line.windows(2).any(|pair| pair == b"--") || line.contains(&b'#')
}

/// The text of the side that changed it; `None` where both did, each in its own way.
fn chosen<'a>(sides: Sides<&'a [u8]>, reading: &Reading<'_>) -> Option<&'a [u8]> {
    let words = sides.map(|text| content(text, reading));
    match () {
        () if words.ours == words.theirs || words.theirs == words.base => Some(sides.ours),
        () if words.ours == words.base => Some(sides.theirs),
        () => None,
    }
}

/// The words of a text without blanks, comments and counters, which move by themselves.
fn content(text: &[u8], reading: &Reading<'_>) -> Vec<u8> {
    let Ok(statement) = lexer::tokenise(text, 0, reading) else { return text.to_vec() };
    let tokens = &statement.tokens;
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < tokens.len() && tokens[at].kind != TokenKind::End {
        let is_counter =
            tokens[at].keyword == Keyword::AUTO_INCREMENT && statement.bytes(statement.token(at + 1)) == b"=";
        if is_counter {
            at += 3;
            continue;
        }
        out.extend_from_slice(statement.bytes(tokens[at]));
        out.push(b' ');
        at += 1;
    }
    out
}

/// Cuts a statement into its elements; `None` where it has none, as CREATE TABLE … LIKE.
fn cut<'a>(text: &'a [u8], reading: &Reading<'_>) -> Option<Table<'a>> {
    let statement = lexer::tokenise(text, 0, reading).ok()?;
    let is = |token: &Token, symbol: &[u8]| token.kind == TokenKind::Symbol && statement.bytes(*token) == symbol;
    let open = statement.tokens.iter().position(|token| is(token, b"("))?;
    let mut depth = 0_usize;
    let mut begin = open + 1;
    // The first token and the one behind the last of each element, and where its comma stands.
    let mut ranges = Vec::new();
    let mut close = None;
    for (at, token) in statement.tokens.iter().enumerate().skip(open) {
        match () {
            () if is(token, b"(") => depth += 1,
            () if is(token, b")") => depth = depth.checked_sub(1)?,
            () if is(token, b",") && depth == 1 => {
                ranges.push((begin, at));
                begin = at + 1;
            }
            () => {}
        }
        if depth == 0 {
            ranges.push((begin, at));
            close = Some(token.start as usize);
            break;
        }
    }
    let close = close?;
    let start_of = |at: usize| statement.tokens[at].start as usize;
    let end_of = |at: usize| statement.tokens[at].end as usize;
    let mut elements = Vec::with_capacity(ranges.len());
    let mut lead = end_of(open);
    for (first, behind) in ranges {
        if first >= behind {
            return None;
        }
        let comma = start_of(behind);
        // A comment before the comma is part of what it stands in.
        let body_end = if comma == close { end_of(behind - 1) } else { comma };
        let body = &text[start_of(first)..body_end];
        // What stands on the rest of the line behind the comma is about this element.
        let next = if comma == close { close } else { start_of(behind + 1) };
        let tail = if comma == close { body_end } else { comma + 1 };
        let after = text[tail..next].iter().position(|byte| *byte == b'\n').map_or(tail, |line| tail + line);
        elements.push(Item {
            key: subject(&statement, first, behind, body, reading),
            content: content(body, reading),
            lead: &text[lead..start_of(first)],
            body,
            after: &text[tail..after],
        });
        lead = after;
    }
    Some(Table { head: &text[..end_of(open)], elements, end: &text[lead..close], options: &text[close..] })
}

fn subject(statement: &Statement<'_, '_>, first: usize, behind: usize, body: &[u8], reading: &Reading<'_>) -> Subject {
    let name = |at: usize| {
        let token = statement.token(at);
        let named = at < behind && matches!(token.kind, TokenKind::Word | TokenKind::Quoted);
        named.then(|| statement.bytes(token).trim_ascii().to_ascii_lowercase())
    };
    let unquoted = |name: Vec<u8>| match name.as_slice() {
        [b'`' | b'"', inner @ .., b'`' | b'"'] => inner.to_vec(),
        _ => name,
    };
    let or_all = |kind: &'static str, name: Option<Vec<u8>>| match name {
        Some(name) => (kind, unquoted(name)),
        None => (kind, content(body, reading)),
    };
    let keyword = |at: usize| statement.token(at).keyword;
    let quoted = statement.token(first).kind == TokenKind::Quoted;
    match keyword(first) {
        _ if quoted => or_all("column", name(first)),
        Keyword::PRIMARY => ("primary key", Vec::new()),
        Keyword::CONSTRAINT if keyword(first + 1) == Keyword::PRIMARY || keyword(first + 2) == Keyword::PRIMARY => {
            ("primary key", Vec::new())
        }
        Keyword::CONSTRAINT if matches!(keyword(first + 2), Keyword::UNIQUE) => or_all("key", name(first + 1)),
        Keyword::CONSTRAINT if matches!(keyword(first + 1), Keyword::CHECK | Keyword::FOREIGN | Keyword::UNIQUE) => {
            or_all("constraint", None)
        }
        Keyword::CONSTRAINT => or_all("constraint", name(first + 1)),
        Keyword::KEY | Keyword::INDEX => or_all("key", name(first + 1)),
        Keyword::UNIQUE | Keyword::FULLTEXT | Keyword::SPATIAL => {
            let word = usize::from(matches!(keyword(first + 1), Keyword::KEY | Keyword::INDEX));
            or_all("key", name(first + 1 + word))
        }
        Keyword::FOREIGN | Keyword::CHECK => or_all("constraint", None),
        Keyword::PERIOD if keyword(first + 1) == Keyword::FOR => or_all("period", None),
        _ => or_all("column", name(first)),
    }
}

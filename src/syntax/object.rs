//! The heads of statements about views, triggers, stored programs, events and sequences, which are
//! kept as their own text: which object they are about.

use super::block::behind;
use super::ddl::{Name, TableName};
use super::error::SyntaxError;
use super::input::{Input, Parsed, keyword};
use super::key::{if_exists, if_not_exists_unless};
use super::keyword::Keyword;
use super::name::{name, table_name};
use super::token::TokenKind;
use super::{Reading, lexer};
use crate::model::ObjectKind;
use crate::source::Span;
use nom::Parser;

/// What a statement does with an object that is kept as text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ObjectStatement<'a> {
    /// `CREATE`.
    Create {
        /// The object's kind.
        kind: ObjectKind,
        /// Its name.
        name: TableName<'a>,
        /// `OR REPLACE`.
        or_replace: bool,
        /// `IF NOT EXISTS`.
        if_not_exists: bool,
        /// The table of a trigger.
        table: Option<Name<'a>>,
    },
    /// `ALTER`: of a view a new definition, of the others properties.
    Alter {
        /// The object's kind.
        kind: ObjectKind,
        /// Its name.
        name: TableName<'a>,
    },
    /// `DROP`.
    Drop {
        /// The object's kind.
        kind: ObjectKind,
        /// Their names: views can go together.
        names: Vec<TableName<'a>>,
        /// `IF EXISTS`.
        if_exists: bool,
    },
}

/// Reads the head of a statement about such an object.
///
/// # Errors
/// Where the target's grammar has no such head.
pub fn parse<'a>(text: &'a [u8], at: usize, reading: &Reading<'_>) -> Result<ObjectStatement<'a>, SyntaxError> {
    let statement = lexer::tokenise(text, at, reading)?;
    match object_statement(Input::new(&statement)) {
        Ok((_, found)) => Ok(found),
        Err(nom::Err::Error(failure) | nom::Err::Failure(failure)) => Err(failure.into_error(&statement)),
        Err(nom::Err::Incomplete(_)) => Err(SyntaxError {
            span: Span::new(at, at + text.len()),
            kind: super::SyntaxErrorKind::Unexpected { expected: "more", found: None },
        }),
    }
}

/// The text of a CREATE statement without `OR REPLACE` and `IF NOT EXISTS`, which say how an object comes
/// about and not what it is.
pub fn definition(text: &str, reading: &Reading<'_>) -> String {
    let Ok(statement) = lexer::tokenise(text.as_bytes(), 0, reading) else { return text.to_owned() };
    let input = Input::new(&statement);
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    let mut leave_out = |at: Input<'_, '_>, words: usize| {
        let end = at.skip(words).token().start as usize;
        out.push_str(text.get(from..at.token().start as usize).unwrap_or_default());
        from = end.max(from);
    };
    let mut rest = input.skip(1);
    if rest.are(Keyword::OR, Keyword::REPLACE) {
        leave_out(rest, 2);
        rest = rest.skip(2);
    }
    if let Ok((name, _)) = object_kind(object_attributes(rest))
        && name.are(Keyword::IF, Keyword::NOT)
    {
        leave_out(name, 3);
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// CREATE, ALTER or DROP of a view, trigger, stored program, event or sequence.
fn object_statement<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, ObjectStatement<'a>> {
    if let Some(next) = input.after(Keyword::DROP) {
        let (rest, kind) = object_kind(next)?;
        let (mut rest, if_exists) = if_exists(rest)?;
        let mut names = Vec::with_capacity(1);
        loop {
            let (next, name) = table_name(rest)?;
            names.push(name);
            rest = next;
            if !rest.eat_symbol(b',') {
                return Ok((rest, ObjectStatement::Drop { kind, names, if_exists }));
            }
        }
    }
    if let Some(next) = input.after(Keyword::ALTER) {
        let (rest, kind) = object_kind(object_attributes(next))?;
        let (rest, name) = table_name(rest)?;
        return Ok((rest, ObjectStatement::Alter { kind, name }));
    }
    input = keyword(Keyword::CREATE, "`CREATE`").parse(input)?.0;
    let or_replace = input.eat_both(Keyword::OR, Keyword::REPLACE);
    let (rest, kind) = object_kind(object_attributes(input))?;
    let (rest, if_not_exists) = if_not_exists_unless(or_replace, rest)?;
    let (mut rest, name) = table_name(rest)?;
    let mut table = None;
    if kind == ObjectKind::Trigger {
        let (next, on) = trigger_table(rest)?;
        rest = next;
        table = Some(on);
    }
    if !matches!(kind, ObjectKind::Package | ObjectKind::PackageBody)
        && let Some(other) = behind(rest)
    {
        return Err(other.expected("the definition's end (is a `DELIMITER` missing before this?)"));
    }
    Ok((rest, ObjectStatement::Create { kind, name, or_replace, if_not_exists, table }))
}

/// `ALGORITHM`, `DEFINER`, `SQL SECURITY`, `AGGREGATE`, `TEMPORARY`: whatever stands before the kind.
fn object_attributes<'a, 't>(mut input: Input<'a, 't>) -> Input<'a, 't> {
    while !is_object_kind(input) && !input.is_kind(TokenKind::End) {
        input = input.skip(1);
    }
    input
}

fn is_object_kind(input: Input<'_, '_>) -> bool {
    [
        Keyword::VIEW,
        Keyword::TRIGGER,
        Keyword::PROCEDURE,
        Keyword::FUNCTION,
        Keyword::EVENT,
        Keyword::SEQUENCE,
        Keyword::PACKAGE,
    ]
    .iter()
    .any(|word| input.is(*word))
}

/// The word for the kind of object.
fn object_kind<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, ObjectKind> {
    let kind = match input.word() {
        Keyword::VIEW => ObjectKind::View,
        Keyword::TRIGGER => ObjectKind::Trigger,
        Keyword::PROCEDURE => ObjectKind::Procedure,
        Keyword::FUNCTION => ObjectKind::Function,
        Keyword::EVENT => ObjectKind::Event,
        Keyword::SEQUENCE => ObjectKind::Sequence,
        Keyword::PACKAGE if input.ahead(1).keyword == Keyword::BODY => {
            return Ok((input.skip(2), ObjectKind::PackageBody));
        }
        Keyword::PACKAGE => ObjectKind::Package,
        _ => return Err(input.expected("a kind of object")),
    };
    Ok((input.skip(1), kind))
}

/// `BEFORE|AFTER event ON table`.
fn trigger_table<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, Name<'a>> {
    while !input.is(Keyword::ON) {
        if input.is_kind(TokenKind::End) {
            return Err(input.expected("`ON` and the trigger's table"));
        }
        input = input.skip(1);
    }
    let (rest, first) = name(input.skip(1))?;
    match rest.is_symbol(b'.') {
        true => name(rest.skip(1)),
        false => Ok((rest, first)),
    }
}

/// The text of an object without its `DEFINER = account` clause, which stands in its head, and that account.
pub fn without_definer(text: &str) -> (String, Option<String>) {
    const WORD: &[u8] = b"DEFINER";
    let Some(at) = text.as_bytes().windows(WORD.len()).take(200).position(|w| w.eq_ignore_ascii_case(WORD)) else {
        return (text.to_owned(), None);
    };
    let rest = text[at + WORD.len()..].trim_start();
    let Some(user) = rest.strip_prefix('=') else { return (text.to_owned(), None) };
    let user = user.trim_start();
    let end = account(user);
    (format!("{}{}", &text[..at], user[end..].trim_start()), Some(user[..end].to_owned()))
}

/// The length of an account name, `user@host` with either part perhaps quoted.
fn account(text: &str) -> usize {
    let mut quote = None;
    for (i, c) in text.char_indices() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if matches!(c, '`' | '\'' | '"') => quote = Some(c),
            None if c.is_whitespace() || c == '*' => return i,
            None => {}
        }
    }
    text.len()
}

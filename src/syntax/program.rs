//! Triggers and stored routines: what stands before their bodies.

mod parameter;

use std::borrow::Cow;
use std::ops::Range;

use super::account::definer;
use super::error::SyntaxError;
use super::input::{Failure, Input, Parsed, close, keyword, open};
use super::key::if_not_exists;
use super::keyword::Keyword;
use super::literal::string;
use super::name::{name, table_name};
use super::token::{Token, TokenKind};
use super::view::sql_security;
use super::{Reading, lexer};
use crate::ident::Ident;
use crate::model::{Access, Characteristics, Trigger};
use nom::Parser;
pub use parameter::{Parameter, RoutineType, Said};
use parameter::{routine_parameters, routine_type};

/// A routine as it is written.
#[derive(Clone, PartialEq, Debug)]
pub struct RoutineHead<'a> {
    /// `DEFINER`, as servers print it.
    pub definer: Option<String>,
    /// `AGGREGATE`
    pub aggregate: bool,
    /// What stands in the parentheses.
    pub written: &'a str,
    /// The parameters.
    pub parameters: Vec<Parameter<'a>>,
    /// The type of a function's result.
    pub returns: Option<RoutineType<'a>>,
    /// Whether it is written as in PL/SQL: `RETURN` before the type, `AS` or `IS` before the body.
    pub oracle: bool,
    /// What it says of itself.
    pub characteristics: Characteristics,
    /// What it does.
    pub body: &'a str,
}

/// Reads with a production what a text without conditional comments says.
pub(super) fn read<'a, T>(
    text: &'a str,
    reading: &Reading<'_>,
    production: impl for<'t> Fn(Input<'a, 't>) -> Result<T, nom::Err<Failure>>,
) -> Result<T, SyntaxError> {
    let statement = lexer::tokenise(text.as_bytes(), 0, reading)?;
    match production(Input::new(&statement)) {
        Ok(found) => Ok(found),
        Err(nom::Err::Error(failure) | nom::Err::Failure(failure)) => Err(failure.into_error(&statement)),
        Err(nom::Err::Incomplete(_)) => Err(SyntaxError {
            span: crate::source::Span::new(0, text.len()),
            kind: super::SyntaxErrorKind::Unexpected { expected: "more", found: None },
        }),
    }
}

/// Reads CREATE PROCEDURE and CREATE FUNCTION.
///
/// # Errors
/// Where it is none that is written in SQL.
pub fn routine_head<'a>(text: &'a str, reading: &Reading<'_>) -> Result<RoutineHead<'a>, SyntaxError> {
    read(text, reading, |input| create_routine(input).map(|(_, head)| head))
}

/// The names of the parameters that stand in a routine's parentheses.
///
/// # Errors
/// Where they are none.
pub fn parameter_names(written: &str, reading: &Reading<'_>) -> Result<Vec<Ident>, SyntaxError> {
    let named = |parameter: &Parameter<'_>| Ident::new(parameter.name.text.as_ref());
    read(written, reading, |input| Ok(routine_parameters(input)?.1.iter().map(named).collect()))
}

/// Reads CREATE PACKAGE and CREATE PACKAGE BODY of MariaDB: the account, and what stands behind the name.
///
/// # Errors
/// Where the text is none of them.
pub fn package_head<'a>(text: &'a str, reading: &Reading<'_>) -> Result<(Option<String>, &'a str), SyntaxError> {
    read(text, reading, |input| create_package(input).map(|(_, head)| head))
}

/// Reads ALTER PROCEDURE and ALTER FUNCTION: what the routine says of itself afterwards.
///
/// # Errors
/// Where the text is none of them.
pub fn altered_characteristics(
    text: &str,
    before: &Characteristics,
    reading: &Reading<'_>,
) -> Result<Characteristics, SyntaxError> {
    read(text, reading, |input| {
        let mut input = keyword(Keyword::ALTER, "`ALTER`").parse(input)?.0.skip(1);
        input = table_name(input)?.0;
        let (rest, after) = characteristics(input, before.clone())?;
        if rest.is_kind(TokenKind::End) { Ok(after) } else { Err(rest.expected("a characteristic")) }
    })
}

/// Reads CREATE TRIGGER.
///
/// # Errors
/// Where it is of a kind that is not known.
pub fn trigger_head(text: &str, reading: &Reading<'_>) -> Result<(Option<String>, Trigger), SyntaxError> {
    read(text, reading, |input| create_trigger(input).map(|(_, found)| found))
}

/// Where the text of a CREATE TRIGGER names its table: from `ON` up to `FOR EACH ROW`.
///
/// # Errors
/// Where it is of a kind that is not known.
pub fn trigger_table(text: &str, reading: &Reading<'_>) -> Result<Range<usize>, SyntaxError> {
    read(text, reading, |input| {
        let (on, ..) = occasion(trigger_name(input)?.0)?;
        let (input, _) = table_name(on.skip(1))?;
        Ok(input_start(on)..input_start(input))
    })
}

/// `CREATE [DEFINER = d] [AGGREGATE] PROCEDURE|FUNCTION name (parameters) [RETURNS type] characteristics body`
fn create_routine<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, RoutineHead<'a>> {
    let mut input = keyword(Keyword::CREATE, "`CREATE`").parse(input)?.0;
    input.eat_both(Keyword::OR, Keyword::REPLACE);
    let (mut input, definer) = definer(input)?;
    let aggregate = input.eat(Keyword::AGGREGATE);
    let function = input.is(Keyword::FUNCTION);
    let (input, _) = if_not_exists(input.skip(1))?;
    let (input, _) = table_name(input)?;
    // Programs of PL/SQL without parameters have no parentheses.
    let oracle = input.statement().reading.oracle;
    let (mut input, written, parameters) = if oracle && !input.is_symbol(b'(') {
        (input, "", Vec::new())
    } else {
        let (first, ()) = open().parse(input)?;
        let (end, parameters) = routine_parameters(first)?;
        let written = text_between(input.token().end as usize, end.token().start as usize, input)?;
        (close().parse(end)?.0, written, parameters)
    };
    let mut returns = None;
    if function {
        let behind = match oracle {
            true => keyword(Keyword::RETURN, "`RETURN`").parse(input)?.0,
            false => keyword(Keyword::RETURNS, "`RETURNS`").parse(input)?.0,
        };
        let (rest, found) = routine_type(behind)?;
        (input, returns) = (rest, Some(found));
    }
    let (input, characteristics) = characteristics(input, Characteristics::default())?;
    if oracle && !input.is(Keyword::AS) && !input.is(Keyword::IS) {
        return Err(input.expected("`AS` or `IS`"));
    }
    let (rest, body) = body(input)?;
    Ok((rest, RoutineHead { definer, aggregate, written, parameters, returns, oracle, characteristics, body }))
}

fn create_package<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, (Option<String>, &'a str)> {
    let mut input = keyword(Keyword::CREATE, "`CREATE`").parse(input)?.0;
    input.eat_both(Keyword::OR, Keyword::REPLACE);
    let (input, definer) = definer(input)?;
    let (mut input, ()) = keyword(Keyword::PACKAGE, "`PACKAGE`").parse(input)?;
    input.eat(Keyword::BODY);
    let (input, _) = if_not_exists(input)?;
    let (input, _) = table_name(input)?;
    let (rest, body) = body(input)?;
    Ok((rest, (definer, body)))
}

/// What a routine says of itself, in any order.
fn characteristics<'a, 't>(mut input: Input<'a, 't>, mut found: Characteristics) -> Parsed<'a, 't, Characteristics> {
    loop {
        match input.word() {
            Keyword::COMMENT => {
                let (rest, text) = string(input.skip(1))?;
                found.comment = text.into();
                input = rest;
            }
            Keyword::LANGUAGE => {
                input = keyword(Keyword::SQL, "`SQL`").parse(input.skip(1))?.0;
            }
            Keyword::NOT if input.ahead(1).keyword == Keyword::DETERMINISTIC => {
                found.deterministic = false;
                input = input.skip(2);
            }
            Keyword::DETERMINISTIC => {
                found.deterministic = true;
                input = input.skip(1);
            }
            Keyword::CONTAINS => (input, found.access) = (input.skip(2), Access::ContainsSql),
            Keyword::NO if input.ahead(1).keyword == Keyword::SQL => {
                (input, found.access) = (input.skip(2), Access::NoSql);
            }
            Keyword::READS => (input, found.access) = (input.skip(3), Access::ReadsSqlData),
            Keyword::MODIFIES => (input, found.access) = (input.skip(3), Access::ModifiesSqlData),
            Keyword::SQL if input.ahead(1).keyword == Keyword::SECURITY => {
                (input, found.security) = sql_security(input)?;
            }
            _ => return Ok((input, found)),
        }
    }
}

/// `CREATE [DEFINER = d] TRIGGER name BEFORE|AFTER event ON table FOR EACH ROW [FOLLOWS|PRECEDES other] body`
fn create_trigger<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, (Option<String>, Trigger)> {
    let (input, (first, definer)) = trigger_name(input)?;
    let (on, timing, event) = occasion(input)?;
    let (input, _) = table_name(on.skip(1))?;
    let (input, ()) = keyword(Keyword::FOR, "`FOR EACH ROW`").parse(input)?;
    let (row, ()) = keyword(Keyword::EACH, "`EACH`").parse(input)?;
    let (mut input, ()) = keyword(Keyword::ROW, "`ROW`").parse(row)?;
    let order = match input.word() {
        Keyword::FOLLOWS => Some("FOLLOWS"),
        Keyword::PRECEDES => Some("PRECEDES"),
        _ => None,
    };
    let mut anchor = None;
    if let Some(word) = order {
        let (rest, other) = name(input.skip(1))?;
        (input, anchor) = (rest, Some((word, Ident::new(other.text.as_ref()))));
    }
    let rewritten = first.statement().reading.target.rewrites_triggers();
    let written = match rewritten {
        true => None,
        false => Some(text_between(input_start(first), input_start(row.skip(1)), first)?.into()),
    };
    let (rest, body) = if rewritten { body_with_comments(input)? } else { body(input)? };
    Ok((rest, (definer, Trigger { timing, event, order: anchor, written, body: body.into() })))
}

/// `CREATE [DEFINER = d] TRIGGER name`: where TRIGGER stands, and the account.
fn trigger_name<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, (Input<'a, 't>, Option<String>)> {
    let mut input = keyword(Keyword::CREATE, "`CREATE`").parse(input)?.0;
    input.eat_both(Keyword::OR, Keyword::REPLACE);
    let (first, definer) = definer(input)?;
    let (input, ()) = keyword(Keyword::TRIGGER, "`TRIGGER`").parse(first)?;
    let (input, _) = if_not_exists(input)?;
    let (input, _) = table_name(input)?;
    Ok((input, (first, definer)))
}

/// `BEFORE INSERT`, and that `ON` follows.
fn occasion<'a, 't>(input: Input<'a, 't>) -> Result<(Input<'a, 't>, &'static str, &'static str), nom::Err<Failure>> {
    let timing = match input.word() {
        Keyword::BEFORE => "BEFORE",
        Keyword::AFTER => "AFTER",
        _ => return Err(input.expected("`BEFORE` or `AFTER`")),
    };
    let input = input.skip(1);
    let event = match input.word() {
        Keyword::INSERT => "INSERT",
        Keyword::UPDATE => "UPDATE",
        Keyword::DELETE => "DELETE",
        _ => return Err(input.expected("`INSERT`, `UPDATE` or `DELETE`")),
    };
    let on = input.skip(1);
    keyword(Keyword::ON, "`ON`").parse(on)?;
    Ok((on, timing, event))
}

/// A column of a trigger's row, as its body names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowColumn {
    /// Whether of `NEW`, else of `OLD`.
    pub new: bool,
    /// The column.
    pub column: Ident,
}

/// The columns of `NEW` and `OLD` that a trigger's body names.
pub fn row_columns(body: &str, reading: &Reading<'_>) -> Vec<RowColumn> {
    let Ok(statement) = lexer::tokenise(body.as_bytes(), 0, reading) else { return Vec::new() };
    let text = |token: &Token| body.get(token.start as usize..token.end as usize).unwrap_or_default();
    let is_point = |token: &Token| token.kind == TokenKind::Symbol && text(token) == ".";
    let mut found = Vec::new();
    for (at, tokens) in statement.tokens.windows(3).enumerate() {
        let [row, point, column] = tokens else { continue };
        let behind_point = at > 0 && is_point(&statement.tokens[at - 1]);
        let new = text(row).eq_ignore_ascii_case("new");
        let is_row = row.kind == TokenKind::Word && (new || text(row).eq_ignore_ascii_case("old"));
        if behind_point || !is_row || !is_point(point) {
            continue;
        }
        let name = match column.kind {
            TokenKind::Word => text(column),
            TokenKind::Quoted if column.detail == 0 => text(column).get(1..text(column).len() - 1).unwrap_or_default(),
            _ => continue,
        };
        found.push(RowColumn { new, column: Ident::new(name) });
    }
    found
}

fn input_start(input: Input<'_, '_>) -> usize {
    input.token().start as usize
}

/// Everything up to the end of the statement, without the semicolons that end it for the server where the client's
/// delimiter is another.
pub(super) fn body<'a, 't>(input: Input<'a, 't>) -> Result<(Input<'a, 't>, &'a str), nom::Err<Failure>> {
    if input.is_kind(TokenKind::End) {
        return Err(input.expected("a statement"));
    }
    let statement = input.statement();
    let is_semicolon = |token: &&Token| token.kind == TokenKind::Symbol && statement.bytes(**token) == b";";
    let written = statement.tokens.iter().rev().skip_while(|token| token.kind == TokenKind::End);
    let end = written.take_while(is_semicolon).last().map_or(statement.text.len(), |token| token.start as usize);
    Ok((input, text_between(input_start(input), end, input)?.trim_end()))
}

/// The body of a trigger or an event, to which the comments before its first word belong.
pub(super) fn body_with_comments<'a, 't>(input: Input<'a, 't>) -> Result<(Input<'a, 't>, &'a str), nom::Err<Failure>> {
    let (rest, text) = body(input)?;
    let statement = input.statement();
    let start = input_start(input);
    let before = statement.tokens.iter().map(|token| token.end as usize).filter(|end| *end <= start).max();
    let whole = text_between(before.unwrap_or(start), start + text.len(), input)?;
    Ok((rest, whole.trim_start()))
}

pub(super) fn text_between<'a>(start: usize, end: usize, at: Input<'a, '_>) -> Result<&'a str, nom::Err<Failure>> {
    at.statement().utf8(start, end.max(start)).map_err(|error| at.wrong(error))
}

/// The text of a string or of what is no string, as it stands in a schedule.
pub(super) fn owned(text: Cow<'_, str>) -> Box<str> {
    text.into_owned().into()
}

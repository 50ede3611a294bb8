//! Parameters of routines, and their types.

use super::super::data_type::data_type;
use super::super::ddl::{Name, TypeDefinition};
use super::super::input::{Input, Parsed};
use super::super::keyword::Keyword;
use super::super::name::{collation_name, name};
use super::super::token::TokenKind;
use super::text_between;

/// A parameter of a routine.
#[derive(Clone, PartialEq, Debug)]
pub struct Parameter<'a> {
    /// `IN`, `OUT` or `INOUT`.
    pub mode: &'static str,
    /// Its name.
    pub name: Name<'a>,
    /// Its type.
    pub data_type: RoutineType<'a>,
    /// What it is where a call does not say it (MariaDB), its words with one blank between.
    pub default: Option<String>,
}

/// A type of a parameter or a result.
#[derive(Clone, PartialEq, Debug)]
pub struct RoutineType<'a> {
    /// The type.
    pub said: Said<'a>,
    /// `COLLATE`
    pub collate: Option<Name<'a>>,
}

/// How a type is said.
#[derive(Clone, PartialEq, Debug)]
pub enum Said<'a> {
    /// By itself.
    Plainly(TypeDefinition<'a>),
    /// As that of a column or a row (`TYPE OF t.a`, `t.a%TYPE`), its words with one blank between.
    Elsewhere(String),
}

/// `[IN|OUT|INOUT] name type, …`
pub(super) fn routine_parameters<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, Vec<Parameter<'a>>> {
    let mut parameters = Vec::new();
    let oracle = input.statement().reading.oracle;
    while !input.is_symbol(b')') && !input.is_kind(TokenKind::End) {
        // PL/SQL says the mode behind the name.
        let (mut rest, before) = if oracle { (input, "") } else { mode(input) };
        let found;
        (rest, found) = name(rest)?;
        let (rest, behind) = if oracle { mode(rest) } else { (rest, "") };
        let (mut rest, data_type) = routine_type(rest)?;
        let mut default = None;
        if rest.is_mariadb() && (rest.is(Keyword::DEFAULT) || rest.written().is_ok_and(|text| text == ":=")) {
            let end = item_end(rest);
            default = Some(words(rest.skip(1), end)?);
            rest = end;
        }
        parameters.push(Parameter { mode: if oracle { behind } else { before }, name: found, data_type, default });
        input = rest;
        if !input.eat_symbol(b',') {
            break;
        }
    }
    Ok((input, parameters))
}

/// `IN`, which is what is meant where nothing is said, `OUT` or `INOUT`.
fn mode<'a, 't>(input: Input<'a, 't>) -> (Input<'a, 't>, &'static str) {
    match input.word() {
        Keyword::IN if input.ahead(1).keyword == Keyword::OUT => (input.skip(2), "INOUT "),
        Keyword::IN => (input.skip(1), ""),
        Keyword::OUT => (input.skip(1), "OUT "),
        Keyword::INOUT => (input.skip(1), "INOUT "),
        _ => (input, ""),
    }
}

/// A type of a parameter or a result.
pub(super) fn routine_type<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, RoutineType<'a>> {
    if input.is_mariadb()
        && let Some(end) = elsewhere(input)
    {
        return Ok((end, RoutineType { said: Said::Elsewhere(words(input, end)?), collate: None }));
    }
    let (mut input, (definition, _)) = data_type(input)?;
    let mut collate = None;
    if input.eat(Keyword::COLLATE) {
        let (rest, name) = collation_name(input)?;
        (input, collate) = (rest, Some(name));
    }
    Ok((input, RoutineType { said: Said::Plainly(definition), collate }))
}

/// What stands behind `[ROW] TYPE OF name.name` or `name.name%TYPE` and `%ROWTYPE`; `None` where none of them stands here.
fn elsewhere<'a, 't>(input: Input<'a, 't>) -> Option<Input<'a, 't>> {
    let path = |input: Input<'a, 't>| {
        let mut end = input.skip(1);
        while end.is_symbol(b'.') {
            end = end.skip(2);
        }
        end
    };
    let row = input.skip(usize::from(input.is(Keyword::ROW)));
    if row.is(Keyword::TYPE) && row.skip(1).is(Keyword::OF) {
        return Some(path(row.skip(2)));
    }
    let end = path(input);
    let is_type = end.is_symbol(b'%')
        && end
            .skip(1)
            .written()
            .is_ok_and(|word| word.eq_ignore_ascii_case("type") || word.eq_ignore_ascii_case("rowtype"));
    is_type.then(|| end.skip(2))
}

/// The comma or the parenthesis behind an item.
fn item_end<'a, 't>(mut input: Input<'a, 't>) -> Input<'a, 't> {
    let mut depth = 0_usize;
    while !input.is_kind(TokenKind::End) && (depth > 0 || !input.is_symbol(b',') && !input.is_symbol(b')')) {
        depth += usize::from(input.is_symbol(b'('));
        depth -= usize::from(input.is_symbol(b')'));
        input = input.skip(1);
    }
    input
}

fn words<'a, 't>(first: Input<'a, 't>, end: Input<'a, 't>) -> Result<String, nom::Err<super::Failure>> {
    let text = text_between(first.token().start as usize, end.token().start as usize, first)?;
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

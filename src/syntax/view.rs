//! CREATE VIEW: what stands around its query.

use std::borrow::Cow;

use super::account::definer;
use super::error::SyntaxError;
use super::input::{Input, Parsed, keyword};
use super::key::if_not_exists;
use super::keyword::Keyword;
use super::name::{column_list, table_name};
use super::token::TokenKind;
use super::{Reading, lexer};
use crate::model::{Algorithm, CheckOption, Security};
use nom::Parser;

/// What a CREATE VIEW says around its query, and where that is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ViewHead<'a> {
    /// `ALGORITHM`
    pub algorithm: Algorithm,
    /// `DEFINER`, as servers print it.
    pub definer: Option<String>,
    /// `SQL SECURITY`
    pub security: Security,
    /// The names of its columns, where they are listed.
    pub columns: Vec<Cow<'a, str>>,
    /// The query as written.
    pub query: &'a str,
    /// `WITH CHECK OPTION`
    pub check: Option<CheckOption>,
}

/// Reads a CREATE VIEW without conditional comments.
///
/// # Errors
/// Where the target's grammar has no such statement; the query is only delimited.
pub fn view_head<'a>(text: &'a str, reading: &Reading<'_>) -> Result<ViewHead<'a>, SyntaxError> {
    let statement = lexer::tokenise(text.as_bytes(), 0, reading)?;
    match create_view(Input::new(&statement)) {
        Ok((_, head)) => Ok(head),
        Err(nom::Err::Error(failure) | nom::Err::Failure(failure)) => Err(failure.into_error(&statement)),
        Err(nom::Err::Incomplete(_)) => Err(SyntaxError {
            span: crate::source::Span::new(0, text.len()),
            kind: super::SyntaxErrorKind::Unexpected { expected: "more", found: None },
        }),
    }
}

/// `CREATE [OR REPLACE] [ALGORITHM = a] [DEFINER = d] [SQL SECURITY s] VIEW name [(columns)] AS query [WITH CHECK OPTION]`
fn create_view<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, ViewHead<'a>> {
    let mut input = keyword(Keyword::CREATE, "`CREATE`").parse(input)?.0;
    input.eat_both(Keyword::OR, Keyword::REPLACE);
    let (input, algorithm) = view_algorithm(input)?;
    let (input, definer) = definer(input)?;
    let (input, security) = sql_security(input)?;
    let (input, ()) = keyword(Keyword::VIEW, "`VIEW`").parse(input)?;
    let (input, _) = if_not_exists(input)?;
    let (mut input, _) = table_name(input)?;
    let mut columns = Vec::new();
    if input.is_symbol(b'(') {
        let (rest, names) = column_list(input)?;
        columns = names.into_iter().map(|name| name.text).collect();
        input = rest;
    }
    let (first, ()) = keyword(Keyword::AS, "`AS`").parse(input)?;
    let (rest, check, query) = query_and_check(first)?;
    Ok((rest, ViewHead { algorithm, definer, security, columns, query, check }))
}

/// The query, and `WITH [CASCADED|LOCAL] CHECK OPTION` at its end.
fn query_and_check<'a, 't>(
    first: Input<'a, 't>,
) -> Result<(Input<'a, 't>, Option<CheckOption>, &'a str), nom::Err<super::input::Failure>> {
    let mut input = first;
    let mut last = first;
    while !ends(input) {
        if let Some(check) = check_option(input) {
            return Ok((input, Some(check), between(first, last)?));
        }
        last = input;
        input = input.skip(1);
    }
    Ok((input, None, between(first, last)?))
}

fn between<'a>(first: Input<'a, '_>, last: Input<'a, '_>) -> Result<&'a str, nom::Err<super::input::Failure>> {
    let (start, end) = (first.token().start as usize, last.token().end as usize);
    first.statement().utf8(start, end.max(start)).map_err(|error| first.wrong(error))
}

/// Whether nothing is left but the semicolons that end a statement for the server where the client's delimiter is another.
fn ends(mut input: Input<'_, '_>) -> bool {
    while input.eat_symbol(b';') {}
    input.is_kind(TokenKind::End)
}

/// Whether nothing but `WITH [CASCADED|LOCAL] CHECK OPTION` is left.
fn check_option(input: Input<'_, '_>) -> Option<CheckOption> {
    let mut rest = input.after(Keyword::WITH)?;
    let local = rest.eat(Keyword::LOCAL);
    if !local {
        rest.eat(Keyword::CASCADED);
    }
    let ends = rest.eat_both(Keyword::CHECK, Keyword::OPTION) && ends(rest);
    ends.then_some(if local { CheckOption::Local } else { CheckOption::Cascaded })
}

/// `ALGORITHM = MERGE | TEMPTABLE | UNDEFINED`
fn view_algorithm<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, Algorithm> {
    if !input.eat(Keyword::ALGORITHM) {
        return Ok((input, Algorithm::Undefined));
    }
    input.eat_symbol(b'=');
    let algorithm = match input.word() {
        Keyword::MERGE => Algorithm::Merge,
        Keyword::TEMPTABLE => Algorithm::TempTable,
        Keyword::UNDEFINED => Algorithm::Undefined,
        _ => return Err(input.expected("`MERGE`, `TEMPTABLE` or `UNDEFINED`")),
    };
    Ok((input.skip(1), algorithm))
}

/// `SQL SECURITY DEFINER | INVOKER`
pub(super) fn sql_security<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, Security> {
    if !input.eat_both(Keyword::SQL, Keyword::SECURITY) {
        return Ok((input, Security::Definer));
    }
    let security = match input.word() {
        Keyword::DEFINER => Security::Definer,
        Keyword::INVOKER => Security::Invoker,
        _ => return Err(input.expected("`DEFINER` or `INVOKER`")),
    };
    Ok((input.skip(1), security))
}

//! REFERENCES and foreign keys.

use nom::Parser;

use super::ddl::{ForeignKeyDefinition, Name, ReferenceClause};
use super::error::SyntaxErrorKind;
use super::input::{Input, Parsed, comma_list_in_parentheses, keyword};
use super::key::if_not_exists_there;
use super::keyword::Keyword;
use super::literal::length;
use super::name::{column_list, column_name, name, table_name};
use crate::model::ReferentialAction;

/// `FOREIGN KEY [name] (columns) REFERENCES …`.
pub(crate) fn foreign_key_definition<'a, 't>(
    input: Input<'a, 't>,
    constraint: Option<Name<'a>>,
    unless_exists: bool,
) -> Parsed<'a, 't, ForeignKeyDefinition<'a>> {
    let start = input;
    let words = (keyword(Keyword::FOREIGN, "`FOREIGN`"), keyword(Keyword::KEY, "`KEY`"));
    let (input, _) = { words }.parse(input)?;
    let (mut input, unless_exists_here) = if_not_exists_there(input)?;
    let mut index_name = None;
    if !input.is_symbol(b'(') {
        let (rest, name) = name(input)?;
        (input, index_name) = (rest, Some(name));
    }
    let (input, columns) = referencing_columns(input)?;
    let (input, references) = references(input)?;
    let definition = ForeignKeyDefinition {
        constraint,
        index_name,
        if_not_exists: unless_exists || unless_exists_here,
        columns,
        references,
        span: start.span_to(input),
    };
    Ok((input, definition))
}

/// The columns of a foreign key: parts of a key to the parsers, of which none is a prefix (1089).
fn referencing_columns<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Vec<Name<'a>>> {
    let part = |input: Input<'a, 't>| -> Parsed<'a, 't, Name<'a>> {
        let (mut rest, name) = column_name(input)?;
        if rest.is_symbol(b'(') && length(rest).is_ok() {
            let expected = "a whole column".into();
            return Err(rest.fails(SyntaxErrorKind::Expression { expected, number: 1089 }));
        }
        rest.eat(Keyword::ASC);
        Ok((rest, name))
    };
    comma_list_in_parentheses(part).parse(input)
}

/// `REFERENCES table [(columns)] [MATCH …] [ON DELETE …] [ON UPDATE …]`. MATCH is read and dropped, as
/// servers do.
pub(crate) fn references<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, ReferenceClause<'a>> {
    let (input, ()) = keyword(Keyword::REFERENCES, "`REFERENCES`").parse(input)?;
    let (mut input, table) = table_name(input)?;
    let mut columns = Vec::new();
    if input.is_symbol(b'(') {
        (input, columns) = column_list(input)?;
    }
    if input.eat(Keyword::MATCH) {
        if !matches!(input.word(), Keyword::FULL | Keyword::PARTIAL | Keyword::SIMPLE) {
            return Err(input.expected("`FULL`, `PARTIAL` or `SIMPLE`"));
        }
        input = input.skip(1);
    }
    let (mut on_delete, mut on_update) = (ReferentialAction::Unspecified, ReferentialAction::Unspecified);
    loop {
        if on_delete == ReferentialAction::Unspecified && input.eat_both(Keyword::ON, Keyword::DELETE) {
            (input, on_delete) = referential_action(input)?;
        } else if on_update == ReferentialAction::Unspecified && is_referential_update(input) {
            (input, on_update) = referential_action(input.skip(2))?;
        } else {
            break;
        }
    }
    Ok((input, ReferenceClause { constraint: None, table, columns, on_delete, on_update }))
}

/// Whether an ON UPDATE here is the foreign key's, not the column's attribute.
fn is_referential_update(input: Input<'_, '_>) -> bool {
    input.are(Keyword::ON, Keyword::UPDATE)
        && matches!(input.ahead(2).keyword, Keyword::RESTRICT | Keyword::CASCADE | Keyword::SET | Keyword::NO)
}

/// What follows ON DELETE and ON UPDATE.
fn referential_action<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, ReferentialAction> {
    let (first, second) = (input.word(), input.ahead(1).keyword);
    match (first, second) {
        (Keyword::RESTRICT, _) => Ok((input.skip(1), ReferentialAction::Restrict)),
        (Keyword::CASCADE, _) => Ok((input.skip(1), ReferentialAction::Cascade)),
        (Keyword::SET, Keyword::NULL) => Ok((input.skip(2), ReferentialAction::SetNull)),
        (Keyword::SET, Keyword::DEFAULT) => Ok((input.skip(2), ReferentialAction::SetDefault)),
        (Keyword::NO, Keyword::ACTION) => Ok((input.skip(2), ReferentialAction::NoAction)),
        (Keyword::SET, _) => Err(input.skip(1).expected("`NULL` or `DEFAULT`")),
        (Keyword::NO, _) => Err(input.skip(1).expected("`ACTION`")),
        _ => Err(input.expected("`RESTRICT`, `CASCADE`, `SET NULL`, `NO ACTION` or `SET DEFAULT`")),
    }
}

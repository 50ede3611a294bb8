//! CREATE TABLE.

use nom::Parser;
use nom::sequence::preceded;

use super::column::column_definition;
use super::ddl::{CreateTable, Definition, TableName};
use super::input::{Input, Parsed, close, comma_list_in_parentheses, keyword};
use super::key::{check_definition, if_not_exists_there, if_not_exists_unless, index_definition, period_definition};
use super::keyword::Keyword;
use super::name::{name, table_name};
use super::option::table_options;
use super::partition::partition_clause;
use super::reference::foreign_key_definition;
use crate::source::Span;

/// What stands before the word TABLE.
#[derive(Clone, Copy)]
pub(crate) struct Prefix {
    /// `OR REPLACE`.
    pub(crate) or_replace: bool,
    /// `TEMPORARY`.
    pub(crate) temporary: bool,
}

/// CREATE TABLE, after TABLE. One without columns is the catalog's to refuse (MySQL 4028, MariaDB 1113).
pub(crate) fn create_table<'a, 't>(input: Input<'a, 't>, prefix: Prefix) -> Parsed<'a, 't, CreateTable<'a>> {
    let (input, if_not_exists) = if_not_exists_unless(prefix.or_replace, input)?;
    let (mut input, table) = table_name(input)?;
    let mut create = CreateTable {
        name: table,
        or_replace: prefix.or_replace,
        temporary: prefix.temporary,
        if_not_exists,
        like: None,
        definitions: Vec::new(),
        options: Vec::new(),
        partitioning: None,
        select: None,
    };
    if let (rest, Some(like)) = like(input)? {
        create.like = Some(like);
        return Ok((rest, create));
    }
    if input.is_symbol(b'(') && !input.begins_query() {
        (input, create.definitions) = comma_list_in_parentheses(definition).parse(input)?;
    }
    (input, create.options) = table_options(input)?;
    if input.is(Keyword::PARTITION) {
        let (rest, clause) = partition_clause(input)?;
        (input, create.partitioning) = (rest, Some(clause));
    }
    (input, create.select) = select(input)?;
    Ok((input, create))
}

/// `LIKE other` or `(LIKE other)`, where it is written.
fn like<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, Option<TableName<'a>>> {
    let parenthesised = input.is_symbol(b'(') && input.ahead(1).keyword == Keyword::LIKE;
    if parenthesised {
        input = input.skip(1);
    } else if !input.is(Keyword::LIKE) {
        return Ok((input, None));
    }
    let (input, other) = table_name(input.skip(1))?;
    if parenthesised { close().map(|()| Some(other.clone())).parse(input) } else { Ok((input, Some(other))) }
}

/// `[IGNORE|REPLACE] [AS] query`, where it is written: the rest of the statement.
fn select<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Option<Span>> {
    let mut query = input;
    let duplicates = query.eat(Keyword::IGNORE) || query.eat(Keyword::REPLACE);
    let named = query.eat(Keyword::AS);
    if !query.begins_query() {
        if duplicates || named {
            return Err(query.expected("a query"));
        }
        return Ok((input, None));
    }
    let mut end = query;
    while !end.ends_statement() {
        end = end.skip(1);
    }
    Ok((end, Some(input.span_to(end))))
}

impl Input<'_, '_> {
    /// Whether a query begins here, perhaps in parentheses.
    fn begins_query(self) -> bool {
        let mut at = self;
        while at.eat_symbol(b'(') {}
        match at.word() {
            Keyword::SELECT => true,
            Keyword::WITH => at.ahead(1).keyword != Keyword::SYSTEM || at.ahead(2).keyword == Keyword::AS,
            Keyword::VALUES => at.ahead(1).keyword == Keyword::ROW || at.ahead(1).is_symbol(b'('),
            Keyword::TABLE => true,
            _ => false,
        }
    }
}

/// One element between the parentheses.
pub(crate) fn definition<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Definition<'a>> {
    match input.word() {
        Keyword::UNLISTED => column_definition.map(Definition::Column).parse(input),
        Keyword::CONSTRAINT => constraint_definition(input),
        Keyword::FOREIGN => {
            let (rest, key) = foreign_key_definition(input, None, false)?;
            Ok((rest, Definition::ForeignKey(key)))
        }
        Keyword::CHECK => {
            let (rest, check) = check_definition(input, None, false)?;
            Ok((rest, Definition::Check(check)))
        }
        Keyword::PERIOD if input.is_mariadb() && input.ahead(1).keyword == Keyword::FOR => {
            period_definition.map(|(period, _)| Definition::Period(period)).parse(input)
        }
        _ if input.key_kind().is_some() => {
            let (rest, index) = index_definition(input, None, false)?;
            Ok((rest, Definition::Index(index)))
        }
        _ => column_definition.map(Definition::Column).parse(input),
    }
}

/// `CONSTRAINT [name]` and a key, a foreign key or a check.
fn constraint_definition<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Definition<'a>> {
    let start = input;
    let (mut input, if_not_exists_there) =
        preceded(keyword(Keyword::CONSTRAINT, "`CONSTRAINT`"), if_not_exists_there).parse(input)?;
    let mut constraint = None;
    if input.is_name() {
        let (rest, name) = name(input)?;
        (input, constraint) = (rest, Some(name));
    }
    match input.word() {
        Keyword::FOREIGN => {
            let (rest, mut key) = foreign_key_definition(input, constraint, if_not_exists_there)?;
            key.span = start.span_to(rest);
            Ok((rest, Definition::ForeignKey(key)))
        }
        Keyword::CHECK => {
            let (rest, mut check) = check_definition(input, constraint, if_not_exists_there)?;
            check.span = start.span_to(rest);
            Ok((rest, Definition::Check(check)))
        }
        Keyword::PRIMARY | Keyword::UNIQUE => {
            let (rest, mut index) = index_definition(input, constraint, if_not_exists_there)?;
            index.span = start.span_to(rest);
            Ok((rest, Definition::Index(index)))
        }
        _ => Err(input.expected("`PRIMARY KEY`, `UNIQUE`, `FOREIGN KEY` or `CHECK`")),
    }
}

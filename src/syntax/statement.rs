//! Statements: which one it is, and the short ones.

use nom::Parser;
use nom::combinator::opt;
use nom::sequence::preceded;

use super::alter::alter_table;
use super::ddl::{Ddl, Name, TableName};
use super::error::SyntaxError;
use super::input::{Input, Parsed, comma_list, keyword};
use super::key::{if_exists, if_exists_there, if_not_exists_unless, index_algorithm, index_on_table};
use super::keyword::Keyword;
use super::name::{name, named, table_name};
use super::online::{algorithm_and_lock, wait};
use super::option::database_options;
use super::table::{Prefix, create_table};
use super::token::Statement;
use crate::model::IndexKind;

/// Reads a whole statement.
pub(crate) fn read<'a>(statement: &Statement<'a, '_>) -> Result<Ddl<'a>, SyntaxError> {
    let outcome = ddl(Input::new(statement))
        .and_then(|(rest, ddl)| if rest.ends_statement() { Ok(ddl) } else { Err(rest.expected(after(&ddl))) });
    outcome.map_err(|error| match error {
        nom::Err::Error(failure) | nom::Err::Failure(failure) => failure.into_error(statement),
        nom::Err::Incomplete(_) => Input::new(statement).incomplete(),
    })
}

impl Input<'_, '_> {
    /// What stands for nom's `Incomplete`, which no parser here gives.
    pub(crate) fn incomplete(self) -> SyntaxError {
        let kind = super::error::SyntaxErrorKind::Unexpected { expected: "more", found: None };
        SyntaxError { span: self.span(), kind }
    }
}

/// What could stand after a statement that has been read.
fn after(ddl: &Ddl<'_>) -> &'static str {
    match ddl {
        Ddl::CreateTable(table) if table.like.is_none() && table.partitioning.is_none() => {
            "a table option or the end of the statement"
        }
        Ddl::CreateTable(_)
        | Ddl::AlterTable(_)
        | Ddl::CreateIndex { .. }
        | Ddl::DropIndex { .. }
        | Ddl::RenameTable { .. }
        | Ddl::DropTable { .. }
        | Ddl::CreateDatabase { .. }
        | Ddl::AlterDatabase { .. }
        | Ddl::DropDatabase { .. } => "the end of the statement",
    }
}

/// Any statement of this grammar.
fn ddl<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Ddl<'a>> {
    let next = input.skip(1);
    match input.word() {
        Keyword::CREATE => create(next),
        Keyword::ALTER => alter_statement(next),
        Keyword::DROP => drop_statement(next),
        Keyword::RENAME => rename_table(next),
        _ => Err(input.expected("`CREATE`, `ALTER`, `DROP` or `RENAME`")),
    }
}

/// What follows CREATE.
fn create<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, Ddl<'a>> {
    let mut or_replace = false;
    if input.is_mariadb() && input.eat(Keyword::OR) {
        input = keyword(Keyword::REPLACE, "`REPLACE`").parse(input)?.0;
        or_replace = true;
    }
    let temporary = input.eat(Keyword::TEMPORARY);
    if let Some(table) = input.after(Keyword::TABLE) {
        let prefix = Prefix { or_replace, temporary };
        let (rest, create) = create_table(table, prefix)?;
        return Ok((rest, Ddl::CreateTable(Box::new(create))));
    }
    if temporary {
        return Err(input.expected("`TABLE`"));
    }
    match input.word() {
        Keyword::DATABASE | Keyword::SCHEMA => create_database(input.skip(1), or_replace),
        _ => create_index(input, or_replace),
    }
}

/// CREATE DATABASE, after DATABASE.
fn create_database<'a, 't>(input: Input<'a, 't>, or_replace: bool) -> Parsed<'a, 't, Ddl<'a>> {
    let (input, if_not_exists) = if_not_exists_unless(or_replace, input)?;
    let (input, (name, (charset, _))) = (database_name, database_options).parse(input)?;
    Ok((input, Ddl::CreateDatabase { name, if_not_exists, or_replace, charset }))
}

/// A database's name.
fn database_name<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Name<'a>> {
    named("a database's name").parse(input)
}

/// CREATE INDEX, after CREATE OR REPLACE.
fn create_index<'a, 't>(mut input: Input<'a, 't>, or_replace: bool) -> Parsed<'a, 't, Ddl<'a>> {
    let kind = match input.word() {
        Keyword::UNIQUE => IndexKind::Unique,
        Keyword::FULLTEXT => IndexKind::Fulltext,
        Keyword::SPATIAL => IndexKind::Spatial,
        Keyword::VECTOR if input.is_mariadb() => IndexKind::Vector,
        Keyword::INDEX => IndexKind::Plain,
        _ => return Err(input.expected("`TABLE`, `INDEX` or `DATABASE`")),
    };
    let start = input;
    input = input.skip(usize::from(kind != IndexKind::Plain));
    let (input, _) = keyword(Keyword::INDEX, "`INDEX`").parse(input)?;
    let (input, if_not_exists) =
        if input.is_mariadb() { if_not_exists_unless(or_replace, input)? } else { (input, false) };
    let (mut input, name) = name(input)?;
    let mut using = None;
    if input.eat(Keyword::USING) || input.eat(Keyword::TYPE) {
        let (rest, algorithm) = index_algorithm(input)?;
        (input, using) = (rest, Some(algorithm));
    }
    let (input, table) = preceded(keyword(Keyword::ON, "`ON`"), table_name).parse(input)?;
    let (input, mut index) = index_on_table(input, kind, name, using)?;
    index.span = start.span_to(input);
    let (input, online) = algorithm_and_lock(input)?;
    Ok((input, Ddl::CreateIndex { table, index, or_replace, if_not_exists, online }))
}

/// What follows ALTER.
fn alter_statement<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, Ddl<'a>> {
    if input.is(Keyword::DATABASE) || input.is(Keyword::SCHEMA) {
        return alter_database(input.skip(1));
    }
    // MariaDB has ONLINE and IGNORE, and MySQL had IGNORE up to 5.6: neither shows in a definition.
    if input.is_mariadb() {
        input.eat(Keyword::ONLINE);
        input.eat(Keyword::IGNORE);
    }
    let (input, ()) = keyword(Keyword::TABLE, "`TABLE` or `DATABASE`").parse(input)?;
    alter_table.map(Ddl::AlterTable).parse(input)
}

/// ALTER DATABASE, after DATABASE.
fn alter_database<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Ddl<'a>> {
    // `ALTER DATABASE CHARACTER SET x`: CHARSET alone is no reserved word, but a database called so is quoted by all dumps.
    let unnamed = matches!(input.word(), Keyword::CHARSET | Keyword::ENCRYPTION | Keyword::COMMENT);
    let (input, name) = if unnamed { (input, None) } else { opt(database_name_if_any).parse(input)? };
    let (rest, (charset, count)) = database_options(input)?;
    if count == 0 {
        return Err(rest.expected("`CHARACTER SET` or `COLLATE`"));
    }
    Ok((rest, Ddl::AlterDatabase { name, charset }))
}

/// A database's name, or a failure that can be taken for its absence.
fn database_name_if_any<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Name<'a>> {
    if input.is_name() { database_name(input) } else { Err(input.expected("a database's name")) }
}

/// What follows DROP.
fn drop_statement<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, Ddl<'a>> {
    let temporary = input.eat(Keyword::TEMPORARY);
    match input.word() {
        Keyword::TABLE | Keyword::TABLES => drop_table(input.skip(1), temporary),
        _ if temporary => Err(input.expected("`TABLE`")),
        Keyword::DATABASE | Keyword::SCHEMA => {
            let (input, if_exists) = if_exists(input.skip(1))?;
            database_name.map(|name| Ddl::DropDatabase { name, if_exists }).parse(input)
        }
        _ => drop_index(input),
    }
}

/// DROP TABLE, after TABLE.
fn drop_table<'a, 't>(input: Input<'a, 't>, temporary: bool) -> Parsed<'a, 't, Ddl<'a>> {
    let (input, if_exists) = if_exists(input)?;
    let (input, tables) = comma_list(table_name).parse(input)?;
    let (mut input, ()) = wait(input)?;
    let _no_effect = input.eat(Keyword::RESTRICT) || input.eat(Keyword::CASCADE);
    Ok((input, Ddl::DropTable { tables, if_exists, temporary }))
}

/// DROP INDEX, after DROP.
fn drop_index<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Ddl<'a>> {
    let (input, ()) = keyword(Keyword::INDEX, "`TABLE`, `INDEX` or `DATABASE`").parse(input)?;
    let (input, if_exists) = if_exists_there(input)?;
    let (input, (name, (), table)) = (index_name, keyword(Keyword::ON, "`ON`"), table_name).parse(input)?;
    let (input, online) =
        if input.is_mariadb() { wait.map(|()| Vec::new()).parse(input)? } else { algorithm_and_lock(input)? };
    Ok((input, Ddl::DropIndex { table, name, if_exists, online }))
}

/// A key's name.
fn index_name<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Name<'a>> {
    named("a key's name").parse(input)
}

/// RENAME TABLE, after RENAME.
fn rename_table<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, Ddl<'a>> {
    if !input.eat(Keyword::TABLE) && !input.eat(Keyword::TABLES) {
        return Err(input.expected("`TABLE`"));
    }
    let (input, if_exists) = if_exists_there(input)?;
    let (input, renames) = comma_list(table_rename).parse(input)?;
    Ok((input, Ddl::RenameTable { renames, if_exists }))
}

/// `a TO b`.
fn table_rename<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, (TableName<'a>, TableName<'a>)> {
    let (input, from) = table_name(input)?;
    let (input, ()) = wait(input)?;
    preceded(keyword(Keyword::TO, "`TO`"), table_name).map(|to| (from.clone(), to)).parse(input)
}

//! Keys, checks and periods.

use nom::Parser;
use nom::sequence::preceded;

use super::ddl::{
    CheckDefinition, IndexDefinition, IndexOption, KeyPartColumn, KeyPartDefinition, Name, PeriodDefinition,
};
use super::error::SyntaxErrorKind;
use super::extent::expression_in_parentheses;
use super::input::{Input, Parsed, close, keyword, open, symbol};
use super::keyword::Keyword;
use super::literal::{option_number_or_hex, plain_integer, string};
use super::name::{column_name, name};
use super::online::wait;
use super::option::{equal, option_value};
use crate::model::{IndexAlgorithm, IndexKind};

impl Input<'_, '_> {
    /// The kind of the key whose definition begins here.
    pub(crate) fn key_kind(self) -> Option<IndexKind> {
        match self.word() {
            Keyword::PRIMARY => Some(IndexKind::Primary),
            Keyword::UNIQUE => Some(IndexKind::Unique),
            Keyword::KEY | Keyword::INDEX => Some(IndexKind::Plain),
            Keyword::FULLTEXT => Some(IndexKind::Fulltext),
            Keyword::SPATIAL => Some(IndexKind::Spatial),
            // Where VECTOR is not reserved it is a column's name.
            Keyword::VECTOR if self.is_mariadb() && !self.is_name() => Some(IndexKind::Vector),
            _ => None,
        }
    }
}

/// A key between the parentheses of CREATE TABLE, after CONSTRAINT.
pub(crate) fn index_definition<'a, 't>(
    input: Input<'a, 't>,
    constraint: Option<Name<'a>>,
    unless_exists: bool,
) -> Parsed<'a, 't, IndexDefinition<'a>> {
    let start = input;
    let Some(kind) = input.key_kind() else { return Err(input.expected("a key")) };
    let mut input = input.skip(1);
    match kind {
        IndexKind::Primary => input = keyword(Keyword::KEY, "`KEY`").parse(input)?.0,
        IndexKind::Plain => {}
        IndexKind::Unique | IndexKind::Fulltext | IndexKind::Spatial | IndexKind::Vector => {
            let _optional = input.eat(Keyword::KEY) || input.eat(Keyword::INDEX);
        }
    }
    let (mut input, unless_exists_here) = if_not_exists_there(input)?;
    let mut index_name = None;
    if input.is_name() && !is_type_clause(input) {
        let (rest, name) = name(input)?;
        (input, index_name) = (rest, Some(name));
    }
    let (input, mut index) = index_body(input, kind, Place::Table)?;
    index.constraint = constraint;
    index.name = index_name;
    index.if_not_exists = unless_exists || unless_exists_here;
    index.span = start.span_to(input);
    Ok((input, index))
}

/// Where a key is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Among the definitions of a table.
    Table,
    /// In a statement of its own.
    CreateIndex,
}

/// What follows a key's name: `[USING …] (parts) options`; on MariaDB a statement of its own may say between them how long it
/// waits.
fn index_body<'a, 't>(mut input: Input<'a, 't>, kind: IndexKind, place: Place) -> Parsed<'a, 't, IndexDefinition<'a>> {
    let start = input;
    let mut options = Vec::new();
    if takes_algorithm(input, kind) && (input.is(Keyword::USING) || is_type_clause(input)) {
        let (rest, algorithm) = index_algorithm(input.skip(1))?;
        options.push(IndexOption::Using(algorithm));
        input = rest;
    }
    let (mut input, (parts, without_overlaps)) = key_parts(input, kind)?;
    if place == Place::CreateIndex {
        input = wait(input)?.0;
    }
    let (input, ()) = index_options(input, kind, &mut options)?;
    let span = start.span_to(input);
    let index = IndexDefinition {
        kind,
        constraint: None,
        name: None,
        if_not_exists: false,
        parts,
        without_overlaps,
        options,
        span,
    };
    Ok((input, index))
}

/// The rest of CREATE INDEX after ON and the table's name (`using` stood before ON).
pub(crate) fn index_on_table<'a, 't>(
    input: Input<'a, 't>,
    kind: IndexKind,
    name: Name<'a>,
    using: Option<IndexAlgorithm>,
) -> Parsed<'a, 't, IndexDefinition<'a>> {
    let (input, mut index) = index_body(input, kind, Place::CreateIndex)?;
    index.name = Some(name);
    index.options.splice(0..0, using.map(IndexOption::Using));
    Ok((input, index))
}

/// Whether the grammar has USING for that kind of key.
fn takes_algorithm(input: Input<'_, '_>, kind: IndexKind) -> bool {
    match kind {
        IndexKind::Primary | IndexKind::Unique | IndexKind::Plain => true,
        IndexKind::Fulltext | IndexKind::Spatial => false,
        IndexKind::Vector => input.is_mariadb(),
    }
}

/// Whether `TYPE BTREE` stands here, not a key called `TYPE`.
fn is_type_clause(input: Input<'_, '_>) -> bool {
    input.is(Keyword::TYPE) && matches!(input.ahead(1).keyword, Keyword::BTREE | Keyword::HASH | Keyword::RTREE)
}

/// `BTREE`, `HASH`, `RTREE`.
pub(crate) fn index_algorithm<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, IndexAlgorithm> {
    let algorithm = match input.word() {
        Keyword::BTREE => IndexAlgorithm::BTree,
        Keyword::HASH => IndexAlgorithm::Hash,
        Keyword::RTREE => IndexAlgorithm::RTree,
        _ => return Err(input.expected("`BTREE`, `HASH` or `RTREE`")),
    };
    Ok((input.skip(1), algorithm))
}

/// The parts of a key, and the period whose overlaps it forbids.
fn key_parts<'a, 't>(
    input: Input<'a, 't>,
    kind: IndexKind,
) -> Parsed<'a, 't, (Vec<KeyPartDefinition<'a>>, Option<Name<'a>>)> {
    let unique = matches!(kind, IndexKind::Primary | IndexKind::Unique);
    let (mut input, ()) = open().parse(input)?;
    let mut parts = Vec::new();
    if matches!(kind, IndexKind::Spatial | IndexKind::Vector) && input.target().has_vectors() && input.is_mariadb() {
        let (rest, column) = column_name(input)?;
        let column = KeyPartColumn::Column(column);
        parts.push(KeyPartDefinition { column, prefix: None, descending: false, ordered: false });
        return symbol(b')', "`)`").parse(rest).map(|(rest, ())| (rest, (parts, None)));
    }
    loop {
        if unique && input.is_mariadb() && input.ahead(1).keyword == Keyword::WITHOUT && !parts.is_empty() {
            let (rest, period) = name(input)?;
            let (rest, ()) = preceded(keyword(Keyword::WITHOUT, "`WITHOUT`"), keyword(Keyword::OVERLAPS, "`OVERLAPS`"))
                .parse(rest)?;
            return close().parse(rest).map(|(rest, ())| (rest, (parts, Some(period))));
        }
        let (rest, part) = key_part(input)?;
        parts.push(part);
        input = rest;
        if !input.eat_symbol(b',') {
            return symbol(b')', "`,` or `)`").parse(input).map(|(rest, ())| (rest, (parts, None)));
        }
    }
}

/// `column [(n)] [ASC|DESC]` or `(expr) [ASC|DESC]`.
fn key_part<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, KeyPartDefinition<'a>> {
    let mut prefix = None;
    let (mut input, column) = if input.is_symbol(b'(') && input.statement().reading.target.has_functional_keys() {
        expression_in_parentheses.map(KeyPartColumn::Expression).parse(input)?
    } else {
        let (mut input, column) = column_name(input)?;
        if input.is_symbol(b'(') {
            let (rest, n) = nom::sequence::delimited(open(), plain_integer, close()).parse(input)?;
            (input, prefix) = (rest, Some(n));
        }
        (input, KeyPartColumn::Column(column))
    };
    let descending = input.eat(Keyword::DESC);
    let ordered = descending || input.eat(Keyword::ASC);
    Ok((input, KeyPartDefinition { column, prefix, descending, ordered }))
}

/// The options after a key's parts.
fn index_options<'a, 't>(
    mut input: Input<'a, 't>,
    kind: IndexKind,
    options: &mut Vec<IndexOption<'a>>,
) -> Parsed<'a, 't, ()> {
    loop {
        let (rest, option) = index_option(input, kind)?;
        let Some(option) = option else { return Ok((input, ())) };
        options.push(option);
        input = rest;
    }
}

/// One option of a key; `None` where there is none.
fn index_option<'a, 't>(input: Input<'a, 't>, kind: IndexKind) -> Parsed<'a, 't, Option<IndexOption<'a>>> {
    let next = input.skip(1);
    let mysql = !input.is_mariadb();
    let (rest, option) = match input.word() {
        Keyword::USING if takes_algorithm(input, kind) => index_algorithm.map(IndexOption::Using).parse(next)?,
        Keyword::TYPE if is_type_clause(input) => index_algorithm.map(IndexOption::Using).parse(next)?,
        Keyword::KEY_BLOCK_SIZE => preceded(equal, option_number_or_hex).map(IndexOption::KeyBlockSize).parse(next)?,
        Keyword::COMMENT => string.map(IndexOption::Comment).parse(next)?,
        Keyword::WITH if kind == IndexKind::Fulltext && next.is(Keyword::PARSER) => {
            name.map(IndexOption::Parser).parse(next.skip(1))?
        }
        // MariaDB reads VISIBLE too; it has no INVISIBLE.
        Keyword::VISIBLE if input.is_mariadb() || input.target().has_visible_keys() => (next, IndexOption::Visible),
        Keyword::INVISIBLE if input.target().has_visible_keys() => (next, IndexOption::Invisible),
        Keyword::IGNORED if !mysql => (next, IndexOption::Invisible),
        Keyword::NOT if !mysql && next.is(Keyword::IGNORED) => (next.skip(1), IndexOption::Visible),
        Keyword::ENGINE_ATTRIBUTE if mysql => preceded(equal, string).map(IndexOption::EngineAttribute).parse(next)?,
        Keyword::SECONDARY_ENGINE_ATTRIBUTE if mysql => {
            preceded(equal, string).map(IndexOption::SecondaryEngineAttribute).parse(next)?
        }
        _ if input.is_engine_option() => {
            let (rest, name) = name(input)?;
            let (rest, value) = preceded(equal, option_value).parse(rest)?;
            (rest, IndexOption::Option(name, value))
        }
        _ => return Ok((input, None)),
    };
    Ok((rest, Some(option)))
}

/// `CHECK (expr) [[NOT] ENFORCED]`.
pub(crate) fn check_definition<'a, 't>(
    input: Input<'a, 't>,
    constraint: Option<Name<'a>>,
    if_not_exists: bool,
) -> Parsed<'a, 't, CheckDefinition<'a>> {
    let start = input;
    let (input, expression) = preceded(keyword(Keyword::CHECK, "`CHECK`"), expression_in_parentheses).parse(input)?;
    let (input, enforced) = enforcement(input)?;
    let span = start.span_to(input);
    Ok((input, CheckDefinition { constraint, if_not_exists, expression, enforced: enforced.unwrap_or(true), span }))
}

/// `[NOT] ENFORCED` (MySQL), where it is written.
pub(crate) fn enforcement<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, Option<bool>> {
    if input.is_mariadb() {
        return Ok((input, None));
    }
    let enforced = if input.eat_both(Keyword::NOT, Keyword::ENFORCED) {
        Some(false)
    } else {
        input.eat(Keyword::ENFORCED).then_some(true)
    };
    Ok((input, enforced))
}

/// `PERIOD FOR name (start, end)`; and whether IF NOT EXISTS stood in it.
pub(crate) fn period_definition<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, (PeriodDefinition<'a>, bool)> {
    let (input, ()) = keyword(Keyword::PERIOD, "`PERIOD`").parse(input)?;
    let (input, before) = if_not_exists_there(input)?;
    let (input, ()) = keyword(Keyword::FOR, "`FOR`").parse(input)?;
    let (input, after) = if_not_exists_there(input)?;
    let system = input.is(Keyword::SYSTEM_TIME);
    let (input, name) = name(input)?;
    let (input, (start, _, end)) =
        nom::sequence::delimited(open(), (column_name, symbol(b',', "`,`"), column_name), close()).parse(input)?;
    Ok((input, (PeriodDefinition { name, system, start, end }, before || after)))
}

/// `IF NOT EXISTS`, whether it is written. Of keys and columns it is MariaDB's.
pub(crate) fn if_not_exists<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, bool> {
    if !input.eat(Keyword::IF) {
        return Ok((input, false));
    }
    let words = (keyword(Keyword::NOT, "`NOT`"), keyword(Keyword::EXISTS, "`EXISTS`"));
    { words }.map(|_| true).parse(input)
}

/// The same, which does not go together with OR REPLACE (MariaDB: 1221, `check_conflicting_opts`; MySQL has no such syntax).
pub(crate) fn if_not_exists_unless<'a, 't>(or_replace: bool, input: Input<'a, 't>) -> Parsed<'a, 't, bool> {
    let (rest, found) = if_not_exists(input)?;
    if or_replace && found {
        let number = if input.is_mariadb() { 1221 } else { 1064 };
        let expected = "no `IF NOT EXISTS` behind `OR REPLACE`: they do not go together".into();
        return Err(input.fails(SyntaxErrorKind::Expression { expected, number }));
    }
    Ok((rest, found))
}

/// `IF NOT EXISTS` where MariaDB alone takes it.
pub(crate) fn if_not_exists_there<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, bool> {
    if input.is_mariadb() { if_not_exists(input) } else { Ok((input, false)) }
}

/// `IF EXISTS` where MariaDB alone takes it.
pub(crate) fn if_exists_there<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, bool> {
    if input.is_mariadb() { if_exists(input) } else { Ok((input, false)) }
}

/// `IF EXISTS`, whether it is written.
pub(crate) fn if_exists<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, bool> {
    if !input.eat(Keyword::IF) {
        return Ok((input, false));
    }
    keyword(Keyword::EXISTS, "`EXISTS`").map(|()| true).parse(input)
}

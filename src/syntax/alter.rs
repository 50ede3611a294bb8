//! ALTER TABLE.

use nom::Parser;
use nom::sequence::preceded;

use super::column::{column_definition, qualified_column_name};
use super::data_type::charset;
use super::ddl::{
    AlterAction, AlterTable, CharsetClause, Definition, Maintenance, Name, Online, Position, TableOption,
};
use super::default::default_clause;
use super::input::{Input, Parsed, comma_list_in_parentheses, keyword};
use super::key::{enforcement, if_exists_there, if_not_exists_there, period_definition};
use super::keyword::Keyword;
use super::literal::integer;
use super::name::{collation_name, column_name, name, table_name};
use super::online::{algorithm, lock, wait};
use super::option::{equal, table_option};
use super::partition::{partition_clause, partition_definition, partition_list, partition_names};
use super::table::definition;
use super::token::TokenKind;

/// The actions of one statement so far.
type Actions<'a> = Vec<AlterAction<'a>>;

/// ALTER TABLE, after TABLE.
pub(crate) fn alter_table<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, AlterTable<'a>> {
    let (input, if_exists) = if_exists_there(input)?;
    let (input, table) = table_name(input)?;
    let (mut input, ()) = wait(input)?;
    let mut actions = Vec::new();
    let (mut is_with_others, mut is_alone) = (false, false);
    while !input.ends_statement() {
        let starts_alone = starts_alone(input);
        if is_alone || is_with_others && starts_alone {
            return Err(input.expected("the end of the statement: such an action stands alone"));
        }
        is_alone = starts_alone;
        is_with_others |= input.is_mariadb() || !is_modifier(input);
        (input, ()) = alter_action(input, &mut actions)?;
        // Partitioning comes last, without a comma.
        if !is_partitioning(input) && !input.ends_statement() {
            if !input.eat_symbol(b',') {
                return Err(input.expected("`,` or the end of the statement"));
            }
            if input.ends_statement() || is_partitioning(input) {
                return Err(input.expected(ACTION));
            }
        }
    }
    Ok((input, AlterTable { table, if_exists, actions }))
}

/// Whether the table is partitioned anew here, or no more.
fn is_partitioning(input: Input<'_, '_>) -> bool {
    input.are(Keyword::PARTITION, Keyword::BY) || input.is(Keyword::REMOVE)
}

/// Whether an action begins here beside which no other stands: on single partitions, and on where the rows lie.
fn starts_alone(input: Input<'_, '_>) -> bool {
    let next = input.skip(1);
    match input.word() {
        Keyword::ADD | Keyword::DROP => next.is(Keyword::PARTITION),
        Keyword::COALESCE | Keyword::REORGANIZE | Keyword::EXCHANGE => true,
        Keyword::SECONDARY_LOAD | Keyword::SECONDARY_UNLOAD => true,
        Keyword::CONVERT => !next.is(Keyword::TO),
        Keyword::DISCARD | Keyword::IMPORT => true,
        Keyword::ANALYZE
        | Keyword::CHECK
        | Keyword::REPAIR
        | Keyword::OPTIMIZE
        | Keyword::REBUILD
        | Keyword::TRUNCATE => next.is(Keyword::PARTITION),
        _ => false,
    }
}

/// Whether it is said here how the statement runs: MySQL takes that before an action that stands alone.
fn is_modifier(input: Input<'_, '_>) -> bool {
    matches!(input.word(), Keyword::ALGORITHM | Keyword::LOCK | Keyword::WITH | Keyword::WITHOUT)
}

const ACTION: &str = "an action of ALTER TABLE";

impl Input<'_, '_> {
    /// Whether the statement ends here.
    pub(crate) fn ends_statement(self) -> bool {
        self.is_kind(TokenKind::End) || (self.is_symbol(b';') && self.ahead(1).kind == TokenKind::End)
    }
}

/// One action. `ADD (a …, b …)` is several.
fn alter_action<'a, 't>(input: Input<'a, 't>, actions: &mut Actions<'a>) -> Parsed<'a, 't, ()> {
    let next = input.skip(1);
    let (rest, action) = match input.word() {
        Keyword::ADD => return add_action(next, actions),
        Keyword::CHANGE => change_column(next)?,
        Keyword::MODIFY => modify_column(next)?,
        Keyword::DROP => drop_action(next)?,
        Keyword::ALTER => alter_part(next)?,
        Keyword::RENAME => rename_action(next)?,
        Keyword::CONVERT => convert_action(next)?,
        Keyword::ORDER => order_by(input)?,
        Keyword::PARTITION => partition_clause.map(AlterAction::PartitionBy).parse(input)?,
        Keyword::REMOVE => {
            let (rest, ()) = keyword(Keyword::PARTITIONING, "`PARTITIONING`").parse(next)?;
            (rest, AlterAction::RemovePartitioning(input.span_to(rest)))
        }
        Keyword::COALESCE => coalesce_partition(input)?,
        Keyword::REORGANIZE => reorganize_partition(input)?,
        Keyword::EXCHANGE => exchange_partition(input)?,
        _ => match no_definition(input)? {
            (rest, Some(action)) => (rest, action),
            (_, None) => options_action(input)?,
        },
    };
    actions.push(action);
    Ok((rest, ()))
}

/// What follows ADD.
fn add_action<'a, 't>(mut input: Input<'a, 't>, actions: &mut Actions<'a>) -> Parsed<'a, 't, ()> {
    match input.word() {
        Keyword::PARTITION => {
            let (rest, action) = add_partitions(input.skip(1))?;
            actions.push(action);
            return Ok((rest, ()));
        }
        Keyword::PERIOD if input.is_mariadb() && matches!(input.ahead(1).keyword, Keyword::FOR | Keyword::IF) => {
            let (rest, (period, if_not_exists)) = period_definition(input)?;
            actions.push(AlterAction::AddPeriod { period, if_not_exists });
            return Ok((rest, ()));
        }
        Keyword::SYSTEM if input.is_mariadb() && input.ahead(1).keyword == Keyword::VERSIONING => {
            actions.push(AlterAction::Options(vec![TableOption::SystemVersioning]));
            return Ok((input.skip(2), ()));
        }
        _ => {}
    }
    let column_only = input.eat(Keyword::COLUMN);
    let (rest, if_not_exists) = if_not_exists_there(input)?;
    if rest.is_symbol(b'(') {
        let (rest, definitions) = comma_list_in_parentheses(definition).parse(rest)?;
        actions.extend(definitions.into_iter().map(|d| added(d, Position::Unspecified, if_not_exists)));
        return Ok((rest, ()));
    }
    let (rest, definition) = if column_only || if_not_exists {
        column_definition.map(Definition::Column).parse(rest)?
    } else {
        definition(rest)?
    };
    let (rest, position) =
        if matches!(definition, Definition::Column(_)) { position(rest)? } else { (rest, Position::Unspecified) };
    actions.push(added(definition, position, if_not_exists));
    Ok((rest, ()))
}

/// The action that adds a definition.
fn added<'a>(definition: Definition<'a>, position: Position<'a>, if_not_exists: bool) -> AlterAction<'a> {
    match definition {
        Definition::Column(column) => AlterAction::AddColumn { column, position, if_not_exists },
        Definition::Index(index) => AlterAction::AddIndex(index),
        Definition::ForeignKey(key) => AlterAction::AddForeignKey(key),
        Definition::Check(check) => AlterAction::AddCheck(check),
        Definition::Period(period) => AlterAction::AddPeriod { period, if_not_exists },
    }
}

/// `FIRST` or `AFTER column`, where it is written.
fn position<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Position<'a>> {
    match input.word() {
        Keyword::FIRST => Ok((input.skip(1), Position::First)),
        Keyword::AFTER => column_name.map(Position::After).parse(input.skip(1)),
        _ => Ok((input, Position::Unspecified)),
    }
}

/// `ADD PARTITION …`, after PARTITION.
fn add_partitions<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, AlterAction<'a>> {
    let (input, if_not_exists) = if_not_exists_there(input)?;
    let input = skip_binlog_word(input);
    if let Some(input) = input.after(Keyword::PARTITIONS) {
        let (input, count) = integer(input)?;
        return Ok((input, AlterAction::AddPartitions { partitions: Vec::new(), count: Some(count), if_not_exists }));
    }
    let (input, partitions) = partition_list(input)?;
    Ok((input, AlterAction::AddPartitions { partitions, count: None, if_not_exists }))
}

/// `NO_WRITE_TO_BINLOG` or `LOCAL`, where it is written.
fn skip_binlog_word<'a, 't>(mut input: Input<'a, 't>) -> Input<'a, 't> {
    let _found = input.eat(Keyword::NO_WRITE_TO_BINLOG) || input.eat(Keyword::LOCAL);
    input
}

/// `CHANGE [COLUMN] a b …`, after CHANGE.
fn change_column<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, AlterAction<'a>> {
    input.eat(Keyword::COLUMN);
    let (input, if_exists) = if_exists_there(input)?;
    let (input, (from, column, position)) = (qualified_column_name, column_definition, position).parse(input)?;
    Ok((input, AlterAction::ChangeColumn { from, column, position, if_exists }))
}

/// `MODIFY [COLUMN] a …`, after MODIFY.
fn modify_column<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, AlterAction<'a>> {
    input.eat(Keyword::COLUMN);
    let (input, if_exists) = if_exists_there(input)?;
    let (input, (column, position)) = (column_definition, position).parse(input)?;
    Ok((input, AlterAction::ModifyColumn { column, position, if_exists }))
}

/// What follows DROP.
fn drop_action<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, AlterAction<'a>> {
    let next = input.skip(1);
    match input.word() {
        Keyword::PRIMARY => {
            let (rest, ()) = keyword(Keyword::KEY, "`KEY`").parse(next)?;
            Ok((rest, AlterAction::DropPrimaryKey { if_exists: false, span: input.span_to(rest) }))
        }
        Keyword::FOREIGN => {
            let (rest, if_exists) = preceded(keyword(Keyword::KEY, "`KEY`"), if_exists_there).parse(next)?;
            name.map(|name| AlterAction::DropForeignKey { name, if_exists }).parse(rest)
        }
        Keyword::KEY | Keyword::INDEX => {
            let (rest, if_exists) = if_exists_there(next)?;
            name.map(|name| AlterAction::DropIndex { name, if_exists }).parse(rest)
        }
        Keyword::CHECK if !input.is_mariadb() => name.map(|name| AlterAction::DropCheck { name }).parse(next),
        Keyword::CONSTRAINT => {
            let (rest, if_exists) = if_exists_there(next)?;
            name.map(|name| AlterAction::DropConstraint { name, if_exists }).parse(rest)
        }
        Keyword::PARTITION => {
            let (rest, if_exists) = if_exists_there(next)?;
            let names = partition_names.map(|names| AlterAction::DropPartitions { names, if_exists });
            { names }.parse(skip_binlog_word(rest))
        }
        Keyword::SYSTEM if input.is_mariadb() && next.is(Keyword::VERSIONING) => {
            let rest = next.skip(1);
            Ok((rest, AlterAction::DropSystemVersioning(input.span_to(rest))))
        }
        Keyword::PERIOD if input.is_mariadb() && matches!(next.word(), Keyword::FOR | Keyword::IF) => {
            let (rest, before) = if_exists_there(next)?;
            let (rest, after) = preceded(keyword(Keyword::FOR, "`FOR`"), if_exists_there).parse(rest)?;
            name.map(|name| AlterAction::DropPeriod { name, if_exists: before || after }).parse(rest)
        }
        _ => drop_column(input),
    }
}

/// `DROP [COLUMN] a [RESTRICT|CASCADE]`, after DROP.
fn drop_column<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, AlterAction<'a>> {
    input.eat(Keyword::COLUMN);
    let (input, if_exists) = if_exists_there(input)?;
    let (mut input, name) = qualified_column_name(input)?;
    let _no_effect = input.eat(Keyword::RESTRICT) || input.eat(Keyword::CASCADE);
    Ok((input, AlterAction::DropColumn { name, if_exists }))
}

/// What follows ALTER.
fn alter_part<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, AlterAction<'a>> {
    match input.word() {
        Keyword::INDEX => alter_index(input.skip(1)),
        Keyword::KEY if input.is_mariadb() => alter_index(input.skip(1)),
        Keyword::CHECK | Keyword::CONSTRAINT => {
            let of_check = input.is(Keyword::CHECK);
            let (rest, name) = name(input.skip(1))?;
            match enforcement(rest)? {
                (rest, Some(enforced)) => Ok((rest, AlterAction::SetEnforcement { name, enforced, of_check })),
                (rest, None) => Err(rest.expected("`ENFORCED` or `NOT ENFORCED`")),
            }
        }
        _ => {
            input.eat(Keyword::COLUMN);
            alter_column(input)
        }
    }
}

/// `ALTER INDEX i VISIBLE`, `INVISIBLE`, `[NOT] IGNORED`, after INDEX.
fn alter_index<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, AlterAction<'a>> {
    let (input, if_exists) = if_exists_there(input)?;
    let (mut input, name) = name(input)?;
    let mysql = !input.is_mariadb();
    let invisible = match input.word() {
        Keyword::VISIBLE if mysql => false,
        Keyword::INVISIBLE if mysql => true,
        Keyword::IGNORED if !mysql => true,
        Keyword::NOT if !mysql && input.eat_both(Keyword::NOT, Keyword::IGNORED) => {
            return Ok((input, AlterAction::SetIndexVisibility { name, invisible: false, if_exists }));
        }
        _ if input.is_mariadb() => return Err(input.expected("`IGNORED` or `NOT IGNORED`")),
        _ => return Err(input.expected("`VISIBLE` or `INVISIBLE`")),
    };
    Ok((input.skip(1), AlterAction::SetIndexVisibility { name, invisible, if_exists }))
}

/// `ALTER COLUMN a SET …` or `DROP DEFAULT`, after COLUMN.
fn alter_column<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, AlterAction<'a>> {
    let (input, if_exists) = if_exists_there(input)?;
    let (input, column) = qualified_column_name(input)?;
    let next = input.skip(1);
    let hides = input.target().has_visible_columns();
    match (input.word(), next.word()) {
        (Keyword::DROP, Keyword::DEFAULT) => Ok((next.skip(1), AlterAction::DropDefault { column, if_exists })),
        (Keyword::SET, Keyword::VISIBLE) if hides => {
            Ok((next.skip(1), AlterAction::SetColumnVisibility { column, invisible: false }))
        }
        (Keyword::SET, Keyword::INVISIBLE) if hides => {
            Ok((next.skip(1), AlterAction::SetColumnVisibility { column, invisible: true }))
        }
        (Keyword::SET, Keyword::DEFAULT) => {
            let (rest, default) = default_clause(next.skip(1))?;
            Ok((rest, AlterAction::SetDefault { column, default, if_exists }))
        }
        (Keyword::SET, _) => Err(next.expected("`DEFAULT`, `VISIBLE` or `INVISIBLE`")),
        (Keyword::DROP, _) => Err(next.expected("`DEFAULT`")),
        _ => Err(input.expected("`SET` or `DROP`")),
    }
}

/// What follows RENAME.
fn rename_action<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, AlterAction<'a>> {
    let word = input.word();
    match word {
        Keyword::COLUMN | Keyword::INDEX | Keyword::KEY => {
            let (rest, if_exists) = if_exists_there(input.skip(1))?;
            let (rest, (from, (), to)) = (name, keyword(Keyword::TO, "`TO`"), name).parse(rest)?;
            let action = if word == Keyword::COLUMN {
                AlterAction::RenameColumn { from, to, if_exists }
            } else {
                AlterAction::RenameIndex { from, to, if_exists }
            };
            Ok((rest, action))
        }
        _ => {
            let _word = input.eat(Keyword::TO) || input.eat(Keyword::AS) || input.eat_symbol(b'=');
            table_name.map(AlterAction::RenameTable).parse(input)
        }
    }
}

/// What follows CONVERT.
fn convert_action<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, AlterAction<'a>> {
    let next = input.skip(1);
    match input.word() {
        Keyword::TO => {
            let (mut input, charset) = charset(next)?;
            let mut collation = None;
            if input.eat(Keyword::COLLATE) {
                let (rest, name) = preceded(equal, collation_name).parse(input)?;
                (input, collation) = (rest, Some(name));
            }
            Ok((input, AlterAction::ConvertCharset(CharsetClause { charset: Some(charset), collation })))
        }
        Keyword::PARTITION if input.is_mariadb() => {
            let words = (keyword(Keyword::TO, "`TO`"), keyword(Keyword::TABLE, "`TABLE`"));
            let (rest, (partition, _, table)) = (name, words, table_name).parse(next)?;
            Ok((rest, AlterAction::ConvertPartition { partition, table }))
        }
        Keyword::TABLE if input.is_mariadb() => {
            let (rest, (table, (), partition)) =
                (table_name, keyword(Keyword::TO, "`TO`"), partition_definition).parse(next)?;
            Ok((skip_validation(rest), AlterAction::ConvertTable { table, partition }))
        }
        _ => Err(input.expected("`TO`")),
    }
}

/// `WITH VALIDATION` or `WITHOUT VALIDATION`, where it is written and the target has it.
fn skip_validation<'a, 't>(mut input: Input<'a, 't>) -> Input<'a, 't> {
    let _found = input.target().has_validation_clauses()
        && (input.eat_both(Keyword::WITH, Keyword::VALIDATION)
            || input.eat_both(Keyword::WITHOUT, Keyword::VALIDATION));
    input
}

/// `EXCHANGE PARTITION p WITH TABLE t`.
fn exchange_partition<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, AlterAction<'a>> {
    let partition = preceded(keyword(Keyword::PARTITION, "`PARTITION`"), name);
    let words = (keyword(Keyword::WITH, "`WITH`"), keyword(Keyword::TABLE, "`TABLE`"));
    let (rest, (partition, _, table)) = (partition, words, table_name).parse(input.skip(1))?;
    Ok((skip_validation(rest), AlterAction::ExchangePartition { partition, table }))
}

/// `ORDER BY a [ASC|DESC], …`.
fn order_by<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, AlterAction<'a>> {
    let words = (keyword(Keyword::ORDER, "`ORDER`"), keyword(Keyword::BY, "`BY`"));
    let (mut input, first) = preceded(words, sorted_column).parse(input)?;
    let mut columns = vec![first];
    loop {
        if !input.eat(Keyword::DESC) {
            input.eat(Keyword::ASC);
        }
        // It comes last: what follows a comma is another column.
        if !input.is_symbol(b',') {
            return Ok((input, AlterAction::OrderBy(columns)));
        }
        let (rest, column) = sorted_column(input.skip(1))?;
        columns.push(column);
        input = rest;
    }
}

/// A column that rows are sorted by, which MySQL takes with its table's name, too.
fn sorted_column<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, Name<'a>> {
    while input.ahead(1).is_symbol(b'.') && !input.is_mariadb() {
        input = name(input)?.0.skip(1);
    }
    qualified_column_name(input)
}

/// `COALESCE PARTITION n`.
fn coalesce_partition<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, AlterAction<'a>> {
    let (rest, ()) = keyword(Keyword::PARTITION, "`PARTITION`").parse(input.skip(1))?;
    let (rest, count) = integer(skip_binlog_word(rest))?;
    Ok((rest, AlterAction::CoalescePartition { count, span: input.span_to(rest) }))
}

/// `REORGANIZE PARTITION [a, … INTO (…)]`.
fn reorganize_partition<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, AlterAction<'a>> {
    let (rest, ()) = keyword(Keyword::PARTITION, "`PARTITION`").parse(input.skip(1))?;
    let mut rest = skip_binlog_word(rest);
    let (mut from, mut into) = (Vec::new(), Vec::new());
    if !rest.ends_statement() {
        (rest, from) = partition_names(rest)?;
        (rest, into) = preceded(keyword(Keyword::INTO, "`INTO`"), partition_list).parse(rest)?;
    }
    Ok((rest, AlterAction::ReorganizePartitions { from, into, span: input.span_to(rest) }))
}

/// What changes nothing that a definition shows, where such an action stands here.
fn no_definition<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Option<AlterAction<'a>>> {
    let next = input.skip(1);
    let mut anew = false;
    let rest = match (input.word(), next.word()) {
        (Keyword::FORCE, _) => {
            anew = true;
            next
        }
        (Keyword::SECONDARY_LOAD | Keyword::SECONDARY_UNLOAD, word)
            if word != Keyword::PARTITION && !input.is_mariadb() =>
        {
            next
        }
        (Keyword::ALGORITHM, _) => return algorithm.map(Some).parse(input),
        (Keyword::LOCK, _) => return lock.map(Some).parse(input),
        (Keyword::ENABLE | Keyword::DISABLE, _) => keyword(Keyword::KEYS, "`KEYS`").parse(next)?.0,
        (Keyword::WITH | Keyword::WITHOUT, Keyword::VALIDATION) if !input.is_mariadb() => {
            let (rest, span) = (next.skip(1), input.span_to(next.skip(1)));
            return Ok((rest, Some(AlterAction::Online { asked: Online::Validation, span })));
        }
        (Keyword::UPGRADE, Keyword::PARTITIONING) if input.target().upgrades_partitioning() => next.skip(1),
        (Keyword::DISCARD | Keyword::IMPORT, Keyword::TABLESPACE) => next.skip(1),
        (word, Keyword::PARTITION) => {
            let maintenance = match word {
                Keyword::ANALYZE
                | Keyword::CHECK
                | Keyword::REPAIR
                | Keyword::SECONDARY_LOAD
                | Keyword::SECONDARY_UNLOAD => Maintenance::Inspect,
                Keyword::OPTIMIZE => Maintenance::Optimize,
                Keyword::REBUILD => Maintenance::Rebuild,
                Keyword::TRUNCATE | Keyword::DISCARD | Keyword::IMPORT => Maintenance::Empty,
                _ => return Ok((input, None)),
            };
            let (rest, names) = partition_maintenance(next.skip(1))?;
            let span = input.span_to(rest);
            return Ok((rest, Some(AlterAction::MaintainPartitions { maintenance, names, span })));
        }
        _ => return Ok((input, None)),
    };
    let span = input.span_to(rest);
    Ok((rest, Some(if anew { AlterAction::Rebuild { copies: false, span } } else { AlterAction::NoDefinition(span) })))
}

/// The partitions and the options of `ANALYZE PARTITION` and its like; no names are all of them.
fn partition_maintenance<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Vec<Name<'a>>> {
    let mut input = skip_binlog_word(input);
    let mut names = Vec::new();
    if !input.eat(Keyword::ALL) {
        (input, names) = partition_names(input)?;
    }
    // QUICK, EXTENDED, USE_FRM, TABLESPACE, FOR UPGRADE …
    while input.is_kind(TokenKind::Word) {
        input = input.skip(1);
    }
    Ok((input, names))
}

/// Table options up to the next comma.
fn options_action<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, AlterAction<'a>> {
    let mut options = Vec::new();
    loop {
        match table_option(input)? {
            (rest, Some(option)) => {
                options.push(option);
                input = rest;
            }
            (_, None) if options.is_empty() => return Err(input.expected(ACTION)),
            (_, None) => return Ok((input, AlterAction::Options(options))),
        }
    }
}

//! Partitioning.

use nom::Parser;
use nom::sequence::preceded;

use super::ddl::{
    Expression, IntervalClause, Name, PartitionClause, PartitionDefinition, PartitionMethodClause, PartitionOption,
    PartitionValuesClause, RotationClause,
};
use super::extent::{closing, expression_between, expression_in_parentheses, items_in_parentheses};
use super::input::{Input, Parsed, comma_list, comma_list_in_parentheses, keyword};
use super::keyword::Keyword;
use super::literal::{digits, integer, string};
use super::name::{column_list, name, name_or_string, named};
use super::option::{equal, option_value};
use super::token::TokenKind;
use crate::model::expression::{Expr, Literal, Unit};

/// `PARTITION BY …`.
pub(crate) fn partition_clause<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, PartitionClause<'a>> {
    let start = input;
    let words = (keyword(Keyword::PARTITION, "`PARTITION`"), keyword(Keyword::BY, "`BY`"));
    let (input, method) = preceded(words, partition_method).parse(input)?;
    let (mut input, mut count) = partition_count(input, Keyword::PARTITIONS)?;
    let mut subpartitioning = None;
    if input.is(Keyword::SUBPARTITION) {
        let words = (keyword(Keyword::SUBPARTITION, "`SUBPARTITION`"), keyword(Keyword::BY, "`BY`"));
        let (rest, method) = preceded(words, subpartition_method).parse(input)?;
        let (rest, subpartitions) = partition_count(rest, Keyword::SUBPARTITIONS)?;
        (input, subpartitioning) = (rest, Some((method, subpartitions)));
    }
    if count.is_none() {
        (input, count) = partition_count(input, Keyword::PARTITIONS)?;
    }
    let mut partitions = Vec::new();
    if input.is_symbol(b'(') {
        (input, partitions) = partition_list(input)?;
    }
    if let Some(problem) = mismatched(input, &method, &partitions) {
        return Err(input.expected(problem));
    }
    if let Some(problem) = miscounted(count, subpartitioning.as_ref().and_then(|s| s.1), &partitions) {
        return Err(input.expected(problem));
    }
    let span = start.span_to(input);
    Ok((input, PartitionClause { method, count, subpartitioning, partitions, span }))
}

/// What is wrong with the values of partitions, as far as the servers' parsers see it.
fn mismatched(
    input: Input<'_, '_>,
    method: &PartitionMethodClause<'_>,
    partitions: &[PartitionDefinition<'_>],
) -> Option<&'static str> {
    let columns = match method {
        PartitionMethodClause::RangeColumns(columns) => columns.len(),
        PartitionMethodClause::Range(_) | PartitionMethodClause::List(_) | PartitionMethodClause::ListColumns(_) => 1,
        PartitionMethodClause::Hash { .. }
        | PartitionMethodClause::Key { .. }
        | PartitionMethodClause::SystemTime { .. } => return None,
    };
    partitions.iter().find_map(|partition| match &partition.values {
        // MariaDB says 1479 instead.
        PartitionValuesClause::None => (!input.is_mariadb()).then_some("`VALUES` of each partition"),
        PartitionValuesClause::LessThan(limits) => (limits.len() < columns).then_some("a value for each column"),
        PartitionValuesClause::In(_)
        | PartitionValuesClause::Default
        | PartitionValuesClause::History
        | PartitionValuesClause::Current => None,
    })
}

/// What is wrong with the number of partitions or of subpartitions, which the servers' parsers count.
fn miscounted(
    count: Option<u64>,
    subpartitions: Option<u64>,
    partitions: &[PartitionDefinition<'_>],
) -> Option<&'static str> {
    let differs = |count: Option<u64>, length: usize| count.is_some_and(|count| count != length as u64);
    let listed = partitions.first()?.subpartitions.len();
    if differs(count, partitions.len()) {
        return Some("as many partitions as `PARTITIONS` says");
    }
    let uneven = partitions.iter().any(|partition| partition.subpartitions.len() != listed);
    (uneven || (listed > 0 && differs(subpartitions, listed))).then_some("as many subpartitions in each partition")
}

/// The function of SUBPARTITION BY.
fn subpartition_method<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, PartitionMethodClause<'a>> {
    if !matches!(input.word(), Keyword::LINEAR | Keyword::HASH | Keyword::KEY) {
        return Err(input.expected("`HASH` or `KEY`"));
    }
    match partition_method(input)? {
        // The primary key's columns can only be meant for the partitions themselves.
        (_, PartitionMethodClause::Key { columns, .. }) if columns.is_empty() => Err(input.expected("columns")),
        method => Ok(method),
    }
}

/// `PARTITIONS n` or `SUBPARTITIONS n`, where it is written.
fn partition_count<'a, 't>(input: Input<'a, 't>, word: Keyword) -> Parsed<'a, 't, Option<u64>> {
    match input.after(word) {
        Some(input) => integer.map(Some).parse(input),
        None => Ok((input, None)),
    }
}

/// The partitioning function.
fn partition_method<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, PartitionMethodClause<'a>> {
    let linear = input.eat(Keyword::LINEAR);
    let next = input.skip(1);
    match input.word() {
        Keyword::HASH => {
            let hash = |expression| PartitionMethodClause::Hash { linear, expression };
            partition_function.map(hash).parse(next)
        }
        Keyword::KEY => key_method(next, linear),
        _ if linear => Err(input.expected("`HASH` or `KEY`")),
        Keyword::RANGE if next.is_columns() => column_list.map(PartitionMethodClause::RangeColumns).parse(next.skip(1)),
        Keyword::RANGE => partition_function.map(PartitionMethodClause::Range).parse(next),
        Keyword::LIST if next.is_columns() => column_list.map(PartitionMethodClause::ListColumns).parse(next.skip(1)),
        Keyword::LIST => partition_function.map(PartitionMethodClause::List).parse(next),
        Keyword::SYSTEM_TIME if input.is_mariadb() => system_time(next),
        _ => Err(input.expected("`HASH`, `KEY`, `RANGE` or `LIST`")),
    }
}

/// `(expr)` of a partitioning function. These functions are refused with 1064 in it by MySQL 9.7 and MariaDB 10.11
/// and 11.8, as their regression suites show; all others that are not allowed are the catalog's to refuse.
fn partition_function<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Expression> {
    const REFUSED: [&[u8]; 4] = [b"RAND", b"NOW", b"CURTIME", b"UUID_SHORT"];
    let (end, expression) = expression_in_parentheses(input)?;
    if items_in_parentheses(input)?.1.len() > 1 {
        return Err(input.expected("one expression"));
    }
    let mut at = input;
    while at.token() != end.token() {
        let word = at.statement().bytes(at.token());
        let call = at.is_kind(TokenKind::Word) && at.ahead(1).is_symbol(b'(');
        if at.is_kind(TokenKind::Variable) || call && REFUSED.iter().any(|function| word.eq_ignore_ascii_case(function))
        {
            return Err(at.expected("a function that depends on columns alone"));
        }
        at = at.skip(1);
    }
    Ok((end, expression))
}

impl Input<'_, '_> {
    /// Whether `COLUMNS` stands here (`FIELDS` is its synonym in the servers' lexers).
    fn is_columns(self) -> bool {
        self.is(Keyword::COLUMNS) || self.is(Keyword::FIELDS)
    }
}

/// `KEY [ALGORITHM=n] (columns)`, after KEY. The columns may be none: the primary key's.
fn key_method<'a, 't>(mut input: Input<'a, 't>, linear: bool) -> Parsed<'a, 't, PartitionMethodClause<'a>> {
    let mut algorithm = None;
    if input.eat(Keyword::ALGORITHM) {
        let (rest, n) = preceded(equal, integer).parse(input)?;
        if !(1..=2).contains(&n) {
            return Err(input.expected("1 or 2"));
        }
        (input, algorithm) = (rest, Some(n));
    }
    let (input, columns) = if input.is_symbol(b'(') && input.ahead(1).is_symbol(b')') {
        (input.skip(2), Vec::new())
    } else {
        column_list(input)?
    };
    Ok((input, PartitionMethodClause::Key { linear, algorithm, columns }))
}

/// `SYSTEM_TIME [LIMIT n | INTERVAL value unit [STARTS literal]] [AUTO]` (MariaDB), after SYSTEM_TIME.
fn system_time<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, PartitionMethodClause<'a>> {
    let (mut input, rotation) = match input.word() {
        Keyword::LIMIT => integer.map(RotationClause::Limit).parse(input.skip(1))?,
        Keyword::INTERVAL => interval(input.skip(1))?,
        _ => return Ok((input, PartitionMethodClause::SystemTime { rotation: RotationClause::None, auto: false })),
    };
    let auto = input.eat(Keyword::AUTO);
    Ok((input, PartitionMethodClause::SystemTime { rotation, auto }))
}

/// After INTERVAL. The unit is the last word before what may follow.
fn interval<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, RotationClause> {
    let (mut at, mut depth) = (input, 0_usize);
    let unit = loop {
        let token = at.token();
        match token.kind {
            TokenKind::End => return Err(at.expected("a unit of time")),
            TokenKind::Word if depth == 0 && at.token().start > input.token().start => {
                if let Some(unit) = at.written().ok().and_then(Unit::named) {
                    break unit;
                }
            }
            TokenKind::Symbol if token.detail == b'(' => depth += 1,
            TokenKind::Symbol if token.detail == b')' && depth == 0 => return Err(at.expected("a unit of time")),
            TokenKind::Symbol if token.detail == b')' => depth -= 1,
            _ => {}
        }
        at = at.skip(1);
    };
    let (_, value) = expression_between(input, at)?;
    let mut rest = at.skip(1);
    let mut starts = None;
    if rest.eat(Keyword::STARTS) {
        let typed =
            matches!(rest.word(), Keyword::TIMESTAMP | Keyword::DATE) && rest.ahead(1).kind == TokenKind::String;
        let literal = rest.skip(usize::from(typed));
        let is_literal = matches!(literal.token().kind, TokenKind::String | TokenKind::Integer | TokenKind::Decimal);
        if !is_literal && !literal.is(Keyword::NULL) {
            return Err(literal.expected("a date and time"));
        }
        let end = literal.skip(1);
        starts = Some(expression_between(rest, end)?.1);
        rest = end;
    }
    Ok((rest, RotationClause::Interval(Box::new(IntervalClause { value, unit, starts }))))
}

/// `(PARTITION …, …)`.
pub(crate) fn partition_list<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Vec<PartitionDefinition<'a>>> {
    comma_list_in_parentheses(partition_definition).parse(input)
}

/// `PARTITION name VALUES … options (SUBPARTITION …)`.
pub(crate) fn partition_definition<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, PartitionDefinition<'a>> {
    let (input, name) = preceded(keyword(Keyword::PARTITION, "`PARTITION`"), partition_name).parse(input)?;
    let (input, values) = partition_values(input)?;
    let (mut input, options) = partition_options(input)?;
    let mut subpartitions = Vec::new();
    if input.is_symbol(b'(') {
        (input, subpartitions) = comma_list_in_parentheses(subpartition).parse(input)?;
    }
    Ok((input, PartitionDefinition { name, values, options, subpartitions }))
}

/// A partition's name.
fn partition_name<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Name<'a>> {
    named("a partition's name").parse(input)
}

/// Partitions' names between commas.
pub(crate) fn partition_names<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Vec<Name<'a>>> {
    comma_list(partition_name).parse(input)
}

/// `SUBPARTITION name options`.
fn subpartition<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, (Name<'a>, Vec<PartitionOption<'a>>)> {
    let name = preceded(keyword(Keyword::SUBPARTITION, "`SUBPARTITION`"), name_or_string);
    (name, partition_options).parse(input)
}

/// Which rows a partition holds.
fn partition_values<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, PartitionValuesClause> {
    if input.is_mariadb() {
        let values = match input.word() {
            Keyword::DEFAULT => Some(PartitionValuesClause::Default),
            Keyword::HISTORY => Some(PartitionValuesClause::History),
            Keyword::CURRENT => Some(PartitionValuesClause::Current),
            _ => None,
        };
        if let Some(values) = values {
            return Ok((input.skip(1), values));
        }
    }
    if !input.eat(Keyword::VALUES) {
        return Ok((input, PartitionValuesClause::None));
    }
    match input.word() {
        Keyword::LESS => {
            let (input, ()) = keyword(Keyword::THAN, "`THAN`").parse(input.skip(1))?;
            less_than(input)
        }
        Keyword::IN => in_list(input.skip(1)),
        _ => Err(input.expected("`LESS THAN` or `IN`")),
    }
}

/// `(…)` or `MAXVALUE`, after LESS THAN.
fn less_than<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, PartitionValuesClause> {
    if let Some(rest) = input.after(Keyword::MAXVALUE) {
        return Ok((rest, PartitionValuesClause::LessThan(vec![None])));
    }
    let (rest, items) = items_in_parentheses(input)?;
    let mut limits = Vec::with_capacity(items.len());
    for (start, end) in items {
        let maximum = start.after(Keyword::MAXVALUE).is_some_and(|after| after.token() == end.token());
        limits.push(if maximum { None } else { Some(value(start, end)?) });
    }
    Ok((rest, PartitionValuesClause::LessThan(limits)))
}

/// `(…)` after IN: values, or tuples of values.
fn in_list<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, PartitionValuesClause> {
    let (rest, items) = items_in_parentheses(input)?;
    if let [(start, end)] = items[..]
        && start.after(Keyword::DEFAULT).is_some_and(|after| after.token() == end.token())
    {
        return Ok((rest, PartitionValuesClause::Default));
    }
    let mut tuples = Vec::with_capacity(items.len());
    for (at, (start, end)) in items.into_iter().enumerate() {
        let tuple = tuple(start, end)?;
        // A row of one value is none, where the first item is a row.
        if at == 0 && tuple.len() == 1 && start.is_symbol(b'(') && closing(start)?.skip(1).token() == end.token() {
            return Err(start.expected("a value, or a row of several values"));
        }
        tuples.push(tuple);
    }
    Ok((rest, PartitionValuesClause::In(tuples)))
}

/// One item of a list: `(a, b)` is a tuple, all else one value.
fn tuple<'a, 't>(start: Input<'a, 't>, end: Input<'a, 't>) -> Result<Vec<Expression>, nom::Err<super::input::Failure>> {
    if start.is_symbol(b'(') {
        let (rest, items) = items_in_parentheses(start)?;
        if rest.token() == end.token() {
            return items.into_iter().map(|(from, to)| value(from, to)).collect();
        }
    }
    value(start, end).map(|expression| vec![expression])
}

/// One value of a list, which MAXVALUE is not.
fn value<'a, 't>(start: Input<'a, 't>, end: Input<'a, 't>) -> Result<Expression, nom::Err<super::input::Failure>> {
    if start.is(Keyword::MAXVALUE) && end.token() == start.skip(1).token() {
        return Err(start.expected("a value"));
    }
    let Some(bytes) = introduced_bytes(start, end)? else {
        return expression_between(start, end).map(|(_, expression)| expression);
    };
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let expr = Expr::Literal(Literal::Hex { digits: digits.into(), quoted: false });
    Ok(Expression { expr, span: start.span_to(end) })
}

/// The bytes behind an introducer that are no text: the column's charset says what they are.
fn introduced_bytes<'a, 't>(
    start: Input<'a, 't>,
    end: Input<'a, 't>,
) -> Result<Option<Vec<u8>>, nom::Err<super::input::Failure>> {
    let introducer = start.is_kind(TokenKind::Word) && start.statement().bytes(start.token()).starts_with(b"_");
    if !introducer {
        return Ok(None);
    }
    let unicode =
        start.statement().bytes(start.token()).get(..5).is_some_and(|name| name.eq_ignore_ascii_case(b"_utf8"));
    let is_text = |bytes: &[u8]| bytes.is_ascii() || unicode && std::str::from_utf8(bytes).is_ok();
    Ok(digits(start.skip(1))?
        .filter(|(rest, bytes)| rest.token() == end.token() && !is_text(bytes))
        .map(|(_, bytes)| bytes))
}

/// The options of a partition or subpartition.
fn partition_options<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, Vec<PartitionOption<'a>>> {
    let mut options = Vec::new();
    loop {
        let (rest, option) = partition_option(input)?;
        let Some(option) = option else { return Ok((input, options)) };
        options.push(option);
        input = rest;
    }
}

/// One option of a partition; `None` where there is none.
fn partition_option<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Option<PartitionOption<'a>>> {
    let next = input.skip(1);
    let (rest, option) = match input.word() {
        Keyword::STORAGE if next.is(Keyword::ENGINE) => {
            preceded(equal, name_or_string).map(PartitionOption::Engine).parse(next.skip(1))?
        }
        Keyword::ENGINE => preceded(equal, name_or_string).map(PartitionOption::Engine).parse(next)?,
        Keyword::COMMENT => preceded(equal, string).map(PartitionOption::Comment).parse(next)?,
        Keyword::DATA if next.is(Keyword::DIRECTORY) => {
            preceded(equal, string).map(PartitionOption::DataDirectory).parse(next.skip(1))?
        }
        Keyword::INDEX if next.is(Keyword::DIRECTORY) => {
            preceded(equal, string).map(PartitionOption::IndexDirectory).parse(next.skip(1))?
        }
        Keyword::MAX_ROWS => preceded(equal, integer).map(PartitionOption::MaxRows).parse(next)?,
        Keyword::MIN_ROWS => preceded(equal, integer).map(PartitionOption::MinRows).parse(next)?,
        Keyword::TABLESPACE => preceded(equal, name_or_string).map(PartitionOption::Tablespace).parse(next)?,
        Keyword::NODEGROUP => preceded(equal, integer).map(PartitionOption::Nodegroup).parse(next)?,
        _ if input.is_engine_option() => {
            let (rest, name) = name(input)?;
            let (rest, value) = preceded(equal, option_value).parse(rest)?;
            (rest, PartitionOption::Option(name, value))
        }
        Keyword::CONNECTION if input.is_mariadb() => {
            let (rest, name) = name(input)?;
            let (rest, value) = preceded(equal, option_value).parse(rest)?;
            (rest, PartitionOption::Option(name, value))
        }
        _ => return Ok((input, None)),
    };
    Ok((rest, Some(option)))
}

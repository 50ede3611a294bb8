//! What becomes of a table's partitioning: as few statements as keep the rows, and as little rewriting as the servers allow.
//!
//! MySQL 8.4 manual, section 26.3 "Partition Management". Each rule of the servers was tried on MySQL 9.7, MariaDB 10.11 and 11.8.

use super::alter::history;
use super::operation::Operation;
use crate::diff::{Drops, Partitions, Policies, TableDiff};
use crate::model::expression::Literal;
use crate::model::{Expr, Partition, PartitionMethod, PartitionOptions, PartitionValues, Partitioning};
use crate::source::Pair;

/// What happens to the rows of partitions that NEW lacks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lacking {
    /// They go with the partition, where nothing comes in its place.
    Drop,
    /// They go with the partition, also where others come at the other end: ranges that rotate.
    Rotate,
    /// They go to other partitions.
    Keep,
}

impl Lacking {
    /// What the policies say.
    pub(crate) const fn of(policies: &Policies) -> Self {
        match (policies.drop, policies.partitions) {
            (Drops::Skip, _) => Self::Keep,
            (Drops::Apply, Partitions::Rotate) => Self::Rotate,
            (Drops::Apply, Partitions::Apply | Partitions::Ignore) => Self::Drop,
        }
    }
}

/// The actions that lead from one partitioning to another.
pub(crate) fn partitioning<'a>(sides: Pair<Option<&'a Partitioning>>, lacking: Lacking) -> Vec<Operation<'a>> {
    let Some(new) = sides.new else { return vec![Operation::RemovePartitioning] };
    let whole = || vec![Operation::Partition(sides, new)];
    let Some(old) = sides.old else { return whole() };
    if !old.method.may_be(&new.method) || !same_division(old, new) {
        return whole();
    }
    let pair = Pair::new(old, new);
    let found = match new.method {
        PartitionMethod::Range(_) | PartitionMethod::RangeColumns(_) => ranges(pair, lacking),
        PartitionMethod::List(_) | PartitionMethod::ListColumns(_) => lists(pair, lacking),
        PartitionMethod::Hash { .. } | PartitionMethod::Key { .. } => hashes(pair),
        PartitionMethod::SystemTime(_) => histories(pair, lacking),
    };
    found.unwrap_or_else(whole)
}

/// The opposite of an action on partitions, which may stand in a statement of its own.
pub(crate) fn undo<'a>(sides: Pair<Option<&'a Partitioning>>, operation: &Operation<'a>) -> Vec<Operation<'a>> {
    match operation {
        // What was written to them meanwhile goes too.
        Operation::AddPartitions(new, added) if divides_by_value(&new.method) => {
            vec![Operation::DropPartitions(added.clone())]
        }
        // There is no way back from a drop.
        Operation::DropPartitions(_) => Vec::new(),
        // Ranges that rotate have a statement for either end.
        Operation::ReorganizePartitions(new, span) if is_by_range(&new.method) => {
            let Some(old) = sides.old else { return Vec::new() };
            let span = span.clone().reversed();
            vec![match (span.old.last(), span.new.last()) {
                (Some(last), Some(before)) if reaches_as_far(&last.values, &before.values) => {
                    Operation::ReorganizePartitions(old, span)
                }
                _ => Operation::Partition(sides.reversed(), old),
            }]
        }
        _ => partitioning(sides.reversed(), Lacking::Keep),
    }
}

/// The partitions that stay over a column that is dropped and added in one statement: no server takes it from under them
/// (MySQL 3855); and those of a history that ends as another one begins (MariaDB 4131).
pub(super) fn lifted<'a>(diff: &TableDiff<'a>, operations: &[Operation<'a>]) -> Option<Pair<&'a Partitioning>> {
    let sides = diff.tables.map(|table| table.partitioning.as_deref());
    let (Some(old), Some(new)) = (sides.old, sides.new) else { return None };
    let ends = operations.contains(&Operation::DropSystemVersioning);
    let mut lifted = ends && history::is_divided(diff.tables.old) && history::is_divided(diff.tables.new);
    if diff.partitioning.is_some() {
        return lifted.then_some(Pair::new(old, new));
    }
    old.columns(&mut |name| {
        let is_own = |o: &Operation<'_>| matches!(o, Operation::RemakeColumn { columns, .. } if columns.old.name.is(name.as_str()));
        lifted |= operations.iter().any(is_own);
    });
    lifted.then_some(Pair::new(old, new))
}

const fn is_by_range(method: &PartitionMethod) -> bool {
    matches!(method, PartitionMethod::Range(_) | PartitionMethod::RangeColumns(_))
}

/// Whether a partition holds the rows of some values, so that it can go with them.
const fn divides_by_value(method: &PartitionMethod) -> bool {
    match method {
        PartitionMethod::Range(_)
        | PartitionMethod::RangeColumns(_)
        | PartitionMethod::List(_)
        | PartitionMethod::ListColumns(_)
        | PartitionMethod::SystemTime(_) => true,
        PartitionMethod::Hash { .. } | PartitionMethod::Key { .. } => false,
    }
}

/// Whether both divide their partitions alike; a number that is not written is that of the listed ones.
fn same_division(old: &Partitioning, new: &Partitioning) -> bool {
    let number = |p: &Partitioning| {
        let listed = p.partitions.first().map_or(0, |first| first.subpartitions.len());
        p.subpartitioning.as_ref().map(|s| s.count.map_or(listed.max(1), |n| n as usize))
    };
    let method = |p: &Partitioning| p.subpartitioning.as_ref().map(|s| s.method.clone());
    let counted = |p: &Partitioning| p.subpartitioning.as_ref().is_some_and(|s| s.count.is_some());
    method(old) == method(new) && number(old) == number(new) && counted(old) == counted(new)
}

/// How many partitions are the same at both ends: the rest lies between.
#[derive(Clone, Copy)]
struct Ends {
    before: usize,
    behind: usize,
}

/// The partitions between the ends, on either side.
fn between<'a>(pair: Pair<&[&'a Partition]>, ends: Ends) -> Pair<Vec<&'a Partition>> {
    pair.map(|list| list[ends.before..list.len() - ends.behind].to_vec())
}

fn ends(pair: Pair<&[&Partition]>) -> Ends {
    let Pair { old, new } = pair;
    let before = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - before;
    let behind = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    Ends { before, behind }
}

/// The partitions of OLD that NEW lacks, if NEW has nothing else than the others, in their order.
fn merely_lacking<'a>(pair: Pair<&[&'a Partition]>) -> Option<Vec<&'a Partition>> {
    let mut left = pair.new;
    let mut gone = Vec::new();
    for partition in pair.old {
        match left {
            [next, rest @ ..] if next == partition => left = rest,
            _ => gone.push(*partition),
        }
    }
    (left.is_empty() && !pair.new.is_empty() && !gone.is_empty()).then_some(gone)
}

fn listed(partitioning: &Partitioning) -> Vec<&Partition> {
    partitioning.partitions.iter().collect()
}

/// REORGANIZE takes neighbours and keeps their range as a whole; the last one may reach farther (1519, 1520).
fn ranges<'a>(sides: Pair<&'a Partitioning>, lacking: Lacking) -> Option<Vec<Operation<'a>>> {
    let lists = sides.map(listed);
    let pair = lists.as_ref().map(Vec::as_slice);
    if lacking == Lacking::Rotate
        && let Some(first) = pair.old.iter().position(|p| pair.new.first() == Some(p)).filter(|first| *first > 0)
    {
        let kept = Pair::new(&pair.old[first..], pair.new);
        let gone = Operation::DropPartitions(pair.old[..first].to_vec());
        if kept.old == kept.new {
            return Some(vec![gone]);
        }
        // What comes goes first: new code may wait for it.
        let mut operations = reorganized_ranges(sides.new, kept)?;
        operations.push(gone);
        return Some(operations);
    }
    match merely_lacking(pair) {
        Some(gone) if lacking != Lacking::Keep => Some(vec![Operation::DropPartitions(gone)]),
        _ => reorganized_ranges(sides.new, pair),
    }
}

fn reorganized_ranges<'a>(partitioning: &'a Partitioning, pair: Pair<&[&'a Partition]>) -> Option<Vec<Operation<'a>>> {
    let mut ends = ends(pair);
    let span = between(pair, ends);
    if ends.behind > 0 && span.old.last().map(|p| &p.values) != span.new.last().map(|p| &p.values) {
        ends.behind -= 1;
    }
    let span = between(pair, ends);
    match (span.old.last(), span.new.last()) {
        (None, _) => Some(vec![Operation::AddPartitions(partitioning, span.new)]),
        (Some(old), Some(new)) if ends.behind > 0 || reaches_as_far(&old.values, &new.values) => {
            Some(vec![Operation::ReorganizePartitions(partitioning, span)])
        }
        (Some(_), _) => None,
    }
}

/// Whether a range is known to end where another does, or behind.
fn reaches_as_far(old: &PartitionValues, new: &PartitionValues) -> bool {
    let (PartitionValues::LessThan(old), PartitionValues::LessThan(new)) = (old, new) else { return false };
    for (old, new) in old.iter().zip(new) {
        match (old, new) {
            (Some(old), Some(new)) if old == new => {}
            (None, None) => {}
            (_, None) => return true,
            (None, _) => return false,
            (Some(old), Some(new)) => return is_greater(new, old),
        }
    }
    true
}

/// Whether a value is known to be greater than another of the same kind.
fn is_greater(value: &Expr, than: &Expr) -> bool {
    if let (Some(a), Some(b)) = (integer(value), integer(than)) {
        return a > b;
    }
    is_later(value, than)
}

fn integer(value: &Expr) -> Option<i128> {
    match value {
        Expr::Literal(Literal::Number(digits)) => digits.parse().ok(),
        Expr::Negative(inner) => integer(inner)?.checked_neg(),
        _ => None,
    }
}

/// Whether both are days in the common form, perhaps with a time, and one comes after the other.
fn is_later(value: &Expr, than: &Expr) -> bool {
    /// The form, with a zero for each digit.
    const FORM: &[u8] = b"0000-00-00 00:00:00.000000";
    fn moment(value: &Expr) -> Option<&str> {
        let Expr::Literal(Literal::String { text, .. }) = value else { return None };
        let as_form = |(a, b): (u8, &u8)| if *b == b'0' { a.is_ascii_digit() } else { a == *b };
        let plain = matches!(text.len(), 10 | 19 | 21..=26) && text.bytes().zip(FORM).all(as_form);
        let text = text.strip_suffix(" 00:00:00").unwrap_or(text);
        plain.then_some(text)
    }
    matches!((moment(value), moment(than)), (Some(a), Some(b)) if a > b)
}

/// REORGANIZE takes neighbours here too. A row whose value is no longer listed would be lost without a word (tried on all
/// three servers): then only PARTITION BY does, which fails over such a row (1526).
fn lists<'a>(sides: Pair<&'a Partitioning>, lacking: Lacking) -> Option<Vec<Operation<'a>>> {
    let lists = sides.map(listed);
    let pair = lists.as_ref().map(Vec::as_slice);
    if lacking != Lacking::Keep
        && let Some(gone) = merely_lacking(pair)
    {
        return Some(vec![Operation::DropPartitions(gone)]);
    }
    let default = pair.map(|list| list.iter().position(|p| p.values == PartitionValues::Default));
    let mut ends = ends(pair);
    let span = between(pair, ends);
    if span.old.is_empty() && ends.behind == 0 && default.old.is_none() {
        return Some(vec![Operation::AddPartitions(sides.new, span.new)]);
    }
    // The rows of a value that is listed anew are in the DEFAULT partition (MariaDB); those of one that no longer is go there.
    if let Some(at) = default.old {
        ends.before = ends.before.min(at);
        ends.behind = ends.behind.min(pair.old.len() - 1 - at);
    }
    let mut span = between(pair, ends);
    // MariaDB takes no DEFAULT partition alone (1653).
    let lacks_company = |span: &Pair<Vec<&Partition>>| {
        span.old.is_empty()
            || span.new.is_empty()
            || matches!(&span.new[..], [p] if p.values == PartitionValues::Default)
    };
    while lacks_company(&span) && ends.before + ends.behind > 0 {
        if ends.behind > 0 {
            ends.behind -= 1
        } else {
            ends.before -= 1
        }
        span = between(pair, ends);
    }
    (!lacks_company(&span) && lists_all(span.as_ref())).then(|| vec![Operation::ReorganizePartitions(sides.new, span)])
}

/// Whether every value of partitions is listed in others, or caught by them.
fn lists_all(span: Pair<&Vec<&Partition>>) -> bool {
    let catches = |list: &[&Partition]| list.iter().any(|p| p.values == PartitionValues::Default);
    let values = |list: &[&Partition]| -> Vec<Vec<Expr>> {
        let of = |p: &&Partition| match &p.values {
            PartitionValues::In(tuples) => tuples.clone(),
            PartitionValues::None
            | PartitionValues::LessThan(_)
            | PartitionValues::Default
            | PartitionValues::History
            | PartitionValues::Current => Vec::new(),
        };
        list.iter().flat_map(of).collect()
    };
    let have = values(span.new);
    catches(span.new) || !catches(span.old) && values(span.old).iter().all(|value| have.contains(value))
}

/// The number of HASH and KEY partitions changes at the end; REORGANIZE keeps it (1510).
fn hashes<'a>(sides: Pair<&'a Partitioning>) -> Option<Vec<Operation<'a>>> {
    let Pair { old, new } = sides;
    let number =
        |p: &Partitioning| if p.partitions.is_empty() { p.count.unwrap_or(1) } else { p.partitions.len() as u32 };
    let numbers = sides.map(number);
    if new.partitions.is_empty() {
        // A number that was never written cannot be taken back to that.
        if !old.partitions.is_empty() || new.count.is_none() {
            return None;
        }
        return Some(vec![if numbers.new > numbers.old {
            Operation::AddPartitionCount(numbers.new - numbers.old)
        } else if numbers.new < numbers.old {
            Operation::CoalescePartitions(numbers.old - numbers.new)
        } else {
            return None;
        }]);
    }
    // Partitions without names have had names all along.
    let unnamed: Vec<Partition> = (0..if old.partitions.is_empty() { numbers.old } else { 0 }).map(numbered).collect();
    let before: Vec<&Partition> = old.partitions.iter().chain(&unnamed).collect();
    let after = listed(new);
    let same = before.iter().zip(&after).all(|(a, b)| a == b);
    match numbers.new.cmp(&numbers.old) {
        std::cmp::Ordering::Greater if same => {
            Some(vec![Operation::AddPartitions(new, after[before.len()..].to_vec())])
        }
        std::cmp::Ordering::Less if same && unnamed.is_empty() => {
            Some(vec![Operation::CoalescePartitions(numbers.old - numbers.new)])
        }
        std::cmp::Ordering::Equal if unnamed.is_empty() => {
            let pair = Pair::new(before.as_slice(), after.as_slice());
            let ends = ends(pair);
            let span =
                Pair::new(listed(old), after.clone()).map(|list| list[ends.before..list.len() - ends.behind].to_vec());
            Some(vec![Operation::ReorganizePartitions(new, span)])
        }
        std::cmp::Ordering::Greater | std::cmp::Ordering::Less | std::cmp::Ordering::Equal => None,
    }
}

fn numbered(n: u32) -> Partition {
    Partition {
        name: format!("p{n}").as_str().into(),
        values: PartitionValues::None,
        options: PartitionOptions::default(),
        subpartitions: Vec::new(),
    }
}

/// History partitions come before the one of the present, and go with the history in them.
fn histories<'a>(sides: Pair<&'a Partitioning>, lacking: Lacking) -> Option<Vec<Operation<'a>>> {
    let Pair { old, new } = sides;
    if let (true, true, Some(before), Some(after)) =
        (old.partitions.is_empty(), new.partitions.is_empty(), old.count, new.count)
    {
        return (after > before).then(|| vec![Operation::AddPartitionCount(after - before)]);
    }
    let lists = sides.map(listed);
    let pair = lists.as_ref().map(Vec::as_slice);
    if lacking != Lacking::Keep
        && let Some(gone) = merely_lacking(pair)
    {
        return Some(vec![Operation::DropPartitions(gone)]);
    }
    let span = between(pair, ends(pair));
    let follows = pair.new.last().is_some_and(|last| pair.old.last() == Some(last))
        && span.old.is_empty()
        && ends(pair).behind == 1;
    follows.then(|| vec![Operation::AddPartitions(new, span.new)])
}

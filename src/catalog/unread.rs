//! Expressions and views that could not be read: they are compared as their tokens, and every one of them is reported. So
//! is every statement that runs what is not in the script.

use crate::model::{
    DefaultValue, Expr, KeyColumn, PartitionMethod, PartitionValues, Schema, Table, TableDefinition, TextObject,
    ViewBody,
};
use crate::preprocess::{Command, Kind, Statement};
use crate::source::{Location, Source, Span};

/// An expression or a view that is compared as text, or a statement that runs what is not seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gap {
    /// Where it stands.
    pub location: Location,
    /// Its text; of a view its name, and why; of a statement what it runs.
    pub text: String,
    /// What is missing.
    pub lack: Lack,
}

/// What is missing where something was not understood.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lack {
    /// The meaning of an expression or a view, which is compared word by word.
    Meaning,
    /// What a statement runs: a program, a prepared text, another file.
    Sight,
}

/// Texts longer than this are shown where their table's statement begins.
const SEARCHED: usize = 4096;
/// How much of a statement is shown, in characters.
const SHOWN: usize = 80;

/// All unread expressions of a schema, in the order of its tables.
pub(super) fn gaps(schema: &Schema, sources: &[Source]) -> impl Iterator<Item = Gap> {
    let may_have =
        |table: &&Table| !table.is_known_plain() && (table.has_expressions() || table.partitioning.is_some());
    let tables = schema.tables().map(|(_, table)| table).filter(may_have);
    let texts = tables.flat_map(|table| expressions(table).filter_map(unread).map(move |text| (table, text)));
    let gaps = texts.map(|(table, text)| Gap {
        location: place(table.location, text, sources),
        text: text.to_owned(),
        lack: Lack::Meaning,
    });
    gaps.chain(schema.databases.iter().flat_map(|database| database.objects.values()).filter_map(view))
}

/// A statement that runs others which the script does not show: a program, a prepared text, another file.
pub(super) fn unseen(statement: &Statement<'_>, location: Location) -> Option<Gap> {
    let word = statement.text.split(|byte| !byte.is_ascii_alphabetic()).next()?;
    let runs = match statement.kind {
        Kind::Data => word.eq_ignore_ascii_case(b"CALL"),
        Kind::Other(_) => word.eq_ignore_ascii_case(b"EXECUTE"),
        Kind::Client(command) => command == Command::Source,
        _ => false,
    };
    let text = || {
        let line = String::from_utf8_lossy(statement.text.split(|byte| *byte == b'\n').next().unwrap_or_default());
        let shown: String = line.trim().chars().take(SHOWN).collect();
        format!("{shown}: what it runs is not seen")
    };
    runs.then(|| Gap { location, text: text(), lack: Lack::Sight })
}

/// A view whose query is kept as text, and why.
fn view(object: &TextObject) -> Option<Gap> {
    match &object.view()?.body {
        // Of what the server refuses, the refusal is said.
        ViewBody::Text { number: Some(_), .. } | ViewBody::Query { .. } => None,
        ViewBody::Text { why, number: None, .. } => {
            let text = format!("view {}: {why}", object.name.quoted());
            Some(Gap { location: object.location, text, lack: Lack::Meaning })
        }
    }
}

/// A view that the server refuses: its number, why, and where.
pub(super) fn refused_views(schema: &Schema) -> impl Iterator<Item = (u16, String, Location)> {
    let objects = schema.databases.iter().flat_map(|database| database.objects.values());
    objects.filter_map(|object| match &object.view()?.body {
        ViewBody::Text { why, number, .. } => {
            Some(((*number)?, format!("view {}: {why}", object.name.quoted()), object.location))
        }
        ViewBody::Query { .. } => None,
    })
}

/// Unread text stands at the top of its tree, or not at all.
fn unread(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Tokens(text) => Some(text),
        _read => None,
    }
}

/// All expressions of a table, in the order in which it shows them.
pub(super) fn expressions(table: &TableDefinition) -> impl Iterator<Item = &Expr> {
    let columns = table.columns.iter().flat_map(|column| {
        let default = match &column.default {
            Some(DefaultValue::Expression(expression)) => Some(expression),
            Some(_) | None => None,
        };
        [default, column.generated.as_ref().map(|g| &g.expression), column.check.as_ref()].into_iter().flatten()
    });
    let keys = table.indexes.iter().flat_map(|index| &index.parts).filter_map(|part| match &part.column {
        KeyColumn::Expression(expression) => Some(expression),
        KeyColumn::Column(_) => None,
    });
    let checks = table.checks.iter().map(|check| &check.expression);
    let methods =
        table.partitioning.iter().flat_map(|p| [Some(&p.method), p.subpartitioning.as_ref().map(|s| &s.method)]);
    let functions = methods.flatten().filter_map(|method| match method {
        PartitionMethod::Hash { expression, .. }
        | PartitionMethod::Range(expression)
        | PartitionMethod::List(expression) => Some(expression),
        PartitionMethod::Key { .. }
        | PartitionMethod::RangeColumns(_)
        | PartitionMethod::ListColumns(_)
        | PartitionMethod::SystemTime(_) => None,
    });
    let values = table.partitioning.iter().flat_map(|p| &p.partitions).flat_map(|partition| match &partition.values {
        PartitionValues::LessThan(values) => values.iter().flatten().collect::<Vec<_>>(),
        PartitionValues::In(tuples) => tuples.iter().flatten().collect(),
        PartitionValues::None | PartitionValues::Default | PartitionValues::History | PartitionValues::Current => {
            Vec::new()
        }
    });
    columns.chain(keys).chain(checks).chain(functions).chain(values)
}

/// Where the text stands in the statement that made the table, blanks aside; else the statement.
fn place(statement: Location, text: &str, sources: &[Source]) -> Location {
    let within =
        sources.get(statement.source).and_then(|source| source.text.get(statement.span.start..statement.span.end));
    let found = within.filter(|_| text.len() <= SEARCHED).and_then(|within| find(within, text.as_bytes()));
    match found {
        Some((start, end)) => {
            let at = statement.span.start;
            Location { span: Span::new(at + start, at + end), ..statement }
        }
        None => statement,
    }
}

fn find(within: &[u8], text: &[u8]) -> Option<(usize, usize)> {
    let first = text.first()?;
    let starts = (0..within.len()).filter(|at| within[*at] == *first);
    starts.filter_map(|start| matched(&within[start..], text).map(|length| (start, start + length))).next()
}

/// How many bytes the text takes at the beginning of these.
fn matched(bytes: &[u8], text: &[u8]) -> Option<usize> {
    let mut at = 0;
    for wanted in text.iter().filter(|b| !b.is_ascii_whitespace()) {
        while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        if bytes.get(at) != Some(wanted) {
            return None;
        }
        at += 1;
    }
    Some(at)
}

//! Lint: what a schema has that is allowed and yet seldom meant.
//!
//! In: a schema that was read, with its sources. Out: findings at their places, and edits for those that can be mended without
//! a change in what the schema is for. One file a rule; [`RULES`] is the list. A comment `-- alterplan: allow RULE` on the line
//! of a finding, or on lines of comments right above it, silences it; above a statement, for the whole of it. No I/O.

mod levels;
mod place;
pub mod rules;

pub use levels::Levels;
pub use rules::RULES;

use crate::compare::Loaded;
use crate::model::{Column, Database, ForeignKey, Index, Schema, Table};
use crate::render::finding::{Finding, Level};
use crate::source::{Location, Span};
use crate::target::Target;

use place::Places;

/// A rule: what it finds and how.
pub struct Rule {
    /// Its name.
    pub id: &'static str,
    /// What it finds, in one sentence.
    pub summary: &'static str,
    /// Why that matters, and what to do.
    pub explanation: &'static str,
    /// How grave its findings are.
    pub level: Level,
    check: fn(&Subject<'_>, &mut Vec<Problem>),
}

/// What a rule looks at: a table and what is around it.
pub struct Subject<'a> {
    schema: &'a Schema,
    database: &'a Database,
    table: &'a Table,
    target: Target,
}

/// What a rule has found.
struct Problem {
    part: Part,
    message: String,
    remedy: Option<Remedy>,
}

/// The part of a table that a problem is about.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Table,
    Column(String),
    PrimaryKey,
    Key(String),
    Constraint(String),
}

/// How a problem is mended in the text.
enum Remedy {
    /// Without the element.
    Remove,
}

/// A change of a source's text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// Where.
    pub location: Location,
    /// What stands there then.
    pub text: String,
}

/// What lint says of a schema.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// The findings, by place.
    pub findings: Vec<Finding>,
    /// The edits that mend some of them; they do not overlap.
    pub edits: Vec<Edit>,
}

/// Looks at every table with every rule that is not off.
///
/// ```
/// use alterplan::{catalog::Session, compare::{self, Text}, lint, source::Source, target::Target};
///
/// let target = Target::DEFAULT;
/// let sql = "CREATE TABLE t (a int NOT NULL);\n-- alterplan: allow no-primary-key\nCREATE TABLE u (a int NOT NULL);";
/// let text = Text { sources: vec![Source::new("schema.sql", sql)], target, session: Session::of(target) };
/// let report = lint::lint(&compare::load(text), &lint::Levels::default());
/// let found: Vec<_> = report.findings.iter().map(|finding| (finding.rule, finding.at.as_deref())).collect();
/// assert_eq!(found, [("no-primary-key", Some("schema.sql:1"))]);
/// ```
pub fn lint(loaded: &Loaded, levels: &Levels) -> Report {
    let mut found = Vec::new();
    let mut edits = Vec::new();
    let schema = &loaded.script.schema;
    for (database, table) in schema.tables() {
        let subject = Subject { schema, database, table, target: loaded.text.target };
        let places = Places::of(loaded, table);
        for rule in RULES {
            let Some(level) = levels.of(rule) else { continue };
            let mut problems = Vec::new();
            (rule.check)(&subject, &mut problems);
            for problem in problems {
                let location = places.locate(&problem.part);
                if places.is_allowed(location, rule.id) {
                    continue;
                }
                if let Some(Remedy::Remove) = problem.remedy {
                    edits.extend(places.removal(&problem.part));
                }
                found.push((location, finding(rule, level, &subject, &problem, loaded.text.place(location))));
            }
        }
    }
    found.sort_by_key(|(location, finding)| (location.source, location.span, finding.rule));
    Report { findings: found.into_iter().map(|(_, finding)| finding).collect(), edits: apart(edits) }
}

fn finding(rule: &Rule, level: Level, subject: &Subject<'_>, problem: &Problem, at: String) -> Finding {
    let name = match &subject.database.name {
        Some(database) => format!("{database}.{}", subject.table.name),
        None => subject.table.name.to_string(),
    };
    Finding {
        level,
        rule: rule.id,
        title: format!("table {name}"),
        message: problem.message.clone(),
        at: Some(at).filter(|at| !at.is_empty()),
    }
}

/// Edits in order, without those that would touch what another has changed: they come with the next run.
fn apart(mut edits: Vec<Edit>) -> Vec<Edit> {
    edits.sort_by_key(|edit| (edit.location.source, edit.location.span));
    let mut end = (0, 0);
    edits.retain(|edit| {
        let Span { start, end: stop } = edit.location.span;
        let is_free = (edit.location.source, start) >= end;
        if is_free {
            end = (edit.location.source, stop);
        }
        is_free
    });
    edits
}

/// A source's text with the edits that are for it.
pub fn mended(text: &[u8], source: usize, edits: &[Edit]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    for edit in edits.iter().filter(|edit| edit.location.source == source) {
        out.extend_from_slice(&text[at..edit.location.span.start]);
        out.extend_from_slice(edit.text.as_bytes());
        at = edit.location.span.end;
    }
    out.extend_from_slice(&text[at..]);
    out
}

impl Subject<'_> {
    /// Columns of a table by a key's names.
    fn columns_of(&self, index: &Index) -> Vec<&Column> {
        index.columns().filter_map(|name| self.table.column(name.as_str())).map(|(_, column)| column).collect()
    }

    /// The columns of a foreign key, each with the one that it refers to, as far as that is known.
    fn references<'s>(&'s self, key: &'s ForeignKey) -> impl Iterator<Item = (&'s Column, &'s Column)> {
        let home = key.referenced_database.as_ref().or(self.database.name.as_ref());
        let parent = self
            .schema
            .database(home.map(|name| name.as_str()))
            .and_then(|database| database.tables.get(&key.referenced_table));
        let pairs = key.columns.iter().zip(&key.referenced_columns);
        pairs.filter_map(move |(child, referenced)| {
            let (_, child) = self.table.column(child.as_str())?;
            let (_, referenced) = parent?.column(referenced.as_str())?;
            Some((child, referenced))
        })
    }

    /// Whether a column is in a key of the table, or in a foreign key.
    fn is_keyed(&self, column: &Column) -> bool {
        self.table.indexes.iter().any(|index| index.columns().any(|name| *name == column.name))
    }
}

impl Problem {
    fn new(part: Part, message: impl Into<String>) -> Self {
        Self { part, message: message.into(), remedy: None }
    }

    fn of_table(message: impl Into<String>) -> Self {
        Self::new(Part::Table, message)
    }

    fn of_column(column: &Column, message: impl Into<String>) -> Self {
        Self::new(Part::Column(column.name.to_string()), message)
    }

    fn of_key(index: &Index, message: impl Into<String>) -> Self {
        let part = match index.kind {
            crate::model::IndexKind::Primary => Part::PrimaryKey,
            _ => Part::Key(index.name.to_string()),
        };
        Self::new(part, message)
    }
}

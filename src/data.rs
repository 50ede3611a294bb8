//! The user's own statements between a plan's phases: backfills and the like.
//!
//! In: a script, each of whose statements may have directives in the comments before it. Out: steps of a plan, with
//! [`Action::Data`]. What the statements do to rows is the user's; here they are only read and put in their place.
//!
//! ```text
//! -- alterplan: says fills the country of old customers
//! -- alterplan: probe SELECT 1 FROM customer WHERE country = '??' LIMIT 1
//! -- alterplan: inverse UPDATE customer SET country = NULL WHERE country = 'DE'
//! -- alterplan: phase contract
//! UPDATE customer SET country = 'DE' WHERE country IS NULL;
//! ```
//!
//! `says` is the line for people. The `probe` must find no row, or the step may not run. The `inverse` takes the statement
//! back; there may be several, in the order in which they run. A step is of `phase expand`, the last one before the new code
//! runs, unless it says `phase contract`: then it is the first one after. All of them may be left out.

use std::fmt;

use crate::catalog::{Catalog, Session};
use crate::document::{self, Action, At, Hazard, HazardKind, Inverse, Object, Phase, Plan, Step};
use crate::ident::Ident;
use crate::model::{Schema, Table};
use crate::preprocess::{Command, Kind, Lexis, statements};
use crate::source::Source;
use crate::syntax;
use crate::target::Target;

/// What begins a directive, after the comment's sign.
const DIRECTIVE: &str = "alterplan:";

/// A statement of the user's own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DataStep {
    /// The line for people.
    pub says: String,
    /// The statement, without terminator.
    pub sql: String,
    /// Before or after the new code runs.
    pub phase: Phase,
    /// A query that must find no row.
    pub probe: Option<String>,
    /// The statements that take it back, in order.
    pub inverse: Vec<String>,
    /// Where it stands, as `name:line`.
    pub at: String,
}

/// Why a script of data steps is not one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DataError {
    /// The source's name and the line.
    pub at: String,
    /// What is wrong there.
    pub problem: DataProblem,
}

/// What is wrong with a script of data steps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DataProblem {
    /// The text breaks off, or is no UTF-8.
    Unreadable(String),
    /// The statement does not read or write rows: its first words.
    NoData(String),
    /// There is no such directive.
    Directive(String),
    /// Directives with no statement behind them.
    Dangling,
    /// The statement names something that the plan takes away before it runs.
    Gone(String),
}

impl std::error::Error for DataError {}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.at)?;
        match &self.problem {
            DataProblem::Unreadable(why) => f.write_str(why),
            DataProblem::NoData(words) => {
                write!(f, "`{words} …` is no statement about rows; definitions belong in the schemas")
            }
            DataProblem::Directive(given) => {
                write!(f, "no directive `{given}`; there are says, probe, inverse, phase expand, phase contract")
            }
            DataProblem::Dangling => f.write_str("no statement follows the directive"),
            DataProblem::Gone(what) => write!(f, "{what} is gone by the time this statement runs"),
        }
    }
}

/// Reads a script of data steps.
///
/// ```
/// use alterplan::data::read;
/// use alterplan::document::Phase;
/// use alterplan::source::Source;
/// let script = "-- alterplan: inverse DELETE FROM currency\nINSERT INTO currency VALUES ('EUR');\n";
/// let steps = read(&Source::new("fill.sql", script), "mysql:8.4".parse().unwrap()).unwrap();
/// assert_eq!(steps[0].sql, "INSERT INTO currency VALUES ('EUR')");
/// assert_eq!(steps[0].inverse, ["DELETE FROM currency"]);
/// assert_eq!((steps[0].phase, steps[0].at.as_str()), (Phase::Expand, "fill.sql:2"));
/// ```
///
/// # Errors
/// The first statement that is not about rows, or directive that is none, with its line.
pub fn read(source: &Source, target: Target) -> Result<Vec<DataStep>, DataError> {
    let place = |offset: usize| format!("{}:{}", source.name, source.position(offset).line);
    let mut steps = Vec::new();
    for statement in statements(&source.text, target, Lexis::default()) {
        let statement = statement.map_err(|error| DataError {
            at: place(error.span.start),
            problem: DataProblem::Unreadable(error.to_string()),
        })?;
        let text = |start: usize, end: usize| {
            std::str::from_utf8(&source.text[start..end]).map_err(|_| DataError {
                at: place(start),
                problem: DataProblem::Unreadable("not valid UTF-8".to_owned()),
            })
        };
        let before = text(statement.span.start, statement.body.start)?;
        let at = place(statement.body.start);
        let blank = statement.body.start == statement.body.end;
        let wrong = |problem: DataProblem, line: usize| Err(DataError { at: place(line), problem });
        let mut step = DataStep {
            says: String::new(),
            sql: text(statement.body.start, statement.body.end)?.to_owned(),
            phase: Phase::Expand,
            probe: None,
            inverse: Vec::new(),
            at,
        };
        let mut offset = statement.span.start;
        for line in before.split_inclusive('\n') {
            let start = offset;
            offset += line.len();
            let comment = line.trim().strip_prefix("--").or_else(|| line.trim().strip_prefix('#'));
            let Some(given) = comment.and_then(|c| c.trim().strip_prefix(DIRECTIVE)) else { continue };
            if blank {
                return wrong(DataProblem::Dangling, start);
            }
            let given = given.trim().trim_end_matches(';');
            match given.split_once(char::is_whitespace).map(|(word, rest)| (word, rest.trim())) {
                Some(("says", rest)) => step.says = rest.to_owned(),
                Some(("probe", rest)) => step.probe = Some(rest.to_owned()),
                Some(("inverse", rest)) => step.inverse.push(rest.to_owned()),
                Some(("phase", "expand")) => step.phase = Phase::Expand,
                Some(("phase", "contract")) => step.phase = Phase::Contract,
                Some(_) | None => return wrong(DataProblem::Directive(given.to_owned()), start),
            }
        }
        match statement.kind {
            Kind::Blank => continue,
            Kind::Data => {}
            // What ends a statement for the client is no part of any.
            Kind::Client(Command::Delimiter) => continue,
            _ => {
                let words = step.sql.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
                return wrong(DataProblem::NoData(words), statement.body.start);
            }
        }
        if step.says.is_empty() {
            step.says = step.sql.split_whitespace().take(4).collect::<Vec<_>>().join(" ") + " …";
        }
        steps.push(step);
    }
    Ok(steps)
}

/// Holds the statements against what the plan takes away before they run: the tables of OLD that they name, and of those the
/// columns.
///
/// # Errors
/// The first statement that names a table, or a column of such a table, that no table has any more by then.
pub fn check(steps: &[DataStep], plan: &Plan, old: &Schema, target: Target) -> Result<(), DataError> {
    if steps.is_empty() {
        return Ok(());
    }
    let mut session = Session::of(target);
    session.sql_mode = session.sql_mode.lenient();
    let mut catalog = Catalog::with_schema(old.clone(), target, session);
    for step in plan.steps.iter().take_while(|step| step.phase == Phase::Expand) {
        // That the catalog takes it was proven.
        let _ = catalog.run_statement_in(document::settings(step.session.as_ref()), &step.sql);
    }
    let there = catalog.schema();
    for step in steps {
        let named = syntax::names(&step.sql, &catalog.reading());
        if let Some(what) = gone(&named, old, there) {
            return Err(DataError { at: step.at.clone(), problem: DataProblem::Gone(what) });
        }
    }
    Ok(())
}

/// What a statement names of a schema that another one lacks.
fn gone(named: &[Ident], old: &Schema, there: &Schema) -> Option<String> {
    let is_named = |name: &&Ident| named.iter().any(|word| word.is(name.as_str()));
    let still: Vec<&Table> = there.tables().map(|(_, table)| table).filter(|table| is_named(&&table.name)).collect();
    for (_, table) in old.tables().filter(|(_, table)| is_named(&&table.name)) {
        if !still.iter().any(|own| own.name == table.name) {
            return Some(format!("table {}", table.name.quoted()));
        }
        let mut columns = table.columns.iter().map(|column| &column.name).filter(is_named);
        if let Some(name) = columns.find(|name| still.iter().all(|own| own.column(name.as_str()).is_none())) {
            return Some(format!("column {} of table {}", name.quoted(), table.name.quoted()));
        }
    }
    None
}

/// Puts data steps between a plan's phases: those of expand behind its last step, those of contract before its first.
/// They leave the schema as it is, and so what the plan was proven to do.
pub fn insert(plan: &mut Plan, steps: &[DataStep]) {
    let between = plan.steps.iter().take_while(|step| step.phase == Phase::Expand).count();
    let after = plan.steps[..between].last().map_or_else(|| plan.from.clone(), |step| step.after.clone());
    let of = |phase: Phase| steps.iter().filter(move |step| step.phase == phase);
    let own: Vec<Step> =
        of(Phase::Expand).chain(of(Phase::Contract)).map(|step| document(step, after.clone())).collect();
    let shift = own.len() as u32;
    for step in &mut plan.steps[between..] {
        for id in step.depends_on.iter_mut().filter(|id| **id as usize > between) {
            *id += shift;
        }
    }
    plan.steps.splice(between..between, own);
    for (id, step) in (1..).zip(&mut plan.steps) {
        step.id = id;
    }
}

fn document(step: &DataStep, after: String) -> Step {
    let name = step.at.rsplit_once(':').map_or(step.at.as_str(), |(name, _)| name).to_owned();
    let has_inverse = !step.inverse.is_empty();
    Step {
        id: 0,
        phase: step.phase,
        object: Object { kind: "data".to_owned(), schema: None, name, old_name: None },
        action: Action::Data,
        changes: vec![step.says.clone()],
        sql: step.sql.clone(),
        session: None,
        algorithm: None,
        lock: None,
        rebuilds_table: false,
        hazards: step
            .probe
            .iter()
            .map(|probe| Hazard {
                kind: HazardKind::MayFail,
                reason: "the step's own probe finds a row".to_owned(),
                probe: Some(probe.clone()),
            })
            .collect(),
        inverse: has_inverse.then(|| Inverse { statements: step.inverse.clone(), session: None, hazards: Vec::new() }),
        irreversible: (!has_inverse).then(|| "no inverse is given for it".to_owned()),
        depends_on: Vec::new(),
        after,
        at: At { old: None, new: Some(step.at.clone()) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_are_the_clients() {
        let script = "DELIMITER //\nUPDATE t SET a = ';' // \ndelimiter ;\nDELETE FROM t;\n";
        let steps = read(&Source::new("d.sql", script), "mysql:8.4".parse().expect("a target")).expect("steps");
        let sql: Vec<&str> = steps.iter().map(|step| step.sql.as_str()).collect();
        assert_eq!(sql, ["UPDATE t SET a = ';'", "DELETE FROM t"]);
        assert_eq!(
            refused("source other.sql"),
            "d.sql:1: `source other.sql …` is no statement about rows; definitions belong in the schemas"
        );
    }

    fn refused(script: &str) -> String {
        read(&Source::new("d.sql", script), Target::DEFAULT).expect_err("refused").to_string()
    }

    #[test]
    fn directives_belong_to_the_statement_behind_them() {
        let script = "-- alterplan: phase contract\n# alterplan: says clears\n-- alterplan: probe SELECT 1\nDELETE FROM t;\n\nUPDATE t SET a = 1";
        let steps = read(&Source::new("d.sql", script), Target::DEFAULT).expect("two steps");
        let expected = DataStep {
            says: "clears".to_owned(),
            sql: "DELETE FROM t".to_owned(),
            phase: Phase::Contract,
            probe: Some("SELECT 1".to_owned()),
            inverse: Vec::new(),
            at: "d.sql:4".to_owned(),
        };
        assert_eq!(steps[0], expected);
        assert_eq!((steps[1].says.as_str(), steps[1].at.as_str()), ("UPDATE t SET a …", "d.sql:6"));
    }

    #[test]
    fn what_is_not_about_rows_is_refused() {
        assert_eq!(
            refused("UPDATE t SET a = 1;\nDROP TABLE t;"),
            "d.sql:2: `DROP TABLE …` is no statement about rows; definitions belong in the schemas"
        );
        assert_eq!(
            refused("-- alterplan: when ready\nDELETE FROM t"),
            "d.sql:1: no directive `when ready`; there are says, probe, inverse, phase expand, phase contract"
        );
        assert_eq!(refused("\n-- alterplan: says a\n"), "d.sql:2: no statement follows the directive");
    }
}

//! Suites of recorded plans: cases of two schemas each, and what is expected of them.
//!
//! In: a case's texts and options, and texts that were recorded. Out: the texts as they are now, how they differ, a
//! report. No I/O: the command line finds and writes files; a test suite may keep its expectations with `insta` instead.
//!
//! ```
//! use alterplan::snapshot::Case;
//!
//! let old = "CREATE TABLE users (id int PRIMARY KEY);";
//! let new = "CREATE TABLE users (id int PRIMARY KEY, last_login datetime);";
//! let outcome = Case::of_texts("last_login", old, new).run()?;
//! // In a test suite: insta::assert_snapshot!(outcome.sql());
//! assert!(outcome.sql().contains("ADD COLUMN `last_login` datetime DEFAULT NULL"));
//! # Ok::<(), alterplan::snapshot::CaseError>(())
//! ```

mod junit;

pub use junit::junit;

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use similar::TextDiff;

use crate::catalog::Session;
use crate::compare::{self, Loaded, Relax, Settings, Text};
use crate::diff::{Filter, Policies, RenameRequest};
use crate::document::Plan;
use crate::render;
use crate::source::{Pair, Source};
use crate::target::{Target, header};

/// Two schemas and how to compare them.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// The sources of both sides.
    pub sides: Pair<Vec<Source>>,
    /// How to compare them.
    pub options: Options,
}

/// `case.yaml`: the options of `diff`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// The server that both sides are read as; else what a dump's header says, else the usual one.
    pub target: Option<String>,
    /// The server that OLD comes from.
    pub old_target: Option<String>,
    /// The server that NEW comes from.
    pub new_target: Option<String>,
    /// Server variables.
    pub server: BTreeMap<String, String>,
    /// Policies.
    pub policies: BTreeMap<String, String>,
    /// Only objects that match one of these regular expressions.
    pub only: Vec<String>,
    /// No objects that match one of these.
    pub ignore: Vec<String>,
    /// Renames, as `--rename` takes them.
    pub renames: Vec<String>,
    /// The plan from NEW to OLD.
    pub reverse: bool,
    /// For readers.
    pub note: String,
}

/// A text that is recorded of a case.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum Recording {
    /// The plan as a script.
    Sql,
    /// The plan as a document.
    Json,
    /// What is wrong with the input.
    Error,
}

impl Recording {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sql, Self::Json, Self::Error];

    /// The file that holds it, in the case's folder.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Sql => "plan.sql",
            Self::Json => "plan.json",
            Self::Error => "error.txt",
        }
    }
}

/// What a case comes to: a plan, or what a server would refuse in its input.
#[derive(Clone, Debug)]
pub struct Outcome(Result<Plan, String>);

/// What is wrong with a case itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaseError(String);

impl fmt::Display for CaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CaseError {}

impl Options {
    /// Reads a `case.yaml`.
    ///
    /// # Errors
    /// What is no YAML, and keys that are no options.
    pub fn parse(yaml: &str) -> Result<Self, CaseError> {
        serde_yaml::from_str(yaml).map_err(|why| CaseError(format!("case.yaml: {why}")))
    }
}

impl Case {
    /// A case of two texts, with all options as usual.
    pub fn of_texts(name: &str, old: &str, new: &str) -> Self {
        let sides = Pair::new(vec![Source::new("old.sql", old)], vec![Source::new("new.sql", new)]);
        Self { name: name.to_owned(), sides, options: Options::default() }
    }

    /// Compares the two schemas.
    ///
    /// # Errors
    /// Options that mean nothing. Input that a server would refuse is an outcome, which may be recorded; so is a plan that
    /// does not hold.
    pub fn run(&self) -> Result<Outcome, CaseError> {
        let wrong = |what: &str, why: &dyn fmt::Display| CaseError(format!("case.yaml: {what}: {why}"));
        let options = &self.options;
        let mut policies = Policies::default();
        for (key, value) in &options.policies {
            policies.set(&format!("{key}={value}")).map_err(|why| wrong("policies", &why))?;
        }
        let filter = Filter::new(&options.only, &options.ignore).map_err(|why| wrong("only, ignore", &why))?;
        let (targets, target) = self.targets()?;
        let mut renames = Vec::new();
        for rename in &options.renames {
            let rename: RenameRequest = rename.parse().map_err(|why| wrong("renames", &why))?;
            renames.push(if options.reverse { rename.reversed() } else { rename });
        }
        let text = |sources: &[Source], target: Target| {
            let mut session = Session::of(target);
            for (name, value) in &options.server {
                session.set(name, value, target).map_err(|why| wrong("server", &why))?;
            }
            Ok(Text { sources: sources.to_vec(), target, session })
        };
        let texts = Pair { old: text(&self.sides.old, targets.old)?, new: text(&self.sides.new, targets.new)? };
        let relax = if options.server.contains_key("sql_mode") { Relax::No } else { Relax::IfNeeded };
        let (sides, _) = compare::load_pair(texts, relax);
        let refusals: String = [&sides.old, &sides.new].into_iter().map(refusals).collect();
        if !refusals.is_empty() {
            return Ok(Outcome(Err(refusals)));
        }
        let server = options.server.clone();
        let settings = Settings { target, server, policies, filter, renames, fingerprints: true };
        let sides = if options.reverse { sides.as_ref().reversed() } else { sides.as_ref() };
        let plan = compare::compare(sides, &settings).map_err(|why| format!("no plan: {why}\n"));
        Ok(Outcome(plan))
    }

    /// The targets of both sides and of the plan, chosen as `diff` chooses them.
    fn targets(&self) -> Result<(Pair<Target>, Target), CaseError> {
        let given = |name: &str, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|why| CaseError(format!("case.yaml: {name}: {why}"))),
        };
        let options = &self.options;
        let both: Option<Target> = given("target", &options.target)?;
        let of_header = |sources: &[Source]| sources.iter().find_map(|s| header::read(&s.text)).map(|h| h.target);
        let old = given("old_target", &options.old_target)?.or(both).or_else(|| of_header(&self.sides.old));
        let new = given("new_target", &options.new_target)?.or(both).or_else(|| of_header(&self.sides.new));
        let sides = Pair { old: old.or(new).unwrap_or(Target::DEFAULT), new: new.or(old).unwrap_or(Target::DEFAULT) };
        Ok((sides, both.unwrap_or(sides.old)))
    }
}

/// What a server would refuse on a side, a line each: `file:line:column: error[1060]: …`.
fn refusals(side: &Loaded) -> String {
    let line = |error: &crate::catalog::script::ScriptError| {
        let number = error.number.map(|number| format!("[{number}]")).unwrap_or_default();
        let place = side.text.sources.get(error.location.source).map(|source| {
            let place = source.position(error.location.span.start);
            format!("{}:{}:{}: ", source.name, place.line, place.column)
        });
        format!("{}error{number}: {}\n", place.unwrap_or_default(), error.message)
    };
    side.script.errors.iter().map(line).collect()
}

impl Outcome {
    /// The plan, where there is one.
    pub fn plan(&self) -> Option<&Plan> {
        self.0.as_ref().ok()
    }

    /// The plan as a script; empty without differences, and where the input was refused.
    pub fn sql(&self) -> String {
        self.plan().map(render::sql).unwrap_or_default()
    }

    /// The text of a recording as it is now; `None` where this outcome has none of that kind.
    pub fn recording(&self, recording: Recording) -> Option<String> {
        match (recording, &self.0) {
            (Recording::Sql, Ok(plan)) => Some(render::sql(plan)),
            (Recording::Json, Ok(plan)) => Some(render::json(plan)),
            (Recording::Error, Err(refusals)) => Some(refusals.clone()),
            (Recording::Sql | Recording::Json, Err(_)) | (Recording::Error, Ok(_)) => None,
        }
    }

    /// The recordings to keep of this outcome, by those that a case has already: the script or the error always, the
    /// document where it was wanted before.
    pub fn recordings(&self, there: &[Recording]) -> Vec<Recording> {
        match &self.0 {
            Ok(_) if there.contains(&Recording::Json) && there.contains(&Recording::Sql) => {
                vec![Recording::Sql, Recording::Json]
            }
            Ok(_) if there.contains(&Recording::Json) => vec![Recording::Json],
            Ok(_) => vec![Recording::Sql],
            Err(_) => vec![Recording::Error],
        }
    }

    /// How this outcome differs from what was recorded: a unified diff for each text, nothing where it does not.
    pub fn differences(&self, recorded: &BTreeMap<Recording, String>) -> Vec<String> {
        if recorded.is_empty() {
            return vec!["nothing is recorded yet".to_owned()];
        }
        let wanted = recorded.iter().map(|(recording, text)| (*recording, Some(text.as_str())));
        // An outcome of the other kind has a text that nobody expected.
        let there: Vec<Recording> = recorded.keys().copied().collect();
        let unexpected = self.recordings(&there).into_iter().filter(|r| !recorded.contains_key(r)).map(|r| (r, None));
        wanted
            .chain(unexpected)
            .filter_map(|(recording, wanted)| {
                let now = self.recording(recording);
                let name = recording.file_name();
                (wanted != now.as_deref()).then(|| {
                    let (wanted, now) = match (wanted, now) {
                        (Some(""), None) => return format!("`{name}` is no longer"),
                        (wanted, now) => (wanted.unwrap_or_default(), now.unwrap_or_default()),
                    };
                    let names = (format!("{name} (recorded)"), format!("{name} (now)"));
                    TextDiff::from_lines(wanted, &now).unified_diff().header(&names.0, &names.1).to_string()
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "CREATE TABLE t (a int);";

    fn recorded(recording: Recording, text: &str) -> BTreeMap<Recording, String> {
        BTreeMap::from([(recording, text.to_owned())])
    }

    #[test]
    fn an_outcome_is_held_against_what_was_recorded() -> Result<(), CaseError> {
        let outcome = Case::of_texts("same", TABLE, TABLE).run()?;
        assert_eq!(outcome.differences(&recorded(Recording::Sql, "")), [""; 0]);
        assert_eq!(outcome.differences(&BTreeMap::new()), ["nothing is recorded yet"]);
        assert_eq!(
            outcome.differences(&recorded(Recording::Sql, "DROP TABLE t;\n")),
            ["--- plan.sql (recorded)\n+++ plan.sql (now)\n@@ -1 +0,0 @@\n-DROP TABLE t;\n"]
        );
        Ok(())
    }

    #[test]
    fn refused_input_is_an_outcome() -> Result<(), CaseError> {
        let outcome = Case::of_texts("twice", TABLE, "CREATE TABLE t (a int, a int);").run()?;
        let error = "new.sql:1:24: error[1060]: duplicate column name 'a'\n";
        assert_eq!(outcome.differences(&recorded(Recording::Error, error)), [""; 0]);
        let other_kind = ["`plan.sql` is no longer", "--- error.txt (recorded)\n+++ error.txt (now)\n@@ -0,0 +1 @@\n+"];
        let found = outcome.differences(&recorded(Recording::Sql, ""));
        assert_eq!(found, [other_kind[0].to_owned(), format!("{}{error}", other_kind[1])]);
        assert_eq!(outcome.recordings(&[Recording::Sql]), [Recording::Error]);
        Ok(())
    }

    #[test]
    fn options_that_mean_nothing_are_errors() {
        let of = |yaml: &str| {
            let options = Options::parse(yaml)?;
            Case { options, ..Case::of_texts("x", TABLE, TABLE) }.run().map(|_| ())
        };
        let says = |yaml: &str| of(yaml).map_err(|why| why.to_string().lines().next().unwrap_or_default().to_owned());
        let wrong = |text: &str| Err(text.to_owned());
        assert_eq!(says("target: mysql:9.7\nnote: why"), Ok(()));
        assert_eq!(says("only: ['(']"), wrong("case.yaml: only, ignore: regex parse error:"));
        let drop = "case.yaml: policies: policy `drop` takes apply, skip, not `maybe`";
        assert_eq!(says("policies: {drop: maybe}"), wrong(drop));
        let timestamp = "case.yaml: server: `explicit_defaults_for_timestamp` takes ON or OFF, not `2`";
        assert_eq!(says("server: {explicit_defaults_for_timestamp: '2'}"), wrong(timestamp));
        let target = "case.yaml: target: unsupported target `postgres:17`; the nearest supported one is `mysql:8.4`";
        assert_eq!(says("target: postgres:17"), wrong(target));
        let unknown =
            of("targt: mysql:9.7").map_err(|why| why.to_string().starts_with("case.yaml: unknown field `targt`, "));
        assert_eq!(unknown, Err(true));
    }
}

//! The shortest way: two texts in, a plan out, with every setting at its default.

use std::collections::BTreeMap;
use std::fmt;

use super::{NoPlan, Relax, Settings, Text, compare, load_pair};
use crate::catalog::Session;
use crate::diff::{Filter, Policies};
use crate::document::Plan;
use crate::proof::Disproof;
use crate::source::{Pair, Source};
use crate::target::Target;

/// Makes the plan from one script to another, both read as the target would read them.
///
/// ```
/// use alterplan::compare_texts;
/// let plan = compare_texts("create table t (a int)", "create table t (a bigint)", "mysql:8.4".parse()?)?;
/// assert_eq!(plan.steps[0].sql, "ALTER TABLE `t`\n  MODIFY COLUMN `a` bigint DEFAULT NULL");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// What the server would refuse, with its places.
///
/// ```
/// use alterplan::compare_texts;
/// let refused = compare_texts("create table t (a int, a int)", "", "mysql:8.4".parse()?);
/// assert_eq!(refused.map_err(|why| why.to_string()), Err("old:1:24: duplicate column name 'a'".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn compare_texts(old: &str, new: &str, target: Target) -> Result<Plan, CompareError> {
    let text =
        |name: &str, sql: &str| Text { sources: vec![Source::new(name, sql)], target, session: Session::of(target) };
    let (sides, _) = load_pair(Pair::new(text("old", old), text("new", new)), Relax::IfNeeded);
    let mut refused = Vec::new();
    for side in [&sides.old, &sides.new] {
        for error in &side.script.errors {
            let source = &side.text.sources[error.location.source];
            let place = source.position(error.location.span.start);
            refused.push(format!("{}:{}:{}: {}", source.name, place.line, place.column, error.message));
        }
    }
    if !refused.is_empty() {
        return Err(CompareError::Refused(refused));
    }
    let settings = Settings {
        target,
        server: BTreeMap::new(),
        policies: Policies::default(),
        filter: Filter::default(),
        renames: Vec::new(),
        fingerprints: true,
    };
    compare(sides.as_ref(), &settings).map_err(|none| match none {
        NoPlan::Renames(errors) => CompareError::Refused(errors.iter().map(ToString::to_string).collect()),
        NoPlan::Foreign(foreign) => {
            CompareError::Refused(foreign.iter().map(|f| format!("{}: {}", f.object, f.message)).collect())
        }
        NoPlan::Disproved(disproof) => CompareError::Disproved(Box::new(disproof)),
    })
}

/// Why there is no plan.
#[derive(Debug)]
pub enum CompareError {
    /// What the server would refuse in either text: `name:line:column: message`.
    Refused(Vec<String>),
    /// A defect of this library: the plan does not lead to NEW.
    Disproved(Box<Disproof>),
}

impl fmt::Display for CompareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refused) => f.write_str(&refused.join("\n")),
            Self::Disproved(disproof) => write!(f, "the plan does not hold: {disproof}"),
        }
    }
}

impl std::error::Error for CompareError {}

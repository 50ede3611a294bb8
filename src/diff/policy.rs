//! Policies and filters: what a comparison counts, and which objects it looks at.

use std::fmt;
use std::str::FromStr;

use regex::Regex;

/// What a comparison counts and what a plan may do: one field a key of `--policy`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Policies {
    /// `auto_increment`: counters of AUTO_INCREMENT.
    pub auto_increment: Counter,
    /// `column_order`: the order of a table's columns.
    pub column_order: Count,
    /// `index_order`: the order of a table's keys; ignored by default.
    pub index_order: IndexOrder,
    /// `constraint_names`: the names of foreign keys and checks.
    pub constraint_names: Names,
    /// `comments`: comments of tables, columns and keys.
    pub comments: Count,
    /// `partitions`: how tables are partitioned.
    pub partitions: Partitions,
    /// `definer`: DEFINER of views and stored programs; ignored by default.
    pub definer: Definer,
    /// `rename`: what is taken for a rename.
    pub rename: Renames,
    /// `drop`: whether what NEW lacks is dropped.
    pub drop: Drops,
    /// `online`: how far a plan must be online.
    pub online: Online,
    /// `phases`: what becomes of steps that break the old code.
    pub phases: Phases,
}

/// What becomes of AUTO_INCREMENT counters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Counter {
    /// They do not count.
    #[default]
    Ignore,
    /// Raised, never lowered.
    ApplyIfHigher,
    /// Set to NEW's.
    Apply,
}

/// Whether a difference counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Count {
    /// It counts.
    #[default]
    Apply,
    /// It is set aside.
    Ignore,
}

/// What becomes of partitions that differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Partitions {
    /// They become NEW's. A partition that NEW merely lacks is dropped; where others come in its place, its rows find a home.
    #[default]
    Apply,
    /// They are set aside.
    Ignore,
    /// They become NEW's, and ranges rotate: the first that NEW lacks are dropped with their rows, also where others come at the end.
    Rotate,
}

/// Whether the order of keys counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum IndexOrder {
    /// It is set aside.
    #[default]
    Ignore,
    /// Keys are dropped and added until the order is NEW's.
    Apply,
}

/// Whether the names of constraints count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Names {
    /// Another name is another constraint.
    #[default]
    Strict,
    /// Constraints are paired by what they say.
    Ignore,
}

/// Whether DEFINER counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Definer {
    /// It does not.
    #[default]
    Ignore,
    /// It does.
    Apply,
}

/// What is taken for a rename.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Renames {
    /// Only what the user says.
    #[default]
    Hints,
    /// Also one thing that went and one of the same definition that came.
    Detect,
    /// Nothing.
    Off,
}

/// Whether what NEW lacks is dropped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Drops {
    /// It is.
    #[default]
    Apply,
    /// It stays, and is listed in `set_aside`.
    Skip,
}

/// How far a plan must be online.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Online {
    /// As the server does it by itself.
    #[default]
    Any,
    /// What is instant goes first, in a statement of its own, where the rest of the ALTER is not.
    Prefer,
    /// As [`Online::Prefer`], and a plan that copies a table is refused.
    Require,
}

/// What becomes of steps that break the old code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Phases {
    /// They are marked.
    #[default]
    Mark,
    /// They are split, so that old and new code run between the phases.
    Split,
}

/// A policy that is not one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PolicyError {
    /// There is no `=`.
    Shape(String),
    /// There is no such key.
    Key(String),
    /// The key takes other values.
    Value {
        /// The key.
        key: &'static str,
        /// What was given.
        given: String,
        /// What it takes.
        values: &'static [&'static str],
    },
}

impl std::error::Error for PolicyError {}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(given) => write!(f, "a policy is KEY=VALUE, not `{given}`"),
            Self::Key(given) => {
                write!(f, "no policy `{given}`; there are {}", Policies::KEYS.map(|(key, _)| key).join(", "))
            }
            Self::Value { key, given, values } => {
                write!(f, "policy `{key}` takes {}, not `{given}`", values.join(", "))
            }
        }
    }
}

impl Policies {
    /// Every key with its values, the default first.
    pub const KEYS: [(&'static str, &'static [&'static str]); 11] = [
        ("auto_increment", &["ignore", "apply-if-higher", "apply"]),
        ("column_order", &["apply", "ignore"]),
        ("index_order", &["ignore", "apply"]),
        ("constraint_names", &["strict", "ignore"]),
        ("comments", &["apply", "ignore"]),
        ("partitions", &["apply", "ignore", "rotate"]),
        ("definer", &["ignore", "apply"]),
        ("rename", &["hints", "detect", "off"]),
        ("drop", &["apply", "skip"]),
        ("online", &["any", "prefer", "require"]),
        ("phases", &["mark", "split"]),
    ];

    /// Takes one `KEY=VALUE`.
    ///
    /// ```
    /// use alterplan::diff::{Count, Policies};
    /// let mut policies = Policies::default();
    /// policies.set("comments=ignore")?;
    /// assert_eq!(policies.comments, Count::Ignore);
    /// # Ok::<(), alterplan::diff::PolicyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// An unknown key or value.
    pub fn set(&mut self, given: &str) -> Result<(), PolicyError> {
        let (key, value) = given.split_once('=').ok_or_else(|| PolicyError::Shape(given.to_owned()))?;
        let (key, values) =
            Self::KEYS.into_iter().find(|(k, _)| *k == key).ok_or_else(|| PolicyError::Key(key.to_owned()))?;
        let value = values.iter().copied().find(|v| *v == value).ok_or_else(|| PolicyError::Value {
            key,
            given: value.to_owned(),
            values,
        })?;
        let count = if value == "ignore" { Count::Ignore } else { Count::Apply };
        match (key, value) {
            ("auto_increment", "ignore") => self.auto_increment = Counter::Ignore,
            ("auto_increment", "apply") => self.auto_increment = Counter::Apply,
            ("auto_increment", _) => self.auto_increment = Counter::ApplyIfHigher,
            ("column_order", _) => self.column_order = count,
            ("index_order", "apply") => self.index_order = IndexOrder::Apply,
            ("index_order", _) => self.index_order = IndexOrder::Ignore,
            ("constraint_names", "ignore") => self.constraint_names = Names::Ignore,
            ("constraint_names", _) => self.constraint_names = Names::Strict,
            ("comments", _) => self.comments = count,
            ("partitions", "ignore") => self.partitions = Partitions::Ignore,
            ("partitions", "rotate") => self.partitions = Partitions::Rotate,
            ("partitions", _) => self.partitions = Partitions::Apply,
            ("definer", "apply") => self.definer = Definer::Apply,
            ("definer", _) => self.definer = Definer::Ignore,
            ("rename", "off") => self.rename = Renames::Off,
            ("rename", "detect") => self.rename = Renames::Detect,
            ("rename", _) => self.rename = Renames::Hints,
            ("drop", "skip") => self.drop = Drops::Skip,
            ("drop", _) => self.drop = Drops::Apply,
            ("online", "prefer") => self.online = Online::Prefer,
            ("online", "require") => self.online = Online::Require,
            ("online", _) => self.online = Online::Any,
            ("phases", "split") => self.phases = Phases::Split,
            ("phases", _) => self.phases = Phases::Mark,
            (_, _) => {}
        }
        Ok(())
    }

    /// All policies in force, in the order of the command line's list.
    pub fn entries(&self) -> [(&'static str, &'static str); 11] {
        let count = |c: Count| match c {
            Count::Apply => "apply",
            Count::Ignore => "ignore",
        };
        [
            (
                "auto_increment",
                match self.auto_increment {
                    Counter::Ignore => "ignore",
                    Counter::ApplyIfHigher => "apply-if-higher",
                    Counter::Apply => "apply",
                },
            ),
            ("column_order", count(self.column_order)),
            (
                "index_order",
                match self.index_order {
                    IndexOrder::Ignore => "ignore",
                    IndexOrder::Apply => "apply",
                },
            ),
            (
                "constraint_names",
                match self.constraint_names {
                    Names::Strict => "strict",
                    Names::Ignore => "ignore",
                },
            ),
            ("comments", count(self.comments)),
            (
                "partitions",
                match self.partitions {
                    Partitions::Apply => "apply",
                    Partitions::Ignore => "ignore",
                    Partitions::Rotate => "rotate",
                },
            ),
            (
                "definer",
                match self.definer {
                    Definer::Ignore => "ignore",
                    Definer::Apply => "apply",
                },
            ),
            (
                "rename",
                match self.rename {
                    Renames::Hints => "hints",
                    Renames::Detect => "detect",
                    Renames::Off => "off",
                },
            ),
            (
                "drop",
                match self.drop {
                    Drops::Apply => "apply",
                    Drops::Skip => "skip",
                },
            ),
            (
                "online",
                match self.online {
                    Online::Any => "any",
                    Online::Prefer => "prefer",
                    Online::Require => "require",
                },
            ),
            (
                "phases",
                match self.phases {
                    Phases::Mark => "mark",
                    Phases::Split => "split",
                },
            ),
        ]
    }
}

impl FromStr for Policies {
    type Err = PolicyError;

    /// Reads `KEY=VALUE`, several of them separated by commas.
    fn from_str(given: &str) -> Result<Self, PolicyError> {
        let mut policies = Self::default();
        given.split(',').filter(|part| !part.is_empty()).try_for_each(|part| policies.set(part.trim()))?;
        Ok(policies)
    }
}

impl fmt::Display for Policies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (key, value)) in self.entries().into_iter().enumerate() {
            write!(f, "{}{key}={value}", if i == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

/// Which objects a comparison looks at: regular expressions over their names.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only objects that match one of these; empty: all.
    pub only: Vec<Regex>,
    /// Not objects that match one of these.
    pub ignore: Vec<Regex>,
}

impl Filter {
    /// Compiles both lists.
    ///
    /// # Errors
    /// The first one that is no regular expression.
    pub fn new(only: &[String], ignore: &[String]) -> Result<Self, regex::Error> {
        let compile = |list: &[String]| list.iter().map(|pattern| Regex::new(pattern)).collect::<Result<Vec<_>, _>>();
        Ok(Self { only: compile(only)?, ignore: compile(ignore)? })
    }

    /// Whether an object of that name is compared.
    pub fn takes(&self, name: &str) -> bool {
        (self.only.is_empty() || self.only.iter().any(|r| r.is_match(name)))
            && !self.ignore.iter().any(|r| r.is_match(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_read_written_and_shown() {
        for (key, values) in Policies::KEYS {
            for value in values {
                let given = format!("{key}={value}");
                let policies = given.parse::<Policies>().expect("a value of the list");
                assert!(policies.entries().contains(&(key, value)), "{given}");
            }
        }
        assert_eq!(Policies::default().to_string().parse(), Ok(Policies::default()));
    }

    #[test]
    fn errors_say_what_there_is() {
        let mut policies = Policies::default();
        let said = |error: Result<(), PolicyError>| error.map_err(|e| e.to_string());
        assert_eq!(said(policies.set("comments")), Err("a policy is KEY=VALUE, not `comments`".to_owned()));
        assert_eq!(
            said(policies.set("comments=no")),
            Err("policy `comments` takes apply, ignore, not `no`".to_owned())
        );
    }
}

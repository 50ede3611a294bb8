//! The plan as a document: what is written to json and yaml, and read back by those who execute it.
//!
//! One set of types serves the engine, which fills them, the views, which show them, and the
//! edges, which execute them. Field names, their order and their values are a published contract:
//! an unknown field is refused, `null` is JSON's null.

mod permit;

use std::collections::BTreeMap;

pub use permit::{Exemption, Permit};
use serde::{Deserialize, Serialize};

/// The JSON Schema of the plan, made of the types that read and write it.
#[cfg(feature = "schema")]
pub fn schema() -> String {
    format!("{:#}\n", schemars::schema_for!(Plan).to_value())
}

/// A migration plan: its steps stand in execution order, every `expand` before every `contract`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// `alterplan-plan`.
    pub format: String,
    /// Version of the format: 1.
    pub version: u32,
    /// The server that the plan is written for, as `vendor:version`.
    pub target: String,
    /// The server whose rules OLD was read by.
    pub old_target: String,
    /// The server whose rules NEW was read by.
    pub new_target: String,
    /// Server variables that both sides were read with.
    pub server: BTreeMap<String, String>,
    /// The session that the statements need.
    pub session: Session,
    /// All policies in force.
    pub policies: BTreeMap<String, String>,
    /// What was compared at all.
    pub filters: Filters,
    /// Fingerprint of OLD under filters and policies.
    pub from: String,
    /// Fingerprint of what the plan leaves.
    pub to: String,
    /// The statements with all that a reviewer wants to know of each.
    pub steps: Vec<Step>,
    /// What was taken for a rename.
    pub renames: Vec<Rename>,
    /// What was seen and left out by a policy.
    pub set_aside: Vec<SetAside>,
    /// What could not be understood.
    pub not_understood: Vec<NotUnderstood>,
}

impl Plan {
    /// The name of the format.
    pub const FORMAT: &'static str = "alterplan-plan";
    /// The version of the format.
    pub const VERSION: u32 = 1;

    /// Reads a plan from JSON or YAML.
    ///
    /// # Errors
    /// Says what is wrong and where: no plan, another version, an unknown or missing field.
    pub fn read(text: &str) -> Result<Self, String> {
        let plan: Self = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|why| why.to_string())
        } else {
            serde_yaml::from_str(text).map_err(|why| why.to_string())
        }?;
        if plan.format != Self::FORMAT {
            return Err(format!("its format is `{}`, not `{}`", plan.format, Self::FORMAT));
        }
        if plan.version != Self::VERSION {
            return Err(format!("its version is {}, and this program knows {}", plan.version, Self::VERSION));
        }
        Ok(plan)
    }
}

/// The session that a plan's statements need.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// `sql_mode`, comma separated.
    pub sql_mode: String,
    /// The connection's charset.
    pub character_set: String,
    /// `foreign_key_checks`.
    pub foreign_key_checks: bool,
}

/// Filters: regular expressions over object names.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Filters {
    /// Only objects that match one of these are compared; empty: all.
    pub only: Vec<String>,
    /// Objects that match one of these are not compared.
    pub ignore: Vec<String>,
}

/// One statement of a plan.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its number, from 1.
    pub id: u32,
    /// Before or after the new code runs.
    pub phase: Phase,
    /// What it is about.
    pub object: Object,
    /// What it does with it.
    pub action: Action,
    /// One line for people for each change that it makes.
    pub changes: Vec<String>,
    /// Exactly one statement, without terminator.
    pub sql: String,
    /// What the statement is to find set besides the plan's session, where its server keeps that with a program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<ProgramSession>,
    /// The algorithm that the target chooses by itself; `None`: not an ALTER.
    pub algorithm: Option<Algorithm>,
    /// The lock that the target takes by itself; `None`: not an ALTER.
    pub lock: Option<Lock>,
    /// Whether the whole table is written anew.
    pub rebuilds_table: bool,
    /// What it can cost.
    pub hazards: Vec<Hazard>,
    /// How it is taken back; `None`: not at all, and `irreversible` says why.
    pub inverse: Option<Inverse>,
    /// Why it cannot be taken back.
    pub irreversible: Option<String>,
    /// Numbers of earlier steps that it needs.
    pub depends_on: Vec<u32>,
    /// Fingerprint of the schema after it.
    pub after: String,
    /// Where its object is defined.
    pub at: At,
}

/// Places of an object's definitions, as `file:line`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct At {
    /// In OLD.
    pub old: Option<String>,
    /// In NEW.
    pub new: Option<String>,
}

/// Before or after the new code runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// The old code keeps working.
    Expand,
    /// Only after the new code runs.
    Contract,
}

impl Phase {
    /// Its name on the command line and in documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Expand => "expand",
            Self::Contract => "contract",
        }
    }
}

/// What a step is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// `table`, `view`, `database`…
    pub kind: String,
    /// Its database, where the scripts name one.
    pub schema: Option<String>,
    /// Its name after the step.
    pub name: String,
    /// Its name before the step, where that was another.
    pub old_name: Option<String>,
}

/// What a step does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Creates the object.
    Create,
    /// Changes it in place.
    Alter,
    /// Drops it.
    Drop,
    /// Gives it another name.
    Rename,
    /// Drops it and creates it anew.
    Replace,
    /// Runs a statement of the user's own.
    Data,
}

/// Algorithms of online DDL, cheapest first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// Metadata alone.
    Instant,
    /// Inside the engine.
    Inplace,
    /// Row by row into a new table.
    Copy,
}

/// Locks of online DDL, mildest first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Lock {
    /// Readers and writers go on.
    None,
    /// Writers wait.
    Shared,
    /// Everybody waits.
    Exclusive,
}

/// What a step can cost, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Hazard {
    /// Its kind.
    pub kind: HazardKind,
    /// Why, in words.
    pub reason: String,
    /// A read-only query that returns a row exactly if it would strike.
    pub probe: Option<String>,
}

/// The kinds of hazards.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum HazardKind {
    /// Drops or narrows data.
    DataLoss,
    /// Depends on the rows.
    MayFail,
    /// Copies or rebuilds the table.
    Rewrite,
    /// Writers wait.
    Lock,
    /// Code of the old version breaks.
    Incompatible,
    /// Same rows, other answers.
    Semantics,
}

impl HazardKind {
    /// All kinds, gravest first.
    pub const ALL: [Self; 6] =
        [Self::DataLoss, Self::MayFail, Self::Incompatible, Self::Semantics, Self::Rewrite, Self::Lock];

    /// Its name on the command line and in documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::DataLoss => "data-loss",
            Self::MayFail => "may-fail",
            Self::Rewrite => "rewrite",
            Self::Lock => "lock",
            Self::Incompatible => "incompatible",
            Self::Semantics => "semantics",
        }
    }
}

/// How a step is taken back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Inverse {
    /// The statements in order, without terminators.
    pub statements: Vec<String>,
    /// What they are to find set besides the plan's session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<ProgramSession>,
    /// What taking back can cost itself.
    pub hazards: Vec<Hazard>,
}

/// What a server keeps with a stored program of the session that it was made in. What is not said is as the plan's session is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProgramSession {
    /// `sql_mode`, comma separated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql_mode: Option<String>,
    /// `character_set_client`: only where the statement is ASCII, which reads alike in each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub character_set_client: Option<String>,
    /// `collation_connection`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation_connection: Option<String>,
}

impl ProgramSession {
    /// The variables with their values, in the order in which they are set.
    pub fn settings(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let settings = [
            ("character_set_client", &self.character_set_client),
            ("collation_connection", &self.collation_connection),
            ("sql_mode", &self.sql_mode),
        ];
        settings.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }
}

/// The settings of a session, if there is one.
pub fn settings(session: Option<&ProgramSession>) -> impl Iterator<Item = (&'static str, &str)> {
    session.into_iter().flat_map(ProgramSession::settings)
}

/// Something that was taken for a rename.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rename {
    /// `table`, `column` or `index`.
    pub kind: String,
    /// The table.
    pub table: String,
    /// The old name.
    pub from: String,
    /// The new name.
    pub to: String,
    /// `hint`, `option` or `detected`.
    pub why: String,
}

/// Something that was seen and left out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, PartialOrd, Ord)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetAside {
    /// What it is.
    pub what: String,
    /// The policy that left it out.
    pub policy: String,
}

/// Something that could not be understood.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, PartialOrd, Ord)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NotUnderstood {
    /// Where it stands.
    pub at: String,
    /// Its text.
    pub text: String,
}

//! The format of the file: its keys, and how an environment's stand over those at the top.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::{
    Allowance, Choices, Exception, HookCommands, LintRegistry, Pattern, PolicyRegistry, ServerRegistry, TargetChoice,
    Word,
};
use crate::diff::RenameRequest;

/// The whole file.
pub type File = Settings<Environments, Option<HookCommands>>;

/// What an environment may say.
pub type Environment = Settings<Nothing, Nothing>;

/// The settings of a file, or of an environment in it.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(bound = "E: schemars::JsonSchema + Default, H: schemars::JsonSchema + Default")
)]
#[cfg_attr(feature = "schema", schemars(rename = "{E}Settings"))]
#[serde(deny_unknown_fields, default)]
#[serde(bound = "E: Deserialize<'de> + Default, H: Deserialize<'de> + Default")]
pub struct Settings<E, H> {
    /// The server to follow, as `--target` takes it; `auto`, the default, reads the dump's header.
    pub target: Option<Word<TargetChoice>>,
    /// The server that OLD comes from.
    pub old_target: Option<Word<TargetChoice>>,
    /// The server that NEW comes from.
    pub new_target: Option<Word<TargetChoice>>,
    /// Server variables that both sides are read with.
    pub server: Choices<ServerRegistry>,
    /// OLD of `diff` and `prove`: a source; a path is from the file's folder.
    pub old: Option<String>,
    /// NEW of `diff` and `prove`.
    pub new: Option<String>,
    /// The database to run plans on, as mysql://user@host/database; it stands for OLD where `old` is not given.
    pub database: Option<String>,
    /// The product that bundles are of.
    pub product: Option<String>,
    /// What counts as a difference.
    pub policies: Choices<PolicyRegistry>,
    /// Only objects that match one of these regular expressions.
    pub only: Option<Vec<Word<Pattern>>>,
    /// No objects that match one of these.
    pub ignore: Option<Vec<Word<Pattern>>>,
    /// Renames, as `--rename` takes them.
    pub renames: Option<Vec<Word<RenameRequest>>>,
    /// Files with statements that stand between the phases; a path is from the file's folder.
    pub data: Option<Vec<String>>,
    /// The hazards that plans may have, as with `--allow`.
    pub allow: Option<Vec<Allowance>>,
    /// Hazards that the steps on single objects may have besides.
    pub exceptions: Option<Vec<Exception>>,
    /// How grave the findings of lint's rules are.
    pub lint: Choices<LintRegistry>,
    /// Settings by environment; `--env NAME` chooses one, whose settings stand over those of the file.
    pub environments: E,
    /// Commands around an apply: read by `apply`, `rollback` and `recover` alone, from the file that they are told of.
    pub hooks: H,
}

impl<E, H> Settings<E, H> {
    /// The paths of all keys that say something.
    pub(super) fn keys(&self) -> Vec<Vec<String>> {
        let one = |name: &str, is_there: bool| is_there.then(|| vec![name.to_owned()]);
        let single = [
            one("target", self.target.is_some()),
            one("old_target", self.old_target.is_some()),
            one("new_target", self.new_target.is_some()),
            one("old", self.old.is_some()),
            one("new", self.new.is_some()),
            one("database", self.database.is_some()),
            one("product", self.product.is_some()),
            one("only", self.only.is_some()),
            one("ignore", self.ignore.is_some()),
            one("renames", self.renames.is_some()),
            one("data", self.data.is_some()),
            one("allow", self.allow.is_some()),
            one("exceptions", self.exceptions.is_some()),
        ];
        let two = |name: &'static str| move |(key, _): (&str, &str)| vec![name.to_owned(), key.to_owned()];
        let entries = self.server.iter().map(two("server")).chain(self.policies.iter().map(two("policies")));
        single.into_iter().flatten().chain(entries).chain(self.lint.iter().map(two("lint"))).collect()
    }

    /// These settings, and where they are silent those of another.
    pub(super) fn over<F, G>(self, other: Settings<F, G>) -> Environment {
        Settings {
            target: self.target.or(other.target),
            old_target: self.old_target.or(other.old_target),
            new_target: self.new_target.or(other.new_target),
            server: self.server.over(other.server),
            old: self.old.or(other.old),
            new: self.new.or(other.new),
            database: self.database.or(other.database),
            product: self.product.or(other.product),
            policies: self.policies.over(other.policies),
            only: self.only.or(other.only),
            ignore: self.ignore.or(other.ignore),
            renames: self.renames.or(other.renames),
            data: self.data.or(other.data),
            allow: self.allow.or(other.allow),
            exceptions: self.exceptions.or(other.exceptions),
            lint: self.lint.over(other.lint),
            environments: Nothing,
            hooks: Nothing,
        }
    }
}

/// Environments by name.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, rename = "File"))]
#[serde(transparent)]
pub struct Environments(BTreeMap<String, Option<Environment>>);

impl Environments {
    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Takes one out; one that says nothing is there nevertheless.
    pub(super) fn take(&mut self, name: &str) -> Option<Environment> {
        self.0.remove(name).map(Option::unwrap_or_default)
    }
}

/// A key that stands at the top of the file only.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Nothing;

impl<'de> Deserialize<'de> for Nothing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Refusal)
    }
}

struct Refusal;

const ONLY_AT_THE_TOP: &str = "this key stands at the top of the file, not in an environment";

impl<'de> Visitor<'de> for Refusal {
    type Value = Nothing;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Nothing, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Err(A::Error::custom(ONLY_AT_THE_TOP))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Nothing {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Environment".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!(false)
    }
}

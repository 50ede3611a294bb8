//! Commands that run around an apply: of the local configuration, and of no other.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

/// Commands around an apply.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct HookCommands {
    /// Before anything changes.
    pub pre: Option<HookCommand>,
    /// When the files are in place.
    pub restart: Option<HookCommand>,
    /// After that; its failure undoes everything.
    pub health: Option<HookCommand>,
}

/// A command, perhaps with a limit: `systemctl restart shop` or `{run: …, limit: 30}`.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(untagged))]
pub enum HookCommand {
    /// The command.
    Plain(String),
    /// The command with its limit.
    Limited(Limited),
}

/// A command with its limit.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Limited {
    /// The command.
    pub run: String,
    /// In seconds.
    pub limit: u64,
}

impl<'de> Deserialize<'de> for HookCommand {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = HookCommand;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a command, or {run: command, limit: seconds}")
    }

    fn visit_str<E: Error>(self, command: &str) -> Result<HookCommand, E> {
        Ok(HookCommand::Plain(command.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<HookCommand, A::Error> {
        Limited::deserialize(MapAccessDeserializer::new(map)).map(HookCommand::Limited)
    }
}

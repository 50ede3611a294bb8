//! Mappings of names to words: policies, server variables, levels of lint. Which names there are, and which words each takes, is
//! known from the rooms that they are about.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::LazyLock;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, Visitor};

use crate::diff::Policies;
use crate::lint::{Levels, RULES};

/// The names of a mapping and their words.
pub trait Registry {
    /// The names; none: any name will do.
    fn names() -> &'static [&'static str];

    /// The words that a name takes; none: any word will do.
    fn words(name: &str) -> &'static [&'static str];
}

/// `policies`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PolicyRegistry {}

/// `lint`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LintRegistry {}

/// `server`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ServerRegistry {}

static POLICIES: [&str; Policies::KEYS.len()] = {
    let mut names = [""; Policies::KEYS.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = Policies::KEYS[at].0;
        at += 1;
    }
    names
};

static LINT: LazyLock<Vec<&'static str>> = LazyLock::new(|| RULES.iter().map(|rule| rule.id).collect());

impl Registry for PolicyRegistry {
    fn names() -> &'static [&'static str] {
        &POLICIES
    }

    fn words(name: &str) -> &'static [&'static str] {
        Policies::KEYS.into_iter().find(|(key, _)| *key == name).map_or(&[], |(_, values)| values)
    }
}

impl Registry for LintRegistry {
    fn names() -> &'static [&'static str] {
        LINT.as_slice()
    }

    fn words(_: &str) -> &'static [&'static str] {
        &Levels::WORDS
    }
}

impl Registry for ServerRegistry {
    fn names() -> &'static [&'static str] {
        &[]
    }

    fn words(_: &str) -> &'static [&'static str] {
        &[]
    }
}

/// Names with a word each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choices<R>(BTreeMap<String, String>, PhantomData<R>);

impl<R> Default for Choices<R> {
    fn default() -> Self {
        Self(BTreeMap::new(), PhantomData)
    }
}

impl<R> Choices<R> {
    /// The word of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All names with their words.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, word)| (name.as_str(), word.as_str()))
    }

    /// These, and those of another where these have none.
    pub(super) fn over(self, other: Self) -> Self {
        let mut all = other.0;
        all.extend(self.0);
        Self(all, PhantomData)
    }
}

impl<'de, R: Registry> Deserialize<'de> for Choices<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

struct Entries<R>(PhantomData<R>);

impl<'de, R: Registry> Visitor<'de> for Entries<R> {
    type Value = Choices<R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping of names to values")
    }

    fn visit_unit<E: Error>(self) -> Result<Choices<R>, E> {
        Ok(Choices::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Choices<R>, A::Error> {
        let mut chosen: BTreeMap<String, String> = BTreeMap::new();
        while let Some(name) = map.next_key_seed(Name { known: R::names(), taken: &chosen })? {
            let word = map.next_value_seed(Value { known: R::words(&name) })?;
            chosen.insert(name, word);
        }
        Ok(Choices(chosen, PhantomData))
    }
}

/// A name that is known, and that did not stand there before.
struct Name<'a> {
    known: &'static [&'static str],
    taken: &'a BTreeMap<String, String>,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<String, E> {
        match () {
            () if !self.known.is_empty() && !self.known.contains(&name) => Err(E::unknown_field(name, self.known)),
            () if self.taken.contains_key(name) => Err(E::custom(format!("`{name}` stands there twice"))),
            () => Ok(name.to_owned()),
        }
    }
}

/// A word, a number or a truth value, as servers' variables have them.
struct Value {
    known: &'static [&'static str],
}

impl<'de> DeserializeSeed<'de> for Value {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for Value {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.known {
            [] => f.write_str("a word or a number"),
            known => write!(f, "one of {}", known.join(", ")),
        }
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<String, E> {
        if self.known.is_empty() || self.known.contains(&word) {
            return Ok(word.to_owned());
        }
        Err(E::unknown_variant(word, self.known))
    }

    fn visit_bool<E: Error>(self, is_on: bool) -> Result<String, E> {
        self.visit_str(if is_on { "ON" } else { "OFF" })
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<String, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<String, E> {
        self.visit_str(&number.to_string())
    }
}

#[cfg(feature = "schema")]
impl<R: Registry> schemars::JsonSchema for Choices<R> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Choices".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names = R::names();
        if names.is_empty() {
            return generator.subschema_for::<BTreeMap<String, Scalar>>();
        }
        let mut properties = schemars::Schema::default();
        for name in names {
            properties.insert((*name).to_owned(), schemars::json_schema!({ "enum": R::words(name) }).to_value());
        }
        schemars::json_schema!({ "type": "object", "properties": properties, "additionalProperties": false })
    }
}

/// Any single value.
#[cfg(feature = "schema")]
struct Scalar;

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Scalar {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Scalar".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "integer", "boolean"] })
    }
}

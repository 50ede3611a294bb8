//! On which line a key stands.
//!
//! The reader of YAML tells places in its errors only. So it is sent to the key, and refuses it there.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

/// The line of the key at the end of a path through mappings.
pub(super) fn line(text: &str, path: &[&str]) -> Option<usize> {
    let refusal = Walk(path).deserialize(serde_yaml::Deserializer::from_str(text)).err()?;
    refusal.location().map(|location| location.line())
}

/// Goes down the path, and ends in an error at its end.
struct Walk<'p>(&'p [&'p str]);

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((first, rest)) = self.0.split_first() else { return Ok(()) };
        while let Some(is_it) = map.next_key_seed(Key { name: first, is_last: rest.is_empty() })? {
            if is_it {
                return map.next_value_seed(Walk(rest));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// A key: whether it is the one that is looked for. The last of the path is refused.
struct Key<'p> {
    name: &'p str,
    is_last: bool,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        let is_it = key == self.name;
        if is_it && self.is_last { Err(E::custom("here")) } else { Ok(is_it) }
    }
}

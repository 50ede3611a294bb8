//! The JSON Schemas of a bundle's documents, made of the types that read and write them.

use schemars::{JsonSchema, schema_for};

use super::build::OperationsFile;
use super::manifest::Manifest;
use super::release::Release;
use super::signature::KeyList;

/// The JSON Schema of the manifest.
pub fn manifest_schema() -> String {
    text::<Manifest>()
}

/// The JSON Schema of the release manifest.
pub fn release_schema() -> String {
    text::<Release>()
}

/// The JSON Schema of the operations file.
pub fn operations_schema() -> String {
    text::<OperationsFile>()
}

/// The JSON Schema of the key list.
pub fn keys_schema() -> String {
    text::<KeyList>()
}

fn text<T: JsonSchema>() -> String {
    format!("{:#}\n", schema_for!(T).to_value())
}

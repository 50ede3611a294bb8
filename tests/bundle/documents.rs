//! The published JSON Schemas: what is written has no field that they do not know, and has all that they require.

use alterplan::bundle::{Build, generate, keys_schema, manifest_schema, operations_schema, release_schema};
use alterplan::{compare_texts, config, document};
use serde_json::Value;

use crate::trees::{Desk, NEW, OLD, in_memory, patch};

/// Snapshots of documents are beside those of other stages.
fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots/documents");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

#[test]
fn the_schemas_are_a_contract() {
    settings().bind(|| {
        insta::assert_snapshot!("schema_plan", document::schema());
        insta::assert_snapshot!("schema_manifest", manifest_schema());
        insta::assert_snapshot!("schema_release", release_schema());
        insta::assert_snapshot!("schema_operations", operations_schema());
        insta::assert_snapshot!("schema_keys", keys_schema());
        insta::assert_snapshot!("schema_config", config::schema());
    });
}

#[test]
fn what_is_written_is_of_its_schema() {
    let desk = Desk::new();
    let (old, new) = (desk.tree("old", OLD), desk.tree("new", NEW));
    let plan = compare_texts(
        "create table t (a int primary key, b int);",
        "create table t (a bigint primary key, c int not null, unique (c));",
        "mysql:8.4".parse().expect("a target"),
    )
    .expect("a plan");
    let key = alterplan::bundle::SecretKey::parse(&generate(None).expect("a key").0, None).expect("a key");
    let recipe = Build { plan: Some(&plan), deltas: true, key: Some(&key), ..patch(&old, &new) };
    let (built, _) = in_memory(&recipe).expect("a bundle");
    let manifest = serde_json::to_value(&built.manifest).expect("JSON");
    conforms(&manifest, &manifest_schema());
    conforms(&serde_json::to_value(&plan).expect("JSON"), &document::schema());
    let broken = crate::forge::with(manifest, "/entries/0/owner", "root".into());
    let schema: Value = serde_json::from_str(&manifest_schema()).expect("JSON");
    assert_eq!(fault(&broken, &schema, &schema), Some("/entries/0/owner is not in the schema".to_owned()));
}

#[track_caller]
fn conforms(document: &Value, schema: &str) {
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    assert_eq!(fault(document, &schema, &schema), None);
}

/// The first place where a document is not of a schema, by the part of JSON Schema that these schemas are made of.
fn fault(value: &Value, schema: &Value, root: &Value) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let target = root.pointer(name.trim_start_matches('#')).expect("a definition");
        return fault(value, target, root);
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(choices) = schema[choice].as_array() {
            let faults: Vec<_> = choices.iter().map(|choice| fault(value, choice, root)).collect();
            return if faults.contains(&None) { None } else { faults.into_iter().flatten().last() };
        }
    }
    if let Some(constant) = schema.get("const") {
        return (constant != value).then(|| format!(" is {value} and not {constant}"));
    }
    if let Some(names) = schema["enum"].as_array() {
        return (!names.contains(value)).then(|| format!(" is {value}, which is none of those that it may be"));
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let kinds = [schema["type"].clone()].into_iter().chain(schema["type"].as_array().into_iter().flatten().cloned());
    if !kinds.into_iter().any(|known| known == kind) {
        return Some(format!(" is of the type {kind}"));
    }
    let within = |name: &str, inner: Option<String>| inner.map(|what| format!("/{name}{what}"));
    match value {
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(at, item)| within(&at.to_string(), fault(item, &schema["items"], root)))
        }
        Value::Object(fields) => {
            let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
            if let Some(name) = required.iter().filter_map(Value::as_str).find(|name| !fields.contains_key(*name)) {
                return Some(format!("/{name} is missing"));
            }
            fields.iter().find_map(|(name, field)| {
                match (schema["properties"].get(name), &schema["additionalProperties"]) {
                    (Some(known), _) => within(name, fault(field, known, root)),
                    (None, Value::Object(_)) => within(name, fault(field, &schema["additionalProperties"], root)),
                    (None, _) => Some(format!("/{name} is not in the schema")),
                }
            })
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

//! The plan as a document for machines.

use crate::document::Plan;

/// The plan as JSON, indented, with a newline at its end.
pub fn json(plan: &Plan) -> String {
    let mut text = serde_json::to_string_pretty(plan).expect("a plan is plain data with text for keys");
    text.push('\n');
    text
}

/// The plan as YAML.
pub fn yaml(plan: &Plan) -> String {
    serde_yaml::to_string(plan).expect("a plan is plain data with text for keys")
}

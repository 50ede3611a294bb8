//! Findings as SARIF, the Static Analysis Results Interchange Format (OASIS, version 2.1.0).

use serde_json::{Value, json};

use super::finding::{Finding, Level, PLAN_RULES, Rule, file_and_line, of_plan};
use crate::document::Plan;

/// The plan's findings as a SARIF log of one run, indented, with a newline at its end.
pub fn sarif(plan: &Plan) -> String {
    log(&of_plan(plan), &PLAN_RULES)
}

/// Findings as a SARIF log of one run.
pub fn log(findings: &[Finding], rules: &[Rule]) -> String {
    let rule_index = |id: &str| rules.iter().position(|rule| rule.id == id);
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, rule_index(finding.rule))).collect();
    let rules: Vec<Value> = rules
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": { "text": rule.summary },
                "defaultConfiguration": { "level": word(rule.level) },
            })
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "alterplan",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).expect("a log is plain data with text for keys");
    text.push('\n');
    text
}

fn result(finding: &Finding, rule_index: Option<usize>) -> Value {
    let mut result = json!({
        "ruleId": finding.rule,
        "level": word(finding.level),
        "message": { "text": format!("{}: {}", finding.title, finding.message) },
    });
    if let Some(index) = rule_index {
        result["ruleIndex"] = index.into();
    }
    if let Some((file, line)) = finding.at.as_deref().and_then(file_and_line) {
        result["locations"] = json!([{ "physicalLocation": {
            "artifactLocation": { "uri": uri(file) },
            "region": { "startLine": line },
        } }]);
    }
    result
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

/// A path as a relative reference (RFC 3986): what is not a path's character is percent-encoded.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=@".contains(&byte);
    let mut out = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        match byte {
            b'\\' => out.push('/'),
            byte if plain(byte) => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

//! The plan as a unified diff of canonical definitions: what `diff -u` shows of two schemas that were each written by
//! the target, one file an object.

use similar::TextDiff;

use super::style::one_line;
use super::text::CONTEXT;
use super::touched::touched;
use crate::document::Plan;
use crate::model::Schema;
use crate::source::Pair;
use crate::target::Target;

/// The name of a side that has no such object, as `patch` and `git apply` know it.
const NOTHING: &str = "/dev/null";

/// The plan as a unified diff. The schemas are those that the plan was made of; it is empty without differences.
pub fn patch(plan: &Plan, schemas: Pair<&Schema>, target: Target) -> String {
    let mut out = String::new();
    for object in touched(plan) {
        let Pair { old, new } = object.definitions(schemas, target);
        let file = |side: &str, name: &str, text: &str| match text {
            "" => NOTHING.to_owned(),
            _ => one_line(&format!("{side}/{}/{name}", object.object.kind)),
        };
        let database = object.object.schema.as_ref().map(|schema| format!("{schema}.")).unwrap_or_default();
        let names =
            (file("old", &format!("{database}{}", object.old_name), &old), file("new", &object.full_name(), &new));
        let diff = TextDiff::from_lines(&old, &new);
        out.push_str(&diff.unified_diff().context_radius(CONTEXT).header(&names.0, &names.1).to_string());
    }
    out
}

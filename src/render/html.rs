//! The plan as one self-contained page: overview, diagram, definitions side by side, statements with all that is known of
//! them. It loads nothing, and forbids itself to.
//!
//! All text of the plan goes through [`escape`]; nothing else of it reaches the page.

mod diagram;
mod escape;
mod highlight;
mod sides;

use std::fmt::Write as _;

use escape::{escape, prose, slug};
use highlight::highlight;

use super::relations;
use super::summary::{self, cost, counted, summary};
use super::touched::{Touched, place, touched};
use crate::document::{Hazard, HazardKind, Plan, Step};
use crate::model::Schema;
use crate::source::Pair;
use crate::target::Target;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// The plan as a page. The schemas are those that the plan was made of; definitions are shown as the plan's target
/// prints them.
pub fn html(plan: &Plan, schemas: Pair<&Schema>, target: Target) -> String {
    let objects = touched(plan);
    let mut out = String::with_capacity(64 * 1024 + plan.steps.len() * 4096);
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
        <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
        script-src 'unsafe-inline'\">\n\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
        <title>Schema plan: {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        escape(&summary(plan))
    );
    header(&mut out, plan);
    toolbar(&mut out, plan);
    out.push_str("<main>\n");
    overview(&mut out, plan, &objects);
    diagram::write(&mut out, &relations::diagram(plan, schemas, target));
    for object in &objects {
        section(&mut out, object, &object.definitions(schemas, target));
    }
    notes(&mut out, plan);
    let _ = write!(out, "</main>\n{FOOTER}<script>\n{SCRIPT}</script>\n</body>\n</html>\n");
    out
}

const FOOTER: &str = "<footer><p>Keys: <kbd>/</kbd> search, <kbd>j</kbd> and <kbd>k</kbd> next and previous object, \
    <kbd>x</kbd> opens and closes the object, <kbd>t</kbd> light or dark, <kbd>Esc</kbd> clears the filters.</p></footer>\n";

fn header(out: &mut String, plan: &Plan) {
    let _ = writeln!(out, "<header>\n<h1>Schema plan</h1>\n<p class=\"summary\">{}</p>", escape(&summary(plan)));
    let mut facts = vec![("Target", plan.target.clone())];
    if plan.old_target != plan.target || plan.new_target != plan.target {
        facts.push(("Sides", format!("{} → {}", plan.old_target, plan.new_target)));
    }
    facts.extend([("From", plan.from.clone()), ("To", plan.to.clone())]);
    out.push_str("<dl>");
    for (name, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
        let _ = write!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", escape(&value));
    }
    out.push_str("</dl>\n</header>\n");
}

/// Search and filters. Without scripts they do nothing, and are not shown.
fn toolbar(out: &mut String, plan: &Plan) {
    if plan.steps.is_empty() {
        return;
    }
    out.push_str(
        "<search class=\"toolbar\" aria-label=\"Filters\" hidden>\n\
        <label>Search <input id=\"search\" type=\"search\" autocomplete=\"off\"></label>\n\
        <label>Phase <select id=\"phase\"><option value=\"\">all</option><option>expand</option>\
        <option>contract</option></select></label>\n<span class=\"chips\" role=\"group\" aria-label=\"Hazards\">",
    );
    for (kind, count) in hazards(plan) {
        let word = kind.word();
        let _ = write!(
            out,
            "<button type=\"button\" class=\"chip {word}\" data-hazard=\"{word}\" aria-pressed=\"false\">{} {count}</button>",
            word.replace('-', " ")
        );
    }
    out.push_str(
        "</span>\n<output id=\"shown\"></output>\n\
        <button type=\"button\" id=\"all\" aria-pressed=\"false\">Open all</button>\n\
        <button type=\"button\" id=\"theme\">Light or dark</button>\n</search>\n",
    );
}

fn hazards(plan: &Plan) -> impl Iterator<Item = (HazardKind, usize)> {
    let count = |kind| plan.steps.iter().flat_map(|step| &step.hazards).filter(|hazard| hazard.kind == kind).count();
    HazardKind::ALL.into_iter().map(move |kind| (kind, count(kind))).filter(|(_, count)| *count > 0)
}

fn overview(out: &mut String, plan: &Plan, objects: &[Touched<'_>]) {
    if objects.is_empty() {
        out.push_str("<p class=\"nothing\">No differences.</p>\n");
        return;
    }
    out.push_str(
        "<section aria-labelledby=\"overview\">\n<h2 id=\"overview\">Overview</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" \
        aria-label=\"Steps\"><table class=\"steps\">\n<thead><tr><th scope=\"col\">Step</th><th scope=\"col\">Object</th>\
        <th scope=\"col\">Change</th><th scope=\"col\">Cost</th><th scope=\"col\">Hazards</th></tr></thead>\n<tbody>\n",
    );
    for step in &plan.steps {
        let name = super::touched::full_name(&step.object);
        let changes = step.changes.iter().map(|change| prose(change)).collect::<Vec<_>>().join("<br>");
        let mut kinds: Vec<HazardKind> = step.hazards.iter().map(|hazard| hazard.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let badges: String = kinds.into_iter().map(badge).collect();
        let _ = writeln!(
            out,
            "<tr {}><td><a href=\"#step-{id}\">{id}</a></td><td><span class=\"kind\">{}</span> {}</td><td>{changes}</td>\
            <td>{}</td><td>{badges}</td></tr>",
            filtered([step]),
            escape(&step.object.kind),
            escape(&name),
            words(step),
            id = step.id
        );
    }
    out.push_str("</tbody>\n</table></div>\n</section>\n");
}

/// What the filters look at.
fn filtered<'s>(steps: impl IntoIterator<Item = &'s Step> + Clone) -> String {
    let mut kinds: Vec<&str> =
        steps.clone().into_iter().flat_map(|step| &step.hazards).map(|hazard| hazard.kind.word()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut phases: Vec<&str> = steps.into_iter().map(|step| step.phase.word()).collect();
    phases.sort_unstable();
    phases.dedup();
    format!("data-filtered data-hazards=\"{}\" data-phases=\"{}\"", kinds.join(" "), phases.join(" "))
}

fn badge(kind: HazardKind) -> String {
    format!("<span class=\"badge {0}\">{1}</span> ", kind.word(), kind.word().replace('-', " "))
}

fn words(step: &Step) -> String {
    [step.phase.word()].into_iter().chain(cost(step)).collect::<Vec<_>>().join(", ")
}

fn section(out: &mut String, object: &Touched<'_>, definitions: &Pair<String>) {
    let fate = object.fate.word();
    let name = object.full_name();
    let id = slug(&format!("{}-{name}", object.object.kind));
    let renamed =
        if object.old_name == object.object.name { String::new() } else { format!("{} → ", object.old_name) };
    let place = place(&object.at());
    let _ = writeln!(
        out,
        "<section class=\"object {fate}\" aria-labelledby=\"{id}\" {}>\n<details open>\n<summary><h2 id=\"{id}\">\
        <span class=\"sign\" aria-hidden=\"true\">{}</span> <span class=\"kind\">{}</span> {}{}</h2> \
        <span class=\"fate\">{fate}</span> <span class=\"place\">{}</span></summary>\n<ul class=\"changes\">",
        filtered(object.steps.iter().copied()),
        object.fate.sign(),
        escape(&object.object.kind),
        escape(&renamed),
        escape(&name),
        escape(&place)
    );
    for change in object.changes() {
        let _ = writeln!(out, "<li>{}</li>", prose(change));
    }
    out.push_str("</ul>\n");
    sides::write(out, definitions, &name);
    for step in &object.steps {
        statement(out, step);
    }
    out.push_str("</details>\n</section>\n");
}

fn statement(out: &mut String, step: &Step) {
    let _ = writeln!(
        out,
        "<article id=\"step-{id}\" {}>\n<h3>Step {id} <span class=\"cost\">{}</span></h3>",
        filtered([step]),
        words(step),
        id = step.id
    );
    if !step.hazards.is_empty() {
        out.push_str("<ul class=\"hazards\">\n");
        for hazard in &step.hazards {
            hazard_item(out, hazard);
        }
        out.push_str("</ul>\n");
    }
    if let Some(session) = summary::session(step) {
        let _ = writeln!(out, "<p>{}</p>", escape(&session));
    }
    code(out, &step.sql, &format!("statement of step {}", step.id));
    match (&step.inverse, &step.irreversible) {
        (Some(inverse), _) => {
            let sql = inverse.statements.join(";\n\n");
            let count = counted(inverse.statements.len(), "statement");
            let _ = writeln!(out, "<details class=\"inverse\"><summary>Taken back by {count}</summary>");
            if !inverse.hazards.is_empty() {
                out.push_str("<ul class=\"hazards\">\n");
                for hazard in &inverse.hazards {
                    hazard_item(out, hazard);
                }
                out.push_str("</ul>\n");
            }
            code(out, &sql, &format!("inverse of step {}", step.id));
            out.push_str("</details>\n");
        }
        (None, Some(why)) => {
            let _ = writeln!(out, "<p class=\"irreversible\">Cannot be taken back: {}</p>", prose(why));
        }
        (None, None) => {}
    }
    out.push_str("</article>\n");
}

fn hazard_item(out: &mut String, hazard: &Hazard) {
    let _ = write!(out, "<li>{}{}", badge(hazard.kind), prose(&hazard.reason));
    if let Some(probe) = &hazard.probe {
        out.push_str("<details class=\"probe\"><summary>Query that tells</summary>\n");
        code(out, probe, "query that tells whether the hazard strikes");
        out.push_str("</details>");
    }
    out.push_str("</li>\n");
}

/// A statement with a button that copies it.
fn code(out: &mut String, sql: &str, name: &str) {
    let _ = writeln!(
        out,
        "<div class=\"code\"><button type=\"button\" class=\"copy\" aria-label=\"Copy {name}\" hidden>Copy</button>\
        <pre tabindex=\"0\" role=\"region\" aria-label=\"{name}\"><code>{};</code></pre></div>",
        highlight(sql.trim_end())
    );
}

/// Renames, what a policy set aside, what was not understood.
fn notes(out: &mut String, plan: &Plan) {
    let renames = plan.renames.iter().map(|r| format!("renamed ({}): {} {} → {}", r.why, r.kind, r.from, r.to));
    let gaps = plan.not_understood.iter().map(|gap| format!("not understood: {}: {}", gap.at, gap.text));
    let aside = plan.set_aside.iter().map(|aside| format!("set aside by {}: {}", aside.policy, aside.what));
    let lines: Vec<String> = renames.chain(gaps).chain(aside).collect();
    if lines.is_empty() {
        return;
    }
    out.push_str("<section aria-labelledby=\"notes\">\n<h2 id=\"notes\">Notes</h2>\n<ul>\n");
    for line in lines {
        let _ = writeln!(out, "<li>{}</li>", prose(&line));
    }
    out.push_str("</ul>\n</section>\n");
}

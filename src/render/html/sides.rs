//! Two definitions side by side, as far as they differ.

use std::fmt::Write as _;

use similar::{DiffOp, TextDiff};

use super::escape::escape;
use super::highlight::highlight;
use crate::render::text::CONTEXT;
use crate::source::Pair;

/// Writes the table of lines; nothing where the definitions are the same.
pub(super) fn write(out: &mut String, definitions: &Pair<String>, name: &str) {
    let Pair { old, new } = definitions;
    if old == new {
        return;
    }
    let diff = TextDiff::from_lines(old, new);
    let lines = Pair::new(old.lines().collect::<Vec<_>>(), new.lines().collect::<Vec<_>>());
    let _ = writeln!(
        out,
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Definitions of {0}\"><table class=\"sides\">\n\
        <thead><tr><th scope=\"col\"><span class=\"hidden\">Line</span></th><th scope=\"col\">Old</th>\
        <th scope=\"col\"><span class=\"hidden\">Line</span></th><th scope=\"col\">New</th></tr></thead>",
        escape(name)
    );
    for group in diff.grouped_ops(CONTEXT) {
        out.push_str("<tbody>\n");
        for op in &group {
            rows(out, op, &lines);
        }
        out.push_str("</tbody>\n");
    }
    out.push_str("</table></div>\n");
}

fn rows(out: &mut String, op: &DiffOp, lines: &Pair<Vec<&str>>) {
    let (old, new) = (op.old_range(), op.new_range());
    let changed = !matches!(op, DiffOp::Equal { .. });
    for row in 0..old.len().max(new.len()) {
        let old = old.clone().nth(row);
        let new = new.clone().nth(row);
        out.push_str("<tr>");
        cell(out, old, &lines.old, if changed { "removed" } else { "" });
        cell(out, new, &lines.new, if changed { "inserted" } else { "" });
        out.push_str("</tr>\n");
    }
}

fn cell(out: &mut String, line: Option<usize>, lines: &[&str], class: &str) {
    let Some((number, text)) = line.and_then(|at| Some((at + 1, *lines.get(at)?))) else {
        out.push_str("<td class=\"number\"></td><td class=\"blank\"></td>");
        return;
    };
    let text = highlight(text);
    let _ = match class {
        "" => write!(out, "<td class=\"number\">{number}</td><td>{text}</td>"),
        "removed" => write!(out, "<td class=\"number\">{number}</td><td class=\"removed\"><del>{text}</del></td>"),
        class => write!(out, "<td class=\"number\">{number}</td><td class=\"{class}\"><ins>{text}</ins></td>"),
    };
}

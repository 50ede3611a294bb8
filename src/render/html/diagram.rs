//! The touched tables as a drawing: tables in columns, each to the right of those that it references, foreign keys as
//! curves between them (after Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system
//! structures", 1981: ranks, then an order within each by the median of the neighbours).

mod layout;

use std::fmt::Write as _;

use layout::{Box, HEADER, LINE, Layout};

use super::escape::escape;
use crate::render::relations::{Diagram, Entity, Mark, Relation};
use crate::render::touched::Fate;

/// With more tables than this, only keys and changed columns are drawn.
const ALL_COLUMNS: usize = 30;
/// With more tables than this, only their names are.
const ANY_COLUMNS: usize = 150;
/// With more tables than this there is no drawing: it would show nothing.
const TABLES_AT_MOST: usize = 2_000;

/// Writes the drawing with its controls; nothing where there are no tables.
pub(super) fn write(out: &mut String, diagram: &Diagram) {
    let count = diagram.entities.len();
    if count == 0 || count > TABLES_AT_MOST {
        return;
    }
    let rows: Vec<Vec<Row>> = diagram.entities.iter().map(|entity| rows(entity, count)).collect();
    let layout = layout::layout(diagram, &rows);
    let _ = write!(
        out,
        "<section class=\"diagram\" aria-labelledby=\"diagram\">\n<details open>\n<summary><h2 id=\"diagram\">Diagram</h2></summary>\n\
        <div class=\"controls\" hidden><button type=\"button\" data-zoom=\"in\" aria-label=\"Zoom in\">+</button>\
        <button type=\"button\" data-zoom=\"out\" aria-label=\"Zoom out\">−</button>\
        <button type=\"button\" data-zoom=\"fit\">Fit</button></div>\n\
        <div class=\"canvas\" tabindex=\"0\" role=\"region\" aria-label=\"Diagram: drag or use the arrow keys to move, plus and minus to zoom\">\n\
        <svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" preserveAspectRatio=\"xMidYMid meet\" role=\"img\" \
        aria-label=\"{} tables and {} foreign keys\">\n",
        layout.width,
        layout.height,
        count,
        diagram.relations.len()
    );
    for relation in &diagram.relations {
        edge(out, relation, &layout);
    }
    for ((entity, rows), place) in diagram.entities.iter().zip(&rows).zip(&layout.boxes) {
        table(out, entity, rows, place);
    }
    out.push_str("</svg>\n</div>\n</details>\n</section>\n");
}

/// A line of a table's box.
pub(super) struct Row {
    text: String,
    mark: Mark,
}

fn rows(entity: &Entity, tables: usize) -> Vec<Row> {
    entity
        .attributes
        .iter()
        .filter(|a| tables <= ALL_COLUMNS || tables <= ANY_COLUMNS && (a.mark != Mark::Same || !a.keys.is_empty()))
        .map(|a| {
            let keys = if a.keys.is_empty() { String::new() } else { format!(" {}", a.keys.join(" ")) };
            Row { text: layout::clipped(&format!("{} {}{keys}", a.name, a.data_type)), mark: a.mark }
        })
        .collect()
}

fn table(out: &mut String, entity: &Entity, rows: &[Row], place: &Box) {
    let fate = entity.fate.map_or("neighbour", Fate::word);
    let Box { x, y, width, height } = place;
    let name = escape(&layout::clipped(&entity.name));
    let _ = writeln!(
        out,
        "<g class=\"table {fate}\" transform=\"translate({x} {y})\"><title>{}</title>\
        <rect class=\"body\" width=\"{width}\" height=\"{height}\" rx=\"4\"/>\
        <rect class=\"head\" width=\"{width}\" height=\"{HEADER}\" rx=\"4\"/><text x=\"8\" y=\"17\" class=\"name\">{name}</text>",
        escape(&entity.name)
    );
    for (at, row) in rows.iter().enumerate() {
        let sign = match row.mark {
            Mark::Same => "\u{a0}",
            Mark::Added => "+",
            Mark::Removed => "−",
            Mark::Changed => "~",
        };
        let class = if row.mark == Mark::Same { "same" } else { row.mark.word() };
        let y = HEADER + LINE * at + 14;
        let _ = writeln!(out, "<text x=\"8\" y=\"{y}\" class=\"{class}\">{sign} {}</text>", escape(&row.text));
    }
    out.push_str("</g>\n");
}

/// From the parent's right side to the child's left; where the child does not stand to the right, around.
fn edge(out: &mut String, relation: &Relation, layout: &Layout) {
    let (parent, child) = (&layout.boxes[relation.parent], &layout.boxes[relation.child]);
    let from = (parent.x + parent.width, parent.y + HEADER / 2);
    let forward = child.x > from.0;
    let to = if forward { (child.x, child.y + HEADER / 2) } else { (child.x + child.width, child.y + HEADER) };
    let bend = if forward { (to.0 - from.0) / 2 } else { 40 };
    let end = if forward { to.0 - bend } else { to.0 + bend };
    let class = if relation.mark == Mark::Same { "same" } else { relation.mark.word() };
    let _ = writeln!(
        out,
        "<path class=\"edge {class}\" d=\"M{} {} C{} {} {end} {} {} {}\"><title>{}</title></path><circle class=\"edge {class}\" \
        cx=\"{}\" cy=\"{}\" r=\"3\"/>",
        from.0,
        from.1,
        from.0 + bend,
        from.1,
        to.1,
        to.0,
        to.1,
        escape(&relation.name),
        to.0,
        to.1
    );
}

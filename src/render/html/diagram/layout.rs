//! Where each table stands. All lengths are units of the drawing, at a font of 12.

use super::Row;
use crate::render::relations::Diagram;

/// Height of a box's head, and of a line below it.
pub(super) const HEADER: usize = 26;
pub(super) const LINE: usize = 17;
/// Width of a character of the monospaced font, in tenths.
const CHARACTER: usize = 74;
/// Characters of a line at most.
const CLIP: usize = 44;
const GAP_ACROSS: usize = 90;
const GAP_DOWN: usize = 24;
/// Sweeps over the ranks, each of which lessens the crossings.
const SWEEPS: usize = 4;

/// A table's place.
pub(super) struct Box {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// The places of all tables, in the diagram's order, and the size of the whole.
pub(super) struct Layout {
    pub(super) boxes: Vec<Box>,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// The text as far as a box shows it.
pub(super) fn clipped(text: &str) -> String {
    match text.char_indices().nth(CLIP) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// Places the tables.
pub(super) fn layout(diagram: &Diagram, rows: &[Vec<Row>]) -> Layout {
    let mut boxes: Vec<Box> = diagram.entities.iter().zip(rows).map(|(e, rows)| size(&e.name, rows)).collect();
    let edges: Vec<(usize, usize)> =
        diagram.relations.iter().map(|r| (r.parent, r.child)).filter(|(parent, child)| parent != child).collect();
    let mut columns = ranks(boxes.len(), &edges);
    for _ in 0..SWEEPS {
        order(&mut columns, &edges, boxes.len());
    }
    columns.extend(grid(&edges, &boxes, columns.iter().map(|column| height(column, &boxes)).max()));
    let (mut x, mut bottom) = (0, 0);
    for column in &columns {
        let mut y = 0;
        for &at in column {
            (boxes[at].x, boxes[at].y) = (x, y);
            y += boxes[at].height + GAP_DOWN;
        }
        bottom = bottom.max(y);
        x += column.iter().map(|at| boxes[*at].width).max().unwrap_or_default() + GAP_ACROSS;
    }
    Layout { boxes, width: x.saturating_sub(GAP_ACROSS).max(1) + 60, height: bottom.max(1) }
}

fn size(name: &str, rows: &[Row]) -> Box {
    let longest = rows.iter().map(|row| row.text.chars().count() + 2).max().unwrap_or_default();
    let characters = longest.max(clipped(name).chars().count());
    let body = if rows.is_empty() { 0 } else { LINE * rows.len() + 6 };
    Box { x: 0, y: 0, width: (characters * CHARACTER).div_ceil(10) + 18, height: HEADER + body }
}

fn height(column: &[usize], boxes: &[Box]) -> usize {
    column.iter().map(|at| boxes[*at].height + GAP_DOWN).sum()
}

/// The tables with foreign keys in columns: each stands right of those that it references. A reference that closes a
/// circle does not count.
fn ranks(count: usize, edges: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut rank = vec![0_usize; count];
    // The longest path has fewer edges than there are tables: what still moves then is in a circle.
    for _ in 0..count.min(64) {
        let mut moved = false;
        for &(parent, child) in edges {
            if rank[child] <= rank[parent] && rank[parent] < count {
                rank[child] = (rank[parent] + 1).min(count - 1);
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    let mut columns = vec![Vec::new(); count];
    for at in (0..count).filter(|at| is_linked(*at, edges)) {
        columns[rank[at]].push(at);
    }
    columns.retain(|column| !column.is_empty());
    columns
}

fn is_linked(at: usize, edges: &[(usize, usize)]) -> bool {
    edges.iter().any(|(parent, child)| *parent == at || *child == at)
}

/// Orders each column by where the neighbours of its tables stand, on average.
fn order(columns: &mut [Vec<usize>], edges: &[(usize, usize)], count: usize) {
    let mut position = vec![0_usize; count];
    let note = |column: &[usize], position: &mut Vec<usize>| {
        for (place, at) in column.iter().enumerate() {
            position[*at] = place * 1_000 / column.len();
        }
    };
    for column in columns.iter() {
        note(column, &mut position);
    }
    for column in columns.iter_mut() {
        let mean = |at: usize| {
            let neighbours = edges.iter().filter_map(|&(parent, child)| match at {
                _ if parent == at => Some(child),
                _ if child == at => Some(parent),
                _ => None,
            });
            let (sum, n) = neighbours.fold((0, 0), |(sum, n), other| (sum + position[other], n + 1));
            sum / n.max(1)
        };
        let mut keyed: Vec<(usize, usize)> = column.iter().map(|at| (mean(*at), *at)).collect();
        keyed.sort_by_key(|(mean, _)| *mean);
        *column = keyed.into_iter().map(|(_, at)| at).collect();
        note(column, &mut position);
    }
}

/// The tables without foreign keys, in columns about as high as the others or about as high as wide.
fn grid(edges: &[(usize, usize)], boxes: &[Box], others: Option<usize>) -> Vec<Vec<usize>> {
    let alone: Vec<usize> = (0..boxes.len()).filter(|at| !is_linked(*at, edges)).collect();
    let area: usize = alone.iter().map(|at| (boxes[*at].height + GAP_DOWN) * (boxes[*at].width + GAP_ACROSS)).sum();
    let limit = area.isqrt().max(others.unwrap_or_default());
    let mut columns: Vec<Vec<usize>> = Vec::new();
    let mut filled = 0;
    for at in alone {
        let height = boxes[at].height + GAP_DOWN;
        match columns.last_mut() {
            Some(column) if filled + height <= limit => column.push(at),
            Some(_) | None => {
                columns.push(vec![at]);
                filled = 0;
            }
        }
        filled += height;
    }
    columns
}

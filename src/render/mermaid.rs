//! The touched tables as an entity-relationship diagram in Mermaid's grammar, which takes few characters: names and types
//! are made safe for it, and what had to be replaced stands in the comment.

use std::fmt::Write as _;

use super::relations::{Attribute, Diagram, Entity, Mark, Relation};
use super::touched::Fate;

/// The diagram, without a fence.
pub(super) fn mermaid(diagram: &Diagram) -> String {
    let mut out = "erDiagram\n".to_owned();
    for (at, entity) in diagram.entities.iter().enumerate() {
        write_entity(&mut out, at, entity);
    }
    for relation in &diagram.relations {
        write_relation(&mut out, relation);
    }
    out
}

/// Entities go by their number; their names are aliases, which take more characters.
fn write_entity(out: &mut String, at: usize, entity: &Entity) {
    let fate = match entity.fate {
        Some(fate @ (Fate::Added | Fate::Dropped)) => format!(" ({})", fate.word()),
        Some(Fate::Changed) | None => String::new(),
    };
    let _ = write!(out, "  t{at}[\"{}{fate}\"]", quotable(&entity.name));
    if entity.attributes.is_empty() {
        out.push('\n');
        return;
    }
    out.push_str(" {\n");
    for attribute in &entity.attributes {
        write_attribute(out, attribute);
    }
    out.push_str("  }\n");
}

fn write_attribute(out: &mut String, attribute: &Attribute) {
    let (data_type, name) = (type_word(&attribute.data_type), word(&attribute.name));
    let _ = write!(out, "    {data_type} {name}");
    if !attribute.keys.is_empty() {
        let _ = write!(out, " {}", attribute.keys.join(", "));
    }
    let real_name = (name != attribute.name).then(|| quotable(&attribute.name));
    let mark = (attribute.mark != Mark::Same).then(|| attribute.mark.word().to_owned());
    let comment = mark.into_iter().chain(real_name).collect::<Vec<_>>().join(": ");
    if !comment.is_empty() {
        let _ = write!(out, " \"{comment}\"");
    }
    out.push('\n');
}

/// Parent to the left: exactly one or none of it, and many or one of the child. A line of dots is a key that goes.
fn write_relation(out: &mut String, relation: &Relation) {
    let parent = if relation.optional { "|o" } else { "||" };
    let child = if relation.unique { "o|" } else { "o{" };
    let line = if relation.mark == Mark::Removed { ".." } else { "--" };
    let mark = if relation.mark == Mark::Same { String::new() } else { format!(" ({})", relation.mark.word()) };
    let Relation { parent: from, child: to, name, .. } = relation;
    let _ = writeln!(out, "  t{from} {parent}{line}{child} t{to} : \"{}{mark}\"", quotable(name));
}

/// A type as one word: `bigint unsigned` as `bigint_unsigned`; the members of an ENUM are left out.
fn type_word(data_type: &str) -> String {
    match data_type.split_once('(') {
        Some((name @ ("enum" | "set"), _)) => name.to_owned(),
        Some(_) | None => word(data_type),
    }
}

/// A word of the grammar. It begins with a letter, is no keyword, and holds letters, digits, `_`, and parentheses.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '(' | ')');
    let mut word: String = text.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let keyword = ["pk", "fk", "uk"].contains(&word.to_ascii_lowercase().as_str());
    if keyword || !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
        word.insert_str(0, "c_");
    }
    word
}

/// Text for between double quotes, which the grammar knows no escape for.
fn quotable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' => '\'',
            '%' | '\\' => '_',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}

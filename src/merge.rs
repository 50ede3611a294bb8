//! Three-way merges of schema files on the model: two sides that add different columns to a table do not conflict, whatever
//! lines they stand on.
//!
//! In: three texts. Out: one text, and the objects about which only a person can decide. What neither side touched stays byte
//! for byte, comments and data as well. The statements are merged as a sequence (`sequence`), the columns and keys within a
//! CREATE TABLE that both sides changed as another (`elements`), and the result is run on the catalog: every object must be
//! what the side made of it that changed it, or else there is a conflict there after all. No I/O.

mod elements;
mod pieces;
mod sequence;

use std::collections::{BTreeMap, BTreeSet};

use crate::canonical::Printer;
use crate::catalog::Session;
use crate::catalog::script::{self, Script, ScriptError};
use crate::model::Schema;
use crate::source::Source;
use crate::syntax::Reading;
use crate::target::Target;

use pieces::{Key, Piece};
use sequence::{Body, Part, Sides};

/// What a merge came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Merged {
    /// The merged text; where there are conflicts, with the usual markers around the definitions of both sides.
    pub text: Vec<u8>,
    /// The objects that need a person, such as ``table `users` ``, each with the reason.
    pub conflicts: Vec<Conflict>,
}

/// Something that both sides changed, each in its own way.
#[derive(Clone, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub struct Conflict {
    /// What it is about.
    pub object: String,
    /// Why it could not be merged.
    pub reason: String,
}

/// A text that cannot be merged because it cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unreadable {
    /// Which of the three: `BASE`, `OURS` or `THEIRS`.
    pub side: &'static str,
    /// What is wrong with it.
    pub errors: Vec<ScriptError>,
}

/// Merges two descendants of a text.
///
/// ```
/// use alterplan::merge::merge;
/// use alterplan::{source::Source, target::Target};
///
/// let base = Source::new("base.sql", "CREATE TABLE t (\n  a int\n);\n");
/// let ours = Source::new("ours.sql", "CREATE TABLE t (\n  a int,\n  b int -- ours\n);\n");
/// let theirs = Source::new("theirs.sql", "CREATE TABLE t (\n  a int,\n  c int -- theirs\n);\n");
/// let merged = merge(&base, &ours, &theirs, Target::DEFAULT).unwrap();
/// assert_eq!(merged.conflicts, []);
/// assert_eq!(
///     String::from_utf8_lossy(&merged.text),
///     "CREATE TABLE t (\n  a int,\n  b int, -- ours\n  c int -- theirs\n);\n"
/// );
/// ```
///
/// # Errors
/// A text that the target's server would refuse: what it means is not known, so nothing is merged.
pub fn merge(base: &Source, ours: &Source, theirs: &Source, target: Target) -> Result<Merged, Box<Unreadable>> {
    let sides = Sides {
        base: read("BASE", base, target)?,
        ours: read("OURS", ours, target)?,
        theirs: read("THEIRS", theirs, target)?,
    };
    let inner = |sides: Sides<&Piece<'_>>| elements::merge(sides, &Reading::of(target));
    let mut parts = sequence::merge(&sides.as_ref().map(|side| side.pieces.as_slice()), &inner);
    let objects = sides.as_ref().map(|side| objects(&side.script.schema, target));
    // A conflict that is found by running the text takes something out of it, and so may show the next.
    let mut reasons = BTreeMap::new();
    loop {
        let text = assembled(&parts, Show::OursInConflicts);
        let found = disagreements(&text, &objects, target, &reasons);
        let mut news = false;
        for (key, reason) in found {
            news |= mark(&mut parts, &key, &sides) && reasons.insert(key, reason).is_none();
        }
        if !news {
            break;
        }
    }
    let mut conflicts: Vec<Conflict> = parts
        .iter()
        .filter_map(|part| {
            let Body::Conflict { reason, .. } = &part.body else { return None };
            let reason = reasons.get(&part.key).cloned().unwrap_or_else(|| (*reason).to_owned());
            Some(Conflict { object: part.key.to_string(), reason })
        })
        .collect();
    conflicts.sort();
    Ok(Merged { text: assembled(&parts, Show::Markers), conflicts })
}

/// A side after reading.
struct Side<'a> {
    script: Script,
    pieces: Vec<Piece<'a>>,
}

fn read<'a>(side: &'static str, source: &'a Source, target: Target) -> Result<Side<'a>, Box<Unreadable>> {
    let script = script::load(std::slice::from_ref(source), target, session(target));
    if !script.errors.is_empty() {
        return Err(Box::new(Unreadable { side, errors: script.errors }));
    }
    Ok(Side { script, pieces: pieces::split(&source.text, target) })
}

/// Definitions that only a strict session refuses, as zero dates in old dumps, are none of a merge's business.
fn session(target: Target) -> Session {
    let mut session = Session::of(target);
    session.sql_mode = session.sql_mode.lenient();
    session
}

/// The canonical text of every object.
fn objects(schema: &Schema, target: Target) -> BTreeMap<Key, String> {
    let mut all = BTreeMap::new();
    for database in &schema.databases {
        let name = database.name.as_ref().map(ToString::to_string);
        for table in database.tables.values() {
            let mut text = String::new();
            Printer::show(target).table(&mut text, table);
            all.insert(Key::object("table", name.as_deref(), table.name.as_str()), text);
        }
        for object in database.objects.values() {
            let key = Key::object(object.kind.word(), name.as_deref(), object.name.as_str());
            all.insert(key, object.text.to_string());
        }
    }
    all
}

/// The objects that are not what they must be in a merged text: what one side alone changed is what that side made of it.
fn disagreements(
    text: &[u8],
    objects: &Sides<BTreeMap<Key, String>>,
    target: Target,
    known: &BTreeMap<Key, String>,
) -> Vec<(Key, String)> {
    let source = Source::new("merged", text);
    let script = script::load(std::slice::from_ref(&source), target, session(target));
    let mut found = Vec::new();
    let pieces = pieces::split(&source.text, target);
    for error in &script.errors {
        let mut end = 0;
        let piece = pieces.iter().find(|piece| {
            end += piece.lead.len() + piece.body.len() + piece.after.len();
            error.location.span.start < end
        });
        found.extend(piece.map(|piece| (piece.key.clone(), error.message.clone())));
    }
    if found.is_empty() {
        let merged = self::objects(&script.schema, target);
        let keys: BTreeSet<&Key> =
            [&objects.base, &objects.ours, &objects.theirs].into_iter().flat_map(BTreeMap::keys).collect();
        for key in keys {
            let [base, ours, theirs] = [&objects.base, &objects.ours, &objects.theirs].map(|side| side.get(key));
            let wanted = match () {
                () if ours == theirs || theirs == base => ours,
                () if ours == base => theirs,
                // Both changed it: its elements were merged, and the server takes the result.
                () => continue,
            };
            if merged.get(key) != wanted {
                found.push((key.clone(), "the merged text would not give what either side has".to_owned()));
            }
        }
    }
    found.retain(|(key, _)| !known.contains_key(key));
    found
}

/// Makes a conflict of the part about an object; says whether there was anything to make one of.
fn mark<'a>(parts: &mut Vec<Part<'a, Key>>, key: &Key, sides: &Sides<Side<'a>>) -> bool {
    let of = |side: &Side<'a>| side.pieces.iter().find(|piece| piece.key == *key).map(|piece| piece.body.to_vec());
    let (ours, theirs) = (of(&sides.ours), of(&sides.theirs));
    if ours.is_none() && theirs.is_none() {
        return false;
    }
    let body = Body::Conflict { ours, theirs, reason: "" };
    match parts.iter_mut().find(|part| part.key == *key) {
        Some(Part { body: Body::Conflict { .. }, .. }) => false,
        Some(part) => {
            part.body = body;
            true
        }
        None => {
            parts.push(Part { key: key.clone(), lead: b"\n", body, after: b";" });
            true
        }
    }
}

/// What stands in a text for a conflict.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Show {
    Markers,
    OursInConflicts,
}

fn assembled(parts: &[Part<'_, Key>], show: Show) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        if !part.lead.first().is_none_or(u8::is_ascii_whitespace) || part.lead.is_empty() {
            // It was first in its file.
            end_line(&mut out);
        }
        // After a marker's line end, one more would be a line of its own.
        let follows_marker = out.ends_with(MARKER_END);
        out.extend_from_slice(part.lead.strip_prefix(b"\n").filter(|_| follows_marker).unwrap_or(part.lead));
        match (&part.body, show) {
            (Body::Merged(body), _) | (Body::Conflict { ours: Some(body), .. }, Show::OursInConflicts) => {
                out.extend_from_slice(body);
                out.extend_from_slice(part.after);
            }
            (Body::Conflict { ours: None, .. }, Show::OursInConflicts) => {}
            (Body::Conflict { ours, theirs, .. }, Show::Markers) => {
                let mut side = |marker: &[u8], body: &Option<Vec<u8>>| {
                    end_line(&mut out);
                    out.extend_from_slice(marker);
                    if let Some(body) = body {
                        out.extend_from_slice(body);
                        out.extend_from_slice(part.after);
                    }
                };
                side(b"<<<<<<< ours\n", ours);
                side(b"=======\n", theirs);
                end_line(&mut out);
                out.extend_from_slice(MARKER_END);
            }
        }
    }
    out
}

const MARKER_END: &[u8] = b">>>>>>> theirs\n";

fn end_line(out: &mut Vec<u8>) {
    if !out.is_empty() && !out.ends_with(b"\n") {
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests;

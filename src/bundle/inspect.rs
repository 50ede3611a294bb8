//! What a bundle is, told to people and to programs. Names in it may be anybody's: what a terminal would act on is escaped.

use std::fmt::Write as _;
use std::io::{Read, Seek};

use serde::Serialize;

use crate::document::{Hazard, Plan};

use super::manifest::{Entry, Manifest, State};
use super::open::Bundle;

/// A bundle as `inspect` shows it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Inspection<'a> {
    /// The file's bytes.
    pub length: u64,
    /// The bytes that its files have when they are unpacked.
    pub unpacked: u64,
    /// Who has signed it.
    pub signatures: Vec<SignatureReport>,
    /// How many trusted keys must have signed.
    pub threshold: usize,
    /// Whether as many have.
    pub trusted: bool,
    /// Its manifest.
    pub manifest: &'a Manifest,
    /// Its plan.
    pub plan: Option<&'a Plan>,
}

/// A signature as `inspect` shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SignatureReport {
    /// The key's number.
    pub key: String,
    /// Whether the key is trusted and the signature holds.
    pub trusted: bool,
}

impl<'a> Inspection<'a> {
    /// Looks at a bundle.
    pub fn of<S: Read + Seek>(bundle: &'a Bundle<S>) -> Self {
        let standing = bundle.standing();
        let signatures = standing
            .signers()
            .map(|signer| SignatureReport { key: signer.key.to_string(), trusted: signer.is_trusted })
            .collect();
        Self {
            length: bundle.length(),
            unpacked: bundle.manifest().unpacked_size(),
            signatures,
            threshold: standing.threshold(),
            trusted: standing.is_trusted(),
            manifest: bundle.manifest(),
            plan: bundle.plan(),
        }
    }

    /// As JSON.
    pub fn json(&self) -> String {
        // Names are strings and numbers are finite: nothing here can fail.
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }

    /// As text: what it is, who has signed it, each path, the plan with its hazards.
    pub fn text(&self) -> String {
        let manifest = self.manifest;
        let mut out = format!("{}\n", title(manifest));
        let mut line = |label: &str, text: &str| {
            // A String takes whatever is written.
            let _ = writeln!(out, "{label:<9} {text}");
        };
        line("platform", manifest.platform.as_deref().unwrap_or("any"));
        line("made by", &manifest.created_by.escape_debug().to_string());
        line("size", &format!("{}, unpacks to {}", human_size(self.length), human_size(self.unpacked)));
        for signature in &self.signatures {
            let verdict = if signature.trusted { "trusted" } else { "not trusted: not checked" };
            line("signed by", &format!("{} ({verdict})", signature.key));
        }
        if self.signatures.is_empty() {
            line("signed by", "nobody");
        }
        manifest.notes.iter().flat_map(|notes| notes.lines()).for_each(|text| {
            line("notes", &text.escape_debug().to_string());
        });
        out.push_str(&tree(manifest));
        out.push_str(&self.plan.map(plan).unwrap_or_default());
        out
    }
}

/// `shop 1.2.3 → 1.2.3.1`.
fn title(manifest: &Manifest) -> String {
    match manifest.base {
        Some(base) => format!("{} {base} → {}", manifest.product, manifest.version),
        None => format!("{} {} (full release)", manifest.product, manifest.version),
    }
}

/// A line for each path: what happens to it, its mode, its size.
fn tree(manifest: &Manifest) -> String {
    let mut out = format!("\n{}\n", manifest.tally());
    for entry in &manifest.entries {
        let sign = match (&entry.new, &entry.old) {
            (State::Absent, _) => '-',
            (_, Some(State::Absent)) => '+',
            (_, None | Some(_)) => '~',
        };
        // A String takes whatever is written.
        let _ = writeln!(out, "  {sign} {}", entry_line(entry));
    }
    for path in manifest.deleted_unseen() {
        let _ = writeln!(out, "  - {}", path.as_str().escape_debug());
    }
    out
}

fn entry_line(entry: &Entry) -> String {
    let path = entry.path.as_str().escape_debug();
    match &entry.new {
        State::Absent => path.to_string(),
        State::Directory { mode } => format!("{path}/  {mode}"),
        State::Symlink { target } => format!("{path} -> {}", target.escape_debug()),
        State::File { mode, size, .. } => match &entry.delta {
            Some(delta) => {
                format!("{path}  {mode}  {} as a delta of {}", human_size(*size), human_size(delta.size))
            }
            None => format!("{path}  {mode}  {}", human_size(*size)),
        },
    }
}

fn plan(plan: &Plan) -> String {
    let count = plan.steps.len();
    let steps = if count == 1 { "1 step".to_owned() } else { format!("{count} steps") };
    let mut out = format!("\nplan for {}: {steps}\n  from {}\n  to   {}\n", plan.target, plan.from, plan.to);
    for step in &plan.steps {
        for change in &step.changes {
            let name = step.object.name.escape_debug();
            // A String takes whatever is written.
            let _ = writeln!(out, "  {}: {} {name}: {}", step.id, step.object.kind, change.escape_debug());
        }
        for Hazard { kind, reason, .. } in &step.hazards {
            let _ = writeln!(out, "     hazard {}: {}", kind.word(), reason.escape_debug());
        }
    }
    out
}

/// A size for people: `14.8 MB`.
///
/// ```
/// use alterplan::bundle::human_size;
///
/// assert_eq!(human_size(999), "999 bytes");
/// assert_eq!(human_size(14_800_000), "14.8 MB");
/// ```
pub fn human_size(bytes: u64) -> String {
    let units = ["kB", "MB", "GB", "TB", "PB", "EB"];
    let mut tenths = u128::from(bytes) * 10;
    let mut unit = None;
    for name in units {
        if tenths < 10_000 {
            break;
        }
        tenths = (tenths + 500) / 1000;
        unit = Some(name);
    }
    match unit {
        None if bytes == 1 => "1 byte".to_owned(),
        None => format!("{bytes} bytes"),
        Some(unit) => format!("{}.{} {unit}", tenths / 10, tenths % 10),
    }
}

//! Renames: which are asked for, hinted at or apparent, and which of them are taken.
//!
//! Nothing is renamed on a guess. An option of the user is obeyed or refused; a hint in NEW counts where OLD has the old
//! name and lacks the new one, so that a hint that has done its work says nothing any more (NEW may have something else
//! under the old name); what only looks like a rename,
//! one thing dropped and one added of the same definition, is suggested, or taken where the policy says so.

mod request;

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

pub use request::{RenameError, RenameRequest};

use super::{Aside, Comparison, Drops, Filter, Policies, Renames};
use crate::ident::{Ident, folded};
use crate::model::rename::{Part, Renamed};
use crate::model::{Column, Database, ForeignKey, InTurn, Schema, Table};
use crate::source::Pair;

/// A rename that is taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rename {
    /// The name that qualifies the table; `None`: the database that the plan is run in.
    pub database: Option<Ident>,
    /// What is renamed.
    pub kind: RenameKind,
    /// The table on either side.
    pub tables: Pair<Ident>,
    /// The names; of a table the same as `tables`.
    pub names: Pair<Ident>,
    /// Why.
    pub why: RenameWhy,
}

/// What can be renamed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum RenameKind {
    /// A table.
    Table,
    /// A column.
    Column,
    /// A key.
    Key,
}

impl RenameKind {
    /// Its name in documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Column => "column",
            Self::Key => "index",
        }
    }

    /// Its name in a sentence.
    const fn noun(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Column => "column",
            Self::Key => "key",
        }
    }
}

/// Why something is taken for a rename.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum RenameWhy {
    /// An option says so.
    Option,
    /// The script says so.
    Hint,
    /// One definition went and the same came.
    Detected,
}

impl RenameWhy {
    /// Its name in documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Option => "option",
            Self::Hint => "hint",
            Self::Detected => "detected",
        }
    }
}

/// What was decided.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Decided {
    /// The renames, tables first.
    pub taken: Vec<Rename>,
    /// Hints that do not count, and suggestions.
    pub set_aside: BTreeSet<Aside>,
}

/// What was said of renames.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// By options.
    pub requests: &'a [RenameRequest],
    /// By the scripts. OLD's are read backwards: they tell how to undo what they asked for.
    pub hints: Pair<&'a [Renamed]>,
}

/// Decides on renames.
///
/// # Errors
/// Every option that names what is not there, or cannot be.
pub fn renames(
    schemas: Pair<&Schema>,
    said: Said<'_>,
    policies: &Policies,
    filter: &Filter,
) -> Result<Decided, Vec<RenameError>> {
    let mut decided = Decided::default();
    let mut errors = Vec::new();
    if policies.rename == Renames::Off {
        errors.extend(said.requests.iter().map(|r| r.error("`rename=off` takes no renames")));
        return if errors.is_empty() { Ok(decided) } else { Err(errors) };
    }
    let mut used = vec![false; said.requests.len()];
    let mut comparison = Comparison { policies, filter, renames: &[], set_aside: BTreeSet::new() };
    for (name, sides) in super::paired(schemas, &mut comparison) {
        let (Some(old), Some(new)) = (sides.old, sides.new) else { continue };
        let mut place =
            Place { name, sides: Pair::new(old, new), said, policies, filter, used: &mut used, decided: &mut decided };
        place.tables();
    }
    for (request, used) in said.requests.iter().zip(used) {
        if !used {
            errors.push(request.reason(schemas));
        }
    }
    if errors.is_empty() { Ok(decided) } else { Err(errors) }
}

/// One pair of databases.
struct Place<'a, 'd> {
    name: Option<&'a Ident>,
    sides: Pair<&'a Database>,
    said: Said<'a>,
    policies: &'a Policies,
    filter: &'a Filter,
    used: &'d mut Vec<bool>,
    decided: &'d mut Decided,
}

/// A rename that was spoken of.
struct Candidate {
    names: Pair<Ident>,
    why: RenameWhy,
    /// The option's number.
    request: Option<usize>,
    /// Whether a hint is read backwards: then NEW must lack the old name.
    backwards: bool,
}

impl Place<'_, '_> {
    fn tables(&mut self) {
        let Pair { old, new } = self.sides;
        let mut spoken = Vec::new();
        for (number, request) in self.said.requests.iter().enumerate() {
            let names = request.table(old).map(|from| Pair::new(from, Ident::new(request.name())));
            spoken.extend(names.map(|names| Candidate {
                names,
                why: RenameWhy::Option,
                request: Some(number),
                backwards: false,
            }));
        }
        for hint in self.hints_of(new, self.said.hints.new).filter(|h| h.part == Part::Table) {
            spoken.push(hinted(hint.from.clone(), hint.table.clone()));
        }
        for hint in self.hints_of(old, self.said.hints.old).filter(|h| h.part == Part::Table) {
            spoken.push(Candidate { backwards: true, ..hinted(hint.table.clone(), hint.from.clone()) });
        }
        spoken.retain(|c| self.filter.takes(c.names.old.as_str()) && self.filter.takes(c.names.new.as_str()));
        let has = |d: &Database, name: &str| d.tables.contains_key(name);
        let mut taken = self.choose(RenameKind::Table, None, spoken, &|n| has(old, n), &|n| has(new, n));
        let (mut in_old, mut in_new) = (InTurn::of(&old.tables), InTurn::of(&new.tables));
        let gone: Vec<&Table> = old
            .tables
            .values()
            .filter(|t| in_new.like(t).is_none())
            .filter(|t| !taken.iter().any(|c| c.names.old == t.name))
            .filter(|t| self.filter.takes(t.name.as_str()))
            .collect();
        let come: Vec<&Table> = new
            .tables
            .values()
            .filter(|t| in_old.like(t).is_none())
            .filter(|t| !taken.iter().any(|c| c.names.new == t.name))
            .filter(|t| self.filter.takes(t.name.as_str()))
            .collect();
        for (from, to) in apparent(&gone, &come, names_of_columns, same_table) {
            let names = Pair::new(from.name.clone(), to.name.clone());
            let found = self.apparent(RenameKind::Table, None, names);
            taken.extend(found);
        }
        let renamed: Vec<Pair<Ident>> = taken.iter().map(|c| c.names.clone()).collect();
        for candidate in taken {
            self.take(RenameKind::Table, candidate.names.clone(), candidate);
        }
        // Where nothing is said, tables that are the same hold no rename.
        let silent = self.said.requests.is_empty() && self.said.hints.old.is_empty() && self.said.hints.new.is_empty();
        let mut in_old = InTurn::of(&old.tables);
        for table in new.tables.values() {
            let before = match renamed.iter().find(|names| names.new == table.name) {
                Some(names) => in_old.find(&names.old),
                None if renamed.iter().any(|names| names.old == table.name) => continue,
                None => in_old.like(table),
            };
            let Some(old) = before.filter(|old| !(silent && old.is_same(table))) else { continue };
            if self.filter.takes(table.name.as_str()) {
                self.parts(Pair::new(old, table), RenameKind::Column);
                self.parts(Pair::new(old, table), RenameKind::Key);
            }
        }
    }

    /// Columns, or keys, of one table.
    fn parts(&mut self, tables: Pair<&Table>, kind: RenameKind) {
        let has = |table: &Table, name: &str| match kind {
            RenameKind::Table => false,
            RenameKind::Column => table.column(name).is_some(),
            RenameKind::Key => table.index(name).is_some(),
        };
        let named = |hint: &Renamed, table: &Table| match &hint.part {
            Part::Column(name) if kind == RenameKind::Column && hint.table == table.name => Some(name.clone()),
            Part::Key(name) if kind == RenameKind::Key && hint.table == table.name => Some(name.clone()),
            Part::Table | Part::Column(_) | Part::Key(_) => None,
        };
        let mut spoken = Vec::new();
        for (number, request) in self.said.requests.iter().enumerate() {
            let from = request.part(self.sides.old, tables, kind);
            let names = from.map(|from| Pair::new(from, Ident::new(request.name())));
            spoken.extend(names.map(|names| Candidate {
                names,
                why: RenameWhy::Option,
                request: Some(number),
                backwards: false,
            }));
        }
        for hint in self.hints_of(self.sides.new, self.said.hints.new) {
            spoken.extend(named(hint, tables.new).map(|to| hinted(hint.from.clone(), to)));
        }
        for hint in self.hints_of(self.sides.old, self.said.hints.old) {
            let back = |from| Candidate { backwards: true, ..hinted(from, hint.from.clone()) };
            spoken.extend(named(hint, tables.old).map(back));
        }
        let (in_old, in_new) = (|n: &str| has(tables.old, n), |n: &str| has(tables.new, n));
        let mut taken = self.choose(kind, Some(tables.new), spoken, &in_old, &in_new);
        if kind == RenameKind::Column {
            let lacks = |list: &[Candidate], name: &Ident| {
                !list.iter().any(|c| c.names.old.is(name.as_str()) || c.names.new.is(name.as_str()))
            };
            let only = |these: Pair<&'_ Table>| -> Vec<usize> {
                // Mostly both have the same columns in the same order.
                let mut next = 0;
                let mut is_there = |name: &Ident| {
                    let here = these.new.columns.get(next).filter(|column| column.name == *name).map(|_| next);
                    let found = here.or_else(|| these.new.column(name.as_str()).map(|(at, _)| at));
                    next = found.map_or(next, |at| at + 1);
                    found.is_some()
                };
                let mut alone = |c: &Column| !is_there(&c.name) && lacks(&taken, &c.name);
                (0..these.old.columns.len()).filter(|&i| alone(&these.old.columns[i])).collect()
            };
            let gone: Vec<&Column> = only(tables).into_iter().map(|i| &tables.old.columns[i]).collect();
            let come: Vec<&Column> = only(tables.reversed()).into_iter().map(|i| &tables.new.columns[i]).collect();
            for (from, to) in apparent(&gone, &come, |_| (), same_column) {
                let names = Pair::new(from.name.clone(), to.name.clone());
                let found = self.apparent(kind, Some(tables.old), names);
                taken.extend(found);
            }
        }
        for candidate in taken {
            self.take(kind, tables.map(|t| t.name.clone()), candidate);
        }
    }

    fn hints_of<'h>(
        &self,
        database: &'h Database,
        hints: &'h [Renamed],
    ) -> impl Iterator<Item = &'h Renamed> + use<'h> {
        hints.iter().filter(move |h| h.database == database.name)
    }

    fn take(&mut self, kind: RenameKind, tables: Pair<Ident>, candidate: Candidate) {
        if let Some(number) = candidate.request {
            self.used[number] = true;
        }
        let database = self.name.cloned();
        self.decided.taken.push(Rename { database, kind, tables, names: candidate.names, why: candidate.why });
    }

    /// What looks like a rename: taken, or suggested with the option that would make it one.
    fn apparent(&mut self, kind: RenameKind, table: Option<&Table>, names: Pair<Ident>) -> Option<Candidate> {
        if self.policies.rename == Renames::Detect {
            return Some(Candidate { names, why: RenameWhy::Detected, request: None, backwards: false });
        }
        let option = request::written(kind, table.map(|t| &t.name), &names);
        let of = table.map_or_else(String::new, |t| format!(" of table {}", t.name.quoted()));
        let (old, new) = (names.old.quoted(), names.new.quoted());
        self.aside(format!("{} {old}{of} may be {new} now: --rename {option}", kind.noun()));
        None
    }

    fn aside(&mut self, what: String) {
        let policy = match self.policies.rename {
            Renames::Hints => "rename=hints",
            Renames::Detect => "rename=detect",
            Renames::Off => "rename=off",
        };
        self.decided.set_aside.insert(Aside { what, policy });
    }

    /// Of what was spoken of, all that can be done together.
    fn choose(
        &mut self,
        kind: RenameKind,
        table: Option<&Table>,
        mut spoken: Vec<Candidate>,
        in_old: &dyn Fn(&str) -> bool,
        in_new: &dyn Fn(&str) -> bool,
    ) -> Vec<Candidate> {
        // A hint of something that OLD does not have has done its work, or has none to do.
        spoken.retain(|c| in_old(c.names.old.as_str()) && in_new(c.names.new.as_str()) && c.names.old != c.names.new);
        let mut seen: Vec<Pair<Ident>> = Vec::new();
        spoken.retain(|c| {
            let known = |p: &Pair<Ident>| p.old.is(c.names.old.as_str()) || p.new.is(c.names.new.as_str());
            let twice = seen.iter().any(known);
            seen.push(c.names.clone());
            !twice
        });
        self.make_way(&mut spoken, in_old, in_new);
        let mut refused = Vec::new();
        // Each refusal may take away what another one counts on.
        while let Some(at) = spoken.iter().position(|c| !free(c, &spoken, in_old, in_new)) {
            refused.push(spoken.remove(at));
        }
        // Names that go round in a circle would do so again at the next comparison: only an option says that.
        while let Some(at) = spoken.iter().position(|c| c.why != RenameWhy::Option && in_circle(c, &spoken)) {
            refused.push(spoken.remove(at));
            while let Some(at) = spoken.iter().position(|c| !free(c, &spoken, in_old, in_new)) {
                refused.push(spoken.remove(at));
            }
        }
        for candidate in refused.iter().filter(|c| c.request.is_none()) {
            let of = table.map_or_else(String::new, |t| format!(" of table {}", t.name.quoted()));
            let (old, new) = (candidate.names.old.quoted(), candidate.names.new.quoted());
            self.aside(format!("the hint that {} {new}{of} was {old}: both names are in use", kind.noun()));
        }
        spoken
    }
}

impl Place<'_, '_> {
    /// Where an option gives something the name of what OLD has besides and NEW has no more, that goes out of the way
    /// first, under a name of its own, and is dropped with all else that goes.
    fn make_way(&self, spoken: &mut Vec<Candidate>, in_old: &dyn Fn(&str) -> bool, in_new: &dyn Fn(&str) -> bool) {
        if self.policies.drop == Drops::Skip {
            return;
        }
        let stays = |c: &&Candidate| {
            let new = &c.names.new;
            let goes = spoken.iter().any(|other| other.names.old.is(new.as_str()));
            c.request.is_some() && in_old(new.as_str()) && !goes
        };
        let displaced: Vec<Ident> = spoken.iter().filter(stays).map(|c| c.names.new.clone()).collect();
        for old in displaced {
            let brief: String = old.as_str().chars().take(40).collect();
            let mut aside = format!("alterplan_old_{brief}");
            while in_old(&aside) || in_new(&aside) || spoken.iter().any(|c| c.names.new.is(&aside)) {
                aside.push('_');
            }
            spoken.push(Candidate {
                names: Pair::new(old, Ident::new(aside)),
                why: RenameWhy::Option,
                request: None,
                backwards: false,
            });
        }
    }
}

fn hinted(old: Ident, new: Ident) -> Candidate {
    Candidate { names: Pair::new(old, new), why: RenameWhy::Hint, request: None, backwards: false }
}

/// Whether the new name is free in OLD, but for what is renamed itself.
fn free(
    candidate: &Candidate,
    spoken: &[Candidate],
    in_old: &dyn Fn(&str) -> bool,
    in_new: &dyn Fn(&str) -> bool,
) -> bool {
    let Pair { old, new } = &candidate.names;
    let respelled = old.is(new.as_str());
    let comes = || spoken.iter().any(|c| c.names.new.is(old.as_str()));
    let goes = || spoken.iter().any(|c| c.names.old.is(new.as_str()));
    let replaced = !candidate.backwards || !in_new(old.as_str()) || comes();
    respelled || replaced && (!in_old(new.as_str()) || goes())
}

fn in_circle(candidate: &Candidate, spoken: &[Candidate]) -> bool {
    let mut at = &candidate.names.new;
    for _ in 0..spoken.len() {
        let Some(next) = spoken.iter().find(|c| c.names.old.is(at.as_str())) else { return false };
        at = &next.names.new;
        if candidate.names.new.is(at.as_str()) {
            return true;
        }
    }
    false
}

/// Pairs of one definition: no other that goes, and no other that comes, is like them. What is alike has the same `shape`.
fn apparent<'t, T, S: Hash + Eq>(
    gone: &[&'t T],
    come: &[&'t T],
    shape: fn(&'t T) -> S,
    alike: fn(&T, &T) -> bool,
) -> Vec<(&'t T, &'t T)> {
    let mut shapes: HashMap<S, Pair<Vec<&'t T>>> = HashMap::new();
    for old in gone {
        shapes.entry(shape(old)).or_default().old.push(old);
    }
    for new in come {
        shapes.entry(shape(new)).or_default().new.push(new);
    }
    let mut pairs = Vec::new();
    for old in gone {
        let Some(Pair { old: gone, new: come }) = shapes.get(&shape(old)) else { continue };
        let news: Vec<&&T> = come.iter().filter(|new| alike(old, new)).take(2).collect();
        let [new] = news[..] else { continue };
        if gone.iter().filter(|other| alike(other, new)).take(2).count() == 1 {
            pairs.push((*old, *new));
        }
    }
    pairs
}

fn names_of_columns(table: &Table) -> Vec<&str> {
    table.columns.iter().map(|column| column.name.as_str()).collect()
}

fn same_column(old: &Column, new: &Column) -> bool {
    old.shared() == new.shared() || **old == **new
}

/// Whether two tables are one but for their names, those that servers make of them, and counters.
fn same_table(old: &Table, new: &Table) -> bool {
    let same_key = |a: &ForeignKey, b: &ForeignKey| {
        (a.name == b.name || a.generated_name && b.generated_name)
            && a.columns == b.columns
            && a.referenced_columns == b.referenced_columns
            && a.referenced_database == b.referenced_database
            && (a.referenced_table == b.referenced_table
                || a.referenced_table == old.name && b.referenced_table == new.name)
            && a.on_delete == b.on_delete
            && a.on_update == b.on_update
    };
    old.columns == new.columns
        && old.indexes == new.indexes
        && old.options.is_same_but_counts(&new.options)
        && old.periods == new.periods
        && old.system_versioned == new.system_versioned
        && old.partitioning == new.partitioning
        && old.foreign_keys.len() == new.foreign_keys.len()
        && old.foreign_keys.iter().zip(&new.foreign_keys).all(|(a, b)| same_key(a, b))
        && old.checks.len() == new.checks.len()
        && old.checks.iter().zip(&new.checks).all(|(a, b)| {
            a.expression == b.expression
                && a.enforced == b.enforced
                && (a.name == b.name || a.generated_name && b.generated_name)
        })
}

/// The key that `name` of a table was before, where a rename says so.
pub(crate) fn key_before<'r>(renames: &'r [Rename], table: &Ident, name: &Ident) -> Option<&'r Ident> {
    renames
        .iter()
        .find(|r| {
            r.kind == RenameKind::Key && r.tables.new == *table && folded(r.names.new.as_str()) == folded(name.as_str())
        })
        .map(|r| &r.names.old)
}

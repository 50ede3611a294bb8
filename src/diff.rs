//! What differs between two schemas, as meaning: no statement, no text, no order of execution.
//!
//! In: two schemas of the model, policies and filters. Out: [`Changes`], which borrow from both.
//! The room knows the model alone. It cannot fail: both schemas are canonical, so comparing is `==`.

pub mod column;
pub mod key;
pub mod object;
pub mod policy;
pub mod rename;
pub mod table;

use std::collections::{BTreeSet, HashMap};

pub use column::{ColumnAspect, ColumnChange, Position};
pub use key::{CheckChange, ForeignKeyChange, IndexChange};
pub use object::{ObjectAspect, ObjectChange};
pub use policy::{
    Count, Counter, Definer, Drops, Filter, IndexOrder, Names, Online, Partitions, Phases, Policies, PolicyError,
    Renames,
};
pub use rename::{Rename, RenameError, RenameKind, RenameRequest};
pub use table::{OptionChange, TableChange, TableDiff};

use crate::ident::Ident;
use crate::model::{Collation, Database, Schema, Table};
use crate::source::Pair;

/// Everything that differs, in the order of the sources.
#[derive(Debug, Default)]
pub struct Changes<'a> {
    /// The databases of either side, each with what differs in it.
    pub databases: Vec<DatabaseDiff<'a>>,
    /// What was seen and left out by a policy, in order and without repeats.
    pub set_aside: BTreeSet<Aside>,
}

/// Something that differs and was left out.
#[derive(Clone, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub struct Aside {
    /// What it is, in words.
    pub what: String,
    /// The policy, as `key=value`, or the filter.
    pub policy: &'static str,
}

/// A database with what differs in it.
#[derive(Debug)]
pub struct DatabaseDiff<'a> {
    /// The name that qualifies its objects; `None`: the one that the plan is run in.
    pub name: Option<&'a Ident>,
    /// The database on either side.
    pub sides: Pair<Option<&'a Database>>,
    /// What becomes of the database itself.
    pub change: Option<DatabaseChange<'a>>,
    /// Its tables that differ.
    pub tables: Vec<TableChange<'a>>,
    /// Its views and stored programs that differ.
    pub objects: Vec<ObjectChange<'a>>,
}

/// What becomes of a database itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DatabaseChange<'a> {
    /// Only NEW has it.
    Added(&'a Ident),
    /// Only OLD has it.
    Dropped(&'a Ident),
    /// New tables get another collation.
    Collation(Pair<Collation>),
}

impl Changes<'_> {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.databases.iter().all(|d| d.change.is_none() && d.tables.is_empty() && d.objects.is_empty())
    }
}

/// What a comparison is made under, and where it notes what it leaves out.
pub(crate) struct Comparison<'p> {
    pub(crate) policies: &'p Policies,
    pub(crate) filter: &'p Filter,
    /// What was taken for a rename.
    pub(crate) renames: &'p [Rename],
    pub(crate) set_aside: BTreeSet<Aside>,
}

impl Comparison<'_> {
    pub(crate) fn aside(&mut self, what: String, policy: &'static str) {
        self.set_aside.insert(Aside { what, policy });
    }

    /// Whether something that NEW lacks is to be dropped; if not, says so in `set_aside`.
    pub(crate) fn drops(&mut self, what: impl FnOnce() -> String) -> bool {
        match self.policies.drop {
            Drops::Apply => true,
            Drops::Skip => {
                self.aside(what(), "drop=skip");
                false
            }
        }
    }

    /// Whether an object of that name is looked at; if not, says so in `set_aside`.
    pub(crate) fn takes(&mut self, kind: &str, name: &str) -> bool {
        let takes = self.filter.takes(name);
        if !takes {
            self.aside(format!("{kind} `{name}`"), "filter");
        }
        takes
    }
}

/// Compares two schemas. Tables and columns that were renamed have their new names in OLD already; of `renames` only
/// those of keys count here.
pub fn diff<'a>(schemas: Pair<&'a Schema>, renames: &[Rename], policies: &Policies, filter: &Filter) -> Changes<'a> {
    let mut comparison = Comparison { policies, filter, renames, set_aside: BTreeSet::new() };
    let databases = paired(schemas, &mut comparison)
        .into_iter()
        .map(|(name, sides)| DatabaseDiff {
            name,
            sides,
            change: database_change(name, sides, &mut comparison),
            tables: table::tables(sides, &mut comparison),
            objects: object::objects(sides, &mut comparison),
        })
        .collect();
    Changes { databases, set_aside: comparison.set_aside }
}

/// Compares two tables by themselves.
pub(crate) fn compare_tables<'a>(tables: Pair<&'a Table>, policies: &Policies, filter: &Filter) -> TableDiff<'a> {
    table::table(tables, &mut Comparison { policies, filter, renames: &[], set_aside: BTreeSet::new() })
}

type NamedPair<'a> = (Option<&'a Ident>, Pair<Option<&'a Database>>);

/// Databases are paired by name; but where each side has only one, these two are meant,
/// whatever they are called, and the plan runs in whichever database it is given.
fn paired<'a>(schemas: Pair<&'a Schema>, comparison: &mut Comparison<'_>) -> Vec<NamedPair<'a>> {
    if let (Some(old), Some(new)) = (only(schemas.old), only(schemas.new)) {
        if old.name == new.name {
            return vec![(old.name.as_ref(), Pair::new(Some(old), Some(new)))];
        }
        let name =
            |d: &Database| d.name.as_ref().map_or_else(|| "without a name".to_owned(), |n| n.quoted().to_string());
        comparison.aside(format!("the database's name: {} → {}", name(old), name(new)), "one database on each side");
        return vec![(None, Pair::new(Some(old), Some(new)))];
    }
    let places = schemas.map(|schema| -> HashMap<Option<&Ident>, &'a Database> {
        schema.databases.iter().rev().map(|database| (database.name.as_ref(), database)).collect()
    });
    let both = schemas.old.databases.iter().map(|old| {
        let name = old.name.as_ref();
        (name, Pair::new(Some(old), places.new.get(&name).copied()))
    });
    let added = schemas
        .new
        .databases
        .iter()
        .filter(|new| !places.old.contains_key(&new.name.as_ref()))
        .map(|new| (new.name.as_ref(), Pair::new(None, Some(new))));
    both.chain(added).collect()
}

/// The only database of a schema that holds anything or is named.
fn only(schema: &Schema) -> Option<&Database> {
    let mut there =
        schema.databases.iter().filter(|d| d.name.is_some() || !d.tables.is_empty() || !d.objects.is_empty());
    match (there.next(), there.next()) {
        (Some(one), None) => Some(one),
        (None, _) => schema.databases.first(),
        (Some(_), Some(_)) => None,
    }
}

fn database_change<'a>(
    name: Option<&'a Ident>,
    sides: Pair<Option<&'a Database>>,
    comparison: &mut Comparison<'_>,
) -> Option<DatabaseChange<'a>> {
    match (sides.old, sides.new, name) {
        (Some(old), Some(new), _) => {
            let differs = old.declared && new.declared && old.collation != new.collation;
            differs.then_some(DatabaseChange::Collation(Pair::new(old.collation, new.collation)))
        }
        (None, Some(_), Some(name)) => Some(DatabaseChange::Added(name)),
        // A database that OLD's script did not make is not NEW's to drop: only what it holds is compared.
        (Some(old), None, Some(name)) if old.declared => {
            comparison.drops(|| format!("database {}", name.quoted())).then_some(DatabaseChange::Dropped(name))
        }
        (Some(_) | None, _, _) => None,
    }
}

#[cfg(test)]
pub(crate) mod tests;

//! Schemas, databases, and the objects in them that are kept as text.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use super::{Collation, Creation, Event, Routine, Sequence, Table, Trigger, View};
use crate::ident::Ident;
use crate::source::Location;

/// Objects by their names, in order of creation.
pub type Ordered<K, V> = IndexMap<K, V, RandomState>;

/// Finds objects by their names for somebody who mostly asks for one after the other in their own order: the one behind the
/// last is looked at first.
#[derive(Debug)]
pub struct InTurn<'m, K, V> {
    objects: &'m Ordered<K, V>,
    next: usize,
}

impl<'m, K: Eq + Hash, V> InTurn<'m, K, V> {
    /// Begins with the first.
    pub const fn of(objects: &'m Ordered<K, V>) -> Self {
        Self { objects, next: 0 }
    }

    /// The object of that name.
    pub fn find(&mut self, key: &K) -> Option<&'m V> {
        let (place, value) = match self.objects.get_index(self.next) {
            Some((there, value)) if there == key => (self.next, value),
            Some(_) | None => {
                let (place, _, value) = self.objects.get_full(key)?;
                (place, value)
            }
        };
        self.next = place + 1;
        Some(value)
    }
}

impl<'m> InTurn<'m, Ident, Table> {
    /// The table of that one's name. One in its turn that shares the definition has the name as well: so a table that is on
    /// both sides is found without a look at either's definition.
    pub fn like(&mut self, table: &Table) -> Option<&'m Table> {
        match self.objects.get_index(self.next) {
            Some((_, there)) if there.shares(table) => {
                self.next += 1;
                Some(there)
            }
            Some(_) | None => self.find(&table.name),
        }
    }
}

/// Everything that a script leaves behind: its databases, in order of first mention.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// The databases. The one that a script is run in has no name.
    pub databases: Vec<Database>,
}

impl Schema {
    /// The database of that name (`None`: the one that the script is run in).
    pub fn database(&self, name: Option<&str>) -> Option<&Database> {
        self.databases.iter().find(|d| d.name.as_ref().map(Ident::as_str) == name)
    }

    /// All tables with their databases, in the order of the script.
    pub fn tables(&self) -> impl Iterator<Item = (&Database, &Table)> {
        self.databases.iter().flat_map(|d| d.tables.values().map(move |t| (d, t)))
    }
}

/// When triggers run: the table, `BEFORE` or `AFTER`, and what happens to its rows.
pub type Occasion<'o> = (&'o Ident, &'static str, &'static str);

/// One database.
#[derive(Clone, Debug)]
pub struct Database {
    /// Its name, or `None` for the one that the script is run in.
    pub name: Option<Ident>,
    /// The collation that new tables get, and with it the charset.
    pub collation: Collation,
    /// Whether the script itself created or altered it (else only what it holds is compared).
    pub declared: bool,
    /// The tables by name, in order of creation.
    pub tables: Ordered<Ident, Table>,
    /// Views, triggers and stored programs by kind and name, in order of creation.
    pub objects: Ordered<(ObjectKind, Ident), TextObject>,
}

impl Database {
    /// A database with nothing in it.
    pub fn new(name: Option<Ident>, collation: Collation) -> Self {
        Self { name, collation, declared: false, tables: Ordered::default(), objects: Ordered::default() }
    }

    /// Takes in an object that a statement made: a trigger where the statement wants it among those of its occasion, which is
    /// behind them where it says nothing, whether or not it was there before. Whether the trigger that it names is there.
    pub fn put(&mut self, object: TextObject) -> bool {
        let key = (object.kind, object.name.clone());
        let Meaning::Trigger(trigger) = &object.meaning else {
            self.objects.insert(key, object);
            return true;
        };
        self.objects.shift_remove(&key);
        let Some((word, other)) = &trigger.order else {
            self.objects.insert(key, object);
            return true;
        };
        let occasion = object.occasion();
        let other = (ObjectKind::Trigger, other.clone());
        let place = self.objects.get_full(&other).filter(|(_, _, other)| other.occasion() == occasion);
        match place.map(|(at, _, _)| at) {
            Some(at) => {
                let at = if *word == "FOLLOWS" { at + 1 } else { at };
                self.objects.shift_insert(at, key, object);
                true
            }
            None => {
                self.objects.insert(key, object);
                false
            }
        }
    }

    /// The triggers of each occasion, in the order in which they run.
    pub fn triggers(&self) -> BTreeMap<Occasion<'_>, Vec<&Ident>> {
        let mut triggers: BTreeMap<Occasion<'_>, Vec<&Ident>> = BTreeMap::new();
        for object in self.objects.values() {
            if let Some(occasion) = object.occasion() {
                triggers.entry(occasion).or_default().push(&object.name);
            }
        }
        triggers
    }

    /// Whether the order of an occasion's triggers is one that somebody meant: files of one trigger each tell none, unless each
    /// but the first says which other one it follows or precedes.
    pub fn tells_order(&self, triggers: &[&Ident]) -> bool {
        let trigger = |name: &&Ident| self.objects.get(&(ObjectKind::Trigger, Ident::clone(name)));
        let mut found: Vec<&TextObject> = triggers.iter().filter_map(trigger).collect();
        found.sort_by_key(|object| object.location);
        let is_placed = |object: &TextObject| match &object.meaning {
            Meaning::Trigger(trigger) => trigger.order.is_some(),
            Meaning::View(_) | Meaning::Routine(_) | Meaning::Event(_) | Meaning::Sequence(_) => false,
            Meaning::Package(_) | Meaning::Text => false,
        };
        found.windows(2).all(|pair| pair[0].location.source == pair[1].location.source || is_placed(pair[1]))
    }
}

/// Kinds of objects that are kept as text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// A view.
    View,
    /// A stored function.
    Function,
    /// A stored procedure.
    Procedure,
    /// A MariaDB package specification.
    Package,
    /// A MariaDB package body.
    PackageBody,
    /// A trigger.
    Trigger,
    /// A scheduled event.
    Event,
    /// A MariaDB sequence.
    Sequence,
}

impl ObjectKind {
    /// The word for it, in lower case as the plan document has it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Function => "function",
            Self::Procedure => "procedure",
            Self::Package => "package",
            Self::PackageBody => "package body",
            Self::Trigger => "trigger",
            Self::Event => "event",
            Self::Sequence => "sequence",
        }
    }
}

impl ObjectKind {
    /// Whether its server keeps the session with it that it was made in, and runs it in that.
    pub const fn is_program(self) -> bool {
        match self {
            Self::View | Self::Sequence => false,
            Self::Function | Self::Procedure | Self::Package | Self::PackageBody | Self::Trigger | Self::Event => true,
        }
    }
}

/// What an object says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Meaning {
    /// Nothing but its text is known.
    Text,
    /// A view.
    View(Box<View>),
    /// A trigger.
    Trigger(Box<Trigger>),
    /// A function or a procedure.
    Routine(Box<Routine>),
    /// A package or its body: what stands behind its name.
    Package(Box<str>),
    /// An event.
    Event(Box<Event>),
    /// A sequence.
    Sequence(Box<Sequence>),
}

/// The modes of an `sql_mode` by which text means one thing or another (MySQL 8.4 manual, section 7.1.11 "Server SQL Modes").
pub fn reading_modes(sql_mode: &str) -> BTreeSet<&'static str> {
    const MODES: [&str; 7] = [
        "ANSI_QUOTES",
        "HIGH_NOT_PRECEDENCE",
        "IGNORE_SPACE",
        "NO_BACKSLASH_ESCAPES",
        "ORACLE",
        "PIPES_AS_CONCAT",
        "REAL_AS_FLOAT",
    ];
    let words = || sql_mode.split(',').map(str::trim);
    let ansi = words().any(|word| word.eq_ignore_ascii_case("ANSI"));
    let of_ansi = |mode: &str| matches!(mode, "ANSI_QUOTES" | "IGNORE_SPACE" | "PIPES_AS_CONCAT" | "REAL_AS_FLOAT");
    let is_there = |mode: &&str| words().any(|word| word.eq_ignore_ascii_case(mode)) || ansi && of_ansi(mode);
    MODES.into_iter().filter(is_there).collect()
}

/// An object that is compared and created as its own text.
#[derive(Clone, Debug)]
pub struct TextObject {
    /// Its name.
    pub name: Ident,
    /// What kind it is.
    pub kind: ObjectKind,
    /// The table that a trigger is on.
    pub table: Option<Ident>,
    /// The CREATE statement without terminator, comments that are not part of it left out.
    pub text: Box<str>,
    /// What is compared: the text without the account, where it is no matter what that is; of queries the tokens.
    pub essence: Box<str>,
    /// The account that it belongs to, as printed; none where the statement names none or the one that runs it.
    pub definer: Option<Box<str>>,
    /// What it says, as far as that is understood.
    pub meaning: Meaning,
    /// `sql_mode` in force where it was created, which the server stores with it.
    pub sql_mode: Box<str>,
    /// The session that it was made in, as far as its source tells; of programs alone.
    pub creation: Creation,
    /// The statement that made it.
    pub location: Location,
}

impl TextObject {
    /// The view that it is.
    pub const fn view(&self) -> Option<&View> {
        match &self.meaning {
            Meaning::View(view) => Some(view),
            Meaning::Trigger(_) | Meaning::Routine(_) | Meaning::Event(_) | Meaning::Sequence(_) => None,
            Meaning::Package(_) | Meaning::Text => None,
        }
    }

    /// The modes that it is read by, where it is a program: they are kept with it, and its text means something else without them.
    pub fn reading_modes(&self) -> BTreeSet<&'static str> {
        if self.kind.is_program() { reading_modes(&self.sql_mode) } else { BTreeSet::new() }
    }

    /// When it runs, if it is a trigger.
    pub fn occasion(&self) -> Option<Occasion<'_>> {
        match (&self.meaning, &self.table) {
            (Meaning::Trigger(trigger), Some(table)) => Some((table, trigger.timing, trigger.event)),
            _ => None,
        }
    }

    /// Whether two objects of one name say the same, whoever they belong to.
    pub fn agrees(&self, other: &Self) -> bool {
        match (&self.meaning, &other.meaning) {
            (Meaning::Event(event), Meaning::Event(other)) => event.agrees(other),
            _ => self.essence == other.essence,
        }
    }

    /// Whether it is a trigger on that table, which goes with it.
    pub fn is_trigger_on(&self, table: &str) -> bool {
        self.kind == ObjectKind::Trigger && self.table.as_ref().is_some_and(|t| t.as_str() == table)
    }
}

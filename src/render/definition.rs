//! A schema as a script of canonical definitions, in the order of its source.

use std::borrow::Cow;

use super::statement;
use crate::canonical::Printer;
use crate::canonical::press::Press;
use crate::ident::{Ident, Literal};
use crate::model::{Database, Meaning, Schema, Table, TextObject};
use crate::source::Location;
use crate::target::Target;

/// One object's canonical definition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Definition {
    /// `table`, `view`, `trigger`…
    pub kind: &'static str,
    /// Its name, with its database's where that has one.
    pub name: String,
    /// The CREATE statement without terminator.
    pub text: String,
    /// The statement of the source that made it.
    pub location: Location,
}

/// The definitions of a database's objects, in the order of the source.
pub fn of(database: &Database, target: Target) -> Vec<Definition> {
    let full = |name: &Ident| database.name.as_ref().map_or_else(|| name.to_string(), |db| format!("{db}.{name}"));
    let definition = |(location, kept)| match kept {
        Kept::Table(table) => {
            let mut text = String::with_capacity(512);
            Printer::show(target).table(&mut text, table);
            Definition { kind: "table", name: full(&table.name), text, location }
        }
        Kept::Object(object) => {
            let (kind, text) = (object.kind.word(), text_of(object, target).into_owned());
            Definition { kind, name: full(&object.name), text, location }
        }
    };
    in_order(database).into_iter().map(definition).collect()
}

/// From so many objects on, printing them is work for two.
const MANY: usize = 1000;

/// The whole schema as a script: each definition, its terminator, an empty line.
pub fn script(schema: &Schema, target: Target) -> String {
    pieces(schema, &Schema::default(), target).concat()
}

/// The script of [`script`] with a session's temporary tables, in pieces, which belong one behind the other: a long text is not
/// copied to make one of them.
pub fn pieces(schema: &Schema, temporary: &Schema, target: Target) -> Vec<String> {
    let is_alone = |database: &&Database| schema.databases.iter().all(|known| known.name != database.name);
    let alone: Vec<&Database> = temporary.databases.iter().filter(is_alone).collect();
    let (unnamed, named): (Vec<_>, Vec<_>) = alone.into_iter().partition(|database| database.name.is_none());
    let mut pieces: Vec<String> = unnamed.into_iter().map(|database| temporaries(database, true, target)).collect();
    for database in &schema.databases {
        pieces.extend(lasting(database, target));
        let beside = temporary.databases.iter().find(|beside| beside.name == database.name);
        let is_used = !database.tables.is_empty() || !database.objects.is_empty();
        pieces.extend(beside.map(|beside| temporaries(beside, !is_used, target)));
    }
    pieces.extend(named.into_iter().map(|database| temporaries(database, true, target)));
    pieces
}

/// A database's temporary tables.
fn temporaries(database: &Database, is_first: bool, target: Target) -> String {
    let mut out = String::new();
    if let (Some(name), true) = (&database.name, is_first) {
        out.push_str(&format!("USE {};\n\n", name.quoted()));
    }
    for table in database.tables.values() {
        let mut text = String::new();
        Printer::show(target).temporary_table(&mut text, table);
        statement::write(&mut out, &text, false);
        out.push('\n');
    }
    out
}

/// What a database holds that lasts.
fn lasting(database: &Database, target: Target) -> Vec<String> {
    let mut press = Press::new(Printer::show(target));
    if database.declared {
        let mut text = String::new();
        Printer::show(target).database(&mut text, database);
        write(&mut press, &text, false);
    }
    let order = in_order(database);
    if let (Some(name), false) = (&database.name, order.is_empty()) {
        press.push(&format!("USE {};\n\n", name.quoted()));
    }
    if order.len() < MANY {
        print(&mut press, &order);
        return vec![press.into_text()];
    }
    let (first, second) = order.split_at(order.len() / 2);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            let mut press = Press::new(Printer::show(target));
            print(&mut press, second);
            press.into_text()
        });
        print(&mut press, first);
        vec![press.into_text(), other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))]
    })
}

fn print<'s>(press: &mut Press<'s>, order: &[(Location, Kept<'s>)]) {
    for (_, kept) in order {
        match kept {
            Kept::Table(table) => {
                let start = press.table(table);
                if statement::is_plain(&press.text()[start..]) {
                    press.push(";\n\n");
                } else {
                    let text = press.retract(start);
                    write(press, &text, false);
                }
            }
            Kept::Object(object) => {
                // A program means what it does under the mode that it was made in; no server's own mode reads otherwise.
                let own = !object.reading_modes().is_empty();
                if own {
                    press.push(&format!("SET SESSION sql_mode = {};\n\n", Literal(&object.sql_mode)));
                }
                write(press, &text_of(object, press.target()), own);
                press.push(if own { "SET SESSION sql_mode = DEFAULT;\n\n" } else { "" });
            }
        }
    }
}

/// The text of an object, to be read under the mode that it was made in. SHOW CREATE escapes a program's comment even where that
/// reads no escapes.
fn text_of(object: &TextObject, target: Target) -> Cow<'_, str> {
    let verbatim = object.reading_modes().contains("NO_BACKSLASH_ESCAPES");
    if !verbatim || !matches!(object.meaning, Meaning::Routine(_) | Meaning::Event(_)) {
        return Cow::Borrowed(&object.text);
    }
    let mut text = String::with_capacity(object.text.len());
    let name = object.name.quoted().to_string();
    Printer::show(target).read_under(&object.sql_mode).object(&mut text, &name, None, object, true);
    Cow::Owned(text)
}

/// One definition as a script of its own.
pub fn file(text: &str) -> String {
    let mut out = String::new();
    statement::write(&mut out, text, false);
    out
}

/// What a database holds.
enum Kept<'s> {
    Table(&'s Table),
    Object(&'s TextObject),
}

/// All of it, in the order of the source.
fn in_order(database: &Database) -> Vec<(Location, Kept<'_>)> {
    let mut order = Vec::with_capacity(database.tables.len() + database.objects.len());
    order.extend(database.tables.values().map(|table| (table.location, Kept::Table(table))));
    order.extend(database.objects.values().map(|object| (object.location, Kept::Object(object))));
    order.sort_by_key(|(location, _)| *location);
    order
}

fn write(press: &mut Press<'_>, text: &str, has_session: bool) {
    let mut out = String::with_capacity(text.len() + 2);
    statement::write(&mut out, text, has_session);
    press.push(&out);
    press.push("\n");
}

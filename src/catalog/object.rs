//! Objects that are created as their own text: what the server makes of a statement about one.

use super::program::altered_event;
use super::{Catalog, SqlMode, sequence};
use crate::ident::Ident;
use crate::model::{Creation, Meaning, ObjectKind, Routine, TextObject};
use crate::source::Location;
use crate::syntax::event::event_clauses;
use crate::syntax::program::{altered_characteristics, trigger_table};
use crate::syntax::sequence::sequence_clauses;
use crate::syntax::view::view_head;
use crate::syntax::{Reading, object};

/// What a statement's head says.
pub(super) struct Made {
    pub(super) kind: ObjectKind,
    pub(super) table: Option<Ident>,
    pub(super) sql_mode: Box<str>,
    pub(super) creation: Creation,
    pub(super) location: Location,
}

/// What is done to an object that must be there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Act {
    Drop,
    Alter,
}

impl Catalog {
    /// The object that a CREATE statement makes, whose conditional comments are open.
    pub(super) fn made(
        &self,
        made: Made,
        name: &Ident,
        statement: &str,
        at: usize,
        reading: &Reading<'_>,
    ) -> TextObject {
        let Made { kind, table, sql_mode, mut creation, location } = made;
        if !kind.is_program() {
            creation = Creation::default();
        } else if !statement.is_ascii() {
            creation.client = None;
        }
        let object = |text: String, essence: String, definer: Option<String>, meaning| TextObject {
            name: name.clone(),
            kind,
            table: table.clone(),
            text: text.into(),
            essence: essence.into(),
            definer: definer.map(Into::into),
            meaning,
            sql_mode,
            creation,
            location,
        };
        if kind == ObjectKind::View
            && let Ok(head) = view_head(statement, reading)
        {
            let view = self.view(&head, at, reading);
            let (text, essence) = self.view_texts(name, &view, head.definer.as_deref(), reading);
            return object(text, essence, head.definer, Meaning::View(Box::new(view)));
        }
        if let Some((meaning, definer)) = self.meaning(kind, statement, at, reading)
            && let Some((text, essence)) = self.texts(kind, name, table.as_ref(), &meaning, definer.as_deref())
        {
            return object(text, essence, definer, meaning);
        }
        let text = object::definition(statement, reading);
        let (essence, definer) = object::without_definer(&text);
        object(text, essence, definer, Meaning::Text)
    }

    /// Takes in an object of another server, told in this one's words.
    pub(crate) fn retell(&mut self, at: usize, object: &TextObject, statement: &str) {
        let charset = self.session.character_set;
        let mode = SqlMode::parse(&object.sql_mode);
        let reading = super::script::reading_under(&mode, self.target, charset.name());
        let made = Made {
            kind: object.kind,
            table: object.table.clone(),
            sql_mode: object.sql_mode.clone(),
            creation: object.creation.on(self.target),
            location: object.location,
        };
        let read = self.made(made, &object.name, statement, at, &reading);
        self.schema.databases[at].objects.insert((object.kind, object.name.clone()), read);
    }

    /// Why an object cannot have its name: another one has it, or, of a view, a table, which is none to replace.
    pub(super) fn taken(
        &self,
        at: usize,
        key: &(ObjectKind, Ident),
        table: Option<&Ident>,
        or_replace: bool,
    ) -> Option<(u16, String)> {
        let home = &self.schema.databases[at];
        let (kind, name) = key;
        let exists = |number| Some((number, format!("{} {name} already exists", kind.word())));
        let there = home.objects.get(key);
        // MariaDB drops what it replaces only from the table that the new one is for.
        if *kind == ObjectKind::Trigger && there.is_some_and(|there| or_replace && there.table.as_ref() != table) {
            return Some((1360, format!("trigger {name} is one of another table, and is not replaced")));
        }
        if there.is_some() && !or_replace {
            return exists(match kind {
                ObjectKind::View | ObjectKind::Sequence => 1050,
                ObjectKind::Trigger => 1359,
                ObjectKind::Event => 1537,
                ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Package | ObjectKind::PackageBody => 1304,
            });
        }
        let of_kind = |kind| home.objects.contains_key(&(kind, name.clone()));
        match kind {
            ObjectKind::View if home.tables.contains_key(name) || of_kind(ObjectKind::Sequence) => {
                Some(if or_replace {
                    (1347, format!("'{name}' is not a view"))
                } else {
                    (1050, format!("table '{name}' already exists"))
                })
            }
            ObjectKind::Sequence if !or_replace && (home.tables.contains_key(name) || of_kind(ObjectKind::View)) => {
                Some((1050, format!("table '{name}' already exists")))
            }
            _ => None,
        }
    }

    /// Why an object is not there to be dropped or altered; `None` where it is.
    pub(super) fn missing(&self, at: usize, kind: ObjectKind, name: &Ident, act: Act) -> Option<(u16, String)> {
        let home = &self.schema.databases[at];
        if home.objects.contains_key(&(kind, name.clone())) {
            return None;
        }
        let is_table = home.tables.contains_key(name);
        let number = match (kind, act) {
            (ObjectKind::View, Act::Drop) if self.target.is_mariadb() => 4092,
            (ObjectKind::View, _) if is_table => 1347,
            (ObjectKind::View, Act::Drop) => 1051,
            (ObjectKind::View, Act::Alter) => 1146,
            (ObjectKind::Sequence, Act::Drop) => 4091,
            (ObjectKind::Sequence, Act::Alter) if is_table => 4089,
            (ObjectKind::Sequence, Act::Alter) => 1146,
            (ObjectKind::Trigger, _) => 1360,
            (ObjectKind::Event, _) => 1539,
            (ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Package | ObjectKind::PackageBody, _) => 1305,
        };
        Some((number, format!("{} '{name}' does not exist", kind.word())))
    }

    /// Triggers follow their table, and are printed with its new name (`change_table_name_in_triggers` of MariaDB's
    /// sql_trigger.cc; MySQL prints the name from the dictionary).
    pub(super) fn follow_triggers(&mut self, at: usize, old: &Ident, new: &Ident) {
        let of_table = self.schema.databases[at].objects.values().filter(|object| object.is_trigger_on(old.as_str()));
        let follow = |object: &TextObject| {
            let mode = SqlMode::parse(&object.sql_mode);
            let reading = super::script::reading_under(&mode, self.target, self.session.character_set.name());
            let Ok(place) = trigger_table(&object.text, &reading) else {
                return TextObject { table: Some(new.clone()), ..object.clone() };
            };
            let (before, after) = (&object.text[..place.start], &object.text[place.end..]);
            let statement = format!("{before}ON {} {after}", new.quoted());
            let made = Made {
                kind: object.kind,
                table: Some(new.clone()),
                sql_mode: object.sql_mode.clone(),
                creation: object.creation.clone(),
                location: object.location,
            };
            self.made(made, &object.name, &statement, at, &reading)
        };
        let followed: Vec<TextObject> = of_table.map(follow).collect();
        for object in followed {
            self.schema.databases[at].objects.insert((object.kind, object.name.clone()), object);
        }
    }

    /// Whether the server would take the definition of a view or a trigger as its tables now are. Of others it reads no
    /// names.
    pub fn takes(&self, database: Option<&Ident>, object: &TextObject) -> bool {
        let Some(at) = self.schema.databases.iter().position(|d| d.name.as_ref() == database) else { return false };
        let mode = SqlMode::parse(&object.sql_mode);
        let reading = super::script::reading_under(&mode, self.target, self.session.character_set.name());
        match &object.meaning {
            Meaning::View(view) if !view.body.is_text() => {
                view_head(&object.text, &reading).is_ok_and(|head| !self.view(&head, at, &reading).body.is_text())
            }
            Meaning::Trigger(_) => self.trigger_refusal(at, object).is_none(),
            Meaning::View(_) | Meaning::Routine(_) | Meaning::Event(_) | Meaning::Sequence(_) => true,
            Meaning::Package(_) | Meaning::Text => true,
        }
    }

    /// Changes an object as an ALTER statement says, whose conditional comments are open. Whether that was understood.
    pub(super) fn alter_object(
        &mut self,
        kind: ObjectKind,
        name: &Ident,
        statement: &str,
        at: usize,
        reading: &Reading<'_>,
    ) -> bool {
        let key = (kind, name.clone());
        let Some(before) = self.schema.databases[at].objects.get(&key) else { return false };
        let Some(after) = self.altered(before, statement, at, reading) else { return false };
        // An event may be renamed; all others keep their place.
        let objects = &mut self.schema.databases[at].objects;
        if after.name == *name {
            objects.insert(key, after);
        } else {
            objects.shift_remove(&key);
            objects.insert((kind, after.name.clone()), after);
        }
        true
    }

    fn altered(&self, before: &TextObject, statement: &str, at: usize, reading: &Reading<'_>) -> Option<TextObject> {
        let mut name = before.name.clone();
        let mut definer = before.definer.clone();
        let (mut creation, mut sql_mode) = (before.creation.clone(), before.sql_mode.clone());
        let meaning = match &before.meaning {
            Meaning::View(_) => {
                let rest = statement.trim_start().get(5..)?;
                let made = Made {
                    kind: before.kind,
                    table: None,
                    sql_mode: self.session.sql_mode.as_str().into(),
                    creation: Creation::default(),
                    location: before.location,
                };
                return Some(self.made(made, &before.name, &format!("CREATE{rest}"), at, reading));
            }
            Meaning::Routine(routine) => {
                let said = &routine.characteristics;
                let mut characteristics = altered_characteristics(statement, said, reading).ok()?;
                if self.target.is_mysql() && characteristics.comment.is_empty() {
                    // An empty one says nothing to MySQL.
                    characteristics.comment.clone_from(&said.comment);
                }
                Meaning::Routine(Box::new(Routine { characteristics, ..Routine::clone(routine) }))
            }
            Meaning::Event(event) => {
                let clauses = event_clauses(statement, reading).ok()?;
                definer = clauses.definer.clone().map(Into::into).or(definer);
                name = clauses.rename.clone().unwrap_or(name);
                // The charset of the connection is kept anew each time, the mode with what is done (`set_event_attributes` of
                // MySQL's dd_event.cc, `mysql_event_fill_row` of MariaDB's event_db_repository.cc).
                let now = self.session.creation(self.target);
                let client = now.client.filter(|_| before.text.is_ascii() && statement.is_ascii());
                creation = Creation { client, connection: now.connection, ..creation };
                if clauses.body.is_some() {
                    creation.sql_mode = now.sql_mode;
                    sql_mode = self.session.sql_mode.as_str().into();
                }
                Meaning::Event(Box::new(altered_event(event, clauses, self.target)))
            }
            Meaning::Sequence(before) => {
                Meaning::Sequence(Box::new(sequence::altered(before, sequence_clauses(statement, reading).ok()?)?))
            }
            Meaning::Trigger(_) | Meaning::Package(_) | Meaning::Text => return None,
        };
        let (text, essence) = self.texts(before.kind, &name, before.table.as_ref(), &meaning, definer.as_deref())?;
        let (text, essence) = (text.into(), essence.into());
        Some(TextObject { name, text, essence, definer, meaning, creation, sql_mode, ..before.clone() })
    }
}

//! Steps for views, triggers and stored programs, which are created as their own text.

mod firing;
mod sequence;
mod stale;
mod text;

pub(super) use firing::Firing;
pub(super) use stale::Stale;

use sequence::halfway;

use std::collections::{HashMap, HashSet};

use super::effect::Effect;
use super::graph::Graph;
use super::{Planner, inverse_in, program_session, statement, step};
use crate::diff::{Changes, DatabaseDiff, ObjectAspect, ObjectChange, TableChange};
use crate::document::{Action, Hazard, HazardKind, ProgramSession, Step};
use crate::ident::Ident;
use crate::model::{Database, EventStatus, Meaning, ObjectKind, TextObject, ViewBody, reading_modes};
use crate::source::Pair;

/// In which order kinds are created: what others call comes first.
const fn rank(kind: ObjectKind) -> u8 {
    match kind {
        ObjectKind::Sequence => 0,
        ObjectKind::Package => 1,
        ObjectKind::PackageBody => 2,
        ObjectKind::Function => 3,
        ObjectKind::Procedure => 4,
        ObjectKind::View => 5,
        ObjectKind::Trigger => 6,
        ObjectKind::Event => 7,
    }
}

impl Planner<'_> {
    /// Drops go first: with a table its triggers go too, and then there is nothing left to drop (1360).
    /// A sequence may be a column's default and goes with the other kinds that stay until the end.
    pub(crate) fn drops_of_objects(&mut self, changes: &Changes<'_>) {
        for database in &changes.databases {
            let mut dropped: Vec<_> = database
                .objects
                .iter()
                .filter_map(|c| match c {
                    ObjectChange::Dropped(object) if !stays_until_the_end(database, object) => Some(*object),
                    ObjectChange::Dropped(_) | ObjectChange::Added(_) | ObjectChange::Altered { .. } => None,
                })
                .collect();
            dropped.retain(|object| !self.stale.is_gone(database.name, object));
            // Views go before those that they read: on the way back these come first.
            let several = dropped.iter().filter(|object| object.kind == ObjectKind::View).count() > 1;
            let heights = database.sides.old.filter(|_| several).map(stale::heights).unwrap_or_default();
            dropped.sort_by_key(|o| {
                let height = heights.get(o.name.as_str()).filter(|_| o.kind == ObjectKind::View);
                std::cmp::Reverse((rank(o.kind), height.copied()))
            });
            for (old, new) in moved_triggers(&database.objects).chain(self.recalling_views(&database.objects)) {
                if self.stale.is_gone(database.name, old) {
                    continue;
                }
                let mut step = self.drop_object(database.name, old);
                step.changes[0].push_str(" to create it anew");
                step.hazards = vec![away(old)];
                self.firing.remove(database.name, old);
                step.at = self.at(Pair::new(Some(old.location), Some(new.location)));
                let at = self.push(step, &[Effect::Needed], Vec::new());
                self.stale.put(database.name, old, at);
            }
            for object in dropped {
                let step = self.drop_object(database.name, object);
                self.firing.remove(database.name, object);
                // Among triggers that come or change, the order of the steps decides which of them runs first.
                let effect = if is_among_others(object, &database.objects) { Effect::Needed } else { Effect::Breaks };
                self.push(step, &[effect], Vec::new());
            }
            for change in &database.objects {
                if let ObjectChange::Added(object) = change
                    && object.kind == ObjectKind::Sequence
                    && !waits_for_its_name(database, object)
                {
                    let step = self.create_object(database.name, object);
                    self.push(step, &[Effect::Needed], Vec::new());
                }
            }
        }
    }

    /// Objects that come or change, each after those that its text names, whatever database they are in.
    pub(crate) fn objects(&mut self, changes: &Changes<'_>) {
        let comes = changes.databases.iter().flat_map(|database| {
            database.objects.iter().filter_map(|change| match change {
                ObjectChange::Added(object)
                    if object.kind != ObjectKind::Sequence || waits_for_its_name(database, object) =>
                {
                    Some(Coming { database, old: None, object, aspects: &[] })
                }
                ObjectChange::Altered { objects, aspects } => {
                    Some(Coming { database, old: Some(objects.old), object: objects.new, aspects })
                }
                ObjectChange::Added(_) | ObjectChange::Dropped(_) => None,
            })
        });
        let mut comes: Vec<Coming<'_>> = comes.collect();
        comes.sort_by_key(|coming| rank(coming.object.kind));
        let mut comes = by_need(&comes);
        // Triggers come in the order in which they run.
        comes.sort_by_key(|coming| match coming.object.kind {
            ObjectKind::Trigger => {
                let key = (ObjectKind::Trigger, coming.object.name.clone());
                (6, coming.database.sides.new.and_then(|new| new.objects.get_index_of(&key)))
            }
            other => (rank(other), None),
        });
        // The steps that bring an object, by its name.
        let mut brought: HashMap<Box<str>, Vec<usize>> = HashMap::new();
        let mut known = 0;
        for coming in comes {
            for (at, draft) in self.drafts.iter().enumerate().skip(known) {
                if draft.step.action != Action::Drop {
                    brought.entry(draft.step.object.name.as_str().into()).or_default().push(at);
                }
            }
            known = self.drafts.len();
            let (name, named) = (coming.database.name, words(&coming.object.text));
            let home = name.map(Ident::as_str);
            // What only takes away from a table is nothing that an object waits for, unless the columns that are left make it out.
            let asks_all =
                coming.object.text.contains('*') || named.iter().any(|word| word.eq_ignore_ascii_case("natural"));
            let in_reach = |at: &usize| {
                let draft = &self.drafts[*at];
                let there = draft.step.object.schema.as_deref();
                (there == home || there.is_some_and(|there| named.contains(there))) && (asks_all || !draft.only_takes)
            };
            let by_name = named.iter().filter_map(|word| brought.get(*word)).flatten().copied();
            let mut needs: Vec<usize> = by_name.filter(in_reach).collect();
            needs.sort_unstable();
            self.bring(coming, needs);
        }
        for database in &changes.databases {
            for change in &database.objects {
                if let ObjectChange::Dropped(object) = change
                    && stays_until_the_end(database, object)
                {
                    let step = self.drop_object(database.name, object);
                    let needs = (0..self.drafts.len()).collect();
                    self.push(step, &[Effect::Breaks], needs);
                }
            }
        }
    }

    /// The steps of one object that comes or changes.
    fn bring(&mut self, coming: Coming<'_>, mut needs: Vec<usize>) {
        let Coming { database, old, object, aspects } = coming;
        let (name, new) = (database.name, database.sides.new);
        // Views and sequences share their names with tables.
        let shares = matches!(object.kind, ObjectKind::View | ObjectKind::Sequence);
        match old {
            None => {
                if shares {
                    needs.extend(self.drops_of(name, &object.name));
                }
                let placed = self.firing.placed(name, object, new);
                let step = self.create_object(name, placed.as_ref().unwrap_or(object));
                self.push(step, &[Effect::Needed], needs);
            }
            Some(old)
                if self.stale.take(name, object).is_some_and(|gone| {
                    needs.push(gone);
                    true
                }) =>
            {
                let placed = self.firing.placed(name, object, new);
                let (line, hazards) =
                    (changing(object, aspects), self.hazards_of_change(Pair::new(old, object), aspects));
                let mut step = self.create_object(name, placed.as_ref().unwrap_or(object));
                step.changes = vec![line];
                step.hazards = hazards;
                step.at = self.at(Pair::new(Some(old.location), Some(object.location)));
                self.push(step, &[Effect::Needed], needs);
            }
            Some(old) if object.kind == ObjectKind::Trigger => {
                let back = self.firing.where_it_was(name, old);
                self.firing.remove(name, old);
                let placed = self.firing.placed(name, object, new);
                let objects = Pair::new(back.as_ref().unwrap_or(old), placed.as_ref().unwrap_or(object));
                self.change_object(name, objects, aspects, needs);
            }
            Some(old) => self.change_object(name, Pair::new(old, object), aspects, needs),
        }
    }

    fn drop_object(&self, database: Option<&Ident>, object: &TextObject) -> Step {
        let mut step = step(object.kind.word(), database, &object.name);
        step.action = Action::Drop;
        step.changes = vec![format!("drops {} {}", object.kind.word(), object.name.quoted())];
        step.sql = drop_text(database, object);
        step.session = self.session_of_drop(object, &step.sql);
        step.hazards = gone(database, object);
        let back = self.firing.where_it_was(database, object);
        let back = self.create_text(database, back.as_ref().unwrap_or(object));
        step.inverse = inverse_in(self.session_of(object, &back), vec![back], self.come(database, object));
        step.at = self.at(Pair::new(Some(object.location), None));
        step
    }

    fn create_object(&self, database: Option<&Ident>, object: &TextObject) -> Step {
        let mut step = step(object.kind.word(), database, &object.name);
        step.action = Action::Create;
        step.changes = vec![format!("adds {} {}", object.kind.word(), object.name.quoted())];
        step.sql = self.create_text(database, object);
        step.session = self.session_of(object, &step.sql);
        step.hazards = self.come(database, object);
        let drop = drop_text(database, object);
        step.inverse = inverse_in(self.session_of_drop(object, &drop), vec![drop], gone(database, object));
        step.at = self.at(Pair::new(None, Some(object.location)));
        step
    }

    /// One ALTER where it can say what differs, two for a sequence of another type; else one CREATE OR REPLACE where the target has
    /// it: MySQL for views alone, MariaDB for all.
    fn change_object(
        &mut self,
        database: Option<&Ident>,
        objects: Pair<&TextObject>,
        aspects: &[ObjectAspect],
        needs: Vec<usize>,
    ) {
        if let Some(between) = halfway(objects) {
            let retyped = between.first.contains(&ObjectAspect::SequenceType);
            let rest: Vec<_> =
                aspects.iter().copied().filter(|a| (*a == ObjectAspect::SequenceType) != retyped).collect();
            self.change_object(database, Pair::new(objects.old, &between.object), &between.first, needs);
            let first = self.drafts.len() - 1;
            return self.change_object(database, Pair::new(&between.object, objects.new), &rest, vec![first]);
        }
        let line = vec![changing(objects.new, aspects)];
        let hazards = self.hazards_of_change(objects, aspects);
        let hazards_back = self.hazards_of_change(objects.reversed(), aspects);
        let ways = Pair::new(
            self.alter_text(database, objects, aspects),
            self.alter_text(database, Pair::new(objects.new, objects.old), aspects),
        );
        let replaces = self.context.target.is_mariadb() || objects.new.kind == ObjectKind::View;
        let at = self.at(objects.map(|o| Some(o.location)));
        let texts = objects.map(|object| self.create_text(database, object));
        if let Some(forth) = ways.old {
            let mut needs = needs;
            needs.extend(self.move_on(database, objects, &needs));
            let mut step = step(objects.new.kind.word(), database, &objects.new.name);
            step.action = Action::Alter;
            step.changes = line;
            // Of an altered program only an event takes anything from the session.
            let takes = objects.new.kind == ObjectKind::Event;
            let session = |object, text: &str| self.session_of(object, text).filter(|_| takes);
            step.session = session(objects.new, &forth);
            step.sql = forth;
            // A comment changes nothing that an object does.
            step.hazards = hazards;
            step.inverse = match (ways.new, or_replace(&texts.old).filter(|_| replaces)) {
                (Some(back), _) => {
                    let session = session(objects.old, &back);
                    let first = sequence::moving_on(database, objects.reversed());
                    inverse_in(session, first.into_iter().chain([back]).collect(), hazards_back)
                }
                (None, Some(back)) => inverse_in(self.session_of(objects.old, &back), vec![back], hazards_back),
                (None, None) => {
                    let own = self.session_of(objects.old, &texts.old);
                    let hazards = [vec![away(objects.new)], hazards_back].concat();
                    inverse_in(own, vec![drop_text(database, objects.new), texts.old], hazards)
                }
            };
            step.at = at;
            self.push(step, &[Effect::Needed], needs);
            return;
        }
        if let (true, Some(new), Some(old)) = (replaces, or_replace(&texts.new), or_replace(&texts.old)) {
            let mut step = step(objects.new.kind.word(), database, &objects.new.name);
            step.action = Action::Replace;
            step.changes = line;
            step.session = self.session_of(objects.new, &new);
            step.sql = new;
            step.hazards = hazards;
            step.inverse = inverse_in(self.session_of(objects.old, &old), vec![old], hazards_back);
            step.at = at;
            self.push(step, &[Effect::Needed], needs);
            return;
        }
        let mut gone = self.drop_object(database, objects.old);
        // What is made anew by the next step does not come or go; in between it is not there.
        gone.hazards = vec![away(objects.old)];
        gone.inverse = inverse_in(self.session_of(objects.old, &texts.old), vec![texts.old], Vec::new());
        gone.changes =
            vec![format!("drops {} {} to create it anew", objects.old.kind.word(), objects.old.name.quoted())];
        gone.at = at.clone();
        let first = self.push(gone, &[Effect::Needed], needs);
        let mut back = self.create_object(database, objects.new);
        back.changes = line;
        back.hazards = hazards;
        let drop = drop_text(database, objects.new);
        back.inverse = inverse_in(self.session_of_drop(objects.new, &drop), vec![drop], vec![away(objects.new)]);
        back.at = at;
        self.push(back, &[Effect::Needed], vec![first]);
    }
}

/// Whether a dropped object stays until the end: a sequence, which may be a column's default, unless a table or view takes its
/// name.
fn stays_until_the_end(database: &DatabaseDiff<'_>, dropped: &TextObject) -> bool {
    let table = |change: &TableChange<'_>| matches!(change, TableChange::Added(table) if table.name == dropped.name);
    let view = |change: &ObjectChange<'_>| matches!(change, ObjectChange::Added(o) if o.kind == ObjectKind::View && o.name == dropped.name);
    dropped.kind == ObjectKind::Sequence && !database.tables.iter().any(table) && !database.objects.iter().any(view)
}

/// Whether a new sequence has the name of a table that goes.
fn waits_for_its_name(database: &DatabaseDiff<'_>, added: &TextObject) -> bool {
    let goes = |change: &TableChange<'_>| matches!(change, TableChange::Dropped(table) if table.name == added.name);
    database.tables.iter().any(goes)
}

/// The line about a change of an object.
fn changing(new: &TextObject, aspects: &[ObjectAspect]) -> String {
    let words: Vec<&str> = aspects.iter().map(|aspect| aspect.word()).filter(|word| !word.is_empty()).collect();
    let what = if words.is_empty() { String::new() } else { format!(": {}", words.join(", ")) };
    format!("changes {} {}{what}", new.kind.word(), new.name.quoted())
}

impl Planner<'_> {
    fn session_of(&self, object: &TextObject, statement: &str) -> Option<ProgramSession> {
        program_session(&object.creation, statement, self.context.target)
    }

    /// MariaDB reads DROP PACKAGE under the mode alone in which there are packages.
    fn session_of_drop(&self, object: &TextObject, statement: &str) -> Option<ProgramSession> {
        let of_package = matches!(object.kind, ObjectKind::Package | ObjectKind::PackageBody);
        self.session_of(object, statement).filter(|_| of_package)
    }

    /// What a change means, and what its statement means under the plan's modes.
    fn hazards_of_change(&self, objects: Pair<&TextObject>, aspects: &[ObjectAspect]) -> Vec<Hazard> {
        let mut hazards = changed(objects, aspects);
        if !hazards.is_empty() {
            hazards.extend(self.of_another_mode(objects.new));
        }
        hazards
    }

    /// What comes with a new object.
    fn come(&self, database: Option<&Ident>, object: &TextObject) -> Vec<Hazard> {
        let mut hazards = self.of_another_mode(object);
        let name = object.name.quoted();
        match &object.meaning {
            // Nobody writes to a table yet that the plan makes.
            Meaning::Trigger(trigger) => {
                let tables = self.homes(database);
                let known = object.table.as_ref().is_some_and(|table| {
                    let has = |home: Option<&Database>| home.is_some_and(|home| home.tables.contains_key(table));
                    has(tables.old) && has(tables.new)
                });
                if let (true, Some(table)) = (known, &object.table) {
                    let (event, table) = (trigger.event.to_uppercase(), table.quoted());
                    let reason = format!("each {event} of rows of table {table} runs trigger {name}, too");
                    hazards.push(hazard(HazardKind::Semantics, reason));
                }
            }
            Meaning::Event(event) if event.status == EventStatus::Enabled => {
                hazards.push(hazard(HazardKind::Semantics, format!("event {name} runs by itself from now on")));
            }
            _ => {}
        }
        hazards
    }

    /// A statement of a plan runs under the plan's `sql_mode` where its source does not plainly tell another: what was made under
    /// one that reads text otherwise is not the same under it.
    fn of_another_mode(&self, object: &TextObject) -> Vec<Hazard> {
        let own = object.reading_modes();
        if matches!(object.kind, ObjectKind::View | ObjectKind::Sequence)
            || object.creation.sql_mode.is_some()
            || own == reading_modes(&self.context.session.sql_mode)
        {
            return Vec::new();
        }
        let (kind, name, mode) = (object.kind.word(), object.name.quoted(), &object.sql_mode);
        let reason =
            format!("{kind} {name} was made under sql_mode '{mode}', which reads its text otherwise than the plan's");
        vec![Hazard { kind: HazardKind::Semantics, reason, probe: None }]
    }
}

/// What goes with an object.
fn gone(database: Option<&Ident>, object: &TextObject) -> Vec<Hazard> {
    let (kind, name) = (object.kind.word(), object.name.quoted());
    let mut hazards = vec![hazard(
        HazardKind::Incompatible,
        match (object.kind, &object.table) {
            (ObjectKind::Trigger, Some(table)) => {
                format!("code that leaves it to trigger {name} to act on writes to table {} breaks", table.quoted())
            }
            (ObjectKind::Event, _) => format!("code that leaves it to event {name} to act breaks"),
            _ => format!("code that uses {kind} {name} breaks"),
        },
    )];
    if object.kind == ObjectKind::Sequence {
        let probe = format!(
            "SELECT 1 FROM {} WHERE next_not_cached_value <> start_value LIMIT 1",
            statement::qualified(database, &object.name)
        );
        hazards.push(Hazard {
            kind: HazardKind::DataLoss,
            reason: format!("drops sequence {name} with where it stands"),
            probe: Some(probe),
        });
    }
    hazards
}

/// What is dropped to be made anew is not there in between.
fn away(object: &TextObject) -> Hazard {
    let (kind, name) = (object.kind.word(), object.name.quoted());
    let reason = match (object.kind, &object.table) {
        (ObjectKind::Trigger, Some(table)) => {
            format!("until trigger {name} is made anew, writes to table {} go without it", table.quoted())
        }
        (ObjectKind::Event, _) => format!("until event {name} is made anew, it does not run"),
        _ => format!("until {kind} {name} is made anew, code that uses it breaks"),
    };
    hazard(HazardKind::Incompatible, reason)
}

impl Planner<'_> {
    /// Views that call a function whose parameters change: MySQL looks at the call when it makes a view (1318), so that on the way
    /// back the function has to be there before it.
    fn recalling_views<'a>(&self, changes: &'a [ObjectChange<'a>]) -> Vec<(&'a TextObject, &'a TextObject)> {
        let altered = changes.iter().filter_map(|change| match change {
            ObjectChange::Altered { objects, aspects } => Some((objects, aspects)),
            ObjectChange::Added(_) | ObjectChange::Dropped(_) => None,
        });
        let called: Vec<&str> = altered
            .clone()
            .filter(|(objects, aspects)| {
                objects.new.kind == ObjectKind::Function && aspects.contains(&ObjectAspect::Parameters)
            })
            .map(|(objects, _)| objects.new.name.as_str())
            .collect();
        if called.is_empty() || self.context.target.is_mariadb() {
            return Vec::new();
        }
        let calls = |object: &TextObject| called.iter().any(|name| words(&object.text).contains(name));
        altered
            .filter(|(objects, _)| objects.new.kind == ObjectKind::View && calls(objects.old))
            .map(|(objects, _)| (objects.old, objects.new))
            .collect()
    }
}

/// Triggers that act on another table than before. With the old one they may go by themselves, and MariaDB replaces a trigger
/// on its own table only (1360): they are dropped before all tables.
fn moved_triggers<'a>(changes: &'a [ObjectChange<'a>]) -> impl Iterator<Item = (&'a TextObject, &'a TextObject)> {
    changes.iter().filter_map(|change| match change {
        ObjectChange::Altered { objects: Pair { old, new }, .. }
            if new.kind == ObjectKind::Trigger && old.table != new.table =>
        {
            Some((*old, *new))
        }
        ObjectChange::Altered { .. } | ObjectChange::Added(_) | ObjectChange::Dropped(_) => None,
    })
}

/// Whether a trigger is dropped while others of its occasion come or change.
fn is_among_others(dropped: &TextObject, changes: &[ObjectChange<'_>]) -> bool {
    let occasion = dropped.occasion();
    occasion.is_some()
        && changes.iter().any(|change| match change {
            ObjectChange::Added(object) => object.occasion() == occasion,
            ObjectChange::Altered { objects, .. } => {
                [objects.old, objects.new].iter().any(|object| object.occasion() == occasion)
            }
            ObjectChange::Dropped(_) => false,
        })
}

/// What a change of an object means to those that use it.
fn changed(objects: Pair<&TextObject>, aspects: &[ObjectAspect]) -> Vec<Hazard> {
    // A comment changes nothing that an object does.
    if aspects == [ObjectAspect::Comment] {
        return Vec::new();
    }
    let (kind, name) = (objects.new.kind.word(), objects.new.name.quoted());
    let mut found = vec![hazard(HazardKind::Semantics, format!("{kind} {name} does something else"))];
    let columns = objects.map(|object| match object.view().map(|view| &view.body) {
        Some(ViewBody::Query { columns, .. }) => Some(columns),
        _ => None,
    });
    if let (Some(old), Some(new)) = (columns.old, columns.new) {
        for column in old.iter().filter(|column| !new.iter().any(|own| own.is(column.as_str()))) {
            let reason = format!("code that names column {} of {kind} {name} breaks", column.quoted());
            found.push(hazard(HazardKind::Incompatible, reason));
        }
    }
    if aspects.contains(&ObjectAspect::Parameters) {
        found.push(hazard(HazardKind::Incompatible, format!("code that calls {kind} {name} as before may break")));
    }
    found
}

fn hazard(kind: HazardKind, reason: String) -> Hazard {
    Hazard { kind, reason, probe: None }
}

fn drop_text(database: Option<&Ident>, object: &TextObject) -> String {
    format!("DROP {} {}", object.kind.word().to_uppercase(), statement::qualified(database, &object.name))
}

/// The CREATE statement with OR REPLACE; `None` where it does not begin with CREATE.
fn or_replace(text: &str) -> Option<String> {
    let head = text.get(..6).filter(|h| h.eq_ignore_ascii_case("create"))?;
    let rest = &text[head.len()..];
    let second: Vec<&str> = rest.split_ascii_whitespace().take(2).collect();
    if matches!(second[..], [a, b] if a.eq_ignore_ascii_case("or") && b.eq_ignore_ascii_case("replace")) {
        return Some(text.to_owned());
    }
    Some(format!("{head} OR REPLACE{rest}"))
}

/// The names and words of a text.
fn words(text: &str) -> HashSet<&str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).filter(|w| !w.is_empty()).collect()
}

/// An object that comes or changes.
#[derive(Clone, Copy)]
struct Coming<'a> {
    database: &'a DatabaseDiff<'a>,
    old: Option<&'a TextObject>,
    object: &'a TextObject,
    aspects: &'a [ObjectAspect],
}

/// Brings objects behind those of the same kind that their text names (views on views), else in their own order.
fn by_need<'a>(objects: &[Coming<'a>]) -> Vec<Coming<'a>> {
    let mut called: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, coming) in objects.iter().enumerate() {
        called.entry(coming.object.name.as_str()).or_default().push(at);
    }
    let mut graph = Graph::new(objects.len());
    for (at, coming) in objects.iter().enumerate() {
        let named = words(&coming.object.text);
        for &other in named.iter().filter_map(|word| called.get(word)).flatten() {
            let there = objects[other].database.name;
            let in_reach = there == coming.database.name || there.is_some_and(|there| named.contains(there.as_str()));
            if other != at && in_reach && rank(objects[other].object.kind) <= rank(coming.object.kind) {
                graph.link(other, at);
            }
        }
    }
    // Only programs may form a circle.
    graph.sequence().into_iter().map(|at| objects[at]).collect()
}

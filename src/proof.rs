//! The law on every plan: OLD and the plan's own SQL give NEW, and the inverses give OLD again.
//!
//! In: a plan document and the two schemas. The room runs the plan's text through the catalog, the
//! code that reads user input, and compares canonical texts. It shares nothing with `diff`.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crate::canonical::fingerprint::{Account, ObjectHashes, comparable_table};
use crate::catalog::{Catalog, Session};
use crate::diff::{Count, Definer, Drops, Filter, IndexOrder, Names, Partitions, Policies};
use crate::document::{self, Action, Plan, ProgramSession, Step};
use crate::ident::Ident;
use crate::model::{
    CollationClause, Database, InTurn, OWN_TABLESPACE, OptionKey, Ordered, Parts, Schema, Table, TextObject,
};
use crate::source::Pair;
use crate::target::Target;

/// What a proof is made under.
#[derive(Clone, Debug)]
pub struct Terms<'t> {
    /// The server that the plan is for.
    pub target: Target,
    /// The session that its statements run in.
    pub session: &'t Session,
    /// The policies in force.
    pub policies: &'t Policies,
    /// The filter in force.
    pub filter: &'t Filter,
    /// Whether fingerprints are wanted: they cost a hash of every object.
    pub fingerprints: bool,
}

/// A plan that does not do what it says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Disproof {
    /// Which way it was run.
    pub way: Way,
    /// The step, where one statement is to blame.
    pub step: Option<u32>,
    /// The object.
    pub object: String,
    /// Its name, where it is a table.
    pub table: Option<Ident>,
    /// What it should be; empty where a statement was refused.
    pub expected: String,
    /// What it is; what the catalog said where a statement was refused.
    pub found: String,
}

impl Disproof {
    /// What the catalog said of a statement that it refused.
    pub fn refusal(&self) -> Option<&str> {
        if self.expected.is_empty() { self.found.lines().next() } else { None }
    }
}

/// Which way a plan was run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// From OLD to NEW.
    Forth,
    /// Back to OLD by the inverses.
    Back,
}

impl std::error::Error for Disproof {}

impl fmt::Display for Disproof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.way {
            Way::Forth => write!(f, "the plan does not reach NEW: {}", self.object)?,
            Way::Back => write!(f, "the inverses do not reach OLD: {}", self.object)?,
        }
        if let Some(step) = self.step {
            write!(f, " (step {step})")?;
        }
        if self.expected.is_empty() {
            return write!(f, ": {}", self.found);
        }
        writeln!(f)?;
        let lines = similar::TextDiff::from_lines(&self.expected, &self.found);
        for change in lines.iter_all_changes() {
            write!(f, "{}{change}", change.tag())?;
        }
        Ok(())
    }
}

/// Fingerprints on the way from OLD to NEW; empty where they were not wanted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fingerprints {
    /// Of OLD.
    pub from: String,
    /// After each step, by its number.
    pub after: BTreeMap<u32, String>,
    /// Of what the plan leaves.
    pub to: String,
}

impl Fingerprints {
    /// Writes them into the plan that they are of.
    pub fn fill(&self, plan: &mut Plan) {
        plan.from.clone_from(&self.from);
        plan.to.clone_from(&self.to);
        for step in &mut plan.steps {
            if let Some(after) = self.after.get(&step.id) {
                step.after.clone_from(after);
            }
        }
    }
}

/// Proves a plan.
///
/// # Errors
///
/// The first statement that the catalog refuses, or the first object that is not as it should be.
pub fn prove(plan: &Plan, schemas: Pair<&Schema>, terms: &Terms<'_>) -> Result<Fingerprints, Disproof> {
    prove_from(plan, || schemas.old.clone(), schemas, terms)
}

/// Proves a plan as [`prove`] does, on that copy of OLD.
pub(crate) fn prove_from(
    plan: &Plan,
    copy: impl FnOnce() -> Schema,
    schemas: Pair<&Schema>,
    terms: &Terms<'_>,
) -> Result<Fingerprints, Disproof> {
    if plan.steps.is_empty() && !terms.fingerprints {
        return reached(schemas.old, schemas.new, terms, Way::Forth).map(|()| Fingerprints::default());
    }
    let mut fingerprints = Fingerprints::default();
    let sessions = Sessions::of(plan);
    let mut hashes = terms.fingerprints.then(|| hashes(schemas.old, terms, &sessions));
    if let Some(hashes) = &hashes {
        fingerprints.from = hashes.fingerprint();
        fingerprints.to.clone_from(&fingerprints.from);
    }
    let mut session = terms.session.clone();
    session.tell(terms.target);
    session.foreign_key_checks = plan.session.foreign_key_checks;
    let mut catalog = Catalog::with_schema(copy(), terms.target, session);
    for step in &plan.steps {
        // The user's own statements are about rows, and leave the schema as it is.
        if step.action == Action::Data {
            if let Some(hashes) = &hashes {
                fingerprints.after.insert(step.id, hashes.fingerprint());
            }
            continue;
        }
        run(&mut catalog, step, (step.session.as_ref(), &step.sql), Way::Forth)?;
        if let Some(hashes) = &mut hashes {
            if step.action == Action::Rename {
                // Foreign keys of other tables follow.
                *hashes = self::hashes(catalog.schema(), terms, &sessions);
            } else {
                update(hashes, catalog.schema(), step, terms, &sessions);
            }
            let after = hashes.fingerprint();
            fingerprints.to.clone_from(&after);
            fingerprints.after.insert(step.id, after);
        }
    }
    reached(catalog.schema(), schemas.new, terms, Way::Forth)?;
    // The inverses undo the plan from its end; behind a step without one there is no way back.
    let defining = || plan.steps.iter().filter(|s| s.action != Action::Data);
    let whole = defining().all(|s| s.inverse.is_some());
    for step in defining().rev() {
        let Some(inverse) = &step.inverse else { break };
        for statement in &inverse.statements {
            run(&mut catalog, step, (inverse.session.as_ref(), statement), Way::Back)?;
        }
    }
    if whole && terms.policies.drop == Drops::Apply {
        reached(catalog.schema(), schemas.old, terms, Way::Back)?;
    }
    Ok(fingerprints)
}

fn run(
    catalog: &mut Catalog,
    step: &Step,
    (session, sql): (Option<&ProgramSession>, &str),
    way: Way,
) -> Result<(), Disproof> {
    match catalog.run_statement_in(document::settings(session), sql).into_iter().next() {
        None => Ok(()),
        Some(error) => Err(Disproof {
            way,
            step: Some(step.id),
            object: format!("{} `{}`", step.object.kind, step.object.name),
            table: (step.object.kind == "table").then(|| Ident::new(step.object.name.as_str())),
            expected: String::new(),
            found: format!("{}\n{sql}", error.message),
        }),
    }
}

/// Compares what was reached with what was wanted.
fn reached(found: &Schema, wanted: &Schema, terms: &Terms<'_>, way: Way) -> Result<(), Disproof> {
    for (found, wanted) in paired(found, wanted) {
        let empty = Ordered::default();
        let have = found.map_or(&empty, |d| &d.tables);
        let want = wanted.map_or(&empty, |d| &d.tables);
        let (mut of_have, mut of_want) = (InTurn::of(have), InTurn::of(want));
        let kept = want.values().map(|wanted| (of_have.like(wanted), Some(wanted)));
        let more = have.values().filter(|found| of_want.like(found).is_none()).map(|found| (Some(found), None));
        for pair in kept.chain(more) {
            // No counter is in the texts that are compared.
            let is_same = |found: &Table, wanted| found.is_same(wanted) || found.is_same_but_counts(wanted);
            let (found, expected) = match pair {
                (Some(found), Some(wanted)) if is_same(found, wanted) => continue,
                (Some(_), None) if terms.policies.drop == Drops::Skip => continue,
                (Some(table), _) | (_, Some(table)) if !terms.filter.takes(table.name.as_str()) => continue,
                (Some(found), Some(wanted)) => {
                    (text(&without_kept(found, wanted, terms), terms, Some(wanted)), text(wanted, terms, None))
                }
                (found, wanted) => (
                    found.map_or_else(String::new, |t| text(t, terms, None)),
                    wanted.map_or_else(|| "(no table)".to_owned(), |t| text(t, terms, None)),
                ),
            };
            let name = pair.0.or(pair.1).map(|table| table.name.clone());
            if let Some(name) = name.filter(|_| found != expected) {
                let object = format!("table {}", name.quoted());
                return Err(Disproof { way, step: None, object, table: Some(name), expected, found });
            }
        }
        objects(found, wanted, terms, way)?;
    }
    Ok(())
}

fn objects(found: Option<&Database>, wanted: Option<&Database>, terms: &Terms<'_>, way: Way) -> Result<(), Disproof> {
    let empty = Ordered::default();
    let have = found.map_or(&empty, |d| &d.objects);
    let want = wanted.map_or(&empty, |d| &d.objects);
    let keys = want.keys().chain(have.keys().filter(|k| !want.contains_key(*k)));
    for key in keys.filter(|(_, name)| terms.filter.takes(name.as_str())) {
        let body = |object: &TextObject| match (terms.policies.definer, &object.definer) {
            (Definer::Apply, Some(definer)) => format!("{} {}", definer, object.essence),
            (Definer::Ignore, _) | (Definer::Apply, None) => object.essence.to_string(),
        };
        let sides = Pair::new(have.get(key), want.get(key));
        if let (Some(found), Some(wanted)) = (sides.old, sides.new)
            && !found.creation.agrees(&wanted.creation)
        {
            let object = format!("the session of {} {}", key.0.word(), key.1.quoted());
            let [found, expected] = [found, wanted].map(|object| format!("{:?}", object.creation));
            return Err(Disproof { way, step: None, object, table: None, expected, found });
        }
        if let (Some(old), Some(new)) = (sides.old, sides.new)
            && old.agrees(new)
            && (terms.policies.definer == Definer::Ignore || old.definer == new.definer)
        {
            continue;
        }
        let sides = sides.map(|o| o.map(body));
        if sides.old == sides.new || sides.new.is_none() && terms.policies.drop == Drops::Skip {
            continue;
        }
        let expected = sides.new.unwrap_or_else(|| "(nothing)".to_owned());
        return Err(Disproof {
            way,
            step: None,
            object: format!("{} {}", key.0.word(), key.1.quoted()),
            table: None,
            expected,
            found: sides.old.unwrap_or_default(),
        });
    }
    found.zip(wanted).map_or(Ok(()), |(found, wanted)| order_of_triggers(found, wanted, terms, way))
}

/// The triggers of an occasion run in the order of NEW, as far as both have them.
fn order_of_triggers(found: &Database, wanted: &Database, terms: &Terms<'_>, way: Way) -> Result<(), Disproof> {
    let have = found.triggers();
    for (occasion, triggers) in wanted.triggers() {
        let Some(there) = have.get(&occasion) else { continue };
        if !found.tells_order(there) || !wanted.tells_order(&triggers) {
            continue;
        }
        let of = |names: &[&Ident], others: &[&Ident]| {
            let common = names.iter().filter(|name| others.contains(name) && terms.filter.takes(name.as_str()));
            common.map(|name| name.quoted().to_string()).collect::<Vec<_>>().join(", ")
        };
        let (expected, found) = (of(&triggers, there), of(there, &triggers));
        if expected != found {
            let (table, timing, event) = occasion;
            let object = format!("triggers {timing} {event} on {}", table.quoted());
            return Err(Disproof { way, step: None, object, table: None, expected, found });
        }
    }
    Ok(())
}

/// The databases of two schemas side by side; where each has one, these two, whatever their names.
fn paired<'a>(found: &'a Schema, wanted: &'a Schema) -> Vec<(Option<&'a Database>, Option<&'a Database>)> {
    let filled = |s: &'a Schema| {
        s.databases
            .iter()
            .filter(|d| d.name.is_some() || !d.tables.is_empty() || !d.objects.is_empty())
            .collect::<Vec<_>>()
    };
    let (have, want) = (filled(found), filled(wanted));
    if have.len() <= 1 && want.len() <= 1 {
        return vec![(have.first().copied(), want.first().copied())];
    }
    let named = |list: &[&'a Database]| -> HashMap<Option<&'a Ident>, &'a Database> {
        list.iter().rev().map(|database| (database.name.as_ref(), *database)).collect()
    };
    let (had, wanted) = (named(&have), named(&want));
    let both = want.iter().map(|w| (had.get(&w.name.as_ref()).copied(), Some(*w)));
    both.chain(have.iter().filter(|h| !wanted.contains_key(&h.name.as_ref())).map(|h| (Some(*h), None))).collect()
}

/// What `drop=skip` keeps is no part of the comparison.
fn without_kept<'a>(found: &'a Table, wanted: &Table, terms: &Terms<'_>) -> Cow<'a, Table> {
    if terms.policies.drop == Drops::Apply {
        return Cow::Borrowed(found);
    }
    let mut table = found.clone();
    if let Some(primary) = found.index("PRIMARY").filter(|_| wanted.index("PRIMARY").is_none()) {
        // Under a primary key that stays, columns go on refusing NULL.
        for column in table.columns.iter_mut().filter(|c| primary.columns().any(|p| *p == c.name)) {
            let Some((_, like)) =
                wanted.column(column.name.as_str()).filter(|(_, like)| like.nullable && !column.nullable)
            else {
                continue;
            };
            column.nullable = true;
            if column.default.is_none() {
                column.default.clone_from(&like.default);
            }
        }
    }
    table.columns.retain(|c| wanted.column(c.name.as_str()).is_some());
    table.indexes.retain(|i| wanted.index(i.name.as_str()).is_some());
    table.foreign_keys.retain(|k| wanted.foreign_keys.iter().any(|w| w.name.is(k.name.as_str())));
    table.checks.retain(|c| wanted.checks.iter().any(|w| w.name.is(c.name.as_str())));
    Cow::Owned(table)
}

/// The canonical text of a table under the policies: what they leave out is not in it.
fn text(table: &Table, terms: &Terms<'_>, like: Option<&Table>) -> String {
    let mut table = table.clone();
    plain(&mut table, terms.policies);
    if let (Some(own), Some(Some(other))) = (&mut table.partitioning, like.map(|like| &like.partitioning))
        && own.may_be(other)
    {
        // Since when a history rotates is known only where it was written.
        own.clone_from(other);
    }
    if let Some(like) = like {
        let place = &mut table.options.others;
        let stays = place.get(&OptionKey::Tablespace).is_some_and(|name| &**name == OWN_TABLESPACE);
        if stays && !like.options.others.contains_key(&OptionKey::Tablespace) {
            // No ALTER takes it away.
            place.remove(&OptionKey::Tablespace);
        }
    }
    if let Some(like) = like.filter(|_| terms.policies.column_order == Count::Ignore) {
        let place = |name: &str| like.column(name).map(|(at, _)| at);
        table.columns.sort_by_key(|c| place(c.name.as_str()));
    }
    if let Some(like) = like.filter(|_| terms.policies.constraint_names == Names::Ignore) {
        table.foreign_keys.sort_by_key(|k| {
            like.foreign_keys.iter().position(|l| l.columns == k.columns && l.referenced_table == k.referenced_table)
        });
    }
    comparable_table(&table, terms.target)
}

/// Takes out of a table what the policies leave out, and brings the rest into one order.
fn plain(table: &mut Table, policies: &Policies) {
    for column in &mut table.columns {
        // Whether a collation was written or inherited is no property that rows or queries see.
        column.collation_clause = CollationClause::None;
    }
    if policies.index_order == IndexOrder::Ignore {
        table.indexes.sort_by(|a, b| a.kind.cmp(&b.kind).then_with(|| a.name.cmp(&b.name)));
    }
    table.checks.sort_by(|a, b| a.name.cmp(&b.name));
    if policies.comments == Count::Ignore {
        table.options.others.remove(&OptionKey::Comment);
        table.columns.iter_mut().for_each(|c| c.comment = "".into());
        table.indexes.iter_mut().for_each(|i| i.comment = "".into());
    }
    if policies.partitions == Partitions::Ignore {
        table.partitioning = None;
    }
    if policies.constraint_names == Names::Ignore {
        table.foreign_keys.iter_mut().for_each(|k| k.name = "".into());
        table.checks.iter_mut().for_each(|c| c.name = "".into());
    }
}

/// What counts in a plan's fingerprints of the sessions that programs were made in: what each of the plan's statements about a
/// program says, forth and back. So a schema that tells less has no other fingerprint.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sessions(BTreeMap<(Option<String>, String, String), Parts>);

impl Sessions {
    /// What counts for a plan.
    pub fn of(plan: &Plan) -> Self {
        let mut all = BTreeMap::new();
        for step in &plan.steps {
            let told = |session: Option<&ProgramSession>| session.map(told).unwrap_or_default();
            let forth = told(step.session.as_ref());
            let back = told(step.inverse.as_ref().and_then(|inverse| inverse.session.as_ref()));
            let said = match step.action {
                Action::Create => forth,
                Action::Drop => back,
                Action::Alter | Action::Rename | Action::Replace | Action::Data => forth.and(back),
            };
            let object = step.object.clone();
            let entry = all.entry((object.schema, object.kind, object.name)).or_insert(said);
            *entry = entry.and(said);
        }
        all.retain(|_, parts| *parts != Parts::default());
        Self(all)
    }

    fn parts(&self, database: &Database, object: &TextObject) -> Parts {
        if self.0.is_empty() {
            return Parts::default();
        }
        let home = database.name.as_ref().map(Ident::to_string);
        let key = (home, object.kind.word().to_owned(), object.name.to_string());
        self.0.get(&key).copied().unwrap_or_default()
    }
}

/// What a session says.
const fn told(session: &ProgramSession) -> Parts {
    Parts {
        sql_mode: session.sql_mode.is_some(),
        client: session.character_set_client.is_some(),
        connection: session.collation_connection.is_some(),
    }
}

/// The hashes of all objects that the filter takes, under the policies: what a plan's fingerprints are made of.
pub fn hashes(schema: &Schema, terms: &Terms<'_>, sessions: &Sessions) -> ObjectHashes {
    let mut hashes = ObjectHashes::default();
    for database in &schema.databases {
        for table in database.tables.values().filter(|t| terms.filter.takes(t.name.as_str())) {
            let mut table = table.clone();
            plain(&mut table, terms.policies);
            hashes.set_table(database, &table, terms.target);
        }
        for object in database.objects.values().filter(|o| terms.filter.takes(o.name.as_str())) {
            hashes.set_object(database, object, account(terms.policies), sessions.parts(database, object));
        }
    }
    hashes
}

const fn account(policies: &Policies) -> Account {
    match policies.definer {
        Definer::Apply => Account::Counts,
        Definer::Ignore => Account::IsIgnored,
    }
}

/// Takes in what a step has changed: its own object.
fn update(hashes: &mut ObjectHashes, schema: &Schema, step: &Step, terms: &Terms<'_>, sessions: &Sessions) {
    let named = step.object.schema.as_deref();
    let databases = schema
        .databases
        .iter()
        .filter(|d| named.is_none() || d.name.as_ref().map(crate::ident::Ident::as_str) == named);
    for database in databases {
        let name = step.object.name.as_str();
        if step.object.kind == "table" {
            match database.tables.get(name) {
                Some(table) => {
                    let mut table = table.clone();
                    plain(&mut table, terms.policies);
                    hashes.set_table(database, &table, terms.target);
                }
                None => hashes.remove_table(database, name),
            }
            continue;
        }
        match database.objects.values().find(|o| o.kind.word() == step.object.kind && o.name.as_str() == name) {
            Some(object) => {
                hashes.set_object(database, object, account(terms.policies), sessions.parts(database, object))
            }
            None => {
                for kind in KINDS.into_iter().filter(|k| k.word() == step.object.kind) {
                    hashes.remove_object(database, kind, name);
                }
            }
        }
    }
}

const KINDS: [crate::model::ObjectKind; 8] = {
    use crate::model::ObjectKind as K;
    [K::View, K::Function, K::Procedure, K::Package, K::PackageBody, K::Trigger, K::Event, K::Sequence]
};

//! The whole way in two calls: [`load`] makes a schema of text, [`compare`] a plan of two schemas.
//!
//! In: sources that were read already. Out: a plan that has been proven. No I/O.

mod retold;
mod terms;
mod texts;

pub use terms::{Foreign, InTerms};

pub use texts::{CompareError, compare_texts};

use std::collections::BTreeMap;
use std::fmt;

use crate::catalog::ahead::{self, Given};
use crate::catalog::script::{self, Script};
use crate::catalog::{Catalog, Session};
use crate::diff::rename::Said;
use crate::diff::{self, Filter, Policies, RenameError, RenameRequest};
use crate::document::{self, NotUnderstood, Phase, Plan, SetAside};
use crate::ident::Ident;
use crate::model::{ForeignKey, Index, Schema, TextObject};
use crate::plan::{self, Renamed, Route};
use crate::proof::{self, Disproof, Terms};
use crate::source::{Location, Pair, Source};
use crate::target::Target;

/// The text of one side, and by whose rules it is read.
#[derive(Clone, Debug)]
pub struct Text {
    /// The sources, which are read one after the other.
    pub sources: Vec<Source>,
    /// The server that reads them.
    pub target: Target,
    /// The session that they are read in.
    pub session: Session,
}

impl Text {
    fn given(&self) -> Given<'_> {
        Given { sources: &self.sources, target: self.target, session: &self.session }
    }

    /// A place in these sources as `name:line`.
    pub fn place(&self, location: Location) -> String {
        match self.sources.get(location.source) {
            Some(source) => format!("{}:{}", source.name, source.position(location.span.start).line),
            None => String::new(),
        }
    }
}

/// One side after reading.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What was read: errors and locations point into it.
    pub text: Text,
    /// What came of it.
    pub script: Script,
}

/// Which side of a comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// What is there.
    Old,
    /// What is wanted.
    New,
}

/// Why both sides were read without the strict modes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Leniency {
    /// The side that needs it.
    pub side: Side,
    /// What a strict session refuses there first.
    pub reason: String,
    /// Where.
    pub location: Location,
}

/// What a comparison goes by.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The server that the plan is written for.
    pub target: Target,
    /// The server variables that were set for the comparison.
    pub server: BTreeMap<String, String>,
    /// What counts as a difference.
    pub policies: Policies,
    /// Which objects are compared.
    pub filter: Filter,
    /// What the user says was renamed.
    pub renames: Vec<RenameRequest>,
    /// Whether the plan is to carry fingerprints, which cost a hash of every object.
    pub fingerprints: bool,
}

/// `sql_mode` without the strict modes, for definitions that only older servers took.
const LENIENT: &str = "NO_ENGINE_SUBSTITUTION";

/// Reads one side. What the server would refuse is in the script's errors.
pub fn load(text: Text) -> Loaded {
    let script = ahead::load(text.given(), ahead::WORTHWHILE);
    Loaded { text, script }
}

/// Reads one side; where nothing but the strict modes is in the way, without them.
pub fn load_leniently(text: Text) -> Loaded {
    let loaded = load(text);
    let errors = &loaded.script.errors;
    if errors.is_empty() || errors.iter().any(|error| !error.strict_only) {
        return loaded;
    }
    let mut text = loaded.text;
    // The name is known and any value is taken, so that nothing can be refused here.
    let _ = text.session.set("sql_mode", LENIENT, text.target);
    load(text)
}

/// Reads both sides. Where one loads only in a session without the strict modes, as old dumps with zero
/// dates for defaults do, both are read again in such a session, and the reason is returned.
///
/// A `sql_mode` that the caller asked for is the caller's: then `may_relax` is [`Relax::No`].
pub fn load_pair(texts: Pair<Text>, relax: Relax) -> (Pair<Loaded>, Option<Leniency>) {
    load_pair_by(texts, relax, |texts| {
        let scripts = ahead::load_pair(texts.as_ref().map(Text::given), ahead::WORTHWHILE);
        texts.zip(scripts).map(|(text, script)| Loaded { text, script })
    })
}

/// Reads both sides as [`load_pair`] does, one after the other, statement by statement, every statement on both sides: the
/// longer way to the same result.
pub fn load_pair_at_length(texts: Pair<Text>, relax: Relax) -> (Pair<Loaded>, Option<Leniency>) {
    load_pair_by(texts, relax, |texts| {
        texts.map(|text| {
            let script = script::load(&text.sources, text.target, text.session.clone());
            Loaded { text, script }
        })
    })
}

fn load_pair_by(
    texts: Pair<Text>,
    relax: Relax,
    load_each: impl Fn(Pair<Text>) -> Pair<Loaded>,
) -> (Pair<Loaded>, Option<Leniency>) {
    let sides = load_each(texts);
    let leniency = match relax {
        Relax::IfNeeded => first_strict_refusal(&sides),
        Relax::No => None,
    };
    let Some(leniency) = leniency else { return (sides, None) };
    let relaxed = sides.as_ref().map(|side| {
        let mut text = side.text.clone();
        // The name is known and any value is taken, so that nothing can be refused here.
        let _ = text.session.set("sql_mode", LENIENT, text.target);
        text
    });
    let relaxed = load_each(relaxed);
    if relaxed.old.script.errors.is_empty() && relaxed.new.script.errors.is_empty() {
        (relaxed, Some(leniency))
    } else {
        (sides, None)
    }
}

/// Whether reading may fall back to a session without the strict modes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relax {
    /// Where nothing but the strict modes is in the way.
    IfNeeded,
    /// Never.
    No,
}

fn first_strict_refusal(sides: &Pair<Loaded>) -> Option<Leniency> {
    [(Side::Old, &sides.old), (Side::New, &sides.new)].into_iter().find_map(|(side, loaded)| {
        let error = loaded.script.errors.iter().find(|e| e.strict_only)?;
        Some(Leniency { side, reason: error.message.clone(), location: error.location })
    })
}

/// Makes the plan that leads from the old side to the new one, and proves it.
///
/// # Errors
/// What the settings say of renames, where it cannot be; what the plan's target cannot hold. A plan whose statements do not
/// give NEW is never returned: that is a defect of this library.
pub fn compare(sides: Pair<&Loaded>, settings: &Settings) -> Result<Plan, NoPlan> {
    compare_in_terms(sides, in_terms(sides, settings)?.as_ref(), settings)
}

/// Brings both sides into the terms of the plan's target.
///
/// # Errors
/// What the target cannot hold.
pub fn in_terms(sides: Pair<&Loaded>, settings: &Settings) -> Result<Pair<InTerms>, NoPlan> {
    let session = terms::session(sides, settings);
    let of = |side, which| terms::in_terms(side, which, &session, settings.target);
    match (of(sides.old, Side::Old), of(sides.new, Side::New)) {
        (Ok(mut old), Ok(mut new)) => {
            let theirs = new.schema.as_ref().unwrap_or(&sides.new.script.schema);
            terms::adopt(&mut old, Pair::new(sides.old.text.target, settings.target), theirs);
            let theirs = old.schema.as_ref().unwrap_or(&sides.old.script.schema);
            terms::adopt(&mut new, Pair::new(sides.new.text.target, settings.target), theirs);
            Ok(Pair { old, new })
        }
        (old, new) => Err(NoPlan::Foreign([old, new].into_iter().filter_map(Result::err).flatten().collect())),
    }
}

/// As [`compare`], for sides that were brought into the terms of the plan's target already.
///
/// # Errors
/// As those of [`compare`].
pub fn compare_in_terms(sides: Pair<&Loaded>, there: Pair<&InTerms>, settings: &Settings) -> Result<Plan, NoPlan> {
    let schemas = sides.zip(there).map(|(side, there)| there.schema.as_ref().unwrap_or(&side.script.schema));
    let said = Said { requests: &settings.renames, hints: sides.map(|side| side.script.renamed.as_slice()) };
    let decided =
        diff::rename::renames(schemas, said, &settings.policies, &settings.filter).map_err(NoPlan::Renames)?;
    let session = terms::session(sides, settings);
    let place = |side: &Loaded, location: Location| Some(side.text.place(location)).filter(|place| !place.is_empty());
    let (old_place, new_place) = (|location| place(sides.old, location), |location| place(sides.new, location));
    let takes = |schema: Schema, objects: &[(Option<&Ident>, &TextObject)]| {
        let catalog = Catalog::with_schema(schema, settings.target, session.clone());
        objects.iter().map(|(home, object)| catalog.takes(*home, object)).collect()
    };
    let context = plan::Context {
        target: settings.target,
        sides: sides.map(|side| side.text.target),
        policies: &settings.policies,
        filter: &settings.filter,
        server: &settings.server,
        session: &document::Session {
            sql_mode: session.sql_mode.as_str().to_owned(),
            character_set: "utf8mb4".to_owned(),
            foreign_key_checks: session.foreign_key_checks
                && !has_loose_reference(schemas.old, settings.target)
                && !has_loose_reference(schemas.new, settings.target),
        },
        foreign_keys: if settings.server.contains_key("foreign_key_checks") {
            plan::ForeignKeyCheck::Server
        } else {
            plan::ForeignKeyCheck::Probe
        },
        takes: &takes,
        place: Pair::new(&old_place, &new_place),
    };
    let renamed = plan::renames(schemas.old, decided.clone(), &context);
    let between = after(schemas.old, &renamed, &session, settings.target)?;
    let from = Pair::new(between.as_ref().unwrap_or(schemas.old), schemas.new);
    let terms = Terms {
        target: settings.target,
        session: &session,
        policies: &settings.policies,
        filter: &settings.filter,
        fingerprints: settings.fingerprints,
    };
    let by = |route: &Route| {
        let legs = route.legs(from, &decided.taken, &settings.policies, &settings.filter);
        // The proof's copy of many tables and the lines of their text are a core's work for as long as the plan is another's.
        let changes = legs.iter().any(|leg| !leg.changes.is_empty()) || between.is_some();
        let is_long = schemas.old.tables().nth(MANY).is_some();
        let (copy, plan) = beside(
            (changes && is_long).then_some(|| {
                sides.old.text.sources.iter().chain(&sides.new.text.sources).for_each(|source| {
                    source.count_lines();
                });
                schemas.old.clone()
            }),
            || plan::plan(schemas.old, renamed.clone(), &legs, &context),
        );
        proven(plan, copy, schemas, &terms)
    };
    // What cannot be split goes in one piece, and says so: the tables that are to blame, else all.
    let mut whole: Vec<Ident> = Vec::new();
    let (mut plan, fingerprints) = loop {
        let way = Route::of(from, &decided.taken, &settings.policies, &settings.filter, &whole, settings.target);
        match by(&way) {
            Err(NoPlan::Disproved(disproof)) if !way.is_direct() => match disproof.table {
                Some(table) if whole.len() < WHOLE_TABLES && !whole.contains(&table) => whole.push(table),
                _ => break by(&Route::direct())?,
            },
            found => break found?,
        }
    };
    fingerprints.fill(&mut plan);
    plan.set_aside.extend(set_aside(sides));
    plan.set_aside.extend(not_looked_up(&plan.steps));
    plan.set_aside.extend([there.old, there.new].into_iter().flat_map(|there| &there.lost).cloned());
    plan.not_understood.extend(not_understood(sides.old));
    plan.not_understood.extend(not_understood(sides.new));
    Ok(plan)
}

/// From more tables than that on, another core is worth its start.
const MANY: usize = 1000;

/// Does the one thing, where it is to be done, on another core while the other is done.
fn beside<A: Send, B>(one: Option<impl FnOnce() -> A + Send>, other: impl FnOnce() -> B) -> (Option<A>, B) {
    std::thread::scope(|scope| {
        let one = one.map(|one| scope.spawn(one));
        let other = other();
        (one.map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))), other)
    })
}

/// After how many tables that cannot be split nothing is.
const WHOLE_TABLES: usize = 32;

/// The plan with its proof; where only a session without the strict modes can run it, it is made for such a session.
fn proven(
    mut plan: Plan,
    copy: Option<Schema>,
    schemas: Pair<&Schema>,
    terms: &Terms<'_>,
) -> Result<(Plan, proof::Fingerprints), NoPlan> {
    let copy = || copy.unwrap_or_else(|| schemas.old.clone());
    let disproof = match proof::prove_from(&plan, copy, schemas, terms) {
        Ok(fingerprints) => return Ok((plan, fingerprints)),
        Err(disproof) => disproof,
    };
    // A definition that a script made without the strict modes is not changed with them.
    let mut lenient = terms.session.clone();
    lenient.sql_mode = terms.session.sql_mode.lenient();
    match proof::prove(&plan, schemas, &Terms { session: &lenient, ..terms.clone() }) {
        Ok(fingerprints) => {
            plan.session.sql_mode = lenient.sql_mode.as_str().to_owned();
            Ok((plan, fingerprints))
        }
        Err(_) => Err(NoPlan::Disproved(disproof)),
    }
}

/// The steps of a plan that copy a table row by row: `online=require` refuses them.
pub fn copying_steps(plan: &Plan) -> Vec<&document::Step> {
    plan.steps.iter().filter(|step| step.algorithm == Some(document::Algorithm::Copy)).collect()
}

/// What the renames leave of a schema; `None` where there are none.
fn after(old: &Schema, renamed: &Renamed, session: &Session, target: Target) -> Result<Option<Schema>, NoPlan> {
    let mut catalog = None;
    for statement in renamed.statements() {
        let catalog = catalog.get_or_insert_with(|| {
            let mut lenient = session.clone();
            lenient.sql_mode = session.sql_mode.lenient();
            Catalog::with_schema(old.clone(), target, lenient)
        });
        if let Some(error) = catalog.run_statement(statement).into_iter().next() {
            let found = format!("{}\n{statement}", error.message);
            let object = "a rename".to_owned();
            let disproof =
                Disproof { way: proof::Way::Forth, step: None, table: None, object, expected: String::new(), found };
            return Err(NoPlan::Disproved(disproof));
        }
    }
    Ok(catalog.map(Catalog::into_schema))
}

/// Why there is no plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoPlan {
    /// What was said of renames cannot be.
    Renames(Vec<RenameError>),
    /// The plan's target cannot hold what a side defines.
    Foreign(Vec<Foreign>),
    /// A defect of this library: the plan does not lead to NEW.
    Disproved(Disproof),
}

impl fmt::Display for NoPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Renames(errors) => {
                f.write_str(&errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
            }
            Self::Foreign(foreign) => f.write_str(
                &foreign.iter().map(|f| format!("{}: {}", f.object, f.message)).collect::<Vec<_>>().join("\n"),
            ),
            Self::Disproved(disproof) => disproof.fmt(f),
        }
    }
}

impl std::error::Error for NoPlan {}

/// Whether a foreign key references a table that its script does not make, or columns without a key that serves: a server
/// takes a statement about it only without `foreign_key_checks`.
fn has_loose_reference(schema: &Schema, target: Target) -> bool {
    let serves = |index: &Index, key: &ForeignKey| {
        let unique = index.is_unique() && index.parts.len() == key.referenced_columns.len();
        let begins = index.columns().zip(&key.referenced_columns).filter(|(a, b)| a.is(b.as_str())).count();
        begins == key.referenced_columns.len() && (unique || !target.requires_unique_referenced_key())
    };
    schema.tables().filter(|(_, table)| table.has_foreign_keys()).any(|(database, table)| {
        table.foreign_keys.iter().any(|key| {
            let home = key.referenced_database.as_ref().or(database.name.as_ref()).map(Ident::as_str);
            let there = schema.database(home).and_then(|there| there.tables.get(&key.referenced_table));
            !there.is_some_and(|there| {
                key.referenced_columns.is_empty() || there.indexes.iter().any(|index| serves(index, key))
            })
        })
    })
}

/// What the scripts hold besides definitions, counted over both sides.
fn set_aside(sides: Pair<&Loaded>) -> impl Iterator<Item = SetAside> {
    let mut counts = BTreeMap::<&str, usize>::new();
    for (what, count) in sides.old.script.set_aside.iter().chain(&sides.new.script.set_aside) {
        *counts.entry(what).or_default() += count;
    }
    counts.into_iter().map(|(what, count)| {
        let noun = if count == 1 { "statement" } else { "statements" };
        SetAside { what: format!("{what} ({count} {noun})"), policy: "no definition".to_owned() }
    })
}

/// What a plan's programs name is looked up by the server alone, when they run.
fn not_looked_up(steps: &[document::Step]) -> Option<SetAside> {
    let comes = |step: &&document::Step| {
        let is_program =
            matches!(step.object.kind.as_str(), "procedure" | "function" | "event" | "trigger" | "package body");
        is_program && matches!(step.action, document::Action::Create | document::Action::Replace)
    };
    let count = steps.iter().filter(comes).count();
    let noun = match count {
        0 => return None,
        1 => "program",
        _ => "programs",
    };
    let what = format!("the tables and routines that the bodies of {count} {noun} name");
    Some(SetAside { what, policy: "not looked up".to_owned() })
}

fn not_understood(side: &Loaded) -> impl Iterator<Item = NotUnderstood> {
    side.script
        .not_understood
        .iter()
        .map(|gap| NotUnderstood { at: side.text.place(gap.location), text: gap.text.clone() })
}

/// The steps of one phase as a plan of their own: the expand steps lead from where the plan starts to where
/// the contract steps start. Numbers stay, so that `depends_on` of a contract step may name steps that the
/// expand half has run.
pub fn only_phase(mut plan: Plan, phase: Phase) -> Plan {
    let between = plan
        .steps
        .iter()
        .rfind(|step| step.phase == Phase::Expand)
        .map_or_else(|| plan.from.clone(), |step| step.after.clone());
    match phase {
        Phase::Expand => plan.to = between,
        Phase::Contract => plan.from = between,
    }
    plan.steps.retain(|step| step.phase == phase);
    plan
}

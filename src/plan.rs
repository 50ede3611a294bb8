//! The plan for a set of changes: steps in order, each one statement with all that a reviewer asks.
//!
//! In: [`Changes`], the two schemas and a [`Context`]. Out: a [`document::Plan`]. What a step means
//! is decided on operations; SQL text is written last. Whether the plan is right is not for this
//! room to say: `proof` runs its text on the catalog, and fills in the fingerprints.

mod alter;
mod away;
mod database;
mod effect;
mod giving_way;
mod graph;
mod hazard;
mod object;
mod online;
mod operation;
mod order;
mod partition;
mod phase;
mod probe;
mod rename;
mod route;
mod session;
mod statement;
mod table;
pub(crate) mod words;

pub use online::instant_versions;
pub use route::{Leg, Route};
pub use session::program_session;

use std::collections::{BTreeMap, BTreeSet};

use crate::canonical::Printer;
use crate::diff::{self, Changes, Filter, Policies};
use crate::document::{self, Action, At, Hazard, HazardKind, Inverse, Object, Step};
use crate::ident::Ident;
use crate::model::{Database, Schema, TextObject};
use crate::source::{Location, Pair};
use crate::target::Target;
use away::Moved;
use effect::Effect;
use object::{Firing, Stale};
use order::NodeChange;
use probe::Terms;

/// Which of these objects, each with its database, a server that holds the schema would make.
pub type Takes<'c> = dyn Fn(Schema, &[(Option<&Ident>, &TextObject)]) -> Vec<bool> + 'c;

/// What a plan depends on besides the changes.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    /// The server that the plan is written for.
    pub target: Target,
    /// The servers that the sides were read for.
    pub sides: Pair<Target>,
    /// The policies in force.
    pub policies: &'c Policies,
    /// The filter in force.
    pub filter: &'c Filter,
    /// Server variables that both sides were read with.
    pub server: &'c BTreeMap<String, String>,
    /// The session that the statements need.
    pub session: &'c document::Session,
    /// Who checks the rows of a table that gets a foreign key.
    pub foreign_keys: ForeignKeyCheck,
    /// Which of these views and triggers, each of a database, the target's server would make on a schema.
    pub takes: &'c Takes<'c>,
    /// `file:line` for a place in either side's sources.
    pub place: Pair<&'c dyn Fn(Location) -> Option<String>>,
}

/// Who checks the rows of a table that gets a foreign key.
///
/// The server's own check copies the table while writers wait; without `foreign_key_checks` the key is made in place
/// (MySQL 8.4 manual, section 17.12.1 "Online DDL Operations").
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ForeignKeyCheck {
    /// The plan's probe alone, before: the plan's session is without `foreign_key_checks`.
    #[default]
    Probe,
    /// The server too.
    Server,
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("target", &self.target).field("sides", &self.sides).finish_non_exhaustive()
    }
}

/// A step before it has a number and a phase.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) step: Step,
    pub(crate) effect: Pair<bool>,
    /// Whether it does nothing but take something away.
    only_takes: bool,
    /// Indexes of drafts that it needs.
    pub(crate) needs: Vec<usize>,
    /// The phase of its leg, where that is decided.
    pub(crate) phase: Option<document::Phase>,
    /// The foreign keys that it drops and adds.
    moved: Moved,
}

/// Plans the changes that are left after the renames. Fingerprints are empty: `proof::prove` knows them.
///
/// The renames are those of OLD; the legs lead from the schema that they leave to NEW, one behind the other.
pub fn plan(old: &Schema, renamed: Renamed, legs: &[Leg<'_>], context: &Context<'_>) -> document::Plan {
    let mut session = context.session.clone();
    let adds = legs.iter().any(|leg| adds_foreign_keys(&leg.changes, context.target));
    let terms = Terms::of(context.target, &session.sql_mode, session.foreign_key_checks);
    let barred = legs.iter().any(|leg| order::bars_foreign_keys(&leg.changes, terms));
    if context.foreign_keys == ForeignKeyCheck::Probe && adds || barred {
        session.foreign_key_checks = false;
    }
    let context = &Context { session: &session, ..*context };
    let mut planner = Planner::new(context, &renamed.taken);
    planner.drop_stale(old, legs);
    planner.then(renamed.drafts);
    let first_leg = legs.first().map(|leg| &leg.changes);
    for Leg { changes, phase } in legs {
        let first = planner.drafts.len();
        if planner.origins.is_empty() && first_leg.is_some_and(|leg| !std::ptr::eq(leg, changes)) {
            planner.origins =
                std::mem::take(&mut planner.homes).into_iter().map(|(name, sides)| (name, sides.old)).collect();
        }
        planner.homes = changes.databases.iter().map(|d| (d.name, d.sides)).collect();
        planner.first = first;
        planner.firing = Firing::of(changes);
        planner.forget_stale(changes);
        planner.databases(changes);
        planner.drops_of_objects(changes);
        planner.tables(changes);
        planner.objects(changes);
        planner.drops_of_databases(changes);
        planner.drafts[first..].iter_mut().for_each(|draft| draft.phase = *phase);
    }
    let set_aside: BTreeSet<&diff::Aside> = legs.iter().flat_map(|leg| &leg.changes.set_aside).collect();
    let filters = document::Filters {
        only: context.filter.only.iter().map(|r| r.as_str().to_owned()).collect(),
        ignore: context.filter.ignore.iter().map(|r| r.as_str().to_owned()).collect(),
    };
    document::Plan {
        format: "alterplan-plan".to_owned(),
        version: 1,
        target: context.target.to_string(),
        old_target: context.sides.old.to_string(),
        new_target: context.sides.new.to_string(),
        server: context.server.clone(),
        session: context.session.clone(),
        policies: context.policies.entries().into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
        filters,
        from: String::new(),
        to: String::new(),
        steps: phase::settle(planner.drafts, context.policies.phases, context.session),
        renames: rename::document(&renamed.taken, legs.iter().map(|leg| &leg.changes)),
        set_aside: renamed
            .set_aside
            .iter()
            .chain(set_aside)
            .map(|a| document::SetAside { what: a.what.clone(), policy: a.policy.to_owned() })
            .collect(),
        not_understood: Vec::new(),
    }
}

/// Whether a table that is there gets a foreign key.
fn adds_foreign_keys(changes: &Changes<'_>, target: Target) -> bool {
    let has_keys = |d: &diff::DatabaseDiff<'_>| {
        d.sides.new.is_some_and(|d| d.tables.values().any(|table| table.has_foreign_keys()))
    };
    changes.databases.iter().any(has_keys)
        && order::order(changes, target).nodes.iter().any(|node| {
            let stays = matches!(node.change, NodeChange::Alter(_) | NodeChange::Keys(_));
            stays && (!node.keys.added.is_empty() || !node.keys.late.is_empty())
        })
}

pub use rename::{Renamed, renames};

pub(crate) struct Planner<'c> {
    pub(crate) context: &'c Context<'c>,
    /// What the session makes of rows.
    terms: Terms,
    pub(crate) printer: Printer,
    pub(crate) drafts: Vec<Draft>,
    /// The databases of either side, by the name that qualifies their objects.
    homes: Vec<(Option<&'c Ident>, Pair<Option<&'c Database>>)>,
    /// The databases before the plan where the steps start from a stop on its way: probes ask before.
    origins: Vec<(Option<&'c Ident>, Option<&'c Database>)>,
    /// The first draft of the leg.
    first: usize,
    /// The triggers of each occasion as the steps so far leave them.
    firing: Firing,
    /// What went before all else.
    stale: Stale,
    /// What the plan's first steps rename: probes ask before.
    renames: &'c [diff::rename::Rename],
}

impl<'c> Planner<'c> {
    fn new(context: &'c Context<'c>, renames: &'c [diff::rename::Rename]) -> Self {
        let session = context.session;
        Self {
            context,
            terms: Terms::of(context.target, &session.sql_mode, session.foreign_key_checks),
            printer: Printer::plain(context.target),
            drafts: Vec::new(),
            homes: Vec::new(),
            origins: Vec::new(),
            first: 0,
            firing: Firing::default(),
            stale: Stale::default(),
            renames,
        }
    }

    /// Adds a step that is not an ALTER TABLE; returns its index.
    pub(crate) fn push(&mut self, step: Step, effects: &[Effect], needs: Vec<usize>) -> usize {
        let effect = Pair::new(
            effects.iter().any(|e| matches!(e, Effect::Breaks | Effect::Takes)),
            effects.iter().any(|e| matches!(e, Effect::Needed)),
        );
        let only_takes = effects.iter().all(|e| matches!(e, Effect::Breaks | Effect::Takes));
        self.drafts.push(Draft { step, effect, only_takes, needs, phase: None, moved: Moved::default() });
        self.drafts.len() - 1
    }

    /// Adds steps that know of none but each other.
    fn then(&mut self, mut drafts: Vec<Draft>) {
        let first = self.drafts.len();
        drafts.iter_mut().flat_map(|draft| &mut draft.needs).for_each(|need| *need += first);
        self.drafts.append(&mut drafts);
    }

    pub(crate) fn at(&self, locations: Pair<Option<Location>>) -> At {
        At {
            old: locations.old.and_then(|l| (self.context.place.old)(l)),
            new: locations.new.and_then(|l| (self.context.place.new)(l)),
        }
    }

    /// The database of that name before the plan, where the steps start from a stop on its way.
    fn origin(&self, name: Option<&Ident>) -> Option<&'c Database> {
        self.origins.iter().find(|(of, _)| *of == name)?.1
    }

    /// The database of that name on either side.
    fn homes(&self, name: Option<&Ident>) -> Pair<Option<&'c Database>> {
        let found = self.homes.iter().find(|(of, _)| *of == name);
        found.map_or(Pair::new(None, None), |(_, sides)| *sides)
    }
}

/// Each hazard once.
fn distinct(mut hazards: Vec<Hazard>) -> Vec<Hazard> {
    let mut seen = Vec::new();
    hazards.retain(|h| {
        !seen.contains(&(h.kind, h.reason.clone())) && {
            seen.push((h.kind, h.reason.clone()));
            true
        }
    });
    hazards
}

pub(crate) fn loss(reason: String) -> Hazard {
    Hazard { kind: HazardKind::DataLoss, reason, probe: None }
}

pub(crate) const fn inverse(statements: Vec<String>, hazards: Vec<Hazard>) -> Option<Inverse> {
    Some(Inverse { statements, session: None, hazards })
}

/// An inverse whose statements are to find something set.
pub(crate) const fn inverse_in(
    session: Option<document::ProgramSession>,
    statements: Vec<String>,
    hazards: Vec<Hazard>,
) -> Option<Inverse> {
    Some(Inverse { statements, session, hazards })
}

/// A step about an object, with nothing said yet.
pub(crate) fn step(kind: &str, database: Option<&Ident>, name: &Ident) -> Step {
    Step {
        id: 0,
        phase: document::Phase::Expand,
        object: Object {
            kind: kind.to_owned(),
            schema: database.map(ToString::to_string),
            name: name.to_string(),
            old_name: None,
        },
        action: Action::Alter,
        changes: Vec::new(),
        sql: String::new(),
        session: None,
        algorithm: None,
        lock: None,
        rebuilds_table: false,
        hazards: Vec::new(),
        inverse: None,
        irreversible: None,
        depends_on: Vec::new(),
        after: String::new(),
        at: At::default(),
    }
}

#[cfg(test)]
mod tests;

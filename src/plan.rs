//! The plan for a set of changes: steps in order, each one statement with all that a reviewer asks.
//!
//! In: [`Changes`], the two schemas and a [`Context`]. Out: a [`document::Plan`]. What a step means
//! is decided on operations; SQL text is written last. Whether the plan is right is not for this
//! room to say: `proof` runs its text on the catalog, and fills in the fingerprints.

mod alter;
mod database;
mod effect;
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
mod words;

pub use online::instant_versions;
pub use route::{Leg, Route};
pub use session::program_session;

use std::collections::{BTreeMap, BTreeSet};

use crate::canonical::Printer;
use crate::diff::{self, Changes, Drops, Filter, Policies, TableDiff};
use crate::document::{self, Action, Algorithm, At, Hazard, HazardKind, Inverse, Lock, Object, Step};
use crate::ident::Ident;
use crate::model::{Database, Schema, Table, TextObject};
use crate::source::{Location, Pair};
use crate::target::Target;
use alter::{Alter, Turn};
use effect::Effect;
use object::{Firing, Stale};
use order::NodeChange;
use probe::{Rows, Terms};

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
    /// Indexes of drafts that it needs.
    pub(crate) needs: Vec<usize>,
    /// The phase of its leg, where that is decided.
    pub(crate) phase: Option<document::Phase>,
}

/// Plans the changes that are left after the renames. Fingerprints are empty: `proof::prove` knows them.
///
/// The renames are those of OLD; the legs lead from the schema that they leave to NEW, one behind the other.
pub fn plan(old: &Schema, renamed: Renamed, legs: &[Leg<'_>], context: &Context<'_>) -> document::Plan {
    let mut session = context.session.clone();
    let adds = legs.iter().any(|leg| adds_foreign_keys(&leg.changes, context.target));
    if context.foreign_keys == ForeignKeyCheck::Probe && adds {
        session.foreign_key_checks = false;
    }
    session.alters_history = legs.iter().any(|leg| alter::alters_history(&leg.changes));
    let context = &Context { session: &session, ..*context };
    let mut planner = Planner {
        context,
        printer: Printer::plain(context.target),
        drafts: Vec::new(),
        homes: Vec::new(),
        firing: Firing::default(),
        stale: Stale::default(),
        renames: &renamed.taken,
    };
    planner.drop_stale(old, legs);
    planner.then(renamed.drafts);
    for Leg { changes, phase } in legs {
        let first = planner.drafts.len();
        planner.homes = changes.databases.iter().map(|d| (d.name, d.sides)).collect();
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
        steps: phase::settle(planner.drafts, context.policies.phases),
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
        d.sides.new.is_some_and(|d| d.tables.values().any(|table| !table.foreign_keys.is_empty()))
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
    pub(crate) printer: Printer,
    pub(crate) drafts: Vec<Draft>,
    /// The databases of either side, by the name that qualifies their objects.
    homes: Vec<(Option<&'c Ident>, Pair<Option<&'c Database>>)>,
    /// The triggers of each occasion as the steps so far leave them.
    firing: Firing,
    /// What went before the renames.
    stale: Stale,
    /// What the plan's first steps rename: probes ask before.
    renames: &'c [diff::rename::Rename],
}

impl<'c> Planner<'c> {
    /// Adds a step that is not an ALTER TABLE; returns its index.
    pub(crate) fn push(&mut self, step: Step, effects: &[Effect], needs: Vec<usize>) -> usize {
        let effect = Pair::new(
            effects.iter().any(|e| matches!(e, Effect::Breaks | Effect::Takes)),
            effects.iter().any(|e| matches!(e, Effect::Needed)),
        );
        self.drafts.push(Draft { step, effect, needs, phase: None });
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

    /// What the session makes of rows.
    fn terms(&self) -> Terms {
        Terms::of(self.context.target, &self.context.session.sql_mode, self.context.session.foreign_key_checks)
    }

    /// The database of that name on either side.
    fn homes(&self, name: Option<&Ident>) -> Pair<Option<&'c Database>> {
        let found = self.homes.iter().find(|(of, _)| *of == name);
        found.map_or(Pair::new(None, None), |(_, sides)| *sides)
    }

    fn tables(&mut self, changes: &Changes<'_>) {
        let order = order::order(changes, self.context.target);
        let mut main: Vec<Vec<usize>> = vec![Vec::new(); order.nodes.len()];
        let mut early: Vec<Vec<usize>> = vec![Vec::new(); order.nodes.len()];
        let databases: Vec<(String, usize)> = self
            .drafts
            .iter()
            .enumerate()
            .filter(|(_, d)| d.step.object.kind == "database")
            .map(|(i, d)| (d.step.object.name.clone(), i))
            .collect();
        // The statements of every table: those of its early turn first of all, those of its late turn last.
        let mut alters: Vec<Vec<Alter<'_>>> = Vec::with_capacity(order.nodes.len());
        let none = Policies { drop: Drops::Apply, ..*self.context.policies };
        let empty = Filter::default();
        let whole: Vec<Option<Pair<TableDiff<'_>>>> = order
            .nodes
            .iter()
            .map(|node| match node.change {
                NodeChange::Alter(_) => None,
                NodeChange::Create(table) | NodeChange::Drop(table) => {
                    Some(Pair::new(same(Pair::new(table, table)), same(Pair::new(table, table))))
                }
                NodeChange::Keys(tables) => Some(Pair::new(same(tables), same(tables.reversed()))),
            })
            .collect();
        let backs: Vec<Option<TableDiff<'_>>> = order
            .nodes
            .iter()
            .map(|node| match node.change {
                NodeChange::Alter(diff) => Some(diff::compare_tables(diff.tables.reversed(), &none, &empty)),
                NodeChange::Create(_) | NodeChange::Drop(_) | NodeChange::Keys(_) => None,
            })
            .collect();
        for (at, node) in order.nodes.iter().enumerate() {
            let (forth, back) = match (&node.change, &whole[at], &backs[at]) {
                (NodeChange::Alter(diff), _, Some(back)) => (*diff, back),
                (_, Some(pair), _) => (&pair.old, &pair.new),
                _ => {
                    alters.push(Vec::new());
                    continue;
                }
            };
            let mut statements = alter::alters(self.context.target, forth, back, &node.keys, self.context.policies);
            if matches!(node.change, NodeChange::Create(_) | NodeChange::Drop(_)) {
                statements.retain(|s| s.turn != Turn::Main);
            }
            alters.push(statements);
        }
        for at in order.sequence.iter().copied() {
            for alter in alters[at].iter().filter(|a| a.turn == Turn::Early) {
                let index = self.alter(&order.nodes[at], alter, Vec::new());
                early[at].push(index);
            }
        }
        let mut made_way: Vec<Vec<usize>> = vec![Vec::new(); order.nodes.len()];
        for (at, others) in order.after_early.iter().enumerate() {
            others.iter().for_each(|other| made_way[*other].push(at));
        }
        for at in order.sequence.iter().copied() {
            let node = &order.nodes[at];
            let mut needs: Vec<usize> = order.before[at].iter().filter_map(|b| main[*b].last().copied()).collect();
            needs.extend(early[at].iter().copied());
            // Early drops elsewhere that made way for this table.
            needs.extend(made_way[at].iter().flat_map(|i| early[*i].clone()));
            needs.extend(order.after_early[at].iter().flat_map(|i| early[*i].clone()));
            needs.extend(
                databases.iter().filter(|(name, _)| node.database.is_some_and(|d| d.as_str() == name)).map(|(_, i)| *i),
            );
            match node.change {
                NodeChange::Create(table) => {
                    needs.extend(self.drops_of(node.database, &table.name));
                    let index = self.create(node.database, table, &node.keys.added, needs);
                    main[at].push(index);
                }
                NodeChange::Drop(table) => {
                    let index = self.drop(node.database, table, needs);
                    main[at].push(index);
                }
                NodeChange::Alter(_) | NodeChange::Keys(_) => {
                    for alter in alters[at].iter().filter(|a| a.turn == Turn::Main) {
                        let mut needs = needs.clone();
                        needs.extend(main[at].last().copied());
                        let index = self.alter(node, alter, needs);
                        main[at].push(index);
                    }
                }
            }
        }
        for at in order.sequence.iter().copied() {
            let node = &order.nodes[at];
            for alter in alters[at].iter().filter(|a| a.turn == Turn::Late) {
                let mut needs: Vec<usize> = main[at].last().or(early[at].last()).copied().into_iter().collect();
                needs.extend(order.before_late[at].iter().filter_map(|other| main[*other].last().copied()));
                for key in &node.keys.late {
                    let parent = (key.referenced_database.as_ref().or(node.database), &key.referenced_table);
                    let places = order.nodes.iter().position(|n| (n.database, n.name()) == parent);
                    needs.extend(places.and_then(|p| main[p].last().copied()));
                }
                self.alter(node, alter, needs);
            }
        }
    }

    /// The drafts that drop what has that name: tables, views and sequences share theirs.
    fn drops_of(&self, database: Option<&Ident>, name: &Ident) -> Vec<usize> {
        let drops = |draft: &Draft| {
            let object = &draft.step.object;
            draft.step.action == Action::Drop
                && matches!(object.kind.as_str(), "table" | "view" | "sequence")
                && object.schema.as_deref() == database.map(Ident::as_str)
                && object.name == name.as_str()
        };
        (0..self.drafts.len()).filter(|&at| drops(&self.drafts[at])).collect()
    }

    fn create(
        &mut self,
        database: Option<&Ident>,
        table: &Table,
        keys: &[&crate::model::ForeignKey],
        needs: Vec<usize>,
    ) -> usize {
        let counter =
            table.options.auto_increment.is_some() && self.context.policies.auto_increment == diff::Counter::Ignore;
        let sql = if counter || keys.len() != table.foreign_keys.len() {
            let mut table = table.clone();
            table.foreign_keys.retain(|k| keys.contains(&k));
            if counter {
                table.options.auto_increment = None;
            }
            statement::create(self.printer, database, &table)
        } else {
            statement::create(self.printer, database, table)
        };
        let mut step = step("table", database, &table.name);
        step.action = Action::Create;
        step.changes = vec![format!("adds table {}", table.name.quoted())];
        step.sql = sql;
        let name = statement::qualified(database, &table.name);
        step.inverse = inverse(
            vec![format!("DROP TABLE {name}")],
            vec![
                Hazard {
                    kind: HazardKind::DataLoss,
                    reason: format!("drops table {} with all that was written to it", table.name.quoted()),
                    probe: Some(format!("SELECT 1 FROM {name} LIMIT 1")),
                },
                Hazard {
                    kind: HazardKind::Incompatible,
                    reason: format!("code that names table {} breaks", table.name.quoted()),
                    probe: None,
                },
            ],
        );
        step.at = self.at(Pair::new(None, Some(table.location)));
        self.push(step, &[Effect::Needed], needs)
    }

    fn drop(&mut self, database: Option<&Ident>, table: &Table, needs: Vec<usize>) -> usize {
        let mut step = step("table", database, &table.name);
        step.action = Action::Drop;
        step.changes = vec![format!("drops table {}", table.name.quoted())];
        step.sql = format!("DROP TABLE {}", statement::qualified(database, &table.name));
        step.hazards = vec![
            Hazard {
                kind: HazardKind::DataLoss,
                reason: format!("drops table {} with its rows", table.name.quoted()),
                probe: Some(format!("SELECT 1 FROM {} LIMIT 1", statement::qualified(database, &table.name))),
            },
            Hazard {
                kind: HazardKind::Incompatible,
                reason: format!("code that names table {} breaks", table.name.quoted()),
                probe: None,
            },
        ];
        step.irreversible = Some(format!("drops table {} with its rows", table.name.quoted()));
        step.at = self.at(Pair::new(Some(table.location), None));
        self.push(step, &[Effect::Breaks], needs)
    }

    fn alter(&mut self, node: &order::Node<'_>, alter: &Alter<'_>, needs: Vec<usize>) -> usize {
        let tables = match node.change {
            NodeChange::Alter(diff) => diff.tables,
            NodeChange::Keys(tables) => tables,
            NodeChange::Create(table) | NodeChange::Drop(table) => Pair::new(table, table),
        };
        let mut step = self.altered(node.database, tables, alter);
        if matches!(node.change, NodeChange::Create(_)) {
            // A table that the plan makes has no rows yet.
            step.hazards.retain(|h| !matches!(h.kind, HazardKind::MayFail | HazardKind::DataLoss));
        }
        let locations = match node.change {
            NodeChange::Create(table) => Pair::new(None, Some(table.location)),
            NodeChange::Drop(table) => Pair::new(Some(table.location), None),
            NodeChange::Alter(_) | NodeChange::Keys(_) => tables.map(|t| Some(t.location)),
        };
        step.at = self.at(locations);
        let effects: Vec<Effect> = alter.operations.iter().map(effect::effect).collect();
        self.push(step, &effects, needs)
    }

    /// The step of one ALTER, places aside.
    fn altered(&self, database: Option<&Ident>, tables: Pair<&Table>, alter: &Alter<'_>) -> Step {
        let target = self.context.target;
        let checked = self.context.session.foreign_key_checks;
        let cost = online::cost(target, tables, &alter.operations, checked);
        let mut step = step("table", database, &tables.new.name);
        step.action = Action::Alter;
        step.changes = alter.operations.iter().flat_map(|o| words::lines(self.printer, o)).collect();
        step.sql = statement::alter(self.printer, database, tables.new, &alter.operations);
        step.algorithm = Some(cost.algorithm);
        step.lock = Some(cost.lock);
        step.rebuilds_table = cost.rebuilds;
        let homes = self.homes(database);
        let rows =
            Rows { terms: self.terms(), database, tables, home: homes.old, renames: self.renames, row: probe::ROW };
        step.hazards = hazards_of(&rows, &alter.operations, cost);
        let lost: Vec<String> = alter.operations.iter().flat_map(hazard::destroys).collect();
        if lost.is_empty() {
            let back = tables.reversed();
            let statements =
                alter.inverse.iter().map(|o| statement::alter(self.printer, database, back.new, o)).collect();
            // On the way back the renames come last.
            let rows = Rows { tables: back, home: homes.new, renames: &[], ..rows };
            let mut hazards: Vec<Hazard> = alter
                .inverse
                .iter()
                .flat_map(|o| hazards_of(&rows, o, online::cost(target, back, o, checked)))
                .collect();
            let changed = step.hazards.iter().filter(|h| h.kind == HazardKind::DataLoss);
            hazards.extend(changed.map(|h| loss(format!("does not bring back what the step took: it {}", h.reason))));
            let hazards = distinct(hazards);
            step.inverse = inverse(statements, hazards);
        } else {
            step.irreversible = Some(lost.join("; "));
        }
        step
    }
}

/// A comparison of a table that finds nothing: only its foreign keys come and go.
fn same<'a>(tables: Pair<&'a Table>) -> TableDiff<'a> {
    TableDiff {
        tables,
        columns: Vec::new(),
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        dropped_periods: Vec::new(),
        added_periods: Vec::new(),
        system_versioned: None,
        options: Vec::new(),
        partitioning: None,
    }
}

fn hazards_of(rows: &Rows<'_>, operations: &[operation::Operation<'_>], cost: online::Cost) -> Vec<Hazard> {
    let mut hazards = hazard::hazards(rows, operations, cost);
    if cost.algorithm == Algorithm::Copy {
        hazards.extend(hazard::of_copying(rows, operations));
    }
    let mut hazard = |kind, reason: &str| hazards.push(Hazard { kind, reason: reason.to_owned(), probe: None });
    if cost.algorithm == Algorithm::Copy {
        hazard(HazardKind::Rewrite, "copies the table row by row");
    } else if cost.rebuilds && matches!(operations, [operation::Operation::ReorganizePartitions(..)]) {
        hazard(HazardKind::Rewrite, "rebuilds the partitions that it names");
    } else if cost.rebuilds {
        hazard(HazardKind::Rewrite, "rebuilds the table");
    }
    match cost.lock {
        Lock::None => {}
        Lock::Shared => hazard(HazardKind::Lock, "writers wait until it is done"),
        Lock::Exclusive => hazard(HazardKind::Lock, "readers and writers wait until it is done"),
    }
    distinct(hazards)
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

//! The steps of the tables: each made, dropped or altered, by one statement where the server allows it.
//!
//! What must go before all else is dropped in an early turn, and what needs all others there comes in a late one.

use super::alter::{self, Alter, Turn};
use super::away::Moved;
use super::effect::{self, Effect};
use super::online::Writing;
use super::operation::Operation;
use super::order::{self, Node, NodeChange, Order};
use super::probe::{self, Rows};
use super::{Draft, Planner, distinct, hazard, inverse, loss, online, statement, step, words};
use crate::diff::{self, Changes, Drops, Filter, Policies, TableDiff};
use crate::document::{Action, Algorithm, Hazard, HazardKind, Lock, Step};
use crate::ident::Ident;
use crate::model::{Database, ForeignKey, Table};
use crate::source::Pair;

/// The steps of each table, by its place in the order, as indexes of drafts.
struct Steps {
    early: Vec<Vec<usize>>,
    main: Vec<Vec<usize>>,
}

impl Planner<'_> {
    pub(super) fn tables(&mut self, changes: &Changes<'_>) {
        let order = order::order(changes, self.context.target);
        let diffs: Vec<_> = order.nodes.iter().map(|node| self.diffs(node)).collect();
        let alters: Vec<Vec<Alter<'_>>> = order
            .nodes
            .iter()
            .zip(&diffs)
            .map(|(node, (forth, back))| self.alters(node, forth.as_ref(), back))
            .collect();
        let none = vec![Vec::new(); order.nodes.len()];
        let mut steps = Steps { early: none.clone(), main: none };
        self.early(&order, &alters, &mut steps);
        self.main(&order, &alters, &mut steps);
        self.late(&order, &alters, &steps);
    }

    /// What a table's change is besides what the order holds of it, and what its way back is.
    fn diffs<'a>(&self, node: &Node<'a>) -> (Option<TableDiff<'a>>, TableDiff<'a>) {
        match node.change {
            NodeChange::Alter(diff) => {
                let all = Policies { drop: Drops::Apply, ..*self.context.policies };
                (None, diff::compare_tables(diff.tables.reversed(), &all, &Filter::default()))
            }
            NodeChange::Create(table) | NodeChange::Drop(table) => {
                let tables = Pair::new(table, table);
                (Some(same(tables)), same(tables))
            }
            NodeChange::Keys(tables) => (Some(same(tables)), same(tables.reversed())),
        }
    }

    /// A table's statements of all turns.
    fn alters<'a>(
        &self,
        node: &'a Node<'_>,
        forth: Option<&'a TableDiff<'_>>,
        back: &'a TableDiff<'_>,
    ) -> Vec<Alter<'a>> {
        let forth = match (&node.change, forth) {
            (NodeChange::Alter(diff), _) => diff,
            (_, Some(forth)) => forth,
            (_, None) => return Vec::new(),
        };
        let mut statements = alter::alters(self.terms, forth, back, &node.keys, self.context.policies);
        if matches!(node.change, NodeChange::Create(_) | NodeChange::Drop(_)) {
            statements.retain(|s| s.turn != Turn::Main);
        }
        if let NodeChange::Create(table) = node.change {
            statements.extend(alter::bared(table));
        }
        statements
    }

    fn early(&mut self, order: &Order<'_>, alters: &[Vec<Alter<'_>>], steps: &mut Steps) {
        for at in order.sequence.iter().copied() {
            for alter in alters[at].iter().filter(|a| a.turn == Turn::Early) {
                let index = self.alter(&order.nodes[at], alter, Vec::new());
                steps.early[at].push(index);
            }
        }
    }

    fn main(&mut self, order: &Order<'_>, alters: &[Vec<Alter<'_>>], steps: &mut Steps) {
        let databases: Vec<(String, usize)> = self
            .drafts
            .iter()
            .enumerate()
            .filter(|(_, d)| d.step.object.kind == "database")
            .map(|(i, d)| (d.step.object.name.clone(), i))
            .collect();
        let Steps { early, main } = steps;
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
                    for alter in alters[at].iter().filter(|a| a.turn == Turn::Main) {
                        let index = self.alter(node, alter, main[at].last().copied().into_iter().collect());
                        main[at].push(index);
                    }
                }
                NodeChange::Drop(table) => {
                    let index = self.drop(node.database, table, needs);
                    main[at].push(index);
                }
                NodeChange::Alter(_) | NodeChange::Keys(_) => {
                    needs.extend(self.before_the_leg(node));
                    for alter in alters[at].iter().filter(|a| a.turn == Turn::Main) {
                        let mut needs = needs.clone();
                        needs.extend(main[at].last().copied());
                        let index = self.alter(node, alter, needs);
                        main[at].push(index);
                    }
                }
            }
        }
    }

    fn late(&mut self, order: &Order<'_>, alters: &[Vec<Alter<'_>>], steps: &Steps) {
        let Steps { early, main } = steps;
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

    /// What earlier legs do to a table: a step starts from what they leave.
    fn before_the_leg(&self, node: &Node<'_>) -> Vec<usize> {
        let is_same = |draft: &Draft| {
            let object = &draft.step.object;
            object.kind == "table"
                && object.schema.as_deref() == node.database.map(Ident::as_str)
                && object.name == node.name().as_str()
        };
        (0..self.first).filter(|&at| is_same(&self.drafts[at])).collect()
    }

    /// The drafts that drop what has that name: tables, views and sequences share theirs.
    pub(super) fn drops_of(&self, database: Option<&Ident>, name: &Ident) -> Vec<usize> {
        let drops = |draft: &Draft| {
            let object = &draft.step.object;
            draft.step.action == Action::Drop
                && matches!(object.kind.as_str(), "table" | "view" | "sequence")
                && object.schema.as_deref() == database.map(Ident::as_str)
                && object.name == name.as_str()
        };
        (0..self.drafts.len()).filter(|&at| drops(&self.drafts[at])).collect()
    }

    fn create(&mut self, database: Option<&Ident>, table: &Table, keys: &[&ForeignKey], needs: Vec<usize>) -> usize {
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

    fn alter(&mut self, node: &Node<'_>, alter: &Alter<'_>, needs: Vec<usize>) -> usize {
        let tables = match node.change {
            NodeChange::Alter(diff) => diff.tables,
            NodeChange::Keys(tables) => tables,
            NodeChange::Create(table) | NodeChange::Drop(table) => Pair::new(table, table),
        };
        let mut step = self.altered(node.database, tables, alter);
        let is_made = |home: &Database| !home.tables.contains_key(&tables.old.name);
        if matches!(node.change, NodeChange::Create(_)) || self.origin(node.database).is_some_and(is_made) {
            // A table that the plan makes has no rows yet, and no code that knows it.
            let none = |kind| matches!(kind, HazardKind::MayFail | HazardKind::DataLoss | HazardKind::Incompatible);
            step.hazards.retain(|hazard| !none(hazard.kind));
        }
        let locations = match node.change {
            NodeChange::Create(table) => Pair::new(None, Some(table.location)),
            NodeChange::Drop(table) => Pair::new(Some(table.location), None),
            NodeChange::Alter(_) | NodeChange::Keys(_) => tables.map(|t| Some(t.location)),
        };
        step.at = self.at(locations);
        let effects: Vec<Effect> = alter.operations.iter().map(|o| effect::effect(o, tables)).collect();
        let at = self.push(step, &effects, needs);
        self.drafts[at].moved = Moved::of(&alter.operations, tables.new, self.terms.foreign_key_checks);
        at
    }

    /// The rows that a step on a table meets.
    pub(super) fn rows<'r>(&'r self, database: Option<&'r Ident>, tables: Pair<&'r Table>) -> Rows<'r> {
        let origin = self.origin(database);
        Rows {
            terms: self.terms,
            database,
            tables,
            origin: origin.and_then(|home| home.tables.get(&tables.old.name)),
            home: origin.or(self.homes(database).old),
            renames: self.renames,
            row: probe::ROW,
            copied: false,
            keyed: false,
        }
    }

    /// The step of one ALTER, places aside.
    pub(super) fn altered(&self, database: Option<&Ident>, tables: Pair<&Table>, alter: &Alter<'_>) -> Step {
        let target = self.context.target;
        let checks_foreign_keys = self.context.session.foreign_key_checks;
        let writing = Writing { checks_foreign_keys, strict: self.terms.strict };
        let cost = online::cost(target, tables, &alter.operations, writing);
        let mut step = step("table", database, &tables.new.name);
        step.action = Action::Alter;
        step.changes = alter.operations.iter().flat_map(|o| words::lines(self.printer, o)).collect();
        step.sql = statement::alter(self.printer, database, tables, &alter.operations);
        step.algorithm = Some(cost.algorithm);
        step.lock = Some(cost.lock);
        step.rebuilds_table = cost.rebuilds;
        let homes = self.homes(database);
        let rows = self.rows(database, tables);
        step.hazards = hazards_of(&rows, &alter.operations, cost);
        step.hazards.extend(hazard::broken(homes.new, tables, &alter.operations));
        let lost: Vec<String> = alter.operations.iter().flat_map(hazard::destroys).collect();
        if lost.is_empty() {
            let back = tables.reversed();
            let statements = alter.inverse.iter().map(|o| statement::alter(self.printer, database, back, o)).collect();
            // On the way back the renames come last.
            let rows = Rows { tables: back, origin: None, home: homes.new, renames: &[], ..rows };
            let mut hazards: Vec<Hazard> = alter
                .inverse
                .iter()
                .flat_map(|o| hazards_of(&rows, o, online::cost(target, back, o, writing)))
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

fn hazards_of(rows: &Rows<'_>, operations: &[Operation<'_>], cost: online::Cost) -> Vec<Hazard> {
    let rows = &Rows { copied: cost.algorithm == Algorithm::Copy, ..*rows };
    let mut hazards = hazard::hazards(rows, operations, cost);
    if cost.algorithm == Algorithm::Copy {
        hazards.extend(hazard::of_copying(rows, operations));
    }
    let mut hazard = |kind, reason: &str| hazards.push(Hazard { kind, reason: reason.to_owned(), probe: None });
    if cost.algorithm == Algorithm::Copy {
        hazard(HazardKind::Rewrite, "copies the table row by row");
    } else if cost.rebuilds && matches!(operations, [Operation::ReorganizePartitions(..)]) {
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

//! Renames: the first steps of a plan, so that all others find the new names.
//!
//! In: what was decided, and OLD. Out: steps, and the plan goes on from the schema that they leave. A rename touches no
//! row, so it has a statement of its own; what MySQL does not let follow stands in the same statement.

use super::alter::{Alter, Turn};
use super::away::Moved;
use super::effect::{self, Effect};
use super::operation::Operation;
use super::probe::Rows;
use super::{Context, Draft, Planner, hazard, inverse, statement, step, words};
use crate::diff::rename::{Decided, Rename, RenameKind};
use crate::diff::{Aside, Changes, ColumnAspect, IndexChange, TableChange};
use crate::document::{self, Action, Algorithm, Hazard, HazardKind};
use crate::ident::Ident;
use crate::model::{Column, Database, DefaultValue, Expr, KeyColumn, Partitioning, Schema, Table};
use crate::source::Pair;

/// The steps of the renames, and what was decided.
#[derive(Clone, Debug, Default)]
pub struct Renamed {
    pub(super) drafts: Vec<Draft>,
    pub(super) taken: Vec<Rename>,
    pub(super) set_aside: Vec<Aside>,
}

impl Renamed {
    /// The statements, in order: run on OLD, they leave the schema that is compared with NEW.
    pub fn statements(&self) -> impl Iterator<Item = &str> {
        self.drafts.iter().map(|d| d.step.sql.as_str())
    }
}

/// Plans renames.
pub fn renames(old: &Schema, decided: Decided, context: &Context<'_>) -> Renamed {
    let mut planner = Planner::new(context, &[]);
    planner.homes = old.databases.iter().map(|d| (d.name.as_ref(), Pair::new(Some(d), Some(d)))).collect();
    let mut databases: Vec<Option<&Ident>> = Vec::new();
    for rename in &decided.taken {
        let name = rename.database.as_ref();
        if !databases.contains(&name) {
            databases.push(name);
        }
    }
    for name in databases {
        let here: Vec<&Rename> = decided.taken.iter().filter(|r| r.database.as_ref() == name).collect();
        // Where each side has one database, it goes without its name.
        let named = name.map(Ident::as_str);
        let database = old.database(named).or_else(|| old.databases.iter().find(|d| !d.tables.is_empty()));
        let Some(database) = database else { continue };
        let exists = |table: &str| database.tables.contains_key(table);
        let columns_of = |names: &Pair<Ident>| -> Vec<(Ident, Ident)> {
            let renames = here.iter().filter(|r| r.kind == RenameKind::Column && r.tables == *names);
            renames.map(|r| (r.names.old.clone(), r.names.new.clone())).collect()
        };
        let mut tables: Vec<&Pair<Ident>> = Vec::new();
        for rename in here.iter().filter(|r| r.kind == RenameKind::Column) {
            if !tables.contains(&&rename.tables) {
                tables.push(&rename.tables);
            }
        }
        for names in &tables {
            if let Some(table) = database.tables.get(names.old.as_str()) {
                planner.release(name, database, table, &columns_of(names));
            }
        }
        planner.rename_tables(name, here.iter().copied().filter(|r| r.kind == RenameKind::Table).collect(), &exists);
        for names in tables {
            if let Some(table) = database.tables.get(names.old.as_str()) {
                planner.rename_columns(name, table, &names.new, &columns_of(names));
            }
        }
    }
    Renamed { drafts: planner.drafts, taken: decided.taken, set_aside: decided.set_aside.into_iter().collect() }
}

/// The renames as the document lists them: those that were decided, and keys of one definition under two names.
pub(super) fn document<'c>(taken: &[Rename], changes: impl Iterator<Item = &'c Changes<'c>>) -> Vec<document::Rename> {
    let mut listed: Vec<document::Rename> = taken
        .iter()
        .filter(|r| r.kind != RenameKind::Key)
        .map(|r| document::Rename {
            kind: r.kind.word().to_owned(),
            table: if r.kind == RenameKind::Table { &r.tables.old } else { &r.tables.new }.to_string(),
            from: r.names.old.to_string(),
            to: r.names.new.to_string(),
            why: r.why.word().to_owned(),
        })
        .collect();
    for change in changes.flat_map(|c| &c.databases).flat_map(|d| &d.tables) {
        let TableChange::Altered(diff) = change else { continue };
        for index in &diff.indexes {
            let IndexChange::Renamed(pair) = index else { continue };
            let said = taken.iter().find(|r| {
                r.kind == RenameKind::Key && r.tables.new == diff.tables.new.name && r.names.new == pair.new.name
            });
            listed.push(document::Rename {
                kind: RenameKind::Key.word().to_owned(),
                table: diff.tables.new.name.to_string(),
                from: pair.old.name.to_string(),
                to: pair.new.name.to_string(),
                why: said.map_or("detected", |r| r.why.word()).to_owned(),
            });
        }
    }
    listed
}

impl Planner<'_> {
    /// One step a table, each when its new name is free; names that go round in a circle in one step of their own.
    fn rename_tables(&mut self, database: Option<&Ident>, mut left: Vec<&Rename>, exists: &dyn Fn(&str) -> bool) {
        while !left.is_empty() {
            let free = |r: &Rename| !left.iter().any(|other| other.names.old == r.names.new);
            let Some(at) = left.iter().position(|r| free(r)) else {
                let mut circle = vec![left.remove(0)];
                while let Some(at) = left.iter().position(|r| circle.last().is_some_and(|c| c.names.new == r.names.old))
                {
                    circle.push(left.remove(at));
                }
                self.rename_circle(database, &circle, exists);
                continue;
            };
            let rename = left.remove(at);
            let names = rename.names.as_ref().map(|n| statement::qualified(database, n));
            self.rename_step(
                database,
                &[rename],
                format!("RENAME TABLE {} TO {}", names.old, names.new),
                format!("RENAME TABLE {} TO {}", names.new, names.old),
            );
        }
    }

    /// `a` becomes `b` and `b` becomes `a`: one of them waits under a name of its own.
    fn rename_circle(&mut self, database: Option<&Ident>, circle: &[&Rename], exists: &dyn Fn(&str) -> bool) {
        let mut aside = "alterplan_rename".to_owned();
        while exists(&aside) {
            aside.push('_');
        }
        let aside = statement::qualified(database, &Ident::new(aside));
        let pairs: Vec<Pair<String>> =
            circle.iter().map(|r| r.names.as_ref().map(|n| statement::qualified(database, n))).collect();
        let text = |pairs: &[Pair<String>]| {
            let mut parts = vec![format!("{} TO {aside}", pairs[0].old)];
            parts.extend(pairs[1..].iter().rev().map(|p| format!("{} TO {}", p.old, p.new)));
            parts.push(format!("{aside} TO {}", pairs[0].new));
            format!("RENAME TABLE {}", parts.join(",\n  "))
        };
        let back: Vec<Pair<String>> = pairs.iter().rev().map(|p| p.clone().reversed()).collect();
        self.rename_step(database, circle, text(&pairs), text(&back));
    }

    fn rename_step(&mut self, database: Option<&Ident>, renames: &[&Rename], sql: String, back: String) {
        let names = &renames[0].names;
        let mut step = step("table", database, &names.new);
        step.action = Action::Rename;
        step.object.old_name = Some(names.old.to_string());
        step.changes = renames
            .iter()
            .map(|r| format!("renames table {} to {}", r.names.old.quoted(), r.names.new.quoted()))
            .collect();
        step.sql = sql;
        let hazards = |old: fn(&Pair<Ident>) -> &Ident| {
            let hazard = |r: &&Rename| Hazard {
                kind: HazardKind::Incompatible,
                reason: format!("code that names table {} breaks", old(&r.names).quoted()),
                probe: None,
            };
            renames.iter().map(hazard).collect::<Vec<_>>()
        };
        step.hazards = hazards(|n| &n.old);
        step.inverse = inverse(vec![back], hazards(|n| &n.new));
        self.push(step, &[Effect::Breaks, Effect::Needed], Vec::new());
    }

    /// Drops the foreign keys over columns whose rename MySQL cannot do in place, because what is written with their
    /// names changes with them: it renames no column of a foreign key row by row (1846). They come back behind the
    /// renames, as any foreign key that NEW has.
    fn release(&mut self, name: Option<&Ident>, database: &Database, table: &Table, columns: &[(Ident, Ident)]) {
        let mut renamed = table.clone();
        renamed.rename_columns(columns);
        let follows = !self.context.target.renames_in_expressions();
        let in_place = |o: &Operation<'_>| matches!(o, Operation::DropCheck(_) | Operation::RenameColumn(_));
        if operations(Pair::new(table, &renamed), columns, follows).iter().all(in_place) {
            return;
        }
        let touched = |list: &[Ident]| list.iter().any(|c| columns.iter().any(|(from, _)| from.is(c.as_str())));
        for holder in database.tables.values() {
            let held = holder.foreign_keys.iter().filter(|k| {
                holder.name == table.name && touched(&k.columns)
                    || k.referenced_database.is_none()
                        && k.referenced_table == table.name
                        && touched(&k.referenced_columns)
            });
            let object = holder.name.as_str();
            let known = |o: &Operation<'_>, drafts: &[Draft]| {
                let line = words::lines(self.printer, o);
                drafts.iter().any(|d| d.step.object.name == object && line.iter().all(|l| d.step.changes.contains(l)))
            };
            let operations: Vec<_> = held.map(Operation::DropForeignKey).filter(|o| !known(o, &self.drafts)).collect();
            if operations.is_empty() {
                continue;
            }
            let back = operations.iter().filter_map(|o| match o {
                Operation::DropForeignKey(key) => Some(Operation::AddForeignKey(key)),
                _ => None,
            });
            let alter = Alter { turn: Turn::Early, inverse: vec![back.collect()], operations };
            let mut step = self.altered(name, Pair::new(holder, holder), &alter);
            step.at = self.at(Pair::new(Some(holder.location), None));
            // It goes for the sake of what new code needs.
            let at = self.push(step, &[Effect::Takes, Effect::Needed], Vec::new());
            self.drafts[at].moved = Moved::of(&alter.operations, holder, self.terms.foreign_key_checks);
        }
    }

    /// One ALTER for all columns of a table, so that two of them can swap names.
    fn rename_columns(&mut self, database: Option<&Ident>, table: &Table, name: &Ident, columns: &[(Ident, Ident)]) {
        let mut old = table.clone();
        old.name = name.clone();
        let mut new = old.clone();
        new.rename_columns(columns);
        let back: Vec<(Ident, Ident)> = columns.iter().map(|(from, to)| (to.clone(), from.clone())).collect();
        let follows = !self.context.target.renames_in_expressions();
        let operations = operations(Pair::new(&old, &new), columns, follows);
        let reversed = self::operations(Pair::new(&new, &old), &back, follows);
        let alter = Alter { turn: Turn::Early, operations, inverse: vec![reversed] };
        let mut step = self.altered(database, Pair::new(&old, &new), &alter);
        step.at = self.at(Pair::new(Some(table.location), None));
        // What is written anew with the new names holds for the rows as it did before.
        let holds = |h: &Hazard| !matches!(h.kind, HazardKind::MayFail | HazardKind::Semantics);
        step.hazards.retain(holds);
        let copies = step.algorithm == Some(Algorithm::Copy);
        // But a copy computes all of it again.
        let rows = self.rows(database, Pair::new(&old, &old));
        if copies {
            step.hazards.extend(hazard::of_copying(&rows, &[]));
        }
        if let Some(inverse) = &mut step.inverse {
            inverse.hazards.retain(holds);
            let home = self.homes(database).new;
            let rows = Rows { tables: Pair::new(&new, &new), origin: None, home, renames: &[], ..rows };
            if copies {
                inverse.hazards.extend(hazard::of_copying(&rows, &[]));
            }
        }
        let effects: Vec<Effect> =
            alter.operations.iter().map(|o| effect::effect(o, Pair::new(&old, &new))).chain([Effect::Needed]).collect();
        let needs = (0..self.drafts.len()).filter(|&i| self.drafts[i].step.object.name == name.as_str()).collect();
        self.push(step, &effects, needs);
    }
}

/// The renames of columns and, where the server lets nothing follow them, all that is written with their names.
fn operations<'a>(tables: Pair<&'a Table>, columns: &[(Ident, Ident)], rewrites: bool) -> Vec<Operation<'a>> {
    let uses = |expression: &Expr| {
        let mut found = false;
        expression.columns(&mut |c| found |= columns.iter().any(|(from, _)| from.is(c.as_str())));
        found
    };
    let Pair { old, new } = tables;
    // By way of virtual columns, too, these are held fast (3108, 3837, 3766); a CHECK is not.
    let reads =
        |e: &Expr| old.columns_read(e).iter().any(|name| columns.iter().any(|(from, _)| from.is(name.as_str())));
    let renamed = |i: &usize| old.columns[*i].name != new.columns[*i].name;
    let renames = (0..old.columns.len())
        .filter(renamed)
        .map(|i| Operation::RenameColumn(Pair::new(&old.columns[i], &new.columns[i])));
    if !rewrites {
        return renames.collect();
    }
    let (mut operations, mut adds) = (Vec::new(), Vec::new());
    for (before, after) in old.checks.iter().zip(&new.checks).filter(|(c, _)| uses(&c.expression)) {
        operations.push(Operation::DropCheck(before));
        adds.push(Operation::AddCheck(after));
    }
    for (before, after) in old.indexes.iter().zip(&new.indexes) {
        if before.parts.iter().any(|p| matches!(&p.column, KeyColumn::Expression(e) if reads(e))) {
            operations.push(Operation::DropIndex(before));
            adds.push(Operation::AddIndex(after));
        }
    }
    operations.extend(renames);
    for (before, after) in old.columns.iter().zip(&new.columns) {
        if before.generated.as_ref().is_some_and(|g| reads(&g.expression)) {
            let columns = Pair::new(before, after);
            operations.push(Operation::ModifyColumn { columns, aspects: vec![ColumnAspect::Generated], moved: None });
        } else if reads_in_default(before, &reads) {
            operations.push(Operation::SetDefault(after));
        }
    }
    operations.append(&mut adds);
    if let (Some(before), Some(after)) = (&old.partitioning, &new.partitioning)
        && before != after
    {
        let sides: Pair<Option<&Partitioning>> = Pair::new(Some(before), Some(after));
        operations.push(Operation::Partition(sides, after));
    }
    operations
}

fn reads_in_default(column: &Column, uses: &dyn Fn(&Expr) -> bool) -> bool {
    matches!(&column.default, Some(DefaultValue::Expression(e)) if uses(e))
}

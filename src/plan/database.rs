//! Steps for whole databases: they come before all that is theirs, and go after it.

use super::effect::Effect;
use super::{Planner, inverse, loss, statement, step};
use crate::diff::{Changes, DatabaseChange};
use crate::document::{Action, Hazard, HazardKind};
use crate::model::Collation;

impl Planner<'_> {
    /// Databases that come, and those whose default collation changes.
    pub(super) fn databases(&mut self, changes: &Changes<'_>) {
        for database in &changes.databases {
            let (Some(change), Some(name)) = (database.change, database.sides.new.and_then(|d| d.name.as_ref())) else {
                continue;
            };
            let Some(new) = database.sides.new else { continue };
            let clause = |c: Collation| {
                format!(
                    "DEFAULT CHARACTER SET {} COLLATE {}",
                    c.charset().printed(self.context.target),
                    c.printed(self.context.target)
                )
            };
            let mut step = step("database", None, name);
            let effects: &[Effect] = match change {
                DatabaseChange::Added(_) => {
                    step.action = Action::Create;
                    step.changes = vec![format!("adds database {}", name.quoted())];
                    step.sql = format!("CREATE DATABASE {} {}", name.quoted(), clause(new.collation));
                    step.inverse = inverse(
                        vec![format!("DROP DATABASE {}", name.quoted())],
                        vec![
                            loss(format!("drops database {} with all that was written to it", name.quoted())),
                            Hazard {
                                kind: HazardKind::Incompatible,
                                reason: format!("code that names database {} breaks", name.quoted()),
                                probe: None,
                            },
                        ],
                    );
                    &[Effect::Needed]
                }
                DatabaseChange::Collation(pair) => {
                    step.action = Action::Alter;
                    step.changes = vec![format!(
                        "changes the default collation: {} → {}",
                        pair.old.printed(self.context.target),
                        pair.new.printed(self.context.target)
                    )];
                    // Without a name the statement is about the database that the plan is run in.
                    let of = database.name.map_or_else(String::new, |n| format!(" {}", n.quoted()));
                    step.sql = format!("ALTER DATABASE{of} {}", clause(pair.new));
                    let hazard = Hazard {
                        kind: HazardKind::Semantics,
                        reason: "tables created later without a charset get another one".to_owned(),
                        probe: None,
                    };
                    step.hazards.push(hazard.clone());
                    step.inverse = inverse(vec![format!("ALTER DATABASE{of} {}", clause(pair.old))], vec![hazard]);
                    &[Effect::Neutral]
                }
                DatabaseChange::Dropped(_) => continue,
            };
            self.push(step, effects, Vec::new());
        }
    }

    /// Databases that go, after all that is theirs.
    pub(super) fn drops_of_databases(&mut self, changes: &Changes<'_>) {
        for database in &changes.databases {
            let Some(DatabaseChange::Dropped(name)) = database.change else { continue };
            let needs = (0..self.drafts.len())
                .filter(|&i| self.drafts[i].step.object.schema.as_deref() == Some(name.as_str()))
                .collect();
            let mut step = step("database", None, name);
            step.action = Action::Drop;
            step.changes = vec![format!("drops database {}", name.quoted())];
            step.sql = format!("DROP DATABASE {}", name.quoted());
            let tables = database.sides.old.iter().flat_map(|d| d.tables.values());
            let some: Vec<String> = tables
                .map(|t| format!("(SELECT 1 FROM {} LIMIT 1)", statement::qualified(Some(name), &t.name)))
                .collect();
            step.hazards.push(Hazard {
                kind: HazardKind::DataLoss,
                reason: format!("drops database {} with its rows", name.quoted()),
                probe: (!some.is_empty()).then(|| format!("{} LIMIT 1", some.join(" UNION ALL "))),
            });
            step.hazards.push(Hazard {
                kind: HazardKind::Incompatible,
                reason: format!("code that names database {} breaks", name.quoted()),
                probe: None,
            });
            step.irreversible = Some(format!("drops database {}", name.quoted()));
            self.push(step, &[Effect::Breaks], needs);
        }
    }
}

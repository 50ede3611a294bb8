//! Steps, their order and what they cost, on schemas of a few lines.

use std::collections::BTreeMap;

use super::*;
use crate::diff::tests::{int, key, schema, table};
use crate::document::{Algorithm, Lock, Phase};
use crate::model::{ForeignKey, ReferentialAction, Table};

fn planned(target: &str, old: Vec<Table>, new: Vec<Table>) -> document::Plan {
    planned_by_way_of(target, vec![old, new])
}

/// The plan that leads from the first schema by way of those in between to the last one.
fn planned_by_way_of(target: &str, stops: Vec<Vec<Table>>) -> document::Plan {
    let stops: Vec<_> = stops.into_iter().map(schema).collect();
    let target: Target = target.parse().expect("a target");
    let (policies, filter) = (Policies::default(), Filter::default());
    let legs: Vec<_> = stops
        .windows(2)
        .map(|sides| Leg { changes: diff::diff(Pair::new(&sides[0], &sides[1]), &[], &policies, &filter), phase: None })
        .collect();
    let session =
        document::Session { sql_mode: String::new(), character_set: "utf8mb4".to_owned(), foreign_key_checks: true };
    let nowhere = |_: Location| None;
    let server = BTreeMap::new();
    let context = Context {
        target,
        sides: Pair::new(target, target),
        policies: &policies,
        filter: &filter,
        server: &server,
        session: &session,
        foreign_keys: ForeignKeyCheck::default(),
        takes: &|_, objects| vec![true; objects.len()],
        place: Pair::new(&nowhere, &nowhere),
    };
    plan(&stops[0], Renamed::default(), &legs, &context)
}

fn statements(plan: &document::Plan) -> Vec<String> {
    plan.steps.iter().map(|s| s.sql.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn foreign(name: &str, column: &str, to: &str) -> ForeignKey {
    ForeignKey {
        name: name.into(),
        generated_name: false,
        columns: vec![column.into()],
        referenced_database: None,
        referenced_table: to.into(),
        referenced_columns: vec!["id".into()],
        on_delete: ReferentialAction::Unspecified,
        on_update: ReferentialAction::Unspecified,
    }
}

fn with_key(name: &str, to: &str) -> Table {
    let mut table = table(name, &["id", "ref"]);
    table.indexes = vec![key("PRIMARY", &["id"]), key(&format!("fk_{name}"), &["ref"])].into();
    table.indexes[1].generated = true;
    table.foreign_keys = vec![foreign(&format!("fk_{name}"), "ref", to)];
    table
}

fn big(table: &mut Table, column: usize) {
    table.columns[column].data_type = crate::model::DataType::Integer {
        kind: crate::model::Integer::Big,
        width: None,
        unsigned: false,
        zerofill: false,
    };
}

#[test]
fn an_added_column_is_one_expand_step_with_its_inverse() {
    let plan = planned("mysql:9.7", vec![table("users", &["id"])], vec![table("users", &["id", "last_login"])]);
    assert_eq!(statements(&plan), ["ALTER TABLE `users` ADD COLUMN `last_login` int DEFAULT NULL"]);
    let step = &plan.steps[0];
    assert_eq!(step.changes, ["adds column `last_login`"]);
    assert_eq!((step.phase, step.algorithm, step.lock), (Phase::Expand, Some(Algorithm::Instant), Some(Lock::None)));
    let inverse = step.inverse.as_ref().expect("an inverse");
    assert_eq!(inverse.statements, ["ALTER TABLE `users`\n  DROP COLUMN `last_login`"]);
    assert_eq!(inverse.hazards[0].kind, HazardKind::DataLoss);
}

#[test]
fn a_dropped_column_is_contract_and_has_no_way_back() {
    let plan = planned("mysql:9.7", vec![table("t", &["a", "b"])], vec![table("t", &["a"])]);
    let step = &plan.steps[0];
    assert_eq!((step.phase, step.irreversible.as_deref()), (Phase::Contract, Some("drops column `b` with its data")));
}

#[test]
fn a_key_that_is_only_made_anew_breaks_no_code() {
    let keyed = |size: Option<u64>| {
        let mut table = table("t", &["a", "b"]);
        table.indexes = vec![key("b", &["b"])].into();
        table.indexes[0].key_block_size = size;
        table
    };
    let phase = |new: Table| planned("mysql:9.7", vec![keyed(None)], vec![new]).steps[0].phase;
    assert_eq!(phase(keyed(Some(4))), Phase::Expand);
    let mut gone = keyed(None);
    gone.indexes = Vec::new().into();
    assert_eq!(phase(gone), Phase::Contract);
}

#[test]
fn without_the_strict_modes_a_column_that_refuses_null_is_copied_past_its_foreign_keys() {
    let (old, mut new) = (with_key("sale", "shop"), with_key("sale", "shop"));
    new.columns[1].nullable = false;
    let plan =
        planned("mysql:9.7", vec![table("shop", &["id"]), old.clone()], vec![table("shop", &["id"]), new.clone()]);
    let [step] = &plan.steps[..] else { panic!("one step: {:?}", statements(&plan)) };
    assert_eq!((step.algorithm, step.lock), (Some(Algorithm::Copy), Some(Lock::Shared)));
    assert!(!plan.session.foreign_key_checks, "else the column cannot be changed (1832)");
    let plan = planned("mariadb:10.11", vec![table("shop", &["id"]), old], vec![table("shop", &["id"]), new]);
    assert_eq!(plan.steps[0].algorithm, Some(Algorithm::Inplace));
    assert!(plan.session.foreign_key_checks, "MariaDB changes it in place");
}

#[test]
fn moves_and_additions_name_their_place_in_the_order_of_the_new_table() {
    let plan = planned("mysql:9.7", vec![table("t", &["a", "b", "c"])], vec![table("t", &["c", "x", "a", "b", "y"])]);
    let expected = "ALTER TABLE `t` MODIFY COLUMN `c` int DEFAULT NULL FIRST, ADD COLUMN `x` int DEFAULT NULL AFTER `c`, ADD COLUMN `y` int DEFAULT NULL";
    assert_eq!(statements(&plan), [expected]);
}

#[test]
fn new_tables_come_after_those_they_refer_to_and_circles_are_closed_last() {
    let names = |plan: &document::Plan| {
        plan.steps.iter().map(|s| format!("{:?} {}", s.action, s.object.name)).collect::<Vec<_>>()
    };
    let plan = planned("mysql:9.7", vec![], vec![with_key("a", "b"), with_key("b", "c"), table("c", &["id"])]);
    assert_eq!(names(&plan), ["Create c", "Create b", "Create a"]);
    let plan = planned("mysql:9.7", vec![], vec![with_key("a", "b"), with_key("b", "a")]);
    assert_eq!(names(&plan), ["Create b", "Create a", "Alter b"]);
    assert_eq!(plan.steps[2].depends_on, [1, 2]);
}

#[test]
fn dropped_tables_go_after_those_that_refer_to_them_and_circles_are_opened_first() {
    let names = |plan: &document::Plan| {
        plan.steps.iter().map(|s| format!("{:?} {}", s.action, s.object.name)).collect::<Vec<_>>()
    };
    let plan = planned("mysql:9.7", vec![table("c", &["id"]), with_key("b", "c"), with_key("a", "b")], vec![]);
    assert_eq!(names(&plan), ["Drop a", "Drop b", "Drop c"]);
    let plan = planned("mysql:9.7", vec![with_key("a", "b"), with_key("b", "a")], vec![]);
    assert_eq!(names(&plan), ["Alter b", "Drop a", "Drop b"]);
}

#[test]
fn a_foreign_key_makes_way_for_a_change_of_type() {
    let old = vec![table("p", &["id"]), with_key("c", "p")];
    let mut new = old.clone();
    big(&mut new[0], 0);
    big(&mut new[1], 1);
    let expected = [
        "ALTER TABLE `c` DROP FOREIGN KEY `fk_c`, MODIFY COLUMN `ref` bigint DEFAULT NULL",
        "ALTER TABLE `p` MODIFY COLUMN `id` bigint DEFAULT NULL",
        "ALTER TABLE `c` ADD CONSTRAINT `fk_c` FOREIGN KEY (`ref`) REFERENCES `p` (`id`)",
    ];
    assert_eq!(statements(&planned("mysql:9.7", old, new)), expected);
}

#[test]
fn a_changed_foreign_key_of_the_same_name_takes_two_statements() {
    let old = vec![table("p", &["id"]), with_key("c", "p")];
    let mut new = old.clone();
    new[1].foreign_keys[0].on_delete = ReferentialAction::Cascade;
    let expected = [
        "ALTER TABLE `c` DROP FOREIGN KEY `fk_c`",
        "ALTER TABLE `c` ADD CONSTRAINT `fk_c` FOREIGN KEY (`ref`) REFERENCES `p` (`id`) ON DELETE CASCADE",
    ];
    assert_eq!(statements(&planned("mysql:9.7", old, new)), expected);
}

#[test]
fn a_key_that_the_server_made_is_neither_added_by_hand_nor_lost() {
    let mut bare = with_key("c", "p");
    bare.indexes.pop();
    bare.foreign_keys.clear();
    let parent = table("p", &["id"]);
    let added = planned("mysql:9.7", vec![parent.clone(), bare], vec![parent.clone(), with_key("c", "p")]);
    assert_eq!(statements(&added), ["ALTER TABLE `c` ADD CONSTRAINT `fk_c` FOREIGN KEY (`ref`) REFERENCES `p` (`id`)"]);
    let mut covered = with_key("c", "p");
    covered.indexes[1].generated = false;
    covered.indexes.push(key("wide", &["ref", "id"]));
    let kept = planned("mysql:9.7", vec![parent.clone(), with_key("c", "p")], vec![parent, covered]);
    assert_eq!(
        statements(&kept),
        ["ALTER TABLE `c` DROP KEY `fk_c`, ADD KEY `fk_c` (`ref`), ADD KEY `wide` (`ref`,`id`)"]
    );
}

#[test]
fn mysql_makes_one_fulltext_key_a_statement() {
    let old = table("t", &["a"]);
    let mut new = old.clone();
    for name in ["x", "y"] {
        let mut index = key(name, &["a"]);
        index.kind = crate::model::IndexKind::Fulltext;
        new.indexes.push(index);
    }
    assert_eq!(planned("mysql:9.7", vec![old.clone()], vec![new.clone()]).steps.len(), 2);
    assert_eq!(planned("mariadb:10.11", vec![old], vec![new]).steps.len(), 1);
}

#[test]
fn expand_never_waits_for_contract() {
    let mut old = table("t", &["a", "b"]);
    old.columns.push(int("c"));
    let plan =
        planned("mysql:9.7", vec![old, table("gone", &["id"])], vec![table("t", &["a", "b"]), table("fresh", &["id"])]);
    let phases: Vec<_> = plan.steps.iter().map(|s| s.phase).collect();
    assert_eq!(phases, [Phase::Expand, Phase::Contract, Phase::Contract]);
    for step in &plan.steps {
        assert!(step.depends_on.iter().all(|d| *d < step.id));
    }
}

fn probes(plan: &document::Plan, kind: HazardKind) -> Vec<&str> {
    let hazards = plan.steps.iter().flat_map(|step| &step.hazards).filter(|hazard| hazard.kind == kind);
    hazards.filter_map(|hazard| hazard.probe.as_deref()).collect()
}

#[test]
fn probes_of_a_later_leg_ask_before_the_first_one() {
    let (old, mut stop) = (table("t", &["id"]), table("t", &["id", "code"]));
    (stop.columns[1].nullable, stop.columns[1].default) = (false, None);
    let mut new = stop.clone();
    new.indexes = vec![key("code", &["code", "id"])].into();
    new.indexes[0].kind = crate::model::IndexKind::Unique;
    let plan = planned_by_way_of("mysql:9.7", vec![vec![old], vec![stop], vec![new]]);
    assert_eq!(
        probes(&plan, HazardKind::MayFail),
        [
            "SELECT 1 FROM `t` AS t WHERE 0 IS NOT NULL AND t.`id` IS NOT NULL GROUP BY t.`id` HAVING COUNT(*) > 1 LIMIT 1"
        ]
    );
}

#[test]
fn a_later_leg_follows_what_an_earlier_one_does_to_its_table() {
    let (old, stop, new) = (table("t", &["id", "old"]), table("t", &["id"]), table("t", &["id", "new"]));
    let plan = planned_by_way_of("mysql:9.7", vec![vec![old], vec![stop], vec![new]]);
    assert_eq!(
        statements(&plan),
        ["ALTER TABLE `t` DROP COLUMN `old`", "ALTER TABLE `t` ADD COLUMN `new` int DEFAULT NULL"]
    );
    assert_eq!(plan.steps[1].depends_on, [1]);
}

#[test]
fn without_the_strict_modes_values_that_are_cut_may_be_the_same() {
    let mut old = table("t", &["id", "code"]);
    old.indexes = vec![key("code", &["code"])].into();
    old.indexes[0].kind = crate::model::IndexKind::Unique;
    big(&mut old, 1);
    let mut new = old.clone();
    new.columns[1].data_type = int("code").data_type.clone();
    let plan = planned("mysql:9.7", vec![old], vec![new]);
    assert_eq!(
        probes(&plan, HazardKind::MayFail).last(),
        Some(&"SELECT 1 FROM `t` AS t WHERE t.`code` < -2147483648 OR t.`code` > 2147483647 LIMIT 1")
    );
}

#[test]
fn what_is_computed_as_it_is_read_may_be_there_for_another_session() {
    let mut old = table("t", &["id", "letter"]);
    let generated = |expression| Some(crate::model::Generated { expression, stored: false });
    let number = || vec![crate::model::Expr::Column("id".into())];
    old.columns[1].generated = generated(crate::model::Expr::Char { args: number(), charset: "utf8mb4".into() });
    let mut new = old.clone();
    new.columns[1].generated = None;
    let plan = planned("mariadb:10.11", vec![old.clone()], vec![new.clone()]);
    assert_eq!(probes(&plan, HazardKind::DataLoss), ["SELECT 1 FROM `t` AS t LIMIT 1"]);
    old.columns[1].generated = generated(crate::model::Expr::call("abs", number()));
    let plan = planned("mariadb:10.11", vec![old], vec![new]);
    assert_eq!(probes(&plan, HazardKind::DataLoss), ["SELECT 1 FROM `t` AS t WHERE NOT (t.`letter` <=> NULL) LIMIT 1"]);
}

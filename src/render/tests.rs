//! The views of one plan.

use super::*;
use crate::document::*;
use crate::model::Schema;
use crate::source::Pair;
use crate::target::Target;

fn step(id: u32, kind: &str, name: &str, action: Action, sql: &str) -> Step {
    Step {
        id,
        phase: Phase::Expand,
        object: Object { kind: kind.to_owned(), schema: None, name: name.to_owned(), old_name: None },
        action,
        changes: vec![],
        sql: sql.to_owned(),
        session: None,
        algorithm: None,
        lock: None,
        rebuilds_table: false,
        hazards: vec![],
        inverse: None,
        irreversible: None,
        depends_on: vec![],
        after: String::new(),
        at: At::default(),
    }
}

fn plan(steps: Vec<Step>) -> Plan {
    Plan {
        format: "alterplan-plan".to_owned(),
        version: 1,
        target: "mysql:8.4".to_owned(),
        old_target: "mysql:5.7".to_owned(),
        new_target: "mysql:8.4".to_owned(),
        server: Default::default(),
        session: Session {
            sql_mode: "NO_ENGINE_SUBSTITUTION".to_owned(),
            character_set: "utf8mb4".to_owned(),
            foreign_key_checks: true,
        },
        policies: Default::default(),
        filters: Filters::default(),
        from: "fp1:aa".to_owned(),
        to: "fp1:bb".to_owned(),
        steps,
        renames: vec![],
        set_aside: vec![],
        not_understood: vec![],
    }
}

/// A plan with all that a view may meet: names that try to break out, a body with semicolons, a drop.
fn rich() -> Plan {
    let mut alter =
        step(1, "table", "us\ners", Action::Alter, "ALTER TABLE `us\ners` ADD COLUMN `last_login` datetime");
    alter.changes = vec!["adds column `last_login`".to_owned(), "comment becomes 'a\n; DROP TABLE x'".to_owned()];
    alter.algorithm = Some(Algorithm::Instant);
    alter.lock = Some(Lock::None);
    alter.at = At { old: Some("old.sql:3".to_owned()), new: Some("new.sql:4".to_owned()) };
    let mut trigger = step(
        2,
        "trigger",
        "tr",
        Action::Create,
        "CREATE TRIGGER `tr` BEFORE INSERT ON `t` FOR EACH ROW BEGIN\n  SET @a = 1;\nEND",
    );
    trigger.changes = vec!["adds trigger `tr`".to_owned()];
    let mut drop = step(3, "table", "logs\x1b[31m", Action::Drop, "DROP TABLE `logs`");
    drop.phase = Phase::Contract;
    drop.changes = vec!["drops table `logs`".to_owned()];
    drop.hazards =
        vec![Hazard { kind: HazardKind::DataLoss, reason: "all rows of `logs`\r\nare gone".to_owned(), probe: None }];
    drop.irreversible = Some("the rows cannot be brought back".to_owned());
    drop.at = At { old: Some("old.sql:9".to_owned()), new: None };
    let mut plan = plan(vec![alter, trigger, drop]);
    plan.set_aside = vec![SetAside { what: "INSERT (3 statements)".to_owned(), policy: "data".to_owned() }];
    plan
}

fn as_text(plan: &Plan, style: Style) -> String {
    let nothing = Schema::default();
    text(plan, Pair::new(&nothing, &nothing), Target::DEFAULT, style)
}

#[test]
fn a_script_sets_its_session_and_restores_it() {
    let want = "\
-- alterplan: a plan for mysql:8.4
-- old side read as mysql:5.7, new side as mysql:8.4
-- from fp1:aa
-- to   fp1:bb
-- 1 table changed, 1 dropped, 1 trigger added · 3 steps: 1 instant · 1 data loss

SET @alterplan_character_set_client = @@SESSION.character_set_client;
SET @alterplan_character_set_results = @@SESSION.character_set_results;
SET @alterplan_collation_connection = @@SESSION.collation_connection;
SET NAMES utf8mb4;
SET @alterplan_sql_mode = @@SESSION.sql_mode;
SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION';
SET @alterplan_foreign_key_checks = @@SESSION.foreign_key_checks;
SET SESSION foreign_key_checks = 1;

-- us ers: adds column `last_login`
-- us ers: comment becomes 'a ; DROP TABLE x'
ALTER TABLE `us\ners` ADD COLUMN `last_login` datetime;

-- tr: adds trigger `tr`
DELIMITER ;;
CREATE TRIGGER `tr` BEFORE INSERT ON `t` FOR EACH ROW BEGIN
  SET @a = 1;
END;;
DELIMITER ;

-- logs␛[31m: drops table `logs`
-- hazard: data-loss: all rows of `logs`  are gone
DROP TABLE `logs`;

SET SESSION foreign_key_checks = @alterplan_foreign_key_checks;
SET SESSION sql_mode = @alterplan_sql_mode;
SET SESSION character_set_client = @alterplan_character_set_client;
SET SESSION character_set_results = @alterplan_character_set_results;
SET SESSION collation_connection = @alterplan_collation_connection;
";
    assert_eq!(sql(&rich()), want);
}

#[test]
fn text_says_what_and_where_and_at_what_cost() {
    let want = "\
1 table changed, 1 dropped, 1 trigger added · 3 steps: 1 instant · 1 data loss

~ table us ers (old.sql:3 → new.sql:4)
  adds column `last_login`
  comment becomes 'a ; DROP TABLE x'

  step 1: expand, instant, no lock
  ALTER TABLE `us
  ers` ADD COLUMN `last_login` datetime;

+ trigger tr
  adds trigger `tr`

  step 2: expand
  CREATE TRIGGER `tr` BEFORE INSERT ON `t` FOR EACH ROW BEGIN
    SET @a = 1;
  END;

- table logs␛[31m (old.sql:9)
  drops table `logs`

  step 3: contract
  data-loss: all rows of `logs`  are gone
  irreversible: the rows cannot be brought back
  DROP TABLE `logs`;

set aside by data: INSERT (3 statements)
";
    assert_eq!(as_text(&rich(), Style::Plain), want);
}

#[test]
fn sentences_fit_a_narrow_terminal_and_statements_stay_whole() {
    let mut plan = rich();
    plan.steps[2].hazards.push(Hazard {
        kind: HazardKind::MayFail,
        reason: "it may be that something in the rows is in the way".to_owned(),
        probe: Some("SELECT 1 FROM `logs`\n  WHERE `a_rather_long_name` IS NULL LIMIT 1".to_owned()),
    });
    let nothing = Schema::default();
    let look = Look { style: Style::Plain, width: Some(32) };
    let narrow = text(&plan, Pair::new(&nothing, &nothing), Target::DEFAULT, look);
    let want = "\
1 table changed, 1 dropped, 1
  trigger added · 3 steps: 1
  instant · 1 data loss, 1 may
  fail
";
    assert_eq!(narrow.split_inclusive('\n').take(4).collect::<String>(), want);
    let want = "  data-loss: all rows of
    `logs`  are gone
  may-fail: it may be that
    something in the rows is in
    the way
    probe: SELECT 1 FROM `logs`
             WHERE `a_rather_long_name` IS NULL LIMIT 1
";
    let hazards = narrow.find("  data-loss").map(|at| narrow[at..].split_inclusive('\n').take(7).collect::<String>());
    assert_eq!(hazards.as_deref(), Some(want));
    assert!(narrow.contains("  CREATE TRIGGER `tr` BEFORE INSERT ON `t` FOR EACH ROW BEGIN\n"));
}

#[test]
fn colours_are_the_only_difference_between_styles() {
    let coloured = as_text(&rich(), Style::Ansi);
    let mut plain = String::new();
    for (n, part) in coloured.split("\x1b[").enumerate() {
        plain.push_str(if n == 0 { part } else { part.split_once('m').map_or("", |(_, rest)| rest) });
    }
    assert_ne!(coloured, plain);
    assert_eq!(plain, as_text(&rich(), Style::Plain));
}

#[test]
fn no_difference() {
    assert_eq!(sql(&plan(vec![])), "");
    assert_eq!(as_text(&plan(vec![]), Style::Plain), "No differences.\n");
    assert_eq!(serde_json::from_str::<Plan>(&json(&plan(vec![]))).ok(), Some(plan(vec![])));
}

#[test]
fn documents_are_read_back_as_they_were() {
    assert_eq!(serde_json::from_str::<Plan>(&json(&rich())).ok(), Some(rich()));
    assert_eq!(serde_yaml::from_str::<Plan>(&yaml(&rich())).ok(), Some(rich()));
    assert!(json(&rich()).ends_with("}\n"));
}

#[test]
fn a_plan_in_one_line() {
    let create = step(1, "table", "a", Action::Create, "");
    let link = step(2, "table", "a", Action::Alter, "");
    let drop = step(3, "view", "v", Action::Drop, "");
    let again = step(4, "view", "v", Action::Create, "");
    let copy = Step { algorithm: Some(Algorithm::Copy), ..step(5, "table", "b", Action::Alter, "") };
    let lines = [
        (vec![], "No differences."),
        (vec![create.clone(), link.clone()], "1 table added · 2 steps"),
        (vec![create, link, drop, again, copy], "1 table changed, 1 added, 1 view changed · 5 steps: 1 copy"),
    ];
    for (steps, want) in lines {
        assert_eq!(summary(&plan(steps)), want);
    }
}

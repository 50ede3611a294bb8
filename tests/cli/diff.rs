//! `alterplan diff`: plans, policies, phases, exit codes.

use std::fs;

use crate::desk::{ADDS, DROPS, Desk, NEW, OLD, Run, run, snapshot, statements};

#[test]
fn a_difference_in_every_format() {
    let desk = Desk::new();
    for format in ["sql", "text", "json", "yaml"] {
        let done = desk.run(&format!("diff old.sql new.sql --format {format}"));
        assert_eq!((done.code, done.err.as_str()), (0, ""));
        snapshot(&format!("last_login.{format}"), &done.out);
    }
    assert_eq!(desk.run("diff old.sql new.sql"), desk.run("diff old.sql new.sql --format sql"));
}

#[test]
fn no_difference() {
    let desk = Desk::new();
    assert_eq!(desk.run("diff old.sql old.sql --exit-code"), run(0, "", ""));
    assert_eq!(desk.run("diff old.sql old.sql --format text"), run(0, "No differences.\n", ""));
    snapshot("no_difference.json", &desk.run("diff old.sql old.sql --format json").out);
}

#[test]
fn a_difference_is_1_where_it_was_asked_about() {
    let desk = Desk::new();
    let done = desk.run("diff old.sql new.sql --exit-code");
    assert_eq!((done.code, statements(&done.out), done.err.as_str()), (1, vec![ADDS.to_owned()], ""));
}

#[test]
fn hazards_outside_the_list_are_refused_after_printing() {
    let desk = Desk::new();
    let refused = desk.run("diff new.sql old.sql --allow rewrite,lock");
    assert_eq!((refused.code, statements(&refused.out)), (3, vec![DROPS.to_owned()]));
    snapshot("refused", &refused.err);
    assert_eq!(desk.run("diff new.sql old.sql --allow all").code, 0);
    assert_eq!(desk.run("diff new.sql old.sql").code, 0);
    assert_eq!(desk.run("diff old.sql new.sql --allow rewrite,lock,may-fail,incompatible").code, 0);
}

#[test]
fn a_plan_that_copies_is_refused_where_online_is_required() {
    let desk = Desk::new();
    desk.write("wide.sql", OLD.replace("`id` int NOT NULL", "`id` bigint NOT NULL"));
    assert_eq!(desk.run("diff old.sql new.sql --policy online=require --target mysql:9.7").code, 0);
    let refused = desk.run("diff old.sql wide.sql --policy online=require --target mysql:9.7");
    let said = "error: the plan copies tables row by row: step 1 on table `users` (changes column `id`: int → bigint)\n  = help: `--policy online=prefer` plans it all the same\n";
    assert_eq!((refused.code, refused.out.as_str()), (3, ""));
    assert_eq!(refused.err.split_whitespace().collect::<Vec<_>>(), said.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn statements_of_the_user_s_own_stand_between_the_phases() {
    let desk = Desk::new();
    desk.write(
        "fill.sql",
        "-- alterplan: says fills last_login\n-- alterplan: inverse UPDATE users SET last_login = NULL\nUPDATE users SET last_login = '2020-01-01';\n",
    );
    let run = desk.run("diff old.sql new.sql --data fill.sql --format json");
    let plan: alterplan::document::Plan = serde_json::from_str(&run.out).expect("a plan");
    let data = plan.steps.last().expect("a step");
    assert_eq!(
        (data.id, data.action, data.changes.join("")),
        (2, alterplan::document::Action::Data, "fills last_login".to_owned())
    );
    assert_eq!(data.after, plan.to);
    assert_eq!(data.at.new.as_deref(), Some("fill.sql:3"));
    assert_eq!(data.inverse.as_ref().map(|i| i.statements.len()), Some(1));
    desk.write("fill.sql", "ALTER TABLE users ADD a int;");
    let refused = desk.run("diff old.sql new.sql --data fill.sql");
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
}

#[test]
fn the_way_back_and_one_phase() {
    let desk = Desk::new();
    let back = desk.run("diff old.sql new.sql --reverse");
    assert_eq!(statements(&back.out), [DROPS]);
    assert_eq!(back, desk.run("diff new.sql old.sql"));
    assert_eq!(statements(&desk.run("diff old.sql new.sql --phase expand").out), [ADDS]);
    assert_eq!(desk.run("diff old.sql new.sql --phase contract --exit-code"), run(0, "", ""));
    assert_eq!(statements(&desk.run("diff new.sql old.sql --phase contract").out), [DROPS]);
    // All that goes waits, too, where nothing is left.
    assert_eq!(desk.run("diff old.sql empty: --policy phases=split --phase expand"), run(0, "", ""));
}

#[test]
fn output_goes_to_a_file_in_the_format_of_its_name() {
    let desk = Desk::new();
    for (name, format) in
        [("plan.sql", "sql"), ("plan.json", "json"), ("plan.yml", "yaml"), ("plan.txt", "text"), ("plan", "sql")]
    {
        assert_eq!(desk.run(&format!("diff old.sql new.sql -o {name}")), run(0, "", ""));
        assert_eq!(desk.read(name), desk.run(&format!("diff old.sql new.sql --format {format}")).out, "{name}");
    }
    assert_eq!(desk.run("diff old.sql old.sql -o plan.sql"), run(0, "", ""));
    assert_eq!(desk.read("plan.sql"), "");
    assert_eq!(desk.run("diff old.sql broken.sql -o plan.json").code, 2);
    assert!(desk.read("plan.json").starts_with("{\n"), "what was there stays");
    let left: Vec<_> = fs::read_dir(desk.0.path())
        .expect("a folder")
        .flatten()
        .filter(|e| e.file_name().to_string_lossy().ends_with(".tmp"))
        .collect();
    assert_eq!(left.len(), 0);
    assert_eq!(desk.run("diff old.sql new.sql -o -"), desk.run("diff old.sql new.sql"));
}

#[test]
fn the_target_is_the_header_s() {
    let desk = Desk::new();
    desk.write(
        "old57.sql",
        format!("-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n-- Server version\t5.7.44\n{OLD}"),
    );
    desk.write("maria.sql", format!("-- Server version: 10.4.32-MariaDB\n{NEW}"));
    let notes = |done: Run| done.err;
    assert_eq!(
        notes(desk.run("diff old57.sql new.sql -v -o plan.sql")),
        "note: `old57.sql` is read as mysql:5.7.44\nnote: `new.sql` is read as mysql:5.7.44\nnote: the plan is written for mysql:5.7.44\n"
    );
    assert_eq!(
        notes(desk.run("diff old57.sql new.sql -v -o plan.sql --new-target mysql:8.4 --target mysql:8.0")),
        "note: `old57.sql` is read as mysql:8.0\nnote: `new.sql` is read as mysql:8.4\nnote: the plan is written for mysql:8.0\n"
    );
    let elsewhere = "\
error: mysql:5.7.44 cannot have what NEW defines: new.sql:1: table `users`: unknown collation 'utf8mb4_0900_ai_ci'
  = help: `--target mysql:8.4` writes the plan for the server that NEW comes from
";
    assert_eq!(desk.run("diff old57.sql new.sql --new-target mysql:8.4"), run(2, "", elsewhere));
    let warning = "warning: `maria.sql` is from mariadb:10.4.32, which is not supported; it is read as mariadb:10.6, the nearest that is\n";
    assert_eq!(notes(desk.run("diff maria.sql new.sql")), warning);
    assert_eq!(notes(desk.run("diff maria.sql new.sql -q")), "");
    assert_eq!(notes(desk.run("diff maria.sql new.sql --target mariadb:10.11")), "");
}

#[test]
fn definitions_that_only_lenient_servers_took() {
    let desk = Desk::new();
    desk.write("zero.sql", "CREATE TABLE `t` (\n  `d` datetime NOT NULL DEFAULT '0000-00-00 00:00:00'\n);\n");
    let done = desk.run("diff zero.sql new.sql");
    assert_eq!(done.code, 0);
    assert_eq!(done.out.lines().filter(|line| *line == "SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION';").count(), 1);
    snapshot("lenient", &done.err);
    assert_eq!(
        desk.run("diff zero.sql new.sql --server-set sql_mode=TRADITIONAL,NO_ZERO_DATE,STRICT_ALL_TABLES").code,
        2
    );
    assert_eq!(desk.run("fmt zero.sql").code, 2);
    assert_eq!(desk.run("fmt zero.sql --server-set sql_mode=").code, 0);
}

#[test]
fn what_is_not_understood() {
    let desk = Desk::new();
    desk.write("odd.sql", "CREATE TABLE t (\n  a int,\n  CHECK (a @@@  3)\n);\n");
    let warned = desk.run("diff odd.sql odd.sql --exit-code");
    assert_eq!(warned.code, 0);
    snapshot("not_understood", &warned.err);
    let strict = desk.run("diff odd.sql odd.sql --strict");
    assert_eq!(strict.code, 4);
    snapshot("not_understood.strict", &strict.err);
    desk.write("calls.sql", "CREATE TABLE t (a int);\nCALL upgrade();\n");
    let unseen = "warning: what this runs is not seen: where it changes the schema, the comparison misses it
 --> calls.sql:2:1
  |
2 | CALL upgrade();
  | ^^^^^^^^^^^^^^

";
    assert_eq!(desk.run("fmt calls.sql").err, unseen);
    assert_eq!(desk.run("diff calls.sql calls.sql --strict").code, 4);
}

#[test]
fn filters_and_policies() {
    let desk = Desk::new();
    assert_eq!(desk.run("diff old.sql new.sql --ignore ^users$ --exit-code"), run(0, "", ""));
    assert_eq!(desk.run("diff old.sql new.sql --ignore ( --exit-code").code, 2);
    assert_eq!(desk.run("diff new.sql old.sql --policy drop=skip").code, 0);
    assert_eq!(desk.run("diff new.sql old.sql --policy boredom=on").code, 2);
}

#[test]
fn renames_are_obeyed_suggested_or_refused() {
    let desk = Desk::new();
    desk.write("a.sql", "create table t (id int primary key, a int not null);");
    desk.write("b.sql", "create table t (id int primary key, b int not null);");
    let suggested = desk.run("diff --format sql a.sql b.sql");
    assert_eq!(suggested.err, "warning: column `a` of table `t` may be `b` now: --rename t.a=b\n");
    assert_eq!(statements(&suggested.out), ["ALTER TABLE `t`\n  DROP COLUMN `a`,\n  ADD COLUMN `b` int NOT NULL"]);
    let renamed = "ALTER TABLE `t`\n  RENAME COLUMN `a` TO `b`";
    for option in ["--rename t.a=b", "--rename column:t.a=t.b", "--policy rename=detect"] {
        let run = desk.run(&format!("diff --format sql a.sql b.sql {option}"));
        assert_eq!((statements(&run.out), run.err), (vec![renamed.to_owned()], String::new()), "{option}");
    }
    let back = desk.run("diff --format sql a.sql b.sql --rename t.a=b --reverse");
    assert_eq!(statements(&back.out), ["ALTER TABLE `t`\n  RENAME COLUMN `b` TO `a`"]);
    let cases = [
        ("t.x=b", "table `t` of OLD has no column or key `x`"),
        ("u.a=b", "OLD has no table `u`"),
        ("u=t", "OLD has no table `u`"),
        ("t=u", "NEW has no table `u`"),
        ("t.a=c", "NEW has no such `c` in place of `a`, or one side has both"),
    ];
    for (given, why) in cases {
        let run = desk.run(&format!("diff a.sql b.sql --rename {given}"));
        assert_eq!((run.code, run.err), (2, format!("error: --rename {given}: {why}\n")));
    }
    // What OLD has under the new name goes out of the way, unless nothing is to be dropped.
    let onto = desk.run("diff --format sql a.sql b.sql --rename t.a=id");
    assert_eq!(
        statements(&onto.out).first().map(String::as_str),
        Some("ALTER TABLE `t`\n  RENAME COLUMN `id` TO `alterplan_old_id`,\n  RENAME COLUMN `a` TO `id`")
    );
    let kept = desk.run("diff a.sql b.sql --rename t.a=id --policy drop=skip");
    let why = "error: --rename t.a=id: NEW has no such `id` in place of `a`, or one side has both\n";
    assert_eq!((kept.code, kept.err.as_str()), (2, why));
    desk.write("b.sql", "create table t (id int primary key /* alterplan: renamed-from */);");
    let run = desk.run("diff a.sql b.sql");
    assert_eq!(run.code, 2);
    assert!(run.err.starts_with("error: this rename hint stands at no table, column or key that has a name, or gives none\n --> b.sql:1:36\n"), "{}", run.err);
}

#[test]
fn one_side_s_filters() {
    let desk = Desk::new();
    desk.write("two.sql", format!("{NEW}CREATE TABLE logs (id int);\n"));
    let only = desk.run("diff old.sql two.sql --only ^logs$");
    assert_eq!(statements(&only.out).len(), 1);
    assert!(only.out.contains("CREATE TABLE `logs`"));
    assert_eq!(statements(&desk.run("diff old.sql two.sql --ignore ^logs$").out), [ADDS]);
    let kept = desk.run("diff two.sql old.sql --ignore ^users$ --policy drop=skip --exit-code");
    assert_eq!((kept.code, kept.out.as_str()), (0, ""));
    snapshot("drop_skipped", &desk.run("diff two.sql old.sql --policy drop=skip --format text").out);
    snapshot("policy_unknown", &desk.run("diff two.sql old.sql --policy boredom=on").err);
    snapshot("policy_value", &desk.run("diff two.sql old.sql --policy drop=maybe").err);
    snapshot("only_malformed", &desk.run("diff two.sql old.sql --only (").err);
}

#[test]
fn two_servers_sides_are_compared_in_the_terms_of_the_plan_s() {
    let desk = Desk::new();
    desk.write(
        "57.sql",
        "CREATE TABLE seat (id int(11) NOT NULL, grade year(4) DEFAULT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8;",
    );
    desk.write(
        "84.sql",
        "CREATE TABLE seat (id int NOT NULL, grade year DEFAULT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;",
    );
    let same =
        desk.run("diff 57.sql 84.sql --old-target mysql:5.7 --new-target mysql:8.4 --target mysql:8.4 -v --exit-code");
    assert_eq!((same.code, same.out.as_str()), (0, ""));
    snapshot("same_in_other_words", &same.err);
    let back = desk.run("diff 84.sql 57.sql --old-target mysql:8.4 --new-target mysql:5.7 --exit-code");
    assert_eq!(back, run(0, "", ""));
}

#[test]
fn a_dump_that_is_read_as_another_server_s_says_what_would_read_it() {
    let desk = Desk::new();
    desk.write("80.sql", "-- Server version\t8.0.36\nCREATE TABLE seat (id int) COLLATE=utf8mb4_0900_ai_ci;");
    let refused = desk.run("diff 80.sql empty: --target mariadb:10.11");
    let said = "error: 1 statement of `80.sql` could not be read\n  \
                = help: `80.sql` says that it is of mysql:8.0.36: `--old-target mysql:8.0.36` reads it so\n";
    assert!(refused.code == 2 && refused.err.ends_with(said), "{}", refused.err);
    let there =
        desk.run("diff 80.sql empty: --target mariadb:10.11 --old-target mysql:8.0.36 --new-target mariadb:10.11");
    assert_eq!(there.code, 2, "the plan's target lacks the collation");
    assert!(!there.err.contains("reads it so"), "{}", there.err);
}

#[test]
fn views_and_programs_of_two_servers_are_compared_in_the_terms_of_the_plan_s() {
    let desk = Desk::new();
    let rest = "DELIMITER ;;
        CREATE FUNCTION `f`(x varchar(10)) RETURNS varchar(10) CHARSET utf8mb4 COLLATE utf8mb4_general_ci
            DETERMINISTIC
        return x ;;
        CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 00:00:00' ON COMPLETION NOT PRESERVE ENABLE DO delete from t ;;";
    desk.write(
        "84.sql",
        format!(
            "CREATE TABLE `t` (`a` int DEFAULT NULL) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
            CREATE VIEW `v` AS with `q` as (select (`t`.`a` + 1) AS `b` from `t` where ((`t`.`a` > 1) and (`t`.`a` < 9)))
              select `q`.`b` AS `b`,sum(`q`.`b`) OVER (ORDER BY `q`.`b` )  AS `s` from `q`;
            {rest} CREATE TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW set new.a = 1 ;;"
        ),
    );
    desk.write(
        "1011.sql",
        format!(
            "CREATE TABLE `t` (`a` int(11) DEFAULT NULL) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
            CREATE VIEW `v` AS with q as (select `t`.`a` + 1 AS `b` from `t` where `t`.`a` > 1 and `t`.`a` < 9)select `q`.`b` AS `b`,
              sum(`q`.`b`) over ( order by `q`.`b`) AS `s` from `q`;
            {rest} CREATE trigger r before insert on t for each row set new.a = 1 ;;"
        ),
    );
    for [old, from, new, to] in
        [["mysql:8.4", "84.sql", "mariadb:10.11", "1011.sql"], ["mariadb:10.11", "1011.sql", "mysql:8.4", "84.sql"]]
    {
        let same = desk.run(&format!("diff {from} {to} --old-target {old} --new-target {new} --exit-code"));
        assert_eq!(same, run(0, "", ""));
    }
    // What the plan's server has not is refused, and nothing is lost on the way.
    let refused = |text: &str, is: &str, plan_for: &str| {
        desk.write("more.sql", text);
        let call = format!("diff empty: more.sql --old-target {plan_for} --new-target {is}");
        let refused = desk.run(&call);
        assert_eq!((refused.code, refused.out.as_str()), (2, ""), "{text}");
        refused.err.lines().next().unwrap_or_default().to_owned()
    };
    let tables = "CREATE TABLE t (a int, b varchar(9)) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;";
    assert_eq!(
        refused("CREATE SEQUENCE s;", "mariadb:10.11", "mysql:8.4"),
        "error: mysql:8.4 cannot have what NEW defines: more.sql:1: sequence `s`: MySQL has none"
    );
    assert_eq!(
        refused(
            &format!("{tables} CREATE VIEW v AS SELECT b COLLATE utf8mb4_0900_ai_ci c FROM t;"),
            "mysql:8.4",
            "mariadb:10.11"
        ),
        "error: mariadb:10.11 cannot have what NEW defines: more.sql:1: view `v`: unknown collation: 'utf8mb4_0900_ai_ci'"
    );
    let lateral =
        format!("{tables} CREATE VIEW v AS SELECT l.m FROM t, LATERAL (SELECT max(a) m FROM t u WHERE u.a = t.a) l;");
    assert_eq!(
        refused(&lateral, "mysql:8.4", "mariadb:11.8"),
        "error: mariadb:11.8 cannot have what NEW defines: more.sql:1: view `v`: mariadb:11.8 has no such query: expected a table or a query, and no `LATERAL`"
    );
}

#[test]
fn a_data_step_names_nothing_that_is_gone_by_then() {
    let desk = Desk::new();
    desk.write(
        "old.sql",
        "CREATE TABLE person (id int NOT NULL, name varchar(80) NOT NULL); CREATE TABLE log (a int);",
    );
    desk.write(
        "new.sql",
        "CREATE TABLE person (id int NOT NULL, first varchar(40) NOT NULL, last varchar(40) NOT NULL);",
    );
    desk.write("fill.sql", "-- 'name'\nUPDATE Person SET first = SUBSTRING_INDEX(NAME, ' ', 1);\n");
    let refused = desk.run("diff old.sql new.sql --data fill.sql");
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    assert_eq!(
        refused.err,
        "error: --data fill.sql:2: column `name` of table `person` is gone by the time this statement runs\n  \
         = help: `--policy phases=split` keeps what the old code needs until contract\n"
    );
    // It is there until contract, and what no statement names may go.
    assert_eq!(desk.run("diff old.sql new.sql --data fill.sql --policy phases=split").code, 0);
    desk.write("other.sql", "UPDATE person SET first = 'name';\n");
    assert_eq!(desk.run("diff old.sql new.sql --data other.sql").code, 0);
    // A column of another table has the name as well.
    desk.write("old.sql", "CREATE TABLE a (x int, y int); CREATE TABLE b (x int);");
    desk.write("new.sql", "CREATE TABLE a (y int); CREATE TABLE b (x int);");
    desk.write("fill.sql", "UPDATE a, b SET a.y = b.x;");
    assert_eq!(desk.run("diff old.sql new.sql --data fill.sql").code, 0);
}

#[test]
fn what_the_plan_s_server_cannot_hold_is_refused_and_what_it_forgets_is_listed() {
    let desk = Desk::new();
    desk.write("old.sql", "CREATE TABLE seat (id int NOT NULL) DEFAULT CHARSET=latin1;");
    desk.write(
        "new.sql",
        "CREATE TABLE seat (id int NOT NULL, k int, CONSTRAINT low CHECK (k < 9)) DEFAULT CHARSET=latin1;",
    );
    let listed = desk.run("diff old.sql new.sql --old-target mysql:5.7 --new-target mysql:8.4 --format json");
    let plan: alterplan::document::Plan = serde_json::from_str(&listed.out).expect("a plan");
    let aside: Vec<(&str, &str)> = plan.set_aside.iter().map(|a| (a.what.as_str(), a.policy.as_str())).collect();
    assert_eq!(aside, [("check `low` of table `seat`", "target=mysql:5.7")]);
    desk.write("uuid.sql", "CREATE TABLE seat (id uuid NOT NULL) DEFAULT CHARSET=latin1;");
    let refused = desk.run("diff old.sql uuid.sql --old-target mysql:8.4 --new-target mariadb:10.11");
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    snapshot("another_server_s_type", &refused.err);
}

//! `alterplan.yaml`: found, obeyed, beaten by the command line, shown by `alterplan config`.

use std::fs;
use std::process::Command;

use crate::desk::{ADDS, DROPS, Desk, NEW, OLD, git, repository, run, snapshot, statements};

/// Runs the program in a folder of the desk: exit code, standard output, standard error.
fn run_in(desk: &Desk, folder: &str, args: &str) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_alterplan"))
        .args(args.split_whitespace())
        .current_dir(desk.path(folder))
        .output()
        .expect("the binary runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("an exit"), text(output.stdout), text(output.stderr))
}

#[test]
fn a_file_says_what_the_command_line_need_not() {
    let desk = Desk::new();
    let want = desk.run("diff old.sql new.sql --target mariadb:10.11");
    desk.write("alterplan.yaml", "target: mariadb:10.11\nold: old.sql\nnew: new.sql\n");
    assert_eq!(desk.run("diff"), want);
    assert_eq!(desk.run("diff old.sql new.sql"), want);
    assert_eq!(statements(&desk.run("diff new.sql old.sql").out), [DROPS]);
    // From below, paths are those of the file's folder.
    fs::create_dir_all(desk.path("deep/down")).expect("folders");
    let (code, out, err) = run_in(&desk, "deep/down", "diff --format sql");
    assert_eq!((code, statements(&out), err.as_str()), (0, vec![ADDS.to_owned()], ""));
    // The nearest file counts, and alone.
    desk.write("deep/alterplan.yaml", "new: ../new.sql\n");
    let (code, _, err) = run_in(&desk, "deep/down", "diff");
    assert_eq!(
        (code, err.as_str()),
        (
            2,
            "error: OLD is missing\n  = help: name both sources, or neither and have `old:` and `new:` in alterplan.yaml\n"
        )
    );
    assert_eq!(
        desk.run("diff old.sql").err,
        "error: NEW is missing\n  = help: name both sources, or neither and have `old:` and `new:` in alterplan.yaml\n"
    );
    // One that is named, in place of any that would be found.
    desk.write("other.yaml", "target: mysql:5.7\n");
    assert_eq!(
        desk.run("diff old.sql new.sql --config other.yaml").out,
        desk.run("diff old.sql new.sql --target mysql:5.7").out
    );
    assert_eq!(desk.run("diff --config none.yaml").err, "error: cannot read `none.yaml`: no such file or directory\n");
}

#[test]
fn the_command_line_beats_the_file() {
    let desk = Desk::new();
    desk.write("commented.sql", OLD.replace("NOT NULL,", "NOT NULL COMMENT 'x',"));
    desk.write(
        "alterplan.yaml",
        "target: mysql:5.7\npolicies: {comments: ignore}\nignore: [^users$]\nserver: {collation_server: latin1_bin}\n",
    );
    assert_eq!(desk.run("diff old.sql new.sql --exit-code"), run(0, "", ""));
    assert_eq!(statements(&desk.run("diff old.sql new.sql --ignore ^logs$").out), [ADDS]);
    assert_eq!(desk.run("diff old.sql commented.sql --ignore x --exit-code"), run(0, "", ""));
    assert_eq!(desk.run("diff old.sql commented.sql --ignore x --exit-code --policy comments=apply").code, 1);
    assert!(desk.run("fmt old.sql").out.contains("DEFAULT CHARSET=latin1 COLLATE=latin1_bin"));
    let utf8 = desk.run("fmt old.sql --server-set collation_server=utf8mb4_bin --target mysql:8.4").out;
    assert!(utf8.contains("COLLATE=utf8mb4_bin"), "{utf8}");
    // `auto` that is said outright is said as well.
    desk.write("dump.sql", format!("-- Server version: 10.11.6-MariaDB\n{OLD}"));
    let note = |args: &str| desk.run(args).err;
    assert_eq!(note("fmt dump.sql -v"), "note: `dump.sql` is read as mysql:5.7\n");
    assert_eq!(
        note("fmt dump.sql -v --target auto --server-set collation_server=utf8mb4_bin"),
        "note: `dump.sql` is read as mariadb:10.11.6\n"
    );
}

#[test]
fn what_is_wrong_in_a_file_is_shown_where_it_stands() {
    let desk = Desk::new();
    desk.write("alterplan.yaml", "target: mysql:8.4\npolices:\n  comments: ignore\n");
    let want = "\
error: unknown key `polices`
 --> alterplan.yaml:2:1
  |
2 | polices:
  | ^^^^^^^
  = help: did you mean `policies`?

error: the settings in `alterplan.yaml` could not be read
";
    assert_eq!(desk.run("diff old.sql new.sql"), run(2, "", want));
    // To git, a merge that could not be tried has failed.
    assert_eq!(desk.run("merge old.sql old.sql new.sql").code, 129);
    // What does not need them does not mind.
    assert_eq!(desk.run("completions bash").code, 0);
    desk.write("alterplan.yaml", "environments: {staging: {}}\n");
    let environment = "error: `alterplan.yaml`: no environment `stagin`\n  = help: did you mean `staging`?\n";
    assert_eq!(desk.run("diff old.sql new.sql --env stagin"), run(2, "", environment));
    fs::remove_file(desk.path("alterplan.yaml")).expect("removed");
    let none =
        "error: --env staging: there is no alterplan.yaml here or above\n  = help: `alterplan init` writes one\n";
    assert_eq!(desk.run("diff old.sql new.sql --env staging"), run(2, "", none));
}

#[test]
fn hooks_are_not_read_and_that_is_said() {
    let desk = Desk::new();
    desk.write("alterplan.yaml", "target: mysql:8.4\nhooks:\n  pre: touch ran\n");
    let want = "warning: alterplan.yaml:2: hooks are not read from here, but from the file that `apply` is told of\n";
    assert_eq!(desk.run("fmt old.sql").err, want);
    assert_eq!(desk.run("fmt old.sql --config alterplan.yaml").err, "");
    assert!(!desk.path("ran").exists());
}

#[test]
fn hazards_are_allowed_with_reasons_and_until_a_day() {
    let desk = Desk::new();
    let back = |yaml: &str, more: &str| {
        desk.write("alterplan.yaml", yaml);
        let done = desk.run(&format!("diff new.sql old.sql {more}"));
        (done.code, done.err)
    };
    assert_eq!(back("target: mysql:8.4\n", ""), (0, String::new()), "without a list there is no gate");
    let (code, err) = back("allow: []\n", "");
    assert_eq!(code, 3);
    snapshot("allow_nothing", &err);
    let all = "allow:\n- {hazard: data-loss, reason: unused}\n- {hazard: incompatible, reason: no reader, until: 9999-12-31}\n";
    assert_eq!(back(all, ""), (0, String::new()));
    assert_eq!(back(all, "--allow rewrite").0, 3, "the command line's list stands in the place of the file's");
    assert_eq!(back("allow: []\n", "--allow all").0, 0);
    let (code, err) = back(&all.replace("9999", "2020"), "");
    assert_eq!(code, 3);
    let expired = "warning: incompatible was allowed until 2020-12-31 (no reader), and is no more\n";
    assert!(err.starts_with(expired) && err.contains("\n  step 1, table `users`: incompatible: "), "{err}");
    let excepted = |object: &str, until: &str| {
        format!(
            "allow: [{{hazard: incompatible, reason: x}}]\n\
            exceptions: [{{object: {object}, hazard: data-loss, reason: exported, until: {until}}}]\n"
        )
    };
    assert_eq!(back(&excepted("users", "9999-12-31"), ""), (0, String::new()));
    assert_eq!(back(&excepted("users", "9999-12-31"), "--allow incompatible"), (0, String::new()));
    let (code, err) = back(&excepted("members", "9999-12-31"), "");
    assert!(code == 3 && !err.contains("did you mean"), "{err}");
    let (code, err) = back(&excepted("USER", "9999-12-31"), "");
    assert!(code == 3 && err.contains("an exception is for `USER`: did you mean `users`?"), "{err}");
    let (code, err) = back(&excepted("users", "2020-12-31"), "");
    assert!(
        code == 3 && err.starts_with("warning: data-loss on `users` was allowed until 2020-12-31 (exported)"),
        "{err}"
    );
}

#[test]
fn a_bundle_is_built_of_a_plan_that_the_settings_allow() {
    let desk = Desk::new();
    desk.write("tree/a", "a");
    assert_eq!(desk.run("diff new.sql old.sql -o plan.json").code, 0);
    let build = |yaml: &str| {
        desk.write("alterplan.yaml", yaml);
        desk.run("bundle build --version 1.0.0 --new-tree tree --plan plan.json -o b.tar.gz -q")
    };
    assert_eq!(build("allow: [{hazard: incompatible, reason: no reader}]\n").code, 3);
    assert!(!desk.path("b.tar.gz").exists(), "nothing is written that is refused");
    let excepted = "allow: [{hazard: incompatible, reason: no reader}]\n\
                    exceptions: [{object: users, hazard: data-loss, reason: exported, until: 9999-12-31}]\n";
    assert_eq!(build(excepted).code, 0);
    assert_eq!(build(&excepted.replace("9999", "2020")).code, 3);
    assert_eq!(build("target: mysql:8.4\n").code, 0, "without a list there is no gate");
}

#[test]
fn renames_data_lint_and_product() {
    let desk = Desk::new();
    desk.write("a.sql", "create table t (id int primary key, a int not null);");
    desk.write("b.sql", "create table t (id int primary key, b int not null);");
    desk.write("schema/fill.sql", "UPDATE t SET b = 1;");
    desk.write(
        "schema/alterplan.yaml",
        "old: ../a.sql\nnew: ../b.sql\nrenames: [t.a=b]\ndata: [fill.sql]\nlint: {no-primary-key: off}\n",
    );
    let (code, out, err) = run_in(&desk, "schema", "diff --format sql");
    assert_eq!(
        (code, statements(&out), err.as_str()),
        (0, vec!["ALTER TABLE `t`\n  RENAME COLUMN `a` TO `b`".to_owned(), "UPDATE t SET b = 1".to_owned()], "")
    );
    desk.write("schema/bare.sql", "CREATE TABLE t (a int NOT NULL);");
    assert_eq!(run_in(&desk, "schema", "lint bare.sql"), (0, "No findings.\n".to_owned(), String::new()));
    desk.write("schema/alterplan.yaml", "lint: {no-primary-key: error}\nproduct: shop\n");
    assert_eq!(
        run_in(&desk, "schema", "lint bare.sql").1,
        "bare.sql:1: error: table t: has no primary key [no-primary-key]\n1 error\n"
    );
    desk.write("schema/tree/a", "a");
    let build = "bundle build --version 1.0.0 --new-tree tree -o ../shop.tar.gz -q";
    assert_eq!(run_in(&desk, "schema", build).0, 0);
    assert!(desk.run("bundle inspect shop.tar.gz").out.contains("shop"));
}

#[test]
fn sources_in_git_and_in_environments() {
    let desk = Desk::new();
    desk.write("db/schema.sql", OLD);
    desk.write("alterplan.yaml", "old: 'git:HEAD:./db'\nnew: db\nenvironments:\n  empty: {old: 'empty:'}\n  live: {database: 'mysql://me:secret@127.0.0.1:1/shop'}\n");
    repository(&desk);
    desk.write("db/schema.sql", NEW);
    assert_eq!(statements(&desk.run("diff").out), [ADDS]);
    assert_eq!(statements(&run_in(&desk, "db", "diff").1), [ADDS]);
    assert!(statements(&desk.run("diff --env empty").out)[0].starts_with("CREATE TABLE `users`"));
    // A database stands for `old` where there is none.
    desk.write("alterplan.yaml", desk.read("alterplan.yaml").replace("old: 'git:HEAD:./db'\n", ""));
    let live = desk.run("diff --env live");
    assert!(live.code == 2 && live.err.contains("127.0.0.1:1") && !live.err.contains("secret"), "{live:?}");
    assert_eq!(git(&desk, &["status", "--short"]).code, 0);
}

#[test]
fn a_plan_runs_where_a_named_environment_says() {
    let desk = Desk::new();
    desk.write("alterplan.yaml", "environments:\n  live: {database: 'mysql://me@127.0.0.1:1/shop'}\n");
    assert_eq!(desk.run("diff old.sql new.sql -o plan.json").code, 0);
    let nowhere = "error: there is no database to run on\n  \
        = help: --database mysql://user@host/database, or --env NAME for the one of alterplan.yaml\n";
    assert_eq!(desk.run("run plan.json"), run(2, "", nowhere));
    let live = desk.run("run plan.json --env live");
    assert!(live.code == 2 && live.err.contains("127.0.0.1:1"), "{live:?}");
}

#[test]
fn what_is_in_force_and_where_from() {
    let desk = Desk::new();
    let bare = desk.run("config");
    assert_eq!((bare.code, bare.err.as_str()), (0, ""));
    snapshot("config.none", &bare.out);
    desk.write(
        "alterplan.yaml",
        "target: mysql:8.4\nold: git:main:schema\nnew: schema\npolicies:\n  comments: ignore\n  drop: skip\n\
        allow:\n- {hazard: lock, reason: night shift, until: 2030-01-31}\n\
        environments:\n  staging:\n    database: mysql://me:secret@db.example/shop\n    policies: {drop: apply}\n",
    );
    let args = "config --env staging --policy comments=apply --ignore ^tmp_ --server-set sql_mode= --old-target auto";
    let done = desk.start(args, b"", &[("ALTERPLAN_PASSWORD", "hush"), ("NO_COLOR", "1")]);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    assert!(!done.out.contains("secret") && !done.out.contains("hush"));
    snapshot("config", &done.out);
    snapshot("config.json", &desk.run("config --env staging --format json").out);
    assert_eq!(desk.run("config --policy drop=maybe").code, 2);
}

#[test]
fn init_writes_a_file_and_never_over_one() {
    let desk = Desk::new();
    let before = desk.run("diff old.sql new.sql");
    assert_eq!(desk.run("init"), run(0, "wrote alterplan.yaml\n", ""));
    assert_eq!(desk.read("alterplan.yaml"), alterplan::config::TEMPLATE);
    assert_eq!(desk.run("diff old.sql new.sql"), before);
    let there = "error: `alterplan.yaml` is there already, and stays as it is\n  = help: `alterplan config` shows what is in force\n";
    assert_eq!(desk.run("init"), run(2, "", there));
    desk.write("alterplan.yaml", "broken: [");
    assert_eq!(desk.run("init"), run(2, "", there));
    assert_eq!(desk.run("init --config other.yaml").code, 0);
    assert_eq!(desk.read("other.yaml"), alterplan::config::TEMPLATE);
}

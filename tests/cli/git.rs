//! Sources, merges and diffs in git.

use std::fs;

use crate::desk::{Desk, NEW, OLD, Run, git, gzip, repository, run, snapshot};

/// Commits `theirs` on a branch and `ours` on main, and merges.
fn git_merge(ours: &str, theirs: &str) -> (Desk, Run) {
    let desk = Desk::new();
    repository(&desk);
    git(&desk, &["checkout", "--quiet", "-b", "theirs"]);
    desk.write("old.sql", theirs);
    git(&desk, &["commit", "--quiet", "--all", "-m", "theirs"]);
    git(&desk, &["checkout", "--quiet", "main"]);
    desk.write("old.sql", ours);
    git(&desk, &["commit", "--quiet", "--all", "-m", "ours"]);
    let merged = git(&desk, &["merge", "--quiet", "--no-edit", "theirs"]);
    (desk, merged)
}

#[test]
fn git_merges_with_the_driver() {
    let column = |text: &str| OLD.replace("  PRIMARY", &format!("  {text},\n  PRIMARY"));
    let (desk, merged) = git_merge(&column("`ours` int"), &column("`theirs` text"));
    assert_eq!(merged.code, 0, "{merged:?}");
    assert_eq!(desk.read("old.sql"), column("`ours` int,\n  `theirs` text"));

    let (desk, merged) = git_merge(&column("`name` int"), &column("`name` text"));
    assert_eq!(merged.code, 1, "{merged:?}");
    let want = format!("<<<<<<< ours\n{}=======\n{}>>>>>>> theirs\n\n", column("`name` int"), column("`name` text"));
    assert_eq!(desk.read("old.sql").trim_end(), want.trim_end());
    assert!(merged.err.contains("conflict in old.sql: table `users`: both sides changed it"), "{merged:?}");

    let (desk, merged) = git_merge(&column("`ours` int"), "CREATE TABLE users (");
    assert_ne!(merged.code, 0, "{merged:?}");
    assert!(merged.err.contains("THEIRS of `old.sql` cannot be read, so nothing is merged"), "{merged:?}");
    assert_eq!(desk.read("old.sql"), column("`ours` int"));
}

#[test]
fn a_merge_by_hand() {
    let desk = Desk::new();
    desk.write("bad.sql", "CREATE TABLE t (a int, a int);");
    assert_eq!(desk.run("merge old.sql old.sql new.sql"), run(0, NEW, ""));
    let refused = desk.run("merge old.sql bad.sql new.sql -o old.sql --path schema.sql");
    let error = "error[1060]: duplicate column name 'a'\n --> schema.sql:1:24\n  |\n1 | CREATE TABLE t (a int, a int);\n  |                        ^\n\n\
        error: OURS of `schema.sql` cannot be read, so nothing is merged\n";
    assert_eq!(refused, run(129, "", error));
    assert_eq!(desk.read("old.sql"), OLD);
    assert_eq!(desk.run("merge old.sql none.sql new.sql").code, 129);
}

#[test]
fn git_shows_schema_diffs() {
    let desk = Desk::new();
    repository(&desk);
    let driver = format!("{} git-diff", env!("CARGO_BIN_EXE_alterplan"));
    git(&desk, &["config", "diff.alterplan.command", &driver]);
    desk.write(".gitattributes", "*.sql diff=alterplan\n");
    desk.write("old.sql", NEW);
    desk.write("new.sql", "CREATE TABLE (");
    let shown = git(&desk, &["diff", "--", "old.sql", "new.sql"]);
    assert_eq!((shown.code, shown.err.as_str()), (0, ""));
    snapshot("git_diff", &shown.out);
}

#[test]
fn files_and_folders_at_a_revision() {
    let desk = Desk::new();
    desk.write("schema/users.sql", OLD);
    desk.write("schema/deep/logs.sql.gz", gzip("CREATE TABLE logs (id int);"));
    desk.write("schema/notes.txt", "no SQL");
    desk.write("sp ace/a:b.sql", OLD);
    repository(&desk);
    let want = desk.run("diff old.sql new.sql");
    desk.write("old.sql", "CREATE TABLE broken (");
    assert_eq!(desk.run("diff git:HEAD:old.sql new.sql"), want);
    assert_eq!(desk.run("diff git:main:old.sql git:main:new.sql"), want);
    assert_eq!(desk.run("diff git:HEAD:schema schema --exit-code"), run(0, "", ""));
    desk.write("schema/users.sql", NEW);
    let changed = desk.run("diff git:HEAD:./schema/ schema --format patch");
    assert!(changed.out.contains("last_login"), "{changed:?}");
    // The index has what was added, however the file goes on.
    git(&desk, &["add", "schema/users.sql"]);
    desk.write("schema/users.sql", "CREATE TABLE broken (");
    assert_eq!(desk.run("diff git:HEAD:schema git::schema --format patch"), changed);
    assert_eq!(desk.run("diff git:HEAD:schema/users.sql git::schema/users.sql").out, want.out.replace("old.sql", "x"));
    let names = desk.run("fmt --check git::schema");
    assert_eq!(
        names.out,
        "would change: table logs (git::schema/deep/logs.sql.gz:1)\nwould change: table users (git::schema/users.sql:1)\n"
    );
    // From a folder below, a path is still from the top, unless it says otherwise.
    let below = |place: &str| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_alterplan"))
            .args(["fmt", place])
            .current_dir(desk.path("schema"))
            .output();
        output.expect("the binary runs").stdout
    };
    let top = below("git:HEAD:schema/users.sql");
    assert!(!top.is_empty());
    for place in [
        "git:HEAD:./users.sql",
        "git:HEAD:../schema/users.sql",
        "git:HEAD^{tree}:schema/users.sql",
        "git:HEAD:sp ace/a:b.sql",
    ] {
        assert_eq!(below(place), top, "{place}");
    }
}

#[cfg(unix)]
#[test]
fn links_in_a_repository_are_followed_within_it() {
    let desk = Desk::new();
    desk.write("schema/a.sql", OLD);
    std::os::unix::fs::symlink("../new.sql", desk.path("schema/b.sql")).expect("a link");
    std::os::unix::fs::symlink("nowhere.sql", desk.path("dangling.sql")).expect("a link");
    repository(&desk);
    let twice = desk.run("fmt git:HEAD:schema");
    assert!(twice.err.contains("error[1050]") && twice.err.contains("git:HEAD:schema/b.sql:1"), "{twice:?}");
    let gone = "error: cannot read `git:HEAD:dangling.sql`: a symbolic link that leads to nothing in the repository\n";
    assert_eq!(desk.run("fmt git:HEAD:dangling.sql"), run(2, "", gone));
}

#[test]
fn revisions_that_cannot_be_read() {
    let desk = Desk::new();
    let none = "error: cannot read `git:HEAD:old.sql`: the working folder is in no git repository\n";
    assert_eq!(desk.run("fmt git:HEAD:old.sql"), run(2, "", none));
    repository(&desk);
    let rev = "error: cannot read `git:v1.0:old.sql`: no revision `v1.0`\n  \
        = help: a shallow clone has few of them: `git fetch --unshallow`, or `fetch-depth: 0`\n";
    assert_eq!(desk.run("fmt git:v1.0:old.sql"), run(2, "", rev));
    let path = "error: cannot read `git:HEAD:none.sql`: no `none.sql` there\n  \
        = help: a path is from the top of the repository, unless it begins with `./`\n";
    assert_eq!(desk.run("fmt git:HEAD:none.sql"), run(2, "", path));
    let option = "error: cannot read `git:--batch-all-objects:old.sql`: a revision does not begin with `-`\n";
    assert_eq!(desk.run("fmt git:--batch-all-objects:old.sql"), run(2, "", option));
    assert_eq!(desk.run("fmt git:HEAD").code, 2);
    assert_eq!(desk.run("fmt git::none.sql").code, 2);
    fs::create_dir(desk.path("bare")).expect("a folder");
    desk.write("bare/notes.txt", "");
    git(&desk, &["add", "bare"]);
    let bare = "error: no *.sql or *.sql.gz file below `git::bare`\n  = help: `empty:` stands for an empty schema\n";
    assert_eq!(desk.run("fmt git::bare"), run(2, "", bare));
}

//! What runs in others' pipelines: the action's script, and the hooks of pre-commit.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_yaml::Value;

use crate::desk::{Desk, NEW, OLD, Run, git, repository, snapshot};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn yaml(file: &str) -> Value {
    let text = fs::read_to_string(root().join(file)).expect("a file");
    serde_yaml::from_str(&text).expect("YAML")
}

/// A repository whose main branch has the old schema and whose checkout has the new one, as in a pull request; with a `gh` that
/// writes down how it was called.
fn pull_request() -> Desk {
    let desk = Desk::new();
    desk.write("upstream/db/schema.sql", OLD);
    let upstream = desk.path("upstream");
    let in_upstream = |args: &[&str]| {
        let done = Command::new("git").args(args).current_dir(&upstream).output().expect("git runs");
        assert!(done.status.success(), "{done:?}");
    };
    in_upstream(&["init", "--quiet", "--initial-branch=main"]);
    in_upstream(&["config", "user.name", "Tester"]);
    in_upstream(&["config", "user.email", "tester@example.invalid"]);
    in_upstream(&["add", "--all"]);
    in_upstream(&["commit", "--quiet", "-m", "base"]);
    in_upstream(&["checkout", "--quiet", "-b", "topic"]);
    fs::write(upstream.join("db/schema.sql"), NEW).expect("a file");
    in_upstream(&["commit", "--quiet", "--all", "-m", "adds a column"]);
    // As actions/checkout does it: one commit, and nothing of the base branch.
    let url = format!("file://{}", upstream.display());
    let cloned = git(&desk, &["clone", "--quiet", "--depth=1", "--branch=topic", &url, "checkout"]);
    assert_eq!(cloned.code, 0, "{cloned:?}");
    desk.write("bin/gh", "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$RUNNER_TEMP/gh\"\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        fs::set_permissions(desk.path("bin/gh"), fs::Permissions::from_mode(0o755)).expect("a mode");
        symlink(env!("CARGO_BIN_EXE_alterplan"), desk.path("bin/alterplan")).expect("a link");
    }
    fs::create_dir(desk.path("temp")).expect("a folder");
    desk
}

fn review(desk: &Desk, variables: &[(&str, &str)]) -> Run {
    let path = format!("{}:{}", desk.path("bin").display(), std::env::var("PATH").expect("a PATH"));
    let output = Command::new("bash")
        .arg(root().join(".ci/review"))
        .current_dir(desk.path("checkout"))
        .env("PATH", path)
        .env("RUNNER_TEMP", desk.path("temp"))
        .env("GITHUB_OUTPUT", desk.path("temp/output"))
        .env("GITHUB_STEP_SUMMARY", desk.path("temp/summary"))
        .env("GITHUB_BASE_REF", "main")
        .envs(variables.iter().copied())
        .output()
        .expect("bash runs");
    Run {
        code: output.status.code().expect("an exit"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

#[cfg(unix)]
#[test]
fn the_action_reviews_a_pull_request() {
    let desk = pull_request();
    let temp = |name: &str| desk.read(&format!("temp/{name}"));
    let done = review(&desk, &[("REVIEW_PATH", "db/schema.sql"), ("REVIEW_COMMENT", "true"), ("REVIEW_NUMBER", "7")]);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    snapshot("action.annotations", &done.out);
    let folder = desk.path("temp").display().to_string();
    assert_eq!(temp("output"), format!("differs=true\nplan={folder}/alterplan.json\nmarkdown={folder}/alterplan.md\n"));
    assert_eq!(
        temp("gh"),
        format!("pr\ncomment\n7\n--edit-last\n--create-if-none\n--body-file\n{folder}/alterplan.md\n")
    );
    assert_eq!(temp("summary"), temp("alterplan.md"));
    assert!(temp("alterplan.md").contains("`last_login`"));
    let plan: alterplan::document::Plan = serde_json::from_str(&temp("alterplan.json")).expect("a plan");
    assert_eq!(plan.steps.len(), 1);
}

#[cfg(unix)]
#[test]
fn the_action_fails_where_a_hazard_is_not_allowed_and_not_where_nothing_differs() {
    let desk = pull_request();
    let back = [("REVIEW_OLD", "db/schema.sql"), ("REVIEW_NEW", "git:origin/topic~0:db/schema.sql")];
    let same = review(&desk, &back);
    assert_eq!(
        (same.code, same.out.as_str(), same.err.as_str()),
        (0, "::notice title=alterplan::No differences.\n", "")
    );
    assert!(desk.read("temp/output").starts_with("differs=false\n") && !desk.path("temp/gh").exists());
    let emptied = [("REVIEW_OLD", "db/schema.sql"), ("REVIEW_NEW", "empty:"), ("REVIEW_ALLOW", "rewrite,lock")];
    let refused = review(&desk, &emptied);
    assert_eq!(refused.code, 3);
    assert!(refused.err.starts_with("error: the plan has hazards outside --allow"), "{refused:?}");
    assert_eq!(refused.err.matches("error:").count(), 1, "said once");
    assert!(desk.read("temp/summary").contains("data-loss"), "and shown all the same");
    let allowed = review(&desk, &[emptied[0], emptied[1], ("REVIEW_ALLOW", "all")]);
    assert_eq!((allowed.code, allowed.err.as_str()), (0, ""));
    // A schema that the base branch does not have is new.
    desk.write("checkout/other.sql", "CREATE TABLE t (a int);");
    assert_eq!(review(&desk, &[("REVIEW_PATH", "other.sql")]).code, 0);
    assert!(desk.read("temp/alterplan.json").contains("\"create\""));
    let broken = review(&desk, &[("REVIEW_OLD", "none.sql"), ("REVIEW_NEW", "db/schema.sql")]);
    assert_eq!(broken.code, 2);
    // What a branch is called is a name and nothing else.
    let hostile = review(&desk, &[("REVIEW_PATH", "db/schema.sql"), ("GITHUB_BASE_REF", "x$(touch${IFS}owned)")]);
    assert!(hostile.code != 0 && !desk.path("checkout/owned").exists());
}

/// Every variable that the script reads is one that the action sets, or GitHub.
#[test]
fn the_action_and_its_script_agree() {
    let action = yaml("action.yml");
    let script = fs::read_to_string(root().join(".ci/review")).expect("the script");
    let steps = action.get("runs").and_then(|runs| runs.get("steps")).and_then(Value::as_sequence).expect("steps");
    let review = steps.iter().find(|step| step.get("id").is_some()).expect("the step");
    for (name, value) in review.get("env").and_then(Value::as_mapping).expect("variables") {
        let (name, value) = (name.as_str().expect("a name"), value.as_str().expect("a value"));
        assert!(name == "GH_TOKEN" || script.contains(&format!("{{{name}:")), "{name}");
        let input = value.strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}"));
        if let Some(input) = input {
            assert!(action.get("inputs").and_then(|inputs| inputs.get(input)).is_some(), "{input}");
        }
    }
    for step in steps {
        let run = step.get("run").and_then(Value::as_str).expect("a script");
        assert!(!run.contains("${{"), "what people write does not become part of a script: {run}");
    }
    for (name, output) in action.get("outputs").and_then(Value::as_mapping).expect("outputs") {
        let name = name.as_str().expect("a name");
        let value = output.get("value").and_then(Value::as_str).expect("a value");
        assert_eq!(value, format!("${{{{ steps.review.outputs.{name} }}}}"));
        assert!(script.contains(&format!("echo \"{name}=$")), "{name}");
    }
}

#[test]
fn the_hooks_of_pre_commit_do_what_they_say() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let entry = |id: &str| {
        let hook = hooks.as_sequence().expect("hooks").iter().find(|hook| hook["id"] == id).expect("the hook");
        let entry = hook["entry"].as_str().expect("a command");
        (
            entry.strip_prefix("alterplan ").expect("the program").to_owned(),
            hook["pass_filenames"] != Value::Bool(false),
        )
    };
    let desk = Desk::new();
    repository(&desk);
    let run = |id: &str, files: &str| {
        let (command, takes_files) = entry(id);
        assert_eq!(takes_files, !matches!(id, "alterplan-lint" | "alterplan-snapshot"), "{id}");
        desk.run(&format!("{command} {files}")).code
    };
    assert_eq!(run("alterplan-fmt-check", "old.sql new.sql"), 1);
    assert_eq!(run("alterplan-fmt", "old.sql new.sql"), 0);
    assert_eq!(run("alterplan-fmt-check", "old.sql new.sql"), 0);
    assert_eq!(git(&desk, &["diff", "--quiet"]).code, 1, "the files were changed");
    assert_eq!(run("alterplan-lint", "old.sql"), 0);
    desk.write("suite/a/old.sql", OLD);
    desk.write("suite/a/new.sql", NEW);
    assert_eq!(run("alterplan-snapshot", "suite"), 1);
    assert_eq!(hooks.as_sequence().expect("hooks").len(), 4);
}

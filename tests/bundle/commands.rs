//! `alterplan bundle …` as its users meet it.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

use crate::trees::{Desk, NEW, OLD};

/// Runs the program in a desk's folder: exit code, standard output, standard error.
pub(crate) fn run(desk: &Desk, arguments: &str) -> (i32, String, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_alterplan"))
        .args(arguments.split_whitespace())
        .current_dir(desk.path(""))
        .env_remove("ALTERPLAN_PASSWORD")
        .output()
        .expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

/// A run that has to go well; its standard output.
pub(crate) fn done(desk: &Desk, arguments: &str) -> String {
    let (code, out, err) = run(desk, arguments);
    assert_eq!((code, err.as_str()), (0, ""), "{arguments}");
    out
}

fn desk() -> Desk {
    let desk = Desk::new();
    desk.tree("old", OLD);
    desk.tree("new", NEW);
    for key in ["a", "b"] {
        done(&desk, &format!("bundle keygen --secret {key}.key --public {key}.pub --no-password"));
    }
    desk
}

const BUILD: &str = "bundle build --product shop --version 1.2.3.1 --base 1.2.3 --old-tree old --new-tree new";

#[test]
fn a_bundle_is_built_inspected_and_verified() {
    let desk = desk();
    let out = done(&desk, &format!("{BUILD} --key a.key -o b.tar.gz"));
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].starts_with("b.tar.gz: ") && lines[0].ends_with("unpacks to 22 bytes"), "{out}");
    assert_eq!(lines[1], "4 added, 6 changed, 5 removed");
    assert!(lines[2].contains(" % of a full release ("), "{out}");
    assert!(lines[3].starts_with("sha256:"), "{out}");
    let out = done(&desk, "bundle inspect b.tar.gz --trust a.pub");
    let tree = out.split_once("\n\n").map(|(_, tree)| tree).unwrap_or_default();
    assert_eq!(
        tree,
        "4 added, 6 changed, 5 removed\n  + added/  0755\n  + added/folder/  0750\n  ~ bin/README  0755  6 bytes\n  \
         ~ bin/app  0755  3 bytes\n  ~ conf/secret  0640  1 byte\n  ~ empty/  0700\n  - gone\n  - gone/a\n  - gone/deep\n  \
         - gone/deep/b\n  + lib/2.copy  0644  4 bytes\n  + lib/2.so  0644  4 bytes\n  ~ lib/current -> 2.so\n  \
         ~ swapped  0644  4 bytes\n  - swapped/x\n"
    );
    let json: Value = serde_json::from_str(&done(&desk, "bundle inspect b.tar.gz --format json")).expect("JSON");
    assert_eq!((&json["manifest"]["product"], &json["trusted"]), (&Value::from("shop"), &Value::from(false)));
    let json = done(&desk, "bundle verify b.tar.gz --trust a.pub --format json");
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&json["verified"], &json["trusted"]), (&Value::from(true), &Value::from(true)));
}

#[test]
fn who_is_not_trusted_is_refused_with_3() {
    let desk = desk();
    done(&desk, &format!("{BUILD} --key a.key -q -o signed.tar.gz"));
    done(&desk, &format!("{BUILD} -q -o unsigned.tar.gz"));
    for arguments in [
        "signed.tar.gz",
        "signed.tar.gz --trust b.pub",
        "signed.tar.gz --trust a.pub --trust b.pub --threshold 2",
        "signed.tar.gz --trust a.pub --product bakery",
        "signed.tar.gz --trust a.pub --sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "unsigned.tar.gz",
        "unsigned.tar.gz --trust a.pub",
    ] {
        let (code, out, err) = run(&desk, &format!("bundle verify {arguments}"));
        assert_eq!((code, out.as_str()), (3, ""), "{arguments}: {err}");
    }
    done(&desk, "bundle verify unsigned.tar.gz --allow-unsigned");
    done(&desk, "bundle sign signed.tar.gz --key b.key");
    done(&desk, "bundle verify signed.tar.gz --trust a.pub --trust b.pub --threshold 2");
    // A further signer gets a file of its own, the same signer the same.
    done(&desk, "bundle sign signed.tar.gz --key a.key");
    let beside = fs::read_dir(desk.path("")).expect("a folder").map(|e| e.expect("an entry").file_name());
    assert_eq!(beside.filter(|name| name.to_string_lossy().ends_with(".minisig")).count(), 2);
    let (code, _, err) = run(&desk, "bundle verify a.pub --allow-unsigned");
    assert_eq!(
        (code, err.lines().next()),
        (2, Some("error: the file is not a bundle, or damaged: invalid gzip header"))
    );
}

#[test]
fn calls_that_cannot_be_right_are_refused_with_2() {
    let desk = desk();
    fs::write(desk.path("plan.sql"), "ALTER TABLE t").expect("a file");
    fs::write(desk.path("both.yaml"), "new_tree: new\nreplace: {files: [bin/app]}\ndelete: [bin/app]").expect("a file");
    for (arguments, message) in [
        (
            "bundle build --version 1.2 --new-tree new -o b.tar.gz",
            "error: invalid value '1.2' for '--version <VERSION>': `1.2` is not a version: major.minor.patch or \
             major.minor.patch.build is",
        ),
        (
            "bundle build --version 1.2.3 --new-tree new -o new/b.tar.gz",
            "error: `new/b.tar.gz` would be written into the tree",
        ),
        ("bundle build --version 1.2.3 --new-tree nowhere -o b.tar.gz", "error: cannot read the folder `nowhere`"),
        ("bundle build --version 1.2.3 --new-tree new --plan plan.sql -o b.tar.gz", "error: `plan.sql` is no plan:"),
        (
            "bundle build --version 1.2.3 --operations both.yaml -o b.tar.gz",
            "error: the path `bin/app` is both replaced and deleted",
        ),
        (
            "bundle build --version 1.2.3 --base 1.2.4 --new-tree new -o b.tar.gz",
            "error: the manifest is refused: it leads from 1.2.4 to 1.2.3, which is not newer",
        ),
        ("bundle keygen --secret a.key --public c.pub --no-password", "error: `a.key` is there already"),
        ("bundle verify nothing.tar.gz --allow-unsigned", "error: cannot open `nothing.tar.gz`"),
    ] {
        let (code, _, err) = run(&desk, arguments);
        assert!(code == 2 && err.starts_with(message), "{arguments}: {code} {err}");
        assert!(!desk.path("b.tar.gz").exists());
    }
}

#[test]
fn what_a_list_deletes_is_counted_when_it_is_built_and_when_it_is_read() {
    let desk = desk();
    fs::write(desk.path("list.yaml"), "new_tree: new\nreplace: {files: [bin/app]}\ndelete: [gone, logs/old]")
        .expect("a file");
    let out = done(&desk, "bundle build --version 1.2.3.1 --base 1.2.3 --operations list.yaml --key a.key -o b.tar.gz");
    assert_eq!(out.lines().nth(1), Some("0 added, 1 changed, 2 removed"), "{out}");
    let out = done(&desk, "bundle inspect b.tar.gz");
    assert!(
        out.contains("\n0 added, 1 changed, 2 removed\n  ~ bin/app  0755  3 bytes\n  - gone\n  - logs/old\n"),
        "{out}"
    );
}

#[test]
fn a_plan_goes_along() {
    let desk = desk();
    fs::write(desk.path("old.sql"), "create table t (a int primary key, b int);").expect("a file");
    fs::write(desk.path("new.sql"), "create table t (a int primary key);").expect("a file");
    done(&desk, "diff old.sql new.sql --target mysql:8.4 -o plan.yaml");
    done(&desk, &format!("{BUILD} --plan plan.yaml -q -o b.tar.gz"));
    let out = done(&desk, "bundle inspect b.tar.gz");
    let plan = out.split("\n\n").nth(2).unwrap_or_default();
    let lines: Vec<&str> = plan.lines().filter(|line| !line.contains(" fp1:")).collect();
    assert_eq!(lines[..2], ["plan for mysql:8.4: 1 step", "  1: table t: drops column `b`"], "{out}");
    assert!(lines[2].starts_with("     hazard data-loss: "), "{out}");
}

#[test]
fn keys_follow_keys_and_older_releases_are_refused() {
    let desk = desk();
    done(&desk, "bundle keys --key a.pub --sequence 1 -o first.json");
    done(&desk, "bundle keys --key b.pub --sequence 2 -o second.json");
    done(&desk, "bundle trust --store store.json --product shop first.json");
    let (code, _, err) = run(&desk, "bundle trust --store store.json --product shop second.json");
    assert_eq!((code, err.lines().next()), (3, Some("error: nobody has signed it")));
    done(&desk, &format!("{BUILD} --key b.key -q -o b.tar.gz"));
    let verify = "bundle verify b.tar.gz --store store.json --product shop";
    assert_eq!(run(&desk, verify).0, 3);
    done(&desk, "bundle sign second.json --key a.key");
    assert_eq!(run(&desk, &format!("{verify} --key-list second.json")).0, 0);
    done(&desk, "bundle trust --store store.json --product shop second.json");
    done(&desk, verify);
    let store = fs::read_to_string(desk.path("store.json")).expect("a file");
    fs::write(desk.path("store.json"), store.replace("\"highest\": null", "\"highest\": \"1.2.4\"")).expect("a file");
    let (code, _, err) = run(&desk, verify);
    assert_eq!(
        (code, err.lines().next()),
        (3, Some("error: version 1.2.3.1 is older than 1.2.4, which is installed or was seen before"))
    );
    done(&desk, &format!("{verify} --allow-downgrade"));
}

#[test]
fn a_release_is_written_and_followed() {
    let desk = desk();
    done(&desk, &format!("{BUILD} -q -o patch.tar.gz"));
    done(&desk, "bundle build --product shop --version 1.2.3 --new-tree old -q -o full.tar.gz");
    done(
        &desk,
        "bundle release --version 1.2.3 --date 2026-01-02 --full x86_64=full.tar.gz --patch x86_64=patch.tar.gz \
         --url https://example.com/shop --key a.key -o release.json",
    );
    let strategy = |rest: &str| run(&desk, &format!("bundle strategy release.json --platform x86_64 {rest}"));
    let says = |rest: &str| strategy(&format!("--trust a.pub {rest}")).1;
    assert_eq!(says("--current 1.2.3.1"), "no upgrade\n");
    assert_eq!(says("--current 1.2.3"), "patch 1.2.3.1 https://example.com/shop/patch.tar.gz\n");
    assert_eq!(says("--current 1.2.2.7"), "full 1.2.3 https://example.com/shop/full.tar.gz\n");
    assert_eq!(says(""), "full 1.2.3 https://example.com/shop/full.tar.gz\n");
    assert_eq!(strategy("").0, 3);
    assert_eq!(strategy("--trust b.pub").0, 3);
    assert_eq!(strategy("--trust a.pub --current 1.3.0").0, 3);
    assert_eq!(says("--current 1.3.0 --allow-downgrade"), "no upgrade\n");
}

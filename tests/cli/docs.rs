//! The README and the cookbook: every command in them is run, and prints what is shown.
//!
//! A page is played from top to bottom in a folder of its own. A block of `console` holds commands and what they print, to either
//! stream; a block of `sh` holds commands that end well. What readers need not see stands in comments:
//!
//! ```text
//! <!-- file: NAME -->     the block that follows is the text of this file
//! <!-- run: COMMAND -->   a command that prepares something
//! <!-- output: COMMAND --> the block that follows is what this prints
//! <!-- server: SQL -->    the block that follows is run where there is a server, on a database made by that script
//! ```
//!
//! `…` in a line stands for anything. With `ALTERPLAN_DOCS=update`, pages get what the commands print now.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::servers::{self, Scratch};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A page while it is played.
struct Stage {
    folder: TempDir,
    database: Option<Scratch>,
    /// Whether commands are to know of the database.
    is_on_server: bool,
}

/// What is to become of the block that follows.
enum Next {
    Shown,
    File(String),
    Output(String),
    Server(String),
}

impl Stage {
    fn new() -> Self {
        let stage = Self { folder: tempfile::tempdir().expect("a folder"), database: None, is_on_server: false };
        fs::create_dir(stage.path(".bin")).expect("a folder");
        #[cfg(unix)]
        {
            use std::os::unix::fs::{PermissionsExt as _, symlink};
            symlink(env!("CARGO_BIN_EXE_alterplan"), stage.path(".bin/alterplan")).expect("a link");
            symlink(root().join("fixtures"), stage.path("fixtures")).expect("a link");
            // What pages pipe into the server's own client, it only has to take.
            for client in ["mysql", "mariadb"] {
                fs::write(stage.path(".bin").join(client), "#!/bin/sh\ncat > /dev/null\n").expect("a file");
                let path = stage.path(".bin").join(client);
                fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a mode");
            }
        }
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a command: whether it ended well, and what it printed.
    fn run(&self, command: &str) -> (bool, String) {
        let path = format!("{}:{}", self.path(".bin").display(), std::env::var("PATH").expect("a PATH"));
        let mut bash = Command::new("bash");
        bash.args(["-c", &format!("exec 2>&1\n{command}")]).current_dir(self.folder.path()).env("PATH", path);
        bash.env("HOME", self.folder.path()).env("GIT_CONFIG_NOSYSTEM", "1").env("LC_ALL", "C.UTF-8");
        let database = self.database.as_ref().filter(|_| self.is_on_server);
        match database {
            Some(scratch) => bash.env("DATABASE", scratch.url()).env_remove("ALTERPLAN_PASSWORD"),
            None => bash.env("ALTERPLAN_PASSWORD", "correct horse").env_remove("DATABASE"),
        };
        let output = bash.output().expect("bash runs");
        let mut said = String::from_utf8(output.stdout).expect("UTF-8");
        if let Some(scratch) = database {
            // Readers have a database with a name.
            let place = scratch.url().split_once("://").map(|(_, rest)| rest.to_owned()).unwrap_or_default();
            said = said.replace(&place, "reader@db.example:3306/shop").replace(scratch.name(), "shop");
        }
        (output.status.success(), said)
    }

    /// A block of commands with what they print now.
    fn console(&self, block: &str) -> String {
        let mut out = String::new();
        let mut lines = block.lines().peekable();
        while let Some(line) = lines.next() {
            let mut command = line.strip_prefix("$ ").unwrap_or_else(|| panic!("no command: {line}")).to_owned();
            out.push_str(&format!("{line}\n"));
            while command.ends_with('\\') {
                let more = lines.next().expect("the rest of the command");
                out.push_str(&format!("{more}\n"));
                command.push_str(&format!("\n{more}"));
            }
            let mut want = String::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                want.push_str(&format!("{line}\n"));
            }
            let (_, said) = self.run(&command);
            out.push_str(if matches(&want, &said) { &want } else { &said });
        }
        out
    }

    fn script(&self, block: &str) {
        for line in block.lines().filter(|line| !line.trim_start().starts_with('#')) {
            // The tests are what this is, and how to build is for those who have not.
            if ["tests/run", "cargo install --path ."].contains(&line) || line.starts_with("export DATABASE=") {
                continue;
            }
            let command = line.replace("cargo run --release -- ", "alterplan ");
            let (is_well, said) = self.run(&command);
            assert!(is_well, "{command}\n{said}");
        }
    }
}

/// Whether a text is the wanted one, in which `…` stands for anything within a line.
fn matches(want: &str, said: &str) -> bool {
    let (want, said): (Vec<&str>, Vec<&str>) = (want.lines().collect(), said.lines().collect());
    want.len() == said.len() && want.iter().zip(&said).all(|(want, said)| line_matches(want, said))
}

fn line_matches(want: &str, said: &str) -> bool {
    let mut parts = want.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = said.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some((_, behind)) = rest.split_once(part) else { return false };
        rest = behind;
    }
    rest.ends_with(last)
}

/// Plays a page; what it is if the commands print what they print now.
fn played(page: &str) -> String {
    let mut stage = Stage::new();
    let mut next = Next::Shown;
    let mut out = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        out.push_str(&format!("{line}\n"));
        let comment = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"));
        if let Some(comment) = comment {
            match comment.split_once(": ").unwrap_or((comment, "")) {
                ("file", name) => next = Next::File(name.to_owned()),
                ("output", command) => next = Next::Output(command.to_owned()),
                ("server", sql) => next = Next::Server(sql.to_owned()),
                ("run", command) => {
                    let (is_well, said) = stage.run(command);
                    assert!(is_well, "{command}\n{said}");
                }
                _ => panic!("{line}"),
            }
            continue;
        }
        let Some(kind) = line.strip_prefix("```").filter(|kind| !kind.is_empty()) else { continue };
        let block: String = lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        let mut shown = block.clone();
        let before = std::mem::replace(&mut next, Next::Shown);
        let is_skipped = match &before {
            Next::Server(sql) => !stage.has_server(sql),
            Next::File(name) => {
                let path = stage.path(name);
                fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                fs::write(path, &block).expect("a file");
                false
            }
            Next::Output(command) => {
                shown = stage.run(command).1;
                true
            }
            Next::Shown => false,
        };
        stage.is_on_server = matches!(before, Next::Server(_));
        match kind {
            _ if is_skipped => {}
            "console" => shown = stage.console(&block),
            "sh" => stage.script(&block),
            _ => {}
        }
        out.push_str(&format!("{shown}```\n"));
    }
    out
}

impl Stage {
    /// Has a database on a server, made by a script, or the one from before.
    fn has_server(&mut self, sql: &str) -> bool {
        if !sql.is_empty() {
            let server = servers::servers().into_iter().find(|server| server.target == "mariadb:10.11");
            self.database = server.map(|server| server.scratch());
            if let Some(scratch) = &self.database {
                scratch.run(sql).expect("the server takes it");
            }
        }
        self.database.is_some()
    }
}

fn tells_the_truth(file: &str) {
    let path = root().join(file);
    let page = fs::read_to_string(&path).expect("the page");
    let now = played(&page);
    if std::env::var("ALTERPLAN_DOCS").is_ok_and(|value| value == "update") {
        fs::write(&path, &now).expect("the page");
        return;
    }
    if now != page {
        let diff = similar::TextDiff::from_lines(&page, &now);
        panic!("{file} shows what is not printed:\n{}", diff.unified_diff().context_radius(4));
    }
}

#[cfg(unix)]
#[test]
fn the_readme_tells_the_truth() {
    tells_the_truth("README.md");
}

#[cfg(unix)]
#[test]
fn production_run() {
    tells_the_truth("src/cookbook/production_run.md");
}

#[cfg(unix)]
#[test]
fn pull_request() {
    tells_the_truth("src/cookbook/pull_request.md");
}

#[cfg(unix)]
#[test]
fn release_bundle() {
    tells_the_truth("src/cookbook/release_bundle.md");
}

#[cfg(unix)]
#[test]
fn snapshot_suite() {
    tells_the_truth("src/cookbook/snapshot_suite.md");
}

#[test]
fn every_page_is_played_and_every_link_leads_somewhere() {
    let pages = fs::read_dir(root().join("src/cookbook")).expect("the cookbook").flatten();
    let mut names: Vec<String> = pages.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(names, ["production_run.md", "pull_request.md", "release_bundle.md", "snapshot_suite.md"]);
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    for link in readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        assert!(link.starts_with("https://") || root().join(link).exists(), "{link}");
    }
    for name in names {
        assert!(readme.contains(&format!("(src/cookbook/{name})")), "{name} is not in the README");
    }
}

/// The README has every command, and the manual a page for each.
#[test]
fn no_command_is_left_out() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    let desk = crate::desk::Desk::new();
    let help = desk.run("--help").out;
    assert_eq!(desk.run("man pages").code, 0);
    let listed = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("the commands");
    let commands: Vec<&str> = listed
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    assert!(commands.len() > 15, "{commands:?}");
    for command in commands {
        assert!(readme.contains(&format!("`alterplan {command}")), "the README lacks {command}");
        assert!(desk.path(&format!("pages/alterplan-{command}.1")).exists(), "the manual lacks {command}");
    }
}

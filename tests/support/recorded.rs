//! What the servers printed when it was last looked at: `snapshots/servers/<target>/<case>.snap`.
//!
//! A file is a line with the server's version, then the objects. The same version that prints otherwise fails the test:
//! a definition or the recording is wrong. Another version that prints otherwise is a finding: reported with both texts at
//! the end, and never taken over in silence. `ALTERPLAN_RECORD=1` writes the files instead, and removes those of no case.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::servers::{Objects, Server, tell};

/// The recordings of one server. One test checks all of its cases, then calls [`Recorded::finish`].
pub struct Recorded {
    folder: PathBuf,
    version: String,
    record: bool,
    cases: BTreeSet<String>,
    failures: String,
    findings: String,
}

impl Recorded {
    /// Opens the recordings of a server, below the folder `snapshots/servers`.
    pub fn open(snapshots: &Path, server: &Server) -> Recorded {
        Recorded {
            folder: snapshots.join(server.target.replace(':', "-")),
            version: server.version.clone(),
            record: std::env::var("ALTERPLAN_RECORD").is_ok_and(|value| value == "1"),
            cases: BTreeSet::new(),
            failures: String::new(),
            findings: String::new(),
        }
    }

    /// Compares what the server made of a case with the recording, or records it.
    pub fn check(&mut self, case: &str, objects: &Objects) {
        assert!(self.cases.insert(case.to_owned()), "two cases are named {case}");
        let file = self.folder.join(format!("{case}.snap"));
        let printed = document(objects);
        if self.record {
            fs::create_dir_all(&self.folder).expect("the folder of recordings");
            fs::write(&file, format!("recorded on {}\n{printed}", self.version)).expect("a recording");
            return;
        }
        let recorded = match fs::read_to_string(&file) {
            Ok(recorded) => recorded,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                add(&mut self.failures, format!("{} is missing: run ALTERPLAN_RECORD=1 tests/run", file.display()));
                return;
            }
            Err(error) => panic!("{}: {error}", file.display()),
        };
        let (version, text) = recorded
            .split_once('\n')
            .and_then(|(head, text)| Some((head.strip_prefix("recorded on ")?, text)))
            .unwrap_or_else(|| panic!("{}: the first line does not say `recorded on VERSION`", file.display()));
        if text != printed {
            let report = format!(
                "{}\n--- recorded on {version}\n{text}--- printed by {}\n{printed}",
                file.display(),
                self.version
            );
            add(if version == self.version { &mut self.failures } else { &mut self.findings }, report);
        }
    }

    /// Reports the findings, and fails where the recordings do not hold.
    pub fn finish(mut self) {
        self.leave_only_cases();
        if !self.findings.is_empty() {
            report(&self.findings);
        }
        assert!(self.failures.is_empty(), "the recordings do not hold:\n{}", self.failures);
    }

    fn leave_only_cases(&mut self) {
        // `CASE` picks a few of them.
        if std::env::var_os("CASE").is_some() {
            return;
        }
        let mut files: Vec<PathBuf> = match fs::read_dir(&self.folder) {
            Ok(entries) => entries.map(|entry| entry.expect("an entry").path()).collect(),
            Err(_) => return,
        };
        files.sort();
        for file in files {
            if file.file_stem().is_some_and(|case| self.cases.contains(&*case.to_string_lossy())) {
                continue;
            }
            if self.record {
                fs::remove_file(&file).expect("removes a recording of no case");
            } else {
                add(&mut self.failures, format!("{} is the recording of no case", file.display()));
            }
        }
    }
}

fn document(objects: &Objects) -> String {
    let mut document = String::new();
    for ((kind, name), text) in objects {
        write!(document, "\n-- {kind} {name}\n{text}\n").expect("writing to a string");
    }
    document
}

fn add(list: &mut String, item: String) {
    list.push_str(&item);
    list.push('\n');
}

/// To the runner, which shows findings at the very end, or past the harness.
fn report(findings: &str) {
    match std::env::var("ALTERPLAN_FINDINGS") {
        Ok(file) if !file.is_empty() => {
            let mut file = OpenOptions::new().append(true).create(true).open(file).expect("the file of findings");
            file.write_all(findings.as_bytes()).expect("writes the findings");
        }
        _ => tell(&format!("a newer server prints otherwise than recorded:\n{findings}")),
    }
}

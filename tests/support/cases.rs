//! The cases of `fixtures/`.

use std::fs;
use std::path::{Path, PathBuf};

use alterplan::diff::{Policies, RenameRequest};
use alterplan::source::Source;
use alterplan::target::Target;
use serde::Deserialize;

/// One case of `fixtures/diff`.
pub struct Case {
    /// Its folder's name.
    pub name: String,
    /// What is there.
    pub old: Vec<Source>,
    /// What is wanted.
    pub new: Vec<Source>,
    /// The targets that it is for.
    pub targets: Vec<Target>,
    /// Options of the command line.
    pub args: Vec<String>,
}

impl Case {
    /// The policies that its options ask for.
    pub fn policies(&self) -> Policies {
        let mut policies = Policies::default();
        for pair in self.args.windows(2).filter(|pair| pair[0] == "--policy") {
            policies.set(&pair[1]).expect("a policy");
        }
        policies
    }

    /// The renames that its options ask for.
    pub fn renames(&self) -> Vec<RenameRequest> {
        let asked = self.args.windows(2).filter(|pair| pair[0] == "--rename");
        asked.map(|pair| pair[1].parse().expect("a rename")).collect()
    }
}

/// `case.yaml`.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Declared {
    targets: Option<Vec<String>>,
    args: Vec<String>,
    /// For readers.
    #[serde(rename = "note")]
    _note: String,
}

/// One file of `fixtures/statements`.
pub struct StatementFile {
    /// Its name without the ending.
    pub name: String,
    /// Its text.
    pub source: Source,
    /// The targets that it is for.
    pub targets: Vec<Target>,
    /// What the file declares after `-- error:`.
    pub error: Option<String>,
    /// Whether no server is asked: it says why after `-- legacy:` (servers of today refuse it), `-- clock:` (their text
    /// depends on the moment) or `-- unlisted:` (they list it as something else).
    pub is_for_no_server: bool,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder of fixtures").map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn stem(path: &Path) -> String {
    path.file_stem().expect("a name").to_string_lossy().into_owned()
}

/// A side of a case: a file or a folder of files.
fn side(case: &Path, name: &str) -> Vec<Source> {
    let file = case.join(format!("{name}.sql"));
    if file.exists() {
        return vec![Source::new(format!("{name}.sql"), fs::read(&file).expect("a readable file"))];
    }
    let files = sorted(&case.join(name));
    files
        .iter()
        .map(|f| Source::new(format!("{name}/{}.sql", stem(f)), fs::read(f).expect("a readable file")))
        .collect()
}

/// All cases of `fixtures/diff`, by name.
pub fn cases() -> Vec<Case> {
    let wanted = std::env::var("CASE").ok();
    sorted(&fixtures().join("diff"))
        .iter()
        .filter(|path| wanted.as_ref().is_none_or(|w| stem(path).contains(w.as_str())))
        .map(|path| {
            let declared: Declared = match fs::read_to_string(path.join("case.yaml")) {
                Ok(text) => serde_yaml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display())),
                Err(_) => Declared::default(),
            };
            let targets = declared
                .targets
                .unwrap_or_else(|| ["mysql:8.4", "mysql:9.7", "mariadb:10.11"].map(str::to_owned).to_vec());
            Case {
                name: stem(path),
                old: side(path, "old"),
                new: side(path, "new"),
                targets: targets.iter().map(|t| t.parse().expect("a target")).collect(),
                args: declared.args,
            }
        })
        .collect()
}

/// The files of `fixtures/statements/<folder>`, with what their first lines declare.
pub fn statements(folder: &str) -> Vec<StatementFile> {
    sorted(&fixtures().join("statements").join(folder))
        .iter()
        .map(|path| {
            let text = fs::read(path).expect("a readable file");
            let head = String::from_utf8_lossy(&text).into_owned();
            let declared = |key: &str| {
                let mut lines = head.lines().take(4);
                lines.find_map(|line| {
                    line.trim_start_matches('\u{FEFF}')
                        .strip_prefix("-- ")?
                        .strip_prefix(key)
                        .map(|v| v.trim().to_owned())
                })
            };
            let targets = declared("targets:")
                .or_else(|| declared("target:"))
                .unwrap_or_else(|| panic!("{}: no target", path.display()));
            StatementFile {
                name: stem(path),
                targets: targets.split(',').map(|t| t.trim().parse().expect("a target")).collect(),
                error: declared("error:"),
                is_for_no_server: ["legacy:", "clock:", "unlisted:"].into_iter().any(|why| declared(why).is_some()),
                source: Source::new(path.file_name().expect("a name").to_string_lossy(), text),
            }
        })
        .collect()
}

//! The house as a test: which room may use which, who may touch the world outside, and how files are cut.
//!
//! A room is a module at the top of the library (`catalog.rs` with everything in `catalog/`). The way through
//! them is one-way; [`ROOMS`] is the whole of it. Tests inside of rooms may use what they like.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A room, the rooms it may use, and the packages that it may use besides `std`.
struct Room {
    name: &'static str,
    rooms: &'static [&'static str],
    packages: &'static [&'static str],
}

const fn room(name: &'static str, rooms: &'static [&'static str], packages: &'static [&'static str]) -> Room {
    Room { name, rooms, packages }
}

/// From the ground up: what stands later may use what stands earlier, where it says so.
const ROOMS: [Room; 26] = [
    room("source", &[], &["memchr"]),
    room("ident", &["source"], &[]),
    room("target", &["source"], &["memchr"]),
    room("preprocess", &["source", "ident", "target"], &["memchr", "nom"]),
    room("model", &["source", "ident", "target"], &["foldhash", "indexmap"]),
    room("syntax", &["source", "ident", "target", "preprocess", "model"], &["memchr", "nom", "sqlparser"]),
    room("canonical", &["source", "ident", "target", "model", "syntax"], &["foldhash", "sha2"]),
    room(
        "catalog",
        &["source", "ident", "target", "preprocess", "model", "syntax", "canonical"],
        &["encoding_rs", "foldhash", "indexmap", "memchr", "serde_json"],
    ),
    room("diff", &["source", "ident", "target", "model"], &["regex"]),
    room("document", &[], &["serde", "schemars", "serde_json", "serde_yaml"]),
    room("data", &["source", "ident", "target", "preprocess", "model", "syntax", "catalog", "document"], &[]),
    room("plan", &["source", "ident", "target", "model", "canonical", "diff", "document"], &[]),
    room(
        "proof",
        &["source", "ident", "target", "model", "canonical", "catalog", "diff", "document"],
        &["indexmap", "similar"],
    ),
    room(
        "render",
        &["source", "ident", "target", "model", "canonical", "document"],
        &["indexmap", "memchr", "serde_json", "serde_yaml", "similar"],
    ),
    room(
        "compare",
        &["source", "ident", "target", "model", "canonical", "catalog", "diff", "document", "plan", "proof"],
        &[],
    ),
    room("lint", &["source", "target", "model", "syntax", "compare", "render"], &[]),
    room("merge", &["source", "target", "preprocess", "model", "syntax", "catalog", "canonical"], &["similar"]),
    room(
        "snapshot",
        &["source", "target", "catalog", "diff", "document", "compare", "render"],
        &["serde", "serde_yaml", "similar"],
    ),
    room(
        "rewrite",
        &["source", "ident", "target", "preprocess", "model", "syntax", "catalog", "canonical", "compare", "render"],
        &[],
    ),
    room(
        "config",
        &["source", "target", "diff", "document", "render", "lint"],
        &["regex", "schemars", "serde", "serde_yaml", "similar"],
    ),
    room("cookbook", &[], &[]),
    room("live", &["source", "ident", "target", "model", "document"], &["memchr", "mysql", "percent_encoding", "sha2"]),
    room(
        "run",
        &[
            "source",
            "ident",
            "target",
            "preprocess",
            "model",
            "canonical",
            "catalog",
            "diff",
            "document",
            "plan",
            "proof",
            "compare",
            "live",
        ],
        &["serde", "serde_json", "sha2"],
    ),
    room("input", &["source", "live"], &["flate2", "memchr", "memmap2"]),
    room(
        "bundle",
        &["document"],
        &[
            "blake2",
            "cap_std",
            "ct_codecs",
            "ed25519_compact",
            "flate2",
            "minisign",
            "minisign_verify",
            "schemars",
            "serde",
            "serde_json",
            "serde_yaml",
            "sha2",
            "tar",
            "tempfile",
            "unicode_normalization",
            "zstd",
        ],
    ),
    room(
        "apply",
        &["document", "live", "run", "bundle"],
        &["cap_std", "rustix", "serde", "serde_json", "sha2", "tempfile", "ureq"],
    ),
];

/// The command line is a crate of its own, on the library's public API.
const COMMAND_LINE: Room = room(
    "cli",
    &[],
    &[
        "alterplan",
        "clap",
        "clap_complete",
        "clap_mangen",
        "console",
        "ctrlc",
        "rpassword",
        "serde",
        "serde_json",
        "serde_yaml",
        "similar",
        "tempfile",
    ],
);

/// Modules of `std` that reach the world outside, and who may use them.
const WORLD: [&str; 5] = ["env", "fs", "io", "process", "time"];
/// `std::net` is more than sockets: an address is a value.
const SOCKETS: [&str; 5] = ["TcpStream", "TcpListener", "UdpSocket", "ToSocketAddrs", "UnixStream"];
const WORLDLY: [&str; 6] = ["live", "run", "input", "bundle", "apply", "cli"];

/// A file with so many lines is split.
const LINES_AT_MOST: usize = 1_000;
/// Longer files than this are named here, each with its reason.
const LINES_WITHOUT_A_REASON: usize = 600;
const LONG_FOR_A_REASON: [(&str, &str); 0] = [];

#[test]
fn rooms_use_only_the_rooms_that_they_may() {
    let mut wrong = Vec::new();
    for file in sources().iter().filter(|file| file.room() != "cli") {
        let code = file.code();
        let uses = rooms_used(&code, file.depth());
        match ROOMS.iter().find(|room| room.name == file.room()) {
            None if ["lib", "main"].contains(&file.room()) => {}
            None => wrong.push(format!("{}: no such room in the table", file.path)),
            Some(room) => {
                let across = uses.iter().filter(|used| *used != room.name && !room.rooms.contains(&used.as_str()));
                wrong.extend(across.map(|used| format!("{}: `{}` may not use `{used}`", file.path, room.name)));
            }
        }
    }
    none(wrong);
}

#[test]
fn the_table_has_one_direction_and_every_room() {
    for (at, room) in ROOMS.iter().enumerate() {
        for used in room.rooms {
            assert!(
                ROOMS[..at].iter().any(|below| below.name == *used),
                "`{}` stands before `{used}`, which it uses",
                room.name
            );
        }
    }
    let lib = fs::read_to_string(root().join("src/lib.rs")).expect("lib.rs");
    let public: BTreeSet<&str> =
        lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(public, ROOMS.iter().map(|room| room.name).collect());
}

#[test]
fn packages_and_the_world_outside_are_for_few() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml");
    let packages: Vec<String> = dependencies(&manifest).collect();
    let mut wrong = Vec::new();
    for file in sources() {
        let code = file.code();
        let room = ROOMS.iter().chain([&COMMAND_LINE]).find(|room| room.name == file.room());
        for package in packages.iter().map(String::as_str).chain(["alterplan"]) {
            let may = room.is_some_and(|room| room.packages.contains(&package));
            // A module of the same name hides the package.
            let is_module = code.contains(&format!("mod {package};"));
            if !may && !is_module && mentions(&code, package) {
                wrong.push(format!("{}: `{}` may not use the package `{package}`", file.path, file.room()));
            }
        }
        if WORLDLY.contains(&file.room()) || file.path == "src/main.rs" {
            continue;
        }
        for socket in SOCKETS.iter().filter(|socket| code.contains(**socket)) {
            wrong.push(format!("{}: `{}` may not touch std::net::{socket}", file.path, file.room()));
        }
        for module in WORLD {
            if standard_modules(&code).contains(module) {
                wrong.push(format!("{}: `{}` may not touch std::{module}", file.path, file.room()));
            }
        }
    }
    none(wrong);
}

/// The one file that may hold `unsafe`: the call of what was compiled for a processor that was asked first.
const UNSAFE: &str = "src/preprocess/block/wide.rs";

#[test]
fn unsafe_stands_in_one_file_once() {
    let holders: Vec<(String, usize)> = sources()
        .iter()
        .map(|file| (file.path.clone(), file.code().matches("unsafe {").count()))
        .filter(|(_, times)| *times > 0)
        .collect();
    assert_eq!(holders, [(UNSAFE.to_owned(), 1)]);
}

#[test]
fn files_are_short_and_open_with_what_they_are() {
    let mut wrong = Vec::new();
    for file in sources() {
        let lines = file.text.lines().count();
        let reason = LONG_FOR_A_REASON.iter().any(|(path, _)| *path == file.path);
        if lines > LINES_AT_MOST || lines > LINES_WITHOUT_A_REASON && !reason {
            wrong.push(format!("{}: {lines} lines", file.path));
        }
        if !file.text.starts_with("//! ") {
            wrong.push(format!("{}: does not begin with `//!`", file.path));
        }
        let name = file.path.rsplit('/').next().unwrap_or_default();
        if ["mod.rs", "utils.rs", "util.rs", "helpers.rs", "helper.rs", "common.rs", "types.rs", "misc.rs"]
            .contains(&name)
        {
            wrong.push(format!("{}: a name that says nothing", file.path));
        }
    }
    let main = fs::read_to_string(root().join("src/main.rs")).expect("main.rs");
    assert!(main.lines().count() <= 40, "main.rs is thin");
    none(wrong);
}

#[test]
fn what_this_test_reads_is_read_right() {
    let code = code_of(
        "use crate::{model::{self, Table}, target::Target};\nuse super::super::diff::Diff; // crate::plan\nfn f() { crate::render::sql(\"crate::cli\") }",
    );
    assert_eq!(rooms_used(&code, 2), ["diff", "model", "render", "target"].map(str::to_owned).into());
    assert_eq!(rooms_used(&code, 3), ["model", "render", "target"].map(str::to_owned).into());
    let code = code_of(
        "use std::{fmt, io::{self, Read}};\nlet q = '\"'; let s = r#\"std::fs\"#; let l: &'static str; x::nom::y; nom::z",
    );
    assert_eq!(standard_modules(&code), ["fmt", "io"].map(str::to_owned).into());
    assert!(mentions(&code, "nom") && !mentions("my::nom::y denom::z", "nom"));
}

/// A file of `src`.
struct File {
    /// From the package's root, with `/`.
    path: String,
    text: String,
}

impl File {
    /// `catalog` for `src/catalog.rs` and for all in `src/catalog/`.
    fn room(&self) -> &str {
        let below = self.path.strip_prefix("src/").unwrap_or(&self.path);
        below.split('/').next().unwrap_or(below).trim_end_matches(".rs")
    }

    /// How many `super::` lead from here to the crate's root.
    fn depth(&self) -> usize {
        self.path.split('/').count() - 1
    }

    /// The code without comments, texts and tests.
    fn code(&self) -> String {
        if self.path.ends_with("/tests.rs") {
            return String::new();
        }
        code_of(&self.text)
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<File> {
    let mut paths = Vec::new();
    collect(&root().join("src"), &mut paths);
    paths.sort();
    let name = |path: &Path| path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/");
    paths.iter().map(|path| File { path: name(path), text: fs::read_to_string(path).expect("UTF-8") }).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

#[track_caller]
fn none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The names of what `[dependencies]` lists, as code writes them.
fn dependencies(manifest: &str) -> impl Iterator<Item = String> {
    let section = manifest.split("\n[dependencies]\n").nth(1).expect("dependencies");
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    lines.filter_map(|line| line.split_once(" = ").map(|(name, _)| name.replace('-', "_")))
}

/// The text up to the tests at its end, with comments and the contents of literals blanked out.
fn code_of(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut code = String::with_capacity(text.len());
    let mut i = 0;
    while i < chars.len() {
        match (at(i), at(i + 1)) {
            ('/', '/') => {
                while i < chars.len() && at(i) != '\n' {
                    i += 1
                }
            }
            ('/', '*') => {
                i += 2;
                while i < chars.len() && (at(i), at(i + 1)) != ('*', '/') {
                    i += 1
                }
                i += 2;
            }
            ('r', '"' | '#') if !code.ends_with(is_word) => {
                let hashes = chars[i + 1..].iter().take_while(|c| **c == '#').count();
                i += 1 + hashes;
                if at(i) == '"' {
                    let close: String = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
                    let rest: String = chars[i + 1..].iter().collect();
                    let body = rest.find(&close).map_or(rest.chars().count(), |b| rest[..b].chars().count());
                    i += 1 + body + close.len();
                }
                code.push(' ');
            }
            ('"', _) => {
                i += 1;
                while i < chars.len() && at(i) != '"' {
                    i += if at(i) == '\\' { 2 } else { 1 }
                }
                i += 1;
                code.push(' ');
            }
            ('\'', '\\') => {
                i += 3;
                while i < chars.len() && at(i) != '\'' {
                    i += 1
                }
                i += 1;
            }
            ('\'', _) if at(i + 2) == '\'' => i += 3,
            (c, _) => {
                code.push(c);
                i += 1;
            }
        }
    }
    code
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The rooms that paths from the crate's root lead into, be they `crate::…` or as many `super::` as it takes.
fn rooms_used(code: &str, depth: usize) -> BTreeSet<String> {
    let up = "super::".repeat(depth);
    let mut rooms = first_names(code, "crate::");
    rooms.extend(first_names(code, &up));
    rooms.retain(|name| name.starts_with(|c: char| c.is_lowercase()) && name != "super" && name != "self");
    rooms
}

fn standard_modules(code: &str) -> BTreeSet<String> {
    let mut modules = first_names(code, "std::");
    modules.extend(first_names(code, "core::"));
    modules
}

/// The names right after a prefix: one, or those of a `{…}` list.
fn first_names(code: &str, prefix: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices(prefix) {
        let before = code[..at].chars().next_back().unwrap_or(' ');
        if is_word(before) || before == ':' {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        let Some(list) = rest.strip_prefix('{') else {
            names.insert(rest.chars().take_while(|c| is_word(*c)).collect());
            continue;
        };
        let mut depth = 0;
        let mut name = Some(String::new());
        for c in list.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => names.extend(name.replace(String::new())),
                c if is_word(c) && depth == 0 => name.iter_mut().for_each(|name| name.push(c)),
                ':' if depth == 0 => names.extend(name.take()),
                _ => {}
            }
        }
        names.extend(name);
    }
    names.remove("");
    names
}

/// Whether a path begins with a package's name.
fn mentions(code: &str, package: &str) -> bool {
    let path = format!("{package}::");
    code.match_indices(&path).any(|(at, _)| {
        let before = code[..at].chars().next_back().unwrap_or(' ');
        !is_word(before) && before != ':'
    })
}

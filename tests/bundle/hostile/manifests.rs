//! Manifests, deltas and plans that are none, or contradict themselves.

use alterplan::bundle::Digest;
use serde_json::{Value, json};

use super::{Case, case};
use crate::forge::{CONTENT, Forge, file, manifest, object, replacing, with};

/// Manifests that are none, or contradict themselves.
pub(super) fn manifests() -> Vec<Case> {
    let of = |value: Value| Forge::with(&value).file(&object(CONTENT), CONTENT).bundle();
    let changed = |place: &str, value: Value| of(with(manifest(), place, value));
    let text = |text: &str| Forge::empty().file("manifest.json", text.as_bytes()).bundle();
    let old = |size: u64| json!({ "kind": "file", "mode": "0644", "size": size, "sha256": Digest::of(CONTENT) });
    vec![
        case("manifest-not-json", text("{"), "the manifest is refused: EOF while parsing an object"),
        case(
            "manifest-duplicate-key",
            text(&manifest().to_string().replacen("\"product\"", "\"product\":\"bakery\",\"product\"", 1)),
            "the manifest is refused: duplicate field `product`",
        ),
        case(
            "manifest-deep",
            text(&"[".repeat(100_000)),
            "the manifest is refused: invalid type: sequence, expected a string",
        ),
        case(
            "manifest-other-format",
            changed("/format", json!("tarball")),
            "the manifest is refused: its format is not `alterplan-bundle`",
        ),
        case(
            "manifest-newer-format",
            changed("/format_version", json!(2)),
            "the manifest is refused: its format is version 2, and 1 is the newest that this program reads",
        ),
        case(
            "manifest-unknown-field",
            changed("/hook", json!("rm -rf /")),
            "the manifest is refused: unknown field `hook`, expected one of `format`, `format_version`, `product`, \
             `version`, `base`, `platform`, `operations`, `entries`, `pages`, `plan`, `notes`, `created_by`",
        ),
        case(
            "manifest-setuid",
            changed("/entries/0/mode", json!("4755")),
            "the manifest is refused: the mode 4755 has setuid, setgid or sticky bits",
        ),
        case(
            "manifest-negative-size",
            changed("/entries/0/size", json!(-1)),
            "the manifest is refused: invalid value: integer `-1`, expected u64",
        ),
        case(
            "manifest-short-digest",
            changed("/entries/0/sha256", json!("abc")),
            "the manifest is refused: `abc` is not a SHA-256 digest: 64 hexadecimal digits are",
        ),
        case(
            "manifest-file-without-digest",
            changed("/entries/0/sha256", Value::Null),
            "the manifest is refused: the entry `app`: a file has mode, size and sha256, and nothing else",
        ),
        case(
            "manifest-not-newer",
            changed("/base", json!("1.2.4")),
            "the manifest is refused: it leads from 1.2.4 to 1.2.3.1, which is not newer",
        ),
        case(
            "manifest-product-path",
            changed("/product", json!("../shop")),
            "the manifest is refused: its product `../shop` is no name: up to 64 letters, digits, `.`, `-` and `_`",
        ),
        case(
            "manifest-entry-without-operation",
            changed("/operations/replace/files", json!([])),
            "the path `app` has a new state and is not replaced",
        ),
        case(
            "manifest-operation-without-entry",
            changed("/operations/replace/files", json!(["app", "other"])),
            "the path `other` is replaced and has no new state",
        ),
        case(
            "manifest-deletes-what-stays",
            of(with(
                replacing(&[json!({ "path": "d", "kind": "directory", "mode": "0755" })]),
                "/operations/delete",
                json!(["d"]),
            )),
            "the path `d` is deleted, has a new state, and is not replaced",
        ),
        case(
            "manifest-old-state-without-base",
            of(with(with(manifest(), "/base", Value::Null), "/entries/0/old", old(4))),
            "the path `app` has an old state in a bundle without a base version",
        ),
        case(
            "manifest-digest-of-two-sizes",
            changed("/entries/0/old", old(5)),
            "the path `app` has a digest that stands for two sizes",
        ),
        case(
            "manifest-page-of-other-count",
            {
                let page = json!({ "entries": [file("app", CONTENT)], "operations": {} }).to_string();
                let listed = json!([{ "entries": 2, "size": page.len(), "sha256": Digest::of(page.as_bytes()) }]);
                let head = with(replacing(&[]), "/pages", listed);
                Forge::with(&head).file("manifest/1.json", page.as_bytes()).file(&object(CONTENT), CONTENT).bundle()
            },
            "the manifest is refused: a page has 1 entries instead of 2",
        ),
        case(
            "manifest-page-missing",
            of(with(replacing(&[]), "/pages", json!([{ "entries": 1, "size": 9, "sha256": Digest::of(b"") }]))),
            format!("the archive's member `{}` is refused: it stands before what has to come first", object(CONTENT)),
        ),
    ]
}

/// Deltas that do not apply, plans that are none.
pub(super) fn deltas_and_plans() -> Vec<Case> {
    let delta = json!({ "format": "zstd", "size": 4, "sha256": Digest::of(b"junk") });
    let plan = |bytes: &[u8]| json!({ "target": "mysql:8.4", "from": "a", "to": "b", "steps": 0, "size": bytes.len(), "sha256": Digest::of(bytes) });
    let planned = |bytes: &[u8]| {
        let manifest = with(manifest(), "/plan", plan(bytes));
        Forge::with(&manifest).file("plan.json", bytes).file(&object(CONTENT), CONTENT).bundle()
    };
    let other = json!({
        "format": "alterplan-plan", "version": 1, "target": "mysql:8.4", "old_target": "mysql:8.4",
        "new_target": "mysql:8.4", "server": {}, "policies": {}, "filters": { "only": [], "ignore": [] },
        "session": { "sql_mode": "", "character_set": "utf8mb4", "foreign_key_checks": true },
        "from": "x", "to": "b", "steps": [], "renames": [], "set_aside": [], "not_understood": [],
    });
    vec![
        case(
            "delta-without-old",
            Forge::with(&with(manifest(), "/entries/0/delta", delta)).file("deltas/junk", b"junk").bundle(),
            "the path `app` has a delta and is no file with an old state",
        ),
        case("plan-not-json", planned(b"DROP DATABASE shop"), "the bundle's plan is refused: expected value"),
        case(
            "plan-of-other-fingerprint",
            planned(other.to_string().as_bytes()),
            "the bundle's plan is refused: it is not the one that the manifest describes",
        ),
    ]
}

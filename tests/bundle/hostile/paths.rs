//! Paths and symbolic links that lead elsewhere.

use serde_json::{Value, json};

use super::{Case, case};
use crate::forge::{CONTENT, Forge, file, link, manifest, object, replacing, with};

/// Paths that lead elsewhere, or to two things at once.
pub(super) fn paths() -> Vec<Case> {
    let at = |path: &str| Forge::with(&replacing(&[file(path, CONTENT)])).file(&object(CONTENT), CONTENT).bundle();
    let both = |one: &str, other: &str| {
        let entries = [file(one, CONTENT), file(other, CONTENT)];
        Forge::with(&replacing(&entries)).file(&object(CONTENT), CONTENT).bundle()
    };
    let refused = |path: &str, why: &str| format!("the path `{path}` is refused: {why}");
    let long = "x".repeat(300);
    vec![
        case("path-parent", at("../evil"), refused("../evil", "it has `..`")),
        case("path-parent-within", at("a/../../evil"), refused("a/../../evil", "it has `..`")),
        case("path-absolute", at("/etc/evil"), refused("/etc/evil", "it is absolute")),
        case("path-drive", at("C:/evil"), refused("C:/evil", "it begins with a drive")),
        case("path-backslash", at("..\\\\evil"), refused("..\\\\\\\\evil", "it has a backslash")),
        case("path-device", at("logs/NUL.txt"), refused("logs/NUL.txt", "a name in it is a device on Windows")),
        case("path-nul", at("app\0.txt"), refused("app\\0.txt", "it has a control character")),
        case("path-dot", at("./app"), refused("./app", "it is not in its plain form, without `.` and empty names")),
        case("path-empty", at(""), refused("", "it is empty")),
        case(
            "path-dropped-end",
            at("app. "),
            refused("app. ", "a name in it ends with a dot or a space, which Windows drops"),
        ),
        case("path-long", at(&long), refused(&long[..120], "it is too long: names may have 255 bytes, paths 1024")),
        case(
            "path-state",
            at(".alterplan/journal"),
            refused(".alterplan/journal", "what is in `.alterplan` is alterplan's own"),
        ),
        case("path-twice", both("app", "app"), "the path `app` is listed twice"),
        case(
            "path-case-collision",
            both("app", "APP"),
            "the paths `app` and `APP` are one on file systems that do not tell cases apart",
        ),
        case(
            "path-folder-case-collision",
            both("conf/a", "Conf/b"),
            "the paths `conf` and `Conf` are one on file systems that do not tell cases apart",
        ),
        case(
            "path-normal-form-collision",
            both("caf\u{e9}", "cafe\u{301}"),
            "the paths `caf\u{e9}` and `cafe\u{301}` are one on file systems that do not tell cases apart",
        ),
        case("path-below-file", both("app", "app/evil"), "the path `app/evil` is below `app`, which is no folder"),
        case(
            "path-in-operations",
            Forge::with(&with(manifest(), "/operations/delete/files", json!(["../../etc/passwd"]))).bundle(),
            refused("../../etc/passwd", "it has `..`"),
        ),
    ]
}

/// Symbolic links that lead out.
pub(super) fn links() -> Vec<Case> {
    let of = |entries: &[Value]| Forge::with(&replacing(entries)).file(&object(CONTENT), CONTENT).bundle();
    let refused =
        |path: &str, target: &str, why: &str| format!("the symbolic link `{path}` to `{target}` is refused: {why}");
    vec![
        case("link-absolute", of(&[link("out", "/etc")]), refused("out", "/etc", "its target is absolute")),
        case(
            "link-escape",
            of(&[link("a/out", "../../outside")]),
            refused("a/out", "../../outside", "its target is outside of the root"),
        ),
        case(
            "link-escape-in-two-steps",
            of(&[link("a/b/up", "../.."), link("out", "a/b/up/../../outside")]),
            refused("out", "a/b/up/../../outside", "its target has `..` after a name"),
        ),
        case(
            "link-then-file-below-it",
            of(&[link("out", "a"), file("out/evil", CONTENT)]),
            "the path `out/evil` is below `out`, which is no folder",
        ),
        case(
            "link-to-state",
            of(&[link("out", ".alterplan/journal")]),
            refused("out", ".alterplan/journal", "its target is in `.alterplan`, which is alterplan's own"),
        ),
        case(
            "link-empty",
            of(&[link("out", "")]),
            refused("out", "", "its target is empty, too long, or has control characters"),
        ),
    ]
}

//! Contents that are not what the manifest says, and little that wants to become much.

use alterplan::bundle::Digest;
use serde_json::json;
use tar::EntryType;

use super::{Case, case};
use crate::forge::{CONTENT, Forge, file, header, manifest, object, replacing, with};

/// Contents that are not what the manifest says.
pub(super) fn contents() -> Vec<Case> {
    let name = object(CONTENT);
    let found = Digest::of(b"too\n");
    vec![
        case(
            "content-missing",
            Forge::head().bundle(),
            format!("the archive lacks `{name}`, which its manifest lists"),
        ),
        case(
            "content-wrong-hash",
            Forge::head().file(&name, b"too\n").bundle(),
            format!("`{name}` is not what was signed: SHA-256 {found} instead of {}", Digest::of(CONTENT)),
        ),
        case(
            "content-wrong-size",
            Forge::head().file(&name, b"two\n\n").bundle(),
            format!("`{name}` is not what was signed: 5 bytes instead of 4"),
        ),
    ]
}

/// Little that wants to become much.
pub(super) fn bombs() -> Vec<Case> {
    let name = object(CONTENT);
    let huge = header(name.as_bytes(), EntryType::Regular, 8 << 30);
    let zeros = vec![0; 66 << 20];
    let manifest_bomb = header(b"manifest.json", EntryType::Regular, (1 << 20) + 1);
    let endless =
        with(replacing(&[]), "/pages", json!([{ "entries": 1_000_000, "size": 10, "sha256": Digest::of(b"") }]));
    let page = json!({ "entries": 1, "size": 1 << 20, "sha256": Digest::of(b"") });
    let paged = with(replacing(&[]), "/pages", json!(vec![page; 33]));
    let deletes: Vec<String> = (0..65_537).map(|number| format!("{number:x}")).collect();
    let wide = header(b"manifest.json.minisig", EntryType::Regular, 1 << 30);
    let plan = json!({ "target": "", "from": "", "to": "", "steps": 0, "size": 1u64 << 40, "sha256": Digest::of(b"") });
    vec![
        case(
            "bomb-size",
            Forge::head().header(huge, CONTENT).bundle(),
            format!("`{name}` is not what was signed: 8589934592 bytes instead of 4"),
        ),
        case(
            "bomb-ratio",
            Forge::with(&replacing(&[file("zeros", &zeros)])).file(&object(&zeros), &zeros).bundle(),
            "the bundle unpacks to more than 250 times its size",
        ),
        case(
            "bomb-manifest",
            Forge::empty().header(manifest_bomb, b"").bundle(),
            "the manifest has more than 1048576 bytes",
        ),
        case("bomb-signature", Forge::head().header(wide, b"").bundle(), "the signature has more than 16384 bytes"),
        case("bomb-entries", Forge::with(&endless).bundle(), "the bundle has more than 65536 entries"),
        case(
            "bomb-operations",
            Forge::with(&with(replacing(&[]), "/operations/delete", json!(deletes))).bundle(),
            "the bundle has more than 65536 entries",
        ),
        case("bomb-pages", Forge::with(&paged).bundle(), "the manifest and its pages have more than 33554432 bytes"),
        case(
            "bomb-members",
            {
                let many = (0..2_000).fold(Forge::good(), |forge, n| forge.file(&format!("objects/{n}"), b""));
                many.bundle()
            },
            "the archive's member `objects/0` is refused: the manifest does not list it",
        ),
        case(
            "bomb-plan",
            Forge::with(&with(manifest(), "/plan", plan)).bundle(),
            "the plan has more than 33554432 bytes",
        ),
    ]
}

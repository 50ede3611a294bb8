//! Archives that are made to do harm. Each is refused with an error of its own, and nothing but the private folder has
//! changed when it is. `fixtures/bundle/hostile/` holds them; `ALTERPLAN_WRITE_FIXTURES=1` writes them anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use alterplan::bundle::{Bundle, BundleError, Digest, Unpacking, Unwatched};
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use serde_json::{Value, json};
use tar::EntryType;

use crate::forge::{CONTENT, Forge, file, gzip, header, link, manifest, object, replacing, with};
use crate::trees::{Desk, listing, unsigned};

/// A case: its name, the archive, and what it is refused with.
type Case = (&'static str, Vec<u8>, String);

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let mut cases = gzips();
    cases.extend(members());
    cases.extend(contents());
    cases.extend(bombs());
    cases.extend(paths());
    cases.extend(links());
    cases.extend(manifests());
    cases.extend(deltas_and_plans());
    cases
});

fn case(name: &'static str, bytes: Vec<u8>, message: impl Into<String>) -> Case {
    (name, bytes, message.into())
}

/// The ways in which a gzip file can be more, less or other than one member.
fn gzips() -> Vec<Case> {
    let good = Forge::good().bundle();
    let mut damaged = good.clone();
    let end = damaged.len();
    damaged[end - 8] ^= 1;
    let mut tar = Forge::good().tar();
    let length = tar.len();
    tar[length - 1] = 1;
    vec![
        case(
            "not-gzip",
            b"PK\x03\x04 this is something else".to_vec(),
            "the file is not a bundle, or damaged: invalid gzip header",
        ),
        case("empty-file", Vec::new(), "the file ends too early"),
        case("gzip-truncated", good[..end - 20].to_vec(), "the file ends too early"),
        case("gzip-truncated-trailer", good[..end - 3].to_vec(), "the file ends too early"),
        case(
            "gzip-wrong-checksum",
            damaged,
            "the file is not a bundle, or damaged: corrupt gzip stream does not have a matching checksum",
        ),
        case("gzip-two-members", [good.clone(), gzip(b"more")].concat(), "a second gzip member follows the archive"),
        case("gzip-trailing-data", [good, b"more".to_vec()].concat(), "something follows the archive's end"),
        case("tar-trailing-data", gzip(&tar), "something follows the archive's end"),
        case(
            "tar-trailing-member",
            {
                let mut tar = Forge::good().tar();
                tar.extend(Forge::empty().file("objects/more", b"more").tar());
                gzip(&tar)
            },
            "something follows the archive's end",
        ),
        case("tar-truncated-header", gzip(&Forge::good().tar()[..700]), "the file ends too early"),
        case(
            "tar-wrong-checksum",
            {
                let mut tar = Forge::good().tar();
                tar[0] ^= 1;
                gzip(&tar)
            },
            "a header of the archive is damaged: archive header checksum mismatch",
        ),
        case("tar-empty", Forge::empty().bundle(), "the archive lacks `manifest.json`, which its manifest lists"),
    ]
}

/// Members that are no plain files with a name of a bundle's.
fn members() -> Vec<Case> {
    let refused = |name: &str, why: &str| format!("the archive's member `{name}` is refused: {why}");
    let linked = |name: &[u8], kind, target: &str| {
        let mut header = header(name, kind, 0);
        header.set_link_name(target).expect("a target");
        header
    };
    let setuid = |mode| {
        let mut header = header(object(CONTENT).as_bytes(), EntryType::Regular, CONTENT.len() as u64);
        header.set_mode(mode);
        Forge::head().header(header, CONTENT).bundle()
    };
    let device = |kind| {
        let mut header = header(b"objects/device", kind, 0);
        header.set_device_major(1).and_then(|()| header.set_device_minor(3)).expect("a ustar header");
        Forge::good().header(header, b"").bundle()
    };
    let name = object(CONTENT);
    let upper = name.to_uppercase();
    let long = format!("objects/{}", "a".repeat(90));
    let mut prefixed = header(b"x", EntryType::Regular, 0);
    prefixed.as_ustar_mut().expect("ustar").prefix[..7].copy_from_slice(b"objects");
    let mut nul = header(format!("{name}\0hidden").as_bytes(), EntryType::Regular, CONTENT.len() as u64);
    nul.set_mode(0o644);
    vec![
        case("member-parent", Forge::good().file("../evil", b"x").bundle(), refused("../evil", "its name has `..`")),
        case(
            "member-parent-within",
            Forge::good().file("objects/../../evil", b"x").bundle(),
            refused("objects/../../evil", "its name has `..`"),
        ),
        case(
            "member-absolute",
            Forge::good().file("/tmp/evil", b"x").bundle(),
            refused("/tmp/evil", "its name is absolute"),
        ),
        case(
            "member-symlink",
            Forge::good().header(linked(b"objects/link", EntryType::Symlink, "/etc"), b"").bundle(),
            refused("objects/link", "it is a symbolic link"),
        ),
        case(
            "member-symlink-in-two-steps",
            Forge::head()
                .header(linked(b"objects", EntryType::Symlink, "../outside"), b"")
                .file(&name, CONTENT)
                .bundle(),
            refused("objects", "it is a symbolic link"),
        ),
        case(
            "member-hardlink",
            Forge::good().header(linked(b"objects/hard", EntryType::Link, "../outside/secret"), b"").bundle(),
            refused("objects/hard", "it is a hard link"),
        ),
        case("member-device-char", device(EntryType::Char), refused("objects/device", "it is a device")),
        case("member-device-block", device(EntryType::Block), refused("objects/device", "it is a device")),
        case(
            "member-fifo",
            Forge::good().member(b"objects/pipe", EntryType::Fifo, b"").bundle(),
            refused("objects/pipe", "it is a FIFO"),
        ),
        case(
            "member-folder",
            Forge::good().member(b"objects/", EntryType::Directory, b"").bundle(),
            refused("objects/", "it is a folder"),
        ),
        case(
            "member-unknown-kind",
            Forge::good().member(b"objects/what", EntryType::new(b'V'), b"").bundle(),
            refused("objects/what", "it is of an unknown kind"),
        ),
        case("member-setuid", setuid(0o4755), refused(&name, "it has setuid, setgid or sticky bits")),
        case("member-setgid", setuid(0o2755), refused(&name, "it has setuid, setgid or sticky bits")),
        case("member-twice", Forge::good().file(&name, CONTENT).bundle(), refused(&name, "it is there twice")),
        case(
            "member-case-collision",
            Forge::good().file(&upper, CONTENT).bundle(),
            refused(&upper, "it differs from another member by case alone"),
        ),
        case(
            "member-unlisted",
            Forge::good().file("objects/extra", b"x").bundle(),
            refused("objects/extra", "the manifest does not list it"),
        ),
        case("member-nul", Forge::head().header(nul, CONTENT).bundle(), refused(&name, "its name goes on after a NUL")),
        case(
            "member-not-text",
            Forge::good().member(b"objects/\xff\xfe", EntryType::Regular, b"").bundle(),
            refused("objects/\u{fffd}\u{fffd}", "its name is not UTF-8"),
        ),
        case("member-long", Forge::good().file(&long, b"").bundle(), refused(&long, "its name is too long")),
        case(
            "member-long-by-prefix",
            Forge::good().header(prefixed, b"").bundle(),
            refused("objects/x", "its name is too long"),
        ),
        case(
            "member-long-gnu",
            Forge::good().member(b"././@LongLink", EntryType::GNULongName, "x".repeat(5_000).as_bytes()).bundle(),
            refused("././@LongLink", "its name is too long"),
        ),
        case(
            "member-pax-size",
            Forge::head().member(b"pax", EntryType::XHeader, b"14 size=40000\n").file(&name, CONTENT).bundle(),
            refused("pax", "it is a PAX header, which could contradict the header that follows"),
        ),
        case(
            "member-pax-global",
            Forge::head().member(b"global", EntryType::XGlobalHeader, b"11 path=xx\n").file(&name, CONTENT).bundle(),
            refused("global", "it is a PAX header, which could contradict the header that follows"),
        ),
        case(
            "member-pax-sparse",
            Forge::head()
                .member(b"sparse", EntryType::XHeader, b"22 GNU.sparse.major=1\n")
                .file(&name, CONTENT)
                .bundle(),
            refused("sparse", "it is a PAX header, which could contradict the header that follows"),
        ),
        case(
            "member-sparse",
            Forge::good().member(b"objects/holes", EntryType::GNUSparse, b"").bundle(),
            refused("objects/holes", "it is a sparse file"),
        ),
        case(
            "manifest-twice",
            Forge::good().file("manifest.json", manifest().to_string().as_bytes()).bundle(),
            refused("manifest.json", "it is a second manifest"),
        ),
        case(
            "manifest-twice-at-once",
            Forge::head().file("manifest.json", manifest().to_string().as_bytes()).bundle(),
            refused("manifest.json", "it is a second manifest"),
        ),
        case(
            "manifest-not-first",
            Forge::empty().file(&name, CONTENT).file("manifest.json", manifest().to_string().as_bytes()).bundle(),
            format!("the archive begins with `{name}` and not with its manifest"),
        ),
        case(
            "signature-late",
            Forge::good().file("manifest.json.minisig", b"").bundle(),
            refused("manifest.json.minisig", "the manifest does not list it"),
        ),
    ]
}

/// Contents that are not what the manifest says.
fn contents() -> Vec<Case> {
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
fn bombs() -> Vec<Case> {
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

/// Paths that lead elsewhere, or to two things at once.
fn paths() -> Vec<Case> {
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
fn links() -> Vec<Case> {
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

/// Manifests that are none, or contradict themselves.
fn manifests() -> Vec<Case> {
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
fn deltas_and_plans() -> Vec<Case> {
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

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/bundle/hostile")
}

/// Opens and unpacks as an apply would, with the least that it could ask for.
fn attempt(bytes: &[u8], private: &Path) -> Result<(), BundleError> {
    let into = Dir::open_ambient_dir(private, ambient_authority()).expect("a folder");
    let old = Dir::open_ambient_dir(private.parent().expect("a parent").join("installed"), ambient_authority());
    let old = old.expect("a folder");
    let mut bundle = Bundle::new(Cursor::new(bytes.to_vec()), &unsigned())?;
    bundle.unpack(&Unpacking { into: &into, old: Some(&old), sync: false }, &mut Unwatched).map(|_| ())
}

/// What is around the private folder: more than any of the cases could know of.
fn surroundings() -> Desk {
    let desk = Desk::new();
    desk.tree("", "0644 outside/secret s\n0644 evil e\n0644 installed/app one\n0700 private /\n0644 objects/x x");
    desk
}

#[test]
fn each_is_refused_with_its_own_error_and_nothing_else_has_changed() {
    let mut wrong = Vec::new();
    for (name, bytes, expected) in CASES.iter() {
        let path = fixtures().join(format!("{name}.tar.gz"));
        if std::env::var_os("ALTERPLAN_WRITE_FIXTURES").is_some() {
            fs::create_dir_all(fixtures()).and_then(|()| fs::write(&path, bytes)).expect("a fixture");
        }
        let kept = fs::read(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        for bytes in [bytes, &kept] {
            let desk = surroundings();
            let before = listing(&desk.path(""));
            let refusal = attempt(bytes, &desk.path("private")).err().map(|why| why.to_string());
            // The place in a JSON document says nothing of the case.
            let refusal = refusal.map(|why| why.split(" at line ").next().unwrap_or_default().to_owned());
            if refusal.as_deref() != Some(expected.as_str()) {
                wrong.push(format!("{name}:\n  expected {expected}\n  found    {}", refusal.unwrap_or_default()));
            }
            let after: BTreeMap<String, String> =
                listing(&desk.path("")).into_iter().filter(|(path, _)| !path.starts_with("private/")).collect();
            assert_eq!(after, before, "{name}");
            let inside = listing(&desk.path("private"));
            assert!(!inside.values().any(|what| what.starts_with("->")), "{name}: {inside:?}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fixture_has_its_case() {
    let names: BTreeSet<String> = CASES.iter().map(|(name, ..)| format!("{name}.tar.gz")).collect();
    assert_eq!(names.len(), CASES.len(), "names are unique");
    let files = fs::read_dir(fixtures()).expect("fixtures").map(|e| e.expect("an entry").file_name());
    let files: BTreeSet<String> = files.map(|name| name.to_string_lossy().into_owned()).collect();
    assert_eq!(files, names);
}

#[test]
fn what_the_cases_begin_with_is_good() {
    let desk = surroundings();
    attempt(&Forge::good().bundle(), &desk.path("private")).expect("it unpacks");
    assert_eq!(
        listing(&desk.path("private/files")).into_iter().collect::<Vec<_>>(),
        [("app".to_owned(), "0644 two\n".to_owned())]
    );
    // GNU tar's ending, which fills up a record, is good too.
    let mut tar = Forge::good().tar();
    tar.resize(10_240, 0);
    attempt(&gzip(&tar), &surroundings().path("private")).expect("it unpacks");
}

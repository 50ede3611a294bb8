//! Release manifests: what they may say, and what follows.

use alterplan::bundle::{BundleError, Release, Strategy, Version};
use serde_json::{Value, json};

use crate::forge::with;

fn release() -> Value {
    let package = |name: &str, digit: &str| json!({ "url": format!("https://example.com/{name}"), "hash": format!("sha256:{}", digit.repeat(64)) });
    let patch = |name: &str, digit: &str| {
        let package = package(name, digit);
        let package = with(package, "/operations", json!({ "replace": { "files": ["app"] }, "delete": ["old.txt"] }));
        with(package, "/notes", json!("a fix"))
    };
    json!({
        "version": "v0.0.13.2",
        "release_date": "2026-01-02T03:04:05Z",
        "release_notes": "fixes",
        "packages": { "full": package("any.tar.gz", "1"), "patch": null },
        "platforms": { "x86_64": package("x86.tar.gz", "2"), "aarch64": package("arm.tar.gz", "3") },
        "patch": { "x86_64": patch("x86-patch.tar.gz", "4") },
        "channel": "stable",
        "rollout": { "share": 8.88888888888889e77, "seed": 18_446_744_073_709_551_615u64 },
    })
}

fn parse(value: &Value) -> Result<Release, BundleError> {
    Release::parse(value.to_string().as_bytes())
}

#[test]
fn what_is_not_known_is_kept() {
    let release = parse(&release()).expect("a release");
    let written: Value = serde_json::from_str(&release.write().expect("text")).expect("JSON");
    assert_eq!((&written["channel"], &written["version"]), (&json!("stable"), &json!("0.0.13.2")));
    assert_eq!(written["rollout"].to_string(), r#"{"seed":18446744073709551615,"share":8.88888888888889e+77}"#);
    assert_eq!(written["patch"]["x86_64"]["operations"]["delete"], json!(["old.txt"]));
}

#[test]
fn what_is_wrong_is_refused() {
    let refusal = |place: &str, value: Value| {
        let refused = parse(&with(release(), place, value)).expect_err(place).to_string();
        refused.split(" at line ").next().unwrap_or_default().to_owned()
    };
    let digest = |digit: &str| json!(format!("sha256:{}", digit.repeat(64)));
    for (place, value, expected) in [
        (
            "/version",
            json!("13"),
            "the release manifest is refused: `13` is not a version: major.minor.patch or major.minor.patch.build is",
        ),
        (
            "/expires",
            json!("2025-12-31"),
            "the release manifest contradicts itself: it expires on 2025-12-31, before it was made on 2026-01-02T03:04:05Z",
        ),
        (
            "/release_date",
            json!("yesterday"),
            "the release manifest is refused: `yesterday` is no date: 2026-01-31 and 2026-01-31T12:00:00Z are",
        ),
        (
            "/patch/version",
            json!("0.0.14.1"),
            "the release manifest contradicts itself: its patches lead to 0.0.14.1, and it is 0.0.13.2",
        ),
        (
            "/patch/version",
            json!("0.0.13.3"),
            "the release manifest contradicts itself: its patches lead to 0.0.13.3, and it is 0.0.13.2",
        ),
        (
            "/patch/version",
            json!("0.0.13"),
            "the release manifest contradicts itself: its patches lead to 0.0.13, which is a full release",
        ),
        ("/patch/x86_64/hash", json!("4".repeat(64)), "the release manifest is refused: a hash begins with `sha256:`"),
        ("/patch/x86_64/hash", Value::Null, "the release manifest is refused: the patch for `x86_64` has no hash"),
        (
            "/patch/x86_64/signature",
            json!("aGVsbG8="),
            "a signature in the release manifest does not hold: Invalid encoding in minisign data",
        ),
        (
            "/patch/x86_64/url",
            json!("https://example.com/any.tar.gz"),
            "the release manifest contradicts itself: `https://example.com/any.tar.gz` has two hashes",
        ),
        (
            "/patch/x86_64/url",
            json!("file:///etc/passwd"),
            "the release manifest is refused: patch.x86_64: its url is neither https nor http",
        ),
        (
            "/patch/x86_64/url",
            json!("../x.tar.gz"),
            "the release manifest is refused: patch.x86_64: its url is a path that leads elsewhere",
        ),
        (
            "/patch/x86_64/operations",
            json!({ "replace": { "files": ["../x"] } }),
            "the release manifest is refused: the path `../x` is refused: it has `..`",
        ),
        (
            "/platforms/x86_64",
            json!({ "url": "https://example.com/x86-patch.tar.gz", "hash": digest("4") }),
            "the release manifest contradicts itself: the full package and the patch for `x86_64` are one file",
        ),
    ] {
        assert_eq!(refusal(place, value), expected, "{place}");
    }
    let expired = parse(&with(release(), "/expires", json!("2026-02-01"))).expect("a release");
    assert!(expired.check_time(1_769_904_000).is_ok());
    let refusal = expired.check_time(1_769_904_001).expect_err("its time is over");
    assert!(refusal.is_refusal());
    assert_eq!(refusal.to_string(), "the release manifest is expired since 2026-02-01");
}

#[test]
fn the_strategy_follows_from_base_and_current_version() {
    let release = release();
    let legacy = with(with(release.clone(), "/platforms", json!({})), "/patch", Value::Null);
    let follow = |release: &Value, current: &str, platform: &str| {
        let current: Option<Version> = (!current.is_empty()).then(|| current.parse().expect("a version"));
        match parse(release).expect("a release").strategy(current, platform) {
            Ok(Strategy::NoUpgrade) => "nothing".to_owned(),
            Ok(Strategy::Full(upgrade)) => format!("full {}", upgrade.version),
            Ok(Strategy::Patch(upgrade)) => format!("patch {}", upgrade.version),
            Ok(Strategy::Legacy(upgrade)) => format!("legacy {}", upgrade.version),
            Err(why) => why.to_string(),
        }
    };
    for (current, platform, expected) in [
        ("0.0.13.2", "x86_64", "nothing"),
        ("0.0.13.3", "x86_64", "nothing"),
        ("0.0.14", "x86_64", "nothing"),
        ("0.0.13", "x86_64", "patch 0.0.13.2"),
        ("0.0.13.1", "x86_64", "patch 0.0.13.2"),
        ("0.0.12.9", "x86_64", "full 0.0.13"),
        ("", "x86_64", "full 0.0.13"),
        ("0.0.12", "aarch64", "full 0.0.13"),
        ("0.0.13", "aarch64", "the release has no package for `aarch64`"),
        ("0.0.12", "riscv64", "the release has no package for `riscv64`"),
    ] {
        assert_eq!(follow(&release, current, platform), expected, "{current} {platform}");
    }
    assert_eq!(follow(&legacy, "0.0.12", "riscv64"), "legacy 0.0.13");
}

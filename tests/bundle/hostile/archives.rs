//! Archives that are not what they seem: their compression, and their members.

use tar::EntryType;

use super::{Case, case};
use crate::forge::{CONTENT, Forge, gzip, header, manifest, object};

/// The ways in which a gzip file can be more, less or other than one member.
pub(super) fn gzips() -> Vec<Case> {
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
pub(super) fn members() -> Vec<Case> {
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

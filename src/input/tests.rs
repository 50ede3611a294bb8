//! Folders, packed text and the names of places.

use std::io::Write as _;

use super::room::Room;
use super::*;

fn names(sources: &[Source], below: &Path) -> Vec<String> {
    let root = below.display().to_string();
    sources
        .iter()
        .map(|s| format!("{}: {}", s.name.replace(&root, "").replace('\\', "/"), String::from_utf8_lossy(&s.text)))
        .collect()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn a_folder_is_read_in_the_order_of_paths() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    fs::create_dir_all(root.join("b/c")).expect("folders");
    for (name, text) in [("b/c/2.sql", "2"), ("b.sql", "b"), ("Z.SQL", "Z"), ("notes.txt", "-"), ("a.sql", "a")] {
        fs::write(root.join(name), text).expect("files");
    }
    fs::write(root.join("b/1.sql.gz"), gzip("1")).expect("files");
    #[cfg(unix)]
    std::os::unix::fs::symlink(root, root.join("b/loop")).expect("a link");
    let sources = read(&Place::Path(root.to_owned()), &mut std::io::empty(), &mut |_| {}).expect("readable").sources;
    assert_eq!(names(&sources, root), ["/Z.SQL: Z", "/a.sql: a", "/b.sql: b", "/b/1.sql.gz: 1", "/b/c/2.sql: 2"]);
}

#[test]
fn what_is_packed_is_known_by_its_bytes() {
    let mut two = gzip("create table ");
    two.extend(gzip("t (a int)"));
    let read = |bytes: Vec<u8>| {
        decode::text(bytes, "x").map(|text| String::from_utf8_lossy(&text).into_owned()).map_err(|e| e.to_string())
    };
    assert_eq!(read(two.clone()).as_deref(), Ok("create table t (a int)"));
    assert_eq!(read(two[..30].to_vec()), Err("cannot unpack `x`: unexpected end of file".to_owned()));
    assert_eq!(read(b"\xff\xfea\0\xe9\0".to_vec()).as_deref(), Ok("a\u{e9}"));
    assert_eq!(read(b"\xfe\xff\0a".to_vec()).as_deref(), Ok("a"));
    assert_eq!(read(b"\xff".to_vec()).as_deref(), Ok("\u{fffd}"));
}

#[test]
fn a_long_text_is_read_up_to_where_it_is_told() {
    let text: Vec<u8> = (0..700_001_u32).map(|number| (number % 251) as u8).collect();
    for (most, expected) in [(text.len() - 1, text.len() - 1), (text.len(), text.len()), (text.len() + 1, text.len())] {
        for size in [0, most / 2, most, 4 * most] {
            let mut decoded = decode::Decoded::new(std::io::Cursor::new(text.clone())).expect("memory");
            let mut room = Room::of(size);
            assert_eq!(room.read(&mut decoded, most).expect("memory"), expected);
            assert!(room[..] == text[..expected], "up to {most} in {size}");
        }
    }
}

#[test]
fn places() {
    let parse = |text: &str| Place::parse(OsStr::new(text)).map_err(|e| e.to_string());
    assert_eq!(parse("-"), Ok(Place::Stdin));
    assert_eq!(parse("empty:"), Ok(Place::Empty));
    assert_eq!(parse("nowhere.sql"), Ok(Place::Path("nowhere.sql".into())));
    assert_eq!(parse("mysql://me:secret@db/x").map(|place| place.name()), Ok("mysql://me@db:3306/x".to_owned()));
    assert_eq!(parse("ftp://me:secret@db/x"), Err("`ftp:` is not a kind of source that can be read".to_owned()));
    for (given, name) in [
        ("git:HEAD:schema/", "git:HEAD:schema"),
        ("git::a/b.sql", "git::a/b.sql"),
        ("git:HEAD^{/fix: it}:a:b.sql", "git:HEAD^{/fix: it}:a:b.sql"),
        ("git:main:", "git:main:"),
        ("git:main:.", "git:main:./"),
    ] {
        assert_eq!(parse(given).map(|place| place.name()).as_deref(), Ok(name));
    }
    for (given, why) in [
        ("git:HEAD", "expected git:REV:PATH, or git::PATH for the index"),
        ("git:--all:a.sql", "a revision does not begin with `-`"),
    ] {
        assert_eq!(parse(given), Err(format!("cannot read `{given}`: {why}")));
    }
    let error = read(&Place::Path("nowhere.sql".into()), &mut std::io::empty(), &mut |_| {}).map_err(|e| e.to_string());
    assert_eq!(error.map(|_| ()), Err("cannot read `nowhere.sql`: no such file or directory".to_owned()));
}

/// A reader that gives what it has in small portions, as a pipe does.
struct Dribble(std::io::Cursor<Vec<u8>>);

impl Read for Dribble {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(997);
        self.0.read(&mut buffer[..most])
    }
}

fn poured(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    let stream = open(&Place::Stdin, Dribble(std::io::Cursor::new(bytes))).map_err(|e| e.to_string())?;
    let mut text = Vec::new();
    for stream in stream {
        assert!(stream.head().len() <= WHOLE);
        stream.pour(3, |piece| text.extend_from_slice(&piece[3..])).map_err(|e| e.to_string())?;
    }
    Ok(text)
}

#[test]
fn a_long_text_comes_in_pieces_however_it_is_stored() {
    let text = "insert into t values ('\u{1f600}\u{e9}');\n".repeat(WHOLE / 30);
    assert!(text.len() > WHOLE);
    assert!(poured(text.clone().into_bytes()) == Ok(text.clone().into_bytes()));
    assert!(poured(gzip(&text)) == Ok(text.clone().into_bytes()));
    let wide: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert!(poured(wide) == Ok(text.clone().into_bytes()));
    let packed = gzip(&text);
    let cut = poured(packed[..packed.len() - 100].to_vec());
    assert_eq!(cut.map(|text| text.len()), Err("cannot unpack `<stdin>`: incomplete deflate stream".to_owned()));
    assert_eq!(poured(b"short".to_vec()), Ok(b"short".to_vec()));
    assert_eq!(poured(Vec::new()), Ok(Vec::new()));
}

#[test]
fn a_folder_keeps_no_file_open() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = "-- a line\n".repeat(100_000);
    fs::write(folder.path().join("a.sql"), &text).expect("files");
    let streams = open(&Place::Path(folder.path().to_owned()), std::io::empty()).expect("readable");
    assert!(format!("{streams:?}").contains("closed"));
    let whole: Vec<usize> =
        streams.into_iter().map(|s| s.into_whole().expect("readable").map_or(0, |s| s.text.len())).collect();
    assert_eq!(whole, [text.len()]);
}

#[test]
fn a_long_file_of_definitions_is_whole_up_to_its_rows() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let stream = |text: &str| {
        let path = folder.path().join("dump.sql");
        fs::write(&path, text).expect("files");
        open(&Place::Path(path), std::io::empty()).expect("readable").remove(0)
    };
    let definitions = "create table t (a int);\n".repeat(3 * WHOLE / 24);
    assert!(!stream(&definitions).goes_on());
    assert!(stream(&definitions).into_whole().expect("readable").is_ok_and(|s| s.text == definitions.as_bytes()));
    for late in [1, definitions.len() / 2, definitions.len() - 30] {
        let late = late + definitions[late..].find('\n').unwrap_or_default() + 1;
        let text = format!("{}INSERT INTO t VALUES (1);\n{}", &definitions[..late], &definitions[late..]);
        let stream = stream(&text);
        assert!(stream.goes_on() || late + WHOLE > text.len());
        assert!(stream.head().len() <= late + 2 * WHOLE);
        let mut poured = Vec::new();
        stream.pour(3, |piece| poured.extend_from_slice(&piece[3..])).expect("readable");
        assert!(poured == text.as_bytes());
    }
}

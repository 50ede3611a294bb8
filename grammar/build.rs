//! Turns the tables of `grammar/` into Rust, so that the grammar compares integers and not strings.
//!
//! `keywords.tsv` becomes `keywords.rs`: one constant a word, its reservation by target, and an
//! open-addressing table from a word's text to its number. `types.tsv` becomes `types.rs`: the
//! spellings of each data type, by their first word. `charsets.tsv` and `collations.tsv` become
//! `collations.rs`: two tables that refer to each other by number. `functions.tsv`, `natives.tsv` and
//! `online_ddl.tsv` (with `online_beside.tsv`) become tables in the order of their first column, to be searched by halving: a process
//! that asks them once pays for no reading.
//!
//! It also tells how the program is linked.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "../src/syntax/keyword/hash.rs"]
mod hash;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    println!("cargo::rerun-if-changed=grammar");
    println!("cargo::rerun-if-changed=src/syntax/keyword/hash.rs");
    let out = env::var("OUT_DIR")?;
    let keywords = Table::read("grammar/keywords.tsv")?;
    let types = Table::read("grammar/types.tsv")?;
    fs::write(Path::new(&out).join("keywords.rs"), keyword_source(&keywords)?)?;
    fs::write(Path::new(&out).join("types.rs"), type_source(&types, &keywords)?)?;
    let (charsets, collations) = (Table::read("grammar/charsets.tsv")?, Table::read("grammar/collations.tsv")?);
    fs::write(Path::new(&out).join("collations.rs"), collation_source(&charsets, collations)?)?;
    let (functions, natives) = (Table::read("grammar/functions.tsv")?, Table::read("grammar/natives.tsv")?);
    fs::write(Path::new(&out).join("functions.rs"), function_source(functions, natives)?)?;
    let (online, beside) = (Table::read("grammar/online_ddl.tsv")?, Table::read("grammar/online_beside.tsv")?);
    fs::write(Path::new(&out).join("online_ddl.rs"), online_source(online)? + &beside_source(beside)?)?;
    tell_linker();
    Ok(())
}

/// Has the program start as fast as a shell's loop over many files would have it, where the system is Linux with glibc.
///
/// The unwinder is linked in, and not one library more loaded. The release build lies at a fixed address, so that none of its
/// thirty thousand pointers has to be adjusted, and no page copied for that, before `main`. What that gives up is
/// that the program's own code lies where nobody can guess it; libraries, stack and heap still do. With `ALTERPLAN_PIE` in the
/// environment it is built as a position-independent executable.
fn tell_linker() {
    println!("cargo::rerun-if-env-changed=ALTERPLAN_PIE");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let is_static = env::var("CARGO_CFG_TARGET_FEATURE").is_ok_and(|all| all.split(',').any(|one| one == "crt-static"));
    let is_program = env::var_os("CARGO_FEATURE_CLI").is_some();
    if !is_program || is_static || !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return;
    }
    if has_unwinder() {
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
    if !is("PROFILE", "release") {
        return;
    }
    if env::var_os("ALTERPLAN_PIE").is_none() {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
    println!("cargo::rerun-if-changed=benches/order.ld");
    if let Some(order) = order_that_links() {
        println!("cargo::rustc-link-arg-bins={order}");
    }
}

/// The linker's argument that lays what every run calls side by side, so that a start brings in a tenth of the pages.
/// `None` where the linker does not take the script (mold and gold do not).
fn order_that_links() -> Option<String> {
    let out = PathBuf::from(env::var_os("OUT_DIR")?);
    let (tried, program) = (out.join("tried.rs"), out.join("tried"));
    fs::write(&tried, "fn main() {}").ok()?;
    let order = format!("-T{}", fs::canonicalize("benches/order.ld").ok()?.to_str()?);
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let mut rustc = Command::new(env::var_os("RUSTC")?);
    rustc.args(flags.split('\x1f').filter(|flag| !flag.is_empty())).arg("--target").arg(env::var_os("TARGET")?);
    if let Ok(linker) = env::var("RUSTC_LINKER") {
        rustc.arg(format!("-Clinker={linker}"));
    }
    let tried = rustc.args(["-C", &format!("link-arg={order}"), "-o"]).arg(program).arg(tried).output().ok()?;
    tried.status.success().then_some(order)
}

/// Whether the linker that will be called has GCC's unwinder as an archive.
fn has_unwinder() -> bool {
    let linker = match env::var_os("RUSTC_LINKER") {
        Some(linker) => linker,
        None if env::var("HOST") == env::var("TARGET") => "cc".into(),
        None => return false,
    };
    let asked = Command::new(linker).arg("-print-file-name=libgcc_eh.a").output();
    // Where it has none, it says the name as it was asked for.
    asked.is_ok_and(|said| Path::new(String::from_utf8_lossy(&said.stdout).trim()).is_absolute())
}

/// A tab-separated file: `#` lines are comments, the first other line names the columns.
struct Table {
    path: &'static str,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn read(path: &'static str) -> Outcome<Self> {
        let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
        let mut lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let split = |line: &str| line.split('\t').map(str::to_owned).collect::<Vec<_>>();
        let columns = lines.next().map(split).ok_or_else(|| format!("{path}: no header"))?;
        Ok(Self { path, columns, rows: lines.map(split).collect() })
    }

    fn cell<'t>(&self, row: &'t [String], column: &str) -> Outcome<&'t str> {
        let at = self.columns.iter().position(|name| name == column);
        let at = at.ok_or_else(|| format!("{}: no column {column}", self.path))?;
        Ok(row.get(at).ok_or_else(|| format!("{}: short row {row:?}", self.path))?)
    }

    /// A table of Rust: a line of source for each row, in the order of the first column, as written where that is equal.
    fn sorted(
        mut self,
        name: &str,
        kind: &str,
        source: impl Fn(&Self, &[String]) -> Outcome<String>,
    ) -> Outcome<String> {
        self.rows.sort_by(|a, b| a[0].cmp(&b[0]));
        let rows = self.rows.iter().map(|row| Ok(format!("    {},\n", source(&self, row)?)));
        let rows = rows.collect::<Outcome<String>>()?;
        Ok(format!("static {name}: [{kind}; {}] = [\n{rows}];\n", self.rows.len()))
    }
}

/// The number of a version as conditional comments count it; `-` is beyond all of them.
fn version(text: &str) -> Outcome<u32> {
    if text == "-" {
        return Ok(u32::MAX);
    }
    let mut number = 0;
    let mut parts = text.split('.');
    for _ in 0..3 {
        number = number * 100 + parts.next().unwrap_or("0").parse::<u32>()?;
    }
    Ok(number)
}

fn keyword_source(table: &Table) -> Outcome<String> {
    let count = table.rows.len() + 1;
    let slots = (count * 4).next_power_of_two();
    let mut addresses = vec![0_u16; slots];
    let (mut constants, mut words, mut reserved) = (String::new(), String::new(), String::new());
    let mut longest = 0;
    for (index, row) in table.rows.iter().enumerate() {
        let (word, number) = (table.cell(row, "word")?, index + 1);
        longest = longest.max(word.len());
        writeln!(constants, "    pub(crate) const {word}: Self = Self({number});")?;
        writeln!(words, "    {word:?},")?;
        let range = |since, until| -> Outcome<(u32, u32)> {
            Ok((version(table.cell(row, since)?)?, version(table.cell(row, until)?)?))
        };
        let mysql = range("mysql_reserved_since", "mysql_reserved_until")?;
        let mariadb = range("mariadb_reserved_since", "mariadb_reserved_until")?;
        let listed = (version(table.cell(row, "mysql_since")?)?, version(table.cell(row, "mariadb_since")?)?);
        writeln!(reserved, "    Word {{ listed: {listed:?}, mysql: {mysql:?}, mariadb: {mariadb:?} }},")?;
        let mut slot = hash::hash(word.as_bytes()) as usize % slots;
        while addresses[slot] != 0 {
            slot = (slot + 1) % slots;
        }
        addresses[slot] = u16::try_from(number)?;
    }
    Ok(format!(
        "#[expect(dead_code, reason = \"the table has words that the DDL grammar does not need\")]\n\
         impl Keyword {{\n{constants}}}\n\n\
         pub(super) const LONGEST: usize = {longest};\n\n\
         static WORDS: [&str; {count}] = [\n    \"\",\n{words}];\n\n\
         static VERSIONS: [Word; {count}] = [\n    Word {{ listed: (u32::MAX, u32::MAX), mysql: (u32::MAX, 0), mariadb: (u32::MAX, 0) }},\n{reserved}];\n\n\
         static ADDRESSES: [u16; {slots}] = {addresses:?};\n"
    ))
}

fn type_source(types: &Table, keywords: &Table) -> Outcome<String> {
    let mut known = BTreeMap::new();
    for (index, row) in keywords.rows.iter().enumerate() {
        known.insert(keywords.cell(row, "word")?, index + 1);
    }
    // By first word; of spellings that begin alike, the longest is tried first.
    let mut spellings: BTreeMap<usize, Vec<(Vec<&str>, String)>> = BTreeMap::new();
    for row in &types.rows {
        let words: Vec<&str> = types.cell(row, "spelling")?.split(' ').collect();
        let missing = words.iter().find(|word| !known.contains_key(**word));
        if let Some(word) = missing {
            return Err(format!("{}: `{word}` is not in {}", types.path, keywords.path).into());
        }
        let rest: Vec<String> = words[1..].iter().map(|word| format!("Keyword::{word}")).collect();
        let source = format!(
            "Spelling {{ rest: &[{}], name: TypeName::{}, parameters: Parameters::{}, national: {}, mysql_since: {}, mariadb_since: {} }}",
            rest.join(", "),
            type_name(types, row)?,
            parameters(types.cell(row, "params")?)?,
            matches!(words[0], "NATIONAL" | "NCHAR" | "NVARCHAR"),
            version(types.cell(row, "mysql_since")?)?,
            version(types.cell(row, "mariadb_since")?)?,
        );
        spellings.entry(known[words[0]]).or_default().push((words, source));
    }
    let mut first = vec![0_u16; keywords.rows.len() + 2];
    let mut rows = String::new();
    let mut total = 0_u16;
    for (number, start) in first.iter_mut().enumerate() {
        *start = total;
        let mut of_word = spellings.remove(&number).unwrap_or_default();
        of_word.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        for (_, source) in of_word {
            writeln!(rows, "    {source},")?;
            total += 1;
        }
    }
    first.push(total);
    Ok(format!(
        "static SPELLINGS: [Spelling; {total}] = [\n{rows}];\n\n\
         /// Where the spellings that begin with each keyword start.\n\
         static FIRST: [u16; {}] = {first:?};\n",
        first.len()
    ))
}

/// The variant of `TypeName` that a row means.
fn type_name(types: &Table, row: &[String]) -> Outcome<&'static str> {
    // Three spellings mean more than the type that a server stores for them.
    match types.cell(row, "spelling")? {
        "BOOL" | "BOOLEAN" => return Ok("Boolean"),
        "SERIAL" => return Ok("Serial"),
        "REAL" => return Ok("Real"),
        _ => {}
    }
    let canonical = match types.cell(row, "canonical")? {
        "-" => types.cell(row, "canonical_mariadb")?,
        canonical => canonical,
    };
    const NAMES: [(&str, &str); 41] = [
        ("tinyint", "TinyInt"),
        ("smallint", "SmallInt"),
        ("mediumint", "MediumInt"),
        ("int", "Int"),
        ("bigint", "BigInt"),
        ("decimal", "Decimal"),
        ("float", "Float"),
        ("double", "Double"),
        ("bit", "Bit"),
        ("year", "Year"),
        ("date", "Date"),
        ("time", "Time"),
        ("datetime", "DateTime"),
        ("timestamp", "Timestamp"),
        ("char", "Char"),
        ("varchar", "Varchar"),
        ("binary", "Binary"),
        ("varbinary", "Varbinary"),
        ("tinytext", "TinyText"),
        ("text", "Text"),
        ("mediumtext", "MediumText"),
        ("longtext", "LongText"),
        ("tinyblob", "TinyBlob"),
        ("blob", "Blob"),
        ("mediumblob", "MediumBlob"),
        ("longblob", "LongBlob"),
        ("enum", "Enum"),
        ("set", "Set"),
        ("json", "Json"),
        ("geometry", "Geometry"),
        ("point", "Point"),
        ("linestring", "LineString"),
        ("polygon", "Polygon"),
        ("multipoint", "MultiPoint"),
        ("multilinestring", "MultiLineString"),
        ("multipolygon", "MultiPolygon"),
        ("geomcollection", "GeometryCollection"),
        ("vector", "Vector"),
        ("uuid", "Uuid"),
        ("inet4", "Inet4"),
        ("inet6", "Inet6"),
    ];
    let name = NAMES.iter().find(|(text, _)| *text == canonical);
    Ok(name.ok_or_else(|| format!("{}: no TypeName for `{canonical}`", types.path))?.1)
}

/// The variant of `Parameters` that the column `params` means.
fn parameters(text: &str) -> Outcome<&'static str> {
    Ok(match text {
        "-" => "None",
        "[width]" | "[length]" | "[fraction]" => "OptionalLength",
        "length" => "Length",
        "[precision[,scale]]" => "PrecisionScale",
        "[length,decimals]" => "LengthDecimals",
        "[precision]|[length,decimals]" => "PrecisionOrDecimals",
        "members" => "Members",
        _ => return Err(format!("types.tsv: unknown parameters `{text}`").into()),
    })
}

fn collation_source(charsets: &Table, mut collations: Table) -> Outcome<String> {
    collations.rows.sort();
    let names: Vec<&str> =
        collations.rows.iter().map(|row| collations.cell(row, "collation")).collect::<Outcome<_>>()?;
    // A charset that a vendor lacks has no default there.
    let index = |name: &str| names.binary_search(&name).unwrap_or(usize::from(u16::MAX));
    let mut out = String::from("pub(super) static CHARSETS: &[CharsetRow] = &[\n");
    let mut numbers = BTreeMap::new();
    for (number, row) in charsets.rows.iter().enumerate() {
        let cell = |column| charsets.cell(row, column);
        let name = cell("charset")?;
        numbers.insert(name, number);
        let binary = if name == "binary" { name.to_owned() } else { format!("{name}_bin") };
        writeln!(
            out,
            "    CharsetRow {{ name: {name:?}, maxlen: {}, mysql_since: {}, mariadb_since: {}, defaults: [{}, {}, {}, {}], binary: {} }},",
            cell("maxlen")?,
            version(cell("mysql_since")?)?,
            version(cell("mariadb_since")?)?,
            index(cell("mysql57_default")?),
            index(cell("mysql_default")?),
            index(cell("mariadb_default")?),
            index(cell("mariadb_uca_default")?),
            index(&binary),
        )?;
    }
    out.push_str("];\n\npub(super) static COLLATIONS: &[CollationRow] = &[\n");
    for row in &collations.rows {
        let cell = |column| collations.cell(row, column);
        let charset = cell("charset")?;
        let number = numbers
            .get(charset)
            .ok_or_else(|| format!("{}: {charset} is not in {}", collations.path, charsets.path))?;
        writeln!(
            out,
            "    CollationRow {{ name: {:?}, charset: {number}, mysql_since: {}, mariadb_since: {} }},",
            cell("collation")?,
            version(cell("mysql_since")?)?,
            version(cell("mariadb_since")?)?,
        )?;
    }
    out.push_str("];\n");
    Ok(out)
}

fn function_source(functions: Table, natives: Table) -> Outcome<String> {
    let functions = functions.sorted("ROWS", "(&str, Row)", |table, row| {
        let cell = |column| table.cell(row, column);
        let (name, mysql, mariadb) = (cell("function")?, cell("mysql")?, cell("mariadb")?);
        let (new, flags) = (cell("mariadb_since_11_8")?, cell("flags")?);
        Ok(format!(
            "({name:?}, Row {{ mysql: {mysql:?}, mariadb: {mariadb:?}, mariadb_new: {new:?}, flags: {flags:?} }})"
        ))
    })?;
    let natives = natives.sorted("NATIVES", "(&str, [&str; 5])", |table, row| {
        let cell = |column| table.cell(row, column);
        let (mysql, mariadb) = (cell("mysql_arguments")?, cell("mariadb_arguments")?);
        let types = cell("mariadb_types")?;
        Ok(format!("({:?}, {:?})", cell("function")?, [cell("mysql")?, cell("mariadb")?, mysql, mariadb, types]))
    })?;
    Ok(functions + &natives)
}

fn online_source(table: Table) -> Outcome<String> {
    table.sorted("ROWS", "(&str, Row)", |table, row| {
        let cell = |column| table.cell(row, column);
        let one_of = |column, known: &[(&str, &'static str)]| -> Outcome<&'static str> {
            let text = cell(column)?;
            let found = known.iter().find(|(spelling, _)| *spelling == text);
            Ok(found.ok_or_else(|| format!("{}: `{text}` in {row:?}", table.path))?.1)
        };
        let vendor = one_of("vendor", &[("mysql", "MySql"), ("mariadb", "MariaDb")])?;
        let algorithm =
            one_of("algorithm", &[("instant", "Instant"), ("inplace", "Inplace"), ("copy", "Copy")])?;
        let lock = one_of("lock", &[("none", "None"), ("shared", "Shared"), ("exclusive", "Exclusive")])?;
        let rebuilds = one_of("rebuild", &[("0", "false"), ("1", "true")])?;
        let versions = Some(cell("versions")?).filter(|count| *count != "-").map(str::parse::<u32>).transpose()?;
        one_of("source", &["server", "manual", "recalled", "reasoned"].map(|source| (source, "")))?;
        Ok(format!(
            "({:?}, Row {{ vendor: Vendor::{vendor}, since: {}, until: {}, cost: Cost {{ algorithm: Algorithm::{algorithm}, \
             lock: Lock::{lock}, rebuilds: {rebuilds} }}, group: {:?}, versions: {versions:?} }})",
            cell("change")?,
            version(cell("since")?)?,
            version(cell("until")?)?,
            cell("group")?,
        ))
    })
}

fn beside_source(table: Table) -> Outcome<String> {
    table.sorted("BESIDE", "Beside", |table, row| {
        let cell = |column| table.cell(row, column);
        let list = |column| Ok::<_, Box<dyn Error>>(cell(column)?.split(',').collect::<Vec<_>>());
        let vendor = match cell("vendor")? {
            "mysql" => "MySql",
            "mariadb" => "MariaDb",
            other => return Err(format!("{}: `{other}` in {row:?}", table.path).into()),
        };
        Ok(format!(
            "Beside {{ groups: &{:?}, vendor: Vendor::{vendor}, others: &{:?}, unless: &{:?}, kind: {:?} }}",
            list("groups")?,
            list("beside")?,
            list("unless")?,
            cell("kind")?,
        ))
    })
}

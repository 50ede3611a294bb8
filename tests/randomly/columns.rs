//! Tables of chance: columns of every type under every kind of key and collation, and what becomes of them.

use super::support::generated::Tape;

/// Charsets, each with some collations of its own; the first three are met most.
const CHARSETS: [&[&str]; 5] = [
    &["utf8mb4_general_ci", "utf8mb4_bin", "utf8mb4_unicode_ci"],
    &["utf8mb3_general_ci", "utf8mb3_bin", "utf8mb3_unicode_ci"],
    &["latin1_swedish_ci", "latin1_bin", "latin1_general_ci"],
    &["ascii_general_ci", "ascii_bin"],
    &["ucs2_general_ci", "ucs2_bin"],
];
const LENGTHS: [usize; 18] = [1, 5, 10, 20, 30, 50, 63, 64, 85, 86, 127, 128, 190, 191, 255, 256, 300, 500];
const TEXTS: [&str; 8] = ["tinytext", "text", "mediumtext", "longtext", "tinyblob", "blob", "mediumblob", "longblob"];
/// Types other than strings, by what they are like.
const FAMILIES: [&[&str]; 6] = [
    &["int", "int unsigned", "bigint", "smallint", "tinyint(1)", "int(5)", "int(9) unsigned zerofill"],
    &["decimal(10,2)", "decimal(12,2)", "decimal(10,3)", "double", "float", "double(10,2)", "decimal(10,2) unsigned"],
    &["date", "datetime", "datetime(3)", "timestamp", "timestamp(3)", "time", "time(2)", "year"],
    &["enum('a','b')", "enum('a','b','c')", "enum('b','a')", "enum('a')"],
    &["set('a','b')", "set('a','b','c')", "set('a','b','c','d','e','f','g','h','i')"],
    &["bit(1)", "bit(8)", "bit(9)"],
];
/// What is altered beside the columns; `{key}` is the table's key, if it has one.
const OTHERS: [&str; 21] = [
    "ADD COLUMN z int",
    "ADD COLUMN z varchar(20) NOT NULL",
    "ADD COLUMN z int AFTER id",
    "ADD COLUMN z int AS (n + 2) VIRTUAL",
    "ADD KEY kz (n)",
    "ADD UNIQUE KEY kz (id, n)",
    "DROP COLUMN n",
    "RENAME COLUMN n TO nn",
    "ALTER COLUMN n SET DEFAULT 7",
    "MODIFY n int NOT NULL DEFAULT 1",
    "COMMENT = 'c'",
    "AUTO_INCREMENT = 100",
    "ROW_FORMAT = DYNAMIC",
    "DROP PRIMARY KEY",
    "DROP PRIMARY KEY, ADD PRIMARY KEY (id, n)",
    "DROP PRIMARY KEY, DROP COLUMN id",
    "ADD PRIMARY KEY (id)",
    "DROP KEY k",
    "RENAME INDEX k TO kk",
    "DROP KEY k, ADD {key}",
    "DROP KEY k, ADD {primary}",
];
/// What else a table may have, and how many of a hundred do.
const EXTRAS: [(usize, &str); 5] = [
    (6, ", g int AS (n + 1) VIRTUAL"),
    (5, ", g int AS (n + 1) VIRTUAL, KEY kg (g)"),
    (5, ", g int AS (n + 1) STORED"),
    (4, ", g varchar(600) AS (concat(c)) STORED"),
    (5, ", CONSTRAINT ck CHECK (c IS NOT NULL OR id > 0)"),
];
const OPTIONS: [(usize, &str); 4] = [
    (5, " ROW_FORMAT=COMPRESSED"),
    (5, " ROW_FORMAT=REDUNDANT"),
    (4, " ENGINE=MyISAM"),
    (4, " PARTITION BY HASH (id) PARTITIONS 2"),
];

/// A table's script, and what follows `ALTER TABLE t`.
pub(crate) fn case(tape: &mut Tape<'_>) -> (String, String) {
    let default = any_collation(tape);
    let column = Column::new(tape, default);
    let key = key(tape, &column);
    let mut body = format!("id int NOT NULL, {}, n int DEFAULT 1", column.definition());
    body.push_str(match tape.below(10) {
        0..7 => ", PRIMARY KEY (id)",
        7 if !column.nullable && !column.is_blob() => ", PRIMARY KEY (c)",
        8 if !column.nullable && !column.is_blob() => ", PRIMARY KEY (id, c)",
        _ => "",
    });
    if let Some(key) = &key {
        body.push_str(&format!(", {key}"));
    }
    body.push_str(chosen(tape, &EXTRAS));
    let mut script = format!("CREATE TABLE t ({body}) {}{};\n", charset(default), chosen(tape, &OPTIONS));
    if tape.chance(60) {
        script.push_str("INSERT IGNORE INTO t (id) VALUES (1);\n");
    }

    let mut actions = Vec::new();
    let other = if tape.chance(35) { near(tape, default) } else { default };
    let mut changed = column.changed(tape);
    if other != default && tape.chance(70) {
        changed.collation = other;
    }
    if tape.chance(85) {
        let place = if tape.chance(6) { " FIRST" } else { "" };
        actions.push(format!("MODIFY {}{place}", changed.definition()));
    }
    if other != default {
        actions.push(charset(other));
    }
    if actions.is_empty() || tape.chance(35) {
        let key = key.unwrap_or_default();
        let primary = key.find('(').map_or(String::new(), |at| format!("PRIMARY KEY {}", &key[at..]));
        actions.push(pick(tape, &OTHERS).replace("{key}", &key).replace("{primary}", &primary));
    }
    (script, actions.join(", "))
}

/// One of the texts, each with how many of a hundred have it, or none.
fn chosen(tape: &mut Tape<'_>, list: &[(usize, &'static str)]) -> &'static str {
    let mut at = tape.below(100);
    for (share, text) in list {
        if at < *share {
            return text;
        }
        at -= share;
    }
    ""
}

fn pick(tape: &mut Tape<'_>, list: &[&'static str]) -> &'static str {
    list[tape.below(list.len())]
}

fn charset(collation: &str) -> String {
    let charset = collation.split('_').next().unwrap_or_default();
    format!("DEFAULT CHARACTER SET {charset} COLLATE {collation}")
}

fn any_collation(tape: &mut Tape<'_>) -> &'static str {
    let at = if tape.chance(90) { tape.below(3) } else { tape.below(CHARSETS.len()) };
    pick(tape, CHARSETS[at])
}

/// Another collation: of the same charset, or the one that ends alike in UTF-8, or any.
fn near(tape: &mut Tape<'_>, collation: &'static str) -> &'static str {
    let (charset, order) = collation.split_once('_').unwrap_or_default();
    let of_charset = |list: &&&[&'static str]| list[0].starts_with(&format!("{charset}_"));
    let alike = CHARSETS[0].iter().find(|known| known.ends_with(&format!("_{order}")));
    match (tape.below(3), CHARSETS.iter().find(of_charset), alike) {
        (0, Some(list), _) => pick(tape, list),
        (1, _, Some(alike)) => alike,
        _ => any_collation(tape),
    }
}

#[derive(Clone)]
struct Column {
    /// A place in [`FAMILIES`]; strings have none.
    family: Option<usize>,
    type_name: String,
    collation: &'static str,
    nullable: bool,
    default: bool,
    comment: bool,
}

impl Column {
    fn new(tape: &mut Tape<'_>, collation: &'static str) -> Self {
        let family = if tape.chance(55) { None } else { Some(tape.below(FAMILIES.len())) };
        let type_name = type_name(tape, family);
        let collation = if tape.chance(40) { any_collation(tape) } else { collation };
        Self { family, type_name, collation, nullable: tape.chance(50), default: tape.chance(40), comment: false }
    }

    fn has_charset(&self) -> bool {
        let name = self.type_name.split('(').next().unwrap_or_default();
        matches!(name, "char" | "varchar" | "enum" | "set") || name.ends_with("text")
    }

    fn is_blob(&self) -> bool {
        TEXTS.contains(&self.type_name.as_str())
    }

    fn definition(&self) -> String {
        let mut text = format!("c {}", self.type_name);
        if self.has_charset() {
            let charset = self.collation.split('_').next().unwrap_or_default();
            text.push_str(&format!(" CHARACTER SET {charset} COLLATE {}", self.collation));
        }
        text.push_str(if self.nullable { " NULL" } else { " NOT NULL" });
        let value = match self.family {
            _ if self.is_blob() => "",
            None => " DEFAULT ''",
            Some(0 | 1) => " DEFAULT 1",
            Some(2) => match self.type_name.split('(').next() {
                Some("date") => " DEFAULT '2020-01-01'",
                Some("time") => " DEFAULT '00:00:00'",
                Some("year") => " DEFAULT '2000'",
                _ => " DEFAULT '2020-01-01 00:00:00'",
            },
            Some(3 | 4) => " DEFAULT 'a'",
            Some(_) => " DEFAULT b'1'",
        };
        text.push_str(if self.default { value } else { "" });
        text.push_str(if self.comment { " COMMENT 'c'" } else { "" });
        text
    }

    /// The column with something else about it.
    fn changed(&self, tape: &mut Tape<'_>) -> Self {
        let mut new = self.clone();
        match tape.below(8) {
            0 | 1 => new.type_name = type_name(tape, self.family),
            2 | 3 => {
                new.collation = near(tape, self.collation);
                // The same type of another length.
                if let Some((name, _)) = self.type_name.split_once('(').filter(|_| self.family.is_none()) {
                    new.type_name = sized(tape, name);
                    new.collation = if tape.chance(70) { self.collation } else { new.collation };
                }
            }
            4 => new.collation = near(tape, self.collation),
            5 => new.nullable = !self.nullable,
            6 => new.default = !self.default,
            _ => new.comment = true,
        }
        new
    }
}

fn type_name(tape: &mut Tape<'_>, family: Option<usize>) -> String {
    match (family, tape.below(10)) {
        (Some(family), _) => pick(tape, FAMILIES[family]).to_owned(),
        (None, 0..5) => sized(tape, "varchar"),
        (None, 5) => sized(tape, "varbinary"),
        (None, 6) => {
            let name = pick(tape, &["char", "binary"]);
            sized(tape, name)
        }
        (None, _) => pick(tape, &TEXTS).to_owned(),
    }
}

fn sized(tape: &mut Tape<'_>, name: &str) -> String {
    let most = if name.starts_with("var") { LENGTHS.len() } else { 8 };
    format!("{name}({})", LENGTHS[tape.below(most)])
}

/// A key named `k` over the column, or none.
fn key(tape: &mut Tape<'_>, column: &Column) -> Option<String> {
    let long = column.type_name.starts_with("varchar(") && column.type_name.len() > "varchar(9)".len();
    let part = if column.is_blob() || long && tape.chance(30) { "c(5)" } else { "c" };
    match tape.below(12) {
        0..3 => Some(format!("KEY k ({part})")),
        3 => Some(format!("UNIQUE KEY k ({part})")),
        4 => Some(format!("KEY k (n, {part})")),
        5 => Some(format!("UNIQUE KEY k ({part}, n)")),
        6 if column.has_charset() && column.family.is_none() => Some("FULLTEXT KEY k (c)".to_owned()),
        _ => None,
    }
}

//! Which engines a server knows, and the names that it prints for them (`grammar/engines.tsv`).

use std::sync::OnceLock;

use crate::target::Target;

/// An engine as a vendor knows it.
#[derive(Clone, Copy)]
pub(in crate::catalog) struct Engine {
    /// Its name as the server prints it.
    pub(in crate::catalog) name: &'static str,
    /// Whether it partitions its tables by itself.
    pub(in crate::catalog) partitions: bool,
}

struct Row {
    word: &'static str,
    mysql: Option<Engine>,
    mariadb: Option<Engine>,
}

/// The engine of that name, in any case. Plugins are known as well: a schema that names one comes from a server that has it.
pub(in crate::catalog) fn known(name: &str, target: Target) -> Option<Engine> {
    let rows = rows();
    let word = name.to_ascii_lowercase();
    let row = &rows[rows.binary_search_by(|row| row.word.cmp(&word)).ok()?];
    if target.is_mysql() { row.mysql } else { row.mariadb }
}

fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let lines = include_str!("../../../grammar/engines.tsv").lines().filter(|line| !line.starts_with('#'));
        let row = |line: &'static str| {
            let mut cells = line.split('\t');
            let (word, mysql, mariadb, flags) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
            let engine = |name| (name != "-").then_some(Engine { name, partitions: flags.contains('n') });
            Some(Row { word, mysql: engine(mysql), mariadb: engine(mariadb) })
        };
        lines.filter_map(row).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_read_and_stands_in_its_place() {
        let lines = include_str!("../../../grammar/engines.tsv").lines().filter(|line| !line.starts_with('#'));
        let words: Vec<&str> = lines.map(|line| line.split('\t').next().unwrap_or_default()).collect();
        assert!(words.is_sorted());
        assert_eq!(rows().iter().map(|row| row.word).collect::<Vec<_>>(), words);
    }
}

//! Whether the user sees everything: what is not shown must not be taken for absent.
//!
//! The lists of `information_schema` leave out, without a word, what the user has no privilege on
//! (MySQL 8.4 manual, section 28.1 "Introduction", "Privileges").

use super::connection::Connection;
use super::error::{LiveError, Problem};

/// Refuses where objects of the address's databases may exist that the lists do not show.
pub(super) fn check(connection: &mut Connection) -> Result<(), LiveError> {
    let grants = match connection.rows::<String>("SHOW GRANTS", "show what the user may do") {
        // 1290: the server runs without grant tables, and everybody may do everything.
        Err(LiveError { problem: Problem::Refused { number: 1290, .. }, .. }) => return Ok(()),
        other => other?,
    };
    let grants: Vec<Grant> = grants.iter().filter_map(|line| Grant::parse(line)).collect();
    for database in connection.address().databases.clone() {
        let missing = missing(&grants, &database);
        if !missing.is_empty() {
            return Err(connection.error(Problem::Blind { database, privileges: missing }));
        }
    }
    Ok(())
}

/// A line of SHOW GRANTS about all objects of some databases.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Grant {
    /// Whether it takes away (MySQL's partial revokes).
    revoked: bool,
    privileges: Vec<String>,
    /// A pattern over databases; `None`: all.
    database: Option<String>,
    /// `mysql.proc`, where MariaDB keeps its routines.
    is_of_routines: bool,
}

impl Grant {
    /// Reads a line; `None` where it is about something else, such as one table or a role.
    fn parse(line: &str) -> Option<Self> {
        let (revoked, rest) = match line.strip_prefix("GRANT ") {
            Some(rest) => (false, rest),
            None => (true, line.strip_prefix("REVOKE ")?),
        };
        let (privileges, rest) = rest.split_once(" ON ")?;
        let end = if revoked { rest.rfind(" FROM ") } else { rest.rfind(" TO ") }?;
        let place = &rest[..end];
        let is_of_routines = place == "`mysql`.`proc`";
        let database = match place.strip_suffix(".*") {
            Some("*") => None,
            Some(name) => Some(name.strip_prefix('`')?.strip_suffix('`')?.replace("``", "`")),
            None if is_of_routines => Some("mysql".to_owned()),
            None => return None,
        };
        let privileges = privileges.split(',').map(|p| p.trim().to_ascii_uppercase()).collect();
        Some(Self { revoked, privileges, database, is_of_routines })
    }

    fn gives(&self, privilege: &str) -> bool {
        self.privileges.iter().any(|p| p == privilege || p == "ALL PRIVILEGES" || p == "ALL")
    }

    fn is_on(&self, database: &str) -> bool {
        match &self.database {
            None => true,
            // A partial revoke names one database as it is.
            Some(name) if self.revoked => name == database,
            Some(pattern) => !self.is_of_routines && like(pattern.as_bytes(), database.as_bytes()),
        }
    }
}

/// What the user lacks to see all objects of a database.
fn missing(grants: &[Grant], database: &str) -> Vec<&'static str> {
    let has = |privilege: &str| {
        let revoked = grants.iter().any(|g| g.revoked && g.gives(privilege) && g.is_on(database));
        let given = |g: &&Grant| !g.revoked && g.gives(privilege) && g.is_on(database);
        // A revoke takes away what was given on all databases, not what was given on this one.
        grants.iter().filter(given).any(|g| !revoked || g.database.is_some())
    };
    let reads = |place: &str| {
        grants.iter().any(|g| !g.revoked && g.gives("SELECT") && g.database.as_deref().is_none_or(|name| name == place))
    };
    let routines = ["SHOW_ROUTINE", "SHOW CREATE ROUTINE", "EXECUTE", "ALTER ROUTINE", "CREATE ROUTINE"];
    let mut missing = Vec::new();
    for privilege in ["SELECT", "TRIGGER", "EVENT"] {
        if !has(privilege) {
            missing.push(privilege);
        }
    }
    if !routines.iter().any(|privilege| has(privilege)) && !reads("mysql") {
        missing.push("EXECUTE");
    }
    missing
}

/// `LIKE`, as grants on databases are matched: `%`, `_`, and a backslash before either.
fn like(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'%', rest @ ..] => (0..=text.len()).any(|at| like(rest, &text[at..])),
        [b'_', rest @ ..] => !text.is_empty() && like(rest, &text[1..]),
        [b'\\', c, rest @ ..] | [c, rest @ ..] => text.first() == Some(c) && like(rest, &text[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lacks(lines: &[&str]) -> Vec<&'static str> {
        missing(&lines.iter().filter_map(|line| Grant::parse(line)).collect::<Vec<_>>(), "shop_1")
    }

    #[test]
    fn grants_as_the_servers_print_them() {
        let nothing: [&str; 0] = [];
        assert_eq!(lacks(&["GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION"]), nothing);
        assert_eq!(lacks(&["GRANT ALL PRIVILEGES ON `shop\\_1`.* TO `u`@`%`"]), nothing);
        assert_eq!(lacks(&["GRANT SELECT, TRIGGER, EVENT, EXECUTE ON `shop%`.* TO `u`@`%`"]), nothing);
        assert_eq!(
            lacks(&["GRANT USAGE ON *.* TO `u`@`%`", "GRANT SELECT ON `shop_1`.* TO `u`@`%`"]),
            ["TRIGGER", "EVENT", "EXECUTE"]
        );
        assert_eq!(
            lacks(&["GRANT ALL PRIVILEGES ON *.* TO `u`@`%`", "REVOKE TRIGGER ON `shop_1`.* FROM `u`@`%`"]),
            ["TRIGGER"]
        );
        assert_eq!(lacks(&["GRANT SELECT ON `shop_1`.`t` TO `u`@`%`"]), ["SELECT", "TRIGGER", "EVENT", "EXECUTE"]);
        assert_eq!(
            lacks(&[
                "GRANT SELECT, TRIGGER, EVENT ON `shop_1`.* TO `u`@`%`",
                "GRANT SELECT ON `mysql`.`proc` TO `u`@`%`"
            ]),
            nothing
        );
    }
}

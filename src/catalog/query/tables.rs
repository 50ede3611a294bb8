//! Tables and joins: what they bring into a query's scope.

use super::names::rename_items;
use super::scope::{Bound, Scope, Shown};
use super::why::twice;
use super::{Clause, Known, Place, Why, all_equal};
use crate::ident::Ident;
use crate::model::Expr;
use crate::model::query::{JoinOn, TableRef};

impl Scope<'_> {
    /// Takes in what stands after FROM, and resolves the conditions in it.
    pub(super) fn take_in(&mut self, tables: &mut TableRef, known: &Known<'_>) -> Result<(), Why> {
        // MariaDB prints all databases where one of them is another than the view's (`TABLE_LIST::print`).
        let qualified = known.target.is_mariadb() && mentions_others(tables, known);
        let shown = self.table(tables, known, qualified)?;
        self.shown = shown;
        Ok(())
    }

    fn table(&mut self, table: &mut TableRef, known: &Known<'_>, qualified: bool) -> Result<Vec<Shown>, Why> {
        match table {
            TableRef::Table { database, name, alias, .. }
                if let Some(common) = known.common(database.as_ref(), name) =>
            {
                let columns = common.columns.clone();
                let name = alias.clone().unwrap_or_else(|| name.clone());
                let prefix = vec![name.clone()];
                self.bind(Bound { name, database: None, in_unnamed: false, prefix, origin: None, columns })
            }
            TableRef::Table { database, name, partitions, history, alias, hints } => {
                known.check_parts(database.as_ref(), name, partitions, history.is_some())?;
                for moment in history.iter_mut().flat_map(|history| history.moments_mut()) {
                    let place = Place { scope: self, known, clause: Clause::Rows, items: &[] };
                    place.expr(&mut moment.at)?;
                }
                let columns = known.columns(database.as_ref(), name)?;
                if known.target.is_mariadb() && known.is_view(database.as_ref(), name) {
                    partitions.clear();
                }
                known.check_hints(database.as_ref(), name, hints)?;
                let own = known.database.name.clone();
                let actual = database.clone().or_else(|| own.clone());
                let printed = actual.clone().filter(|actual| qualified || Some(actual) != own.as_ref());
                let prefix = match alias {
                    Some(alias) => vec![alias.clone()],
                    None => printed.iter().cloned().chain([name.clone()]).collect(),
                };
                *database = printed;
                let origin = Some(name.clone());
                let name = alias.clone().unwrap_or_else(|| name.clone());
                let in_unnamed = actual.is_none();
                self.bind(Bound { name, database: actual, in_unnamed, prefix, origin, columns })
            }
            TableRef::Derived { query, alias, columns, lateral } => {
                if known.target.is_mysql() {
                    query.enclosed = false;
                }
                let outer = if *lateral { Some(&*self) } else { self.outer() };
                let own = super::query(query, known, outer, false)?;
                let names = if columns.is_empty() { own.clone() } else { columns.clone() };
                if names.len() != own.len() {
                    return Err(Why::refused(
                        1353,
                        format!("{} lists more or fewer columns than it has", alias.quoted()),
                    ));
                }
                twice(&names)?;
                if known.target.is_mariadb() && !columns.is_empty() {
                    rename_items(query, &names);
                }
                let columns = names.into_iter().map(|name| (name, true)).collect();
                let prefix = vec![alias.clone()];
                let name = alias.clone();
                self.bind(Bound { name, database: None, in_unnamed: false, prefix, origin: None, columns })
            }
            TableRef::Join { right, left_side, right_side, on, .. } => {
                // The order of writing counts for LATERAL alone, and right joins have none.
                let first = self.table(left_side, known, qualified)?;
                let second = self.table(right_side, known, qualified)?;
                match on {
                    JoinOn::Nothing => Ok([first, second].concat()),
                    JoinOn::Condition(condition) => {
                        self.condition(condition, &first, &second, known)?;
                        Ok([first, second].concat())
                    }
                    JoinOn::Using(names) => {
                        for name in &*names {
                            for side in [&first, &second] {
                                let found = side.iter().filter(|s| s.name.is(name.as_str())).count();
                                if found != 1 {
                                    let why = format!("column '{name}' of USING stands {found} times on a side");
                                    return Err(if found == 0 { Why::refused(1054, why) } else { why.into() });
                                }
                            }
                        }
                        let shared = |s: &Shown| names.iter().any(|name| name.is(s.name.as_str()));
                        let (condition, shown) = self.common(&first, &second, shared, *right, known);
                        *on = condition.map_or(JoinOn::Nothing, JoinOn::Condition);
                        Ok(shown)
                    }
                    JoinOn::Natural => {
                        let shared = |s: &Shown| second.iter().any(|other| other.name.is(s.name.as_str()));
                        let (condition, shown) = self.common(&first, &second, shared, *right, known);
                        *on = condition.map_or(JoinOn::Nothing, JoinOn::Condition);
                        Ok(shown)
                    }
                }
            }
        }
    }

    fn bind(&mut self, table: Bound) -> Result<Vec<Shown>, Why> {
        if self.tables.iter().any(|t| t.name == table.name && t.database == table.database) {
            return Err(format!("not unique table or alias '{}'", table.name).into());
        }
        let number = self.tables.len();
        let shown = table.columns.iter().filter(|(_, visible)| *visible);
        let shown = shown.map(|(name, _)| Shown { name: name.clone(), table: number }).collect();
        self.tables.push(table);
        Ok(shown)
    }

    /// Resolves the condition of a join by the columns of its two sides.
    fn condition(
        &mut self,
        condition: &mut Expr,
        first: &[Shown],
        second: &[Shown],
        known: &Known<'_>,
    ) -> Result<(), Why> {
        self.shown = [first, second].concat();
        let place = Place { scope: self, known, clause: Clause::Rows, items: &[] };
        place.truth(condition)
    }

    /// The columns that two sides share, as a condition and as what can be seen: these first, then the rest of either side.
    fn common(
        &self,
        first: &[Shown],
        second: &[Shown],
        shared: impl Fn(&Shown) -> bool,
        right: bool,
        known: &Known<'_>,
    ) -> (Option<Expr>, Vec<Shown>) {
        let path = |s: &Shown| self.tables[s.table].path(&s.name);
        let (mut pairs, mut shown) = (Vec::new(), Vec::new());
        for column in first.iter().filter(|s| shared(s)) {
            let Some(twin) = second.iter().find(|s| s.name.is(column.name.as_str())) else { continue };
            // MariaDB keeps the order in which a right join was written.
            let swapped = right && known.target.is_mariadb();
            pairs.push(if swapped { (path(twin), path(column)) } else { (path(column), path(twin)) });
            shown.push(column.clone());
        }
        let is_common = |s: &Shown| shown.iter().any(|c: &Shown| c.name.is(s.name.as_str()));
        let rest: Vec<Shown> = first.iter().chain(second).filter(|s| !is_common(s)).cloned().collect();
        shown.extend(rest);
        (all_equal(pairs), shown)
    }
}

/// Whether any of the tables is in another database than the view.
fn mentions_others(tables: &TableRef, known: &Known<'_>) -> bool {
    let foreign = |database: &Ident| known.database.name.as_ref() != Some(database);
    match tables {
        TableRef::Table { database, .. } => database.as_ref().is_some_and(foreign),
        TableRef::Derived { .. } => false,
        TableRef::Join { left_side, right_side, .. } => {
            mentions_others(left_side, known) || mentions_others(right_side, known)
        }
    }
}

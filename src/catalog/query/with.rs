//! WITH: queries that have names in the query behind them.

use super::why::twice;
use super::{Columns, Known, Why, names, query};
use crate::ident::Ident;
use crate::model::query::{CommonTable, Query, QueryBody, With};
use crate::target::Target;

/// A query that has a name, as others see it.
#[derive(Clone, Debug)]
pub(in crate::catalog) struct Common {
    pub(super) name: Ident,
    pub(super) columns: Columns,
}

/// Resolves the queries of WITH in front of a query; what the query behind them knows besides `known`.
pub(super) fn common(query: &mut Query, known: &Known<'_>) -> Result<Vec<Common>, Why> {
    if known.target.is_mysql() {
        leave_out_unused(query);
    } else if let Some(unused) = unused(query).first() {
        // Its names stay as they are written.
        return Err(format!("WITH that names {} and never uses it", unused.quoted()).into());
    }
    let Some(With { recursive, elements }) = &mut query.with else { return Ok(known.common.to_vec()) };
    let mut common = known.common.to_vec();
    let first = common.len();
    for at in 0..elements.len() {
        let (element, later) = elements[at..].split_first_mut().ok_or("no query")?;
        if common[first..].iter().any(|other| known.same_common(&other.name, &element.name)) {
            let number = if known.target.is_mysql() { 1066 } else { 4004 };
            return Err(Why::refused(number, format!("WITH names {} twice", element.name.quoted())));
        }
        if known.target.is_mariadb() && !is_plain(&element.name) {
            return Err(Why::refused(
                1064,
                format!("WITH names {}, which MariaDB does not quote", element.name.quoted()),
            ));
        }
        let columns = resolved(element, *recursive, &Known { common: &common, ..*known }).map_err(|why| {
            // In MariaDB, one that comes later may be meant.
            if *recursive && known.target.is_mariadb() && !later.is_empty() { why.doubtful() } else { why }
        })?;
        let columns = columns.into_iter().map(|name| (name, true)).collect();
        common.push(Common { name: element.name.clone(), columns });
    }
    Ok(common)
}

/// Resolves one query of WITH and gives the names of its columns.
fn resolved(element: &mut CommonTable, recursive: bool, known: &Known<'_>) -> Result<Vec<Ident>, Why> {
    if known.target.is_mysql() {
        element.query.enclosed = false;
    }
    let names_itself = recursive && uses(&mut element.query, &element.name);
    let found = if names_itself {
        // What stands first names no query of WITH that is not known yet, and says what columns there are.
        let mut anchor = Query { with: element.query.with.clone(), ..first_query(&element.query).clone() };
        let columns = named(&mut anchor, &element.columns, known.target, known, false)?;
        let shown = columns.into_iter().map(|name| (name, true)).collect();
        let mut common = known.common.to_vec();
        common.push(Common { name: element.name.clone(), columns: shown });
        let known = Known { common: &common, ..*known };
        named(&mut element.query, &element.columns, known.target, &known, true)?
    } else {
        named(&mut element.query, &element.columns, known.target, known, true)?
    };
    twice(&found)?;
    Ok(found)
}

/// Resolves a query whose columns may be listed; MariaDB gives its items the names of the list.
fn named(
    element: &mut Query,
    list: &[Ident],
    target: Target,
    known: &Known<'_>,
    renames: bool,
) -> Result<Vec<Ident>, Why> {
    let own = query(element, known, None, false)?;
    if list.is_empty() {
        return Ok(own);
    }
    if list.len() != own.len() {
        let number = if target.is_mysql() { 1353 } else { 4002 };
        return Err(Why::refused(number, "WITH lists more or fewer columns than its query has"));
    }
    if renames && target.is_mariadb() {
        names::rename_items(element, list);
    }
    Ok(list.to_vec())
}

fn first_query(query: &Query) -> &Query {
    match &query.body {
        QueryBody::Set { left, .. } => first_query(left),
        QueryBody::Select(_) | QueryBody::Values { .. } => query,
    }
}

/// Whether a query names a table of that name without a database.
fn uses(query: &mut Query, name: &Ident) -> bool {
    let mut found = false;
    query.tables_mut(&mut Vec::new(), &mut |database, table| found |= database.is_none() && table.is(name.as_str()));
    found
}

/// The names of WITH that neither the query behind it nor another of its queries that is used needs.
fn unused(query: &mut Query) -> Vec<Ident> {
    let Some(mut with) = query.with.take() else { return Vec::new() };
    let mut found = Vec::new();
    for at in (0..with.elements.len()).rev() {
        let (earlier, later) = with.elements.split_at_mut(at + 1);
        let name = &earlier[at].name;
        let needed = uses(query, name)
            || later.iter_mut().any(|other| !found.contains(&other.name) && uses(&mut other.query, name));
        if !needed {
            found.push(name.clone());
        }
    }
    query.with = Some(with);
    found
}

/// MySQL does not keep what is not used.
fn leave_out_unused(query: &mut Query) {
    let unused = unused(query);
    if let Some(with) = &mut query.with {
        with.elements.retain(|element| !unused.contains(&element.name));
        if with.elements.is_empty() {
            query.with = None;
        }
    }
}

/// Whether a name is the same between quotes and without them.
fn is_plain(name: &Ident) -> bool {
    let name = name.as_str();
    name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$') && !name.bytes().all(|b| b.is_ascii_digit())
}

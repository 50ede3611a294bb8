//! Partitions that change places with tables: EXCHANGE PARTITION, and MariaDB's CONVERT PARTITION and CONVERT TABLE.
//!
//! MySQL 8.4 manual, section 26.3.3 "Exchanging Partitions and Subpartitions with Tables"; MariaDB KB "Partitioning Overview".
//! The order of the checks is that of `check_exchange_partition` in the servers' sql/sql_partition_admin.cc. A counter is a
//! table's here, though MariaDB counts in each partition.

use super::{AlterAction, Catalog, CatalogError, Name, Outcome, metadata, partitions};
use crate::ident::Ident;
use crate::model::{ObjectKind, OptionKey, Partition, PartitionMethod, PartitionOptions, Partitioning, Table};
use crate::syntax::ddl::TableName;

/// A table by its database's number and its name.
#[derive(Clone, PartialEq, Eq)]
struct Place {
    database: usize,
    ident: Ident,
}

impl Catalog {
    /// `EXCHANGE PARTITION … WITH TABLE`.
    pub(super) fn exchange_partition(
        &mut self,
        holder: &TableName<'_>,
        partition: &Name<'_>,
        table: &TableName<'_>,
    ) -> Outcome<()> {
        let (at, to) = (self.place_of(holder)?, self.place_of(table)?);
        refuse_itself(&at, &to, table)?;
        let span = table.name.span;
        let mut whole = self.opened(&at, &holder.name, 1177)?.clone();
        let mut single = self.opened(&to, &table.name, if self.target.is_mysql() { 1177 } else { 1347 })?.clone();
        let fault = |number, what: &str| Err(CatalogError::new(number, span, format!("{what}: '{}'", single.name)));
        let Some(partitioning) = whole.partitioning.as_deref() else { return Err(partitions::not_partitioned(span)) };
        if single.partitioning.is_some() {
            return fault(1732, "table to exchange with partition is partitioned");
        }
        if whole.options.engine != single.options.engine {
            return Err(CatalogError::new(1497, span, "the mix of handlers in the partitions is not allowed"));
        }
        self.count_constraints();
        if !single.foreign_keys.is_empty() || self.referencing(to.database, &to.ident).next().is_some() {
            return fault(1740, "table to exchange with partition has foreign key references");
        }
        let (spelling, options) = options_of(partitioning, partition)?;
        // MariaDB looks for the partition's file under the name that is written.
        if self.target.is_mariadb() && spelling != partition.text {
            return Err(CatalogError::new(1025, partition.span, format!("no file of partition '{}'", partition.text)));
        }
        metadata::compare(&whole, &single, span, self.target)?;
        metadata::compare_options(&whole, &options, &single, span, self.target)?;
        self.hand_over(&mut whole, &mut single, partition);
        self.put(at.database, at.ident, whole);
        self.put(to.database, to.ident, single);
        Ok(())
    }

    /// What goes with the rows: counters, and on MariaDB InnoDB's directories.
    fn hand_over(&self, whole: &mut Table, single: &mut Table, partition: &Name<'_>) {
        let counter = whole.options.auto_increment.max(single.options.auto_increment);
        let counts = |table: &Table| table.columns.iter().any(|column| column.auto_increment);
        if self.target.is_mysql() {
            let size = OptionKey::AutoextendSize;
            let sizes = (whole.options.others.remove(&size), single.options.others.remove(&size));
            whole.options.others.extend(sizes.1.map(|value| (size, value)));
            single.options.others.extend(sizes.0.map(|value| (size, value)));
            if counts(whole) {
                (whole.options.auto_increment, single.options.auto_increment) = (counter, counter);
            }
            return;
        }
        single.options.auto_increment = whole.options.auto_increment.filter(|_| counts(single));
        if counts(whole) {
            whole.options.auto_increment = counter;
        }
        let named = whole.partitioning.as_deref_mut().and_then(|p| {
            p.partitions.iter_mut().find(|p| p.name.is(&partition.text)).map(|partition| &mut partition.options)
        });
        let before = single.options.others.remove(&OptionKey::DataDirectory);
        if let Some(options) = named {
            if let Some(path) = options.data_directory.take() {
                single.options.others.insert(OptionKey::DataDirectory, directory_of_table(&path));
            }
            options.data_directory = before.map(|path| directory_of_partition(&path));
        }
    }

    /// `CONVERT PARTITION … TO TABLE`, of which the partitioned table has been looked at as one that loses the partition.
    pub(super) fn convert_partition(
        &mut self,
        old: &Table,
        partition: &Name<'_>,
        table: &TableName<'_>,
    ) -> Outcome<()> {
        let to = self.place_of(table)?;
        let mut made = old.clone();
        let named = |p: &Partition| p.name.is(&partition.text).then(|| p.options.clone());
        let options = made.partitioning.take().and_then(|p| p.partitions.iter().find_map(named)).unwrap_or_default();
        made.name = to.ident.clone();
        made.options.others.remove(&OptionKey::DataDirectory);
        if let Some(path) = options.data_directory {
            made.options.others.insert(OptionKey::DataDirectory, directory_of_table(&path));
        }
        super::option::complete(&mut made);
        self.put(to.database, to.ident, made);
        Ok(())
    }

    /// What speaks against a conversion before its partition is looked at.
    pub(super) fn check_conversion(
        &mut self,
        holder: &TableName<'_>,
        action: &AlterAction<'_>,
        old: &Table,
    ) -> Outcome<()> {
        let (name, table) = match action {
            AlterAction::ConvertPartition { table, .. } => ("CONVERT PARTITION", table),
            AlterAction::ConvertTable { table, .. } => ("CONVERT TABLE TO PARTITION", table),
            _ => return Ok(()),
        };
        let (at, to) = (self.place_of(holder)?, self.place_of(table)?);
        let span = table.name.span;
        if matches!(action, AlterAction::ConvertTable { .. }) {
            refuse_itself(&at, &to, table)?;
            self.opened(&to, &table.name, 1347)?;
        } else if self.stands(&to) {
            return Err(CatalogError::new(1050, span, format!("table '{}' already exists", to.ident)));
        }
        let Some(partitioning) = old.partitioning.as_deref() else { return Err(partitions::not_partitioned(span)) };
        if matches!(partitioning.method, PartitionMethod::Hash { .. } | PartitionMethod::Key { .. }) {
            return Err(CatalogError::new(1512, span, format!("{name} can only be used on RANGE/LIST partitions")));
        }
        if partitioning.subpartitioning.is_some() {
            return Err(CatalogError::new(4184, span, "convert partition is not supported for subpartitioned table"));
        }
        Ok(())
    }

    /// `CONVERT TABLE … TO PARTITION`, of which the partitioned table has been looked at as one that gets the partition.
    pub(super) fn convert_table(
        &mut self,
        whole: &mut Table,
        table: &TableName<'_>,
        partition: &Name<'_>,
    ) -> Outcome<()> {
        let from = self.place_of(table)?;
        let single = self.opened(&from, &table.name, 1347)?.clone();
        let span = table.name.span;
        self.count_constraints();
        if single.partitioning.is_some() {
            return Err(metadata::different(span));
        }
        if whole.options.engine != single.options.engine {
            return Err(metadata::other_option("ROW_FORMAT", span));
        }
        metadata::compare(whole, &single, span, self.target)?;
        // How many rows it should hold is said anew.
        let own = |key| single.options.others.get(&key).and_then(|rows| rows.parse().ok());
        let options = PartitionOptions {
            max_rows: own(OptionKey::MaxRows),
            min_rows: own(OptionKey::MinRows),
            ..PartitionOptions::default()
        };
        metadata::compare_options(whole, &options, &single, span, self.target)?;
        if whole.columns.iter().any(|column| column.auto_increment) {
            whole.options.auto_increment = whole.options.auto_increment.max(single.options.auto_increment);
        }
        let made = whole
            .partitioning
            .as_deref_mut()
            .and_then(|p| p.partitions.iter_mut().find(|p| p.name.is(&partition.text)));
        if let Some(made) = made {
            let directory = single.options.others.get(&OptionKey::DataDirectory);
            made.options.data_directory = directory.map(|path| directory_of_partition(path));
        }
        self.take(from.database, &from.ident);
        self.schema.databases[from.database].objects.retain(|_, object| !object.is_trigger_on(from.ident.as_str()));
        Ok(())
    }

    fn place_of(&mut self, table: &TableName<'_>) -> Outcome<Place> {
        Ok(Place { database: self.database_of(table), ident: self.table_ident(&table.name)? })
    }

    fn stands(&self, place: &Place) -> bool {
        let home = &self.schema.databases[place.database];
        let is_object = |kind| home.objects.contains_key(&(kind, place.ident.clone()));
        home.tables.contains_key(&place.ident) || [ObjectKind::View, ObjectKind::Sequence].into_iter().any(is_object)
    }

    /// Errors 1146, 1177 and 1347: a table is to be there, and to be none of another kind.
    fn opened(&self, place: &Place, name: &Name<'_>, otherwise: u16) -> Outcome<&Table> {
        match self.schema.databases[place.database].tables.get(&place.ident) {
            Some(table) => Ok(table),
            None if self.stands(place) => {
                Err(CatalogError::new(otherwise, name.span, format!("'{}' is not a table", name.text)))
            }
            None => Err(Self::no_such_table(name)),
        }
    }
}

/// Error 1066.
fn refuse_itself(holder: &Place, other: &Place, name: &TableName<'_>) -> Outcome<()> {
    if holder == other {
        let message = format!("not unique table/alias: '{}'", name.name.text);
        return Err(CatalogError::new(1066, name.name.span, message));
    }
    Ok(())
}

/// Errors 1734 and 1735: the options of the partition, or subpartition, of that name.
fn options_of(partitioning: &Partitioning, name: &Name<'_>) -> Outcome<(String, PartitionOptions)> {
    let unknown = || CatalogError::new(1735, name.span, format!("unknown partition '{}'", name.text));
    let divided = || {
        let message = "subpartitioned table, use subpartition instead of partition";
        CatalogError::new(1734, name.span, message)
    };
    let mut all = partitioning.clone();
    partitions::name_all(&mut all);
    let is_divided = all.subpartitioning.is_some();
    for partition in &all.partitions {
        if partition.name.is(&name.text) {
            return if is_divided {
                Err(divided())
            } else {
                Ok((partition.name.to_string(), partition.options.clone()))
            };
        }
        if let Some((own, options)) = partition.subpartitions.iter().find(|(own, _)| own.is(&name.text)) {
            return Ok((own.to_string(), options.clone()));
        }
        let count =
            all.subpartitioning.as_ref().and_then(|sub| sub.count).filter(|_| partition.subpartitions.is_empty());
        let mut unlisted = (0..count.unwrap_or(0)).map(|n| format!("{}sp{n}", partition.name));
        if let Some(own) = unlisted.find(|own| name.text.eq_ignore_ascii_case(own)) {
            return Ok((own, partition.options.clone()));
        }
    }
    Err(unknown())
}

/// The servers print a table's directory with a slash at its end, and a partition's without.
fn directory_of_table(path: &str) -> Box<str> {
    format!("{}/", path.trim_end_matches('/')).into()
}

fn directory_of_partition(path: &str) -> Box<str> {
    path.trim_end_matches('/').into()
}

/// What holds where a conversion is not to be told from what its table becomes.
pub(super) fn conversion<'a, 'n>(actions: &'a [AlterAction<'n>]) -> Option<&'a AlterAction<'n>> {
    let converts =
        |a: &&AlterAction<'_>| matches!(a, AlterAction::ConvertPartition { .. } | AlterAction::ConvertTable { .. });
    actions.iter().find(converts)
}

//! A database as tables and rows, whatever they mean: what backups need of a driver.

use std::io;

use super::migrations::Step;
use super::{Database, SqlError, Value};
use crate::store::backup::{Cell, Row};

/// A table.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    /// In the order of their names, which is the same in every database.
    pub(crate) columns: Vec<Column>,
    /// The columns of its primary key.
    pub(crate) key: Vec<String>,
}

/// A column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Integer,
    Text,
    Bytes,
}

impl Kind {
    /// From a declaration of either dialect.
    pub(crate) fn of(declared: &str) -> Option<Self> {
        match declared.to_ascii_lowercase().as_str() {
            "integer" | "bigint" => Some(Self::Integer),
            "text" => Some(Self::Text),
            "blob" | "bytea" => Some(Self::Bytes),
            _ => None,
        }
    }
}

/// A connection that can be asked what its database consists of, and told to fill an empty one.
pub(crate) trait Catalogue: Database {
    /// The tables of the record, in the order of their names. What only says that this is a record is
    /// none of them.
    fn tables(&mut self) -> Result<Vec<Table>, SqlError>;

    /// The record's format.
    fn format(&mut self) -> Result<i64, SqlError>;

    /// Begins a transaction that makes the tables of `format` in an empty database.
    fn begin_empty(&mut self, format: i64) -> Result<(), SqlError>;

    /// Lifts what refuses changes, and the order in which rows must come, until [`Self::rearm`].
    fn disarm(&mut self) -> Result<(), SqlError>;

    /// Ends that: rows must be complete now, and generated numbers go on after the highest.
    fn rearm(&mut self, tables: &[Table]) -> Result<(), SqlError>;

    /// Does the steps after `format`.
    fn migrate(&mut self, format: i64) -> Result<(), SqlError>;

    /// The statement that inserts a row.
    fn insertion(&self, table: &str, columns: &[String]) -> String;
}

/// The same connection, for statements.
pub(crate) fn database<'a>(db: &'a mut (dyn Catalogue + '_)) -> &'a mut (dyn Database + 'a) {
    db
}

/// Hands every row of the table to `write`, ordered by key.
pub(crate) fn rows(
    db: &mut dyn Catalogue,
    table: &Table,
    write: &mut dyn FnMut(&Row) -> io::Result<()>,
) -> Result<io::Result<()>, SqlError> {
    let columns: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
    let sql = format!(
        "SELECT {} FROM {} ORDER BY {}",
        columns.join(", "),
        table.name,
        table.key.join(", ")
    );
    let mut written = Ok(());
    db.query(&sql, &[], &mut |found| {
        if written.is_err() {
            return Ok(());
        }
        let mut row = Row::default();
        for (at, column) in table.columns.iter().enumerate() {
            match column.kind {
                Kind::Integer => match found.integer(at)? {
                    Some(n) => row.integer(n),
                    None => row.null(),
                },
                Kind::Text => match found.text(at)? {
                    Some(text) => row.text(text),
                    None => row.null(),
                },
                Kind::Bytes => match found.bytes(at)? {
                    Some(bytes) => row.bytes(bytes),
                    None => row.null(),
                },
            }
        }
        written = write(&row);
        Ok(())
    })?;
    Ok(written)
}

/// Deletes every row.
pub(crate) fn clear(db: &mut dyn Catalogue, table: &Table) -> Result<(), SqlError> {
    db.execute(&format!("DELETE FROM {}", table.name), &[])
        .map(drop)
}

/// The scripts of some steps.
pub(crate) fn script(
    steps: impl Iterator<Item = (i64, &'static Step)>,
    dialect: fn(&Step) -> &'static str,
) -> String {
    steps.map(|(_, step)| dialect(step)).collect()
}

impl<'a> From<&'a Cell> for Value<'a> {
    fn from(cell: &'a Cell) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Integer(n) => Self::Integer(*n),
            Cell::Text(text) => Self::Text(text),
            Cell::Bytes(bytes) => Self::Bytes(bytes),
        }
    }
}

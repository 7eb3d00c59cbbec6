//! A PostgreSQL database as tables and rows, for backups.

use super::connection::Connection;
use super::session;
use crate::store::sql::catalogue::{Catalogue, Column, Kind, Table, script};
use crate::store::sql::migrations;
use crate::store::sql::{Database, SqlError};

/// The record's tables: of the schema that new ones go to, all but the mark.
const TABLES: &str = "SELECT c.relname::text FROM pg_class c \
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' \
     AND c.relname <> 'record_format' ORDER BY c.relname::text COLLATE \"C\"";

const COLUMNS: &str = "SELECT a.attname::text, format_type(a.atttypid, NULL), \
     coalesce(array_position(i.indkey::int2[], a.attnum), -1)::bigint \
     FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary \
     WHERE a.attrelid = to_regclass(?1) AND a.attnum > 0 AND NOT a.attisdropped \
     ORDER BY a.attname::text COLLATE \"C\"";

/// Every foreign key of the record: table and name.
const FOREIGN_KEYS: &str = "SELECT conrelid::regclass::text, conname::text FROM pg_constraint \
     WHERE contype = 'f' AND connamespace = current_schema()::regnamespace";

/// Every column whose numbers are generated: table, column.
const GENERATED: &str = "SELECT a.attrelid::regclass::text, a.attname::text FROM pg_attribute a \
     JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r' \
     WHERE c.relnamespace = current_schema()::regnamespace AND a.attidentity <> ''";

impl Connection {
    fn pairs(&mut self, sql: &str) -> Result<Vec<(String, String)>, SqlError> {
        let db: &mut dyn Database = self;
        db.all(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))
    }
}

impl Catalogue for Connection {
    fn tables(&mut self) -> Result<Vec<Table>, SqlError> {
        let db: &mut dyn Database = self;
        let mut tables = Vec::new();
        for name in db.all(TABLES, &[], |row| row.get::<String>(0))? {
            let found = db.all(COLUMNS, &[(&name).into()], |row| {
                Ok((
                    row.get::<String>(0)?,
                    row.get::<String>(1)?,
                    row.get::<i64>(2)?,
                ))
            })?;
            let mut key: Vec<_> = found.iter().filter(|(_, _, at)| *at >= 0).collect();
            key.sort_by_key(|(_, _, at)| *at);
            let key = key.into_iter().map(|(name, _, _)| name.clone()).collect();
            let mut columns = Vec::new();
            for (name, declared, _) in found {
                let kind = Kind::of(&declared)
                    .ok_or_else(|| db.damaged(format!("a column is declared as {declared}")))?;
                columns.push(Column { name, kind });
            }
            tables.push(Table { name, columns, key });
        }
        Ok(tables)
    }

    fn format(&mut self) -> Result<i64, SqlError> {
        let db: &mut dyn Database = self;
        let found = db.one("SELECT format FROM record_format", &[], |row| row.get(0))?;
        Ok(found.unwrap_or(0))
    }

    fn begin_empty(&mut self, format: i64) -> Result<(), SqlError> {
        let steps = migrations::after(0).take_while(|(to, _)| *to <= format);
        let steps = script(steps, |step| step.postgres);
        self.run(&format!("BEGIN; {}; {steps}", session::MARK))
    }

    fn disarm(&mut self) -> Result<(), SqlError> {
        for table in self.tables()? {
            self.run(&format!("ALTER TABLE {} DISABLE TRIGGER USER", table.name))?;
        }
        for (table, name) in self.pairs(FOREIGN_KEYS)? {
            self.run(&format!(
                "ALTER TABLE {table} ALTER CONSTRAINT {name} DEFERRABLE INITIALLY DEFERRED"
            ))?;
        }
        Ok(())
    }

    fn rearm(&mut self, tables: &[Table]) -> Result<(), SqlError> {
        self.run("SET CONSTRAINTS ALL IMMEDIATE")?;
        for (table, name) in self.pairs(FOREIGN_KEYS)? {
            self.run(&format!(
                "ALTER TABLE {table} ALTER CONSTRAINT {name} NOT DEFERRABLE"
            ))?;
        }
        for table in tables {
            self.run(&format!("ALTER TABLE {} ENABLE TRIGGER USER", table.name))?;
        }
        for (table, column) in self.pairs(GENERATED)? {
            self.run(&format!(
                "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), \
                 (SELECT coalesce(max({column}), 0) + 1 FROM {table}), false)"
            ))?;
        }
        Ok(())
    }

    fn migrate(&mut self, format: i64) -> Result<(), SqlError> {
        let steps = script(migrations::after(format), |step| step.postgres);
        let mark = session::mark_statement(migrations::FORMAT);
        self.run(&format!("{steps}; {mark}"))
    }

    fn insertion(&self, table: &str, columns: &[String]) -> String {
        let places: Vec<_> = (1..=columns.len()).map(|n| format!("?{n}")).collect();
        let (columns, places) = (columns.join(", "), places.join(", "));
        format!("INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE VALUES ({places})")
    }
}

//! A SQLite file as tables and rows, for backups.

use super::connect::translate;
use super::connection::Connection;
use crate::store::StoreError;
use crate::store::sql::catalogue::{Catalogue, Column, Kind, Table, script};
use crate::store::sql::migrations;
use crate::store::sql::{Database, SqlError};

impl Connection {
    fn script(&mut self, sql: &str) -> Result<(), SqlError> {
        let done = self.inner.execute_batch(sql);
        done.map_err(|e| translate(self.record(), e).into())
    }
}

impl Catalogue for Connection {
    fn tables(&mut self) -> Result<Vec<Table>, SqlError> {
        let db: &mut dyn Database = self;
        let names = db.all(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' \
             ORDER BY name",
            &[],
            |row| row.get::<String>(0),
        )?;
        let mut tables = Vec::new();
        for name in names {
            let found = db.all(
                "SELECT name, type, pk FROM pragma_table_info(?1) ORDER BY name",
                &[(&name).into()],
                |row| {
                    Ok((
                        row.get::<String>(0)?,
                        row.get::<String>(1)?,
                        row.get::<i64>(2)?,
                    ))
                },
            )?;
            let mut key: Vec<_> = found.iter().filter(|(_, _, pk)| *pk > 0).collect();
            key.sort_by_key(|(_, _, pk)| *pk);
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
        let found = db.one("PRAGMA user_version", &[], |row| row.get::<i64>(0))?;
        Ok(found.unwrap_or(0))
    }

    fn begin_empty(&mut self, format: i64) -> Result<(), SqlError> {
        let steps = migrations::after(0).take_while(|(to, _)| *to <= format);
        let steps = script(steps, |step| step.sqlite);
        let mark = super::connect::mark(format);
        // In one transaction, whose end is the caller's; the file is a new one.
        self.script(&format!(
            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; BEGIN EXCLUSIVE; {steps} {mark}"
        ))
    }

    fn disarm(&mut self) -> Result<(), SqlError> {
        let db: &mut dyn Database = self;
        let triggers = db.all(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid",
            &[],
            |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)),
        )?;
        for (name, _) in &triggers {
            self.script(&format!("DROP TRIGGER {name}"))?;
        }
        self.triggers = triggers.into_iter().map(|(_, sql)| sql).collect();
        Ok(())
    }

    fn rearm(&mut self, _: &[Table]) -> Result<(), SqlError> {
        for sql in core::mem::take(&mut self.triggers) {
            self.script(&sql)?;
        }
        let db: &mut dyn Database = self;
        let orphans = db.all("PRAGMA foreign_key_check", &[], |row| row.get::<String>(0))?;
        match orphans.first() {
            None => Ok(()),
            Some(table) => Err(SqlError::Refused(StoreError::Damaged {
                record: self.record().clone(),
                what: format!("a row of {table} belongs to a row that is not there"),
            })),
        }
    }

    fn migrate(&mut self, format: i64) -> Result<(), SqlError> {
        let steps = script(migrations::after(format), |step| step.sqlite);
        let mark = super::connect::mark(migrations::FORMAT);
        self.script(&format!("{steps} {mark}"))
    }

    fn insertion(&self, table: &str, columns: &[String]) -> String {
        let places: Vec<_> = (1..=columns.len()).map(|n| format!("?{n}")).collect();
        let (columns, places) = (columns.join(", "), places.join(", "));
        format!("INSERT INTO {table} ({columns}) VALUES ({places})")
    }
}

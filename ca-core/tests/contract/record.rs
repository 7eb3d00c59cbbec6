//! An empty place for a record, and direct access to its database for whoever wants to spoil it.

use std::sync::Arc;

use ca_core::store::{PostgresAccess, PostgresLocation, RecordLocation, Store};
use pki_asn1::UnixTime;

/// Where a test's record is.
pub(crate) struct Record {
    pub(crate) location: RecordLocation,
    place: Place,
}

enum Place {
    Sqlite(tempfile::TempDir),
    Postgres(test_postgres::Database),
}

impl Record {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            location: folder.path().join("record.sqlite").as_path().into(),
            place: Place::Sqlite(folder),
        }
    }

    pub(crate) fn postgres() -> Option<Self> {
        Some(Self::on(test_postgres::database()?))
    }

    pub(crate) fn on(database: test_postgres::Database) -> Self {
        Self {
            location: location(&database.url),
            place: Place::Postgres(database),
        }
    }

    pub(crate) fn create(&self) -> Arc<dyn Store> {
        self.location.create(NOW, vec!["test".into()]).unwrap()
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.place, Place::Postgres(_))
    }

    /// Runs a statement beside the program, as somebody with the database in hand can.
    pub(crate) fn sql(&self, statement: &str) -> Result<String, String> {
        match &self.place {
            Place::Postgres(database) => database.sql(statement),
            Place::Sqlite(folder) => {
                let path = folder.path().join("record.sqlite");
                let db = rusqlite::Connection::open(path).unwrap();
                let mut query = db.prepare(statement).map_err(|e| e.to_string())?;
                if query.column_count() == 0 {
                    return query
                        .execute([])
                        .map(|n| n.to_string())
                        .map_err(|e| e.to_string());
                }
                query
                    .query_row([], |row| row.get::<_, rusqlite::types::Value>(0))
                    .map(|value| match value {
                        rusqlite::types::Value::Integer(n) => n.to_string(),
                        rusqlite::types::Value::Text(text) => text,
                        other => format!("{other:?}"),
                    })
                    .map_err(|e| e.to_string())
            }
        }
    }

    /// Runs statements that must succeed.
    pub(crate) fn script(&self, statements: &str) {
        match &self.place {
            Place::Postgres(database) => drop(database.sql(statements).unwrap()),
            Place::Sqlite(folder) => {
                let path = folder.path().join("record.sqlite");
                let db = rusqlite::Connection::open(path).unwrap();
                db.execute_batch(statements).unwrap();
            }
        }
    }

    /// Bytes as this database writes them.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> String {
        let hex = hex::encode(bytes);
        match self.place {
            Place::Sqlite(_) => format!("x'{hex}'"),
            Place::Postgres(_) => format!(r"'\x{hex}'::bytea"),
        }
    }

    /// Takes away what keeps `table` as it was written.
    pub(crate) fn disarm(&self, table: &str, triggers: &[&str]) {
        match self.place {
            Place::Postgres(_) => {
                let disable = format!("ALTER TABLE {table} DISABLE TRIGGER USER");
                self.sql(&disable).unwrap();
            }
            Place::Sqlite(_) => {
                for trigger in triggers {
                    self.sql(&format!("DROP TRIGGER {trigger}")).unwrap();
                }
            }
        }
    }
}

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_795_262_400);

pub(crate) fn location(url: &str) -> RecordLocation {
    PostgresLocation::parse(url, &PostgresAccess::default())
        .unwrap()
        .into()
}

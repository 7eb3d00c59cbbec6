//! Comparing the tables with the journal: the chain shows that no record was changed, this shows that
//! the tables, from which OCSP and CRLs are answered, say what the records say.
//!
//! Each record is looked up in the tables, and each table has as many rows as records put there; so
//! nothing is missing, nothing is different, and nothing stands there that was never recorded.

use super::certificate::CertificateAudit;
use super::checkpoint::JournalAudit;
use super::crl_audit::CrlAudit;
use super::hierarchy::HierarchyAudit;
use super::import::ImportAudit;
use super::profile::ProfileAudit;
use super::registration::RegistrationAudit;
use super::revocation::RevocationAudit;
use super::{Database, SqlError};
use crate::journal::{Entry, JournalRow};

/// What is wrong, in words; `Ok(None)` where nothing is.
pub(super) type Outcome = Result<Option<String>, SqlError>;

/// The comparison of one area's tables.
pub(super) trait AreaAudit {
    /// Compares what one record says with the area's tables, and counts it. Records of other areas
    /// are not looked at.
    fn compare(&mut self, db: &mut dyn Database, entry: &Entry) -> Outcome;

    /// The same, for areas that look at the record's number or bytes.
    fn compare_row(&mut self, db: &mut dyn Database, _row: &JournalRow, entry: &Entry) -> Outcome {
        self.compare(db, entry)
    }

    /// How many rows the records seen account for: what they are, the statement that counts them, how
    /// many there must be.
    fn counts(&self) -> Vec<(&'static str, &'static str, u64)>;

    /// Compares what all records together say, where later ones change what earlier ones said.
    fn last(&mut self, _db: &mut dyn Database) -> Outcome {
        Ok(None)
    }
}

/// The comparison of all areas.
pub(super) struct Audit(Vec<Box<dyn AreaAudit>>);

impl Default for Audit {
    fn default() -> Self {
        Self(vec![
            Box::<CertificateAudit>::default(),
            Box::<RevocationAudit>::default(),
            Box::<CrlAudit>::default(),
            Box::<HierarchyAudit>::default(),
            Box::<JournalAudit>::default(),
            Box::<RegistrationAudit>::default(),
            Box::<ProfileAudit>::default(),
            Box::<ImportAudit>::default(),
        ])
    }
}

impl Audit {
    /// Compares what one record says with the tables.
    pub(super) fn compare(&mut self, db: &mut dyn Database, row: &JournalRow) -> Outcome {
        let Ok(entry) = Entry::decode(&row.record) else {
            return Ok(Some("it is not a record of this program".to_owned()));
        };
        for area in &mut self.0 {
            let difference = area.compare_row(db, row, &entry)?;
            if difference.is_some() {
                return Ok(difference);
            }
        }
        Ok(None)
    }

    /// Compares the number of rows with the number of records.
    pub(super) fn finish(&mut self, db: &mut dyn Database) -> Outcome {
        for area in &mut self.0 {
            let difference = area.last(db)?;
            if difference.is_some() {
                return Ok(difference);
            }
        }
        for (what, sql, recorded) in self.0.iter().flat_map(|area| area.counts()) {
            let found = db.number(sql, &[])?;
            if found != recorded {
                return Ok(Some(format!(
                    "the tables hold {found} {what}, and the journal recorded {recorded}"
                )));
            }
        }
        Ok(None)
    }
}

/// What is no hexadecimal was never written, and finds no row.
pub(super) fn octets(serial: &str) -> Vec<u8> {
    hex::decode(serial).unwrap_or_default()
}

pub(super) fn unless(right: bool, wrong: impl FnOnce() -> String) -> Option<String> {
    (!right).then(wrong)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Audit;
    use crate::store::sql::migrations::after;

    /// Tables whose rows are not counted here, and why.
    const WITHOUT: [(&str, &str); 4] = [
        ("journal", "it is what the others are compared with"),
        ("status_version", "says that something changed, not what"),
        ("instance", "working data: which processes there were"),
        ("authority_life", "counted by name, once the walk has ended"),
    ];

    #[test]
    fn a_table_that_no_area_compares_with_the_journal_is_named() {
        let schema: String = after(0).map(|(_, step)| step.sqlite).collect();
        let mut tables: BTreeSet<&str> = schema
            .split("CREATE TABLE ")
            .skip(1)
            .filter_map(|rest| rest.split([' ', '(']).next())
            .collect();
        assert!(tables.len() > 10, "{tables:?}");
        for (table, reason) in WITHOUT {
            assert!(tables.remove(table), "{table}: {reason}");
        }
        let counted: Vec<&str> = Audit::default()
            .0
            .iter()
            .flat_map(|area| area.counts())
            .map(|(_, sql, _)| sql)
            .collect();
        tables.retain(|table| {
            let named = |sql: &&str| sql.split([' ', ')', '(']).any(|word| word == *table);
            !counted.iter().any(named)
        });
        assert!(tables.is_empty(), "nobody counts the rows of {tables:?}");
    }
}

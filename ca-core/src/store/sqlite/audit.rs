//! Comparing the tables with the journal: the chain shows that no record was changed, this shows that
//! the tables, from which OCSP and CRLs are answered, say what the records say.
//!
//! Each record is looked up in the tables, and each table has as many rows as records put there; so
//! nothing is missing, nothing is different, and nothing stands there that was never recorded.

use pki_asn1::UnixTime;
use rusqlite::{Connection, OptionalExtension as _};

use super::apply::state;
use crate::issuance::sha256;
use crate::journal::{Entry, EntryBody};
use crate::revocation::RevocationReason;

/// What is wrong, in words; `Ok(None)` where nothing is.
type Outcome = Result<Option<String>, rusqlite::Error>;

/// Rows that the records read so far account for.
#[derive(Debug, Default)]
pub(super) struct Audit {
    intents: u64,
    authorities: u64,
    results: u64,
    abandoned: u64,
    revocations: u64,
    crl_intents: u64,
    crls: u64,
}

impl Audit {
    /// Compares what one record says with the tables.
    pub(super) fn compare(&mut self, db: &Connection, record: &[u8]) -> Outcome {
        let Ok(entry) = Entry::decode(record) else {
            return Ok(Some("it is not a record of this program".to_owned()));
        };
        match &entry.body {
            EntryBody::Created {} => Ok(None),
            EntryBody::Intent { .. } => self.intent(db, &entry.body),
            EntryBody::Result {
                authority,
                serial,
                certificate_sha256,
            } => self.result(db, (authority, serial), certificate_sha256),
            EntryBody::Abandoned { authority, serial } => {
                self.abandoned += 1;
                let found = certificate_state(db, (authority, serial))?;
                let revoked = revocation(db, (authority, serial))?.is_some();
                Ok(unless(found == Some(state::ABANDONED) && revoked, || {
                    format!(
                        "certificate {serial} of {authority:?} was never released, and the table does not say so"
                    )
                }))
            }
            EntryBody::Revocation { .. } => self.revocation(db, &entry),
            EntryBody::CrlIntent { .. } => {
                self.crl_intents += 1;
                Ok(None)
            }
            EntryBody::CrlResult {
                authority,
                number,
                crl_sha256,
            } => {
                self.crls += 1;
                let der: Option<Vec<u8>> = db
                    .prepare_cached(
                        "SELECT c.der FROM crl c JOIN authority a ON a.id = c.authority \
                         WHERE a.name = ? AND c.number = ?",
                    )?
                    .query_row((authority, super::apply::integer(*number)), |row| {
                        row.get(0)
                    })
                    .optional()?;
                let same = der.is_some_and(|der| hex::encode(sha256(&der)) == *crl_sha256);
                Ok(unless(same, || {
                    format!("CRL {number} of {authority:?} is missing or another one")
                }))
            }
        }
    }

    /// Compares the number of rows with the number of records.
    pub(super) fn finish(&self, db: &Connection) -> Outcome {
        let expected = [
            (
                "certificates",
                "SELECT count(*) FROM certificate",
                self.intents,
            ),
            (
                "issued certificates",
                "SELECT count(*) FROM certificate WHERE state = 1",
                self.results,
            ),
            (
                "interrupted issuances",
                "SELECT count(*) FROM certificate WHERE state = 2",
                self.abandoned,
            ),
            (
                "certification authorities",
                "SELECT count(*) FROM authority",
                self.authorities,
            ),
            (
                "revocations",
                "SELECT count(*) FROM revocation",
                self.revocations + self.abandoned,
            ),
            ("CRLs", "SELECT count(*) FROM crl", self.crls),
            (
                "CRL numbers",
                "SELECT coalesce(sum(crl_number), 0) FROM authority",
                self.crl_intents,
            ),
        ];
        for (what, sql, recorded) in expected {
            let found = db.query_row(sql, [], |row| super::read::unsigned(row, 0))?;
            if found != recorded {
                return Ok(Some(format!(
                    "the tables hold {found} {what}, and the journal recorded {recorded}"
                )));
            }
        }
        Ok(None)
    }

    fn intent(&mut self, db: &Connection, body: &EntryBody) -> Outcome {
        let EntryBody::Intent {
            authority,
            serial,
            tbs_sha256,
            profile,
            subject,
            not_after,
            new_authority,
            key,
        } = body
        else {
            return Ok(None);
        };
        self.intents += 1;
        self.authorities += u64::from(new_authority.is_some());
        type Row = (Vec<u8>, String, String, i64, Option<String>, Option<String>);
        let row: Option<Row> = db
            .prepare_cached(
                "SELECT c.tbs_sha256, c.profile, c.subject, c.not_after, n.name, n.key_location \
                 FROM certificate c JOIN authority a ON a.id = c.authority \
                 LEFT JOIN authority n ON n.id = c.new_authority \
                 WHERE a.name = ? AND c.serial = ?",
            )?
            .query_row((authority, octets(serial)), |row| {
                Ok((
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get(4)?,
                    row.get(5)?,
                ))
            })
            .optional()?;
        let same = row.is_some_and(|(tbs, found_profile, found_subject, end, name, location)| {
            hex::encode(tbs) == *tbs_sha256
                && found_profile == *profile
                && found_subject == *subject
                && UnixTime::from_secs(end).to_string() == *not_after
                && name == *new_authority
                && location == *key
        });
        Ok(unless(same, || {
            format!("certificate {serial} of {authority:?} is missing or was changed")
        }))
    }

    fn result(
        &mut self,
        db: &Connection,
        which: (&String, &String),
        certificate_sha256: &str,
    ) -> Outcome {
        self.results += 1;
        let (authority, serial) = which;
        type Row = (i64, Vec<u8>, Vec<u8>, bool);
        let row: Option<Row> = db
            .prepare_cached(
                "SELECT c.state, c.fingerprint, c.der, \
                 n.id IS NULL OR (n.state = 1 AND n.certificate IS c.der) \
                 FROM certificate c JOIN authority a ON a.id = c.authority \
                 LEFT JOIN authority n ON n.id = c.new_authority \
                 WHERE a.name = ? AND c.serial = ? AND c.der IS NOT NULL",
            )?
            .query_row((authority, octets(serial)), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?;
        let same = row.is_some_and(|(found, fingerprint, der, authority_is_same)| {
            found == state::ISSUED
                && hex::encode(fingerprint) == certificate_sha256
                && hex::encode(sha256(&der)) == certificate_sha256
                && authority_is_same
        });
        Ok(unless(same, || {
            format!("certificate {serial} of {authority:?} is not the one that was issued")
        }))
    }

    fn revocation(&mut self, db: &Connection, entry: &Entry) -> Outcome {
        let EntryBody::Revocation {
            authority,
            serial,
            reason,
            invalidity_date,
            requested_at,
        } = &entry.body
        else {
            return Ok(None);
        };
        self.revocations += 1;
        let shown = |at: i64| UnixTime::from_secs(at).to_string();
        let same = revocation(db, (authority, serial))?.is_some_and(|row| {
            shown(row.revoked_at) == entry.at
                && RevocationReason::from_code(row.reason).is_some_and(|r| r.name() == reason)
                && row.invalidity_date.map(shown) == *invalidity_date
                && shown(row.requested_at) == *requested_at
        });
        Ok(unless(same, || {
            format!(
                "the revocation of certificate {serial} of {authority:?} is missing or was changed"
            )
        }))
    }
}

struct RevocationRow {
    revoked_at: i64,
    reason: u8,
    invalidity_date: Option<i64>,
    requested_at: i64,
}

fn revocation(
    db: &Connection,
    (authority, serial): (&String, &String),
) -> Result<Option<RevocationRow>, rusqlite::Error> {
    db.prepare_cached(
        "SELECT r.revoked_at, r.reason, r.invalidity_date, r.requested_at FROM revocation r \
         JOIN authority a ON a.id = r.authority WHERE a.name = ? AND r.serial = ?",
    )?
    .query_row((authority, octets(serial)), |row| {
        Ok(RevocationRow {
            revoked_at: row.get(0)?,
            reason: row.get(1)?,
            invalidity_date: row.get(2)?,
            requested_at: row.get(3)?,
        })
    })
    .optional()
}

fn certificate_state(
    db: &Connection,
    (authority, serial): (&String, &String),
) -> Result<Option<i64>, rusqlite::Error> {
    db.prepare_cached(
        "SELECT c.state FROM certificate c JOIN authority a ON a.id = c.authority \
         WHERE a.name = ? AND c.serial = ?",
    )?
    .query_row((authority, octets(serial)), |row| row.get(0))
    .optional()
}

/// What is no hexadecimal was never written, and finds no row.
fn octets(serial: &str) -> Vec<u8> {
    hex::decode(serial).unwrap_or_default()
}

fn unless(right: bool, wrong: impl FnOnce() -> String) -> Option<String> {
    (!right).then(wrong)
}

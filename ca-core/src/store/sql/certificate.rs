//! Certificates: INTENT, RESULT, the end of what was interrupted, and finding them.

use pki_asn1::{Certificate, UnixTime};

use super::audit::{AreaAudit, Outcome, octets, unless};
use super::{Database, EachRow, OneRow, PAGE, Row, SqlError, Value, hierarchy, revocation, state};
use crate::issuance::sha256;
use crate::journal::{Entry, EntryBody, HierarchyEntry, ImportEntry};
use crate::store::{
    Abandonment, AuthorityRef, CertificateEntry, CertificateState, Completion, Conflict, Intent,
    Page, Query, Which,
};

/// INTENT; the key of the authority in the record, which is a new one where a root begins.
pub(super) fn intend(db: &mut dyn Database, intent: &Intent) -> Result<i64, SqlError> {
    let mut issuer = intent.authority.id;
    let mut created = None;
    if let Some(new) = &intent.new_authority {
        let parent = (!new.is_root).then_some(issuer);
        let id: Option<i64> = db
            .one(
                "INSERT INTO authority (name, state, profile, key_location, issuer, crl_partitions) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
                &[
                    (&new.name).into(),
                    state::INTENDED.into(),
                    (&intent.profile).into(),
                    (&new.key_location).into(),
                    parent.into(),
                    u64::from(new.crl_partitions).into(),
                ],
                |row| row.get(0),
            )
            .map_err(|e| e.unique(Conflict::AuthorityName))?;
        created = id;
        if let (Some(id), Some(predecessor)) = (id, &new.predecessor) {
            hierarchy::insert_predecessor(db, id, predecessor)?;
        }
        if let Some(id) = id.filter(|_| new.is_root) {
            issuer = id;
        }
    }
    refuse_order(db, intent)?;
    db.later(
        "INSERT INTO certificate (authority, serial, state, profile, subject, not_before, \
         not_after, tbs_sha256, new_authority, instance, order_digest) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        &[
            issuer.into(),
            (&intent.serial).into(),
            state::INTENDED.into(),
            (&intent.profile).into(),
            (&intent.subject).into(),
            intent.not_before.into(),
            intent.not_after.into(),
            (&intent.tbs_sha256).into(),
            created.into(),
            db.instance().into(),
            intent.order.as_ref().into(),
        ],
        Box::new(OneRow(Conflict::Serial)),
    )?;
    if let Some(certified) = &intent.certifies {
        hierarchy::insert_certificate(db, issuer, &intent.serial, certified)?;
    }
    Ok(issuer)
}

/// An order of a batch is carried out once; one that was interrupted is carried out again.
fn refuse_order(db: &mut dyn Database, intent: &Intent) -> Result<(), SqlError> {
    let Some(order) = &intent.order else {
        return Ok(());
    };
    db.later(
        "SELECT serial FROM certificate WHERE order_digest = ?1 AND state <> 2",
        &[order.into()],
        Box::new(EachRow(|_: &dyn Row| Err(Conflict::Order.into()))),
    )
}

/// The number in the record of the authority that was named, unless it was never finished.
const AUTHORITY: &str = "(SELECT id FROM authority WHERE name = ?1 AND state <> 2)";

pub(super) fn complete(db: &mut dyn Database, c: &Completion) -> Result<(), SqlError> {
    // Whoever lost its place in the record comes too late: others may have closed what it began.
    let sql = format!(
        "UPDATE certificate SET state = 1, fingerprint = ?4, der = ?5 \
         WHERE authority = {AUTHORITY} AND serial = ?2 AND state = 0 AND instance = ?3"
    );
    db.later(
        &sql,
        &[
            (&c.authority.name).into(),
            (&c.serial).into(),
            db.instance().into(),
            (&c.fingerprint).into(),
            (&c.certificate).into(),
        ],
        Box::new(OneRow(Conflict::NotIntended)),
    )?;
    // Where it is a new authority's certificate.
    let sql = format!(
        "UPDATE authority SET state = 1, certificate = ?3 WHERE id = \
         (SELECT new_authority FROM certificate WHERE authority = {AUTHORITY} AND serial = ?2)"
    );
    db.later(
        &sql,
        &[
            (&c.authority.name).into(),
            (&c.serial).into(),
            (&c.certificate).into(),
        ],
        Box::new(EachRow(|_: &dyn Row| Ok(()))),
    )
}

/// Ends an issuance without a certificate.
pub(super) fn abandon(
    db: &mut dyn Database,
    at: UnixTime,
    a: &Abandonment,
) -> Result<(), SqlError> {
    let unfinished = unfinished(db, &a.authority, &a.serial)?;
    db.execute(
        "UPDATE certificate SET state = ?1 WHERE id = ?2",
        &[state::ABANDONED.into(), unfinished.id.into()],
    )?;
    // A signature may exist although nobody was given it: it is revoked from its first second.
    let validity = (unfinished.not_before, unfinished.not_after);
    revocation::insert_interrupted(db, unfinished.authority, &a.serial, validity, at)?;
    if let Some(new_authority) = unfinished.new_authority {
        db.execute(
            "UPDATE authority SET state = ?1 WHERE id = ?2",
            &[state::ABANDONED.into(), new_authority.into()],
        )?;
    }
    Ok(())
}

struct Unfinished {
    id: i64,
    authority: i64,
    new_authority: Option<i64>,
    not_before: UnixTime,
    not_after: UnixTime,
}

fn unfinished(
    db: &mut dyn Database,
    authority: &AuthorityRef,
    serial: &[u8],
) -> Result<Unfinished, SqlError> {
    let found = db.one(
        "SELECT c.id, c.authority, c.new_authority, c.not_before, c.not_after \
         FROM certificate c \
         JOIN authority a ON a.id = c.authority \
         WHERE a.name = ?1 AND a.state <> 2 AND c.serial = ?2 AND c.state = 0",
        &[(&authority.name).into(), serial.into()],
        |row| {
            Ok(Unfinished {
                id: row.get(0)?,
                authority: row.get(1)?,
                new_authority: row.get(2)?,
                not_before: row.get(3)?,
                not_after: row.get(4)?,
            })
        },
    )?;
    found.ok_or_else(|| Conflict::NotIntended.into())
}

macro_rules! find {
    ($condition:literal) => {
        concat!(
            "SELECT a.name, c.serial, c.state, c.profile, c.subject, c.not_before, c.not_after, \
             c.der, r.revoked_at, r.reason, r.invalidity_date, r.requested_at, r.decided_at \
             FROM certificate c JOIN authority a ON a.id = c.authority \
             LEFT JOIN revocation r ON r.authority = c.authority AND r.serial = c.serial \
             WHERE ",
            $condition,
            " ORDER BY c.id"
        )
    };
}

/// Certificates in order of issuance.
pub(super) fn find(
    db: &mut dyn Database,
    query: &Query,
) -> Result<Vec<CertificateEntry>, SqlError> {
    let rows = match query {
        Query::All => db.all(find!("c.state >= 0"), &[], entry),
        Query::Interrupted => interrupted(db),
        Query::Serial(serial) => db.all(find!("c.serial = ?1"), &[serial.into()], entry),
        Query::Fingerprint(digest) => db.all(find!("c.fingerprint = ?1"), &[digest.into()], entry),
        Query::Order(digest) => db.all(
            find!("c.order_digest = ?1 AND c.state <> 2"),
            &[digest.into()],
            entry,
        ),
    }?;
    rows.into_iter()
        .map(|(mut entry, der)| {
            entry.certificate = der.map(|der| decode(db, der)).transpose()?;
            Ok(entry)
        })
        .collect()
}

/// A page of them, and the mark behind which the next begins.
pub(super) fn page(
    db: &mut dyn Database,
    page: &Page,
) -> Result<(Vec<CertificateEntry>, Option<i64>), SqlError> {
    macro_rules! page {
        ($condition:literal) => {
            concat!(
                "SELECT a.name, c.serial, c.state, c.profile, c.subject, c.not_before, c.not_after, \
                 c.der, r.revoked_at, r.reason, r.invalidity_date, r.requested_at, c.id \
                 FROM certificate c JOIN authority a ON a.id = c.authority \
                 LEFT JOIN revocation r ON r.authority = c.authority AND r.serial = c.serial \
                 WHERE c.id > ?1 ",
                $condition,
                " ORDER BY c.id LIMIT ?2"
            )
        };
    }
    let after = Value::from(page.after.unwrap_or(i64::MIN));
    let limit = Value::from(PAGE);
    let read = |row: &dyn Row| Ok((entry(row)?, row.get::<i64>(12)?));
    let rows = match (page.authority, page.which) {
        (None, Which::All) => db.all(page!(""), &[after, limit], read),
        (None, Which::Revoked) => {
            db.all(page!("AND r.revoked_at IS NOT NULL"), &[after, limit], read)
        }
        (Some(id), Which::All) => db.all(
            page!("AND c.authority = ?3"),
            &[after, limit, id.into()],
            read,
        ),
        (Some(id), Which::Revoked) => db.all(
            page!("AND c.authority = ?3 AND r.revoked_at IS NOT NULL"),
            &[after, limit, id.into()],
            read,
        ),
    }?;
    let next = match rows.last() {
        Some((_, id)) if rows.len() as i64 == PAGE => Some(*id),
        _ => None,
    };
    let entries = rows
        .into_iter()
        .map(|((mut entry, der), _)| {
            entry.certificate = der.map(|der| decode(db, der)).transpose()?;
            Ok(entry)
        })
        .collect::<Result<_, SqlError>>()?;
    Ok((entries, next))
}

/// What processes that are gone left unfinished.
fn interrupted(db: &mut dyn Database) -> Result<Vec<Found>, SqlError> {
    let begun = db.all(
        "SELECT DISTINCT instance FROM certificate WHERE state = 0 ORDER BY instance",
        &[],
        |row| row.get::<i64>(0),
    )?;
    let mut found = Vec::new();
    for instance in begun {
        // In this order: a process takes its number before it begins anything, and gives it back never.
        if !db.is_alive(instance)? {
            found.extend(db.all(
                find!("c.state = 0 AND c.instance = ?1"),
                &[instance.into()],
                entry,
            )?);
        }
    }
    Ok(found)
}

/// A certificate as the tables have it, and its DER.
pub(super) type Found = (CertificateEntry, Option<Vec<u8>>);

pub(super) fn entry(row: &dyn Row) -> Result<Found, SqlError> {
    let entry = CertificateEntry {
        authority: row.get(0)?,
        serial: row.get(1)?,
        state: match row.get(2)? {
            state::INTENDED => CertificateState::Intended,
            state::ISSUED => CertificateState::Issued,
            _ => CertificateState::Abandoned,
        },
        profile: row.get(3)?,
        subject: row.get(4)?,
        not_before: row.get(5)?,
        not_after: row.get(6)?,
        certificate: None,
        revocation: revocation::columns(row, 8)?,
    };
    Ok((entry, row.get(7)?))
}

/// A certificate that the record holds.
pub(super) fn decode(db: &dyn Database, der: Vec<u8>) -> Result<Certificate, SqlError> {
    Certificate::from_der(der)
        .map_err(|e| db.damaged(format!("a certificate in it does not decode: {e}")))
}

/// The comparison of certificates and authorities with the journal.
#[derive(Debug, Default)]
pub(super) struct CertificateAudit {
    intents: u64,
    authorities: u64,
    results: u64,
    abandoned: u64,
    imported: u64,
}

impl AreaAudit for CertificateAudit {
    fn compare(&mut self, db: &mut dyn Database, entry: &Entry) -> Outcome {
        match &entry.body {
            body @ EntryBody::Intent { .. } => self.intent(db, body),
            EntryBody::Result {
                authority,
                serial,
                certificate_sha256,
                ..
            } => self.result(db, (authority, serial), certificate_sha256),
            EntryBody::Abandoned {
                authority, serial, ..
            } => {
                self.abandoned += 1;
                let found = certificate_state(db, (authority, serial))?;
                Ok(unless(found == Some(state::ABANDONED), || {
                    format!(
                        "certificate {serial} of {authority:?} was never released, and the table does not say so"
                    )
                }))
            }
            EntryBody::Hierarchy(body @ HierarchyEntry::Adopted { .. }) => self.adopted(db, body),
            EntryBody::Import(imported) => {
                self.imported += imported.counts().0;
                self.authorities += u64::from(matches!(imported, ImportEntry::Adoption { .. }));
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    fn counts(&self) -> Vec<(&'static str, &'static str, u64)> {
        vec![
            (
                "certificates",
                "SELECT count(*) FROM certificate",
                self.intents + self.imported,
            ),
            (
                "issued certificates",
                "SELECT count(*) FROM certificate WHERE state = 1",
                self.results + self.imported,
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
        ]
    }
}

impl CertificateAudit {
    /// A certificate that came from elsewhere: INTENT and RESULT in one record.
    fn adopted(&mut self, db: &mut dyn Database, body: &HierarchyEntry) -> Outcome {
        let HierarchyEntry::Adopted {
            authority,
            profile,
            key,
            issuer,
            renewal,
            serial,
            subject,
            not_after,
            certificate_sha256,
            ..
        } = body
        else {
            return Ok(None);
        };
        self.intents += 1;
        self.authorities += u64::from(!renewal);
        let which = (issuer, serial);
        let same = db.one(
            "SELECT c.profile, c.subject, c.not_after, n.name, n.key_location \
             FROM certificate c JOIN authority a ON a.id = c.authority \
             LEFT JOIN authority n ON n.id = c.new_authority \
             WHERE a.name = ?1 AND c.serial = ?2",
            &[issuer.into(), (&octets(serial)).into()],
            |row| {
                let made = (!renewal).then_some((authority.clone(), key.clone()));
                let found = row.get::<Option<String>>(3)?.zip(row.get(4)?);
                Ok(row.get::<String>(0)? == *profile
                    && row.get::<String>(1)? == *subject
                    && row.get::<UnixTime>(2)?.to_string() == *not_after
                    && found == made)
            },
        )?;
        if same != Some(true) {
            return Ok(Some(format!(
                "certificate {serial} of {issuer:?} is missing or was changed"
            )));
        }
        self.result(db, which, certificate_sha256)
    }

    fn intent(&mut self, db: &mut dyn Database, body: &EntryBody) -> Outcome {
        let EntryBody::Intent {
            authority,
            serial,
            tbs_sha256,
            profile,
            subject,
            not_after,
            new_authority,
            key,
            crl_partitions,
            order,
            ..
        } = body
        else {
            return Ok(None);
        };
        self.intents += 1;
        self.authorities += u64::from(new_authority.is_some());
        let made = new_authority.as_ref();
        // A root is its own issuer, which the table says by naming none.
        let issuer = made.filter(|made| *made != authority).map(|_| authority);
        let same = db.one(
            "SELECT c.tbs_sha256, c.profile, c.subject, c.not_after, n.name, n.key_location, \
             c.order_digest, n.crl_partitions, n.profile, i.name \
             FROM certificate c JOIN authority a ON a.id = c.authority \
             LEFT JOIN authority n ON n.id = c.new_authority \
             LEFT JOIN authority i ON i.id = n.issuer \
             WHERE a.name = ?1 AND c.serial = ?2",
            &[authority.into(), (&octets(serial)).into()],
            |row| {
                Ok(hex::encode(row.get::<Vec<u8>>(0)?) == *tbs_sha256
                    && row.get::<String>(1)? == *profile
                    && row.get::<String>(2)? == *subject
                    && row.get::<UnixTime>(3)?.to_string() == *not_after
                    && row.get::<Option<String>>(4)? == *new_authority
                    && row.get::<Option<String>>(5)? == *key
                    && row.get::<Option<Vec<u8>>>(6)?.map(hex::encode) == *order
                    && row.get::<Option<u64>>(7)?.unwrap_or(0)
                        == u64::from(crl_partitions.unwrap_or(0))
                    && row.get::<Option<String>>(8)?.as_ref() == made.map(|_| profile)
                    && row.get::<Option<String>>(9)?.as_ref() == issuer)
            },
        )?;
        Ok(unless(same == Some(true), || {
            format!("certificate {serial} of {authority:?} is missing or was changed")
        }))
    }

    fn result(
        &mut self,
        db: &mut dyn Database,
        which: (&String, &String),
        certificate_sha256: &str,
    ) -> Outcome {
        self.results += 1;
        let (authority, serial) = which;
        let same = db.one(
            "SELECT c.state, c.fingerprint, c.der, n.state, n.certificate, c.not_before \
             FROM certificate c JOIN authority a ON a.id = c.authority \
             LEFT JOIN authority n ON n.id = c.new_authority \
             WHERE a.name = ?1 AND c.serial = ?2 AND c.der IS NOT NULL",
            &[authority.into(), (&octets(serial)).into()],
            |row| {
                let der: Vec<u8> = row.get(2)?;
                let authority_is_same = match row.get::<Option<i64>>(3)? {
                    None => true,
                    Some(found) => found == state::ISSUED && row.bytes(4)? == Some(&*der),
                };
                Ok(row.get::<i64>(0)? == state::ISSUED
                    && hex::encode(row.get::<Vec<u8>>(1)?) == certificate_sha256
                    && hex::encode(sha256(&der)) == certificate_sha256
                    && Certificate::from_der(&*der)
                        .is_ok_and(|c| row.get(5).is_ok_and(|at: UnixTime| c.not_before() == at))
                    && authority_is_same)
            },
        )?;
        Ok(unless(same == Some(true), || {
            format!("certificate {serial} of {authority:?} is not the one that was issued")
        }))
    }
}

fn certificate_state(
    db: &mut dyn Database,
    (authority, serial): (&String, &String),
) -> Result<Option<i64>, SqlError> {
    db.one(
        "SELECT c.state FROM certificate c JOIN authority a ON a.id = c.authority \
         WHERE a.name = ?1 AND c.serial = ?2",
        &[Value::from(authority), (&octets(serial)).into()],
        |row| row.get(0),
    )
}

//! The life of authorities: their later certificates, generations, requests, ends, and the events of
//! key ceremonies; compared with the journal like everything else.

use pki_asn1::UnixTime;

use super::audit::{AreaAudit, Outcome, octets, unless};
use super::certificate::decode;
use super::{Backend, Database, Row, SqlError, SqlStore, Value, revocation, state};
use crate::hierarchy::ceremony::Recorded;
use crate::import::PastRevocation;
use crate::issuance::sha256;
use crate::journal::{Entry, EntryBody, HierarchyEntry, ImportedRevocationEntry};
use crate::revocation::RevocationReason;
use crate::status::CrlView;
use crate::store::{
    Adoption, AuthorityRef, CaCertificate, CaCertificateKind, CertificateEntry, CertificatesAtEnd,
    CertifiedAuthority, Conflict, CrlImport, HierarchyAct, HierarchyStore, IssuesBesideSuccessor,
    Life, PendingRequest, RequestIntent, StoreError, Termination,
};

/// States of a request.
mod request {
    pub(super) const INTENDED: i64 = 0;
    pub(super) const MADE: i64 = 1;
    pub(super) const ANSWERED: i64 = 2;
}

pub(super) fn effect(
    db: &mut dyn Database,
    at: UnixTime,
    act: &HierarchyAct,
) -> Result<(), SqlError> {
    match act {
        HierarchyAct::IntendRequest(intent) => intend_request(db, intent),
        HierarchyAct::CompleteRequest {
            info_sha256, der, ..
        } => complete_request(db, info_sha256, der),
        HierarchyAct::Adopt(adoption) => adopt(db, adoption),
        HierarchyAct::ImportCrl(import) => import_crl(db, at, import),
        HierarchyAct::SetIssuing { authority, beside } => {
            let beside = *beside == IssuesBesideSuccessor::Yes;
            db.execute(
                "INSERT INTO authority_life (authority, beside_successor) VALUES (?1, ?2) \
                 ON CONFLICT (authority) DO UPDATE SET beside_successor = excluded.beside_successor",
                &[authority.id.into(), beside.into()],
            )?;
            Ok(())
        }
        HierarchyAct::Terminate(termination) => terminate(db, at, termination),
        HierarchyAct::State { .. } => Ok(()),
        HierarchyAct::Ceremony {
            script_sha256,
            event,
        } => {
            // The effect comes before the record whose number it takes.
            let seq = super::journal::head(db)?.seq + 1;
            db.execute(
                "INSERT INTO ceremony_event (seq, script, at, event) VALUES (?1, ?2, ?3, ?4)",
                &[seq.into(), script_sha256.into(), at.into(), event.into()],
            )?;
            Ok(())
        }
    }
}

/// Whether responders may answer differently after it.
pub(super) fn changes_status(act: &HierarchyAct) -> bool {
    matches!(act, HierarchyAct::Adopt(_) | HierarchyAct::ImportCrl(_))
}

/// The predecessor of an authority that is being made.
pub(super) fn insert_predecessor(
    db: &mut dyn Database,
    authority: i64,
    predecessor: &AuthorityRef,
) -> Result<(), SqlError> {
    db.execute(
        "INSERT INTO authority_life (authority, predecessor) VALUES (?1, ?2)",
        &[authority.into(), predecessor.id.into()],
    )?;
    Ok(())
}

/// A certificate that an authority's key gives to a CA.
pub(super) fn insert_certificate(
    db: &mut dyn Database,
    issuer: i64,
    serial: &[u8],
    certified: &CertifiedAuthority,
) -> Result<(), SqlError> {
    let authority = certified.authority.as_ref().map(|a| a.id);
    db.execute(
        "INSERT INTO authority_certificate (authority, issuer, serial, kind) \
         VALUES (?1, ?2, ?3, ?4)",
        &[
            authority.into(),
            issuer.into(),
            serial.into(),
            certified.kind.code().into(),
        ],
    )
    .map_err(|e| e.unique(Conflict::Serial))?;
    Ok(())
}

fn intend_request(db: &mut dyn Database, r: &RequestIntent) -> Result<(), SqlError> {
    // The same name and key asked before, and nothing came of it: the bytes may be the same ones.
    let again = db.execute(
        "UPDATE authority_request SET state = ?2, name = ?3, profile = ?4, subject = ?5, \
         key_location = ?6, predecessor = ?7, der = NULL WHERE info_sha256 = ?1",
        &[
            (&r.info_sha256).into(),
            request::INTENDED.into(),
            (&r.name).into(),
            (&r.profile).into(),
            (&r.subject).into(),
            (&r.key_location).into(),
            r.predecessor.as_ref().into(),
        ],
    )?;
    if again > 0 {
        return Ok(());
    }
    db.execute(
        "INSERT INTO authority_request (info_sha256, state, name, profile, subject, key_location, \
         predecessor, spki_sha256) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &[
            (&r.info_sha256).into(),
            request::INTENDED.into(),
            (&r.name).into(),
            (&r.profile).into(),
            (&r.subject).into(),
            (&r.key_location).into(),
            r.predecessor.as_ref().into(),
            (&r.spki_sha256).into(),
        ],
    )?;
    Ok(())
}

fn complete_request(db: &mut dyn Database, info: &[u8; 32], der: &Vec<u8>) -> Result<(), SqlError> {
    let changed = db.execute(
        "UPDATE authority_request SET state = ?1, der = ?2 WHERE info_sha256 = ?3 AND state = 0",
        &[request::MADE.into(), der.into(), info.into()],
    )?;
    if changed == 1 {
        Ok(())
    } else {
        Err(Conflict::NotIntended.into())
    }
}

fn adopt(db: &mut dyn Database, a: &Adoption) -> Result<(), SqlError> {
    let mut issuer = a.issuer.as_ref().map(|i| i.id);
    let mut created = None;
    if a.renews.is_none() {
        let id: Option<i64> = db
            .one(
                "INSERT INTO authority (name, state, profile, key_location, issuer, certificate) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
                &[
                    (&a.name).into(),
                    state::ISSUED.into(),
                    (&a.profile).into(),
                    (&a.key_location).into(),
                    issuer.into(),
                    (&a.certificate).into(),
                ],
                |row| row.get(0),
            )
            .map_err(|e| e.unique(Conflict::AuthorityName))?;
        created = id;
        if let (Some(id), Some(predecessor)) = (id, &a.predecessor) {
            insert_predecessor(db, id, predecessor)?;
        }
        issuer = issuer.or(id);
    }
    let issuer = issuer
        .or(a.renews.as_ref().map(|r| r.id))
        .unwrap_or_default();
    db.execute(
        "INSERT INTO certificate (authority, serial, state, profile, subject, not_before, \
         not_after, tbs_sha256, new_authority, fingerprint, der) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        &[
            issuer.into(),
            (&a.serial).into(),
            state::ISSUED.into(),
            (&a.profile).into(),
            (&a.subject).into(),
            a.not_before.into(),
            a.not_after.into(),
            (&a.tbs_sha256).into(),
            created.into(),
            (&a.fingerprint).into(),
            (&a.certificate).into(),
        ],
    )
    .map_err(|e| e.unique(Conflict::Serial))?;
    let parsed = decode(db, a.certificate.clone())?;
    super::registration::take_over(db, (issuer, &a.serial), &a.subject, &parsed)?;
    if let Some(renews) = &a.renews {
        let certified = CertifiedAuthority {
            authority: Some(renews.clone()),
            kind: CaCertificateKind::Renewal,
        };
        insert_certificate(db, issuer, &a.serial, &certified)?;
    }
    if let Some(info) = &a.request {
        db.execute(
            "UPDATE authority_request SET state = ?1 WHERE info_sha256 = ?2",
            &[request::ANSWERED.into(), info.into()],
        )?;
    }
    Ok(())
}

fn import_crl(db: &mut dyn Database, at: UnixTime, c: &CrlImport) -> Result<(), SqlError> {
    for revoked in &c.revoked {
        let past = PastRevocation {
            at: revoked.at,
            reason: revoked.reason,
            invalidity_date: None,
        };
        revocation::insert_imported(db, c.authority.id, &revoked.serial, &past, at)?;
    }
    super::crl::import(db, at, c)
}

fn terminate(db: &mut dyn Database, at: UnixTime, t: &Termination) -> Result<(), SqlError> {
    let earlier: Option<Option<UnixTime>> = db.one(
        "SELECT terminated_at FROM authority_life WHERE authority = ?1",
        &[t.authority.id.into()],
        |row| row.get(0),
    )?;
    if let Some(Some(at)) = earlier {
        return Err(Conflict::AlreadyTerminated { at }.into());
    }
    db.execute(
        "INSERT INTO authority_life (authority, terminated_at, termination, certificates_at_end) \
         VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (authority) DO UPDATE SET terminated_at = excluded.terminated_at, \
         termination = excluded.termination, certificates_at_end = excluded.certificates_at_end",
        &[
            t.authority.id.into(),
            at.into(),
            (&t.reason).into(),
            t.certificates.code().into(),
        ],
    )?;
    Ok(())
}

impl<B: Backend> HierarchyStore for SqlStore<B> {
    fn life(&self, authority: i64) -> Result<Life, StoreError> {
        self.read(|db| life(db, authority))
    }

    fn ca_certificates(&self) -> Result<Vec<CaCertificate>, StoreError> {
        self.read(|db| {
            let rows = db.all(
                "SELECT a.name, i.name, x.kind, c.der FROM authority_certificate x \
                 JOIN certificate c ON c.authority = x.issuer AND c.serial = x.serial \
                 JOIN authority i ON i.id = x.issuer LEFT JOIN authority a ON a.id = x.authority \
                 WHERE c.state = 1 ORDER BY x.id",
                &[],
                |row| {
                    Ok((
                        row.get::<Option<String>>(0)?,
                        row.get::<String>(1)?,
                        CaCertificateKind::from_code(row.get(2)?),
                        row.get::<Vec<u8>>(3)?,
                    ))
                },
            )?;
            rows.into_iter()
                .filter_map(|(authority, issuer, kind, der)| {
                    let kind = kind?;
                    Some(decode(db, der).map(|certificate| CaCertificate {
                        authority,
                        issuer,
                        kind,
                        certificate,
                    }))
                })
                .collect()
        })
    }

    fn pending_request(&self, name: &str) -> Result<Option<PendingRequest>, StoreError> {
        self.read(|db| {
            db.one(
                "SELECT info_sha256, profile, key_location, predecessor, der \
                 FROM authority_request WHERE name = ?1 AND state = 1 ORDER BY id DESC LIMIT 1",
                &[name.into()],
                |row| {
                    Ok(PendingRequest {
                        info_sha256: row.get(0)?,
                        profile: row.get(1)?,
                        key_location: row.get(2)?,
                        predecessor: row.get(3)?,
                        der: row.get(4)?,
                    })
                },
            )
        })
    }

    fn ceremony(&self, script_sha256: &str) -> Result<Vec<Recorded>, StoreError> {
        self.read(|db| {
            let rows = db.all(
                "SELECT seq, at, event FROM ceremony_event WHERE script = ?1 ORDER BY seq",
                &[script_sha256.into()],
                |row| {
                    Ok((
                        row.get::<u64>(0)?,
                        row.get::<UnixTime>(1)?,
                        row.get::<String>(2)?,
                    ))
                },
            )?;
            rows.into_iter()
                .map(|(seq, at, event)| {
                    let event = serde_json::from_str(&event)
                        .map_err(|e| db.damaged(format!("a ceremony's event: {e}")))?;
                    Ok(Recorded { at, seq, event })
                })
                .collect()
        })
    }

    fn certificates_after(
        &self,
        authority: i64,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(i64, CertificateEntry)>, StoreError> {
        self.read(|db| {
            let rows = db.all(
                "SELECT a.name, c.serial, c.state, c.profile, c.subject, c.not_before, \
                 c.not_after, c.der, r.revoked_at, r.reason, r.invalidity_date, r.requested_at, \
                 r.decided_at, c.id \
                 FROM certificate c JOIN authority a ON a.id = c.authority \
                 LEFT JOIN revocation r ON r.authority = c.authority AND r.serial = c.serial \
                 WHERE c.authority = ?1 AND c.id > ?2 ORDER BY c.id LIMIT ?3",
                &[authority.into(), after.into(), i64::from(limit).into()],
                |row| Ok((row.get::<i64>(13)?, super::certificate::entry(row)?)),
            )?;
            rows.into_iter()
                .map(|(id, (mut entry, der))| {
                    entry.certificate = der.map(|der| decode(db, der)).transpose()?;
                    Ok((id, entry))
                })
                .collect()
        })
    }

    fn crls_after(
        &self,
        authority: i64,
        number: u64,
        limit: u32,
    ) -> Result<Vec<CrlView>, StoreError> {
        self.read(|db| super::crl::after(db, authority, number, limit))
    }
}

/// What became of an authority.
/// The status of an ended authority's certificates is the one in its last CRL, which no other follows
/// (EN 319 411-1 clause 6.3.9): they are not suspended, and what is suspended stays so.
pub(super) fn refuse_ended(
    db: &mut dyn Database,
    authority: &AuthorityRef,
) -> Result<(), SqlError> {
    match life(db, authority.id)?.terminated_at {
        None => Ok(()),
        Some(at) => Err(Conflict::AlreadyTerminated { at }.into()),
    }
}

/// One question, for every certificate that is issued waits for it.
pub(super) fn life(db: &mut dyn Database, authority: i64) -> Result<Life, SqlError> {
    let life = db.one(
        "SELECT p.name, l.beside_successor, l.terminated_at, l.termination, \
         l.certificates_at_end, \
         (SELECT a.name FROM authority_life s JOIN authority a ON a.id = s.authority \
          WHERE s.predecessor = ?1 AND a.state = 1 ORDER BY a.id DESC LIMIT 1) \
         FROM (SELECT 1 AS one) AS always \
         LEFT JOIN authority_life l ON l.authority = ?1 \
         LEFT JOIN authority p ON p.id = l.predecessor",
        &[authority.into()],
        |row: &dyn Row| {
            Ok(Life {
                predecessor: row.get(0)?,
                successor: row.get(5)?,
                issues: match row.get::<Option<bool>>(1)? {
                    Some(true) => IssuesBesideSuccessor::Yes,
                    Some(false) => IssuesBesideSuccessor::No,
                    None => Life::default().issues,
                },
                terminated_at: row.get(2)?,
                termination: row.get(3)?,
                certificates: row
                    .get::<Option<i64>>(4)?
                    .and_then(CertificatesAtEnd::from_code),
            })
        },
    )?;
    Ok(life.unwrap_or_default())
}

/// The comparison with the journal.
#[derive(Debug, Default)]
pub(super) struct HierarchyAudit {
    events: u64,
    certificates: u64,
    requests: std::collections::BTreeMap<String, RequestSeen>,
    lives: std::collections::BTreeMap<String, LifeSeen>,
}

#[derive(Debug, Default)]
struct RequestSeen {
    state: i64,
    request_sha256: Option<String>,
}

#[derive(Debug, Default)]
struct LifeSeen {
    predecessor: Option<String>,
    beside: bool,
    terminated: Option<(String, String)>,
    certificates: Option<String>,
}

impl AreaAudit for HierarchyAudit {
    fn compare(&mut self, db: &mut dyn Database, entry: &Entry) -> Outcome {
        match &entry.body {
            EntryBody::Intent {
                authority,
                serial,
                new_authority,
                predecessor,
                certifies,
                certified_as,
                ..
            } => {
                if let (Some(name), Some(predecessor)) = (new_authority, predecessor) {
                    self.life(name).predecessor = Some(predecessor.clone());
                }
                match certified_as {
                    Some(kind) => self.certificate(db, (authority, serial), certifies, kind),
                    None => Ok(None),
                }
            }
            // An authority that never came to be leaves its name to another.
            EntryBody::Hierarchy(entry_body) => self.hierarchy(db, entry, entry_body),
            _ => Ok(None),
        }
    }

    fn counts(&self) -> Vec<(&'static str, &'static str, u64)> {
        vec![
            (
                "events of ceremonies",
                "SELECT count(*) FROM ceremony_event",
                self.events,
            ),
            (
                "later certificates of authorities",
                "SELECT count(*) FROM authority_certificate",
                self.certificates,
            ),
            (
                "requests of authorities",
                "SELECT count(*) FROM authority_request",
                self.requests.len() as u64,
            ),
        ]
    }

    fn last(&mut self, db: &mut dyn Database) -> Outcome {
        for (name, seen) in &self.lives {
            let found = db.one(
                "SELECT p.name, l.beside_successor, l.terminated_at, l.termination, \
                 l.certificates_at_end FROM authority_life l JOIN authority a ON a.id = l.authority \
                 LEFT JOIN authority p ON p.id = l.predecessor WHERE a.name = ?1 \
                 ORDER BY a.id DESC LIMIT 1",
                &[name.into()],
                |row| {
                    let at: Option<UnixTime> = row.get(2)?;
                    let reason: Option<String> = row.get(3)?;
                    let terminated = at.map(|at| (at.to_string(), reason.unwrap_or_default()));
                    let certificates = row
                        .get::<Option<i64>>(4)?
                        .and_then(CertificatesAtEnd::from_code)
                        .map(|c| c.name().to_owned());
                    // Older programs did not keep it here.
                    let kept = certificates.is_none() || certificates == seen.certificates;
                    Ok(row.get::<Option<String>>(0)? == seen.predecessor
                        && row.get::<bool>(1)? == seen.beside
                        && terminated == seen.terminated
                        && kept)
                },
            )?;
            if found != Some(true) {
                return Ok(Some(format!(
                    "the life of authority {name:?} is not what was recorded"
                )));
            }
        }
        let rows = db.number(
            "SELECT count(DISTINCT a.name) FROM authority_life l \
             JOIN authority a ON a.id = l.authority",
            &[],
        )?;
        if rows != self.lives.len() as u64 {
            return Ok(Some(format!(
                "the tables hold {rows} lives of authorities, and the journal recorded {}",
                self.lives.len()
            )));
        }
        for (info, seen) in &self.requests {
            let same = db.one(
                "SELECT state, der FROM authority_request WHERE info_sha256 = ?1",
                &[(&octets(info)).into()],
                |row| {
                    let digest = row.bytes(1)?.map(|der| hex::encode(sha256(der)));
                    Ok(row.get::<i64>(0)? == seen.state && digest == seen.request_sha256)
                },
            )?;
            if same != Some(true) {
                return Ok(Some(format!(
                    "the request with the digest {info} is missing or was changed"
                )));
            }
        }
        Ok(None)
    }
}

impl HierarchyAudit {
    fn life(&mut self, name: &str) -> &mut LifeSeen {
        self.lives.entry(name.to_owned()).or_default()
    }

    fn certificate(
        &mut self,
        db: &mut dyn Database,
        (issuer, serial): (&String, &String),
        authority: &Option<String>,
        kind: &str,
    ) -> Outcome {
        self.certificates += 1;
        let same = db.one(
            "SELECT a.name, x.kind FROM authority_certificate x \
             JOIN authority i ON i.id = x.issuer LEFT JOIN authority a ON a.id = x.authority \
             WHERE i.name = ?1 AND x.serial = ?2",
            &[Value::from(issuer), (&octets(serial)).into()],
            |row| {
                let found = CaCertificateKind::from_code(row.get(1)?).map(CaCertificateKind::name);
                Ok(row.get::<Option<String>>(0)? == *authority && found == Some(kind))
            },
        )?;
        Ok(unless(same == Some(true), || {
            format!("certificate {serial} of {issuer:?} does not certify the CA it was issued for")
        }))
    }

    fn hierarchy(
        &mut self,
        db: &mut dyn Database,
        entry: &Entry,
        body: &HierarchyEntry,
    ) -> Outcome {
        match body {
            HierarchyEntry::RequestIntent { info_sha256, .. } => {
                self.requests
                    .insert(info_sha256.clone(), RequestSeen::default());
                Ok(None)
            }
            HierarchyEntry::RequestResult {
                info_sha256,
                request_sha256,
            } => {
                let seen = self.requests.entry(info_sha256.clone()).or_default();
                seen.state = request::MADE;
                seen.request_sha256 = Some(request_sha256.clone());
                Ok(None)
            }
            HierarchyEntry::Adopted {
                authority,
                issuer,
                renewal,
                predecessor,
                info_sha256,
                serial,
                ..
            } => {
                if let Some(info) = info_sha256 {
                    self.requests.entry(info.clone()).or_default().state = request::ANSWERED;
                }
                if let Some(predecessor) = predecessor {
                    self.life(authority).predecessor = Some(predecessor.clone());
                }
                if *renewal {
                    let kind = CaCertificateKind::Renewal.name();
                    return self.certificate(db, (issuer, serial), &Some(authority.clone()), kind);
                }
                Ok(None)
            }
            HierarchyEntry::AuthorityIssuing { authority, issuing } => {
                self.life(authority).beside = issuing == IssuesBesideSuccessor::Yes.name();
                Ok(None)
            }
            HierarchyEntry::Termination {
                authority,
                reason,
                certificates,
            } => {
                let life = self.life(authority);
                life.terminated = Some((entry.at.clone(), reason.clone()));
                life.certificates = Some(certificates.clone());
                Ok(None)
            }
            HierarchyEntry::Ceremony {
                script_sha256,
                event,
            } => {
                self.events += 1;
                let same = db.all(
                    "SELECT at, event FROM ceremony_event WHERE script = ?1",
                    &[script_sha256.into()],
                    |row| {
                        let found: serde_json::Value =
                            serde_json::from_str(&row.get::<String>(1)?).unwrap_or_default();
                        Ok(row.get::<UnixTime>(0)?.to_string() == entry.at && found == *event)
                    },
                )?;
                Ok(unless(same.contains(&true), || {
                    "an event of a key ceremony is missing or was changed".to_owned()
                }))
            }
            HierarchyEntry::CrlImport { .. } | HierarchyEntry::AuthorityStatement { .. } => {
                Ok(None)
            }
        }
    }
}

/// The revocations of an imported CRL are in the table of revocations: which of them are not.
pub(super) fn missing_revocation(
    db: &mut dyn Database,
    authority: &String,
    revoked: &[ImportedRevocationEntry],
) -> Outcome {
    for entry in revoked {
        let same = db.one(
            "SELECT r.revoked_at, r.reason FROM revocation r \
             JOIN authority a ON a.id = r.authority WHERE a.name = ?1 AND r.serial = ?2",
            &[authority.into(), (&octets(&entry.serial)).into()],
            |row| {
                let reason = u8::try_from(row.get::<i64>(1)?)
                    .ok()
                    .and_then(RevocationReason::from_code);
                Ok(row.get::<UnixTime>(0)?.to_string() == entry.at
                    && reason.is_some_and(|r| r.name() == entry.reason))
            },
        )?;
        if same != Some(true) {
            return Ok(Some(format!(
                "the revocation of certificate {} of {authority:?} is missing or was changed",
                entry.serial
            )));
        }
    }
    Ok(None)
}

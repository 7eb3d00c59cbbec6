//! Which acts operators must decide beside the steps of registration, and whether they did. The rules
//! are those of the journal's records, so that an act is held against the same ones when it is
//! committed and when the journal is audited.

use pki_asn1::UnixTime;

use super::{Database, SqlError, identity, operators, refused, take};
use crate::issuance::sha256;
use crate::journal::{EntryBody, HierarchyEntry, ImportEntry};
use crate::registration::{
    CaOrder, Order, OrderDocument, RegistrationError, RevocationCode, Task, quorum,
};
use crate::store::sql::audit::octets;
use crate::store::{Act, CertificatesAtEnd, Change, HierarchyAct, ImportAct, Mandate, RequestNeed};

/// What the certificates of an authority that ends are revoked for.
const AT_END: &str = "cessationOfOperation";

/// Refuses an act that operators must decide and did not.
pub(in super::super) fn mandated(db: &mut dyn Database, change: &Change) -> Result<(), SqlError> {
    let Some(body) = governed(&change.act) else {
        return match change.mandate {
            None => Ok(()),
            Some(_) => Err(refused(RegistrationError::OtherOrder("act"))),
        };
    };
    let Some(task) = task(&body) else {
        return Ok(());
    };
    match &change.mandate {
        Some(Mandate::Decided { order, decisions }) => {
            let operators = operators(db)?;
            if operators.is_empty() {
                return Err(refused(RegistrationError::NobodyEnrolled));
            }
            if !is_covered(order, &body, change.at) {
                return Err(refused(RegistrationError::OtherOrder(task.name())));
            }
            let needed =
                quorum::for_order(order.decisions(), task.role(), change.at, operators.iter());
            let record = identity(db)?;
            let find = |name: &str| operators.iter().find(|o| o.name() == name);
            let decisions: Vec<_> = decisions.iter().collect();
            let deciders = quorum::check(
                &order.matter(),
                &decisions,
                (needed, &record, change.at),
                find,
            )
            .map_err(refused)?;
            for (operator, decision) in deciders.into_iter().zip(decisions) {
                take(db, operator, &decision.statement_sha256())?;
            }
            Ok(())
        }
        Some(Mandate::Code(code)) => match opens(db, code, &body)? {
            true => Ok(()),
            false => Err(refused(RegistrationError::WrongCode)),
        },
        Some(Mandate::Ceremony(script)) => match is_scripted(db, script, &body)? {
            true => Ok(()),
            false => Err(refused(RegistrationError::OtherOrder(task.name()))),
        },
        None => {
            let free = !super::in_force(db)? || follows(db, &body)?;
            match free {
                true => Ok(()),
                false => Err(refused(RegistrationError::Unsigned(
                    task.name(),
                    task.role(),
                ))),
            }
        }
    }
}

/// The record of an act that may need a mandate. People's certificates are not among them: they have
/// their requests.
fn governed(act: &Act) -> Option<EntryBody> {
    let of_provider = match act {
        Act::Intend(intent) => {
            intent.new_authority.is_some()
                || intent.certifies.is_some()
                || intent.registration.need == RequestNeed::Never
        }
        Act::Revoke(_) | Act::Suspend(_) | Act::Resume(_) => true,
        Act::Hierarchy(act) => !matches!(act, HierarchyAct::ImportCrl(_)),
        Act::Import(ImportAct::Adopt(_)) => true,
        _ => false,
    };
    of_provider.then(|| act.into())
}

/// What operators decide with the act; `None` where they need not. A certificate that is issued is
/// one of the provider's own.
pub(super) fn task(body: &EntryBody) -> Option<Task> {
    Some(match body {
        EntryBody::Revocation { .. } => Task::CertificateRevoke,
        EntryBody::Suspension { .. } => Task::CertificateSuspend,
        EntryBody::Resumption { .. } => Task::CertificateResume,
        EntryBody::Intent {
            new_authority,
            certified_as,
            ..
        } if new_authority.is_some() || certified_as.is_some() => Task::CaCertify,
        EntryBody::Intent { .. } => Task::ServiceCertify,
        // An issuer that comes along has no key here, and only its CRLs come after it.
        EntryBody::Hierarchy(HierarchyEntry::Adopted { key, .. }) if !key.is_empty() => {
            Task::CaAdopt
        }
        EntryBody::Import(ImportEntry::Adoption { .. }) => Task::CaAdopt,
        EntryBody::Hierarchy(HierarchyEntry::AuthorityIssuing { .. }) => Task::CaIssuing,
        EntryBody::Hierarchy(HierarchyEntry::Termination { .. }) => Task::CaTerminate,
        EntryBody::Hierarchy(HierarchyEntry::Ceremony { event, .. }) if is(event, "opened") => {
            Task::CeremonyHold
        }
        _ => return None,
    })
}

/// Whether this is what the order says.
pub(super) fn is_covered(document: &OrderDocument, body: &EntryBody, at: UnixTime) -> bool {
    // What the order leaves open may be anything.
    let open = |ordered: &Option<String>, done: Option<&String>| {
        ordered.is_none() || ordered.as_ref() == done
    };
    match (document.order(), body) {
        (
            Order::CertificateRevoke {
                authority,
                serial,
                reason,
                invalidity_date,
                requested_at,
            },
            EntryBody::Revocation {
                authority: of,
                serial: which,
                reason: why,
                invalidity_date: since,
                requested_at: asked,
            },
        ) => {
            (authority, serial, reason) == (of, which, why)
                && invalidity_date == since
                && open(requested_at, Some(asked))
        }
        (
            Order::CertificateSuspend {
                authority,
                serial,
                requested_at,
            },
            EntryBody::Suspension {
                authority: of,
                serial: which,
                requested_at: asked,
            },
        )
        | (
            Order::CertificateResume {
                authority,
                serial,
                requested_at,
            },
            EntryBody::Resumption {
                authority: of,
                serial: which,
                requested_at: asked,
            },
        ) => (authority, serial) == (of, which) && open(requested_at, Some(asked)),
        (Order::CaCertify(ca), EntryBody::Intent { .. }) => certifies(ca, body, at),
        (
            Order::ServiceCertify {
                authority,
                profile,
                subject,
                key_sha256,
                days,
            },
            EntryBody::Intent {
                authority: by,
                profile: under,
                subject: whom,
                not_after,
                registration: Some(registration),
                ..
            },
        ) => {
            (authority, profile, subject) == (by, under, whom)
                && open(key_sha256, Some(&registration.key_sha256))
                && ends_within(*days, at, not_after)
        }
        (
            Order::CaAdopt {
                authority,
                certificate_sha256,
            },
            EntryBody::Hierarchy(HierarchyEntry::Adopted {
                authority: name,
                certificate_sha256: what,
                ..
            })
            | EntryBody::Import(ImportEntry::Adoption {
                authority: name,
                certificate_sha256: what,
                ..
            }),
        ) => (authority, certificate_sha256) == (name, what),
        (
            Order::CaIssuing { authority, issuing },
            EntryBody::Hierarchy(HierarchyEntry::AuthorityIssuing {
                authority: name,
                issuing: how,
            }),
        ) => (authority, issuing) == (name, how),
        (
            Order::CaTerminate {
                authority,
                reason,
                certificates,
            },
            EntryBody::Hierarchy(HierarchyEntry::Termination {
                authority: name,
                reason: why,
                certificates: fate,
            }),
        ) => (authority, reason, certificates) == (name, why, fate),
        (
            Order::CeremonyHold { script_sha256 },
            EntryBody::Hierarchy(HierarchyEntry::Ceremony {
                script_sha256: which,
                event,
            }),
        ) => script_sha256 == which && is(event, "opened"),
        _ => false,
    }
}

fn certifies(ca: &CaOrder, body: &EntryBody, at: UnixTime) -> bool {
    let EntryBody::Intent {
        authority: issuer,
        profile,
        subject,
        not_after,
        new_authority,
        key,
        predecessor,
        certifies,
        certified_as,
        registration: Some(registration),
        ..
    } = body
    else {
        return false;
    };
    let certified = new_authority.as_ref().or(certifies.as_ref());
    let done_as = certified_as.as_deref().unwrap_or(CaOrder::FIRST);
    (&ca.issuer, &ca.profile, &ca.subject) == (issuer, profile, subject)
        && ca.authority.as_ref() == certified
        && ca.certified_as == done_as
        && ca.predecessor == *predecessor
        && (ca.key.is_none() || ca.key == *key)
        && ca
            .key_sha256
            .as_ref()
            .is_none_or(|ordered| *ordered == registration.key_sha256)
        && ends_within(ca.days, at, not_after)
}

fn ends_within(days: Option<u32>, at: UnixTime, not_after: &str) -> bool {
    let Some(days) = days else {
        return true;
    };
    not_after
        .parse::<UnixTime>()
        .is_ok_and(|end| end <= at.plus_days(days))
}

fn is(event: &serde_json::Value, name: &str) -> bool {
    event.get("event").and_then(serde_json::Value::as_str) == Some(name)
}

/// Whether the code is that of the certificate which is revoked.
pub(super) fn opens(
    db: &mut dyn Database,
    code: &RevocationCode,
    body: &EntryBody,
) -> Result<bool, SqlError> {
    let EntryBody::Revocation {
        authority, serial, ..
    } = body
    else {
        return Ok(false);
    };
    let serial = octets(serial);
    let hash = db.one(
        "SELECT g.revocation_code FROM certificate_registration g \
         JOIN authority a ON a.id = g.authority WHERE a.name = ?1 AND g.serial = ?2",
        &[authority.into(), (&serial).into()],
        |row| row.get::<Option<Vec<u8>>>(0),
    )?;
    Ok(hash
        .flatten()
        .is_some_and(|hash| code.opens(&hash, authority, &serial)))
}

/// Whether a ceremony with this script is open and makes the authority.
fn is_scripted(db: &mut dyn Database, script: &str, body: &EntryBody) -> Result<bool, SqlError> {
    let events = db.all(
        "SELECT event FROM ceremony_event WHERE script = ?1 ORDER BY seq",
        &[script.into()],
        |row| row.get::<String>(0),
    )?;
    let events = events
        .iter()
        .filter_map(|event| serde_json::from_str::<serde_json::Value>(event).ok());
    let mut ceremony = Scripted::default();
    events.for_each(|event| ceremony.follow(&event));
    Ok(ceremony.makes(body))
}

/// What a ceremony that is open makes.
#[derive(Debug, Default)]
pub(super) struct Scripted(Option<Vec<String>>);

impl Scripted {
    pub(super) fn follow(&mut self, event: &serde_json::Value) {
        if is(event, "opened") {
            let names = event.get("authorities").and_then(|v| v.as_array());
            let names = names.into_iter().flatten().filter_map(|v| v.as_str());
            self.0 = Some(names.map(str::to_owned).collect());
        } else if is(event, "closed") || is(event, "aborted") {
            self.0 = None;
        }
    }

    pub(super) fn makes(&self, body: &EntryBody) -> bool {
        match (body, &self.0) {
            (
                EntryBody::Intent {
                    new_authority: Some(name),
                    ..
                },
                Some(names),
            ) => names.contains(name),
            _ => false,
        }
    }
}

/// Whether the act follows from an earlier one by itself: certificates that are revoked with their
/// authority, as was decided at its end; a service's certificate that is renewed.
fn follows(db: &mut dyn Database, body: &EntryBody) -> Result<bool, SqlError> {
    match body {
        EntryBody::Revocation { authority, .. } => {
            let ended = db.one(
                "SELECT l.certificates_at_end FROM authority_life l \
                 JOIN authority a ON a.id = l.authority \
                 WHERE a.name = ?1 AND a.state <> 2 AND l.terminated_at IS NOT NULL",
                &[authority.into()],
                |row| row.get::<Option<i64>>(0),
            )?;
            let revoked = ended.flatten() == Some(CertificatesAtEnd::Revoked.code());
            Ok(revoked && is_at_end(body))
        }
        EntryBody::Intent { .. } if task(body) == Some(Task::ServiceCertify) => {
            is_renewal(db, body, Until::Now)
        }
        _ => Ok(false),
    }
}

/// Whether a revocation is for the reason that the end of an authority gives.
pub(super) fn is_at_end(body: &EntryBody) -> bool {
    matches!(body, EntryBody::Revocation { reason, .. } if reason == AT_END)
}

/// Of which moment it is asked.
#[derive(Clone, Copy)]
pub(super) enum Until {
    /// The certificate is not in the tables yet.
    Now,
    /// It is, and those after it do not count.
    Itself,
}

/// Whether the same authority certified the same subject under the same profile before: with a key
/// that is made here, any certificate will do; with one from elsewhere, it must be the same key.
pub(super) fn is_renewal(
    db: &mut dyn Database,
    body: &EntryBody,
    until: Until,
) -> Result<bool, SqlError> {
    let EntryBody::Intent {
        authority,
        serial,
        profile,
        subject,
        registration: Some(registration),
        ..
    } = body
    else {
        return Ok(false);
    };
    let own = db.one(
        "SELECT c.id FROM certificate c JOIN authority a ON a.id = c.authority \
         WHERE a.name = ?1 AND c.serial = ?2",
        &[authority.into(), (&octets(serial)).into()],
        |row| row.get::<i64>(0),
    )?;
    let before = match until {
        Until::Now => i64::MAX,
        Until::Itself => own.unwrap_or(0),
    };
    let names = (authority.as_str(), profile.as_str(), subject.as_str());
    let keys = certified_keys(db, names, before)?;
    let mut keys = keys.into_iter().map(hex::encode);
    Ok(match registration.foreign_key {
        true => keys.any(|key| key == registration.key_sha256),
        false => keys.next().is_some(),
    })
}

/// The keys that the authority certified for the subject under the profile, the latest first, before
/// the certificate at this place.
pub(super) fn certified_keys(
    db: &mut dyn Database,
    (authority, profile, subject): (&str, &str, &str),
    before: i64,
) -> Result<Vec<[u8; 32]>, SqlError> {
    db.all(
        "SELECT g.key_sha256 FROM certificate_registration g \
         JOIN authority a ON a.id = g.authority \
         JOIN certificate c ON c.authority = g.authority AND c.serial = g.serial \
         WHERE g.subject_sha256 = ?1 AND a.name = ?2 AND c.profile = ?3 AND c.state = 1 \
         AND c.id < ?4 ORDER BY c.id DESC LIMIT 100",
        &[
            (&sha256(subject.as_bytes())).into(),
            authority.into(),
            profile.into(),
            before.into(),
        ],
        |row| row.get(0),
    )
}

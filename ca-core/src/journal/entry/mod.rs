//! What each act writes into the journal, and reading it back for the comparison with the tables.
//!
//! The records of an area that has several are an enum of its own, an untagged variant here.

mod audit;
mod hierarchy;
mod import;
mod mandate;
mod profile;
mod registration;

use serde::{Deserialize, Serialize};

pub(crate) use self::audit::AuditEntry;
pub use self::audit::Handover;
pub(crate) use self::hierarchy::{HierarchyEntry, ImportedRevocationEntry};
pub(crate) use self::mandate::MandateEntry;
pub(crate) use self::profile::ProfileEntry;
pub(crate) use self::registration::{
    DecisionEntry, IntentRegistrationEntry, RegistrationEntry, StepEntry,
};

pub(crate) use self::import::{ImportEntry, ImportedEntry};

use crate::crl::CrlScope;
use crate::store::{Act, Change, CrlIntent, Occasion};

/// The acts of `sceau.order/1` are decided, too, and operators by two security-officers.
pub(crate) const DECISIONS: &str = "sceau.order/1";

/// A record's content. The same change always gives the same bytes.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Entry {
    /// RFC 3339.
    pub(crate) at: String,
    #[serde(default)]
    pub(crate) actors: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mandate: Option<MandateEntry>,
    #[serde(flatten)]
    pub(crate) body: EntryBody,
}

/// What was done.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub(crate) enum EntryBody {
    Created {
        format: String,
        /// 32 random octets, hexadecimal: two installations that begin in the same second are two.
        // Older programs wrote none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Which acts need operators' decisions, once operators are enrolled. Older programs wrote
        /// none, and asked for fewer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        decisions: Option<String>,
    },
    Intent {
        authority: String,
        serial: String,
        tbs_sha256: String,
        profile: String,
        profile_sha256: String,
        subject: String,
        not_after: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        qscd_evidence: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        new_authority: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        key: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        crl_partitions: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none")]
        predecessor: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        certifies: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        certified_as: Option<String>,
        // Older programs wrote none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        registration: Option<Box<IntentRegistrationEntry>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order: Option<String>,
    },
    Result {
        authority: String,
        serial: String,
        intent: u64,
        certificate_sha256: String,
    },
    Abandoned {
        authority: String,
        serial: String,
        reason: String,
    },
    Revocation {
        authority: String,
        serial: String,
        reason: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        invalidity_date: Option<String>,
        requested_at: String,
    },
    CrlIntent {
        authority: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        partition: Option<u32>,
        number: u64,
        /// Of a delta: the complete CRL it starts from.
        #[serde(skip_serializing_if = "Option::is_none")]
        base: Option<u64>,
        tbs_sha256: String,
        entries: u64,
        this_update: String,
        next_update: String,
    },
    CrlResult {
        authority: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        partition: Option<u32>,
        number: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        base: Option<u64>,
        /// How many changes of status of the authority it has seen.
        #[serde(skip_serializing_if = "Option::is_none")]
        position: Option<u64>,
        /// Whether it came when it was due, and not because of a revocation: expired entries leave after
        /// such a one (RFC 5280 section 3.3). Older programs wrote none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scheduled: Option<bool>,
        crl_sha256: String,
    },
    Suspension {
        authority: String,
        serial: String,
        requested_at: String,
    },
    Resumption {
        authority: String,
        serial: String,
        requested_at: String,
    },
    #[serde(untagged)]
    Hierarchy(HierarchyEntry),
    #[serde(untagged)]
    Audit(AuditEntry),
    #[serde(untagged)]
    Registration(RegistrationEntry),
    #[serde(untagged)]
    Profile(ProfileEntry),
    #[serde(untagged)]
    Import(ImportEntry),
}

impl Entry {
    /// Reads a record.
    pub(crate) fn decode(record: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(record)
    }
}

/// The bytes of a change's record.
///
/// # Errors
/// Where JSON cannot be written, which strings and numbers never cause.
pub fn encode(change: &Change) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Entry {
        at: change.at.to_string(),
        actors: change.actors.clone(),
        mandate: change.mandate.as_ref().map(Into::into),
        body: (&change.act).into(),
    })
}

impl From<&Act> for EntryBody {
    fn from(act: &Act) -> Self {
        match act {
            Act::Create { id } => Self::Created {
                format: "sceau.record/1".into(),
                id: Some(hex::encode(id)),
                decisions: Some(DECISIONS.into()),
            },
            Act::Intend(i) => Self::Intent {
                authority: i.authority.name.clone(),
                serial: hex::encode(&i.serial),
                tbs_sha256: hex::encode(i.tbs_sha256),
                profile: i.profile.clone(),
                profile_sha256: hex::encode(i.profile_sha256),
                subject: i.subject.clone(),
                not_after: i.not_after.to_string(),
                qscd_evidence: i.qscd_evidence.clone(),
                new_authority: i.new_authority.as_ref().map(|a| a.name.clone()),
                key: i.new_authority.as_ref().map(|a| a.key_location.clone()),
                crl_partitions: i
                    .new_authority
                    .as_ref()
                    .map(|a| a.crl_partitions)
                    .filter(|partitions| *partitions > 0),
                predecessor: i
                    .new_authority
                    .as_ref()
                    .and_then(|a| a.predecessor.as_ref())
                    .map(|p| p.name.clone()),
                certifies: i
                    .certifies
                    .as_ref()
                    .and_then(|c| c.authority.as_ref())
                    .map(|a| a.name.clone()),
                certified_as: i.certifies.as_ref().map(|c| c.kind.name().into()),
                registration: Some(Box::new((&*i.registration).into())),
                order: i.order.map(hex::encode),
            },
            Act::Complete(c) => Self::Result {
                authority: c.authority.name.clone(),
                serial: hex::encode(&c.serial),
                intent: c.intent_seq,
                certificate_sha256: hex::encode(c.fingerprint),
            },
            Act::Abandon(a) => Self::Abandoned {
                authority: a.authority.name.clone(),
                serial: hex::encode(&a.serial),
                reason: a.reason.clone(),
            },
            Act::Revoke(r) => Self::Revocation {
                authority: r.authority.name.clone(),
                serial: hex::encode(&r.serial),
                reason: r.reason.name().into(),
                invalidity_date: r.invalidity_date.map(|t| t.to_string()),
                requested_at: r.requested_at.to_string(),
            },
            Act::IntendCrl(c) => Self::CrlIntent {
                authority: c.authority.name.clone(),
                partition: partition(c),
                number: c.number,
                base: c.base,
                tbs_sha256: hex::encode(c.tbs_sha256),
                entries: c.entries,
                this_update: c.this_update.to_string(),
                next_update: c.next_update.to_string(),
            },
            Act::Register(act) => Self::Registration((&**act).into()),
            Act::PublishCrl(c) => Self::CrlResult {
                authority: c.intent.authority.name.clone(),
                partition: partition(&c.intent),
                number: c.intent.number,
                base: c.intent.base,
                position: Some(c.position),
                scheduled: Some(c.occasion == Occasion::Scheduled),
                crl_sha256: hex::encode(c.sha256),
            },
            Act::Suspend(s) => Self::Suspension {
                authority: s.authority.name.clone(),
                serial: hex::encode(&s.serial),
                requested_at: s.requested_at.to_string(),
            },
            Act::Resume(s) => Self::Resumption {
                authority: s.authority.name.clone(),
                serial: hex::encode(&s.serial),
                requested_at: s.requested_at.to_string(),
            },
            Act::Hierarchy(act) => Self::Hierarchy(act.into()),
            Act::Audit(act) => Self::Audit(act.into()),
            Act::Profile(act) => Self::Profile(act.into()),
            Act::Import(act) => Self::Import(act.into()),
        }
    }
}

fn partition(intent: &CrlIntent) -> Option<u32> {
    match intent.name.scope {
        CrlScope::All => None,
        CrlScope::Partition(n) => Some(n),
    }
}

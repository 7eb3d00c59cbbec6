//! What each act writes into the journal.

use serde::Serialize;

use crate::store::{Act, Change};

#[derive(Serialize)]
struct Envelope<'a> {
    at: String,
    actors: &'a [String],
    #[serde(flatten)]
    body: Body<'a>,
}

#[derive(Serialize)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
enum Body<'a> {
    Created {
        format: &'static str,
    },
    Intent {
        authority: &'a str,
        serial: String,
        tbs_sha256: String,
        profile: &'a str,
        profile_sha256: String,
        subject: &'a str,
        not_after: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        qscd_evidence: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        new_authority: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        key: Option<&'a str>,
    },
    Result {
        authority: &'a str,
        serial: String,
        intent: u64,
        certificate_sha256: String,
    },
    Abandoned {
        authority: &'a str,
        serial: String,
        reason: &'a str,
    },
    Revocation {
        authority: &'a str,
        serial: String,
        reason: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        invalidity_date: Option<String>,
        requested_at: String,
    },
    CrlIntent {
        authority: &'a str,
        number: u64,
        tbs_sha256: String,
        entries: u64,
        this_update: String,
        next_update: String,
    },
    CrlResult {
        authority: &'a str,
        number: u64,
        crl_sha256: String,
    },
}

/// The bytes of a change's record. The same change always gives the same bytes.
///
/// # Errors
/// Where JSON cannot be written, which strings and numbers never cause.
pub fn encode(change: &Change) -> Result<Vec<u8>, serde_json::Error> {
    let body = match &change.act {
        Act::Create => Body::Created {
            format: "sceau.record/1",
        },
        Act::Intend(i) => Body::Intent {
            authority: &i.authority.name,
            serial: hex::encode(&i.serial),
            tbs_sha256: hex::encode(i.tbs_sha256),
            profile: &i.profile,
            profile_sha256: hex::encode(i.profile_sha256),
            subject: &i.subject,
            not_after: i.not_after.to_string(),
            qscd_evidence: i.qscd_evidence.as_deref(),
            new_authority: i.new_authority.as_ref().map(|a| a.name.as_str()),
            key: i.new_authority.as_ref().map(|a| a.key_location.as_str()),
        },
        Act::Complete(c) => Body::Result {
            authority: &c.authority.name,
            serial: hex::encode(&c.serial),
            intent: c.intent_seq,
            certificate_sha256: hex::encode(c.fingerprint),
        },
        Act::Abandon(a) => Body::Abandoned {
            authority: &a.authority.name,
            serial: hex::encode(&a.serial),
            reason: &a.reason,
        },
        Act::Revoke(r) => Body::Revocation {
            authority: &r.authority.name,
            serial: hex::encode(&r.serial),
            reason: r.reason.name(),
            invalidity_date: r.invalidity_date.map(|t| t.to_string()),
            requested_at: r.requested_at.to_string(),
        },
        Act::IntendCrl(c) => Body::CrlIntent {
            authority: &c.authority.name,
            number: c.number,
            tbs_sha256: hex::encode(c.tbs_sha256),
            entries: c.entries,
            this_update: c.this_update.to_string(),
            next_update: c.next_update.to_string(),
        },
        Act::PublishCrl(c) => Body::CrlResult {
            authority: &c.authority.name,
            number: c.number,
            crl_sha256: hex::encode(c.sha256),
        },
    };
    serde_json::to_vec(&Envelope {
        at: change.at.to_string(),
        actors: &change.actors,
        body,
    })
}

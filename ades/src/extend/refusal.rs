//! Which signatures cannot honestly be raised.

use pki_path::RevocationStatus;

use super::Target;
use crate::evidence::EvidenceError;
use crate::validate::{Indication, Message, SignatureVerdict, SubIndication};

/// Why a signature is not raised.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Refusal {
    /// A sub-indication of EN 319 102-1, or `EVIDENCE_MISSING`.
    pub code: &'static str,
    /// In words.
    pub reason: String,
    /// What would help.
    pub hint: Option<String>,
    /// Whether another try later may succeed.
    pub temporary: bool,
}

impl Refusal {
    /// For good, with this reason.
    pub(crate) fn new(code: &'static str, reason: String) -> Self {
        Self {
            code,
            reason,
            hint: None,
            temporary: false,
        }
    }

    /// An evidence record covers all of the signature but itself.
    pub(crate) fn evidence_record() -> Self {
        Self {
            code: "EVIDENCE_RECORD",
            reason:
                "an evidence record in it covers all of it but itself, and would not hold any more"
                    .into(),
            hint: Some("renew the record where the signature is archived".into()),
            temporary: false,
        }
    }

    /// An archive time-stamp covers the sets that would have to grow.
    pub(crate) fn archive_form() -> Self {
        Self {
            code: "ARCHIVE_FORM",
            reason: "an archive time-stamp of an earlier form covers its certificates and revocation values as a whole, and would be broken".into(),
            hint: Some("renew it with the product that made it".into()),
            temporary: false,
        }
    }
}

impl From<&EvidenceError> for Refusal {
    fn from(error: &EvidenceError) -> Self {
        let code = match error {
            EvidenceError::NoPath { .. } => SubIndication::NoCertificateChainFound.as_str(),
            EvidenceError::Revoked { .. } => SubIndication::RevokedNoPoe.as_str(),
            EvidenceError::Expired { .. } => SubIndication::OutOfBoundsNoPoe.as_str(),
            EvidenceError::Broken { .. } => SubIndication::CertificateChainGeneralFailure.as_str(),
            _ => "EVIDENCE_MISSING",
        };
        Self {
            code,
            reason: error.to_string(),
            hint: error.hint(),
            temporary: error.is_temporary(),
        }
    }
}

/// Whether a signature may be raised. `evidence` is why the validation data of its certificate is
/// not complete, where it is not.
pub(crate) fn judge(
    verdict: &SignatureVerdict,
    evidence: Option<&EvidenceError>,
    to: Target,
) -> Option<Refusal> {
    if to == Target::BT && is_open(verdict) {
        return None;
    }
    match (verdict.indication, verdict.sub_indication, evidence) {
        // It says more than the verdict: who was asked, and what to do.
        (
            Indication::Indeterminate,
            Some(
                SubIndication::TryLater
                | SubIndication::RevocationOutOfBoundsNoPoe
                | SubIndication::OutOfBoundsNotRevoked
                | SubIndication::NoCertificateChainFound
                | SubIndication::OutOfBoundsNoPoe,
            ),
            Some(error),
        ) => Some(error.into()),
        (Indication::TotalPassed, _, Some(error)) if to > Target::BT => Some(error.into()),
        (Indication::TotalPassed, ..) => None,
        (_, sub, _) => {
            let first = verdict.errors.first();
            Some(Refusal {
                code: sub.map_or("INDETERMINATE", SubIndication::as_str),
                reason: first.map_or_else(
                    || "it is not valid".into(),
                    |message| message.message.to_string(),
                ),
                hint: first.and_then(|message| Some(message.hint.as_ref()?.to_string())),
                temporary: matches!(
                    sub,
                    Some(SubIndication::TryLater | SubIndication::RevocationOutOfBoundsNoPoe)
                ),
            })
        }
    }
}

/// What keeps the verdict open is material that a time-stamp does not need: it makes whoever extends
/// the signature later independent of today's, and harms nobody.
fn is_open(verdict: &SignatureVerdict) -> bool {
    let suspended = verdict
        .chain
        .iter()
        .any(|one| matches!(one.revocation, Some(RevocationStatus::Revoked(..))));
    !suspended
        && matches!(
            verdict.sub_indication,
            Some(
                SubIndication::TryLater
                    | SubIndication::RevocationOutOfBoundsNoPoe
                    | SubIndication::NoCertificateChainFound
            )
        )
}

/// What a time-stamp does not need, and validation will.
pub(crate) fn warnings(verdict: &SignatureVerdict, to: Target) -> impl Iterator<Item = &Message> {
    let open = to == Target::BT && is_open(verdict);
    verdict.errors.iter().filter(move |_| open)
}

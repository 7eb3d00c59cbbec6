//! Which signatures cannot honestly be raised.

use pki_path::RevocationStatus;

use super::Target;
use crate::evidence::EvidenceError;
use crate::validate::{Indication, Message, SignatureVerdict, SubIndication};

/// What a refusal is, for programs; `docs/codes.md` names those that are no sub-indications.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum RefusalCode {
    /// The signature would not be valid afterwards.
    Reason(SubIndication),
    /// Evidence for its certificates is not to be had.
    EvidenceMissing,
    /// An evidence record in the signature covers what would be added to.
    EvidenceRecord,
    /// An archive time-stamp of an earlier form covers what would be added to.
    ArchiveForm,
}

impl RefusalCode {
    /// Those that are of extending alone.
    pub const OWN: [Self; 3] = [
        Self::EvidenceMissing,
        Self::EvidenceRecord,
        Self::ArchiveForm,
    ];

    /// As it is written in reports: upper case, never changed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reason(sub) => sub.as_str(),
            Self::EvidenceMissing => "EVIDENCE_MISSING",
            Self::EvidenceRecord => "EVIDENCE_RECORD",
            Self::ArchiveForm => "ARCHIVE_FORM",
        }
    }
}

impl From<SubIndication> for RefusalCode {
    fn from(sub: SubIndication) -> Self {
        Self::Reason(sub)
    }
}

/// Why a signature is not raised.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Refusal {
    /// What it is, for programs.
    pub code: RefusalCode,
    /// In words.
    pub reason: String,
    /// What would help.
    pub hint: Option<String>,
    /// Whether another try later may succeed.
    pub temporary: bool,
}

impl Refusal {
    /// For good, with this reason.
    pub(crate) fn new(code: impl Into<RefusalCode>, reason: String) -> Self {
        Self {
            code: code.into(),
            reason,
            hint: None,
            temporary: false,
        }
    }

    /// An evidence record covers all of the signature but itself.
    pub(crate) fn evidence_record() -> Self {
        Self {
            code: RefusalCode::EvidenceRecord,
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
            code: RefusalCode::ArchiveForm,
            reason: "an archive time-stamp of an earlier form covers its certificates and revocation values as a whole, and would be broken".into(),
            hint: Some("renew it with the product that made it".into()),
            temporary: false,
        }
    }
}

impl From<&EvidenceError> for Refusal {
    fn from(error: &EvidenceError) -> Self {
        let code = match error {
            EvidenceError::NoPath { .. } => SubIndication::NoCertificateChainFound.into(),
            EvidenceError::Revoked { .. } => SubIndication::RevokedNoPoe.into(),
            EvidenceError::Expired { .. } => SubIndication::OutOfBoundsNoPoe.into(),
            EvidenceError::Broken { .. } => SubIndication::CertificateChainGeneralFailure.into(),
            _ => RefusalCode::EvidenceMissing,
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
                code: sub.unwrap_or(SubIndication::Generic).into(),
                reason: first.map_or_else(
                    || "it is not valid".into(),
                    |message| message.message.to_string(),
                ),
                hint: first.and_then(|message| Some(message.remedy()?.to_string())),
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

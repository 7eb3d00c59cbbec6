//! References to the evidence that registration saw (EN 319 411-1 clause 6.2.2). The evidence itself
//! stays in its own archive: here are its digest, who saw it, and when.

use core::fmt;
use core::str::FromStr;

use pki_asn1::UnixTime;
use serde::{Deserialize, Serialize};

use super::{RegistrationError, is_plain_text};

/// What kind of evidence.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceKind {
    /// A passport, identity or residence card.
    IdentityDocument,
    /// The minutes of a meeting in person.
    FaceToFace,
    /// The report of a remote identification.
    RemoteIdentification,
    /// An extract of the register the organisation is in.
    RegisterExtract,
    /// The mandate of a certification agent, or another power to act.
    Mandate,
    /// The signed subscriber agreement.
    Agreement,
    /// What shows that the key is in its device.
    DeviceAttestation,
    /// Anything else; the reference says what.
    Other,
}

/// One reference.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Evidence {
    /// Of which kind.
    pub kind: EvidenceKind,
    /// Where it is found: a file number, a document's number.
    pub reference: String,
    /// SHA-256 of the file, hexadecimal, where it is a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Who saw it.
    pub seen_by: String,
    /// When.
    #[serde(with = "super::time_text")]
    pub seen_at: UnixTime,
}

impl EvidenceKind {
    const TABLE: [(Self, &'static str); 8] = [
        (Self::IdentityDocument, "identity-document"),
        (Self::FaceToFace, "face-to-face"),
        (Self::RemoteIdentification, "remote-identification"),
        (Self::RegisterExtract, "register-extract"),
        (Self::Mandate, "mandate"),
        (Self::Agreement, "agreement"),
        (Self::DeviceAttestation, "device-attestation"),
        (Self::Other, "other"),
    ];

    /// Its name in commands and documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::TABLE
            .iter()
            .find(|(k, _)| *k == self)
            .map_or("", |(_, name)| name)
    }
}

impl fmt::Display for EvidenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for EvidenceKind {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let found = Self::TABLE.iter().find(|(_, name)| *name == s);
        found.map(|(kind, _)| *kind).ok_or_else(|| {
            let names = Self::TABLE.map(|(_, name)| name);
            format!(
                "unknown kind of evidence {s:?}; one of {}",
                names.join(", ")
            )
        })
    }
}

impl Evidence {
    /// Seen by now, at the time `now`, and not longer than `days` ago: identity is established
    /// again after that (EN 319 411-1 clause 6.3.6: evidence that is still valid may be used again).
    pub(super) fn check(&self, now: UnixTime, days: u32) -> Result<(), RegistrationError> {
        let texts = [
            ("the reference of evidence", &self.reference),
            ("who saw the evidence", &self.seen_by),
        ];
        for (what, value) in texts {
            if !is_plain_text(value) {
                let value = value.clone();
                return Err(RegistrationError::Text { what, value });
            }
        }
        let digest = self.sha256.as_ref();
        if digest.is_some_and(|d| d.len() != 64 || hex::decode(d).is_err()) {
            return Err(RegistrationError::Document("the SHA-256 of evidence"));
        }
        if self.seen_at > now || self.is_stale(now, days) {
            return Err(RegistrationError::EvidenceTime {
                reference: self.reference.clone(),
                seen_at: self.seen_at,
                days,
            });
        }
        Ok(())
    }

    /// Whether it was seen more than `days` before `now`.
    #[must_use]
    pub fn is_stale(&self, now: UnixTime, days: u32) -> bool {
        self.seen_at.plus_days(days) < now
    }
}

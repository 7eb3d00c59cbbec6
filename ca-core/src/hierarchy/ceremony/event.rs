//! What happens in a ceremony, as the journal keeps it. The minutes are written from these events
//! alone, so an interrupted ceremony that goes on another day has one set of minutes.

use serde::{Deserialize, Serialize};

use super::config::Phase;

/// One event. Times are the journal's.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(
    tag = "event",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum CeremonyEvent {
    /// It begins.
    Opened {
        /// The script's title.
        title: String,
        /// The program and its version.
        program: String,
        /// Whether it counts.
        held: Held,
        /// Journal records before it.
        records: u64,
        /// The journal's head hash before it, hexadecimal.
        head: String,
        /// The authorities that its script makes. Older programs did not say.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        authorities: Vec<String>,
    },
    /// It goes on after an interruption.
    Resumed {
        /// The program and its version.
        program: String,
    },
    /// A participant confirms that a phase may begin.
    Confirmed {
        /// Which phase.
        before: Phase,
        /// Who, by the script's id.
        participant: String,
        /// How.
        by: ConfirmedBy,
    },
    /// A key is about to be generated.
    KeyBegun {
        /// Its name in the script.
        key: String,
    },
    /// It was generated, read back, and is what the script wants.
    KeyMade(MadeKey),
    /// A certificate was issued and recorded.
    CertificateMade(MadeCertificate),
    /// A CRL was issued and recorded.
    CrlMade(MadeCrl),
    /// It stopped, and can go on.
    Interrupted {
        /// Why.
        reason: String,
    },
    /// It was given up.
    Aborted {
        /// Why.
        reason: String,
    },
    /// It is over.
    Closed,
}

/// Whether a ceremony counts.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    /// Participants confirm in person or by signature.
    ForReal,
    /// Confirmations come from a prepared file.
    AsRehearsal,
}

/// How a participant confirmed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(
    tag = "method",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub enum ConfirmedBy {
    /// At the terminal, by typing the words asked for.
    Terminal,
    /// By a signature over the confirmation text.
    Signature {
        /// SHA-256 of the certificate whose key signed, hexadecimal.
        certificate_sha256: String,
        /// SHA-256 of the signature, hexadecimal.
        signature_sha256: String,
    },
    /// From a prepared file: a rehearsal.
    Answers,
}

/// A key that was made.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MadeKey {
    /// Its name in the script.
    pub key: String,
    /// Where it is.
    pub location: String,
    /// Curve or modulus, and what it signs with.
    pub algorithm: String,
    /// SHA-256 of its SubjectPublicKeyInfo (DER), hexadecimal.
    pub spki_sha256: String,
    /// Attributes as the token reports them, in its order; empty for a key file.
    pub attributes: Vec<(String, String)>,
}

/// A certificate that was made.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MadeCertificate {
    /// The authority's name.
    pub authority: String,
    /// Who issued it; its own name for a root.
    pub issuer: String,
    /// The profile.
    pub profile: String,
    /// Its subject.
    pub subject: String,
    /// Its serial number, hexadecimal.
    pub serial: String,
    /// Start of validity.
    pub not_before: String,
    /// End of validity.
    pub not_after: String,
    /// SHA-256 of the certificate (DER), hexadecimal.
    pub sha256: String,
    /// SHA-256 of its SubjectPublicKeyInfo (DER), hexadecimal.
    pub spki_sha256: String,
    /// The file it is written to.
    pub file: String,
    /// SHA-256 of that file.
    pub file_sha256: String,
}

/// A CRL that was made.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MadeCrl {
    /// Who signed it.
    pub authority: String,
    /// Its number.
    pub number: u64,
    /// When it was issued.
    pub this_update: String,
    /// When the next one will be there.
    pub next_update: String,
    /// How many entries.
    pub entries: u64,
    /// SHA-256 of the CRL (DER), which is the file, hexadecimal.
    pub sha256: String,
    /// The file it is written to.
    pub file: String,
}

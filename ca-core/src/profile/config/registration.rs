//! The profile's `[registration]` table: what must have happened before a certificate is issued.

use serde::{Deserialize, Serialize};

/// What registration asks for. Every key has a default, and the table may be absent.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RegistrationPolicy {
    /// Decisions needed besides the registrar's own, 0 to 9 (EN 319 411-1 clause 6.4.3 asks for
    /// separated duties where trust depends on them).
    pub approvals: u8,
    /// Whether a key may be certified again (EN 319 411-1 clause 6.3.3).
    pub duplicate_key: DuplicateKey,
    /// Whether a subject may have a second valid certificate of this profile.
    pub duplicate_subject: DuplicateSubject,
    /// Whether a successor may carry the same key (EN 319 411-1 clauses 6.3.6 and 6.3.7).
    pub renewal: Renewal,
}

impl Default for RegistrationPolicy {
    fn default() -> Self {
        Self {
            approvals: 0,
            duplicate_key: DuplicateKey::Allow,
            duplicate_subject: DuplicateSubject::Allow,
            renewal: Renewal::NewKey,
        }
    }
}

/// What happens where a key was certified before.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DuplicateKey {
    /// Nothing is issued.
    Refuse,
    /// Issued where the subject is the same.
    SameSubject,
    /// Issued.
    Allow,
}

/// What happens where a subject has a valid certificate of the profile.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DuplicateSubject {
    /// Issued.
    Allow,
    /// Issued, and said.
    Warn,
    /// Nothing is issued.
    Refuse,
}

/// Which key a successor carries.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Renewal {
    /// A new one: re-key.
    NewKey,
    /// The same one may be certified again, while its algorithm is trusted.
    SameKey,
}

//! Under which validation policy a verdict was found, as the report names it.

use pki_crypto::DigestAlgorithm;
use serde::Serialize;

/// A validation policy by its name and its octets.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyUsed {
    /// What it calls itself.
    pub name: Option<String>,
    /// The file that it was read from; `default`, `strict` or `permissive` of those that ship.
    pub source: String,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// What was asked of revocation data whatever the policy says: `required` or `if-available`.
    pub revocation: Option<&'static str>,
}

impl PolicyUsed {
    /// The policy `octets`, as it is written down.
    #[must_use]
    pub fn new(source: &str, name: Option<&str>, octets: &[u8]) -> Self {
        Self {
            name: name.map(str::to_owned),
            source: source.to_owned(),
            sha256: DigestAlgorithm::Sha256.digest(octets).to_hex(),
            revocation: None,
        }
    }

    /// Whether it is the one that holds where nobody asks for another.
    pub(super) fn is_default(&self) -> bool {
        self.source == "default" && self.revocation.is_none()
    }
}

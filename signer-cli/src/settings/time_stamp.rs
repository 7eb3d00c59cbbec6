//! `[time-stamp]`: how time-stamps are asked for.

use pki_crypto::DigestAlgorithm;
use serde::Deserialize;

/// `[time-stamp]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TimeStampTable {
    /// sha256 (the default), sha384 or sha512.
    digest: Option<String>,
}

impl TimeStampTable {
    pub(super) fn check(&self) -> Result<(), (String, &'static str)> {
        match (&self.digest, self.digest()) {
            (Some(name), None) => Err((
                format!("[time-stamp] digest {name:?} is not one that authorities take"),
                "give sha256, sha384 or sha512",
            )),
            _ => Ok(()),
        }
    }

    pub(crate) fn digest(&self) -> Option<DigestAlgorithm> {
        match self.digest.as_deref()?.to_ascii_lowercase().as_str() {
            "sha256" | "sha-256" => Some(DigestAlgorithm::Sha256),
            "sha384" | "sha-384" => Some(DigestAlgorithm::Sha384),
            "sha512" | "sha-512" => Some(DigestAlgorithm::Sha512),
            _ => None,
        }
    }
}

//! Certification authorities and the one place where their keys sign.

use std::sync::Arc;

use hsm_pkcs11::Signer;
use pki_asn1::Certificate;

/// A certification authority as it stands in the record.
#[derive(Clone, Debug)]
pub struct Authority {
    pub(crate) id: i64,
    /// Its name in commands and URLs.
    pub name: String,
    /// The profile it was issued under.
    pub profile: String,
    /// Its certificate.
    pub certificate: Certificate,
    /// Where its key is (a PKCS#11 URI or a path; never a secret).
    pub key_location: String,
    /// The name of the authority that issued it; `None` for a root.
    pub issuer: Option<String>,
}

/// An authority together with its private key, checked to belong together. Obtained from
/// [`crate::CaEngine::unlock`].
#[derive(Clone, Debug)]
pub struct AuthorityKey {
    authority: Arc<Authority>,
    signer: Arc<dyn Signer>,
}

impl AuthorityKey {
    /// The authority.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }
}

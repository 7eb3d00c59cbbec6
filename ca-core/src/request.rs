//! PKCS#10 certification requests (RFC 2986): only the public key is taken, and only after proof of
//! possession.

use pki_asn1::oid::ObjectIdentifier;
use pki_crypto::PublicKey;

/// A request whose signature was verified with the key in it.
#[derive(Clone, Debug)]
pub struct CertificationRequest {
    public_key: PublicKey,
    subject: Vec<(ObjectIdentifier, String)>,
}

/// Why a request is not acceptable.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// Neither PEM nor DER of a CertificationRequest.
    #[error("not a PKCS#10 certification request: {0}")]
    Malformed(String),
    /// The signature was not made with the key in the request.
    #[error("the request is not signed by the key it asks to certify")]
    ProofOfPossession,
}

#[allow(unused_variables, clippy::unimplemented)]
impl CertificationRequest {
    /// Reads a request (PEM or DER) and verifies proof of possession over its original bytes.
    ///
    /// # Errors
    /// Where it is malformed, uses algorithms not supported, or is not signed by its own key.
    pub fn parse(input: &[u8]) -> Result<Self, RequestError> {
        unimplemented!()
    }

    /// The key that asked.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The subject the applicant wrote, for comparison; the operator's subject is issued.
    #[must_use]
    pub fn subject(&self) -> &[(ObjectIdentifier, String)] {
        &self.subject
    }
}

//! Signatures over original bytes: certificates, CRLs, OCSP responses.

use pki_asn1::Certificate;
use pki_crypto::{
    KeyError, Message, PublicKey, SignatureAlgorithm, UnsupportedAlgorithm, VerifyError,
};
use spki::AlgorithmIdentifierOwned;

use crate::budget::{BudgetKind, Meter};

/// Why a signature could not be confirmed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The signer's key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The signature's algorithm is not supported.
    #[error(transparent)]
    Algorithm(#[from] UnsupportedAlgorithm),
    /// The signature does not verify.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The algorithms inside and outside the signed bytes differ (RFC 5280 section 4.1.1.2).
    #[error("the signature algorithm inside the signed part differs from the one outside")]
    AlgorithmsDiffer,
}

/// Verifies `signature` over `tbs`; spends from the budget.
pub(crate) fn verify(
    meter: &Meter,
    key: &PublicKey,
    algorithm: &AlgorithmIdentifierOwned,
    tbs: &[u8],
    signature: &[u8],
) -> Result<Result<(), SignatureError>, BudgetKind> {
    meter.spend(BudgetKind::Signatures)?;
    Ok((|| {
        let algorithm = SignatureAlgorithm::from_identifier(algorithm)?;
        key.verify(algorithm, Message::Bytes(tbs), signature)?;
        Ok(())
    })())
}

/// Verifies that `key` signed `certificate`.
pub(crate) fn verify_certificate(
    meter: &Meter,
    key: &PublicKey,
    certificate: &Certificate,
) -> Result<Result<(), SignatureError>, BudgetKind> {
    if certificate.parsed().tbs_certificate().signature() != certificate.signature_algorithm() {
        return Ok(Err(SignatureError::AlgorithmsDiffer));
    }
    verify(
        meter,
        key,
        certificate.signature_algorithm(),
        certificate.tbs_der(),
        certificate.signature(),
    )
}

/// The key in a certificate.
pub(crate) fn key_of(certificate: &Certificate) -> Result<PublicKey, SignatureError> {
    Ok(PublicKey::from_spki_der(certificate.spki_der())?)
}

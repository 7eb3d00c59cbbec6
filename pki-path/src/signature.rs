//! Signatures over original bytes: certificates, CRLs, OCSP responses.

use pki_asn1::Certificate;
use pki_crypto::{
    DigestAlgorithm, KeyError, Message, PublicKey, SignatureAlgorithm, UnsupportedAlgorithm,
    VerifyError,
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
    /// The digest is broken.
    #[error("{0} proves nothing: its digest is broken")]
    Broken(SignatureAlgorithm),
    /// The algorithms inside and outside the signed bytes differ (RFC 5280 section 4.1.1.2).
    #[error("the signature algorithm inside the signed part differs from the one outside")]
    AlgorithmsDiffer,
}

/// What a signature is over. Whether a certificate's algorithms are good enough is for the caller to say, who
/// sees the path; CRLs and OCSP responses, and the certificates of their signers, are seen by nobody else.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Over {
    /// A certificate.
    Certificate,
    /// A CRL or an OCSP response.
    Status,
}

/// Verifies `signature` over `tbs`; spends from the budget.
pub(crate) fn verify(
    meter: &Meter,
    over: Over,
    key: &PublicKey,
    algorithm: &AlgorithmIdentifierOwned,
    tbs: &[u8],
    signature: &[u8],
) -> Result<Result<(), SignatureError>, BudgetKind> {
    meter.spend(BudgetKind::Signatures)?;
    Ok((|| {
        let algorithm = SignatureAlgorithm::from_identifier(algorithm)?;
        if over == Over::Status {
            not_broken(algorithm)?;
        }
        key.verify(algorithm, Message::Bytes(tbs), signature)?;
        Ok(())
    })())
}

/// What nobody can tell from a forgery is no evidence of anything.
fn not_broken(algorithm: SignatureAlgorithm) -> Result<(), SignatureError> {
    match algorithm.digest() {
        Some(DigestAlgorithm::Md5) => Err(SignatureError::Broken(algorithm)),
        _ => Ok(()),
    }
}

/// The same of the certificate of who signed evidence, which nobody else looks at either.
pub(crate) fn certified_soundly(certificate: &Certificate) -> Result<(), SignatureError> {
    let algorithm = SignatureAlgorithm::from_identifier(certificate.signature_algorithm())?;
    not_broken(algorithm)
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
        Over::Certificate,
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

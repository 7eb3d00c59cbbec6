//! Signatures over original bytes: certificates, CRLs, OCSP responses.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pki_asn1::Certificate;
use pki_crypto::{
    Digest, DigestAlgorithm, KeyError, Message, PublicKey, SignatureAlgorithm,
    UnsupportedAlgorithm, VerifyError,
};
use spki::AlgorithmIdentifierOwned;

use crate::budget::BudgetKind;
use crate::build::Validator;

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

/// What verifying came to, so that nothing is verified twice: a file's signers, time-stamps and responders
/// have authorities in common, and each is asked about more than once. By algorithm and SHA-256 over key, signed
/// octets and signature, each with its length.
#[derive(Debug, Default)]
pub(crate) struct Verified(Mutex<Outcomes>);

type Outcomes = HashMap<(SignatureAlgorithm, Digest), Result<(), VerifyError>>;

impl Clone for Verified {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.outcomes().clone()))
    }
}

impl Verified {
    /// As many as a file with a thousand signatures asks for; a hostile one asks for more.
    const KEPT: usize = 10_000;
    /// Hashing large lists twice would cost more than most signatures.
    const OCTETS: usize = 64 << 10;

    fn outcomes(&self) -> MutexGuard<'_, Outcomes> {
        // Each entry is whole, whoever stopped halfway.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn verify(
        &self,
        key: &PublicKey,
        algorithm: SignatureAlgorithm,
        tbs: &[u8],
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        let verify = || key.verify(algorithm, Message::Bytes(tbs), signature);
        if tbs.len() > Self::OCTETS {
            return verify();
        }
        let asked = (algorithm, digest_of([key.spki_der(), tbs, signature]));
        if let Some(known) = self.outcomes().get(&asked) {
            return known.clone();
        }
        let result = verify();
        let mut outcomes = self.outcomes();
        if outcomes.len() < Self::KEPT {
            outcomes.insert(asked, result.clone());
        }
        result
    }
}

fn digest_of(parts: [&[u8]; 3]) -> Digest {
    let mut hasher = DigestAlgorithm::Sha256.hasher();
    for part in parts {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finish()
}

/// Verifies `signature` over `tbs`; spends from the budget, whether it was verified before or not: how many
/// certificates are tried must not depend on what else was asked.
pub(crate) fn verify(
    validator: &Validator<'_>,
    over: Over,
    key: &PublicKey,
    algorithm: &AlgorithmIdentifierOwned,
    tbs: &[u8],
    signature: &[u8],
) -> Result<Result<(), SignatureError>, BudgetKind> {
    validator.meter.spend(BudgetKind::Signatures)?;
    Ok((|| {
        let algorithm = SignatureAlgorithm::from_identifier(algorithm)?;
        if over == Over::Status {
            not_broken(algorithm)?;
        }
        let verified = &validator.pool.verified;
        Ok(verified.verify(key, algorithm, tbs, signature)?)
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
    validator: &Validator<'_>,
    key: &PublicKey,
    certificate: &Certificate,
) -> Result<Result<(), SignatureError>, BudgetKind> {
    if certificate.parsed().tbs_certificate().signature() != certificate.signature_algorithm() {
        return Ok(Err(SignatureError::AlgorithmsDiffer));
    }
    verify(
        validator,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_about_the_same_octets_in_the_same_places() {
        let parts: [&[u8]; 3] = [b"key", b"signed", b"value"];
        let others: [[&[u8]; 3]; 4] = [
            [b"keys", b"igned", b"value"],
            [b"key", b"signedv", b"alue"],
            [b"signed", b"key", b"value"],
            [b"key", b"signed", b""],
        ];
        assert_eq!(digest_of(parts), digest_of(parts));
        for other in others {
            assert_ne!(digest_of(parts), digest_of(other));
        }
    }
}

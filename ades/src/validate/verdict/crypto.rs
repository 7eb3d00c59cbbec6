//! Cryptographic verification (EN 319 102-1 clause 5.2.7).

use super::failure::Failure;
use super::indication::SubIndication;
use crate::text;
use crate::validate::facts::{Check, SignerFacts};

/// Clause 5.2.7: cryptographic verification.
pub(super) fn crypto(signer: &SignerFacts) -> Result<(), Failure> {
    match &signer.digest {
        Check::Ok => {}
        Check::Failed(why) => {
            return Err(Failure::failed(
                SubIndication::HashFailure,
                text!("what was signed has been changed: {}", why),
            )
            .hint("ask for the file as it was signed, or give the right content"));
        }
        Check::NotPossible(why) if signer.digest_algorithm.is_some() => {
            return Err(
                Failure::indeterminate(SubIndication::SignedDataNotFound, why)
                    .hint("give the signed file with --content"),
            );
        }
        Check::NotPossible(why) => return Err(Failure::not_computed(why)),
    }
    if signer.certificate.is_none() {
        return Err(no_certificate(signer));
    }
    match &signer.signature {
        Check::Ok => Ok(()),
        Check::Failed(why) => Err(Failure::failed(
            SubIndication::SigCryptoFailure,
            text!(
                "the signature is not that of the certificate named: {}",
                why
            ),
        )),
        Check::NotPossible(why) => Err(Failure::not_computed(why)),
    }
}

pub(super) fn no_certificate(signer: &SignerFacts) -> Failure {
    Failure::indeterminate(
        SubIndication::NoSigningCertificateFound,
        text!(
            "the certificate of the signer ({}) is not at hand",
            signer.named
        ),
    )
    .hint("give it with --cert")
}

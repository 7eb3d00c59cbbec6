//! What would change a negative verdict, where the verdict itself has nothing more to say about it.

use super::indication::SubIndication;
use crate::text;
use crate::text::Text;

/// By the sub-indication (EN 319 102-1 clause 5.1.3, tables 5 and 6).
pub(crate) fn remedy(sub: SubIndication) -> Text {
    use SubIndication as S;
    match sub {
        S::FormatFailure => {
            text!(
                "only the document as it was signed, in the form that its signature asks for, would change this"
            )
        }
        S::HashFailure => text!("only the file as it was signed would change this"),
        S::SigCryptoFailure => {
            text!("nothing would change this: ask the signer to sign again")
        }
        S::Revoked => {
            text!(
                "nothing would change this: the certificate was revoked before the signature was made"
            )
        }
        S::Expired => {
            text!(
                "nothing would change this: the certificate had expired before the signature was made"
            )
        }
        S::NotYetValid => {
            text!(
                "nothing would change this: ask the signer to sign again with a certificate that is valid"
            )
        }
        S::SignedDataNotFound => text!("give the signed file with --content"),
        S::NoSigningCertificateFound => {
            text!(
                "the certificate that the signature names would change this: give it with --cert, or ask the signer for it"
            )
        }
        S::NoCertificateChainFound | S::NoCertificateChainFoundNoPoe => {
            text!(
                "if you trust the issuer, give its root certificate with --trust, and certificates between with --cert"
            )
        }
        S::CertificateChainGeneralFailure => {
            text!(
                "another chain of certificates would change this: give its certificates with --cert, or ask the issuer"
            )
        }
        S::ChainConstraintsFailure => {
            text!(
                "only a certificate that may be used so would change this: ask the signer to sign again with one"
            )
        }
        S::SigConstraintsFailure => {
            text!(
                "only a signature with what is missing would change this: ask the signer to sign again"
            )
        }
        S::CryptoConstraintsFailure => {
            text!("what was signed has to be signed anew with other algorithms")
        }
        S::CryptoConstraintsFailureNoPoe => {
            text!("only a time-stamp from when the algorithm was reliable would change this")
        }
        S::RevokedNoPoe | S::RevokedCaNoPoe => {
            text!("only a valid time-stamp made before the revocation would change this")
        }
        S::OutOfBoundsNoPoe | S::OutOfBoundsNotRevoked => {
            text!("only a time-stamp made while the certificate was valid would change this")
        }
        S::RevocationOutOfBoundsNoPoe | S::NoPoe => {
            text!(
                "only a proof that the signature existed earlier, such as a time-stamp, would change this"
            )
        }
        S::TimestampOrderFailure => {
            text!(
                "time-stamps in their right order would change this: check the clock, or ask who made them"
            )
        }
        S::TryLater => {
            text!(
                "newer information on revocation would change this: try again later, with a network or with --crl"
            )
        }
        S::PolicyProcessingError | S::SignaturePolicyNotAvailable => {
            text!("the signature policy would change this: ask its publisher for it")
        }
        S::Generic => {
            text!(
                "fewer certificates to look for a chain among would change this: give only those that it needs, or ask the signer for a signature with no others"
            )
        }
    }
}

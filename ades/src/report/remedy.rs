//! What would change a negative verdict, where the verdict itself has nothing more to say about it.

use crate::text;
use crate::text::Text;

/// By the code of the sub-indication (EN 319 102-1 clause 5.1.3, tables 5 and 6); `None` for other codes.
pub(super) fn remedy(code: &str) -> Option<Text> {
    Some(match code {
        "FORMAT_FAILURE" => {
            text!(
                "only the document as it was signed, in the form that its signature asks for, would change this"
            )
        }
        "HASH_FAILURE" => text!("only the file as it was signed would change this"),
        "SIG_CRYPTO_FAILURE" => {
            text!("nothing would change this: ask the signer to sign again")
        }
        "REVOKED" => {
            text!(
                "nothing would change this: the certificate was revoked before the signature was made"
            )
        }
        "EXPIRED" => {
            text!(
                "nothing would change this: the certificate had expired before the signature was made"
            )
        }
        "NOT_YET_VALID" => {
            text!(
                "nothing would change this: ask the signer to sign again with a certificate that is valid"
            )
        }
        "SIGNED_DATA_NOT_FOUND" => text!("give the signed file with --content"),
        "NO_SIGNING_CERTIFICATE_FOUND" => {
            text!(
                "the certificate that the signature names would change this: give it with --cert, or ask the signer for it"
            )
        }
        "NO_CERTIFICATE_CHAIN_FOUND" | "NO_CERTIFICATE_CHAIN_FOUND_NO_POE" => {
            text!(
                "if you trust the issuer, give its root certificate with --trust, and certificates between with --cert"
            )
        }
        "CERTIFICATE_CHAIN_GENERAL_FAILURE" => {
            text!(
                "another chain of certificates would change this: give its certificates with --cert, or ask the issuer"
            )
        }
        "CHAIN_CONSTRAINTS_FAILURE" => {
            text!(
                "only a certificate that may be used so would change this: ask the signer to sign again with one"
            )
        }
        "SIG_CONSTRAINTS_FAILURE" => {
            text!(
                "only a signature with what is missing would change this: ask the signer to sign again"
            )
        }
        "CRYPTO_CONSTRAINTS_FAILURE" => {
            text!(
                "only a proof that the signature existed while the algorithm was reliable would change this"
            )
        }
        "CRYPTO_CONSTRAINTS_FAILURE_NO_POE" => {
            text!("only a time-stamp from when the algorithm was reliable would change this")
        }
        "REVOKED_NO_POE" | "REVOKED_CA_NO_POE" => {
            text!("only a valid time-stamp made before the revocation would change this")
        }
        "OUT_OF_BOUNDS_NO_POE" | "OUT_OF_BOUNDS_NOT_REVOKED" => {
            text!("only a time-stamp made while the certificate was valid would change this")
        }
        "REVOCATION_OUT_OF_BOUNDS_NO_POE" | "NO_POE" => {
            text!(
                "only a proof that the signature existed earlier, such as a time-stamp, would change this"
            )
        }
        "TIMESTAMP_ORDER_FAILURE" => {
            text!(
                "time-stamps in their right order would change this: check the clock, or ask who made them"
            )
        }
        "TRY_LATER" => {
            text!(
                "newer information on revocation would change this: try again later, with a network or with --crl"
            )
        }
        "POLICY_PROCESSING_ERROR" | "SIGNATURE_POLICY_NOT_AVAILABLE" => {
            text!("the signature policy would change this: ask its publisher for it")
        }
        "GENERIC" => text!("ask who made the signature what it is meant to be"),
        _ => return None,
    })
}

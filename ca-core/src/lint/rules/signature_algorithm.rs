//! Signature algorithms are among those that may still be used.

use pki_crypto::{DigestAlgorithm, SignatureAlgorithm};

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "signature-algorithm",
    clause: "TS 119 312 clause 7",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let algorithm = subject.certificate.signature_algorithm();
    match SignatureAlgorithm::from_identifier(algorithm) {
        Ok(known) if known.digest() == Some(DigestAlgorithm::Sha1) => {
            Some("signed with SHA-1".to_owned())
        }
        Ok(_) => broken_if(
            subject.certificate.parsed().tbs_certificate().signature() != algorithm,
            "the inner and outer signature algorithms differ",
        ),
        Err(e) => Some(e.to_string()),
    }
}

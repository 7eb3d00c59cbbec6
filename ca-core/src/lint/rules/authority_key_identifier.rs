//! The authority key identifier is the CA's own key identifier.

use pki_asn1::oid;

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "authority-key-identifier",
    clause: "RFC 5280 section 4.2.1.1, EN 319 412-2 GEN-4.3.1-1",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Some(issuer) = subject.issuer else {
        return None; // a root may leave it out
    };
    let extension = subject
        .certificate
        .extension(&oid::CE_AUTHORITY_KEY_IDENTIFIER);
    let ours = subject.certificate.authority_key_id();
    broken_if(
        extension.is_none_or(|e| e.critical) || ours.is_none() || ours != issuer.subject_key_id(),
        "authorityKeyIdentifier is missing, critical, or not the CA's subjectKeyIdentifier",
    )
}

//! The subject key identifier is derived from this key.

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "subject-key-identifier",
    clause: "RFC 5280 section 4.2.1.2, RFC 7093 section 2",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let expected = pki_crypto::subject_key_identifier(subject.certificate.public_key_bits());
    broken_if(
        subject
            .certificate
            .subject_key_id()
            .is_none_or(|id| id.as_bytes() != expected),
        "subjectKeyIdentifier is missing or belongs to another key",
    )
}

//! The subject key identifier is derived from this key.

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "subject-key-identifier",
    clause: "RFC 5280 section 4.2.1.2, RFC 7093 section 2",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    // Another provider computes its own as it likes; what it issues refers to that.
    let foreign = subject.terms.and_then(|t| t.subject_key_id.as_deref());
    let expected = pki_crypto::subject_key_identifier(subject.certificate.public_key_bits());
    broken_if(
        subject
            .certificate
            .subject_key_id()
            .is_none_or(|id| id.as_bytes() != foreign.unwrap_or(&expected)),
        "subjectKeyIdentifier is missing or belongs to another key",
    )
}

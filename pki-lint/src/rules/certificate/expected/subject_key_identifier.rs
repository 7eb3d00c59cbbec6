//! Ours are the leftmost 160 bits of the SHA-256 of the key.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "expected.subject-key-identifier",
        severity: Severity::Error,
        clause: "RFC 7093 section 2",
        defect: "subjectKeyIdentifier is missing or belongs to another key",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some(expected) = c.expected else {
        return;
    };
    let ours;
    let wanted = match &expected.subject_key_id {
        SubjectKeyId::Sha256 => {
            ours = pki_crypto::subject_key_identifier(c.key.bits);
            ours.as_slice()
        }
        SubjectKeyId::Exactly(id) => id,
        SubjectKeyId::Any => return,
    };
    found.broken_if(c.subject_key_id != Some(wanted));
}

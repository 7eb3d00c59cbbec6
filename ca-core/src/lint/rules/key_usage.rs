//! keyUsage is critical, is what the profile says, and never mixes signing documents with anything else.

use pki_asn1::oid;

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "key-usage",
    clause: "RFC 5280 section 4.2.1.3, EN 319 412-2 NAT-4.3.2",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let extension = subject.certificate.extension(&oid::CE_KEY_USAGE);
    let Some(usage) = subject.certificate.key_usage() else {
        return Some("keyUsage is missing".to_owned());
    };
    let alone = [
        usage.digital_signature(),
        usage.non_repudiation(),
        usage.key_encipherment() || usage.data_encipherment() || usage.key_agreement(),
        usage.key_cert_sign() || usage.crl_sign(),
    ];
    broken_if(
        !extension.is_some_and(|e| e.critical)
            || alone.iter().filter(|set| **set).count() != 1
            || usage.key_cert_sign() != subject.profile.subject_type().is_ca()
            || (subject.profile.config().qualified.is_some() && !usage.non_repudiation()),
        "keyUsage is not critical or combines uses that must be kept apart",
    )
}

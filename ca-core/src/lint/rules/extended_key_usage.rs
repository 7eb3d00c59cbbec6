//! extKeyUsage is exactly what the profile says; OCSP and time-stamping never leak into other certificates.

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "extended-key-usage",
    clause: "RFC 5280 section 4.2.1.12",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let found = subject.certificate.extended_key_usages();
    broken_if(
        found != subject.profile.extended_key_usage(),
        "extKeyUsage differs from the profile",
    )
}

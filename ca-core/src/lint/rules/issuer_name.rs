//! The issuer field is the CA's subject, octet for octet.

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "issuer-name",
    clause: "RFC 5280 section 4.1.2.4",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let expected = subject.issuer.unwrap_or(subject.certificate).subject_der();
    broken_if(
        subject.certificate.issuer_der() != expected,
        "the issuer is not the subject of the CA's certificate",
    )
}

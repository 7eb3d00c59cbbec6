//! Only a root has its issuer's name: a certificate below a CA under the CA's own name is taken for
//! the CA's own, as in a key rollover, and escapes path length and name constraints.

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "self-issued",
    clause: "RFC 5280 sections 3.2 and 6.1.4",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let issuer = subject.issuer?;
    // Generations of one CA that share a name certify each other (RFC 9810 section 4.4).
    if subject.terms.is_some() {
        return None;
    }
    broken_if(
        subject.certificate.subject_der() == issuer.subject_der(),
        "the subject is the name of the CA itself",
    )
}

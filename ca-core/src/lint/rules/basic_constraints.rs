//! Only CAs are CAs, critically; issuing CAs have no CAs below them.

use crate::profile::SubjectType;
use pki_asn1::oid;
use x509_cert::ext::pkix::BasicConstraints;

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "basic-constraints",
    clause: "RFC 5280 section 4.2.1.9",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let critical = subject
        .certificate
        .extension(&oid::CE_BASIC_CONSTRAINTS)
        .is_some_and(|e| e.critical);
    let Ok(value) = subject.certificate.ext::<BasicConstraints>() else {
        return Some("basicConstraints does not decode".to_owned());
    };
    let right = match (subject.profile.subject_type(), value) {
        (SubjectType::RootCa, Some(b)) => b.ca && critical,
        (SubjectType::IssuingCa, Some(b)) => {
            let length = subject.terms.map_or(Some(0), |terms| terms.path_length);
            b.ca && critical && b.path_len_constraint == length
        }
        (kind, None) => !kind.is_ca(),
        (_, Some(_)) => false,
    };
    broken_if(
        !right,
        "basicConstraints does not fit the kind of certificate",
    )
}

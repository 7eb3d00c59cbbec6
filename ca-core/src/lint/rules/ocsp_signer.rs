//! id-pkix-ocsp-nocheck stands in OCSP signers and nowhere else.

use crate::profile::SubjectType;

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "ocsp-signer",
    clause: "RFC 6960 section 4.2.2.2.1",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    broken_if(
        subject.certificate.has_ocsp_no_check()
            != (subject.profile.subject_type() == SubjectType::OcspSigner),
        "id-pkix-ocsp-nocheck does not fit the kind of certificate",
    )
}

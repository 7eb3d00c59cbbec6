//! It stands in OCSP signers and nowhere else.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "expected.no-check",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.2.2.2.1",
        defect: "id-pkix-ocsp-nocheck does not fit the kind of certificate",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    if let Some(expected) = c.expected {
        let wanted = expected.status == StatusSource::NoCheck;
        found.broken_if(c.has(&oid::OCSP_NO_CHECK) != wanted);
    }
}

//! It says everything by being there.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc6960.no-check-not-null",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.2.2.2.1",
        defect: "id-pkix-ocsp-nocheck has a value other than NULL",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let e = c.extension(&oid::OCSP_NO_CHECK);
    found.broken_if(e.is_some_and(|e| e.value != [5, 0]));
}

//! It says everything by being there.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.extended-revoke-not-null",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.4.8",
        defect: "the extended revoked definition's value is not NULL",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    if let Some(e) = r.extension(&oid::OCSP_EXTENDED_REVOKE) {
        found.broken_if(e.value != [5, 0]);
    }
}

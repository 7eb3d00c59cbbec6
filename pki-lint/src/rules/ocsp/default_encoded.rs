//! DER leaves a default value out.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.default-encoded",
        severity: Severity::Error,
        clause: "X.690 clause 11.5",
        defect: "version v1 is written, which is the default",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    found.broken_if(r.written_version);
}

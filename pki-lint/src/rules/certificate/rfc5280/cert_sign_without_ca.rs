//! One of the two is wrong, and relying parties believe either.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.cert-sign-without-ca",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.3",
        defect: "keyUsage has keyCertSign and basicConstraints does not say CA",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.usage() & bit::KEY_CERT_SIGN != 0 && !c.is_ca());
}

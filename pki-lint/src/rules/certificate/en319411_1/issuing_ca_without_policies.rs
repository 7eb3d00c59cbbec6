//! Path validation then ends with no policy for anything below.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319411-1.issuing-ca-without-policies",
        severity: Severity::Warning,
        clause: "EN 319 411-1 clause 6.6.1, RFC 5280 section 4.2.1.4",
        defect: "an issuing CA has no certificatePolicies",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind == Kind::IssuingCa && !c.has(&oid::CE_CERTIFICATE_POLICIES));
}

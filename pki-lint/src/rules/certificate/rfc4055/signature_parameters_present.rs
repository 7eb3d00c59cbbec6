//! ECDSA, EdDSA and ML-DSA take none.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc4055.signature-parameters-present",
        severity: Severity::Error,
        clause: "RFC 5758 section 3.2, RFC 8410 section 3, RFC 9881 section 2",
        defect: "a signature algorithm that has no parameters has some",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for a in [&c.tbs_algorithm, &c.algorithm] {
        found.broken_if(!a.is_rsa_pkcs1() && !a.parameters_are_right());
    }
}

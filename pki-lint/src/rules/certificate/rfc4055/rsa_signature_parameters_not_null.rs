//! Both inside and outside the signed bytes.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc4055.rsa-signature-parameters-not-null",
        severity: Severity::Error,
        clause: "RFC 4055 section 5",
        defect: "the parameters of a PKCS#1 v1.5 signature are not NULL",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for a in [&c.tbs_algorithm, &c.algorithm] {
        found.broken_if(a.is_rsa_pkcs1() && !a.parameters_are_right());
    }
}

//! NULL for PKCS#1 v1.5, none for ECDSA and EdDSA.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.algorithm-parameters",
        severity: Severity::Error,
        clause: "RFC 4055 section 5, RFC 5758 section 3.2",
        defect: "the parameters of the signature algorithm are not those that its RFC prescribes",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    found.broken_if(!crl.tbs_algorithm.parameters_are_right());
}

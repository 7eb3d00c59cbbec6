//! A signature covers octets, and DER has only one spelling for a value.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.not-der",
        severity: Severity::Error,
        clause: "X.690 clauses 8, 10 and 11",
        defect: "a part of the CRL is not DER",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    // Default values that are written out are not DER either (clause 11.5).
    let default = crl
        .extensions
        .iter()
        .any(|e| e.written_critical == Some(&[0]));
    let scope = crl.scope.as_ref().is_some_and(|s| s.boolean_not_der);
    found.broken_if(!crl.defects.is_empty() || default || scope);
}

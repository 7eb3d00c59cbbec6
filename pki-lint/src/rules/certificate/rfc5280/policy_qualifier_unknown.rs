//! Software that shows the policy does not know what to show.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.policy-qualifier-unknown",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.1.4",
        defect: "a policy qualifier is neither a CPS pointer nor a user notice",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let known = [oid::QT_CPS.as_bytes(), oid::QT_UNOTICE.as_bytes()];
    for q in c.qualifiers().filter(|q| !known.contains(&q.oid)) {
        found.at(Label(q.oid));
    }
}

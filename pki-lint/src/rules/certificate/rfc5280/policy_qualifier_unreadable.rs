//! An IA5String after cps, a UserNotice after unotice.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.policy-qualifier-unreadable",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.4",
        defect: "a policy qualifier is not what its identifier says",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let cps = oid::QT_CPS.as_bytes();
    let notice = oid::QT_UNOTICE.as_bytes();
    for q in c.qualifiers() {
        let wrong = (q.oid == cps && q.cps.is_none()) || (q.oid == notice && !q.is_notice);
        found.broken_if(wrong);
    }
}

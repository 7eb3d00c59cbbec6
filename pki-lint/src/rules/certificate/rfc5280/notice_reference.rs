//! Conforming CAs should not use it: nobody keeps numbered notices.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.notice-reference",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.1.4",
        defect: "a user notice has a noticeRef",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.qualifiers().any(|q| q.notice_ref));
}

//! ub-pseudonym. EN 319 412-2 NAT-4.2.4-18 lifts it for persons.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.pseudonym-too-long",
        severity: Severity::Error,
        clause: "RFC 5280 appendix A.1",
        defect: "pseudonym has more than 128 characters",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(!c.kind.is_person() && c.subject.longer(oid::AT_PSEUDONYM, 128));
}

//! How the person is shown.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.subject-common-name-missing",
        severity: Severity::Error,
        clause: "EN 319 412-2 NAT-4.2.4-1",
        defect: "a natural person's subject has no commonName",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind.is_natural() && !c.subject.has(oid::AT_COMMON_NAME));
}

//! CAs should not impose one: nobody compares them.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.name-constraints-registered-id",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.1.10",
        defect: "a name constraint on a registeredID",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(
        c.subtrees()
            .iter()
            .any(|s| s.base.form == GeneralName::REGISTERED_ID),
    );
}

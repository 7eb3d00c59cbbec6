//! Only CAs are CAs, and only as deep as the profile allows.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "expected.basic-constraints",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.9",
        defect: "basicConstraints does not fit the kind of certificate",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some(expected) = c.expected else {
        return;
    };
    let fits = match &c.basic_constraints {
        Some(b) => expected.kind.is_ca() && b.ca && b.path_length() == expected.path_length,
        None => !expected.kind.is_ca(),
    };
    found.broken_if(!fits);
}

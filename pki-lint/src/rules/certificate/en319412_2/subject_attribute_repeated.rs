//! One of each.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.subject-attribute-repeated",
        severity: Severity::Error,
        clause: "EN 319 412-2 NAT-4.2.4-3",
        defect: "a natural person's subject has two countries or two common names",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for attribute in [oid::AT_COUNTRY, oid::AT_COMMON_NAME] {
        if c.kind.is_natural() && c.subject.count(attribute) > 1 {
            found.at(Label(attribute.as_bytes()));
        }
    }
}

//! Two spellings of one OID are a way around a comparison.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "x690.object-identifier-broken",
        severity: Severity::Error,
        clause: "X.690 clause 8.19",
        defect: "an OBJECT IDENTIFIER is cut off or has superfluous octets",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    c.defects_of(What::Oid).for_each(|d| found.at(d));
}

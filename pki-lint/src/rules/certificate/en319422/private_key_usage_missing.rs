//! With it, the key stops well before its certificate ends, and tokens stay verifiable.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319422.private-key-usage-missing",
        severity: Severity::Notice,
        clause: "EN 319 421 clause 7.7.2",
        defect: "a time-stamping unit has no privateKeyUsagePeriod",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let missing = !c.has(&oid::CE_PRIVATE_KEY_USAGE_PERIOD);
    found.broken_if(c.kind == Kind::TimeStampingUnit && missing);
}

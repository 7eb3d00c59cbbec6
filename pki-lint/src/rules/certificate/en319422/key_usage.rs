//! The key signs tokens, and nothing else.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319422.key-usage",
        severity: Severity::Error,
        clause: "EN 319 422 clause 6, RFC 5280 section 4.2.1.12",
        defect: "a time-stamping unit's keyUsage is not digitalSignature, nonRepudiation or both",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let signs = bit::DIGITAL_SIGNATURE | bit::NON_REPUDIATION;
    let right = c.usage() & signs != 0 && c.usage() & !signs == 0;
    found.broken_if(c.kind == Kind::TimeStampingUnit && !right);
}

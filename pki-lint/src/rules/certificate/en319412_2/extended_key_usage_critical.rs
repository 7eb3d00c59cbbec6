//! Validators that know no document signing would refuse the signature.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-2.extended-key-usage-critical",
        severity: Severity::Error,
        clause: "EN 319 412-2 GEN-4.3.10-1",
        defect: "extKeyUsage is critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.kind.is_person() && c.has_critical(&oid::CE_EXT_KEY_USAGE));
}

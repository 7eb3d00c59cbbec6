//! Version 1 has no extensions, and so neither number nor key identifier.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.version-not-2",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.1.2.1",
        defect: "a CRL with extensions is not of version 2",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    found.broken_if(crl.has_extensions && crl.version != 2);
}

//! It is not to keep anybody from reading the list.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.number-critical",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.2.3",
        defect: "cRLNumber is critical",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    found.broken_if(crl.has_critical(&oid::CE_CRL_NUMBER));
}

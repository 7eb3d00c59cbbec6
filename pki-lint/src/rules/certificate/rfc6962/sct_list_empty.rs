//! At least one SCT must be in it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc6962.sct-list-empty",
        severity: Severity::Error,
        clause: "RFC 6962 section 3.3",
        defect: "the list of signed certificate timestamps is empty",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    if let Some(list) = c.sct_list() {
        found.broken_if(list.len() <= 2);
    }
}

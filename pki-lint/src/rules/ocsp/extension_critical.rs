//! Clients need to understand none of them.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.extension-critical",
        severity: Severity::Warning,
        clause: "RFC 6960 section 4.4",
        defect: "an extension is critical",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    let all = core::iter::once(&r.extensions).chain(r.responses.iter().map(|s| &s.extensions));
    for e in all.flatten().filter(|e| e.critical()) {
        found.at(Label(e.oid));
    }
}

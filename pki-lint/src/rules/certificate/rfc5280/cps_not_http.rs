//! Somebody has to be able to read it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.cps-not-http",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.1.4",
        defect: "a CPS pointer is no http or https URI",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for q in c.qualifiers() {
        let name = q.cps.map(|value| GeneralName {
            form: GeneralName::URI,
            value,
        });
        found.broken_if(name.is_some_and(|n| !n.has_scheme(&["http", "https"])));
    }
}

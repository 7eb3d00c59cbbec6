//! critical FALSE, cA FALSE and version v1 are defaults, which DER leaves out.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "x690.default-encoded",
        severity: Severity::Error,
        clause: "X.690 clause 11.5",
        defect: "a default value is written out",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for e in &c.extensions {
        if e.written_critical == Some(&[0]) {
            found.at(format_args!("critical FALSE in {}", Label(e.oid)));
        }
    }
    if c.basic_constraints
        .is_some_and(|b| b.written_ca == Some(&[0]))
    {
        found.at("cA FALSE in basicConstraints");
    }
    if c.has_version && c.version == 1 {
        found.at("version v1");
    }
}

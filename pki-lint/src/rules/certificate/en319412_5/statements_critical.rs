//! Validators of other purposes would refuse the certificate.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.statements-critical",
        severity: Severity::Error,
        clause: "EN 319 412-5 QCS-4.1-02",
        defect: "qcStatements is critical",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.has_critical(&oid::PE_QC_STATEMENTS));
}

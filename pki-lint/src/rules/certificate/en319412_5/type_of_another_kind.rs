//! Persons sign, organisations seal, servers authenticate.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.type-of-another-kind",
        severity: Severity::Error,
        clause: "EN 319 412-5 clause 4.2.3",
        defect: "QcType does not fit whom the certificate is for",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let wrong = match c.kind {
        Kind::LegalPerson => c.has_qc_type(oid::QCT_ESIGN) || c.has_qc_type(oid::QCT_WEB),
        kind if kind.is_natural() => c.has_qc_type(oid::QCT_ESEAL) || c.has_qc_type(oid::QCT_WEB),
        _ => false,
    };
    found.broken_if(wrong);
}

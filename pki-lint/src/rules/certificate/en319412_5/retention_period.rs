//! How long the provider keeps its evidence.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.retention-period",
        severity: Severity::Error,
        clause: "EN 319 412-5 GEN-4.3.3",
        defect: "QcRetentionPeriod is no positive number of years",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some(s) = c.statement(oid::QCS_RETENTION_PERIOD) else {
        return;
    };
    let years = s
        .info
        .and_then(|t| t.with(crate::der::INTEGER))
        .and_then(Tlv::small);
    found.broken_if(years.is_none_or(|n| n == 0));
}

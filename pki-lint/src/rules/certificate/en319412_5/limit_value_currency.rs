//! Three capitals, or a number from 1 to 999.

use crate::rules::prelude::*;
use crate::syntax::iso::is_currency;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.limit-value-currency",
        severity: Severity::Error,
        clause: "EN 319 412-5 GEN-4.3.2",
        defect: "QcLimitValue has a currency that ISO 4217 does not know",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some([currency, ..]) = c.limit() else {
        return;
    };
    let right = if currency.tag == crate::der::INTEGER {
        currency.small().is_some_and(|n| (1..=999).contains(&n))
    } else {
        core::str::from_utf8(currency.value).is_ok_and(is_currency)
    };
    found.broken_if(!right);
}

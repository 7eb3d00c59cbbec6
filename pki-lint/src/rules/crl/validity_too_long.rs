//! A stale list is believed for so long. A last CRL (99991231235959Z) is exempt.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.validity-too-long",
        severity: Severity::Error,
        clause: "EN 319 411-1 clause 6.3.9",
        defect: "nextUpdate is later than the policy allows",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    let (Some(this), Some(next)) = (crl.this_update, crl.next_update) else {
        return;
    };
    if next.is_endless() {
        return;
    }
    if let (Some(this), Some(next), Some(limit)) = (this.at, next.at, crl.expected.maximum_validity)
    {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        found.broken_if(next.saturating_sub(this) > limit);
    }
}

//! The key would sign when its certificate has ended.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.private-key-usage-beyond-validity",
        severity: Severity::Error,
        clause: "X.509 clause 9.2.2.5",
        defect: "privateKeyUsagePeriod is not within the certificate's validity",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let at = |t: Option<Instant<'_>>| t.and_then(|t| t.at);
    let Some((first, last)) = c.private_key_usage else {
        return;
    };
    let early = at(first)
        .zip(at(c.not_before))
        .is_some_and(|(f, start)| f < start);
    let late = at(last)
        .zip(at(c.not_after))
        .is_some_and(|(l, end)| l > end);
    found.broken_if(early || late || (first.is_none() && last.is_none()));
}

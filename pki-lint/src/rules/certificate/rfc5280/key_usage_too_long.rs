//! decipherOnly is the last one.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.key-usage-too-long",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.3",
        defect: "keyUsage has more than nine bits",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some(usage) = c.key_usage else {
        return;
    };
    let octets = usage.written.len().saturating_sub(1);
    let second = usage.written.get(2).copied().unwrap_or(0);
    let bits = octets * 8 - usize::from(usage.written[0]).min(octets * 8);
    found.broken_if(bits > 9 || second & 0x7F != 0);
}

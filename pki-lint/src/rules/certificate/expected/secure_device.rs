//! QcSSCD is claimed only where somebody vouched for the device.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "expected.secure-device",
        severity: Severity::Error,
        clause: "EN 319 412-5 clause 4.2.2",
        defect: "QcSSCD does not fit the evidence about the device",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some(device) = c.expected.and_then(|e| e.device) else {
        return;
    };
    let vouched = device == Device::Secure && c.is_qualified();
    found.broken_if(c.states(oid::QCS_SSCD) != vouched);
}

//! QcCompliance is for subscribers; a CA does not become qualified by it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.qualified-on-service",
        severity: Severity::Error,
        clause: "EN 319 412-5 clause 5, EN 319 411-2 clause 4",
        defect: "a CA or OCSP signer has qualified statements of its own",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let service = c.kind.is_ca() || c.kind == Kind::OcspSigner;
    found.broken_if(service && c.states(oid::QCS_COMPLIANCE));
}

//! Nothing it issues would be believed.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.key-usage-of-ca-without-cert-sign",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.9",
        defect: "a CA's keyUsage lacks keyCertSign",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    // Without a profile, a foreign authority that signs CRLs only is left in peace.
    let signs_lists = c.expected.is_none() && c.usage() & bit::CRL_SIGN != 0;
    let may = c.key_usage.is_none() || c.usage() & bit::KEY_CERT_SIGN != 0 || signs_lists;
    found.broken_if(c.kind.is_ca() && c.is_ca() && !may);
}

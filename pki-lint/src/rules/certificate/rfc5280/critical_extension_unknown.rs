//! They must refuse the certificate then.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.critical-extension-unknown",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2",
        defect: "a critical extension that relying parties need not know",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    const KNOWN: [oid::ObjectIdentifier; 9] = [
        oid::CE_KEY_USAGE,
        oid::CE_CERTIFICATE_POLICIES,
        oid::CE_POLICY_MAPPINGS,
        oid::CE_SUBJECT_ALT_NAME,
        oid::CE_BASIC_CONSTRAINTS,
        oid::CE_NAME_CONSTRAINTS,
        oid::CE_POLICY_CONSTRAINTS,
        oid::CE_EXT_KEY_USAGE,
        oid::CE_INHIBIT_ANY_POLICY,
    ];
    for e in c.extensions.iter().filter(|e| e.critical()) {
        let poison = e.oid == oid::CT_POISON.as_bytes();
        if !poison && !KNOWN.iter().any(|known| known.as_bytes() == e.oid) {
            found.at(Label(e.oid));
        }
    }
}

//! They must not use the list then, and everybody's certificates are without a status.

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.extension-critical-unknown",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.2",
        defect: "a critical extension that relying parties need not know",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    const KNOWN: [oid::ObjectIdentifier; 5] = [
        oid::CE_AUTHORITY_KEY_IDENTIFIER,
        oid::CE_CRL_NUMBER,
        oid::CE_DELTA_CRL_INDICATOR,
        oid::CE_ISSUING_DISTRIBUTION_POINT,
        oid::CE_EXPIRED_CERTS_ON_CRL,
    ];
    for e in crl.extensions.iter().filter(|e| e.critical()) {
        if !KNOWN.iter().any(|known| known.as_bytes() == e.oid) {
            found.at(Label(e.oid));
        }
    }
}

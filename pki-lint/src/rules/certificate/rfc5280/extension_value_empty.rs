//! Each of these lists has at least one element.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.extension-value-empty",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2",
        defect: "an extension is an empty SEQUENCE and must not be one",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    const LISTS: [oid::ObjectIdentifier; 12] = [
        oid::CE_CERTIFICATE_POLICIES,
        oid::CE_POLICY_MAPPINGS,
        oid::CE_SUBJECT_ALT_NAME,
        oid::CE_ISSUER_ALT_NAME,
        oid::CE_SUBJECT_DIRECTORY_ATTRIBUTES,
        oid::CE_EXT_KEY_USAGE,
        oid::CE_CRL_DISTRIBUTION_POINTS,
        oid::CE_FRESHEST_CRL,
        oid::PE_AUTHORITY_INFO_ACCESS,
        oid::PE_SUBJECT_INFO_ACCESS,
        oid::PE_QC_STATEMENTS,
        oid::CE_NAME_CONSTRAINTS,
    ];
    for known in LISTS {
        if let Some(e) = c.extension(&known)
            && e.value == [0x30, 0]
        {
            found.at(Label(e.oid));
        }
    }
}

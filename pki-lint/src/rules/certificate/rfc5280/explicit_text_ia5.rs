//! DisplayText may be one; CAs must not write it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.explicit-text-ia5",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.4",
        defect: "a user notice is an IA5String",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.explicit_texts().any(|t| t.tag == crate::der::IA5_STRING));
}

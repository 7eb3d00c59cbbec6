//! CAs should write UTF8String.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.explicit-text-not-utf8",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.1.4",
        defect: "a user notice is no UTF8String",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(c.explicit_texts().any(|t| t.tag != crate::der::UTF8_STRING));
}

//! The same text in other octets.

use crate::rules::prelude::*;
use crate::view::text;
use unicode_normalization::is_nfc;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.explicit-text-not-normal",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.1.4",
        defect: "a user notice is not in normal form C",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let odd = |t: Tlv<'_>| text(t.tag, t.value).is_some_and(|s| !is_nfc(&s));
    found.broken_if(c.explicit_texts().any(odd));
}

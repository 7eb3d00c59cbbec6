//! It is there to be shown.

use crate::rules::prelude::*;
use crate::view::text;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.explicit-text-control-character",
        severity: Severity::Warning,
        clause: "RFC 5280 section 4.2.1.4",
        defect: "a user notice has control characters",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let control =
        |t: Tlv<'_>| text(t.tag, t.value).is_some_and(|s| s.chars().any(char::is_control));
    found.broken_if(c.explicit_texts().any(control));
}

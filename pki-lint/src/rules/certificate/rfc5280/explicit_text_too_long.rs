//! DisplayText is a string of at most 200.

use crate::rules::prelude::*;
use crate::view::text;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.explicit-text-too-long",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.4",
        defect: "a user notice has more than 200 characters",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let long = |t: Tlv<'_>| text(t.tag, t.value).is_some_and(|s| s.chars().count() > 200);
    found.broken_if(c.explicit_texts().any(long));
}

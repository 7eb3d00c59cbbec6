//! A statement that cannot be fetched is none.

use crate::rules::prelude::*;
use crate::view::{host, is_fqdn_or_ip};

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.pds-url-unusable",
        severity: Severity::Error,
        clause: "EN 319 412-5 GEN-4.3.4, RFC 3986",
        defect: "QcPDS has a URL without a host, or with characters that no URL has",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for (url, _) in c.pds() {
        let characters = url
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b));
        let opens = host(url).is_some_and(is_fqdn_or_ip);
        found.broken_if(!characters || !opens);
    }
}

//! OCSP, the CA's certificate and a CRL over plain HTTP where a status is promised; nothing where
//! none is.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "expected.status-source",
        severity: Severity::Error,
        clause: "EN 319 412-2 GEN-4.3.11, GEN-4.4.1",
        defect: "the revocation information does not fit the profile",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some(expected) = c.expected else {
        return;
    };
    let http = |mut names: Vec<GeneralName<'_>>| {
        names.retain(|n| n.form == GeneralName::URI);
        !names.is_empty() && names.iter().all(|n| n.has_scheme(&["http"]))
    };
    let all = [
        c.access(oid::AD_OCSP).collect::<Vec<_>>(),
        c.crl_names().collect(),
        c.access(oid::AD_CA_ISSUERS).collect(),
    ];
    let short = c.has(&oid::EXT_VALASSURED_SHORT_TERM);
    let fits = match expected.status {
        StatusSource::OcspAndCrl => all.into_iter().all(http) && !short,
        StatusSource::NoCheck | StatusSource::TrustAnchor => {
            all.iter().all(Vec::is_empty) && !short
        }
        StatusSource::ShortTerm => {
            let [ocsp, crl, issuers] = all;
            short && ocsp.is_empty() && crl.is_empty() && http(issuers)
        }
    };
    found.broken_if(!fits);
}

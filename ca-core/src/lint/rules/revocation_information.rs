//! A relying party can find the status: OCSP, the CA's certificate and a CRL, over plain HTTP.

use crate::profile::RevocationInformation;

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "revocation-information",
    clause: "EN 319 412-2 GEN-4.3.11, GEN-4.4.1",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let c = subject.certificate;
    let urls = [c.ocsp_urls(), c.ca_issuers_urls(), c.crl_urls()];
    let http =
        |urls: &Vec<String>| !urls.is_empty() && urls.iter().all(|u| u.starts_with("http://"));
    match subject.profile.config().extensions.revocation {
        RevocationInformation::OcspAndCrl => broken_if(
            !urls.iter().all(http),
            "authorityInfoAccess or cRLDistributionPoints lacks an http URL",
        ),
        RevocationInformation::ShortTerm => broken_if(
            !urls[0].is_empty() || !http(&urls[1]) || !urls[2].is_empty(),
            "a short-term certificate names OCSP or a CRL, or not the CA's certificate",
        ),
        RevocationInformation::NoCheck | RevocationInformation::TrustAnchor => broken_if(
            !urls.iter().all(Vec::is_empty),
            "revocation information in a certificate that nobody checks",
        ),
    }
}

//! Which certificates a document itself brings revocation data for, and since which revision: what
//! makes it a signature of level B-LT (EN 319 142-1 clause 6.3).

use std::collections::HashMap;

use pki_asn1::ocsp::BasicResponse;
use pki_asn1::{Certificate, CertificateList, name};

/// Revocation data in a document, by what it speaks of, with the first revision that holds it.
#[derive(Clone, Debug, Default)]
pub struct Carried {
    /// By serial number.
    responses: HashMap<Vec<u8>, usize>,
    /// By issuer.
    crls: HashMap<String, usize>,
}

impl Carried {
    pub(super) fn add_response(&mut self, response: &BasicResponse, revision: usize) {
        for single in &response.data.responses {
            let serial = single.cert_id.serial_number.as_bytes().to_vec();
            let known = self.responses.entry(serial).or_insert(revision);
            *known = revision.min(*known);
        }
    }

    pub(super) fn add_crl(&mut self, crl: &CertificateList, revision: usize) {
        let issuer = name::comparison_key(crl.issuer());
        let known = self.crls.entry(issuer).or_insert(revision);
        *known = revision.min(*known);
    }

    /// The first revision with an OCSP response or a CRL for the certificate. Whether it is one to
    /// rely on is for the verdict to say.
    #[must_use]
    pub fn since(&self, certificate: &Certificate) -> Option<usize> {
        let response = self.responses.get(certificate.serial());
        let crl = self.crls.get(&name::comparison_key(certificate.issuer()));
        response.into_iter().chain(crl).min().copied()
    }
}

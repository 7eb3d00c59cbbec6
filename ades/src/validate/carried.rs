//! Which certificates a file itself brings revocation data for, and where: what makes a signature one of
//! level B-LT (EN 319 142-1 and EN 319 122-1, clause 6.3).

use std::collections::HashMap;

use pki_asn1::ocsp::BasicResponse;
use pki_asn1::{Certificate, CertificateList, name};

use crate::cms::parse::SignedData;

/// Revocation data in a file, by what it speaks of, with its places: the revisions of a PDF, or the
/// places among the revocation values of a CMS signature.
#[derive(Clone, Debug, Default)]
pub struct Carried {
    /// By serial number.
    responses: HashMap<Vec<u8>, Vec<usize>>,
    /// By issuer.
    crls: HashMap<String, Vec<usize>>,
}

impl Carried {
    /// What the set of revocation values of `data` holds.
    pub(super) fn in_cms(data: &SignedData) -> Self {
        let mut out = Self::default();
        for (crl, place) in data.crls.iter().zip(&data.crl_places) {
            out.add_crl(crl, *place);
        }
        for (response, place) in data.ocsp.iter().zip(&data.ocsp_places) {
            out.add_response(response, *place);
        }
        out
    }

    pub(super) fn add_response(&mut self, response: &BasicResponse, place: usize) {
        for single in &response.data.responses {
            let serial = single.cert_id.serial_number.as_bytes().to_vec();
            add(self.responses.entry(serial).or_default(), place);
        }
    }

    pub(super) fn add_crl(&mut self, crl: &CertificateList, place: usize) {
        let issuer = name::comparison_key(crl.issuer());
        add(self.crls.entry(issuer).or_default(), place);
    }

    /// The first revision with an OCSP response or a CRL for the certificate. Whether it is one to
    /// rely on is for the verdict to say.
    #[must_use]
    pub fn since(&self, certificate: &Certificate) -> Option<usize> {
        self.places(certificate).min()
    }

    /// Every place with an OCSP response or a CRL for the certificate.
    pub fn places(&self, certificate: &Certificate) -> impl Iterator<Item = usize> {
        let responses = self.responses.get(certificate.serial());
        let crls = self.crls.get(&name::comparison_key(certificate.issuer()));
        responses.into_iter().chain(crls).flatten().copied()
    }
}

/// A response may speak of one certificate many times.
fn add(places: &mut Vec<usize>, place: usize) {
    if places.last() != Some(&place) {
        places.push(place);
    }
}

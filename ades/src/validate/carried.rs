//! Which certificates a file itself brings revocation data for, and where: what makes a signature one of
//! level B-LT (EN 319 142-1 and EN 319 122-1, clause 6.3).

use std::collections::{BTreeSet, HashMap};

use pki_asn1::ocsp::BasicResponse;
use pki_asn1::oid::ObjectIdentifier;
use pki_asn1::{Certificate, CertificateList, name};
use pki_crypto::DigestAlgorithm;

use crate::cms::parse::SignedData;
use crate::cms::parse::values::stored_values;

/// Revocation data in a file, by what it speaks of, with its places: the revisions of a PDF, or the
/// places among the revocation values of a CMS signature.
#[derive(Clone, Debug, Default)]
pub struct Carried {
    /// By serial number.
    responses: HashMap<Vec<u8>, Vec<usize>>,
    /// By issuer.
    crls: HashMap<String, Vec<usize>>,
    /// Certificates, CRLs and OCSP responses, by the SHA-256 of their octets.
    objects: HashMap<ObjectId, BTreeSet<Location>>,
}

/// A certificate, CRL or OCSP response, by the SHA-256 of its octets.
pub type ObjectId = [u8; 32];

/// Where a certificate, CRL or OCSP response stands, which decides what covers it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Location {
    /// In a PDF from this revision on: a time-stamp of this revision or a later one covers it.
    Revision(usize),
    /// In the /Contents that this revision wrote: a time-stamp of a later revision covers it.
    Contents(usize),
    /// Among the certificates of a `SignedData`.
    Certificate(usize),
    /// Among its revocation values.
    Revocation(usize),
    /// Within an unsigned value of the signer.
    Value(usize),
}

/// What a certificate, CRL or OCSP response is known by.
#[must_use]
pub fn object_id(der: &[u8]) -> ObjectId {
    let digest = DigestAlgorithm::Sha256.digest(der);
    let mut id = ObjectId::default();
    id.copy_from_slice(digest.as_bytes());
    id
}

impl Carried {
    /// What the set of revocation values of `data` holds.
    pub(super) fn in_cms(data: &SignedData) -> Self {
        let mut out = Self::default();
        for (crl, place) in data.crls.iter().zip(&data.crl_places) {
            out.add_crl(crl, *place);
            out.add_object(crl.der(), Location::Revocation(*place));
        }
        for (response, place) in data.ocsp.iter().zip(&data.ocsp_places) {
            out.add_response(response, *place);
            out.add_object(response.der(), Location::Revocation(*place));
        }
        out
    }

    /// That these octets stand at this place.
    pub(super) fn add_object(&mut self, der: &[u8], place: Location) {
        self.objects
            .entry(object_id(der))
            .or_default()
            .insert(place);
    }

    /// That all certificates and revocation values of `data` stand at this place.
    pub(super) fn add_objects(&mut self, data: &SignedData, place: Location) {
        let certificates = data.certificates.iter().map(Certificate::der);
        let crls = data.crls.iter().map(CertificateList::der);
        let responses = data.ocsp.iter().map(BasicResponse::der);
        for der in certificates.chain(crls).chain(responses) {
            self.add_object(der, place);
        }
        for attribute in data.signers.iter().flat_map(|s| &s.unsigned_attributes) {
            for value in &attribute.values {
                self.add_stored(&attribute.oid, value, place);
            }
        }
    }

    /// What a value of an unsigned attribute holds, where it is of those that hold evidence.
    pub(super) fn add_stored(&mut self, kind: &ObjectIdentifier, value: &[u8], place: Location) {
        for one in stored_values(kind, value) {
            self.add_object(one.der(), place);
        }
    }

    /// The certificates, CRLs and OCSP responses with a place for which `covered` says so.
    pub fn objects(&self, covered: impl Fn(&Location) -> bool) -> impl Iterator<Item = ObjectId> {
        let all = self.objects.iter();
        all.filter(move |(_, places)| places.iter().any(&covered))
            .map(|(id, _)| *id)
    }

    pub(super) fn add_response(&mut self, response: &BasicResponse, place: usize) {
        for single in &response.data().responses {
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

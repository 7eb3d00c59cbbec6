//! What is known so far: certificates and revocation evidence from wherever, and what was asked of
//! the network to know more.

use pki_asn1::ocsp::BasicResponse;
use pki_asn1::{Certificate, CertificateList, oid};
use pki_crypto::{KeyError, Message, PublicKey, SignatureAlgorithm};
use pki_path::{CertificatePool, Evidence, TrustAnchor};

use super::listed::Listed;
use super::spent::{Brought, Spent};

/// Certificates and revocation evidence for one file, trusted or not.
#[derive(Clone, Debug, Default)]
pub struct Material {
    /// Whom the relying party trusts.
    pub anchors: Vec<TrustAnchor>,
    /// Which of them are trusted by the word of a trusted list, and when.
    pub listed: Listed,
    /// All other certificates: from the file, the command line, the network.
    pub pool: CertificatePool,
    /// All CRLs and OCSP responses.
    pub evidence: Evidence,
    /// What it cost to find more for this file.
    pub spent: Spent,
}

/// One request to the network.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FetchNote {
    /// Where.
    pub url: String,
    /// The error, where it failed.
    pub error: Option<String>,
}

impl Material {
    /// No material yet, and these certificates trusted.
    ///
    /// # Errors
    /// Where the key of one is malformed or of a kind that is not supported.
    pub fn trusting(roots: impl IntoIterator<Item = Certificate>) -> Result<Self, KeyError> {
        let anchors = roots.into_iter().map(TrustAnchor::from_certificate);
        Ok(Self {
            anchors: anchors.collect::<Result<_, _>>()?,
            ..Self::default()
        })
    }

    /// Takes a certificate that the file brings, while there is room. What is passed over is missing evidence,
    /// never a yes; the same holds for the next two.
    pub(crate) fn bring(&mut self, certificate: &Certificate) {
        let octets = certificate.der().len();
        if !self.pool.contains(certificate) && self.spent.take(Brought::Certificate, octets) {
            self.pool.add(certificate.clone());
        }
    }

    /// Takes a CRL that the file brings.
    pub(crate) fn bring_crl(&mut self, crl: CertificateList) {
        if self.spent.take(Brought::List, crl.der().len()) {
            self.evidence.add_crl(crl);
        }
    }

    /// Takes an OCSP response that the file brings.
    pub(crate) fn bring_response(&mut self, response: BasicResponse) {
        if self.spent.take(Brought::Response, response.der().len()) {
            self.evidence.add_ocsp(response);
        }
    }

    /// The self-signed certificates of the pool: where nobody said whom to trust, a path ends at
    /// one of them.
    pub(super) fn tops(&self) -> Vec<TrustAnchor> {
        self.pool
            .iter()
            .filter(|c| c.is_self_issued())
            .filter(|c| c.extension(&oid::CE_BASIC_CONSTRAINTS).is_none() || c.is_ca())
            .filter(|c| {
                let Ok(key) = PublicKey::from_spki_der(c.spki_der()) else {
                    return false;
                };
                SignatureAlgorithm::from_identifier(c.signature_algorithm()).is_ok_and(|a| {
                    key.verify(a, Message::Bytes(c.tbs_der()), c.signature())
                        .is_ok()
                })
            })
            .filter_map(|c| TrustAnchor::from_certificate(c.clone()).ok())
            .collect()
    }
}

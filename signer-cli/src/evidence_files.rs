//! What is known beforehand for long-term signatures: whom to trust, certificates and revocation data
//! from files.

use std::path::PathBuf;

use ades::evidence::Material;
use cli_support::Failure;
use pki_asn1::ocsp::BasicResponse;
use pki_asn1::{Certificate, CertificateList};
use pki_path::TrustAnchor;
use trust_lists::load::TrustedLists;

use crate::verify_input::{self, Revocation};

/// Certificates and revocation data from files, read once for all documents.
#[derive(Default)]
pub(crate) struct EvidenceFiles {
    trust: Vec<TrustAnchor>,
    certificates: Vec<Certificate>,
    crls: Vec<CertificateList>,
    responses: Vec<BasicResponse>,
    lists: TrustedLists,
}

impl EvidenceFiles {
    /// Reads files and folders; any of the lists may be empty.
    pub(crate) fn read(
        trust: &[PathBuf],
        certificates: &[PathBuf],
        revocation: &[PathBuf],
    ) -> Result<Self, Failure> {
        let mut files = Self::default();
        if !trust.is_empty() {
            files.trust = verify_input::anchors(trust)?;
        }
        files.certificates = verify_input::certificates(certificates)?;
        for one in verify_input::revocation(revocation)? {
            match one {
                Revocation::Crl(crl) => files.crls.push(*crl),
                Revocation::Ocsp(response) => files.responses.push(*response),
            }
        }
        Ok(files)
    }

    /// Trusts the services of these lists as well.
    pub(crate) fn with_lists(mut self, lists: TrustedLists) -> Self {
        self.lists = lists;
        self
    }

    /// The material to begin with.
    pub(crate) fn material(&self) -> Material {
        let mut material = Material {
            anchors: self.trust.clone(),
            ..Material::default()
        };
        material.trust_lists(&self.lists);
        material.pool.extend(self.certificates.iter().cloned());
        for crl in &self.crls {
            material.evidence.add_crl(crl.clone());
        }
        for response in &self.responses {
            material.evidence.add_ocsp(response.clone());
        }
        material
    }
}

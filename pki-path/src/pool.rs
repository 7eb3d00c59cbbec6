//! Where issuers are looked for: trust anchors, and certificates that are candidates only.

use std::collections::{HashMap, HashSet};

use pki_asn1::Certificate;
use pki_asn1::name;
use pki_crypto::{KeyError, PublicKey};
use x509_cert::name::Name;

/// Certificates that may serve as links of a path. Being in a pool gives a certificate no trust.
#[derive(Clone, Debug, Default)]
pub struct CertificatePool {
    by_subject: HashMap<String, Vec<Certificate>>,
    seen: HashSet<Certificate>,
}

impl CertificatePool {
    /// An empty pool.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a certificate unless it is there; says whether it was new.
    pub fn add(&mut self, certificate: Certificate) -> bool {
        if !self.seen.insert(certificate.clone()) {
            return false;
        }
        self.by_subject
            .entry(name::comparison_key(certificate.subject()))
            .or_default()
            .push(certificate);
        true
    }

    /// How many certificates are in the pool.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether the pool is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// The certificates with a subject that matches `subject` (RFC 5280 section 7.1).
    #[must_use]
    pub fn by_subject(&self, subject: &Name) -> &[Certificate] {
        self.by_subject_key(&name::comparison_key(subject))
    }

    pub(crate) fn by_subject_key(&self, key: &str) -> &[Certificate] {
        self.by_subject.get(key).map_or(&[], Vec::as_slice)
    }

    /// All certificates, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &Certificate> {
        self.seen.iter()
    }
}

impl Extend<Certificate> for CertificatePool {
    fn extend<T: IntoIterator<Item = Certificate>>(&mut self, iter: T) {
        for certificate in iter {
            self.add(certificate);
        }
    }
}

impl FromIterator<Certificate> for CertificatePool {
    fn from_iter<T: IntoIterator<Item = Certificate>>(iter: T) -> Self {
        let mut pool = Self::new();
        pool.extend(iter);
        pool
    }
}

/// A name and a key that the relying party trusts (RFC 5280 section 6.1.1 d). The certificate it was
/// read from serves to show it and to recognise it; its dates and extensions bind nobody.
#[derive(Clone, Debug)]
pub struct TrustAnchor {
    certificate: Certificate,
    key: PublicKey,
    name_key: String,
}

impl TrustAnchor {
    /// Trusts the subject and key of `certificate`.
    ///
    /// # Errors
    /// Where its key is malformed or of a kind that is not supported.
    pub fn from_certificate(certificate: Certificate) -> Result<Self, KeyError> {
        Ok(Self {
            key: PublicKey::from_spki_der(certificate.spki_der())?,
            name_key: name::comparison_key(certificate.subject()),
            certificate,
        })
    }

    /// The certificate it was read from.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The trusted key.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    pub(crate) fn name_key(&self) -> &str {
        &self.name_key
    }
}

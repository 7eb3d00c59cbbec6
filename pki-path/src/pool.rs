//! Where issuers are looked for: trust anchors, and certificates that are candidates only.

use std::collections::{HashMap, HashSet};

use pki_asn1::Certificate;
use pki_asn1::name;
use pki_asn1::ocsp::ResponderId;
use pki_crypto::{KeyError, PublicKey, key_hash_sha1};
use x509_cert::name::Name;

use crate::signature::Verified;

/// Certificates that may serve as links of a path. Being in a pool gives a certificate no trust.
#[derive(Clone, Debug, Default)]
pub struct CertificatePool {
    by_subject: HashMap<String, Vec<Certificate>>,
    by_key_hash: HashMap<[u8; 20], Vec<Certificate>>,
    seen: HashSet<Certificate>,
    /// Beside the certificates, because these outlive the questions about them.
    pub(crate) verified: Verified,
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
        self.by_key_hash
            .entry(key_hash_sha1(certificate.public_key_bits()))
            .or_default()
            .push(certificate.clone());
        self.by_subject
            .entry(name::comparison_key(certificate.subject()))
            .or_default()
            .push(certificate);
        true
    }

    /// Whether this certificate, octet for octet, is in the pool.
    #[must_use]
    pub fn contains(&self, certificate: &Certificate) -> bool {
        self.seen.contains(certificate)
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

    /// The certificates that may be the one that a response names (RFC 6960 section 4.2.1): by the name, or by
    /// the SHA-1 hash of the key.
    #[must_use]
    pub fn responders(&self, id: &ResponderId) -> &[Certificate] {
        match id {
            ResponderId::ByName(name) => self.by_subject(name),
            ResponderId::ByKey(hash) => <[u8; 20]>::try_from(hash.as_bytes())
                .ok()
                .and_then(|hash| self.by_key_hash.get(&hash))
                .map_or(&[], Vec::as_slice),
        }
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

/// A name and a key that the relying party trusts (RFC 5280 section 6.1.1 d). What the certificate it was
/// read from says of itself binds whatever it issues, as RFC 5937 has it: an end entity issues nothing, and
/// path length and names are limited as it says. Its dates and policies bind nobody: how long and for what an
/// anchor is trusted is for the relying party to say.
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

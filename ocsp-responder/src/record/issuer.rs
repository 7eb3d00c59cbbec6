//! Which authority a CertID means: hashes of every issuer, computed once.

use pki_asn1::{Certificate, write};
use pki_crypto::{Digest, DigestAlgorithm};

use crate::protocol::request::CertIdRef;

/// The hashes a CertID may use. SHA-1 is here because most clients still send it; it identifies the
/// issuer and protects nothing.
pub const CERT_ID_DIGESTS: [DigestAlgorithm; 4] = [
    DigestAlgorithm::Sha1,
    DigestAlgorithm::Sha256,
    DigestAlgorithm::Sha384,
    DigestAlgorithm::Sha512,
];

/// One CA key with its name, as CertIDs identify it. Generations of a CA differ in the key and are
/// told apart by its hash.
#[derive(Clone, Debug)]
pub struct Issuer {
    hashes: [(Digest, Digest); 4],
}

impl Issuer {
    /// The hashes of this CA certificate's subject and key.
    #[must_use]
    pub fn new(certificate: &Certificate) -> Self {
        Self {
            hashes: CERT_ID_DIGESTS.map(|algorithm| {
                (
                    algorithm.digest(certificate.subject_der()),
                    algorithm.digest(certificate.public_key_bits()),
                )
            }),
        }
    }

    /// The CertID (DER) of a certificate of this issuer as most clients write it: with NULL parameters.
    #[must_use]
    pub fn cert_id(&self, digest: DigestAlgorithm, serial: &[u8]) -> Option<Vec<u8>> {
        let at = CERT_ID_DIGESTS.iter().position(|known| *known == digest)?;
        let (name, key) = &self.hashes[at];
        let oid = write::tlv(0x06, &[digest.oid().as_bytes()]);
        let algorithm = write::tlv(write::SEQUENCE, &[&oid, &[0x05, 0x00]]);
        Some(write::tlv(
            write::SEQUENCE,
            &[
                &algorithm,
                &write::tlv(write::OCTET_STRING, &[name.as_bytes()]),
                &write::tlv(write::OCTET_STRING, &[key.as_bytes()]),
                &write::tlv(write::INTEGER, &[serial]),
            ],
        ))
    }

    /// Whether `cert_id` names this issuer.
    #[must_use]
    pub fn is_named_by(&self, cert_id: &CertIdRef<'_>) -> bool {
        let Some((name, key)) = cert_id
            .algorithm
            .and_then(|a| CERT_ID_DIGESTS.iter().position(|known| *known == a))
            .map(|at| &self.hashes[at])
        else {
            return false;
        };
        cert_id.issuer_key_hash == key.as_bytes() && cert_id.issuer_name_hash == name.as_bytes()
    }
}

//! Who signs for a CA: a delegated responder (RFC 6960 section 4.2.2.2), or the CA itself.
//!
//! A delegate is accepted only after everything a client will check about it has been checked here,
//! so that a configuration mistake stops the program at start and not the relying parties later.

use std::sync::Arc;

use der::{Encode, Tag};
use hsm_pkcs11::{Pace, SignError, Signer};
use pki_asn1::raw::value_range;
use pki_asn1::{Certificate, UnixTime, oid, write};
use pki_crypto::{Message, PublicKey, SignatureAlgorithm, UnsupportedAlgorithm, key_hash_sha1};

use crate::policy::ResponderIdForm;
use crate::protocol::request::{AlgorithmRef, PreferredAlgorithm};
use crate::protocol::response;

/// A key and the certificate that entitles it to answer for one CA key.
#[derive(Debug)]
pub struct Delegate {
    certificate: Certificate,
    /// SubjectPublicKeyInfo (DER) of the CA key it speaks for.
    authority_key: Vec<u8>,
    signer: Arc<dyn Signer>,
    /// The two forms of the `ResponderID` (DER).
    by_key: Vec<u8>,
    by_name: Vec<u8>,
    /// AlgorithmIdentifier of the signature (DER).
    algorithm: Vec<u8>,
    /// `certs [0] EXPLICIT SEQUENCE OF Certificate` (DER).
    certs: Vec<u8>,
}

/// Why a certificate and a key cannot answer for a CA.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DelegateError {
    /// The certificate certifies another key.
    #[error(
        "the certificate of {subject} does not belong to the key: it certifies another public key"
    )]
    KeyMismatch {
        /// The certificate's subject.
        subject: String,
    },
    /// The issuer's name is another.
    #[error("the certificate of {subject} was issued by {issuer}, not by {authority}")]
    OtherIssuer {
        /// The certificate's subject.
        subject: String,
        /// Its issuer.
        issuer: String,
        /// The CA it should answer for.
        authority: String,
    },
    /// The name fits and the signature does not: another generation of the CA.
    #[error("the certificate of {subject} was not signed by this key of {authority}")]
    OtherKey {
        /// The certificate's subject.
        subject: String,
        /// The CA it should answer for.
        authority: String,
    },
    /// id-kp-OCSPSigning is missing.
    #[error(
        "the certificate of {subject} does not allow OCSP signing (no id-kp-OCSPSigning, RFC 6960 section 4.2.2.2)"
    )]
    NotForOcsp {
        /// The certificate's subject.
        subject: String,
    },
    /// keyUsage forbids signatures.
    #[error("the key usage of {subject} does not include digitalSignature")]
    NoDigitalSignature {
        /// The certificate's subject.
        subject: String,
    },
    /// The certificate has expired.
    #[error("the certificate of {subject} expired on {not_after}")]
    Expired {
        /// The certificate's subject.
        subject: String,
        /// Its end.
        not_after: UnixTime,
    },
    /// The certificate is not valid yet.
    #[error("the certificate of {subject} is not valid before {not_before}")]
    NotYetValid {
        /// The certificate's subject.
        subject: String,
        /// Its beginning.
        not_before: UnixTime,
    },
    /// An algorithm nobody here computes.
    #[error("an algorithm is not supported: {0}")]
    Algorithm(String),
}

impl DelegateError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(
            match self {
                Self::KeyMismatch { .. } => {
                    "give the key this certificate was issued for, or have a certificate issued for the key: sceau-ca ocsp-signer renew"
                }
                Self::OtherIssuer { .. } | Self::OtherKey { .. } => {
                    "each CA key has a responder certificate of its own: sceau-ca ocsp-signer renew --ca NAME"
                }
                Self::NotForOcsp { .. } | Self::NoDigitalSignature { .. } => {
                    "have one issued with the profile ocsp-signer: sceau-ca ocsp-signer renew --ca NAME"
                }
                Self::Expired { .. } => {
                    "have it renewed: sceau-ca ocsp-signer renew --ca NAME; a running responder takes it up by itself"
                }
                Self::NotYetValid { .. } => "check this machine's clock",
                Self::Algorithm(_) => return None,
            }
            .into(),
        )
    }
}

impl From<UnsupportedAlgorithm> for DelegateError {
    fn from(error: UnsupportedAlgorithm) -> Self {
        Self::Algorithm(error.to_string())
    }
}

impl Delegate {
    /// Checks that `certificate` entitles the key to answer for `authority` at `now`. The CA's own
    /// certificate is accepted too: the CA may answer for itself.
    ///
    /// # Errors
    /// [`DelegateError`], the first rule that is broken.
    pub fn new(
        signer: Arc<dyn Signer>,
        certificate: Certificate,
        authority: &Certificate,
        now: UnixTime,
    ) -> Result<Self, DelegateError> {
        let subject = || certificate.display_subject().to_string();
        if signer.public_key().bits() != certificate.public_key_bits() {
            return Err(DelegateError::KeyMismatch { subject: subject() });
        }
        if certificate != *authority {
            check_issued_by(&certificate, authority)?;
            if !certificate
                .extended_key_usages()
                .contains(&oid::KP_OCSP_SIGNING)
            {
                return Err(DelegateError::NotForOcsp { subject: subject() });
            }
        }
        if certificate
            .key_usage()
            .is_some_and(|usage| !usage.digital_signature())
        {
            return Err(DelegateError::NoDigitalSignature { subject: subject() });
        }
        if now > certificate.not_after() {
            return Err(DelegateError::Expired {
                subject: subject(),
                not_after: certificate.not_after(),
            });
        }
        if now < certificate.not_before() {
            return Err(DelegateError::NotYetValid {
                subject: subject(),
                not_before: certificate.not_before(),
            });
        }
        let algorithm = signer
            .algorithm()
            .to_identifier()?
            .to_der()
            .map_err(|e| DelegateError::Algorithm(e.to_string()))?;
        let list = write::tlv(write::SEQUENCE, &[certificate.der()]);
        Ok(Self {
            by_key: response::by_key(&key_hash_sha1(certificate.public_key_bits())),
            by_name: response::by_name(certificate.subject_der()),
            certs: write::tlv(write::context(0), &[&list]),
            authority_key: authority.spki_der().to_vec(),
            algorithm,
            certificate,
            signer,
        })
    }

    /// The key.
    #[must_use]
    pub fn signer(&self) -> Arc<dyn Signer> {
        Arc::clone(&self.signer)
    }

    /// How long its signature takes.
    #[must_use]
    pub fn pace(&self) -> Pace {
        self.signer.pace()
    }

    /// The certificate that answers carry.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Whether this is the CA key it was checked against.
    #[must_use]
    pub fn answers_for(&self, authority: &Certificate) -> bool {
        authority.spki_der() == self.authority_key
    }

    /// How answers name the responder (`ResponderID`, DER).
    #[must_use]
    pub fn responder_id(&self, form: ResponderIdForm) -> &[u8] {
        match form {
            ResponderIdForm::ByKey => &self.by_key,
            ResponderIdForm::ByName => &self.by_name,
        }
    }

    /// The algorithm it signs with.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.signer.algorithm()
    }

    /// The octets of its longest signature value.
    #[must_use]
    pub fn max_signature(&self) -> usize {
        self.signer.public_key().kind().max_signature_len()
    }

    /// Whether it signs as a client prefers (RFC 6960 section 4.4.7.2).
    #[must_use]
    pub fn satisfies(&self, preferred: &PreferredAlgorithm<'_>) -> bool {
        let ours = |der| AlgorithmRef::of_identifier(der);
        let key = spki_algorithm(self.certificate.spki_der());
        ours(&self.algorithm).is_some_and(|ours| preferred.signature.accepts(&ours))
            && preferred
                .key
                .is_none_or(|wanted| key.is_some_and(|key| wanted.accepts(&key)))
    }

    /// Signs a `ResponseData` (DER) and returns the signature value.
    ///
    /// # Errors
    /// Where the key cannot sign now.
    pub fn signature(&self, response_data: &[u8]) -> Result<Vec<u8>, SignError> {
        self.signer.sign(Message::Bytes(response_data))
    }

    /// The whole successful `OCSPResponse` (DER) of a `ResponseData` and its signature value.
    #[must_use]
    pub fn response(&self, response_data: &[u8], signature: &[u8]) -> Vec<u8> {
        let signature = write::bit_string(signature);
        response::successful(&[response_data, &self.algorithm, &signature, &self.certs])
    }

    /// Signs a `ResponseData` (DER) and returns the whole successful `OCSPResponse` (DER).
    ///
    /// # Errors
    /// Where the key cannot sign now.
    pub fn sign(&self, response_data: &[u8]) -> Result<Vec<u8>, SignError> {
        let signature = self.signature(response_data)?;
        Ok(self.response(response_data, &signature))
    }
}

/// The algorithm of a SubjectPublicKeyInfo (DER).
fn spki_algorithm(spki: &[u8]) -> Option<AlgorithmRef<'_>> {
    AlgorithmRef::of_identifier(value_range(spki, Tag::Sequence).ok().map(|r| &spki[r])?)
}

fn check_issued_by(
    certificate: &Certificate,
    authority: &Certificate,
) -> Result<(), DelegateError> {
    let subject = certificate.display_subject().to_string();
    if certificate.issuer_der() != authority.subject_der() {
        return Err(DelegateError::OtherIssuer {
            subject,
            issuer: certificate.display_issuer().to_string(),
            authority: authority.display_subject().to_string(),
        });
    }
    let algorithm = SignatureAlgorithm::from_identifier(certificate.signature_algorithm())?;
    let verified = PublicKey::from_spki_der(authority.spki_der())
        .map_err(|e| DelegateError::Algorithm(e.to_string()))?
        .verify(
            algorithm,
            Message::Bytes(certificate.tbs_der()),
            certificate.signature(),
        );
    verified.map_err(|_| DelegateError::OtherKey {
        subject,
        authority: authority.display_subject().to_string(),
    })
}

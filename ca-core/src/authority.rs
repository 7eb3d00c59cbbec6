//! Certification authorities and the one place where their keys sign.

use std::sync::Arc;

use hsm_pkcs11::{SignError, Signer};
use pki_asn1::{Certificate, UnixTime};
use pki_crypto::{Message, PublicKey, SignatureAlgorithm};

use crate::crl::{Rank, RecordedCrl};
use crate::hierarchy::RecordedRequest;
use crate::issuance::Recorded;
use crate::store::AuthorityRef;

/// A certification authority as it stands in the record.
#[derive(Clone, Debug)]
pub struct Authority {
    pub(crate) id: i64,
    /// Its name in commands and URLs.
    pub name: String,
    /// The profile it was issued under.
    pub profile: String,
    /// Its certificate: the newest for its name and key.
    pub certificate: Certificate,
    /// The notBefore of its first certificate.
    pub since: UnixTime,
    /// Where its key is (a PKCS#11 URI or a path; never a secret); empty where it is not at this
    /// installation, as an offline root's.
    pub key_location: String,
    /// The name of the authority that issued it; `None` for a root.
    pub issuer: Option<String>,
    /// Into how many partitions its CRLs divide its certificates; 0 for none.
    pub crl_partitions: u32,
}

/// An authority together with its private key, checked to belong together. Obtained from
/// [`crate::CaEngine::unlock`].
#[derive(Clone, Debug)]
pub struct AuthorityKey {
    authority: Arc<Authority>,
    chain: Arc<[Certificate]>,
    key: CaKey,
}

impl Authority {
    pub(crate) fn rank(&self) -> Rank {
        if self.certificate.is_self_issued() {
            Rank::Root
        } else {
            Rank::Issuing
        }
    }

    /// Whether its key is at this installation.
    #[must_use]
    pub fn has_key_here(&self) -> bool {
        !self.key_location.is_empty()
    }

    pub(crate) fn reference(&self) -> AuthorityRef {
        AuthorityRef {
            id: self.id,
            name: self.name.clone(),
        }
    }
}

impl AuthorityKey {
    /// Joins the two; `None` where the key is another one.
    pub(crate) fn join(
        authority: Authority,
        chain: Vec<Certificate>,
        signer: Arc<dyn Signer>,
    ) -> Option<Self> {
        let same = signer.public_key().spki_der() == authority.certificate.spki_der();
        same.then(|| Self {
            authority: Arc::new(authority),
            chain: chain.into(),
            key: CaKey(signer),
        })
    }

    /// The authority.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Its certificate and those above it, up to and including the root.
    #[must_use]
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    pub(crate) fn key(&self) -> &CaKey {
        &self.key
    }
}

/// A CA's private key. It signs what the record already holds, and nothing else: these three methods
/// are the only ones that reach the signer.
#[derive(Clone, Debug)]
pub(crate) struct CaKey(Arc<dyn Signer>);

impl CaKey {
    pub(crate) fn new(signer: Arc<dyn Signer>) -> Self {
        Self(signer)
    }

    pub(crate) fn algorithm(&self) -> SignatureAlgorithm {
        self.0.algorithm()
    }

    pub(crate) fn public_key(&self) -> &PublicKey {
        self.0.public_key()
    }

    pub(crate) fn sign_certificate(&self, recorded: &Recorded) -> Result<Vec<u8>, SignError> {
        self.0.sign(Message::Bytes(recorded.tbs()))
    }

    pub(crate) fn sign_request(&self, recorded: &RecordedRequest) -> Result<Vec<u8>, SignError> {
        self.0.sign(Message::Bytes(recorded.info()))
    }

    pub(crate) fn sign_crl(&self, recorded: &RecordedCrl) -> Result<Vec<u8>, SignError> {
        self.0.sign(recorded.message())
    }
}

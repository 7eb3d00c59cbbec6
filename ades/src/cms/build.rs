//! Assembling `SignedData` in DER (RFC 5652 section 5) with one `SignerInfo`.
//!
//! A [`CmsSigner`] is made once per key and certificate and signs any number of contents; what is
//! the same in all of them is encoded once. Where the key is elsewhere, a [`CmsIdentity`] prepares
//! what is to be signed ([`super::prepare`]). The content itself is never needed whole: the caller
//! hashes it as a stream, and [`SignedCms::write_attached`] copies it through.
//!
//! ```
//! # use std::sync::Arc;
//! # use ades::cms::build::{CmsSigner, Embed};
//! # use pki_asn1::{Certificate, oid};
//! # fn f(signer: Arc<dyn hsm_pkcs11::Signer>, certificate: Certificate, tst_info: &[u8])
//! # -> Result<Vec<u8>, ades::cms::build::BuildError> {
//! // A time-stamp token (RFC 3161 section 2.4.2).
//! let signer = CmsSigner::new(signer, certificate, &[])?;
//! let digest = signer.digest_algorithm().digest(tst_info);
//! let signed = signer.sign(oid::CT_TST_INFO, &digest, &[])?;
//! let token = signed.embed(Embed::Certificates).attached(tst_info);
//! # Ok(token) }
//! ```

use std::io::{self, Read, Write};
use std::sync::Arc;

use der::Encode;
use hsm_pkcs11::{KeySpec, SignError, Signer};
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::{Certificate, write};
use pki_crypto::{
    Digest, DigestAlgorithm, KeyError, KeyKind, PublicKey, SignatureAlgorithm, UnsupportedAlgorithm,
};

use super::attribute::Attribute;
use super::prepare::ToBeSigned;

/// Why no signature was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The certificate holds another public key than the signer.
    #[error(
        "the certificate of {subject} does not belong to the key: it certifies another public key"
    )]
    CertificateMismatch {
        /// The certificate's subject.
        subject: String,
    },
    /// The digest given is not of the signer's algorithm.
    #[error("a {given} digest was given where {expected} is signed")]
    WrongDigest {
        /// What [`CmsIdentity::digest_algorithm`] asks for.
        expected: DigestAlgorithm,
        /// What was given.
        given: DigestAlgorithm,
    },
    /// The key's algorithm has no identifier in CMS.
    #[error(transparent)]
    Algorithm(#[from] UnsupportedAlgorithm),
    /// The key could not sign.
    #[error("the key could not sign")]
    Sign(#[source] SignError),
    /// The certificate's key cannot be used.
    #[error("the certificate of {subject} holds no usable public key")]
    Key {
        /// The certificate's subject.
        subject: String,
        /// Why.
        source: KeyError,
    },
    /// The certificate's key does not sign with this algorithm.
    #[error(
        "the certificate of {subject} is for an {kind} key, which does not sign with {algorithm}"
    )]
    AlgorithmMismatch {
        /// The certificate's subject.
        subject: String,
        /// The key.
        kind: KeyKind,
        /// What was asked for.
        algorithm: SignatureAlgorithm,
    },
    /// A signature made elsewhere is not this one.
    #[error(
        "the signature is not one that the key of {subject} made over these bytes with {algorithm}"
    )]
    WrongSignature {
        /// The certificate's subject.
        subject: String,
        /// What was to be used.
        algorithm: SignatureAlgorithm,
        /// Octets of the value given.
        len: usize,
    },
    /// What was kept of a prepared signature does not belong to this signer and content.
    #[error("what was prepared is not a signature of this content by this certificate: {0}")]
    NotPrepared(&'static str),
    /// A value could not be encoded.
    #[error("a value could not be encoded in DER")]
    Der(#[from] der::Error),
}

impl BuildError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::CertificateMismatch { .. } => Some(
                "give the certificate that was issued for this key, or the key that belongs to this certificate"
                    .into(),
            ),
            Self::AlgorithmMismatch { kind, .. } => Some(format!(
                "{kind} keys sign with {} unless told otherwise",
                KeySpec::default_algorithm(*kind)
            )),
            Self::WrongSignature { algorithm, .. } => Some(wrong_signature_hint(*algorithm)),
            Self::NotPrepared(_) => Some("prepare it again".into()),
            _ => None,
        }
    }
}

/// What goes wrong most often with each algorithm.
fn wrong_signature_hint(algorithm: SignatureAlgorithm) -> String {
    match algorithm {
        SignatureAlgorithm::Ed25519 | SignatureAlgorithm::Ed448 | SignatureAlgorithm::MlDsa(_) => {
            format!("{algorithm} signs the bytes themselves, never a digest of them")
        }
        SignatureAlgorithm::Ecdsa(d) | SignatureAlgorithm::Dsa(d) => format!(
            "sign the bytes with {d}, or their digest as it stands; hand back DER or r and s at full length"
        ),
        SignatureAlgorithm::RsaPkcs1(d) => format!(
            "sign the bytes with {d}, or their digest inside its DigestInfo (openssl pkeyutl -pkeyopt digest:{})",
            d.name().to_ascii_lowercase().replace('-', "")
        ),
        SignatureAlgorithm::RsaPss(d) => format!(
            "sign with PSS padding, {d} for digest and MGF1, and a salt of {} octets",
            d.output_len()
        ),
        SignatureAlgorithm::RsaPssWith(_) => {
            "sign with PSS padding, the same digest for MGF1, and a salt of its length".into()
        }
    }
}

/// Which certificates a `SignedData` carries.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Embed {
    /// The signer's certificate and its chain.
    #[default]
    Certificates,
    /// None: what a time-stamp request without certReq asks for (RFC 3161 section 2.4.1).
    Nothing,
}

/// Who signs and with which algorithm, without the key: enough to prepare a signature that is made
/// elsewhere, and to complete it.
#[derive(Clone, Debug)]
pub struct CmsIdentity {
    certificate: Certificate,
    chain: Vec<Certificate>,
    key: PublicKey,
    algorithm: SignatureAlgorithm,
    digest: DigestAlgorithm,
    /// `SignerIdentifier`: issuer and serial number, original bytes.
    sid: Vec<u8>,
    digest_identifier: Vec<u8>,
    signature_identifier: Vec<u8>,
    /// `certificates [0] IMPLICIT CertificateSet`
    certificate_set: Vec<u8>,
    signing_certificate: Attribute,
}

/// An identity with its key, ready to sign any number of contents. Cheap to share.
#[derive(Debug)]
pub struct CmsSigner {
    identity: CmsIdentity,
    signer: Arc<dyn Signer>,
}

impl CmsSigner {
    /// Pairs `signer` with its certificate. `chain` is embedded beside it, in any order;
    /// duplicates are dropped.
    ///
    /// # Errors
    /// [`BuildError::CertificateMismatch`] where the certificate is another key's.
    pub fn new(
        signer: Arc<dyn Signer>,
        certificate: Certificate,
        chain: &[Certificate],
    ) -> Result<Self, BuildError> {
        if !same_key(signer.public_key(), &certificate) {
            return Err(BuildError::CertificateMismatch {
                subject: certificate.display_subject().to_string(),
            });
        }
        let (key, algorithm) = (signer.public_key().clone(), signer.algorithm());
        let identity = CmsIdentity::of_key(key, algorithm, certificate, chain)?;
        Ok(Self { identity, signer })
    }

    /// The signer with another hash of its certificate in id-aa-signingCertificateV2 than SHA-256.
    ///
    /// # Errors
    /// Where DER encoding fails.
    pub fn with_certificate_digest(mut self, digest: DigestAlgorithm) -> Result<Self, BuildError> {
        self.identity.signing_certificate =
            Attribute::signing_certificate_v2_with(&self.identity.certificate, digest)?;
        Ok(self)
    }

    /// Who signs, for what can be done without the key.
    #[must_use]
    pub fn identity(&self) -> &CmsIdentity {
        &self.identity
    }

    /// Signs content of this type with this digest (over the content's value octets). The signed
    /// attributes are content-type, message-digest, id-aa-signingCertificateV2 and `attributes`.
    ///
    /// # Errors
    /// [`BuildError::WrongDigest`]; [`BuildError::Sign`] where the key refuses.
    pub fn sign(
        &self,
        content_type: ObjectIdentifier,
        content_digest: &Digest,
        attributes: &[Attribute],
    ) -> Result<SignedCms<'_>, BuildError> {
        self.identity
            .prepare(content_type, content_digest, attributes)?
            .sign(self.signer.as_ref())
    }

    /// The key, for a signature that [`CmsIdentity::prepare`] prepared.
    pub(crate) fn key(&self) -> &dyn Signer {
        self.signer.as_ref()
    }
}

/// What a signer can do, its identity can too, signing apart.
impl core::ops::Deref for CmsSigner {
    type Target = CmsIdentity;

    fn deref(&self) -> &CmsIdentity {
        &self.identity
    }
}

impl CmsIdentity {
    /// Who signs with the key of `certificate`, wherever that key is. `chain` is embedded beside it,
    /// in any order; duplicates are dropped.
    ///
    /// # Errors
    /// [`BuildError::Key`] where the certificate's key is of no supported kind,
    /// [`BuildError::AlgorithmMismatch`] where it does not sign with `algorithm`.
    pub fn new(
        certificate: Certificate,
        chain: &[Certificate],
        algorithm: Option<SignatureAlgorithm>,
    ) -> Result<Self, BuildError> {
        let subject = || certificate.display_subject().to_string();
        let key = PublicKey::from_spki_der(certificate.spki_der()).map_err(|source| {
            let subject = subject();
            BuildError::Key { subject, source }
        })?;
        let kind = key.kind();
        let algorithm = algorithm.unwrap_or_else(|| KeySpec::default_algorithm(kind));
        if !KeySpec::fits(kind, algorithm) {
            return Err(BuildError::AlgorithmMismatch {
                subject: subject(),
                kind,
                algorithm,
            });
        }
        Self::of_key(key, algorithm, certificate, chain)
    }

    fn of_key(
        key: PublicKey,
        algorithm: SignatureAlgorithm,
        certificate: Certificate,
        chain: &[Certificate],
    ) -> Result<Self, BuildError> {
        let digest = content_digest(algorithm);
        let mut set: Vec<&[u8]> = chain.iter().map(Certificate::der).collect();
        set.push(certificate.der());
        set.sort_unstable();
        set.dedup();
        Ok(Self {
            digest,
            sid: issuer_and_serial(&certificate),
            digest_identifier: digest.identifier().to_der()?,
            signature_identifier: algorithm.to_identifier()?.to_der()?,
            certificate_set: write::set_of(write::context(0), &set),
            signing_certificate: Attribute::signing_certificate_v2(&certificate)?,
            key,
            algorithm,
            certificate,
            chain: chain.to_vec(),
        })
    }

    /// The signing certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The certificates embedded beside the signer's, as given.
    #[must_use]
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    /// What the content is hashed with: the digest of the key's algorithm, SHA-512 for Ed25519
    /// (RFC 8419 section 3.1).
    #[must_use]
    pub fn digest_algorithm(&self) -> DigestAlgorithm {
        self.digest
    }

    /// What the key signs with.
    #[must_use]
    pub fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// id-aa-signingCertificateV2, the same in every signature.
    pub(super) fn signing_certificate(&self) -> &Attribute {
        &self.signing_certificate
    }

    /// The certificate's public key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// cmsAlgorithmProtection (RFC 6211) for this key, to be passed to [`CmsSigner::sign`] or
    /// [`CmsIdentity::prepare`].
    #[must_use]
    pub fn algorithm_protection(&self) -> Attribute {
        Attribute::algorithm_protection(&self.digest_identifier, &self.signature_identifier)
    }

    /// Prepares the signature of content of this type with this digest (over the content's value
    /// octets). The signed attributes are content-type, message-digest, id-aa-signingCertificateV2
    /// and `attributes`.
    ///
    /// # Errors
    /// [`BuildError::WrongDigest`].
    pub fn prepare(
        &self,
        content_type: ObjectIdentifier,
        content_digest: &Digest,
        attributes: &[Attribute],
    ) -> Result<ToBeSigned<'_>, BuildError> {
        if content_digest.algorithm() != self.digest {
            return Err(BuildError::WrongDigest {
                expected: self.digest,
                given: content_digest.algorithm(),
            });
        }
        let signed_attributes = self.signed_attributes(content_type, content_digest, attributes);
        Ok(ToBeSigned::new(self, content_type, signed_attributes))
    }

    /// Prepares the counter-signature of a signature value that has this digest. It has no content-type
    /// attribute (RFC 5652 section 11.4), and of the result only [`SignedCms::signer_info`] is of use.
    ///
    /// # Errors
    /// [`BuildError::WrongDigest`].
    pub fn prepare_countersignature(
        &self,
        signature_digest: &Digest,
        attributes: &[Attribute],
    ) -> Result<ToBeSigned<'_>, BuildError> {
        if signature_digest.algorithm() != self.digest {
            return Err(BuildError::WrongDigest {
                expected: self.digest,
                given: signature_digest.algorithm(),
            });
        }
        let own = [
            &[Attribute::message_digest(signature_digest)],
            core::slice::from_ref(&self.signing_certificate),
            attributes,
        ]
        .concat();
        let own: Vec<&[u8]> = own.iter().map(Attribute::der).collect();
        let signed_attributes = write::set_of(write::context(0), &own);
        Ok(ToBeSigned::new(self, oid::CT_DATA, signed_attributes))
    }

    /// [`Self::digest_algorithm`] as `AlgorithmIdentifier` in DER.
    #[must_use]
    pub fn digest_identifier(&self) -> &[u8] {
        &self.digest_identifier
    }

    /// How long [`SignedCms::detached`] can be at most for these attributes and unsigned
    /// attributes of `unsigned` octets in all, without using the key.
    #[must_use]
    pub fn max_detached_len(
        &self,
        content_type: ObjectIdentifier,
        attributes: &[Attribute],
        unsigned: usize,
    ) -> usize {
        let digest = self.digest.digest(b"");
        let longest = SignedCms::new(
            self,
            content_type,
            self.signed_attributes(content_type, &digest, attributes),
            vec![0; self.key.kind().max_signature_len()],
        );
        // A header that grows under the unsigned attributes: four levels of at most four octets.
        let around = if unsigned == 0 { 0 } else { 24 };
        longest.detached().len() + unsigned + around
    }

    /// `signedAttrs [0] IMPLICIT SET OF Attribute`.
    fn signed_attributes(
        &self,
        content_type: ObjectIdentifier,
        content_digest: &Digest,
        attributes: &[Attribute],
    ) -> Vec<u8> {
        let own = [
            Attribute::content_type(&content_type),
            Attribute::message_digest(content_digest),
        ];
        let all: Vec<&[u8]> = own
            .iter()
            .chain([&self.signing_certificate])
            .chain(attributes)
            .map(Attribute::der)
            .collect();
        write::set_of(write::context(0), &all)
    }
}

/// A signature that was made, before it is encoded: unsigned attributes can be added.
#[derive(Clone, Debug)]
pub struct SignedCms<'s> {
    by: &'s CmsIdentity,
    content_type: ObjectIdentifier,
    signed_attributes: Vec<u8>,
    signature: Vec<u8>,
    unsigned: Vec<Attribute>,
    embed: Embed,
}

impl<'s> SignedCms<'s> {
    pub(super) fn new(
        by: &'s CmsIdentity,
        content_type: ObjectIdentifier,
        signed_attributes: Vec<u8>,
        signature: Vec<u8>,
    ) -> Self {
        Self {
            by,
            content_type,
            signed_attributes,
            signature,
            unsigned: Vec::new(),
            embed: Embed::Certificates,
        }
    }
}

impl SignedCms<'_> {
    /// The signature value: what a signature-time-stamp covers (EN 319 122-1 clause 5.3).
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Adds an unsigned attribute, such as [`Attribute::signature_time_stamp`].
    pub fn add_unsigned(&mut self, attribute: Attribute) {
        self.unsigned.push(attribute);
    }

    /// Chooses the certificates to carry; [`Embed::Certificates`] unless said otherwise.
    #[must_use]
    pub fn embed(mut self, embed: Embed) -> Self {
        self.embed = embed;
        self
    }

    /// The `ContentInfo` without content: a detached signature (RFC 5652 section 5.2).
    #[must_use]
    pub fn detached(&self) -> Vec<u8> {
        let encap = write::tlv(write::SEQUENCE, &[&write::oid(&self.content_type)]);
        let (before, after) = self.around_content();
        let signed_data = write::tlv(write::SEQUENCE, &[&before, &encap, &after]);
        content_info(&signed_data)
    }

    /// The `ContentInfo` with its content, whose digest was signed.
    #[must_use]
    pub fn attached(&self, content: &[u8]) -> Vec<u8> {
        let (before, after) = self.around_content();
        let mut out = self.prefix(content.len() as u64, &before, after.len() as u64);
        out.reserve_exact(content.len() + after.len());
        out.extend_from_slice(content);
        out.extend_from_slice(&after);
        out
    }

    /// Writes the `ContentInfo` with its content, read from `content` to exactly `len` octets.
    ///
    /// # Errors
    /// I/O on either side; `UnexpectedEof` or `InvalidData` where the content is shorter or longer
    /// than `len`.
    pub fn write_attached(
        &self,
        content: &mut dyn Read,
        len: u64,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (before, after) = self.around_content();
        out.write_all(&self.prefix(len, &before, after.len() as u64))?;
        let copied = io::copy(&mut content.take(len), out)?;
        if copied < len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if content.read(&mut [0])? != 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the content grew while it was signed",
            ));
        }
        out.write_all(&after)
    }

    /// Everything before the content's octets, where `before` and `after` octets stand around it.
    fn prefix(&self, len: u64, before: &[u8], after: u64) -> Vec<u8> {
        let content_type = write::oid(&self.content_type);
        // From the inside out: OCTET STRING, [0], EncapsulatedContentInfo, SignedData, [0], ContentInfo.
        let explicit = write::total_len(len);
        let encap = content_type.len() as u64 + write::total_len(explicit);
        let signed_data = before.len() as u64 + write::total_len(encap) + after;
        let outer_type = write::oid(&oid::CT_SIGNED_DATA);
        let whole = outer_type.len() as u64 + write::total_len(write::total_len(signed_data));
        [
            write::header(write::SEQUENCE, whole),
            outer_type,
            write::header(write::context(0), write::total_len(signed_data)),
            write::header(write::SEQUENCE, signed_data),
            before.to_vec(),
            write::header(write::SEQUENCE, encap),
            content_type,
            write::header(write::context(0), explicit),
            write::header(write::OCTET_STRING, len),
        ]
        .concat()
    }

    /// The fields of SignedData before and after encapContentInfo.
    fn around_content(&self) -> (Vec<u8>, Vec<u8>) {
        // RFC 5652 section 5.1: version 1 for id-data with issuerAndSerialNumber, else 3.
        let version = if self.content_type == oid::CT_DATA {
            1
        } else {
            3
        };
        let algorithms = write::tlv(write::SET, &[&self.by.digest_identifier]);
        let before = [&write::small_integer(version)[..], &algorithms].concat();
        let signer_infos = write::tlv(write::SET, &[&self.signer_info()]);
        let after = match self.embed {
            Embed::Certificates => [&self.by.certificate_set[..], &signer_infos].concat(),
            Embed::Nothing => signer_infos,
        };
        (before, after)
    }

    /// The `SignerInfo` alone, to be put into another `SignedData`.
    #[must_use]
    pub fn signer_info(&self) -> Vec<u8> {
        let unsigned: Vec<&[u8]> = self.unsigned.iter().map(Attribute::der).collect();
        let unsigned = if unsigned.is_empty() {
            Vec::new()
        } else {
            write::set_of(write::context(1), &unsigned)
        };
        write::tlv(
            write::SEQUENCE,
            &[
                &write::small_integer(1),
                &self.by.sid,
                &self.by.digest_identifier,
                &self.signed_attributes,
                &self.by.signature_identifier,
                &write::tlv(write::OCTET_STRING, &[&self.signature]),
                &unsigned,
            ],
        )
    }
}

fn content_info(signed_data: &[u8]) -> Vec<u8> {
    write::tlv(
        write::SEQUENCE,
        &[
            &write::oid(&oid::CT_SIGNED_DATA),
            &write::tlv(write::context(0), &[signed_data]),
        ],
    )
}

/// The same key may be certified under another algorithm identifier (an RSA key under id-RSASSA-PSS),
/// so the keys are compared where the encodings differ.
fn same_key(key: &PublicKey, certificate: &Certificate) -> bool {
    key.spki_der() == certificate.spki_der()
        || PublicKey::from_spki_der(certificate.spki_der())
            .is_ok_and(|other| other.kind() == key.kind() && other.bits() == key.bits())
}

fn content_digest(algorithm: SignatureAlgorithm) -> DigestAlgorithm {
    algorithm.digest().unwrap_or(DigestAlgorithm::Sha512)
}

/// `IssuerAndSerialNumber` with the certificate's own bytes.
fn issuer_and_serial(certificate: &Certificate) -> Vec<u8> {
    let serial = write::tlv(write::INTEGER, &[certificate.serial()]);
    write::tlv(write::SEQUENCE, &[certificate.issuer_der(), &serial])
}

//! Assembling `SignedData` in DER (RFC 5652 section 5) with one `SignerInfo`.
//!
//! A [`CmsSigner`] is made once per key and certificate and signs any number of contents; what is
//! the same in all of them is encoded once. The content itself is never needed whole: the caller
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
use hsm_pkcs11::{SignError, Signer};
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::{Certificate, write};
use pki_crypto::{
    Digest, DigestAlgorithm, KeyKind, Message, PublicKey, SignatureAlgorithm, UnsupportedAlgorithm,
};

use super::attribute::Attribute;

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
        /// What [`CmsSigner::digest_algorithm`] asks for.
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
            _ => None,
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

/// A key and its certificate, ready to sign any number of contents. Cheap to share.
#[derive(Debug)]
pub struct CmsSigner {
    signer: Arc<dyn Signer>,
    certificate: Certificate,
    chain: Vec<Certificate>,
    digest: DigestAlgorithm,
    /// `SignerIdentifier`: issuer and serial number, original bytes.
    sid: Vec<u8>,
    digest_identifier: Vec<u8>,
    signature_identifier: Vec<u8>,
    /// `certificates [0] IMPLICIT CertificateSet`
    certificate_set: Vec<u8>,
    signing_certificate: Attribute,
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
        let algorithm = signer.algorithm();
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
            signer,
            certificate,
            chain: chain.to_vec(),
        })
    }

    /// The signer with another hash of its certificate in id-aa-signingCertificateV2 than SHA-256.
    ///
    /// # Errors
    /// Where DER encoding fails.
    pub fn with_certificate_digest(mut self, digest: DigestAlgorithm) -> Result<Self, BuildError> {
        self.signing_certificate =
            Attribute::signing_certificate_v2_with(&self.certificate, digest)?;
        Ok(self)
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

    /// [`Self::digest_algorithm`] as `AlgorithmIdentifier` in DER.
    #[must_use]
    pub fn digest_identifier(&self) -> &[u8] {
        &self.digest_identifier
    }

    /// What the key signs with.
    #[must_use]
    pub fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.signer.algorithm()
    }

    /// cmsAlgorithmProtection (RFC 6211) for this key, to be passed to [`CmsSigner::sign`].
    #[must_use]
    pub fn algorithm_protection(&self) -> Attribute {
        Attribute::algorithm_protection(&self.digest_identifier, &self.signature_identifier)
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
        let own = [Attribute::content_type(&content_type)];
        self.sign_attributes(content_type, content_digest, &own, attributes)
    }

    /// Signs the signature value of another signer, which has this digest: a counter-signature has
    /// no content-type attribute (RFC 5652 section 11.4). Of the result only
    /// [`SignedCms::signer_info`] is of use.
    ///
    /// # Errors
    /// As [`Self::sign`].
    pub fn countersign(
        &self,
        signature_digest: &Digest,
        attributes: &[Attribute],
    ) -> Result<SignedCms<'_>, BuildError> {
        self.sign_attributes(oid::CT_DATA, signature_digest, &[], attributes)
    }

    fn sign_attributes(
        &self,
        content_type: ObjectIdentifier,
        content_digest: &Digest,
        own: &[Attribute],
        attributes: &[Attribute],
    ) -> Result<SignedCms<'_>, BuildError> {
        if content_digest.algorithm() != self.digest {
            return Err(BuildError::WrongDigest {
                expected: self.digest,
                given: content_digest.algorithm(),
            });
        }
        let all = [own, attributes].concat();
        let signed_attributes = self.signed_attributes(content_digest, &all);
        // What is signed is the attributes as SET OF, not with the tag they are carried under
        // (RFC 5652 section 5.4).
        let mut message = signed_attributes.clone();
        if let Some(tag) = message.first_mut() {
            *tag = write::SET;
        }
        let signature = match self.signer.algorithm().digest() {
            Some(algorithm) => self
                .signer
                .sign(Message::Digest(&algorithm.digest(&message))),
            None => self.signer.sign(Message::Bytes(&message)),
        }
        .map_err(BuildError::Sign)?;
        Ok(SignedCms {
            by: self,
            content_type,
            signed_attributes,
            signature,
            unsigned: Vec::new(),
            embed: Embed::Certificates,
        })
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
        let own = [Attribute::content_type(&content_type)];
        let all = [&own, attributes].concat();
        let longest = SignedCms {
            by: self,
            content_type,
            signed_attributes: self.signed_attributes(&digest, &all),
            signature: vec![0; max_signature_len(self.signer.public_key().kind())],
            unsigned: Vec::new(),
            embed: Embed::Certificates,
        };
        // A header that grows under the unsigned attributes: four levels of at most four octets.
        let around = if unsigned == 0 { 0 } else { 24 };
        longest.detached().len() + unsigned + around
    }

    /// `signedAttrs [0] IMPLICIT SET OF Attribute`.
    fn signed_attributes(&self, content_digest: &Digest, attributes: &[Attribute]) -> Vec<u8> {
        let own = [Attribute::message_digest(content_digest)];
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
    by: &'s CmsSigner,
    content_type: ObjectIdentifier,
    signed_attributes: Vec<u8>,
    signature: Vec<u8>,
    unsigned: Vec<Attribute>,
    embed: Embed,
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

/// The longest signature value of a key: `Ecdsa-Sig-Value` with two full INTEGERs, the modulus, or
/// the 64 octets of Ed25519.
fn max_signature_len(kind: KeyKind) -> usize {
    match kind {
        KeyKind::EcP256 => 72,
        KeyKind::EcP384 => 104,
        KeyKind::EcP521 => 139,
        KeyKind::Rsa { bits } => bits.div_ceil(8) as usize,
        KeyKind::Ed25519 => 64,
    }
}

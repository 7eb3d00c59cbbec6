//! A time-stamp token as received, checked against what was asked (RFC 3161 section 2.2, RFC 5816).

use der::asn1::{Int, OctetString};
use der::{Decode, Reader, SliceReader, Tag};
use pki_asn1::ess::{SigningCertificate, SigningCertificateV2};
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::tsp::TstInfo;
use pki_asn1::{Certificate, UnixTime};
use pki_crypto::{Digest, DigestAlgorithm, Message, PublicKey, SignatureAlgorithm};
use spki::AlgorithmIdentifierOwned;

use super::TspFault;

/// A token whose signature, imprint and nonce were checked; whether its signer is trusted was not.
#[derive(Clone, Debug)]
pub struct Token {
    der: Vec<u8>,
    time: UnixTime,
    policy: ObjectIdentifier,
    certificate: Certificate,
}

/// What the token must hold.
pub(super) struct Expected<'a> {
    pub(super) imprint: &'a Digest,
    /// The content octets of the nonce's INTEGER.
    pub(super) nonce: &'a [u8],
    pub(super) policy: Option<&'a ObjectIdentifier>,
}

impl Token {
    /// The token's `ContentInfo` in DER, as received.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// genTime, whole seconds.
    #[must_use]
    pub fn time(&self) -> UnixTime {
        self.time
    }

    /// The policy it was made under.
    #[must_use]
    pub fn policy(&self) -> &ObjectIdentifier {
        &self.policy
    }

    /// The time-stamping unit's certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    pub(super) fn check(der: Vec<u8>, expected: &Expected<'_>) -> Result<Self, TspFault> {
        let parts = Parts::read(&der)
            .map_err(|_| TspFault::Malformed("not a CMS SignedData with one signer"))?;
        let info = TstInfo::from_der(parts.content)
            .map_err(|_| TspFault::Malformed("its content is not a TSTInfo"))?;
        check_info(&info, expected)?;
        let time = UnixTime::from(info.gen_time.0);
        let certificate = parts.signing_certificate()?;
        check_certificate(&certificate, time)?;
        parts.check_signature(&certificate)?;
        Ok(Self {
            time,
            policy: info.policy,
            certificate,
            der,
        })
    }
}

fn check_info(info: &TstInfo, expected: &Expected<'_>) -> Result<(), TspFault> {
    let imprint = &info.message_imprint;
    if imprint.hash_algorithm.oid != expected.imprint.algorithm().oid()
        || imprint.hashed_message.as_bytes() != expected.imprint.as_bytes()
    {
        return Err(TspFault::WrongImprint);
    }
    if info.nonce.as_ref().map(Int::as_bytes) != Some(expected.nonce) {
        return Err(TspFault::WrongNonce);
    }
    match expected.policy {
        Some(wanted) if *wanted != info.policy => Err(TspFault::WrongPolicy {
            got: info.policy.to_string(),
            wanted: wanted.to_string(),
        }),
        _ => Ok(()),
    }
}

/// RFC 3161 section 2.3: extendedKeyUsage is critical and holds timeStamping alone.
fn check_certificate(certificate: &Certificate, at: UnixTime) -> Result<(), TspFault> {
    let subject = certificate.display_subject().to_string();
    let wrong = |why| {
        Err(TspFault::NotATimeStampingCertificate {
            subject: subject.clone(),
            why,
        })
    };
    let Some(usage) = certificate.extension(&oid::CE_EXT_KEY_USAGE) else {
        return wrong("it has no extended key usage");
    };
    if !usage.critical {
        return wrong("its extended key usage is not critical");
    }
    if certificate.extended_key_usages() != [oid::KP_TIME_STAMPING] {
        return wrong("its extended key usage is not timeStamping alone");
    }
    if !certificate.is_valid_at(at) {
        return Err(TspFault::CertificateNotValid {
            subject,
            at: at.to_string(),
        });
    }
    Ok(())
}

/// The parts of a `SignedData` with one signer, as they lie in the token.
struct Parts<'a> {
    content_type: ObjectIdentifier,
    /// The value octets of eContent.
    content: &'a [u8],
    certificates: Vec<&'a [u8]>,
    signer: SignerParts<'a>,
}

struct SignerParts<'a> {
    /// `SignerIdentifier`, whole.
    sid: &'a [u8],
    digest: AlgorithmIdentifierOwned,
    /// `[0] IMPLICIT SET OF Attribute`, whole.
    attributes: &'a [u8],
    algorithm: AlgorithmIdentifierOwned,
    signature: &'a [u8],
}

const CONTEXT_0: u8 = 0xa0;
const CONTEXT_1: u8 = 0xa1;

impl<'a> Parts<'a> {
    fn read(der: &'a [u8]) -> der::Result<Self> {
        let mut info = inside(der, 0x30)?;
        if ObjectIdentifier::from_der(info.next(None)?)? != oid::CT_SIGNED_DATA {
            return Err(der::ErrorKind::Failed.into());
        }
        let explicit = info.next(Some(CONTEXT_0))?;
        let mut data = inside(inside(explicit, CONTEXT_0)?.next(None)?, 0x30)?;
        data.next(Some(0x02))?;
        data.next(Some(0x31))?;
        let mut encap = inside(data.next(Some(0x30))?, 0x30)?;
        let content_type = ObjectIdentifier::from_der(encap.next(None)?)?;
        let content = inside(encap.next(Some(CONTEXT_0))?, CONTEXT_0)?.next(Some(0x04))?;
        let mut certificates = Vec::new();
        if data.peek() == Some(CONTEXT_0) {
            let mut set = inside(data.next(None)?, CONTEXT_0)?;
            while set.peek().is_some() {
                certificates.push(set.next(None)?);
            }
        }
        if data.peek() == Some(CONTEXT_1) {
            data.next(None)?;
        }
        let mut infos = inside(data.next(Some(0x31))?, 0x31)?;
        let mut signer = inside(infos.next(Some(0x30))?, 0x30)?;
        // RFC 3161 section 2.4.2: the only signature is the authority's.
        if infos.peek().is_some() {
            return Err(der::ErrorKind::Failed.into());
        }
        signer.next(Some(0x02))?;
        Ok(Self {
            content_type,
            content: value(content)?,
            certificates,
            signer: SignerParts {
                sid: signer.next(None)?,
                digest: AlgorithmIdentifierOwned::from_der(signer.next(None)?)?,
                attributes: signer.next(Some(CONTEXT_0))?,
                algorithm: AlgorithmIdentifierOwned::from_der(signer.next(None)?)?,
                signature: value(signer.next(Some(0x04))?)?,
            },
        })
    }

    /// The embedded certificate that the signer identifier and the signing-certificate attribute
    /// name.
    fn signing_certificate(&self) -> Result<Certificate, TspFault> {
        let found = self
            .certificates
            .iter()
            .filter(|der| der.first() == Some(&0x30))
            .filter_map(|der| Certificate::from_der(der.to_vec()).ok())
            .find(|c| self.signer.is_by(c));
        let certificate = found.ok_or(TspFault::NoCertificate)?;
        if !self.signer.names(&certificate) {
            return Err(TspFault::NotBound {
                subject: certificate.display_subject().to_string(),
            });
        }
        Ok(certificate)
    }

    fn check_signature(&self, certificate: &Certificate) -> Result<(), TspFault> {
        let bad = |why: &str| TspFault::BadSignature(why.to_owned());
        if self.content_type != oid::CT_TST_INFO {
            return Err(TspFault::Malformed("its content type is not TSTInfo"));
        }
        let content_type = self.signer.attribute(&oid::ATTR_CONTENT_TYPE);
        if content_type.and_then(|v| ObjectIdentifier::from_der(v).ok()) != Some(self.content_type)
        {
            return Err(bad("the content-type attribute does not match"));
        }
        let digest = DigestAlgorithm::from_oid(&self.signer.digest.oid)
            .ok_or_else(|| bad("its digest algorithm is not supported"))?;
        let claimed = self
            .signer
            .attribute(&oid::ATTR_MESSAGE_DIGEST)
            .and_then(|v| OctetString::from_der(v).ok());
        if claimed.as_ref().map(OctetString::as_bytes)
            != Some(digest.digest(self.content).as_bytes())
        {
            return Err(bad("the message digest does not match the content"));
        }
        let algorithm = SignatureAlgorithm::from_cms(&self.signer.algorithm, digest)
            .map_err(|e| TspFault::BadSignature(e.to_string()))?;
        let key = PublicKey::from_spki_der(certificate.spki_der())
            .map_err(|e| TspFault::BadSignature(e.to_string()))?;
        // The attributes are signed under the tag of a SET OF (RFC 5652 section 5.4).
        let mut message = self.signer.attributes.to_vec();
        message[0] = 0x31;
        key.verify(algorithm, Message::Bytes(&message), self.signer.signature)
            .map_err(|e| TspFault::BadSignature(e.to_string()))
    }
}

impl SignerParts<'_> {
    /// The first value of an attribute, whole.
    fn attribute(&self, wanted: &ObjectIdentifier) -> Option<&[u8]> {
        let mut attributes = inside(self.attributes, CONTEXT_0).ok()?;
        while attributes.peek().is_some() {
            let mut attribute = inside(attributes.next(None).ok()?, 0x30).ok()?;
            let oid = ObjectIdentifier::from_der(attribute.next(None).ok()?).ok()?;
            if oid == *wanted {
                return inside(attribute.next(Some(0x31)).ok()?, 0x31)
                    .ok()?
                    .next(None)
                    .ok();
            }
        }
        None
    }

    fn is_by(&self, certificate: &Certificate) -> bool {
        if self.sid.first() == Some(&0x80) {
            let id = certificate.subject_key_id();
            return value(self.sid).ok() == id.as_ref().map(OctetString::as_bytes);
        }
        let Ok(mut sid) = inside(self.sid, 0x30) else {
            return false;
        };
        sid.next(None).ok() == Some(certificate.issuer_der())
            && sid.next(Some(0x02)).and_then(value).ok() == Some(certificate.serial())
    }

    /// Whether a signing-certificate attribute, of either version, holds the certificate's hash.
    fn names(&self, certificate: &Certificate) -> bool {
        if let Some(v2) = self.attribute(&oid::ATTR_SIGNING_CERTIFICATE_V2) {
            return SigningCertificateV2::from_der(v2).is_ok_and(|attribute| {
                attribute.certs.first().is_some_and(|id| {
                    DigestAlgorithm::from_oid(&id.hash_oid()).is_some_and(|algorithm| {
                        algorithm.digest(certificate.der()).as_bytes() == id.cert_hash.as_bytes()
                    })
                })
            });
        }
        self.attribute(&oid::ATTR_SIGNING_CERTIFICATE)
            .and_then(|v1| SigningCertificate::from_der(v1).ok())
            .is_some_and(|attribute| {
                attribute.certs.first().is_some_and(|id| {
                    DigestAlgorithm::Sha1.digest(certificate.der()).as_bytes()
                        == id.cert_hash.as_bytes()
                })
            })
    }
}

/// Reads one value after the other.
struct Values<'a>(&'a [u8]);

impl<'a> Values<'a> {
    fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The next value, header included.
    fn next(&mut self, tag: Option<u8>) -> der::Result<&'a [u8]> {
        if tag.is_some() && self.peek() != tag {
            return Err(der::ErrorKind::Failed.into());
        }
        let range = pki_asn1::raw::tlv_range(self.0, 0)?;
        let (value, rest) = self.0.split_at(range.end);
        self.0 = rest;
        Ok(value)
    }
}

/// The values inside a constructed value with this tag.
fn inside<'a>(der: &'a [u8], tag: u8) -> der::Result<Values<'a>> {
    if der.first() != Some(&tag) {
        return Err(der::ErrorKind::Failed.into());
    }
    value(der).map(Values)
}

/// The content octets of a value.
fn value(der: &[u8]) -> der::Result<&[u8]> {
    let mut reader = SliceReader::new(der)?;
    let header = der::Header::decode(&mut reader)?;
    let len = usize::try_from(header.length())?;
    let start = usize::try_from(reader.position())?;
    der.get(start..start + len)
        .ok_or_else(|| Tag::OctetString.length_error().into())
}

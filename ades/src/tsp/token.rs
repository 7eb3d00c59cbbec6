//! A time-stamp token as received, checked against what was asked (RFC 3161 section 2.2, RFC 5816).

use der::Decode;
use der::asn1::{Int, ObjectIdentifier};
use pki_asn1::ess::{SigningCertificate, SigningCertificateV2};
use pki_asn1::oid;
use pki_asn1::tsp::TstInfo;
use pki_asn1::{Certificate, UnixTime};
use pki_crypto::{Digest, DigestAlgorithm, Message, PublicKey, SignatureAlgorithm};

use super::TspFault;
use crate::cms::parse::{SignedData, SignerInfo};
use crate::validate::may_sign_tokens;

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
    /// The content octets of the nonce's INTEGER, where one was sent.
    pub(super) nonce: Option<&'a [u8]>,
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

    /// All certificates in it.
    #[must_use]
    pub fn certificates(&self) -> Vec<Certificate> {
        SignedData::parse(&self.der)
            .map(|data| data.certificates)
            .unwrap_or_default()
    }

    /// Checks a token that was obtained earlier, over this imprint and with whatever nonce. Whether
    /// its signer is trusted is for the caller to say.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn verify(der: Vec<u8>, imprint: &Digest) -> Result<Self, TspFault> {
        let expected = Expected {
            imprint,
            nonce: None,
            policy: None,
        };
        Self::check(der, &expected)
    }

    pub(super) fn check(der: Vec<u8>, expected: &Expected<'_>) -> Result<Self, TspFault> {
        use TspFault::Malformed;
        let data = SignedData::parse(&der).map_err(|_| Malformed("not a CMS SignedData"))?;
        if data.content_type != oid::CT_TST_INFO {
            return Err(Malformed("its content type is not TSTInfo"));
        }
        // RFC 3161 section 2.4.2: the only signature is the authority's.
        let [signer] = data.signers.as_slice() else {
            return Err(Malformed("it does not have exactly one signer"));
        };
        let content = data
            .content
            .as_deref()
            .ok_or(Malformed("its content is missing"))?;
        let info =
            TstInfo::from_der(content).map_err(|_| Malformed("its content is not a TSTInfo"))?;
        check_info(&info, expected)?;
        let time = UnixTime::from(info.gen_time.0);
        let certificate = signing_certificate(&data, signer)?;
        check_certificate(&certificate, time)?;
        check_signature(signer, content, &certificate)?;
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
    if expected.nonce.is_some() && info.nonce.as_ref().map(Int::as_bytes) != expected.nonce {
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

/// The embedded certificate that the signer identifier and the signing-certificate attribute name.
fn signing_certificate(data: &SignedData, signer: &SignerInfo) -> Result<Certificate, TspFault> {
    let mut named = data.certificates.iter().filter(|c| signer.is_named(c));
    let certificate = named.next().ok_or(TspFault::NoCertificate)?;
    if !is_bound(signer, certificate) {
        return Err(TspFault::NotBound {
            subject: certificate.display_subject().to_string(),
        });
    }
    Ok(certificate.clone())
}

/// Whether a signing-certificate attribute, of either version, begins with the certificate's hash.
fn is_bound(signer: &SignerInfo, certificate: &Certificate) -> bool {
    let matches = |algorithm: Option<DigestAlgorithm>, hash: &[u8]| {
        algorithm.is_some_and(|a| a.digest(certificate.der()).as_bytes() == hash)
    };
    if let Some(v2) = signer.signed_attribute(&oid::ATTR_SIGNING_CERTIFICATE_V2) {
        return SigningCertificateV2::from_der(v2)
            .ok()
            .and_then(|attribute| attribute.certs.into_iter().next())
            .is_some_and(|id| {
                matches(
                    DigestAlgorithm::from_oid(&id.hash_oid()),
                    id.cert_hash.as_bytes(),
                )
            });
    }
    signer
        .signed_attribute(&oid::ATTR_SIGNING_CERTIFICATE)
        .and_then(|v1| SigningCertificate::from_der(v1).ok())
        .and_then(|attribute| attribute.certs.into_iter().next())
        .is_some_and(|id| matches(Some(DigestAlgorithm::Sha1), id.cert_hash.as_bytes()))
}

/// RFC 3161 section 2.3: extendedKeyUsage is critical and holds timeStamping alone; keyUsage agrees.
fn check_certificate(certificate: &Certificate, at: UnixTime) -> Result<(), TspFault> {
    let subject = certificate.display_subject().to_string();
    let usage = certificate.extension(&oid::CE_EXT_KEY_USAGE);
    let why = match usage {
        None => Some("it has no extended key usage"),
        Some(usage) if !usage.critical => Some("its extended key usage is not critical"),
        Some(_) if certificate.extended_key_usages() != [oid::KP_TIME_STAMPING] => {
            Some("its extended key usage is not timeStamping alone")
        }
        Some(_) if !may_sign_tokens(certificate) => {
            Some("its key usage is not digitalSignature or nonRepudiation alone")
        }
        Some(_) => None,
    };
    if let Some(why) = why {
        return Err(TspFault::NotATimeStampingCertificate { subject, why });
    }
    if !certificate.is_valid_at(at) {
        return Err(TspFault::CertificateNotValid {
            subject,
            at: at.to_string(),
        });
    }
    Ok(())
}

fn check_signature(
    signer: &SignerInfo,
    content: &[u8],
    certificate: &Certificate,
) -> Result<(), TspFault> {
    let bad = |why: &str| TspFault::BadSignature(why.to_owned());
    let content_type = signer.signed_attribute(&oid::ATTR_CONTENT_TYPE);
    let content_type = content_type.and_then(|v| ObjectIdentifier::from_der(v).ok());
    if content_type != Some(oid::CT_TST_INFO) {
        return Err(bad("the content-type attribute does not match"));
    }
    let digest = DigestAlgorithm::from_oid(&signer.digest_algorithm.oid)
        .ok_or_else(|| bad("its digest algorithm is not supported"))?;
    if signer.message_digest().as_deref() != Some(digest.digest(content).as_bytes()) {
        return Err(bad("the message digest does not match the content"));
    }
    let message = signer
        .signed_attributes_der
        .as_deref()
        .ok_or_else(|| bad("there are no signed attributes"))?;
    let algorithm = SignatureAlgorithm::from_cms(&signer.signature_algorithm, digest)
        .map_err(|e| TspFault::BadSignature(e.to_string()))?;
    let key = PublicKey::from_spki_der(certificate.spki_der())
        .map_err(|e| TspFault::BadSignature(e.to_string()))?;
    key.verify(algorithm, Message::Bytes(message), &signer.signature)
        .map_err(|e| TspFault::BadSignature(e.to_string()))
}

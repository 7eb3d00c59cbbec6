//! The cryptography of one SignerInfo (RFC 5652 section 5.4 and 5.6, EN 319 102-1 clause 5.2.7).

use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use der::Decode;
use pdf_file::Source;
use pki_asn1::ess::{SigningCertificate, SigningCertificateV2};
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::{Certificate, name, write};
use pki_crypto::{Digest, DigestAlgorithm, Message, PublicKey, SignatureAlgorithm, VerifyError};
use pki_path::{CertificatePool, TrustAnchor};
use spki::AlgorithmIdentifierOwned;

use super::facts::{
    CertificateDigest, Check, SignedFacts, SignerFacts, SigningCertificateAttribute,
};
use crate::cms::original::EmbeddedContent;
use crate::cms::parse::ber::{Reader, Tlv};
use crate::cms::parse::{SignedData, SignerIdentifier, SignerInfo};
use crate::text;
use crate::text::Text;

/// Signed attributes are not longer; the longest thing in one is a policy's qualifiers.
const ATTRIBUTES: usize = 1 << 20;

/// What was signed.
#[derive(Clone)]
pub enum Content {
    /// It is not at hand: a detached signature without its content.
    Missing,
    /// In memory.
    Bytes(Arc<[u8]>),
    /// Parts of a source, hashed as a stream.
    Ranges(Arc<dyn Source>, Vec<Range<u64>>),
    /// Whatever can be read as a stream.
    Stream(Arc<dyn ContentStream>),
    /// Its digests alone.
    Digests(Vec<Digest>),
    /// Content of several signatures, hashed once for each algorithm.
    Shared(Arc<SharedContent>),
}

/// Content that is read as a stream, as often as it is asked for.
pub trait ContentStream: Send + Sync {
    /// Gives all of it to `sink`, piece by piece.
    ///
    /// # Errors
    /// Where it cannot be read, or `sink` fails.
    fn for_each(&self, sink: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()>;
}

impl ContentStream for EmbeddedContent {
    fn for_each(&self, sink: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        Self::for_each(self, sink)
    }
}

/// Content with something before it.
struct Prefixed {
    before: Vec<u8>,
    content: Content,
}

impl ContentStream for Prefixed {
    fn for_each(&self, sink: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        sink(&self.before)?;
        self.content.feed(sink).map(drop)
    }
}

/// Content with the digests that were made of it.
pub struct SharedContent {
    inner: Content,
    digests: Mutex<HashMap<DigestAlgorithm, Digest>>,
}

impl core::fmt::Debug for Content {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Missing => "Missing",
            Self::Bytes(_) => "Bytes",
            Self::Ranges(..) => "Ranges",
            Self::Stream(_) => "Stream",
            Self::Digests(_) => "Digests",
            Self::Shared(_) => "Shared",
        })
    }
}

impl Content {
    /// Content that many signatures are over: what a thousand of them cost is one reading.
    #[must_use]
    pub fn shared(self) -> Self {
        Self::Shared(Arc::new(SharedContent {
            inner: self,
            digests: Mutex::new(HashMap::new()),
        }))
    }

    /// The same with something before it.
    pub(super) fn after(self, before: &[u8]) -> Self {
        match self {
            Self::Missing | Self::Digests(_) => Self::Missing,
            content => Self::Stream(Arc::new(Prefixed {
                before: before.to_vec(),
                content,
            })),
        }
    }

    /// All of it, where it is at hand and not longer than `max`.
    fn head(&self, max: usize) -> io::Result<Option<Vec<u8>>> {
        match self {
            Self::Missing | Self::Digests(_) => Ok(None),
            Self::Bytes(bytes) => Ok((bytes.len() <= max).then(|| bytes.to_vec())),
            Self::Shared(shared) => shared.inner.head(max),
            Self::Ranges(source, ranges) => {
                let len: u64 = ranges.iter().map(|r| r.end.saturating_sub(r.start)).sum();
                if len > max as u64 {
                    return Ok(None);
                }
                let mut out = Vec::new();
                for range in ranges {
                    let start = out.len();
                    out.resize(start + (range.end.saturating_sub(range.start)) as usize, 0);
                    source.read_exact_at(range.start, out.get_mut(start..).unwrap_or_default())?;
                }
                Ok(Some(out))
            }
            Self::Stream(stream) => {
                let mut out = Vec::new();
                let mut long = false;
                stream.for_each(&mut |part| {
                    long |= out.len() + part.len() > max;
                    if !long {
                        out.extend_from_slice(part);
                    }
                    Ok(())
                })?;
                Ok((!long).then_some(out))
            }
        }
    }

    /// All of it, where it is in memory.
    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Shared(shared) => shared.inner.bytes(),
            _ => None,
        }
    }

    /// Gives all of it to `sink`; says whether it is at hand.
    pub(super) fn feed(&self, sink: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<bool> {
        match self {
            Self::Missing | Self::Digests(_) => return Ok(false),
            Self::Bytes(bytes) => sink(bytes)?,
            Self::Shared(shared) => return shared.inner.feed(sink),
            Self::Stream(stream) => stream.for_each(sink)?,
            Self::Ranges(source, ranges) => {
                let mut buffer = vec![0; 1 << 16];
                for range in ranges {
                    let mut at = range.start;
                    while at < range.end {
                        let n = (range.end - at).min(buffer.len() as u64);
                        // Never more than the buffer's length.
                        let part = &mut buffer[..n as usize];
                        source.read_exact_at(at, part)?;
                        sink(part)?;
                        at += n;
                    }
                }
            }
        }
        Ok(true)
    }

    /// The digest; `None` where the content is missing.
    pub(crate) fn digest(&self, algorithm: DigestAlgorithm) -> io::Result<Option<Digest>> {
        match self {
            Self::Missing => Ok(None),
            Self::Bytes(bytes) => Ok(Some(algorithm.digest(bytes))),
            Self::Digests(all) => Ok(all.iter().find(|d| d.algorithm() == algorithm).copied()),
            Self::Ranges(..) | Self::Stream(_) => {
                let mut hasher = algorithm.hasher();
                self.feed(&mut |part| {
                    hasher.update(part);
                    Ok(())
                })?;
                Ok(Some(hasher.finish()))
            }
            Self::Shared(shared) => {
                let mut digests = shared
                    .digests
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                if let Some(known) = digests.get(&algorithm) {
                    return Ok(Some(*known));
                }
                let digest = shared.inner.digest(algorithm)?;
                if let Some(digest) = &digest {
                    digests.insert(algorithm, *digest);
                }
                Ok(digest)
            }
        }
    }
}

/// Checks one signer. Certificates are looked for in `data`, then in `pool`.
pub(crate) fn check(
    data: &SignedData,
    signer: &SignerInfo,
    content: &Content,
    pool: &CertificatePool,
) -> SignerFacts {
    check_as(data, signer, content, (pool, &[]), Place::Signature)
}

/// Where a SignerInfo stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Place {
    /// Among the signerInfos.
    Signature,
    /// The one signer of a time-stamp token.
    Token,
    /// In a countersignature attribute, where the content is a signature value and has no type
    /// (RFC 5652 section 11.4).
    Countersignature,
}

/// As [`check`], at its place; an anchor gives parameters to a key of DSA that has none.
pub(super) fn check_as(
    data: &SignedData,
    signer: &SignerInfo,
    content: &Content,
    (pool, anchors): (&CertificatePool, &[TrustAnchor]),
    place: Place,
) -> SignerFacts {
    let digest_algorithm = DigestAlgorithm::from_oid(&signer.digest_algorithm.oid).or_else(|| {
        // Some old products name the signature algorithm in its place.
        SignatureAlgorithm::from_identifier(&signer.digest_algorithm)
            .ok()?
            .digest()
    });
    let signature_algorithm = digest_algorithm
        .map(|d| SignatureAlgorithm::from_cms(&signer.signature_algorithm, d))
        .and_then(Result::ok);
    let (named_certificates, attribute) = signing_certificates(data, signer, pool, place);
    let mut facts = SignerFacts {
        digest: Check::NotPossible("not checked".into()),
        signature: Check::NotPossible("not checked".into()),
        named: named(&signer.sid),
        attribute,
        certificate_digest: certificate_digest(signer)
            .filter(|_| attribute == SigningCertificateAttribute::Matches),
        digest_algorithm,
        signature_algorithm,
        algorithm_names: (
            digest_algorithm.map_or_else(|| label(&signer.digest_algorithm.oid), |d| d.to_string()),
            signature_algorithm
                .map_or_else(|| label(&signer.signature_algorithm.oid), |s| s.to_string()),
        ),
        key: None,
        signing_time: signer.signing_time(),
        problems: attribute_problems(data, signer, place),
        signed: SignedFacts {
            value: Arc::from(signer.signature.as_slice()),
            ..SignedFacts::default()
        },
        certificate: named_certificates.first().cloned(),
    };
    let Some(digest_algorithm) = digest_algorithm else {
        facts.digest = Check::NotPossible(text!(
            "digest algorithm {} is not supported",
            facts.algorithm_names.0
        ));
        return facts;
    };
    let computed = match content.digest(digest_algorithm) {
        Ok(computed) => computed,
        Err(e) => {
            facts.digest = Check::NotPossible(text!("the signed bytes cannot be read: {}", e));
            return facts;
        }
    };
    facts.signed.content = computed;
    facts.signed.representation = match &signer.signed_attributes_der {
        Some(der) => Some(digest_algorithm.digest(der)),
        None => computed,
    };
    facts.digest = match (&computed, &signer.signed_attributes_der) {
        (None, _) => Check::NotPossible("the signed content is not at hand".into()),
        (Some(computed), Some(_)) => match signer.message_digest() {
            Some(signed) if signed == computed.as_bytes() => Check::Ok,
            Some(_) => Check::Failed(text!(
                "the {} digest of the content is not the one that was signed",
                digest_algorithm
            )),
            None => Check::Failed("there is no usable message-digest attribute".into()),
        },
        // Without signed attributes the signature itself is the check.
        (Some(_), None) => match content.head(ATTRIBUTES) {
            Ok(Some(bytes)) if are_signed_attributes(&bytes) => Check::Failed(
                "the content is the signed attributes of another signature, not what its signer saw"
                    .into(),
            ),
            Ok(_) => Check::Ok,
            Err(e) => Check::NotPossible(text!("the signed bytes cannot be read: {}", e)),
        },
    };
    let value = |certificate: &Option<Certificate>, algorithm, kind: &mut _| {
        signature_value(
            signer,
            kind,
            (certificate, anchors),
            algorithm,
            computed,
            content,
        )
    };
    facts.signature = value(&facts.certificate, signature_algorithm, &mut facts.key);
    // Of a key that was certified again, the certificate of the time at which the signer claims to have
    // signed.
    let claimed = facts.signing_time;
    let timely = |certificate: &Option<Certificate>| {
        let valid = |at| certificate.as_ref().is_some_and(|c| c.is_valid_at(at));
        claimed.is_none_or(valid)
    };
    if facts.signature.is_ok() && (named_certificates.len() < 2 || timely(&facts.certificate)) {
        return facts;
    }
    let others = [
        signature_algorithm,
        signature_algorithm.and_then(|a| with_digest(a, digest_algorithm)),
    ];
    let mut fitting = Vec::new();
    for algorithm in others.into_iter().flatten() {
        for certificate in &named_certificates {
            let certificate = Some(certificate.clone());
            let mut kind = None;
            if value(&certificate, Some(algorithm), &mut kind).is_ok() {
                fitting.push((certificate, algorithm, kind));
            }
        }
    }
    let place = fitting.iter().position(|(c, ..)| timely(c)).unwrap_or(0);
    if let Some((certificate, algorithm, kind)) = fitting.into_iter().nth(place) {
        facts.certificate = certificate;
        facts.key = kind;
        facts.signature = Check::Ok;
        facts.signature_algorithm = Some(algorithm);
        facts.algorithm_names.1 = algorithm.to_string();
    }
    facts
}

/// The algorithm with the digest of digestAlgorithm, where it names another one: some products sign with
/// that one all the same, and others verify with it (RFC 5652 section 5.4 knows one digest alone).
fn with_digest(
    algorithm: SignatureAlgorithm,
    digest: DigestAlgorithm,
) -> Option<SignatureAlgorithm> {
    let other = match algorithm {
        SignatureAlgorithm::Ecdsa(_) => SignatureAlgorithm::Ecdsa(digest),
        SignatureAlgorithm::RsaPkcs1(_) => SignatureAlgorithm::RsaPkcs1(digest),
        SignatureAlgorithm::Dsa(_) => SignatureAlgorithm::Dsa(digest),
        _ => return None,
    };
    (digest != DigestAlgorithm::Shake256 && other != algorithm).then_some(other)
}

fn signature_value(
    signer: &SignerInfo,
    kind: &mut Option<pki_crypto::KeyKind>,
    (certificate, anchors): (&Option<Certificate>, &[TrustAnchor]),
    algorithm: Option<SignatureAlgorithm>,
    computed: Option<Digest>,
    content: &Content,
) -> Check {
    let Some(certificate) = certificate else {
        return Check::NotPossible("the signer's certificate is not at hand".into());
    };
    let key = match PublicKey::from_spki_der(certificate.spki_der()) {
        Ok(key) if key.lacks_parameters() => match inherited(&key, certificate, anchors) {
            Some(key) => key,
            None => {
                return Check::NotPossible(
                    "the key's parameters are those of its issuer, which is no trusted certificate"
                        .into(),
                );
            }
        },
        Ok(key) => key,
        Err(e) => return Check::NotPossible((&e).into()),
    };
    *kind = Some(key.kind());
    let Some(algorithm) = algorithm else {
        return Check::NotPossible(text!(
            "signature algorithm {} is not supported",
            label(&signer.signature_algorithm.oid)
        ));
    };
    let result = match (&signer.signed_attributes_der, computed, content) {
        (Some(der), _, _) => key
            .verify(algorithm, Message::Bytes(der), &signer.signature)
            .or_else(|e| match in_der_order(der) {
                Some(sorted) => key.verify(algorithm, Message::Bytes(&sorted), &signer.signature),
                None => Err(e),
            }),
        // What signs a digest signs that of digestAlgorithm, and of no other.
        (None, Some(digest), _) if algorithm.digest().is_some() => {
            key.verify(algorithm, Message::Digest(&digest), &signer.signature)
        }
        (None, Some(digest), content) => match content.bytes() {
            Some(bytes) => key.verify(algorithm, Message::Bytes(bytes), &signer.signature),
            None => key.verify(algorithm, Message::Digest(&digest), &signer.signature),
        },
        (None, None, _) => {
            return Check::NotPossible("the signed content is not at hand".into());
        }
    };
    match result {
        Ok(()) => Check::Ok,
        Err(e @ (VerifyError::Unsupported { .. } | VerifyError::WrongDigest { .. })) => {
            Check::NotPossible((&e).into())
        }
        Err(e) => Check::Failed((&e).into()),
    }
}

/// A DSA key with the parameters of the anchor that issued its certificate. Of a certificate that only
/// claims to be the issuer's they are not taken: with parameters to choose, anybody signs for any key.
fn inherited(
    key: &PublicKey,
    certificate: &Certificate,
    anchors: &[TrustAnchor],
) -> Option<PublicKey> {
    let algorithm = SignatureAlgorithm::from_identifier(certificate.signature_algorithm()).ok()?;
    anchors
        .iter()
        .filter(|a| name::matches(a.certificate().subject(), certificate.issuer()))
        .filter(|a| {
            let tbs = Message::Bytes(certificate.tbs_der());
            let verified = a.key().verify(algorithm, tbs, certificate.signature());
            verified.is_ok()
        })
        .find_map(|a| key.with_parameters_of(a.key()))
}

/// The signed attributes in the order of DER, where they stand in another one: some products sign them
/// sorted, as RFC 5652 section 5.4 wants it, and write them as they came.
fn in_der_order(set: &[u8]) -> Option<Vec<u8>> {
    let mut attributes = Vec::new();
    let mut reader = Reader::new(Tlv::only(set).ok()?.value);
    while let Some(one) = reader.next() {
        attributes.push(one.whole);
    }
    if attributes.is_sorted() {
        return None;
    }
    attributes.sort_unstable();
    Some(write::tlv(write::SET, &attributes))
}

/// Whether these octets are what a signature with signed attributes is computed over. Who leaves the
/// attributes away and gives them out for the content has a signature that fits, of something that
/// nobody wanted to sign (RFC 5652 section 5.4 computes both in one way).
fn are_signed_attributes(content: &[u8]) -> bool {
    let Some(set) = Tlv::only(content).ok().filter(|t| t.tag == write::SET) else {
        return false;
    };
    let mut reader = Reader::new(set.value);
    let mut digest = false;
    while let Some(one) = reader.next() {
        let mut inside = Reader::new(one.value);
        let oid = (one.tag == write::SEQUENCE)
            .then(|| inside.take(write::OBJECT_IDENTIFIER))
            .flatten()
            .and_then(|oid| ObjectIdentifier::from_der(oid.whole).ok());
        match (oid, inside.take(write::SET)) {
            (Some(oid), Some(_)) => digest |= oid == oid::ATTR_MESSAGE_DIGEST,
            _ => return false,
        }
    }
    digest
}

/// Attributes that are there once, with one value, and signed (RFC 5652 sections 11.1 to 11.3, RFC 6211).
const ONCE: [(ObjectIdentifier, &str); 4] = [
    (oid::ATTR_CONTENT_TYPE, "content-type"),
    (oid::ATTR_MESSAGE_DIGEST, "message-digest"),
    (oid::ATTR_SIGNING_TIME, "signing-time"),
    (oid::ATTR_ALGORITHM_PROTECTION, "cmsAlgorithmProtection"),
];

/// RFC 5652 section 5.3 and 11; RFC 6211.
fn attribute_problems(data: &SignedData, signer: &SignerInfo, place: Place) -> Vec<Text> {
    let mut problems = Vec::new();
    for (kind, what) in ONCE {
        if signer.unsigned_attributes.iter().any(|a| a.oid == kind) {
            problems.push(text!("the {} attribute is there and not signed", what));
        }
    }
    if signer.signed_attributes_der.is_none() {
        if data.content_type != oid::CT_DATA && place != Place::Countersignature {
            problems
                .push("signed attributes are missing although the content is not id-data".into());
        }
        return problems;
    }
    let content_type = signer
        .signed_attribute(&oid::ATTR_CONTENT_TYPE)
        .and_then(|v| ObjectIdentifier::from_der(v).ok());
    if place == Place::Countersignature {
        if signer.count_signed(&oid::ATTR_CONTENT_TYPE) > 0 {
            problems.push("a counter-signature must not have a content-type attribute".into());
        }
    } else if content_type != Some(data.content_type) {
        problems.push("the content-type attribute does not name the content's type".into());
    }
    for (kind, what) in ONCE {
        match signer.count_signed(&kind) {
            0 => {}
            1 if signer.signed_attribute(&kind).is_some() => {}
            1 => problems.push(text!(
                "the {} attribute does not have exactly one value",
                what
            )),
            _ => problems.push(text!("the {} attribute is there more than once", what)),
        }
    }
    if let Some(value) = signer.signed_attribute(&oid::ATTR_ALGORITHM_PROTECTION)
        && !algorithms_protected(value, signer)
    {
        problems.push("cmsAlgorithmProtection names other algorithms than the signer".into());
    }
    problems
}

fn algorithms_protected(value: &[u8], signer: &SignerInfo) -> bool {
    #[derive(der::Sequence)]
    struct Protection {
        digest: AlgorithmIdentifierOwned,
        #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
        signature: Option<AlgorithmIdentifierOwned>,
    }
    Protection::from_der(value).is_ok_and(|p| {
        p.digest.oid == signer.digest_algorithm.oid
            && p.signature
                .is_some_and(|s| s.oid == signer.signature_algorithm.oid)
    })
}

/// Certificates with the name that the signers go by which are tried: anybody can put more beside them, and
/// each costs a computation.
const NAMESAKES: usize = 4;

/// EN 319 102-1 clause 5.2.3: the certificates that the signer may mean, best first; where there is a
/// signing-certificate attribute, the one that it names.
fn signing_certificates(
    data: &SignedData,
    signer: &SignerInfo,
    pool: &CertificatePool,
    place: Place,
) -> (Vec<Certificate>, SigningCertificateAttribute) {
    let mut elsewhere: Vec<&Certificate> = pool.iter().filter(|c| signer.is_named(c)).collect();
    // The pool has no order, and what is found does not depend on chance.
    elsewhere.sort_unstable_by(|a, b| a.der().cmp(b.der()));
    let own = data.certificates.iter().filter(|c| signer.is_named(c));
    let named: Vec<&Certificate> = own.chain(elsewhere).collect();
    let present = signer.count_signed(&oid::ATTR_SIGNING_CERTIFICATE_V2)
        + signer.count_signed(&oid::ATTR_SIGNING_CERTIFICATE);
    if present > 0 {
        let found = named.iter().find(|c| attribute_names(signer, c));
        let attribute = match found {
            Some(_) => SigningCertificateAttribute::Matches,
            None => SigningCertificateAttribute::Mismatch,
        };
        let found = found.or(named.first());
        return (found.into_iter().map(|c| (*c).clone()).collect(), attribute);
    }
    let tried = match place {
        Place::Signature => (NAMESAKES / data.signers.len().max(1)).max(1),
        // What is no signature of the first level there are many of.
        Place::Countersignature | Place::Token => 1,
    };
    let mut candidates: Vec<Certificate> = Vec::new();
    for certificate in named {
        if candidates.len() == tried {
            break;
        }
        if !candidates.contains(certificate) {
            candidates.push(certificate.clone());
        }
    }
    (candidates, SigningCertificateAttribute::Absent)
}

/// What the certificate is named by: where both attributes are there, both have to name it, and the second
/// says more.
fn certificate_digest(signer: &SignerInfo) -> Option<CertificateDigest> {
    match signer.count_signed(&oid::ATTR_SIGNING_CERTIFICATE_V2) {
        0 => (signer.count_signed(&oid::ATTR_SIGNING_CERTIFICATE) > 0)
            .then_some(CertificateDigest::First),
        _ => {
            let value = signer.signed_attribute(&oid::ATTR_SIGNING_CERTIFICATE_V2)?;
            let first = SigningCertificateV2::from_der(value).ok()?.certs;
            let digest = DigestAlgorithm::from_oid(&first.into_iter().next()?.hash_oid())?;
            Some(CertificateDigest::Second(digest))
        }
    }
}

fn attribute_names(signer: &SignerInfo, certificate: &Certificate) -> bool {
    let v2 = signer.count_signed(&oid::ATTR_SIGNING_CERTIFICATE_V2) == 0
        || signer
            .signed_attribute(&oid::ATTR_SIGNING_CERTIFICATE_V2)
            .and_then(|v| SigningCertificateV2::from_der(v).ok())
            .and_then(|a| a.certs.into_iter().next())
            .is_some_and(|id| {
                DigestAlgorithm::from_oid(&id.hash_oid()).is_some_and(|d| {
                    d.digest(certificate.der()).as_bytes() == id.cert_hash.as_bytes()
                })
            });
    let v1 = signer.count_signed(&oid::ATTR_SIGNING_CERTIFICATE) == 0
        || signer
            .signed_attribute(&oid::ATTR_SIGNING_CERTIFICATE)
            .and_then(|v| SigningCertificate::from_der(v).ok())
            .and_then(|a| a.certs.into_iter().next())
            .is_some_and(|id| {
                DigestAlgorithm::Sha1.digest(certificate.der()).as_bytes()
                    == id.cert_hash.as_bytes()
            });
    v1 && v2
}

fn named(sid: &SignerIdentifier) -> String {
    match sid {
        SignerIdentifier::IssuerAndSerial { issuer, serial } => format!(
            "serial {} of {}",
            hex::encode(serial),
            name::DisplayName(issuer)
        ),
        SignerIdentifier::SubjectKeyIdentifier(id) => {
            format!("subject key identifier {}", hex::encode(id))
        }
    }
}

fn label(oid: &ObjectIdentifier) -> String {
    oid::label(oid).map_or_else(|| oid.to_string(), str::to_owned)
}

//! What is known about the thing that is linted beside its bytes: what it is meant to be, and who
//! issued it. Everything here is optional; without it, the kind is read off the certificate.

use core::fmt;

use pki_asn1::UnixTime;
use pki_asn1::oid::ObjectIdentifier;

/// Whom a certificate is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// A trust anchor.
    RootCa,
    /// Any other CA.
    IssuingCa,
    /// A person who signs (EN 319 412-2).
    NaturalPerson,
    /// A person who signs for an organisation (EN 319 412-2 with the organisation's attributes).
    Professional,
    /// A company or public body that seals (EN 319 412-3).
    LegalPerson,
    /// A person who logs in (EN 319 412-2 without content commitment).
    Authentication,
    /// A time-stamping unit (EN 319 422).
    TimeStampingUnit,
    /// A delegated OCSP responder (RFC 6960 section 4.2.2.2).
    OcspSigner,
    /// A web server (EN 319 412-4), which has rules of its own elsewhere.
    WebServer,
    /// Something else, or nothing that can be told.
    EndEntity,
}

impl Kind {
    /// The words for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RootCa => "root CA",
            Self::IssuingCa => "issuing CA",
            Self::NaturalPerson => "natural person",
            Self::Professional => "professional",
            Self::LegalPerson => "legal person",
            Self::Authentication => "authentication",
            Self::TimeStampingUnit => "time-stamping unit",
            Self::OcspSigner => "OCSP signer",
            Self::WebServer => "web server",
            Self::EndEntity => "end entity",
        }
    }

    /// Root and issuing CAs.
    #[must_use]
    pub fn is_ca(self) -> bool {
        matches!(self, Self::RootCa | Self::IssuingCa)
    }

    /// Everybody of flesh and blood.
    #[must_use]
    pub fn is_natural(self) -> bool {
        matches!(
            self,
            Self::NaturalPerson | Self::Professional | Self::Authentication
        )
    }

    /// Natural and legal persons: the subjects of EN 319 412-2 and 412-3.
    #[must_use]
    pub fn is_person(self) -> bool {
        self.is_natural() || self == Self::LegalPerson
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a certificate is qualified for (QcType, EN 319 412-5 clause 4.2.3).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum QualifiedUse {
    /// Electronic signatures.
    Signature,
    /// Electronic seals.
    Seal,
    /// Web site authentication.
    Web,
}

/// Under which law a certificate is qualified.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Legislation {
    /// Under none: nothing is claimed.
    #[default]
    None,
    /// Regulation (EU) No 910/2014.
    Eu,
    /// The law of another country, by its ISO 3166-1 alpha-2 code in capitals.
    Country(String),
}

/// Where the certified key is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Device {
    /// In a qualified or otherwise secure device, and somebody vouches for that.
    Secure,
    /// Anywhere else, or nobody knows.
    #[default]
    Other,
}

/// Where a relying party is meant to learn the status.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum StatusSource {
    /// From OCSP and from a CRL.
    #[default]
    OcspAndCrl,
    /// Nowhere: id-pkix-ocsp-nocheck and a short life.
    NoCheck,
    /// Nowhere: a trust anchor.
    TrustAnchor,
    /// Nowhere: the certificate ends before a revocation would be known (valassured-ST, RFC 9608).
    ShortTerm,
}

/// Curves by name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(missing_docs)]
pub enum Curve {
    P256,
    P384,
    P521,
    Ed25519,
}

/// Which keys are taken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AcceptedKeys {
    /// Curves.
    pub curves: Vec<Curve>,
    /// The smallest RSA modulus, in bits; `None` where no RSA key is taken.
    pub minimum_rsa_bits: Option<u32>,
}

/// Whose name the subject is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SubjectName {
    /// Its own, as everybody's.
    #[default]
    Own,
    /// That of its issuer: generations of one CA certify each other (RFC 9810 section 4.4).
    OfItsIssuer,
}

/// What subjectKeyIdentifier is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum SubjectKeyId {
    /// The leftmost 160 bits of the SHA-256 of the key (RFC 7093 section 2, method 1), as ours are.
    Sha256,
    /// This one: another provider computes its own as it likes, and what it issues refers to that.
    Exactly(Vec<u8>),
    /// Any.
    #[default]
    Any,
}

/// What a certificate is meant to be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Expectation {
    /// Whom it is for.
    pub kind: Kind,
    /// What is claimed; with [`Legislation::None`] nothing is.
    pub qualified: Option<QualifiedUse>,
    /// Under which law.
    pub legislation: Legislation,
    /// Where its key is; `None` where only the certificate says so.
    pub device: Option<Device>,
    /// certificatePolicies, exactly and in order; `None` where any will do.
    pub policies: Option<Vec<ObjectIdentifier>>,
    /// extKeyUsage, exactly and in order, empty for none; `None` where any will do.
    pub extended_key_usage: Option<Vec<ObjectIdentifier>>,
    /// keyUsage as the bits of RFC 5280 section 4.2.1.3, bit 0 (digitalSignature) being 1; `None`
    /// where any will do.
    pub key_usage: Option<u16>,
    /// Where the status is.
    pub status: StatusSource,
    /// pathLenConstraint of a CA.
    pub path_length: Option<u64>,
    /// At most so many days of 86,400 seconds.
    pub maximum_days: Option<u32>,
    /// Whose name the subject is.
    pub subject_name: SubjectName,
    /// subjectKeyIdentifier.
    pub subject_key_id: SubjectKeyId,
    /// Which keys; `None` where TS 119 312 alone decides.
    pub keys: Option<AcceptedKeys>,
}

impl Expectation {
    /// A certificate of this kind, nothing claimed and nothing else said.
    #[must_use]
    pub fn of(kind: Kind) -> Self {
        Self {
            kind,
            qualified: None,
            legislation: Legislation::None,
            device: None,
            policies: None,
            extended_key_usage: None,
            key_usage: None,
            status: match kind {
                Kind::RootCa => StatusSource::TrustAnchor,
                Kind::OcspSigner => StatusSource::NoCheck,
                _ => StatusSource::OcspAndCrl,
            },
            path_length: None,
            maximum_days: None,
            subject_name: SubjectName::Own,
            subject_key_id: SubjectKeyId::Any,
            keys: None,
        }
    }
}

/// Whether the signature value is the real one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SignatureValue {
    /// As it will stand in the world.
    #[default]
    Real,
    /// Put there so that the rest can be linted before the CA's key signs: not looked at.
    Placeholder,
}

/// What is known about a certificate beside its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// What it is meant to be.
    pub expectation: Option<&'a Expectation>,
    /// The issuer's certificate (DER).
    pub issuer: Option<&'a [u8]>,
    /// Whether the signature value counts.
    pub signature: SignatureValue,
}

/// How far a CRL is meant to reach.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CrlScope {
    /// Everything its issuer issued.
    Full,
    /// A partition: issuingDistributionPoint is needed, and critical.
    Partition,
    /// The changes since a base: deltaCRLIndicator is needed, and critical.
    Delta,
    /// The changes of a partition.
    PartitionDelta,
}

/// Which certificates stay on a CRL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ExpiredEntries {
    /// Those that have ended stay: expiredCertsOnCRL is needed (EN 319 411-2 CSS-6.3.10).
    Kept,
    /// They go.
    Dropped,
}

/// What is known about a CRL beside its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct CrlContext<'a> {
    /// The issuer's certificate (DER).
    pub issuer: Option<&'a [u8]>,
    /// How far it is meant to reach.
    pub scope: Option<CrlScope>,
    /// Which certificates stay on it.
    pub expired: Option<ExpiredEntries>,
    /// At most so many seconds from thisUpdate to nextUpdate; a last CRL (nextUpdate
    /// 99991231235959Z, EN 319 411-1) is exempt.
    pub maximum_validity: Option<u64>,
    /// Whether the signature value counts.
    pub signature: SignatureValue,
}

/// What is known about an OCSP response beside its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OcspContext<'a> {
    /// The certificate of the CA it answers for (DER).
    pub issuer: Option<&'a [u8]>,
    /// The nonce of the request.
    pub nonce: Option<&'a [u8]>,
    /// When it was received.
    pub received: Option<UnixTime>,
}

//! The identifiers that TS 119 102-2 gives to indications, objects and the like, and those of algorithms in
//! XML (RFC 9231).

use pki_asn1::oid::ObjectIdentifier;
use pki_crypto::{DigestAlgorithm, SignatureAlgorithm};

use crate::validate::{Block, Indication, Level, SignatureFormat, SubIndication};

/// TS 119 102-2 V1.4.1
pub(super) const REPORT: &str = "http://uri.etsi.org/19102/v1.4.1#";
pub(super) const XMLDSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
pub(super) const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";
pub(super) const TRUSTED_LIST: &str = "http://uri.etsi.org/02231/v2#";
pub(super) const SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";
pub(super) const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Clause 4.4.6.2: proven while validating.
pub(super) const POE_VALIDATION: &str = "urn:etsi:019102:poetype:validation";
/// What the EU's validator says where a file has no signature; the standard has no word for it.
pub(super) const NO_SIGNATURE: &str = "urn:cef:dss:mainindication:noSignatureFound";

/// Clause 4.3.5.4.2
pub(super) const APPLIED: &str = "urn:etsi:019102:constraintStatus:applied";
/// What a building block looked at, where it ran for more than one thing.
pub(super) const ABOUT: &str = "tag:sceau.example,2026:about";

/// An identifier of our own, where the standard leaves it to the implementation (RFC 4151).
pub(super) fn ours(word: &str) -> String {
    format!("tag:sceau.example,2026:{word}")
}

/// Of a building block, by the clause that describes it.
pub(super) fn block(block: Block) -> String {
    let clause = block.clause();
    match clause.starts_with(|c: char| c.is_ascii_digit()) {
        true => ours(&format!("block:EN-319-102-1:{clause}")),
        false => ours(&format!("block:{}:{block:?}", clause.replace(' ', "-"))),
    }
}

/// What an indication is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum About {
    /// A signature as a whole (EN 319 102-1 clause 5.1.3).
    Signature,
    /// A building block or an object of the validation.
    Object,
}

/// Clause 4.3.4.2
pub(super) fn indication(indication: Indication, about: About) -> &'static str {
    match (indication, about) {
        (Indication::TotalPassed, About::Signature) => {
            "urn:etsi:019102:mainindication:total-passed"
        }
        (Indication::TotalFailed, About::Signature) => {
            "urn:etsi:019102:mainindication:total-failed"
        }
        (Indication::TotalPassed, About::Object) => "urn:etsi:019102:mainindication:passed",
        (Indication::TotalFailed, About::Object) => "urn:etsi:019102:mainindication:failed",
        (Indication::Indeterminate, _) => "urn:etsi:019102:mainindication:indeterminate",
    }
}

/// Clause 4.3.4.3
pub(super) fn sub_indication(sub: SubIndication) -> String {
    format!("urn:etsi:019102:subindication:{sub}")
}

/// Clause 4.3.11.1: which process of EN 319 102-1 the material asks for.
pub(super) fn process(level: Level, archived: bool) -> &'static str {
    match level {
        _ if archived => "urn:etsi:019102:validationprocess:LTA",
        Level::BLta => "urn:etsi:019102:validationprocess:LTA",
        Level::BT | Level::BLt => "urn:etsi:019102:validationprocess:LTVM",
        Level::None | Level::BB => "urn:etsi:019102:validationprocess:Basic",
    }
}

/// Clause 4.3.12.6.2, of a reason as RFC 5280 names it.
pub(super) fn revocation_reason(name: &str) -> String {
    format!("urn:etsi:019102:revocationReason:{name}")
}

/// Clause 4.4.4
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum ObjectType {
    Certificate,
    Crl,
    OcspResponse,
    Timestamp,
    EvidenceRecord,
    SignedData,
}

impl ObjectType {
    pub(super) fn uri(self) -> &'static str {
        match self {
            Self::Certificate => "urn:etsi:019102:validationObject:certificate",
            Self::Crl => "urn:etsi:019102:validationObject:CRL",
            Self::OcspResponse => "urn:etsi:019102:validationObject:OCSPResponse",
            Self::Timestamp => "urn:etsi:019102:validationObject:timestamp",
            Self::EvidenceRecord => "urn:etsi:019102:validationObject:evidencerecord",
            Self::SignedData => "urn:etsi:019102:validationObject:signedData",
        }
    }

    /// What identifiers of such objects begin with.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::Certificate => "C",
            Self::Crl => "R",
            Self::OcspResponse => "O",
            Self::Timestamp => "T",
            Self::EvidenceRecord => "V",
            Self::SignedData => "D",
        }
    }
}

/// Of a level of [`crate::report::QualificationReport`], of a signature with this indication. The standard
/// leaves the values to others (clause 4.3.10); these are the EU validator's.
pub(super) fn quality(level: &str, indication: Indication, format: SignatureFormat) -> String {
    let word = match (level, indication) {
        ("QESig" | "QESeal", Indication::TotalPassed) => level,
        ("AdESig-QC", Indication::TotalPassed) => "AdESigQC",
        ("AdESeal-QC", Indication::TotalPassed) => "AdESealQC",
        // A plain CMS signature is no advanced one by its form.
        _ if format == SignatureFormat::Cms => "notApplicable",
        (_, Indication::TotalPassed) => "AdES",
        (_, Indication::Indeterminate) => "indeterminateAdES",
        (_, Indication::TotalFailed) => "notAdES",
    };
    format!("urn:cef:dss:signatureQualification:{word}")
}

/// Of a time-stamp, by what trusted lists answer; the values are the EU validator's as well.
pub(super) fn time_stamp_quality(qualified: &str) -> &'static str {
    match qualified {
        "yes" => "urn:cef:dss:timestampQualification:QTSA",
        "no" => "urn:cef:dss:timestampQualification:TSA",
        _ => "urn:cef:dss:timestampQualification:notApplicable",
    }
}

/// RFC 3061
pub(super) fn oid(id: &ObjectIdentifier) -> String {
    format!("urn:oid:{id}")
}

/// RFC 9231, or the OID where XML has no name for it.
pub(super) fn signature_algorithm(algorithm: SignatureAlgorithm) -> Option<String> {
    let short = |digest: DigestAlgorithm| match digest {
        DigestAlgorithm::Sha1 => Some("sha1"),
        DigestAlgorithm::Sha224 => Some("sha224"),
        DigestAlgorithm::Sha256 => Some("sha256"),
        DigestAlgorithm::Sha384 => Some("sha384"),
        DigestAlgorithm::Sha512 => Some("sha512"),
        _ => None,
    };
    let more = "http://www.w3.org/2001/04/xmldsig-more#";
    let named = match algorithm {
        SignatureAlgorithm::Ecdsa(digest) => short(digest).map(|d| format!("{more}ecdsa-{d}")),
        SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha1) => Some(format!("{XMLDSIG}rsa-sha1")),
        SignatureAlgorithm::RsaPkcs1(digest) => short(digest).map(|d| format!("{more}rsa-{d}")),
        SignatureAlgorithm::RsaPss(digest) => {
            short(digest).map(|d| format!("http://www.w3.org/2007/05/xmldsig-more#{d}-rsa-MGF1"))
        }
        SignatureAlgorithm::Ed25519 => {
            Some("http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519".into())
        }
        _ => None,
    };
    named.or_else(|| Some(oid(&algorithm.to_identifier().ok()?.oid)))
}

//! The profile file's format: kebab-case TOML, no unknown keys.

mod registration;

use serde::{Deserialize, Serialize};

pub use self::registration::{DuplicateKey, DuplicateSubject, RegistrationPolicy, Renewal};

/// A profile as written.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProfileConfig {
    /// Its name in commands.
    pub name: String,
    /// Raised with every change.
    pub version: u32,
    /// One line for people.
    pub title: String,
    /// Whom the certificate is for; this selects the rules.
    pub subject_type: SubjectType,
    /// Its policy's arcs below the provider's policy arc: `3.1`. CAs carry anyPolicy instead.
    #[serde(default = "no_policy")]
    pub policy: String,
    /// What is claimed where a legislation is set; absent where the certificate is never qualified.
    pub qualified: Option<QualifiedType>,
    /// How long.
    pub validity: ValidityConfig,
    /// Which keys.
    pub key: KeyConfig,
    /// Which subject.
    pub subject: SubjectConfig,
    /// Which extensions.
    pub extensions: ExtensionsConfig,
    /// What must have happened before.
    #[serde(default)]
    pub registration: RegistrationPolicy,
}

fn no_policy() -> String {
    "0".into()
}

/// Whom a certificate is for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectType {
    /// A trust anchor.
    RootCa,
    /// A CA that issues end-entity certificates.
    IssuingCa,
    /// A company or public body (EN 319 412-3).
    LegalPerson,
    /// A citizen or resident (EN 319 412-2).
    NaturalPerson,
    /// A natural person acting for an organisation (EN 319 412-2, with its identifier).
    Professional,
    /// A delegated OCSP responder (RFC 6960 section 4.2.2.2).
    OcspSigner,
    /// A time-stamping unit (EN 319 421, EN 319 422).
    TimeStampingUnit,
}

impl SubjectType {
    /// Roots and issuing CAs.
    #[must_use]
    pub fn is_ca(self) -> bool {
        matches!(self, Self::RootCa | Self::IssuingCa)
    }

    /// Everything else.
    #[must_use]
    pub fn is_end_entity(self) -> bool {
        !self.is_ca()
    }

    /// People, whether or not they act for an organisation.
    #[must_use]
    pub fn is_natural(self) -> bool {
        matches!(self, Self::NaturalPerson | Self::Professional)
    }
}

/// QcType (EN 319 412-5 clause 4.2.3).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum QualifiedType {
    /// Electronic signature.
    Esign,
    /// Electronic seal.
    Eseal,
}

/// How long, in days of 86,400 seconds.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ValidityConfig {
    /// Where the operator says nothing.
    pub default_days: u32,
    /// At most.
    pub maximum_days: u32,
    /// privateKeyUsagePeriod: how long the key signs (RFC 3628 practice for time-stamping units).
    pub private_key_days: Option<u32>,
}

/// Which keys are taken.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KeyConfig {
    /// Curves.
    pub curves: Vec<KeyCurve>,
    /// The smallest RSA modulus.
    pub minimum_rsa_bits: u32,
}

/// Curves by name.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum KeyCurve {
    P256,
    P384,
    P521,
    Ed25519,
}

/// Subject attributes by label. What is in neither list is forbidden.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SubjectConfig {
    /// Must be there.
    pub mandatory: Vec<String>,
    /// May be there.
    #[serde(default)]
    pub optional: Vec<String>,
    /// URIs of the authorities behind national identifier schemes (`XX:`), EN 319 412-1 clause 5.1.
    #[serde(default)]
    pub name_registration_authorities: Vec<String>,
}

/// Extensions the profile decides on; the others follow from the subject type.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExtensionsConfig {
    /// keyUsage, always critical.
    pub key_usage: Vec<KeyUsageBit>,
    /// extKeyUsage by label; none where empty.
    #[serde(default)]
    pub extended_key_usage: Vec<String>,
    /// Whether extKeyUsage is critical.
    #[serde(default)]
    pub extended_key_usage_is: Criticality,
    /// Where a relying party learns the status.
    #[serde(default)]
    pub revocation: RevocationInformation,
    /// pathLenConstraint of a CA.
    pub path_length: Option<u8>,
}

/// Whether an extension is critical.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Criticality {
    Critical,
    #[default]
    NonCritical,
}

/// Where a relying party learns a certificate's status.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevocationInformation {
    /// AIA with OCSP, and a CRL distribution point.
    #[default]
    OcspAndCrl,
    /// Nowhere: id-pkix-ocsp-nocheck and a short life (OCSP signers).
    NoCheck,
    /// Nowhere: a trust anchor.
    TrustAnchor,
    /// Nowhere: the certificate ends before a revocation would be published (EN 319 412-1 clause
    /// 5.2, RFC 9608).
    ShortTerm,
}

/// keyUsage bits (RFC 5280 section 4.2.1.3).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub enum KeyUsageBit {
    DigitalSignature,
    NonRepudiation,
    KeyCertSign,
    #[serde(rename = "cRLSign")]
    CrlSign,
}

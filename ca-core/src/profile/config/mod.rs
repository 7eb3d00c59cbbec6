//! The profile file's format: kebab-case TOML, no unknown keys. One file per table.

mod extensions;
mod key;
mod registration;
mod statements;
mod subject;
mod validity;

use serde::{Deserialize, Serialize};

pub use self::extensions::{Criticality, ExtensionsConfig, KeyUsageBit, RevocationInformation};
pub use self::key::{KeyAlgorithm, KeyConfig, KeyCurve};
pub use self::registration::{DuplicateKey, DuplicateSubject, RegistrationPolicy, Renewal};
pub use self::statements::{DevicePolicy, IdentificationMethod, LimitValue, StatementsConfig};
pub use self::subject::{AttributeConstraint, SubjectConfig};
pub use self::validity::ValidityConfig;
use super::algorithm::Date;
use crate::settings::PdsConfig;

/// A profile as written.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProfileConfig {
    /// Its name in commands.
    pub name: String,
    /// Raised with every change.
    pub version: u32,
    /// The day from which this version is used: for people, and for the annex.
    pub date: Option<Date>,
    /// One line for people.
    pub title: String,
    /// The same in French, for the French annex.
    pub title_fr: Option<String>,
    /// Whom the certificate is for; this selects the rules.
    pub subject_type: SubjectType,
    /// Its policy's arcs below the provider's policy arc: `3.1`. CAs carry anyPolicy instead.
    #[serde(default = "no_policy")]
    pub policy: String,
    /// Further policies, as whole object identifiers, after the own one and the ETSI one.
    #[serde(default)]
    pub additional_policies: Vec<String>,
    /// What is claimed where a legislation is set; absent where the certificate is never qualified.
    pub qualified: Option<QualifiedType>,
    /// The laws it may be issued under: `EU`, countries, `none`; or `any` alone.
    #[serde(default = "any_legislation")]
    pub legislation: Vec<String>,
    /// PKI disclosure statements; the installation's where empty.
    #[serde(default)]
    pub pds: Vec<PdsConfig>,
    /// How long.
    pub validity: ValidityConfig,
    /// Which keys.
    pub key: KeyConfig,
    /// Which subject.
    pub subject: SubjectConfig,
    /// Which extensions.
    pub extensions: ExtensionsConfig,
    /// Which qualified statements besides.
    #[serde(default)]
    pub statements: StatementsConfig,
    /// What must have happened before.
    #[serde(default)]
    pub registration: RegistrationPolicy,
}

/// What [`ProfileConfig::policy`] says where nothing is written.
pub(super) const NO_POLICY: &str = "0";
/// Every law, and none.
pub(super) const ANY_LEGISLATION: &str = "any";

fn no_policy() -> String {
    NO_POLICY.into()
}

fn any_legislation() -> Vec<String> {
    vec![ANY_LEGISLATION.into()]
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
    /// Whether it is a person or an organisation, whom registration identifies, and not a service or
    /// authority of the provider's own.
    #[must_use]
    pub fn is_subscriber(self) -> bool {
        match self {
            Self::LegalPerson | Self::NaturalPerson | Self::Professional => true,
            Self::RootCa | Self::IssuingCa | Self::OcspSigner | Self::TimeStampingUnit => false,
        }
    }

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

    /// Natural and legal persons: the subjects of EN 319 412-2 and 412-3.
    #[must_use]
    pub fn is_person(self) -> bool {
        self.is_natural() || self == Self::LegalPerson
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

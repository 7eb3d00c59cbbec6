//! Certificate profiles: what an operator may ask for, field by field.
//!
//! [`ProfileConfig`] is what was written (TOML); [`Profile`] is what was checked, each bound against
//! the clause it comes from (`bounds`). The built-in profiles are such files too
//! (`ca-core/profiles`).

pub mod algorithm;
mod annex;
mod bounds;
mod builtin;
mod config;
mod difference;
mod identifier;
mod key;
mod notices;
mod problem;
mod qualified;
mod source;
mod specimen;
mod subject;

use pki_asn1::oid::{self, ObjectIdentifier};
use pki_crypto::{Digest, DigestAlgorithm};
pub use pki_lint::is_iso_country;

pub use self::annex::{Language, UnknownLanguage, annex};
pub use self::builtin::built_in;
pub use self::config::{
    AttributeConstraint, Criticality, DevicePolicy, DuplicateKey, DuplicateSubject,
    IdentificationMethod, KeyAlgorithm, KeyCurve, KeyUsageBit, LimitValue, ProfileConfig,
    QualifiedType, RegistrationPolicy, Renewal, RevocationInformation, SubjectType,
};
pub use self::difference::{ProfileDifference, differences};
pub use self::identifier::{IdentifierError, check_legal_identifier, check_natural_identifier};
pub use self::key::{AlgorithmEnd, weakness};
pub use self::problem::{Problem, ProfileError};
pub use self::qualified::{Claim, ClaimError, Qualification};
pub use self::subject::SubjectError;
use crate::settings::Legislation;

/// A checked profile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Profile {
    source: String,
    digest: Digest,
    config: ProfileConfig,
    extended_key_usage: Vec<ObjectIdentifier>,
    mandatory: Vec<ObjectIdentifier>,
    optional: Vec<ObjectIdentifier>,
    constraints: Vec<(ObjectIdentifier, AttributeConstraint)>,
    additional_policies: Vec<ObjectIdentifier>,
    legislations: Legislations,
}

/// The laws a profile may be issued under.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Legislations {
    /// Any, and none.
    Any,
    /// These.
    These(Vec<Legislation>),
}

impl Profile {
    /// Reads and checks a profile file.
    ///
    /// # Errors
    /// Everything by which it is not of the format, or breaks a bound of the standards.
    pub fn parse(source: &str) -> Result<Self, ProfileError> {
        let source::Read {
            config,
            lines,
            mut problems,
        } = source::read(source)?;
        problems.extend(bounds::check(&config, &lines));
        if !problems.is_empty() {
            let name = Some(config.name).filter(|name| bounds::is_name(name));
            return Err(ProfileError::new(name, problems));
        }
        // What the bounds have seen can be read; nothing is left out here.
        let attributes = |labels: &[String]| -> Vec<_> {
            let types = labels
                .iter()
                .filter_map(|l| crate::names::attribute_type(l));
            types.collect()
        };
        let laws = &config.legislation;
        Ok(Self {
            source: source.to_owned(),
            digest: DigestAlgorithm::Sha256.digest(source.as_bytes()),
            mandatory: attributes(&config.subject.mandatory),
            optional: attributes(&config.subject.optional),
            constraints: config
                .subject
                .constraints
                .iter()
                .filter_map(|(label, c)| Some((crate::names::attribute_type(label)?, c.clone())))
                .collect(),
            extended_key_usage: config
                .extensions
                .extended_key_usage
                .iter()
                .filter_map(|name| extended_key_usage(name))
                .collect(),
            additional_policies: config
                .additional_policies
                .iter()
                .filter_map(|policy| ObjectIdentifier::new(policy).ok())
                .collect(),
            legislations: if laws.iter().any(|law| law == config::ANY_LEGISLATION) {
                Legislations::Any
            } else {
                Legislations::These(laws.iter().filter_map(|law| law.parse().ok()).collect())
            },
            config,
        })
    }

    /// What was written.
    #[must_use]
    pub fn config(&self) -> &ProfileConfig {
        &self.config
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// Its version, raised with every change.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.config.version
    }

    /// Its text (TOML).
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// SHA-256 of its text: recorded with every issuance.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Whom it is for.
    #[must_use]
    pub fn subject_type(&self) -> SubjectType {
        self.config.subject_type
    }

    /// The extended key usages; empty for no such extension.
    #[must_use]
    pub fn extended_key_usage(&self) -> &[ObjectIdentifier] {
        &self.extended_key_usage
    }

    /// Subject attributes that must be there, in the order written.
    #[must_use]
    pub fn mandatory_attributes(&self) -> &[ObjectIdentifier] {
        &self.mandatory
    }

    /// Subject attributes that may be there, in the order written.
    #[must_use]
    pub fn optional_attributes(&self) -> &[ObjectIdentifier] {
        &self.optional
    }

    /// What `attribute` may say, where the profile says so.
    #[must_use]
    pub fn constraint(&self, attribute: &ObjectIdentifier) -> Option<&AttributeConstraint> {
        let found = self
            .constraints
            .iter()
            .find(|(known, _)| known == attribute);
        found.map(|(_, constraint)| constraint)
    }

    /// The laws it may be issued under.
    #[must_use]
    pub fn legislations(&self) -> &Legislations {
        &self.legislations
    }

    /// What must have happened before a certificate is issued.
    #[must_use]
    pub fn registration(&self) -> &RegistrationPolicy {
        &self.config.registration
    }

    /// Whether a relying party could learn of a revocation. A short-term certificate says that it
    /// cannot (RFC 9608 section 2), so revoking one would promise what nobody sees.
    #[must_use]
    pub fn is_revocable(&self) -> bool {
        self.config.extensions.revocation != RevocationInformation::ShortTerm
    }

    /// Its own policy under the provider's arc; `None` for CAs, which carry anyPolicy or nothing.
    #[must_use]
    pub fn own_policy(&self, arc: &ObjectIdentifier) -> Option<ObjectIdentifier> {
        if self.subject_type().is_ca() {
            return None;
        }
        self.config
            .policy
            .split('.')
            .try_fold(*arc, |oid, n| oid.push_arc(n.parse().ok()?).ok())
    }

    /// certificatePolicies in their order: the provider's own, the one ETSI policy that fits
    /// `qualification`, then what the profile adds. anyPolicy for issuing CAs, nothing for roots.
    /// `None` where the own policy cannot be encoded below `arc`.
    #[must_use]
    pub fn policies(
        &self,
        arc: &ObjectIdentifier,
        qualification: &Qualification,
    ) -> Option<Vec<ObjectIdentifier>> {
        match self.subject_type() {
            SubjectType::RootCa => Some(Vec::new()),
            SubjectType::IssuingCa => Some(vec![oid::ANY_POLICY]),
            kind => {
                let mut all = vec![self.own_policy(arc)?];
                all.extend(qualification.etsi_policy(kind));
                all.extend(&self.additional_policies);
                Some(all)
            }
        }
    }
}

impl Legislations {
    /// Whether `law` is among them.
    #[must_use]
    pub fn allow(&self, law: &Legislation) -> bool {
        match self {
            Self::Any => true,
            Self::These(laws) => laws.contains(law),
        }
    }
}

/// An extended key usage by its label, or a national one by its dotted identifier. Web servers' are
/// not issued (EN 319 412-4), and anyExtendedKeyUsage would undo the extension.
fn extended_key_usage(name: &str) -> Option<ObjectIdentifier> {
    let labelled = [
        oid::KP_CLIENT_AUTH,
        oid::KP_DOCUMENT_SIGNING,
        oid::KP_EMAIL_PROTECTION,
        oid::KP_OCSP_SIGNING,
        oid::KP_TIME_STAMPING,
    ];
    if let Some(known) = labelled
        .iter()
        .find(|known| oid::label(known) == Some(name))
    {
        return Some(*known);
    }
    // What has a label is written by its label, so that rules about it cannot be walked around.
    ObjectIdentifier::new(name)
        .ok()
        .filter(|dotted| oid::label(dotted).is_none())
}

//! Certificate profiles: what an operator may ask for, field by field.
//!
//! [`ProfileConfig`] is what was written (TOML); [`Profile`] is what was checked, each bound against
//! the clause it comes from. The built-in profiles are such files too (`ca-core/profiles`).

mod builtin;
mod config;
mod countries;
mod identifier;
mod key;
mod qualified;
mod subject;

use pki_asn1::oid::{self, ObjectIdentifier};
use pki_crypto::{Digest, DigestAlgorithm};

pub use self::builtin::built_in;
pub use self::config::{
    Criticality, DuplicateKey, DuplicateSubject, KeyCurve, KeyUsageBit, ProfileConfig,
    QualifiedType, RegistrationPolicy, Renewal, RevocationInformation, SubjectType,
};
pub use self::countries::is_iso_country;
pub use self::identifier::{IdentifierError, check_legal_identifier, check_natural_identifier};
pub use self::key::weakness;
pub use self::qualified::{Claim, Qualification};
pub use self::subject::SubjectError;

/// A checked profile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Profile {
    source: String,
    digest: Digest,
    config: ProfileConfig,
    extended_key_usage: Vec<ObjectIdentifier>,
    mandatory: Vec<ObjectIdentifier>,
    optional: Vec<ObjectIdentifier>,
}

/// Why a profile was refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// Not TOML, or an unknown or missing key.
    #[error("line {line} of the profile cannot be read: {reason}")]
    Syntax {
        /// Where, counted from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A name nobody knows.
    #[error("profile {profile:?}: {field} has an unknown value {value:?}")]
    UnknownValue {
        /// Which profile.
        profile: String,
        /// Which key.
        field: &'static str,
        /// What was written.
        value: String,
    },
    /// A bound is broken.
    #[error("profile {profile:?}: {reason} ({clause})")]
    Bound {
        /// Which profile.
        profile: String,
        /// What is wrong.
        reason: String,
        /// The clause that says so.
        clause: &'static str,
    },
}

impl ProfileError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Syntax { .. } | Self::UnknownValue { .. } => {
                "compare it with a built-in one: `sceau-ca profile show company-seal`".into()
            }
            Self::Bound { .. } => {
                "no certificate may be issued like that; change the profile".into()
            }
        })
    }
}

impl Profile {
    /// Reads and checks a profile file.
    ///
    /// # Errors
    /// Where it is not of the format, or breaks a bound of the standards.
    pub fn parse(source: &str) -> Result<Self, ProfileError> {
        let config: ProfileConfig = toml::from_str(source).map_err(|e| ProfileError::Syntax {
            line: e
                .span()
                .and_then(|span| source.get(..span.start))
                .map_or(1, |before| 1 + before.matches('\n').count()),
            reason: e.message().lines().next().unwrap_or_default().to_owned(),
        })?;
        Self::check_bounds(&config)?;
        let unknown = |field, value: &str| ProfileError::UnknownValue {
            profile: config.name.clone(),
            field,
            value: value.to_owned(),
        };
        let attributes = |field, labels: &[String]| {
            labels
                .iter()
                .map(|l| crate::names::attribute_type(l).ok_or_else(|| unknown(field, l)))
                .collect::<Result<Vec<_>, _>>()
        };
        Ok(Self {
            source: source.to_owned(),
            digest: DigestAlgorithm::Sha256.digest(source.as_bytes()),
            mandatory: attributes("subject.mandatory", &config.subject.mandatory)?,
            optional: attributes("subject.optional", &config.subject.optional)?,
            extended_key_usage: config
                .extensions
                .extended_key_usage
                .iter()
                .map(|name| {
                    extended_key_usage(name)
                        .ok_or_else(|| unknown("extensions.extended-key-usage", name))
                })
                .collect::<Result<_, _>>()?,
            config,
        })
    }

    fn check_bounds(config: &ProfileConfig) -> Result<(), ProfileError> {
        let broken = |reason: &str, clause| {
            Err(ProfileError::Bound {
                profile: config.name.clone(),
                reason: reason.to_owned(),
                clause,
            })
        };
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=63).contains(&config.name.len()) || !config.name.bytes().all(plain) {
            return broken(
                "its name is not made of small letters, digits and hyphens, at most 63",
                "it is written in commands and in the journal",
            );
        }
        let kind = config.subject_type;
        let usage = &config.extensions.key_usage;
        let eku = &config.extensions.extended_key_usage;
        if config.validity.default_days == 0
            || config.validity.default_days > config.validity.maximum_days
        {
            return broken(
                "default-days is not between 1 and maximum-days",
                "RFC 5280 section 4.1.2.5",
            );
        }
        if kind.is_end_entity() && config.validity.maximum_days > 1_826 {
            return broken(
                "an end-entity certificate is valid for more than five years",
                "TS 119 312 clause 9",
            );
        }
        if config.validity.maximum_days > 10_958 {
            return broken(
                "a CA certificate is valid for more than thirty years",
                "no algorithm is trusted that long",
            );
        }
        if usage.is_empty() {
            return broken("no key usage", "EN 319 412-2 NAT-4.3.2-1");
        }
        if kind.is_ca() != usage.contains(&KeyUsageBit::KeyCertSign) {
            return broken(
                "keyCertSign belongs to CAs and only to them",
                "RFC 5280 section 4.2.1.3",
            );
        }
        if usage.contains(&KeyUsageBit::NonRepudiation) && usage.len() != 1 {
            return broken(
                "nonRepudiation is combined with another usage; setting A is preferred",
                "EN 319 412-2 NAT-4.3.2-3",
            );
        }
        if config.qualified.is_some() && *usage != [KeyUsageBit::NonRepudiation] {
            return broken(
                "a qualified signature or seal certificate is for content commitment",
                "EN 319 412-2 NAT-4.3.2-2",
            );
        }
        if (kind == SubjectType::TimeStampingUnit) != eku.iter().any(|e| e == "timeStamping") {
            return broken(
                "timeStamping belongs to time-stamping units",
                "RFC 3161 section 2.3",
            );
        }
        if kind == SubjectType::TimeStampingUnit
            && (eku.len() != 1 || config.extensions.extended_key_usage_is != Criticality::Critical)
        {
            return broken(
                "timeStamping must stand alone and be critical",
                "RFC 3161 section 2.3",
            );
        }
        if (kind == SubjectType::OcspSigner) != eku.iter().any(|e| e == "OCSPSigning") {
            return broken(
                "OCSPSigning belongs to OCSP signers",
                "RFC 6960 section 4.2.2.2",
            );
        }
        let anchor = config.extensions.revocation == RevocationInformation::TrustAnchor;
        if anchor != (kind == SubjectType::RootCa) {
            return broken(
                "only a root has no revocation information",
                "EN 319 412-2 GEN-4.4.1-2",
            );
        }
        let none = config.extensions.revocation == RevocationInformation::NoCheck;
        if none != (kind == SubjectType::OcspSigner) {
            return broken(
                "no-check belongs to OCSP signers",
                "RFC 6960 section 4.2.2.2.1",
            );
        }
        if none && config.validity.maximum_days > 92 {
            return broken(
                "an OCSP signer that nobody checks is valid for more than three months",
                "RFC 6960 section 4.2.2.2.1",
            );
        }
        let short_term = config.extensions.revocation == RevocationInformation::ShortTerm;
        if short_term && config.validity.maximum_days > 1 {
            return broken(
                "a short-term certificate is valid for more than a day, in which a revocation would be published",
                "EN 319 412-1 clause 5.2",
            );
        }
        if config.registration.approvals > 9 {
            return broken(
                "more than nine approvals are asked for",
                "EN 319 411-1 clause 6.4.3",
            );
        }
        if config.key.minimum_rsa_bits < 3_000 {
            return broken(
                "RSA under 3000 bits ends with 2026",
                "TS 119 312 V2.1.1 clause 9",
            );
        }
        if config.qualified == Some(QualifiedType::Eseal) && kind != SubjectType::LegalPerson {
            return broken(
                "a seal belongs to a legal person",
                "EN 319 412-5 clause 4.2.3",
            );
        }
        if config.qualified == Some(QualifiedType::Esign) && !kind.is_natural() {
            return broken(
                "a signature belongs to a natural person",
                "EN 319 412-5 clause 4.2.3",
            );
        }
        let arcs = config.policy.split('.');
        if arcs.clone().count() > 2 || !arcs.into_iter().all(|arc| arc.parse::<u32>().is_ok()) {
            return broken(
                "policy is not one or two numbers below the arc",
                "RFC 5280 section 4.2.1.4",
            );
        }
        Ok(())
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
}

fn extended_key_usage(name: &str) -> Option<ObjectIdentifier> {
    [
        oid::KP_CLIENT_AUTH,
        oid::KP_DOCUMENT_SIGNING,
        oid::KP_EMAIL_PROTECTION,
        oid::KP_OCSP_SIGNING,
        oid::KP_TIME_STAMPING,
    ]
    .into_iter()
    .find(|known| oid::label(known) == Some(name))
}

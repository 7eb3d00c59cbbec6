//! What a certificate claims: qualified statements (EN 319 412-5) and the ETSI policy that goes with
//! them (EN 319 411-1 and 411-2). Both come from one decision, so they cannot contradict each other.

use der::Encode;
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::qc::{QcStatement, QcStatements};

use super::{
    DevicePolicy, IdentificationMethod, Legislations, Profile, QualifiedType, SubjectType,
};
use crate::error::SettingsError;
use crate::settings::{Legislation, PdsConfig, Settings, check_english};

/// Why a certificate cannot claim what it would.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// A law the profile does not list.
    #[error(
        "profile {profile:?} is issued under {allowed}, and not under {law} (EN 319 412-5 clause 4.2.4)"
    )]
    Legislation {
        /// Which profile.
        profile: String,
        /// The laws it lists.
        allowed: String,
        /// The law that was asked for.
        law: String,
    },
    /// The profile wants the key in a secure device.
    #[error(
        "profile {0:?} certifies keys in secure devices only, and nobody vouches for one (EN 319 412-5 clause 4.2.2)"
    )]
    DeviceRequired(String),
    /// The profile never says so.
    #[error("profile {0:?} never states a secure device (EN 319 412-5 clause 4.2.2)")]
    DeviceExcluded(String),
    /// Qualified certificates name a disclosure statement in English.
    #[error(transparent)]
    Disclosure(#[from] SettingsError),
}

impl ClaimError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Legislation { allowed, .. } => {
                format!("choose --legislation among {allowed}, or another profile")
            }
            Self::DeviceRequired(_) => {
                "declare the device (--qscd) once you have seen it, or choose another profile"
                    .into()
            }
            Self::DeviceExcluded(_) => "leave --qscd out, or choose another profile".into(),
            Self::Disclosure(error) => return error.hint(),
        })
    }
}

impl Profile {
    /// What a certificate claims under `legislation`, where the profile allows it.
    ///
    /// # Errors
    /// Where the law, the device or the disclosure statement is not as profile and law ask for.
    pub fn qualify(
        &self,
        settings: &Settings,
        legislation: &Legislation,
        secure_device: bool,
    ) -> Result<Qualification, ClaimError> {
        let profile = || self.name().to_owned();
        if let Legislations::These(laws) = self.legislations()
            && !laws.contains(legislation)
        {
            let allowed: Vec<_> = laws.iter().map(ToString::to_string).collect();
            return Err(ClaimError::Legislation {
                profile: profile(),
                allowed: allowed.join(", "),
                law: legislation.to_string(),
            });
        }
        match (self.config().statements.device, secure_device) {
            (DevicePolicy::Required, false) => return Err(ClaimError::DeviceRequired(profile())),
            (DevicePolicy::Excluded, true) => return Err(ClaimError::DeviceExcluded(profile())),
            _ => {}
        }
        let qualification = Qualification::decide(self, legislation, secure_device);
        if let Claim::Qualified(_, law) = &qualification.claim {
            check_english(self.disclosure(settings), law)?;
        }
        Ok(qualification)
    }

    /// The PKI disclosure statements: its own, or the installation's.
    #[must_use]
    pub fn disclosure<'a>(&'a self, settings: &'a Settings) -> &'a [PdsConfig] {
        match self.config().pds.as_slice() {
            [] => &settings.config().pds,
            own => own,
        }
    }
}

/// Whether and under which law a certificate is qualified, and where its key is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Qualification {
    /// The claim.
    pub claim: Claim,
    /// Whether somebody vouches that the key is in a qualified or otherwise secure device.
    pub secure_device: bool,
}

/// What is claimed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Claim {
    /// Nothing.
    None,
    /// Qualified for this use under this law, which is not [`Legislation::None`].
    Qualified(QualifiedType, Legislation),
}

impl Qualification {
    /// What a certificate of `profile` claims under `legislation`.
    #[must_use]
    pub fn decide(profile: &Profile, legislation: &Legislation, secure_device: bool) -> Self {
        let claim = match (profile.config().qualified, legislation) {
            (None, _) | (_, Legislation::None) => Claim::None,
            (Some(use_), law) => Claim::Qualified(use_, law.clone()),
        };
        Self {
            claim,
            secure_device,
        }
    }

    /// The ETSI policy, for certificates of persons: one, never two.
    ///
    /// EN 319 411-2 clause 5.3 defines QCP-n and its siblings for EU qualified certificates. Other
    /// countries adopt that standard into their own law and its policies with it; QcCClegislation
    /// then says which law the claim is under (EN 319 412-5 clause 4.2.4), and linters expect the
    /// policy beside QcCompliance whatever the law. Without a claim it is NCP, or NCP+ where the key
    /// is in a secure device (EN 319 411-1 clause 5.3).
    #[must_use]
    pub fn etsi_policy(&self, subject: SubjectType) -> Option<ObjectIdentifier> {
        if !(subject.is_natural() || subject == SubjectType::LegalPerson) {
            return None;
        }
        Some(match (&self.claim, self.secure_device) {
            (Claim::Qualified(QualifiedType::Esign, _), false) => oid::POLICY_QCP_N,
            (Claim::Qualified(QualifiedType::Esign, _), true) => oid::POLICY_QCP_N_QSCD,
            (Claim::Qualified(QualifiedType::Eseal, _), false) => oid::POLICY_QCP_L,
            (Claim::Qualified(QualifiedType::Eseal, _), true) => oid::POLICY_QCP_L_QSCD,
            (Claim::None, false) => oid::POLICY_NCP,
            (Claim::None, true) => oid::POLICY_NCP_PLUS,
        })
    }

    /// The qcStatements extension's value; `None` where there is nothing to state.
    ///
    /// # Errors
    /// Where a URL or code of the settings cannot be encoded.
    pub fn statements(
        &self,
        profile: &Profile,
        settings: &Settings,
    ) -> der::Result<Option<Vec<u8>>> {
        let mut out = Vec::new();
        if let Claim::Qualified(use_, law) = &self.claim {
            out.push(QcStatement::bare(oid::QCS_COMPLIANCE));
            if self.secure_device {
                out.push(QcStatement::bare(oid::QCS_SSCD));
            }
            out.push(QcStatement::qc_type(match use_ {
                QualifiedType::Esign => oid::QCT_ESIGN,
                QualifiedType::Eseal => oid::QCT_ESEAL,
            })?);
            let pds = profile.disclosure(settings);
            out.push(QcStatement::pds(
                pds.iter().map(|p| (p.url.as_str(), p.language.as_str())),
            )?);
            if let Legislation::Country(country) = law {
                out.push(QcStatement::cc_legislation([country.as_str()])?);
            }
            self.further_statements(profile, law, &mut out)?;
        }
        // EN 319 412-1 clause 5.1: identifiers mean something only where their semantics is said.
        // One statement per identifier (QCS-4.1-02A): a professional's subject is the person.
        let semantics = match profile.subject_type() {
            t if t.is_natural() => Some(oid::SEMANTICS_NATURAL),
            SubjectType::LegalPerson => Some(oid::SEMANTICS_LEGAL),
            _ => None,
        };
        if let Some(semantics) = semantics {
            let authorities = &profile.config().subject.name_registration_authorities;
            let authorities: Vec<_> = authorities.iter().map(String::as_str).collect();
            out.push(QcStatement::semantics(semantics, &authorities)?);
        }
        if out.is_empty() {
            return Ok(None);
        }
        QcStatements(out).to_der().map(Some)
    }

    /// What the profile states besides (its `[statements]`).
    fn further_statements(
        &self,
        profile: &Profile,
        law: &Legislation,
        out: &mut Vec<QcStatement>,
    ) -> der::Result<()> {
        let statements = &profile.config().statements;
        if let Some(limit) = &statements.limit_value {
            let (amount, exponent) = (limit.amount.into(), limit.exponent.into());
            out.push(QcStatement::limit_value(&limit.currency, amount, exponent)?);
        }
        if let Some(years) = statements.retention_years {
            out.push(QcStatement::retention_period(years)?);
        }
        if let Some(method) = statements
            .identification
            .filter(|_| *law == Legislation::Eu)
        {
            out.push(QcStatement::identification(method.oid())?);
        }
        let countries = &statements.device_legislation;
        if self.secure_device && !countries.is_empty() {
            let countries = countries.iter().map(String::as_str);
            out.push(QcStatement::device_legislation(countries)?);
        }
        Ok(())
    }
}

impl IdentificationMethod {
    /// As the certificate names it.
    #[must_use]
    pub fn oid(self) -> ObjectIdentifier {
        match self {
            Self::PresenceOrMeans => oid::QCI_EIDAS_24_1_AB,
            Self::CertificateOrEquivalent => oid::QCI_EIDAS_24_1_CD,
            Self::WalletEquivalentOrPresence => oid::QCI_EIDAS_24_1A_ACD,
            Self::QualifiedCertificate => oid::QCI_EIDAS_24_1A_B,
        }
    }
}

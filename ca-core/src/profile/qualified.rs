//! What a certificate claims: qualified statements (EN 319 412-5) and the ETSI policy that goes with
//! them (EN 319 411-1 and 411-2). Both come from one decision, so they cannot contradict each other.

use der::Encode;
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::qc::{QcStatement, QcStatements};

use super::{Profile, QualifiedType, SubjectType};
use crate::settings::{Legislation, Settings};

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
            let pds = &settings.config().pds;
            out.push(QcStatement::pds(
                pds.iter().map(|p| (p.url.as_str(), p.language.as_str())),
            )?);
            if let Legislation::Country(country) = law {
                out.push(QcStatement::cc_legislation([country.as_str()])?);
            }
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
}

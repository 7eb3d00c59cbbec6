//! What the linter is told of a certificate to be: the profile and the decision about its claims, as
//! plain data that the linter can compare with the encoded bytes.

use pki_lint::{
    AcceptedKeys, Curve, Device, Expectation, Kind, QualifiedUse, StatusSource, SubjectKeyId,
    SubjectName,
};

use crate::profile::{
    Claim, KeyCurve, KeyUsageBit, Profile, Qualification, QualifiedType, RevocationInformation,
    SubjectType,
};
use crate::settings::{Legislation, Settings};

/// What a certificate of `profile` is meant to be, with what `qualification` lets it claim. Policies
/// that cannot be encoded below the installation's arc are expected as none, which nothing meets.
pub(crate) fn expectation(
    profile: &Profile,
    settings: &Settings,
    qualification: &Qualification,
) -> Expectation {
    let law = match &qualification.claim {
        Claim::Qualified(_, Legislation::Eu) => pki_lint::Legislation::Eu,
        Claim::Qualified(_, Legislation::Country(code)) => {
            pki_lint::Legislation::Country(code.to_string())
        }
        Claim::None | Claim::Qualified(_, Legislation::None) => pki_lint::Legislation::None,
    };
    let policies = profile.policies(&settings.policy_arc(), qualification);
    Expectation {
        device: Some(if qualification.secure_device {
            Device::Secure
        } else {
            Device::Other
        }),
        policies: Some(policies.unwrap_or_default()),
        subject_key_id: SubjectKeyId::Sha256,
        ..profile.expectation_of(&law)
    }
}

impl Profile {
    /// What the profile alone says of a certificate that is (or claims to be) qualified under
    /// `law`, whoever issued it: the linter is told this. The policies, which depend on the
    /// provider, and the device, for which somebody vouches, are left open.
    #[must_use]
    pub fn expectation_of(&self, law: &pki_lint::Legislation) -> Expectation {
        let config = self.config();
        let used = config.qualified.map(|used| match used {
            QualifiedType::Esign => QualifiedUse::Signature,
            QualifiedType::Eseal => QualifiedUse::Seal,
        });
        let key_usage = &config.extensions.key_usage;
        Expectation {
            kind: kind(self),
            qualified: used.filter(|_| *law != pki_lint::Legislation::None),
            legislation: match used {
                Some(_) => law.clone(),
                None => pki_lint::Legislation::None,
            },
            device: None,
            policies: None,
            extended_key_usage: Some(self.extended_key_usage().to_vec()),
            key_usage: Some(key_usage.iter().fold(0, |all, bit| all | bits(*bit))),
            status: match config.extensions.revocation {
                RevocationInformation::OcspAndCrl => StatusSource::OcspAndCrl,
                RevocationInformation::NoCheck => StatusSource::NoCheck,
                RevocationInformation::TrustAnchor => StatusSource::TrustAnchor,
                RevocationInformation::ShortTerm => StatusSource::ShortTerm,
            },
            path_length: config.extensions.path_length.map(u64::from),
            maximum_days: Some(config.validity.maximum_days),
            subject_name: SubjectName::Own,
            subject_key_id: SubjectKeyId::Any,
            keys: Some(AcceptedKeys {
                curves: config.key.curves.iter().map(|c| curve(*c)).collect(),
                minimum_rsa_bits: config.key.minimum_rsa_bits,
            }),
        }
    }
}

fn kind(profile: &Profile) -> Kind {
    let config = profile.config();
    let logs_in = config.qualified.is_none()
        && config.extensions.key_usage == [KeyUsageBit::DigitalSignature];
    match profile.subject_type() {
        SubjectType::RootCa => Kind::RootCa,
        SubjectType::IssuingCa => Kind::IssuingCa,
        SubjectType::LegalPerson => Kind::LegalPerson,
        SubjectType::NaturalPerson if logs_in => Kind::Authentication,
        SubjectType::NaturalPerson => Kind::NaturalPerson,
        SubjectType::Professional => Kind::Professional,
        SubjectType::OcspSigner => Kind::OcspSigner,
        SubjectType::TimeStampingUnit => Kind::TimeStampingUnit,
    }
}

fn curve(curve: KeyCurve) -> Curve {
    match curve {
        KeyCurve::P256 => Curve::P256,
        KeyCurve::P384 => Curve::P384,
        KeyCurve::P521 => Curve::P521,
        KeyCurve::Ed25519 => Curve::Ed25519,
    }
}

/// The bit of RFC 5280 section 4.2.1.3, bit 0 being 1.
fn bits(bit: KeyUsageBit) -> u16 {
    match bit {
        KeyUsageBit::DigitalSignature => 1,
        KeyUsageBit::NonRepudiation => 1 << 1,
        KeyUsageBit::KeyEncipherment => 1 << 2,
        KeyUsageBit::KeyAgreement => 1 << 4,
        KeyUsageBit::KeyCertSign => 1 << 5,
        KeyUsageBit::CrlSign => 1 << 6,
    }
}

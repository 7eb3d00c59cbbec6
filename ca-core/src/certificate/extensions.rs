//! The extensions of each kind of certificate, in a fixed order.

use der::asn1::{Any, Ia5String, Ia5StringRef, Null, OctetString};
use der::flagset::FlagSet;
use der::{Encode, Sequence};
use pki_asn1::UnixTime;
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_crypto::PublicKey;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::certpolicy::{PolicyInformation, PolicyQualifierInfo};
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AccessDescription, AuthorityKeyIdentifier, BasicConstraints, KeyUsage, KeyUsages,
};

use crate::crl::freshest_crl;
use crate::profile::{
    Criticality, KeyUsageBit, Profile, Qualification, RevocationInformation, SubjectType,
};
use crate::settings::Settings;

/// What the extensions depend on.
pub(crate) struct Inputs<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) settings: &'a Settings,
    pub(crate) qualification: &'a Qualification,
    pub(crate) subject_key: &'a PublicKey,
    /// Name and key identifier of the issuer; `None` for a root, which issues itself.
    pub(crate) issuer: Option<(&'a str, &'a [u8])>,
    /// Where the issuer's CRL and its delta tell of this certificate; `None` for a root.
    pub(crate) crl: Option<CrlLocation>,
    pub(crate) not_before: UnixTime,
    pub(crate) not_after: UnixTime,
}

/// What a certificate says about the CRLs it may be on.
pub(crate) struct CrlLocation {
    /// The complete CRL of its scope.
    pub(crate) complete: String,
    /// The delta, where certificates shall name it.
    pub(crate) freshest: Option<String>,
}

/// All extensions of the certificate, none of them twice.
pub(crate) fn build(inputs: &Inputs<'_>) -> der::Result<Vec<Extension>> {
    let profile = inputs.profile;
    let kind = profile.subject_type();
    let mut out = Vec::new();
    if let Some((_, key_id)) = inputs.issuer {
        // EN 319 412-2 GEN-4.3.1-1: the issuer's own key identifier.
        let value = AuthorityKeyIdentifier {
            key_identifier: Some(OctetString::new(key_id)?),
            ..Default::default()
        };
        out.push(extension(oid::CE_AUTHORITY_KEY_IDENTIFIER, false, &value)?);
    }
    let key_id = pki_crypto::subject_key_identifier(inputs.subject_key.bits());
    let key_id = OctetString::new(key_id.to_vec())?;
    out.push(extension(oid::CE_SUBJECT_KEY_IDENTIFIER, false, &key_id)?);
    if kind.is_ca() {
        let value = BasicConstraints {
            ca: true,
            path_len_constraint: profile.config().extensions.path_length,
        };
        out.push(extension(oid::CE_BASIC_CONSTRAINTS, true, &value)?);
    }
    out.push(extension(oid::CE_KEY_USAGE, true, &key_usage(profile))?);
    if !profile.extended_key_usage().is_empty() {
        let critical = profile.config().extensions.extended_key_usage_is == Criticality::Critical;
        let value = profile.extended_key_usage().to_vec();
        out.push(extension(oid::CE_EXT_KEY_USAGE, critical, &value)?);
    }
    if let Some(days) = profile.config().validity.private_key_days {
        let end = inputs.not_before.plus_days(days).min(inputs.not_after);
        let value = PrivateKeyUsagePeriod {
            not_before: Some(inputs.not_before.to_generalized()),
            not_after: Some(end.to_generalized()),
        };
        out.push(extension(oid::CE_PRIVATE_KEY_USAGE_PERIOD, false, &value)?);
    }
    if kind != SubjectType::RootCa {
        out.push(extension(
            oid::CE_CERTIFICATE_POLICIES,
            false,
            &policies(inputs)?,
        )?);
    }
    if let Some((issuer, _)) = inputs.issuer {
        revocation_information(inputs, issuer, &mut out)?;
    }
    if let Some(statements) = inputs.qualification.statements(profile, inputs.settings)? {
        out.push(Extension {
            extn_id: oid::PE_QC_STATEMENTS,
            critical: false,
            extn_value: OctetString::new(statements)?,
        });
    }
    Ok(out)
}

fn key_usage(profile: &Profile) -> KeyUsage {
    let mut bits = FlagSet::default();
    for bit in &profile.config().extensions.key_usage {
        bits |= match bit {
            KeyUsageBit::DigitalSignature => KeyUsages::DigitalSignature,
            KeyUsageBit::NonRepudiation => KeyUsages::NonRepudiation,
            KeyUsageBit::KeyEncipherment => KeyUsages::KeyEncipherment,
            KeyUsageBit::KeyAgreement => KeyUsages::KeyAgreement,
            KeyUsageBit::KeyCertSign => KeyUsages::KeyCertSign,
            KeyUsageBit::CrlSign => KeyUsages::CRLSign,
        };
    }
    KeyUsage(bits)
}

/// The provider's own policy with its CPS first, then the others; anyPolicy for issuing CAs.
fn policies(inputs: &Inputs<'_>) -> der::Result<Vec<PolicyInformation>> {
    let cps = PolicyQualifierInfo {
        policy_qualifier_id: oid::QT_CPS,
        qualifier: Some(Any::encode_from(&Ia5StringRef::new(
            &inputs.settings.config().cps_uri,
        )?)?),
    };
    let mut cps = Some(vec![cps]);
    // Never anyPolicy for want of a policy.
    let policies = inputs
        .profile
        .policies(&inputs.settings.policy_arc(), inputs.qualification)
        .ok_or_else(|| der::Tag::ObjectIdentifier.length_error())?;
    Ok(policies
        .into_iter()
        .map(|policy_identifier| PolicyInformation {
            policy_identifier,
            policy_qualifiers: cps.take(),
        })
        .collect())
}

fn revocation_information(
    inputs: &Inputs<'_>,
    issuer: &str,
    out: &mut Vec<Extension>,
) -> der::Result<()> {
    let settings = inputs.settings;
    match inputs.profile.config().extensions.revocation {
        RevocationInformation::TrustAnchor => {}
        RevocationInformation::NoCheck => out.push(extension(oid::OCSP_NO_CHECK, false, &Null)?),
        RevocationInformation::ShortTerm => {
            out.push(extension(oid::EXT_VALASSURED_SHORT_TERM, false, &Null)?);
            out.push(extension(oid::CE_NO_REV_AVAIL, false, &Null)?);
            // EN 319 412-2 GEN-4.4.1-2 and -3: the issuer's certificate can still be found.
            let issuers = settings.ca_issuers_url(issuer);
            let value = vec![access(oid::AD_CA_ISSUERS, &issuers)?];
            out.push(extension(oid::PE_AUTHORITY_INFO_ACCESS, false, &value)?);
        }
        RevocationInformation::OcspAndCrl => {
            if let Some(crl) = &inputs.crl {
                let point = DistributionPoint {
                    distribution_point: Some(DistributionPointName::FullName(vec![uri(
                        &crl.complete
                    )?])),
                    reasons: None,
                    crl_issuer: None,
                };
                out.push(extension(
                    oid::CE_CRL_DISTRIBUTION_POINTS,
                    false,
                    &vec![point],
                )?);
                if let Some(url) = &crl.freshest {
                    out.push(freshest_crl(url)?);
                }
            }
            let value = vec![
                access(oid::AD_OCSP, &settings.ocsp_url())?,
                access(oid::AD_CA_ISSUERS, &settings.ca_issuers_url(issuer))?,
            ];
            out.push(extension(oid::PE_AUTHORITY_INFO_ACCESS, false, &value)?);
        }
    }
    Ok(())
}

fn access(method: ObjectIdentifier, url: &str) -> der::Result<AccessDescription> {
    Ok(AccessDescription {
        access_method: method,
        access_location: uri(url)?,
    })
}

fn uri(url: &str) -> der::Result<GeneralName> {
    Ok(GeneralName::UniformResourceIdentifier(Ia5String::new(url)?))
}

pub(crate) fn extension<T: Encode>(
    extn_id: ObjectIdentifier,
    critical: bool,
    value: &T,
) -> der::Result<Extension> {
    Ok(Extension {
        extn_id,
        critical,
        extn_value: OctetString::new(value.to_der()?)?,
    })
}

/// `PrivateKeyUsagePeriod` as defined in RFC 3280 section 4.2.1.4 (X.509 clause 9.2.2.5).
///
/// ```text
/// PrivateKeyUsagePeriod ::= SEQUENCE {
///     notBefore [0] GeneralizedTime OPTIONAL,
///     notAfter  [1] GeneralizedTime OPTIONAL }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, Sequence)]
pub(crate) struct PrivateKeyUsagePeriod {
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub(crate) not_before: Option<der::asn1::GeneralizedTime>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub(crate) not_after: Option<der::asn1::GeneralizedTime>,
}

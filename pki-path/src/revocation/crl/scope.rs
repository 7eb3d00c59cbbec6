//! What a CRL speaks of (RFC 5280 section 6.3.3 (b) and (d)): its issuingDistributionPoint against the
//! certificate and the distribution point that it was looked up for.

use der::Encode;
use pki_asn1::crl::IssuingDistributionPoint;
use pki_asn1::{Certificate, CertificateList, name};
use x509_cert::ext::pkix::crl::dp::{DistributionPoint, ReasonFlags, Reasons};
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};

/// The reasons of `ReasonFlags`, without the unused bit 0: what "all-reasons" means.
pub(super) fn all_reasons() -> ReasonFlags {
    ReasonFlags::full() - Reasons::Unused
}

/// Whether a CRL is for the certificate and the point (section 6.3.3 (b)).
pub(super) fn in_scope(
    certificate: &Certificate,
    crl: &CertificateList,
    idp: Option<&IssuingDistributionPoint>,
    point: &DistributionPoint,
) -> bool {
    let Some(idp) = idp else {
        // Without the extension a CRL is complete for its own issuer only.
        return point.crl_issuer.is_none();
    };
    if point.crl_issuer.is_some() && !idp.indirect_crl {
        return false;
    }
    let is_ca = certificate.is_ca();
    if idp.only_contains_user_certs && is_ca
        || idp.only_contains_ca_certs && !is_ca
        || idp.only_contains_attribute_certs
    {
        return false;
    }
    let Some(own) = &idp.distribution_point else {
        return true;
    };
    let own = full_names(own, &name::comparison_key(crl.issuer()));
    let wanted = match (&point.distribution_point, &point.crl_issuer) {
        (Some(name), Some(issuers)) => {
            let base = issuers.iter().find_map(|n| match n {
                GeneralName::DirectoryName(n) => Some(name::comparison_key(n)),
                _ => None,
            });
            full_names(name, &base.unwrap_or_default())
        }
        (Some(name), None) => full_names(name, &name::comparison_key(certificate.issuer())),
        (None, Some(issuers)) => issuers.iter().filter_map(general_key).collect(),
        (None, None) => return false,
    };
    own.iter().any(|n| wanted.contains(n))
}

/// onlySomeReasons; all where absent.
pub(super) fn some_reasons(idp: &IssuingDistributionPoint) -> ReasonFlags {
    let Some(bits) = &idp.only_some_reasons else {
        return all_reasons();
    };
    [
        Reasons::Unused,
        Reasons::KeyCompromise,
        Reasons::CaCompromise,
        Reasons::AffiliationChanged,
        Reasons::Superseded,
        Reasons::CessationOfOperation,
        Reasons::CertificateHold,
        Reasons::PrivilegeWithdrawn,
        Reasons::AaCompromise,
    ]
    .into_iter()
    .enumerate()
    .skip(1)
    .filter(|(bit, _)| bits.bits().nth(*bit) == Some(true))
    .fold(ReasonFlags::default(), |all, (_, reason)| all | reason)
}

/// The names of a distribution point as comparable strings; a relative name is completed with the
/// key of the CRL issuer's name.
fn full_names(point: &DistributionPointName, crl_issuer: &str) -> Vec<String> {
    match point {
        DistributionPointName::FullName(names) => names.iter().filter_map(general_key).collect(),
        DistributionPointName::NameRelativeToCRLIssuer(rdn) => {
            vec![format!("{crl_issuer}{}", name::rdn_key(rdn))]
        }
    }
}

fn general_key(name: &GeneralName) -> Option<String> {
    Some(match name {
        GeneralName::DirectoryName(n) => name::comparison_key(n),
        GeneralName::UniformResourceIdentifier(uri) => format!("uri:{}", uri.as_str()),
        other => {
            let der = other.to_der().ok()?;
            der.iter().map(|b| format!("{b:02x}")).collect()
        }
    })
}

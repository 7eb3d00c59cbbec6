//! What the policy asks of a signer's certificate: its usages, whether it is a qualified one, and how far
//! below the anchor it may stand (EN 319 102-1 clause 5.2.6, X.509 validation constraints).

use pki_asn1::{Certificate, oid};
use pki_path::Path;

use super::failure::Failure;
use super::indication::SubIndication;
use crate::text;
use crate::text::Text;
use crate::validate::policy::{CertificateConstraints, Requirement, SigningUsages};

/// keyUsage, extendedKeyUsage, qcStatements and depth.
pub(super) fn signer(
    certificate: &Certificate,
    path: &Path,
    policy: &CertificateConstraints,
) -> Result<(), Failure> {
    let refuse = |what: Text| {
        Err(Failure::indeterminate(
            SubIndication::ChainConstraintsFailure,
            text!(
                "the certificate of {} is not for signing documents: {}",
                certificate.display_subject(),
                what
            ),
        ))
    };
    if let Some(usage) = certificate.key_usage() {
        let (digital, repudiation) = (usage.digital_signature(), usage.non_repudiation());
        match policy.key_usage {
            SigningUsages::Either if !digital && !repudiation => {
                return refuse(text!(
                    "its keyUsage has neither digitalSignature nor nonRepudiation"
                ));
            }
            SigningUsages::NonRepudiation if !repudiation => {
                return refuse(text!("its keyUsage has no nonRepudiation"));
            }
            SigningUsages::DigitalSignature if !digital => {
                return refuse(text!("its keyUsage has no digitalSignature"));
            }
            _ => {}
        }
    }
    let usages = certificate.extended_key_usages();
    let elsewhere = [
        oid::KP_SERVER_AUTH,
        oid::KP_OCSP_SIGNING,
        oid::KP_TIME_STAMPING,
    ];
    let wanted = &policy.extended_key_usage;
    if !usages.is_empty() {
        if wanted.is_empty() && usages.iter().all(|u| elsewhere.contains(u)) {
            return refuse(text!(
                "its extendedKeyUsage is for servers, OCSP or time-stamps"
            ));
        }
        if !wanted.is_empty() && !usages.iter().any(|u| wanted.contains(u)) {
            return refuse(text!(
                "its extendedKeyUsage has none that the policy accepts"
            ));
        }
    }
    let statements = certificate.qc_statements();
    let qualified = statements.is_some_and(|q| q.contains(&oid::QCS_COMPLIANCE));
    if policy.qualified == Requirement::Required && !qualified {
        return Err(Failure::indeterminate(
            SubIndication::ChainConstraintsFailure,
            text!(
                "the policy asks for a qualified certificate, and that of {} does not say that it is one",
                certificate.display_subject()
            ),
        ));
    }
    let between = path.certificates().len().saturating_sub(1);
    match policy.max_depth {
        Some(limit) if between > limit => Err(Failure::indeterminate(
            SubIndication::ChainConstraintsFailure,
            text!(
                "{} authorities stand between the signer and the trust anchor, and the policy permits {}",
                between,
                limit
            ),
        )),
        _ => Ok(()),
    }
}

//! What a certificate says of itself (EN 319 412-5 clause 4, EN 319 411-2, TS 101 456).

use const_oid::ObjectIdentifier;
use pki_asn1::{Certificate, oid};

use super::Purpose;

/// The claims of a certificate. The policies are those of TS 101 456 clause 5.2, under Directive 1999/93/EC.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Claims {
    /// QcCompliance, or before 2016 the policies QCP and QCP+.
    pub(super) qualified: bool,
    /// QcType; without it a qualified certificate is for signatures.
    pub(super) purposes: Vec<Purpose>,
    /// QcSSCD, or before 2016 the policy QCP+.
    pub(super) device: bool,
    /// QcCClegislation.
    pub(super) legislation: Vec<String>,
}

impl Claims {
    pub(super) fn of(certificate: &Certificate) -> Self {
        let statements = certificate.qc_statements().unwrap_or_default();
        let policies = if certificate.not_before() < super::moment::eidas() {
            certificate.policy_oids()
        } else {
            Vec::new()
        };
        let policy = |one: ObjectIdentifier| policies.contains(&one);
        let mut purposes: Vec<Purpose> = statements
            .types()
            .iter()
            .filter_map(|t| match *t {
                oid::QCT_ESIGN => Some(Purpose::Signature),
                oid::QCT_ESEAL => Some(Purpose::Seal),
                oid::QCT_WEB => Some(Purpose::Website),
                _ => None,
            })
            .collect();
        if !statements.contains(&oid::QCS_TYPE) {
            purposes.push(Purpose::Signature);
        }
        Self {
            qualified: statements.contains(&oid::QCS_COMPLIANCE)
                || policy(oid::POLICY_QCP_PUBLIC)
                || policy(oid::POLICY_QCP_PUBLIC_SSCD),
            purposes,
            device: statements.contains(&oid::QCS_SSCD) || policy(oid::POLICY_QCP_PUBLIC_SSCD),
            legislation: statements.legislations(),
        }
    }
}

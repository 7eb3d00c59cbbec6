//! Whom a certificate is for, read off the certificate itself where nobody says it.

use pki_asn1::oid;

use super::{Certificate, bit};
use crate::context::Kind;

/// The kind of a certificate, from the strongest sign to the weakest: what it may do (CA, OCSP,
/// time-stamping), what it claims (QcType, ETSI policy, semantics), whom it names.
pub(crate) fn detect(c: &Certificate<'_>) -> Kind {
    if c.is_ca() {
        return if c.is_self_issued() {
            Kind::RootCa
        } else {
            Kind::IssuingCa
        };
    }
    if c.has_purpose(oid::KP_OCSP_SIGNING) {
        return Kind::OcspSigner;
    }
    if c.has_purpose(oid::KP_TIME_STAMPING) {
        return Kind::TimeStampingUnit;
    }
    let types: Vec<_> = c.qc_types().collect();
    let typed = |oid: oid::ObjectIdentifier| types.contains(&oid.as_bytes());
    if c.has_purpose(oid::KP_SERVER_AUTH) || types == [oid::QCT_WEB.as_bytes()] {
        return Kind::WebServer;
    }
    let policy = |all: &[oid::ObjectIdentifier]| all.iter().any(|p| c.has_policy(*p));
    let s = &c.subject;
    let person = s.has(oid::AT_GIVEN_NAME) || s.has(oid::AT_SURNAME) || s.has(oid::AT_PSEUDONYM);
    let natural_claim = typed(oid::QCT_ESIGN)
        || policy(&[oid::POLICY_QCP_N, oid::POLICY_QCP_N_QSCD])
        || c.has_semantics(oid::SEMANTICS_NATURAL)
        || c.has_semantics(oid::SEMANTICS_EIDAS_NATURAL);
    let legal_claim = typed(oid::QCT_ESEAL)
        || policy(&[oid::POLICY_QCP_L, oid::POLICY_QCP_L_QSCD])
        || c.has_semantics(oid::SEMANTICS_LEGAL)
        || c.has_semantics(oid::SEMANTICS_EIDAS_LEGAL);
    let etsi = c.qc.is_some()
        || policy(&[
            oid::POLICY_NCP,
            oid::POLICY_NCP_PLUS,
            oid::POLICY_LCP,
            oid::POLICY_QEVCP_W,
            oid::POLICY_QNCP_W,
            oid::POLICY_QNCP_W_GEN,
        ]);
    // Where claims contradict each other, the subject decides, and a rule reports the other one.
    let natural = match (natural_claim, legal_claim) {
        (true, false) => true,
        (false, true) => false,
        _ if !natural_claim && !etsi => return Kind::EndEntity,
        _ if person => true,
        _ if s.has(oid::AT_ORGANIZATION) || s.has(oid::AT_ORGANIZATION_IDENTIFIER) => false,
        (true, true) => !typed(oid::QCT_ESEAL),
        (false, false) => return Kind::EndEntity,
    };
    if !natural {
        return Kind::LegalPerson;
    }
    let usage = c.usage();
    if usage == bit::DIGITAL_SIGNATURE && types.is_empty() && !c.states(oid::QCS_COMPLIANCE) {
        return Kind::Authentication;
    }
    if s.has(oid::AT_ORGANIZATION) || s.has(oid::AT_ORGANIZATION_IDENTIFIER) {
        return Kind::Professional;
    }
    Kind::NaturalPerson
}

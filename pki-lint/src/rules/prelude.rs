//! What rules are written with.

pub(super) use pki_asn1::oid;

pub(super) use crate::context::{
    Curve, Device, Kind, Legislation, QualifiedUse, SignatureValue, StatusSource, SubjectKeyId,
    SubjectName,
};
pub(super) use crate::der::Tlv;
pub(super) use crate::finding::Severity;
pub(super) use crate::rule::{
    CertificateRule, CrlEntryRule, CrlRule, Found, OcspRule, Rule, RuleInfo,
};
pub(super) use crate::view::{
    CertStatus, Certificate, CrlEntry, CrlHeader, EntryScope, GeneralName, Instant, KeyMaterial,
    Label, OcspResponse, QcStatement, bit, bit_length,
};
pub(super) use crate::x690::What;

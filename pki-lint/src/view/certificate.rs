//! `Certificate` (RFC 5280 section 4.1) as it was received.

use std::borrow::Cow;

use pki_asn1::oid::{self, ObjectIdentifier};

use super::extension::{self, Subtree, access_descriptions, oids, private_key_usage_period};
use super::{
    Algorithm, AuthorityKeyIdentifier, BasicConstraints, DistributionPoint, Extension, GeneralName,
    Instant, Key, KeyUsage, Name, Policy, Problem, QcStatement, Qualifier, Semantics,
};
use crate::context::{Expectation, Kind, Legislation, QualifiedUse, SignatureValue};
use crate::der::{
    BIT_STRING, IA5_STRING, INTEGER, OCTET_STRING, PRINTABLE_STRING, SEQUENCE, Tlv, context,
    context_constructed,
};
use crate::x690::{Defect, What};

/// A certificate with everything that rules look at.
#[derive(Debug)]
pub(crate) struct Certificate<'a> {
    pub(crate) der: &'a [u8],
    /// What cannot be read.
    pub(crate) problems: Vec<Problem>,
    /// Where it is not DER.
    pub(crate) defects: Vec<Defect>,
    /// The version as people count it: 1, 2, 3; 0 where it is no such number.
    pub(crate) version: u64,
    pub(crate) has_version: bool,
    /// The contents of the INTEGER.
    pub(crate) serial: &'a [u8],
    /// Inside the signed bytes.
    pub(crate) tbs_algorithm: Algorithm<'a>,
    /// Outside.
    pub(crate) algorithm: Algorithm<'a>,
    /// The BIT STRING, unused-bits octet included.
    pub(crate) signature: &'a [u8],
    pub(crate) signature_value: SignatureValue,
    pub(crate) issuer: Name<'a>,
    pub(crate) subject: Name<'a>,
    pub(crate) not_before: Option<Instant<'a>>,
    pub(crate) not_after: Option<Instant<'a>>,
    pub(crate) key: Key<'a>,
    pub(crate) issuer_unique_id: bool,
    pub(crate) subject_unique_id: bool,
    /// Whether the extensions field is there.
    pub(crate) has_extensions: bool,
    pub(crate) extensions: Vec<Extension<'a>>,

    pub(crate) key_usage: Option<KeyUsage<'a>>,
    pub(crate) basic_constraints: Option<BasicConstraints<'a>>,
    pub(crate) authority_key_id: Option<AuthorityKeyIdentifier<'a>>,
    pub(crate) subject_key_id: Option<&'a [u8]>,
    pub(crate) extended_key_usage: Option<Vec<&'a [u8]>>,
    pub(crate) policies: Option<Vec<Policy<'a>>>,
    pub(crate) subject_alt_names: Option<Vec<GeneralName<'a>>>,
    pub(crate) issuer_alt_names: Option<Vec<GeneralName<'a>>>,
    pub(crate) authority_info: Option<Vec<(&'a [u8], GeneralName<'a>)>>,
    pub(crate) subject_info: Option<Vec<(&'a [u8], GeneralName<'a>)>>,
    pub(crate) crl_points: Option<Vec<DistributionPoint<'a>>>,
    pub(crate) freshest: Option<Vec<DistributionPoint<'a>>>,
    pub(crate) private_key_usage: Option<(Option<Instant<'a>>, Option<Instant<'a>>)>,
    pub(crate) qc: Option<Vec<QcStatement<'a>>>,
    pub(crate) semantics: Option<Semantics<'a>>,

    /// Whom it is for: as expected, or as it says.
    pub(crate) kind: Kind,
    pub(crate) expected: Option<&'a Expectation>,
    pub(crate) ca: Option<&'a Certificate<'a>>,
}

impl<'a> Certificate<'a> {
    /// Reads what can be read; `None` where the outermost shape is not that of a certificate.
    pub(crate) fn parse(der: &'a [u8]) -> Option<Self> {
        let mut outer = Tlv::whole_with(der, SEQUENCE)?.inside();
        let tbs = outer.tagged(SEQUENCE)?;
        let algorithm = outer.tagged(SEQUENCE)?;
        let signature = outer.tagged(BIT_STRING)?.value;
        if !outer.is_done() {
            return None;
        }
        let mut out = Self::empty(der);
        out.signature = signature;
        out.defects = crate::x690::defects(der);
        match Algorithm::parse(algorithm) {
            Some(found) => out.algorithm = found,
            None => out.problem("signatureAlgorithm"),
        }
        out.fields(tbs);
        for extension in &out.extensions {
            crate::x690::more_defects(der, extension.value, &mut out.defects);
        }
        out.decode();
        out.kind = super::kind::detect(&out);
        Some(out)
    }

    fn empty(der: &'a [u8]) -> Self {
        Self {
            der,
            problems: Vec::new(),
            defects: Vec::new(),
            version: 1,
            has_version: false,
            serial: &[],
            tbs_algorithm: Algorithm::default(),
            algorithm: Algorithm::default(),
            signature: &[],
            signature_value: SignatureValue::Real,
            issuer: Name::default(),
            subject: Name::default(),
            not_before: None,
            not_after: None,
            key: Key::default(),
            issuer_unique_id: false,
            subject_unique_id: false,
            has_extensions: false,
            extensions: Vec::new(),
            key_usage: None,
            basic_constraints: None,
            authority_key_id: None,
            subject_key_id: None,
            extended_key_usage: None,
            policies: None,
            subject_alt_names: None,
            issuer_alt_names: None,
            authority_info: None,
            subject_info: None,
            crl_points: None,
            freshest: None,
            private_key_usage: None,
            qc: None,
            semantics: None,
            kind: Kind::EndEntity,
            expected: None,
            ca: None,
        }
    }

    fn problem(&mut self, part: &'static str) {
        self.problems.push(Problem { part });
    }

    fn fields(&mut self, tbs: Tlv<'a>) {
        let mut parts = tbs.inside();
        if let Some(version) = parts.tagged(context_constructed(0)) {
            let number = Tlv::whole_with(version.value, INTEGER).and_then(Tlv::small);
            self.has_version = true;
            self.version = number.map_or(0, |n| n.saturating_add(1));
            if number.is_none() {
                self.problem("version");
            }
        }
        match parts.tagged(INTEGER) {
            Some(serial) => self.serial = serial.value,
            None => self.problem("serialNumber"),
        }
        match parts.tagged(SEQUENCE).and_then(Algorithm::parse) {
            Some(algorithm) => self.tbs_algorithm = algorithm,
            None => self.problem("signature"),
        }
        match parts.tagged(SEQUENCE).and_then(Name::parse) {
            Some(name) => self.issuer = name,
            None => self.problem("issuer"),
        }
        match parts.tagged(SEQUENCE) {
            Some(validity) => {
                let mut times = validity.inside();
                self.not_before = times.next().map(Instant::new);
                self.not_after = times.next().map(Instant::new);
                let read = |t: &Option<Instant<'_>>| t.is_some_and(|t| t.at.is_some());
                if !read(&self.not_before) || !read(&self.not_after) || !times.is_done() {
                    self.problem("validity");
                }
            }
            None => self.problem("validity"),
        }
        match parts.tagged(SEQUENCE).and_then(Name::parse) {
            Some(name) => self.subject = name,
            None => self.problem("subject"),
        }
        match parts.tagged(SEQUENCE).and_then(Key::parse) {
            Some(key) => self.key = key,
            None => self.problem("subjectPublicKeyInfo"),
        }
        let unique = |tlv: &Tlv<'_>, n| tlv.tag == context(n) || tlv.tag == context_constructed(n);
        for tlv in parts.by_ref() {
            if unique(&tlv, 1) {
                self.issuer_unique_id = true;
            } else if unique(&tlv, 2) {
                self.subject_unique_id = true;
            } else if tlv.tag == context_constructed(3) && !self.has_extensions {
                self.has_extensions = true;
                match Tlv::whole(tlv.value) {
                    Some(all) => self.extensions = Extension::all(all, &mut self.problems),
                    None => self.problem("extensions"),
                }
            } else {
                self.problem("tbsCertificate");
            }
        }
        if !parts.is_done() {
            self.problem("tbsCertificate");
        }
    }

    fn decode(&mut self) {
        let octets = |value| Tlv::whole_with(value, OCTET_STRING).map(|t| t.value);
        let names = |value| GeneralName::all(Tlv::whole(value)?);
        macro_rules! read {
            ($field:ident, $oid:ident, $part:literal, $with:expr) => {
                if let Some(found) = self.extension(&oid::$oid) {
                    let value = found.value;
                    self.$field = ($with)(value);
                    if self.$field.is_none() {
                        self.problem($part);
                    }
                }
            };
        }
        read!(key_usage, CE_KEY_USAGE, "keyUsage", KeyUsage::parse);
        read!(
            basic_constraints,
            CE_BASIC_CONSTRAINTS,
            "basicConstraints",
            BasicConstraints::parse
        );
        read!(
            authority_key_id,
            CE_AUTHORITY_KEY_IDENTIFIER,
            "authorityKeyIdentifier",
            AuthorityKeyIdentifier::parse
        );
        read!(
            subject_key_id,
            CE_SUBJECT_KEY_IDENTIFIER,
            "subjectKeyIdentifier",
            octets
        );
        read!(extended_key_usage, CE_EXT_KEY_USAGE, "extKeyUsage", oids);
        read!(
            policies,
            CE_CERTIFICATE_POLICIES,
            "certificatePolicies",
            Policy::all
        );
        read!(
            subject_alt_names,
            CE_SUBJECT_ALT_NAME,
            "subjectAltName",
            names
        );
        read!(issuer_alt_names, CE_ISSUER_ALT_NAME, "issuerAltName", names);
        read!(
            authority_info,
            PE_AUTHORITY_INFO_ACCESS,
            "authorityInfoAccess",
            access_descriptions
        );
        read!(
            subject_info,
            PE_SUBJECT_INFO_ACCESS,
            "subjectInfoAccess",
            access_descriptions
        );
        read!(
            crl_points,
            CE_CRL_DISTRIBUTION_POINTS,
            "cRLDistributionPoints",
            DistributionPoint::all
        );
        read!(
            freshest,
            CE_FRESHEST_CRL,
            "freshestCRL",
            DistributionPoint::all
        );
        read!(
            private_key_usage,
            CE_PRIVATE_KEY_USAGE_PERIOD,
            "privateKeyUsagePeriod",
            private_key_usage_period
        );
        read!(qc, PE_QC_STATEMENTS, "qcStatements", QcStatement::all);
        let mut semantics = None;
        let mut broken = false;
        for statement in self.qc.iter().flatten() {
            if statement.is(oid::QCS_PKIX_SYNTAX_V2) {
                match Semantics::of(statement) {
                    Some(found) => semantics = semantics.or(Some(found)),
                    None => broken = true,
                }
            }
        }
        self.semantics = semantics;
        if broken {
            self.problem("pkixQCSyntax-v2");
        }
    }

    /// Where it is not DER in this way.
    pub(crate) fn defects_of(&self, what: What) -> impl Iterator<Item = &Defect> {
        self.defects.iter().filter(move |d| d.what == what)
    }

    /// The first extension with this OID.
    pub(crate) fn extension(&self, oid: &ObjectIdentifier) -> Option<&Extension<'a>> {
        extension::find(&self.extensions, oid)
    }

    /// Whether an extension is there.
    pub(crate) fn has(&self, oid: &ObjectIdentifier) -> bool {
        self.extension(oid).is_some()
    }

    /// Whether an extension is there and critical.
    pub(crate) fn has_critical(&self, oid: &ObjectIdentifier) -> bool {
        self.extension(oid).is_some_and(Extension::critical)
    }

    /// Whether an extension is there and not critical.
    pub(crate) fn has_uncritical(&self, oid: &ObjectIdentifier) -> bool {
        self.extension(oid).is_some_and(|e| !e.critical())
    }

    /// Whether basicConstraints says that it is a CA.
    pub(crate) fn is_ca(&self) -> bool {
        self.basic_constraints.is_some_and(|b| b.ca)
    }

    /// Whether issuer and subject are the same name.
    pub(crate) fn is_self_issued(&self) -> bool {
        !self.subject.raw.is_empty() && self.issuer.raw == self.subject.raw
    }

    /// The bits of keyUsage; none where it is absent.
    pub(crate) fn usage(&self) -> u16 {
        self.key_usage.map_or(0, |usage| usage.bits)
    }

    /// Whether extKeyUsage has this purpose.
    pub(crate) fn has_purpose(&self, purpose: ObjectIdentifier) -> bool {
        self.extended_key_usage
            .iter()
            .flatten()
            .any(|found| *found == purpose.as_bytes())
    }

    /// Whether certificatePolicies has this policy.
    pub(crate) fn has_policy(&self, policy: ObjectIdentifier) -> bool {
        self.policies
            .iter()
            .flatten()
            .any(|found| found.oid == policy.as_bytes())
    }

    /// The first statement with this OID.
    pub(crate) fn statement(&self, id: ObjectIdentifier) -> Option<&QcStatement<'a>> {
        self.qc.iter().flatten().find(|s| s.is(id))
    }

    /// Whether a statement is made.
    pub(crate) fn states(&self, id: ObjectIdentifier) -> bool {
        self.statement(id).is_some()
    }

    /// The types of QcType (OID contents).
    pub(crate) fn qc_types(&self) -> impl Iterator<Item = &'a [u8]> {
        self.statement(oid::QCS_TYPE)
            .and_then(QcStatement::list)
            .unwrap_or_default()
            .into_iter()
            .filter(|t| t.tag == crate::der::OID)
            .map(|t| t.value)
    }

    /// Whether QcType has this type.
    pub(crate) fn has_qc_type(&self, wanted: ObjectIdentifier) -> bool {
        self.qc_types().any(|found| found == wanted.as_bytes())
    }

    /// Whether the semantics identifier is this one.
    pub(crate) fn has_semantics(&self, wanted: ObjectIdentifier) -> bool {
        self.semantics
            .as_ref()
            .and_then(|s| s.identifier)
            .is_some_and(|found| found == wanted.as_bytes())
    }

    /// Whether it claims, or is meant to claim, to be qualified under some law.
    pub(crate) fn is_qualified(&self) -> bool {
        match self.expected {
            Some(expected) => {
                expected.qualified.is_some() && expected.legislation != Legislation::None
            }
            None => self.states(oid::QCS_COMPLIANCE),
        }
    }

    /// Whether it claims, or is meant to claim, to be qualified under EU law.
    pub(crate) fn is_eu_qualified(&self) -> bool {
        match self.expected {
            Some(expected) => {
                expected.qualified.is_some() && expected.legislation == Legislation::Eu
            }
            None => self.states(oid::QCS_COMPLIANCE) && !self.states(oid::QCS_CC_LEGISLATION),
        }
    }

    /// All URIs of authorityInfoAccess under `method`.
    pub(crate) fn access(&self, method: ObjectIdentifier) -> impl Iterator<Item = GeneralName<'a>> {
        self.authority_info
            .iter()
            .flatten()
            .filter(move |(found, _)| *found == method.as_bytes())
            .map(|(_, location)| *location)
    }

    /// All names of cRLDistributionPoints.
    pub(crate) fn crl_names(&self) -> impl Iterator<Item = GeneralName<'a>> {
        self.crl_points
            .iter()
            .flatten()
            .flat_map(|point| point.full_names.iter().copied())
    }

    /// Whether it says that nobody need ask for its status, for it is short-lived or a responder's.
    pub(crate) fn needs_no_status(&self) -> bool {
        self.has(&oid::EXT_VALASSURED_SHORT_TERM)
            || self.has(&oid::CE_NO_REV_AVAIL)
            || self.has(&oid::OCSP_NO_CHECK)
    }

    /// The first second after the certificate's last, minus its first: its length in seconds.
    pub(crate) fn seconds(&self) -> Option<i64> {
        Some(self.not_after?.at? - self.not_before?.at? + 1)
    }

    /// All qualifiers of all policies.
    pub(crate) fn qualifiers(&self) -> impl Iterator<Item = &Qualifier<'a>> {
        self.policies.iter().flatten().flat_map(|p| &p.qualifiers)
    }

    /// All texts of user notices.
    pub(crate) fn explicit_texts(&self) -> impl Iterator<Item = Tlv<'a>> {
        self.qualifiers().filter_map(|q| q.explicit_text)
    }

    /// All policy mappings; none where there are none or they cannot be read.
    pub(crate) fn mappings(&self) -> Vec<(&'a [u8], &'a [u8])> {
        self.extension(&oid::CE_POLICY_MAPPINGS)
            .and_then(|e| extension::policy_mappings(e.value))
            .unwrap_or_default()
    }

    /// All name constraints; none where there are none or they cannot be read.
    pub(crate) fn subtrees(&self) -> Vec<Subtree<'a>> {
        self.extension(&oid::CE_NAME_CONSTRAINTS)
            .and_then(|e| extension::name_constraints(e.value))
            .unwrap_or_default()
    }

    /// All subjectAltNames of one form.
    pub(crate) fn alt_names(&self, form: u8) -> impl Iterator<Item = GeneralName<'a>> {
        let names = self.subject_alt_names.iter().flatten().copied();
        names.filter(move |n| n.form == form)
    }

    /// All issuerAltNames of one form.
    pub(crate) fn issuer_names(&self, form: u8) -> impl Iterator<Item = GeneralName<'a>> {
        let names = self.issuer_alt_names.iter().flatten().copied();
        names.filter(move |n| n.form == form)
    }

    /// All dNSNames of subjectAltName that are ASCII.
    pub(crate) fn dns_names(&self) -> impl Iterator<Item = &'a str> {
        self.alt_names(GeneralName::DNS).filter_map(|n| n.ascii())
    }

    /// The SignedCertificateTimestampList, its two length octets included (RFC 6962 section 3.3).
    pub(crate) fn sct_list(&self) -> Option<&'a [u8]> {
        let e = self.extension(&oid::CT_SCT_LIST)?;
        Some(Tlv::whole_with(e.value, OCTET_STRING)?.value)
    }

    /// The policies of EN 319 411-2 clause 5.3 among its own (OID contents).
    pub(crate) fn qcp_policies(&self) -> impl Iterator<Item = &'a [u8]> {
        const ARC: &[u8] = &[4, 0, 0x8B, 0xEC, 0x40, 1];
        let policies = self.policies.iter().flatten().map(|p| p.oid);
        policies.filter(|p| matches!(p.strip_prefix(ARC), Some([0..=6])))
    }

    /// Whether one of them is for web sites.
    pub(crate) fn has_web_policy(&self) -> bool {
        [
            oid::POLICY_QEVCP_W,
            oid::POLICY_QNCP_W,
            oid::POLICY_QNCP_W_GEN,
        ]
        .into_iter()
        .any(|p| self.has_policy(p))
    }

    /// Whether the issuer is held to EN 319 412-2: that of a certificate with ETSI marks.
    pub(crate) fn etsi_issuer(&self) -> bool {
        !self.issuer.attributes.is_empty()
    }

    /// Whether EN 319 412-2's prohibitions reach it: persons, and everything under a profile.
    pub(crate) fn etsi_rules(&self) -> bool {
        self.kind.is_person() || self.expected.is_some()
    }

    /// Whether it is qualified for this use.
    pub(crate) fn is_for(&self, wanted: QualifiedUse) -> bool {
        let types = match wanted {
            QualifiedUse::Signature => oid::QCT_ESIGN,
            QualifiedUse::Seal => oid::QCT_ESEAL,
            QualifiedUse::Web => oid::QCT_WEB,
        };
        match self.expected {
            Some(expected) => self.is_qualified() && expected.qualified == Some(wanted),
            None => self.states(oid::QCS_COMPLIANCE) && self.has_qc_type(types),
        }
    }

    /// The values of a subject attribute, where the semantics identifier says how to read them.
    pub(crate) fn identified(
        &self,
        semantics: ObjectIdentifier,
        attribute: ObjectIdentifier,
    ) -> impl Iterator<Item = Cow<'a, str>> {
        let said = self.has_semantics(semantics);
        self.subject
            .all(attribute)
            .filter(move |_| said)
            .map(|a| a.text().unwrap_or_default())
    }

    /// Whether nameRegistrationAuthorities has a URI.
    pub(crate) fn has_registration_authority(&self) -> bool {
        self.semantics
            .as_ref()
            .and_then(|s| s.authorities.as_ref())
            .is_some_and(|names| names.iter().any(|n| n.uri().is_some_and(|u| !u.is_empty())))
    }

    /// The countries of QcCClegislation.
    pub(crate) fn legislations(&self) -> impl Iterator<Item = &'a str> {
        self.statement(oid::QCS_CC_LEGISLATION)
            .and_then(QcStatement::list)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|t| core::str::from_utf8(t.value).ok())
    }

    /// The URL and the language of each location of QcPDS that can be read.
    pub(crate) fn pds(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.statement(oid::QCS_PDS)
            .and_then(QcStatement::list)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|location| {
                let mut parts = location.with(SEQUENCE)?.inside();
                let url = parts.tagged(IA5_STRING)?.value;
                let language = parts.tagged(PRINTABLE_STRING)?.value;
                let whole = parts.is_done() && language.len() == 2 && !url.is_empty();
                let text = |value| core::str::from_utf8(value).ok();
                whole.then_some((text(url)?, text(language)?))
            })
    }

    /// Currency, amount and exponent of QcLimitValue.
    pub(crate) fn limit(&self) -> Option<[Tlv<'a>; 3]> {
        let info = self.statement(oid::QCS_LIMIT_VALUE)?.info?;
        let mut parts = info.with(SEQUENCE)?.inside();
        let currency = parts
            .tagged(PRINTABLE_STRING)
            .or_else(|| parts.tagged(INTEGER))?;
        let amount = parts.tagged(INTEGER)?;
        let exponent = parts.tagged(INTEGER)?;
        parts.is_done().then_some([currency, amount, exponent])
    }
}

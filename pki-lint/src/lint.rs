//! The entry points: a certificate, a CRL (whole or as a stream), an OCSP response.

use pki_asn1::oid;

use crate::context::{Context, CrlContext, Kind, Legislation, OcspContext, SignatureValue};
use crate::der::{INTEGER, Reader, SEQUENCE, Tlv, context_constructed};
use crate::finding::{Finding, Severity};
use crate::rule::{Artifact, Found, RuleInfo};
use crate::rules as table;
use crate::view::{
    Algorithm, Certificate, CrlEntry, CrlHead, CrlHeader, EntryScope, OcspResponse, Problem,
    Revoked, split, start_of,
};

/// What `der` has the shape of; `None` where it is none of the three.
#[must_use]
pub fn detect(der: &[u8]) -> Option<Artifact> {
    let mut outer = Tlv::whole_with(der, SEQUENCE)?.inside();
    if outer.tagged(crate::der::ENUMERATED).is_some() {
        return Some(Artifact::OcspResponse);
    }
    if split(der).is_some() {
        return Some(Artifact::Crl);
    }
    let mut tbs = Tlv::whole_with(der, SEQUENCE)?
        .inside()
        .tagged(SEQUENCE)?
        .inside();
    tbs.tagged(context_constructed(0));
    tbs.tagged(INTEGER)?;
    // Algorithm, issuer, validity, subject, key: a request has fewer.
    let fields = tbs.take(5).filter(|field| field.tag == SEQUENCE).count();
    (fields == 5).then_some(Artifact::Certificate)
}

/// Whom a certificate is for, by what it says itself; `None` where it is no certificate.
#[must_use]
pub fn kind_of(der: &[u8]) -> Option<Kind> {
    Some(Certificate::parse(der)?.kind)
}

/// The law under which a certificate itself claims to be qualified: none without QcCompliance, that
/// of the first country of QcCClegislation, else that of the EU (EN 319 412-5 clauses 4.2.1 and
/// 4.2.4).
#[must_use]
pub fn claimed_legislation(der: &[u8]) -> Legislation {
    let Some(certificate) = Certificate::parse(der) else {
        return Legislation::None;
    };
    if !certificate.states(oid::QCS_COMPLIANCE) {
        return Legislation::None;
    }
    match certificate.legislations().next() {
        Some(country) => Legislation::Country(country.to_owned()),
        None => Legislation::Eu,
    }
}

/// All rules: what they are about, and what is known of them.
pub fn rules() -> impl Iterator<Item = (Artifact, &'static RuleInfo)> {
    let unreadable = UNREADABLE.iter().map(|(artifact, info)| (*artifact, info));
    let certificate = table::certificate::all().map(|r| (Artifact::Certificate, &r.info));
    let crl = table::crl::all().map(|r| (Artifact::Crl, &r.info));
    let entry = table::crl::entries().map(|r| (Artifact::Crl, &r.info));
    let ocsp = table::ocsp::all().map(|r| (Artifact::OcspResponse, &r.info));
    let empty = core::iter::once((Artifact::Crl, &table::crl::EMPTY_REVOKED));
    unreadable
        .chain(certificate)
        .chain(crl)
        .chain(empty)
        .chain(entry)
        .chain(ocsp)
}

/// What stands where there is nothing for rules to look at.
const UNREADABLE: [(Artifact, RuleInfo); 3] = [
    (
        Artifact::Certificate,
        unreadable(
            "x690.certificate-unreadable",
            "RFC 5280 section 4.1",
            "not a certificate",
        ),
    ),
    (
        Artifact::Crl,
        unreadable(
            "x690.crl-unreadable",
            "RFC 5280 section 5.1",
            "not a certificate list",
        ),
    ),
    (
        Artifact::OcspResponse,
        unreadable(
            "x690.ocsp-response-unreadable",
            "RFC 6960 section 4.2.1",
            "not an OCSP response",
        ),
    ),
];

const fn unreadable(id: &'static str, clause: &'static str, defect: &'static str) -> RuleInfo {
    RuleInfo {
        id,
        severity: Severity::Error,
        clause,
        defect,
        since: None,
    }
}

/// All rules that a certificate (DER) breaks, in the order of the table. Without an expectation the
/// kind is read off the certificate.
#[must_use]
pub fn lint_certificate(der: &[u8], context: &Context<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    let ca = context.issuer.and_then(Certificate::parse);
    let Some(mut certificate) = Certificate::parse(der) else {
        Found::new(&UNREADABLE[0].1, &mut out).broken();
        return out;
    };
    certificate.signature_value = context.signature;
    certificate.expected = context.expectation;
    certificate.ca = ca.as_ref();
    if let Some(expected) = context.expectation {
        certificate.kind = expected.kind;
    }
    let issued = certificate.not_before.and_then(|t| t.at);
    for rule in table::certificate::all() {
        if holds(&rule.info, issued) {
            (rule.check)(&certificate, &mut Found::new(&rule.info, &mut out));
        }
    }
    out
}

/// All rules that an OCSP response (DER) breaks, in the order of the table.
#[must_use]
pub fn lint_ocsp_response(der: &[u8], context: &OcspContext<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    let ca = context.issuer.and_then(Certificate::parse);
    let Some(mut response) = OcspResponse::parse(der) else {
        Found::new(&UNREADABLE[2].1, &mut out).broken();
        return out;
    };
    response.expected = *context;
    response.ca = ca.as_ref();
    let issued = response.produced_at.and_then(|t| t.at);
    for rule in table::ocsp::all() {
        if holds(&rule.info, issued) {
            (rule.check)(&response, &mut Found::new(&rule.info, &mut out));
        }
    }
    out
}

/// All rules that a CRL (DER) breaks. Nothing is allocated per entry.
#[must_use]
pub fn lint_crl(der: &[u8], context: &CrlContext<'_>) -> Vec<Finding> {
    let Some(parts) = split(der) else {
        let mut out = Vec::new();
        Found::new(&UNREADABLE[1].1, &mut out).broken();
        return out;
    };
    let mut header = CrlHeader::new(&parts.head);
    let mut problem = |part| header.problems.push(Problem { part });
    if parts.stray {
        problem("tbsCertList");
    }
    if !elements_only(parts.entries) {
        problem("revokedCertificates");
    }
    if parts.signature.len() < 2 && context.signature == SignatureValue::Real {
        problem("signatureValue");
    }
    header.algorithm = Algorithm::parse(parts.algorithm);
    if context.signature == SignatureValue::Real {
        header.signature = Some(parts.signature);
    }
    if header.algorithm.is_none() {
        problem("signatureAlgorithm");
    }
    let mut stream = CrlStream::with(header, context);
    for entry in Reader::new(parts.entries) {
        stream.entry(entry.raw);
    }
    stream.finish()
}

fn elements_only(input: &[u8]) -> bool {
    let mut reader = Reader::new(input);
    reader.by_ref().for_each(drop);
    reader.is_done()
}

/// A CRL that is linted while it is made: the parts around the entries once, then each entry's DER,
/// then [`Self::finish`]. What it keeps does not grow with the entries.
#[derive(Debug)]
pub struct CrlStream {
    out: Vec<Finding>,
    scope: EntryScope,
    revoked: Revoked,
    entries: u64,
    /// How often each rule on entries was broken, in the order of their table.
    broken: Vec<usize>,
    last_serial: Vec<u8>,
}

impl CrlStream {
    /// Begins with everything but the entries.
    #[must_use]
    pub fn begin(head: &CrlHead<'_>, context: &CrlContext<'_>) -> Self {
        Self::with(CrlHeader::new(head), context)
    }

    fn with(header: CrlHeader<'_>, context: &CrlContext<'_>) -> Self {
        // As long as the shortest of what it borrows.
        let mut header: CrlHeader<'_> = header;
        let ca = context.issuer.and_then(Certificate::parse);
        header.expected = *context;
        header.ca = ca.as_ref();
        let issued = header.this_update.and_then(|t| t.at);
        let mut out = Vec::new();
        for rule in table::crl::all() {
            if holds(&rule.info, issued) {
                (rule.check)(&header, &mut Found::new(&rule.info, &mut out));
            }
        }
        Self {
            out,
            scope: EntryScope::of(&header),
            revoked: match header.has_revoked {
                true => Revoked::Present,
                false => Revoked::Absent,
            },
            entries: 0,
            broken: vec![0; table::crl::entries().count()],
            last_serial: Vec::new(),
        }
    }

    /// One entry of revokedCertificates (DER), in the order of the CRL.
    pub fn entry(&mut self, der: &[u8]) {
        self.entries += 1;
        let before = (self.entries > 1).then_some(self.last_serial.as_slice());
        let entry = CrlEntry::parse(der, self.entries, before);
        for (rule, broken) in table::crl::entries().zip(&mut self.broken) {
            let earlier = self.out.len();
            let mut found = Found::resumed(&rule.info, &mut self.out, *broken);
            (rule.check)(&self.scope, &entry, &mut found);
            *broken += self.out.len() - earlier;
        }
        let serial = entry.serial;
        self.last_serial.clear();
        // A serial number has at most 20 octets (RFC 5280 section 5.1.2.6); a hostile one is cut.
        self.last_serial
            .extend_from_slice(&serial[..serial.len().min(64)]);
    }

    /// Everything that was found.
    #[must_use]
    pub fn finish(mut self) -> Vec<Finding> {
        if self.revoked == Revoked::Present && self.entries == 0 {
            Found::new(&table::crl::EMPTY_REVOKED, &mut self.out).broken();
        }
        self.out
    }
}

/// Whether a rule holds for what was issued `at` (seconds since 1970). What has no readable date is
/// held to everything.
fn holds(info: &RuleInfo, at: Option<i64>) -> bool {
    match (info.since, at) {
        (Some(day), Some(at)) => at >= start_of(day),
        _ => true,
    }
}

//! `CertificateList` (RFC 5280 section 5.1): its header and extensions once, its entries one at a
//! time, so that a million of them cost no memory.

use pki_asn1::oid::{self, ObjectIdentifier};

use super::{Algorithm, Certificate, Extension, GeneralName, Instant, Name, Problem};
use super::{AuthorityKeyIdentifier, extension};
use crate::context::CrlContext;
use crate::der::{BOOLEAN, ENUMERATED, INTEGER, SEQUENCE, Tlv, context, context_constructed};
use crate::x690::Defect;

/// Everything of a CRL but its entries.
#[derive(Debug)]
pub(crate) struct CrlHeader<'a> {
    pub(crate) problems: Vec<Problem>,
    pub(crate) defects: Vec<Defect>,
    /// As people count it: 1, 2; 0 where it is no such number.
    pub(crate) version: u64,
    pub(crate) tbs_algorithm: Algorithm<'a>,
    /// Outside; `None` where there is no outside yet.
    pub(crate) algorithm: Option<Algorithm<'a>>,
    pub(crate) issuer: Name<'a>,
    pub(crate) this_update: Option<Instant<'a>>,
    pub(crate) next_update: Option<Instant<'a>>,
    /// Whether revokedCertificates is there, and how many entries were seen.
    pub(crate) has_revoked: bool,
    pub(crate) has_extensions: bool,
    pub(crate) extensions: Vec<Extension<'a>>,
    pub(crate) authority_key_id: Option<AuthorityKeyIdentifier<'a>>,
    pub(crate) number: Option<&'a [u8]>,
    pub(crate) base_number: Option<&'a [u8]>,
    pub(crate) scope: Option<IssuingDistributionPoint<'a>>,
    /// The contents of signatureValue; `None` where there is none yet.
    pub(crate) signature: Option<&'a [u8]>,
    pub(crate) expected: CrlContext<'a>,
    pub(crate) ca: Option<&'a Certificate<'a>>,
}

/// `IssuingDistributionPoint` (RFC 5280 section 5.2.5) as it is written.
#[derive(Clone, Debug)]
pub(crate) struct IssuingDistributionPoint<'a> {
    pub(crate) names: Vec<GeneralName<'a>>,
    pub(crate) named: bool,
    /// onlyContainsUserCerts, onlyContainsCACerts and onlyContainsAttributeCerts.
    pub(crate) only: [bool; 3],
    pub(crate) some_reasons: bool,
    pub(crate) indirect: bool,
    /// Whether one of the BOOLEANs is FALSE, which is the default, or no BOOLEAN of DER.
    pub(crate) boolean_not_der: bool,
}

impl<'a> IssuingDistributionPoint<'a> {
    fn parse(value: &'a [u8]) -> Option<Self> {
        let mut parts = Tlv::whole_with(value, SEQUENCE)?.inside();
        let name = parts.tagged(context_constructed(0));
        let names = match name.and_then(|n| Tlv::whole(n.value)) {
            Some(full) if full.tag == context_constructed(0) => GeneralName::all_in(full.value)?,
            _ => Vec::new(),
        };
        let mut boolean_not_der = false;
        let mut truth = |t: Option<Tlv<'_>>| {
            boolean_not_der |= t.is_some_and(|t| t.value != [0xFF]);
            t.is_some_and(|t| t.value != [0])
        };
        let users = truth(parts.tagged(context(1)));
        let cas = truth(parts.tagged(context(2)));
        let some_reasons = parts.tagged(context(3)).is_some();
        let indirect = truth(parts.tagged(context(4)));
        let attributes = truth(parts.tagged(context(5)));
        parts.is_done().then_some(Self {
            names,
            named: name.is_some(),
            only: [users, cas, attributes],
            some_reasons,
            indirect,
            boolean_not_der,
        })
    }
}

/// The parts of a `TBSCertList` that stand around the entries, each as its DER.
#[derive(Clone, Copy, Debug, Default)]
pub struct CrlHead<'a> {
    /// The INTEGER; `None` where it is left out.
    pub version: Option<&'a [u8]>,
    /// The AlgorithmIdentifier inside the signed bytes.
    pub signature: &'a [u8],
    /// The issuer's Name.
    pub issuer: &'a [u8],
    /// thisUpdate with its tag.
    pub this_update: &'a [u8],
    /// nextUpdate with its tag.
    pub next_update: Option<&'a [u8]>,
    /// The Extensions SEQUENCE, without the `[0]` around it.
    pub extensions: Option<&'a [u8]>,
    /// Whether revokedCertificates is there.
    pub revoked: Revoked,
}

/// Whether a CRL has a list of revoked certificates.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Revoked {
    /// Its SEQUENCE is there, and the entries follow.
    #[default]
    Present,
    /// It is left out, as it must be where nothing is revoked.
    Absent,
}

impl<'a> CrlHeader<'a> {
    pub(crate) fn new(head: &CrlHead<'a>) -> Self {
        let mut out = Self {
            problems: Vec::new(),
            defects: Vec::new(),
            version: 1,
            tbs_algorithm: Algorithm::default(),
            algorithm: None,
            issuer: Name::default(),
            this_update: None,
            next_update: None,
            has_revoked: head.revoked == Revoked::Present,
            has_extensions: head.extensions.is_some(),
            extensions: Vec::new(),
            authority_key_id: None,
            number: None,
            base_number: None,
            scope: None,
            signature: None,
            expected: CrlContext::default(),
            ca: None,
        };
        if let Some(version) = head.version {
            let number = Tlv::whole_with(version, INTEGER).and_then(Tlv::small);
            out.version = number.map_or(0, |n| n.saturating_add(1));
        }
        let parts = [
            Some(head.signature),
            Some(head.issuer),
            Some(head.this_update),
        ];
        let parts = parts
            .into_iter()
            .chain([head.version, head.next_update, head.extensions]);
        for part in parts.flatten() {
            out.defects.extend(crate::x690::defects(part));
        }
        let problems = &mut out.problems;
        let mut problem = |part| problems.push(Problem { part });
        match Tlv::whole(head.signature).and_then(Algorithm::parse) {
            Some(algorithm) => out.tbs_algorithm = algorithm,
            None => problem("signature"),
        }
        match Tlv::whole(head.issuer).and_then(Name::parse) {
            Some(name) => out.issuer = name,
            None => problem("issuer"),
        }
        out.this_update = Tlv::whole(head.this_update).map(Instant::new);
        out.next_update = head.next_update.and_then(Tlv::whole).map(Instant::new);
        if out.this_update.is_none_or(|t| t.at.is_none()) {
            problem("thisUpdate");
        }
        if head.next_update.is_some() && out.next_update.is_none_or(|t| t.at.is_none()) {
            problem("nextUpdate");
        }
        if let Some(extensions) = head.extensions {
            match Tlv::whole(extensions) {
                Some(all) => out.extensions = Extension::all(all, &mut out.problems),
                None => out.problems.push(Problem {
                    part: "crlExtensions",
                }),
            }
        }
        for extension in &out.extensions {
            crate::x690::more_defects(extension.value, extension.value, &mut out.defects);
        }
        out.decode();
        out
    }

    fn decode(&mut self) {
        let integer = |value| Tlv::whole_with(value, INTEGER).map(|t| t.value);
        macro_rules! read {
            ($field:ident, $oid:ident, $part:literal, $with:expr) => {
                if let Some(found) = extension::find(&self.extensions, &oid::$oid) {
                    self.$field = ($with)(found.value);
                    if self.$field.is_none() {
                        self.problems.push(Problem { part: $part });
                    }
                }
            };
        }
        read!(
            authority_key_id,
            CE_AUTHORITY_KEY_IDENTIFIER,
            "authorityKeyIdentifier",
            AuthorityKeyIdentifier::parse
        );
        read!(number, CE_CRL_NUMBER, "cRLNumber", integer);
        read!(
            base_number,
            CE_DELTA_CRL_INDICATOR,
            "deltaCRLIndicator",
            integer
        );
        read!(
            scope,
            CE_ISSUING_DISTRIBUTION_POINT,
            "issuingDistributionPoint",
            IssuingDistributionPoint::parse
        );
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

    /// Whether it lists changes only.
    pub(crate) fn is_delta(&self) -> bool {
        self.has(&oid::CE_DELTA_CRL_INDICATOR)
    }
}

/// The parts of a whole `CertificateList`.
pub(crate) struct CrlParts<'a> {
    pub(crate) head: CrlHead<'a>,
    pub(crate) algorithm: Tlv<'a>,
    /// The contents of revokedCertificates.
    pub(crate) entries: &'a [u8],
    /// Whether something stands in the TBSCertList that does not belong there.
    pub(crate) stray: bool,
    pub(crate) signature: &'a [u8],
}

/// Splits a whole CRL; `None` where it has not the shape of one.
pub(crate) fn split(der: &[u8]) -> Option<CrlParts<'_>> {
    let mut outer = Tlv::whole_with(der, SEQUENCE)?.inside();
    let tbs = outer.tagged(SEQUENCE)?;
    let algorithm = outer.tagged(SEQUENCE)?;
    let signature = outer.tagged(crate::der::BIT_STRING)?;
    if !outer.is_done() {
        return None;
    }
    let mut parts = tbs.inside();
    let version = parts.tagged(INTEGER).map(|t| t.raw);
    let signed_with = parts.tagged(SEQUENCE)?.raw;
    let issuer = parts.tagged(SEQUENCE)?.raw;
    let is_time = |tlv: &Tlv<'_>| tlv.tag == 0x17 || tlv.tag == 0x18;
    let this_update = parts.next().filter(is_time)?.raw;
    let next_update = parts
        .tagged(0x17)
        .or_else(|| parts.tagged(0x18))
        .map(|t| t.raw);
    let revoked = parts.tagged(SEQUENCE);
    let wrapped = parts.tagged(context_constructed(0));
    Some(CrlParts {
        head: CrlHead {
            version,
            signature: signed_with,
            issuer,
            this_update,
            next_update,
            extensions: wrapped.map(|w| w.value),
            revoked: match revoked {
                Some(_) => Revoked::Present,
                None => Revoked::Absent,
            },
        },
        algorithm,
        entries: revoked.map_or(&[], |r| r.value),
        stray: !parts.is_done(),
        signature: signature.value,
    })
}

/// What the rules on entries know of the CRL.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EntryScope {
    pub(crate) version: u64,
    pub(crate) delta: bool,
    pub(crate) indirect: bool,
    pub(crate) this_update: Option<i64>,
}

impl EntryScope {
    pub(crate) fn of(header: &CrlHeader<'_>) -> Self {
        Self {
            version: header.version,
            delta: header.is_delta(),
            indirect: header.scope.as_ref().is_some_and(|s| s.indirect),
            this_update: header.this_update.and_then(|t| t.at),
        }
    }
}

/// One entry of revokedCertificates, without an allocation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CrlEntry<'a> {
    /// Which entry, counted from 1.
    pub(crate) position: u64,
    pub(crate) serial: &'a [u8],
    pub(crate) revoked_at: Option<Instant<'a>>,
    /// The contents of crlEntryExtensions; `None` where absent.
    pub(crate) extensions: Option<&'a [u8]>,
    /// reasonCode, where it is a number.
    pub(crate) reason: Option<u64>,
    pub(crate) reason_critical: bool,
    pub(crate) invalidity: Option<Instant<'a>>,
    pub(crate) invalidity_critical: bool,
    pub(crate) certificate_issuer: bool,
    pub(crate) hold_instruction: bool,
    /// Whether something in it cannot be read, and whether an extension is there twice.
    pub(crate) broken: bool,
    pub(crate) duplicate_extension: bool,
    pub(crate) unknown_critical: bool,
    /// Whether it is not DER.
    pub(crate) not_der: bool,
    /// Whether the entry before had the same serial number.
    pub(crate) repeated: bool,
}

impl<'a> CrlEntry<'a> {
    pub(crate) fn parse(der: &'a [u8], position: u64, before: Option<&[u8]>) -> Self {
        let mut out = Self {
            position,
            serial: &[],
            revoked_at: None,
            extensions: None,
            reason: None,
            reason_critical: false,
            invalidity: None,
            invalidity_critical: false,
            certificate_issuer: false,
            hold_instruction: false,
            broken: false,
            duplicate_extension: false,
            unknown_critical: false,
            not_der: !crate::x690::is_der(der),
            repeated: false,
        };
        out.broken = out.fill(der).is_none();
        out.repeated = before == Some(out.serial);
        out
    }

    fn fill(&mut self, der: &'a [u8]) -> Option<()> {
        let mut parts = Tlv::whole_with(der, SEQUENCE)?.inside();
        self.serial = parts.tagged(INTEGER)?.value;
        self.revoked_at = Some(Instant::new(parts.next()?));
        self.revoked_at?.at?;
        let Some(extensions) = parts.tagged(SEQUENCE) else {
            return parts.is_done().then_some(());
        };
        self.extensions = Some(extensions.value);
        // Each known extension is one bit; the same twice is a duplicate.
        let mut seen = 0_u8;
        let mut inside = extensions.inside();
        for tlv in inside.by_ref() {
            let mut parts = tlv.with(SEQUENCE)?.inside();
            let oid = parts.tagged(crate::der::OID)?.value;
            let written = parts.tagged(BOOLEAN).map(|b| b.value);
            let critical = written.is_some_and(|b| b != [0]);
            let value = parts.tagged(crate::der::OCTET_STRING)?.value;
            if !parts.is_done() {
                return None;
            }
            // FALSE is the default; what is inside is DER too.
            self.not_der |= written == Some(&[0]) || !crate::x690::is_der(value);
            let known = |o: ObjectIdentifier| oid == o.as_bytes();
            let bit = if known(oid::CE_REASON_CODE) {
                self.reason = Some(Tlv::whole_with(value, ENUMERATED)?.small()?);
                self.reason_critical = critical;
                1
            } else if known(oid::CE_INVALIDITY_DATE) {
                self.invalidity = Some(Instant::new(Tlv::whole(value)?));
                self.invalidity_critical = critical;
                self.invalidity?.at?;
                2
            } else if known(oid::CE_CERTIFICATE_ISSUER) {
                self.certificate_issuer = true;
                4
            } else if known(oid::CE_HOLD_INSTRUCTION) {
                self.hold_instruction = true;
                8
            } else {
                self.unknown_critical |= critical;
                0
            };
            self.duplicate_extension |= seen & bit != 0;
            seen |= bit;
        }
        (inside.is_done() && parts.is_done()).then_some(())
    }
}

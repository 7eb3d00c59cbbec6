//! `Extension` (RFC 5280 section 4.1.2.9) and the extensions that several rules look into.

use pki_asn1::oid::ObjectIdentifier;

use super::{GeneralName, Instant, Problem};
use crate::der::{
    BIT_STRING, BOOLEAN, GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, SEQUENCE, Tlv, context,
    context_constructed,
};

/// One extension.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extension<'a> {
    /// Its OID (contents).
    pub(crate) oid: &'a [u8],
    /// The contents of the BOOLEAN, where it is written.
    pub(crate) written_critical: Option<&'a [u8]>,
    /// What is inside the OCTET STRING.
    pub(crate) value: &'a [u8],
}

impl<'a> Extension<'a> {
    fn new(tlv: Tlv<'a>) -> Option<Self> {
        let mut parts = tlv.with(SEQUENCE)?.inside();
        let oid = parts.tagged(OID)?.value;
        let written_critical = parts.tagged(BOOLEAN).map(|b| b.value);
        let value = parts.tagged(OCTET_STRING)?.value;
        parts.is_done().then_some(Self {
            oid,
            written_critical,
            value,
        })
    }

    /// The extensions in a SEQUENCE OF, and whether all of them could be read.
    pub(crate) fn all(sequence: Tlv<'a>, problems: &mut Vec<Problem>) -> Vec<Self> {
        let mut out = Vec::with_capacity(12);
        let mut inside = sequence.inside();
        let mut broken = sequence.tag != SEQUENCE;
        for tlv in inside.by_ref() {
            match Self::new(tlv) {
                Some(extension) => out.push(extension),
                None => broken = true,
            }
        }
        if broken || !inside.is_done() {
            problems.push(Problem { part: "extensions" });
        }
        out
    }

    pub(crate) fn critical(&self) -> bool {
        self.written_critical.is_some_and(|b| b != [0])
    }

    /// The whole value, where it is one.
    pub(crate) fn tlv(&self) -> Option<Tlv<'a>> {
        Tlv::whole(self.value)
    }
}

/// The first extension with this OID.
pub(crate) fn find<'s, 'a>(
    extensions: &'s [Extension<'a>],
    oid: &ObjectIdentifier,
) -> Option<&'s Extension<'a>> {
    extensions.iter().find(|e| e.oid == oid.as_bytes())
}

/// `KeyUsage` (RFC 5280 section 4.2.1.3).
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyUsage<'a> {
    /// Bit 0 of the standard is bit 0 here.
    pub(crate) bits: u16,
    /// The unused-bits octet and the octets after it.
    pub(crate) written: &'a [u8],
}

/// The bits of keyUsage.
pub(crate) mod bit {
    pub(crate) const DIGITAL_SIGNATURE: u16 = 1;
    pub(crate) const NON_REPUDIATION: u16 = 1 << 1;
    pub(crate) const KEY_ENCIPHERMENT: u16 = 1 << 2;
    pub(crate) const DATA_ENCIPHERMENT: u16 = 1 << 3;
    pub(crate) const KEY_AGREEMENT: u16 = 1 << 4;
    pub(crate) const KEY_CERT_SIGN: u16 = 1 << 5;
    pub(crate) const CRL_SIGN: u16 = 1 << 6;
    pub(crate) const ENCIPHER_ONLY: u16 = 1 << 7;
    pub(crate) const DECIPHER_ONLY: u16 = 1 << 8;
}

impl<'a> KeyUsage<'a> {
    pub(crate) fn parse(value: &'a [u8]) -> Option<Self> {
        let written = Tlv::whole_with(value, BIT_STRING)?.value;
        let (unused, octets) = written.split_first()?;
        if *unused > 7 || (octets.is_empty() && *unused != 0) {
            return None;
        }
        let first = octets.first().map_or(0, |b| u16::from(b.reverse_bits()));
        let second = octets.get(1).map_or(0, |b| u16::from(b.reverse_bits()));
        Some(Self {
            bits: first | (second & 1) << 8,
            written,
        })
    }

    /// Whether any of `bits` is set.
    pub(crate) fn any(&self, bits: u16) -> bool {
        self.bits & bits != 0
    }
}

/// `BasicConstraints` (RFC 5280 section 4.2.1.9).
#[derive(Clone, Copy, Debug)]
pub(crate) struct BasicConstraints<'a> {
    pub(crate) ca: bool,
    /// The contents of the BOOLEAN, where it is written.
    pub(crate) written_ca: Option<&'a [u8]>,
    /// The contents of pathLenConstraint.
    pub(crate) path_length: Option<&'a [u8]>,
}

impl<'a> BasicConstraints<'a> {
    pub(crate) fn parse(value: &'a [u8]) -> Option<Self> {
        let mut parts = Tlv::whole_with(value, SEQUENCE)?.inside();
        let written_ca = parts.tagged(BOOLEAN).map(|b| b.value);
        let path_length = parts.tagged(INTEGER).map(|n| n.value);
        parts.is_done().then_some(Self {
            ca: written_ca.is_some_and(|b| b != [0]),
            written_ca,
            path_length,
        })
    }

    /// pathLenConstraint as a number.
    pub(crate) fn path_length(&self) -> Option<u64> {
        self.path_length.and_then(crate::der::small)
    }
}

/// `AuthorityKeyIdentifier` (RFC 5280 section 4.2.1.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct AuthorityKeyIdentifier<'a> {
    pub(crate) key_identifier: Option<&'a [u8]>,
    pub(crate) issuer: Option<&'a [u8]>,
    pub(crate) serial: Option<&'a [u8]>,
}

impl<'a> AuthorityKeyIdentifier<'a> {
    pub(crate) fn parse(value: &'a [u8]) -> Option<Self> {
        let mut parts = Tlv::whole_with(value, SEQUENCE)?.inside();
        let key_identifier = parts.tagged(context(0)).map(|t| t.value);
        let issuer = parts.tagged(context_constructed(1)).map(|t| t.value);
        let serial = parts.tagged(context(2)).map(|t| t.value);
        parts.is_done().then_some(Self {
            key_identifier,
            issuer,
            serial,
        })
    }
}

/// `DistributionPoint` (RFC 5280 section 4.2.1.13).
#[derive(Clone, Debug)]
pub(crate) struct DistributionPoint<'a> {
    /// fullName; empty where the name is relative or absent.
    pub(crate) full_names: Vec<GeneralName<'a>>,
    /// Whether distributionPoint is there.
    pub(crate) named: bool,
    /// Whether reasons is there.
    pub(crate) reasons: bool,
    /// cRLIssuer.
    pub(crate) crl_issuer: Option<Vec<GeneralName<'a>>>,
}

impl<'a> DistributionPoint<'a> {
    /// `CRLDistributionPoints`, which may (wrongly) be empty.
    pub(crate) fn all(value: &'a [u8]) -> Option<Vec<Self>> {
        Tlv::whole_with(value, SEQUENCE)?
            .elements()?
            .into_iter()
            .map(|tlv| {
                let mut parts = tlv.with(SEQUENCE)?.inside();
                let name = parts.tagged(context_constructed(0));
                let full_names = match name.and_then(|n| Tlv::whole(n.value)) {
                    Some(full) if full.tag == context_constructed(0) => {
                        GeneralName::all_in(full.value)?
                    }
                    _ => Vec::new(),
                };
                let reasons = parts.tagged(context(1)).is_some();
                let crl_issuer = match parts.tagged(context_constructed(2)) {
                    Some(names) => Some(GeneralName::all_in(names.value)?),
                    None => None,
                };
                parts.is_done().then_some(Self {
                    full_names,
                    named: name.is_some(),
                    reasons,
                    crl_issuer,
                })
            })
            .collect()
    }
}

/// `AuthorityInfoAccessSyntax` and `SubjectInfoAccessSyntax` (RFC 5280 section 4.2.2): method (OID
/// contents) and location.
pub(crate) fn access_descriptions(value: &[u8]) -> Option<Vec<(&[u8], GeneralName<'_>)>> {
    Tlv::whole_with(value, SEQUENCE)?
        .elements()?
        .into_iter()
        .map(|tlv| {
            let mut parts = tlv.with(SEQUENCE)?.inside();
            let method = parts.tagged(OID)?.value;
            let location = GeneralName::new(parts.next()?)?;
            parts.is_done().then_some((method, location))
        })
        .collect()
}

/// A SEQUENCE OF OBJECT IDENTIFIER (contents), which may (wrongly) be empty.
pub(crate) fn oids(value: &[u8]) -> Option<Vec<&[u8]>> {
    Tlv::whole_with(value, SEQUENCE)?
        .elements()?
        .into_iter()
        .map(|tlv| Some(tlv.with(OID)?.value))
        .collect()
}

/// `PrivateKeyUsagePeriod` (RFC 3280 section 4.2.1.4): notBefore and notAfter.
pub(crate) fn private_key_usage_period<'a>(
    value: &'a [u8],
) -> Option<(Option<Instant<'a>>, Option<Instant<'a>>)> {
    let mut parts = Tlv::whole_with(value, SEQUENCE)?.inside();
    // The implicit tag hides a GeneralizedTime.
    let time = |tlv: Tlv<'a>| {
        Instant::new(Tlv {
            tag: GENERALIZED_TIME,
            ..tlv
        })
    };
    let first = parts.tagged(context(0)).map(time);
    let last = parts.tagged(context(1)).map(time);
    parts.is_done().then_some((first, last))
}

/// `GeneralSubtree` (RFC 5280 section 4.2.1.10).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subtree<'a> {
    pub(crate) base: GeneralName<'a>,
    /// The contents of minimum and maximum, where they are written.
    pub(crate) minimum: Option<&'a [u8]>,
    pub(crate) maximum: Option<&'a [u8]>,
}

/// `NameConstraints` (RFC 5280 section 4.2.1.10): all permitted and excluded subtrees; empty where
/// it constrains nothing.
pub(crate) fn name_constraints(value: &[u8]) -> Option<Vec<Subtree<'_>>> {
    let mut parts = Tlv::whole_with(value, SEQUENCE)?.inside();
    let permitted = parts.tagged(context_constructed(0));
    let excluded = parts.tagged(context_constructed(1));
    let mut out = Vec::new();
    for list in [permitted, excluded].into_iter().flatten() {
        for subtree in list.elements()? {
            let mut fields = subtree.with(SEQUENCE)?.inside();
            let base = GeneralName::new(fields.next()?)?;
            let minimum = fields.tagged(context(0)).map(|t| t.value);
            let maximum = fields.tagged(context(1)).map(|t| t.value);
            out.push(Subtree {
                base,
                minimum,
                maximum,
            });
        }
    }
    parts.is_done().then_some(out)
}

/// `PolicyMappings` (RFC 5280 section 4.2.1.5): issuerDomainPolicy and subjectDomainPolicy (OID
/// contents).
pub(crate) fn policy_mappings(value: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    Tlv::whole_with(value, SEQUENCE)?
        .elements()?
        .into_iter()
        .map(|tlv| {
            let mut parts = tlv.with(SEQUENCE)?.inside();
            Some((parts.tagged(OID)?.value, parts.tagged(OID)?.value))
        })
        .collect()
}

//! `Name` (RFC 5280 section 4.1.2.4) and the strings in it.

use core::fmt;
use std::borrow::Cow;

use pki_asn1::oid::{self, ObjectIdentifier};

use crate::der::{
    BMP_STRING, IA5_STRING, NUMERIC_STRING, OID, PRINTABLE_STRING, SEQUENCE, SET, TELETEX_STRING,
    Tlv, UNIVERSAL_STRING, UTF8_STRING, VISIBLE_STRING,
};
use crate::syntax::iso::is_iso_country;

/// A distinguished name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Name<'a> {
    /// The whole `Name`.
    pub(crate) raw: &'a [u8],
    /// Its attributes in order.
    pub(crate) attributes: Vec<Attribute<'a>>,
    /// Whether an RDN is an empty SET.
    pub(crate) empty_rdn: bool,
}

/// One attribute of a name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attribute<'a> {
    /// Its type (OID contents).
    pub(crate) oid: &'a [u8],
    /// The tag of its value.
    pub(crate) tag: u8,
    /// The contents of its value.
    pub(crate) value: &'a [u8],
}

impl<'a> Name<'a> {
    /// Reads a `Name`; `None` where it is none.
    pub(crate) fn parse(tlv: Tlv<'a>) -> Option<Self> {
        let rdns = tlv.with(SEQUENCE)?.elements()?;
        let mut out = Self {
            raw: tlv.raw,
            attributes: Vec::with_capacity(rdns.len()),
            empty_rdn: false,
        };
        for set in &rdns {
            let mut any = false;
            let mut inside = set.with(SET)?.inside();
            for attribute in inside.by_ref() {
                let mut parts = attribute.with(SEQUENCE)?.inside();
                let (oid, value) = (parts.tagged(OID)?, parts.next()?);
                if !parts.is_done() {
                    return None;
                }
                any = true;
                out.attributes.push(Attribute {
                    oid: oid.value,
                    tag: value.tag,
                    value: value.value,
                });
            }
            if !inside.is_done() {
                return None;
            }
            out.empty_rdn |= !any;
        }
        Some(out)
    }

    /// All values of an attribute.
    pub(crate) fn all(&self, oid: ObjectIdentifier) -> impl Iterator<Item = &Attribute<'a>> {
        self.attributes
            .iter()
            .filter(move |a| a.oid == oid.as_bytes())
    }

    /// The first value of an attribute.
    pub(crate) fn first(&self, oid: ObjectIdentifier) -> Option<&Attribute<'a>> {
        self.all(oid).next()
    }

    /// Whether an attribute is there.
    pub(crate) fn has(&self, oid: ObjectIdentifier) -> bool {
        self.first(oid).is_some()
    }

    /// Whether a value of an attribute has more than `limit` characters.
    pub(crate) fn longer(&self, oid: ObjectIdentifier, limit: usize) -> bool {
        self.all(oid).any(|a| a.characters() > limit)
    }

    /// Whether every countryName is an ISO 3166-1 alpha-2 code in capitals.
    pub(crate) fn has_iso_country(&self) -> bool {
        self.all(oid::AT_COUNTRY)
            .all(|a| a.text().is_some_and(|code| is_iso_country(&code)))
    }

    /// How often an attribute is there.
    pub(crate) fn count(&self, oid: ObjectIdentifier) -> usize {
        self.all(oid).count()
    }
}

impl<'a> Attribute<'a> {
    /// Its value as text; `None` where it is no string or not one of its alphabet.
    pub(crate) fn text(&self) -> Option<Cow<'a, str>> {
        text(self.tag, self.value)
    }

    /// How many characters it has; octets where it is no string.
    pub(crate) fn characters(&self) -> usize {
        match self.tag {
            BMP_STRING => self.value.len() / 2,
            UNIVERSAL_STRING => self.value.len() / 4,
            UTF8_STRING => match core::str::from_utf8(self.value) {
                Ok(text) => text.chars().count(),
                Err(_) => self.value.len(),
            },
            _ => self.value.len(),
        }
    }

    /// Its type as people write it.
    pub(crate) fn label(&self) -> Label<'a> {
        Label(self.oid)
    }
}

/// The characters of an ASN.1 string; `None` where it is none or not of its alphabet.
pub(crate) fn text(tag: u8, value: &[u8]) -> Option<Cow<'_, str>> {
    match tag {
        UTF8_STRING | PRINTABLE_STRING | IA5_STRING | NUMERIC_STRING | VISIBLE_STRING => {
            core::str::from_utf8(value).ok().map(Cow::Borrowed)
        }
        // Nobody implements T.61; everybody means Latin-1.
        TELETEX_STRING => Some(value.iter().map(|b| char::from(*b)).collect()),
        BMP_STRING => {
            let (pairs, rest) = value.as_chunks::<2>();
            let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
            rest.is_empty()
                .then(|| {
                    char::decode_utf16(units)
                        .collect::<Result<String, _>>()
                        .ok()
                })?
                .map(Cow::Owned)
        }
        UNIVERSAL_STRING => {
            let (words, rest) = value.as_chunks::<4>();
            let words = words
                .iter()
                .map(|word| char::from_u32(u32::from_be_bytes(*word)));
            rest.is_empty()
                .then(|| words.collect::<Option<String>>())?
                .map(Cow::Owned)
        }
        _ => None,
    }
}

/// An OID as people write it: its name where it has one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Label<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match ObjectIdentifier::from_bytes(self.0) {
            Ok(known) => match oid::label(&known) {
                Some(label) => f.write_str(label),
                None => write!(f, "{known}"),
            },
            Err(_) => f.write_str("an OID that cannot be read"),
        }
    }
}

/// Reads `Name` from bytes that must be one whole value.
pub(crate) fn whole(input: &[u8]) -> Option<Name<'_>> {
    Name::parse(Tlv::whole(input)?)
}

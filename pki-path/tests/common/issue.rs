//! Certificates and CRLs octet by octet (RFC 5280 sections 4 and 5), so that they can be as wrong as a case needs. Keys are
//! made by the run that uses them.

use std::fmt;
use std::rc::Rc;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
};
use pki_asn1::oid::{self, ObjectIdentifier as Oid};
use pki_asn1::write::{self, SEQUENCE, SET, context, tlv};
use pki_asn1::{Certificate, UnixTime};

/// What a key signs with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Algorithm {
    P256,
    P384,
    P521,
    Ed25519,
    Rsa,
    RsaPss,
}

impl Algorithm {
    pub const ALL: [Self; 6] = [
        Self::P256,
        Self::P384,
        Self::P521,
        Self::Ed25519,
        Self::Rsa,
        Self::RsaPss,
    ];
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// A key and what it signs with.
#[derive(Clone)]
pub struct Key(Rc<(Algorithm, Pair, Vec<u8>)>);

impl Key {
    pub fn generate(algorithm: Algorithm) -> Self {
        let ecdsa = |with| Pair::Ecdsa(EcdsaKeyPair::generate(with).unwrap());
        let pair = match algorithm {
            Algorithm::P256 => ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING),
            Algorithm::P384 => ecdsa(&ECDSA_P384_SHA384_ASN1_SIGNING),
            Algorithm::P521 => ecdsa(&ECDSA_P521_SHA512_ASN1_SIGNING),
            Algorithm::Ed25519 => Pair::Ed25519(Ed25519KeyPair::generate().unwrap()),
            Algorithm::Rsa | Algorithm::RsaPss => {
                Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
            }
        };
        let spki = match &pair {
            Pair::Ecdsa(pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
            Pair::Rsa(pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
        };
        Self(Rc::new((algorithm, pair, spki)))
    }

    pub fn spki(&self) -> &[u8] {
        &self.0.2
    }

    /// Twenty octets that differ from key to key.
    pub fn id(&self) -> Vec<u8> {
        pki_crypto::key_hash_sha1(self.spki()).to_vec()
    }

    /// The AlgorithmIdentifier of its signatures.
    pub fn algorithm(&self) -> Vec<u8> {
        let text = match self.0.0 {
            Algorithm::P256 => "300a06082a8648ce3d040302",
            Algorithm::P384 => "300a06082a8648ce3d040303",
            Algorithm::P521 => "300a06082a8648ce3d040304",
            Algorithm::Ed25519 => "300506032b6570",
            Algorithm::Rsa => "300d06092a864886f70d01010b0500",
            // SHA-256, MGF1 with SHA-256, a salt of 32 octets.
            Algorithm::RsaPss => concat!(
                "304106092a864886f70d01010a3034a00f300d06096086480165030402010500",
                "a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120"
            ),
        };
        hex::decode(text).unwrap()
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.0.1 {
            Pair::Ecdsa(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let with = match self.0.0 {
                    Algorithm::RsaPss => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                pair.sign(with, &random, message, &mut signature).unwrap();
                signature
            }
        }
    }

    fn signed(&self, tbs: Vec<u8>, outer: Vec<u8>) -> Vec<u8> {
        let value = write::bit_string(&self.sign(&tbs));
        tlv(SEQUENCE, &[&tbs, &outer, &value])
    }
}

pub fn oid(text: &str) -> Oid {
    text.parse().unwrap()
}

/// A string type of a name's attribute.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Text {
    Printable,
    Utf8,
    Ia5,
}

/// A Name: an RDN each.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Dn(pub Vec<(Oid, Text, String)>);

impl fmt::Debug for Dn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.0.iter().map(|(kind, form, value)| {
            let kind = oid::label(kind).unwrap_or("?");
            let form = if *form == Text::Printable { "'" } else { "" };
            format!("{kind}={form}{value}")
        });
        write!(f, "{}", parts.collect::<Vec<_>>().join(","))
    }
}

impl Dn {
    /// `C=MC,O=Sceau,CN=x`, all but the country in UTF8String.
    pub fn new(text: &str) -> Self {
        let parts = text.split(',').filter(|p| !p.is_empty()).map(|part| {
            let (kind, value) = part.split_once('=').unwrap();
            let (kind, form) = match kind {
                "C" => (oid::AT_COUNTRY, Text::Printable),
                "O" => (oid::AT_ORGANIZATION, Text::Utf8),
                "OU" => (oid::AT_ORGANIZATIONAL_UNIT, Text::Utf8),
                "CN" => (oid::AT_COMMON_NAME, Text::Utf8),
                "E" => (oid::AT_EMAIL, Text::Ia5),
                other => panic!("{other}"),
            };
            (kind, form, value.to_owned())
        });
        Self(parts.collect())
    }

    pub fn der(&self) -> Vec<u8> {
        let rdns: Vec<Vec<u8>> = self
            .0
            .iter()
            .map(|(kind, form, value)| {
                let tag = match form {
                    Text::Printable => 0x13,
                    Text::Utf8 => 0x0C,
                    Text::Ia5 => 0x16,
                };
                let value = tlv(tag, &[value.as_bytes()]);
                tlv(SET, &[&tlv(SEQUENCE, &[&write::oid(kind), &value])])
            })
            .collect();
        sequence(&rdns)
    }
}

pub fn sequence<T: AsRef<[u8]>>(parts: &[T]) -> Vec<u8> {
    let parts: Vec<&[u8]> = parts.iter().map(AsRef::as_ref).collect();
    tlv(SEQUENCE, &parts)
}

/// A GeneralName (RFC 5280 section 4.2.1.6), or the base of a subtree.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum General {
    Other(Oid, Vec<u8>),
    Mail(String),
    Dns(String),
    Directory(Dn),
    Uri(String),
    Ip(Vec<u8>),
    Registered(Oid),
}

impl General {
    pub fn der(&self) -> Vec<u8> {
        match self {
            Self::Other(kind, value) => {
                tlv(context(0), &[&write::oid(kind), &tlv(context(0), &[value])])
            }
            Self::Mail(text) => tlv(0x81, &[text.as_bytes()]),
            Self::Dns(text) => tlv(0x82, &[text.as_bytes()]),
            Self::Directory(name) => tlv(context(4), &[&name.der()]),
            Self::Uri(text) => tlv(0x86, &[text.as_bytes()]),
            Self::Ip(octets) => tlv(0x87, &[octets]),
            Self::Registered(kind) => tlv(0x88, &[kind.as_bytes()]),
        }
    }
}

pub fn general_names(names: &[General]) -> Vec<u8> {
    sequence(&names.iter().map(General::der).collect::<Vec<_>>())
}

pub fn integer(value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let skip = bytes.iter().take_while(|b| **b == 0).count().min(7);
    let digits = &bytes[skip..];
    let zero: &[u8] = if digits[0] & 0x80 == 0 { &[] } else { &[0] };
    tlv(write::INTEGER, &[zero, digits])
}

/// The same content under a context tag.
pub fn tagged(number: u8, integer: &[u8]) -> Vec<u8> {
    let mut out = integer.to_vec();
    out[0] = 0x80 | number;
    out
}

/// Named bits, the first is bit 0; trailing zeros are cut as DER asks.
pub fn bits(tag: u8, set: &[usize]) -> Vec<u8> {
    let Some(last) = set.iter().max() else {
        return tlv(tag, &[&[0]]);
    };
    let mut octets = vec![0u8; last / 8 + 1];
    for bit in set {
        octets[bit / 8] |= 0x80 >> (bit % 8);
    }
    tlv(tag, &[&[(7 - last % 8) as u8], &octets])
}

/// An extension: what, critical or not, the DER of its value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ext(pub Oid, pub bool, pub Vec<u8>);

impl Ext {
    pub fn der(&self) -> Vec<u8> {
        let critical: &[u8] = if self.1 { &[1, 1, 0xFF] } else { &[] };
        let value = tlv(write::OCTET_STRING, &[&self.2]);
        tlv(SEQUENCE, &[&write::oid(&self.0), critical, &value])
    }

    pub fn basic_constraints(ca: bool, path_len: Option<u64>) -> Self {
        let flag: &[u8] = if ca { &[1, 1, 0xFF] } else { &[] };
        let path_len = path_len.map_or_else(Vec::new, integer);
        let value = tlv(SEQUENCE, &[flag, &path_len]);
        Self(oid::CE_BASIC_CONSTRAINTS, true, value)
    }

    /// `bits`: 0 digitalSignature, 5 keyCertSign, 6 cRLSign.
    pub fn key_usage(set: &[usize]) -> Self {
        Self(oid::CE_KEY_USAGE, true, bits(write::BIT_STRING, set))
    }

    pub fn name_constraints(permitted: &[General], excluded: &[General]) -> Self {
        let list = |number: u8, names: &[General]| match names {
            [] => Vec::new(),
            names => {
                let each: Vec<_> = names.iter().map(|n| tlv(SEQUENCE, &[&n.der()])).collect();
                tlv(context(number), &[&each.concat()])
            }
        };
        let value = tlv(SEQUENCE, &[&list(0, permitted), &list(1, excluded)]);
        Self(oid::CE_NAME_CONSTRAINTS, true, value)
    }

    pub fn alternative_names(names: &[General], critical: bool) -> Self {
        Self(oid::CE_SUBJECT_ALT_NAME, critical, general_names(names))
    }

    pub fn policies(policies: &[Oid]) -> Self {
        let each: Vec<_> = policies
            .iter()
            .map(|p| tlv(SEQUENCE, &[&write::oid(p)]))
            .collect();
        Self(oid::CE_CERTIFICATE_POLICIES, false, sequence(&each))
    }

    pub fn mappings(pairs: &[(Oid, Oid)]) -> Self {
        let each: Vec<_> = pairs
            .iter()
            .map(|(a, b)| tlv(SEQUENCE, &[&write::oid(a), &write::oid(b)]))
            .collect();
        Self(oid::CE_POLICY_MAPPINGS, true, sequence(&each))
    }

    pub fn policy_constraints(require: Option<u64>, inhibit: Option<u64>) -> Self {
        let part = |number, value: Option<u64>| {
            value.map_or_else(Vec::new, |v| tagged(number, &integer(v)))
        };
        let value = tlv(SEQUENCE, &[&part(0, require), &part(1, inhibit)]);
        Self(oid::CE_POLICY_CONSTRAINTS, true, value)
    }

    pub fn inhibit_any(skip: u64) -> Self {
        Self(oid::CE_INHIBIT_ANY_POLICY, true, integer(skip))
    }

    pub fn key_purposes(purposes: &[Oid]) -> Self {
        let each: Vec<_> = purposes.iter().map(write::oid).collect();
        Self(oid::CE_EXT_KEY_USAGE, false, sequence(&each))
    }

    /// freshestCRL, with one place.
    pub fn freshest(place: &str) -> Self {
        let point = Point {
            name: Some(place.to_owned()),
            ..Point::default()
        };
        Self(oid::CE_FRESHEST_CRL, false, sequence(&[point.der()]))
    }

    pub fn distribution_points(points: &[Point]) -> Self {
        let each: Vec<_> = points.iter().map(Point::der).collect();
        Self(oid::CE_CRL_DISTRIBUTION_POINTS, false, sequence(&each))
    }
}

/// One DistributionPoint (RFC 5280 section 4.2.1.13).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Point {
    pub name: Option<String>,
    pub reasons: Option<Vec<usize>>,
    pub crl_issuer: Option<Dn>,
}

fn full_name(uri: &str) -> Vec<u8> {
    let names = tlv(context(0), &[&General::Uri(uri.to_owned()).der()]);
    tlv(context(0), &[&names])
}

impl Point {
    fn der(&self) -> Vec<u8> {
        let name = self.name.as_deref().map_or_else(Vec::new, full_name);
        let reasons = self
            .reasons
            .as_ref()
            .map_or_else(Vec::new, |r| bits(0x81, r));
        let issuer = self.crl_issuer.as_ref().map_or_else(Vec::new, |n| {
            tlv(context(2), &[&General::Directory(n.clone()).der()])
        });
        tlv(SEQUENCE, &[&name, &reasons, &issuer])
    }
}

/// GeneralizedTime from 2050 on, UTCTime before (RFC 5280 section 4.1.2.5).
fn time(at: UnixTime) -> Vec<u8> {
    let text: String = at
        .to_string()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    if text.as_str() < "2050" {
        tlv(0x17, &[&text.as_bytes()[2..], b"Z"])
    } else {
        tlv(0x18, &[text.as_bytes(), b"Z"])
    }
}

pub fn generalized(at: UnixTime) -> Vec<u8> {
    let text: String = at
        .to_string()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    tlv(0x18, &[text.as_bytes(), b"Z"])
}

/// Everything a certificate says.
#[derive(Clone)]
pub struct Template {
    pub version: u8,
    /// The INTEGER's content octets.
    pub serial: Vec<u8>,
    pub subject: Dn,
    pub issuer: Dn,
    pub not_before: UnixTime,
    pub not_after: UnixTime,
    pub key: Key,
    pub extensions: Vec<Ext>,
    /// Without subjectKeyIdentifier and authorityKeyIdentifier.
    pub anonymous_keys: bool,
    /// In the signed part, where it is another than the one used.
    pub inner_algorithm: Option<Vec<u8>>,
}

impl Template {
    pub fn new(subject: Dn, key: &Key, valid: (UnixTime, UnixTime)) -> Self {
        Self {
            version: 3,
            serial: vec![1],
            issuer: subject.clone(),
            subject,
            not_before: valid.0,
            not_after: valid.1,
            key: key.clone(),
            extensions: Vec::new(),
            anonymous_keys: false,
            inner_algorithm: None,
        }
    }

    /// Signed by `issuer`, which has `by` as its key.
    pub fn sign(&self, by: &Key) -> Vec<u8> {
        let algorithm = by.algorithm();
        let inner = self.inner_algorithm.as_ref().unwrap_or(&algorithm);
        let version = match self.version {
            1 => Vec::new(),
            n => tlv(context(0), &[&write::small_integer(n - 1)]),
        };
        let mut extensions = self.extensions.clone();
        if !self.anonymous_keys {
            let own = tlv(write::OCTET_STRING, &[&self.key.id()]);
            extensions.push(Ext(oid::CE_SUBJECT_KEY_IDENTIFIER, false, own));
            let above = tlv(SEQUENCE, &[&tlv(0x80, &[&by.id()])]);
            extensions.push(Ext(oid::CE_AUTHORITY_KEY_IDENTIFIER, false, above));
        }
        let each: Vec<_> = extensions.iter().map(Ext::der).collect();
        let extensions = match self.version {
            3 => tlv(context(3), &[&sequence(&each)]),
            _ => Vec::new(),
        };
        let validity = tlv(SEQUENCE, &[&time(self.not_before), &time(self.not_after)]);
        let tbs = tlv(
            SEQUENCE,
            &[
                &version,
                &tlv(write::INTEGER, &[&self.serial]),
                inner,
                &self.issuer.der(),
                &validity,
                &self.subject.der(),
                self.key.spki(),
                &extensions,
            ],
        );
        by.signed(tbs, algorithm)
    }

    pub fn certificate(&self, by: &Key) -> Certificate {
        Certificate::from_der(self.sign(by)).unwrap()
    }
}

/// An entry of a CRL.
#[derive(Clone, Debug)]
pub struct Entry {
    pub serial: Vec<u8>,
    pub at: UnixTime,
    pub reason: Option<u8>,
    pub issuer: Option<Dn>,
}

/// Everything a CRL says.
#[derive(Clone)]
pub struct Crl {
    pub issuer: Dn,
    pub this_update: UnixTime,
    pub next_update: Option<UnixTime>,
    pub number: u64,
    pub delta_of: Option<u64>,
    pub entries: Vec<Entry>,
    /// Entries as they are, before the others.
    pub raw_entries: Vec<Vec<u8>>,
    /// issuingDistributionPoint
    pub scope: Option<Scope>,
    pub extensions: Vec<Ext>,
}

/// issuingDistributionPoint (RFC 5280 section 5.2.5).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Scope {
    pub name: Option<String>,
    pub only_user: bool,
    pub only_ca: bool,
    pub reasons: Option<Vec<usize>>,
    pub indirect: bool,
    pub only_attribute: bool,
}

impl Scope {
    fn der(&self) -> Vec<u8> {
        let flag = |number: u8, set: bool| match set {
            true => vec![0x80 | number, 1, 0xFF],
            false => Vec::new(),
        };
        let name = self.name.as_deref().map_or_else(Vec::new, full_name);
        let reasons = self
            .reasons
            .as_ref()
            .map_or_else(Vec::new, |r| bits(0x83, r));
        let parts = [
            name,
            flag(1, self.only_user),
            flag(2, self.only_ca),
            reasons,
            flag(4, self.indirect),
            flag(5, self.only_attribute),
        ];
        sequence(&parts)
    }
}

impl Crl {
    pub fn new(issuer: Dn, this_update: UnixTime, next_update: UnixTime) -> Self {
        Self {
            issuer,
            this_update,
            next_update: Some(next_update),
            number: 10,
            delta_of: None,
            entries: Vec::new(),
            raw_entries: Vec::new(),
            scope: None,
            extensions: Vec::new(),
        }
    }

    pub fn sign(&self, by: &Key) -> Vec<u8> {
        let written = self.entries.iter().map(|entry| {
            let mut extensions = Vec::new();
            if let Some(reason) = entry.reason {
                let value = tlv(0x0A, &[&[reason]]);
                extensions.push(Ext(oid::CE_REASON_CODE, false, value).der());
            }
            if let Some(issuer) = &entry.issuer {
                let value = general_names(&[General::Directory(issuer.clone())]);
                extensions.push(Ext(oid::CE_CERTIFICATE_ISSUER, true, value).der());
            }
            let extensions = match extensions[..] {
                [] => Vec::new(),
                _ => sequence(&extensions),
            };
            let serial = tlv(write::INTEGER, &[&entry.serial]);
            tlv(SEQUENCE, &[&serial, &time(entry.at), &extensions])
        });
        let entries: Vec<Vec<u8>> = self.raw_entries.iter().cloned().chain(written).collect();
        let entries = match entries[..] {
            [] => Vec::new(),
            _ => sequence(&entries),
        };
        let mut extensions = self.extensions.clone();
        let above = tlv(SEQUENCE, &[&tlv(0x80, &[&by.id()])]);
        extensions.push(Ext(oid::CE_AUTHORITY_KEY_IDENTIFIER, false, above));
        extensions.push(Ext(oid::CE_CRL_NUMBER, false, integer(self.number)));
        if let Some(base) = self.delta_of {
            extensions.push(Ext(oid::CE_DELTA_CRL_INDICATOR, true, integer(base)));
        }
        if let Some(scope) = &self.scope {
            extensions.push(Ext(oid::CE_ISSUING_DISTRIBUTION_POINT, true, scope.der()));
        }
        let each: Vec<_> = extensions.iter().map(Ext::der).collect();
        let algorithm = by.algorithm();
        let tbs = tlv(
            SEQUENCE,
            &[
                &write::small_integer(1),
                &algorithm,
                &self.issuer.der(),
                &time(self.this_update),
                &self.next_update.map_or_else(Vec::new, time),
                &entries,
                &tlv(context(0), &[&sequence(&each)]),
            ],
        );
        by.signed(tbs, algorithm)
    }
}

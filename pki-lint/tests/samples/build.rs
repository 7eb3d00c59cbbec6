//! Certificates put together octet by octet, so that every part of one can be wrong.

use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::write::{self, context, tlv};
use pki_lint::{AcceptedKeys, Curve, Device, Expectation, Kind, SubjectKeyId};

pub type Bytes = Vec<u8>;

/// A certificate in its parts, each as its DER.
#[derive(Clone)]
pub struct Sample {
    pub version: Option<Bytes>,
    pub serial: Bytes,
    pub inner: Bytes,
    pub outer: Bytes,
    pub issuer: Bytes,
    pub not_before: Bytes,
    pub not_after: Bytes,
    pub subject: Bytes,
    pub key: Bytes,
    /// Between the key and the extensions.
    pub unique: Bytes,
    /// OID, the BOOLEAN where it is written, what is inside the OCTET STRING.
    pub extensions: Option<Vec<(ObjectIdentifier, Option<u8>, Bytes)>>,
    pub signature: Bytes,
    pub expectation: Option<Expectation>,
    pub issuer_der: Option<Bytes>,
}

pub fn seq(parts: &[&[u8]]) -> Bytes {
    tlv(write::SEQUENCE, parts)
}

pub fn oid_der(oid: ObjectIdentifier) -> Bytes {
    write::oid(&oid)
}

pub fn dotted(oid: &str) -> Bytes {
    write::oid(&ObjectIdentifier::new(oid).unwrap())
}

pub const UTF8: u8 = 0x0C;
pub const PRINTABLE: u8 = 0x13;
pub const IA5: u8 = 0x16;

/// A name of one attribute per RDN.
pub fn name(attributes: &[(ObjectIdentifier, u8, &[u8])]) -> Bytes {
    let rdns: Vec<Bytes> = attributes
        .iter()
        .map(|(oid, tag, text)| tlv(write::SET, &[&seq(&[&oid_der(*oid), &tlv(*tag, &[text])])]))
        .collect();
    seq(&rdns.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// A name of UTF8Strings, with countryName and serialNumber as PrintableString.
pub fn dn(attributes: &[(ObjectIdentifier, &str)]) -> Bytes {
    let all: Vec<_> = attributes
        .iter()
        .map(|(oid, text)| {
            let printable = [oid::AT_COUNTRY, oid::AT_SERIAL_NUMBER].contains(oid);
            (
                *oid,
                if printable { PRINTABLE } else { UTF8 },
                text.as_bytes(),
            )
        })
        .collect();
    name(&all)
}

pub fn utc(text: &str) -> Bytes {
    tlv(0x17, &[text.as_bytes()])
}

pub fn generalized(text: &str) -> Bytes {
    tlv(0x18, &[text.as_bytes()])
}

pub fn ecdsa() -> Bytes {
    seq(&[&oid_der(oid::ECDSA_WITH_SHA256)])
}

pub fn p256_key(parameters: &[u8], point: &[u8]) -> Bytes {
    let algorithm = seq(&[&oid_der(oid::EC_PUBLIC_KEY), parameters]);
    seq(&[&algorithm, &write::bit_string(point)])
}

pub fn point() -> Bytes {
    let mut point = vec![7; 65];
    point[0] = 4;
    point
}

/// An RSA key with a modulus of `bits` bits that ends in `last`.
pub fn rsa_key(bits: usize, last: u8, exponent: &[u8], parameters: &[u8]) -> Bytes {
    let mut modulus = vec![0x55; bits / 8];
    modulus[0] = 0xC1;
    *modulus.last_mut().unwrap() = last;
    modulus.insert(0, 0);
    let numbers = seq(&[&tlv(2, &[&modulus]), &tlv(2, &[exponent])]);
    let algorithm = seq(&[&oid_der(oid::RSA_ENCRYPTION), parameters]);
    seq(&[&algorithm, &write::bit_string(&numbers)])
}

pub fn rsa(bits: usize) -> Bytes {
    rsa_key(bits, 1, &[1, 0, 1], &[5, 0])
}

pub fn uri(text: &str) -> Bytes {
    tlv(0x86, &[text.as_bytes()])
}

pub fn access(list: &[(ObjectIdentifier, Bytes)]) -> Bytes {
    let all: Vec<_> = list.iter().map(|(m, n)| seq(&[&oid_der(*m), n])).collect();
    seq(&all.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

pub fn points(names: &[Bytes]) -> Bytes {
    let names: Vec<_> = names.iter().map(Vec::as_slice).collect();
    let full = tlv(context(0), &names);
    seq(&[&seq(&[&tlv(context(0), &[&full])])])
}

pub fn policies(list: &[ObjectIdentifier]) -> Bytes {
    let all: Vec<_> = list.iter().map(|p| seq(&[&oid_der(*p)])).collect();
    seq(&all.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// A policy with one user notice.
pub fn notice(reference: &[u8], text: &[u8]) -> Bytes {
    let qualifier = seq(&[&oid_der(oid::QT_UNOTICE), &seq(&[reference, text])]);
    seq(&[&seq(&[
        &dotted("1.3.6.1.4.1.32473.1.4"),
        &seq(&[&qualifier]),
    ])])
}

pub fn purposes(list: &[ObjectIdentifier]) -> Bytes {
    let all: Vec<_> = list.iter().map(|p| oid_der(*p)).collect();
    seq(&all.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// keyUsage with these bits, bit 0 being 1, in DER.
pub fn usage(bits: u16) -> Bytes {
    let octets = [
        (bits as u8).reverse_bits(),
        ((bits >> 8) as u8).reverse_bits(),
    ];
    let used = if octets[1] != 0 { 2 } else { 1 };
    let unused = octets[used - 1].trailing_zeros() as u8 % 8;
    tlv(3, &[&[unused], &octets[..used]])
}

pub fn statement(oid: ObjectIdentifier, info: &[u8]) -> Bytes {
    seq(&[&oid_der(oid), info])
}

pub fn pds(list: &[(&str, &str)]) -> Bytes {
    let all: Vec<_> = list
        .iter()
        .map(|(url, language)| {
            seq(&[
                &tlv(IA5, &[url.as_bytes()]),
                &tlv(PRINTABLE, &[language.as_bytes()]),
            ])
        })
        .collect();
    statement(
        oid::QCS_PDS,
        &seq(&all.iter().map(Vec::as_slice).collect::<Vec<_>>()),
    )
}

pub fn qc_type(types: &[ObjectIdentifier]) -> Bytes {
    statement(oid::QCS_TYPE, &purposes(types))
}

pub fn legislation(codes: &[&str]) -> Bytes {
    let all: Vec<_> = codes
        .iter()
        .map(|c| tlv(PRINTABLE, &[c.as_bytes()]))
        .collect();
    statement(
        oid::QCS_CC_LEGISLATION,
        &seq(&all.iter().map(Vec::as_slice).collect::<Vec<_>>()),
    )
}

pub fn semantics(identifier: ObjectIdentifier, authorities: &[u8]) -> Bytes {
    statement(
        oid::QCS_PKIX_SYNTAX_V2,
        &seq(&[&oid_der(identifier), authorities]),
    )
}

pub fn statements(list: &[Bytes]) -> Bytes {
    seq(&list.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

pub fn key_id() -> Bytes {
    pki_crypto::subject_key_identifier(&point()).to_vec()
}

const CA: [(ObjectIdentifier, &str); 4] = [
    (oid::AT_COUNTRY, "MC"),
    (oid::AT_ORGANIZATION, "Sceau"),
    (oid::AT_ORGANIZATION_IDENTIFIER, "NTRMC-00P00001"),
    (oid::AT_COMMON_NAME, "Sceau CA"),
];

impl Sample {
    fn bare(subject: Bytes) -> Self {
        Self {
            version: Some(tlv(context(0), &[&[2, 1, 2]])),
            serial: tlv(2, &[&[0x42; 20]]),
            inner: ecdsa(),
            outer: ecdsa(),
            issuer: dn(&CA),
            not_before: utc("261121120000Z"),
            not_after: utc("281121115959Z"),
            subject,
            key: p256_key(&oid_der(oid::SECP256R1), &point()),
            unique: Vec::new(),
            extensions: Some(vec![
                (
                    oid::CE_AUTHORITY_KEY_IDENTIFIER,
                    None,
                    seq(&[&tlv(0x80, &[&[9; 20]])]),
                ),
                (oid::CE_SUBJECT_KEY_IDENTIFIER, None, tlv(4, &[&key_id()])),
            ]),
            signature: tlv(3, &[&[0], &seq(&[&[2, 1, 1], &[2, 1, 1]])]),
            expectation: None,
            issuer_der: None,
        }
    }

    fn person_like(subject: Bytes, bits: u16, policy: ObjectIdentifier, qc: &[Bytes]) -> Self {
        let mut out = Self::bare(subject);
        out.put(oid::CE_KEY_USAGE, true, usage(bits));
        let own = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.4");
        out.put(
            oid::CE_CERTIFICATE_POLICIES,
            false,
            policies(&[own, policy]),
        );
        out.put(
            oid::CE_CRL_DISTRIBUTION_POINTS,
            false,
            points(&[uri("http://a.example/crl")]),
        );
        let access = access(&[
            (oid::AD_OCSP, uri("http://a.example/ocsp")),
            (oid::AD_CA_ISSUERS, uri("http://a.example/ca")),
        ]);
        out.put(oid::PE_AUTHORITY_INFO_ACCESS, false, access);
        out.put(oid::PE_QC_STATEMENTS, false, statements(qc));
        out
    }

    /// A qualified seal under the law of Monaco.
    pub fn seal() -> Self {
        let subject = dn(&[
            (oid::AT_COUNTRY, "MC"),
            (oid::AT_ORGANIZATION, "Acme SAM"),
            (oid::AT_ORGANIZATION_IDENTIFIER, "NTRMC-00S03813"),
            (oid::AT_COMMON_NAME, "Acme"),
        ]);
        let qc = [
            statement(oid::QCS_COMPLIANCE, &[]),
            qc_type(&[oid::QCT_ESEAL]),
            pds(&[("https://a.example/pds", "en")]),
            legislation(&["MC"]),
            semantics(oid::SEMANTICS_LEGAL, &[]),
        ];
        Self::person_like(subject, 2, oid::POLICY_QCP_L, &qc)
    }

    /// A qualified signature under the law of the EU.
    pub fn person() -> Self {
        let subject = dn(&[
            (oid::AT_COUNTRY, "MC"),
            (oid::AT_GIVEN_NAME, "Camille"),
            (oid::AT_SURNAME, "Exemple"),
            (oid::AT_SERIAL_NUMBER, "IDCMC-427"),
            (oid::AT_COMMON_NAME, "Camille Exemple"),
        ]);
        let qc = [
            statement(oid::QCS_COMPLIANCE, &[]),
            qc_type(&[oid::QCT_ESIGN]),
            pds(&[("https://a.example/pds", "en")]),
            semantics(oid::SEMANTICS_NATURAL, &[]),
        ];
        Self::person_like(subject, 2, oid::POLICY_QCP_N, &qc)
    }

    fn service(purpose: ObjectIdentifier, critical: bool) -> Self {
        let mut out = Self::bare(dn(&[
            (oid::AT_COUNTRY, "MC"),
            (oid::AT_ORGANIZATION, "Sceau"),
            (oid::AT_COMMON_NAME, "Service"),
        ]));
        out.put(oid::CE_KEY_USAGE, true, usage(1));
        out.put(oid::CE_EXT_KEY_USAGE, critical, purposes(&[purpose]));
        out
    }

    pub fn tsu() -> Self {
        let mut out = Self::service(oid::KP_TIME_STAMPING, true);
        let period = seq(&[
            &tlv(0x80, &[b"20261121120000Z"]),
            &tlv(0x81, &[b"20271121120000Z"]),
        ]);
        out.put(oid::CE_PRIVATE_KEY_USAGE_PERIOD, false, period);
        out
    }

    pub fn ocsp() -> Self {
        let mut out = Self::service(oid::KP_OCSP_SIGNING, false);
        out.put(oid::OCSP_NO_CHECK, false, vec![5, 0]);
        out.not_after = utc("261221115959Z");
        out
    }

    pub fn issuing() -> Self {
        let mut out = Self::bare(dn(&[
            (oid::AT_COUNTRY, "MC"),
            (oid::AT_ORGANIZATION, "Sceau"),
            (oid::AT_COMMON_NAME, "Issuing"),
        ]));
        out.put(oid::CE_KEY_USAGE, true, usage(0x60));
        out.put(
            oid::CE_BASIC_CONSTRAINTS,
            true,
            seq(&[&[1, 1, 0xFF], &[2, 1, 0]]),
        );
        out.put(
            oid::CE_CERTIFICATE_POLICIES,
            false,
            policies(&[oid::ANY_POLICY]),
        );
        out.put(
            oid::CE_CRL_DISTRIBUTION_POINTS,
            false,
            points(&[uri("http://a.example/crl")]),
        );
        out
    }

    pub fn root() -> Self {
        let mut out = Self::bare(dn(&CA));
        out.put(oid::CE_KEY_USAGE, true, usage(0x60));
        out.put(oid::CE_BASIC_CONSTRAINTS, true, seq(&[&[1, 1, 0xFF]]));
        out
    }

    /// An end entity of which nothing more is known.
    pub fn plain() -> Self {
        let mut out = Self::bare(dn(&[
            (oid::AT_COUNTRY, "MC"),
            (oid::AT_COMMON_NAME, "a.example"),
        ]));
        out.put(oid::CE_KEY_USAGE, true, usage(1));
        out
    }

    /// A short-term signature.
    pub fn short() -> Self {
        let mut out = Self::person();
        out.drop(oid::CE_CRL_DISTRIBUTION_POINTS);
        let issuers = access(&[(oid::AD_CA_ISSUERS, uri("http://a.example/ca"))]);
        out.put(oid::PE_AUTHORITY_INFO_ACCESS, false, issuers);
        out.put(oid::EXT_VALASSURED_SHORT_TERM, false, vec![5, 0]);
        out.put(oid::CE_NO_REV_AVAIL, false, vec![5, 0]);
        out.not_after = utc("261122105959Z");
        out
    }

    /// The seal with everything that its profile promises, and its CA.
    pub fn expected() -> Self {
        let mut out = Self::seal();
        let mut ca = Self::root();
        ca.put(oid::CE_SUBJECT_KEY_IDENTIFIER, false, tlv(4, &[&[9; 20]]));
        ca.not_after = utc("361121115959Z");
        out.issuer_der = Some(ca.der());
        let own = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.4");
        out.expectation = Some(Expectation {
            qualified: Some(pki_lint::QualifiedUse::Seal),
            legislation: pki_lint::Legislation::Country("MC".into()),
            device: Some(Device::Other),
            policies: Some(vec![own, oid::POLICY_QCP_L]),
            extended_key_usage: Some(Vec::new()),
            key_usage: Some(2),
            maximum_days: Some(800),
            subject_key_id: SubjectKeyId::Sha256,
            keys: Some(AcceptedKeys {
                curves: vec![Curve::P256],
                minimum_rsa_bits: Some(3_072),
            }),
            ..Expectation::of(Kind::LegalPerson)
        });
        out
    }

    /// Puts an extension in place of the one that is there.
    pub fn put(&mut self, oid: ObjectIdentifier, critical: bool, value: Bytes) {
        let all = self.extensions.as_mut().unwrap();
        let written = critical.then_some(0xFF);
        match all.iter_mut().find(|(known, ..)| *known == oid) {
            Some(found) => *found = (oid, written, value),
            None => all.push((oid, written, value)),
        }
    }

    /// Adds an extension, be it there or not.
    pub fn add(&mut self, oid: ObjectIdentifier, critical: bool, value: Bytes) {
        let written = critical.then_some(0xFF);
        self.extensions
            .as_mut()
            .unwrap()
            .push((oid, written, value));
    }

    pub fn drop(&mut self, oid: ObjectIdentifier) {
        self.extensions
            .as_mut()
            .unwrap()
            .retain(|(known, ..)| *known != oid);
    }

    /// Writes another octet for critical, or none.
    pub fn criticality(&mut self, oid: ObjectIdentifier, written: Option<u8>) {
        let all = self.extensions.as_mut().unwrap();
        all.iter_mut().find(|(known, ..)| *known == oid).unwrap().1 = written;
    }

    /// The value of an extension.
    pub fn value(&mut self, oid: ObjectIdentifier) -> &mut Bytes {
        let all = self.extensions.as_mut().unwrap();
        &mut all.iter_mut().find(|(known, ..)| *known == oid).unwrap().2
    }

    /// Makes a statement in place of the one that is there.
    pub fn state(&mut self, oid: ObjectIdentifier, info: &[u8]) {
        self.unstate(oid);
        self.say(&statement(oid, info));
    }

    /// Adds a statement.
    pub fn say(&mut self, statement: &[u8]) {
        let value = self.value(oid::PE_QC_STATEMENTS);
        let inside = contents(value).to_vec();
        *value = seq(&[&inside, statement]);
    }

    /// Takes a statement away.
    pub fn unstate(&mut self, oid: ObjectIdentifier) {
        let value = self.value(oid::PE_QC_STATEMENTS);
        let prefix = oid_der(oid);
        let kept: Vec<_> = split(contents(value))
            .into_iter()
            .filter(|s| !contents(s).starts_with(&prefix))
            .collect();
        *value = statements(&kept);
    }

    pub fn der(&self) -> Bytes {
        let extensions = self.extensions.as_ref().map(|all| {
            let each: Vec<_> = all
                .iter()
                .map(|(oid, critical, value)| {
                    let critical = critical.map(|b| vec![1, 1, b]).unwrap_or_default();
                    seq(&[&oid_der(*oid), &critical, &tlv(4, &[value])])
                })
                .collect();
            let each: Vec<_> = each.iter().map(Vec::as_slice).collect();
            tlv(context(3), &[&seq(&each)])
        });
        let tbs = seq(&[
            self.version.as_deref().unwrap_or_default(),
            &self.serial,
            &self.inner,
            &self.issuer,
            &seq(&[&self.not_before, &self.not_after]),
            &self.subject,
            &self.key,
            &self.unique,
            extensions.as_deref().unwrap_or_default(),
        ]);
        seq(&[&tbs, &self.outer, &self.signature])
    }
}

/// The contents of a value.
pub fn contents(der: &[u8]) -> &[u8] {
    &der[pki_asn1::raw::value_range(der, der::Tag::Sequence).unwrap()]
}

/// The values in `contents`.
pub fn split(mut contents: &[u8]) -> Vec<Bytes> {
    let mut out = Vec::new();
    while !contents.is_empty() {
        let one = pki_asn1::raw::tlv_range(contents, 0).unwrap();
        out.push(contents[one.clone()].to_vec());
        contents = &contents[one.end..];
    }
    out
}

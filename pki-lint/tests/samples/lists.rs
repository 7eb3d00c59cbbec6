//! One defect for each rule on CRLs, their entries, and OCSP responses.

use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::write::{context, tlv};
use pki_lint::{CrlContext, CrlScope, ExpiredEntries, OcspContext, lint_crl, lint_ocsp_response};

use super::build::*;

/// A rule, and what is done to something right so that it is broken.
pub type Broken<T> = (&'static str, fn(&mut T));

/// A CRL in its parts.
pub struct Crl {
    version: Bytes,
    inner: Bytes,
    outer: Bytes,
    issuer: Bytes,
    this: Bytes,
    next: Bytes,
    entries: Option<Vec<Bytes>>,
    extensions: Vec<(ObjectIdentifier, bool, Bytes)>,
    stray: Bytes,
    signature: Bytes,
    context: CrlContext<'static>,
    ca: Sample,
}

fn extension(oid: ObjectIdentifier, critical: bool, value: &[u8]) -> Bytes {
    let critical: &[u8] = if critical { &[1, 1, 0xFF] } else { &[] };
    seq(&[&oid_der(oid), critical, &tlv(4, &[value])])
}

fn entry(serial: u8, date: &[u8], extensions: &[(ObjectIdentifier, bool, &[u8])]) -> Bytes {
    let all: Vec<_> = extensions
        .iter()
        .map(|(o, c, v)| extension(*o, *c, v))
        .collect();
    let all = if extensions.is_empty() {
        Vec::new()
    } else {
        statements(&all)
    };
    seq(&[&[2, 1, serial], date, &all])
}

fn date() -> Bytes {
    utc("261101000000Z")
}

fn reason(code: u8) -> Option<Vec<Bytes>> {
    Some(vec![entry(
        1,
        &date(),
        &[(oid::CE_REASON_CODE, false, &[10, 1, code])],
    )])
}

impl Crl {
    pub fn right() -> Self {
        let mut ca = Sample::root();
        ca.put(oid::CE_SUBJECT_KEY_IDENTIFIER, false, tlv(4, &[&[9; 20]]));
        Self {
            version: vec![2, 1, 1],
            inner: ecdsa(),
            outer: ecdsa(),
            issuer: ca.subject.clone(),
            this: utc("261121120000Z"),
            next: utc("261122120000Z"),
            entries: Some(vec![
                entry(1, &date(), &[]),
                entry(2, &date(), &[(oid::CE_REASON_CODE, false, &[10, 1, 1])]),
            ]),
            extensions: vec![
                (
                    oid::CE_AUTHORITY_KEY_IDENTIFIER,
                    false,
                    seq(&[&tlv(0x80, &[&[9; 20]])]),
                ),
                (oid::CE_CRL_NUMBER, false, vec![2, 1, 7]),
            ],
            stray: Vec::new(),
            signature: tlv(3, &[&[0], &seq(&[&[2, 1, 5], &[2, 1, 7]])]),
            context: CrlContext::default(),
            ca,
        }
    }

    fn put(&mut self, oid: ObjectIdentifier, critical: bool, value: Bytes) {
        self.extensions.retain(|(known, ..)| *known != oid);
        self.extensions.push((oid, critical, value));
    }

    pub fn der(&self) -> Bytes {
        let entries = self
            .entries
            .as_ref()
            .map(|all| statements(all))
            .unwrap_or_default();
        let all: Vec<_> = self
            .extensions
            .iter()
            .map(|(o, c, v)| extension(*o, *c, v))
            .collect();
        let tbs = seq(&[
            &self.version,
            &self.inner,
            &self.issuer,
            &self.this,
            &self.next,
            &entries,
            &tlv(context(0), &[&statements(&all)]),
            &self.stray,
        ]);
        seq(&[&tbs, &self.outer, &self.signature])
    }

    pub fn found(&self) -> Vec<&'static str> {
        let ca = self.ca.der();
        let context = CrlContext {
            issuer: Some(&ca),
            ..self.context
        };
        lint_crl(&self.der(), &context)
            .into_iter()
            .map(|f| f.rule)
            .collect()
    }
}

#[rustfmt::skip]
pub fn crls() -> Vec<Broken<Crl>> {
    vec![
        ("crl.part-unreadable", |c| c.stray = vec![5, 0]),
        ("crl.not-der", |c| c.put(oid::CE_CRL_NUMBER, false, vec![2, 2, 0, 7])),
        ("crl.version-not-2", |c| c.version = vec![]),
        ("crl.signature-algorithm-mismatch", |c| c.outer = seq(&[&oid_der(oid::ECDSA_WITH_SHA384)])),
        ("crl.signature-algorithm-weak", |c| c.inner = seq(&[&oid_der(oid::ECDSA_WITH_SHA1)])),
        ("crl.algorithm-parameters", |c| c.inner = seq(&[&oid_der(oid::ECDSA_WITH_SHA256), &[5, 0]])),
        ("crl.issuer-empty", |c| c.issuer = seq(&[])),
        ("crl.issuer-mismatch", |c| c.issuer = dn(&[(oid::AT_COMMON_NAME, "other")])),
        ("crl.issuer-may-not-sign", |c| c.ca.put(oid::CE_KEY_USAGE, true, usage(0x20))),
        ("crl.authority-key-identifier-missing", |c| c.extensions.retain(|e| e.0 != oid::CE_AUTHORITY_KEY_IDENTIFIER)),
        ("crl.authority-key-identifier-mismatch", |c| c.put(oid::CE_AUTHORITY_KEY_IDENTIFIER, false, seq(&[&tlv(0x80, &[&[8; 20]])]))),
        ("crl.authority-key-identifier-critical", |c| c.extensions[0].1 = true),
        ("crl.number-missing", |c| c.extensions.retain(|e| e.0 != oid::CE_CRL_NUMBER)),
        ("crl.number-critical", |c| c.extensions[1].1 = true),
        ("crl.number-out-of-range", |c| c.put(oid::CE_CRL_NUMBER, false, vec![2, 1, 0xFF])),
        ("crl.next-update-missing", |c| c.next = vec![]),
        ("crl.next-update-not-later", |c| c.next = c.this.clone()),
        ("crl.validity-too-long", |c| c.context.maximum_validity = Some(60)),
        ("crl.time-encoding", |c| c.next = generalized("20261122120000Z")),
        ("crl.extension-repeated", |c| c.extensions.push(c.extensions[0].clone())),
        ("crl.extension-critical-unknown", |c| c.put(oid::OCSP_NO_CHECK, true, vec![5, 0])),
        ("crl.extensions-empty", |c| c.extensions.clear()),
        ("crl.issuing-distribution-point-not-critical", |c| c.put(oid::CE_ISSUING_DISTRIBUTION_POINT, false, seq(&[&[0x81, 1, 0xFF]]))),
        ("crl.issuing-distribution-point-empty", |c| c.put(oid::CE_ISSUING_DISTRIBUTION_POINT, true, seq(&[]))),
        ("crl.issuing-distribution-point-contradicts-itself", |c| c.put(oid::CE_ISSUING_DISTRIBUTION_POINT, true, seq(&[&[0x81, 1, 0xFF], &[0x82, 1, 0xFF]]))),
        ("crl.issuing-distribution-point-without-http", |c| c.put(oid::CE_ISSUING_DISTRIBUTION_POINT, true, seq(&[&tlv(context(0), &[&tlv(context(0), &[&uri("ftp://a.example")])])]))),
        ("crl.not-der", |c| c.put(oid::CE_ISSUING_DISTRIBUTION_POINT, true, seq(&[&[0x81, 1, 1]]))),
        ("crl.issuing-distribution-point-attributes", |c| c.put(oid::CE_ISSUING_DISTRIBUTION_POINT, true, seq(&[&[0x85, 1, 0xFF]]))),
        ("crl.signature-value-shape", |c| c.signature = vec![3, 2, 0, 7]),
        ("crl.delta-indicator-not-critical", |c| c.put(oid::CE_DELTA_CRL_INDICATOR, false, vec![2, 1, 6])),
        ("crl.delta-base-not-older", |c| c.put(oid::CE_DELTA_CRL_INDICATOR, true, vec![2, 1, 7])),
        ("crl.delta-has-freshest", |c| { c.put(oid::CE_DELTA_CRL_INDICATOR, true, vec![2, 1, 6]); c.put(oid::CE_FRESHEST_CRL, false, points(&[uri("http://a.example")])); }),
        ("crl.freshest-critical", |c| c.put(oid::CE_FRESHEST_CRL, true, points(&[uri("http://a.example")]))),
        ("crl.expired-certs-critical", |c| c.put(oid::CE_EXPIRED_CERTS_ON_CRL, true, generalized("20261121120000Z"))),
        ("crl.expired-certs-not-generalized-time", |c| c.put(oid::CE_EXPIRED_CERTS_ON_CRL, false, utc("261121120000Z"))),
        ("crl.scope-unexpected", |c| c.context.scope = Some(CrlScope::Partition)),
        ("crl.expired-entries-unexpected", |c| c.context.expired = Some(ExpiredEntries::Kept)),
        ("crl.revoked-certificates-empty", |c| c.entries = Some(vec![])),
        ("crl-entry.unreadable", |c| c.entries = Some(vec![seq(&[&[5, 0]])])),
        ("crl-entry.not-der", |c| c.entries = Some(vec![seq(&[&[2, 2, 0, 1], &date()])])),
        ("crl-entry.not-der", |c| c.entries = Some(vec![entry(1, &date(), &[(oid::CE_REASON_CODE, false, &[10, 2, 0, 1])])])),
        ("crl-entry.serial-not-positive", |c| c.entries = Some(vec![entry(0, &date(), &[])])),
        ("crl-entry.serial-repeated", |c| c.entries = Some(vec![entry(1, &date(), &[]), entry(1, &date(), &[])])),
        ("crl-entry.reason-unspecified", |c| c.entries = reason(0)),
        ("crl-entry.reason-unknown", |c| c.entries = reason(7)),
        ("crl-entry.reason-critical", |c| c.entries = Some(vec![entry(1, &date(), &[(oid::CE_REASON_CODE, true, &[10, 1, 1])])])),
        ("crl-entry.remove-from-crl-outside-delta", |c| c.entries = reason(8)),
        ("crl-entry.hold-instruction", |c| c.entries = Some(vec![entry(1, &date(), &[(oid::CE_HOLD_INSTRUCTION, false, &[6, 1, 1])])])),
        ("crl-entry.date-encoding", |c| c.entries = Some(vec![entry(1, &generalized("20261101000000Z"), &[])])),
        ("crl-entry.date-in-the-future", |c| c.entries = Some(vec![entry(1, &utc("271101000000Z"), &[])])),
        ("crl-entry.invalidity-date-encoding", |c| c.entries = Some(vec![entry(1, &date(), &[(oid::CE_INVALIDITY_DATE, false, &date())])])),
        ("crl-entry.invalidity-date-critical", |c| c.entries = Some(vec![entry(1, &date(), &[(oid::CE_INVALIDITY_DATE, true, &generalized("20261101000000Z"))])])),
        ("crl-entry.invalidity-date-in-the-future", |c| c.entries = Some(vec![entry(1, &date(), &[(oid::CE_INVALIDITY_DATE, false, &generalized("20271101000000Z"))])])),
        ("crl-entry.extensions-in-version-1", |c| { c.version = vec![]; c.entries = reason(1); }),
        ("crl-entry.extensions-empty", |c| c.entries = Some(vec![seq(&[&[2, 1, 1], &date(), &seq(&[])])])),
        ("crl-entry.extension-repeated", |c| c.entries = Some(vec![entry(1, &date(), &[(oid::CE_REASON_CODE, false, &[10, 1, 1]), (oid::CE_REASON_CODE, false, &[10, 1, 1])])])),
        ("crl-entry.extension-critical-unknown", |c| c.entries = Some(vec![entry(1, &date(), &[(oid::OCSP_NO_CHECK, true, &[5, 0])])])),
        ("crl-entry.certificate-issuer-unexpected", |c| c.entries = Some(vec![entry(1, &date(), &[(oid::CE_CERTIFICATE_ISSUER, true, &[0x30, 0])])])),
    ]
}

/// An OCSP response in its parts.
pub struct Ocsp {
    status: u8,
    has_bytes: bool,
    kind: ObjectIdentifier,
    version: Bytes,
    responder: Bytes,
    produced: Bytes,
    hash: ObjectIdentifier,
    name_hash: Bytes,
    serial: u8,
    cert_status: Bytes,
    this: Bytes,
    next: Bytes,
    single: Vec<(ObjectIdentifier, bool, Bytes)>,
    twice: bool,
    none: bool,
    extensions: Vec<(ObjectIdentifier, bool, Bytes)>,
    algorithm: Bytes,
    signer: Sample,
    nonce: Option<&'static [u8]>,
    ca: Sample,
}

impl Ocsp {
    pub fn right() -> Self {
        let ca = Sample::root();
        let digest = pki_crypto::DigestAlgorithm::Sha256;
        Self {
            status: 0,
            has_bytes: true,
            kind: oid::OCSP_BASIC,
            version: vec![],
            responder: tlv(
                context(2),
                &[&tlv(4, &[&pki_crypto::key_hash_sha1(&point())])],
            ),
            produced: generalized("20261121120000Z"),
            hash: oid::SHA256,
            name_hash: digest.digest(&ca.subject).as_bytes().to_vec(),
            serial: 7,
            cert_status: vec![0x80, 0],
            this: generalized("20261121120000Z"),
            next: tlv(context(0), &[&generalized("20261122120000Z")]),
            single: vec![],
            twice: false,
            none: false,
            extensions: vec![(oid::OCSP_NONCE, false, tlv(4, &[&[1; 32]]))],
            algorithm: ecdsa(),
            signer: {
                let mut signer = Sample::ocsp();
                signer.not_before = utc("261121110000Z");
                signer
            },
            nonce: Some(&[1; 32]),
            ca,
        }
    }

    fn revoked(&mut self, at: &str, reason: Option<u8>) {
        let reason = reason
            .map(|r| tlv(context(0), &[&[10, 1, r]]))
            .unwrap_or_default();
        self.cert_status = tlv(context(1), &[&generalized(at), &reason]);
    }

    pub fn der(&self) -> Bytes {
        let list = |all: &[(ObjectIdentifier, bool, Bytes)]| {
            let all: Vec<_> = all.iter().map(|(o, c, v)| extension(*o, *c, v)).collect();
            if all.is_empty() {
                Vec::new()
            } else {
                tlv(context(1), &[&statements(&all)])
            }
        };
        let key_hash = pki_crypto::DigestAlgorithm::Sha256.digest(&point());
        let id = seq(&[
            &seq(&[&oid_der(self.hash)]),
            &tlv(4, &[&self.name_hash]),
            &tlv(4, &[key_hash.as_bytes()]),
            &[2, 1, self.serial],
        ]);
        let single = seq(&[
            &id,
            &self.cert_status,
            &self.this,
            &self.next,
            &list(&self.single),
        ]);
        let singles = match (self.none, self.twice) {
            (true, _) => vec![],
            (false, true) => vec![single.clone(), single],
            (false, false) => vec![single],
        };
        let data = seq(&[
            &self.version,
            &self.responder,
            &self.produced,
            &statements(&singles),
            &list(&self.extensions),
        ]);
        let certificates = tlv(context(0), &[&seq(&[&self.signer.der()])]);
        let basic = seq(&[&data, &self.algorithm, &tlv(3, &[&[0, 1]]), &certificates]);
        let bytes = seq(&[&oid_der(self.kind), &tlv(4, &[&basic])]);
        let bytes = if self.has_bytes {
            tlv(context(0), &[&bytes])
        } else {
            Vec::new()
        };
        seq(&[&[10, 1, self.status], &bytes])
    }

    pub fn found(&self) -> Vec<&'static str> {
        let ca = self.ca.der();
        let context = OcspContext {
            issuer: Some(&ca),
            nonce: self.nonce,
            received: None,
        };
        lint_ocsp_response(&self.der(), &context)
            .into_iter()
            .map(|f| f.rule)
            .collect()
    }
}

#[rustfmt::skip]
pub fn responses() -> Vec<Broken<Ocsp>> {
    vec![
        ("ocsp.part-unreadable", |r| r.cert_status = vec![5, 0]),
        ("ocsp.not-der", |r| r.cert_status = vec![0x80, 0x81, 0]),
        ("ocsp.status-unknown", |r| r.status = 4),
        ("ocsp.successful-without-response", |r| r.has_bytes = false),
        ("ocsp.error-with-response", |r| r.status = 6),
        ("ocsp.response-type-not-basic", |r| r.kind = oid::OCSP_NONCE),
        ("ocsp.default-encoded", |r| r.version = tlv(context(0), &[&[2, 1, 0]])),
        ("ocsp.no-single-response", |r| r.none = true),
        ("ocsp.responder-key-hash-not-sha1", |r| r.responder = tlv(context(2), &[&tlv(4, &[&[0; 32]])])),
        ("ocsp.responder-id-mismatch", |r| r.responder = tlv(context(2), &[&tlv(4, &[&[0; 20]])])),
        ("ocsp.time-encoding", |r| r.produced = generalized("20261121120000.5Z")),
        ("ocsp.next-update-not-later", |r| r.next = tlv(context(0), &[&r.this])),
        ("ocsp.this-update-after-produced-at", |r| r.this = generalized("20261122110000Z")),
        ("ocsp.next-update-missing", |r| r.next = vec![]),
        ("ocsp.revoked-in-the-future", |r| r.revoked("20291121120000Z", None)),
        ("ocsp.reason-unspecified", |r| r.revoked("20261101120000Z", Some(0))),
        ("ocsp.reason-unknown", |r| r.revoked("20261101120000Z", Some(8))),
        ("ocsp.certificate-id-of-another-issuer", |r| r.name_hash = vec![0; 32]),
        ("ocsp.certificate-id-hash-unknown", |r| r.hash = oid::MD5),
        ("ocsp.certificate-id-repeated", |r| r.twice = true),
        ("ocsp.serial-not-positive", |r| r.serial = 0),
        ("ocsp.nonce-repeated", |r| r.extensions.push(r.extensions[0].clone())),
        ("ocsp.nonce-length", |r| r.extensions[0].2 = tlv(4, &[&[1; 129]])),
        ("ocsp.nonce-mismatch", |r| r.nonce = Some(&[2; 32])),
        ("ocsp.extension-repeated", |r| r.extensions.push(r.extensions[0].clone())),
        ("ocsp.extension-critical", |r| r.extensions[0].1 = true),
        ("ocsp.archive-cutoff-misplaced", |r| r.extensions.push((oid::OCSP_ARCHIVE_CUTOFF, false, generalized("20261121120000Z")))),
        ("ocsp.archive-cutoff-not-generalized-time", |r| r.single.push((oid::OCSP_ARCHIVE_CUTOFF, false, utc("261121120000Z")))),
        ("ocsp.archive-cutoff-later-than-ca", |r| r.single.push((oid::OCSP_ARCHIVE_CUTOFF, false, generalized("20291121120000Z")))),
        ("ocsp.extended-revoke-missing", |r| r.revoked("19700101000000Z", Some(6))),
        ("ocsp.extended-revoke-not-null", |r| r.extensions.push((oid::OCSP_EXTENDED_REVOKE, false, seq(&[])))),
        ("ocsp.signature-algorithm-weak", |r| r.algorithm = seq(&[&oid_der(oid::ECDSA_WITH_SHA1)])),
        ("ocsp.algorithm-parameters", |r| r.algorithm = seq(&[&oid_der(oid::ECDSA_WITH_SHA256), &[5, 0]])),
        ("ocsp.signer-without-purpose", |r| r.signer = Sample::tsu()),
        ("ocsp.signer-of-another-issuer", |r| r.signer.issuer = dn(&[(oid::AT_COMMON_NAME, "other")])),
        ("ocsp.signer-not-valid-yet-or-any-more", |r| r.signer.not_after = utc("261121110000Z")),
    ]
}

//! One defect for each rule on certificates: the rule it is named after, a certificate that is right,
//! and what is done to it.

use pki_asn1::oid;
use pki_asn1::write::{context, tlv};

use super::build::*;

pub type Defect = (&'static str, fn() -> Sample, fn(&mut Sample));

const NULL: &[u8] = &[5, 0];
const TRUE: &[u8] = &[1, 1, 0xFF];

fn person_named(attributes: &[(oid::ObjectIdentifier, &str)]) -> Bytes {
    let mut all = vec![
        (oid::AT_COUNTRY, "MC"),
        (oid::AT_COMMON_NAME, "C E"),
        (oid::AT_SURNAME, "E"),
        (oid::AT_SERIAL_NUMBER, "IDCMC-427"),
    ];
    for (oid, value) in attributes {
        all.retain(|(known, _)| known != oid);
        if !value.is_empty() {
            all.push((*oid, value));
        }
    }
    dn(&all)
}

fn seal_named(attributes: &[(oid::ObjectIdentifier, &str)]) -> Bytes {
    let mut all = vec![
        (oid::AT_COUNTRY, "MC"),
        (oid::AT_ORGANIZATION, "Acme SAM"),
        (oid::AT_ORGANIZATION_IDENTIFIER, "NTRMC-1"),
        (oid::AT_COMMON_NAME, "Acme"),
    ];
    for (oid, value) in attributes {
        all.retain(|(known, _)| known != oid);
        if !value.is_empty() {
            all.push((*oid, value));
        }
    }
    dn(&all)
}

fn issuer_named(attributes: &[(oid::ObjectIdentifier, &str)]) -> Bytes {
    seal_named(attributes)
}

fn tsu_named(without: oid::ObjectIdentifier) -> Bytes {
    let mut all = vec![
        (oid::AT_COUNTRY, "MC"),
        (oid::AT_ORGANIZATION, "Sceau"),
        (oid::AT_COMMON_NAME, "TSU"),
    ];
    all.retain(|(known, _)| *known != without);
    dn(&all)
}

fn long(attribute: oid::ObjectIdentifier, n: usize) -> Bytes {
    dn(&[(oid::AT_COUNTRY, "MC"), (attribute, &"x".repeat(n))])
}

fn identified(s: &mut Sample, semantics_id: oid::ObjectIdentifier, value: &str) {
    s.unstate(oid::QCS_PKIX_SYNTAX_V2);
    s.say(&semantics(semantics_id, &[]));
    s.subject = match semantics_id {
        oid::SEMANTICS_NATURAL | oid::SEMANTICS_EIDAS_NATURAL => {
            person_named(&[(oid::AT_SERIAL_NUMBER, value)])
        }
        _ => seal_named(&[(oid::AT_ORGANIZATION_IDENTIFIER, value)]),
    };
}

fn san(s: &mut Sample, names: &[Bytes]) {
    s.put(oid::CE_SUBJECT_ALT_NAME, false, statements(names));
}

fn ian(s: &mut Sample, names: &[Bytes]) {
    s.put(oid::CE_ISSUER_ALT_NAME, false, statements(names));
}

fn dns(name: &str) -> Bytes {
    tlv(0x82, &[name.as_bytes()])
}

fn constrained(s: &mut Sample, base: &[u8], more: &[u8]) {
    let subtree = seq(&[&seq(&[base, more])]);
    s.put(
        oid::CE_NAME_CONSTRAINTS,
        true,
        seq(&[&tlv(context(0), &[contents(&subtree)])]),
    );
}

fn limit(s: &mut Sample, currency: &[u8], amount: u8, exponent: u8) {
    s.state(
        oid::QCS_LIMIT_VALUE,
        &seq(&[currency, &[2, 1, amount], &[2, 1, exponent]]),
    );
}

fn own() -> oid::ObjectIdentifier {
    oid::ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.4")
}

/// Rules on certificates, in the order of their folders.
#[rustfmt::skip]
pub fn all() -> Vec<Defect> {
    vec![
        // X.690
        ("x690.part-unreadable", Sample::seal, |s| s.put(oid::CE_KEY_USAGE, true, vec![5, 0])),
        ("x690.length-not-minimal", Sample::seal, |s| s.put(oid::CE_KEY_USAGE, true, vec![3, 0x81, 2, 6, 0x40])),
        ("x690.framing-broken", Sample::plain, |s| s.add(own(), false, vec![0x30, 0x80, 0, 0])),
        ("x690.form-wrong", Sample::plain, |s| s.add(own(), false, vec![0x24, 3, 4, 1, 0])),
        ("x690.boolean-not-der", Sample::plain, |s| s.criticality(oid::CE_KEY_USAGE, Some(1))),
        ("x690.integer-not-minimal", Sample::plain, |s| s.serial = vec![2, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8]),
        ("x690.bit-string-padding", Sample::plain, |s| s.put(oid::CE_KEY_USAGE, true, vec![3, 2, 7, 0xC0])),
        ("x690.object-identifier-broken", Sample::plain, |s| s.add(own(), false, vec![6, 2, 0x80, 1])),
        ("x690.null-not-empty", Sample::plain, |s| s.add(own(), false, vec![5, 1, 0])),
        ("x690.set-not-sorted", Sample::plain, |s| s.add(own(), false, vec![0x31, 6, 2, 1, 2, 2, 1, 1])),
        ("x690.string-alphabet", Sample::plain, |s| s.subject = name(&[(oid::AT_COUNTRY, PRINTABLE, b"M*")])),
        ("x690.too-deep", Sample::plain, |s| {
            let mut deep = vec![5, 0];
            for _ in 0..40 { deep = seq(&[&deep]); }
            s.add(own(), false, deep);
        }),
        ("x690.default-encoded", Sample::plain, |s| s.criticality(oid::CE_AUTHORITY_KEY_IDENTIFIER, Some(0))),
        // RFC 5280: fields
        ("rfc5280.version-not-3", Sample::plain, |s| s.version = None),
        ("rfc5280.version-unknown", Sample::plain, |s| s.version = Some(tlv(context(0), &[&[2, 1, 7]]))),
        ("rfc5280.unique-identifier-present", Sample::plain, |s| s.unique = tlv(0x81, &[&[0, 1]])),
        ("rfc5280.unique-identifier-in-version-1", Sample::plain, |s| { s.version = None; s.unique = tlv(0x82, &[&[0, 1]]); }),
        ("rfc5280.extensions-empty", Sample::plain, |s| s.extensions = Some(vec![])),
        ("rfc5280.serial-number-not-positive", Sample::plain, |s| s.serial = vec![2, 1, 0]),
        ("rfc5280.serial-number-too-long", Sample::plain, |s| s.serial = tlv(2, &[&[0x42; 21]])),
        ("rfc5280.signature-algorithm-mismatch", Sample::plain, |s| s.outer = seq(&[&oid_der(oid::ECDSA_WITH_SHA384)])),
        ("rfc5280.issuer-empty", Sample::plain, |s| s.issuer = seq(&[])),
        ("rfc5280.ca-subject-empty", Sample::issuing, |s| s.subject = seq(&[])),
        ("rfc5280.subject-empty-without-alternative", Sample::plain, |s| s.subject = seq(&[])),
        ("rfc5280.alternative-name-not-critical", Sample::plain, |s| { s.subject = seq(&[]); san(s, &[dns("a.example")]); }),
        ("rfc5280.alternative-name-critical", Sample::plain, |s| { san(s, &[dns("a.example")]); s.criticality(oid::CE_SUBJECT_ALT_NAME, Some(0xFF)); }),
        ("rfc5280.empty-rdn", Sample::plain, |s| s.subject = seq(&[&[0x31, 0]])),
        ("rfc5280.validity-reversed", Sample::plain, |s| s.not_after = utc("201121120000Z")),
        ("rfc5280.validity-endless", Sample::plain, |s| s.not_after = generalized("99991231235959Z")),
        ("rfc5280.time-type", Sample::plain, |s| s.not_after = generalized("20281121120000Z")),
        ("rfc5280.time-without-seconds", Sample::plain, |s| s.not_after = utc("2811211200Z")),
        ("rfc5280.time-not-utc", Sample::plain, |s| s.not_after = utc("281121120000+0100")),
        ("rfc5280.time-fraction", Sample::plain, |s| s.not_after = generalized("20281121120000.5Z")),
        ("rfc5280.subject-control-character", Sample::plain, |s| s.subject = dn(&[(oid::AT_COMMON_NAME, "a\nb")])),
        ("rfc5280.subject-character-prohibited", Sample::plain, |s| s.subject = dn(&[(oid::AT_COMMON_NAME, "a\u{E000}")])),
        ("rfc5280.subject-character-invisible", Sample::plain, |s| s.subject = dn(&[(oid::AT_COMMON_NAME, "Ac\u{200B}me")])),
        ("rfc5280.subject-white-space", Sample::plain, |s| s.subject = dn(&[(oid::AT_COMMON_NAME, "Acme ")])),
        ("rfc5280.subject-not-normal", Sample::plain, |s| s.subject = dn(&[(oid::AT_COMMON_NAME, "Zoe\u{301}")])),
        ("rfc5280.subject-word-of-mixed-scripts", Sample::plain, |s| s.subject = dn(&[(oid::AT_COMMON_NAME, "A\u{441}me")])),
        ("rfc5280.issuer-country-not-printable", Sample::plain, |s| s.issuer = name(&[(oid::AT_COUNTRY, UTF8, b"MC")])),
        ("rfc5280.subject-country-not-printable", Sample::plain, |s| s.subject = name(&[(oid::AT_COUNTRY, UTF8, b"MC")])),
        ("rfc5280.subject-serial-number-not-printable", Sample::plain, |s| s.subject = name(&[(oid::AT_SERIAL_NUMBER, UTF8, b"1")])),
        ("rfc5280.attribute-string-type", Sample::plain, |s| s.subject = name(&[(oid::AT_COMMON_NAME, 0x1E, &[0, 65])])),
        ("rfc5280.attribute-string-type", Sample::plain, |s| s.subject = name(&[(oid::AT_ORGANIZATION, IA5, b"Acme")])),
        ("rfc5280.attribute-empty", Sample::plain, |s| s.subject = dn(&[(oid::AT_ORGANIZATION, "\u{A0} ")])),
        ("x690.part-unreadable", Sample::plain, |s| s.subject = seq(&[&tlv(0x31, &[&seq(&[&oid_der(oid::AT_COMMON_NAME), &tlv(UTF8, &[b"a"]), NULL])])])),
        ("x690.part-unreadable", Sample::plain, |s| san(s, &[tlv(0xA0, &[&oid_der(own())])])),
        ("x690.part-unreadable", Sample::plain, |s| san(s, &[tlv(0xA4, &[NULL])])),
        ("rfc5280.general-name-empty", Sample::plain, |s| san(s, &[tlv(0xA4, &[&seq(&[])])])),
        ("rfc5280.attribute-empty", Sample::plain, |s| s.subject = dn(&[(oid::AT_COMMON_NAME, "")])),
        ("rfc5280.common-name-too-long", Sample::plain, |s| s.subject = long(oid::AT_COMMON_NAME, 65)),
        ("rfc5280.organization-name-too-long", Sample::plain, |s| s.subject = long(oid::AT_ORGANIZATION, 65)),
        ("rfc5280.organizational-unit-too-long", Sample::plain, |s| s.subject = long(oid::AT_ORGANIZATIONAL_UNIT, 65)),
        ("rfc5280.locality-too-long", Sample::plain, |s| s.subject = long(oid::AT_LOCALITY, 129)),
        ("rfc5280.state-too-long", Sample::plain, |s| s.subject = long(oid::AT_STATE, 129)),
        ("rfc5280.street-too-long", Sample::plain, |s| s.subject = long(oid::AT_STREET, 129)),
        ("rfc5280.postal-code-too-long", Sample::plain, |s| s.subject = long(oid::AT_POSTAL_CODE, 17)),
        ("rfc5280.serial-number-attribute-too-long", Sample::plain, |s| s.subject = long(oid::AT_SERIAL_NUMBER, 65)),
        ("rfc5280.title-too-long", Sample::plain, |s| s.subject = long(oid::AT_TITLE, 65)),
        ("rfc5280.pseudonym-too-long", Sample::plain, |s| s.subject = long(oid::AT_PSEUDONYM, 129)),
        ("rfc5280.email-address-too-long", Sample::plain, |s| s.subject = long(oid::AT_EMAIL, 256)),
        ("rfc5280.given-name-too-long", Sample::plain, |s| s.subject = long(oid::AT_GIVEN_NAME, 32_769)),
        ("rfc5280.given-name-long", Sample::plain, |s| s.subject = long(oid::AT_GIVEN_NAME, 65)),
        ("rfc5280.surname-too-long", Sample::plain, |s| s.subject = long(oid::AT_SURNAME, 32_769)),
        ("rfc5280.surname-long", Sample::plain, |s| s.subject = long(oid::AT_SURNAME, 65)),
        ("rfc5280.email-address-not-in-alternative-name", Sample::plain, |s| s.subject = dn(&[(oid::AT_EMAIL, "a@b.example")])),
        // RFC 5280: extensions
        ("rfc5280.extension-repeated", Sample::plain, |s| s.add(oid::CE_KEY_USAGE, true, usage(1))),
        ("rfc5280.critical-extension-unknown", Sample::plain, |s| s.add(own(), true, NULL.to_vec())),
        ("rfc5280.extension-value-empty", Sample::plain, |s| s.put(oid::CE_EXT_KEY_USAGE, false, seq(&[]))),
        ("rfc5280.authority-key-identifier-missing", Sample::plain, |s| s.drop(oid::CE_AUTHORITY_KEY_IDENTIFIER)),
        ("rfc5280.authority-key-identifier-without-key", Sample::plain, |s| s.put(oid::CE_AUTHORITY_KEY_IDENTIFIER, false, seq(&[]))),
        ("rfc5280.authority-key-identifier-half", Sample::plain, |s| s.put(oid::CE_AUTHORITY_KEY_IDENTIFIER, false, seq(&[&tlv(0x80, &[&[9]]), &tlv(0x82, &[&[1]])]))),
        ("rfc5280.authority-key-identifier-critical", Sample::plain, |s| s.criticality(oid::CE_AUTHORITY_KEY_IDENTIFIER, Some(0xFF))),
        ("rfc5280.authority-key-identifier-mismatch", Sample::expected, |s| s.put(oid::CE_AUTHORITY_KEY_IDENTIFIER, false, seq(&[&tlv(0x80, &[&[8; 20]])]))),
        ("rfc5280.subject-key-identifier-missing-in-ca", Sample::issuing, |s| s.drop(oid::CE_SUBJECT_KEY_IDENTIFIER)),
        ("rfc5280.subject-key-identifier-missing", Sample::plain, |s| s.drop(oid::CE_SUBJECT_KEY_IDENTIFIER)),
        ("rfc5280.subject-key-identifier-critical", Sample::plain, |s| s.criticality(oid::CE_SUBJECT_KEY_IDENTIFIER, Some(0xFF))),
        ("rfc5280.subject-key-identifier-empty", Sample::plain, |s| s.put(oid::CE_SUBJECT_KEY_IDENTIFIER, false, vec![4, 0])),
        ("rfc5280.key-usage-missing-in-ca", Sample::issuing, |s| s.drop(oid::CE_KEY_USAGE)),
        ("rfc5280.key-usage-of-ca-without-cert-sign", Sample::issuing, |s| {
            s.expectation = Some(pki_lint::Expectation::of(pki_lint::Kind::IssuingCa));
            s.put(oid::CE_KEY_USAGE, true, usage(0x40));
        }),
        ("rfc5280.key-usage-of-ca-without-cert-sign", Sample::seal, |s| s.put(oid::CE_BASIC_CONSTRAINTS, true, seq(&[TRUE]))),
        ("rfc5280.cert-sign-without-ca", Sample::plain, |s| s.put(oid::CE_KEY_USAGE, true, usage(0x20))),
        ("rfc5280.key-usage-not-critical", Sample::plain, |s| s.criticality(oid::CE_KEY_USAGE, None)),
        ("rfc5280.key-usage-without-bits", Sample::plain, |s| s.put(oid::CE_KEY_USAGE, true, vec![3, 1, 0])),
        ("rfc5280.key-usage-unused-bits", Sample::plain, |s| s.put(oid::CE_KEY_USAGE, true, vec![3, 2, 0, 0x80])),
        ("rfc5280.key-usage-trailing-zeros", Sample::plain, |s| s.put(oid::CE_KEY_USAGE, true, vec![3, 3, 0, 0x80, 0])),
        ("rfc5280.key-usage-too-long", Sample::plain, |s| s.put(oid::CE_KEY_USAGE, true, vec![3, 4, 0, 0x80, 0x80, 1])),
        ("rfc5280.agreement-bits-without-agreement", Sample::plain, |s| s.put(oid::CE_KEY_USAGE, true, usage(0x81))),
        ("rfc5280.private-key-usage-beyond-validity", Sample::tsu, |s| s.put(oid::CE_PRIVATE_KEY_USAGE_PERIOD, false, seq(&[&tlv(0x81, &[b"20401121120000Z"])]))),
        ("rfc5280.policies-repeated", Sample::plain, |s| s.put(oid::CE_CERTIFICATE_POLICIES, false, policies(&[own(), own()]))),
        ("rfc5280.any-policy-qualifier", Sample::plain, |s| {
            let q = seq(&[&seq(&[&oid_der(own()), NULL])]);
            s.put(oid::CE_CERTIFICATE_POLICIES, false, seq(&[&seq(&[&oid_der(oid::ANY_POLICY), &q])]));
        }),
        ("rfc5280.notice-reference", Sample::plain, |s| s.put(oid::CE_CERTIFICATE_POLICIES, false, notice(&seq(&[]), &tlv(UTF8, &[b"text"])))),
        ("rfc5280.explicit-text-ia5", Sample::plain, |s| s.put(oid::CE_CERTIFICATE_POLICIES, false, notice(&[], &tlv(IA5, &[b"text"])))),
        ("rfc5280.explicit-text-not-utf8", Sample::plain, |s| s.put(oid::CE_CERTIFICATE_POLICIES, false, notice(&[], &tlv(0x1A, &[b"text"])))),
        ("rfc5280.explicit-text-control-character", Sample::plain, |s| s.put(oid::CE_CERTIFICATE_POLICIES, false, notice(&[], &tlv(UTF8, &[b"a\x07"])))),
        ("rfc5280.explicit-text-not-normal", Sample::plain, |s| s.put(oid::CE_CERTIFICATE_POLICIES, false, notice(&[], &tlv(UTF8, &["e\u{301}".as_bytes()])))),
        ("rfc5280.explicit-text-too-long", Sample::plain, |s| s.put(oid::CE_CERTIFICATE_POLICIES, false, notice(&[], &tlv(UTF8, &[&[b'x'; 201]])))),
        ("rfc5280.cps-not-http", Sample::plain, |s| {
            let q = seq(&[&seq(&[&oid_der(oid::QT_CPS), &tlv(IA5, &[b"ftp://a.example"])])]);
            s.put(oid::CE_CERTIFICATE_POLICIES, false, seq(&[&seq(&[&oid_der(own()), &q])]));
        }),
        ("rfc5280.policy-qualifiers-empty", Sample::plain, |s| s.put(oid::CE_CERTIFICATE_POLICIES, false, seq(&[&seq(&[&oid_der(own()), &seq(&[])])]))),
        ("rfc5280.policy-qualifier-unreadable", Sample::plain, |s| {
            let q = seq(&[&seq(&[&oid_der(oid::QT_CPS), &tlv(UTF8, &[b"https://a.example"])])]);
            s.put(oid::CE_CERTIFICATE_POLICIES, false, seq(&[&seq(&[&oid_der(own()), &q])]));
        }),
        ("rfc5280.policy-qualifier-unknown", Sample::plain, |s| {
            let q = seq(&[&seq(&[&oid_der(own()), NULL])]);
            s.put(oid::CE_CERTIFICATE_POLICIES, false, seq(&[&seq(&[&oid_der(own()), &q])]));
        }),
        ("rfc5280.policy-mapping-any-policy", Sample::issuing, |s| s.put(oid::CE_POLICY_MAPPINGS, true, seq(&[&purposes(&[own(), oid::ANY_POLICY])]))),
        ("rfc5280.policy-mapping-not-critical", Sample::issuing, |s| s.put(oid::CE_POLICY_MAPPINGS, false, seq(&[&purposes(&[own(), own()])]))),
        ("rfc5280.policy-mapping-of-absent-policy", Sample::issuing, |s| { s.put(oid::CE_CERTIFICATE_POLICIES, false, policies(&[oid::POLICY_NCP])); s.put(oid::CE_POLICY_MAPPINGS, true, seq(&[&purposes(&[own(), own()])])); }),
        ("rfc5280.policy-constraints-empty", Sample::issuing, |s| s.put(oid::CE_POLICY_CONSTRAINTS, true, seq(&[]))),
        ("rfc5280.policy-constraints-not-critical", Sample::issuing, |s| s.put(oid::CE_POLICY_CONSTRAINTS, false, seq(&[&[0x80, 1, 0]]))),
        ("rfc5280.inhibit-any-policy-not-critical", Sample::issuing, |s| s.put(oid::CE_INHIBIT_ANY_POLICY, false, vec![2, 1, 0])),
        ("rfc5280.directory-attributes-critical", Sample::plain, |s| s.put(oid::CE_SUBJECT_DIRECTORY_ATTRIBUTES, true, seq(&[NULL]))),
        ("rfc5280.issuer-alternative-name-critical", Sample::plain, |s| s.put(oid::CE_ISSUER_ALT_NAME, true, seq(&[&dns("a.example")]))),
        ("rfc5280.basic-constraints-missing-in-ca", Sample::issuing, |s| { s.expectation = Some(pki_lint::Expectation::of(pki_lint::Kind::IssuingCa)); s.drop(oid::CE_BASIC_CONSTRAINTS); }),
        ("rfc5280.basic-constraints-not-critical", Sample::issuing, |s| s.criticality(oid::CE_BASIC_CONSTRAINTS, None)),
        ("rfc5280.path-length-without-ca", Sample::plain, |s| s.put(oid::CE_BASIC_CONSTRAINTS, true, seq(&[&[2, 1, 0]]))),
        ("rfc5280.path-length-negative", Sample::issuing, |s| s.put(oid::CE_BASIC_CONSTRAINTS, true, seq(&[TRUE, &[2, 1, 0xFF]]))),
        ("rfc5280.name-constraints-not-in-ca", Sample::plain, |s| constrained(s, &dns("a.example"), &[])),
        ("rfc5280.name-constraints-not-critical", Sample::issuing, |s| { constrained(s, &dns("a.example"), &[]); s.criticality(oid::CE_NAME_CONSTRAINTS, None); }),
        ("rfc5280.name-constraints-empty", Sample::issuing, |s| s.put(oid::CE_NAME_CONSTRAINTS, true, seq(&[]))),
        ("rfc5280.name-constraints-unreadable", Sample::issuing, |s| s.put(oid::CE_NAME_CONSTRAINTS, true, vec![5, 0])),
        ("rfc5280.name-constraints-minimum", Sample::issuing, |s| constrained(s, &dns("a.example"), &[0x80, 1, 1])),
        ("rfc5280.name-constraints-maximum", Sample::issuing, |s| constrained(s, &dns("a.example"), &[0x81, 1, 1])),
        ("rfc5280.name-constraints-uri-host", Sample::issuing, |s| constrained(s, &uri("https://a.example/"), &[])),
        ("rfc5280.name-constraints-edi-party", Sample::issuing, |s| constrained(s, &tlv(0xA5, &[NULL]), &[])),
        ("rfc5280.name-constraints-registered-id", Sample::issuing, |s| constrained(s, &[0x88, 1, 0x2A], &[])),
        ("rfc5280.name-constraints-x400", Sample::issuing, |s| constrained(s, &tlv(0xA3, &[NULL]), &[])),
        ("rfc5280.extended-key-usage-any-critical", Sample::plain, |s| s.put(oid::CE_EXT_KEY_USAGE, true, purposes(&[oid::ANY_EXTENDED_KEY_USAGE]))),
        ("rfc5280.extended-key-usage-any", Sample::plain, |s| s.put(oid::CE_EXT_KEY_USAGE, false, purposes(&[oid::ANY_EXTENDED_KEY_USAGE]))),
        ("rfc5280.extended-key-usage-repeated", Sample::plain, |s| s.put(oid::CE_EXT_KEY_USAGE, false, purposes(&[oid::KP_CLIENT_AUTH, oid::KP_CLIENT_AUTH]))),
        ("rfc5280.extended-key-usage-inconsistent", Sample::plain, |s| { s.put(oid::CE_KEY_USAGE, true, usage(2)); s.put(oid::CE_EXT_KEY_USAGE, false, purposes(&[oid::KP_CLIENT_AUTH])); }),
        ("rfc5280.crl-distribution-points-critical", Sample::issuing, |s| s.criticality(oid::CE_CRL_DISTRIBUTION_POINTS, Some(0xFF))),
        ("rfc5280.distribution-point-incomplete", Sample::issuing, |s| s.put(oid::CE_CRL_DISTRIBUTION_POINTS, false, seq(&[&seq(&[&[0x81, 2, 6, 0x40]])]))),
        ("rfc5280.distribution-point-issuer", Sample::issuing, |s| s.put(oid::CE_CRL_DISTRIBUTION_POINTS, false, seq(&[&seq(&[&tlv(context(2), &[&tlv(context(4), &[&seq(&[])])])])]))),
        ("rfc5280.distribution-point-without-http", Sample::issuing, |s| s.put(oid::CE_CRL_DISTRIBUTION_POINTS, false, points(&[uri("ftp://a.example")]))),
        ("rfc5280.distribution-point-reasons", Sample::issuing, |s| s.put(oid::CE_CRL_DISTRIBUTION_POINTS, false, seq(&[&seq(&[&[0x81, 2, 6, 0x40]])]))),
        ("rfc5280.freshest-crl-critical", Sample::issuing, |s| s.put(oid::CE_FRESHEST_CRL, true, points(&[uri("http://a.example")]))),
        ("rfc5280.authority-info-access-critical", Sample::seal, |s| s.criticality(oid::PE_AUTHORITY_INFO_ACCESS, Some(0xFF))),
        ("rfc5280.subject-info-access-critical", Sample::plain, |s| s.put(oid::PE_SUBJECT_INFO_ACCESS, true, access(&[(own(), uri("http://a.example"))]))),
        ("rfc5280.ca-issuers-without-http", Sample::plain, |s| s.put(oid::PE_AUTHORITY_INFO_ACCESS, false, access(&[(oid::AD_CA_ISSUERS, uri("ftp://a.example"))]))),
        ("rfc5280.ocsp-location-not-uri", Sample::plain, |s| s.put(oid::PE_AUTHORITY_INFO_ACCESS, false, access(&[(oid::AD_OCSP, dns("a.example"))]))),
        ("rfc5280.general-name-empty", Sample::plain, |s| san(s, &[dns("")])),
        ("rfc5280.issuer-general-name-empty", Sample::plain, |s| ian(s, &[dns("")])),
        ("rfc5280.alternative-name-mail", Sample::plain, |s| san(s, &[tlv(0x81, &[b"A <a@b.example>"])])),
        ("rfc5280.issuer-alternative-name-mail", Sample::plain, |s| ian(s, &[tlv(0x81, &[b"nobody"])])),
        ("rfc5280.alternative-name-dns-ascii", Sample::plain, |s| san(s, &[dns("é.example")])),
        ("rfc5280.issuer-alternative-name-dns-ascii", Sample::plain, |s| ian(s, &[dns("é.example")])),
        ("rfc5280.alternative-name-dns-space", Sample::plain, |s| san(s, &[dns(" ")])),
        ("rfc5280.issuer-alternative-name-dns-space", Sample::plain, |s| ian(s, &[dns(" ")])),
        ("rfc5280.dns-name-too-long", Sample::plain, |s| san(s, &[dns(&"a.".repeat(130))])),
        ("rfc5280.dns-name-empty-label", Sample::plain, |s| san(s, &[dns("a..example")])),
        ("rfc5280.dns-label-too-long", Sample::plain, |s| san(s, &[dns(&format!("{}.example", "a".repeat(64)))])),
        ("rfc5280.dns-label-hyphen", Sample::plain, |s| san(s, &[dns("-a.example")])),
        ("rfc5280.dns-label-underscore", Sample::plain, |s| san(s, &[dns("a_b.example")])),
        ("rfc5280.dns-label-character", Sample::plain, |s| san(s, &[dns("a\0.example")])),
        ("rfc5280.dns-label-not-punycode", Sample::plain, |s| san(s, &[dns("xn--99999999999.example")])),
        ("rfc5280.dns-label-not-normal", Sample::plain, |s| san(s, &[dns("xn--e-xbb.example")])),
        ("rfc5280.alternative-name-uri-ascii", Sample::plain, |s| san(s, &[uri("http://a.example/é")])),
        ("rfc5280.issuer-alternative-name-uri-ascii", Sample::plain, |s| ian(s, &[uri("http://a.example/é")])),
        ("rfc5280.alternative-name-uri-relative", Sample::plain, |s| san(s, &[uri("a/b")])),
        ("rfc5280.issuer-alternative-name-uri-relative", Sample::plain, |s| ian(s, &[uri("https://")])),
        ("rfc5280.alternative-name-uri-host", Sample::plain, |s| san(s, &[uri("http://*/")])),
        ("rfc5280.issuer-alternative-name-uri-host", Sample::plain, |s| ian(s, &[uri("http://host/")])),
        ("rfc5280.alternative-name-ip-length", Sample::plain, |s| san(s, &[vec![0x87, 5, 1, 2, 3, 4, 5]])),
        ("rfc5280.issuer-name-mismatch", Sample::expected, |s| s.issuer = issuer_named(&[])),
        ("rfc5280.self-issued", Sample::expected, |s| s.subject = s.issuer.clone()),
        ("rfc5280.validity-beyond-issuer", Sample::expected, |s| s.not_after = utc("401121120000Z")),
        // Algorithm identifiers
        ("rfc4055.rsa-key-parameters-not-null", Sample::plain, |s| s.key = rsa_key(3072, 1, &[1, 0, 1], &[])),
        ("rfc4055.rsa-signature-parameters-not-null", Sample::plain, |s| s.inner = seq(&[&oid_der(oid::SHA256_WITH_RSA)])),
        ("rfc4055.signature-parameters-present", Sample::plain, |s| s.inner = seq(&[&oid_der(oid::ECDSA_WITH_SHA256), NULL])),
        ("rfc4055.ec-curve-not-named", Sample::plain, |s| s.key = p256_key(&seq(&[]), &point())),
        ("rfc4055.eddsa-key-parameters-present", Sample::plain, |s| s.key = seq(&[&seq(&[&dotted("1.3.101.112"), NULL]), &tlv(3, &[&[0; 33]])])),
        ("rfc4055.key-length-wrong", Sample::plain, |s| s.key = p256_key(&oid_der(oid::SECP256R1), &[4, 1, 2])),
        ("rfc4055.rsa-key-unreadable", Sample::plain, |s| s.key = seq(&[&seq(&[&oid_der(oid::RSA_ENCRYPTION), NULL]), &tlv(3, &[&[0, 5, 0]])])),
        ("rfc4055.rsa-key-unreadable", Sample::plain, |s| s.key = seq(&[&seq(&[&oid_der(oid::RSA_ENCRYPTION), NULL]), &tlv(3, &[&[0], &seq(&[&tlv(2, &[&[0xC3; 384]]), &[2, 3, 1, 0, 1]])])])),
        ("rfc4055.rsa-key-usage-of-ca", Sample::issuing, |s| { s.key = rsa(3072); s.put(oid::CE_KEY_USAGE, true, usage(0x70)); }),
        ("rfc4055.rsa-key-usage-of-end-entity", Sample::plain, |s| { s.key = rsa(3072); s.put(oid::CE_KEY_USAGE, true, usage(0x11)); }),
        ("rfc4055.rsa-ca-enciphers", Sample::issuing, |s| { s.key = rsa(3072); s.put(oid::CE_KEY_USAGE, true, usage(0x64)); }),
        ("rfc4055.ec-key-enciphers", Sample::plain, |s| s.put(oid::CE_KEY_USAGE, true, usage(5))),
        ("rfc4055.ec-end-entity-key-usage", Sample::plain, |s| s.put(oid::CE_KEY_USAGE, true, usage(0x41))),
        ("rfc4055.signature-value-shape", Sample::plain, |s| s.signature = vec![3, 2, 0, 7]),
        ("rfc4055.signature-value-shape", Sample::plain, |s| s.signature = tlv(3, &[&[0], &seq(&[&[2, 1, 0], &[2, 1, 7]])])),
        // RFC 3161, 6960, 6962, 9608
        ("rfc3161.time-stamping-not-alone", Sample::tsu, |s| s.put(oid::CE_EXT_KEY_USAGE, true, purposes(&[oid::KP_TIME_STAMPING, oid::KP_CLIENT_AUTH]))),
        ("rfc3161.time-stamping-not-critical", Sample::tsu, |s| s.criticality(oid::CE_EXT_KEY_USAGE, None)),
        ("rfc3161.time-stamping-missing", Sample::tsu, |s| { s.expectation = Some(pki_lint::Expectation::of(pki_lint::Kind::TimeStampingUnit)); s.drop(oid::CE_EXT_KEY_USAGE); }),
        ("rfc6960.no-check-not-null", Sample::ocsp, |s| s.put(oid::OCSP_NO_CHECK, false, seq(&[]))),
        ("rfc6960.no-check-critical", Sample::ocsp, |s| s.criticality(oid::OCSP_NO_CHECK, Some(0xFF))),
        ("rfc6960.no-check-outside-ocsp-signer", Sample::plain, |s| s.put(oid::OCSP_NO_CHECK, false, NULL.to_vec())),
        ("rfc6960.ocsp-signing-missing", Sample::ocsp, |s| { s.expectation = Some(pki_lint::Expectation::of(pki_lint::Kind::OcspSigner)); s.drop(oid::CE_EXT_KEY_USAGE); }),
        ("rfc6960.ocsp-signer-cannot-sign", Sample::ocsp, |s| s.put(oid::CE_KEY_USAGE, true, usage(2))),
        ("rfc6960.ocsp-signer-long-lived", Sample::ocsp, |s| s.not_after = utc("281121120000Z")),
        ("rfc6960.ocsp-signer-points-to-ocsp", Sample::ocsp, |s| s.put(oid::PE_AUTHORITY_INFO_ACCESS, false, access(&[(oid::AD_OCSP, uri("http://a.example"))]))),
        ("rfc6962.sct-list-empty", Sample::plain, |s| s.put(oid::CT_SCT_LIST, false, vec![4, 2, 0, 0])),
        ("rfc6962.precertificate-with-sct-list", Sample::plain, |s| { s.put(oid::CT_SCT_LIST, false, vec![4, 3, 0, 1, 7]); s.put(oid::CT_POISON, true, NULL.to_vec()); }),
        ("rfc9608.short-term-not-null", Sample::short, |s| s.put(oid::CE_NO_REV_AVAIL, false, seq(&[]))),
        ("rfc9608.short-term-critical", Sample::short, |s| s.criticality(oid::CE_NO_REV_AVAIL, Some(0xFF))),
        ("rfc9608.no-revocation-with-revocation", Sample::seal, |s| s.put(oid::CE_NO_REV_AVAIL, false, NULL.to_vec())),
        ("rfc9608.no-revocation-in-ca", Sample::issuing, |s| s.put(oid::CE_NO_REV_AVAIL, false, NULL.to_vec())),
        ("rfc9608.short-term-long-lived", Sample::short, |s| s.not_after = utc("281121120000Z")),
        // EN 319 411-1
        ("en319411-1.serial-number-short", Sample::plain, |s| s.serial = vec![2, 1, 7]),
        ("en319411-1.policies-contradictory", Sample::person, |s| s.put(oid::CE_CERTIFICATE_POLICIES, false, policies(&[oid::POLICY_NCP, oid::POLICY_NCP_PLUS]))),
        ("en319411-1.policies-of-both-series", Sample::person, |s| s.put(oid::CE_CERTIFICATE_POLICIES, false, policies(&[oid::POLICY_NCP, oid::POLICY_QCP_N]))),
        ("en319411-1.issuing-ca-without-policies", Sample::issuing, |s| s.drop(oid::CE_CERTIFICATE_POLICIES)),
        ("en319411-1.issuing-ca-without-status", Sample::issuing, |s| s.drop(oid::CE_CRL_DISTRIBUTION_POINTS)),
        // EN 319 412-1
        ("en319412-1.natural-identifier-form", Sample::person, |s| identified(s, oid::SEMANTICS_NATURAL, "427")),
        ("en319412-1.natural-identifier-scheme", Sample::person, |s| identified(s, oid::SEMANTICS_NATURAL, "NTRMC-427")),
        ("en319412-1.natural-identifier-scheme-deprecated", Sample::person, |s| identified(s, oid::SEMANTICS_NATURAL, "TAXMC-427")),
        ("en319412-1.natural-identifier-country", Sample::person, |s| identified(s, oid::SEMANTICS_NATURAL, "PNOXX-427")),
        ("en319412-1.natural-identifier-missing", Sample::person, |s| identified(s, oid::SEMANTICS_NATURAL, "")),
        ("en319412-1.natural-scheme-without-authority", Sample::person, |s| identified(s, oid::SEMANTICS_NATURAL, "AB:MC-427")),
        ("en319412-1.legal-identifier-form", Sample::seal, |s| identified(s, oid::SEMANTICS_LEGAL, "00S03813")),
        ("en319412-1.legal-identifier-scheme", Sample::seal, |s| identified(s, oid::SEMANTICS_LEGAL, "PASMC-1")),
        ("en319412-1.legal-identifier-country", Sample::seal, |s| identified(s, oid::SEMANTICS_LEGAL, "NTRXX-1")),
        ("en319412-1.legal-identifier-missing", Sample::seal, |s| identified(s, oid::SEMANTICS_LEGAL, "")),
        ("en319412-1.legal-scheme-without-authority", Sample::seal, |s| identified(s, oid::SEMANTICS_LEGAL, "RC:MC-1")),
        ("en319412-1.vat-number-form", Sample::seal, |s| identified(s, oid::SEMANTICS_LEGAL, "VATFR-1234567890")),
        ("en319412-1.psd-identifier-form", Sample::seal, |s| identified(s, oid::SEMANTICS_LEGAL, "PSDFR-1234")),
        ("en319412-1.semantics-empty", Sample::seal, |s| { s.unstate(oid::QCS_PKIX_SYNTAX_V2); s.state(oid::QCS_PKIX_SYNTAX_V2, &seq(&[])); }),
        ("en319412-1.semantics-in-version-1", Sample::seal, |s| s.state(oid::QCS_PKIX_SYNTAX_V1, &seq(&[&oid_der(oid::SEMANTICS_LEGAL)]))),
        ("en319412-1.lei-check-digits", Sample::seal, |s| identified(s, oid::SEMANTICS_LEGAL, "LEIXG-5493001KJTIIGC8Y1R13")),
        ("en319412-1.eidas-natural-identifier-form", Sample::person, |s| identified(s, oid::SEMANTICS_EIDAS_NATURAL, "ESAT02635542Y")),
        ("en319412-1.eidas-legal-identifier-form", Sample::seal, |s| identified(s, oid::SEMANTICS_EIDAS_LEGAL, "a b")),
        ("en319412-1.semantics-of-another-kind", Sample::seal, |s| { s.unstate(oid::QCS_PKIX_SYNTAX_V2); s.say(&semantics(oid::SEMANTICS_NATURAL, &[])); }),
        ("en319412-1.semantics-unknown", Sample::seal, |s| { s.unstate(oid::QCS_PKIX_SYNTAX_V2); s.say(&semantics(own(), &[])); }),
        // EN 319 412-2
        ("en319412-2.issuer-country-missing", Sample::seal, |s| s.issuer = issuer_named(&[(oid::AT_COUNTRY, "")])),
        ("en319412-2.issuer-organization-missing", Sample::seal, |s| s.issuer = issuer_named(&[(oid::AT_ORGANIZATION, "")])),
        ("en319412-2.issuer-common-name-missing", Sample::seal, |s| s.issuer = issuer_named(&[(oid::AT_COMMON_NAME, "")])),
        ("en319412-2.issuer-attribute-repeated", Sample::seal, |s| s.issuer = dn(&[(oid::AT_COUNTRY, "MC"), (oid::AT_COUNTRY, "FR")])),
        ("en319412-2.issuer-country-unknown", Sample::seal, |s| s.issuer = issuer_named(&[(oid::AT_COUNTRY, "XX")])),
        ("en319412-2.issuer-identifier-is-name", Sample::seal, |s| s.issuer = issuer_named(&[(oid::AT_ORGANIZATION, "NTRMC-1")])),
        ("en319412-2.issuer-identifier-missing", Sample::seal, |s| s.issuer = issuer_named(&[(oid::AT_ORGANIZATION_IDENTIFIER, "")])),
        ("en319412-2.subject-country-missing", Sample::person, |s| s.subject = person_named(&[(oid::AT_COUNTRY, "")])),
        ("en319412-2.subject-common-name-missing", Sample::person, |s| s.subject = person_named(&[(oid::AT_COMMON_NAME, "")])),
        ("en319412-2.subject-name-missing", Sample::person, |s| s.subject = person_named(&[(oid::AT_SURNAME, "")])),
        ("en319412-2.subject-attribute-repeated", Sample::person, |s| s.subject = dn(&[(oid::AT_COUNTRY, "MC"), (oid::AT_COUNTRY, "FR"), (oid::AT_SURNAME, "E")])),
        ("en319412-2.pseudonym-beside-name", Sample::person, |s| s.subject = person_named(&[(oid::AT_PSEUDONYM, "P")])),
        ("en319412-2.subject-country-unknown", Sample::person, |s| s.subject = person_named(&[(oid::AT_COUNTRY, "XX")])),
        ("en319412-2.authority-key-identifier-missing", Sample::person, |s| s.drop(oid::CE_AUTHORITY_KEY_IDENTIFIER)),
        ("en319412-2.key-usage-missing", Sample::person, |s| s.drop(oid::CE_KEY_USAGE)),
        ("en319412-2.key-usage-setting-unknown", Sample::person, |s| s.put(oid::CE_KEY_USAGE, true, usage(8))),
        ("en319412-2.key-usage-content-commitment", Sample::person, |s| s.put(oid::CE_KEY_USAGE, true, usage(1))),
        ("en319412-2.key-usage-mixed", Sample::person, |s| s.put(oid::CE_KEY_USAGE, true, usage(3))),
        ("en319412-2.policies-missing", Sample::person, |s| s.drop(oid::CE_CERTIFICATE_POLICIES)),
        ("en319412-2.policies-critical", Sample::person, |s| s.criticality(oid::CE_CERTIFICATE_POLICIES, Some(0xFF))),
        ("en319412-2.policy-mappings-present", Sample::person, |s| s.put(oid::CE_POLICY_MAPPINGS, true, seq(&[&purposes(&[own(), own()])]))),
        ("en319412-2.name-constraints-present", Sample::person, |s| constrained(s, &dns("a.example"), &[])),
        ("en319412-2.policy-constraints-present", Sample::person, |s| s.put(oid::CE_POLICY_CONSTRAINTS, true, seq(&[&[0x80, 1, 0]]))),
        ("en319412-2.inhibit-any-policy-present", Sample::person, |s| s.put(oid::CE_INHIBIT_ANY_POLICY, true, vec![2, 1, 0])),
        ("en319412-2.alternative-name-critical", Sample::person, |s| s.put(oid::CE_SUBJECT_ALT_NAME, true, seq(&[&dns("a.example")]))),
        ("en319412-2.issuer-alternative-name-critical", Sample::person, |s| s.put(oid::CE_ISSUER_ALT_NAME, true, seq(&[&dns("a.example")]))),
        ("en319412-2.extended-key-usage-critical", Sample::person, |s| s.put(oid::CE_EXT_KEY_USAGE, true, purposes(&[oid::KP_DOCUMENT_SIGNING]))),
        ("en319412-2.extended-key-usage-of-services", Sample::expected, |s| s.put(oid::CE_EXT_KEY_USAGE, false, purposes(&[oid::KP_OCSP_SIGNING]))),
        ("en319412-2.status-source-missing", Sample::person, |s| { s.drop(oid::CE_CRL_DISTRIBUTION_POINTS); s.put(oid::PE_AUTHORITY_INFO_ACCESS, false, access(&[(oid::AD_CA_ISSUERS, uri("http://a.example"))])); }),
        ("en319412-2.distribution-point-without-http", Sample::person, |s| s.put(oid::CE_CRL_DISTRIBUTION_POINTS, false, points(&[uri("ftp://a.example")]))),
        ("en319412-2.distribution-points-critical", Sample::person, |s| s.criticality(oid::CE_CRL_DISTRIBUTION_POINTS, Some(0xFF))),
        ("en319412-2.authority-info-access-missing", Sample::person, |s| s.drop(oid::PE_AUTHORITY_INFO_ACCESS)),
        ("en319412-2.ca-issuers-missing", Sample::person, |s| s.put(oid::PE_AUTHORITY_INFO_ACCESS, false, access(&[(oid::AD_OCSP, uri("http://a.example"))]))),
        ("en319412-2.ca-issuers-not-http", Sample::person, |s| s.put(oid::PE_AUTHORITY_INFO_ACCESS, false, access(&[(oid::AD_CA_ISSUERS, uri("ldap://a.example"))]))),
        ("en319412-2.ocsp-not-http", Sample::person, |s| s.put(oid::PE_AUTHORITY_INFO_ACCESS, false, access(&[(oid::AD_OCSP, uri("ldap://a.example"))]))),
        // EN 319 412-3
        ("en319412-3.subject-country-missing", Sample::seal, |s| s.subject = seal_named(&[(oid::AT_COUNTRY, "")])),
        ("en319412-3.subject-organization-missing", Sample::seal, |s| s.subject = seal_named(&[(oid::AT_ORGANIZATION, "")])),
        ("en319412-3.subject-organization-identifier-missing", Sample::seal, |s| s.subject = seal_named(&[(oid::AT_ORGANIZATION_IDENTIFIER, "")])),
        ("en319412-3.subject-common-name-missing", Sample::seal, |s| s.subject = seal_named(&[(oid::AT_COMMON_NAME, "")])),
        ("en319412-3.subject-attribute-repeated", Sample::seal, |s| s.subject = dn(&[(oid::AT_ORGANIZATION, "A"), (oid::AT_ORGANIZATION, "B")])),
        ("en319412-3.subject-country-unknown", Sample::seal, |s| s.subject = seal_named(&[(oid::AT_COUNTRY, "mc")])),
        ("en319412-3.identifier-is-name", Sample::seal, |s| s.subject = seal_named(&[(oid::AT_ORGANIZATION, "NTRMC-1")])),
        ("en319412-3.subject-of-a-person", Sample::seal, |s| s.subject = seal_named(&[(oid::AT_SURNAME, "E")])),
        ("en319412-3.key-usage-content-commitment", Sample::seal, |s| s.put(oid::CE_KEY_USAGE, true, usage(1))),
        ("en319412-3.key-usage-mixed", Sample::seal, |s| s.put(oid::CE_KEY_USAGE, true, usage(3))),
        // EN 319 412-5
        ("en319412-5.statements-critical", Sample::seal, |s| s.criticality(oid::PE_QC_STATEMENTS, Some(0xFF))),
        ("en319412-5.statement-repeated", Sample::seal, |s| s.say(&statement(oid::QCS_COMPLIANCE, &[]))),
        ("en319412-5.type-as-statement", Sample::seal, |s| s.say(&statement(oid::QCT_ESEAL, &[]))),
        ("en319412-5.statement-unknown", Sample::seal, |s| s.say(&seq(&[&dotted("0.4.0.1862.1.77")]))),
        ("en319412-5.compliance-missing", Sample::seal, |s| s.unstate(oid::QCS_COMPLIANCE)),
        ("en319412-5.compliance-with-value", Sample::seal, |s| s.state(oid::QCS_COMPLIANCE, NULL)),
        ("en319412-5.sscd-with-value", Sample::seal, |s| s.state(oid::QCS_SSCD, NULL)),
        ("en319412-5.sscd-missing", Sample::seal, |s| s.put(oid::CE_CERTIFICATE_POLICIES, false, policies(&[oid::POLICY_QCP_L_QSCD]))),
        ("en319412-5.sscd-against-policy", Sample::seal, |s| s.state(oid::QCS_SSCD, &[])),
        ("en319412-5.type-missing", Sample::seal, |s| s.unstate(oid::QCS_TYPE)),
        ("en319412-5.type-missing-for-signature", Sample::person, |s| s.unstate(oid::QCS_TYPE)),
        ("en319412-5.type-unreadable", Sample::seal, |s| s.state(oid::QCS_TYPE, &seq(&[]))),
        ("en319412-5.type-unknown", Sample::seal, |s| s.state(oid::QCS_TYPE, &purposes(&[own()]))),
        ("en319412-5.type-not-alone", Sample::seal, |s| s.state(oid::QCS_TYPE, &purposes(&[oid::QCT_ESEAL, oid::QCT_ESIGN]))),
        ("en319412-5.type-of-another-kind", Sample::expected, |s| s.state(oid::QCS_TYPE, &purposes(&[oid::QCT_WEB]))),
        ("en319412-5.type-of-server", Sample::seal, |s| s.put(oid::CE_EXT_KEY_USAGE, false, purposes(&[oid::KP_SERVER_AUTH]))),
        ("en319412-5.type-of-mail", Sample::seal, |s| { s.put(oid::CE_EXT_KEY_USAGE, false, purposes(&[oid::KP_EMAIL_PROTECTION])); s.state(oid::QCS_TYPE, &purposes(&[oid::QCT_WEB])); }),
        ("en319412-5.legislation-in-eu-certificate", Sample::expected, |s| s.expectation.as_mut().unwrap().legislation = pki_lint::Legislation::Eu),
        ("en319412-5.legislation-names-member-state", Sample::seal, |s| { s.unstate(oid::QCS_CC_LEGISLATION); s.say(&legislation(&["FR"])); }),
        ("en319412-5.legislation-country-unknown", Sample::seal, |s| { s.unstate(oid::QCS_CC_LEGISLATION); s.say(&legislation(&["XX"])); }),
        ("en319412-5.legislation-empty", Sample::seal, |s| { s.unstate(oid::QCS_CC_LEGISLATION); s.say(&legislation(&[])); }),
        ("en319412-5.pds-missing", Sample::person, |s| s.unstate(oid::QCS_PDS)),
        ("en319412-5.pds-unreadable", Sample::seal, |s| { s.unstate(oid::QCS_PDS); s.say(&pds(&[])); }),
        ("en319412-5.pds-language-unknown", Sample::seal, |s| { s.unstate(oid::QCS_PDS); s.say(&pds(&[("https://a.example", "en"), ("https://a.example", "xx")])); }),
        ("en319412-5.pds-language-capitals", Sample::seal, |s| { s.unstate(oid::QCS_PDS); s.say(&pds(&[("https://a.example", "EN")])); }),
        ("en319412-5.pds-not-https", Sample::seal, |s| { s.unstate(oid::QCS_PDS); s.say(&pds(&[("http://a.example", "en")])); }),
        ("en319412-5.pds-without-english", Sample::person, |s| { s.unstate(oid::QCS_PDS); s.say(&pds(&[("https://a.example", "fr")])); }),
        ("en319412-5.pds-without-english-elsewhere", Sample::seal, |s| { s.unstate(oid::QCS_PDS); s.say(&pds(&[("https://a.example", "fr")])); }),
        ("en319412-5.pds-language-repeated", Sample::seal, |s| { s.unstate(oid::QCS_PDS); s.say(&pds(&[("https://a.example", "en"), ("https://b.example", "en")])); }),
        ("en319412-5.pds-url-unusable", Sample::seal, |s| { s.unstate(oid::QCS_PDS); s.say(&pds(&[("https://", "en")])); }),
        ("en319412-5.pds-url-unusable", Sample::seal, |s| { s.unstate(oid::QCS_PDS); s.say(&pds(&[("https://a.example/a b", "en")])); }),
        ("en319412-5.limit-value-unreadable", Sample::seal, |s| s.state(oid::QCS_LIMIT_VALUE, NULL)),
        ("en319412-5.limit-value-negative", Sample::seal, |s| limit(s, &tlv(PRINTABLE, &[b"EUR"]), 0xFF, 0)),
        ("en319412-5.limit-value-currency", Sample::seal, |s| limit(s, &tlv(PRINTABLE, &[b"XXE"]), 1, 0)),
        ("en319412-5.limit-value-numeric", Sample::seal, |s| limit(s, &[2, 1, 78], 1, 0)),
        ("en319412-5.retention-period", Sample::seal, |s| s.state(oid::QCS_RETENTION_PERIOD, &[2, 1, 0])),
        ("en319412-5.identification-method", Sample::seal, |s| s.state(oid::QCS_IDENT_METHOD, &purposes(&[own()]))),
        ("en319412-5.device-legislation", Sample::seal, |s| s.state(oid::QCS_QSCD_LEGISLATION, &seq(&[]))),
        ("en319412-5.device-legislation-without-device", Sample::seal, |s| s.state(oid::QCS_QSCD_LEGISLATION, &seq(&[&tlv(PRINTABLE, &[b"CH"])]))),
        ("en319412-5.qualified-policy-missing", Sample::person, |s| s.put(oid::CE_CERTIFICATE_POLICIES, false, policies(&[own()]))),
        ("en319412-5.qualified-policies-contradictory", Sample::seal, |s| s.put(oid::CE_CERTIFICATE_POLICIES, false, policies(&[oid::POLICY_QCP_L, oid::POLICY_QCP_N]))),
        ("en319412-5.qualified-policy-of-another-kind", Sample::seal, |s| s.put(oid::CE_CERTIFICATE_POLICIES, false, policies(&[oid::POLICY_QCP_N]))),
        ("en319412-5.qualified-policy-against-type", Sample::seal, |s| s.put(oid::CE_CERTIFICATE_POLICIES, false, policies(&[oid::POLICY_QNCP_W]))),
        ("en319412-5.qualified-on-service", Sample::issuing, |s| s.put(oid::PE_QC_STATEMENTS, false, statements(&[statement(oid::QCS_COMPLIANCE, &[])]))),
        // EN 319 422
        ("en319422.subject-country-missing", Sample::tsu, |s| s.subject = tsu_named(oid::AT_COUNTRY)),
        ("en319422.subject-organization-missing", Sample::tsu, |s| s.subject = tsu_named(oid::AT_ORGANIZATION)),
        ("en319422.subject-common-name-missing", Sample::tsu, |s| s.subject = tsu_named(oid::AT_COMMON_NAME)),
        ("en319422.key-usage", Sample::tsu, |s| s.put(oid::CE_KEY_USAGE, true, usage(0x11))),
        ("en319422.private-key-usage-missing", Sample::tsu, |s| s.drop(oid::CE_PRIVATE_KEY_USAGE_PERIOD)),
        // TS 119 312
        ("ts119312.signature-algorithm-weak", Sample::plain, |s| s.inner = seq(&[&oid_der(oid::ECDSA_WITH_SHA1)])),
        ("ts119312.signature-algorithm-unknown", Sample::plain, |s| s.inner = seq(&[&oid_der(own())])),
        ("ts119312.signature-algorithm-not-verifiable", Sample::expected, |s| s.inner = seq(&[&oid_der(own())])),
        ("ts119312.rsa-modulus-small", Sample::plain, |s| s.key = rsa(1024)),
        ("ts119312.rsa-modulus-ended", Sample::plain, |s| { s.key = rsa(2048); s.not_before = utc("270101000000Z"); }),
        ("ts119312.rsa-modulus-ends-too-early", Sample::plain, |s| { s.key = rsa(2048); s.not_after = utc("291121120000Z"); }),
        ("ts119312.rsa-modulus-large", Sample::plain, |s| s.key = rsa(16384)),
        ("ts119312.rsa-modulus-even", Sample::plain, |s| s.key = rsa_key(3072, 2, &[1, 0, 1], NULL)),
        ("ts119312.rsa-exponent", Sample::plain, |s| s.key = rsa_key(3072, 1, &[3], NULL)),
        ("ts119312.key-algorithm-unknown", Sample::plain, |s| s.key = seq(&[&seq(&[&oid_der(own())]), &tlv(3, &[&[0, 1, 2]])])),
        ("ts119312.curve-unknown", Sample::plain, |s| s.key = p256_key(&dotted("1.3.132.0.10"), &point())),
        // The profile
        ("expected.policies", Sample::expected, |s| s.put(oid::CE_CERTIFICATE_POLICIES, false, policies(&[oid::POLICY_QCP_L]))),
        ("expected.extended-key-usage", Sample::expected, |s| s.put(oid::CE_EXT_KEY_USAGE, false, purposes(&[oid::KP_DOCUMENT_SIGNING]))),
        ("expected.key-usage", Sample::expected, |s| s.put(oid::CE_KEY_USAGE, true, usage(1))),
        ("expected.basic-constraints", Sample::expected, |s| s.put(oid::CE_BASIC_CONSTRAINTS, true, seq(&[TRUE]))),
        ("expected.key", Sample::expected, |s| s.key = rsa(2048)),
        ("expected.validity", Sample::expected, |s| s.not_after = utc("301121120000Z")),
        ("expected.qualified", Sample::expected, |s| s.unstate(oid::QCS_COMPLIANCE)),
        ("expected.secure-device", Sample::expected, |s| s.state(oid::QCS_SSCD, &[])),
        ("expected.status-source", Sample::expected, |s| s.drop(oid::CE_CRL_DISTRIBUTION_POINTS)),
        ("expected.subject-key-identifier", Sample::expected, |s| s.put(oid::CE_SUBJECT_KEY_IDENTIFIER, false, tlv(4, &[&[1; 20]]))),
        ("expected.semantics", Sample::expected, |s| s.unstate(oid::QCS_PKIX_SYNTAX_V2)),
        ("expected.no-check", Sample::expected, |s| s.put(oid::OCSP_NO_CHECK, false, NULL.to_vec())),
    ]
}

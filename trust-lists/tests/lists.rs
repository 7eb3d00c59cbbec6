//! Lists made and judged by others: xmlsec1 signs and verifies, xmllint validates against the schema of
//! TS 119 612, and what an attacker would send is refused.

#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;

use pki_asn1::Certificate;
use sceau_tests::corpus;
use sceau_tests::environment::{self, skipped};
use sceau_tests::program::Call;
use sceau_tests::trusted_list::{self, EU_GENERIC, List, Pointer, RSA_SHA512, Service, Signing};
use support::{Party, at, has};
use trust_lists::list::{ListError, TrustedList};
use trust_lists::xmldsig::SignatureError;

const KEY_USAGE: &str = "<sie:CriteriaList assert=\"all\"><sie:KeyUsage><sie:KeyUsageBit name=\"nonRepudiation\">true</sie:KeyUsageBit></sie:KeyUsage><sie:CriteriaList assert=\"none\"><sie:PolicySet><sie:PolicyIdentifier><xades:Identifier Qualifier=\"OIDAsURN\">urn:oid:1.2.3</xades:Identifier></sie:PolicyIdentifier></sie:PolicySet></sie:CriteriaList><sie:Description>d</sie:Description><sie:otherCriteriaList><tslx:ExtendedKeyUsage><tslx:KeyPurposeId><xades:Identifier>1.3.6.1.5.5.7.3.4</xades:Identifier></tslx:KeyPurposeId></tslx:ExtendedKeyUsage><tslx:CertSubjectDNAttribute><tslx:AttributeOID><xades:Identifier>2.5.4.3</xades:Identifier></tslx:AttributeOID></tslx:CertSubjectDNAttribute></sie:otherCriteriaList></sie:CriteriaList>";

/// A list with everything that is read.
fn full(ca: &Party) -> List {
    let mut list = List::new(EU_GENERIC, "XX");
    list.pointers.push(Pointer {
        location: "http://lotl.sceau.example/lotl.xml?a=1&amp;b=2".into(),
        signers: vec![ca.base64()],
        list_type: trusted_list::EU_LISTS.into(),
        territory: "EU".into(),
        information: String::new(),
    });
    let mut service = Service::granted("CA/QC", "2020-01-01T00:00:00Z", &ca.base64())
        .with_information("ForeSignatures")
        .with_information("ForeSeals")
        .with_qualification(&["QCWithQSCD", "QCStatement"], KEY_USAGE);
    service.extensions.push_str("<Extension Critical=\"false\"><ExpiredCertsRevocationInfo>2019-01-01T00:00:00Z</ExpiredCertsRevocationInfo></Extension><Extension Critical=\"false\"><tslx:TakenOverBy><tslx:URI xml:lang=\"en\">http://new.sceau.example/</tslx:URI><tslx:TSPName><Name xml:lang=\"en\">New Ltd</Name></tslx:TSPName><SchemeOperatorName><Name xml:lang=\"en\">Operator</Name></SchemeOperatorName><SchemeTerritory>YY</SchemeTerritory></tslx:TakenOverBy></Extension>");
    service
        .history
        .push(("withdrawn".into(), "2018-01-01T00:00:00Z".into()));
    service
        .history
        .push(("undersupervision".into(), "2010-01-01T00:00:00Z".into()));
    list.services.push(service);
    list
}

#[test]
fn everything_that_a_list_says_is_read() {
    if !has("xmlsec1") {
        return;
    }
    let (operator, ca) = (Party::new("Operator"), Party::new("CA"));
    for version in [5, 6] {
        for (uri, digest) in [("", Some(operator.digest())), ("#list", None)] {
            let mut list = full(&ca);
            list.version = version;
            let signed = operator.sign_xml(&list.to_xml(), uri, digest.as_deref());
            assert!(trusted_list::verifies(&signed, &operator.pem()).unwrap());
            let signers = [ca.certificate.clone(), operator.certificate.clone()];
            let verified = TrustedList::verify(&signed, &signers).unwrap();
            assert_eq!(verified.signer(), &operator.certificate);
            let read = verified.list();
            assert_eq!(read, &TrustedList::parse(&signed).unwrap());
            assert_eq!((read.version, read.sequence_number), (version, 7));
            assert_eq!(read.operator.english(), "Test & Sons");
            assert_eq!(read.territory.as_deref(), Some("XX"));
            assert_eq!(read.issued, at("2026-01-01T00:00:00Z"));
            let [pointer] = read.pointers.as_slice() else {
                panic!()
            };
            assert_eq!(
                pointer.location,
                "http://lotl.sceau.example/lotl.xml?a=1&b=2"
            );
            assert_eq!(pointer.signers, core::slice::from_ref(&ca.certificate));
            assert!(pointer.is_machine_readable());
            let (provider, service) = read.services().next().unwrap();
            assert_eq!(provider.trade_name.english(), "VATXX-1234");
            assert_eq!(service.states.len(), 3);
            assert_eq!(service.supply_points.len(), 1);
            assert!(service.is(&ca.certificate) && !service.is(&operator.certificate));
            let status = |t: &str| {
                service
                    .state_at(at(t))
                    .map(|s| trust_lists::list::uri::short(&s.status).to_owned())
            };
            assert_eq!(status("2009-01-01T00:00:00Z"), None);
            assert_eq!(
                status("2017-12-31T23:59:59Z").as_deref(),
                Some("undersupervision")
            );
            assert_eq!(status("2018-01-01T00:00:00Z").as_deref(), Some("withdrawn"));
            assert_eq!(status("2026-01-01T00:00:00Z").as_deref(), Some("granted"));
            let extensions = &service.states[0].extensions;
            assert!(extensions.unknown_critical.is_empty());
            assert_eq!(extensions.additional.len(), 2);
            assert_eq!(extensions.qualifications[0].criteria.list.len(), 4);
            assert_eq!(
                extensions.expired_certs_revocation_info,
                Some(at("2019-01-01T00:00:00Z"))
            );
            let taken = extensions.taken_over_by.as_ref().unwrap();
            assert_eq!(
                (taken.provider.english(), taken.territory.as_deref()),
                ("New Ltd", Some("YY"))
            );
        }
    }
}

#[test]
fn the_lists_of_these_tests_are_lists_by_the_schema() {
    let Some(xsd) = corpus::find("xsd") else {
        return;
    };
    if !has("xmllint") || !has("xmlsec1") {
        return;
    }
    let (operator, ca) = (Party::new("Operator"), Party::new("CA"));
    let folder = tempfile::tempdir().unwrap();
    let signed = folder.path().join("list.xml");
    std::fs::write(&signed, operator.sign(&full(&ca))).unwrap();
    let run = schema(&xsd, folder.path()).arg(&signed).run().unwrap();
    assert!(run.success(), "{}", run.text());
    // The judge must be able to say no.
    let bad = folder.path().join("bad.xml");
    std::fs::write(
        &bad,
        full(&ca).to_xml().replace("TSLSequenceNumber", "Sequence"),
    )
    .unwrap();
    assert!(
        !schema(&xsd, folder.path())
            .arg(&bad)
            .run()
            .unwrap()
            .success()
    );
}

/// xmllint with the schemas on this machine for those on the network.
fn schema(xsd: &Path, folder: &Path) -> Call {
    let entries = [
        ("http://www.w3.org/2001/xml.xsd", "specs-xmldsig/xml.xsd"),
        (
            "http://www.w3.org/TR/2008/REC-xmldsig-core-20080610/xmldsig-core-schema.xsd",
            "specs-xmldsig/xmldsig-core-schema.xsd",
        ),
        (
            "https://uri.etsi.org/01903/v1.3.2/XAdES01903v132-201601.xsd",
            "specs-xades/XAdES01903v132-202407.xsd",
        ),
        (
            "https://forge.etsi.org/rep/esi/x19_612_trusted_lists/-/raw/v2.4.1/19612_xsd.xsd",
            "specs-trusted-list/ts_119612v020401_xsd.xsd",
        ),
    ];
    let entries: String = entries
        .iter()
        .map(|(from, to)| {
            let to = xsd.join(to);
            format!(
                "<system systemId=\"{from}\" uri=\"{0}\"/><uri name=\"{from}\" uri=\"{0}\"/>",
                to.display()
            )
        })
        .collect();
    let catalog = folder.join("catalog.xml");
    std::fs::write(
        &catalog,
        format!(
            "<catalog xmlns=\"urn:oasis:names:tc:entity:xmlns:xml:catalog\">{entries}</catalog>"
        ),
    )
    .unwrap();
    let imports: String = [
        ("http://uri.etsi.org/02231/v2#", "ts_119612v020401_xsd.xsd"),
        (
            "http://uri.etsi.org/02231/v2/additionaltypes#",
            "ts_119612v020401_additionaltypes_xsd.xsd",
        ),
        (
            "http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#",
            "ts_119612v020401_sie_xsd.xsd",
        ),
    ]
    .iter()
    .map(|(namespace, file)| {
        let file = xsd.join("specs-trusted-list").join(file);
        format!(
            "<import namespace=\"{namespace}\" schemaLocation=\"{}\"/>",
            file.display()
        )
    })
    .collect();
    let all = folder.join("all.xsd");
    std::fs::write(
        &all,
        format!("<schema xmlns=\"http://www.w3.org/2001/XMLSchema\">{imports}</schema>"),
    )
    .unwrap();
    Call::new("xmllint")
        .env("XML_CATALOG_FILES", &catalog)
        .args(["--nonet", "--noout", "--schema"])
        .arg(&all)
}

#[test]
fn a_changed_list_is_not_accepted_and_xmlsec1_agrees() {
    if !has("xmlsec1") {
        return;
    }
    let (operator, ca) = (Party::new("Operator"), Party::new("CA"));
    let signed = operator.sign(&full(&ca));
    let good = TrustedList::parse(&signed).unwrap();
    let signers = [operator.certificate.clone()];
    let text = String::from_utf8(signed.clone()).unwrap();
    let unsigned = text.find("<ds:KeyInfo>").unwrap()..text.find("</ds:KeyInfo>").unwrap();
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let (mut refused, mut accepted) = (0, 0);
    for round in 0..240 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let place = (seed >> 8) as usize % signed.len();
        let mut bad = signed.clone();
        match round % 4 {
            0 => bad[place] ^= 1 << (seed % 7),
            1 => drop(bad.remove(place)),
            2 => bad.insert(place, b' '),
            _ => drop(bad.splice(place..place, *b"<!-- -->")),
        }
        let ours = TrustedList::verify(&bad, &signers);
        let theirs = trusted_list::verifies(&bad, &operator.pem()).unwrap();
        match ours {
            Ok(verified) => {
                accepted += 1;
                assert!(theirs, "round {round}, octet {place}: xmlsec1 refuses it");
                assert_eq!(verified.list(), &good, "round {round}, octet {place}");
            }
            Err(why) => {
                refused += 1;
                // xmlsec1 was told the key, and does not look at the certificate that is there.
                assert!(
                    !theirs || unsigned.contains(&place),
                    "round {round}, octet {place}: {why}"
                );
            }
        }
    }
    assert!(
        refused > 100 && accepted > 0,
        "{refused} refused, {accepted} accepted"
    );
}

#[test]
fn what_is_signed_is_what_is_read() {
    if !has("xmlsec1") {
        return;
    }
    let (operator, ca, mallory) = (
        Party::new("Operator"),
        Party::new("CA"),
        Party::new("Mallory"),
    );
    let signers = [operator.certificate.clone()];
    let verify = |xml: &str| TrustedList::verify(xml.as_bytes(), &signers).unwrap_err();
    let signed = |uri| {
        String::from_utf8(operator.sign_xml(&full(&ca).to_xml(), uri, Some(&operator.digest())))
            .unwrap()
    };
    let good = signed("#list");
    let body = &good[good.find("<TrustServiceStatusList").unwrap()..];
    let (from, to) = (
        body.find("<ds:Signature ").unwrap(),
        body.find("</ds:Signature>").unwrap() + 15,
    );
    let signature = &body[from..to];
    let without = body.replace(signature, "");
    let evil = full(&mallory).to_xml();
    let evil = evil[evil.find("<TrustServiceStatusList").unwrap()..].to_owned();
    let end = "</TrustServiceStatusList>";
    // The signed list inside another, with the signature where the reader expects it.
    for (name, xml) in [
        (
            "wrapped in an object",
            evil.replace(" Id=\"list\"", " Id=\"evil\"").replace(
                end,
                &format!(
                    "{}{end}",
                    signature.replace(
                        "</ds:Signature>",
                        &format!("<ds:Object>{without}</ds:Object></ds:Signature>")
                    )
                ),
            ),
        ),
        (
            "beside the evil one",
            evil.replace(" Id=\"list\"", " Id=\"evil\"")
                .replace(end, &format!("{without}{signature}{end}")),
        ),
        (
            "inside, signature and all",
            evil.replace(end, &format!("{body}{end}")),
        ),
        (
            "twice the same identifier",
            evil.replace(end, &format!("{without}{signature}{end}")),
        ),
        (
            "two signatures",
            body.replace(end, &format!("{signature}{end}")),
        ),
        (
            "the signature deeper",
            body.replace(signature, &format!("<x>{signature}</x>")),
        ),
        ("nobody's signature", without.clone()),
        (
            "another's signature",
            evil.replace(end, &format!("{signature}{end}")),
        ),
    ] {
        let xml = xml.replace('\u{feff}', "");
        let why = verify(&xml);
        assert!(
            matches!(why, ListError::Signature(_) | ListError::Xml(_)),
            "{name}: {why}"
        );
    }
    // Somebody else's list, well signed.
    let theirs = String::from_utf8(mallory.sign(&full(&ca))).unwrap();
    assert!(matches!(verify(&theirs), ListError::Signer { .. }));
    // With the operator's certificate put in place of the signer's own.
    let stolen = theirs.replace(
        &wrapped(&mallory.certificate, &theirs),
        &wrapped(&operator.certificate, &signed("")),
    );
    assert_ne!(stolen, theirs);
    assert!(matches!(
        verify(&stolen),
        ListError::Signature(SignatureError::Value(_))
    ));
    // Signed properties that name another certificate.
    let named = operator.sign_xml(&full(&ca).to_xml(), "", Some(&mallory.digest()));
    assert!(matches!(
        TrustedList::verify(&named, &signers).unwrap_err(),
        ListError::Signature(SignatureError::SigningCertificate(_))
    ));
}

/// The text of the X509Certificate element that holds `certificate`.
fn wrapped(_: &Certificate, xml: &str) -> String {
    let (open, close) = ("<ds:X509Certificate>", "</ds:X509Certificate>");
    let from = xml.find(open).unwrap() + open.len();
    xml[from..from + xml[from..].find(close).unwrap()].to_owned()
}

#[test]
fn transforms_and_algorithms_that_no_list_may_use_are_refused() {
    if !has("xmlsec1") {
        return;
    }
    let (operator, ca) = (Party::new("Operator"), Party::new("CA"));
    let signers = [operator.certificate.clone()];
    let how = |method, digest, certificate_digest| Signing {
        property: trusted_list::SIGNING_CERTIFICATE,
        key: Box::leak(operator.key_pem().into_boxed_path()),
        certificate: Box::leak(operator.pem().into_boxed_path()),
        method,
        digest,
        uri: "",
        certificate_digest,
    };
    let xml = full(&ca).to_xml();
    let sha1 = how(
        trusted_list::ECDSA_SHA256,
        "http://www.w3.org/2000/09/xmldsig#sha1",
        None,
    );
    let weak = trusted_list::sign(&xml, &sha1).unwrap();
    assert!(trusted_list::verifies(&weak, &operator.pem()).unwrap());
    assert!(matches!(
        TrustedList::verify(&weak, &signers).unwrap_err(),
        ListError::Signature(SignatureError::Weak(_))
    ));
    assert!(trusted_list::sign(&xml, &how(RSA_SHA512, trusted_list::SHA256, None)).is_err());
    let good = String::from_utf8(operator.sign(&full(&ca))).unwrap();
    let transform =
        "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>";
    for bad in [
        "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>true()</ds:XPath></ds:Transform>",
        "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"/>",
        "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#base64\"/>",
    ] {
        let why = TrustedList::verify(good.replacen(transform, bad, 1).as_bytes(), &signers);
        assert!(matches!(
            why.unwrap_err(),
            ListError::Signature(SignatureError::Unsupported { .. })
        ));
    }
}

#[test]
fn every_algorithm_of_another_maker_is_verified() {
    let Some(python) = environment::python() else {
        return skipped("no Python with signxml");
    };
    let xml = full(&Party::new("CA")).to_xml();
    let folder = tempfile::tempdir().unwrap();
    let (key, pem) = (
        folder.path().join("key.pem"),
        folder.path().join("cert.pem"),
    );
    for (kind, methods) in [
        (
            "rsa:2048",
            &[
                ("rsa-sha256", "sha256"),
                ("rsa-sha384", "sha384"),
                ("rsa-sha512", "sha512"),
                ("sha256-rsa-MGF1", "sha256"),
                ("sha512-rsa-MGF1", "sha3-256"),
                ("sha3-256-rsa-MGF1", "sha3-512"),
            ][..],
        ),
        (
            "ec:P-256",
            &[("ecdsa-sha256", "sha256"), ("ecdsa-sha512", "sha512")],
        ),
        (
            "ec:P-384",
            &[("ecdsa-sha384", "sha384"), ("ecdsa-sha3-384", "sha256")],
        ),
        ("ec:P-521", &[("ecdsa-sha512", "sha512")]),
    ] {
        let mut make = Call::new("openssl").args([
            "req",
            "-x509",
            "-nodes",
            "-days",
            "3000",
            "-subj",
            "/CN=Maker",
        ]);
        make = match kind.strip_prefix("ec:") {
            Some(curve) => make.args([
                "-newkey",
                "ec",
                "-pkeyopt",
                &format!("ec_paramgen_curve:{curve}"),
            ]),
            None => make.args(["-newkey", kind]),
        };
        make.arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&pem)
            .succeed()
            .unwrap();
        let text = std::fs::read(&pem).unwrap();
        let der = pki_asn1::pem::der_or_pem(&text, &["CERTIFICATE"])
            .unwrap()
            .remove(0);
        let signer = Certificate::from_der(der).unwrap();
        // A list that is issued while the certificate is valid.
        let xml = xml.replace(
            "2026-01-01T00:00:00Z</ListIssue",
            &format!("{}</ListIssue", signer.not_before()),
        );
        for (method, digest) in methods {
            let judge = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judges/sign.py");
            let signed = Call::new(&python)
                .arg(judge)
                .arg(&key)
                .arg(&pem)
                .args([method, digest])
                .input(xml.clone())
                .succeed()
                .unwrap()
                .stdout;
            let signers = core::slice::from_ref(&signer);
            let verified = TrustedList::verify(&signed, signers);
            assert!(
                verified.is_ok(),
                "{kind} {method} {digest}: {:?}",
                verified.err()
            );
            let bad = String::from_utf8(signed)
                .unwrap()
                .replacen("VATXX-1234", "VATXX-1235", 1);
            let why = TrustedList::verify(bad.as_bytes(), signers).unwrap_err();
            assert!(
                matches!(why, ListError::Signature(SignatureError::Digest(_))),
                "{why}"
            );
        }
    }
}

#[test]
fn a_list_that_makes_no_sense_is_refused_with_what_is_wrong() {
    let ca = Party::new("CA");
    let good = full(&ca).to_xml();
    TrustedList::parse(good.as_bytes()).unwrap();
    for (from, to, said) in [
        (
            "<TSLVersionIdentifier>6<",
            "<TSLVersionIdentifier>3<",
            "version 3",
        ),
        (
            "<TSLSequenceNumber>7<",
            "<TSLSequenceNumber>seven<",
            "TSLSequenceNumber",
        ),
        (
            "<ListIssueDateTime>2026",
            "<ListIssueDateTime>soon",
            "ListIssueDateTime",
        ),
        ("<NextUpdate>", "<Other/><NextUpdat>", "well-formed"),
        ("<SchemeInformation>", "<x>", "well-formed"),
        ("assert=\"all\"", "assert=\"some\"", "CriteriaList"),
        ("name=\"nonRepudiation\"", "name=\"nothing\"", "KeyUsageBit"),
        ("urn:oid:1.2.3", "urn:oid:one", "object identifier"),
        ("<TSPName>", "<TSPNam>", "well-formed"),
        (
            "xmlns=\"http://uri.etsi.org/02231/v2#\"",
            "xmlns=\"urn:x\"",
            "no trusted list",
        ),
    ] {
        assert!(good.contains(from), "{from}");
        let why = TrustedList::parse(good.replacen(from, to, 1).as_bytes()).unwrap_err();
        assert!(why.to_string().contains(said), "{from}: {why}");
    }
}

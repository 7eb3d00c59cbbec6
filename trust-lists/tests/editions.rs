//! Lists that follow each other: older ones that come again, signers who ended, the two versions of the format,
//! and lists of other countries behind a list of lists.

#![allow(clippy::unwrap_used)]

mod support;

use std::cell::RefCell;
use std::collections::HashMap;

use sceau_tests::trusted_list::{EU_GENERIC, EU_LISTS, List, Pointer, Service};
use support::{Claims, Party, at, has};
use trust_lists::load::{Edition, Expired, LoadError, Loader, Source, TrustedLists};
use trust_lists::qualify::{self, Level};

const NOW: &str = "2026-06-01T00:00:00Z";
const URL: &str = "http://list.sceau.example/";

/// Lists behind URLs, and what is remembered of them.
#[derive(Default)]
struct Web {
    pages: HashMap<String, Vec<u8>>,
    known: RefCell<HashMap<String, Edition>>,
}

impl Source for Web {
    fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        self.pages.get(url).cloned().ok_or_else(|| "404".into())
    }

    fn latest(&self, url: &str) -> Option<Edition> {
        self.known.borrow().get(url).copied()
    }

    fn remember(&self, url: &str, edition: Edition) {
        self.known.borrow_mut().insert(url.to_owned(), edition);
    }
}

fn load(web: &Web, origin: &str, octets: &[u8], signer: &Party) -> Result<TrustedLists, LoadError> {
    let loader = Loader {
        source: Some(web),
        now: at(NOW),
        expired: Expired::Refuse,
    };
    loader.load(origin, octets, core::slice::from_ref(&signer.certificate))
}

fn edition(sequence_number: u64, issued: &str) -> List {
    List {
        sequence_number,
        issued: issued.into(),
        ..List::new(EU_GENERIC, "XX")
    }
}

#[test]
fn a_list_from_before_the_last_one_is_refused_unless_it_is_a_file() {
    if !has("xmlsec1") {
        return;
    }
    let (operator, mallory) = (Party::new("Operator"), Party::new("Mallory"));
    let web = Web::default();
    let give = |list: &List, signer: &Party, origin: &str| {
        load(&web, origin, &signer.sign(list), &operator).map(|l| l.lists().len())
    };
    let (old, new) = (
        edition(7, "2026-01-01T00:00:00Z"),
        edition(8, "2026-02-01T00:00:00Z"),
    );
    assert_eq!(give(&new, &operator, URL), Ok(1));
    assert_eq!(give(&new, &operator, URL), Ok(1));
    let older = LoadError::Older { found: 7, known: 8 };
    assert!(older.hint().is_some());
    assert_eq!(give(&old, &operator, URL), Err(older));
    assert_eq!(give(&old, &operator, "list.xml"), Ok(1));
    // A stranger cannot make the next list look old.
    let forged = edition(99, "2026-05-01T00:00:00Z");
    assert!(matches!(
        give(&forged, &mallory, URL),
        Err(LoadError::List(_))
    ));
    assert_eq!(
        give(&edition(9, "2026-03-01T00:00:00Z"), &operator, URL),
        Ok(1)
    );
    // Numbered anew, or corrected on the same day.
    assert_eq!(
        give(&edition(1, "2026-04-01T00:00:00Z"), &operator, URL),
        Ok(1)
    );
    assert_eq!(
        give(&edition(2, "2026-04-01T00:00:00Z"), &operator, URL),
        Ok(1)
    );
}

#[test]
fn a_signer_who_ended_is_told_and_one_who_had_ended_is_refused() {
    if !has("xmlsec1") {
        return;
    }
    let ended = Party::with("Operator", |p| {
        p.not_before = rcgen::date_time_ymd(2025, 1, 1);
        p.not_after = rcgen::date_time_ymd(2026, 3, 1);
    });
    let web = Web::default();
    let found = load(
        &web,
        URL,
        &ended.sign(&edition(7, "2026-02-01T00:00:00Z")),
        &ended,
    )
    .unwrap();
    assert_eq!(found.lists().len(), 1);
    let [problem] = found.problems() else {
        panic!()
    };
    assert!(
        matches!(problem.error, LoadError::SignerEnded { .. }),
        "{:?}",
        problem.error
    );
    assert!(problem.error.hint().is_some());
    for issued in ["2026-04-01T00:00:00Z", "2024-04-01T00:00:00Z"] {
        let refused = load(&web, URL, &ended.sign(&edition(8, issued)), &ended);
        assert!(
            refused
                .unwrap_err()
                .to_string()
                .contains("was not valid when")
        );
    }
}

/// Up to V2.2.1 of TS 119 612 lists are signed as TS 103 171 has it, since then as EN 319 132-1.
#[test]
fn both_versions_are_read_each_with_the_signature_of_its_time() {
    if !has("xmlsec1") {
        return;
    }
    let (operator, ca) = (Party::new("Operator"), Party::new("CA"));
    let web = Web::default();
    for (version, certificate) in [(5, "SigningCertificate"), (6, "SigningCertificateV2")] {
        let mut list = edition(7, "2026-01-01T00:00:00Z");
        list.version = version;
        // In version 5 the type of a supply point is not told, and qualifiers have the Directive's names.
        let service = Service::granted("CA/QC", "2017-01-01T00:00:00Z", &ca.base64())
            .with_information("ForeSignatures")
            .with_qualification(
                &["QCWithQSCD", "QCWithSSCD"],
                "<sie:CriteriaList assert=\"all\"><sie:KeyUsage><sie:KeyUsageBit name=\"nonRepudiation\">true</sie:KeyUsageBit></sie:KeyUsage></sie:CriteriaList>",
            );
        list.services.push(service);
        let mut xml = list.to_xml();
        if version == 5 {
            let typed = " type=\"http://uri.etsi.org/TrstSvc/Svctype/Certstatus/CRL/QC\"";
            assert!(xml.contains(typed));
            xml = xml.replace(typed, "");
        }
        let digest = operator.digest();
        let signed = operator.sign_as(&xml, &digest, certificate);
        let found = load(&web, "list.xml", &signed, &operator).unwrap();
        let chain = [
            ca.issue(&Claims {
                device: false,
                ..Claims::default()
            }),
            ca.certificate.clone(),
        ];
        let level = qualify::certificate(&found, &chain, at("2026-05-01T00:00:00Z")).level;
        assert_eq!(level, Level::QESig, "version {version}");
        // Either form has to name the signer.
        let another = operator.sign_as(&xml, &ca.digest(), certificate);
        assert!(
            load(&web, "list.xml", &another, &operator).is_err(),
            "{certificate}"
        );
    }
}

#[test]
fn a_list_of_another_country_never_makes_anything_qualified_by_european_law() {
    if !has("xmlsec1") {
        return;
    }
    let (eu, other, ca) = (Party::new("EU"), Party::new("Other"), Party::new("CA"));
    let recognition = "<OtherInformation><mra:MutualRecognitionAgreementInformation xmlns:mra=\"http://ec.europa.eu/tools/lotl/mra/schema/v2#\" technicalType=\"2\" version=\"1\" pointingContractingPartyLegislation=\"urn:eu\" pointedContractingPartyLegislation=\"urn:zz\" MRADepth=\"1\"/></OtherInformation>";
    let service = Service::granted("CA/QC", "2017-01-01T00:00:00Z", &ca.base64())
        .with_information("ForeSignatures");
    let own_type = "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/ZZgeneric";
    for (list_type, information, told) in [
        (own_type, "", "not by that of the European Union"),
        (own_type, recognition, "mutual recognition"),
        // It says that it is a European list; the pointer knows better.
        (EU_GENERIC, recognition, "mutual recognition"),
    ] {
        let mut national = List::new(list_type, "ZZ");
        national.services.push(service.clone());
        let mut lotl = List::new(EU_LISTS, "EU");
        lotl.pointers.push(Pointer {
            location: URL.into(),
            signers: vec![other.base64()],
            list_type: list_type.into(),
            territory: "ZZ".into(),
            information: information.into(),
        });
        let mut web = Web::default();
        web.pages.insert(URL.into(), other.sign(&national));
        let lists = load(&web, "lotl.xml", &eu.sign(&lotl), &eu).unwrap();
        assert_eq!(lists.lists().len(), 2, "{:?}", lists.problems());
        let asked = |law: Vec<&str>| {
            let claims = Claims {
                law,
                ..Claims::default()
            };
            let chain = [ca.issue(&claims), ca.certificate.clone()];
            qualify::certificate(&lists, &chain, at("2026-05-01T00:00:00Z"))
        };
        // Who names that country's law is judged by it, and it is told that it is that law.
        let found = asked(vec!["ZZ"]);
        assert_eq!(found.level, Level::QESig, "{:?}", found.reasons);
        assert!(
            found.reasons.iter().any(|r| r.contains(told)),
            "{:?}",
            found.reasons
        );
        // Who names none claims to be European.
        assert_eq!(asked(vec![]).level, Level::NotQualified);
        assert_eq!(asked(vec!["FR"]).level, Level::NotQualified);
    }
}

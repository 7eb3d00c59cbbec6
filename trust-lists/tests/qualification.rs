//! TS 119 615: what lists and certificates say together, in tables; and lists of lists with what they lead
//! to.

#![allow(clippy::unwrap_used)]

mod support;

use std::cell::RefCell;
use std::collections::HashMap;

use pki_asn1::oid;
use sceau_tests::trusted_list::{EU_GENERIC, EU_LISTS, List, Pointer, Service};
use support::{Claims, Party, at, has};
use trust_lists::load::{Expired, LoadError, Loader, Source, TrustedLists};
use trust_lists::qualify::{self, Answer, Level, Makes};

/// Lists behind URLs.
#[derive(Default)]
struct Web(HashMap<String, Vec<u8>>, RefCell<Vec<String>>);

impl Source for Web {
    fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        self.1.borrow_mut().push(url.to_owned());
        self.0.get(url).cloned().ok_or_else(|| "404".into())
    }
}

const NOW: &str = "2026-06-01T00:00:00Z";
const OLD: &str = "2017-01-01T00:00:00Z";

fn loader(source: Option<&dyn Source>) -> Loader<'_> {
    Loader {
        source,
        now: at(NOW),
        expired: Expired::Refuse,
    }
}

fn lists(
    operator: &Party,
    territory: &str,
    list_type: &str,
    services: Vec<Service>,
) -> TrustedLists {
    let mut list = List::new(list_type, territory);
    list.services = services;
    let signers = [operator.certificate.clone()];
    loader(None)
        .load("list.xml", &operator.sign(&list), &signers)
        .unwrap()
}

const ALL: &str = "<sie:CriteriaList assert=\"all\"><sie:KeyUsage><sie:KeyUsageBit name=\"nonRepudiation\">true</sie:KeyUsageBit></sie:KeyUsage></sie:CriteriaList>";
const NEVER: &str = "<sie:CriteriaList assert=\"none\"><sie:KeyUsage><sie:KeyUsageBit name=\"nonRepudiation\">true</sie:KeyUsageBit></sie:KeyUsage></sie:CriteriaList>";
const POLICY: &str = "<sie:CriteriaList assert=\"atLeastOne\"><sie:PolicySet><sie:PolicyIdentifier><xades:Identifier>1.2.3</xades:Identifier></sie:PolicyIdentifier></sie:PolicySet><sie:PolicySet><sie:PolicyIdentifier><xades:Identifier>1.2.4</xades:Identifier></sie:PolicyIdentifier></sie:PolicySet></sie:CriteriaList>";
const UNKNOWN: &str = "<sie:CriteriaList assert=\"all\"><sie:otherCriteriaList><tslx:Strange/></sie:otherCriteriaList></sie:CriteriaList>";

#[test]
fn lists_and_statements_together_decide_what_a_signature_is() {
    if !has("xmlsec1") {
        return;
    }
    let (operator, ca) = (Party::new("Operator"), Party::new("CA"));
    let plain = || Service::granted("CA/QC", OLD, &ca.base64());
    let signatures = || plain().with_information("ForeSignatures");
    let seals = || plain().with_information("ForeSeals");
    let with = |q: &[&str], criteria: &str| signatures().with_qualification(q, criteria);
    let person = Claims::default;
    let company = || Claims {
        types: vec![oid::QCT_ESEAL],
        ..Claims::default()
    };
    let no_device = || Claims {
        device: false,
        ..Claims::default()
    };
    let nothing = || Claims {
        compliance: false,
        device: false,
        types: vec![],
        ..Claims::default()
    };
    let withdrawn = || Service {
        status: ("withdrawn".into(), "2026-03-01T00:00:00Z".into()),
        history: vec![("granted".into(), OLD.into())],
        ..signatures()
    };
    let cases: Vec<(&str, Vec<Service>, Claims<'_>, Level)> = vec![
        (
            "a person with a device",
            vec![signatures()],
            person(),
            Level::QESig,
        ),
        (
            "a person without",
            vec![signatures()],
            no_device(),
            Level::AdESigWithQc,
        ),
        (
            "a company with a device",
            vec![seals()],
            company(),
            Level::QESeal,
        ),
        (
            "a company without",
            vec![seals()],
            Claims {
                device: false,
                ..company()
            },
            Level::AdESealWithQc,
        ),
        (
            "no QcType means signatures",
            vec![signatures()],
            Claims {
                types: vec![],
                ..person()
            },
            Level::QESig,
        ),
        (
            "a website",
            vec![plain().with_information("ForWebSiteAuthentication")],
            Claims {
                types: vec![oid::QCT_WEB],
                ..person()
            },
            Level::NotQualified,
        ),
        (
            "a seal where signatures are listed",
            vec![signatures()],
            company(),
            Level::NotQualified,
        ),
        (
            "no information, a signature",
            vec![plain()],
            person(),
            Level::NotQualified,
        ),
        (
            "no information, a seal",
            vec![plain()],
            company(),
            Level::NotQualified,
        ),
        (
            "several types",
            vec![signatures()],
            Claims {
                types: vec![oid::QCT_ESIGN, oid::QCT_ESEAL],
                ..person()
            },
            Level::Indeterminate,
        ),
        (
            "no statement",
            vec![signatures()],
            nothing(),
            Level::NotQualified,
        ),
        (
            "no statement, the list has it",
            vec![with(&["QCStatement", "QCForESig"], ALL)],
            nothing(),
            Level::AdESigWithQc,
        ),
        (
            "the list takes it back",
            vec![with(&["NotQualified"], ALL)],
            person(),
            Level::NotQualified,
        ),
        (
            "the list says both",
            vec![with(&["NotQualified", "QCStatement"], ALL)],
            person(),
            Level::Indeterminate,
        ),
        (
            "criteria that are not met",
            vec![with(&["NotQualified"], NEVER)],
            person(),
            Level::QESig,
        ),
        (
            "criteria that nobody understands",
            vec![with(&["QCNoQSCD"], UNKNOWN)],
            person(),
            Level::Indeterminate,
        ),
        (
            "a device by the list",
            vec![with(&["QCWithQSCD"], ALL)],
            no_device(),
            Level::QESig,
        ),
        (
            "a device managed for others",
            vec![with(&["QCQSCDManagedOnBehalf"], ALL)],
            no_device(),
            Level::QESig,
        ),
        (
            "no device by the list",
            vec![with(&["QCNoQSCD"], ALL)],
            person(),
            Level::AdESigWithQc,
        ),
        (
            "as in the certificate",
            vec![with(&["QCQSCDStatusAsInCert"], ALL)],
            person(),
            Level::QESig,
        ),
        (
            "a device and none",
            vec![with(&["QCNoQSCD", "QCWithQSCD"], ALL)],
            person(),
            Level::Indeterminate,
        ),
        (
            "by policy",
            vec![with(&["QCNoQSCD"], POLICY)],
            Claims {
                policies: vec!["1.2.4"],
                ..person()
            },
            Level::AdESigWithQc,
        ),
        (
            "by a policy it lacks",
            vec![with(&["QCNoQSCD"], POLICY)],
            Claims {
                policies: vec!["1.2.5"],
                ..person()
            },
            Level::QESig,
        ),
        (
            "the list says seals of a service for signatures",
            vec![with(&["QCForESeal"], ALL)],
            person(),
            Level::Indeterminate,
        ),
        (
            "withdrawn before use",
            vec![withdrawn()],
            person(),
            Level::NotQualified,
        ),
        (
            "listed after issuance",
            vec![Service {
                status: ("granted".into(), "2026-03-01T00:00:00Z".into()),
                ..signatures()
            }],
            person(),
            Level::NotQualified,
        ),
        (
            "two services that agree",
            vec![signatures(), signatures()],
            person(),
            Level::QESig,
        ),
        (
            "two services of which one says more",
            vec![signatures(), with(&["QCNoQSCD"], ALL)],
            person(),
            Level::AdESigWithQc,
        ),
        (
            "one withdrawn, one not",
            vec![withdrawn(), signatures()],
            person(),
            Level::Indeterminate,
        ),
        (
            "another kind of service",
            vec![Service::granted("CA/PKC", OLD, &ca.base64())],
            person(),
            Level::NotQualified,
        ),
        (
            "another's service",
            vec![Service::granted("CA/QC", OLD, &operator.base64())],
            person(),
            Level::NotQualified,
        ),
        (
            "the law of another country",
            vec![signatures()],
            Claims {
                law: vec!["ZZ"],
                ..person()
            },
            Level::NotQualified,
        ),
        (
            "the law of this country",
            vec![signatures()],
            Claims {
                law: vec!["ZZ", "XX"],
                ..person()
            },
            Level::QESig,
        ),
        (
            "something critical that nobody understands",
            vec![Service {
                extensions: "<Extension Critical=\"true\"><x xmlns=\"urn:x\"/></Extension>".into(),
                ..plain()
            }],
            person(),
            Level::Indeterminate,
        ),
    ];
    for (name, services, claims, expected) in cases {
        let lists = lists(&operator, "XX", EU_GENERIC, services);
        let chain = [ca.issue(&claims), ca.certificate.clone()];
        let found = qualify::certificate(&lists, &chain, at("2026-05-01T00:00:00Z"));
        assert_eq!(found.level, expected, "{name}: {:?}", found.reasons);
        let explained = matches!(found.level, Level::QESig | Level::QESeal);
        assert!(explained || !found.reasons.is_empty(), "{name}");
    }
}

#[test]
fn a_list_of_another_country_counts_for_those_who_name_its_law() {
    if !has("xmlsec1") {
        return;
    }
    let (operator, ca) = (Party::new("Operator"), Party::new("CA"));
    let service = Service::granted("CA/QC", OLD, &ca.base64()).with_information("ForeSignatures");
    let own = "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/MClist";
    let lists = lists(&operator, "MC", own, vec![service]);
    for (law, expected) in [(vec!["MC"], Level::QESig), (vec![], Level::NotQualified)] {
        let chain = [
            ca.issue(&Claims {
                law,
                ..Claims::default()
            }),
            ca.certificate.clone(),
        ];
        let found = qualify::certificate(&lists, &chain, at("2026-05-01T00:00:00Z"));
        assert_eq!(found.level, expected, "{:?}", found.reasons);
    }
}

#[test]
fn time_stamps_are_qualified_while_their_service_is_granted() {
    if !has("xmlsec1") {
        return;
    }
    let (operator, tsa) = (Party::new("Operator"), Party::new("TSA"));
    let service = Service {
        status: ("withdrawn".into(), "2026-03-01T00:00:00Z".into()),
        history: vec![("granted".into(), OLD.into())],
        ..Service::granted("TSA/QTST", OLD, &tsa.base64())
    };
    let lists = lists(&operator, "XX", EU_GENERIC, vec![service]);
    let chain = [tsa.certificate.clone()];
    let answer = |t: &str| qualify::time_stamp(&lists, &chain, at(t)).0;
    assert_eq!(answer("2026-02-01T00:00:00Z"), Answer::Yes);
    assert_eq!(answer("2026-04-01T00:00:00Z"), Answer::No);
    assert_eq!(answer("2016-01-01T00:00:00Z"), Answer::No);
    let [anchor] = &qualify::anchors(&lists)[..] else {
        panic!()
    };
    let [period] = anchor.periods.as_slice() else {
        panic!()
    };
    assert_eq!(period.makes, Makes::TimeStamps);
    assert!(period.contains(at(OLD)) && !period.contains(at("2026-03-01T00:00:00Z")));
}

fn pointer(location: &str, signer: &Party, list_type: &str, territory: &str) -> Pointer {
    Pointer {
        location: location.into(),
        signers: vec![signer.base64()],
        list_type: list_type.into(),
        territory: territory.into(),
        information: String::new(),
    }
}

#[test]
fn a_list_of_lists_leads_to_those_that_its_pointers_vouch_for() {
    if !has("xmlsec1") {
        return;
    }
    let (eu, good, mallory) = (Party::new("EU"), Party::new("Good"), Party::new("Mallory"));
    let national = |territory: &str| List::new(EU_GENERIC, territory);
    let old = List {
        next_update: Some("2026-05-31T00:00:00Z".into()),
        ..national("OO")
    };
    let ceased = List {
        next_update: None,
        ..national("CC")
    };
    let mut lotl = List::new(EU_LISTS, "EU");
    let mut web = Web::default();
    for (name, territory, octets) in [
        ("good", "GG", good.sign(&national("GG"))),
        ("mallory", "MM", mallory.sign(&national("MM"))),
        ("swapped", "SS", good.sign(&national("GG"))),
        ("old", "OO", good.sign(&old)),
        ("ceased", "CC", good.sign(&ceased)),
        ("page", "PP", b"<html/>".to_vec()),
    ] {
        let url = format!("http://{name}.sceau.example/");
        lotl.pointers
            .push(pointer(&url, &good, EU_GENERIC, territory));
        web.0.insert(url, octets);
    }
    lotl.pointers.push(pointer(
        "http://gone.sceau.example/",
        &good,
        EU_GENERIC,
        "HH",
    ));
    lotl.pointers
        .push(pointer("http://lotl.sceau.example/", &eu, EU_LISTS, "EU"));
    let octets = eu.sign(&lotl);
    let signers = [eu.certificate.clone()];
    let loaded = loader(Some(&web))
        .load("lotl.xml", &octets, &signers)
        .unwrap();
    let origins: Vec<&str> = loaded.lists().iter().map(|l| l.origin.as_str()).collect();
    assert_eq!(origins, ["lotl.xml", "http://good.sceau.example/"]);
    let problem = |name: &str| {
        let found = loaded.problems().iter().find(|p| p.origin.contains(name));
        found.map(|p| p.error.to_string()).unwrap_or_default()
    };
    for (name, said) in [
        ("mallory", "signed by"),
        ("swapped", "leads to a list of"),
        ("old", "has run out"),
        ("ceased", "has ceased"),
        ("page", "no trusted list"),
        ("gone", "404"),
    ] {
        assert!(problem(name).contains(said), "{name}: {}", problem(name));
    }
    assert!(
        !web.1.borrow().iter().any(|u| u.contains("lotl")),
        "it was asked for itself"
    );
    // By choice, what has run out counts.
    let lenient = Loader {
        expired: Expired::Accept,
        ..loader(Some(&web))
    };
    let loaded = lenient.load("lotl.xml", &octets, &signers).unwrap();
    assert_eq!(loaded.lists().len(), 4);
    // Nobody who may sign it did.
    let why = loader(Some(&web)).load(
        "lotl.xml",
        &octets,
        core::slice::from_ref(&good.certificate),
    );
    assert!(matches!(why, Err(LoadError::List(_))));
}

#[test]
fn pivots_lead_from_the_old_signer_to_the_new_one_and_nowhere_else() {
    if !has("xmlsec1") {
        return;
    }
    let (first, second, third) = (
        Party::new("First"),
        Party::new("Second"),
        Party::new("Third"),
    );
    let edition = |next: &Party, pivots: &[&str]| {
        let mut list = List::new(EU_LISTS, "EU");
        list.pointers
            .push(pointer("http://lotl.sceau.example/", next, EU_LISTS, "EU"));
        list.information_uris = pivots
            .iter()
            .map(|p| format!("http://pivots.sceau.example/{p}"))
            .collect();
        list
    };
    let mut web = Web::default();
    let mut put = |name: &str, octets: Vec<u8>| {
        web.0
            .insert(format!("http://pivots.sceau.example/{name}"), octets);
    };
    put("eu-lotl-pivot-1.xml", first.sign(&edition(&second, &[])));
    put(
        "eu-lotl-pivot-2.xml",
        second.sign(&edition(&third, &["eu-lotl-pivot-1.xml"])),
    );
    let now = third.sign(&edition(
        &third,
        &["eu-lotl-pivot-2.xml", "eu-lotl-pivot-1.xml"],
    ));
    let load = |web: &Web, signer: &Party| {
        loader(Some(web))
            .load("lotl.xml", &now, core::slice::from_ref(&signer.certificate))
            .map(|l| l.lists().len())
    };
    for signer in [&first, &second, &third] {
        assert_eq!(load(&web, signer), Ok(1));
    }
    assert!(load(&web, &Party::new("Mallory")).is_err());
    // A step is missing.
    web.0
        .remove("http://pivots.sceau.example/eu-lotl-pivot-2.xml");
    assert!(load(&web, &first).is_err());
}

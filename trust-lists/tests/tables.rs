//! The tables and procedures of TS 119 615 clauses 4.3 to 4.7, each row with its clause; the lists are signed by
//! xmlsec1, and the cells are those of the standard.

#![allow(clippy::unwrap_used)]

mod support;

use pki_asn1::{Certificate, UnixTime, oid};
use rcgen::DnType;
use sceau_tests::trusted_list::{EU_GENERIC, List, Service};
use support::{Claims, Party, at, has};
use trust_lists::load::{Expired, Loader, TrustedLists};
use trust_lists::qualify::{self, Answer, Level, Purpose};

const EVERY: &str = "<sie:CriteriaList assert=\"all\"><sie:KeyUsage><sie:KeyUsageBit name=\"nonRepudiation\">true</sie:KeyUsageBit></sie:KeyUsage></sie:CriteriaList>";
/// Under the Directive, and since it was replaced.
const THEN: &str = "2014-05-01T00:00:00Z";
const SINCE: &str = "2017-01-01T00:00:00Z";
const USED: &str = "2026-05-01T00:00:00Z";

struct World {
    operator: Party,
    ca: Party,
}

impl World {
    fn new() -> Option<Self> {
        has("xmlsec1").then(|| Self {
            operator: Party::new("Operator"),
            ca: Party::new("CA"),
        })
    }

    fn lists(&self, services: Vec<Service>) -> TrustedLists {
        let mut list = List::new(EU_GENERIC, "XX");
        list.services = services;
        let loader = Loader {
            source: None,
            now: at("2026-06-01T00:00:00Z"),
            expired: Expired::Refuse,
        };
        let signers = [self.operator.certificate.clone()];
        loader
            .load("list.xml", &self.operator.sign(&list), &signers)
            .unwrap()
    }

    fn service(&self) -> Service {
        Service::granted("CA/QC", SINCE, &self.ca.base64())
    }

    fn chain(&self, claims: &Claims<'_>) -> [Certificate; 2] {
        [self.ca.issue(claims), self.ca.certificate.clone()]
    }

    fn asked(
        &self,
        services: Vec<Service>,
        claims: &Claims<'_>,
        when: &str,
    ) -> qualify::Qualification {
        let lists = self.lists(services);
        qualify::certificate(&lists, &self.chain(claims), at(when))
    }
}

/// Tables 1, 2 and 3: the statements of a certificate, and what stands in the columns: no qualifier,
/// NotQualified, QCStatement, the purpose's own qualifier, QCStatement with it.
const SHAPES: [(bool, &[u8]); 16] = [
    (true, &[]),
    (true, &[1]),
    (true, &[2]),
    (true, &[3]),
    (true, &[1, 2]),
    (true, &[1, 3]),
    (true, &[2, 3]),
    (true, &[1, 2, 3]),
    (false, &[]),
    (false, &[1]),
    (false, &[2]),
    (false, &[3]),
    (false, &[1, 2]),
    (false, &[1, 3]),
    (false, &[2, 3]),
    (false, &[1, 2, 3]),
];

const TABLES: [(&str, &str, &str, Purpose, [&str; 16]); 3] = [
    (
        "table 1, PRO-4.4.4-15",
        "ForeSignatures",
        "QCForESig",
        Purpose::Signature,
        [
            "QNQQQ", "QNQQQ", "NNNQQ", "NNNQQ", "INIQQ", "INIQQ", "NNNQQ", "INIQQ", "NNINQ",
            "NNQNQ", "NNNNQ", "NNNNQ", "NNINQ", "NNINQ", "NNNNQ", "NNINQ",
        ],
    ),
    (
        "table 2, PRO-4.4.4-23",
        "ForeSeals",
        "QCForESeal",
        Purpose::Seal,
        [
            "NNNQQ", "NNNQQ", "QNQQQ", "NNNQQ", "INIQQ", "NNNQQ", "INIQQ", "INIQQ", "NNINQ",
            "NNNNQ", "NNQNQ", "NNNNQ", "NNINQ", "NNNNQ", "NNINQ", "NNINQ",
        ],
    ),
    (
        "table 3, PRO-4.4.4-31",
        "ForWebSiteAuthentication",
        "QCForWSA",
        Purpose::Website,
        [
            "NNNQQ", "NNNQQ", "NNNQQ", "QNQQQ", "NNNQQ", "INIQQ", "INIQQ", "INIQQ", "NNINQ",
            "NNNNQ", "NNNNQ", "NNQNQ", "NNNNQ", "NNINQ", "NNINQ", "NNINQ",
        ],
    ),
];

#[test]
fn every_cell_of_the_tables_of_the_regulation_is_as_it_stands_there() {
    let Some(world) = World::new() else { return };
    let chains = SHAPES.map(|(compliance, types)| {
        let types = types.iter().map(|t| match t {
            1 => oid::QCT_ESIGN,
            2 => oid::QCT_ESEAL,
            _ => oid::QCT_WEB,
        });
        world.chain(&Claims {
            compliance,
            types: types.collect(),
            ..Claims::default()
        })
    });
    for (clause, information, own, purpose, rows) in TABLES {
        let columns: [&[&str]; 5] = [
            &[],
            &["NotQualified"],
            &["QCStatement"],
            &[own],
            &["QCStatement", own],
        ];
        for (column, qualifiers) in columns.iter().enumerate() {
            let mut service = world.service().with_information(information);
            if !qualifiers.is_empty() {
                service = service.with_qualification(qualifiers, EVERY);
            }
            let lists = world.lists(vec![service]);
            for (row, cells) in rows.iter().enumerate() {
                let found = qualify::certificate(&lists, &chains[row], at(USED));
                let expected = match cells.as_bytes()[column] {
                    b'Q' => (Answer::Yes, Some(purpose)),
                    b'N' => (Answer::No, None),
                    _ => (Answer::Indeterminate, None),
                };
                assert_eq!(
                    (found.certificate, found.purpose),
                    expected,
                    "{clause}: {:?} with {qualifiers:?}: {:?}",
                    SHAPES[row],
                    found.reasons
                );
                let silent = found.reasons.is_empty();
                assert!(expected.0 == Answer::Yes || !silent, "{clause}: no reason");
            }
        }
    }
}

/// A service that was supervised when the Directive applied, and `now` since.
fn of_old(world: &World, then: &str, now: &str) -> Service {
    Service {
        status: (now.into(), "2016-07-01T00:00:00Z".into()),
        history: vec![(then.into(), "2010-01-01T00:00:00Z".into())],
        ..world.service().with_information("ForeSignatures")
    }
}

#[test]
fn certificates_of_the_directive_are_judged_by_its_rules() {
    let Some(world) = World::new() else { return };
    let old = |compliance, policies: Vec<&'static str>| Claims {
        from: "2013-05-01T00:00:00Z",
        compliance,
        device: false,
        types: vec![],
        policies,
        ..Claims::default()
    };
    const QCP: &str = "0.4.0.1456.1.2";
    const QCP_PLUS: &str = "0.4.0.1456.1.1";
    // Table 5: the marks of the certificate, and NotQualified or QCStatement.
    for (claims, cells) in [
        (old(true, vec![]), "QNQ"),
        (old(false, vec![QCP]), "QNQ"),
        (old(false, vec![QCP_PLUS]), "QNQ"),
        (old(true, vec![QCP]), "QNQ"),
        (old(false, vec![]), "NNQ"),
    ] {
        for (column, qualifiers) in [&[][..], &["NotQualified"], &["QCStatement"]]
            .iter()
            .enumerate()
        {
            let mut service = of_old(&world, "undersupervision", "granted");
            if !qualifiers.is_empty() {
                service = service.with_qualification(qualifiers, EVERY);
            }
            let lists = world.lists(vec![service]);
            for when in [THEN, USED] {
                let found = qualify::certificate(&lists, &world.chain(&claims), at(when));
                let expected = match cells.as_bytes()[column] {
                    b'Q' => Answer::Yes,
                    _ => Answer::No,
                };
                assert_eq!(
                    found.certificate, expected,
                    "table 5: {claims:?} with {qualifiers:?} at {when}: {:?}",
                    found.reasons
                );
            }
        }
    }
    let person = || old(true, vec![QCP_PLUS]);
    // PRO-4.4.4-33 (f): what the statuses of that time mean.
    for (then, now, in_2014, in_2026) in [
        (
            "undersupervision",
            "granted",
            Level::QESig,
            Level::AdESigWithQc,
        ),
        (
            "supervisionincessation",
            "granted",
            Level::QESig,
            Level::AdESigWithQc,
        ),
        ("accredited", "granted", Level::QESig, Level::AdESigWithQc),
        (
            "supervisionceased",
            "granted",
            Level::NotQualified,
            Level::NotQualified,
        ),
        (
            "supervisionrevoked",
            "granted",
            Level::NotQualified,
            Level::NotQualified,
        ),
        (
            "accreditationceased",
            "granted",
            Level::NotQualified,
            Level::NotQualified,
        ),
        (
            "accreditationrevoked",
            "granted",
            Level::NotQualified,
            Level::NotQualified,
        ),
        // Statuses of the other time.
        (
            "granted",
            "granted",
            Level::Indeterminate,
            Level::Indeterminate,
        ),
        (
            "undersupervision",
            "undersupervision",
            Level::QESig,
            Level::Indeterminate,
        ),
        (
            "undersupervision",
            "withdrawn",
            Level::QESig,
            Level::NotQualified,
        ),
        (
            "undersupervision",
            "recognisedatnationallevel",
            Level::QESig,
            Level::Indeterminate,
        ),
    ] {
        let lists = world.lists(vec![of_old(&world, then, now)]);
        for (when, expected) in [(THEN, in_2014), (USED, in_2026)] {
            let found = qualify::certificate(&lists, &world.chain(&person()), at(when));
            assert_eq!(
                found.level, expected,
                "{then}, {now}, {when}: {:?}",
                found.reasons
            );
        }
    }
    // PRO-4.4.4-33 (f): since 2016 the service has to be listed for signatures.
    let seals = Service {
        extensions: String::new(),
        ..of_old(&world, "undersupervision", "granted")
    }
    .with_information("ForeSeals");
    let found = world.asked(vec![seals], &person(), USED);
    assert_eq!(found.level, Level::NotQualified, "{:?}", found.reasons);
    // PRO-4.4.4-33 (h): there were no seals; (d): one key is supervised or it is not.
    for services in [
        vec![
            of_old(&world, "undersupervision", "granted")
                .with_qualification(&["QCForESeal"], EVERY),
        ],
        vec![
            of_old(&world, "undersupervision", "granted")
                .with_qualification(&["NotQualified", "QCStatement"], EVERY),
        ],
        vec![
            of_old(&world, "undersupervision", "granted"),
            of_old(&world, "supervisionrevoked", "granted"),
        ],
    ] {
        let found = world.asked(services, &person(), THEN);
        assert_eq!(found.level, Level::Indeterminate, "{:?}", found.reasons);
    }
}

#[test]
fn whether_the_key_is_in_a_device_is_as_the_tables_have_it() {
    let Some(world) = World::new() else { return };
    use Answer::{Indeterminate, No, Yes};
    let claims = |device| Claims {
        device,
        ..Claims::default()
    };
    // Table 7, PRO-4.5.4-04: with QcSSCD in the certificate, and without.
    for (qualifiers, stated, silent) in [
        (&[][..], Yes, No),
        (&["QCWithQSCD"], Yes, Yes),
        (&["QCNoQSCD"], No, No),
        (&["QCQSCDManagedOnBehalf"], Yes, Yes),
        (&["QCQSCDStatusAsInCert"], Yes, No),
        (&["QCWithQSCD", "QCWithSSCD"], Yes, Yes),
        (&["QCNoQSCD", "QCNoSSCD"], No, No),
        (&["QCWithQSCD", "QCQSCDManagedOnBehalf"], Yes, Yes),
        // (c): contradictions, among them the Directive's words alone.
        (&["QCWithSSCD"], Indeterminate, Indeterminate),
        (&["QCNoSSCD"], Indeterminate, Indeterminate),
        (&["QCWithQSCD", "QCNoQSCD"], Indeterminate, Indeterminate),
        (
            &["QCQSCDManagedOnBehalf", "QCNoQSCD"],
            Indeterminate,
            Indeterminate,
        ),
        (
            &["QCQSCDStatusAsInCert", "QCWithQSCD"],
            Indeterminate,
            Indeterminate,
        ),
        (
            &["QCQSCDStatusAsInCert", "QCNoQSCD"],
            Indeterminate,
            Indeterminate,
        ),
        (
            &["QCQSCDStatusAsInCert", "QCQSCDManagedOnBehalf"],
            Indeterminate,
            Indeterminate,
        ),
    ] {
        let mut service = world.service().with_information("ForeSignatures");
        if !qualifiers.is_empty() {
            service = service.with_qualification(qualifiers, EVERY);
        }
        let lists = world.lists(vec![service]);
        for (device, expected) in [(true, stated), (false, silent)] {
            let found = qualify::certificate(&lists, &world.chain(&claims(device)), at(USED));
            assert_eq!(found.qscd, expected, "table 7: {device}, {qualifiers:?}");
            let level = match expected {
                Yes => Level::QESig,
                No => Level::AdESigWithQc,
                Indeterminate => Level::Indeterminate,
            };
            assert_eq!(found.level, level, "{:?}", found.reasons);
        }
    }
    // Table 6, PRO-4.5.4-03: with QcSSCD or QCP+, and without.
    for (qualifiers, stated, silent) in [
        (&[][..], Yes, No),
        (&["QCWithSSCD"], Yes, Yes),
        (&["QCNoSSCD"], No, No),
        (&["QCSSCDStatusAsInCert"], Yes, No),
        (&["QCWithSSCD", "QCNoSSCD"], Indeterminate, Indeterminate),
        (
            &["QCSSCDStatusAsInCert", "QCWithSSCD"],
            Indeterminate,
            Indeterminate,
        ),
        (
            &["QCSSCDStatusAsInCert", "QCNoSSCD"],
            Indeterminate,
            Indeterminate,
        ),
    ] {
        let mut service = of_old(&world, "accredited", "granted");
        if !qualifiers.is_empty() {
            service = service.with_qualification(qualifiers, EVERY);
        }
        let lists = world.lists(vec![service]);
        for (device, policies, expected) in [
            (true, vec![], stated),
            (false, vec!["0.4.0.1456.1.1"], stated),
            (false, vec![], silent),
        ] {
            let chain = world.chain(&Claims {
                from: "2013-05-01T00:00:00Z",
                types: vec![],
                policies,
                ..claims(device)
            });
            let found = qualify::certificate(&lists, &chain, at(THEN));
            assert_eq!(found.qscd, expected, "table 6: {device}, {qualifiers:?}");
        }
    }
}

#[test]
fn what_the_list_says_twice_or_badly_is_not_taken_for_a_yes() {
    let Some(world) = World::new() else { return };
    let signatures = || world.service().with_information("ForeSignatures");
    let seals = || world.service().with_information("ForeSeals");
    let status = |name: &str, service: Service| Service {
        status: (name.into(), SINCE.into()),
        ..service
    };
    let another = |name: &str, service: Service| Service {
        provider: name.into(),
        ..service
    };
    let person = Claims::default;
    let company = || Claims {
        types: vec![oid::QCT_ESEAL],
        ..Claims::default()
    };
    let history = |states: &[(&str, &str)]| Service {
        history: states
            .iter()
            .map(|(s, t)| ((*s).into(), (*t).into()))
            .collect(),
        ..Service {
            status: ("granted".into(), "2020-01-01T00:00:00Z".into()),
            ..signatures()
        }
    };
    use Level::{Indeterminate, NotQualified, QESeal, QESig};
    for (clause, services, claims, expected) in [
        ("4.4.4-15", vec![signatures()], person(), QESig),
        // One key, several services.
        (
            "4.3.4-05 the same twice",
            vec![signatures(), signatures()],
            person(),
            QESig,
        ),
        (
            "4.3.4-06 granted and withdrawn",
            vec![signatures(), status("withdrawn", signatures())],
            person(),
            Indeterminate,
        ),
        (
            "4.3.4-06 withdrawn for another purpose",
            vec![signatures(), status("withdrawn", seals())],
            person(),
            QESig,
        ),
        (
            "4.3.4-11 two providers",
            vec![signatures(), another("Somebody Else", signatures())],
            person(),
            Indeterminate,
        ),
        (
            "4.4.4-06 another provider than the issuer's name has",
            vec![another("Somebody Else", signatures())],
            person(),
            Indeterminate,
        ),
        (
            "4.4.4-06 the name in other letters",
            vec![another("TEST  trust LTD", signatures())],
            person(),
            QESig,
        ),
        // Statuses.
        (
            "4.4.4-10 withdrawn",
            vec![status("withdrawn", signatures())],
            person(),
            NotQualified,
        ),
        (
            "4.4.4-10 for another purpose",
            vec![seals()],
            person(),
            NotQualified,
        ),
        (
            "4.4.4-10 for none",
            vec![world.service()],
            person(),
            NotQualified,
        ),
        (
            "4.4.4-10A a status of before 2016",
            vec![status("undersupervision", signatures())],
            person(),
            Indeterminate,
        ),
        (
            "4.4.4-10A a status of national services",
            vec![status("recognisedatnationallevel", signatures())],
            person(),
            Indeterminate,
        ),
        // Qualifiers for another purpose than the service's.
        (
            "4.4.4-12 seals",
            vec![signatures().with_qualification(&["QCForESeal"], EVERY)],
            person(),
            Indeterminate,
        ),
        (
            "4.4.4-12 legal persons",
            vec![signatures().with_qualification(&["QCForLegalPerson"], EVERY)],
            person(),
            Indeterminate,
        ),
        (
            "4.4.4-20 signatures",
            vec![seals().with_qualification(&["QCForESig"], EVERY)],
            company(),
            Indeterminate,
        ),
        (
            "4.4.4-12 both",
            vec![signatures().with_qualification(&["NotQualified", "QCStatement"], EVERY)],
            person(),
            Indeterminate,
        ),
        // Table 4: a service for both purposes, and a certificate that the list has for one of them.
        (
            "4.4.4-32 confirmed for one, open for the other",
            vec![
                signatures()
                    .with_information("ForeSeals")
                    .with_qualification(&["QCForESeal"], EVERY),
            ],
            company(),
            QESeal,
        ),
        (
            "4.4.4-32 confirmed for two",
            vec![
                signatures(),
                seals().with_qualification(&["QCForESeal"], EVERY),
            ],
            person(),
            Indeterminate,
        ),
        // History.
        (
            "4.3.4-03 granted all the time",
            vec![history(&[
                ("granted", "2018-01-01T00:00:00Z"),
                ("withdrawn", "2017-01-01T00:00:00Z"),
            ])],
            person(),
            QESig,
        ),
        (
            "4.3.4-03A not in order",
            vec![history(&[
                ("withdrawn", "2017-01-01T00:00:00Z"),
                ("granted", "2018-01-01T00:00:00Z"),
            ])],
            person(),
            Indeterminate,
        ),
        (
            "4.3.4-03A two at once",
            vec![history(&[
                ("granted", "2018-01-01T00:00:00Z"),
                ("withdrawn", "2018-01-01T00:00:00Z"),
            ])],
            person(),
            Indeterminate,
        ),
        (
            "4.4.4-35 not listed when it was issued",
            vec![Service {
                status: ("granted".into(), "2026-03-01T00:00:00Z".into()),
                ..signatures()
            }],
            person(),
            NotQualified,
        ),
        (
            "4.4.4-36 withdrawn when it was issued, granted since",
            vec![Service {
                status: ("granted".into(), "2026-03-01T00:00:00Z".into()),
                history: vec![("withdrawn".into(), SINCE.into())],
                ..signatures()
            }],
            person(),
            NotQualified,
        ),
        (
            "4.5.4-04 (b) a critical qualifier that nobody knows",
            vec![signatures().with_qualification(&["QCForTheMoon"], EVERY)],
            person(),
            Indeterminate,
        ),
        (
            "4.5.4-04 (b) one that need not be understood",
            vec![{
                let service = signatures().with_qualification(&["QCForTheMoon"], EVERY);
                Service {
                    extensions: service
                        .extensions
                        .replace("Critical=\"true\"><sie", "Critical=\"false\"><sie"),
                    ..service
                }
            }],
            person(),
            QESig,
        ),
    ] {
        let found = world.asked(services, &claims, USED);
        assert_eq!(found.level, expected, "{clause}: {:?}", found.reasons);
        assert!(
            matches!(found.level, QESig | QESeal) || !found.reasons.is_empty(),
            "{clause}"
        );
    }
}

#[test]
fn a_service_that_is_known_by_name_alone_is_never_trusted() {
    let Some(world) = World::new() else { return };
    let ski = {
        let bits = world.ca.certificate.public_key_bits();
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(pki_crypto::key_hash_sha1(bits))
    };
    let with = |identity: String| Service {
        identity: Some(identity),
        ..world.service().with_information("ForeSignatures")
    };
    let name =
        |text: &str| format!("<DigitalId><X509SubjectName>{text}</X509SubjectName></DigitalId>");
    let key = format!("<DigitalId><X509SKI>{ski}</X509SKI></DigitalId>");
    for (identity, expected) in [
        (name("CN=CA,O=Test Trust Ltd"), Level::Indeterminate),
        (name("O = Test Trust Ltd, CN = CA"), Level::Indeterminate),
        (name("o=test trust ltd,cn=ca"), Level::Indeterminate),
        (name("CN=Another,O=Test Trust Ltd"), Level::NotQualified),
        // The key decides, with a name or without.
        (key.clone(), Level::QESig),
        (key + &name("CN=Another"), Level::QESig),
    ] {
        let lists = world.lists(vec![with(identity.clone())]);
        let found = qualify::certificate(&lists, &world.chain(&Claims::default()), at(USED));
        assert_eq!(found.level, expected, "{identity}: {:?}", found.reasons);
        assert!(qualify::anchors(&lists).is_empty(), "{identity}");
        if expected == Level::Indeterminate {
            assert!(
                found.reasons[0].contains("by its name alone"),
                "{:?}",
                found.reasons
            );
        }
    }
}

#[test]
fn time_stamps_were_not_qualified_before_the_regulation_or_under_two_statuses() {
    let Some(world) = World::new() else { return };
    let unit = |organization: &str| {
        Party::with("Unit", |p| {
            p.distinguished_name
                .push(DnType::OrganizationName, organization);
        })
    };
    let service = |unit: &Party, status: &str| Service {
        status: (status.into(), "2012-01-01T00:00:00Z".into()),
        ..Service::granted("TSA/QTST", SINCE, &unit.base64())
    };
    let own = unit("Test Trust Ltd");
    let stranger = unit("Somebody Else");
    let answer = |services, unit: &Party, when: &str| {
        let lists = world.lists(services);
        qualify::time_stamp(&lists, core::slice::from_ref(&unit.certificate), at(when)).0
    };
    use Answer::{Indeterminate, No, Yes};
    for (clause, services, unit, when, expected) in [
        ("4.6.4-09", vec![service(&own, "granted")], &own, USED, Yes),
        ("4.6.4-09", vec![service(&own, "withdrawn")], &own, USED, No),
        ("4.6.4-01", vec![service(&own, "granted")], &own, THEN, No),
        (
            "4.6.4-06",
            vec![service(&own, "granted"), service(&own, "withdrawn")],
            &own,
            USED,
            Indeterminate,
        ),
        (
            "4.6.4-08",
            vec![service(&stranger, "granted")],
            &stranger,
            USED,
            Indeterminate,
        ),
        (
            "4.6.4-05",
            vec![service(&own, "granted")],
            &stranger,
            USED,
            No,
        ),
    ] {
        assert_eq!(answer(services, unit, when), expected, "{clause}");
    }
    // The very second from which on there are some.
    let lists = world.lists(vec![service(&own, "granted")]);
    let begin: UnixTime = at("2016-06-30T22:00:00Z");
    let chain = [own.certificate.clone()];
    assert_eq!(qualify::time_stamp(&lists, &chain, begin).0, Yes);
    let before = UnixTime::from_secs(begin.as_secs() - 1);
    assert_eq!(qualify::time_stamp(&lists, &chain, before).0, No);
}

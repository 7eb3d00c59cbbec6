//! Table 5: certificates that were issued or used under the Directive.

use sceau_tests::trusted_list::Service;
use trust_lists::qualify::{self, Answer, Level};

use crate::support::{Claims, at};
use crate::world::{EVERY, THEN, USED, World, of_old};

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

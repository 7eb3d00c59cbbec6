//! Services, statuses, qualifiers and histories that contradict each other, and table 4.

use pki_asn1::oid;
use sceau_tests::trusted_list::Service;
use trust_lists::qualify::Level;

use crate::support::Claims;
use crate::world::{EVERY, SINCE, USED, World};

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

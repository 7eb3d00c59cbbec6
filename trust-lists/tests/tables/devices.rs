//! Tables 6 and 7: whether the key is in a qualified device.

use trust_lists::qualify::{self, Answer, Level};

use crate::support::{Claims, at};
use crate::world::{EVERY, THEN, USED, World, of_old};

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

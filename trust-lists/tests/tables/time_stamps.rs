//! Whether a time-stamp is qualified.

use pki_asn1::UnixTime;
use rcgen::DnType;
use sceau_tests::trusted_list::Service;
use trust_lists::qualify::{self, Answer};

use crate::support::{Party, at};
use crate::world::{SINCE, THEN, USED, World};

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

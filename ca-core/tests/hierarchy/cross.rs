//! Cross-certificates let through what was asked.

use ca_core::hierarchy::{CaTerms, ForeignCa, HierarchyError, PolicySet};
use ca_core::{CrossOrder, GenerationName, Validity};

use crate::chain::{generation, hierarchy_error, lints, own, path, seal};
use crate::support::{House, actors};

#[test]
fn a_cross_certificate_lets_through_what_was_asked_and_no_more() {
    let house = House::new();
    let theirs = House::new();
    let seal_there = seal(&theirs, &theirs.issuing).unwrap().certificate;
    let foreign = ForeignCa::from_certificate(&own(&theirs.root)).unwrap();
    let our_policy = "1.3.6.1.4.1.32473.1.3.1".parse().unwrap();
    let order = |terms| CrossOrder {
        foreign: foreign.clone(),
        terms,
        validity: Validity::Days(1_000),
        actors: actors(),
    };
    // Both houses have the same example name: a cross-certificate of one's own name is refused.
    let refused = house
        .engine
        .issue_cross(&order(CaTerms::default()), &house.root);
    assert!(matches!(
        hierarchy_error(refused.unwrap_err()),
        HierarchyError::SameName { .. }
    ));
    let (by, _) = generation(&house, "root", GenerationName::Own, None);
    let contradiction = CaTerms {
        policies: PolicySet::Only(vec![our_policy]),
        mappings: vec![("1.2.3".parse().unwrap(), our_policy)],
        ..CaTerms::default()
    };
    let refused = house.engine.issue_cross(&order(contradiction), &by);
    assert!(matches!(
        hierarchy_error(refused.unwrap_err()),
        HierarchyError::Terms { .. }
    ));
    let open = house
        .engine
        .issue_cross(&order(CaTerms::default()), &by)
        .unwrap()
        .certificate;
    let closed = CaTerms {
        path_length: Some(0),
        ..CaTerms::default()
    };
    let closed = house
        .engine
        .issue_cross(&order(closed), &by)
        .unwrap()
        .certificate;
    let strict = CaTerms {
        policies: PolicySet::Only(vec!["1.3.6.1.4.1.32473.9".parse().unwrap()]),
        require_explicit_policy: Some(0),
        inhibit_any_policy: Some(0),
        ..CaTerms::default()
    };
    let strict = house
        .engine
        .issue_cross(&order(strict), &by)
        .unwrap()
        .certificate;
    let mapped = CaTerms {
        policies: PolicySet::Only(vec!["1.3.6.1.4.1.32473.9".parse().unwrap()]),
        mappings: vec![(
            "1.3.6.1.4.1.32473.9".parse().unwrap(),
            seal_there.policy_oids()[0],
        )],
        require_explicit_policy: Some(0),
        inhibit_policy_mapping: Some(1),
        ..CaTerms::default()
    };
    let mapped = house
        .engine
        .issue_cross(&order(mapped), &by)
        .unwrap()
        .certificate;
    let elsewhere = CaTerms {
        permitted: vec![named("C=FR")],
        ..CaTerms::default()
    };
    let elsewhere = house
        .engine
        .issue_cross(&order(elsewhere), &by)
        .unwrap()
        .certificate;
    let at_home = CaTerms {
        permitted: vec![named("C=MC")],
        ..CaTerms::default()
    };
    let at_home = house
        .engine
        .issue_cross(&order(at_home), &by)
        .unwrap()
        .certificate;
    let anchor = own(&by);
    let issuing = own(&theirs.issuing);
    for (cross, holds) in [
        (&open, true),
        (&closed, false),
        (&strict, false),
        (&mapped, true),
        (&elsewhere, false),
        (&at_home, true),
    ] {
        lints(&house, &anchor, cross);
        path(&house, &anchor, &[cross, &issuing], &seal_there, holds);
    }
    house.engine.verify_journal().unwrap();
}

fn named(dn: &str) -> x509_cert::name::Name {
    let dn: ca_core::SubjectDn = dn.parse().unwrap();
    dn.attributes()
        .iter()
        .try_fold(pki_asn1::name::NameBuilder::new(), |name, (t, v)| {
            name.push(*t, v)
        })
        .unwrap()
        .build()
}

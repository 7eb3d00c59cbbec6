//! The end of an authority.

use ca_core::hierarchy::HierarchyError;
use ca_core::store::{CertificatesAtEnd, IssuesBesideSuccessor};
use ca_core::{Renewal, TerminationOrder, Validity};

use crate::chain::{hierarchy_error, seal};
use crate::support::{House, actors};

#[test]
fn a_terminated_authority_issues_nothing_and_says_why() {
    let house = House::new();
    let good = seal(&house, &house.issuing).unwrap().certificate;
    let end = |name: &str, confirmed: &str, certificates| TerminationOrder {
        authority: name.into(),
        confirmed: confirmed.into(),
        reason: "the companies' register takes over".into(),
        certificates,
        actors: actors(),
    };
    let left = CertificatesAtEnd::Left;
    let error = house
        .engine
        .terminate(&end("companies", "root", left))
        .unwrap_err();
    assert!(matches!(
        hierarchy_error(error),
        HierarchyError::NotConfirmed { .. }
    ));
    let error = house
        .engine
        .terminate(&end("root", "root", left))
        .unwrap_err();
    assert!(matches!(
        hierarchy_error(error),
        HierarchyError::StillIssuer { .. }
    ));
    let order = end("companies", "companies", CertificatesAtEnd::Revoked);
    assert_eq!(house.engine.terminate(&order).unwrap(), 1);
    // Repeated after an interruption, it goes on.
    assert_eq!(house.engine.terminate(&order).unwrap(), 0);
    let entry = house.engine.find_serial(good.serial()).unwrap();
    assert!(entry[0].revocation.is_some());
    let error = hierarchy_error(seal(&house, &house.issuing).unwrap_err());
    assert!(
        matches!(error, HierarchyError::Terminated { .. }),
        "{error}"
    );
    let error = house
        .engine
        .set_issuing("companies", IssuesBesideSuccessor::Yes, &actors())
        .unwrap_err();
    assert!(matches!(
        hierarchy_error(error),
        HierarchyError::Terminated { .. }
    ));
    let renewal = Renewal {
        authority: "companies".into(),
        validity: Validity::ProfileDefault,
        actors: actors(),
    };
    let error = house
        .engine
        .renew_authority(&renewal, &house.root)
        .unwrap_err();
    assert!(matches!(
        hierarchy_error(error),
        HierarchyError::Terminated { .. }
    ));
    house.engine.terminate(&end("root", "root", left)).unwrap();
    house.engine.verify_journal().unwrap();
}

//! An offline root and an online CA.

use std::sync::Arc;

use ca_core::hierarchy::HierarchyError;
use ca_core::{
    AuthorityImport, CaEngine, CaError, CaRequestOrder, CertificationRequest, NewAuthority,
    QscdEvidence,
};
use hsm_pkcs11::KeySpec;
use pki_asn1::{Certificate, ManualClock, UnixTime};

use crate::chain::{DAY, hierarchy_error, own, path};
use crate::support::{self, House, SEAL_SUBJECT, accepts, actors, key, order, request, text};

/// An installation of its own, with a clock of its own.
fn installation(now: UnixTime) -> (tempfile::TempDir, Arc<ManualClock>, CaEngine) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(now));
    let record = folder.path().join("record.sqlite");
    let engine = CaEngine::create(&record, support::settings("MC"), clock.clone()).unwrap();
    (folder, clock, engine)
}

#[test]
fn an_offline_root_and_an_online_ca_exchange_files_and_nothing_else() {
    let offline = House::new();
    let (_folder, clock, online) = installation(offline.engine.now());
    let signer = key(KeySpec::P256);
    let asked = CaRequestOrder {
        authority: order("residents", "issuing-ca"),
        predecessor: None,
    };
    let p10 = online.request_certificate(&asked, signer.clone()).unwrap();
    let file = offline.pem("residents.p10", "CERTIFICATE REQUEST", &p10);
    accepts("openssl", &["req", "-verify", "-noout", "-in", text(&file)]);

    // At the root: the request is checked, the key is not there.
    let parsed = CertificationRequest::parse(&p10).unwrap();
    let mut place = order("residents", "issuing-ca");
    place.key_location = String::new();
    let wrong = NewAuthority {
        subject: order("others", "issuing-ca").subject,
        ..place.clone()
    };
    let error = offline
        .engine
        .certify_request(&wrong, &parsed, &offline.root)
        .unwrap_err();
    assert!(matches!(
        hierarchy_error(error),
        HierarchyError::NotTheRequested { .. }
    ));
    let issued = offline
        .engine
        .certify_request(&place, &parsed, &offline.root)
        .unwrap();
    assert!(
        !offline
            .engine
            .authority("residents")
            .unwrap()
            .has_key_here()
    );

    // Online: another CA's certificate, a broken chain, then the right one.
    let import = |certificate: &Certificate, chain: &[Certificate]| AuthorityImport {
        name: "residents".into(),
        certificate: certificate.clone(),
        chain: chain.to_vec(),
        issuer_name: None,
        actors: actors(),
    };
    let other = own(&offline.issuing);
    let error = online
        .import_authority(&import(&other, &issued.chain))
        .unwrap_err();
    assert!(matches!(
        hierarchy_error(error),
        HierarchyError::NotTheRequested { .. }
    ));
    for chain in [
        Vec::new(),
        vec![own(&House::new().root)],
        vec![other.clone()],
    ] {
        let error = online
            .import_authority(&import(&issued.certificate, &chain))
            .unwrap_err();
        assert!(matches!(hierarchy_error(error), HierarchyError::Chain(_)));
    }
    assert!(online.authorities().unwrap().is_empty());
    let taken = online
        .import_authority(&import(&issued.certificate, &issued.chain))
        .unwrap();
    assert_eq!(taken.new_issuers, ["root"]);
    let error = online
        .import_authority(&import(&issued.certificate, &issued.chain))
        .unwrap_err();
    assert!(matches!(
        hierarchy_error(error),
        HierarchyError::NotTheRequested { .. }
    ));
    let residents = online.unlock("residents", signer.clone()).unwrap();
    let leaf = online
        .issue(
            &residents,
            &request("company-seal", SEAL_SUBJECT, QscdEvidence::None),
        )
        .unwrap();
    let root = own(&offline.root);
    path(
        &offline,
        &root,
        &[&issued.certificate],
        &leaf.certificate,
        true,
    );

    // The root's CRLs.
    let first = offline
        .engine
        .issue_crl(&offline.root, DAY, &actors())
        .unwrap()
        .crl;
    let (whose, view) = online.import_crl(&first.der, &actors()).unwrap();
    assert_eq!((whose.as_str(), view.number), ("root", 1));
    let again = online.import_crl(&first.der, &actors()).unwrap_err();
    assert!(matches!(hierarchy_error(again), HierarchyError::Crl { .. }));
    let mut broken = first.der.clone();
    let at = broken.len() - 5;
    broken[at] ^= 1;
    let error = online.import_crl(&broken, &actors()).unwrap_err();
    assert!(matches!(hierarchy_error(error), HierarchyError::Crl { .. }));
    let foreign = House::new();
    let theirs = foreign
        .engine
        .issue_crl(&foreign.issuing, DAY, &actors())
        .unwrap()
        .crl;
    let error = online.import_crl(&theirs.der, &actors()).unwrap_err();
    assert!(matches!(
        hierarchy_error(error),
        HierarchyError::UnknownCrlIssuer(_)
    ));

    // Renewal the same way; then the root revokes the CA, and the CRL says so here too.
    offline.clock.advance(DAY);
    clock.advance(DAY);
    let p10 = online.request_certificate(&asked, signer.clone()).unwrap();
    let parsed = CertificationRequest::parse(&p10).unwrap();
    let renewed = offline
        .engine
        .certify_request(&place, &parsed, &offline.root)
        .unwrap();
    let taken = online
        .import_authority(&import(&renewed.certificate, &renewed.chain))
        .unwrap();
    assert!(taken.renewed && taken.new_issuers.is_empty());
    assert_eq!(
        online.authority("residents").unwrap().certificate,
        renewed.certificate
    );
    path(
        &offline,
        &root,
        &[&renewed.certificate],
        &leaf.certificate,
        true,
    );
    offline
        .engine
        .revoke(&ca_core::RevocationRequest {
            authority: "root".into(),
            serial: renewed.certificate.serial().to_vec(),
            reason: ca_core::RevocationReason::CaCompromise,
            invalidity_date: None,
            requested_at: None,
            actors: actors(),
        })
        .unwrap();
    for _ in 0..3 {
        offline
            .engine
            .issue_crl(&offline.root, DAY, &actors())
            .unwrap();
    }
    let last = offline.engine.latest_crl("root").unwrap().unwrap();
    online.import_crl(&last.der, &actors()).unwrap();
    let residents = online.unlock("residents", signer).unwrap();
    let order = request("company-seal", SEAL_SUBJECT, QscdEvidence::None);
    let error = online.issue(&residents, &order).unwrap_err();
    assert!(matches!(error, CaError::AuthorityRevoked { .. }), "{error}");
    online.verify_journal().unwrap();
    offline.engine.verify_journal().unwrap();
}

//! A CA renewed with the same key and with a new one.

use ca_core::hierarchy::HierarchyError;
use ca_core::store::{CaCertificateKind, IssuesBesideSuccessor};
use ca_core::{AuthorityKey, GenerationName, NewAuthority, QscdEvidence, Renewal, Validity};
use hsm_pkcs11::KeySpec;
use pki_asn1::Certificate;

use crate::chain::{DAY, generation, hierarchy_error, link, lints, own, path, seal};
use crate::support::{House, accepts, actors, key, order, request, text};

#[test]
fn a_renewed_ca_has_the_same_name_and_key_and_both_certificates_hold() {
    let house = House::new();
    let before = seal(&house, &house.issuing).unwrap().certificate;
    house.clock.advance(DAY);
    let renewal = |name: &str| Renewal {
        authority: name.into(),
        validity: Validity::ProfileDefault,
        actors: actors(),
    };
    let error = house
        .engine
        .renew_authority(&renewal("companies"), &house.issuing)
        .unwrap_err();
    assert!(matches!(
        hierarchy_error(error),
        HierarchyError::NotItsIssuer { .. }
    ));
    let old = own(&house.issuing);
    let new = house
        .engine
        .renew_authority(&renewal("companies"), &house.root)
        .unwrap();
    let new = new.certificate;
    assert_eq!(new.subject_der(), old.subject_der());
    assert_eq!(new.spki_der(), old.spki_der());
    assert_eq!(new.subject_key_id(), old.subject_key_id());
    assert_ne!(new.serial(), old.serial());
    assert_eq!(
        house.engine.authority("companies").unwrap().certificate,
        new
    );
    let kept = house.engine.find_serial(old.serial()).unwrap();
    assert_eq!(kept[0].certificate.as_ref(), Some(&old));
    let renewed_root = house
        .engine
        .renew_authority(&renewal("root"), &house.root)
        .unwrap();
    let root = own(&house.root);
    lints(&house, &root, &new);
    let by = house
        .engine
        .unlock("companies", house.issuing_signer.clone())
        .unwrap();
    let after = seal(&house, &by).unwrap().certificate;
    for anchor in [&root, &renewed_root.certificate] {
        for between in [&old, &new] {
            for leaf in [&before, &after] {
                path(&house, anchor, &[between], leaf, true);
            }
        }
    }
    assert_eq!(house.engine.verify_journal().unwrap().records, 13);
}

#[test]
fn after_a_rollover_old_anchors_reach_new_certificates_and_new_anchors_old_ones() {
    for naming in [GenerationName::Own, GenerationName::Shared] {
        let house = House::new();
        let old_seal = seal(&house, &house.issuing).unwrap().certificate;
        let (root2, _) = generation(&house, "root", naming, None);
        let (issuing2, _) = generation(&house, "companies", naming, Some(&root2));
        let same = own(&root2).subject_der() == own(&house.root).subject_der();
        assert_eq!(same, naming == GenerationName::Shared);
        let new_seal = seal(&house, &issuing2).unwrap().certificate;
        let old_with_new = house
            .engine
            .issue_link(&link("root"), &root2)
            .unwrap()
            .certificate;
        let new_with_old = house
            .engine
            .issue_link(&link("root-g2"), &house.root)
            .unwrap()
            .certificate;
        let (root, root2_cert) = (own(&house.root), own(&root2));
        let (issuing, issuing2_cert) = (own(&house.issuing), own(&issuing2));
        lints(&house, &root2_cert, &old_with_new);
        lints(&house, &root, &new_with_old);
        path(&house, &root, &[&issuing], &old_seal, true);
        path(&house, &root2_cert, &[&issuing2_cert], &new_seal, true);
        // Old anchor, new end entity; new anchor, old end entity.
        path(
            &house,
            &root,
            &[&new_with_old, &issuing2_cert],
            &new_seal,
            true,
        );
        path(
            &house,
            &root2_cert,
            &[&old_with_new, &issuing],
            &old_seal,
            true,
        );
        // Without the link certificates there is no way.
        path(&house, &root, &[&issuing2_cert], &new_seal, false);
        path(&house, &root2_cert, &[&issuing], &old_seal, false);
        scopes(
            &house,
            naming,
            [(&house.issuing, &old_seal), (&issuing2, &new_seal)],
        );
        let kinds: Vec<_> = house
            .engine
            .ca_certificates()
            .unwrap()
            .into_iter()
            .map(|c| (c.authority, c.issuer, c.kind))
            .collect();
        let named = |s: &str| Some(s.to_owned());
        assert_eq!(
            kinds,
            [
                (
                    named("root"),
                    "root-g2".into(),
                    CaCertificateKind::OldWithNew
                ),
                (
                    named("root-g2"),
                    "root".into(),
                    CaCertificateKind::NewWithOld
                ),
            ]
        );
        house.engine.verify_journal().unwrap();
    }
}

/// The CRLs of two generations: where they share a name, each names the address that its certificates name,
/// critically; openssl finds the right one of the two.
fn scopes(house: &House, naming: GenerationName, all: [(&AuthorityKey, &Certificate); 2]) {
    let mut files = Vec::new();
    for (i, (by, leaf)) in all.into_iter().enumerate() {
        let crl = house.engine.issue_crl(by, DAY, &actors()).unwrap().crl;
        let parsed = pki_asn1::CertificateList::from_der(crl.der.clone()).unwrap();
        let point = parsed.issuing_distribution_point().unwrap();
        assert_eq!(point.is_some(), naming == GenerationName::Shared);
        if let Some(point) = point {
            let critical = parsed.extension(&pki_asn1::oid::CE_ISSUING_DISTRIBUTION_POINT);
            assert!(critical.is_some_and(|e| e.critical));
            let said = format!("{:?}", point.full_names());
            assert!(said.contains(&leaf.crl_urls()[0]), "{said}");
        }
        let issuer = house.certificate(&format!("scope-{i}.pem"), &own(by));
        let crl = house.pem(&format!("scope-{i}.crl"), "X509 CRL", &crl.der);
        let leaf = house.certificate(&format!("scope-leaf-{i}.pem"), leaf);
        files.push((issuer, crl, leaf));
    }
    let at = house.engine.now().as_secs().to_string();
    for (issuer, _, leaf) in &files {
        let mut args = vec![
            "verify",
            "-partial_chain",
            "-crl_check",
            "-extended_crl",
            "-attime",
            &at,
        ];
        args.extend(["-trusted", text(issuer)]);
        for (_, crl, _) in &files {
            args.extend(["-CRLfile", text(crl)]);
        }
        args.push(text(leaf));
        accepts("openssl", &args);
    }
}

#[test]
fn only_the_newest_generation_issues_unless_told_otherwise() {
    let house = House::new();
    let (issuing2, _) = generation(&house, "companies", GenerationName::Own, Some(&house.root));
    let error = hierarchy_error(seal(&house, &house.issuing).unwrap_err());
    assert!(
        matches!(error, HierarchyError::Superseded { .. }),
        "{error}"
    );
    seal(&house, &issuing2).unwrap();
    // Its OCSP signer and its CRLs are its own as long as it lives.
    let signer = request(
        "ocsp-signer",
        "C=MC,O=Sceau Example,CN=OCSP",
        QscdEvidence::None,
    );
    house.engine.issue(&house.issuing, &signer).unwrap();
    house
        .engine
        .issue_crl(&house.issuing, DAY, &actors())
        .unwrap();
    house.engine.issue_crl(&issuing2, DAY, &actors()).unwrap();
    house
        .engine
        .set_issuing("companies", IssuesBesideSuccessor::Yes, &actors())
        .unwrap();
    seal(&house, &house.issuing).unwrap();
    let life = house.engine.life("companies").unwrap();
    assert_eq!(life.successor.as_deref(), Some("companies-g2"));
    let again = house.engine.create_generation(
        &order("companies-g3", "issuing-ca"),
        "companies",
        GenerationName::Own,
        key(KeySpec::P256),
        Some(&house.root),
    );
    let error = hierarchy_error(again.unwrap_err());
    assert!(
        matches!(error, HierarchyError::HasSuccessor { .. }),
        "{error}"
    );
    let same_name = house.engine.create_authority(
        &NewAuthority {
            subject: order("companies", "issuing-ca").subject,
            ..order("other", "issuing-ca")
        },
        key(KeySpec::P256),
        Some(&house.root),
    );
    let error = hierarchy_error(same_name.unwrap_err());
    assert!(matches!(error, HierarchyError::SameName { .. }), "{error}");
    house.engine.verify_journal().unwrap();
}

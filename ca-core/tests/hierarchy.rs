//! Generations, cross- and link certificates and an offline root, judged by openssl, pkilint and path
//! validation.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod support;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ca_core::hierarchy::{CaTerms, ForeignCa, HierarchyError, PolicySet};
use ca_core::store::{CaCertificateKind, CertificatesAtEnd, IssuesBesideSuccessor};
use ca_core::{
    AuthorityImport, AuthorityKey, CaEngine, CaError, CaRequestOrder, CertificationRequest,
    CrossOrder, GenerationName, Issued, LinkOrder, NewAuthority, QscdEvidence, Renewal,
    TerminationOrder, Validity,
};
use hsm_pkcs11::{KeySpec, Signer};
use pki_asn1::{Certificate, ManualClock, UnixTime};
use pki_path::{CertificatePool, Evidence, Parameters, RevocationMode, TrustAnchor, Validator};
use support::{House, SEAL_SUBJECT, accepts, actors, judge, key, order, request, text};

const DAY: Duration = Duration::from_secs(86_400);

fn hierarchy_error(error: CaError) -> HierarchyError {
    match error {
        CaError::Hierarchy(error) => {
            assert!(error.hint().is_some(), "{error}");
            error
        }
        other => panic!("{other}"),
    }
}

fn link(certified: &str) -> LinkOrder {
    LinkOrder {
        certified: certified.into(),
        actors: actors(),
    }
}

/// A second generation of `name`, called `NAME-g2`.
fn generation(
    house: &House,
    name: &str,
    naming: GenerationName,
    issuer: Option<&AuthorityKey>,
) -> (AuthorityKey, Arc<dyn Signer>) {
    let signer = key(KeySpec::P256);
    let new = format!("{name}-g2");
    let profile = if issuer.is_none() {
        "root-ca"
    } else {
        "issuing-ca"
    };
    let order = order(&new, profile);
    house
        .engine
        .create_generation(&order, name, naming, signer.clone(), issuer)
        .unwrap();
    (house.engine.unlock(&new, signer.clone()).unwrap(), signer)
}

fn seal(house: &House, by: &AuthorityKey) -> Result<Issued, CaError> {
    let order = request("company-seal", SEAL_SUBJECT, QscdEvidence::None);
    house.engine.issue(by, &order)
}

/// openssl and our own path validation must both find a path from `leaf` to `anchor`, or both none.
fn path(
    house: &House,
    anchor: &Certificate,
    between: &[&Certificate],
    leaf: &Certificate,
    holds: bool,
) {
    let now = house.engine.now();
    let anchor_file = house.certificate("anchor.pem", anchor);
    let leaf_file = house.certificate("leaf.pem", leaf);
    let at = now.as_secs().to_string();
    let mut args = vec![
        "verify",
        "-x509_strict",
        "-policy_check",
        "-policy",
        "2.5.29.32.0",
        "-attime",
        &at,
        "-CAfile",
        text(&anchor_file),
    ];
    let files: Vec<PathBuf> = between
        .iter()
        .enumerate()
        .map(|(i, c)| house.certificate(&format!("between-{i}.pem"), c))
        .collect();
    for file in &files {
        args.extend(["-untrusted", text(file)]);
    }
    args.push(text(&leaf_file));
    if let Some(output) = judge("openssl", &args) {
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), holds, "openssl: {said}");
    }
    let anchors = [TrustAnchor::from_certificate(anchor.clone()).unwrap()];
    let mut pool = CertificatePool::new();
    for certificate in between {
        pool.add((*certificate).clone());
    }
    let evidence = Evidence::default();
    let mut parameters = Parameters::at(now);
    parameters.revocation = RevocationMode::None;
    let found = Validator::new(&anchors, &pool, &evidence, parameters).validate(leaf);
    assert_eq!(found.is_ok(), holds, "pki-path: {:?}", found.err());
}

fn lints(house: &House, issuer: &Certificate, certificate: &Certificate) {
    let issuer = house.certificate("lint-issuer.pem", issuer);
    let file = house.certificate("lint.pem", certificate);
    accepts("lint_pkix_cert", &["lint", "-s", "WARNING", text(&file)]);
    accepts(
        "lint_pkix_signer_signee_cert_chain",
        &["lint", "-s", "WARNING", text(&issuer), text(&file)],
    );
    accepts("certtool", &["-i", "--infile", text(&file)]);
}

fn own(key: &AuthorityKey) -> Certificate {
    key.authority().certificate.clone()
}

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

//! CRLs of every kind, held before judges nobody here wrote, and moved through time.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod support;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ca_core::crl::{CrlConfig, CrlError, CrlKind, CrlName, CrlPolicy, CrlScope, Freshness};
use ca_core::revocation::RevocationError;
use ca_core::status::{Status, StatusReader};
use ca_core::store::PublishedCrl;
use ca_core::{
    AuthorityKey, CaEngine, CaError, Issued, RevocationReason, RevocationRequest, SuspensionRequest,
};
use hsm_pkcs11::{KeySpec, Protection, SignError, Signer};
use pki_asn1::{Certificate, CertificateList, ManualClock, UnixTime};
use pki_crypto::{Message, PublicKey, SignatureAlgorithm};
use pki_path::{
    CertificatePool, Evidence, EvidenceWindow, Parameters, RevocationMode, RevocationStatus,
    TrustAnchor, Validator,
};
use support::{House, SEAL_SUBJECT, accepts, actors, key, order, settings, text};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// A house whose CRLs are as this table `[crl]` says.
fn house(crl: &str) -> House {
    let config: CrlConfig = toml::from_str(crl).unwrap();
    let settings = settings("MC").with_crl(CrlPolicy::new(config).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new("2026-11-21T12:00:00Z".parse().unwrap()));
    let record = folder.path().join("record.sqlite");
    let engine = CaEngine::create(&record, settings, clock.clone()).unwrap();
    let (root_signer, issuing_signer) = (key(KeySpec::P384), key(KeySpec::P256));
    engine
        .create_authority(&order("root", "root-ca"), root_signer.clone(), None)
        .unwrap();
    let root = engine.unlock("root", root_signer).unwrap();
    let companies = order("companies", "issuing-ca");
    engine
        .create_authority(&companies, issuing_signer.clone(), Some(&root))
        .unwrap();
    let issuing = engine.unlock("companies", issuing_signer.clone()).unwrap();
    House {
        location: folder.path().join("record.sqlite").as_path().into(),
        folder,
        clock,
        engine,
        root,
        issuing,
        issuing_signer,
    }
}

fn seal(house: &House) -> Issued {
    house.issue("company-seal", SEAL_SUBJECT).unwrap()
}

fn revoke(house: &House, certificate: &Certificate) {
    house
        .engine
        .revoke(&RevocationRequest {
            authority: "companies".into(),
            serial: certificate.serial().to_vec(),
            reason: RevocationReason::KeyCompromise,
            invalidity_date: None,
            requested_at: None,
            actors: actors(),
        })
        .unwrap();
}

fn hold(certificate: &Certificate) -> SuspensionRequest {
    SuspensionRequest {
        authority: "companies".into(),
        serial: certificate.serial().to_vec(),
        requested_at: None,
        actors: actors(),
    }
}

fn publish(
    house: &House,
    key: &AuthorityKey,
    scope: CrlScope,
    kinds: &[CrlKind],
) -> Vec<PublishedCrl> {
    house
        .engine
        .publish_crls(key, scope, kinds, None, &actors())
        .unwrap()
}

fn read(house: &House, key: &AuthorityKey, name: CrlName) -> CertificateList {
    let reader = StatusReader::open(&house.record()).unwrap();
    let authority = &key.authority().name;
    let whole = reader.crl_of(authority, name).unwrap().unwrap();
    let mut streamed = Vec::new();
    let mut stream = house.engine.crl_stream(authority, name).unwrap().unwrap();
    stream.write_to(&mut streamed).unwrap();
    assert_eq!(streamed, whole.der);
    CertificateList::from_der(whole.der).unwrap()
}

/// openssl verifies it, openssl and certtool read it, pkilint has nothing to say.
fn judged(house: &House, key: &AuthorityKey, name: CrlName) -> PathBuf {
    let authority = key.authority();
    let crl = read(house, key, name);
    let file = name.file_name(&authority.name);
    let pem = house.pem(&format!("{file}.pem"), "X509 CRL", crl.der());
    let ca = house.certificate(&format!("{}.pem", authority.name), &authority.certificate);
    let (pem_text, ca_text) = (text(&pem), text(&ca));
    accepts(
        "openssl",
        &[
            "crl", "-noout", "-verify", "-CAfile", ca_text, "-in", pem_text,
        ],
    );
    let dump = support::judge("openssl", &["crl", "-noout", "-text", "-in", pem_text]);
    if let Some(dump) = dump {
        let dump = String::from_utf8_lossy(&dump.stdout).into_owned();
        let critical = |what: &str| dump.contains(&format!("{what}: critical"));
        let delta = name.kind == CrlKind::Delta;
        assert_eq!(critical("X509v3 Delta CRL Indicator"), delta, "{dump}");
        let partition = name.scope != CrlScope::All;
        assert_eq!(
            critical("X509v3 Issuing Distribution Point"),
            partition,
            "{dump}"
        );
    }
    accepts("certtool", &["--crl-info", "--infile", pem_text]);
    let kind = if authority.issuer.is_none() {
        "ARL"
    } else {
        "CRL"
    };
    accepts(
        "lint_crl",
        &["lint", "-t", kind, "-p", "PKIX", "-s", "WARNING", pem_text],
    );
    pem
}

/// Whether openssl finds the certificate good, with these CRLs of its issuer.
fn openssl_says_good(house: &House, certificate: &Certificate, crls: &[&PathBuf]) -> Option<bool> {
    let root = house.certificate("root.pem", &house.root.authority().certificate);
    let issuing = house.certificate("issuing.pem", &house.issuing.authority().certificate);
    let leaf = house.certificate("leaf.pem", certificate);
    let at = house.engine.now().as_secs().to_string();
    let mut args = vec!["verify", "-crl_check", "-extended_crl", "-use_deltas"];
    args.extend([
        "-attime",
        &at,
        "-CAfile",
        text(&root),
        "-untrusted",
        text(&issuing),
    ]);
    for crl in crls {
        args.extend(["-CRLfile", text(crl)]);
    }
    args.push(text(&leaf));
    let output = support::judge("openssl", &args)?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        assert!(said.contains("certificate revoked"), "{said}");
    }
    Some(output.status.success())
}

/// What our own path engine says with these CRLs.
fn status(house: &House, certificate: &Certificate, crls: &[CrlName]) -> RevocationStatus {
    let root = house.root.authority().certificate.clone();
    let anchors = [TrustAnchor::from_certificate(root).unwrap()];
    let mut pool = CertificatePool::new();
    pool.add(house.issuing.authority().certificate.clone());
    let mut evidence = Evidence::new();
    for name in crls {
        evidence.add_crl(read(house, &house.issuing, *name));
    }
    let at = house.engine.now();
    let parameters = Parameters {
        revocation: RevocationMode::None,
        ..Parameters::at(at)
    };
    let validator = Validator::new(&anchors, &pool, &evidence, parameters);
    let path = validator.validate(certificate).unwrap();
    validator.revocation_status(&path, 0, EvidenceWindow::current(at))
}

fn number_of(crl: &CertificateList, oid: pki_asn1::oid::ObjectIdentifier) -> Vec<u8> {
    crl.extension(&oid).unwrap().extn_value.as_bytes().to_vec()
}

#[test]
fn partitions_and_deltas_are_what_openssl_gnutls_pkilint_and_our_path_engine_take_them_for() {
    let house = house(
        "[partitions]\nnumber = 2\nof = 'all'\n[delta]\nof = 'all'\nfreshest-crl = 'crls-and-certificates'",
    );
    let both = [CrlKind::Complete, CrlKind::Delta];
    for key in [&house.root, &house.issuing] {
        for scope in CrlScope::each(2) {
            // Together with the first complete CRL there is no delta.
            let first = publish(&house, key, scope, &both);
            assert_eq!(first.len(), 1);
            judged(&house, key, CrlName::complete(scope));
        }
    }
    let (one, other, third) = (seal(&house), seal(&house), seal(&house));
    let scope_of = |issued: &Issued| CrlScope::of(issued.certificate.serial(), 2);
    let scope = scope_of(&one);
    let (complete, delta) = (CrlName::complete(scope), CrlName::delta(scope));
    // The certificate names its partition, in the bytes of the issuingDistributionPoint.
    let url = house.engine.settings().crl_url_of("companies", complete);
    assert_eq!(one.certificate.crl_urls(), [url]);

    // A revocation issues the delta of its partition and nothing else.
    house.clock.advance(HOUR);
    revoke(&house, &one.certificate);
    let issued = house
        .engine
        .publish_change(&house.issuing, one.certificate.serial(), &actors())
        .unwrap();
    assert_eq!(issued.len(), 1);
    assert_eq!((issued[0].name, issued[0].number), (delta, 2));
    assert_eq!((issued[0].base, issued[0].entries), (Some(1), Some(1)));
    let files = [
        judged(&house, &house.issuing, complete),
        judged(&house, &house.issuing, delta),
    ];
    let files: Vec<&PathBuf> = files.iter().collect();
    assert_ne!(
        openssl_says_good(&house, &one.certificate, &files[..1]),
        Some(false)
    );
    assert_ne!(
        openssl_says_good(&house, &one.certificate, &files),
        Some(true)
    );
    let revoked = status(&house, &one.certificate, &[complete, delta]);
    assert!(
        matches!(revoked, RevocationStatus::Revoked(..)),
        "{revoked:?}"
    );
    for good in [&other, &third] {
        let scope = scope_of(good);
        let names = [CrlName::complete(scope)];
        let answer = status(&house, &good.certificate, &names);
        assert!(matches!(answer, RevocationStatus::Good(_)), "{answer:?}");
    }

    // A complete CRL and a delta of one time share their number and tell the same.
    house.clock.advance(HOUR);
    for key in [&house.root, &house.issuing] {
        for scope in CrlScope::each(2) {
            let pair = publish(&house, key, scope, &both);
            assert_eq!(pair.len(), 2);
            assert_eq!(pair[0].number, pair[1].number);
            assert_eq!(pair[0].this_update, pair[1].this_update);
            assert_eq!(pair[0].position, pair[1].position);
            assert_eq!(pair[1].base, Some(1));
            let names = [CrlName::complete(scope), CrlName::delta(scope)];
            for name in names {
                judged(&house, key, name);
            }
            let crls = names.map(|name| read(&house, key, name));
            let number = |crl| number_of(crl, pki_asn1::oid::CE_CRL_NUMBER);
            assert_eq!(number(&crls[0]), number(&crls[1]));
        }
    }
    // Everything in one file as well, for those who want it.
    let whole = publish(&house, &house.issuing, CrlScope::All, &[CrlKind::Complete]);
    assert_eq!((whole[0].number, whole[0].entries), (1, Some(1)));
    judged(&house, &house.issuing, CrlName::WHOLE);
    house.engine.verify_journal().unwrap();

    // What responders say is published is the latest of every line.
    let reader = StatusReader::open(&house.record()).unwrap();
    let published = reader.published_crls().unwrap();
    assert_eq!(published.len(), 4 + 5);
    for (authority, crl) in published {
        let number = reader.crl_number_of(&authority, crl.name).unwrap();
        assert_eq!(number, Some(crl.number), "{authority} {}", crl.name);
    }
}

#[test]
fn a_suspension_shows_everywhere_and_leaves_no_trace_when_it_ends() {
    let house = house("[delta]");
    let reader = StatusReader::open(&house.record()).unwrap();
    let (all, delta) = (CrlName::WHOLE, CrlName::delta(CrlScope::All));
    let seal = seal(&house).certificate;
    let serial = seal.serial().to_vec();
    publish(&house, &house.issuing, CrlScope::All, &[CrlKind::Complete]);
    let change = || {
        house.clock.advance(HOUR);
        let issued = house
            .engine
            .publish_change(&house.issuing, &serial, &actors())
            .unwrap();
        assert_eq!(issued[0].name, delta);
        judged(&house, &house.issuing, delta)
    };
    house.engine.suspend(&hold(&seal)).unwrap();
    let on_hold = Some(Status::Revoked {
        at: house.engine.now(),
        reason: RevocationReason::CertificateHold,
        invalidity_date: None,
    });
    assert_eq!(reader.status("companies", &serial).unwrap(), on_hold);
    let version = reader.version().unwrap();
    let said = change();
    let base = judged(&house, &house.issuing, all);
    assert_ne!(
        openssl_says_good(&house, &seal, &[&base, &said]),
        Some(true)
    );
    // A complete CRL with the hold on it, so that the end of the hold has to be told.
    publish(&house, &house.issuing, CrlScope::All, &[CrlKind::Complete]);
    let base = judged(&house, &house.issuing, all);
    assert_ne!(openssl_says_good(&house, &seal, &[&base]), Some(true));
    house.engine.resume(&hold(&seal)).unwrap();
    assert_eq!(
        reader.status("companies", &serial).unwrap(),
        Some(Status::Good)
    );
    assert!(reader.version().unwrap() > version);
    let said = change();
    assert_ne!(
        openssl_says_good(&house, &seal, &[&base, &said]),
        Some(false)
    );
    let answer = status(&house, &seal, &[all, delta]);
    assert!(matches!(answer, RevocationStatus::Good(_)), "{answer:?}");
    let removed = read(&house, &house.issuing, delta);
    let reason = removed.entries().next().unwrap().reason().unwrap();
    assert_eq!(reason as u32, 8);
    publish(&house, &house.issuing, CrlScope::All, &[CrlKind::Complete]);
    assert_eq!(read(&house, &house.issuing, all).entries().count(), 0);

    // A hold that becomes final keeps its date.
    house.clock.advance(DAY);
    house.engine.suspend(&hold(&seal)).unwrap();
    let since = house.engine.now();
    house.clock.advance(DAY);
    revoke(&house, &seal);
    let answer = reader.status("companies", &serial).unwrap();
    let expected = Status::Revoked {
        at: since,
        reason: RevocationReason::KeyCompromise,
        invalidity_date: None,
    };
    assert_eq!(answer, Some(expected));
    let statistics = house.engine.statistics().unwrap();
    assert_eq!((statistics.revoked, statistics.suspended), (1, 0));
    assert_eq!(statistics.timeliness.decision.count, 4);
    assert_eq!(statistics.timeliness.waiting, 2);
    assert_eq!(statistics.timeliness.longest_wait, Some(86_400));
    house.engine.verify_journal().unwrap();
}

#[test]
fn orders_that_do_not_fit_the_certificate_are_refused() {
    let house = house("");
    let seal = seal(&house).certificate;
    let service = "C=MC,O=Sceau Example,organizationIdentifier=NTRMC-00S00001,CN=Service";
    let refused = |result: Result<(), CaError>| match result {
        Err(error @ CaError::Revocation(_)) => {
            assert!(error.hint().is_some());
            let CaError::Revocation(reason) = error else {
                unreachable!()
            };
            reason
        }
        other => panic!("{other:?}"),
    };
    for profile in ["ocsp-signer", "time-stamping-unit"] {
        let unit = house.issue(profile, service).unwrap().certificate;
        let error = refused(house.engine.suspend(&hold(&unit)));
        assert!(
            matches!(error, RevocationError::NotSuspendable { .. }),
            "{error}"
        );
    }
    let ca = SuspensionRequest {
        authority: "root".into(),
        ..hold(&house.issuing.authority().certificate)
    };
    let error = refused(house.engine.suspend(&ca));
    assert!(
        matches!(error, RevocationError::NotSuspendable { .. }),
        "{error}"
    );
    let reason = |authority: &str, certificate: &Certificate, reason| {
        let order = RevocationRequest {
            authority: authority.into(),
            serial: certificate.serial().to_vec(),
            reason,
            invalidity_date: None,
            requested_at: None,
            actors: actors(),
        };
        refused(house.engine.revoke(&order).map(drop))
    };
    let issuing = &house.issuing.authority().certificate;
    reason("companies", &seal, RevocationReason::CaCompromise);
    reason("companies", &seal, RevocationReason::CertificateHold);
    reason("companies", &seal, RevocationReason::AaCompromise);
    reason("root", issuing, RevocationReason::KeyCompromise);
    let error = refused(house.engine.resume(&hold(&seal)));
    assert!(
        matches!(error, RevocationError::NotSuspended { .. }),
        "{error}"
    );
    house.engine.suspend(&hold(&seal)).unwrap();
    let error = refused(house.engine.suspend(&hold(&seal)));
    assert!(
        matches!(error, RevocationError::AlreadySuspended { .. }),
        "{error}"
    );
    house.clock.set(seal.not_after() + Duration::from_secs(1));
    let error = refused(house.engine.resume(&hold(&seal)));
    assert!(matches!(error, RevocationError::Expired { .. }), "{error}");
}

#[test]
fn what_is_due_is_issued_before_it_is_missed_and_lateness_is_an_alarm() {
    let house = house("issuing-hours = 48\n[delta]\nhours = 6");
    let freshness = |name: CrlName| {
        let standings = house.engine.crl_standings("companies").unwrap();
        standings
            .iter()
            .find(|s| s.name == name)
            .map(|s| s.freshness)
    };
    let due = || house.engine.publish_due(&house.issuing, &actors()).unwrap();
    let (all, delta) = (CrlName::WHOLE, CrlName::delta(CrlScope::All));
    assert_eq!(freshness(all), Some(Freshness::Due));
    assert_eq!(freshness(delta), None);
    assert_eq!(due().len(), 1);
    assert_eq!(freshness(all), Some(Freshness::Current));
    assert!(due().is_empty());
    // The delta goes through its own schedule, without any revocation.
    house.clock.advance(3 * HOUR);
    let issued = due();
    assert_eq!(
        (issued.len(), issued[0].name, issued[0].number),
        (1, delta, 2)
    );
    // A revocation that was not published is found, first by the delta, then by the complete CRL.
    let seal = seal(&house).certificate;
    revoke(&house, &seal);
    assert_eq!(freshness(delta), Some(Freshness::Due));
    assert_eq!(freshness(all), Some(Freshness::Current));
    assert_eq!(due()[0].name, delta);
    house.clock.advance(Duration::from_secs(1_800));
    assert_eq!(freshness(all), Some(Freshness::Due));
    let pair = due();
    assert_eq!((pair.len(), pair[0].number), (2, pair[1].number));
    // The timer stands still for a day and a half: late, then without a CRL.
    house.clock.advance(25 * HOUR + Duration::from_secs(1));
    assert_eq!(freshness(all), Some(Freshness::Late));
    assert_eq!(freshness(delta), Some(Freshness::Expired));
    house.clock.advance(23 * HOUR);
    assert_eq!(freshness(all), Some(Freshness::Expired));
    let pair = due();
    assert_eq!(pair.len(), 2);
    assert_eq!(freshness(all), Some(Freshness::Current));
    // Overlap: the next is due while this one is valid.
    house.clock.advance(24 * HOUR);
    assert_eq!(freshness(all), Some(Freshness::Due));
    let latest = read(&house, &house.issuing, all);
    assert!(latest.next_update().unwrap() > house.engine.now());
    // A clock that was set back issues nothing.
    house.clock.set("2026-11-21T12:00:00Z".parse().unwrap());
    let error = house
        .engine
        .publish_crls(
            &house.issuing,
            CrlScope::All,
            &[CrlKind::Complete],
            None,
            &actors(),
        )
        .unwrap_err();
    assert!(
        matches!(error, CaError::Crl(CrlError::ClockBehind { .. })),
        "{error}"
    );
    house.engine.verify_journal().unwrap();
}

#[test]
fn an_expired_entry_stays_for_one_scheduled_crl_beyond_its_validity() {
    let keeping = house("");
    let dropping = house("expired = 'drop'");
    for (house, keeps) in [(&keeping, true), (&dropping, false)] {
        let seal = seal(house).certificate;
        revoke(house, &seal);
        let entries = || {
            publish(house, &house.issuing, CrlScope::All, &[CrlKind::Complete]);
            judged(house, &house.issuing, CrlName::WHOLE);
            let crl = read(house, &house.issuing, CrlName::WHOLE);
            let extension = crl.extension(&pki_asn1::oid::CE_EXPIRED_CERTS_ON_CRL);
            assert_eq!(extension.is_some(), keeps);
            crl.entries().count()
        };
        assert_eq!(entries(), 1);
        house.clock.set(seal.not_after() + Duration::from_secs(1));
        // A CRL that another revocation occasions does not count.
        let other = self::seal(house).certificate;
        revoke(house, &other);
        house
            .engine
            .publish_change(&house.issuing, other.serial(), &actors())
            .unwrap();
        house.clock.advance(HOUR);
        assert_eq!(entries(), 2);
        house.clock.advance(HOUR);
        assert_eq!(entries(), if keeps { 2 } else { 1 });
    }
}

#[test]
fn the_last_crl_is_for_ever_and_nothing_follows_it() {
    let house = house("expired = 'drop'\n[partitions]\nnumber = 2\n[delta]");
    let seal = seal(&house).certificate;
    let scope = CrlScope::of(seal.serial(), 2);
    for scope in CrlScope::each(2) {
        publish(&house, &house.issuing, scope, &[CrlKind::Complete]);
    }
    revoke(&house, &seal);
    house.clock.advance(HOUR);
    let last = house
        .engine
        .publish_last_crls(&house.issuing, &actors())
        .unwrap();
    assert_eq!(last.len(), 2);
    for name in CrlScope::each(2).map(CrlName::complete) {
        judged(&house, &house.issuing, name);
        let crl = read(&house, &house.issuing, name);
        assert_eq!(crl.next_update(), Some(UnixTime::MAX));
        let der = crl.der();
        assert!(der.windows(17).any(|w| w == b"\x18\x0f99991231235959Z"));
    }
    let crl = read(&house, &house.issuing, CrlName::complete(scope));
    assert_eq!(crl.entries().count(), 1);
    // Again after an interruption: nothing is left to do.
    let again = house.engine.publish_last_crls(&house.issuing, &actors());
    assert!(again.unwrap().is_empty());
    house.clock.advance(DAY);
    for kinds in [&[CrlKind::Complete][..], &[CrlKind::Delta]] {
        let error = house
            .engine
            .publish_crls(&house.issuing, scope, kinds, None, &actors())
            .unwrap_err();
        assert!(
            matches!(error, CaError::Crl(CrlError::AfterLast { .. })),
            "{error}"
        );
    }
    let standings = house.engine.crl_standings("companies").unwrap();
    assert!(standings.iter().all(|s| s.freshness == Freshness::Last));
    assert!(
        house
            .engine
            .publish_due(&house.issuing, &actors())
            .unwrap()
            .is_empty()
    );
}

/// A token that refuses.
#[derive(Debug)]
struct Refusing(Arc<dyn Signer>);

impl Signer for Refusing {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.0.algorithm()
    }
    fn public_key(&self) -> &PublicKey {
        self.0.public_key()
    }
    fn protection(&self) -> Protection {
        Protection::Token
    }
    fn sign(&self, _: Message<'_>) -> Result<Vec<u8>, SignError> {
        Err(SignError::Library(self.algorithm()))
    }
}

#[test]
fn a_number_whose_crl_was_never_signed_is_a_gap_and_never_used_again() {
    let house = house("[delta]");
    let refusing = Arc::new(Refusing(house.issuing_signer.clone()));
    let broken = house.engine.unlock("companies", refusing).unwrap();
    let complete = [CrlKind::Complete];
    publish(&house, &house.issuing, CrlScope::All, &complete);
    for kinds in [
        &complete[..],
        &[CrlKind::Delta],
        &[CrlKind::Complete, CrlKind::Delta],
    ] {
        house.clock.advance(HOUR);
        let failed = house
            .engine
            .publish_crls(&broken, CrlScope::All, kinds, None, &actors());
        assert!(matches!(failed, Err(CaError::Signing { .. })));
    }
    house.clock.advance(HOUR);
    let issued = publish(&house, &house.issuing, CrlScope::All, &complete);
    assert_eq!(issued[0].number, 5);
    house.engine.verify_journal().unwrap();
}

#[test]
fn what_an_authority_does_not_have_is_not_issued() {
    let house = house("");
    let order = |scope, kind| {
        let kinds = [kind];
        let result = house
            .engine
            .publish_crls(&house.issuing, scope, &kinds, None, &actors());
        match result {
            Err(CaError::Crl(error)) => error,
            other => panic!("{other:?}"),
        }
    };
    let error = order(CrlScope::Partition(1), CrlKind::Complete);
    assert!(
        matches!(error, CrlError::Partition { found: 0, .. }),
        "{error}"
    );
    let error = order(CrlScope::All, CrlKind::Delta);
    assert!(matches!(error, CrlError::NoDeltas { .. }), "{error}");
    let house = self::house("[delta]");
    let result = house.engine.publish_crls(
        &house.issuing,
        CrlScope::All,
        &[CrlKind::Delta],
        None,
        &actors(),
    );
    let error = result.unwrap_err();
    assert!(
        matches!(error, CaError::Crl(CrlError::NoBase { .. })),
        "{error}"
    );
    assert!(error.hint().is_some());
}

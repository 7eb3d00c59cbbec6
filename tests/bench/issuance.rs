//! Certificates per second through the engine: eight requesters, P-256, the record on disk, each certificate linted and durable.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result};
use ca_core::{
    Actors, CaEngine, IssueRequest, NewAuthority, QscdEvidence, Settings, SettingsConfig,
    SubjectDn, SubjectKey, Validity,
};
use hsm_pkcs11::{KeySpec, Signer, SoftwareKey};
use pki_asn1::SystemClock;

use crate::Effort;
use crate::table::Table;

pub(crate) fn measure(effort: Effort, table: &mut Table) -> Result<()> {
    // Beside the build, on a real disk: a temporary folder may be memory, where syncing costs nothing.
    let parent = sceau_tests::environment::test_env();
    std::fs::create_dir_all(&parent)?;
    let folder = tempfile::TempDir::with_prefix_in("bench-", parent)?;
    for requesters in [1, 8] {
        let number = effort.pick(200, if requesters == 1 { 2_000 } else { 10_000 });
        let rate = issue(
            &folder.path().join(format!("record-{requesters}.sqlite")),
            requesters,
            number,
        )?;
        let work = "issue a seal certificate, durable, P-256, SQLite";
        table.row(
            work,
            &format!(
                "ca-core, {requesters} requester{}",
                if requesters == 1 { "" } else { "s" }
            ),
            &format!("{rate:.0}/s"),
            "",
        );
    }
    Ok(())
}

fn issue(record: &std::path::Path, requesters: usize, number: usize) -> Result<f64> {
    let config = SettingsConfig {
        base_url: "http://pki.sceau.example".to_owned(),
        country: "MC".to_owned(),
        policy_arc: sceau_tests::hierarchy::POLICY_ARC.to_owned(),
        cps_uri: "https://sceau.example/cps".to_owned(),
        pds: Vec::new(),
        legislation: ca_core::settings::LegislationConfig::default(),
    };
    let engine = CaEngine::create(record, Settings::new(config)?, Arc::new(SystemClock))?;
    let root = authority(
        &engine,
        "root",
        "root-ca",
        sceau_tests::hierarchy::ROOT_SUBJECT,
        None,
    )?;
    let companies = authority(
        &engine,
        "companies",
        "issuing-ca",
        "C=MC,O=Sceau Example Trade Register,organizationIdentifier=NTRMC-00P00004,CN=Sceau Example Companies CA",
        Some(&root),
    )?;
    let subject: SubjectDn = sceau_tests::hierarchy::SEAL_SUBJECT.parse()?;
    let key = SoftwareKey::generate(KeySpec::P256)?.public_key().clone();
    let order = IssueRequest {
        profile: "company-seal".to_owned(),
        subject,
        key: SubjectKey::Held(key),
        qscd: QscdEvidence::None,
        legislation: None,
        validity: Validity::ProfileDefault,
        actors: Actors::named(vec!["bench".to_owned()]),
    };
    let left = AtomicUsize::new(number);
    let started = Instant::now();
    std::thread::scope(|scope| {
        let work = || -> Result<()> {
            while left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                    left.checked_sub(1)
                })
                .is_ok()
            {
                engine.issue(&companies, &order)?;
            }
            Ok(())
        };
        let threads: Vec<_> = (0..requesters).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().ok().context("a requester panicked")?)
    })?;
    Ok(number as f64 / started.elapsed().as_secs_f64())
}

fn authority(
    engine: &CaEngine,
    name: &str,
    profile: &str,
    subject: &str,
    issuer: Option<&ca_core::AuthorityKey>,
) -> Result<ca_core::AuthorityKey> {
    let signer: Arc<dyn Signer> = Arc::new(SoftwareKey::generate(KeySpec::P256)?);
    let order = NewAuthority {
        name: name.to_owned(),
        profile: profile.to_owned(),
        subject: subject.parse()?,
        key_location: "memory".to_owned(),
        validity: Validity::ProfileDefault,
        actors: Actors::named(vec!["bench".to_owned()]),
    };
    engine.create_authority(&order, signer.clone(), issuer)?;
    Ok(engine.unlock(name, signer)?)
}

//! What happens to a seal's documents when the seal is revoked.

use std::time::Duration;

use anyhow::{Result, ensure};
use sceau_tests::environment::project;
use sceau_tests::report::verify_call;
use sceau_tests::{Hierarchy, VerifyReport};

use crate::on_both_backends;

on_both_backends!(running: revocation_ends_later_seals_and_leaves_earlier_ones);

fn revocation_ends_later_seals_and_leaves_earlier_ones(hierarchy: &Hierarchy) -> Result<()> {
    let contract = project().join("xtask/demo/contract.pdf");
    let at = |name: &str| hierarchy.path(name);
    hierarchy.sign(
        &contract,
        at("stamped.pdf"),
        "company-seal",
        "companies",
        "b-t",
    )?;
    hierarchy.sign(
        &contract,
        at("bare.pdf"),
        "company-seal",
        "companies",
        "b-b",
    )?;
    for name in ["stamped.pdf", "bare.pdf"] {
        let report = VerifyReport::online(&at(name), &[hierarchy.root()])?;
        ensure!(
            report.indications() == ["TOTAL-PASSED"],
            "{name} before the revocation: {report:#?}"
        );
    }

    // Time-stamps and revocation times count in seconds.
    std::thread::sleep(Duration::from_millis(1_100));
    hierarchy
        .office
        .revoke("companies", "company-seal.pem", "keyCompromise")?
        .succeed()?;
    let verify = verify_call(&at("bare.pdf"), &[hierarchy.root()])?.arg("--no-cache");
    crate::until("the revocation is known", || {
        let (report, _) = VerifyReport::of(&verify)?;
        Ok(report.signatures[0].sub_indication.as_deref() == Some("REVOKED_NO_POE"))
    })?;

    let report = VerifyReport::online(&at("stamped.pdf"), &[hierarchy.root()])?;
    ensure!(
        report.indications() == ["TOTAL-PASSED"],
        "time-stamped before the revocation: {report:#?}"
    );
    ensure!(
        report.signatures[0].best_signature_time.is_some(),
        "{report:#?}"
    );

    // Without a time-stamp nothing proves that the signature is older than the revocation.
    let report = VerifyReport::online(&at("bare.pdf"), &[hierarchy.root()])?;
    ensure!(
        report.indications() == ["INDETERMINATE"] && report.signatures[0].intact,
        "not time-stamped: {report:#?}"
    );
    ensure!(
        report.signatures[0].sub_indication.as_deref() == Some("REVOKED_NO_POE"),
        "{report:#?}"
    );

    hierarchy.sign(
        &contract,
        at("late.pdf"),
        "company-seal",
        "companies",
        "b-t",
    )?;
    let report = VerifyReport::online(&at("late.pdf"), &[hierarchy.root()])?;
    ensure!(
        !report.indications().contains(&"TOTAL-PASSED") && report.signatures[0].intact,
        "sealed after the revocation: {report:#?}"
    );
    ensure!(
        report.signatures[0]
            .sub_indication
            .as_deref()
            .is_some_and(|why| why.starts_with("REVOKED")),
        "{report:#?}"
    );
    Ok(())
}

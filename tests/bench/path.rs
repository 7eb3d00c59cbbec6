//! Path validation as whole processes: NIST PKITS beside `openssl verify`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use sceau_tests::environment::sceau_program;
use sceau_tests::{Call, corpus};
use serde_json::Value;

use crate::Effort;
use crate::table::Table;

pub(crate) fn measure(effort: Effort, table: &mut Table) -> Result<()> {
    let Some(dir) = corpus::find("pkits") else {
        return Ok(());
    };
    let suite: Value = serde_json::from_slice(&std::fs::read(dir.join("pkits.json"))?)?;
    let cases = suite["tests"].as_array().context("no cases")?;
    let cases = &cases[..cases.len().min(effort.pick(25, usize::MAX))];
    let scratch = tempfile::tempdir()?;
    let mut rates = Vec::new();
    for (who, call) in [
        ("sceau verify-path", ours as Caller),
        ("openssl verify", openssl),
    ] {
        let mut took = Duration::ZERO;
        for (number, case) in cases.iter().enumerate() {
            let call = call(case, &dir, &scratch.path().join(number.to_string()))?;
            took += call.run()?.elapsed;
        }
        rates.push((who, cases.len() as f64 / took.as_secs_f64()));
    }
    let work = format!("{} cases of PKITS, a process each", cases.len());
    for (who, rate) in &rates {
        let beside = match rates[0].1 / rate {
            _ if *who == rates[0].0 => String::new(),
            times => format!("sceau is {times:.1} x as fast"),
        };
        table.row(&work, who, &format!("{rate:.0} cases/s"), &beside);
    }
    Ok(())
}

type Caller = fn(&Value, &Path, &Path) -> Result<Call>;

fn files(case: &Value, key: &str, dir: &Path) -> Vec<PathBuf> {
    let names = match &case[key] {
        Value::String(name) => vec![name.as_str()],
        other => other
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect(),
    };
    names.into_iter().map(|name| dir.join(name)).collect()
}

fn ours(case: &Value, dir: &Path, _: &Path) -> Result<Call> {
    let mut call = sceau_program("sceau")?.arg("verify-path");
    call = call.args(files(case, "target", dir));
    for (key, option) in [
        ("anchor", "--trust"),
        ("intermediates", "--untrusted"),
        ("crls", "--crl"),
    ] {
        let files = files(case, key, dir);
        if !files.is_empty() {
            call = call.arg(option).args(files);
        }
    }
    call = call
        .arg("--at")
        .arg(case["time"].as_str().unwrap_or_default());
    for policy in case["initial_policy_set"].as_array().into_iter().flatten() {
        call = call
            .arg("--policy")
            .arg(policy.as_str().unwrap_or_default());
    }
    for (key, option) in [
        ("initial_explicit_policy", "--require-explicit-policy"),
        ("initial_policy_mapping_inhibit", "--inhibit-policy-mapping"),
        ("initial_inhibit_any_policy", "--inhibit-any-policy"),
    ] {
        if case[key] == true {
            call = call.arg(option);
        }
    }
    Ok(call)
}

/// The files are put into PEM, which openssl needs of several, before the clock runs.
fn openssl(case: &Value, dir: &Path, scratch: &Path) -> Result<Call> {
    std::fs::create_dir_all(scratch)?;
    let mut call = Call::new("openssl").args([
        "verify",
        "-crl_check_all",
        "-extended_crl",
        "-use_deltas",
        "-policy_check",
    ]);
    for (key, kind, option) in [
        ("anchor", "x509", "-CAfile"),
        ("intermediates", "x509", "-untrusted"),
        ("crls", "crl", "-CRLfile"),
    ] {
        let mut all = String::new();
        for file in files(case, key, dir) {
            all.push_str(
                &Call::new("openssl")
                    .args([kind, "-inform", "DER", "-in"])
                    .arg(file)
                    .run()?
                    .out(),
            );
        }
        if !all.is_empty() {
            let path = scratch.join(key);
            std::fs::write(&path, all)?;
            call = call.arg(option).arg(path);
        }
    }
    for policy in case["initial_policy_set"].as_array().into_iter().flatten() {
        call = call.arg("-policy").arg(policy.as_str().unwrap_or_default());
    }
    // At the time of the suite or now: the work is the same.
    Ok(call.args(files(case, "target", dir)))
}

//! Path validation as whole processes: NIST PKITS beside `openssl verify` and certval, and a pool made to keep a builder busy.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer};
use rcgen::{KeyIdMethod, KeyPair, KeyUsagePurpose};
use sceau_tests::environment::{sceau_program, test_env};
use sceau_tests::{Call, corpus};
use serde_json::{Value, json};

use crate::Effort;
use crate::process::peak_memory;
use crate::table::Table;

/// After this long nobody waits for a verdict any more.
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) fn measure(effort: Effort, table: &mut Table) -> Result<()> {
    pkits(effort, table)?;
    hostile_pool(effort, table)
}

fn pkits(effort: Effort, table: &mut Table) -> Result<()> {
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
    if let Some(rate) = certval(cases, &dir)? {
        let work = format!("{} cases of PKITS, one process", cases.len());
        table.row(&work, "certval", &format!("{rate:.0} cases/s"), "");
    }
    Ok(())
}

/// Cases a second of the judge in `tests/certval`, where `cargo xtask test` has built it.
fn certval(cases: &[Value], dir: &Path) -> Result<Option<f64>> {
    let built = test_env().join("certval/release/certval-judge");
    let program = std::env::var_os("SCEAU_CERTVAL").map_or(built, PathBuf::from);
    if !program.is_file() {
        return Ok(None);
    }
    let mut questions = String::new();
    for case in cases {
        let octets = |key: &str| -> Result<Vec<String>> {
            let files = files(case, key, dir);
            let read = |path: PathBuf| Ok(hex::encode(std::fs::read(path)?));
            files.into_iter().map(read).collect()
        };
        let question = json!({
            "target": octets("target")?.first(),
            "anchor": octets("anchor")?.first(),
            "pool": octets("intermediates")?,
            "crls": octets("crls")?,
            // The time of the suite; the judge takes seconds.
            "at": 1_302_825_600,
            "policies": case["initial_policy_set"],
            "explicit_policy": case["initial_explicit_policy"],
            "inhibit_mapping": case["initial_policy_mapping_inhibit"],
            "inhibit_any": case["initial_inhibit_any_policy"],
            "revocation": true,
        });
        questions.push_str(&format!("{question}\n"));
    }
    let outcome = Call::new(program).input(questions).succeed()?;
    Ok(Some(cases.len() as f64 / outcome.elapsed.as_secs_f64()))
}

/// Authorities of one name and one key identifier that all certify each other, and none is certified by the anchor.
fn hostile_pool(effort: Effort, table: &mut Table) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let authorities: usize = effort.pick(12, 60);
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "The same");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.key_identifier_method = KeyIdMethod::PreSpecified(vec![7; 20]);
    params.use_authority_key_identifier_extension = true;
    let keys = (0..authorities).map(|_| KeyPair::generate());
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    let mut pool = String::new();
    for above in &keys {
        let issuer = Issuer::from_params(&params, above);
        for key in &keys {
            pool.push_str(&params.signed_by(key, &issuer)?.pem());
        }
    }
    let mut target = params.clone();
    target.is_ca = IsCa::NoCa;
    target.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    target
        .distinguished_name
        .push(DnType::OrganizationName, "Target");
    let issuer = Issuer::from_params(&params, &keys[0]);
    let write = |name: &str, text: &str| {
        let path = scratch.path().join(name);
        std::fs::write(&path, text).map(|()| path)
    };
    let target = target.signed_by(&KeyPair::generate()?, &issuer)?.pem();
    let target = write("target.pem", &target)?;
    let anchor = params.self_signed(&KeyPair::generate()?)?.pem();
    let anchor = write("anchor.pem", &anchor)?;
    let pool = write("pool.pem", &pool)?;
    let ours = sceau_program("sceau")?
        .arg("verify-path")
        .arg(&target)
        .arg("--trust")
        .arg(&anchor)
        .arg("--untrusted")
        .arg(&pool);
    let openssl = Call::new("openssl")
        .args(["verify", "-no-CApath", "-no-CAstore", "-CAfile"])
        .arg(&anchor)
        .arg("-untrusted")
        .arg(&pool)
        .arg(&target);
    let work = format!(
        "no path among {} certificates of one name and key identifier",
        authorities * authorities
    );
    for (who, call) in [("sceau verify-path", ours), ("openssl verify", openssl)] {
        let call = call.limit(LIMIT);
        let outcome = call.run()?;
        anyhow::ensure!(outcome.hung || !outcome.success(), "{who} found a path");
        let figure = match outcome.hung {
            true => format!("no answer within {} s", LIMIT.as_secs()),
            false => {
                // Its exit code says that there is no path.
                let command = call.command();
                let quietly = Call::new("sh")
                    .args(["-c", "\"$@\" > /dev/null 2>&1; true", "sh"])
                    .arg(command.get_program())
                    .args(command.get_args());
                let peak = peak_memory(&quietly, &scratch.path().join("peak"))?;
                format!(
                    "{:.0} ms, {:.0} MB",
                    outcome.elapsed.as_secs_f64() * 1e3,
                    peak as f64 / 1024.0
                )
            }
        };
        table.row(&work, who, &figure, "");
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

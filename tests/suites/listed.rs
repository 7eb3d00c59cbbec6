//! Trusted lists (TS 119 612, 119 615) as the only word of trust: for signing and extending, and for whether seals and time-stamps
//! are qualified. xmlsec1 signs the lists.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use sceau_tests::environment::{Need, available, project};
use sceau_tests::trusted_list::{self, ECDSA_SHA256, EU_GENERIC, List, SHA256, Service, Signing};
use sceau_tests::{Call, Hierarchy};
use serde_json::Value;

use crate::on_both_backends;

on_both_backends!(running: a_list_is_not_trusted_by_those_who_sign_and_extend);

pub(crate) const SINCE: &str = "2020-01-01T00:00:00Z";

fn a_list_is_not_trusted_by_those_who_sign_and_extend(hierarchy: &Hierarchy) -> Result<()> {
    if !available(&[Need::Tool("xmlsec1")]) {
        return Ok(());
    }
    let companies = base64_of(&hierarchy.ca("companies"))?;
    let unit = base64_of(&hierarchy.path("tsu.pem"))?;
    let seals = Service {
        provider: "Sceau Example Trade Register".into(),
        ..Service::granted("CA/QC", SINCE, &companies).with_information("ForeSeals")
    };
    let stamps = Service {
        provider: "Sceau Example Administration".into(),
        ..Service::granted("TSA/QTST", SINCE, &unit)
    };
    operator(hierarchy)?;
    list(hierarchy, "list.xml", vec![seals.clone(), stamps])?;
    list(hierarchy, "without-unit.xml", vec![seals])?;

    let office = &hierarchy.office;
    let input = project().join("xtask/demo/contract.pdf");
    let out = hierarchy.path("listed.pdf");
    office
        .sign(&input, &out, "company-seal", "companies", "b-lta")?
        .args(lists("list.xml"))
        .succeed()?;
    let report = verify(hierarchy, &out, "list.xml")?;
    let signature = &report["signatures"][0];
    ensure!(signature["indication"] == "TOTAL-PASSED", "{report:#}");
    ensure!(signature["level"] == "B-LTA", "{report:#}");
    let found = &signature["signer"]["qualified"]["trustedList"];
    // The example's profiles state no qualified certificates; that is said, and why.
    ensure!(found["level"] == "not-qualified", "{found:#}");
    ensure!(
        !found["reasons"].as_array().is_none_or(Vec::is_empty),
        "{found:#}"
    );
    let stamp = &signature["timestamps"][0];
    ensure!(stamp["qualified"]["qualified"] == "yes", "{stamp:#}");
    // Renewed under the same list.
    let renewed = hierarchy.path("listed-renewed.pdf");
    extend(hierarchy, &out, &renewed, "list.xml")?.succeed()?;
    let report = verify(hierarchy, &renewed, "list.xml")?;
    ensure!(report["indication"] == "TOTAL-PASSED", "{report:#}");

    // A list without the unit trusts no time-stamp, and whoever signs or extends learns it before anything is written.
    let refused = hierarchy.path("refused.pdf");
    let outcome = extend(hierarchy, &out, &refused, "without-unit.xml")?.run()?;
    ensure!(!outcome.success() && !refused.exists(), "{outcome}");
    let outcome = office
        .sign(&input, &refused, "company-seal", "companies", "b-lta")?
        .args(lists("without-unit.xml"))
        .run()?;
    ensure!(!outcome.success() && !refused.exists(), "{outcome}");
    let report = verify(hierarchy, &out, "without-unit.xml")?;
    let stamp = &report["signatures"][0]["timestamps"][0];
    ensure!(stamp["indication"] == "INDETERMINATE", "{stamp:#}");
    ensure!(stamp["qualified"]["qualified"] != "yes", "{stamp:#}");
    Ok(())
}

pub(crate) fn lists(name: &str) -> [&str; 4] {
    [
        "--trusted-list",
        name,
        "--trusted-list-signer",
        "operator.pem",
    ]
}

fn extend(hierarchy: &Hierarchy, input: &Path, output: &Path, list: &str) -> Result<Call> {
    let office = &hierarchy.office;
    Ok(office
        .program("sceau")?
        .arg("extend")
        .arg(input)
        .arg("--out")
        .arg(output)
        .args(["--no-cache", "--to", "b-lta", "--tsa", &office.tsa_url()])
        .args(lists(list)))
}

fn verify(hierarchy: &Hierarchy, file: &Path, list: &str) -> Result<Value> {
    let outcome = hierarchy
        .office
        .program("sceau")?
        .arg("verify")
        .arg(file)
        .args(["--report", "json"])
        .args(lists(list))
        .run()?;
    serde_json::from_slice(&outcome.stdout).with_context(|| outcome.to_string())
}

/// Whoever signs the lists.
pub(crate) fn operator(hierarchy: &Hierarchy) -> Result<()> {
    Call::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ])
        .args([
            "-nodes",
            "-days",
            "3650",
            "-subj",
            "/C=XX/O=Test & Sons/CN=Operator",
        ])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-addext", "keyUsage=critical,digitalSignature"])
        .args(["-addext", "extendedKeyUsage=0.4.0.2231.3.0"])
        .args(["-keyout", "operator.key", "-out", "operator.pem"])
        .folder(hierarchy.path(""))
        .succeed()?;
    Ok(())
}

pub(crate) fn list(hierarchy: &Hierarchy, name: &str, services: Vec<Service>) -> Result<()> {
    let mut list = List::new(EU_GENERIC, "XX");
    list.services = services;
    // Not before its signer's certificate.
    let now = Call::new("date")
        .args(["-u", "+%Y-%m-%dT%H:%M:%SZ"])
        .succeed()?;
    list.issued = now.out().trim().to_owned();
    let certificate = hierarchy.path("operator.pem");
    let openssl = |arguments: &[&str], input: Vec<u8>| -> Result<Vec<u8>> {
        let call = Call::new("openssl").args(arguments).input(input);
        Ok(call.succeed()?.stdout)
    };
    let der = openssl(&["x509", "-outform", "DER"], std::fs::read(&certificate)?)?;
    let digest = openssl(&["dgst", "-sha256", "-binary"], der)?;
    let digest = String::from_utf8(openssl(&["base64", "-A"], digest)?)?;
    let how = Signing {
        property: trusted_list::SIGNING_CERTIFICATE,
        key: &hierarchy.path("operator.key"),
        certificate: &certificate,
        method: ECDSA_SHA256,
        digest: SHA256,
        uri: "",
        certificate_digest: Some(&digest),
    };
    let signed = trusted_list::sign(&list.to_xml(), &how)?;
    ensure!(trusted_list::verifies(&signed, &certificate)?);
    Ok(std::fs::write(hierarchy.path(name), signed)?)
}

pub(crate) fn base64_of(pem: &Path) -> Result<String> {
    let text = std::fs::read_to_string(pem)?;
    let mut lines = text
        .lines()
        .skip_while(|line| !line.starts_with("-----BEGIN"));
    lines.next();
    Ok(lines
        .take_while(|line| !line.starts_with("-----END"))
        .collect())
}

//! Certificate status: OCSP and CRLs, judged by OpenSSL, GnuTLS, pkilint and asn1crypto.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use sceau_tests::hierarchy::{ISSUING_CAS, ROOT, SEAL_SUBJECT};
use sceau_tests::judges::openssl::{self, CertIdDigest, CertificateStatus, openssl};
use sceau_tests::judges::python;
use sceau_tests::{Hierarchy, http};

use crate::{no_findings, on_both_backends};

on_both_backends!(running: responder_tells_good_revoked_and_unknown,
    crl_of_every_ca_is_accepted
);

fn responder_tells_good_revoked_and_unknown(hierarchy: &Hierarchy) -> Result<()> {
    let office = &hierarchy.office;
    let url = format!("{}/ocsp", office.base_url());
    let (root, issuer) = (hierarchy.root(), hierarchy.ca("companies"));
    let response = office.path("response.der");
    let mut worker = python::shared();

    // Good, for every kind of certificate that carries the responder's address, issuing CAs included.
    let good = [
        ("companies", "company-seal.pem"),
        ("nationals", "personal-signature.pem"),
        ("public-bodies", "tsu.pem"),
        (ROOT, "companies-ca.pem"),
    ];
    for (ca, certificate) in good {
        let (issuer, certificate) = (hierarchy.ca(ca), office.path(certificate));
        for digest in [CertIdDigest::Sha1, CertIdDigest::Sha256] {
            let (status, said) =
                openssl::ocsp(&url, &root, &issuer, &certificate, digest, &response)?;
            ensure!(status == CertificateStatus::Good, "{said}");
            no_findings(&response, &worker.lint_ocsp(&response)?)?;
            let read = worker.ocsp_response(&response)?;
            ensure!(
                read.answers.len() == 1
                    && read.answers[0].has_next_update
                    && read.certificates >= 1,
                "{read:?}"
            );
        }
        let (status, said) = openssl::ocsptool(&url, &issuer, &certificate)?;
        ensure!(status == CertificateStatus::Good, "{said}");
    }

    // Unknown: a serial number that was never issued is not good.
    let unknown = openssl("ocsp")
        .arg("-issuer")
        .arg(&issuer)
        .args([
            "-serial",
            "0x1122334455667788",
            "-url",
            &url,
            "-nonce",
            "-CAfile",
        ])
        .arg(&root)
        .arg("-verify_other")
        .arg(&issuer)
        .arg("-respout")
        .arg(&response)
        .succeed()?;
    ensure!(!unknown.text().contains(": good"), "{unknown}");
    let read = worker.ocsp_response(&response)?;
    ensure!(
        read.answers.iter().all(|answer| answer.status != "good"),
        "{read:?}"
    );
    no_findings(&response, &worker.lint_ocsp(&response)?)?;

    // GET, as RFC 9919 clients ask: cacheable, and the same answer.
    let seal = office.path("company-seal.pem");
    get(hierarchy, &url, &issuer, &seal, "good")?;

    // Revoked: visible within a second, with reason and in both ways of asking.
    let revoked = office
        .revoke("companies", "company-seal.pem", "keyCompromise")?
        .succeed()?;
    let since = Instant::now();
    let visible = loop {
        let (status, said) =
            openssl::ocsp(&url, &root, &issuer, &seal, CertIdDigest::Sha256, &response)?;
        if status == CertificateStatus::Revoked {
            ensure!(
                said.contains("keyCompromise") && said.contains("Revocation Time"),
                "{said}"
            );
            break since.elapsed();
        }
        if since.elapsed() > Duration::from_secs(5) {
            bail!("still good five seconds after: {revoked}");
        }
    };
    ensure!(
        visible <= Duration::from_secs(1),
        "the revocation was visible only after {visible:?}"
    );
    no_findings(&response, &worker.lint_ocsp(&response)?)?;
    let (status, said) = openssl::ocsptool(&url, &issuer, &seal)?;
    ensure!(status == CertificateStatus::Revoked, "{said}");
    drop(worker);
    get(hierarchy, &url, &issuer, &seal, "revoked")
}

/// Asks with GET, checks the HTTP part, and lets OpenSSL verify the answer.
fn get(
    hierarchy: &Hierarchy,
    url: &str,
    issuer: &Path,
    certificate: &Path,
    expected: &str,
) -> Result<()> {
    let at = |name: &str| hierarchy.path(name);
    let request = at("request.der");
    openssl("ocsp")
        .args(["-no_nonce", "-issuer"])
        .arg(issuer)
        .arg("-cert")
        .arg(certificate)
        .arg("-reqout")
        .arg(&request)
        .succeed()?;
    let request_bytes = std::fs::read(&request)?;
    let by_get = http::get(&format!("{url}/{}", http::ocsp_path(&request_bytes)))?;
    let by_post = http::post(url, "application/ocsp-request", &request_bytes)?;
    for response in [&by_get, &by_post] {
        ensure!(response.status == 200, "HTTP status {}", response.status);
        ensure!(
            response.header("content-type") == Some("application/ocsp-response"),
            "{:?}",
            response.headers
        );
        let file = at("by-get.der");
        std::fs::write(&file, &response.body)?;
        let outcome = openssl("ocsp")
            .args(["-no_nonce", "-respin"])
            .arg(&file)
            .arg("-issuer")
            .arg(issuer)
            .arg("-cert")
            .arg(certificate)
            .arg("-CAfile")
            .arg(hierarchy.root())
            .arg("-verify_other")
            .arg(issuer)
            .succeed()?;
        ensure!(outcome.text().contains("Response verify OK"), "{outcome}");
        ensure!(
            outcome.text().contains(&format!(": {expected}")),
            "{outcome}"
        );
    }
    ensure!(
        by_get
            .header("cache-control")
            .is_some_and(|value| value.contains("max-age")),
        "{:?}",
        by_get.headers
    );
    Ok(())
}

fn crl_of_every_ca_is_accepted(hierarchy: &Hierarchy) -> Result<()> {
    let office = &hierarchy.office;
    let mut crls = String::new();
    // One revocation with a reason, so that a list with an entry is judged as well as empty ones.
    office
        .issue("companies", "company-seal", SEAL_SUBJECT, "lost-seal")?
        .succeed()?;
    office
        .revoke("companies", "lost-seal.pem", "superseded")?
        .succeed()?;
    for name in std::iter::once(ROOT).chain(ISSUING_CAS.iter().map(|ca| ca.name)) {
        let published = http::get(&format!("{}/crl/{name}.crl", office.base_url()))?;
        ensure!(
            published.status == 200,
            "the CRL of {name}: HTTP status {}",
            published.status
        );
        ensure!(
            published.header("content-type") == Some("application/pkix-crl"),
            "{:?}",
            published.headers
        );
        let der = office.path(format!("{name}.crl"));
        std::fs::write(&der, &published.body)?;
        no_findings(&der, &python::shared().lint_crl(&der)?)?;
        let pem = office.path(format!("{name}.crl.pem"));
        let outcome = openssl("crl")
            .arg("-in")
            .arg(&der)
            .args(["-inform", "DER", "-verify", "-CAfile"])
            .arg(hierarchy.ca(name))
            .arg("-out")
            .arg(&pem)
            .succeed()?;
        ensure!(outcome.text().contains("verify OK"), "{outcome}");
        crls += &std::fs::read_to_string(&pem)?;

        let certificate = http::get(&format!("{}/ca/{name}.cer", office.base_url()))?;
        ensure!(
            certificate.status == 200,
            "the certificate of {name}: HTTP status {}",
            certificate.status
        );
        let file = office.path(format!("{name}.cer"));
        std::fs::write(&file, &certificate.body)?;
        openssl("x509")
            .args(["-inform", "DER", "-noout", "-in"])
            .arg(&file)
            .succeed()
            .context("what caIssuers names is not a DER certificate")?;
    }
    let all = office.path("all.crl.pem");
    std::fs::write(&all, crls)?;
    let checked = ["-crl_check_all", "-CRLfile", all.to_str().context("path")?];
    openssl::verify(
        &office.path("company-seal.pem"),
        &hierarchy.root(),
        &[hierarchy.ca("companies")],
        &checked,
    )?;
    openssl::verify(
        &office.path("personal-signature.pem"),
        &hierarchy.root(),
        &[hierarchy.ca("nationals")],
        &checked,
    )?;
    match openssl::verify(
        &office.path("lost-seal.pem"),
        &hierarchy.root(),
        &[hierarchy.ca("companies")],
        &checked,
    ) {
        Ok(outcome) => bail!("the revoked certificate passed: {outcome}"),
        Err(error) => ensure!(error.to_string().contains("certificate revoked"), "{error}"),
    }
    Ok(())
}

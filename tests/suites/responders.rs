//! The responder as its clients really ask: OpenSSL with every digest, several certificates and signed requests; curl with every
//! spelling of a GET; GnuTLS; NSS. pkilint and our own linter look at the same answers.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use sceau_tests::environment::{Need, available};
use sceau_tests::hierarchy::SEAL_SUBJECT;
use sceau_tests::judges::openssl::{self, CertIdDigest, CertificateStatus, openssl};
use sceau_tests::judges::{nss, python};
use sceau_tests::{Call, Hierarchy, http};

use crate::{no_findings, on_both_backends};

on_both_backends!(running: every_kind_of_request_gets_an_answer_that_openssl_verifies,
    nss_believes_the_responder_and_the_crl
);

fn every_kind_of_request_gets_an_answer_that_openssl_verifies(hierarchy: &Hierarchy) -> Result<()> {
    if !available(&[Need::Tool("curl")]) {
        return Ok(());
    }
    let asked = Asked::prepare(hierarchy)?;
    for digest in CertIdDigest::ALL {
        for nonce in ["-nonce", "-no_nonce"] {
            let response = asked.post(&[digest.option(), nonce], &["good.pem"])?;
            let text = asked.judge(&response, digest, &["good.pem"])?;
            ensure!(
                text.contains("good.pem: good"),
                "{digest:?} {nonce}: {text}"
            );
        }
    }
    several_at_once(&asked)?;
    signed_requests(&asked)?;
    every_spelling_of_get(&asked)?;
    let (status, said) =
        openssl::ocsptool(&asked.url, &asked.issuer, &hierarchy.path("revoked.pem"))?;
    ensure!(status == CertificateStatus::Revoked, "{said}");
    Ok(())
}

/// In the order in which they were asked, each with its own status.
fn several_at_once(asked: &Asked<'_>) -> Result<()> {
    let three = ["good.pem", "revoked.pem", "company-seal.pem"];
    let response = asked.post(&["-sha256", "-nonce"], &three)?;
    let text = asked.judge(&response, CertIdDigest::Sha256, &three)?;
    ensure!(
        text.contains("good.pem: good")
            && text.contains("company-seal.pem: good")
            && text.contains("revoked.pem: revoked")
            && text.contains("superseded"),
        "{text}"
    );
    let read = python::shared().ocsp_response(&response)?;
    let statuses: Vec<&str> = read.answers.iter().map(|a| a.status.as_str()).collect();
    ensure!(statuses == ["good", "revoked", "good"], "{read:?}");
    Ok(())
}

/// Answered like any other; nobody has to know who asks.
fn signed_requests(asked: &Asked<'_>) -> Result<()> {
    let key = asked.hierarchy.path("asker.key");
    let certificate = asked.hierarchy.path("asker.pem");
    openssl("req")
        .args([
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ])
        .args(["-nodes", "-subj", "/CN=asker", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .succeed()?;
    let (key, certificate) = (key.display().to_string(), certificate.display().to_string());
    let options = [
        "-sha256",
        "-nonce",
        "-signer",
        &certificate,
        "-signkey",
        &key,
    ];
    let response = asked.post(&options, &["revoked.pem"])?;
    let text = asked.judge(&response, CertIdDigest::Sha256, &["revoked.pem"])?;
    ensure!(text.contains("revoked.pem: revoked"), "{text}");
    Ok(())
}

/// What browsers, proxies and hand-written clients make of base64 in a path.
fn every_spelling_of_get(asked: &Asked<'_>) -> Result<()> {
    let der = asked.request(&["-sha256", "-no_nonce"], &["good.pem"])?;
    let base64 = openssl("base64")
        .args(["-A", "-in"])
        .arg(&der)
        .succeed()?
        .out();
    let base64 = base64.trim();
    let escaped = http::ocsp_path(&std::fs::read(&der)?);
    let spellings = [
        escaped.clone(),
        escaped.to_lowercase_escapes(),
        escaped.replace('%', "%25"),
        base64.to_owned(),
        base64.trim_end_matches('=').to_owned(),
        base64.replace('+', "-").replace('/', "_"),
        format!("/{base64}"),
    ];
    let out = asked.hierarchy.path("by-get.der");
    for spelling in &spellings {
        asked.curl(&["--fail"], spelling, &out)?;
        let text = asked.judge(&out, CertIdDigest::Sha256, &["good.pem"])?;
        ensure!(text.contains("good.pem: good"), "{spelling}: {text}");
    }
    conditional(asked, &escaped, &out)
}

/// curl compares the ETag that it kept; HEAD has the fields of GET and no body.
fn conditional(asked: &Asked<'_>, path: &str, out: &Path) -> Result<()> {
    let etag = asked.hierarchy.path("etag").display().to_string();
    let code = ["--write-out", "%{http_code}"];
    let first = asked.curl(&[&["--etag-save", &etag], &code[..]].concat(), path, out)?;
    ensure!(first == "200", "{first}");
    let sum = Call::new("sha256sum").arg(out).succeed()?.out();
    let kept = std::fs::read_to_string(&etag)?;
    ensure!(
        sum.split(' ').next() == Some(kept.trim().trim_matches('"')),
        "ETag {kept} of a body of {sum}"
    );
    let empty = asked.hierarchy.path("not-modified");
    let second = asked.curl(
        &[&["--etag-compare", &etag], &code[..]].concat(),
        path,
        &empty,
    )?;
    ensure!(
        second == "304" && std::fs::metadata(&empty).map_or(0, |data| data.len()) == 0,
        "{second}"
    );
    let head = asked.curl(&["--head"], path, Path::new("-"))?;
    ensure!(
        head.starts_with("HTTP/1.1 200") && head.contains(kept.trim()),
        "{head}"
    );
    Ok(())
}

/// Percent escapes in lower case, as some libraries write them.
trait LowercaseEscapes {
    fn to_lowercase_escapes(&self) -> String;
}

impl LowercaseEscapes for str {
    fn to_lowercase_escapes(&self) -> String {
        self.replace("%2B", "%2b")
            .replace("%2F", "%2f")
            .replace("%3D", "%3d")
    }
}

/// A good and a revoked certificate of the companies' CA, and how they are asked about.
struct Asked<'a> {
    hierarchy: &'a Hierarchy,
    url: String,
    root: PathBuf,
    issuer: PathBuf,
}

impl<'a> Asked<'a> {
    fn prepare(hierarchy: &'a Hierarchy) -> Result<Self> {
        let office = &hierarchy.office;
        for name in ["good", "revoked"] {
            office
                .issue("companies", "company-seal", SEAL_SUBJECT, name)?
                .succeed()?;
        }
        office
            .revoke("companies", "revoked.pem", "superseded")?
            .succeed()?;
        let asked = Self {
            hierarchy,
            url: format!("{}/ocsp", office.base_url()),
            root: hierarchy.root(),
            issuer: hierarchy.ca("companies"),
        };
        crate::until("the revocation is known", || {
            let about = ["revoked.pem"];
            let response = asked.post(&["-sha256", "-nonce"], &about)?;
            let text = asked.judge(&response, CertIdDigest::Sha256, &about)?;
            Ok(text.contains(": revoked"))
        })?;
        Ok(asked)
    }

    /// `openssl ocsp -reqout` about these certificates.
    fn request(&self, options: &[&str], certificates: &[&str]) -> Result<PathBuf> {
        let file = self.hierarchy.path("request.der");
        self.about(options, certificates)
            .arg("-reqout")
            .arg(&file)
            .succeed()?;
        Ok(file)
    }

    /// The file that `openssl ocsp -url` wrote the response to, which it verified.
    fn post(&self, options: &[&str], certificates: &[&str]) -> Result<PathBuf> {
        let file = self.hierarchy.path("response.der");
        let outcome = self
            .about(options, certificates)
            .args(["-url", &self.url, "-CAfile"])
            .arg(&self.root)
            .arg("-verify_other")
            .arg(&self.issuer)
            .arg("-respout")
            .arg(&file)
            .succeed()?;
        let text = outcome.text();
        let echoed = !options.contains(&"-nonce") || !text.contains("no nonce");
        ensure!(text.contains("Response verify OK") && echoed, "{outcome}");
        Ok(file)
    }

    fn about(&self, options: &[&str], certificates: &[&str]) -> Call {
        // The digest counts for the certificates after it.
        let mut call = openssl("ocsp")
            .args(options)
            .arg("-issuer")
            .arg(&self.issuer);
        for certificate in certificates {
            call = call.arg("-cert").arg(certificate);
        }
        call.folder(&self.hierarchy.office.dir)
    }

    /// What OpenSSL prints of a stored response about these certificates, verified; pkilint and our own linter find nothing in it.
    fn judge(&self, response: &Path, digest: CertIdDigest, about: &[&str]) -> Result<String> {
        no_findings(response, &python::shared().lint_ocsp(response)?)?;
        self.hierarchy
            .office
            .program("sceau-ca")?
            .args(["lint", "--fail-on", "warning", "--issuer"])
            .arg(&self.issuer)
            .arg(response)
            .succeed()?;
        let outcome = self
            .about(&[digest.option(), "-no_nonce"], about)
            .arg("-respin")
            .arg(response)
            .arg("-CAfile")
            .arg(&self.root)
            .arg("-verify_other")
            .arg(&self.issuer)
            .succeed()?;
        ensure!(outcome.text().contains("Response verify OK"), "{outcome}");
        Ok(outcome.text())
    }

    /// curl on `url/path`, the path as it is spelled.
    fn curl(&self, options: &[&str], path: &str, out: &Path) -> Result<String> {
        Call::new("curl")
            .args(["--silent", "--show-error", "--path-as-is", "--output"])
            .arg(out)
            .args(options)
            .arg(format!("{}/{path}", self.url))
            .succeed()
            .map(|outcome| outcome.out())
    }
}

fn nss_believes_the_responder_and_the_crl(hierarchy: &Hierarchy) -> Result<()> {
    if !available(&nss::NEEDS) {
        return Ok(());
    }
    let asked = Asked::prepare(hierarchy)?;
    let database = nss::Database::create(hierarchy.path("nss"), &asked.root)?;
    database.add("companies", ",,", &asked.issuer)?;
    for name in ["good", "revoked"] {
        database.add(name, ",,", &hierarchy.path(format!("{name}.pem")))?;
    }
    ensure!(database.ocsp("good")? == CertificateStatus::Good);
    ensure!(database.ocsp("revoked")? == CertificateStatus::Revoked);

    let crl = hierarchy.path("companies.crl");
    let url = format!("{}/crl/companies.crl", hierarchy.office.base_url());
    std::fs::write(&crl, http::get(&url)?.body)?;
    let listed = database.crl("companies", &crl)?.out();
    let serial = openssl("x509")
        .args(["-noout", "-serial", "-in"])
        .arg(hierarchy.path("revoked.pem"))
        .succeed()?
        .out();
    let serial = serial.trim().trim_start_matches("serial=").to_lowercase();
    let listed: String = listed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != ':')
        .collect();
    ensure!(listed.contains(&serial), "{serial} is not in {listed}");
    Ok(())
}

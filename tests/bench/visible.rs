//! From the command that revokes to the first OCSP answer and the first CRL that say so.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use pki_asn1::ocsp::{BasicResponse, CertStatus};
use pki_asn1::{Certificate, CertificateList, pem};
use sceau_tests::hierarchy::SEAL_SUBJECT;
use sceau_tests::judges::openssl::openssl;
use sceau_tests::{Hierarchy, http};

use crate::Effort;
use crate::table::Table;

pub(crate) fn measure(hierarchy: &Hierarchy, effort: Effort, table: &mut Table) -> Result<()> {
    let office = &hierarchy.office;
    let mut ocsp = Vec::new();
    let mut crl = Vec::new();
    for round in 0..effort.pick(3, 15) {
        let name = format!("bench-visible-{round}");
        office
            .issue("companies", "company-seal", SEAL_SUBJECT, &name)?
            .succeed()?;
        let certificate = std::fs::read(office.path(format!("{name}.pem")))?;
        let mut blocks = pem::der_or_pem(&certificate, &["CERTIFICATE"])?;
        let certificate =
            Certificate::from_der(blocks.pop().context("no certificate was issued")?)?;
        let request = office.path("bench-visible.ocsp");
        openssl("ocsp")
            .arg("-no_nonce")
            .arg("-issuer")
            .arg(hierarchy.ca("companies"))
            .arg("-cert")
            .arg(office.path(format!("{name}.pem")))
            .arg("-reqout")
            .arg(&request)
            .succeed()?;
        let request = std::fs::read(request)?;
        let url = format!("{}/ocsp", office.base_url());
        let revoked = || -> Result<bool> {
            let answer = http::post(&url, "application/ocsp-request", &request)?.body;
            let answer = BasicResponse::from_response(&answer)?;
            let single = answer.data().responses.first();
            Ok(matches!(
                single.context("an answer about nothing")?.cert_status,
                CertStatus::Revoked(_)
            ))
        };
        if revoked()? {
            bail!("it is revoked already");
        }
        let crl_url = format!("{}/crl/companies.crl", office.base_url());
        let listed = || -> Result<bool> {
            let list = CertificateList::from_der(http::get(&crl_url)?.body)?;
            Ok(list.find(certificate.serial()).next().is_some())
        };
        let call = office.revoke("companies", &format!("{name}.pem"), "superseded")?;
        let started = Instant::now();
        let command = std::thread::spawn(move || call.succeed().map(drop));
        ocsp.push(until(started, revoked)?);
        crl.push(until(started, listed)?);
        match command.join() {
            Ok(done) => done?,
            Err(_) => bail!("the revoking command panicked"),
        }
    }
    for (who, mut times) in [("OCSP", ocsp), ("CRL", crl)] {
        times.sort();
        table.row(
            "revocation to visible, the starting of the command included",
            &format!("in {who}"),
            &format!("{} ms", times[times.len() / 2].as_millis()),
            &format!("worst {} ms", times[times.len() - 1].as_millis()),
        );
    }
    Ok(())
}

fn until(started: Instant, seen: impl Fn() -> Result<bool>) -> Result<Duration> {
    while !seen()? {
        if started.elapsed() > Duration::from_secs(60) {
            bail!("not visible after a minute");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(started.elapsed())
}

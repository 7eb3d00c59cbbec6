//! `sceau-ca revoke`: the record first, then the CRL.

use std::path::Path;

use ca_core::RevocationRequest;
use cli_support::{Exit, Failure, OutputArgs};
use serde::Serialize;

use super::{crl, revocation_code, show};
use crate::actors::actors;
use crate::cli::Revoke;
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::keys;
use crate::report::{CertificateReport, CrlReport};

#[derive(Serialize)]
struct Report {
    certificate: CertificateReport,
    crl: Option<CrlReport>,
}

pub(super) fn run(dir: &Path, args: &Revoke, output: &OutputArgs) -> Result<Exit, Failure> {
    if let Some(code) = &args.code_file {
        return revocation_code::run(dir, args, code, output);
    }
    let folder = Folder::open(dir, Access::Write)?;
    let engine = &folder.engine;
    let entry = show::find(engine, &args.which)?;
    // Before anything changes: a wrong passphrase shall not leave a revocation without its CRL.
    let key = if args.no_crl || entry.revocation.is_some() {
        None
    } else {
        let key = keys::unlock(&folder, &entry.authority, &args.pin.source());
        Some(key.map_err(without_crl)?)
    };
    let order = RevocationRequest {
        authority: entry.authority.clone(),
        serial: entry.serial.clone(),
        reason: args.reason,
        invalidity_date: args.invalidity_date,
        requested_at: args.requested_at,
        actors: actors(&args.actors),
    };
    engine.revoke(&order).explained()?;
    let crl = match &key {
        None => None,
        Some(key) => {
            let validity = folder.config.crl.validity(key.authority());
            let published = crl::publish(&folder, key, validity, &order.actors);
            Some(published.map_err(|failure| unpublished(failure, &entry.authority))?)
        }
    };
    let entry = show::find(engine, &args.which)?;
    let report = Report {
        certificate: CertificateReport::new(&entry, engine.now()),
        crl,
    };
    output.result(&report, || text(&report))?;
    Ok(Exit::Ok)
}

fn without_crl(failure: Failure) -> Failure {
    let now = "to revoke at once without a CRL, add --no-crl";
    let hint = match &failure.hint {
        Some(hint) => format!("{hint}; {now}"),
        None => now.to_owned(),
    };
    failure.with_context("nothing was revoked").with_hint(hint)
}

fn unpublished(failure: Failure, authority: &str) -> Failure {
    failure
        .with_context("the certificate is revoked, and OCSP says so, but no CRL was published")
        .with_hint(format!("publish one: sceau-ca crl --ca {authority}"))
}

fn text(report: &Report) -> String {
    let certificate = &report.certificate;
    let reason = certificate.revocation.as_ref().map_or("", |r| r.reason);
    let mut text = format!(
        "revoked {} of {} ({reason}): {}\n",
        certificate.serial, certificate.authority, certificate.subject
    );
    match &report.crl {
        Some(crl) => text += &format!("CRL {}\n", crl.text()),
        None => text += "no CRL was published; OCSP says revoked at once\n",
    }
    text
}

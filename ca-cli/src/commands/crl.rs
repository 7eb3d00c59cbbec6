//! `sceau-ca crl`.

use core::time::Duration;
use std::io::Write as _;
use std::path::Path;

use ca_core::{Actors, AuthorityKey, IssuedCrl};
use cli_support::{AtomicFile, Exit, Failure, OutputArgs, Overwrite, ResultExt as _};
use hsm_pkcs11::PinSource;
use pki_asn1::{CertificateList, pem};
use serde::Serialize;

use super::{issued, shown};
use crate::actors::actors;
use crate::cli::Crl;
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::keys;
use crate::report::CrlReport;

/// Ten million entries.
const CRL_LIMIT: u64 = 1 << 29;

#[derive(Serialize)]
struct Report {
    authority: String,
    #[serde(flatten)]
    crl: CrlReport,
    entries: u64,
    out: Option<String>,
}

pub(super) fn run(dir: &Path, args: &Crl, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Write)?;
    let names = match &args.whose.ca {
        Some(name) => vec![name.clone()],
        None => {
            let authorities = folder.engine.authorities().explained()?;
            authorities.into_iter().map(|a| a.name).collect()
        }
    };
    let mut file = args
        .out
        .as_ref()
        .map(|path| AtomicFile::create(path, replaceable(path)))
        .transpose()?;
    let (pin, actors) = (args.pin.source(), actors(&args.actors));
    let mut reports = Vec::new();
    let mut failures = Vec::new();
    for name in names {
        let issued = match issue(&folder, &name, args, (&pin, &actors)) {
            Ok(issued) => issued,
            // One authority that cannot sign must not keep the others from publishing.
            // A PIN that was refused is not sent for the next one: tokens lock.
            Err(failure) if args.whose.all && failure.exit != Exit::Permission => {
                failures.push(failure.with_context(format_args!("no CRL of {name}")));
                continue;
            }
            Err(failure) => return Err(failure),
        };
        let out = file.as_ref().map(|f| shown(f.path()));
        if let Some(file) = file.take() {
            write(file, &issued.crl.der).map_err(|failure| {
                failure.with_context(format_args!(
                    "CRL number {} of {name} was published, but not written",
                    issued.crl.number
                ))
            })?;
        }
        reports.push(Report {
            authority: name,
            crl: CrlReport::new(&issued.crl),
            entries: issued.entries,
            out,
        });
    }
    output.result(&reports, || reports.iter().map(text).collect())?;
    let count = failures.len();
    match failures.into_iter().next() {
        None => Ok(Exit::Ok),
        Some(failure) if count == 1 => Err(failure),
        Some(failure) => Err(failure.with_context(format_args!(
            "{count} authorities published no CRL; the first of them"
        ))),
    }
}

fn issue(
    folder: &Folder,
    name: &str,
    args: &Crl,
    (pin, actors): (&PinSource, &Actors),
) -> Result<IssuedCrl, Failure> {
    let key = keys::unlock(folder, name, pin)?;
    let validity = match (args.days, args.hours) {
        (Some(days), _) => Duration::from_secs(u64::from(days) * 86_400),
        (None, Some(hours)) => Duration::from_secs(u64::from(hours) * 3_600),
        (None, None) => folder.config.crl.validity(key.authority()),
    };
    folder.engine.issue_crl(&key, validity, actors).explained()
}

/// Issues a CRL; its readers see it at once, because they read the same record.
pub(super) fn publish(
    folder: &Folder,
    key: &AuthorityKey,
    validity: Duration,
    actors: &Actors,
) -> Result<CrlReport, Failure> {
    let issued = folder.engine.issue_crl(key, validity, actors).explained()?;
    Ok(CrlReport::new(&issued.crl))
}

/// Issues a complete CRL for a key ceremony.
pub(super) fn complete(
    folder: &Folder,
    key: &AuthorityKey,
    validity: Duration,
    actors: &Actors,
) -> Result<IssuedCrl, Failure> {
    folder.engine.issue_crl(key, validity, actors).explained()
}

/// Issues the last CRL of an authority that ended.
pub(super) fn last(folder: &Folder, key: &AuthorityKey, actors: &Actors) -> Result<(), Failure> {
    folder.engine.issue_last_crl(key, actors).explained()?;
    Ok(())
}

/// A CRL is replaced by its successor, and nothing else is: a slip must not cost the record or a key.
fn replaceable(path: &Path) -> Overwrite {
    let crl = issued::only(path, "X509 CRL", CRL_LIMIT)
        .and_then(|der| CertificateList::from_der(der).ok());
    match crl {
        Some(_) => Overwrite::Replace,
        None => Overwrite::Refuse,
    }
}

fn write(mut file: AtomicFile, der: &[u8]) -> Result<(), Failure> {
    if file.path().extension().is_some_and(|e| e == "pem") {
        let text = pem::encode("X509 CRL", der)
            .context("cannot encode the CRL")
            .exit(Exit::Internal)?;
        file.write_all(text.as_bytes())?;
    } else {
        file.write_all(der)?;
    }
    Ok(file.commit()?)
}

fn text(report: &Report) -> String {
    let entries = match report.entries {
        1 => "1 entry".to_owned(),
        n => format!("{n} entries"),
    };
    let mut text = format!(
        "{}: CRL {}, {entries}\n",
        report.authority,
        report.crl.text()
    );
    if let Some(out) = &report.out {
        text += &format!("written {out}\n");
    }
    text
}

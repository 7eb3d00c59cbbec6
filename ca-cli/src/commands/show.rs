//! `sceau-ca list` and `sceau-ca show`, and how commands find the certificate that is meant.

use std::path::Path;

use ca_core::store::CertificateEntry;
use ca_core::{CaEngine, CaError, ListFilter};
use cli_support::{AtomicFile, Exit, Failure, OutputArgs, Overwrite, ResultExt as _, Table, input};
use pki_asn1::{Certificate, pem};
use pki_crypto::DigestAlgorithm;

use super::issued;
use crate::cli::{List, Show, Which};
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::report::{CertificateReport, day};

/// A certificate of a megabyte is no certificate.
const CERTIFICATE_LIMIT: u64 = 1 << 20;

pub(super) fn list(dir: &Path, args: &List, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    if let Some(name) = &args.ca {
        folder.engine.authority(name).explained()?;
    }
    let filter = ListFilter {
        authority: args.ca.clone(),
        revoked: args.revoked,
    };
    let now = folder.engine.now();
    let mut pages = Pages::default();
    folder
        .engine
        .visit(&filter, |entries| {
            let reports: Vec<_> = entries
                .iter()
                .map(|entry| CertificateReport::new(entry, now))
                .collect();
            pages.print(&reports, output).map_err(Stopped::Printing)
        })
        .or_else(|stopped| match stopped {
            Stopped::Record(error) => Err(error).explained(),
            Stopped::Printing(failure) => Err(failure),
        })?;
    pages.end(output)?;
    Ok(Exit::Ok)
}

/// Why a list ends early.
enum Stopped {
    Record(CaError),
    Printing(Failure),
}

impl From<CaError> for Stopped {
    fn from(error: CaError) -> Self {
        Self::Record(error)
    }
}

/// A list that is printed page by page, so that its length costs no memory.
#[derive(Default)]
struct Pages {
    printed: u64,
}

impl Pages {
    fn print(&mut self, reports: &[CertificateReport], output: &OutputArgs) -> Result<(), Failure> {
        if output.json {
            for report in reports {
                let begin = if self.printed == 0 { "[\n" } else { ",\n" };
                let value = cli_support::output::json(report)?.replace('\n', "\n  ");
                cli_support::print(format!("{begin}  {value}"))?;
                self.printed += 1;
            }
            return Ok(());
        }
        if output.quiet || reports.is_empty() {
            self.printed += reports.len() as u64;
            return Ok(());
        }
        let mut table = Table::new(["SERIAL", "CA", "PROFILE", "STATUS", "UNTIL", "SUBJECT"]);
        for r in reports {
            table.row([
                r.serial.as_str(),
                &r.authority,
                &r.profile,
                r.status,
                day(&r.not_after),
                &r.subject,
            ]);
        }
        let text = table.to_string();
        // The headings stand once, above the first page.
        let text = match text.split_once('\n') {
            Some((_, rows)) if self.printed > 0 => rows,
            _ => &text,
        };
        self.printed += reports.len() as u64;
        cli_support::print(text)
    }

    fn end(&self, output: &OutputArgs) -> Result<(), Failure> {
        match (output.json, output.quiet, self.printed) {
            (true, _, 0) => cli_support::print("[]\n"),
            (true, ..) => cli_support::print("\n]\n"),
            (false, false, 0) => cli_support::print("no certificate\n"),
            _ => Ok(()),
        }
    }
}

pub(super) fn show(dir: &Path, args: &Show, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    let entry = find(&folder.engine, &args.which)?;
    if let Some(path) = &args.out {
        let Some(certificate) = &entry.certificate else {
            return Err(Failure::message(
                Exit::Failed,
                format_args!("certificate {} was never released", entry.serial_hex()),
            )
            .with_hint("its issuance was interrupted: issue a new one"));
        };
        let file = AtomicFile::create(path, Overwrite::Refuse)?;
        issued::write(file, std::slice::from_ref(certificate))?;
    }
    let report = CertificateReport::new(&entry, folder.engine.now());
    output.result(&report, || report.text())?;
    Ok(Exit::Ok)
}

/// The certificate that `--serial` or `--cert` names.
pub(super) fn find(engine: &CaEngine, which: &Which) -> Result<CertificateEntry, Failure> {
    if let Some(name) = &which.ca {
        engine.authority(name).explained()?;
    }
    let of_ca =
        |entry: &CertificateEntry| which.ca.as_ref().is_none_or(|ca| *ca == entry.authority);
    match (&which.certificate.serial, &which.certificate.cert) {
        (Some(serial), _) => {
            let hex = hex::encode(&serial.0);
            let mut found = engine.find_serial(&serial.0).explained()?;
            found.retain(of_ca);
            if found.len() > 1 {
                let names: Vec<_> = found.iter().map(|e| e.authority.as_str()).collect();
                return Err(Failure::message(
                    Exit::Usage,
                    format_args!("serial {hex} was issued by {}", names.join(" and ")),
                )
                .with_hint("say which one with --ca"));
            }
            found.pop().ok_or_else(|| {
                let issuer = which.ca.as_deref().unwrap_or("this authority");
                not_found(format!(
                    "{issuer} never issued a certificate with serial {hex}"
                ))
            })
        }
        (None, Some(path)) => {
            let certificate = read_certificate(path)?;
            let sha256 = DigestAlgorithm::Sha256.digest(certificate.der());
            let found = engine.find_fingerprint(sha256.as_bytes()).explained()?;
            let entry = found
                .ok_or_else(|| not_found(format!("{} was not issued here", path.display())))?;
            if of_ca(&entry) {
                Ok(entry)
            } else {
                Err(Failure::message(
                    Exit::Failed,
                    format_args!("{} was issued by {}", path.display(), entry.authority),
                )
                .with_hint(format!("give --ca {}, or leave it out", entry.authority)))
            }
        }
        (None, None) => Err(Failure::message(Exit::Usage, "no certificate is named")),
    }
}

fn not_found(message: String) -> Failure {
    Failure::message(Exit::Failed, message).with_hint("sceau-ca list shows what was issued")
}

pub(super) fn read_certificate(path: &Path) -> Result<Certificate, Failure> {
    let bytes = input::read(path, "the certificate", CERTIFICATE_LIMIT)?;
    let wrong = format!("{} is not a certificate", path.display());
    let ders = pem::der_or_pem(&bytes, &["CERTIFICATE"])
        .context(&wrong)
        .exit(Exit::Data)?;
    match ders.into_iter().next() {
        Some(der) => Certificate::from_der(der).context(wrong).exit(Exit::Data),
        None => Err(Failure::message(Exit::Data, wrong)
            .with_hint("expected are DER, or PEM that begins with -----BEGIN CERTIFICATE-----")),
    }
}

//! What happens after a certificate was issued: it is written where the operator wants it, and if
//! that fails, the operator learns how to get it, because it exists.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use ca_core::Issued;
use cli_support::{AtomicFile, Exit, Failure, OutputArgs, Overwrite, ResultExt as _};
use hsm_pkcs11::KeyLocation;
use pki_asn1::{Certificate, pem};
use serde::Serialize;

use super::shown;
use crate::report::{fields, sha256};

/// The output files of an issuance, made ready before anything is signed.
pub(super) struct Outputs {
    certificate: Option<AtomicFile>,
    chain: Option<AtomicFile>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    serial: String,
    authority: String,
    profile: String,
    subject: String,
    not_before: String,
    not_after: String,
    sha256: String,
    journal_seq: u64,
    out: Option<String>,
    chain_out: Option<String>,
    warnings: Vec<String>,
}

impl Outputs {
    /// Refuses what can be refused before a certificate exists. `inputs` are files that are read, and
    /// `keys` where keys are or will be.
    pub(super) fn prepare(
        out: Option<(&Path, Overwrite)>,
        chain: Option<&Path>,
        inputs: &[PathBuf],
        keys: &[&KeyLocation],
    ) -> Result<Self, Failure> {
        let outs = [
            out.map(|(path, _)| ("--out", path)),
            chain.map(|p| ("--chain-out", p)),
        ];
        let taken = keys.iter().filter_map(|key| match key {
            KeyLocation::File(path) => Some(("the key", path.as_path())),
            KeyLocation::Pkcs11(_) => None,
        });
        let mut names: Vec<(&str, &Path)> = taken.collect();
        for (option, path) in outs.into_iter().flatten() {
            if let Some((other, _)) = names.iter().find(|(_, name)| is_same(name, path)) {
                return Err(Failure::message(
                    Exit::Usage,
                    format_args!(
                        "{option} and {other} name the same file, {}",
                        path.display()
                    ),
                )
                .with_hint("give each file a name of its own"));
            }
            names.push((option, path));
        }
        let create = |path: &Path, overwrite| {
            let options = AtomicFile::options(overwrite);
            let options = inputs.iter().fold(options, |o, input| o.input(input));
            options.create(path)
        };
        Ok(Self {
            certificate: out.map(|(path, o)| create(path, o)).transpose()?,
            chain: chain.map(|p| create(p, Overwrite::Refuse)).transpose()?,
        })
    }

    /// Writes the files and prints the report.
    pub(super) fn finish(
        self,
        issued: &Issued,
        authority: &str,
        profile: &str,
        output: &OutputArgs,
    ) -> Result<Exit, Failure> {
        let certificate = &issued.certificate;
        let serial = certificate.serial_hex();
        for warning in &issued.warnings {
            tracing::warn!("{warning}");
        }
        let path = |file: &Option<AtomicFile>| file.as_ref().map(|f| shown(f.path()));
        let report = Report {
            serial: serial.clone(),
            authority: authority.to_owned(),
            profile: profile.to_owned(),
            subject: certificate.display_subject().to_string(),
            not_before: certificate.not_before().to_string(),
            not_after: certificate.not_after().to_string(),
            sha256: sha256(certificate),
            journal_seq: issued.journal_seq,
            out: path(&self.certificate),
            chain_out: path(&self.chain),
            warnings: issued.warnings.clone(),
        };
        let to_write = [
            (self.certificate, std::slice::from_ref(certificate)),
            (self.chain, issued.chain.as_slice()),
        ];
        for (file, certificates) in to_write {
            if let Some(file) = file {
                write(file, certificates).map_err(|failure| unwritten(failure, &serial))?;
            }
        }
        output.result(&report, || text(&report))?;
        Ok(Exit::Ok)
    }
}

/// Whether two paths name one file, which need not be there yet.
fn is_same(a: &Path, b: &Path) -> bool {
    let full = |path: &Path| -> Option<PathBuf> {
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    };
    a == b || full(a).is_some_and(|a| full(b) == Some(a))
}

/// Certificates as PEM, in order.
pub(super) fn to_pem(certificates: &[Certificate]) -> Result<String, Failure> {
    let mut text = String::new();
    for certificate in certificates {
        text += &pem::encode("CERTIFICATE", certificate.der())
            .context("cannot encode the certificate")
            .exit(Exit::Internal)?;
    }
    Ok(text)
}

/// Writes certificates as PEM.
pub(super) fn write(mut file: AtomicFile, certificates: &[Certificate]) -> Result<(), Failure> {
    file.write_all(to_pem(certificates)?.as_bytes())?;
    Ok(file.commit()?)
}

fn unwritten(failure: Failure, serial: &str) -> Failure {
    // Never "try again": that would issue a second certificate.
    let hint = format!(
        "it exists and must not be issued again; write it with: \
         sceau-ca show --serial {serial} --out FILE"
    );
    failure
        .with_context(format_args!(
            "certificate {serial} was issued and recorded, but not written"
        ))
        .with_hint(hint)
}

fn text(report: &Report) -> String {
    let mut lines = vec![
        ("issued", report.serial.clone()),
        ("subject", report.subject.clone()),
        (
            "by",
            format!("{}, profile {}", report.authority, report.profile),
        ),
        (
            "valid",
            format!("{} to {}", report.not_before, report.not_after),
        ),
    ];
    for out in [&report.out, &report.chain_out].into_iter().flatten() {
        lines.push(("written", out.clone()));
    }
    fields(&lines)
}

/// Whether the file holds a certificate and nothing else, and so may be replaced by its successor.
pub(super) fn replaceable(path: &Path) -> Overwrite {
    // A certificate of a megabyte is none.
    let certificate =
        only(path, "CERTIFICATE", 1 << 20).and_then(|der| Certificate::from_der(der).ok());
    match certificate {
        Some(_) => Overwrite::Replace,
        None => Overwrite::Refuse,
    }
}

/// What the file holds, where that is one thing of this kind and nothing beside it, such as a key.
pub(super) fn only(path: &Path, label: &str, limit: u64) -> Option<Vec<u8>> {
    // Opening a pipe would wait for somebody to write.
    std::fs::metadata(path)
        .ok()
        .filter(|m| m.is_file() && m.len() <= limit)?;
    let bytes = std::fs::read(path).ok()?;
    if !pem::is_pem(&bytes) {
        return Some(bytes);
    }
    match pem::blocks(&bytes).ok()?.as_slice() {
        [block] if block.label == label => Some(block.der.clone()),
        _ => None,
    }
}

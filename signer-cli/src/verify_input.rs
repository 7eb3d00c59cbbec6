//! Certificates, CRLs and OCSP responses from files and folders, PEM or DER.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use cli_support::{Exit, Failure};
use pki_asn1::ocsp::BasicResponse;
use pki_asn1::{Certificate, CertificateList, UnixTime, pem};
use pki_path::TrustAnchor;

/// No certificate or collection of certificates is larger.
const CERTIFICATES: u64 = 64 << 20;
/// The CRL of a large authority.
const CRL: u64 = 1 << 30;

/// All certificates of files and of the files in folders.
pub(crate) fn certificates(paths: &[PathBuf]) -> Result<Vec<Certificate>, Failure> {
    let mut out = Vec::new();
    for path in paths {
        if path.is_dir() {
            for file in folder(path)? {
                out.extend(found_in_folder(
                    &file,
                    &["crt", "cer"],
                    certificates_of(&file),
                )?);
            }
        } else {
            out.append(&mut certificates_of(path)?);
        }
    }
    Ok(out)
}

/// The trust anchors; that there is none is an error.
pub(crate) fn anchors(paths: &[PathBuf]) -> Result<Vec<TrustAnchor>, Failure> {
    let mut out = Vec::new();
    for certificate in certificates(paths)? {
        let shown = certificate.display_subject().to_string();
        out.push(TrustAnchor::from_certificate(certificate).map_err(|e| {
            Failure::new(Exit::Data, e)
                .with_context(format!("the trust anchor {shown} cannot be used"))
        })?);
    }
    if out.is_empty() {
        let named = paths
            .iter()
            .map(|p| p.display().to_string())
            .collect::<Vec<_>>()
            .join(", ");
        return Err(
            Failure::message(Exit::Data, format!("no certificate to trust in {named}"))
                .with_hint("give a PEM or DER certificate, or a folder of them"),
        );
    }
    Ok(out)
}

/// A folder may hold other things as well. What could not be read at all is not known to be one, and of what its
/// name promises it is told that it is not there: a CRL that is left out may be the one with the revocation.
fn found_in_folder<T>(
    file: &Path,
    promising: &[&str],
    read: Result<Vec<T>, Failure>,
) -> Result<Vec<T>, Failure> {
    let promises = || {
        let ending = file.extension().and_then(OsStr::to_str);
        ending.is_some_and(|e| promising.iter().any(|p| e.eq_ignore_ascii_case(p)))
    };
    match read {
        // A link to nothing, as folders of certificates keep them.
        Err(failure) if failure.exit != Exit::Data && file.exists() => Err(failure),
        Err(failure) if promises() => {
            tracing::warn!("left out: {}", failure.causes().join(": "));
            Ok(Vec::new())
        }
        Err(_) => Ok(Vec::new()),
        found => found,
    }
}

/// The files that these names stand for, those in folders among them.
pub(crate) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut out = Vec::new();
    for path in paths {
        match path.is_dir() {
            true => out.append(&mut folder(path)?),
            false => out.push(path.clone()),
        }
    }
    Ok(out)
}

fn certificates_of(path: &Path) -> Result<Vec<Certificate>, Failure> {
    let what = "the certificate";
    let bytes = cli_support::input::read(path, what, CERTIFICATES)?;
    let bad = |why: String| {
        Failure::message(
            Exit::Data,
            format!("{} is no certificate: {why}", path.display()),
        )
        .with_hint("certificates are read in PEM (-----BEGIN CERTIFICATE-----) and DER form")
    };
    let blocks = pem::der_or_pem(
        &bytes,
        &["CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE"],
    )
    .map_err(|e| bad(e.to_string()))?;
    if blocks.is_empty() {
        return Err(bad("it has no CERTIFICATE block".into()));
    }
    blocks
        .into_iter()
        .map(|der| Certificate::from_der(der).map_err(|e| bad(e.to_string())))
        .collect()
}

/// What `--crl` may be: CRLs, or an OCSP response.
pub(crate) enum Revocation {
    Crl(Box<CertificateList>),
    Ocsp(Box<BasicResponse>),
}

/// All CRLs and OCSP responses of files and folders.
pub(crate) fn revocation(paths: &[PathBuf]) -> Result<Vec<Revocation>, Failure> {
    let mut out = Vec::new();
    for path in paths {
        if path.is_dir() {
            for file in folder(path)? {
                out.extend(found_in_folder(
                    &file,
                    &["crl", "ocsp", "ors"],
                    revocation_of(&file),
                )?);
            }
        } else {
            out.append(&mut revocation_of(path)?);
        }
    }
    Ok(out)
}

fn revocation_of(path: &Path) -> Result<Vec<Revocation>, Failure> {
    let bytes = cli_support::input::read(path, "the CRL", CRL)?;
    let bad = |why: String| {
        Failure::message(
            Exit::Data,
            format!("{} is no CRL and no OCSP response: {why}", path.display()),
        )
        .with_hint("CRLs are read in PEM (-----BEGIN X509 CRL-----) and DER form")
    };
    let blocks = pem::der_or_pem(&bytes, &["X509 CRL", "CRL"]).map_err(|e| bad(e.to_string()))?;
    if blocks.is_empty() {
        return Err(bad("it has no X509 CRL block".into()));
    }
    blocks
        .into_iter()
        .map(|der| {
            if let Ok(response) = BasicResponse::from_response(&der) {
                return Ok(Revocation::Ocsp(Box::new(response)));
            }
            CertificateList::from_der(der)
                .map(|crl| Revocation::Crl(Box::new(crl)))
                .map_err(|e| bad(e.to_string()))
        })
        .collect()
}

/// Parses `--at`.
pub(crate) fn time(text: &str) -> Result<UnixTime, String> {
    text.parse()
        .map_err(|e: pki_asn1::time::InvalidTime| e.to_string())
}

fn folder(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(path)
        .and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect())
        .map_err(|e| {
            Failure::from(e).with_context(format!("cannot read the folder {}", path.display()))
        })?;
    files.retain(|f| f.is_file() || !f.exists());
    files.sort();
    Ok(files)
}

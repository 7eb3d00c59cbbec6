//! OpenSSL's command line and GnuTLS's `ocsptool` as judges of chains, revocation, time-stamps and CMS.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::program::{Call, Outcome};

/// An `openssl` call.
pub fn openssl(command: &str) -> Call {
    Call::new("openssl").arg(command)
}

/// `openssl verify -x509_strict` of `certificate` up to `root`, through `intermediates`; `extra` adds options such as
/// `-policy_check` or `-crl_check_all`.
///
/// # Errors
/// When OpenSSL does not accept the chain, with what it says.
pub fn verify(
    certificate: &Path,
    root: &Path,
    intermediates: &[PathBuf],
    extra: &[&str],
) -> Result<Outcome> {
    let mut call = openssl("verify")
        .args(["-x509_strict", "-no-CApath", "-no-CAstore", "-CAfile"])
        .arg(root);
    for intermediate in intermediates {
        call = call.arg("-untrusted").arg(intermediate);
    }
    call.args(extra).arg(certificate).succeed()
}

/// What a responder says about one certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateStatus {
    /// Not revoked.
    Good,
    /// Revoked.
    Revoked,
    /// The responder does not know it.
    Unknown,
}

/// Digest of the CertID in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertIdDigest {
    /// What every client can do (RFC 6960).
    Sha1,
    /// RFC 9919.
    Sha256,
    /// Seldom sent, and a CertID all the same.
    Sha384,
}

impl CertIdDigest {
    /// Every digest.
    pub const ALL: [Self; 3] = [Self::Sha1, Self::Sha256, Self::Sha384];

    /// The option of `openssl ocsp`.
    pub fn option(self) -> &'static str {
        match self {
            Self::Sha1 => "-sha1",
            Self::Sha256 => "-sha256",
            Self::Sha384 => "-sha384",
        }
    }
}

/// `openssl ocsp` over POST with a nonce, response signature and delegation checked against `root`. Returns the status and the
/// whole exchange.
///
/// # Errors
/// When OpenSSL does not verify the response or finds another nonce.
pub fn ocsp(
    url: &str,
    root: &Path,
    issuer: &Path,
    certificate: &Path,
    digest: CertIdDigest,
    response: &Path,
) -> Result<(CertificateStatus, String)> {
    let outcome = openssl("ocsp")
        .args([
            "-no-CApath",
            "-no-CAstore",
            "-nonce",
            digest.option(),
            "-issuer",
        ])
        .arg(issuer)
        .arg("-cert")
        .arg(certificate)
        .args(["-url", url, "-CAfile"])
        .arg(root)
        .arg("-verify_other")
        .arg(issuer)
        .arg("-respout")
        .arg(response)
        .succeed()?;
    let text = outcome.text();
    if !text.contains("Response verify OK")
        || text.contains("no nonce")
        || text.contains("nonce in response differ")
    {
        bail!("{outcome}");
    }
    let status = if text.contains(": good") {
        CertificateStatus::Good
    } else if text.contains(": revoked") {
        CertificateStatus::Revoked
    } else if text.contains(": unknown") {
        CertificateStatus::Unknown
    } else {
        bail!("{outcome}")
    };
    Ok((status, text))
}

/// GnuTLS `ocsptool --ask`, with nonce, trusting `issuer`.
///
/// # Errors
/// When GnuTLS does not verify the response.
pub fn ocsptool(
    url: &str,
    issuer: &Path,
    certificate: &Path,
) -> Result<(CertificateStatus, String)> {
    let outcome = Call::new("ocsptool")
        .arg(format!("--ask={url}"))
        .arg("--load-issuer")
        .arg(issuer)
        .arg("--load-cert")
        .arg(certificate)
        .arg("--load-trust")
        .arg(issuer)
        .arg("--nonce")
        .run()?;
    let text = outcome.text();
    if !text.contains("Verifying OCSP Response: Success") {
        bail!("{outcome}");
    }
    let status = match text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Certificate Status: "))
    {
        Some("good") => CertificateStatus::Good,
        Some("revoked") => CertificateStatus::Revoked,
        Some("unknown") => CertificateStatus::Unknown,
        _ => bail!("{outcome}"),
    };
    Ok((status, text))
}

/// `openssl cms -verify -cades`; `content` is the signed file of a detached signature.
///
/// # Errors
/// When OpenSSL does not accept the signature.
pub fn cms_verify(
    signature: &Path,
    content: Option<&Path>,
    root: &Path,
    intermediates: &[PathBuf],
    out: &Path,
) -> Result<Outcome> {
    let mut call = openssl("cms")
        .args([
            "-verify", "-cades", "-binary", "-inform", "DER", "-purpose", "any", "-in",
        ])
        .arg(signature)
        .args(["-no-CApath", "-no-CAstore", "-CAfile"])
        .arg(root)
        .arg("-out")
        .arg(out);
    for intermediate in intermediates {
        call = call.arg("-certfile").arg(intermediate);
    }
    if let Some(content) = content {
        call = call.arg("-content").arg(content);
    }
    call.succeed()
}

/// `openssl x509` or `openssl crl`: the object as PEM at `to`, from DER or PEM at `from`.
///
/// # Errors
/// When OpenSSL cannot read it.
pub fn to_pem(kind: &str, from: &Path, to: &Path) -> Result<()> {
    openssl(kind)
        .arg("-in")
        .arg(from)
        .arg("-out")
        .arg(to)
        .succeed()
        .map(drop)
}

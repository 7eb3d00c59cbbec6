//! `sceau-ca revoke --code-file` and `--code`: revocation by whoever holds the certificate's code.

use std::path::Path;

use ca_core::CaError;
use ca_core::crl::AfterRevocation;
use ca_core::registration::{CodeError, RegistrationError, RevocationCode};
use cli_support::{Exit, Failure, OutputArgs, ResultExt as _, input, pin};
use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::crl;
use super::revoke::{Verb, unpublished};
use crate::actors::actors;
use crate::cli::{CodeArgs, Revoke};
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::keys;
use crate::report::CrlReport;
use crate::serial::Serial;

/// A code has 34 characters.
const LIMIT: u64 = 256;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    serial: String,
    authority: String,
    at: String,
    reason: &'static str,
    crl: Option<CrlReport>,
}

/// Nothing is looked up before the code is compared: who has none learns nothing. So the CRL comes
/// after the revocation, and where its key is out of reach the certificate is revoked all the same.
pub(super) fn run(dir: &Path, args: &Revoke, output: &OutputArgs) -> Result<Exit, Failure> {
    let Some(Serial(serial)) = &args.which.certificate.serial else {
        return Err(
            Failure::message(Exit::Usage, "a revocation code needs --serial")
                .with_hint("the serial number is in the certificate: openssl x509 -serial"),
        );
    };
    let code = read(&args.code)?;
    let folder = Folder::open(dir, Access::Write)?;
    let engine = &folder.engine;
    let actors = actors(&args.acting.actors);
    let (authority, revocation) = engine
        .revoke_with_code(serial, &code, args.reason, &actors)
        .explained()
        .context("nothing was revoked")?;
    let wanted = engine.settings().crl().config().after_revocation != AfterRevocation::Nothing;
    let crls = if wanted && !args.no_crl {
        keys::unlock(&folder, &authority, &args.pin.source())
            .and_then(|key| engine.publish_change(&key, serial, &actors).explained())
            .map_err(|failure| unpublished(failure, &authority, Verb::Revoke))?
    } else {
        Vec::new()
    };
    let report = Report {
        serial: hex::encode(serial),
        authority,
        at: revocation.at.to_string(),
        reason: revocation.reason.name(),
        crl: crls.first().map(CrlReport::new),
    };
    output.result(&report, || {
        let mut text = format!(
            "revoked {} of {} ({}); OCSP says so at once\n",
            report.serial, report.authority, report.reason
        );
        for published in &crls {
            text += &format!("{}\n", crl::text(published));
        }
        if crls.is_empty() {
            text += "no CRL was published; the next one says so\n";
        }
        text
    })?;
    Ok(Exit::Ok)
}

/// From the file, or asked for without echo.
fn read(args: &CodeArgs) -> Result<RevocationCode, Failure> {
    let text = match &args.code_file {
        Some(path) => input::read_text(path, "the revocation code", LIMIT)?,
        None => {
            let entered = pin::ask("Revocation code: ")
                .context("cannot read the revocation code")
                .exit(Exit::Io)?;
            match entered {
                Some(code) => code.expose_secret().to_owned(),
                None => {
                    return Err(Failure::message(
                        Exit::Usage,
                        "there is no terminal to ask for the revocation code",
                    )
                    .with_hint("give it in a file: --code-file FILE"));
                }
            }
        }
    };
    text.parse()
        .map_err(|e: CodeError| CaError::from(RegistrationError::from(e)))
        .explained()
}

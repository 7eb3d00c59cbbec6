//! `sceau-ca revoke --code-file`: revocation by whoever holds the certificate's code.

use std::path::Path;

use ca_core::registration::RevocationCode;
use cli_support::{Exit, Failure, OutputArgs, ResultExt as _, input};
use serde::Serialize;

use crate::actors::actors;
use crate::cli::Revoke;
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
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
}

/// Nothing is looked up before the code is compared: who has none learns nothing.
pub(super) fn run(
    dir: &Path,
    args: &Revoke,
    code: &Path,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let text = input::read_text(code, "the revocation code", LIMIT)?;
    let code: RevocationCode = text
        .parse()
        .map_err(|e: ca_core::registration::CodeError| {
            ca_core::CaError::from(ca_core::registration::RegistrationError::from(e))
        })
        .explained()?;
    let Some(Serial(serial)) = &args.which.serial else {
        return Err(Failure::message(Exit::Usage, "--code-file needs --serial")
            .with_hint("the serial number is in the certificate: openssl x509 -serial"));
    };
    let folder = Folder::open(dir, Access::Write)?;
    let (authority, revocation) = folder
        .engine
        .revoke_with_code(serial, &code, args.reason, &actors(&args.actors))
        .explained()
        .context("nothing was revoked")?;
    let report = Report {
        serial: hex::encode(serial),
        authority,
        at: revocation.at.to_string(),
        reason: revocation.reason.name(),
    };
    output.result(&report, || {
        format!(
            "revoked {} of {} ({}); OCSP says so at once, the next CRL too\n",
            report.serial, report.authority, report.reason
        )
    })?;
    Ok(Exit::Ok)
}

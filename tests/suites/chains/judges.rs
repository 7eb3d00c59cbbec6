//! Each judge's command line for a case.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use sceau_tests::Call;
use sceau_tests::hierarchy::{Office, POLICY_ARC};
use sceau_tests::judges::openssl::openssl;

use super::{Case, Policies};

const DAY: u64 = 86_400;
const ANY_POLICY: &str = "2.5.29.32.0";

#[derive(Clone, Copy, Debug)]
pub(super) enum Judge {
    Openssl,
    Sceau,
}

/// What a judge said.
pub(super) struct Said {
    pub(super) accepted: bool,
    pub(super) text: String,
}

impl Judge {
    pub(super) fn verdict(self, office: &Office, case: &Case) -> Result<Said> {
        let call = match self {
            Self::Openssl => by_openssl(office, case)?,
            Self::Sceau => by_sceau(office, case)?,
        };
        let outcome = call.run()?;
        Ok(Said {
            accepted: outcome.success(),
            text: outcome.text(),
        })
    }
}

fn by_openssl(office: &Office, case: &Case) -> Result<Call> {
    let mut call = openssl("verify")
        .folder(&office.dir)
        .args([
            "-x509_strict",
            "-no-CApath",
            "-no-CAstore",
            "-CAfile",
            "root-ca.pem",
        ])
        .args(["-attime", &(now()? + case.after_days * DAY).to_string()]);
    for file in case.intermediates {
        call = call.args(["-untrusted", file]);
    }
    if !case.crls.is_empty() {
        call = call.args(["-crl_check_all", "-extended_crl"]);
    }
    for file in case.crls {
        call = call.args(["-CRLfile", file]);
    }
    let Policies {
        wanted,
        explicit,
        no_mapping,
        no_any,
    } = case.policies;
    // To OpenSSL no policy wanted means none accepted; to RFC 5280 section 6.1.1 (c) it means any.
    let policy = wanted.map_or(ANY_POLICY.to_owned(), |p| format!("{POLICY_ARC}.{p}"));
    call = call.args(["-policy_check", "-policy", &policy]);
    for (set, option) in [
        (explicit, "-explicit_policy"),
        (no_mapping, "-inhibit_map"),
        (no_any, "-inhibit_any"),
    ] {
        if set {
            call = call.arg(option);
        }
    }
    Ok(call.arg(case.target))
}

fn by_sceau(office: &Office, case: &Case) -> Result<Call> {
    let at = rfc3339(now()? + case.after_days * DAY)?;
    let mut call = office
        .program("sceau")?
        .args([
            "verify-path",
            case.target,
            "--trust",
            "root-ca.pem",
            "--at",
            &at,
        ])
        .arg("--untrusted")
        .args(case.intermediates)
        .args([
            "--revocation",
            if case.crls.is_empty() { "none" } else { "hard" },
        ]);
    if !case.crls.is_empty() {
        call = call.arg("--crl").args(case.crls);
    }
    let Policies {
        wanted,
        explicit,
        no_mapping,
        no_any,
    } = case.policies;
    if let Some(policy) = wanted {
        call = call.args(["--policy", &format!("{POLICY_ARC}.{policy}")]);
    }
    for (set, option) in [
        (explicit, "--require-explicit-policy"),
        (no_mapping, "--inhibit-policy-mapping"),
        (no_any, "--inhibit-any-policy"),
    ] {
        if set {
            call = call.arg(option);
        }
    }
    Ok(call)
}

fn now() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

/// The same time as `date` writes it.
fn rfc3339(seconds: u64) -> Result<String> {
    let outcome = Call::new("date")
        .args(["-u", "-d", &format!("@{seconds}"), "+%Y-%m-%dT%H:%M:%SZ"])
        .succeed()?;
    Ok(outcome.out().trim().to_owned())
}

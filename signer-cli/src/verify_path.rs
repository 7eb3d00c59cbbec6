//! `sceau verify-path`: one certificate, its path, and the user-constrained policy set.

use std::path::PathBuf;

use clap::ValueEnum;
use cli_support::{Exit, Failure, print_json};
use pki_asn1::oid::ObjectIdentifier;
use pki_asn1::{Clock, SystemClock, UnixTime};
use pki_path::{
    AnyPolicy, CertificatePool, Evidence, ExplicitPolicy, Parameters, PolicyMapping,
    RevocationMode, Validator,
};
use serde::Serialize;

use crate::verify_input::{self, Revocation};

const EXAMPLES: &str = "\
Examples:
  sceau verify-path acme.pem --trust root-ca.pem --untrusted companies-ca.pem --crl crls/
  sceau verify-path acme.pem --trust anchors/ --untrusted cas/ --revocation none \\
      --policy 1.3.6.1.4.1.32473.1.1 --require-explicit-policy --at 2027-01-31T12:00:00Z

Exit status: 0 the path is valid, 1 it is not; 64 usage, 65 unreadable input, 74 I/O";

/// The arguments of `sceau verify-path`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The certificate, PEM or DER
    certificate: PathBuf,
    /// Trust anchors: files or folders (repeatable)
    #[arg(long, value_name = "PATH", required = true, num_args = 1..)]
    trust: Vec<PathBuf>,
    /// Other certificates: files or folders (repeatable)
    #[arg(long, value_name = "PATH", num_args = 1..)]
    untrusted: Vec<PathBuf>,
    /// CRLs or OCSP responses: files or folders (repeatable)
    #[arg(long, value_name = "PATH", num_args = 1..)]
    crl: Vec<PathBuf>,
    /// The time of validation, such as 2026-11-21T12:00:00Z; now if absent
    #[arg(long, value_name = "RFC3339", value_parser = verify_input::time)]
    at: Option<UnixTime>,
    /// A policy of the initial policy set (repeatable); any policy if absent
    #[arg(long, value_name = "OID", num_args = 1..)]
    policy: Vec<ObjectIdentifier>,
    /// The path must be valid for one of the initial policies
    #[arg(long)]
    require_explicit_policy: bool,
    /// CAs may not declare policies equal
    #[arg(long)]
    inhibit_policy_mapping: bool,
    /// anyPolicy in a certificate stands for nothing
    #[arg(long)]
    inhibit_any_policy: bool,
    /// What to do about revocation
    #[arg(long, value_enum, default_value = "hard")]
    revocation: Mode,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Mode {
    /// Every certificate must be known not to be revoked
    Hard,
    /// A certificate of unknown status passes
    Soft,
    /// Do not look
    None,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Output {
    schema: &'static str,
    valid: bool,
    at: String,
    path: Vec<String>,
    anchor: Option<String>,
    user_constrained_policy_set: Option<Vec<String>>,
    error: Option<String>,
    clause: Option<&'static str>,
    hint: Option<String>,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    if args.certificate.is_dir() {
        let message = format!("{} is a folder", args.certificate.display());
        return Err(Failure::message(Exit::Data, message).with_hint("name the one certificate"));
    }
    let target = verify_input::certificates(std::slice::from_ref(&args.certificate))?
        .into_iter()
        .next()
        .ok_or_else(|| Failure::message(Exit::Data, "there is no certificate to verify"))?;
    let anchors = verify_input::anchors(&args.trust)?;
    let pool: CertificatePool = verify_input::certificates(&args.untrusted)?
        .into_iter()
        .collect();
    let mut evidence = Evidence::new();
    for one in verify_input::revocation(&args.crl)? {
        match one {
            Revocation::Crl(crl) => evidence.add_crl(*crl),
            Revocation::Ocsp(response) => evidence.add_ocsp(*response),
        };
    }
    let mut parameters = Parameters::at(args.at.unwrap_or_else(|| SystemClock.now()));
    parameters.policy.initial_policy_set = args.policy.iter().copied().collect();
    if args.require_explicit_policy {
        parameters.policy.explicit_policy = ExplicitPolicy::Required;
    }
    if args.inhibit_policy_mapping {
        parameters.policy.policy_mapping = PolicyMapping::Inhibited;
    }
    if args.inhibit_any_policy {
        parameters.policy.any_policy = AnyPolicy::Inhibited;
    }
    parameters.revocation = match args.revocation {
        Mode::Hard => RevocationMode::Hard,
        Mode::Soft => RevocationMode::Soft,
        Mode::None => RevocationMode::None,
    };
    let at = parameters.at.to_string();
    let schema = "sceau.verify-path/1";
    let show = |c: &pki_asn1::Certificate| c.display_subject().to_string();
    let (exit, output) =
        match Validator::new(&anchors, &pool, &evidence, parameters).validate(&target) {
            Ok(path) => (
                Exit::Ok,
                Output {
                    schema,
                    valid: true,
                    at,
                    path: path.certificates().iter().map(show).collect(),
                    anchor: Some(show(path.anchor().certificate())),
                    user_constrained_policy_set: Some(
                        path.policies().iter().map(ToString::to_string).collect(),
                    ),
                    error: None,
                    clause: None,
                    hint: None,
                },
            ),
            Err(error) => (
                Exit::Failed,
                Output {
                    schema,
                    valid: false,
                    at,
                    path: error.path.iter().map(show).collect(),
                    anchor: None,
                    user_constrained_policy_set: None,
                    clause: Some(error.kind.clause()),
                    hint: error.hint(),
                    error: Some(error.to_string()),
                },
            ),
        };
    print_json(&output)?;
    Ok(exit)
}

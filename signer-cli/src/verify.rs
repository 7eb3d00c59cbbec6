//! `sceau verify`: are the signatures of a file valid, and if not, why.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ades::asic::AsicError;
use ades::report::Report;
use ades::validate::{
    Fetch, GatherError, Indication, Input, Material, RevocationRule, ValidationPolicy, gather,
    verdict,
};
use clap::ValueEnum;
use cli_support::{Exit, Failure, OutputArgs};
use pdf_file::{FileSource, OpenOptions, PdfError, Source};
use pki_asn1::{Clock, SystemClock, UnixTime};

use crate::network::{Network, NetworkArgs};
use crate::settings::{self, Settings};
use crate::trusted_lists::TrustedListArgs;
use crate::verify_input::{self, Revocation};
use crate::verify_report::ReportArgs;
use crate::verify_revision::{self, RevisionArgs};

const EXAMPLES: &str = "\
Examples:
  sceau verify contract.sealed.pdf --trust root-ca.pem
  sceau verify notes.txt.p7s --content notes.txt --trust anchors/ --report json
  sceau verify contract.sealed.pdf --trust root-ca.pem --report etsi --out contract.report.xml
  sceau verify deed.pdf --trusted-list https://lists.sceau.example/list.xml --trusted-list-signer operator.pem
  sceau verify old.pdf --trust root-ca.pem --at 2027-01-31T12:00:00Z --offline --crl ca.crl
  sceau verify added-to.pdf --trust root-ca.pem --diff
  sceau verify added-to.pdf --extract-revision 1 --out as-signed.pdf

Exit status: 0 all TOTAL-PASSED, 1 some TOTAL-FAILED, 2 INDETERMINATE, 3 no signature,
64 usage, 65 unreadable input, 74 I/O or network";

/// The arguments of `sceau verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The signed PDF, the signature file (.p7s, .p7m) in DER or PEM form, or the ASiC container
    file: PathBuf,
    /// The file that a detached signature is over
    #[arg(long, value_name = "FILE")]
    content: Option<PathBuf>,
    /// Certificates to trust: a PEM or DER file, or a folder of them (repeatable)
    ///
    /// Default: those of the settings file.
    #[arg(long, value_name = "PATH")]
    trust: Vec<PathBuf>,
    /// Further certificates, trusted in no way: files or folders (repeatable)
    #[arg(long = "cert", value_name = "PATH")]
    certificates: Vec<PathBuf>,
    /// CRLs or OCSP responses: files or folders (repeatable)
    #[arg(long, value_name = "PATH")]
    crl: Vec<PathBuf>,
    /// Judge as of this time instead of now, such as 2026-11-21T12:00:00Z
    #[arg(long, value_name = "RFC3339", value_parser = verify_input::time)]
    at: Option<UnixTime>,
    /// Fetch nothing from the network
    #[arg(long)]
    offline: bool,
    /// What to do where revocation data is missing
    #[arg(long, value_enum, default_value = "required")]
    revocation: RevocationArg,
    #[command(flatten)]
    report: ReportArgs,
    /// A file with the password of an encrypted PDF
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    #[command(flatten)]
    trusted_lists: TrustedListArgs,
    #[command(flatten)]
    revisions: RevisionArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum RevocationArg {
    /// Without it nothing is TOTAL-PASSED
    Required,
    /// It counts where there is some
    IfAvailable,
}

pub(crate) fn run(
    mut args: Args,
    settings: &Settings,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    if let Some(which) = args.revisions.extract_revision {
        let input = input(&args.file, None, args.password_file.as_deref())?;
        return verify_revision::extract(&args.file, &input, which, &args.report, output);
    }
    if args.trust.is_empty() {
        args.trust.clone_from(&settings.trust);
    }
    let lists = args.trusted_lists.choose(settings);
    if args.trust.is_empty() && lists.is_empty() {
        return Err(
            Failure::message(Exit::Usage, "nobody is trusted, so nothing can be valid").with_hint(
                "give the root certificates you trust with --trust, or trust in the settings file",
            ),
        );
    }
    let args = &args;
    let mut inputs = vec![args.file.as_path()];
    inputs.extend(args.content.as_deref());
    let target = args.report.target(&inputs)?;
    let input = input(
        &args.file,
        args.content.as_deref(),
        args.password_file.as_deref(),
    )?;
    let started = args.at.unwrap_or_else(|| SystemClock.now());
    let network = match args.offline {
        true => None,
        false => Some(Network::new(settings, &args.network)?),
    };
    // A list is taken from an earlier run for a while; a status is not.
    let for_lists = network.as_ref().map(Network::fetch);
    let lists = lists.load(started, for_lists.as_deref().map(|f| f as &dyn Fetch))?;
    let mut material = Material::default();
    if !args.trust.is_empty() {
        material.anchors = verify_input::anchors(&args.trust)?;
    }
    material.trust_lists(&lists);
    material
        .pool
        .extend(verify_input::certificates(&args.certificates)?);
    for one in verify_input::revocation(&args.crl)? {
        match one {
            Revocation::Crl(crl) => {
                material.evidence.add_crl(*crl);
            }
            Revocation::Ocsp(response) => {
                material.evidence.add_ocsp(*response);
            }
        }
    }
    let fetch = network.as_ref().map(Network::fetch_status_now);
    let fetch = fetch.as_deref().map(|f| f as &dyn Fetch);
    let facts = gather(&input, material, started, fetch).map_err(|e| failure(e, &args.file))?;
    // Fetching takes time, and what was fetched must not seem to come from the future.
    let now = args.at.unwrap_or_else(|| SystemClock.now());
    let policy = ValidationPolicy {
        revocation: match args.revocation {
            RevocationArg::Required => RevocationRule::Required,
            RevocationArg::IfAvailable => RevocationRule::IfAvailable,
        },
        ..ValidationPolicy::default()
    };
    let verdict = verdict(&facts, &policy, now);
    let mut report = Report::new(&args.file.display().to_string(), &facts, &verdict);
    if !lists.is_empty() {
        report = report.with_trusted_lists(&facts, &verdict, &lists);
    }
    if args.revisions.diff {
        report = report.with_revisions(&facts);
    }
    args.report
        .write(target, &report, &facts, &verdict, output)?;
    Ok(match verdict.indication {
        None => Exit::NoSignature,
        Some(Indication::TotalPassed) => Exit::Ok,
        Some(Indication::TotalFailed) => Exit::Failed,
        Some(Indication::Indeterminate) => Exit::Indeterminate,
    })
}

/// Opens what is to be looked into; shared with `sceau inspect`.
pub(crate) fn input(
    file: &Path,
    content: Option<&Path>,
    password_file: Option<&Path>,
) -> Result<Input, Failure> {
    let mut pdf_options = OpenOptions::new();
    if let Some(path) = password_file {
        pdf_options = pdf_options.with_password(settings::secret(path, "the password file")?);
    }
    Ok(Input {
        source: source(file)?,
        content: content.map(source).transpose()?,
        pdf_options,
    })
}

fn source(path: &Path) -> Result<Arc<dyn Source>, Failure> {
    let context = || format!("cannot read {}", path.display());
    let failed = |e: std::io::Error| Failure::from(e).with_context(context());
    if path.is_dir() {
        return Err(Failure::message(
            Exit::Data,
            format!("{} is a folder", path.display()),
        ));
    }
    // Opening a pipe would wait for its writer, and it cannot be read twice.
    if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        let message = format!("{} is not a regular file", path.display());
        return Err(Failure::message(Exit::Data, message)
            .with_hint("what comes through a pipe has to be saved in a file first"));
    }
    Ok(Arc::new(FileSource::open(path).map_err(failed)?))
}

pub(crate) fn failure(error: GatherError, file: &Path) -> Failure {
    let exit = match &error {
        GatherError::Io(_)
        | GatherError::Asic(AsicError::Read(_))
        | GatherError::Pdf(PdfError::Io { .. }) => Exit::Io,
        _ => Exit::Data,
    };
    let hint = error.hint();
    let failure =
        Failure::new(exit, error).with_context(format!("cannot validate {}", file.display()));
    match hint {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}

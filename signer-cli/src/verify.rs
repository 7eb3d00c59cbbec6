//! `sceau verify`: are the signatures of a file valid, and if not, why. Several files: [`crate::verify_many`].

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ades::asic::AsicError;
use ades::report::{Language, PolicyUsed, Report};
use ades::validate::{
    Facts, Fetch, GatherError, Indication, Input, Material, ValidationPolicy, Verdict, gather,
    gather_record, is_evidence_record, verdict,
};
use cli_support::{Exit, Failure, OutputArgs};
use pdf_file::{FileSource, OpenOptions, PdfError, Source};
use pki_asn1::{Clock, SystemClock, UnixTime};
use trust_lists::load::TrustedLists;

use crate::network::{Network, NetworkArgs};
use crate::settings::{self, Settings};
use crate::trusted_lists::TrustedListArgs;
use crate::verify_input::{self, Revocation};
use crate::verify_many::{self, ManyArgs};
use crate::verify_policy::PolicyArgs;
use crate::verify_report::ReportArgs;
use crate::verify_revision::{self, RevisionArgs};

const EXAMPLES: &str = "\
Examples:
  sceau verify contract.sealed.pdf --trust root-ca.pem
  sceau verify notes.txt.p7s --content notes.txt --trust anchors/ --report json
  sceau verify contract.sealed.pdf --trust root-ca.pem --report etsi --out contract.report.xml
  sceau verify acte.pdf --trust root-ca.pem --report pdf --lang fr --out acte.rapport.pdf
  sceau verify deed.pdf --trusted-list https://lists.sceau.example/list.xml --trusted-list-signer operator.pem
  sceau verify old.pdf --trust root-ca.pem --at 2027-01-31T12:00:00Z --offline --crl ca.crl
  sceau verify archive.ers --content a.pdf --content b.pdf --trust root-ca.pem
  sceau verify added-to.pdf --trust root-ca.pem --diff
  sceau verify deed.pdf --trust root-ca.pem --policy strict
  sceau verify added-to.pdf --extract-revision 1 --out as-signed.pdf
  sceau verify archive/ 'inbox/*.p7s' --trust anchors/ --details problems
  find /srv -name '*.pdf' -print0 | sceau verify --from - --trust anchors/ --report json-lines

Exit status: 0 all TOTAL-PASSED, 1 some TOTAL-FAILED, 2 INDETERMINATE, 3 no signature,
64 usage, 65 unreadable input, 74 I/O or network";

const USAGE: &str = "\
sceau verify [OPTIONS] --trust <PATH> <FILE>...
       sceau verify [OPTIONS] --trust <PATH> --from <LIST>
       sceau verify --extract-revision <N> --out <FILE> <FILE>
       sceau verify --print-policy [--policy <POLICY>]";

/// The arguments of `sceau verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, override_usage = USAGE)]
pub(crate) struct Args {
    /// Signed PDFs, signature files (.p7s, .p7m) in DER or PEM form, ASiC containers, evidence records (.ers),
    /// time-stamps (.tsr, .tst, .tsd), messages (.eml); folders, patterns
    #[arg(required_unless_present_any = ["from", "print_policy"], value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The file that a detached signature is over; of an evidence record, every file it is about (repeatable)
    ///
    /// Without it: the file beside the signature that has its name without the last ending.
    #[arg(long, value_name = "FILE")]
    pub(crate) content: Vec<PathBuf>,
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
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
    /// A file with the password of an encrypted PDF
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) many: ManyArgs,
    #[command(flatten)]
    trusted_lists: TrustedListArgs,
    #[command(flatten)]
    pub(crate) revisions: RevisionArgs,
    #[command(flatten)]
    network: NetworkArgs,
}

pub(crate) fn run(
    mut args: Args,
    settings: &Settings,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    if args.policy.is_printed() {
        return args.policy.print().map(|()| Exit::Ok);
    }
    let many = verify_many::are_many(&args);
    if many {
        verify_many::check(&args)?;
    }
    let first = args.files.first().cloned().unwrap_or_default();
    if let Some(which) = args.revisions.extract_revision {
        let input = input(&first, None, args.password_file.as_deref())?;
        let reads = args.password_file.as_slice();
        return verify_revision::extract(&first, reads, &input, which, &args.report, output);
    }
    if args.trust.is_empty() {
        args.trust.clone_from(&settings.trust);
    }
    if args.trust.is_empty() && args.trusted_lists.choose(settings).is_empty() {
        return Err(
            Failure::message(Exit::Usage, "nobody is trusted, so nothing can be valid").with_hint(
                "give the root certificates you trust with --trust, or trust in the settings file",
            ),
        );
    }
    let network = match args.offline {
        true => None,
        false => Some(Network::new(settings, &args.network)?),
    };
    let network = network.as_ref();
    if many {
        let fetch = network.map(Network::fetch_status_of_this_run);
        let judge = Judge::new(&args, settings, network, fetch)?;
        return verify_many::run(&judge, &args, output);
    }
    // What is wrong with the one file is told before anything is fetched for it.
    source(&first)?;
    let fetch = network.map(Network::fetch_status_now);
    let judge = Judge::new(&args, settings, network, fetch)?;
    let content = match args.content.as_slice() {
        [] => content_beside(&first).into_iter().collect(),
        given => given.to_vec(),
    };
    let mut inputs = vec![first.clone()];
    inputs.extend(content.iter().cloned());
    inputs.extend(reads(&args, settings)?);
    let inputs: Vec<&Path> = inputs.iter().map(PathBuf::as_path).collect();
    let target = args.report.target(&inputs)?;
    let judged = judge
        .judge(&first, &content)
        .map_err(|e| e.into_failure(&first))?;
    args.report.write(target, &judged, output)?;
    Ok(exit(judged.verdict.indication))
}

/// What a verdict is judged by. `--force` is about earlier reports, and a slip with it must not cost an anchor.
fn reads(args: &Args, settings: &Settings) -> Result<Vec<PathBuf>, Failure> {
    let mut named: Vec<PathBuf> = [&args.trust, &args.certificates, &args.crl]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    named.extend(args.trusted_lists.choose(settings).reads());
    let mut out = verify_input::files(&named)?;
    out.extend(args.policy.reads());
    out.extend(args.password_file.clone());
    out.extend(settings.file.clone());
    Ok(out)
}

/// The exit code of a verdict.
pub(crate) fn exit(indication: Option<Indication>) -> Exit {
    match indication {
        None => Exit::NoSignature,
        Some(Indication::TotalPassed) => Exit::Ok,
        Some(Indication::TotalFailed) => Exit::Failed,
        Some(Indication::Indeterminate) => Exit::Indeterminate,
    }
}

/// The file that lies beside a detached signature and has its name: that of `x.pdf.p7s` is `x.pdf`.
pub(crate) fn content_beside(signature: &Path) -> Option<PathBuf> {
    const ENDINGS: [&str; 6] = ["p7s", "p7m", "sig", "tst", "tsr", "ers"];
    let ending = signature.extension()?.to_str()?.to_ascii_lowercase();
    let content = signature.with_extension("");
    (ENDINGS.contains(&ending.as_str()) && content.is_file()).then_some(content)
}

/// What every file of a run is judged by.
pub(crate) struct Judge {
    /// Whom the relying party trusts, and the evidence he brings along.
    material: Mutex<Material>,
    lists: TrustedLists,
    fetch: Option<Arc<dyn Fetch + Send + Sync>>,
    policy: ValidationPolicy,
    policy_used: PolicyUsed,
    at: Option<UnixTime>,
    diff: bool,
    language: Language,
    pdf_options: OpenOptions,
}

/// A file and what came of it.
pub(crate) struct Judged {
    pub(crate) facts: Facts,
    pub(crate) verdict: Verdict,
    /// For programs, in English.
    pub(crate) report: Report,
    /// For people, where their language is another.
    pub(crate) translated: Option<Report>,
}

impl Judged {
    /// The report for people.
    pub(crate) fn shown(&self) -> &Report {
        self.translated.as_ref().unwrap_or(&self.report)
    }
}

/// Why there is no verdict.
pub(crate) enum Unjudged {
    /// It could not be opened.
    Unread(Failure),
    /// It could not be looked into.
    Gather(GatherError),
}

impl Unjudged {
    pub(crate) fn into_failure(self, file: &Path) -> Failure {
        match self {
            Self::Unread(failure) => failure,
            Self::Gather(error) => failure(error, file),
        }
    }
}

impl Judge {
    fn new(
        args: &Args,
        settings: &Settings,
        network: Option<&Network<'_>>,
        fetch: Option<Arc<dyn Fetch + Send + Sync>>,
    ) -> Result<Self, Failure> {
        let (policy, policy_used) = args.policy.load()?;
        let lists = args.trusted_lists.choose(settings);
        // A list is taken from an earlier run for a while; a status is not.
        let for_lists = network.map(Network::fetch);
        let started = args.at.unwrap_or_else(|| SystemClock.now());
        let cache = network.and_then(Network::cache_folder);
        let lists = lists.load(
            started,
            for_lists.as_deref().map(|f| f as &dyn Fetch),
            cache,
        )?;
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
        Ok(Self {
            material: Mutex::new(material),
            lists,
            fetch,
            policy,
            policy_used,
            at: args.at,
            diff: args.revisions.diff,
            language: args
                .report
                .lang
                .or(settings.language)
                .map_or(Language::English, Language::from),
            pdf_options: pdf_options(args.password_file.as_deref())?,
        })
    }

    /// The verdict on one file.
    pub(crate) fn judge(&self, file: &Path, content: &[PathBuf]) -> Result<Judged, Unjudged> {
        let watched: Vec<Unchanged<'_>> = core::iter::once(file)
            .chain(content.iter().map(PathBuf::as_path))
            .map(Unchanged::watch)
            .collect();
        let mut objects = objects(content).map_err(Unjudged::Unread)?;
        let input = Input {
            source: source(file).map_err(Unjudged::Unread)?,
            content: objects.first().map(|(_, source)| Arc::clone(source)),
            pdf_options: self.pdf_options.clone(),
        };
        let is_record =
            is_evidence_record(&*input.source).map_err(|e| Unjudged::Gather(e.into()))?;
        if objects.len() > 1 && !is_record {
            return Err(Unjudged::Unread(
                Failure::message(Exit::Usage, "--content was given more than once").with_hint(
                    "a signature is over one file; only an evidence record is about several",
                ),
            ));
        }
        // Not held while the file is looked into: others are judged at the same time.
        let material = (self.material.lock())
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let fetch = self.fetch.as_deref().map(|f| f as &dyn Fetch);
        let facts = if is_record {
            let objects = core::mem::take(&mut objects);
            gather_record(&input.source, objects, material, self.now(), fetch)
        } else {
            gather(&input, material, self.now(), fetch)
        };
        let facts = facts.map_err(Unjudged::Gather)?;
        for one in &watched {
            one.check().map_err(Unjudged::Unread)?;
        }
        // Fetching takes time, and what was fetched must not seem to come from the future.
        let verdict = verdict(&facts, &self.policy, self.now());
        let report = |language| {
            let name = file.display().to_string();
            let report = Report::in_language(&name, &facts, &verdict, language);
            let mut report = report.under_policy(&self.policy_used);
            if !self.lists.is_empty() {
                report = report.with_trusted_lists(&facts, &verdict, &self.lists);
            }
            match self.diff {
                true => report.with_revisions(&facts),
                false => report,
            }
        };
        let translated = (self.language != Language::English).then(|| report(self.language));
        let report = report(Language::English);
        Ok(Judged {
            facts,
            verdict,
            report,
            translated,
        })
    }

    fn now(&self) -> UnixTime {
        self.at.unwrap_or_else(|| SystemClock.now())
    }
}

/// Opens what is to be looked into; shared with `sceau inspect`.
pub(crate) fn input(
    file: &Path,
    content: Option<&Path>,
    password_file: Option<&Path>,
) -> Result<Input, Failure> {
    Ok(Input {
        source: source(file)?,
        content: content.map(source).transpose()?,
        pdf_options: pdf_options(password_file)?,
    })
}

fn pdf_options(password_file: Option<&Path>) -> Result<OpenOptions, Failure> {
    Ok(match password_file {
        Some(path) => {
            OpenOptions::new().with_password(settings::secret(path, "the password file")?)
        }
        None => OpenOptions::new(),
    })
}

/// A file that must stay as it is while it is looked into: of one that is still being written, half would be judged
/// as it was and half as it is.
struct Unchanged<'p> {
    path: &'p Path,
    before: Option<Stamp>,
}

type Stamp = (u64, u64, u64, i64, i64);

impl<'p> Unchanged<'p> {
    fn watch(path: &'p Path) -> Self {
        Self {
            path,
            before: stamp(path),
        }
    }

    fn check(&self) -> Result<(), Failure> {
        if stamp(self.path) == self.before {
            return Ok(());
        }
        let message = format!(
            "{} was changed while it was looked into",
            self.path.display()
        );
        Err(Failure::message(Exit::Io, message)
            .with_hint("let the program that writes it finish, then try again"))
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let there = fs::metadata(path).ok()?;
    Some((
        there.dev(),
        there.ino(),
        there.len(),
        there.mtime(),
        there.mtime_nsec(),
    ))
}

/// A file and what it is called.
type Named = (String, Arc<dyn Source>);

/// The data that an evidence record is about.
fn objects(paths: &[PathBuf]) -> Result<Vec<Named>, Failure> {
    let named = |path: &PathBuf| Ok((path.display().to_string(), source(path)?));
    paths.iter().map(named).collect()
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
    FileSource::open(path)
        .map_err(|e| {
            let missing = e.kind() == std::io::ErrorKind::NotFound;
            match missing {
                true if path == Path::new("-") => {
                    failed(e).with_hint("save what comes through a pipe in a file first")
                }
                true => failed(e).with_hint("check the path; it is relative to the current folder"),
                false => failed(e),
            }
        })
        .map(|source| Arc::new(source) as Arc<dyn Source>)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_still_written_is_judged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pdf");
        fs::write(&path, b"half").unwrap();
        let watched = Unchanged::watch(&path);
        watched.check().unwrap();
        fs::write(&path, b"half and half").unwrap();
        let failure = watched.check().unwrap_err();
        assert_eq!(failure.exit, Exit::Io);
        let watched = Unchanged::watch(&path);
        fs::remove_file(&path).unwrap();
        watched.check().unwrap_err();
    }
}

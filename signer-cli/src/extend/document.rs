//! One document: what it is, and its extension into a file that is whole or absent.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ades::asic::{ExtendedAsic, extend_asic};
use ades::cades::{ExtendedCms, extend_cms};
use ades::evidence::Collector;
use ades::extend::{ExtendError, ExtendOptions, Services};
use ades::pades::{PadesError, extend_pdf};
use ades::tsp::TimeStamper;
use ades::validate::ValidationPolicy;
use cli_support::{AtomicFile, Exit, Failure, Overwrite, ResultExt};
use pdf_file::{FileSource, OpenOptions, PdfError, PdfFile, Source};
use pki_asn1::SystemClock;
use secrecy::SecretString;

use super::report::Extended;
use crate::evidence_files::EvidenceFiles;
use crate::sign::{Unchanged, open};

/// What all documents of a run have in common.
pub(super) struct Job {
    pub(super) options: ExtendOptions,
    pub(super) collector: Collector,
    pub(super) time_stamper: Option<Box<dyn TimeStamper>>,
    pub(super) evidence: EvidenceFiles,
    /// What a detached signature is over.
    pub(super) content: Option<PathBuf>,
    pub(super) password: Option<SecretString>,
    pub(super) policy: ValidationPolicy,
    pub(super) overwrite: Overwrite,
}

impl Job {
    /// Extends `input` into `out`, which is whole or absent.
    pub(super) fn extend(&self, input: &Path, out: &Path) -> Result<Extended, Failure> {
        let mut file = open(input)?;
        let failed = || format!("cannot extend {}", input.display());
        let kind = kind(&mut file)?;
        if kind != Kind::Cms && self.content.is_some() {
            return Err(Failure::message(
                Exit::Usage,
                "--content is for detached signatures, and what is signed is in this file",
            )
            .with_context(failed()));
        }
        let unchanged = Unchanged::watch(&file)?;
        let target = AtomicFile::options(self.overwrite)
            .input(input)
            .create(out)?;
        let mut target = BufWriter::with_capacity(1 << 18, target);
        let to = out.to_owned();
        let made = match kind {
            Kind::Pdf => self
                .extend_pdf(file, &mut target)
                .map(|made| Extended::pdf(input, to, &made)),
            Kind::Cms => self
                .extend_cms(file, input, &mut target)
                .map(|made| Extended::cms(input, to, &made)),
            Kind::Asic => self
                .extend_asic(file, &mut target)
                .map(|made| Extended::asic(input, to, &made)),
        };
        let made = unchanged.check().and(made).context(failed())?;
        let written = |e: io::IntoInnerError<BufWriter<AtomicFile>>| e.into_error();
        target
            .into_inner()
            .map_err(written)
            .context(format_args!("cannot write {}", out.display()))?
            .commit()?;
        Ok(made)
    }

    fn extend_pdf(
        &self,
        file: File,
        out: &mut dyn io::Write,
    ) -> Result<ades::pades::ExtendedPdf, Failure> {
        let mut options = OpenOptions::new();
        if let Some(password) = &self.password {
            options = options.with_password(password.clone());
        }
        let source = Arc::new(FileSource::new(file)?);
        let pdf = PdfFile::open(source, options.clone())
            .map_err(|e| failure(ExtendError::Pades(PadesError::Pdf(e))))?;
        let known = self.evidence.material();
        let services = self.services();
        extend_pdf(&pdf, &options, out, known, &services, &self.options).map_err(failure)
    }

    fn extend_cms(
        &self,
        file: File,
        input: &Path,
        out: &mut dyn io::Write,
    ) -> Result<ExtendedCms, Failure> {
        let source: Arc<dyn Source> = Arc::new(FileSource::new(file)?);
        let content = match &self.content {
            Some(path) => Some(path.clone()),
            None => beside(input),
        };
        let content: Option<Arc<dyn Source>> = match content {
            Some(path) => Some(Arc::new(FileSource::new(open(&path)?)?)),
            None => None,
        };
        let known = self.evidence.material();
        let services = self.services();
        let content = content.as_ref();
        extend_cms(&source, content, out, known, &services, &self.options).map_err(failure)
    }

    fn extend_asic(
        &self,
        file: File,
        out: &mut BufWriter<AtomicFile>,
    ) -> Result<ExtendedAsic, Failure> {
        let source: Arc<dyn Source> = Arc::new(FileSource::new(file)?);
        let known = || self.evidence.material();
        extend_asic(&source, out, &known, &self.services(), &self.options).map_err(failure)
    }

    fn services(&self) -> Services<'_> {
        Services {
            collector: &self.collector,
            time_stamper: self.time_stamper.as_deref(),
            policy: &self.policy,
            clock: &SystemClock,
        }
    }

    /// `contract.extended.pdf` beside `contract.pdf`, or the input's name in another folder.
    pub(super) fn usual_name(input: &Path, folder: Option<&Path>) -> PathBuf {
        let name = input.file_name().unwrap_or_default();
        if let Some(folder) = folder {
            return folder.join(name);
        }
        let mut stem = input.file_stem().unwrap_or_default().to_owned();
        stem.push(".extended");
        if let Some(extension) = input.extension() {
            stem.push(".");
            stem.push(extension);
        }
        input.with_file_name(stem)
    }
}

/// `notes.txt` beside `notes.txt.p7s`: what a detached signature is over where nothing else is said.
fn beside(input: &Path) -> Option<PathBuf> {
    let detached = input
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("p7s"));
    let content = input.with_extension("");
    (detached && content.is_file()).then_some(content)
}

/// What holds the signatures.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Pdf,
    Cms,
    Asic,
}

/// By the first octets. Readers look for a PDF's header in the first 1024; a signature may carry a
/// PDF as its content, and a container hold one.
pub(super) fn kind(file: &mut File) -> Result<Kind, Failure> {
    let mut start = Vec::with_capacity(1024);
    file.take(1024).read_to_end(&mut start)?;
    file.rewind()?;
    Ok(if start.starts_with(b"PK\x03\x04") {
        Kind::Asic
    } else if !start.starts_with(b"\x30") && start.windows(5).any(|w| w == b"%PDF-") {
        Kind::Pdf
    } else {
        Kind::Cms
    })
}

pub(crate) fn failure(error: ExtendError) -> Failure {
    let hint = match &error {
        ExtendError::Pades(PadesError::Pdf(PdfError::PasswordRequired)) => {
            Some("give the document's user or owner password with --password-file".to_owned())
        }
        error => error.hint(),
    };
    let exit = match &error {
        ExtendError::NoSignature => Some(Exit::NoSignature),
        ExtendError::NoAuthority { .. } => Some(Exit::Usage),
        error if error.is_temporary() => Some(Exit::Unavailable),
        ExtendError::Pades(
            PadesError::Pdf(PdfError::Io { .. }) | PadesError::Read(_) | PadesError::Write(_),
        ) => None,
        ExtendError::Pades(PadesError::Pdf(PdfError::Random) | PadesError::Room { .. }) => {
            Some(Exit::Unavailable)
        }
        _ => Some(Exit::Data),
    };
    let mut failure = Failure::from(error);
    failure.exit = exit.unwrap_or(failure.exit);
    failure.hint = hint.or(failure.hint);
    failure
}

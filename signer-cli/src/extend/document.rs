//! One document: what it is, and its extension into a file that is whole or absent.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ades::asic::{AsicError, ExtendedAsic, extend_asic};
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
    pub(super) password: Option<SecretString>,
    /// What a detached signature is over, where it was given.
    pub(super) content: Option<PathBuf>,
    pub(super) overwrite: Overwrite,
    /// What is read besides the documents, which no output may replace.
    pub(super) reads: Vec<PathBuf>,
}

impl Job {
    /// Extends `input` into `out`, which is whole or absent.
    pub(super) fn extend(&self, input: &Path, out: &Path) -> Result<Extended, Failure> {
        let mut file = open(input)?;
        let failed = || format!("cannot extend {}", input.display());
        let format = detect(&mut file)?;
        let unchanged = Unchanged::watch(&file)?;
        let target = AtomicFile::options(self.overwrite)
            .input(input)
            .inputs(self.content(input))
            .inputs(&self.reads)
            .create(out)?;
        let mut target = BufWriter::with_capacity(1 << 18, target);
        let made = match format {
            Format::Pdf => self
                .extend_pdf(file, &mut target)
                .map(|made| Extended::pdf(input, out.to_owned(), &made)),
            Format::Container => self
                .extend_container(file, &mut target)
                .map(|made| Extended::asic(input, out.to_owned(), &made)),
            Format::Cms => self
                .extend_cms(input, file, &mut target)
                .map(|made| Extended::cms(input, out.to_owned(), &made)),
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

    fn extend_cms(
        &self,
        input: &Path,
        file: File,
        out: &mut dyn io::Write,
    ) -> Result<ExtendedCms, Failure> {
        let source: Arc<dyn Source> = Arc::new(FileSource::new(file)?);
        let content = match self.content(input) {
            Some(path) => {
                let source: Arc<dyn Source> = Arc::new(FileSource::new(open(&path)?)?);
                Some(source)
            }
            None => None,
        };
        // A signature that brings its content needs no other.
        let content = content.filter(|_| self.content.is_some() || is_detached(&source));
        let policy = ValidationPolicy::default();
        extend_cms(
            &source,
            content.as_ref(),
            out,
            self.evidence.material(),
            &self.services(&policy),
            &self.options,
        )
        .map_err(failure)
    }

    /// What a detached signature is over: what was given, or the file that it is named after.
    fn content(&self, input: &Path) -> Option<PathBuf> {
        let beside = || {
            let name = input.file_name()?.to_str()?;
            let name = name.strip_suffix(".p7s")?;
            let name = name.strip_suffix(".extended").unwrap_or(name);
            Some(input.with_file_name(name)).filter(|path| path.is_file())
        };
        self.content.clone().or_else(beside)
    }

    fn extend_container(
        &self,
        file: File,
        out: &mut BufWriter<AtomicFile>,
    ) -> Result<ExtendedAsic, Failure> {
        let source: Arc<dyn Source> = Arc::new(FileSource::new(file)?);
        let policy = ValidationPolicy::default();
        extend_asic(
            &source,
            out,
            &|| self.evidence.material(),
            &self.services(&policy),
            &self.options,
        )
        .map_err(failure)
    }

    fn services<'s>(&'s self, policy: &'s ValidationPolicy) -> Services<'s> {
        Services {
            collector: &self.collector,
            time_stamper: self.time_stamper.as_deref(),
            policy,
            clock: &SystemClock,
        }
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
        let policy = ValidationPolicy::default();
        let services = self.services(&policy);
        let known = self.evidence.material();
        extend_pdf(&pdf, &options, out, known, &services, &self.options).map_err(failure)
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

/// What can be extended.
enum Format {
    Pdf,
    Cms,
    Container,
}

fn detect(file: &mut File) -> Result<Format, Failure> {
    if is_pdf(file)? {
        return Ok(Format::Pdf);
    }
    let mut start = Vec::with_capacity(4);
    file.take(4).read_to_end(&mut start)?;
    file.rewind()?;
    Ok(if start == b"PK\x03\x04" {
        Format::Container
    } else {
        Format::Cms
    })
}

fn is_detached(source: &Arc<dyn Source>) -> bool {
    ades::cms::original::OriginalSignedData::open(Arc::clone(source))
        .map_or(true, |data| data.content().is_none())
}

/// A PDF by its header, which readers look for in the first 1024 bytes. A signature may carry one as
/// its content, and an archive hold one.
pub(super) fn is_pdf(file: &mut File) -> Result<bool, Failure> {
    let mut start = Vec::with_capacity(1024);
    file.take(1024).read_to_end(&mut start)?;
    file.rewind()?;
    let other = start.starts_with(b"\x30") || start.starts_with(b"PK\x03\x04");
    Ok(!other && start.windows(5).any(|w| w == b"%PDF-"))
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
        ExtendError::Write(_) | ExtendError::Asic(AsicError::Read(_) | AsicError::Write(_)) => None,
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

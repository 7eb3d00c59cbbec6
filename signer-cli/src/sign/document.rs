//! One document: what it is, where its signature goes, and the signing itself.

use core::ops::Deref;
use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ades::asic::Kind;
use ades::cades::CadesError;
use ades::cms::build::{CmsIdentity, CmsSigner};
use ades::pades::{self, PadesError, PadesOptions, PadesSignature};
use ades::tsp::{TimeStamper, Token, TspError};
use cli_support::{AtomicFile, Exit, Failure, Overwrite, ResultExt, path};
use pdf_file::{FileSource, OpenOptions, PdfError, PdfFile};
use pki_asn1::{Clock, SystemClock, UnixTime};
use pki_crypto::fingerprint;
use secrecy::SecretString;
use serde::Serialize;

use super::args::{Format, PadesArgs};
use super::files::{FileJob, container, data_file, utf8};
use super::identity::build_failure;
use super::long_term::LongTerm;
use super::visible::Visible;

/// What all documents of a run have in common. `K` is a [`CmsSigner`], or a [`CmsIdentity`] where the
/// key is elsewhere.
pub(super) struct Job<K = CmsSigner> {
    pub(super) signer: K,
    pub(super) time_stamper: Option<Box<dyn TimeStamper>>,
    pub(super) format: Option<Format>,
    pub(super) pades: PadesArgs,
    pub(super) password: Option<SecretString>,
    pub(super) visible: Option<Arc<Visible>>,
    pub(super) packaging: Option<Packaging>,
    pub(super) overwrite: Overwrite,
    /// What is read besides the documents.
    pub(super) reads: Vec<PathBuf>,
    /// Levels B-LT and B-LTA.
    pub(super) long_term: Option<LongTerm>,
    /// What is said and done where it is no PDF.
    pub(super) files: FileJob,
}

/// Where the content is, in CAdES.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Packaging {
    Detached,
    Attached,
}

/// A document that can be signed, as far as can be told before.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) input: PathBuf,
    pub(super) out: PathBuf,
    pub(super) format: Format,
}

/// A document that was signed, as `--json` shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Signed {
    #[serde(serialize_with = "path::shown")]
    pub(super) file: PathBuf,
    #[serde(serialize_with = "path::shown")]
    pub(super) out: PathBuf,
    pub(super) format: &'static str,
    pub(super) packaging: &'static str,
    pub(super) level: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    pub(super) signing_time: String,
    digest_algorithm: &'static str,
    digest: String,
    signature_algorithm: String,
    pub(super) signer: SignerJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timestamp: Option<TimestampJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) archive_timestamp: Option<TimestampJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) files: Option<Vec<String>>,
}

impl Parts {
    pub(super) fn of_pdf(made: PadesSignature) -> Self {
        Self {
            format: "PAdES",
            packaging: "enveloped",
            field: Some(made.field),
            digest: made.digest.to_hex(),
            time_stamp: made.time_stamp,
            level: None,
            archive: None,
            files: None,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SignerJson {
    pub(super) subject: String,
    serial: String,
    fingerprint: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TimestampJson {
    pub(super) time: String,
    pub(super) authority: String,
    policy: String,
}

impl From<&Token> for TimestampJson {
    fn from(token: &Token) -> Self {
        Self {
            time: token.time().to_string(),
            authority: token.certificate().display_subject().to_string(),
            policy: token.policy().to_string(),
        }
    }
}

impl<K: Deref<Target = CmsIdentity>> Job<K> {
    /// What `input` is, and where its signature goes: `out`, or its usual name in `folder` (beside
    /// the input where there is none). Nothing is written.
    pub(super) fn plan(
        &self,
        input: &Path,
        out: Option<&Path>,
        folder: Option<&Path>,
    ) -> Result<Planned, Failure> {
        let format = match self.format {
            _ if self.files.joins.is_some() => joined(&mut open(input)?)?,
            Some(format) => format,
            None => detect(input, &mut open(input)?)?,
        };
        self.check_options(input, format)?;
        let out = match out {
            Some(out) => out.to_owned(),
            None => self.usual_name(input, folder, format, self.packaging),
        };
        Ok(Planned {
            input: input.to_owned(),
            out,
            format,
        })
    }

    /// The PDF in a file, opened with the password given.
    pub(super) fn open_pdf(&self, file: File) -> Result<PdfFile, Failure> {
        let source = Arc::new(FileSource::new(file)?);
        PdfFile::open(source, self.pdf_options()).map_err(|e| pades_failure(e.into()))
    }

    /// How PDFs are opened.
    pub(super) fn pdf_options(&self) -> OpenOptions {
        match &self.password {
            Some(password) => OpenOptions::new().with_password(password.clone()),
            None => OpenOptions::new(),
        }
    }

    pub(super) fn pades_options(&self, now: UnixTime) -> PadesOptions {
        let mut options = PadesOptions::new(now);
        options.field = self.pades.field.clone();
        options.reason = self.pades.reason.clone();
        options.location = self.pades.location.clone();
        options.contact = self.pades.contact.clone();
        options.legal_attestation = self.pades.legal_attestation.clone();
        options.properties = self.files.declared.properties.clone();
        options.certify = self
            .pades
            .certify
            .and_then(super::args::Certify::certification);
        if let Some(visible) = &self.visible {
            let appearance = visible.appearance(self.signer.certificate(), &options);
            options.appearance = Some(appearance);
        }
        options
    }

    fn check_options(&self, input: &Path, format: Format) -> Result<(), Failure> {
        let packaging = self.packaging.map(|p| match p {
            Packaging::Attached => "--attached",
            Packaging::Detached => "--detached",
        });
        let misplaced = match format {
            Format::Cades if self.visible.is_some() => Some("--visible"),
            Format::Cades => self.pades.given(),
            Format::AsicS | Format::AsicE => {
                let content = self.files.content.as_ref().map(|_| "--content");
                self.pades.given().or(packaging).or(content)
            }
            Format::Pades => packaging.or(self.files.given),
        };
        let Some(option) = misplaced else {
            return Ok(());
        };
        let message = format!(
            "{option} does not apply to {}, which is signed as {}",
            input.display(),
            match format {
                Format::Pades => "a PDF (PAdES)",
                Format::Cades => "a file (CAdES)",
                Format::AsicS | Format::AsicE => "a container (ASiC)",
            }
        );
        Err(Failure::message(Exit::Usage, message).with_hint("leave it out, or give --format"))
    }

    /// `contract.signed.pdf`, `notes.txt.p7s`, `notes.txt.p7m`.
    pub(super) fn usual_name(
        &self,
        input: &Path,
        folder: Option<&Path>,
        format: Format,
        packaging: Option<Packaging>,
    ) -> PathBuf {
        let joins = self.files.joins.is_some();
        let mut name = match format {
            Format::Pades => input.file_stem(),
            _ if joins => input.file_stem(),
            _ => input.file_name(),
        }
        .unwrap_or_default()
        .to_owned();
        name.push(match (format, packaging) {
            (Format::Pades, _) => ".signed.pdf",
            (Format::AsicS, _) if joins => ".signed.asics",
            (Format::AsicE, _) if joins => ".signed.asice",
            (Format::AsicS, _) => ".asics",
            (Format::AsicE, _) => ".asice",
            (Format::Cades, _) if joins => match input.extension() {
                Some(e) if e.eq_ignore_ascii_case("p7m") => ".signed.p7m",
                _ => ".signed.p7s",
            },
            (Format::Cades, Some(Packaging::Attached)) => ".p7m",
            (Format::Cades, _) => ".p7s",
        });
        match folder {
            Some(folder) => folder.join(name),
            None => input.with_file_name(name),
        }
    }

    pub(super) fn describe(
        &self,
        input: &Path,
        out: PathBuf,
        now: UnixTime,
        parts: Parts,
    ) -> Signed {
        let certificate = self.signer.certificate();
        Signed {
            file: input.to_owned(),
            out,
            format: parts.format,
            packaging: parts.packaging,
            level: match (parts.level, &parts.time_stamp) {
                (Some(level), _) => level,
                (None, Some(_)) => "B-T",
                (None, None) => "B-B",
            },
            field: parts.field,
            signing_time: now.to_string(),
            digest_algorithm: self.signer.digest_algorithm().name(),
            digest: parts.digest,
            signature_algorithm: self.signer.signature_algorithm().to_string(),
            signer: SignerJson {
                subject: certificate.display_subject().to_string(),
                serial: certificate.serial_hex(),
                fingerprint: fingerprint(certificate).to_hex(),
            },
            timestamp: parts.time_stamp.as_ref().map(TimestampJson::from),
            archive_timestamp: parts.archive.as_ref().map(TimestampJson::from),
            files: parts.files,
        }
    }
}

impl Job {
    /// Signs. The output is whole or absent.
    pub(super) fn sign(&self, planned: Planned) -> Result<Signed, Failure> {
        let (file, signed) = self.make(planned)?;
        file.commit()?;
        Ok(signed)
    }

    /// Signs; the output is there when it is committed.
    pub(super) fn make(&self, planned: Planned) -> Result<(AtomicFile, Signed), Failure> {
        let Planned { input, out, format } = planned;
        let file = open(&input)?;
        let unchanged = Unchanged::watch(&file)?;
        let target = AtomicFile::options(self.overwrite)
            .input(&input)
            .inputs(&self.reads)
            .create(&out)?;
        let mut target = BufWriter::with_capacity(1 << 18, target);
        let now = SystemClock.now();
        let parts = match format {
            Format::Pades => self.sign_pdf(file, &mut target, now),
            Format::Cades => self.sign_file(file, &mut target, now),
            Format::AsicS | Format::AsicE => match self.files.joins {
                Some(joins) => self.join_container(&file, joins, &mut target, now),
                None => self.sign_in_container(&input, format, &file, &mut target, now),
            },
        };
        let parts = unchanged
            .check()
            .and(parts)
            .context(format_args!("cannot sign {}", input.display()))?;
        let written = |e: io::IntoInnerError<BufWriter<AtomicFile>>| e.into_error();
        let target = target
            .into_inner()
            .map_err(written)
            .context(format_args!("cannot write {}", out.display()))?;
        Ok((target, self.describe(&input, out, now, parts)))
    }

    fn sign_in_container(
        &self,
        input: &Path,
        format: Format,
        file: &File,
        out: &mut BufWriter<AtomicFile>,
        now: UnixTime,
    ) -> Result<Parts, Failure> {
        let name = utf8(Path::new(input.file_name().unwrap_or_default()))?;
        let kind = container(format).unwrap_or(Kind::Simple);
        self.sign_container(kind, vec![data_file(name, file)?], out, now)
    }

    fn sign_pdf(&self, file: File, out: &mut dyn Write, now: UnixTime) -> Result<Parts, Failure> {
        let pdf = self.open_pdf(file)?;
        let options = self.pades_options(now);
        if let Some(long) = &self.long_term {
            return self.sign_pdf_long_term(long, &pdf, &self.pdf_options(), out, &options);
        }
        let made = pades::sign_pdf(
            &pdf,
            out,
            &self.signer,
            &options,
            self.time_stamper.as_deref(),
        )
        .map_err(pades_failure)?;
        Ok(Parts::of_pdf(made))
    }
}

/// What was made of a document.
pub(super) struct Parts {
    pub(super) format: &'static str,
    pub(super) packaging: &'static str,
    pub(super) field: Option<String>,
    pub(super) digest: String,
    pub(super) time_stamp: Option<Token>,
    /// Above what the time-stamp tells.
    pub(super) level: Option<&'static str>,
    pub(super) archive: Option<Token>,
    /// The files in a container.
    pub(super) files: Option<Vec<String>>,
}

/// There is nothing in an empty file that anybody could want signed.
pub(super) fn refuse_empty(file: &File) -> Result<(), Failure> {
    if file.metadata()?.len() == 0 {
        return Err(Failure::message(Exit::Data, "the file is empty").with_hint(
            "check that this is the right file and that it was transferred completely",
        ));
    }
    Ok(())
}

/// Opens a regular file. A pipe cannot be read twice, and opening one would wait for its writer.
pub(crate) fn open(input: &Path) -> Result<File, Failure> {
    let failed = || format!("cannot read {}", input.display());
    let hint = if input == Path::new("-") {
        "what comes through a pipe has to be saved in a file first"
    } else {
        "check the path, and who may read it"
    };
    let kind = fs::metadata(input).context(failed()).hint(hint)?;
    if !kind.is_file() {
        let what = if kind.is_dir() {
            "a folder"
        } else {
            "not a regular file"
        };
        return Err(Failure::message(Exit::Io, format_args!("it is {what}"))
            .with_context(failed())
            .with_hint("give a file; what comes through a pipe has to be saved in one first"));
    }
    File::open(input)
        .context(failed())
        .hint("check the path, and who may read it")
}

/// A file that must stay as it is while it is read: another program that writes into it would have
/// its bytes signed half old, half new.
pub(crate) struct Unchanged {
    file: File,
    before: Metadata,
}

impl Unchanged {
    pub(crate) fn watch(file: &File) -> io::Result<Self> {
        let file = file.try_clone()?;
        let before = file.metadata()?;
        Ok(Self { file, before })
    }

    pub(crate) fn check(&self) -> Result<(), Failure> {
        let now = self.file.metadata()?;
        let stamp = |m: &Metadata| (m.len(), m.mtime(), m.mtime_nsec());
        if stamp(&now) == stamp(&self.before) {
            return Ok(());
        }
        Err(
            Failure::message(Exit::Io, "it was changed while it was being read").with_hint(
                "let the program that writes it finish, then try again; nothing was written",
            ),
        )
    }
}

/// A PDF by its header, which readers look for in the first 1024 bytes, or by its name: a damaged
/// PDF should be called one, not be signed as something else.
fn detect(input: &Path, file: &mut File) -> Result<Format, Failure> {
    use io::Seek as _;
    let mut start = Vec::with_capacity(1024);
    file.take(1024).read_to_end(&mut start)?;
    file.rewind()?;
    let named = input
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("pdf"));
    // A signature may carry a PDF as its content, and an archive hold one.
    let other = start.starts_with(b"\x30") || start.starts_with(b"PK\x03\x04");
    let is_pdf = named || (!other && start.windows(5).any(|w| w == b"%PDF-"));
    Ok(if is_pdf { Format::Pades } else { Format::Cades })
}

/// What a signature is added to: a container by its first octets, else a CMS signature. Which container it
/// is decides the name of the output alone.
fn joined(file: &mut File) -> Result<Format, Failure> {
    let mut start = Vec::with_capacity(100);
    file.take(100).read_to_end(&mut start)?;
    let simple = Kind::Simple.media_type().as_bytes();
    Ok(if !start.starts_with(b"PK\x03\x04") {
        Format::Cades
    } else if start.windows(simple.len()).any(|w| w == simple) {
        Format::AsicS
    } else {
        Format::AsicE
    })
}

pub(super) fn pades_failure(error: PadesError) -> Failure {
    let hint = match &error {
        PadesError::Pdf(PdfError::PasswordRequired) => {
            Some("give the document's user or owner password with --password-file".to_owned())
        }
        PadesError::Pdf(PdfError::Budget { .. }) => Some(
            "a PDF that takes so much to read is taken for hostile; sign it as a file (--format cades)"
                .to_owned(),
        ),
        error => error.hint(),
    };
    let exit = match error {
        PadesError::Build(error) => return build_failure(error),
        PadesError::TimeStamp(error) => return time_stamp_failure(error),
        PadesError::Pdf(PdfError::Io { .. }) | PadesError::Read(_) | PadesError::Write(_) => None,
        PadesError::Pdf(PdfError::Random) | PadesError::Room { .. } => Some(Exit::Unavailable),
        _ => Some(Exit::Data),
    };
    classified(error, exit, hint)
}

pub(super) fn cades_failure(error: CadesError) -> Failure {
    match error {
        CadesError::Build(error) => build_failure(error),
        CadesError::TimeStamp(error) => time_stamp_failure(error),
        error => {
            let hint = error.hint();
            let exit = match &error {
                CadesError::Refused(_)
                | CadesError::OtherContent
                | CadesError::Existing(_)
                | CadesError::Asic(_) => Some(Exit::Data),
                CadesError::ContentMissing => Some(Exit::Usage),
                _ => None,
            };
            classified(error, exit, hint)
        }
    }
}

fn time_stamp_failure(error: TspError) -> Failure {
    let hint = error.hint();
    classified(error, Some(Exit::Unavailable), hint)
}

fn classified(error: impl Into<Failure>, exit: Option<Exit>, hint: Option<String>) -> Failure {
    let mut failure: Failure = error.into();
    failure.exit = exit.unwrap_or(failure.exit);
    failure.hint = hint.or(failure.hint);
    failure
}

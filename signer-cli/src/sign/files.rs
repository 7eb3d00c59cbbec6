//! Files that are no PDFs: CAdES beside or around one file, further signers and counter-signatures of a
//! signature that is there, and containers.

use std::fs::File;
use std::io::{BufReader, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ades::asic::{self, AsicSignature, DataFile, Kind};
use ades::cades::{self, CadesOptions, Which};
use ades::extend::Services;
use ades::validate::ValidationPolicy;
use cli_support::{AtomicFile, Exit, Failure, OutputArgs, ResultExt};
use pdf_file::{FileSource, Source};
use pki_asn1::{Clock, SystemClock, UnixTime};

use super::args::{Declared, FileArgs, Format};
use super::document::{
    Job, Packaging, Parts, Signed, Unchanged, cades_failure, open, refuse_empty,
};
use super::long_term::LongTerm;
use crate::extend;

/// What is done to files that are no PDFs.
#[derive(Clone, Debug, Default)]
pub(super) struct FileJob {
    pub(super) declared: Declared,
    pub(super) joins: Option<Joins>,
    pub(super) content: Option<PathBuf>,
    /// The first option that has no meaning in a PDF.
    pub(super) given: Option<&'static str>,
}

/// How a signature that is there is added to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Joins {
    Beside,
    Over(Which),
}

impl FileJob {
    pub(super) fn new(args: &FileArgs, declared: Declared) -> Result<Self, Failure> {
        let joins = match (args.add, args.countersign) {
            (true, _) => Some(Joins::Beside),
            (_, Some(0)) => Some(Joins::Over(Which::All)),
            (_, Some(number)) => Some(Joins::Over(Which::One(number - 1))),
            _ => None,
        };
        if let (Some(Joins::Over(_)), Some(option)) = (joins, args.given_about_content()) {
            return Err(Failure::message(
                Exit::Usage,
                format_args!(
                    "{option} is about a file, and a counter-signature is over a signature"
                ),
            )
            .with_hint("leave it out"));
        }
        Ok(Self {
            declared,
            joins,
            content: args.content.clone(),
            given: args.given(),
        })
    }

    pub(super) fn options(&self, now: UnixTime) -> CadesOptions {
        let mut options = CadesOptions::new(now);
        options.properties = self.declared.properties.clone();
        options.policy_store = self.declared.policy_store.clone();
        options
    }
}

impl Job {
    pub(super) fn sign_file(
        &self,
        mut file: File,
        out: &mut dyn Write,
        now: UnixTime,
    ) -> Result<Parts, Failure> {
        refuse_empty(&file)?;
        if let Some(joins) = self.files.joins {
            return self.join(file, joins, out, now);
        }
        let options = self.files.options(now);
        if let Some(long) = &self.long_term {
            return self.sign_file_long_term(long, file, out, &options);
        }
        let time_stamper = self.time_stamper.as_deref();
        let (made, packaging) = match self.packaging {
            Some(Packaging::Attached) => (
                cades::sign_attached(&mut file, out, &self.signer, &options, time_stamper),
                "attached",
            ),
            _ => (
                cades::sign_detached(
                    &mut BufReader::new(file),
                    out,
                    &self.signer,
                    &options,
                    time_stamper,
                ),
                "detached",
            ),
        };
        let made = made.map_err(cades_failure)?;
        Ok(Parts {
            digest: made.digest.to_hex(),
            time_stamp: made.time_stamp,
            ..parts(packaging)
        })
    }

    fn sign_file_long_term(
        &self,
        long: &LongTerm,
        file: File,
        out: &mut dyn Write,
        options: &CadesOptions,
    ) -> Result<Parts, Failure> {
        let source: Arc<dyn Source> = Arc::new(FileSource::new(file)?);
        let (packaging, name) = match self.packaging {
            Some(Packaging::Attached) => (cades::Packaging::Attached, "attached"),
            _ => (cades::Packaging::Detached, "detached"),
        };
        let made = cades::sign_long_term(
            &source,
            packaging,
            out,
            &self.signer,
            options,
            long.evidence.material(),
            &self.services(long, &ValidationPolicy::default()),
            &long.options,
        )
        .map_err(extend::failure)?;
        Ok(Parts {
            digest: made.digest.to_hex(),
            time_stamp: made.time_stamp,
            level: Some(long.options.to.level().as_str()),
            archive: made.archive,
            ..parts(name)
        })
    }

    fn services<'s>(&'s self, long: &'s LongTerm, policy: &'s ValidationPolicy) -> Services<'s> {
        Services {
            collector: &long.collector,
            time_stamper: self.time_stamper.as_deref(),
            policy,
            clock: &SystemClock,
        }
    }

    /// Adds to a signature that is there.
    fn join(
        &self,
        file: File,
        joins: Joins,
        out: &mut dyn Write,
        now: UnixTime,
    ) -> Result<Parts, Failure> {
        self.refuse_long_term()?;
        let source: Arc<dyn Source> = Arc::new(FileSource::new(file)?);
        let options = self.files.options(now);
        let time_stamper = self.time_stamper.as_deref();
        let (made, packaging) = match joins {
            Joins::Beside => {
                let content = match &self.files.content {
                    Some(path) => {
                        let source: Arc<dyn Source> = Arc::new(FileSource::new(open(path)?)?);
                        Some(source)
                    }
                    None => None,
                };
                let made = cades::add_signature(
                    &source,
                    content.as_ref(),
                    out,
                    &self.signer,
                    &options,
                    time_stamper,
                );
                (made.map_err(cades_failure)?, "parallel")
            }
            Joins::Over(which) => {
                let made =
                    cades::countersign(&source, out, &self.signer, &options, which, time_stamper)
                        .map_err(cades_failure)?;
                let first = made.into_iter().next();
                let nobody = || Failure::message(Exit::Data, "nobody signed it");
                (first.ok_or_else(nobody)?, "counter-signature")
            }
        };
        Ok(Parts {
            digest: made.digest.to_hex(),
            time_stamp: made.time_stamp,
            ..parts(packaging)
        })
    }

    fn refuse_long_term(&self) -> Result<(), Failure> {
        let Some(long) = &self.long_term else {
            return Ok(());
        };
        Err(Failure::message(
            Exit::Usage,
            format_args!(
                "a signature is added at level b-t at most, and level {} was asked for",
                long.options.to.level().as_str()
            ),
        )
        .with_hint("sign at level b-t, then raise the whole file with sceau extend"))
    }

    /// Adds a signature to a container that is there.
    pub(super) fn join_container<W: Write + Seek>(
        &self,
        file: &File,
        joins: Joins,
        out: W,
        now: UnixTime,
    ) -> Result<Parts, Failure> {
        self.refuse_long_term()?;
        if let Joins::Over(_) = joins {
            return Err(Failure::message(
                Exit::Usage,
                "signatures in a container are not counter-signed",
            )
            .with_hint("sign its files beside the others with --add"));
        }
        let source: Arc<dyn Source> = Arc::new(FileSource::new(file.try_clone()?)?);
        let made = asic::add_to_asic(
            &source,
            out,
            &self.signer,
            &self.files.options(now),
            self.time_stamper.as_deref(),
        )
        .map_err(cades_failure)?;
        Ok(Parts {
            format: made.kind.as_str(),
            digest: made.digest.to_hex(),
            time_stamp: made.time_stamp,
            files: Some(made.files),
            ..parts("parallel")
        })
    }

    /// Packs files into a container and signs it.
    pub(super) fn sign_container<W: Write + Seek>(
        &self,
        kind: Kind,
        files: Vec<DataFile<'_>>,
        out: W,
        now: UnixTime,
    ) -> Result<Parts, Failure> {
        let options = self.files.options(now);
        let made: AsicSignature = match &self.long_term {
            Some(long) => asic::sign_asic_long_term(
                kind,
                files,
                out,
                &self.signer,
                &options,
                long.evidence.material(),
                &self.services(long, &ValidationPolicy::default()),
                &long.options,
            )
            .map_err(extend::failure)?,
            None => asic::sign_asic(
                kind,
                files,
                out,
                &self.signer,
                &options,
                self.time_stamper.as_deref(),
            )
            .map_err(cades_failure)?,
        };
        Ok(Parts {
            format: kind.as_str(),
            digest: made.digest.to_hex(),
            time_stamp: made.time_stamp,
            level: self
                .long_term
                .as_ref()
                .map(|l| l.options.to.level().as_str()),
            archive: made.archive,
            files: Some(made.files),
            ..parts("container")
        })
    }

    /// The files of `inputs` in one container; a folder keeps its structure.
    pub(super) fn sign_together(
        &self,
        kind: Kind,
        inputs: &[PathBuf],
        out: &Path,
    ) -> Result<Signed, Failure> {
        let mut named = Vec::new();
        for input in inputs {
            let name = input.file_name().unwrap_or_default();
            let name = utf8(Path::new(name))?;
            if input.is_dir() {
                search(input, &name, &mut named)?;
            } else {
                named.push((name, input.clone()));
            }
        }
        let mut watched = Vec::new();
        let mut files = Vec::new();
        let mut target = AtomicFile::options(self.overwrite).inputs(&self.reads);
        for (name, path) in named {
            let file = open(&path)?;
            target = target.input(&path);
            files.push(data_file(name, &file)?);
            watched.push(Unchanged::watch(&file)?);
        }
        let target = target.create(out)?;
        let mut target = std::io::BufWriter::with_capacity(1 << 18, target);
        let now = SystemClock.now();
        let made = self.sign_container(kind, files, &mut target, now);
        let made = watched
            .iter()
            .try_for_each(Unchanged::check)
            .and(made)
            .context("cannot sign the files")?;
        let written = |e: std::io::IntoInnerError<_>| e.into_error();
        let target: AtomicFile = target
            .into_inner()
            .map_err(written)
            .context(format_args!("cannot write {}", out.display()))?;
        target.commit()?;
        let first = inputs.first().cloned().unwrap_or_default();
        Ok(self.describe(&first, out.to_owned(), now, made))
    }
}

/// A file on disk, to be packed.
pub(super) fn data_file(name: String, file: &File) -> Result<DataFile<'static>, Failure> {
    Ok(DataFile {
        name,
        media_type: None,
        len: file.metadata()?.len(),
        content: Box::new(BufReader::new(file.try_clone()?)),
    })
}

/// Everything below a folder, hidden files left out.
fn search(folder: &Path, name: &str, found: &mut Vec<(String, PathBuf)>) -> Result<(), Failure> {
    let unreadable = || format!("cannot read folder {}", folder.display());
    let entries = std::fs::read_dir(folder).context(unreadable())?;
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.context(unreadable())?;
        // A link to a folder may lead upwards, and so round for ever.
        let kind = entry.file_type().context(unreadable())?;
        paths.push((entry.path(), kind.is_dir()));
    }
    paths.sort();
    for (path, is_folder) in paths {
        let own = utf8(Path::new(path.file_name().unwrap_or_default()))?;
        if own.starts_with('.') {
            continue;
        }
        let name = format!("{name}/{own}");
        if is_folder {
            search(&path, &name, found)?;
        } else if path.is_dir() {
            return Err(Failure::message(
                Exit::Data,
                format_args!("{} is a link to a folder", path.display()),
            )
            .with_hint("give that folder itself, or take the link out of this one"));
        } else {
            found.push((name, path));
        }
    }
    Ok(())
}

/// Names in a container are UTF-8.
pub(super) fn utf8(name: &Path) -> Result<String, Failure> {
    name.to_str().map(str::to_owned).ok_or_else(|| {
        Failure::message(
            Exit::Data,
            format_args!("the name {} is not UTF-8", name.display()),
        )
        .with_hint("rename the file")
    })
}

fn parts(packaging: &'static str) -> Parts {
    Parts {
        format: "CAdES",
        packaging,
        field: None,
        digest: String::new(),
        time_stamp: None,
        level: None,
        archive: None,
        files: None,
    }
}

/// The container that a format asks for.
pub(super) fn container(format: Format) -> Option<Kind> {
    match format {
        Format::AsicS => Some(Kind::Simple),
        Format::AsicE => Some(Kind::Extended),
        Format::Pades | Format::Cades => None,
    }
}

/// All inputs into one container, where that is what is asked for.
pub(super) fn together(
    args: &super::Args,
    output: &OutputArgs,
    job: impl FnOnce() -> Result<Job, Failure>,
    kind: Kind,
) -> Result<Exit, Failure> {
    let Some(out) = &args.out else {
        return Err(Failure::message(
            Exit::Usage,
            "several files go into one container, which needs a name",
        )
        .with_hint("give --out NAME.asice, or --out-dir DIR for a container each"));
    };
    let signed = job()?.sign_together(kind, &args.inputs, out)?;
    super::show(&signed, output)
}

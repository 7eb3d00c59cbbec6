//! `sceau sign --prepare` and `--complete`: the key is elsewhere, and only the digest travels.
//!
//! Preparing does all that signing does before the key signs. Completing verifies the signature that
//! came back with the certificate's key, and the document with what was prepared, before an output
//! exists.

mod signatures;
mod state;

use std::fs::File;
use std::io::{self, BufReader, BufWriter};
use std::path::{Path, PathBuf};

use ades::cades::prepare_file;
use ades::cms::build::CmsIdentity;
use ades::cms::prepare::{KeptIdentity, ToBeSigned};
use ades::pades::{ROOM_FOR_TIME_STAMP, prepare_pdf};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cli_support::{AtomicFile, Exit, Failure, OutputArgs, Overwrite, ResultExt, path as names};
use pdf_file::FileSource;
use pki_asn1::{Clock, SystemClock, UnixTime};
use serde_json::{Value, json};

use super::Args;
use super::args::{Format, Level};
use super::batch::{self, Claims};
use super::document::{
    Job, Packaging, Parts, Signed, Unchanged, cades_failure, open, pades_failure, refuse_empty,
};
use super::identity::{self, build_failure};
use crate::network::Network;
use state::{Document, Prepared, PreparedLevel, State};

/// The identity alone; boxed, so that it is used like a signer.
type Elsewhere = Job<Box<CmsIdentity>>;

/// Writes what completing needs, and what is to be signed.
pub(super) fn prepare(path: &Path, args: &Args, output: &OutputArgs) -> Result<Exit, Failure> {
    let level = match args.level {
        None | Some(Level::BB) => PreparedLevel::BB,
        Some(Level::BT) => PreparedLevel::BT,
        Some(level @ (Level::BLt | Level::BLta)) => {
            return Err(Failure::message(
                Exit::Usage,
                format_args!("level {} cannot be prepared", level.name()),
            )
            .with_hint("prepare level b-t, and raise the completed signature with sceau extend"));
        }
    };
    let job = super::job(
        args,
        || identity::without_key(&args.key).map(Box::new),
        None,
    )?;
    let outputs = [
        Some(path),
        args.apart.dtbs.as_deref(),
        args.apart.dtbsr.as_deref(),
    ];
    differ(&outputs)?;
    let mut state = State::new(level, KeptIdentity::of(&job.signer).map_err(build_failure)?);
    let mut shown = Vec::new();
    let mut text = String::new();
    let mut last = None;
    let inputs = batch::inputs(&super::sources(args))?;
    let created = outputs.map(|path| {
        let new = AtomicFile::options(job.overwrite).inputs(&inputs);
        path.map(|path| new.inputs(&job.reads).create(path))
            .transpose()
    });
    let [state_file, dtbs, dtbsr] = created;
    let (state_file, dtbs, dtbsr) = (state_file?, dtbs?, dtbsr?);
    for input in inputs {
        let document = job.prepare(&input, level)?;
        let to_be_signed = document.prepared.to_be_signed(&job.signer)?;
        text.push_str(&describe(&document, &to_be_signed));
        shown.push(shown_as_json(&document, &to_be_signed));
        last = Some((
            to_be_signed.message().to_vec(),
            to_be_signed.digest().map(|d| d.as_bytes().to_vec()),
        ));
        state.documents.push(document);
    }
    let algorithm = job.signer.signature_algorithm();
    if (dtbs.is_some() || dtbsr.is_some()) && state.documents.len() != 1 {
        return Err(Failure::message(
            Exit::Usage,
            "--dtbs and --dtbsr are for one document, and there are several",
        )
        .with_hint("take the bytes of each from the output of --json"));
    }
    if let Some((bytes, digest)) = last {
        let digest = match (dtbsr, digest) {
            (None, _) => None,
            (Some(file), Some(digest)) => Some((file, digest)),
            (Some(_), None) => {
                return Err(Failure::message(
                    Exit::Usage,
                    format_args!("{algorithm} signs the bytes themselves, not a digest of them"),
                )
                .with_hint("give --dtbs FILE instead of --dtbsr"));
            }
        };
        if let Some(file) = dtbs {
            file.finish(&bytes)?;
        }
        if let Some((file, digest)) = digest {
            file.finish(&digest)?;
        }
    }
    if let Some(file) = state_file {
        state.write(file)?;
    }
    text.push_str(&format!(
        "sign with {algorithm}, then: sceau sign --complete {} --signature FILE\n",
        path.display()
    ));
    let value = json!({
        "schema": "sceau.toBeSigned/1",
        "state": names::text(path),
        "signatureAlgorithm": algorithm.to_string(),
        "documents": shown,
    });
    output.result(&value, || text)?;
    Ok(Exit::Ok)
}

/// Outputs of one command must not replace each other.
fn differ(outputs: &[Option<&Path>]) -> Result<(), Failure> {
    let mut seen = Vec::new();
    for path in outputs.iter().flatten() {
        let whole = std::path::absolute(path)?;
        if seen.contains(&whole) {
            let message = format!("{} is to be two outputs at once", path.display());
            return Err(Failure::message(Exit::Usage, message)
                .with_hint("give --prepare, --dtbs and --dtbsr a file each"));
        }
        seen.push(whole);
    }
    Ok(())
}

fn describe(document: &Document, to_be_signed: &ToBeSigned<'_>) -> String {
    let what = match to_be_signed.digest() {
        Some(digest) => format!("{} {}", digest.algorithm(), digest.to_hex()),
        None => format!("{} bytes", to_be_signed.message().len()),
    };
    format!(
        "prepared {}\n  to be signed: {what}\n",
        document.file.display()
    )
}

fn shown_as_json(document: &Document, to_be_signed: &ToBeSigned<'_>) -> Value {
    let mut shown = json!({
        "file": names::text(&document.file),
        "toBeSigned": STANDARD.encode(to_be_signed.message()),
    });
    if let Some(digest) = to_be_signed.digest() {
        shown["digestAlgorithm"] = digest.algorithm().name().into();
        shown["digest"] = STANDARD.encode(digest.as_bytes()).into();
    }
    shown
}

/// Makes signed documents of what was prepared and the signatures that came back.
pub(super) fn complete(
    path: &Path,
    args: &Args,
    network: &Network<'_>,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let mut state = State::read(path)?;
    let count = state.documents.len();
    let signatures = signatures::read(&args.apart.signature, count)?;
    if signatures.len() != count {
        return Err(Failure::message(
            Exit::Usage,
            format_args!(
                "{} signatures were given, and {count} documents were prepared",
                signatures.len()
            ),
        )
        .with_hint("give one for each, in the order in which the documents were prepared"));
    }
    match (&args.inputs[..], &mut state.documents[..]) {
        ([], _) => {}
        // It may have been moved since.
        ([input], [document]) => document.file = input.clone(),
        _ => {
            return Err(Failure::message(
                Exit::Usage,
                "the documents are those that were prepared; only where it is one can another path be given",
            )
            .with_hint("leave out the paths"));
        }
    }
    if args.out.is_some() && count > 1 {
        return Err(super::out_names_one_file());
    }
    let time_stamper = match state.level {
        PreparedLevel::BB if args.tsa.is_empty() => None,
        PreparedLevel::BB => {
            return Err(Failure::message(
                Exit::Usage,
                "it was prepared for level b-b, which has no time-stamp",
            )
            .with_hint("leave out --tsa, or prepare it again with --level b-t"));
        }
        PreparedLevel::BT => {
            let stamper = network.time_stamper(&args.tsa)?;
            Some(stamper.ok_or_else(|| {
                Failure::message(
                    Exit::Usage,
                    "it was prepared for level b-t, which needs a time-stamping authority",
                )
                .with_hint(
                    "give its address with --tsa URL, or a [[tsa]] table in the settings file",
                )
            })?)
        }
    };
    let identity = state.signer.restore().map_err(build_failure)?;
    identity::check(identity.certificate())?;
    let job = super::job(args, || Ok(Box::new(identity)), time_stamper)?;
    if let (false, [document], [signature]) = (
        args.out_dir.is_some(),
        &state.documents[..],
        &signatures[..],
    ) {
        let out = args.out.clone();
        let out = out.unwrap_or_else(|| job.completed_name(document, None));
        let signed = job.complete(document, signature, out)?;
        return super::show(&signed, output);
    }
    if let Some(folder) = &args.out_dir {
        std::fs::create_dir_all(folder)
            .context(format_args!("cannot create folder {}", folder.display()))
            .exit(Exit::CantCreate)?;
    }
    let mut claims = match job.overwrite {
        Overwrite::Refuse => Claims::default(),
        Overwrite::Replace => Claims::replacing(state.documents.iter().map(|d| d.file.as_path())),
    };
    let results = state.documents.iter().zip(&signatures);
    let results = results.map(|(document, signature)| {
        let out = job.completed_name(document, args.out_dir.as_deref());
        let claimed = claims.claim(&document.file, &out);
        let result = claimed.and_then(|()| job.complete(document, signature, out));
        (document.file.as_path(), result)
    });
    batch::report(results, output)
}

impl Elsewhere {
    fn prepare(&self, input: &Path, level: PreparedLevel) -> Result<Document, Failure> {
        let planned = self.plan(input, None, None)?;
        let file = open(input)?;
        let unchanged = Unchanged::watch(&file)?;
        let now = SystemClock.now();
        let prepared = match planned.format {
            Format::Pades => self.prepare_pdf(file, level, now),
            Format::Cades => self.prepare_file(file, now),
            Format::AsicS | Format::AsicE => Err(Failure::message(
                Exit::Usage,
                "a container cannot be signed apart",
            )
            .with_hint("prepare the file itself, with --format cades")),
        };
        let prepared = unchanged
            .check()
            .and(prepared)
            .context(format_args!("cannot prepare {}", input.display()))?;
        Ok(Document {
            file: input.to_owned(),
            signing_time: now.to_string(),
            prepared,
        })
    }

    fn prepare_pdf(
        &self,
        file: File,
        level: PreparedLevel,
        now: UnixTime,
    ) -> Result<Prepared, Failure> {
        let pdf = self.open_pdf(file)?;
        let options = self.pades_options(now);
        let room = (level == PreparedLevel::BT).then_some(ROOM_FOR_TIME_STAMP);
        prepare_pdf(&pdf, &self.signer, &options, room)
            .map(Prepared::Pades)
            .map_err(pades_failure)
    }

    fn prepare_file(&self, file: File, now: UnixTime) -> Result<Prepared, Failure> {
        refuse_empty(&file)?;
        if self.files.joins.is_some() {
            return Err(Failure::message(
                Exit::Usage,
                "--add and --countersign need the key at hand",
            ));
        }
        let options = self.files.options(now);
        let prepared = prepare_file(&mut BufReader::new(file), &self.signer, &options);
        let prepared = prepared.map_err(cades_failure)?;
        Ok(match self.packaging {
            Some(Packaging::Attached) => Prepared::CadesAttached(prepared),
            _ => Prepared::CadesDetached(prepared),
        })
    }

    /// Where the signature goes, unless it is said.
    fn completed_name(&self, document: &Document, folder: Option<&Path>) -> PathBuf {
        let (format, packaging) = document.prepared.kind();
        self.usual_name(&document.file, folder, format, packaging)
    }

    fn complete(
        &self,
        document: &Document,
        signature: &[u8],
        out: PathBuf,
    ) -> Result<Signed, Failure> {
        let input = &document.file;
        let file = open(input)?;
        let unchanged = Unchanged::watch(&file)?;
        let target = AtomicFile::options(self.overwrite)
            .input(input)
            .inputs(&self.reads)
            .create(&out)?;
        let mut target = BufWriter::with_capacity(1 << 18, target);
        let parts = self.complete_into(&document.prepared, file, signature, &mut target);
        let parts = unchanged
            .check()
            .and(parts)
            .context(format_args!("cannot complete {}", input.display()))?;
        let written = |e: io::IntoInnerError<BufWriter<AtomicFile>>| e.into_error();
        target
            .into_inner()
            .map_err(written)
            .context(format_args!("cannot write {}", out.display()))?
            .commit()?;
        let mut signed = self.describe(input, out, SystemClock.now(), parts);
        signed.signing_time.clone_from(&document.signing_time);
        Ok(signed)
    }

    fn complete_into(
        &self,
        prepared: &Prepared,
        mut file: File,
        signature: &[u8],
        out: &mut dyn io::Write,
    ) -> Result<Parts, Failure> {
        let time_stamper = self.time_stamper.as_deref();
        let identity = &self.signer;
        let made = match prepared {
            Prepared::Pades(prepared) => {
                let source = FileSource::new(file)?;
                let made = prepared
                    .complete(&source, out, identity, signature, time_stamper)
                    .map_err(pades_failure)?;
                return Ok(Parts::of_pdf(made));
            }
            Prepared::CadesDetached(prepared) => prepared.complete_detached(
                &mut BufReader::new(file),
                out,
                identity,
                signature,
                time_stamper,
            ),
            Prepared::CadesAttached(prepared) => {
                prepared.complete_attached(&mut file, out, identity, signature, time_stamper)
            }
        }
        .map_err(cades_failure)?;
        Ok(Parts {
            format: "CAdES",
            packaging: match prepared {
                Prepared::CadesAttached(_) => "attached",
                _ => "detached",
            },
            field: None,
            digest: made.digest.to_hex(),
            time_stamp: made.time_stamp,
            level: None,
            archive: None,
            files: None,
        })
    }
}

impl Prepared {
    fn kind(&self) -> (Format, Option<Packaging>) {
        match self {
            Self::Pades(_) => (Format::Pades, None),
            Self::CadesDetached(_) => (Format::Cades, Some(Packaging::Detached)),
            Self::CadesAttached(_) => (Format::Cades, Some(Packaging::Attached)),
        }
    }

    fn to_be_signed<'s>(&self, identity: &'s CmsIdentity) -> Result<ToBeSigned<'s>, Failure> {
        match self {
            Self::Pades(prepared) => prepared.to_be_signed(identity).map_err(pades_failure),
            Self::CadesDetached(prepared) | Self::CadesAttached(prepared) => {
                prepared.to_be_signed(identity).map_err(cades_failure)
            }
        }
    }
}

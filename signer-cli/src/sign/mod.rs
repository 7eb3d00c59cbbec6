//! `sceau sign`: PAdES for a PDF, CAdES or an ASiC container for anything else.
//!
//! The command line is checked first, then the key is opened once, then each document is signed
//! into a file that is whole or absent.

mod apart;
mod args;
mod batch;
mod defaults;
mod document;
mod files;
mod identity;
mod long_term;
mod preview;
mod reads;
mod remote;
mod strength;
mod visible;

use std::ops::Deref;
use std::path::Path;

use ades::cms::build::CmsIdentity;
use ades::tsp::TimeStamper;
use cli_support::path::printable;
use cli_support::{Exit, Failure, OutputArgs, Overwrite};
use secrecy::SecretString;
use serde_json::json;

use args::Declared;
pub(crate) use args::visible::{
    Beside, Border, Direction, Language, VisibleArgs, font_size, offset,
};
pub(crate) use args::{Args, Level};
pub(crate) use batch::bug;
use batch::{Earlier, Sources};
use document::{Job, Packaging, Signed};
pub(crate) use document::{Unchanged, open};
use files::FileJob;
use long_term::LongTerm;
use visible::Visible;

use crate::network::Network;
use crate::settings::{self, Settings};

pub(crate) fn run(
    mut args: Args,
    settings: &Settings,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    refuse_standard_output(args.out.as_deref())?;
    args.fill(settings);
    args.visible.fill(&settings.visible)?;
    let args = &args;
    let network = &Network::new(settings, &args.network)?;
    if let Some(state) = &args.apart.complete {
        return apart::complete(state, args, network, output);
    }
    if let Some(state) = &args.apart.prepare {
        return apart::prepare(state, args, output);
    }
    if let Some(png) = &args.visible.preview {
        return preview::run(png, args, network, output);
    }
    let Some(key) = &args.key.key else {
        return Err(
            Failure::message(Exit::Usage, "there is no key to sign with").with_hint(
                "give --key with a PKCS#11 URI or a key file, or key in the settings file",
            ),
        );
    };
    let time_stamper = time_stamper(args, network)?;
    let sources = sources(args);
    let many = sources.are_many();
    let one_container = args
        .format
        .and_then(files::container)
        .filter(|_| many && args.out_dir.is_none() && args.batch.from.is_none())
        .filter(|_| !args.files.add && args.files.countersign.is_none());
    if let Some(kind) = one_container {
        let signer = || identity::open(key, &args.key, network, 1).map(|opened| opened.signer);
        let long_term = LongTerm::of(args, network)?;
        let job = || {
            let mut job = job(args, signer, time_stamper)?;
            job.long_term = long_term;
            Ok(job)
        };
        return files::together(args, output, job, kind);
    }
    if many && args.out.is_some() {
        return Err(out_names_one_file());
    }
    // A list or a pattern that is unusable should not cost a PIN entry.
    if many && !sources.list.is_some_and(batch::is_standard_input) {
        sources.items()?;
    }
    let long_term = LongTerm::of(args, network)?;
    let documents = if many { usize::MAX } else { 1 };
    let mut at_once = 1;
    let signer = || {
        let opened = identity::open(key, &args.key, network, documents)?;
        at_once = opened.at_once;
        Ok(opened.signer)
    };
    let mut job = job(args, signer, time_stamper)?;
    job.long_term = long_term;
    if many {
        return batch::run(&job, at_once, &sources, args, output);
    }
    let Some(document) = args.inputs.first() else {
        return Err(Failure::message(Exit::Usage, "there is nothing to sign"));
    };
    let planned = job.plan(document, args.out.as_deref(), None)?;
    show(&job.sign(planned)?, output)
}

fn sources(args: &Args) -> Sources<'_> {
    Sources {
        inputs: &args.inputs,
        list: args.batch.from.as_deref(),
        out_dir: args.out_dir.as_deref(),
        earlier: Earlier::LeftOut,
    }
}

/// Other programs take `-` for standard output, and here a file of that name would surprise.
pub(crate) fn refuse_standard_output(out: Option<&Path>) -> Result<(), Failure> {
    if out != Some(Path::new("-")) {
        return Ok(());
    }
    let message = "an output is whole or absent, so it is a file and not standard output";
    Err(Failure::message(Exit::Usage, message)
        .with_hint("give the file a name, and its folder for the name - (--out ./-)"))
}

fn out_names_one_file() -> Failure {
    Failure::message(
        Exit::Usage,
        "--out names one file, and there are several documents",
    )
    .with_hint("give --out-dir DIR")
}

/// What all documents have in common; the signer last, so that a mistake elsewhere costs no PIN.
fn job<K: Deref<Target = CmsIdentity>>(
    args: &Args,
    signer: impl FnOnce() -> Result<K, Failure>,
    time_stamper: Option<Box<dyn TimeStamper>>,
) -> Result<Job<K>, Failure> {
    let password = password(args)?;
    let files = FileJob::new(&args.files, Declared::read(&args.declared, &args.files)?)?;
    let visible = Visible::of(&args.visible)?;
    let signer = signer()?;
    Ok(Job {
        visible: visible.map(|visible| visible.for_signer(signer.certificate())),
        signer,
        time_stamper,
        format: args.format,
        pades: args.pades.clone(),
        password,
        packaging: match (args.attached, args.detached) {
            (true, _) => Some(Packaging::Attached),
            (_, true) => Some(Packaging::Detached),
            _ => None,
        },
        overwrite: if args.force {
            Overwrite::Replace
        } else {
            Overwrite::Refuse
        },
        reads: args.reads(),
        long_term: None,
        files,
    })
}

fn show(signed: &Signed, output: &OutputArgs) -> Result<Exit, Failure> {
    let mut value = json!({ "schema": "sceau.sign/1" });
    if let (Some(value), serde_json::Value::Object(fields)) =
        (value.as_object_mut(), serde_json::to_value(signed)?)
    {
        value.extend(fields);
    }
    output.result(&value, || text(signed))?;
    Ok(Exit::Ok)
}

fn text(signed: &Signed) -> String {
    let others = match signed.files.as_deref().map_or(0, <[_]>::len) {
        0 | 1 => String::new(),
        2 => " and another file".into(),
        files => format!(" and {} other files", files - 1),
    };
    let mut text = format!(
        "signed {}{others} -> {}\n  {} {}, {}\n  by {}\n",
        printable(&signed.file),
        printable(&signed.out),
        signed.format,
        signed.level,
        signed.packaging,
        signed.signer.subject
    );
    if let Some(stamp) = &signed.timestamp {
        text.push_str(&format!(
            "  time-stamped {} by {}\n",
            stamp.time, stamp.authority
        ));
    }
    if let Some(stamp) = &signed.archive_timestamp {
        text.push_str(&format!(
            "  archive time-stamp {} by {}\n",
            stamp.time, stamp.authority
        ));
    }
    text
}

/// The level and the authorities have to fit each other.
fn time_stamper(
    args: &Args,
    network: &Network<'_>,
) -> Result<Option<Box<dyn TimeStamper>>, Failure> {
    let usage =
        |message: &str, hint: &str| Err(Failure::message(Exit::Usage, message).with_hint(hint));
    match args.level {
        Some(Level::BB) if !args.tsa.is_empty() => {
            return usage(
                "--tsa has no effect at level b-b",
                "leave out --tsa, or give --level b-t",
            );
        }
        Some(Level::BB) => return Ok(None),
        _ => {}
    }
    let stamper = network.time_stamper(&args.tsa)?;
    if let (None, Some(level)) = (&stamper, args.level) {
        return usage(
            &format!("level {} needs a time-stamping authority", level.name()),
            "give its address with --tsa URL, or a [[tsa]] table in the settings file",
        );
    }
    Ok(stamper)
}

fn password(args: &Args) -> Result<Option<SecretString>, Failure> {
    let Some(path) = &args.pades.password_file else {
        return Ok(None);
    };
    settings::secret(path, "the password file").map(Some)
}

//! `sceau sign`: PAdES for a PDF, CAdES for anything else.
//!
//! The command line is checked first, then the key is opened once, then each document is signed
//! into a file that is whole or absent.

mod apart;
mod args;
mod batch;
mod document;
mod identity;
mod long_term;
mod preview;
mod strength;
mod visible;

use std::ops::Deref;
use std::sync::Arc;

use ades::cms::build::CmsIdentity;
use ades::net::UreqClient;
use ades::tsp::{Client, TimeStamper};
use cli_support::{Exit, Failure, OutputArgs, Overwrite, input};
use secrecy::SecretString;
use serde_json::json;
use zeroize::Zeroizing;

pub(crate) use args::Args;
use args::Level;
use document::{Job, Packaging, Signed};
pub(crate) use document::{Unchanged, open};
use long_term::LongTerm;
use visible::Visible;

/// A password is a line, not a document.
const MAX_PASSWORD_FILE: u64 = 4096;

pub(crate) fn run(args: &Args, output: &OutputArgs) -> Result<Exit, Failure> {
    if let Some(state) = &args.apart.complete {
        return apart::complete(state, args, output);
    }
    if let Some(state) = &args.apart.prepare {
        return apart::prepare(state, args, output);
    }
    if let Some(png) = &args.visible.preview {
        return preview::run(png, args, output);
    }
    let Some(key) = &args.key.key else {
        return Err(Failure::message(Exit::Usage, "there is no key"));
    };
    let time_stamper = time_stamper(args)?;
    let many = args.inputs.len() > 1
        || args.out_dir.is_some()
        || args.inputs.iter().any(|path| path.is_dir());
    if many && args.out.is_some() {
        return Err(out_names_one_file());
    }
    let items = if many {
        batch::collect(&args.inputs, args.out_dir.as_deref())?
    } else {
        Vec::new()
    };
    let long_term = LongTerm::of(args)?;
    let mut job = job(
        args,
        || identity::open(key, &args.key, items.len()),
        time_stamper,
    )?;
    job.long_term = long_term;
    if many {
        return batch::run(&job, &items, output);
    }
    let Some(document) = args.inputs.first() else {
        return Err(Failure::message(Exit::Usage, "there is nothing to sign"));
    };
    let signed = job.sign(job.plan(document, args.out.as_deref(), None)?)?;
    show(&signed, output)
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
        long_term: None,
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
    let mut text = format!(
        "signed {} -> {}\n  {} {}, {}\n  by {}\n",
        signed.file.display(),
        signed.out.display(),
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
fn time_stamper(args: &Args) -> Result<Option<Box<dyn TimeStamper>>, Failure> {
    let usage =
        |message: &str, hint: &str| Err(Failure::message(Exit::Usage, message).with_hint(hint));
    match args.level {
        Some(level @ (Level::BT | Level::BLt | Level::BLta)) if args.tsa.is_empty() => {
            return usage(
                &format!("level {} needs a time-stamping authority", level.name()),
                "give its address with --tsa URL",
            );
        }
        Some(Level::BB) if !args.tsa.is_empty() => {
            return usage(
                "--tsa has no effect at level b-b",
                "leave out --tsa, or give --level b-t",
            );
        }
        _ => {}
    }
    if args.tsa.is_empty() {
        return Ok(None);
    }
    for url in &args.tsa {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return usage(
                &format!("--tsa {url} is not an http or https URL"),
                "give a URL such as http://tsa.sceau.example/",
            );
        }
    }
    let http = Arc::new(UreqClient::default());
    Ok(Some(Box::new(Client::new(http, args.tsa.clone()))))
}

fn password(args: &Args) -> Result<Option<SecretString>, Failure> {
    let Some(path) = &args.pades.password_file else {
        return Ok(None);
    };
    let text = Zeroizing::new(input::read_text(
        path,
        "the password file",
        MAX_PASSWORD_FILE,
    )?);
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    Ok(Some(SecretString::from(line)))
}

//! `sceau extend`: raises the signatures of a file to a level that lasts longer, or renews its
//! archive time-stamp.

mod args;
mod batch;
mod document;
mod report;

use std::sync::Arc;

use ades::net::UreqClient;
use ades::tsp::{Client, TimeStamper};
use cli_support::{Exit, Failure, OutputArgs, Overwrite};
use secrecy::SecretString;
use serde_json::json;

use crate::evidence_files::{self, EvidenceFiles};

pub(crate) use args::Args;
use args::EvidenceArgs;
use document::Job;
pub(crate) use document::failure;

pub(crate) fn run(args: &Args, output: &OutputArgs) -> Result<Exit, Failure> {
    let many = args.inputs.len() > 1
        || args.out_dir.is_some()
        || args.inputs.iter().any(|path| path.is_dir());
    if many && args.out.is_some() {
        return Err(Failure::message(
            Exit::Usage,
            "--out names one file, and there are several documents",
        )
        .with_hint("give --out-dir DIR"));
    }
    let password = match &args.password_file {
        Some(path) => {
            let text = cli_support::input::read_text(path, "the password file", 4096)?;
            Some(SecretString::from(text.trim_end_matches(['\r', '\n'])))
        }
        None => None,
    };
    let EvidenceArgs {
        trust,
        certificates,
        crl,
        offline,
    } = &args.evidence;
    let job = Job {
        options: args.options(),
        collector: evidence_files::collector(*offline),
        time_stamper: time_stamper(&args.tsa)?,
        evidence: EvidenceFiles::read(trust, certificates, crl)?,
        password,
        overwrite: if args.force {
            Overwrite::Replace
        } else {
            Overwrite::Refuse
        },
    };
    if many {
        return batch::run(&job, args, output);
    }
    let Some(input) = args.inputs.first() else {
        return Err(Failure::message(Exit::Usage, "there is nothing to extend"));
    };
    let out = args.out.clone();
    let out = out.unwrap_or_else(|| Job::usual_name(input, None));
    let extended = job.extend(input, &out)?;
    let mut value = json!({ "schema": "sceau.extend/1" });
    if let (Some(value), serde_json::Value::Object(fields)) =
        (value.as_object_mut(), serde_json::to_value(&extended)?)
    {
        value.extend(fields);
    }
    output.result(&value, || extended.to_text())?;
    Ok(Exit::Ok)
}

fn time_stamper(urls: &[String]) -> Result<Option<Box<dyn TimeStamper>>, Failure> {
    for url in urls {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(Failure::message(
                Exit::Usage,
                format!("--tsa {url} is not an http or https URL"),
            )
            .with_hint("give a URL such as http://tsa.sceau.example/"));
        }
    }
    if urls.is_empty() {
        return Ok(None);
    }
    let http = Arc::new(UreqClient::default());
    Ok(Some(Box::new(Client::new(http, urls.to_vec()))))
}

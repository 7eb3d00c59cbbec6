//! `sceau extend`: raises the signatures of a file to a level that lasts longer, or renews its
//! archive time-stamp.

mod args;
mod batch;
mod document;
mod report;

use cli_support::{Exit, Failure, OutputArgs, Overwrite};
use serde_json::json;

pub(crate) use args::Args;
use args::EvidenceArgs;
use document::Job;
pub(crate) use document::failure;

use crate::evidence_files::EvidenceFiles;
use crate::network::{Access, Network};
use crate::settings::{self, Settings};
use crate::sign::refuse_standard_output;

pub(crate) fn run(
    mut args: Args,
    settings: &Settings,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    refuse_standard_output(args.out.as_deref())?;
    if args.evidence.trust.is_empty() {
        args.evidence.trust.clone_from(&settings.trust);
    }
    let args = &args;
    let network = Network::new(settings, &args.network)?;
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
    if many && args.content.is_some() {
        return Err(Failure::message(
            Exit::Usage,
            "--content names one file, and there are several signatures",
        )
        .with_hint("what lies beside NAME.p7s as NAME is found without it"));
    }
    let password = match &args.password_file {
        Some(path) => Some(settings::secret(path, "the password file")?),
        None => None,
    };
    let EvidenceArgs {
        trust,
        certificates,
        crl,
        offline,
    } = &args.evidence;
    let access = if *offline {
        Access::Offline
    } else {
        Access::Online
    };
    let job = Job {
        options: args.options(),
        collector: network.collector(access),
        time_stamper: network.time_stamper(&args.tsa)?,
        evidence: EvidenceFiles::read(trust, certificates, crl)?
            .with_lists(args.trusted_lists.read_now(&network, access)?),
        password,
        content: args.content.clone(),
        reads: [trust, certificates, crl]
            .into_iter()
            .flatten()
            .chain(&args.password_file)
            .cloned()
            .chain(args.trusted_lists.reads())
            .collect(),
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

//! `sceau sign --preview`: the visible signature as a picture, without signing.

use std::path::Path;

use cli_support::{AtomicFile, Exit, Failure, OutputArgs, path};
use pki_asn1::{Clock, SystemClock};
use serde_json::json;

use super::document::{open, pades_failure};
use super::{Args, identity, job};
use crate::network::Network;

/// Draws what signing the document now would show. A certificate that is given suffices; the key is
/// only opened to find it.
pub(super) fn run(
    png: &Path,
    args: &Args,
    network: &Network<'_>,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let [document] = args.inputs.as_slice() else {
        return Err(Failure::message(
            Exit::Usage,
            "--preview shows one document, and there are several",
        )
        .with_hint("give the one whose signature you want to see"));
    };
    let job = job(
        args,
        || match (&args.key.cert, &args.key.key) {
            (None, Some(key)) => {
                let opened = identity::open(key, &args.key, network, 1)?;
                Ok(Box::new(opened.signer.identity().clone()))
            }
            _ => identity::without_key(&args.key).map(Box::new),
        },
        None,
    )?;
    let shown = |failure: Failure| {
        failure.with_context(format_args!("cannot preview {}", document.display()))
    };
    let pdf = job.open_pdf(open(document)?).map_err(shown)?;
    let options = job.pades_options(SystemClock.now());
    let canvas =
        ades::pades::appearance_canvas(&pdf, &options).map_err(|e| shown(pades_failure(e)))?;
    // Clap sees to it that --preview comes with --visible.
    let (Some(canvas), Some(visible)) = (canvas, &job.visible) else {
        return Err(Failure::message(Exit::Usage, "there is nothing to preview")
            .with_hint("say where the signature is to be seen, with --visible"));
    };
    let picture = visible
        .png(job.signer.certificate(), &options, &canvas)
        .map_err(shown)?;
    AtomicFile::options(job.overwrite)
        .input(document)
        .inputs(&job.reads)
        .create(png)?
        .finish(&picture)?;
    let value = json!({
        "schema": "sceau.preview/1",
        "file": path::text(document),
        "preview": path::text(png),
        "width": canvas.width,
        "height": canvas.height,
    });
    output.result(&value, || {
        format!(
            "preview of {} -> {}\n  {} by {} points; nothing was signed\n",
            document.display(),
            png.display(),
            canvas.width,
            canvas.height
        )
    })?;
    Ok(Exit::Ok)
}

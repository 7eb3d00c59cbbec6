//! Ten times what a responder can carry: what it still answers, what it refuses, what that costs, and how soon it is over.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail};
use sceau_tests::{Backend, Hierarchy, http};

use crate::Effort;
use crate::load::{Asked, Refusals, Reuse, wrk};
use crate::ocsp::{MEDIA_TYPE, NONCE, requests};
use crate::responder::Responder;
use crate::table::Table;

pub(crate) fn measure(hierarchy: &Hierarchy, effort: Effort, table: &mut Table) -> Result<()> {
    let [plain, nonced] = requests(hierarchy)?;
    // RSA-4096 on one thread: so little that this machine can ask ten times as much.
    let settings = "signing-workers = 1\nsigning-queue = 16\n";
    let responder = Responder::start(
        hierarchy,
        "bench-little",
        Backend::KeyFile,
        "rsa4096",
        settings,
        &[],
    )?;
    let asked = |connections| Asked {
        url: responder.url(),
        body: Some((nonced.clone(), MEDIA_TYPE)),
        drawn: NONCE,
        connections,
        reuse: Reuse::Kept,
    };
    let work = "OCSP, overload, RSA-4096, one worker, a queue of 16";
    let carried = wrk(&asked(8), effort, Refusals::Fail)?;
    let before = responder.service.memory("VmHWM")?;
    table.row(
        work,
        "sceau-ocsp, 8 connections",
        &carried.figure(),
        "what it carries",
    );
    let over = wrk(&asked(256), effort, Refusals::Count)?;
    let ended = Instant::now();
    for request in [&plain, &nonced] {
        let answer = http::post(
            &responder.url(),
            MEDIA_TYPE,
            &std::fs::read(Path::new(request))?,
        )?;
        if answer.body.len() < 16 {
            bail!("refused after the load has ended");
        }
    }
    let recovered = ended.elapsed().as_millis();
    let answered = over.per_second * (1.0 - over.refused);
    table.row(
        work,
        "sceau-ocsp, 256 connections",
        &format!("{:.0}/s asked, {answered:.0}/s answered", over.per_second),
        &format!(
            "{:.0} x what it carries; the rest is tryLater",
            over.per_second / carried.per_second
        ),
    );
    let most = responder.service.memory("VmHWM")?;
    table.row(
        work,
        "sceau-ocsp, peak memory",
        &format!("{} MB", most / 1024),
        &format!("{} MB before", before / 1024),
    );
    table.row(
        work,
        "sceau-ocsp, the next two answers",
        &format!("{recovered} ms"),
        "",
    );
    Ok(())
}

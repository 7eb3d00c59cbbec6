//! OCSP: cached and signed on demand, beside `openssl ocsp` and a bare server that repeats one answer, under wrk.

use std::path::{Path, PathBuf};

use anyhow::Result;
use sceau_tests::judges::openssl::openssl;
use sceau_tests::{Backend, Hierarchy, http};

use crate::load::{Asked, Drawn, Load, Reuse, apache_bench, in_turn};
use crate::peers::OpensslResponder;
use crate::responder::{Responder, slow_token};
use crate::signing::{self, Ceilings};
use crate::table::Table;
use crate::{Effort, static_server};

pub(crate) const MEDIA_TYPE: &str = "application/ocsp-request";

/// The nonce is what a request of openssl's ends with; half of it is enough to make each another.
pub(crate) const NONCE: Drawn = Drawn::Octets(8, 0);

/// Milliseconds that the token far away needs for each signature, on top.
const DELAY_MS: u64 = 3;

pub(crate) fn measure(hierarchy: &Hierarchy, effort: Effort, table: &mut Table) -> Result<()> {
    let [plain, nonced] = requests(hierarchy)?;
    let url = format!("{}/ocsp", hierarchy.office.base_url());
    let body = http::post(&url, MEDIA_TYPE, &std::fs::read(&plain)?)?.body;
    let bare = static_server::start(body, "application/ocsp-response")?;
    let openssl = OpensslResponder::start(hierarchy, &plain)?;
    let number = effort.pick(500, 10_000);
    let openssl = apache_bench(&openssl.url, &nonced, MEDIA_TYPE, number)?;
    table.row(
        "OCSP, a new connection each, 8 at once (ab)",
        "openssl ocsp",
        &openssl.figure(),
        "",
    );

    for reuse in [Reuse::Kept, Reuse::New] {
        for connections in [1, 64] {
            let asked = |url: &str| Asked {
                url: url.to_owned(),
                body: Some((plain.clone(), MEDIA_TYPE)),
                drawn: Drawn::Nothing,
                connections,
                reuse,
            };
            let [ceiling, ours] = in_turn(effort, [&asked(&bare), &asked(&url)])?;
            let work = format!("OCSP, cached, {}", connections_of(connections, reuse));
            table.row(&work, "ceiling: a bare server", &ceiling.figure(), "");
            let goal = match reuse {
                Reuse::Kept => 8,
                Reuse::New => 2,
            };
            table.row(
                &work,
                "sceau-ocsp",
                &ours.figure(),
                &format!(
                    "{:.2} of the ceiling (goal 0.8), {:.1} x openssl ocsp (goal {goal})",
                    ours.per_second / ceiling.per_second,
                    ours.per_second / openssl.per_second,
                ),
            );
        }
    }
    let path = http::ocsp_path(&std::fs::read(&plain)?);
    let get = |url: &str| Asked {
        url: format!("{url}/{path}"),
        body: None,
        drawn: Drawn::Nothing,
        connections: 64,
        reuse: Reuse::Kept,
    };
    let [ceiling, ours] = in_turn(effort, [&get(&bare), &get(&url)])?;
    let work = "OCSP, cached, GET, 64 connections, kept";
    table.row(work, "ceiling: a bare server", &ceiling.figure(), "");
    table.row(
        work,
        "sceau-ocsp",
        &ours.figure(),
        &of_ceiling(ours, ceiling.per_second),
    );
    signed_ahead(hierarchy, effort, &nonced, &bare, table)?;
    on_demand(hierarchy, effort, &nonced, &bare, openssl, table)
}

/// Under the cached policy a nonce is left out, so every request is answered with what was signed ahead.
fn signed_ahead(
    hierarchy: &Hierarchy,
    effort: Effort,
    nonced: &Path,
    bare: &str,
    table: &mut Table,
) -> Result<()> {
    let settings = "answers = \"pre-signed\"\nnonce = \"cached\"\n";
    let responder = Responder::start(
        hierarchy,
        "bench-ahead",
        Backend::KeyFile,
        "p256",
        settings,
        &[],
    )?;
    let asked = |url: String| Asked {
        url,
        body: Some((nonced.to_owned(), MEDIA_TYPE)),
        drawn: NONCE,
        connections: 64,
        reuse: Reuse::Kept,
    };
    let (bare, ours) = (asked(bare.to_owned()), asked(responder.url()));
    let [ceiling, ours] = in_turn(effort, [&bare, &ours])?;
    let work = "OCSP, signed ahead, nonces left out, 64 connections, kept";
    table.row(work, "ceiling: a bare server", &ceiling.figure(), "");
    let share = of_ceiling(ours, ceiling.per_second);
    table.row(work, "sceau-ocsp", &ours.figure(), &share);
    Ok(())
}

/// A request without a nonce, and one with.
pub(crate) fn requests(hierarchy: &Hierarchy) -> Result<[PathBuf; 2]> {
    let one = |nonce: &str| -> Result<PathBuf> {
        let file = hierarchy.path(format!("bench{nonce}.ocsp"));
        openssl("ocsp")
            .args([
                nonce,
                "-issuer",
                "companies-ca.pem",
                "-cert",
                "company-seal.pem",
                "-reqout",
            ])
            .arg(&file)
            .folder(&hierarchy.office.dir)
            .succeed()?;
        Ok(file)
    };
    Ok([one("-no_nonce")?, one("-nonce")?])
}

/// A nonce of its own in each request forces a signature for each.
fn on_demand(
    hierarchy: &Hierarchy,
    effort: Effort,
    nonced: &Path,
    bare: &str,
    openssl: Load,
    table: &mut Table,
) -> Result<()> {
    let asked = |url: String, connections| Asked {
        url,
        body: Some((nonced.to_owned(), MEDIA_TYPE)),
        drawn: NONCE,
        connections,
        reuse: Reuse::Kept,
    };
    // As many at once as the service has workers.
    let workers = std::thread::available_parallelism().map_or(4, |cores| cores.get().max(4));
    Backend::SoftHsm.prepare(&hierarchy.office.dir)?;
    let keys = [
        ("P-256 key file", "bench-p256", Backend::KeyFile, "p256"),
        (
            "RSA-3072 key file",
            "bench-rsa",
            Backend::KeyFile,
            "rsa3072",
        ),
        ("P-256 in SoftHSM", "bench-token", Backend::SoftHsm, "p256"),
    ];
    for (what, name, backend, key_type) in keys {
        let responder = Responder::start(hierarchy, name, backend, key_type, "", &[])?;
        let raw = signing::rate(&responder.office, &responder.key, workers, effort)?;
        for connections in [8, 64] {
            let (bare, ours) = (
                asked(bare.to_owned(), connections),
                asked(responder.url(), connections),
            );
            let [served, ours] = in_turn(effort, [&bare, &ours])?;
            let work = format!(
                "OCSP, signed for each, {what}, {}",
                connections_of(connections, Reuse::Kept)
            );
            let ceilings = Ceilings {
                served: served.per_second,
                signed: raw,
            };
            table.row(&work, Ceilings::WHO, &ceilings.figure(), "");
            table.row(
                &work,
                "sceau-ocsp",
                &ours.figure(),
                &format!(
                    "{}, {:.1} x openssl ocsp",
                    ceilings.beside(ours, 0.8),
                    ours.per_second / openssl.per_second
                ),
            );
        }
    }
    far_away(hierarchy, effort, asked, table)
}

/// A token with a network in front: what is waited for at the same time is answered at the same time.
fn far_away(
    hierarchy: &Hierarchy,
    effort: Effort,
    asked: impl Fn(String, usize) -> Asked,
    table: &mut Table,
) -> Result<()> {
    let (slow, module) = slow_token(&hierarchy.office.dir)?;
    let micros = (DELAY_MS * 1_000).to_string();
    let responder = Responder::start(
        hierarchy,
        "bench-far",
        Backend::SoftHsm,
        "p256",
        "signing-workers = 32\n",
        &[
            ("SCEAU_PKCS11_MODULE", &slow),
            ("SCEAU_SLOW_MODULE", &module),
            ("SCEAU_SLOW_MICROS", Path::new(&micros)),
        ],
    )?;
    let loads = in_turn(
        effort,
        [1, 8, 32].map(|n| asked(responder.url(), n)).each_ref(),
    )?;
    for (connections, load) in [1, 8, 32].into_iter().zip(loads) {
        table.row(
            &format!("OCSP, signed for each, token {DELAY_MS} ms away, 32 sessions"),
            &format!("sceau-ocsp, {}", connections_of(connections, Reuse::Kept)),
            &load.figure(),
            &format!(
                "{:.1} x one connection",
                load.per_second / loads[0].per_second
            ),
        );
    }
    Ok(())
}

fn connections_of(number: usize, reuse: Reuse) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} connection{plural}, {}", reuse.name())
}

fn of_ceiling(ours: Load, ceiling: f64) -> String {
    format!("{:.2} of the ceiling", ours.per_second / ceiling)
}

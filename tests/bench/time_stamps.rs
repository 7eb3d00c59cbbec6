//! Time-stamps, beside `openssl ts`, the key alone and a bare server that repeats one token, under wrk.

use anyhow::{Context, Result};
use sceau_tests::judges::openssl::openssl;
use sceau_tests::service::{Service, free_port};
use sceau_tests::{Hierarchy, http};

use crate::load::{Asked, Drawn, Reuse, in_turn};
use crate::peers::openssl_ts;
use crate::process::median_time;
use crate::signing::{self, Ceilings};
use crate::table::Table;
use crate::{Effort, static_server};

const MEDIA_TYPE: &str = "application/timestamp-query";

/// The last octets of the nonce, which stands before certReq (01 01 FF).
const NONCE: Drawn = Drawn::Octets(4, 3);

pub(crate) fn measure(hierarchy: &Hierarchy, effort: Effort, table: &mut Table) -> Result<()> {
    let office = &hierarchy.office;
    let query = office.path("bench-query.tsq");
    std::fs::write(office.path("bench-data"), "stamped often")?;
    openssl("ts")
        .args(["-query", "-sha256", "-cert", "-data", "bench-data", "-out"])
        .arg(&query)
        .folder(&office.dir)
        .succeed()?;
    let url = office.tsa_url();
    let body = http::post(&url, MEDIA_TYPE, &std::fs::read(&query)?)?.body;
    let bare = static_server::start(body, "application/timestamp-reply")?;
    // As many at once as the service has workers.
    let workers = std::thread::available_parallelism().map_or(4, |cores| cores.get().max(4));
    let raw = signing::rate(office, &office.backend.key("tsu"), workers, effort)?;
    let peer = openssl_ts(hierarchy, &query)?;
    let peer = 1.0 / median_time(effort.pick(5, 41), &peer, || Ok(()))?.as_secs_f64();

    for sync in ["each-group", "interval"] {
        let service = service(hierarchy, sync)?;
        for connections in [1, 64] {
            let asked = |url: &str| Asked {
                url: format!("{url}/"),
                body: Some((query.clone(), MEDIA_TYPE)),
                drawn: NONCE,
                connections,
                reuse: Reuse::Kept,
            };
            let [served, ours] = in_turn(effort, [&asked(&bare), &asked(service.url())])?;
            let plural = if connections == 1 { "" } else { "s" };
            let work = format!(
                "time-stamps, P-256, journal {sync}, {connections} connection{plural}, kept"
            );
            let ceilings = Ceilings {
                served: served.per_second,
                signed: raw,
            };
            table.row(&work, Ceilings::WHO, &ceilings.figure(), "");
            table.row(
                &work,
                "sceau-tsa",
                &ours.figure(),
                &format!(
                    "{}, {:.0} x openssl ts",
                    ceilings.beside(ours, 0.7),
                    ours.per_second / peer
                ),
            );
        }
    }
    table.row(
        "time-stamps, P-256",
        "openssl ts, a process each",
        &format!("{peer:.0}/s"),
        "",
    );
    Ok(())
}

/// A service with a journal of its own, which reaches the disk before each token is released, or within a second.
fn service(hierarchy: &Hierarchy, sync: &str) -> Result<Service> {
    let office = &hierarchy.office;
    let text = std::fs::read_to_string(office.path("sceau-tsa.toml"))?;
    let (_, rest) = text.split_once('\n').context("an empty configuration")?;
    let configuration = format!("bench-tsa-{sync}.toml");
    std::fs::write(
        office.path(&configuration),
        format!(
            "listen = [\"127.0.0.1:{}\"]\n{rest}\n[journal]\nfolder = \"bench-journal-{sync}\"\nsync = \"{sync}\"\n",
            free_port()?
        ),
    )?;
    Service::start(
        &office
            .program("sceau-tsa")?
            .args(["--config", &configuration]),
    )
}

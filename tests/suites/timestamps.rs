//! Time-stamps: RFC 3161 over HTTP, judged by `openssl ts`.

use anyhow::{Result, ensure};
use sceau_tests::judges::openssl::openssl;
use sceau_tests::{Hierarchy, http};

use crate::on_both_backends;

on_both_backends!(running: time_stamps_are_verified_by_openssl);

fn time_stamps_are_verified_by_openssl(hierarchy: &Hierarchy) -> Result<()> {
    let at = |name: &str| hierarchy.path(name);
    std::fs::write(at("data"), "what is stamped")?;
    let url = &hierarchy.office.tsa_url();
    for (digest, options) in [
        ("-sha256", &["-cert"][..]),
        ("-sha384", &["-cert"]),
        ("-sha512", &["-cert", "-no_nonce"]),
    ] {
        openssl("ts")
            .args(["-query", digest])
            .args(options)
            .arg("-data")
            .arg(at("data"))
            .arg("-out")
            .arg(at("query.tsq"))
            .succeed()?;
        let response = http::post(
            url,
            "application/timestamp-query",
            &std::fs::read(at("query.tsq"))?,
        )?;
        ensure!(response.status == 200, "HTTP status {}", response.status);
        ensure!(
            response.header("content-type") == Some("application/timestamp-reply"),
            "{:?}",
            response.headers
        );
        std::fs::write(at("reply.tsr"), &response.body)?;
        let outcome = openssl("ts")
            .arg("-verify")
            .arg("-queryfile")
            .arg(at("query.tsq"))
            .arg("-in")
            .arg(at("reply.tsr"))
            .arg("-CAfile")
            .arg(hierarchy.root())
            .arg("-untrusted")
            .arg(hierarchy.ca("public-bodies"))
            .succeed()?;
        ensure!(outcome.text().contains("Verification: OK"), "{outcome}");
        let text = openssl("ts")
            .args(["-reply", "-text", "-in"])
            .arg(at("reply.tsr"))
            .succeed()?
            .out();
        ensure!(
            text.contains("Status: Granted") && text.contains("Accuracy: "),
            "{text}"
        );
    }

    // A digest that is too weak is refused in the protocol's own words, not with a broken connection.
    openssl("ts")
        .args(["-query", "-sha1", "-data"])
        .arg(at("data"))
        .arg("-out")
        .arg(at("weak.tsq"))
        .succeed()?;
    let response = http::post(
        url,
        "application/timestamp-query",
        &std::fs::read(at("weak.tsq"))?,
    )?;
    std::fs::write(at("weak.tsr"), &response.body)?;
    let text = openssl("ts")
        .args(["-reply", "-text", "-in"])
        .arg(at("weak.tsr"))
        .succeed()?
        .out();
    ensure!(
        text.contains("Rejected")
            && text
                .to_lowercase()
                .contains("unrecognized or unsupported algorithm"),
        "{text}"
    );
    Ok(())
}

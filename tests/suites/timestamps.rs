//! Time-stamps: RFC 3161 over HTTP, judged by `openssl ts`, rfc3161-client and pyHanko.

use anyhow::{Result, ensure};
use sceau_tests::hierarchy::POLICY_ARC;
use sceau_tests::judges::openssl::openssl;
use sceau_tests::judges::python::{self, TimeStamped};
use sceau_tests::{Hierarchy, http};

use crate::on_both_backends;

on_both_backends!(
    running:
    time_stamps_are_verified_by_openssl,
    time_stamps_are_verified_by_rfc3161_client_and_pyhanko,
    the_journal_of_tokens_is_whole_while_the_service_runs
);

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

fn time_stamps_are_verified_by_rfc3161_client_and_pyhanko(hierarchy: &Hierarchy) -> Result<()> {
    let at = |name: &str| hierarchy.path(name);
    let url = &hierarchy.office.tsa_url();
    std::fs::write(at("data"), "what is stamped")?;
    let (data, query, response) = (at("data"), at("client.tsq"), at("client.tsr"));
    let issuing = hierarchy.ca("public-bodies");
    let mut serials = Vec::new();
    for hash in ["SHA256", "SHA512"] {
        let mut judge = python::shared();
        judge.time_stamp_query(&data, hash, &query)?;
        let sent = std::fs::read(&query)?;
        let answer = http::post(url, "application/timestamp-query", &sent)?;
        std::fs::write(&response, &answer.body)?;
        let verdict = judge.time_stamp(TimeStamped {
            data: &data,
            query: &query,
            response: &response,
            policy: &format!("{POLICY_ARC}.9"),
            trust: &hierarchy.root(),
            others: &[&issuing],
        })?;
        ensure!(
            verdict.intact && verdict.valid && verdict.trusted,
            "{hash}: {verdict:?}"
        );
        serials.push(verdict.serial);
        // One octet of other data.
        std::fs::write(at("other"), "what is stamped.")?;
        let refused = judge.time_stamp(TimeStamped {
            data: &at("other"),
            query: &query,
            response: &response,
            policy: &format!("{POLICY_ARC}.9"),
            trust: &hierarchy.root(),
            others: &[&issuing],
        });
        ensure!(refused.is_err(), "{hash}: other data passes");
    }
    ensure!(serials[0] != serials[1], "{serials:?}");
    Ok(())
}

fn the_journal_of_tokens_is_whole_while_the_service_runs(hierarchy: &Hierarchy) -> Result<()> {
    let text = hierarchy
        .office
        .program("sceau-tsa")?
        .args(["--config", "sceau-tsa.toml", "--verify-journal"])
        .succeed()?
        .out();
    ensure!(text.starts_with("the chain is whole: "), "{text}");
    Ok(())
}

//! One target for each parser that reads what strangers or operators wrote. A target is a function of the
//! input's bytes that panics where a promise is broken; what it promises stands above it.
//!
//! `corpus/TARGET` holds its seeds and every input that ever broke it; `tests/corpus.rs` replays them in the
//! ordinary test run. `cargo xtask fuzz` runs the targets under libFuzzer.

#![forbid(unsafe_code)]
// A broken promise is a panic; that is how the fuzzer learns of it.
#![allow(clippy::unwrap_used)]

mod answers;
mod apart;
mod asic;
mod ca;
mod formats;
mod linter;
mod lists;
mod network;
mod pdf;
mod pki;
mod records;
mod services;

/// A parser to be fuzzed.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, and that of its folder in `corpus`.
    pub name: &'static str,
    /// Runs it once.
    pub run: fn(&[u8]),
}

/// All targets, by name.
pub const TARGETS: &[Target] = &[
    target("asic", asic::container),
    target("asic-manifest", asic::manifest),
    target("batch", ca::batch),
    target("belongs", apart::belongs),
    target("bundle", ca::bundle),
    target("ceremony", ca::ceremony),
    target("checkpoint", ca::checkpoint),
    target("cms", pki::cms),
    target("cms-original", asic::original),
    target("crl-stream", linter::crl_stream),
    target("decision", ca::decision),
    target("evidence", network::evidence),
    target("evidence-record", records::evidence_record),
    target("http-fields", services::http_fields),
    target("journal-export", ca::journal_export),
    target("journal-proof", ca::journal_proof),
    target("key-file", pki::key_file),
    target("lint", linter::lint),
    target("message", formats::message),
    target("ntp", services::ntp),
    target("objects", pki::objects),
    target("ocsp-path", services::ocsp_path),
    target("ocsp-request", services::ocsp_request),
    target("ocsp-response", answers::ocsp_response),
    target("openssl-index", ca::openssl_index),
    target("path", pki::path),
    target("pdf", pdf::walk_and_update),
    target("pkcs10", ca::pkcs10),
    target("pkcs11-uri", pki::pkcs11_uri),
    target("prepared", apart::prepared),
    target("profile", ca::profile),
    target("proxy", network::proxy),
    target("public-key", formats::public_key),
    target("revisions", pdf::revisions),
    target("small-texts", ca::small_texts),
    target("stamp", formats::stamp),
    target("trusted-list", lists::trusted_list),
    target("tsa-journal", services::tsa_journal),
    target("tsp-query", services::tsp_query),
    target("tsp-response", answers::tsp_response),
    target("validate", pdf::validate),
    target("xml", lists::xml),
    target("xmldsig", lists::xmldsig),
];

const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run }
}

/// The target of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// Text targets take no other bytes.
fn text(input: &[u8]) -> Option<&str> {
    core::str::from_utf8(input).ok()
}

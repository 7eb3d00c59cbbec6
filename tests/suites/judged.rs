//! The end-to-end suites: the real programs build the example hierarchy, and independent tools judge everything that comes out.
//!
//! Each suite runs twice, on key files and on a PKCS#11 token. A test builds a hierarchy of its own (about fifteen short processes),
//! so that no test sees another's revocations, and because a test runner may give every test a process of its own anyway.
#![allow(clippy::unwrap_used)]

mod algorithms;
mod audit;
mod bad_input;
mod cades;
mod certificates;
mod chains;
mod consistency;
mod files;
mod hostile;
mod imported;
mod listed;
mod long_term;
mod outputs;
mod overload;
mod pades;
mod pulled_token;
mod reports;
mod responders;
mod revocation;
mod service_keys;
mod stapling;
mod story;
mod suspension;
mod timestamps;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use sceau_tests::environment::{Need, available};
use sceau_tests::judges::python::Finding;
use sceau_tests::{Backend, Hierarchy};

/// Tools that most suites ask.
const JUDGES: [Need; 7] = [
    Need::Tool("openssl"),
    Need::Tool("ocsptool"),
    Need::Tool("pdfsig"),
    Need::Tool("pdftoppm"),
    Need::Tool("qpdf"),
    Need::Tool("mutool"),
    Need::Python,
];

/// Runs `suite` on a fresh hierarchy with running services, unless a judge or the token is missing.
fn running(backend: Backend, suite: impl FnOnce(&Hierarchy) -> Result<()>) -> Result<()> {
    if !possible(backend) {
        return Ok(());
    }
    suite(&Hierarchy::running(backend)?)
}

/// The same, for suites that need no service.
fn built(backend: Backend, suite: impl FnOnce(&Hierarchy) -> Result<()>) -> Result<()> {
    if !possible(backend) {
        return Ok(());
    }
    suite(&Hierarchy::build(backend)?)
}

fn possible(backend: Backend) -> bool {
    available(&JUDGES) && (backend == Backend::KeyFile || available(&[Need::SoftHsm]))
}

/// One test for each backend; the first word says which hierarchy the suites need.
macro_rules! on_both_backends {
    ($hierarchy:ident: $($suite:ident),+ $(,)?) => {
        mod key_files {
            $(#[test] fn $suite() -> anyhow::Result<()> {
                crate::$hierarchy(sceau_tests::Backend::KeyFile, super::$suite)
            })+
        }
        mod token {
            $(#[test] fn $suite() -> anyhow::Result<()> {
                crate::$hierarchy(sceau_tests::Backend::SoftHsm, super::$suite)
            })+
        }
    };
}
use on_both_backends;

/// Zero findings of WARNING or above.
fn no_findings(what: &Path, findings: &[Finding]) -> Result<()> {
    ensure!(
        findings.is_empty(),
        "pkilint on {}: {findings:#?}",
        what.display()
    );
    Ok(())
}

/// Asks until it is so, for at most five seconds.
fn until(what: &str, mut so: impl FnMut() -> Result<bool>) -> Result<()> {
    let since = Instant::now();
    while !so()? {
        ensure!(
            since.elapsed() < Duration::from_secs(5),
            "five seconds on, and still not: {what}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

//! An HSM that is pulled out while everybody asks, and put back: answers signed before go on, what needs the key is told `tryLater` and
//! systemFailure, and both services sign again by themselves. A module in front of SoftHSM is the socket.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use sceau_tests::environment::{Need, available, project, softhsm_module};
use sceau_tests::hierarchy::SEAL_SUBJECT;
use sceau_tests::judges::openssl::openssl;
use sceau_tests::service::Service;
use sceau_tests::{Backend, Call, Hierarchy, http};

use crate::until;

/// The OCSP response `tryLater`.
const TRY_LATER: [u8; 5] = [0x30, 3, 0x0a, 1, 3];
/// How the one token of a `PKIStatusInfo` that says systemFailure (bit 25) ends.
const SYSTEM_FAILURE: [u8; 6] = [3, 5, 6, 0, 0, 0];
/// The same of timeNotAvailable (bit 14).
const TIME_NOT_AVAILABLE: [u8; 5] = [3, 3, 1, 0, 2];
const OUT: Duration = Duration::from_millis(1_500);

#[test]
fn a_token_pulled_out_under_load_costs_no_signed_answer_and_comes_back_by_itself() -> Result<()> {
    if !available(&[Need::Tool("cc")]) {
        return Ok(());
    }
    crate::built(Backend::SoftHsm, |hierarchy| {
        let house = House::prepare(hierarchy)?;
        let stopped = AtomicBool::new(false);
        let signed_before = AtomicU64::new(0);
        ensure!(house.status(&house.kept)? == Told::Signed);
        std::thread::scope(|scope| {
            // What was signed before is told whatever happens to the key.
            let watchers: Vec<_> = (0..2)
                .map(|_| {
                    scope.spawn(|| -> Result<()> {
                        while !stopped.load(Ordering::Relaxed) {
                            ensure!(house.status(&house.kept)? == Told::Signed);
                            signed_before.fetch_add(1, Ordering::Relaxed);
                        }
                        Ok(())
                    })
                })
                .collect();
            // What needs the key is signed or refused in the protocol's words, and nothing else.
            let askers: Vec<_> = (0..2)
                .map(|_| {
                    scope.spawn(|| -> Result<()> {
                        while !stopped.load(Ordering::Relaxed) {
                            house.status(&house.with_nonce)?;
                            house.stamp()?;
                        }
                        Ok(())
                    })
                })
                .collect();
            let pulled = (0..3).try_for_each(|_| house.pull_out_and_back());
            stopped.store(true, Ordering::Relaxed);
            for thread in watchers.into_iter().chain(askers) {
                thread.join().expect("a client panicked")?;
            }
            pulled
        })?;
        ensure!(signed_before.load(Ordering::Relaxed) > 50);
        house.judged()?;
        // However many ask, the log has a line a second. The token was out for five, and around its return.
        let complaints = house.tsa.log().matches("no time-stamp").count();
        ensure!((1..=20).contains(&complaints), "{complaints} lines");
        Ok(())
    })
}

#[derive(Debug, Eq, PartialEq)]
enum Told {
    Signed,
    /// `tryLater`, systemFailure.
    NotNow,
}

struct House<'a> {
    hierarchy: &'a Hierarchy,
    out: PathBuf,
    ocsp: Service,
    tsa: Service,
    /// About a certificate; the answer is kept.
    kept: Vec<u8>,
    /// About the same one, and signed for each.
    with_nonce: Vec<u8>,
    query: Vec<u8>,
}

impl<'a> House<'a> {
    fn prepare(hierarchy: &'a Hierarchy) -> Result<Self> {
        let office = &hierarchy.office;
        office
            .issue("companies", "company-seal", SEAL_SUBJECT, "asked")?
            .succeed()?;
        let at = |name: &str| hierarchy.path(name);
        Call::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(at("socket.so"))
            .arg(project().join("tests/suites/pulled_token.c"))
            .args(["-ldl", "-lpthread"])
            .succeed()?;
        let out = at("pulled-out");
        let module = softhsm_module().context("no module")?;
        let service = |call: Call| {
            let call = call
                .env("SCEAU_PKCS11_MODULE", at("socket.so"))
                .env("SCEAU_SOCKET_MODULE", &module)
                .env("SCEAU_PULLED", &out);
            Service::start(&call)
        };
        let request = |nonce: &str, name: &str| -> Result<Vec<u8>> {
            openssl("ocsp")
                .args([nonce, "-sha256", "-issuer"])
                .arg(hierarchy.ca("companies"))
                .arg("-cert")
                .arg(at("asked.pem"))
                .arg("-reqout")
                .arg(at(name))
                .succeed()?;
            Ok(std::fs::read(at(name))?)
        };
        std::fs::write(at("data"), "what is stamped")?;
        openssl("ts")
            .args(["-query", "-sha256", "-cert", "-data"])
            .arg(at("data"))
            .arg("-out")
            .arg(at("query.tsq"))
            .succeed()?;
        Ok(Self {
            hierarchy,
            ocsp: service(office.ocsp_service()?)?,
            tsa: service(office.tsa_service()?)?,
            out,
            kept: request("-no_nonce", "kept.ocsp")?,
            with_nonce: request("-nonce", "nonce.ocsp")?,
            query: std::fs::read(at("query.tsq"))?,
        })
    }

    fn status(&self, request: &[u8]) -> Result<Told> {
        let url = format!("{}/ocsp", self.ocsp.url());
        let body = http::post(&url, "application/ocsp-request", request)?.body;
        match body.len() > 200 {
            true => Ok(Told::Signed),
            false if body == TRY_LATER => Ok(Told::NotNow),
            false => anyhow::bail!("neither an answer nor tryLater: {body:02x?}"),
        }
    }

    fn stamp(&self) -> Result<Told> {
        for _ in 0..100 {
            let body = http::post(self.tsa.url(), "application/timestamp-query", &self.query)?.body;
            return match body.len() > 200 {
                true => Ok(Told::Signed),
                false if body.windows(6).any(|at| at == SYSTEM_FAILURE) => Ok(Told::NotNow),
                // On a busy machine a signature may take longer than the time of its token is accurate.
                false if body.windows(5).any(|at| at == TIME_NOT_AVAILABLE) => continue,
                false => anyhow::bail!("neither a token nor systemFailure: {body:02x?}"),
            };
        }
        anyhow::bail!("a hundred signatures took too long")
    }

    fn pull_out_and_back(&self) -> Result<()> {
        std::fs::write(&self.out, "")?;
        until("what needs the key is refused", || {
            Ok(self.status(&self.with_nonce)? == Told::NotNow && self.stamp()? == Told::NotNow)
        })?;
        let since = Instant::now();
        while since.elapsed() < OUT {
            ensure!(self.status(&self.with_nonce)? == Told::NotNow);
            ensure!(self.stamp()? == Told::NotNow);
            ensure!(http::get(&format!("{}/readyz", self.tsa.url()))?.status == 503);
        }
        std::fs::remove_file(&self.out)?;
        until("both sign again", || {
            Ok(self.status(&self.with_nonce)? == Told::Signed && self.stamp()? == Told::Signed)
        })?;
        let ready = http::get(&format!("{}/readyz", self.tsa.url()))?;
        ensure!(ready.status == 200, "{ready:?}");
        Ok(())
    }

    /// openssl verifies what is signed after all that.
    fn judged(&self) -> Result<()> {
        let text = openssl("ocsp")
            .args(["-sha256", "-issuer"])
            .arg(self.hierarchy.ca("companies"))
            .arg("-cert")
            .arg(self.hierarchy.path("asked.pem"))
            .args(["-url", &format!("{}/ocsp", self.ocsp.url()), "-CAfile"])
            .arg(self.hierarchy.root())
            .succeed()?
            .text();
        ensure!(
            text.contains("Response verify OK") && text.contains("asked.pem: good"),
            "{text}"
        );
        Ok(())
    }
}

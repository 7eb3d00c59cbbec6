//! Measures the programs beside their peers, in one run on one machine: `cargo xtask bench`.
//!
//! Numbers are for reading, never for failing a test: machines differ, so each figure stands beside a peer's or a ceiling's that was
//! measured a moment before under the same conditions.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr)] // A command: printing is what it is for.

mod batch;
mod crl;
mod documents;
mod engine;
mod folder;
mod hostile;
mod issuance;
mod lint;
mod lists;
mod load;
mod ocsp;
mod overload;
mod path;
mod peers;
mod process;
mod responder;
mod scale;
mod signed_pdfs;
mod signing;
mod static_server;
mod table;
mod time_stamps;
mod token;
mod visible;

use std::process::ExitCode;

use anyhow::{Result, bail};
use sceau_tests::{Backend, Hierarchy};

use crate::table::Table;

/// How thorough a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effort {
    /// Enough to see that everything works.
    Quick,
    /// Enough for figures that repeat.
    Full,
}

impl Effort {
    fn pick(self, quick: usize, full: usize) -> usize {
        match self {
            Self::Quick => quick,
            Self::Full => full,
        }
    }
}

/// What can be measured by itself (`--only`); those that need the running services first.
const PARTS: [&str; 17] = [
    "sign", "verify", "pdf", "folder", "ocsp", "tsa", "overload", "visible", "batch", "issue",
    "token", "lint", "crl", "path", "hostile", "lists", "scale",
];
const WITH_SERVICES: usize = 9;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut only = None;
    let mut write = None;
    let mut effort = Effort::Full;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--only" => only = arguments.next(),
            "--write" => write = arguments.next(),
            "--quick" => effort = Effort::Quick,
            signing::WORKER => {
                let mut next = || arguments.next().unwrap_or_default();
                let (key, threads, seconds) = (next(), next(), next());
                return signing::work(&key, threads.parse()?, seconds.parse()?);
            }
            token::WORKER => {
                let mut next = || arguments.next().unwrap_or_default().parse();
                return token::work(next()?, next()?, next()?);
            }
            crl::WORKER => {
                let revoked = arguments.next().unwrap_or_default();
                return crl::work(revoked.parse()?);
            }
            other => bail!("`{other}` is not an option of the measurements"),
        }
    }
    if let Some(part) = &only
        && !PARTS.contains(&part.as_str())
    {
        bail!("--only knows {}", PARTS.join(", "));
    }
    let wanted = |part: &str| only.as_deref().is_none_or(|only| only == part);

    let mut table = Table::new();
    if PARTS[..WITH_SERVICES].iter().any(|part| wanted(part)) {
        let hierarchy = Hierarchy::running(Backend::KeyFile)?;
        if wanted("sign") {
            table.part("sign");
            documents::sign(&hierarchy, effort, &mut table)?;
        }
        if wanted("verify") {
            table.part("verify");
            documents::verify(&hierarchy, effort, &mut table)?;
        }
        if wanted("pdf") {
            table.part("pdf");
            signed_pdfs::measure(&hierarchy, effort, &mut table)?;
        }
        if wanted("folder") {
            table.part("folder");
            folder::measure(&hierarchy, effort, &mut table)?;
        }
        if wanted("ocsp") {
            table.part("ocsp");
            ocsp::measure(&hierarchy, effort, &mut table)?;
        }
        if wanted("tsa") {
            table.part("tsa");
            time_stamps::measure(&hierarchy, effort, &mut table)?;
        }
        if wanted("overload") {
            table.part("overload");
            overload::measure(&hierarchy, effort, &mut table)?;
        }
        if wanted("visible") {
            table.part("visible");
            visible::measure(&hierarchy, effort, &mut table)?;
        }
        if wanted("batch") {
            table.part("batch");
            batch::measure(&hierarchy, effort, &mut table)?;
        }
    }
    if wanted("issue") {
        table.part("issue");
        issuance::measure(effort, &mut table)?;
    }
    if wanted("token") {
        table.part("token");
        token::measure(effort, &mut table)?;
    }
    if wanted("lint") {
        table.part("lint");
        lint::measure(effort, &mut table)?;
    }
    if wanted("crl") {
        table.part("crl");
        crl::measure(effort, &mut table)?;
    }
    if wanted("path") {
        table.part("path");
        path::measure(effort, &mut table)?;
    }
    if wanted("hostile") {
        table.part("hostile");
        hostile::measure(effort, &mut table)?;
    }
    if wanted("lists") {
        table.part("lists");
        lists::measure(effort, &mut table)?;
    }
    if wanted("scale") {
        table.part("scale");
        scale::measure(effort, &mut table)?;
    }
    table.print();
    match write {
        Some(file) => table.write(file.as_ref()),
        None => Ok(()),
    }
}

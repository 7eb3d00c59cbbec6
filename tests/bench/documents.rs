//! `sceau sign` and `sceau verify` of a 1 MB PDF as whole processes, beside pyHanko's command line and `openssl cms`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use sceau_tests::environment::python;
use sceau_tests::report::verify_call;
use sceau_tests::{Call, Hierarchy, backend};

use crate::Effort;
use crate::process::{median_time, peak_memory};
use crate::signed_pdfs::write_pdf;
use crate::table::Table;

pub(crate) fn sign(hierarchy: &Hierarchy, effort: Effort, table: &mut Table) -> Result<()> {
    let input = pdf_of_one_megabyte(hierarchy)?;
    let work = "sign a 1 MB PDF, B-B, P-256 key file";
    let out = hierarchy.path("bench-out.pdf");
    let ours = hierarchy
        .office
        .sign(&input, &out, "company-seal", "companies", "b-b")?;
    let sceau = process(
        hierarchy,
        table,
        work,
        "sceau sign",
        &ours,
        &out,
        effort.pick(5, 41),
        None,
    )?;

    let passphrase = hierarchy.path("passphrase");
    std::fs::write(&passphrase, backend::PIN)?;
    let peer = pyhanko()?
        .args([
            "sign",
            "addsig",
            "--use-pades",
            "--field",
            "Sig1",
            "pemder",
            "--no-pass",
            "--key",
        ])
        .arg(plain_key(hierarchy)?)
        .arg("--cert")
        .arg(hierarchy.path("company-seal.pem"))
        .arg(&input)
        .arg(&out);
    process(
        hierarchy,
        table,
        work,
        "pyHanko",
        &peer,
        &out,
        effort.pick(3, 11),
        Some(sceau),
    )?;

    let p7s = hierarchy.path("bench-out.p7s");
    let ours = hierarchy
        .office
        .sign(&input, &p7s, "company-seal", "companies", "b-b")?
        .args(["--format", "cades", "--detached"]);
    let sceau = process(
        hierarchy,
        table,
        "sign 1 MB, CAdES detached",
        "sceau sign",
        &ours,
        &p7s,
        effort.pick(5, 41),
        None,
    )?;
    let peer = Call::new("openssl")
        .args([
            "cms", "-sign", "-cades", "-binary", "-outform", "DER", "-md", "sha256", "-in",
        ])
        .arg(&input)
        .arg("-signer")
        .arg(hierarchy.path("company-seal.pem"))
        .arg("-inkey")
        .arg(hierarchy.path("keys/company-seal.pem"))
        .args(["-passin", "env:SCEAU_PIN", "-certfile"])
        .arg(hierarchy.ca("companies"))
        .arg("-out")
        .arg(&p7s)
        .envs(&hierarchy.office.environment());
    process(
        hierarchy,
        table,
        "sign 1 MB, CAdES detached",
        "openssl cms",
        &peer,
        &p7s,
        effort.pick(5, 41),
        Some(sceau),
    )
    .map(drop)
}

pub(crate) fn verify(hierarchy: &Hierarchy, effort: Effort, table: &mut Table) -> Result<()> {
    let input = pdf_of_one_megabyte(hierarchy)?;
    let sealed = hierarchy.path("bench-sealed.pdf");
    hierarchy.sign(&input, &sealed, "company-seal", "companies", "b-t")?;
    let nothing = hierarchy.path("not-written");
    let work = "verify a 1 MB PDF, one signature with time-stamp";
    let online = verify_call(&sealed, &[hierarchy.root()])?;
    let sceau = process(
        hierarchy,
        table,
        work,
        "sceau verify, asking OCSP",
        &online,
        &nothing,
        effort.pick(5, 41),
        None,
    )?;
    let peer = pyhanko()?
        .args([
            "sign",
            "validate",
            "--pretty-print",
            "--no-revocation-check",
            "--trust",
        ])
        .arg(hierarchy.root())
        .arg("--other-certs")
        .arg(hierarchy.ca("companies"))
        .arg("--other-certs")
        .arg(hierarchy.ca("public-bodies"))
        .arg(&sealed);
    process(
        hierarchy,
        table,
        work,
        "pyHanko, no revocation",
        &peer,
        &nothing,
        effort.pick(3, 11),
        Some(sceau),
    )
    .map(drop)
}

/// Measures one program and adds its row; `ours` is the time it is compared with.
#[allow(clippy::too_many_arguments)] // One row has that many parts.
fn process(
    hierarchy: &Hierarchy,
    table: &mut Table,
    work: &str,
    who: &str,
    call: &Call,
    out: &Path,
    runs: usize,
    ours: Option<Duration>,
) -> Result<Duration> {
    let fresh = || {
        let _ = std::fs::remove_file(out);
        Ok(())
    };
    let time = median_time(runs, call, fresh).with_context(|| format!("measuring {who}"))?;
    let _ = std::fs::remove_file(out);
    let memory = peak_memory(call, &hierarchy.path("peak"))?;
    let figure = format!(
        "{:.1} ms, {:.1} MB peak",
        time.as_secs_f64() * 1e3,
        memory as f64 / 1024.0
    );
    let beside = ours.map_or_else(String::new, |ours| {
        format!(
            "sceau is {:.1} x as fast",
            time.as_secs_f64() / ours.as_secs_f64()
        )
    });
    table.row(work, who, &figure, &beside);
    Ok(time)
}

pub(crate) fn pyhanko() -> Result<Call> {
    let python = python().context(
        "no Python environment with pyHanko: run `cargo xtask test` once, or set SCEAU_PYTHON",
    )?;
    Ok(Call::new(python).args(["-m", "pyhanko"]))
}

/// pyHanko gets its key without a passphrase: it must not lose time that we do not charge it with.
pub(crate) fn plain_key(hierarchy: &Hierarchy) -> Result<PathBuf> {
    let plain = hierarchy.path("bench-plain.pem");
    Call::new("openssl")
        .args(["pkey", "-passin", "env:SCEAU_PIN", "-in"])
        .arg(hierarchy.path("keys/company-seal.pem"))
        .arg("-out")
        .arg(&plain)
        .envs(&hierarchy.office.environment())
        .succeed()?;
    Ok(plain)
}

fn pdf_of_one_megabyte(hierarchy: &Hierarchy) -> Result<PathBuf> {
    let path = hierarchy.path("bench-1mb.pdf");
    write_pdf(&path, 1_000_000)?;
    Ok(path)
}

//! `sceau sign` and `sceau verify` of a 1 MB PDF as whole processes, beside pyHanko's command line and `openssl cms`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use sceau_tests::environment::python;
use sceau_tests::report::verify_call;
use sceau_tests::{Call, Hierarchy, backend};

use crate::Effort;
use crate::process::{median_time, peak_memory};
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

fn pyhanko() -> Result<Call> {
    let python = python().context(
        "no Python environment with pyHanko: run `cargo xtask test` once, or set SCEAU_PYTHON",
    )?;
    Ok(Call::new(python).args(["-m", "pyhanko"]))
}

/// pyHanko gets its key without a passphrase: it must not lose time that we do not charge it with.
fn plain_key(hierarchy: &Hierarchy) -> Result<PathBuf> {
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

/// A PDF of one page and one megabyte: a stream of bytes that do not compress, as a scan has.
fn pdf_of_one_megabyte(hierarchy: &Hierarchy) -> Result<PathBuf> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        // xorshift: the same file in every run.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    })
    .take(1_000_000)
    .collect();
    let mut image = b"<</Type/XObject/Subtype/Image/Width 1000/Height 1000/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1000000>>\nstream\n".to_vec();
    image.extend_from_slice(&noise);
    image.extend_from_slice(b"\nendstream");
    let content = b"q 500 0 0 500 50 150 cm /I Do Q";
    let mut page_content = format!("<</Length {}>>\nstream\n", content.len()).into_bytes();
    page_content.extend_from_slice(content);
    page_content.extend_from_slice(b"\nendstream");
    let objects: [&[u8]; 5] = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>",
        &page_content,
        &image,
    ];
    let mut pdf = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(pdf.len());
        pdf.extend_from_slice(format!("{} 0 obj\n", index + 1).as_bytes());
        pdf.extend_from_slice(object);
        pdf.extend_from_slice(b"\nendobj\n");
    }
    let start = pdf.len();
    pdf.extend_from_slice(b"xref\n0 6\n0000000000 65535 f \n");
    for offset in offsets {
        pdf.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
    }
    pdf.extend_from_slice(
        format!("trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").as_bytes(),
    );
    let path = hierarchy.path("bench-1mb.pdf");
    std::fs::write(&path, pdf)?;
    Ok(path)
}

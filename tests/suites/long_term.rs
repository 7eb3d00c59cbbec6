//! Signatures that last: levels B-LT and B-LTA, raising what others signed, and renewal after years, judged by pyHanko's process
//! for signatures with archive data (EN 319 102-1 clause 5.6.3), qpdf, MuPDF, poppler and `sceau verify`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sceau_tests::environment::{Need, available, project};
use sceau_tests::hierarchy::{ISSUING_CAS, ROOT, SEAL_SUBJECT, TSU_SUBJECT, ocsp_signer_file};
use sceau_tests::judges::pdf::{QpdfStatus, first_page_with, mutool, qpdf_check_with};
use sceau_tests::judges::python::{self, PyHankoSigning, Reading};
use sceau_tests::report::verify_call;
use sceau_tests::service::Service;
use sceau_tests::{Backend, Call, Hierarchy, VerifyReport};

use crate::bad_input::Cases;
use crate::on_both_backends;

on_both_backends!(running: long_term_signatures_lack_something_to_be_validated_without_anybody);

fn contract() -> PathBuf {
    project().join("xtask/demo/contract.pdf")
}

/// `sceau extend` of `input` to `output`.
fn extend(hierarchy: &Hierarchy, input: &Path, output: &Path, to: &str) -> Result<Call> {
    let office = &hierarchy.office;
    let call = office
        .program("sceau")?
        .arg("extend")
        .arg(input)
        .arg("--out")
        .arg(output);
    // What is revoked meanwhile must be seen.
    Ok(call.args([
        "--no-cache",
        "--to",
        to,
        "--tsa",
        &office.tsa_url(),
        "--trust",
        "root-ca.pem",
    ]))
}

/// What everybody must say of a document whose signatures last: nothing is fetched any more.
fn lasts(hierarchy: &Hierarchy, file: &Path, password: &str, levels: &[&str]) -> Result<()> {
    let name = file.display();
    let (status, said) = qpdf_check_with(file, password)?;
    ensure!(status == QpdfStatus::Clean, "{name}: {said}");
    if password.is_empty() {
        mutool(file)?;
    }
    let judged = python::shared().pdf_lta(file, &[hierarchy.root()], password, None)?;
    ensure!(
        judged.len() == levels.len(),
        "{name}: pyHanko sees {judged:?}"
    );
    for (signature, level) in judged.iter().zip(levels) {
        // pyHanko finds no proof that the evidence is as old as it says without an archive time-stamp.
        let expected = *level == "B-LTA";
        ensure!(
            signature.passed == expected && signature.archived == expected,
            "{name}: {signature:?}"
        );
        ensure!(
            signature.modification.as_deref() != Some("OTHER"),
            "{name}: {signature:?}"
        );
    }
    let report = offline(hierarchy, file, password)?;
    ensure!(
        report.indication.as_deref() == Some("TOTAL-PASSED"),
        "{name}: {report:#?}"
    );
    let found: Vec<_> = report
        .signatures
        .iter()
        .filter_map(|s| s.level.as_deref())
        .collect();
    let found: Vec<_> = found.into_iter().filter(|level| *level != "none").collect();
    ensure!(found == levels, "{name}: {report:#?}");
    Ok(())
}

/// `sceau verify` by what the document brings alone.
fn offline(hierarchy: &Hierarchy, file: &Path, password: &str) -> Result<VerifyReport> {
    let mut call = verify_call(file, &[hierarchy.root()])?.arg("--offline");
    if !password.is_empty() {
        let path = hierarchy.path("password");
        std::fs::write(&path, password)?;
        call = call.arg("--password-file").arg(path);
    }
    VerifyReport::of(&call).map(|(report, _)| report)
}

fn long_term_signatures_lack_something_to_be_validated_without_anybody(
    hierarchy: &Hierarchy,
) -> Result<()> {
    let kinds: [(&str, &[&str], &str); 5] = [
        ("plain", &[], ""),
        ("compressed", &["--object-streams=generate"], ""),
        ("linearized", &["--linearize"], ""),
        (
            "AES-128",
            &[
                "--allow-weak-crypto",
                "--encrypt",
                "reader",
                "owner",
                "128",
                "--use-aes=y",
                "--",
            ],
            "reader",
        ),
        (
            "AES-256",
            &["--encrypt", "reader", "owner", "256", "--"],
            "reader",
        ),
    ];
    std::fs::write(hierarchy.path("password"), "reader")?;
    for (name, options, password) in kinds {
        let input = hierarchy.path(format!("{name}.pdf"));
        Call::new("qpdf")
            .args(options)
            .arg(contract())
            .arg(&input)
            .succeed()?;
        for (level, shown) in [("b-lt", "B-LT"), ("b-lta", "B-LTA")] {
            let out = hierarchy.path(format!("{name}-{level}.pdf"));
            let mut call =
                hierarchy
                    .office
                    .sign(&input, &out, "company-seal", "companies", level)?;
            if !password.is_empty() {
                call = call.args(["--password-file", "password"]);
            }
            call.succeed().context(name)?;
            untouched(&input, &out, password)?;
            lasts(hierarchy, &out, password, &[shown])?;
        }
    }
    // A certification permits validation data and time-stamps, the strictest too (ISO 32000-2, table 257).
    for permitted in ["no-changes", "form-filling", "annotations"] {
        let out = hierarchy.path(format!("certified-{permitted}.pdf"));
        let sign = hierarchy
            .office
            .sign(contract(), &out, "company-seal", "companies", "b-lta")?;
        sign.args(["--certify", permitted, "--vri"]).succeed()?;
        lasts(hierarchy, &out, "", &["B-LTA"])?;
        let renewed = hierarchy.path(format!("certified-{permitted}-renewed.pdf"));
        extend(hierarchy, &out, &renewed, "b-lta")?
            .args(["--vri"])
            .succeed()?;
        lasts(hierarchy, &renewed, "", &["B-LTA"])?;
    }
    // So does a field that locks the whole form with it.
    let input = hierarchy.path("locking.pdf");
    std::fs::write(hierarchy.path("locking.txt"), LOCKING)?;
    // qpdf writes the cross-reference table.
    Call::new("qpdf")
        .arg("--warning-exit-0")
        .arg(hierarchy.path("locking.txt"))
        .arg(&input)
        .succeed()?;
    let out = hierarchy.path("locked.pdf");
    let office = &hierarchy.office;
    let sign = office.sign(&input, &out, "company-seal", "companies", "b-lta")?;
    sign.args(["--field", "Seal"]).succeed()?;
    lasts(hierarchy, &out, "", &["B-LTA"])?;
    let renewed = hierarchy.path("locked-renewed.pdf");
    extend(hierarchy, &out, &renewed, "b-lta")?.succeed()?;
    lasts(hierarchy, &renewed, "", &["B-LTA"])
}

/// A signature field that locks every field and permits no change.
const LOCKING: &str = "%PDF-1.7
1 0 obj
<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [4 0 R] /SigFlags 1>>>>
endobj
2 0 obj
<</Type /Pages /Kids [3 0 R] /Count 1>>
endobj
3 0 obj
<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>> /Annots [4 0 R]>>
endobj
4 0 obj
<</Type /Annot /Subtype /Widget /FT /Sig /T (Seal) /F 132 /Rect [0 0 0 0] /P 3 0 R
  /Lock <</Type /SigFieldLock /Action /All /P 1>>>>
endobj
trailer
<</Size 5 /Root 1 0 R>>
%%EOF
";

/// An incremental update, and a page that looks the same.
fn untouched(before: &Path, after: &Path, password: &str) -> Result<()> {
    let name = after.display();
    ensure!(
        std::fs::read(after)?.starts_with(&std::fs::read(before)?),
        "{name}: bytes of the input were rewritten"
    );
    ensure!(
        first_page_with(before, 50, password)? == first_page_with(after, 50, password)?,
        "{name}: page 1 looks different"
    );
    Ok(())
}

#[test]
fn a_signature_of_another_product_cannot_be_raised() -> Result<()> {
    crate::running(Backend::KeyFile, |hierarchy| {
        let office = &hierarchy.office;
        let tsa = office.tsa_url();
        let mut made = Vec::new();
        for (name, sub_filter, stamped) in [
            ("pyhanko-b", "/ETSI.CAdES.detached", false),
            ("pyhanko-t", "/ETSI.CAdES.detached", true),
            ("pyhanko-cms", "/adbe.pkcs7.detached", true),
        ] {
            let out = hierarchy.path(format!("{name}.pdf"));
            python::shared().pyhanko_sign(&PyHankoSigning {
                path: &contract(),
                out: &out,
                field: "Theirs",
                sub_filter,
                key: &hierarchy.path(office.backend.key("company-seal")),
                passphrase: sceau_tests::backend::PIN,
                certificate: &hierarchy.path("company-seal.pem"),
                chain: &[hierarchy.ca("companies")],
                tsa: stamped.then_some(tsa.as_str()),
            })?;
            made.push((out, stamped, sub_filter == "/ETSI.CAdES.detached"));
        }
        if let Some(out) = pdfsig(hierarchy)? {
            made.push((out, false, false));
        }
        for (signed, stamped, baseline) in made {
            for (to, level) in [("b-t", "B-T"), ("b-lt", "B-LT"), ("b-lta", "B-LTA")] {
                let out = signed.with_extension(format!("{to}.pdf"));
                extend(hierarchy, &signed, &out, to)?
                    .args(["--cert", "companies-ca.pem"])
                    .succeed()?;
                untouched(&signed, &out, "")?;
                let (status, said) = qpdf_check_with(&out, "")?;
                ensure!(status == QpdfStatus::Clean, "{}: {said}", out.display());
                let trust = [
                    hierarchy.root(),
                    hierarchy.ca("companies"),
                    hierarchy.ca("public-bodies"),
                ];
                let signatures = python::shared().pdf(&out, &trust, Reading::Lenient)?;
                for signature in &signatures {
                    ensure!(
                        signature.intact
                            && signature.valid
                            && signature.trusted
                            && signature.bottom_line,
                        "{}: {signature:?}",
                        out.display()
                    );
                }
                // pyHanko takes a document time-stamp for no time-stamp of the signature itself.
                if stamped && to == "b-lta" {
                    let judged = python::shared().pdf_lta(&out, &[hierarchy.root()], "", None)?;
                    ensure!(
                        judged.iter().all(|one| one.passed && one.archived),
                        "{}: {judged:?}",
                        out.display()
                    );
                }
                let report = match to {
                    "b-t" => VerifyReport::online(&out, &[hierarchy.root()])?,
                    _ => offline(hierarchy, &out, "")?,
                };
                ensure!(
                    report.indication.as_deref() == Some("TOTAL-PASSED"),
                    "{}: {report:#?}",
                    out.display()
                );
                let shown = report.signatures[0].level.as_deref();
                ensure!(
                    shown == Some(if baseline { level } else { "none" }),
                    "{}: {report:#?}",
                    out.display()
                );
            }
        }
        Ok(())
    })
}

/// A signature by poppler with a key in an NSS database; `None` where this poppler cannot sign.
fn pdfsig(hierarchy: &Hierarchy) -> Result<Option<PathBuf>> {
    let office = &hierarchy.office;
    // This poppler signs with RSA keys only.
    let name = "seal-rsa";
    office
        .issue("companies", "company-seal", SEAL_SUBJECT, name)?
        .args(["--key-type", "rsa3072"])
        .succeed()?;
    let folder = hierarchy.path("nss");
    std::fs::create_dir(&folder)?;
    let nss = format!("sql:{}", folder.display());
    Call::new("certutil")
        .args(["-N", "--empty-password", "-d", &nss])
        .succeed()?;
    Call::new("openssl")
        .args([
            "pkcs12", "-export", "-name", "seal", "-passout", "pass:", "-passin",
        ])
        .arg(format!("pass:{}", sceau_tests::backend::PIN))
        .arg("-inkey")
        .arg(hierarchy.path(office.backend.key(name)))
        .arg("-in")
        .arg(hierarchy.path(format!("{name}.pem")))
        .arg("-certfile")
        .arg(hierarchy.ca("companies"))
        .arg("-out")
        .arg(hierarchy.path("seal.p12"))
        .succeed()?;
    Call::new("pk12util")
        .args(["-d", &nss, "-W", "", "-i"])
        .arg(hierarchy.path("seal.p12"))
        .succeed()?;
    for (name, trust, file) in [
        ("root", "CT,C,C", hierarchy.root()),
        ("ca", ",,", hierarchy.ca("companies")),
    ] {
        Call::new("certutil")
            .args(["-A", "-d", &nss, "-n", name, "-t", trust, "-i"])
            .arg(file)
            .succeed()?;
    }
    let out = hierarchy.path("poppler.pdf");
    let outcome = Call::new("pdfsig")
        .args(["-add-signature", "-nss-pwd", "", "-nick", "seal", "-nssdir"])
        .arg(&folder)
        .arg(contract())
        .arg(&out)
        .run()?;
    ensure!(outcome.success() && out.is_file(), "{outcome}");
    Ok(Some(out))
}

#[test]
fn what_cannot_honestly_be_raised_is_raised() -> Result<()> {
    crate::running(Backend::KeyFile, |hierarchy| {
        let office = &hierarchy.office;
        let path = |name: &str| hierarchy.path(name);
        hierarchy.sign(
            contract(),
            path("once.pdf"),
            "company-seal",
            "companies",
            "b-b",
        )?;
        hierarchy.sign(
            path("once.pdf"),
            path("twice.pdf"),
            "personal-signature",
            "nationals",
            "b-t",
        )?;
        let mut bytes = std::fs::read(path("once.pdf"))?;
        bytes[2000] ^= 1;
        std::fs::write(path("broken.pdf"), bytes)?;
        Call::new("qpdf")
            .arg(path("once.pdf"))
            .arg(path("rewritten.pdf"))
            .succeed()?;
        let out = path("out.pdf");
        let mut cases = Cases::new(hierarchy);
        let mut refuse = |title: &str, input: &str, to: &str| -> Result<()> {
            cases.run(title, &extend(hierarchy, &path(input), &out, to)?)
        };
        refuse("a byte of what was signed was changed", "broken.pdf", "b-t")?;
        refuse(
            "another program wrote the document anew",
            "rewritten.pdf",
            "b-lt",
        )?;
        std::fs::copy(contract(), path("unsigned.pdf"))?;
        refuse("there is no signature", "unsigned.pdf", "b-lta")?;
        let program = office.program("sceau")?;
        let bare = program
            .arg("extend")
            .arg(path("once.pdf"))
            .arg("--out")
            .arg(&out);
        let trusting = bare.clone().args(["--trust", "root-ca.pem"]);
        cases.run(
            "no time-stamping authority",
            &trusting.clone().args(["--to", "b-t"]),
        )?;
        cases.run(
            "nobody may be asked for validation data",
            &trusting
                .clone()
                .args(["--to", "b-lt", "--offline", "--tsa", &office.tsa_url()]),
        )?;
        cases.run(
            "nobody that is trusted vouches for the signer",
            &bare.clone().args([
                "--trust",
                "public-bodies-ca.pem",
                "--to",
                "b-lt",
                "--tsa",
                &office.tsa_url(),
            ]),
        )?;
        cases.run(
            "the time-stamping authority is not there",
            &trusting
                .clone()
                .args(["--to", "b-t", "--tsa", "http://127.0.0.1:1/"]),
        )?;
        cases.run(
            "a level that does not exist",
            &trusting.clone().args(["--to", "b-x"]),
        )?;
        cases.run(
            "the output is the input",
            &extend(hierarchy, &path("once.pdf"), &path("once.pdf"), "b-t")?.arg("--force"),
        )?;
        office
            .revoke("companies", "company-seal.pem", "keyCompromise")?
            .succeed()?;
        let verify = verify_call(&path("once.pdf"), &[hierarchy.root()])?.arg("--no-cache");
        crate::until("the revocation is published", || {
            let (report, _) = VerifyReport::of(&verify)?;
            Ok(report.signatures[0].sub_indication.as_deref() == Some("REVOKED_NO_POE"))
        })?;
        let mut refuse = |title: &str, input: &str, to: &str| -> Result<()> {
            cases.run(title, &extend(hierarchy, &path(input), &out, to)?)
        };
        refuse(
            "the certificate was revoked, and nothing proves an earlier signature",
            "once.pdf",
            "b-t",
        )?;
        refuse("the same for validation data", "once.pdf", "b-lta")?;
        refuse("one of two signatures", "twice.pdf", "b-lta")?;
        cases.finish("extend-refusals.txt")?;

        // On demand, the signature that can be raised is.
        let extended = extend(hierarchy, &path("twice.pdf"), &out, "b-lta")?
            .args(["--allow-partial", "--json"])
            .succeed()?;
        let said: serde_json::Value = serde_json::from_slice(&extended.stdout)?;
        let signatures = &said["signatures"];
        ensure!(
            said["schema"] == "sceau.extend/1"
                && signatures[0]["refused"]["code"] == "REVOKED_NO_POE"
                && signatures[1]["refused"].is_null()
                && signatures[1]["after"] == "B-LTA",
            "{said:#}"
        );
        Ok(())
    })
}

#[test]
fn what_is_there_is_added_once_more() -> Result<()> {
    crate::running(Backend::KeyFile, |hierarchy| {
        let path = |name: &str| hierarchy.path(name);
        hierarchy.sign(
            contract(),
            path("once.pdf"),
            "company-seal",
            "companies",
            "b-t",
        )?;
        extend(hierarchy, &path("once.pdf"), &path("lta.pdf"), "b-lta")?.succeed()?;
        for (name, to, more) in [
            ("t.pdf", "b-t", &[] as &[&str]),
            ("lt.pdf", "b-lt", &[]),
            ("not-due.pdf", "b-lta", &["--renew-within", "365"]),
        ] {
            let outcome = extend(hierarchy, &path("lta.pdf"), &path(name), to)?
                .args(more)
                .arg("--json")
                .succeed()?;
            let said: serde_json::Value = serde_json::from_slice(&outcome.stdout)?;
            ensure!(
                said["changed"] == false && said["revisions"] == 0,
                "{said:#}"
            );
            ensure!(
                std::fs::read(path(name))? == std::fs::read(path("lta.pdf"))?,
                "{name}: nothing was to be done, and the output differs"
            );
        }
        // A second signature under the same authorities brings its own certificate and answers, and no more.
        hierarchy.sign(
            path("lta.pdf"),
            path("twice.pdf"),
            "personal-signature",
            "nationals",
            "b-t",
        )?;
        let outcome = extend(hierarchy, &path("twice.pdf"), &path("both.pdf"), "b-lta")?
            .arg("--json")
            .succeed()?;
        let said: serde_json::Value = serde_json::from_slice(&outcome.stdout)?;
        // Person, authority, its OCSP signer.
        ensure!(said["added"]["certificates"] == 3, "{said:#}");
        lasts(hierarchy, &path("both.pdf"), "", &["B-LTA", "B-LTA"])?;
        // Many at once, one of them not signed.
        std::fs::create_dir(path("many"))?;
        for name in ["once.pdf", "lta.pdf"] {
            std::fs::copy(path(name), path("many").join(name))?;
        }
        std::fs::copy(contract(), path("many").join("unsigned.pdf"))?;
        let call = hierarchy
            .office
            .program("sceau")?
            .args(["extend", "many", "--out-dir", "out"]);
        let tsa = hierarchy.office.tsa_url();
        let call = call.args([
            "--to",
            "b-lt",
            "--trust",
            "root-ca.pem",
            "--json",
            "--tsa",
            &tsa,
        ]);
        let outcome = call.run()?;
        let said: serde_json::Value = serde_json::from_slice(&outcome.stdout)?;
        ensure!(
            outcome.code == Some(1)
                && said["extended"] == 1
                && said["unchanged"] == 1
                && said["failed"] == 1,
            "{outcome}"
        );
        Ok(())
    })
}

/// Years pass: the seal and the first time-stamping unit end in their third year.
#[test]
fn a_renewed_archive_time_stamp_does_not_outlive_signer_and_unit() -> Result<()> {
    if !crate::possible(Backend::KeyFile) || !available(&[Need::Tool("faketime")]) {
        return Ok(());
    }
    let mut hierarchy = Hierarchy::running(Backend::KeyFile)?;
    let signed = hierarchy.path("signed.pdf");
    hierarchy.sign(contract(), &signed, "company-seal", "companies", "b-lta")?;
    lasts(&hierarchy, &signed, "", &["B-LTA"])?;
    hierarchy.services = None;

    // In the third year, before both end: another unit stamps.
    let renewed = hierarchy.path("renewed.pdf");
    Later::begin(&hierarchy, 930)?
        .extend(&signed, &renewed)?
        .succeed()?;

    // In the fifth year.
    let later = Later::begin(&hierarchy, 1500)?;
    let root = [hierarchy.root()];
    let (report, _) = VerifyReport::of(&later.at(&verify_call(&renewed, &root)?))?;
    let signature = &report.signatures[0];
    ensure!(
        report.indication.as_deref() == Some("TOTAL-PASSED")
            && signature.level.as_deref() == Some("B-LTA")
            && signature.best_signature_time.is_some(),
        "{report:#?}"
    );
    let (report, _) = VerifyReport::of(&later.at(&verify_call(&signed, &root)?))?;
    ensure!(
        report.signatures[0].sub_indication.as_deref() == Some("OUT_OF_BOUNDS_NO_POE"),
        "{report:#?}"
    );
    let too_late = hierarchy.path("too-late.pdf");
    let refused = later.extend(&signed, &too_late)?.run()?;
    ensure!(
        refused.code == Some(65) && refused.err().contains("expired at") && !too_late.exists(),
        "{refused}"
    );
    // Renewed once more, it is judged by what is in it alone.
    let again = hierarchy.path("renewed-again.pdf");
    later.extend(&renewed, &again)?.succeed()?;
    let at = Call::new("date").args(["--utc", "--date", "+1500 days", "+%Y-%m-%dT%H:%M:%S"]);
    let at = at.succeed()?.out().trim().to_owned();
    // pyHanko's process finds no proof of existence for OCSP signers that ended (0.38), so it judges the bytes and the revisions.
    for signature in python::shared().pdf(&again, &root, Reading::Strict)? {
        ensure!(
            signature.intact
                && signature.valid
                && matches!(
                    signature.modification.as_deref(),
                    Some("NONE" | "LTA_UPDATES")
                ),
            "{signature:?}"
        );
    }
    let call = verify_call(&again, &root)?.args(["--offline", "--at", &format!("{at}Z")]);
    let (report, _) = VerifyReport::of(&call)?;
    ensure!(
        report.indication.as_deref() == Some("TOTAL-PASSED"),
        "{report:#?}"
    );
    Ok(())
}

/// The services with certificates issued some days from now, and everything else run at that time.
struct Later<'h> {
    hierarchy: &'h Hierarchy,
    time: Vec<(OsString, OsString)>,
    _services: [Service; 2],
}

impl<'h> Later<'h> {
    fn begin(hierarchy: &'h Hierarchy, days: u32) -> Result<Self> {
        let office = &hierarchy.office;
        let shift = format!("+{days}d");
        // The program `faketime` stays as the parent of what it runs, which would outlive it.
        let library = Call::new("faketime").args(["-f", &shift, "printenv", "LD_PRELOAD"]);
        let library = library.succeed()?.out().trim().to_owned();
        let time = vec![
            ("LD_PRELOAD".into(), library.into()),
            ("FAKETIME".into(), shift.into()),
        ];
        let at = |call: &Call| call.clone().envs(&time);
        let renamed = |name: &str| name.replace(".pem", &format!("-{days}.pem"));
        let mut ocsp = std::fs::read_to_string(office.path("sceau-ocsp.toml"))?;
        for ca in std::iter::once(ROOT).chain(ISSUING_CAS.iter().map(|ca| ca.name)) {
            let (key, out) = (
                office.backend.key(&format!("ocsp-{ca}")),
                ocsp_signer_file(ca),
            );
            let renew = office.ca(&["ocsp-signer", "renew", "--ca", ca])?;
            let renew = renew.args(["--key", &renamed(&key), "--out", &renamed(&out)]);
            at(&renew).succeed()?;
            ocsp = ocsp.replace(&format!("\"{key}\""), &format!("\"{}\"", renamed(&key)));
            ocsp = ocsp.replace(&format!("\"{out}\""), &format!("\"{}\"", renamed(&out)));
        }
        let unit = format!("tsu-{days}");
        let subject = TSU_SUBJECT.replace("Unit 1", &format!("Unit {days}"));
        at(&office.issue("public-bodies", "time-stamping-unit", &subject, &unit)?).succeed()?;
        let tsa = std::fs::read_to_string(office.path("sceau-tsa.toml"))?;
        let tsa = tsa.replace("tsu.pem\"", &format!("{unit}.pem\""));
        let mut services = Vec::new();
        for (program, text) in [("sceau-ocsp", ocsp), ("sceau-tsa", tsa)] {
            let name = format!("{program}-{days}.toml");
            std::fs::write(office.path(&name), text)?;
            let call = office.program(program)?.args(["--config", &name]);
            services.push(Service::start(&at(&call))?);
        }
        let services = <[Service; 2]>::try_from(services);
        Ok(Self {
            hierarchy,
            time,
            _services: services.map_err(|_| anyhow::anyhow!("two services"))?,
        })
    }

    /// The call, at that time.
    fn at(&self, call: &Call) -> Call {
        call.clone().envs(&self.time)
    }

    fn extend(&self, input: &Path, output: &Path) -> Result<Call> {
        Ok(self.at(&extend(self.hierarchy, input, output, "b-lta")?))
    }
}

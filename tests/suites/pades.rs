//! Signed PDFs: PAdES, judged by pdfsig, qpdf, MuPDF and pyHanko, in strict mode and with revision analysis.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use sceau_tests::environment::{project, python as interpreter};
use sceau_tests::judges::pdf::{QpdfStatus, first_page, mutool, pages, pdfsig, qpdf_check};
use sceau_tests::judges::python::{self, Reading};
use sceau_tests::{Call, Hierarchy, VerifyReport};

use crate::on_both_backends;

on_both_backends!(running: sealed_contract_is_valid_for_every_judge,
    second_signature_keeps_the_first_valid
);

fn contract() -> std::path::PathBuf {
    project().join("xtask/demo/contract.pdf")
}

fn sealed_contract_is_valid_for_every_judge(hierarchy: &Hierarchy) -> Result<()> {
    for level in ["b-b", "b-t"] {
        let sealed = hierarchy.path(format!("sealed-{level}.pdf"));
        hierarchy.sign(contract(), &sealed, "company-seal", "companies", level)?;
        let signatures = judge(hierarchy, &contract(), &sealed, 1)?;
        ensure!(
            signatures[0].sub_filter == "/ETSI.CAdES.detached",
            "{signatures:?}"
        );
        ensure!(
            signatures[0].time_stamped == (level == "b-t"),
            "{signatures:?}"
        );
        ensure!(
            signatures[0].coverage.as_deref() == Some("ENTIRE_FILE"),
            "{signatures:?}"
        );

        let report = VerifyReport::online(&sealed, &[hierarchy.root()])?;
        ensure!(
            report.schema == "sceau.verify/1" && report.indications() == ["TOTAL-PASSED"],
            "{report:#?}"
        );
        let signature = &report.signatures[0];
        ensure!(
            signature.level.as_deref() == Some(level.to_uppercase().as_str()),
            "{report:#?}"
        );
        ensure!(
            signature.coverage.as_deref() == Some("whole-file") && signature.intact,
            "{report:#?}"
        );
        let identifier = signature
            .signer
            .as_ref()
            .and_then(|signer| signer.organization_identifier.as_deref());
        ensure!(identifier == Some("NTRMC-00S03813"), "{report:#?}");
        pyhanko_command_line(hierarchy, &sealed)?;

        // One changed byte inside what is signed.
        let mut bytes = std::fs::read(&sealed)?;
        let middle = std::fs::metadata(contract())?.len() as usize / 2;
        bytes[middle] ^= 1;
        let changed = hierarchy.path("changed.pdf");
        std::fs::write(&changed, bytes)?;
        let report = VerifyReport::online(&changed, &[hierarchy.root()])?;
        ensure!(
            report.indications() == ["TOTAL-FAILED"] && !report.signatures[0].intact,
            "{report:#?}"
        );
    }
    Ok(())
}

fn second_signature_keeps_the_first_valid(hierarchy: &Hierarchy) -> Result<()> {
    let (once, twice, thrice) = (
        hierarchy.path("once.pdf"),
        hierarchy.path("twice.pdf"),
        hierarchy.path("thrice.pdf"),
    );
    hierarchy.sign(contract(), &once, "company-seal", "companies", "b-t")?;
    hierarchy.sign(&once, &twice, "personal-signature", "nationals", "b-t")?;
    hierarchy.sign(&twice, &thrice, "company-seal", "companies", "b-b")?;
    for (before, after, number) in [(&once, &twice, 2), (&twice, &thrice, 3)] {
        let signatures = judge(hierarchy, before, after, number)?;
        for signature in &signatures[..number - 1] {
            ensure!(
                signature.coverage.as_deref() == Some("ENTIRE_REVISION"),
                "{signatures:?}"
            );
        }
        let report = VerifyReport::online(after, &[hierarchy.root()])?;
        ensure!(
            report.indications() == vec!["TOTAL-PASSED"; number],
            "{report:#?}"
        );
        let coverage: Vec<_> = report
            .signatures
            .iter()
            .filter_map(|signature| signature.coverage.as_deref())
            .collect();
        ensure!(
            coverage[..number - 1]
                .iter()
                .all(|coverage| *coverage == "whole-revision")
                && coverage[number - 1] == "whole-file",
            "{report:#?}"
        );
    }
    Ok(())
}

/// Everything that must hold for any PDF that was signed once more; returns pyHanko's view of each signature.
fn judge(
    hierarchy: &Hierarchy,
    before: &Path,
    after: &Path,
    number: usize,
) -> Result<Vec<python::PdfSignature>> {
    let name = after.display();
    ensure!(
        std::fs::read(after)?.starts_with(&std::fs::read(before)?),
        "{name}: bytes of the input were rewritten"
    );
    let (status, said) = qpdf_check(after)?;
    ensure!(status == QpdfStatus::Clean, "{name}: {said}");
    mutool(after)?;
    ensure!(
        pages(before)? == pages(after)?,
        "{name}: another number of pages"
    );
    ensure!(
        first_page(before, 50)? == first_page(after, 50)?,
        "{name}: page 1 looks different"
    );

    let (signatures, said) = pdfsig(after)?;
    ensure!(
        signatures.len() == number && signatures.iter().all(|signature| signature.valid),
        "{name}: {said}"
    );
    ensure!(
        signatures
            .iter()
            .filter(|signature| signature.total_document)
            .count()
            == 1,
        "{name}: {said}"
    );
    ensure!(
        signatures
            .iter()
            .all(|signature| signature.kind == "ETSI.CAdES.detached"),
        "{name}: {said}"
    );

    let signatures = python::shared().pdf(
        after,
        &[
            hierarchy.root(),
            hierarchy.ca("companies"),
            hierarchy.ca("nationals"),
        ],
        Reading::Strict,
    )?;
    ensure!(
        signatures.len() == number,
        "{name}: pyHanko sees {signatures:?}"
    );
    for signature in &signatures {
        ensure!(
            signature.intact && signature.valid && signature.trusted && signature.bottom_line,
            "{name}: {signature:?}"
        );
    }
    Ok(signatures)
}

/// pyHanko as a person runs it.
fn pyhanko_command_line(hierarchy: &Hierarchy, sealed: &Path) -> Result<()> {
    let python = interpreter().context("no Python")?;
    let outcome = Call::new(python)
        .args([
            "-m",
            "pyhanko",
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
        .arg(sealed)
        .run()?;
    ensure!(
        outcome.text().contains("The signature is judged VALID."),
        "{outcome}"
    );
    Ok(())
}

//! Signed files: CAdES, attached and detached, judged by `openssl cms -cades` and asn1crypto.

use anyhow::{Result, ensure};
use sceau_tests::judges::{openssl, python};
use sceau_tests::report::verify_call;
use sceau_tests::{Hierarchy, VerifyReport};

use crate::on_both_backends;

on_both_backends!(running: signed_files_are_verified_by_openssl);

fn signed_files_are_verified_by_openssl(hierarchy: &Hierarchy) -> Result<()> {
    let office = &hierarchy.office;
    // Bytes that a text mode would change.
    let content: Vec<u8> = (0..100_000u32)
        .flat_map(|number| number.to_le_bytes())
        .chain(*b"\r\nlast line\n")
        .collect();
    std::fs::write(office.path("data.bin"), &content)?;
    for (level, form) in [
        ("b-b", "--attached"),
        ("b-b", "--detached"),
        ("b-t", "--attached"),
        ("b-t", "--detached"),
    ] {
        let name = format!("data{form}-{level}.p7s");
        let signature = office.path(&name);
        office
            .sign("data.bin", &name, "personal-signature", "nationals", level)?
            .args(["--format", "cades", form])
            .succeed()?;

        let detached = form == "--detached";
        let content_file = detached.then(|| office.path("data.bin"));
        let out = office.path("out.bin");
        openssl::cms_verify(
            &signature,
            content_file.as_deref(),
            &hierarchy.root(),
            &[hierarchy.ca("nationals")],
            &out,
        )?;
        ensure!(
            std::fs::read(&out)? == content,
            "{name}: OpenSSL extracts something else than what was signed"
        );

        let read = python::shared().cms(&signature)?;
        ensure!(read.attached != detached, "{name}: {read:?}");
        ensure!(
            read.signed_attributes
                .iter()
                .any(|name| name == "signing_certificate_v2"),
            "{name}: {read:?}"
        );
        let stamped = read
            .unsigned_attributes
            .iter()
            .any(|name| name == "signature_time_stamp_token");
        ensure!(stamped == (level == "b-t"), "{name}: {read:?}");

        let mut call = verify_call(&signature, &[hierarchy.root()])?;
        if let Some(file) = &content_file {
            call = call.arg("--content").arg(file);
        }
        let (report, outcome) = VerifyReport::of(&call)?;
        ensure!(
            report.indications() == ["TOTAL-PASSED"] && outcome.success(),
            "{name}: {outcome}"
        );
        ensure!(
            report.signatures[0].level.as_deref() == Some(level.to_uppercase().as_str()),
            "{name}: {report:?}"
        );

        // One changed bit of the content, or of the signature: refused by both.
        if let Some(file) = &content_file {
            let mut changed = content.clone();
            changed[12_345] ^= 1;
            let other = office.path("changed.bin");
            std::fs::write(&other, changed)?;
            ensure!(
                openssl::cms_verify(
                    &signature,
                    Some(&other),
                    &hierarchy.root(),
                    &[hierarchy.ca("nationals")],
                    &out
                )
                .is_err(),
                "OpenSSL"
            );
            let call = verify_call(&signature, &[hierarchy.root()])?
                .arg("--content")
                .arg(&other);
            let (report, outcome) = VerifyReport::of(&call)?;
            ensure!(
                report.indications() == ["TOTAL-FAILED"] && outcome.code == Some(1),
                "{name} over other content than {}: {outcome}",
                file.display()
            );
            ensure!(!report.signatures[0].intact, "{outcome}");
        }
    }
    Ok(())
}

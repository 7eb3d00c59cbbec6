//! Files that are no PDFs, at every level and in every packaging: the real programs sign, raise and verify; OpenSSL, asn1crypto,
//! Python's zipfile, xmllint with the schema of EN 319 162-1, and pyHanko's types judge.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use sceau_tests::environment::{project, python, skipped};
use sceau_tests::judges::openssl;
use sceau_tests::report::verify_call;
use sceau_tests::{Backend, Call, Hierarchy, VerifyReport, corpus};
use serde_json::Value;

use crate::possible;

/// A running hierarchy with a few files to sign.
fn world() -> Result<Option<Hierarchy>> {
    if !possible(Backend::KeyFile) {
        return Ok(None);
    }
    let hierarchy = Hierarchy::running(Backend::KeyFile)?;
    let content: Vec<u8> = (0..90_000u32).flat_map(u32::to_le_bytes).collect();
    std::fs::write(hierarchy.path("data.bin"), content)?;
    std::fs::write(hierarchy.path("contrat signé.txt"), "Some notes.\n")?;
    std::fs::write(hierarchy.path("policy.txt"), "Sign what you mean.\n")?;
    Ok(Some(hierarchy))
}

fn sign(hierarchy: &Hierarchy, key: &str, ca: &str) -> Result<Call> {
    let office = &hierarchy.office;
    Ok(office.program("sceau")?.args([
        "sign",
        "--key",
        &office.backend.key(key),
        "--cert",
        &format!("{key}.pem"),
        "--chain",
        &format!("{ca}-ca.pem"),
    ]))
}

fn seal(hierarchy: &Hierarchy) -> Result<Call> {
    sign(hierarchy, "company-seal", "companies")
}

fn long(hierarchy: &Hierarchy, call: Call) -> Call {
    call.args([
        "--trust",
        "root-ca.pem",
        "--tsa",
        &hierarchy.office.tsa_url(),
    ])
}

fn script(folder: &str, name: &str, arguments: &[&Path]) -> Result<Value> {
    let python = python().context("no Python")?;
    let outcome = Call::new(python)
        .arg(project().join(folder).join(name))
        .args(arguments)
        .succeed()?;
    Ok(serde_json::from_str(&outcome.out())?)
}

fn cms_verify(hierarchy: &Hierarchy, signature: &Path, content: Option<&Path>) -> Result<()> {
    openssl::cms_verify(
        signature,
        content,
        &hierarchy.root(),
        &[hierarchy.ca("companies"), hierarchy.ca("nationals")],
        &hierarchy.path("extracted"),
    )
    .map(|_| ())
}

/// asn1crypto takes the archive time-stamps apart, OpenSSL verifies each over what asn1crypto says. Gives how many there are.
fn archive_of(hierarchy: &Hierarchy, signature: &Path, content: Option<&Path>) -> Result<usize> {
    let folder = hierarchy.path("archive");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir(&folder)?;
    let mut arguments = vec![signature, folder.as_path()];
    arguments.extend(content);
    let report = script("ades/tests/judges", "cades_lta.py", &arguments)?;
    let count = report["archive"].as_array().map_or(0, Vec::len);
    for number in 0..count {
        token(
            hierarchy,
            &folder.join(format!("{number}.tst")),
            &folder.join(format!("{number}.in")),
        )?;
    }
    Ok(count)
}

fn token(hierarchy: &Hierarchy, token: &Path, data: &Path) -> Result<()> {
    Call::new("openssl")
        .args(["ts", "-verify", "-token_in", "-in"])
        .arg(token)
        .arg("-data")
        .arg(data)
        .arg("-CAfile")
        .arg(hierarchy.root())
        .succeed()
        .map(|_| ())
}

fn passed(
    hierarchy: &Hierarchy,
    file: &Path,
    content: Option<&Path>,
    levels: &[&str],
) -> Result<Value> {
    let mut call = verify_call(file, &[hierarchy.root()])?;
    if let Some(content) = content {
        call = call.arg("--content").arg(content);
    }
    let (report, outcome) = VerifyReport::of(&call)?;
    ensure!(
        outcome.success() && report.indications() == vec!["TOTAL-PASSED"; levels.len()],
        "{outcome}"
    );
    let found: Vec<_> = report
        .signatures
        .iter()
        .map(|s| s.level.as_deref().unwrap_or_default())
        .collect();
    ensure!(found == levels, "{found:?}: {outcome}");
    Ok(serde_json::from_str(&outcome.out())?)
}

#[test]
fn a_file_signed_for_decades_is_not_proven_by_its_own_archive() -> Result<()> {
    let Some(hierarchy) = world()? else {
        return Ok(());
    };
    let content = hierarchy.path("data.bin");
    for form in ["--detached", "--attached"] {
        let name = |step: &str| hierarchy.path(format!("data{form}-{step}.p7s"));
        let beside = (form == "--detached").then_some(content.as_path());
        long(&hierarchy, seal(&hierarchy)?)
            .args(["--level", "b-lta", "--format", "cades", form, "--out"])
            .arg(name("lta"))
            .arg(&content)
            .succeed()?;
        // The same in steps.
        seal(&hierarchy)?
            .args(["--level", "b-b", "--format", "cades", form, "--out"])
            .arg(name("b-b"))
            .arg(&content)
            .succeed()?;
        let mut last = name("b-b");
        for to in ["b-t", "b-lt", "b-lta", "b-lta"] {
            let next = name(&format!("{to}-{}", last.as_os_str().len()));
            let mut call = hierarchy
                .office
                .program("sceau")?
                .args(["extend", "--to", to]);
            if let Some(content) = beside {
                call = call.arg("--content").arg(content);
            }
            long(&hierarchy, call.arg("--out").arg(&next).arg(&last)).succeed()?;
            last = next;
        }
        for (file, archives) in [(name("lta"), 1), (last, 2)] {
            cms_verify(&hierarchy, &file, beside)?;
            ensure!(
                archive_of(&hierarchy, &file, beside)? == archives,
                "{}",
                file.display()
            );
            passed(&hierarchy, &file, beside, &["B-LTA"])?;
        }
    }
    Ok(())
}

#[test]
fn somebody_who_signs_beside_or_over_others_breaks_them() -> Result<()> {
    let Some(hierarchy) = world()? else {
        return Ok(());
    };
    let content = hierarchy.path("data.bin");
    let path = |name: &str| hierarchy.path(name);
    long(&hierarchy, seal(&hierarchy)?)
        .args(["--level", "b-lta", "--format", "cades", "--out"])
        .arg(path("one.p7s"))
        .arg(&content)
        .succeed()?;
    let person = || sign(&hierarchy, "personal-signature", "nationals");
    person()?
        .args(["--add", "--level", "b-b", "--content"])
        .arg(&content)
        .arg("--out")
        .arg(path("two.p7s"))
        .arg(path("one.p7s"))
        .succeed()?;
    person()?
        .args(["--level", "b-b", "--out"])
        .arg(path("three.p7s"))
        .arg(path("two.p7s"))
        .args(["--countersign", "1"])
        .succeed()?;
    cms_verify(&hierarchy, &path("three.p7s"), Some(&content))?;
    ensure!(archive_of(&hierarchy, &path("three.p7s"), Some(&content))? == 1);
    let said = script("tests/judges", "declared.py", &[&path("three.p7s")])?;
    let counted: Vec<_> = said
        .as_array()
        .context("no signers")?
        .iter()
        .map(|s| s["countersigned"].as_u64())
        .collect();
    ensure!(
        counted.len() == 2 && counted.iter().flatten().sum::<u64>() == 1,
        "{said}"
    );
    let mut call = verify_call(&path("three.p7s"), &[hierarchy.root()])?;
    call = call.arg("--content").arg(&content);
    let (report, outcome) = VerifyReport::of(&call)?;
    ensure!(
        report.indications() == ["TOTAL-PASSED"; 3] && outcome.success(),
        "{outcome}"
    );
    ensure!(
        outcome.out().contains("\"countersigns\": \"signature-1\""),
        "{outcome}"
    );

    // Over something else, or over something broken, nobody signs.
    std::fs::write(path("other.bin"), "other")?;
    let refused = person()?
        .args([
            "--add",
            "--level",
            "b-b",
            "--out",
            "four.p7s",
            "--content",
            "other.bin",
            "one.p7s",
        ])
        .run()?;
    ensure!(
        !refused.success() && !path("four.p7s").exists(),
        "{refused}"
    );
    ensure!(
        refused.err().contains("not the one that is signed already"),
        "{refused}"
    );
    Ok(())
}

#[test]
fn what_a_signer_declares_is_unreadable_to_others() -> Result<()> {
    let Some(hierarchy) = world()? else {
        return Ok(());
    };
    let path = |name: &str| hierarchy.path(name);
    seal(&hierarchy)?
        .args([
            "--level",
            "b-b",
            "--format",
            "cades",
            "--content-id",
            "offer 7",
            "--out",
            "offer.p7s",
            "policy.txt",
        ])
        .succeed()?;
    let everything = [
        "--commitment",
        "proof-of-approval",
        "--commitment",
        "proof-of-origin",
        "--policy",
        "1.3.6.1.4.1.32473.7.1",
        "--policy-file",
        "policy.txt",
        "--policy-uri",
        "https://sceau.example/policy.txt",
    ];
    let only_files = [
        "--mime-type",
        "text/plain",
        "--content-description",
        "Notes du 3 mars",
        "--place",
        "Monaco",
        "--country",
        "MC",
        "--address",
        "1 rue du Port",
        "--address",
        "98000 Monaco",
        "--refers-to",
        "offer.p7s",
        "--level",
        "b-b",
        "--format",
        "cades",
        "--out",
        "said.p7s",
    ];
    seal(&hierarchy)?
        .args(everything)
        .args(only_files)
        .arg("contrat signé.txt")
        .succeed()?;
    cms_verify(
        &hierarchy,
        &path("said.p7s"),
        Some(&path("contrat signé.txt")),
    )?;
    let said = &script("tests/judges", "declared.py", &[&path("said.p7s")])?[0];
    ensure!(said["mime"] == serde_json::json!(["text/plain"]), "{said}");
    ensure!(
        said["hints"][0]["description"] == "Notes du 3 mars",
        "{said}"
    );
    ensure!(
        said["location"][0]
            == serde_json::json!({"country": "MC", "locality": "Monaco", "address": ["1 rue du Port", "98000 Monaco"]}),
        "{said}"
    );
    let names: Vec<_> = said["commitment"]
        .as_array()
        .context("none")?
        .iter()
        .map(|c| c["commitment_type_id"].clone())
        .collect();
    ensure!(names == ["proof_of_origin", "proof_of_approval"], "{said}");
    let policy = &said["policy"][0];
    ensure!(policy["sig_policy_id"] == "1.3.6.1.4.1.32473.7.1", "{said}");
    ensure!(
        policy["sig_policy_qualifiers"][0]["sig_qualifier"] == "https://sceau.example/policy.txt",
        "{said}"
    );
    ensure!(
        said["reference"][0]["identifier"] == "6f666665722037",
        "{said}"
    );

    // The document, kept: it has the digest that was signed, or it is said that it has not.
    seal(&hierarchy)?
        .args(everything)
        .args([
            "--policy-syntax",
            "https://sceau.example/plain-text",
            "--keep-policy",
        ])
        .args(["--level", "b-b", "--format", "cades", "--out", "kept.p7s"])
        .arg("contrat signé.txt")
        .succeed()?;
    let report = passed(
        &hierarchy,
        &path("kept.p7s"),
        Some(&path("contrat signé.txt")),
        &["B-B"],
    )?;
    let declared = &report["signatures"][0]["declared"];
    ensure!(
        declared["policy"]["storedDocumentFits"] == true,
        "{declared}"
    );
    ensure!(
        declared["commitments"] == serde_json::json!(["proof-of-origin", "proof-of-approval"]),
        "{declared}"
    );

    // In a PDF, too; a reason says the same as a commitment.
    let contract = project().join("xtask/demo/contract.pdf");
    seal(&hierarchy)?
        .args(everything)
        .args(["--level", "b-b", "--out", "said.pdf"])
        .arg(&contract)
        .succeed()?;
    passed(&hierarchy, &path("said.pdf"), None, &["B-B"])?;
    let both = seal(&hierarchy)?
        .args(everything)
        .args([
            "--reason", "Approved", "--level", "b-b", "--out", "both.pdf",
        ])
        .arg(&contract)
        .run()?;
    ensure!(!both.success() && both.err().contains("--reason"), "{both}");
    Ok(())
}

#[test]
fn a_container_is_one_that_only_we_can_read() -> Result<()> {
    let Some(hierarchy) = world()? else {
        return Ok(());
    };
    let path = |name: &str| hierarchy.path(name);
    std::fs::create_dir(path("annexes"))?;
    std::fs::write(path("annexes/a & b.txt"), "annex\n")?;
    for (format, inputs, name) in [
        (
            "asic-e",
            &["data.bin", "contrat signé.txt", "annexes"][..],
            "files.asice",
        ),
        ("asic-s", &["contrat signé.txt"][..], "files.asics"),
    ] {
        long(&hierarchy, seal(&hierarchy)?)
            .args(["--format", format, "--level", "b-lta", "--out", name])
            .args(inputs)
            .succeed()?;
        let mut last = path(name);
        judge_container(&hierarchy, &last)?;
        for round in 1..=2 {
            let next = path(&format!("{round}-{name}"));
            let call = hierarchy
                .office
                .program("sceau")?
                .args(["extend", "--to", "b-lta", "--out"]);
            long(&hierarchy, call.arg(&next).arg(&last)).succeed()?;
            judge_container(&hierarchy, &next)?;
            last = next;
        }
        let mut call = verify_call(&last, &[hierarchy.root()])?;
        let (report, outcome) = VerifyReport::of(&call)?;
        ensure!(
            outcome.success() && report.signatures[0].level.as_deref() == Some("B-LTA"),
            "{outcome}"
        );
        ensure!(outcome.out().contains("contrat signé.txt"), "{outcome}");
        call = hierarchy.office.program("sceau")?.arg("inspect").arg(&last);
        ensure!(call.succeed()?.out().contains("contrat signé.txt"));
    }
    Ok(())
}

fn judge_container(hierarchy: &Hierarchy, container: &Path) -> Result<()> {
    let folder = hierarchy.path("unpacked");
    let _ = std::fs::remove_dir_all(&folder);
    let report = script("ades/tests/judges", "asic.py", &[container, &folder])?;
    let manifests = report["manifests"].as_object().context("no manifests")?;
    if manifests.is_empty() {
        let data = folder.join("contrat signé.txt");
        let signature = folder.join("META-INF/signature.p7s");
        cms_verify(hierarchy, &signature, Some(&data))?;
        ensure!(archive_of(hierarchy, &signature, Some(&data))? > 0);
    }
    for (name, manifest) in manifests {
        let manifest_file = folder.join(name);
        let signature = folder.join(manifest["signature"].as_str().unwrap_or_default());
        if signature.extension().is_some_and(|e| e == "p7s") {
            cms_verify(hierarchy, &signature, Some(&manifest_file))?;
        } else {
            token(
                hierarchy,
                &signature.with_extension("tst.bare"),
                &manifest_file,
            )?;
        }
        valid_by_schema(hierarchy, &manifest_file)?;
    }
    Ok(())
}

fn valid_by_schema(hierarchy: &Hierarchy, manifest: &Path) -> Result<()> {
    const XMLDSIG: &str =
        "http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd";
    let Some(folder) = corpus::find("xsd") else {
        skipped("corpus not found");
        return Ok(());
    };
    // The schema of signatures in XML, from beside it instead of the network.
    let local = std::fs::canonicalize(folder.join("specs-xmldsig/xmldsig-core-schema.xsd"))?;
    let catalog = hierarchy.path("catalog.xml");
    std::fs::write(
        &catalog,
        format!(
            "<catalog xmlns=\"urn:oasis:names:tc:entity:xmlns:xml:catalog\"><system systemId=\"{XMLDSIG}\" uri=\"file://{}\"/></catalog>",
            local.display()
        ),
    )?;
    Call::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .arg(folder.join("specs-asic-manifest/en_31916201v010101.xsd"))
        .arg(manifest)
        .env("XML_CATALOG_FILES", &catalog)
        .succeed()
        .map(|_| ())
}

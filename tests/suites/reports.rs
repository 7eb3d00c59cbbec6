//! Reports of `sceau verify` about every kind of verdict that files can be brought to: the ETSI validation report valid against its
//! schema (xmllint, lxml) and of one mind with the JSON report, JSON as its schema has it, HTML and PDF that say the same and carry
//! nothing of what strangers wrote but text; and reports sealed themselves.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use sceau_tests::environment::{Need, available, project, python, sceau_program};
use sceau_tests::judges::bouncycastle;
use sceau_tests::judges::openssl::openssl;
use sceau_tests::judges::pdf::{QpdfStatus, qpdf_check_with};
use sceau_tests::report::verify_call;
use sceau_tests::trusted_list::Service;
use sceau_tests::{Backend, Call, Hierarchy, VerifyReport, corpus, http};
use serde_json::Value;

use crate::listed;

#[test]
fn a_report_is_invalid_or_says_something_else_than_another() -> Result<()> {
    if !available(&["xmllint", "pdffonts", "pdftotext", "pdfinfo"].map(Need::Tool)) {
        return Ok(());
    }
    let Some(schemas) = corpus::find("xsd") else {
        return Ok(());
    };
    crate::running(Backend::KeyFile, |hierarchy| {
        let pairs = hierarchy.path("reports");
        fs::create_dir(&pairs)?;
        let (mut seen, mut repeated) = (BTreeSet::new(), 0);
        for case in cases(hierarchy)? {
            let call = |form: &str, out: &str| -> Result<Call> {
                Ok(sceau_program("sceau")?
                    .arg("verify")
                    .args(&case.arguments)
                    .args(["--report", form, "--quiet", "--out"])
                    .arg(pairs.join(format!("{}.{out}", case.name))))
            };
            let outcome = call("json", "json")?.run()?;
            if case.may_be_unreadable && outcome.code == Some(65) {
                continue;
            }
            let others = [
                call("etsi", "xml")?,
                call("html", "html")?.args(["--lang", "fr"]),
                call("pdf", "pdf")?.args(["--lang", "fr"]),
            ];
            for other in others {
                let shown = other.run()?;
                if outcome.code != shown.code {
                    let now = call("text", "txt")?.run()?;
                    let reports = ["txt", "json", "xml"].map(|e| {
                        let report = pairs.join(format!("{}.{e}", case.name));
                        fs::read_to_string(report).unwrap_or_default()
                    });
                    bail!("{outcome}\n{shown}\n{now}\n{}", reports.join("\n"));
                }
            }
            ensure!(outcome.stdout.is_empty(), "{outcome}");
            if case.is_as_of_a_time() {
                let again = call("etsi", "again")?.run()?;
                ensure!(again.code == outcome.code, "{again}");
                let read = |kind: &str| fs::read(pairs.join(format!("{}.{kind}", case.name)));
                ensure!(
                    read("xml")? == read("again")?,
                    "{}: two reports of the same facts differ",
                    case.name
                );
                repeated += 1;
            }
            let json = fs::read(pairs.join(format!("{}.json", case.name)))?;
            let json: Value = serde_json::from_slice(&json)?;
            let signatures = json["signatures"].as_array().into_iter().flatten();
            let subs = signatures.map(|s| s["subIndication"].as_str().unwrap_or("passed"));
            seen.extend(subs.map(str::to_owned));
        }
        // What a file alone can be brought to here.
        for sub in [
            "passed",
            "FORMAT_FAILURE",
            "HASH_FAILURE",
            "SIG_CRYPTO_FAILURE",
            "SIGNED_DATA_NOT_FOUND",
            "NO_CERTIFICATE_CHAIN_FOUND",
            "OUT_OF_BOUNDS_NO_POE",
            "REVOKED_NO_POE",
            "TRY_LATER",
        ] {
            ensure!(seen.contains(sub), "no case of {sub}: {seen:?}");
        }
        ensure!(repeated > 30, "{repeated} reports were made twice");
        valid(&schemas, &pairs)?;
        of_many(hierarchy)?;
        for_people(&pairs)?;
        sealed(hierarchy, &pairs.join("pdf-b-lta.xml"))
    })
}

struct Case {
    name: String,
    arguments: Vec<OsString>,
    /// Of a corpus, where not everything is a signature.
    may_be_unreadable: bool,
}

impl Case {
    /// Whether it is judged by the same facts each time.
    fn is_as_of_a_time(&self) -> bool {
        ["--offline", "--at"]
            .iter()
            .all(|option| self.arguments.iter().any(|a| a == option))
    }
}

fn cases(hierarchy: &Hierarchy) -> Result<Vec<Case>> {
    let office = &hierarchy.office;
    let root = hierarchy.root();
    let mut out: Vec<Case> = Vec::new();
    let mut add = |name: &str, file: &Path, more: &[&str]| {
        let mut arguments: Vec<OsString> = vec![file.into(), "--trust".into(), (&root).into()];
        arguments.extend(more.iter().map(OsString::from));
        out.push(Case {
            name: name.to_owned(),
            arguments,
            may_be_unreadable: false,
        });
    };
    let contract = project().join("xtask/demo/contract.pdf");
    let file = |name: &str| office.path(name);
    for level in ["b-b", "b-t", "b-lt", "b-lta"] {
        let name = format!("pdf-{level}");
        let sealed = format!("{name}.pdf");
        office
            .sign(&contract, &sealed, "company-seal", "companies", level)?
            .args(if level.starts_with("b-l") {
                &["--trust", "root-ca.pem"][..]
            } else {
                &[]
            })
            .succeed()?;
        add(&name, &file(&sealed), &[]);
    }
    let again = |input: &str, output: &str| {
        office.sign(input, output, "personal-signature", "nationals", "b-t")
    };
    again("pdf-b-lta.pdf", "pdf-two.pdf")?.succeed()?;
    add("pdf-two", &file("pdf-two.pdf"), &["--diff"]);
    add("pdf-offline", &file("pdf-b-b.pdf"), &["--offline"]);
    let late = ["--offline", "--at", "2046-01-01T00:00:00Z"];
    add("pdf-late", &file("pdf-b-b.pdf"), &late);
    add("pdf-late-lta", &file("pdf-b-lta.pdf"), &late);
    add("pdf-unsigned", &contract, &[]);
    add(
        "pdf-strict",
        &file("pdf-b-lta.pdf"),
        &["--policy", "strict"],
    );
    let own = file("own.toml");
    fs::write(&own, "name = \"The \u{e9}tude's own <policy>\"\n")?;
    let own = own.to_string_lossy();
    let own = ["--policy", &own, "--revocation", "if-available"];
    add("pdf-own-policy", &file("pdf-b-t.pdf"), &own);
    if available(&[Need::Tool("xmlsec1")]) {
        let lists = with_lists(hierarchy)?;
        let lists: Vec<&str> = lists.iter().map(String::as_str).collect();
        add("pdf-listed", &file("pdf-b-lta.pdf"), &lists);
        add("pdf-listed-b-b", &file("pdf-b-b.pdf"), &lists);
    }
    let bytes = fs::read(file("pdf-b-lta.pdf"))?;
    let flipped = |at: usize| {
        let mut copy = bytes.clone();
        copy[at] ^= 1;
        copy
    };
    fs::write(file("pdf-flipped.pdf"), flipped(40))?;
    add("pdf-flipped", &file("pdf-flipped.pdf"), &[]);

    let mut records: Vec<(String, PathBuf, Vec<OsString>)> = Vec::new();
    fs::write(file("notes.txt"), "Some notes.\n")?;
    fs::write(file("other.txt"), "Other notes.\n")?;
    for (name, more) in [
        ("cms-detached", &["--detached"][..]),
        ("cms-attached", &["--attached"]),
        (
            "cms-declared",
            &[
                "--attached",
                "--commitment",
                "proof-of-origin",
                "--place",
                "Monaco",
            ],
        ),
        ("asic-s", &["--format", "asic-s"]),
        ("asic-e", &["--format", "asic-e"]),
    ] {
        let signed = match name.strip_prefix("asic-") {
            Some(kind) => format!("{name}.asic{kind}"),
            None => format!("{name}.p7s"),
        };
        office
            .sign(
                "notes.txt",
                &signed,
                "personal-signature",
                "nationals",
                "b-lta",
            )?
            .args(["--trust", "root-ca.pem"])
            .args(more)
            .succeed()?;
        let content = file("notes.txt");
        let content = content.to_string_lossy();
        let with_content: &[&str] = &["--content", &content];
        let detached = name == "cms-detached";
        add(
            name,
            &file(&signed),
            if detached { with_content } else { &[] },
        );
    }
    let other = file("other.txt");
    let other = other.to_string_lossy();
    add(
        "cms-other",
        &file("cms-detached.p7s"),
        &["--content", &other],
    );
    add("cms-missing", &file("cms-detached.p7s"), &[]);
    office
        .program("sceau")?
        .args([
            "sign",
            "cms-attached.p7s",
            "--out",
            "cms-counter.p7s",
            "--countersign",
        ])
        .args(["--key", &office.backend.key("company-seal")])
        .args([
            "--cert",
            "company-seal.pem",
            "--chain",
            "companies-ca.pem",
            "--level",
            "b-b",
        ])
        .succeed()?;
    add("cms-counter", &file("cms-counter.p7s"), &[]);

    office
        .sign("notes.txt", "plain.p7s", "company-seal", "companies", "b-b")?
        .arg("--attached")
        .succeed()?;
    let mut forged = fs::read(file("plain.p7s"))?;
    if let Some(last) = forged.last_mut() {
        *last ^= 1;
    }
    fs::write(file("forged.p7s"), forged)?;
    add("cms-forged", &file("forged.p7s"), &[]);
    office
        .revoke("companies", "company-seal.pem", "keyCompromise")?
        .succeed()?;
    // The responder may take a second to hear of it, and the reports of one file are made one after the other.
    let verify = verify_call(&file("plain.p7s"), &[hierarchy.root()])?.arg("--no-cache");
    crate::until("the revocation is known", || {
        let (report, _) = VerifyReport::of(&verify)?;
        Ok(report.signatures[0].sub_indication.as_deref() == Some("REVOKED_NO_POE"))
    })?;
    add("cms-revoked", &file("plain.p7s"), &[]);
    add("pdf-revoked", &file("pdf-b-lta.pdf"), &[]);

    hostile(hierarchy, &mut add)?;
    token(hierarchy)?;
    let notes = file("notes.txt");
    let notes = notes.to_string_lossy();
    add("token", &file("token.tst"), &["--content", &notes]);
    add("token-alone", &file("token.tst"), &[]);
    many_signers(hierarchy)?;
    add("cms-many", &file("many.p7s"), &["--offline"]);
    if available(&[Need::BouncyCastle]) {
        let folder = hierarchy.path("records");
        fs::create_dir(&folder)?;
        // Of each shape one.
        let made = bouncycastle::make(&folder)?.into_iter().step_by(6);
        for (number, record) in made.enumerate() {
            let mut more: Vec<OsString> = vec!["--trust".into(), folder.join("root.pem").into()];
            more.extend(["--offline", "--at", &record.at].map(OsString::from));
            for data in record.data {
                more.extend(["--content".into(), data.into()]);
            }
            let path = record.path.clone();
            records.push((format!("record-{number}"), path, more));
        }
    }
    for (name, path, more) in records {
        let arguments = std::iter::once(path.into()).chain(more).collect();
        out.push(Case {
            name,
            arguments,
            may_be_unreadable: false,
        });
    }
    for (folder, kinds) in [
        ("pdf-attacks", &["pdf"][..]),
        ("cms-openssl", &["der", "p7m", "pem", "msg"]),
        ("rfc4134", &["bin", "eml"]),
        ("ers-tsp", &["ers", "der"]),
    ] {
        let Some(path) = corpus::find(folder) else {
            continue;
        };
        for kind in kinds {
            let files = corpus::files(&path, kind)?;
            for (name, path) in files.into_iter().take(30) {
                out.push(Case {
                    name: format!("{folder}-{}", name.replace(['/', '.'], "_")),
                    arguments: vec![
                        path.into(),
                        "--trust".into(),
                        (&root).into(),
                        "--offline".into(),
                        "--at".into(),
                        "2026-12-01T00:00:00Z".into(),
                    ],
                    may_be_unreadable: true,
                });
            }
        }
    }
    Ok(out)
}

/// Trusted lists with the seals' CA and the time-stamping unit, for the command line.
fn with_lists(hierarchy: &Hierarchy) -> Result<Vec<String>> {
    listed::operator(hierarchy)?;
    let companies = listed::base64_of(&hierarchy.ca("companies"))?;
    let unit = listed::base64_of(&hierarchy.path("tsu.pem"))?;
    let services = vec![
        Service::granted("CA/QC", listed::SINCE, &companies).with_information("ForeSeals"),
        Service::granted("TSA/QTST", listed::SINCE, &unit),
    ];
    listed::list(hierarchy, "list.xml", services)?;
    let at = |name: &str| hierarchy.path(name).to_string_lossy().into_owned();
    Ok(vec![
        "--trusted-list".to_owned(),
        at("list.xml"),
        "--trusted-list-signer".to_owned(),
        at("operator.pem"),
    ])
}

/// A time-stamp over the notes, by itself.
fn token(hierarchy: &Hierarchy) -> Result<()> {
    let at = |name: &str| hierarchy.path(name);
    openssl("ts")
        .args(["-query", "-sha256", "-cert", "-data"])
        .arg(at("notes.txt"))
        .arg("-out")
        .arg(at("token.tsq"))
        .succeed()?;
    let query = fs::read(at("token.tsq"))?;
    let url = hierarchy.office.tsa_url();
    let response = http::post(&url, "application/timestamp-query", &query)?;
    fs::write(at("token.tsr"), &response.body)?;
    openssl("ts")
        .args(["-reply", "-token_out", "-in"])
        .arg(at("token.tsr"))
        .arg("-out")
        .arg(at("token.tst"))
        .succeed()?;
    Ok(())
}

/// The notes signed by a hundred in one file, of whom nobody is trusted.
fn many_signers(hierarchy: &Hierarchy) -> Result<()> {
    let at = |name: &str| hierarchy.path(name);
    let key = rcgen::KeyPair::generate()?;
    fs::write(at("many.key"), key.serialize_pem())?;
    let mut call = openssl("cms")
        .args(["-sign", "-cades", "-binary", "-nodetach", "-outform", "DER"])
        .arg("-in")
        .arg(at("notes.txt"))
        .arg("-out")
        .arg(at("many.p7s"));
    for number in 0..100 {
        let mut one = rcgen::CertificateParams::default();
        let name = format!("Signatory {number} of a hundred");
        one.distinguished_name = rcgen::DistinguishedName::new();
        one.distinguished_name.push(rcgen::DnType::CommonName, name);
        let certificate = one.self_signed(&key)?;
        let pem = at(&format!("many-{number}.pem"));
        fs::write(&pem, certificate.pem())?;
        call = call.arg("-signer").arg(pem);
        call = call.arg("-inkey").arg(at("many.key"));
    }
    call.succeed()?;
    Ok(())
}

/// Names that would break out of XML, or that XML cannot hold.
fn hostile(hierarchy: &Hierarchy, add: &mut impl FnMut(&str, &Path, &[&str])) -> Result<()> {
    let at = |name: &str| hierarchy.path(name);
    for (index, name) in [
        "]]></Signer><!-- \"'&amp;<b>",
        "\u{1}\u{8}\u{b}\u{1f}\u{7f}",
        "\u{202e}fdp.tcartnoc\u{2066}\u{feff}\u{fffe}",
        &"long ".repeat(12),
    ]
    .into_iter()
    .enumerate()
    {
        let own = format!("hostile-{index}");
        openssl("req")
            .args([
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
            ])
            .args(["-utf8", "-days", "30", "-subj"])
            .arg(format!("/CN={}", name.replace('/', "\\/")))
            .args(["-addext", "keyUsage=critical,digitalSignature", "-keyout"])
            .arg(at(&format!("{own}.key")))
            .arg("-out")
            .arg(at(&format!("{own}.pem")))
            .succeed()?;
        openssl("cms")
            .args([
                "-sign",
                "-cades",
                "-binary",
                "-nodetach",
                "-outform",
                "DER",
                "-in",
            ])
            .arg(at("notes.txt"))
            .arg("-signer")
            .arg(at(&format!("{own}.pem")))
            .arg("-inkey")
            .arg(at(&format!("{own}.key")))
            .arg("-out")
            .arg(at(&format!("{own}.p7s")))
            .succeed()?;
        let trust = at(&format!("{own}.pem"));
        let trust = trust.to_string_lossy();
        add(
            &own,
            &at(&format!("{own}.p7s")),
            &["--offline", "--trust", &trust],
        );
    }
    Ok(())
}

/// By xmllint with local schemas alone, and by lxml beside the JSON.
fn valid(schemas: &Path, pairs: &Path) -> Result<()> {
    let mut files: Vec<PathBuf> = fs::read_dir(pairs)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<std::io::Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|e| e == "xml"));
    ensure!(files.len() > 30, "{} reports", files.len());
    let catalog = pairs.join("catalog");
    let mut text = String::from("<catalog xmlns=\"urn:oasis:names:tc:entity:xmlns:xml:catalog\">");
    for (public, local) in [
        (
            "http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd",
            "specs-xmldsig/xmldsig-core-schema.xsd",
        ),
        ("http://www.w3.org/2001/xml.xsd", "specs-xmldsig/xml.xsd"),
        (
            "http://uri.etsi.org/01903/v1.3.2/XAdES.xsd",
            "specs-xades/XAdES01903v132-202407.xsd",
        ),
        (
            "http://uri.etsi.org/19612/v2.2.1/ts_119612v020201_201601xsd.xsd",
            "specs-trusted-list/ts_119612v020401_xsd.xsd",
        ),
    ] {
        let local = fs::canonicalize(schemas)?.join(local);
        let local = format!("file://{}", local.display());
        for (element, attribute) in [("system", "systemId"), ("uri", "name")] {
            text += &format!("<{element} {attribute}=\"{public}\" uri=\"{local}\"/>");
        }
    }
    fs::write(&catalog, text + "</catalog>")?;
    let said = Call::new("xmllint")
        .env("XML_CATALOG_FILES", &catalog)
        .args(["--nonet", "--noout", "--schema"])
        .arg(schemas.join("specs-validation-report/1910202xmlSchema.xsd"))
        .args(&files)
        .run()?;
    let wrong: Vec<String> = said
        .err()
        .lines()
        .filter(|line| line.contains("error") || line.contains("fails"))
        .map(str::to_owned)
        .collect();
    ensure!(said.success() && wrong.is_empty(), "{}", wrong.join("\n"));
    let Some(python) = python() else {
        return Ok(());
    };
    let judge = |script: &str, schema: &Path| -> Result<()> {
        let said = Call::new(&python)
            .arg(project().join("tests/judges").join(script))
            .arg(schema)
            .arg(pairs)
            .succeed()?;
        ensure!(said.stdout.is_empty(), "{said}");
        Ok(())
    };
    judge("etsi.py", schemas)?;
    let schema = project().join("docs/sceau.verify-1.schema.json");
    judge("schema.py", &schema)
}

/// The reports of many files, by their own schema: a folder with what is signed, unsigned, broken and missing.
fn of_many(hierarchy: &Hierarchy) -> Result<()> {
    let Some(python) = python() else {
        return Ok(());
    };
    let at = |name: &str| hierarchy.path(name);
    fs::write(at("broken.pdf"), "%PDF-1.7\n")?;
    let reports = at("batches");
    fs::create_dir(&reports)?;
    let call = |form: &str, details: &str| -> Result<Vec<u8>> {
        let outcome = sceau_program("sceau")?
            .arg("verify")
            .args([
                at("pdf-b-lta.pdf"),
                at("cms-attached.p7s"),
                at("cms-other-none.p7s"),
            ])
            .args([at("broken.pdf"), at("notes.txt"), at("forged.p7s")])
            .arg(at("nowhere"))
            .arg("--trust")
            .arg(hierarchy.root())
            .args(["--offline", "--report", form, "--details", details])
            .run()?;
        ensure!(outcome.code == Some(1), "{outcome}");
        Ok(outcome.stdout)
    };
    fs::write(reports.join("none.json"), call("json", "none")?)?;
    fs::write(reports.join("all.json"), call("json", "all")?)?;
    let lines = String::from_utf8(call("json-lines", "problems")?)?;
    ensure!(lines.lines().count() > 5, "{lines}");
    for (number, line) in lines.lines().enumerate() {
        fs::write(reports.join(format!("line-{number}.json")), line)?;
    }
    let said = Call::new(python)
        .arg(project().join("tests/judges/schema.py"))
        .arg(project().join("docs/sceau.verify-batch-1.schema.json"))
        .arg(&reports)
        .arg(project().join("docs/sceau.verify-1.schema.json"))
        .succeed()?;
    ensure!(said.stdout.is_empty(), "{said}");
    Ok(())
}

/// HTML and PDF: by html5lib, qpdf and poppler.
fn for_people(pairs: &Path) -> Result<()> {
    let pdfs = corpus::files(pairs, "pdf")?;
    ensure!(pdfs.len() > 30, "{} PDFs", pdfs.len());
    for (name, pdf) in pdfs {
        let (status, said) = qpdf_check_with(&pdf, "")?;
        ensure!(status == QpdfStatus::Clean, "{name}: {said}");
        let fonts = Call::new("pdffonts").arg(&pdf).succeed()?.out();
        let embedded = |line: &str| line.contains(" yes yes yes ");
        ensure!(
            fonts.lines().count() > 2 && fonts.lines().skip(2).all(embedded),
            "{name}: {fonts}"
        );
        let info = Call::new("pdfinfo").arg(&pdf).succeed()?.out();
        ensure!(
            info.contains("Tagged:          yes") && info.contains("(A4)"),
            "{name}: {info}"
        );
        Call::new("pdftotext")
            .arg("-layout")
            .arg(&pdf)
            .arg(pdf.with_extension("txt"))
            .succeed()?;
    }
    let Some(python) = python() else {
        return Ok(());
    };
    let said = Call::new(python)
        .arg(project().join("tests/judges/people.py"))
        .arg(pairs)
        .succeed()?;
    ensure!(said.stdout.is_empty(), "{said}");
    Ok(())
}

/// A report is a file like any other: sealed in a container and beside itself.
fn sealed(hierarchy: &Hierarchy, report: &Path) -> Result<()> {
    let office = &hierarchy.office;
    for (name, more) in [
        ("report.p7s", &["--detached"][..]),
        ("report.asice", &["--format", "asic-e"]),
    ] {
        office
            .sign(report, name, "personal-signature", "nationals", "b-t")?
            .args(more)
            .succeed()?;
        let mut call = office.verify(name)?;
        if name == "report.p7s" {
            call = call.arg("--content").arg(report);
        }
        call.succeed()?;
    }
    let pdf = report.with_extension("pdf");
    office
        .sign(&pdf, "report.pdf", "personal-signature", "nationals", "b-t")?
        .succeed()?;
    office.verify("report.pdf")?.succeed()?;
    Ok(())
}

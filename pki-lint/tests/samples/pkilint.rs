//! pkilint, in one Python process, on the samples: what is right for us is right for it, and where it
//! reports an error, so do we. Differences are listed with their reasons.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use pki_lint::Severity;

use super::build::Sample;
use super::{defects, found};

/// Rules of ours whose sample pkilint calls an error while we say less, and why.
const MILDER: &[(&str, &str)] = &[
    (
        "rfc5280.notice-reference",
        "the noticeRef of the sample is empty; we warn that there is one and do not look inside",
    ),
    (
        "rfc5280.explicit-text-not-utf8",
        "RFC 6818 section 3 lets VisibleString stand as a less preferred alternative: a warning",
    ),
    (
        "rfc5280.name-constraints-edi-party",
        "the name in the sample is empty; we warn of its form and do not look inside",
    ),
    (
        "rfc5280.name-constraints-registered-id",
        "pkilint's reader refuses an identifier of one octet; it is one (1.2)",
    ),
    (
        "rfc5280.name-constraints-x400",
        "the address in the sample is empty; we warn of its form and do not look inside",
    ),
];

struct Pkilint {
    process: std::process::Child,
    answers: BufReader<std::process::ChildStdout>,
    folder: std::path::PathBuf,
}

impl Pkilint {
    /// `None`, having said so, where there is no Python with pkilint.
    fn start() -> Option<Self> {
        let beside = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../target/test-env/python/bin/python"
        );
        let python = std::env::var_os("SCEAU_PYTHON").unwrap_or_else(|| beside.into());
        let has = Command::new(&python)
            .args(["-c", "import pkilint"])
            .output();
        if !has.is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: pkilint not found (set SCEAU_PYTHON)");
            return None;
        }
        let worker = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/judges/worker.py");
        let mut process = Command::new(python)
            .args(["-B", worker])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        let folder = std::env::temp_dir().join(format!("pki-lint-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Some(Self {
            process,
            answers,
            folder,
        })
    }

    /// The codes of its errors; `None` where it cannot read the certificate.
    fn errors(&mut self, sample: &Sample, kind: &str) -> Option<Vec<String>> {
        let path = self.folder.join("sample.pem");
        std::fs::write(
            &path,
            pki_asn1::pem::encode("CERTIFICATE", &sample.der()).unwrap(),
        )
        .unwrap();
        let request =
            serde_json::json!({ "id": 1, "do": "lint_certificate", "path": path, "type": kind });
        writeln!(self.process.stdin.as_mut().unwrap(), "{request}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let answer: serde_json::Value = serde_json::from_str(&line).unwrap();
        let all = answer["ok"]["findings"].as_array()?;
        let errors = all.iter().filter(|f| f["severity"] != "WARNING");
        Some(
            errors
                .map(|f| f["code"].as_str().unwrap_or_default().to_owned())
                .collect(),
        )
    }
}

impl Drop for Pkilint {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn where_pkilint_reports_an_error_so_do_we() {
    let Some(mut pkilint) = Pkilint::start() else {
        return;
    };
    let milder: BTreeMap<_, _> = MILDER.iter().copied().collect();
    let mut differences = Vec::new();
    let mut judged = 0;
    for (rule, right, defect) in defects::all() {
        let mut sample = right();
        // What is wrong with the samples themselves (a domain for examples) is no defect of theirs.
        let kind = if rule.starts_with("en319412-3") || rule.contains("legal") {
            "NCP-LEGAL-PERSON-CERTIFICATE"
        } else if rule.starts_with("en319412-2") || rule.contains("natural") {
            "NCP-NATURAL-PERSON-CERTIFICATE"
        } else {
            "PKIX"
        };
        let before = pkilint.errors(&sample, kind).unwrap_or_default();
        defect(&mut sample);
        let Some(mut errors) = pkilint.errors(&sample, kind) else {
            continue; // It refuses to read what we have a finding for.
        };
        errors.retain(|code| !before.contains(code));
        judged += 1;
        let ours = found(&sample).iter().any(|f| f.severity == Severity::Error);
        match (errors.is_empty(), ours, milder.get(rule)) {
            (false, false, None) => {
                differences.push(format!("{rule}: pkilint says {errors:?}, we say no error"))
            }
            (true, _, Some(_)) | (_, true, Some(_)) => {
                differences.push(format!("{rule}: listed, and no difference"))
            }
            _ => {}
        }
    }
    eprintln!("pkilint: {judged} samples");
    assert!(judged > 200, "{judged}");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

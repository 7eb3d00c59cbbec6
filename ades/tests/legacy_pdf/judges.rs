//! pdfsig, PDFBox with BouncyCastle (`tests/judges/PdfBox.java`) and pyHanko (`tests/judges/worker.py`).

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::common::openssl::Openssl;
use crate::common::tool;

/// What a program says of the only signature of a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Said {
    Intact,
    NotIntact,
    /// It does not know the form.
    NotComputed,
}

/// What each judge says of each file; `None` where it is not installed.
pub(crate) fn all(openssl: &Openssl, files: &[Vec<u8>]) -> [Option<Vec<Said>>; 3] {
    let mut paths = Vec::new();
    for (number, file) in files.iter().enumerate() {
        let name = format!("judged{number}.pdf");
        openssl.write(&name, file);
        paths.push(openssl.path(&name));
    }
    [pdfsig(&paths), pdfbox(&paths), pyhanko(openssl, &paths)]
}

fn pdfsig(paths: &[PathBuf]) -> Option<Vec<Said>> {
    let said = |path: &PathBuf| {
        let output = tool("pdfsig", &["-nocert", path.to_str()?])?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Some(if text.contains("Signature is Valid") {
            Said::Intact
        } else if text.contains("Digest Mismatch") || text.contains("Signature is Invalid") {
            Said::NotIntact
        } else {
            Said::NotComputed
        })
    };
    paths.iter().map(said).collect()
}

fn pdfbox(paths: &[PathBuf]) -> Option<Vec<Said>> {
    let names = "pdfbox2 fontbox2 commons-logging bcprov bcpkix bcutil";
    let jars: Vec<_> = (names.split(' '))
        .map(|name| format!("/usr/share/java/{name}.jar"))
        .collect();
    if !jars.iter().all(|jar| Path::new(jar).is_file()) {
        eprintln!("skipped: PDFBox and BouncyCastle not found");
        return None;
    }
    let mut java = Command::new("java");
    java.args(["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"])
        .args(["-Djava.awt.headless=true", "-cp", &jars.join(":")])
        .arg(script("PdfBox.java"));
    let requests = paths.iter().map(|path| format!("{}\t", path.display()));
    let said = |answer: Value| match &answer["signatures"][0]["wrong"] {
        Value::Array(wrong) if wrong.is_empty() => Said::Intact,
        Value::Array(_) => Said::NotIntact,
        _ => panic!("{answer}"),
    };
    Some(ask(&mut java, requests)?.into_iter().map(said).collect())
}

fn pyhanko(openssl: &Openssl, paths: &[PathBuf]) -> Option<Vec<Said>> {
    let Some(python) = std::env::var_os("SCEAU_PYTHON") else {
        eprintln!("skipped: SCEAU_PYTHON is not set");
        return None;
    };
    let mut worker = Command::new(python);
    worker.arg(script("worker.py"));
    let trust = [openssl.path("ca.pem")];
    let request = |path| json!({"id": 1, "do": "pdf", "path": path, "trust": trust}).to_string();
    let said = |answer: Value| {
        let signatures = &answer["ok"]["signatures"];
        let one = &signatures[0];
        match (one["intact"].as_bool(), one["valid"].as_bool()) {
            (Some(true), Some(true)) => Said::Intact,
            (Some(_), Some(_)) => Said::NotIntact,
            // It passes over the forms that it does not know.
            _ if *signatures == json!([]) => Said::NotComputed,
            _ => panic!("{answer}"),
        }
    };
    let requests = paths.iter().map(request);
    Some(ask(&mut worker, requests)?.into_iter().map(said).collect())
}

fn script(name: &str) -> PathBuf {
    let judges = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/judges");
    Path::new(judges).join(name)
}

/// One line of JSON for each line that is asked.
fn ask(program: &mut Command, requests: impl Iterator<Item = String>) -> Option<Vec<Value>> {
    let started = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut process) = started else {
        eprintln!("skipped: {} not found", program.get_program().display());
        return None;
    };
    let lines: String = requests.map(|request| request + "\n").collect();
    // Few and short enough for the pipe.
    process.stdin.take()?.write_all(lines.as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    let answers = answers
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    Some(answers.collect())
}
